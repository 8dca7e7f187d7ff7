//! A file of households on its way in: its columns, what can be wrong with a row or with the whole file,
//! and what a row would do to the list.
//!
//! A row ends in exactly one of four outcomes: new, changed, same or rejected. Errors reject the row;
//! warnings travel beside it and stop nothing, because a NIK of another district, or one that contradicts
//! a birth date, is often a poor person with true papers. Nothing is mended by guessing: what a
//! spreadsheet destroyed goes back to the office. A few faults refuse the file as a whole.
//!
//! How bytes become rows is the work of the room `spreadsheet`, and who decides is the work of `service`.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::household::{
    ADDRESS_MAX, CODE_MAX, Eligibility, FamilyCard, NAME_MAX, NOTE_MAX, Nik, NikFault, PLACE_MAX, Particulars,
    RELATION_MAX, SOURCE_ID_MAX, Sex, Vulnerability, bare_number, is_hidden, is_scientific, name_says_deceased,
    plain_word, tidy, village_code,
};
use super::time::Language;

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident $heading:literal;)*) => {
        /// A column that an intake reads. Whatever else a file holds is named and left out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum Column { $(
            $(#[$doc])*
            #[serde(rename = $heading)]
            $name,
        )* }

        impl Column {
            /// Every column, in the order of our template.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The heading, which is also the stable code.
            #[must_use]
            pub const fn heading(self) -> &'static str {
                match self { $(Self::$name => $heading,)* }
            }
        }
    };
}

columns! {
    /// Running number. Read past.
    Number "no";
    /// Id in the source.
    SourceId "id_sumber";
    /// No. KK.
    FamilyCard "no_kk";
    /// NIK of the recipient.
    Nik "nik";
    /// Name of the recipient.
    Name "nama_penerima";
    /// Sex.
    Sex "jenis_kelamin";
    /// Birth date.
    BirthDate "tanggal_lahir";
    /// Relation to the head of the family.
    Relation "hubungan_keluarga";
    /// Address.
    Address "alamat";
    /// RT.
    Rt "rt";
    /// Village code of Kemendagri.
    VillageCode "kode_desa";
    /// Village.
    Village "desa_kelurahan";
    /// Sub-district.
    SubDistrict "kecamatan";
    /// Decile of welfare.
    Decile "desil";
    /// Whether the civil registry agrees.
    CivilMatch "padan_dukcapil";
    /// What verification found.
    Eligibility "status_verval";
    /// Categories of vulnerability, parted by `|`.
    Vulnerability "kategori_rentan";
    /// Code of the distribution point.
    Point "kode_titik";
    /// Session at the point.
    Session "sesi";
    /// Code of the package.
    Package "kode_paket";
    /// Remark.
    Note "keterangan";
}

impl Column {
    /// The columns without which a file is no list of households.
    pub const MANDATORY: [Self; 5] = [Self::SourceId, Self::Nik, Self::Name, Self::Village, Self::SubDistrict];

    /// The column of a heading. Case, spaces, dots and dashes do not matter: `Desa/Kelurahan` is
    /// `desa_kelurahan`.
    #[must_use]
    pub fn parse_heading(text: &str) -> Option<Self> {
        let mut plain = String::with_capacity(text.len().min(80));
        for sign in text.chars().filter(|sign| !is_hidden(*sign)).take(80) {
            if sign.is_alphanumeric() {
                plain.extend(sign.to_lowercase());
            } else if !plain.is_empty() && !plain.ends_with('_') {
                plain.push('_');
            }
        }
        let plain = plain.trim_end_matches('_');
        Self::ALL.iter().copied().find(|column| column.heading() == plain)
    }

    /// Whether what stands in the column may not be shown, logged or stored in the clear.
    const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Nik | Self::FamilyCard | Self::BirthDate | Self::Address | Self::Name | Self::Relation | Self::Note
        )
    }
}

/// What a cell was in the file. A NIK that was a number has lost its 16th digit, though it may not look so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellForm {
    /// A text.
    Text,
    /// A number of a workbook.
    Number,
    /// A date of a workbook, given here as `yyyy-mm-dd`.
    Date,
}

/// One cell of a row, as it stood in the file.
#[derive(Clone, PartialEq, Eq)]
pub struct RawCell {
    /// Where it belongs.
    pub column: Column,
    /// What stands in it, as text.
    pub text: String,
    /// What it was.
    pub form: CellForm,
}

/// One row of a file, with a cell for every known column that the file has.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRow {
    /// The number of the row in the file, as a spreadsheet program shows it; for a text file, the line.
    pub number: u32,
    /// Its cells.
    pub cells: Vec<RawCell>,
}

impl RawRow {
    /// The cell of a column, when the file has that column.
    #[must_use]
    pub fn cell(&self, column: Column) -> Option<&RawCell> {
        self.cells.iter().find(|cell| cell.column == column)
    }
}

