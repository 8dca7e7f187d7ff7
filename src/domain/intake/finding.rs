//! What can be wrong with a row: a closed list, each with a plain sentence, nothing personal shown.

use serde::{Deserialize, Serialize};

use super::Column;
use crate::domain::household::tidy;
use crate::domain::time::Language;

/// Whether a finding rejects its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row goes in, and somebody should look.
    Warning,
    /// The row is rejected.
    Error,
}

impl Severity {
    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! findings {
    ($($name:ident $code:literal $severity:ident $id:literal $en:literal;)*) => {
        /// What can be wrong with a row. A closed list; the codes are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum FindingKind { $(
            #[doc = $en]
            #[serde(rename = $code)]
            $name,
        )* }

        impl FindingKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Whether it rejects the row.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// One sentence: what is wrong and what to do.
            #[must_use]
            pub const fn message(self, language: Language) -> &'static str {
                match (self, language) { $(
                    (Self::$name, Language::Id) => $id,
                    (Self::$name, Language::En) => $en,
                )* }
            }
        }
    };
}

findings! {
    SourceIdMissing "source_id_missing" Error
        "ID sumber kosong; isi ID dari P3KE, DTSEN atau daftar asal."
        "The source id is empty; fill in the id of P3KE, DTSEN or the list it comes from.";
    SourceIdDamaged "source_id_damaged" Error
        "ID sumber rusak oleh Excel (notasi ilmiah); ubah kolom menjadi Teks lalu isi ulang."
        "A spreadsheet damaged the source id (scientific notation); format the column as text and fill it in again.";
    SourceIdIsNumber "source_id_is_number" Warning
        "ID sumber sama dengan NIK atau No. KK; diganti dengan ID buatan, supaya nomornya tidak tersimpan terbuka."
        "The source id is the NIK or the family-card number; an id is made in its place, so that the number does not lie open.";
    SourceIdDoubled "source_id_doubled" Error
        "ID sumber sudah ada di baris lain dalam berkas ini; sisakan satu baris."
        "The source id stands in another row of this file already; keep one row.";

    NikMissing "nik_missing" Warning
        "TANPA NIK: penerima perlu surat keterangan desa/kelurahan saat mengambil."
        "No NIK: the recipient needs a letter of the village when collecting.";
    NikScientific "nik_scientific" Error
        "NIK rusak oleh Excel (notasi ilmiah) dan tidak dapat dipulihkan; ubah kolom menjadi Teks lalu isi ulang dari KTP."
        "A spreadsheet turned the NIK into scientific notation and its digits are lost; format the column as text and fill it in again from the identity card.";
    NikZeroed "nik_zeroed" Error
        "NIK berakhiran 0000, tanda digit terakhir hilang di Excel; ubah kolom menjadi Teks lalu isi ulang dari KTP."
        "The NIK ends with 0000, a sign that a spreadsheet lost its last digits; format the column as text and fill it in again from the identity card.";
    NikAsNumber "nik_as_number" Error
        "NIK tersimpan sebagai angka sehingga digit ke-16 dapat berubah menjadi 0; ubah kolom menjadi Teks lalu isi ulang dari KTP."
        "The NIK is stored as a number, so its 16th digit may have become 0; format the column as text and fill it in again from the identity card.";
    NikLetters "nik_letters" Error
        "NIK berisi tanda selain angka; periksa huruf O yang seharusnya angka 0, atau I dan l yang seharusnya angka 1."
        "The NIK holds signs that are no digits; look for a letter O in place of 0, or I and l in place of 1.";
    NikLength "nik_length" Error
        "NIK harus 16 digit; cocokkan dengan KTP, ada digit yang kurang atau lebih."
        "A NIK has 16 digits; compare with the identity card, there are too few or too many.";
    NikDoubled "nik_doubled" Error
        "NIK sudah ada di baris lain dalam berkas ini; sisakan satu baris."
        "The NIK stands in another row of this file already; keep one row.";
    NikKnownElsewhere "nik_known_elsewhere" Error
        "NIK sudah terdaftar pada KPM lain dengan ID sumber yang berbeda; periksa mana yang benar."
        "The NIK is registered for another household with another source id; find out which is right.";
    NikIsFamilyCard "nik_is_family_card" Warning
        "NIK sama dengan No. KK; periksa apakah No. KK tersalin ke kolom NIK."
        "NIK and family-card number are the same; see whether the card number was copied into the column of the NIK.";
    NikBirthImpossible "nik_birth_impossible" Warning
        "Tanggal lahir di dalam NIK tidak mungkin ada; cocokkan dengan KTP."
        "The birth date within the NIK does not exist; compare with the identity card.";
    NikProvinceUnknown "nik_province_unknown" Warning
        "Kode provinsi di awal NIK tidak dikenal; cocokkan dengan KTP."
        "The province code at the start of the NIK is not known; compare with the identity card.";
    NikOtherRegency "nik_other_regency" Warning
        "NIK terbit di kabupaten/kota lain (pendatang); ini wajar, cukup pastikan alamat tinggal."
        "The NIK was first issued in another regency; this is normal, just make sure of the residence.";

    FamilyCardMissing "family_card_missing" Warning
        "No. KK kosong; lengkapi saat verifikasi."
        "The family-card number is empty; complete it during verification.";
    FamilyCardScientific "family_card_scientific" Error
        "No. KK rusak oleh Excel (notasi ilmiah) dan tidak dapat dipulihkan; ubah kolom menjadi Teks lalu isi ulang."
        "A spreadsheet turned the family-card number into scientific notation and its digits are lost; format the column as text and fill it in again.";
    FamilyCardZeroed "family_card_zeroed" Error
        "No. KK berakhiran 0000, tanda digit terakhir hilang di Excel; ubah kolom menjadi Teks lalu isi ulang."
        "The family-card number ends with 0000, a sign that a spreadsheet lost its last digits; format the column as text and fill it in again.";
    FamilyCardAsNumber "family_card_as_number" Error
        "No. KK tersimpan sebagai angka sehingga digit ke-16 dapat berubah menjadi 0; ubah kolom menjadi Teks lalu isi ulang."
        "The family-card number is stored as a number, so its 16th digit may have become 0; format the column as text and fill it in again.";
    FamilyCardLetters "family_card_letters" Error
        "No. KK berisi tanda selain angka; periksa huruf O yang seharusnya angka 0, atau I dan l yang seharusnya angka 1."
        "The family-card number holds signs that are no digits; look for a letter O in place of 0, or I and l in place of 1.";
    FamilyCardLength "family_card_length" Error
        "No. KK harus 16 digit; cocokkan dengan kartu keluarga, ada digit yang kurang atau lebih."
        "A family-card number has 16 digits; compare with the card, there are too few or too many.";
    FamilyCardDoubled "family_card_doubled" Warning
        "No. KK sudah ada di baris lain dalam berkas ini; dua KPM dapat satu KK, mohon dipastikan."
        "The family-card number stands in another row of this file already; two households can share one card, please make sure.";
    SpousesListed "spouses_listed" Warning
        "Kemungkinan suami dan istri sama-sama terdaftar (satu KK dengan baris lain); putuskan siapa penerimanya."
        "Husband and wife are probably both listed (one family card with another row); decide who receives.";

    NameMissing "name_missing" Error
        "Nama penerima kosong."
        "The name of the recipient is empty.";
    NameUnreadable "name_unreadable" Error
        "Nama penerima tidak memuat huruf."
        "The name of the recipient has no letter.";
    NameSaysDeceased "name_says_deceased" Warning
        "Nama memuat ALM/ALMH: kemungkinan penerima sudah meninggal, mohon dipastikan."
        "The name carries ALM/ALMH: the recipient may have died, please make sure.";
    PersonDoubled "person_doubled" Warning
        "Nama sama dengan baris lain dalam berkas ini, dengan tanggal lahir atau desa yang sama; periksa apakah orangnya sama."
        "Another row of this file has the same name, with the same birth date or village; see whether it is the same person.";

    TextTooLong "text_too_long" Error
        "Isi sel terlalu panjang untuk kolom ini; persingkat."
        "The text is too long for this column; make it shorter.";
    TextBroken "text_broken" Error
        "Ada huruf yang tidak terbaca; simpan ulang berkas sebagai CSV UTF-8 atau XLSX."
        "There are letters that cannot be read; save the file again as CSV UTF-8 or XLSX.";
    Unprintable "unprintable" Warning
        "Ada tanda yang tidak dapat dicetak dengan huruf yang terpasang; perbaiki penulisannya, atau minta administrator memasang huruf (TTF) yang memuatnya sebelum kupon dan daftar dicetak."
        "There is a sign that the installed typefaces cannot print; mend how it is written, or have an administrator install a typeface (TTF) that has it before vouchers and lists are printed.";
    HiddenSigns "hidden_signs" Warning
        "Ada tanda tersembunyi di dalam teks; tanda itu dibuang."
        "There were hidden signs within the text; they were taken out.";
    NumberHidden "number_hidden" Warning
        "Ada NIK atau No. KK di kolom ini; bagian tengahnya disamarkan. Nomor hanya disimpan di kolomnya sendiri."
        "There is a NIK or a family-card number in this column; its middle was hidden. Such numbers are kept in their own columns alone.";
    FormulaError "formula_error" Error
        "Sel berisi galat rumus Excel; ganti dengan nilainya."
        "The cell holds the error of a formula; put the value in its place.";

    SexUnreadable "sex_unreadable" Warning
        "Jenis kelamin tidak terbaca (gunakan L atau P); dikosongkan."
        "The sex cannot be read (use L or P); it is left empty.";
    SexDiffersFromNik "sex_differs_from_nik" Warning
        "Jenis kelamin berbeda dari NIK; cocokkan dengan KTP."
        "The sex differs from the one within the NIK; compare with the identity card.";
    BirthDateUnreadable "birth_date_unreadable" Error
        "Tanggal lahir tidak terbaca; tulis seperti 1951-05-12 atau 12/05/1951 (hari/bulan/tahun)."
        "The birth date cannot be read; write it as 1951-05-12 or 12/05/1951 (day/month/year).";
    BirthDateImpossible "birth_date_impossible" Error
        "Tanggal lahir sebelum tahun 1900 atau sesudah hari ini; cocokkan dengan KTP."
        "The birth date lies before 1900 or after today; compare with the identity card.";
    BirthDateZero "birth_date_zero" Warning
        "Tanggal lahir berisi nol; dikosongkan."
        "The birth date is made of zeroes; it is left empty.";
    BirthDateFromSerial "birth_date_from_serial" Warning
        "Tanggal lahir berupa angka seri Excel dan diubah menjadi tanggal; cocokkan dengan KTP."
        "The birth date was the serial number of a spreadsheet and was turned into a date; compare with the identity card.";
    BirthDateMonthFirst "birth_date_month_first" Warning
        "Tanggal lahir ditulis bulan/hari/tahun; dibaca begitu karena cocok dengan NIK, mohon dipastikan."
        "The birth date was written month/day/year; it was read so because it agrees with the NIK, please make sure.";
    BirthDateCentury "birth_date_century" Warning
        "Tahun lahir hanya dua angka dan dibaca sebagai 19xx; cocokkan dengan KTP."
        "The year of birth has two digits and was read as 19xx; compare with the identity card.";
    BirthDateDiffersFromNik "birth_date_differs_from_nik" Warning
        "Tanggal lahir berbeda dari NIK; cocokkan dengan KTP."
        "The birth date differs from the one within the NIK; compare with the identity card.";

    HeadMissing "head_missing" Error
        "Keluarga ini hanya memuat anggota, tanpa baris kepala keluarga; tambahkan baris kepala keluarganya."
        "The file has only members of this family and no row of its head; add the row of the head.";
    PresenceGone "presence_gone" Warning
        "Keterangan keberadaan menyebut meninggal, pindah atau tidak ditemukan; putuskan saat verval."
        "The note on presence says that somebody died, moved or was not found; decide it during verification.";

    VillageMissing "village_missing" Error
        "Nama desa/kelurahan kosong."
        "The name of the village is empty.";
    SubDistrictMissing "sub_district_missing" Error
        "Nama kecamatan kosong."
        "The name of the sub-district is empty.";
    VillageCodeMissing "village_code_missing" Warning
        "Kode desa kosong; lengkapi saat verifikasi."
        "The village code is empty; complete it during verification.";
    VillageCodeUnreadable "village_code_unreadable" Error
        "Kode desa bukan kode Kemendagri seperti 64.02.06.1002 (jangan memakai kode BPS)."
        "The village code is not one of Kemendagri, such as 64.02.06.1002 (do not use the codes of BPS).";
    VillageCodeOther "village_code_other" Warning
        "Kode desa bukan kode Kemendagri (mungkin kode BPS); dikosongkan dan desa dicari menurut namanya."
        "The village code is not one of Kemendagri (perhaps of BPS); it is left empty, and the village is found by its name.";
    RtUnreadable "rt_unreadable" Warning
        "RT tidak terbaca (paling banyak tiga angka); dikosongkan."
        "The RT cannot be read (three digits at most); it is left empty.";
    DecileUnreadable "decile_unreadable" Warning
        "Desil bukan angka 1 sampai 10; dikosongkan."
        "The decile is not a number from 1 to 10; it is left empty.";

    CivilMatchUnreadable "civil_match_unreadable" Warning
        "Padan Dukcapil tidak terbaca (gunakan YA atau TIDAK); dikosongkan."
        "The match with the civil registry cannot be read (use YA or TIDAK); it is left empty.";
    CivilMatchNo "civil_match_no" Warning
        "NIK tidak padan dengan Dukcapil; urus sebelum penyaluran."
        "The NIK does not match the civil registry; settle it before the distribution.";
    EligibilityUnreadable "eligibility_unreadable" Warning
        "Status verval tidak terbaca (gunakan LAYAK atau TIDAK LAYAK); dianggap belum diputuskan."
        "The result of verification cannot be read (use LAYAK or TIDAK LAYAK); it counts as undecided.";
    VulnerabilityUnknown "vulnerability_unknown" Warning
        "Kategori rentan tidak dikenal dan tidak dicatat; gunakan LANSIA, DISABILITAS, SAKIT, HAMIL atau TINGGAL SENDIRI, dipisah tanda |."
        "The category of vulnerability is not known and was left out; use LANSIA, DISABILITAS, SAKIT, HAMIL or TINGGAL SENDIRI, parted by |.";

    PointMissing "point_missing" Warning
        "Kode titik kosong; KPM belum ditempatkan pada titik distribusi."
        "The point code is empty; the household is not yet placed on a distribution point.";
    PointUnknown "point_unknown" Error
        "Kode titik tidak dikenal; buat titiknya dahulu atau perbaiki kodenya."
        "The point code is not known; make the point first or mend the code.";
    SessionUnreadable "session_unreadable" Warning
        "Sesi bukan angka 1 sampai 99; dikosongkan."
        "The session is not a number from 1 to 99; it is left empty.";
    PackageMissing "package_missing" Warning
        "Kode paket kosong; berlaku paket dari tahapnya."
        "The package code is empty; the package of the round applies.";
    PackageUnknown "package_unknown" Error
        "Kode paket tidak dikenal; buat paketnya dahulu atau perbaiki kodenya."
        "The package code is not known; make the package first or mend the code.";

    VillageCodeReplaced "village_code_replaced" Warning
        "Kode desa tidak ada dalam daftar resmi; diganti dengan kode menurut nama desa dan kecamatan."
        "The village code is not on the official list; the one of the written names takes its place.";
    PlaceMoved "place_moved" Warning
        "Desa/kelurahan ini kini masuk kecamatan hasil pemekaran; kecamatannya disesuaikan."
        "This village now belongs to a sub-district that was split off; the sub-district was put right.";
    PlaceSpelling "place_spelling" Warning
        "Ejaannya mirip dengan nama resmi; konfirmasikan sekali untuk semua baris yang menulis begini."
        "The spelling is like an official name; confirm it once for all rows that write it so.";
    PlaceAmbiguous "place_ambiguous" Warning
        "Desa/kelurahan ini tidak ada di kecamatan itu, dan namanya ada di tempat lain; periksa kecamatannya."
        "There is no such village in that sub-district, but elsewhere there is; look at the sub-district.";
    PlaceUnknown "place_unknown" Warning
        "Desa/kelurahan dan kecamatan ini tidak ada dalam daftar resmi; periksa penulisannya."
        "Village and sub-district are not on the official list; look at how they are written.";
    PlaceCodeDiffers "place_code_differs" Warning
        "Kode desa dan nama desa menunjuk tempat yang berbeda; periksa mana yang benar."
        "The village code and the names point to different places; find out which is right.";
}

