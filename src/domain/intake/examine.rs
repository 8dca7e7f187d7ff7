//! Rows against the rows before them, and a file against what damaged files look like.

use std::collections::HashMap;
use std::fmt;

use super::{Checked, Column, FileFault, Finding, FindingKind, Known, RawRow, check};
use crate::domain::household::{FamilyCard, Nik, Particulars, bare_number};

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