/// Says nothing of the content, which is personal.
impl fmt::Debug for RawCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: …", self.column.heading())
    }
}

/// Says nothing of the content, which is personal.
impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRow {} of {} cells", self.number, self.cells.len())
    }
}

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
        "NIK tidak 16 digit; periksa KTP, mungkin ada digit yang hilang."
        "The NIK does not have 16 digits; look at the identity card, a digit may be missing.";
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
        "No. KK tidak 16 digit; periksa kartu keluarga, mungkin ada digit yang hilang."
        "The family-card number does not have 16 digits; look at the card, a digit may be missing.";
    FamilyCardDoubled "family_card_doubled" Warning
        "No. KK sudah ada di baris lain dalam berkas ini; dua KPM dapat satu KK, mohon dipastikan."
        "The family-card number stands in another row of this file already; two households can share one card, please make sure.";

    NameMissing "name_missing" Error
        "Nama penerima kosong."
        "The name of the recipient is empty.";
    NameUnreadable "name_unreadable" Error
        "Nama penerima tidak memuat huruf."
        "The name of the recipient has no letter.";
    NameSaysDeceased "name_says_deceased" Warning
        "Nama memuat ALM/ALMH: kemungkinan penerima sudah meninggal, mohon dipastikan."
        "The name carries ALM/ALMH: the recipient may have died, please make sure.";

    TextTooLong "text_too_long" Error
        "Isi sel terlalu panjang untuk kolom ini; persingkat."
        "The text is too long for this column; make it shorter.";
    TextBroken "text_broken" Error
        "Ada huruf yang tidak terbaca; simpan ulang berkas sebagai CSV UTF-8 atau XLSX."
        "There are letters that cannot be read; save the file again as CSV UTF-8 or XLSX.";
    HiddenSigns "hidden_signs" Warning
        "Ada tanda tersembunyi di dalam teks; tanda itu dibuang."
        "There were hidden signs within the text; they were taken out.";
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
    BirthDateDiffersFromNik "birth_date_differs_from_nik" Warning
        "Tanggal lahir berbeda dari NIK; cocokkan dengan KTP."
        "The birth date differs from the one within the NIK; compare with the identity card.";

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
    fn new(column: Column, kind: FindingKind, seen: &str) -> Self {
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
            let edge = if count >= 12 { 4 } else { count / 4 };
            let mask = |(place, sign): (usize, char)| {
                if place < edge || place + edge >= count || !sign.is_alphanumeric() { sign } else { '*' }
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

/// The facts against which a row is checked.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Codes of the points that exist, in capitals.
    pub points: &'a HashSet<String>,
    /// Codes of the packages that exist, in capitals.
    pub packages: &'a HashSet<String>,
    /// The day of the check; nobody is born after it.
    pub today: Date,
}

/// What a check of one row found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The household, or nothing when an error rejects the row.
    pub particulars: Option<Particulars>,
    /// Errors and warnings, in the order of the columns.
    pub findings: Vec<Finding>,
}

/// What a spreadsheet program shows where a formula failed.
const FORMULA_ERRORS: [&str; 9] =
    ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"];

/// Reads the cells of one row and keeps what it found.
struct Reading<'a> {
    row: &'a RawRow,
    findings: Vec<Finding>,
}

impl<'a> Reading<'a> {
    fn find(&mut self, column: Column, kind: FindingKind, seen: &str) {
        self.findings.push(Finding::new(column, kind, seen));
    }

    /// The text of a column, tidied and within its bound; empty when there is none or an error was found.
    fn text(&mut self, column: Column, max: usize) -> String {
        let Some(cell) = self.row.cell(column) else { return String::new() };
        let tidied = tidy(&cell.text);
        let fault = if FORMULA_ERRORS.contains(&tidied.text.as_str()) {
            FindingKind::FormulaError
        } else if tidied.text.chars().count() > max {
            FindingKind::TextTooLong
        } else if tidied.broken {
            FindingKind::TextBroken
        } else {
            if tidied.stripped {
                self.find(column, FindingKind::HiddenSigns, "");
            }
            return tidied.text;
        };
        self.find(column, fault, &tidied.text);
        String::new()
    }

    /// Whether an error was found in a column already, so that its emptiness is no second one.
    fn has_error(&self, column: Column) -> bool {
        self.findings.iter().any(|finding| finding.column == Some(column) && finding.is_error())
    }

    /// A text that must be there.
    fn required(&mut self, column: Column, max: usize, missing: FindingKind) -> String {
        let text = self.text(column, max);
        if text.is_empty() && !self.has_error(column) {
            self.find(column, missing, "");
        }
        text
    }

    /// A value read from a word, or nothing with a warning.
    fn word<T>(&mut self, column: Column, unreadable: FindingKind, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(column, PLACE_MAX);
        if text.is_empty() {
            return None;
        }
        let value = read(&text);
        if value.is_none() {
            self.find(column, unreadable, &text);
        }
        value
    }