impl FindingKind {
    /// The kind of a stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// Something found in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// The column it was found in.
    pub column: Option<Column>,
    /// What it is.
    pub kind: FindingKind,
    /// What stood there, short, with everything personal masked. Often empty.
    pub seen: String,
    /// The row that has the same number or id, for what is doubled.
    pub first_row: Option<u32>,
}

impl Finding {
    pub(super) fn new(column: Column, kind: FindingKind, seen: &str) -> Self {
        Self { column: Some(column), kind, seen: shown(column, seen), first_row: None }
    }

    /// Whether it rejects the row.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.kind.severity() == Severity::Error
    }

    /// The whole sentence for a person, with column, what was seen and the other row:
    /// `nik (baris 12): NIK sudah ada …`.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let mut sentence = String::new();
        if let Some(column) = self.column {
            sentence.push_str(column.heading());
        }
        if !self.seen.is_empty() {
            sentence.push_str(" “");
            sentence.push_str(&self.seen);
            sentence.push('”');
        }
        if let Some(row) = self.first_row {
            let word = match language {
                Language::Id => "baris",
                Language::En => "row",
            };
            sentence.push_str(&format!(" ({word} {row})"));
        }
        if !sentence.is_empty() {
            sentence.push_str(": ");
        }
        sentence.push_str(self.kind.message(language));
        sentence
    }
}

