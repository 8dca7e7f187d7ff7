//! One row, read and checked by itself: either a household, or the reasons why not.

use std::collections::HashSet;

use jiff::civil::Date;

use super::{CellForm, Column, Correction, Finding, FindingKind, RawCell, RawRow};
use crate::domain::household::{
    ADDRESS_MAX, CODE_MAX, Eligibility, FamilyCard, NAME_MAX, NOTE_MAX, Nik, NikFault, PLACE_MAX, Particulars,
    RELATION_MAX, SOURCE_ID_MAX, Sex, Vulnerability, bare_number, is_scientific, name_says_deceased, plain_word, tidy,
    village_code,
};

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
    /// What other columns of the file put right; the household carries the corrected values.
    pub corrections: Vec<Correction>,
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
            let bps = crate::domain::place::is_bps_code(&text);
            let kind = if bps { FindingKind::VillageCodeBps } else { FindingKind::VillageCodeUnreadable };
            self.find(column, kind, &text);
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
    Checked { particulars: (!rejected).then_some(particulars), findings, corrections: Vec::new() }
}