    /// A code that must be among those known, in capitals. An empty one earns a warning.
    fn code(&mut self, column: Column, known: &HashSet<String>, missing: FindingKind, unknown: FindingKind) -> String {
        let code = self.text(column, CODE_MAX).to_uppercase();
        if code.is_empty() {
            if !self.has_error(column) {
                self.find(column, missing, "");
            }
        } else if !known.contains(&code) {
            self.find(column, unknown, &code);
        }
        code
    }

    /// The text of a column with a 16-digit number, or nothing when it is empty. An error of a formula is
    /// reported here.
    fn number(&mut self, column: Column) -> Option<&'a RawCell> {
        let cell = self.row.cell(column)?;
        if FORMULA_ERRORS.contains(&cell.text.trim()) {
            self.find(column, FindingKind::FormulaError, "");
            return None;
        }
        Some(cell)
    }

    fn nik(&mut self) -> Option<Nik> {
        let column = Column::Nik;
        let Some(cell) = self.number(column) else {
            if !self.has_error(column) {
                self.find(column, FindingKind::NikMissing, "");
            }
            return None;
        };
        let kind = match Nik::parse(&cell.text) {
            Ok(_) if lost_its_end(cell) => FindingKind::NikAsNumber,
            Ok(nik) => return Some(nik),
            Err(NikFault::Empty) => FindingKind::NikMissing,
            Err(NikFault::Scientific) => FindingKind::NikScientific,
            Err(NikFault::Letters) => FindingKind::NikLetters,
            Err(NikFault::Length(_)) => FindingKind::NikLength,
            Err(NikFault::Zeroed) => FindingKind::NikZeroed,
        };
        self.find(column, kind, &cell.text);
        None
    }

    fn family_card(&mut self) -> Option<FamilyCard> {
        let column = Column::FamilyCard;
        // Lists such as P3KE's have no such column at all, which is no fault of a row.
        let cell = self.number(column)?;
        let kind = match FamilyCard::parse(&cell.text) {
            Ok(_) if lost_its_end(cell) => FindingKind::FamilyCardAsNumber,
            Ok(card) => return Some(card),
            Err(NikFault::Empty) => FindingKind::FamilyCardMissing,
            Err(NikFault::Scientific) => FindingKind::FamilyCardScientific,
            Err(NikFault::Letters) => FindingKind::FamilyCardLetters,
            Err(NikFault::Length(_)) => FindingKind::FamilyCardLength,
            Err(NikFault::Zeroed) => FindingKind::FamilyCardZeroed,
        };
        self.find(column, kind, &cell.text);
        None
    }

    fn source_id(&mut self) -> String {
        let column = Column::SourceId;
        let id = self.required(column, SOURCE_ID_MAX, FindingKind::SourceIdMissing);
        // An id such as 3E10 may be a true one; a spreadsheet always writes the sign. A number of more than
        // 15 digits has lost its end.
        let number = self.row.cell(column).is_some_and(|cell| cell.form == CellForm::Number);
        if (is_scientific(&id) && id.contains('+')) || (number && id.len() > 15) {
            self.find(column, FindingKind::SourceIdDamaged, &id);
        }
        id
    }

    fn name(&mut self) -> String {
        let column = Column::Name;
        let name = self.required(column, NAME_MAX, FindingKind::NameMissing);
        if !name.is_empty() && !name.chars().any(char::is_alphabetic) {
            self.find(column, FindingKind::NameUnreadable, "");
        }
        if name_says_deceased(&name) {
            self.find(column, FindingKind::NameSaysDeceased, "");
        }
        name
    }

    fn birth_date(&mut self, today: Date) -> Option<Date> {
        let column = Column::BirthDate;
        let text = self.text(column, PLACE_MAX);
        if text.is_empty() {
            return None;
        }
        let kind = match read_date(&text) {
            Ok(ReadDate { date, from_serial }) => {
                if date.year() < 1900 || date > today {
                    FindingKind::BirthDateImpossible
                } else {
                    if from_serial {
                        self.find(column, FindingKind::BirthDateFromSerial, &text);
                    }
                    return Some(date);
                }
            }
            Err(DateFault::Zero) => FindingKind::BirthDateZero,
            Err(DateFault::Unreadable) => FindingKind::BirthDateUnreadable,
        };
        self.find(column, kind, &text);
        None
    }

    fn village_code(&mut self) -> String {
        let column = Column::VillageCode;
        let text = self.text(column, CODE_MAX);
        if text.is_empty() {
            if !self.has_error(column) {
                self.find(column, FindingKind::VillageCodeMissing, "");
            }
            return text;
        }
        village_code(&text).unwrap_or_else(|| {
            self.find(column, FindingKind::VillageCodeUnreadable, &text);
            String::new()
        })
    }

    fn vulnerabilities(&mut self) -> Vec<Vulnerability> {
        let column = Column::Vulnerability;
        let text = self.text(column, ADDRESS_MAX);
        let mut found = Vec::new();
        for word in text.split(['|', ',', ';', '/']).map(str::trim).filter(|word| !matches!(*word, "" | "-")) {
            match Vulnerability::parse(word) {
                Some(category) => found.push(category),
                None => self.find(column, FindingKind::VulnerabilityUnknown, word),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What the NIK says beside what the other columns say. All of it only warns: a NIK never changes,
    /// neither on moving nor when a birth date is put right.
    fn compare_with_nik(&mut self, nik: Nik, of: &Particulars) {
        let seen = nik.masked();
        if of.family_card.is_some_and(|card| card.digits() == nik.digits()) {
            self.find(Column::Nik, FindingKind::NikIsFamilyCard, &seen);
        }
        if !nik.province_is_known() {
            self.find(Column::Nik, FindingKind::NikProvinceUnknown, &seen);
        } else if !of.village_code.is_empty() && of.village_code.replace('.', "").get(..4) != Some(nik.regency()) {
            self.find(Column::Nik, FindingKind::NikOtherRegency, &seen);
        }
        match nik.birth_hint() {
            None => self.find(Column::Nik, FindingKind::NikBirthImpossible, &seen),
            Some(hint) => {
                if of.birth_date.is_some_and(|date| !hint.agrees(date)) {
                    self.find(Column::BirthDate, FindingKind::BirthDateDiffersFromNik, "");
                }
            }
        }
        if let (Some(hint), Some(sex)) = (nik.sex_hint(), of.sex)
            && hint != sex
        {
            self.find(Column::Sex, FindingKind::SexDiffersFromNik, sex.letter());
        }
    }
}

/// Whether a cell with 16 digits was a number of a workbook that may have lost its last one. Spreadsheet
/// programs keep 15 digits and write 0 for the 16th; beyond 2^53 not even the file's format keeps it.
fn lost_its_end(cell: &RawCell) -> bool {
    let bare = bare_number(&cell.text);
    cell.form == CellForm::Number && (bare.ends_with('0') || bare.parse::<u64>().is_ok_and(|number| number > 1 << 53))
}

struct ReadDate {
    date: Date,
    from_serial: bool,
}

enum DateFault {
    Zero,
    Unreadable,
}

/// Reads `yyyy-mm-dd` and `dd/mm/yyyy`, parted by `-`, `/` or `.`, with or without a time behind, and the
/// serial number of a spreadsheet. The month never comes first.
fn read_date(text: &str) -> Result<ReadDate, DateFault> {
    let day_part = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = day_part.split(['-', '/', '.']).collect();
    let number = |part: &str| -> Result<i16, DateFault> {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit());
        if digits { part.parse().map_err(|_| DateFault::Unreadable) } else { Err(DateFault::Unreadable) }
    };
    let (year, month, day) = match parts.as_slice() {
        [serial] => return read_serial(serial),
        [year, month, day] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [day, month, year] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        _ => return Err(DateFault::Unreadable),
    };
    if year == 0 {
        return Err(DateFault::Zero);
    }
    let small = |part: i16| i8::try_from(part).map_err(|_| DateFault::Unreadable);
    let date = Date::new(year, small(month)?, small(day)?).map_err(|_| DateFault::Unreadable)?;
    Ok(ReadDate { date, from_serial: false })
}

/// Reads days since the end of 1899, the way spreadsheets count them. Only five digits are taken, 1927 to
/// 2173, so that a bare year or a row number is not mistaken for a date.
fn read_serial(text: &str) -> Result<ReadDate, DateFault> {
    if text.len() != 5 || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(DateFault::Unreadable);
    }
    let days: i64 = text.parse().map_err(|_| DateFault::Unreadable)?;
    let date = jiff::civil::date(1899, 12, 30)
        .checked_add(jiff::Span::new().try_days(days).map_err(|_| DateFault::Unreadable)?)
        .map_err(|_| DateFault::Unreadable)?;
    Ok(ReadDate { date, from_serial: true })
}