/// What may be shown of a cell: nothing of free text about a person, a number with its middle hidden, the
/// bare shape of a birth date; elsewhere the first 40 characters, with every long run of digits hidden,
/// because a NIK can stand in the wrong column.
fn shown(column: Column, text: &str) -> String {
    let text = tidy(text).text;
    match column {
        Column::Nik | Column::FamilyCard => {
            let count = text.chars().count();
            // In a number with a few letters these are what is to be found, and say nothing of a person.
            let number = text.chars().filter(char::is_ascii_digit).count() >= 12;
            let edge = if count >= 12 { 4 } else { count / 4 };
            let mask = |(place, sign): (usize, char)| {
                let shown = place < edge
                    || place + edge >= count
                    || !sign.is_alphanumeric()
                    || (number && !sign.is_ascii_digit());
                if shown { sign } else { '*' }
            };
            text.chars().enumerate().take(40).map(mask).collect()
        }
        Column::BirthDate => {
            let mask = |sign: char| if sign.is_alphanumeric() { '*' } else { sign };
            text.chars().take(20).map(mask).collect()
        }
        _ if column.is_secret() => String::new(),
        _ => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            let mask = |sign: char| if digits >= 12 && sign.is_ascii_digit() { '*' } else { sign };
            text.chars().take(40).map(mask).collect()
        }
    }
}
