//! Names as people of Kutai Kartanegara have them, put together by chance: Kutai and Banjar, Javanese, Bugis,
//! Dayak. Those that stand first are taken more often. Nobody is meant.

/// A people's first names of women and men, and what may follow.
pub(super) struct Stock {
    pub(super) women: &'static [&'static str],
    pub(super) men: &'static [&'static str],
    pub(super) second_women: &'static [&'static str],
    pub(super) second_men: &'static [&'static str],
    /// Whether a name may carry H. or HJ., and BIN or BINTI with a father's name.
    pub(super) muslim: bool,
}

const KUTAI: Stock = Stock {
    women: &[
        "SITI",
        "NORHAYATI",
        "HALIMAH",
        "FATIMAH",
        "AMINAH",
        "RUSMINI",
        "NORLIANI",
        "MASNAH",
        "ARBAYAH",
        "SALMIAH",
        "MARIAM",
        "RAHMAWATI",
        "HADIJAH",
        "MISNAH",
        "NURHASANAH",
        "JUMIATI",
        "JAMILAH",
        "SAUDAH",
        "ZUBAIDAH",
        "RUSNAH",
        "MASTURAH",
        "BAHRIAH",
        "KAMSIAH",
        "ASNAH",
        "RABIATUL",
        "JURIAH",
        "SYAHRIAH",
        "NURUL",
        "ROHANI",
        "MARDIANA",
        "ERNAWATI",
        "HERLINA",
    ],
    men: &[
        "MUHAMMAD",
        "ABDUL",
        "AHMAD",
        "SYAHRANI",
        "HERMANSYAH",
        "BAHARUDDIN",
        "JUHRANI",
        "ARDIANSYAH",
        "SYAMSUDDIN",
        "HASANUDDIN",
        "ALIANSYAH",
        "DARMANSYAH",
        "MASRANI",
        "ASPIAN",
        "SALEH",
        "ISMAIL",
        "MISRAN",
        "RUSLAN",
        "KASIM",
        "ARBAIN",
        "SARKANI",
        "HAMDANI",
        "ANANG",
        "MURSIDI",
        "JAPRI",
        "SUPIAN",
        "BURHAN",
        "HAIRUDDIN",
        "IDRUS",
        "USMAN",
    ],
    second_women: &[
        "", "", "AMINAH", "HAWA", "RAHMAH", "NURJANAH", "HASANAH", "MARDIANA", "AISYAH", "ZAHRAH", "RAMLAH",
    ],
    second_men: &[
        "", "", "NOOR", "HAMID", "YUSRAN", "RAHMAN", "ARSYAD", "GANI", "HALIM", "ARIFIN", "EFENDI", "SANUSI", "FAUZI",
    ],
    muslim: true,
};

const JAVANESE: Stock = Stock {
    women: &[
        "SRI", "SUMARNI", "PARTINEM", "TUMINAH", "WAGINAH", "SUNARTI", "KARTINI", "PAINEM", "SULASTRI", "SUKINI",
        "MURTINI", "SUTINAH", "NGATINI", "RUBIYEM", "WARSITI", "SUPARTI", "KASIYEM", "LASMI", "SITI", "MUJIATI",
        "SUGIYEM", "YATINI",
    ],
    men: &[
        "SLAMET",
        "SUPARDI",
        "SUKARDI",
        "TUGIMIN",
        "SUYONO",
        "SUTRISNO",
        "PONIMIN",
        "WAGIMAN",
        "SUPRIYADI",
        "KASMIN",
        "SUGENG",
        "PARJO",
        "SUKIMAN",
        "MARYONO",
        "NGADIMAN",
        "SUWARNO",
        "PAIMAN",
        "MUJIONO",
        "HADI",
        "JOKO",
    ],
    second_women: &["", "", "", "WAHYUNI", "RAHAYU", "LESTARI", "UTAMI", "HANDAYANI", "MULYANI", "NINGSIH"],
    second_men: &["", "", "", "SANTOSO", "WIJAYA", "HARYANTO", "SUSILO", "PRAYITNO", "WIBOWO", "KUSUMA"],
    muslim: true,
};

const BUGIS: Stock = Stock {
    women: &[
        "ANDI",
        "ROSDIANA",
        "HASNAH",
        "INDO",
        "MARWAH",
        "SITTI",
        "NURSIAH",
        "HJ. RAMLAH",
        "SURYANI",
        "MANIARA",
        "DAHLIA",
    ],
    men: &[
        "ANDI",
        "BASO",
        "AMBO",
        "LA",
        "SYARIFUDDIN",
        "MAPPA",
        "TAHIR",
        "RUSTAM",
        "JUFRI",
        "ARSYAD",
        "BADDU",
        "SUDIRMAN",
    ],
    second_women: &["", "TENRI", "TANG", "UPE", "RAHMA", "ESSE", "NUR"],
    second_men: &["ASSE", "TANG", "UPE", "SAKKA", "DALLE", "TUO", "NUR"],
    muslim: true,
};

const DAYAK: Stock = Stock {
    women: &[
        "MARTHA",
        "YULIANA",
        "ELISABET",
        "LING",
        "BULAN",
        "HUNYANG",
        "LUCIA",
        "MAGDALENA",
        "DEVUNG",
        "TIPUNG",
        "RUTH",
        "ANASTASIA",
    ],
    men: &[
        "YOHANES", "MARKUS", "PETRUS", "LUKAS", "JALUNG", "ALUI", "LAHANG", "BILUNG", "STEPANUS", "NGAU", "DANIEL",
        "IRANG",
    ],
    second_women: &["", "LAHANG", "LING", "JALUNG", "LUHAT", "ALUI", "NGAU", "BATOQ", "AJANG"],
    second_men: &["LUHAT", "LAHANG", "JALUNG", "NGAU", "ALUI", "BATOQ", "AJANG", "LIAH", "NYUK"],
    muslim: false,
};

/// Whose names are how frequent, of a hundred, in a sub-district.
pub(super) fn stocks(sub_district: &str) -> [(&'static Stock, u64); 4] {
    let [kutai, javanese, bugis] = match sub_district {
        "TABANG" | "KEMBANG JANGGUT" => [25, 8, 5],
        "MUARA BADAK" | "ANGGANA" | "MUARA JAWA" | "SAMBOJA" | "SAMBOJA BARAT" | "SANGA SANGA" | "MARANG KAYU" => {
            [28, 30, 40]
        }
        "TENGGARONG SEBERANG" | "KOTA BANGUN DARAT" | "LOA JANAN" => [26, 64, 8],
        _ => [68, 22, 6],
    };
    [(&KUTAI, kutai), (&JAVANESE, javanese), (&BUGIS, bugis), (&DAYAK, 100 - kutai - javanese - bugis)]
}

/// Where they live. No house has the word CONTOH in its street in truth.
pub(super) const STREETS: &[&str] = &[
    "JL. CONTOH MAWAR",
    "GG. CONTOH",
    "JL. POROS CONTOH",
    "JL. CONTOH ULIN",
    "DUSUN CONTOH HULU",
    "DUSUN CONTOH HILIR",
    "JL. CONTOH MAHAKAM",
    "GG. CONTOH KELUARGA",
    "BLOK C CONTOH",
    "TEPI SUNGAI CONTOH",
    "RUMAH RAKIT CONTOH",
];