/// The RT as three digits: `14`, `RT 14`, `014/002` and `RT 014 RW 002` are `014`.
fn read_rt(text: &str) -> Option<String> {
    let word = plain_word(text);
    let rest = word.strip_prefix("RT").unwrap_or(&word).trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let behind = rest.get(digits.len()..).unwrap_or_default();
    let ends = behind.is_empty() || behind.starts_with(' ') || behind.starts_with("RW");
    (ends && (1..=3).contains(&digits.len())).then(|| format!("{digits:0>3}"))
}

fn read_yes_no(text: &str) -> Option<bool> {
    match plain_word(text).as_str() {
        "YA" | "Y" | "PADAN" | "YES" | "TRUE" | "1" => Some(true),
        "TIDAK" | "TDK" | "T" | "TIDAK PADAN" | "NO" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

/// Checks one row by itself. Rows that stand twice are found by [`Seen`], and what damages a whole file by
/// [`NikCensus`]; [`Examiner`] does all three.
#[must_use]
pub fn check(row: &RawRow, known: &Known<'_>) -> Checked {
    let mut reading = Reading { row, findings: Vec::new() };
    let particulars = Particulars {
        source_id: reading.source_id(),
        family_card: reading.family_card(),
        nik: reading.nik(),
        name: reading.name(),
        sex: reading.word(Column::Sex, FindingKind::SexUnreadable, Sex::parse),
        birth_date: reading.birth_date(known.today),
        relation: reading.text(Column::Relation, RELATION_MAX),
        address: reading.text(Column::Address, ADDRESS_MAX),
        rt: reading.word(Column::Rt, FindingKind::RtUnreadable, read_rt).unwrap_or_default(),
        village_code: reading.village_code(),
        village: reading.required(Column::Village, PLACE_MAX, FindingKind::VillageMissing),
        sub_district: reading.required(Column::SubDistrict, PLACE_MAX, FindingKind::SubDistrictMissing),
        decile: reading.word(Column::Decile, FindingKind::DecileUnreadable, |text| {
            text.parse::<u8>().ok().filter(|decile| (1..=10).contains(decile))
        }),
        civil_match: reading.word(Column::CivilMatch, FindingKind::CivilMatchUnreadable, read_yes_no),
        eligibility: reading
            .word(Column::Eligibility, FindingKind::EligibilityUnreadable, Eligibility::parse)
            .unwrap_or_default(),
        vulnerabilities: reading.vulnerabilities(),
        point_code: reading.code(Column::Point, known.points, FindingKind::PointMissing, FindingKind::PointUnknown),
        session_no: reading.word(Column::Session, FindingKind::SessionUnreadable, |text| {
            text.parse::<u16>().ok().filter(|session| (1..=99).contains(session))
        }),
        package_code: reading.code(
            Column::Package,
            known.packages,
            FindingKind::PackageMissing,
            FindingKind::PackageUnknown,
        ),
        note: reading.text(Column::Note, NOTE_MAX),
    };
    if particulars.civil_match == Some(false) {
        reading.find(Column::CivilMatch, FindingKind::CivilMatchNo, "TIDAK");
    }
    if let Some(nik) = particulars.nik {
        reading.compare_with_nik(nik, &particulars);
    }
    let mut findings = reading.findings;
    findings.sort_by_key(|finding| finding.column);
    let rejected = findings.iter().any(Finding::is_error);
    Checked { particulars: (!rejected).then_some(particulars), findings }
}

/// The rows of a file that were taken so far, so that what stands twice is found.
#[derive(Default)]
pub struct Seen {
    niks: HashMap<Nik, u32>,
    sources: HashMap<String, u32>,
    cards: HashMap<FamilyCard, u32>,
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seen {} rows", self.sources.len())
    }
}

impl Seen {
    /// Compares a household with the rows before it, and remembers it unless an error was found. The same
    /// NIK or source id rejects the later row; the same family card only warns, as two households can share
    /// one.
    pub fn admit(&mut self, row: u32, particulars: &Particulars) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut doubled = |column, kind, seen: &str, first: Option<&u32>| {
            if let Some(first) = first {
                findings.push(Finding { first_row: Some(*first), ..Finding::new(column, kind, seen) });
            }
        };
        let first = self.sources.get(&particulars.source_id);
        doubled(Column::SourceId, FindingKind::SourceIdDoubled, &particulars.source_id, first);
        if let Some(card) = particulars.family_card {
            doubled(Column::FamilyCard, FindingKind::FamilyCardDoubled, &card.masked(), self.cards.get(&card));
        }
        if let Some(nik) = particulars.nik {
            doubled(Column::Nik, FindingKind::NikDoubled, &nik.masked(), self.niks.get(&nik));
        }
        if !findings.iter().any(Finding::is_error) {
            self.sources.insert(particulars.source_id.clone(), row);
            if let Some(card) = particulars.family_card {
                self.cards.entry(card).or_insert(row);
            }
            if let Some(nik) = particulars.nik {
                self.niks.insert(nik, row);
            }
        }
        findings
    }
}

