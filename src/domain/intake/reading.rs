//! The cells of one row, read one after the other, with what was found on the way.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::civil::Date;

use super::date::{DateFault, read_date};
use super::meaning::{
    correction, effective, is_blank, lost_its_end, read_rt, rt_of_address, says_gone, says_none, with_digits,
};
use super::{CellForm, Column, Correction, Finding, FindingKind, RawCell, RawRow};
use crate::domain::household::{
    ADDRESS_MAX, CODE_MAX, FamilyCard, NAME_MAX, NOTE_MAX, Nik, NikFault, PLACE_MAX, Particulars, SOURCE_ID_MAX,
    Vulnerability, bare_number, hide_numbers, holds_number, is_scientific, is_tidy, name_says_deceased, tidy,
    village_code,
};

/// What a spreadsheet program shows where a formula failed.
const FORMULA_ERRORS: [&str; 9] =
    ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"];

/// Reads the cells of one row and keeps what it found.
pub(super) struct Reading<'a> {
    row: &'a RawRow,
    corrected: bool,
    pub(super) findings: Vec<Finding>,
    pub(super) corrections: Vec<Correction>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(row: &'a RawRow) -> Self {
        let corrected = row.cells.iter().any(|cell| cell.corrects);
        let mut reading = Self { row, corrected, findings: Vec::new(), corrections: Vec::new() };
        if corrected {
            reading.note_corrections();
        }
        if row.headless {
            reading.find(Column::Relation, FindingKind::HeadMissing, "");
        }
        reading
    }

    /// Keeps what a correction replaces beside what it is replaced by.
    fn note_corrections(&mut self) {
        for cell in &self.row.cells {
            let Some(correction) = correction(self.row, cell.column).filter(|other| std::ptr::eq(*other, cell)) else {
                continue;
            };
            let kept = |text: &str| tidy(text).text.chars().take(NOTE_MAX).collect::<String>();
            let original = self.row.cell(cell.column).map(|cell| kept(&cell.text)).unwrap_or_default();
            let corrected = kept(&correction.text);
            if original != corrected {
                self.corrections.push(Correction { column: cell.column, original, corrected });
            }
        }
    }

    /// The cell that counts: the correction where there is one, else the original.
    fn cell(&self, column: Column) -> Option<&'a RawCell> {
        if self.corrected { effective(self.row, column) } else { self.row.cell(column) }
    }

    pub(super) fn find(&mut self, column: Column, kind: FindingKind, seen: &str) {
        self.findings.push(Finding::new(column, kind, seen));
    }

    /// The text of a column, tidied and within its bound; empty when there is none or an error was found. Where texts lie
    /// open for search, no identity number is left in one.
    pub(super) fn text(&mut self, column: Column, max: usize) -> Cow<'a, str> {
        let text = self.plain_text(column, max);
        let open = matches!(
            column,
            Column::Name
                | Column::Relation
                | Column::Village
                | Column::SubDistrict
                | Column::Note
                | Column::EligibilityReason
                | Column::Presence
        );
        if !open || !holds_number(&text) {
            return text;
        }
        self.find(column, FindingKind::NumberHidden, "");
        Cow::Owned(hide_numbers(&text).into_owned())
    }

    fn plain_text(&mut self, column: Column, max: usize) -> Cow<'a, str> {
        let Some(cell) = self.cell(column) else { return Cow::Borrowed("") };
        // Nearly all cells are as they should be, and are not copied to be looked at.
        if is_tidy(&cell.text) && cell.text.len() <= max && !cell.text.starts_with(['\'', '#']) {
            return Cow::Borrowed(&cell.text);
        }
        let mut tidied = tidy(&cell.text);
        if let Some(rest) = tidied.text.strip_prefix('\'')
            && rest.starts_with(|sign: char| sign.is_ascii_digit() || matches!(sign, '=' | '+' | '-' | '@'))
        {
            // The apostrophe by which a spreadsheet program knows a text.
            tidied.text = rest.to_owned();
        }
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
            return Cow::Owned(tidied.text);
        };
        self.find(column, fault, &tidied.text);
        Cow::Borrowed("")
    }

    /// Whether an error was found in a column already, so that its emptiness is no second one.
    fn has_error(&self, column: Column) -> bool {
        self.findings.iter().any(|finding| finding.column == Some(column) && finding.is_error())
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, column: Column, max: usize, missing: FindingKind) -> Cow<'a, str> {
        let text = self.text(column, max);
        if text.is_empty() && !self.has_error(column) {
            self.find(column, missing, "");
        }
        text
    }

    /// A value read from a word, or nothing with a warning.
    pub(super) fn word<T>(
        &mut self,
        column: Column,
        unreadable: FindingKind,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(column, PLACE_MAX);
        if is_blank(&text) {
            return None;
        }
        let value = read(&text);
        if value.is_none() {
            self.find(column, unreadable, &text);
        }
        value
    }

    /// A code that must be among those known, in capitals. An empty one earns a warning.
    pub(super) fn code(
        &mut self,
        column: Column,
        known: &HashSet<String>,
        missing: FindingKind,
        unknown: FindingKind,
    ) -> String {
        // A file without the column leaves it to the office, which is no fault of a row.
        if self.row.cell(column).is_none() {
            return String::new();
        }
        let mut code = self.text(column, CODE_MAX).to_uppercase();
        if is_blank(&code) {
            code.clear();
        }
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
        let cell = self.cell(column)?;
        if FORMULA_ERRORS.contains(&cell.text.trim()) {
            self.find(column, FindingKind::FormulaError, "");
            return None;
        }
        Some(cell)
    }

    pub(super) fn nik(&mut self) -> Option<Nik> {
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
            Err(NikFault::Letters) if says_none(&cell.text) => FindingKind::NikMissing,
            Err(NikFault::Letters) => FindingKind::NikLetters,
            Err(NikFault::Length(_)) => FindingKind::NikLength,
            Err(NikFault::Zeroed) => FindingKind::NikZeroed,
        };
        self.find(column, kind, &cell.text);
        if kind == FindingKind::NikLetters
            && let Some(meant) = with_digits(&cell.text)
            && let Ok(nik) = Nik::parse(&meant)
        {
            self.suggest(&nik.masked());
        }
        None
    }

    /// Adds to what was found last what was probably meant.
    fn suggest(&mut self, masked: &str) {
        if let Some(finding) = self.findings.last_mut() {
            finding.seen.push_str(" → ");
            finding.seen.push_str(masked);
        }
    }

    pub(super) fn family_card(&mut self) -> Option<FamilyCard> {
        let column = Column::FamilyCard;
        // Lists such as P3KE's have no such column at all, which is no fault of a row.
        let cell = self.number(column)?;
        let kind = match FamilyCard::parse(&cell.text) {
            Ok(_) if lost_its_end(cell) => FindingKind::FamilyCardAsNumber,
            Ok(card) => return Some(card),
            Err(NikFault::Empty) => FindingKind::FamilyCardMissing,
            Err(NikFault::Scientific) => FindingKind::FamilyCardScientific,
            Err(NikFault::Letters) if says_none(&cell.text) => FindingKind::FamilyCardMissing,
            Err(NikFault::Letters) => FindingKind::FamilyCardLetters,
            Err(NikFault::Length(_)) => FindingKind::FamilyCardLength,
            Err(NikFault::Zeroed) => FindingKind::FamilyCardZeroed,
        };
        self.find(column, kind, &cell.text);
        if kind == FindingKind::FamilyCardLetters
            && let Some(meant) = with_digits(&cell.text)
            && let Ok(card) = FamilyCard::parse(&meant)
        {
            self.suggest(&card.masked());
        }
        None
    }

    pub(super) fn source_id(&mut self) -> String {
        let column = Column::SourceId;
        // A list without ids has no such cell; whoever asked to make them up does so.
        if self.row.cell(column).is_none() {
            return String::new();
        }
        let id = self.required(column, SOURCE_ID_MAX, FindingKind::SourceIdMissing);
        // An id such as 3E10 may be a true one; a spreadsheet always writes the sign. A number of more than
        // 15 digits has lost its end.
        let number = self.cell(column).is_some_and(|cell| cell.form == CellForm::Number);
        if (is_scientific(&id) && id.contains('+')) || (number && id.len() > 15) {
            self.find(column, FindingKind::SourceIdDamaged, &id);
        }
        id.into_owned()
    }

    /// A list may use the NIK for an id. It lies open as such, so another is made in its place.
    pub(super) fn keep_number_out_of_id(&mut self, of: &mut Particulars) {
        let id = bare_number(&of.source_id);
        let nik = of.nik.is_some_and(|nik| nik.digits() == id);
        if nik || of.family_card.is_some_and(|card| card.digits() == id) {
            self.find(Column::SourceId, FindingKind::SourceIdIsNumber, "");
            of.source_id.clear();
        }
    }

    pub(super) fn name(&mut self) -> String {
        let column = Column::Name;
        let name = self.required(column, NAME_MAX, FindingKind::NameMissing);
        if !name.is_empty() && !name.chars().any(char::is_alphabetic) {
            self.find(column, FindingKind::NameUnreadable, "");
        }
        if name_says_deceased(&name) {
            self.find(column, FindingKind::NameSaysDeceased, "");
        }
        name.into_owned()
    }

    pub(super) fn birth_date(&mut self, nik: Option<Nik>, today: Date) -> Option<Date> {
        let column = Column::BirthDate;
        let text = self.text(column, ADDRESS_MAX);
        if is_blank(&text) {
            return None;
        }
        let hint = nik.and_then(|nik| nik.birth_hint());
        let kind = match read_date(&text, hint, today) {
            Ok(read) => {
                if read.date.year() < 1900 || read.date > today {
                    FindingKind::BirthDateImpossible
                } else {
                    // A serial number that names the day of the NIK is beyond doubt.
                    let doubtful = read.from_serial && !hint.is_some_and(|hint| hint.agrees(read.date));
                    for (assumed, kind) in [
                        (doubtful, FindingKind::BirthDateFromSerial),
                        (read.month_first, FindingKind::BirthDateMonthFirst),
                        (read.century_assumed, FindingKind::BirthDateCentury),
                    ] {
                        if assumed {
                            self.find(column, kind, &text);
                        }
                    }
                    return Some(read.date);
                }
            }
            Err(DateFault::Zero) => FindingKind::BirthDateZero,
            Err(DateFault::Unreadable) => FindingKind::BirthDateUnreadable,
        };
        self.find(column, kind, &text);
        None
    }

    pub(super) fn village_code(&mut self) -> String {
        let column = Column::VillageCode;
        if self.row.cell(column).is_none() {
            return String::new();
        }
        let text = self.text(column, CODE_MAX);
        if is_blank(&text) {
            if !self.has_error(column) {
                self.find(column, FindingKind::VillageCodeMissing, "");
            }
            return String::new();
        }
        village_code(&text).unwrap_or_else(|| {
            // Ten digits of another scheme do no harm: the village is known by its name. What is cut off or
            // mistyped may name another village.
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let other = digits == 10 && text.bytes().all(|sign| sign.is_ascii_digit());
            let kind = if other { FindingKind::VillageCodeOther } else { FindingKind::VillageCodeUnreadable };
            self.find(column, kind, &text);
            String::new()
        })
    }

    /// The RT of its own column, or else the one that the address names.
    pub(super) fn rt(&mut self, address: &str) -> String {
        let own = self.word(Column::Rt, FindingKind::RtUnreadable, read_rt);
        own.or_else(|| rt_of_address(address)).unwrap_or_default()
    }

    pub(super) fn vulnerabilities(&mut self) -> Vec<Vulnerability> {
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

    /// The remark, with what verification said behind it.
    pub(super) fn note(&mut self) -> String {
        let mut note = self.text(Column::Note, NOTE_MAX).into_owned();
        for (column, word) in [(Column::EligibilityReason, "alasan"), (Column::Presence, "keberadaan")] {
            let text = self.text(column, ADDRESS_MAX);
            if is_blank(&text) {
                continue;
            }
            if column == Column::Presence && says_gone(&text) {
                self.find(column, FindingKind::PresenceGone, "");
            }
            let part = format!("{word}: {text}");
            if note.chars().count() + part.chars().count() + 2 <= NOTE_MAX {
                if !note.is_empty() {
                    note.push_str("; ");
                }
                note.push_str(&part);
            }
        }
        note
    }

    /// What the NIK says beside what the other columns say. All of it only warns: a NIK never changes,
    /// neither on moving nor when a birth date is put right.
    pub(super) fn compare_with_nik(&mut self, nik: Nik, of: &Particulars) {
        if of.family_card.is_some_and(|card| card.digits() == nik.digits()) {
            self.find(Column::Nik, FindingKind::NikIsFamilyCard, &nik.masked());
        }
        let regency = of.village_code.bytes().filter(u8::is_ascii_digit).take(4);
        if !nik.province_is_known() {
            self.find(Column::Nik, FindingKind::NikProvinceUnknown, &nik.masked());
        } else if !of.village_code.is_empty() && !regency.eq(nik.regency().bytes()) {
            self.find(Column::Nik, FindingKind::NikOtherRegency, &nik.masked());
        }
        match nik.birth_hint() {
            None => self.find(Column::Nik, FindingKind::NikBirthImpossible, &nik.masked()),
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