/// Counts how many NIK of a file end with 0. About one in ten does; when three in ten do, a spreadsheet
/// program has rounded the column, and the rest of it cannot be believed either.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NikCensus {
    whole: u32,
    ending_in_zero: u32,
}

impl NikCensus {
    /// Below so many NIK nothing can be concluded.
    pub const ENOUGH: u32 = 20;

    /// Counts the NIK of a row, when it has 16 digits.
    pub fn note(&mut self, row: &RawRow) {
        let Some(cell) = row.cell(Column::Nik) else { return };
        let bare = bare_number(&cell.text);
        if bare.len() == 16 && bare.bytes().all(|digit| digit.is_ascii_digit()) {
            self.whole = self.whole.saturating_add(1);
            self.ending_in_zero = self.ending_in_zero.saturating_add(u32::from(bare.ends_with('0')));
        }
    }

    /// Refuses the file when more than 30 of 100 NIK end with 0, among at least 20.
    pub fn verdict(self) -> Result<(), FileFault> {
        let (ending, of) = (self.ending_in_zero, self.whole);
        if of >= Self::ENOUGH && u64::from(ending) * 10 > u64::from(of) * 3 {
            Err(FileFault::NiksRounded { ending, of })
        } else {
            Ok(())
        }
    }
}

/// Checks the rows of one file, one after the other, with all that this file knows.
#[derive(Debug)]
pub struct Examiner<'a> {
    known: Known<'a>,
    seen: Seen,
    census: NikCensus,
}

impl<'a> Examiner<'a> {
    /// Begins a file.
    #[must_use]
    pub fn new(known: Known<'a>) -> Self {
        Self { known, seen: Seen::default(), census: NikCensus::default() }
    }

    /// Checks the next row: by itself, and against the rows before it.
    pub fn check(&mut self, row: &RawRow) -> Checked {
        self.census.note(row);
        let mut checked = check(row, &self.known);
        if let Some(particulars) = &checked.particulars {
            let doubled = self.seen.admit(row.number, particulars);
            let rejected = doubled.iter().any(Finding::is_error);
            checked.findings.extend(doubled);
            checked.findings.sort_by_key(|finding| finding.column);
            if rejected {
                checked.particulars = None;
            }
        }
        checked
    }

    /// After the last row: whether the file as a whole can be believed.
    pub fn verdict(&self) -> Result<(), FileFault> {
        self.census.verdict()
    }
}

/// What a row does to the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A household that is not in the list yet.
    New,
    /// A household of the list, with something different.
    Changed,
    /// A household of the list, word for word.
    Same,
    /// Nothing: an error stands against it.
    Rejected,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::New, Self::Changed, Self::Same, Self::Rejected];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Rejected => "rejected",
        }
    }

    /// The outcome of a stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == code)
    }
}

/// What a good row does to the list, given the household with the same source id, if there is one.
#[must_use]
pub fn compare(existing: Option<&Particulars>, new: &Particulars) -> Outcome {
    match existing {
        None => Outcome::New,
        Some(existing) if existing == new => Outcome::Same,
        Some(_) => Outcome::Changed,
    }
}

/// The columns in which two households differ.
#[must_use]
pub fn differences(a: &Particulars, b: &Particulars) -> Vec<Column> {
    let pairs = [
        (Column::SourceId, a.source_id == b.source_id),
        (Column::FamilyCard, a.family_card == b.family_card),
        (Column::Nik, a.nik == b.nik),
        (Column::Name, a.name == b.name),
        (Column::Sex, a.sex == b.sex),
        (Column::BirthDate, a.birth_date == b.birth_date),
        (Column::Relation, a.relation == b.relation),
        (Column::Address, a.address == b.address),
        (Column::Rt, a.rt == b.rt),
        (Column::VillageCode, a.village_code == b.village_code),
        (Column::Village, a.village == b.village),
        (Column::SubDistrict, a.sub_district == b.sub_district),
        (Column::Decile, a.decile == b.decile),
        (Column::CivilMatch, a.civil_match == b.civil_match),
        (Column::Eligibility, a.eligibility == b.eligibility),
        (Column::Vulnerability, a.vulnerabilities == b.vulnerabilities),
        (Column::Point, a.point_code == b.point_code),
        (Column::Session, a.session_no == b.session_no),
        (Column::Package, a.package_code == b.package_code),
        (Column::Note, a.note == b.note),
    ];
    pairs.into_iter().filter_map(|(column, same)| (!same).then_some(column)).collect()
}

/// How the rows of a file fall. Each row is in exactly one of the first four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    /// Households not in the list yet.
    pub new: u32,
    /// Households of the list with something different.
    pub changed: u32,
    /// Households of the list, word for word.
    pub same: u32,
    /// Rows against which an error stands.
    pub rejected: u32,
    /// Rows that carry at least one warning, whatever their outcome.
    pub warnings: u32,
}

impl Counts {
    /// Counts one row.
    pub fn add(&mut self, outcome: Outcome, findings: &[Finding]) {
        let count = match outcome {
            Outcome::New => &mut self.new,
            Outcome::Changed => &mut self.changed,
            Outcome::Same => &mut self.same,
            Outcome::Rejected => &mut self.rejected,
        };
        *count = count.saturating_add(1);
        if findings.iter().any(|finding| !finding.is_error()) {
            self.warnings = self.warnings.saturating_add(1);
        }
    }

    /// How many rows there are.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.new.saturating_add(self.changed).saturating_add(self.same).saturating_add(self.rejected)
    }
}

/// Why a file is refused as a whole. Nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// It has no byte, or only white space.
    Empty,
    /// It is larger than `max` bytes.
    TooLarge {
        /// The bound.
        max: u64,
    },
    /// Unpacked, a workbook would be larger than can be read, as in a zip bomb.
    TooMuchInside,
    /// It has more rows than `max`.
    TooManyRows {
        /// The bound.
        max: u32,
    },
    /// A row has more columns than `max`.
    TooManyColumns {
        /// The bound.
        max: u32,
    },
    /// A cell is far beyond what a list holds.
    CellTooLong {
        /// Its row.
        row: u32,
    },
    /// It is a picture, a PDF, a web page or something else that is no spreadsheet.
    NotASpreadsheet,
    /// A workbook of Excel before 2007 (.xls).
    OldExcel,
    /// A workbook of another kind (.xlsb, .ods).
    OtherSpreadsheet,
    /// A workbook with macros.
    Macros,
    /// A workbook that opens with a password.
    Protected,
    /// A workbook that is cut off or damaged.
    Damaged,
    /// A text of 16-bit signs ("Unicode text").
    Utf16,
    /// A text with NUL bytes.
    NulBytes,
    /// A quotation mark is never closed.
    UnclosedQuote {
        /// The line in which it opens.
        line: u32,
    },
    /// Among the first rows none looks like headings.
    NoHeader,
    /// The headings are there, but these are missing.
    MissingColumns(
        /// The missing ones.
        Vec<Column>,
    ),
    /// A heading stands twice.
    DoubledColumn(
        /// The heading.
        Column,
    ),
    /// Several sheets hold a list; one is due.
    SeveralSheets(
        /// Their names.
        Vec<String>,
    ),
    /// There is no row below the headings.
    NoRows,
    /// So many NIK end with 0 that a spreadsheet program must have rounded them.
    NiksRounded {
        /// How many end with 0.
        ending: u32,
        /// Of how many.
        of: u32,
    },
    /// The file could not be read at all.
    Unreadable {
        /// What the system said.
        reason: String,
    },
}

impl FileFault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::TooLarge { .. } => "file_too_large",
            Self::TooMuchInside => "file_too_much_inside",
            Self::TooManyRows { .. } => "file_too_many_rows",
            Self::TooManyColumns { .. } => "file_too_many_columns",
            Self::CellTooLong { .. } => "file_cell_too_long",
            Self::NotASpreadsheet => "file_not_a_spreadsheet",
            Self::OldExcel => "file_old_excel",
            Self::OtherSpreadsheet => "file_other_spreadsheet",
            Self::Macros => "file_with_macros",
            Self::Protected => "file_protected",
            Self::Damaged => "file_damaged",
            Self::Utf16 => "file_utf16",
            Self::NulBytes => "file_nul_bytes",
            Self::UnclosedQuote { .. } => "file_unclosed_quote",
            Self::NoHeader => "file_no_header",
            Self::MissingColumns(_) => "file_missing_columns",
            Self::DoubledColumn(_) => "file_doubled_column",
            Self::SeveralSheets(_) => "file_several_sheets",
            Self::NoRows => "file_no_rows",
            Self::NiksRounded { .. } => "file_niks_rounded",
            Self::Unreadable { .. } => "file_unreadable",
        }
    }

    /// One or two sentences: what is wrong and what to do.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match language {
            Language::Id => self.indonesian(),
            Language::En => self.english(),
        }
    }

    fn indonesian(&self) -> String {
        match self {
            Self::Empty => "Berkas kosong. Pilih berkas daftar penerima yang berisi data.".into(),
            Self::TooLarge { max } => {
                format!("Berkas lebih besar dari {} MB. Bagi menjadi beberapa berkas.", max / 1_000_000)
            }
            Self::TooMuchInside => {
                "Isi berkas setelah dibuka terlalu besar untuk dibaca. Salin tabelnya saja ke berkas XLSX baru.".into()
            }
            Self::TooManyRows { max } => {
                format!("Berkas memuat lebih dari {max} baris. Bagi menjadi beberapa berkas.")
            }
            Self::TooManyColumns { max } => {
                format!("Ada baris dengan lebih dari {max} kolom. Gunakan templat dan hapus kolom yang tidak perlu.")
            }
            Self::CellTooLong { row } => {
                format!("Isi salah satu sel di baris {row} terlalu panjang. Perbaiki sel itu lalu unggah lagi.")
            }
            Self::NotASpreadsheet => {
                "Berkas ini bukan tabel CSV atau XLSX. Buka di Excel lalu simpan sebagai .xlsx.".into()
            }
            Self::OldExcel => "Berkas ini format Excel lama (.xls). Buka di Excel lalu simpan sebagai .xlsx.".into(),
            Self::OtherSpreadsheet => {
                "Berkas ini lembar kerja jenis lain (.ods atau .xlsb). Simpan sebagai .xlsx lalu unggah lagi.".into()
            }
            Self::Macros => "Berkas ini berisi makro. Simpan sebagai .xlsx tanpa makro lalu unggah lagi.".into(),
            Self::Protected => {
                "Berkas ini dikunci dengan kata sandi. Hapus kata sandinya di Excel lalu unggah lagi.".into()
            }
            Self::Damaged => {
                "Berkas XLSX rusak atau terpotong. Unduh atau simpan ulang berkas asalnya lalu unggah lagi.".into()
            }
            Self::Utf16 => "Berkas ini teks Unicode 16-bit. Simpan ulang sebagai “CSV UTF-8” atau .xlsx.".into(),
            Self::NulBytes => {
                "Berkas memuat byte kosong (NUL), tanda berkas rusak atau bukan teks. Simpan ulang sebagai .xlsx."
                    .into()
            }
            Self::UnclosedQuote { line } => {
                format!(
                    "Tanda kutip yang dibuka di baris {line} tidak pernah ditutup. Perbaiki baris itu lalu unggah lagi."
                )
            }
            Self::NoHeader => format!(
                "Baris judul kolom tidak ditemukan dalam 30 baris pertama. Gunakan judul seperti {}.",
                headings(&Column::MANDATORY)
            ),
            Self::MissingColumns(columns) => {
                format!("Kolom wajib tidak ada: {}. Tambahkan kolom itu lalu unggah lagi.", headings(columns))
            }
            Self::DoubledColumn(column) => {
                format!("Judul kolom {} ada dua kali. Hapus atau ganti nama salah satunya.", column.heading())
            }
            Self::SeveralSheets(names) => format!(
                "Lebih dari satu lembar berisi daftar: {}. Simpan satu lembar saja, atau satukan.",
                names.join(", ")
            ),
            Self::NoRows => "Tidak ada baris data di bawah judul kolom.".into(),
            Self::NiksRounded { ending, of } => format!(
                "{ending} dari {of} NIK berakhiran 0 (wajarnya sekitar 1 dari 10): digit ke-16 hilang karena kolom NIK \
                 disimpan sebagai angka di Excel. Ubah kolom menjadi Teks, isi ulang dari data asal, lalu unggah lagi."
            ),
            Self::Unreadable { reason } => format!("Berkas tidak dapat dibaca: {reason}."),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Empty => "The file is empty. Choose a list of recipients that holds data.".into(),
            Self::TooLarge { max } => {
                format!("The file is larger than {} MB. Divide it into several files.", max / 1_000_000)
            }
            Self::TooMuchInside => {
                "Unpacked, the file is too large to be read. Copy the table alone into a new XLSX file.".into()
            }
            Self::TooManyRows { max } => {
                format!("The file has more than {max} rows. Divide it into several files.")
            }
            Self::TooManyColumns { max } => {
                format!("A row has more than {max} columns. Use the template and delete columns that are not needed.")
            }
            Self::CellTooLong { row } => {
                format!("A cell in row {row} is far too long. Mend that cell and upload again.")
            }
            Self::NotASpreadsheet => "This file is no CSV or XLSX table. Open it in Excel and save it as .xlsx.".into(),
            Self::OldExcel => {
                "This file has the old format of Excel (.xls). Open it in Excel and save it as .xlsx.".into()
            }
            Self::OtherSpreadsheet => {
                "This file is a workbook of another kind (.ods or .xlsb). Save it as .xlsx and upload again.".into()
            }
            Self::Macros => "This file holds macros. Save it as .xlsx without macros and upload again.".into(),
            Self::Protected => {
                "This file is locked with a password. Remove the password in Excel and upload again.".into()
            }
            Self::Damaged => {
                "The XLSX file is damaged or cut off. Download or save the original again and upload that.".into()
            }
            Self::Utf16 => "This file is a text of 16-bit Unicode. Save it again as “CSV UTF-8” or .xlsx.".into(),
            Self::NulBytes => {
                "The file holds NUL bytes, a sign that it is damaged or no text. Save it again as .xlsx.".into()
            }
            Self::UnclosedQuote { line } => {
                format!(
                    "The quotation mark that opens in line {line} is never closed. Mend that line and upload again."
                )
            }
            Self::NoHeader => format!(
                "No row of headings was found among the first 30 rows. Use headings such as {}.",
                headings(&Column::MANDATORY)
            ),
            Self::MissingColumns(columns) => {
                format!("Mandatory columns are missing: {}. Add them and upload again.", headings(columns))
            }
            Self::DoubledColumn(column) => {
                format!("The heading {} stands twice. Delete or rename one of them.", column.heading())
            }
            Self::SeveralSheets(names) => {
                format!("More than one sheet holds a list: {}. Save one sheet only, or join them.", names.join(", "))
            }
            Self::NoRows => "There is no row of data below the headings.".into(),
            Self::NiksRounded { ending, of } => format!(
                "{ending} of {of} NIK end with 0 (about 1 in 10 is normal): their 16th digit was lost because the column \
                 was stored as numbers. Format the column as text, fill it in again from the source, and upload again."
            ),
            Self::Unreadable { reason } => format!("The file cannot be read: {reason}."),
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for FileFault {}

fn headings(columns: &[Column]) -> String {
    columns.iter().map(|column| column.heading()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
