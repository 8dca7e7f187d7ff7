//! Rows against the rows before them, and a file against what damaged files look like.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use jiff::civil::Date;

use super::meaning::effective;
use super::{Checked, Column, FileFault, Finding, FindingKind, Known, RawRow, check, is_head};
use crate::domain::household::{FamilyCard, Nik, Particulars, Sex, bare_number, fold_person};

/// So many years apart two of one family are hardly husband and wife.
const SPOUSES_APART: i16 = 25;

/// Who holds a family card.
#[derive(Clone, Copy)]
struct Holder {
    row: u32,
    sex: Option<Sex>,
    birth_date: Option<Date>,
    head: bool,
}

/// The rows of a file that were taken so far, so that what stands twice is found. Texts are remembered by
/// their hash under a secret of the process: less memory, and nothing personal.
#[derive(Default)]
pub struct Seen {
    niks: HashMap<Nik, u32>,
    sources: HashMap<u64, u32>,
    cards: HashMap<FamilyCard, Holder>,
    /// By name and birth date.
    born: HashMap<u64, u32>,
    /// By name and village.
    living: HashMap<u64, (u32, Option<Date>)>,
    secret: RandomState,
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seen {} rows", self.sources.len())
    }
}

impl Seen {
    /// Compares a household with the rows before it, and remembers it unless an error was found. The same
    /// NIK or source id rejects the later row; the same family card, or the same person by name, only
    /// warns: two households can share a card, and two persons a name.
    pub fn admit(&mut self, row: u32, particulars: &Particulars) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut doubled = |column, kind, seen: &dyn Fn() -> String, first: Option<u32>| {
            if let Some(first) = first {
                findings.push(Finding { first_row: Some(first), ..Finding::new(column, kind, &seen()) });
            }
        };
        // Empty where ids are to be made up.
        let source = (!particulars.source_id.is_empty()).then(|| self.secret.hash_one(&particulars.source_id));
        let first = source.and_then(|source| self.sources.get(&source)).copied();
        doubled(Column::SourceId, FindingKind::SourceIdDoubled, &|| particulars.source_id.clone(), first);
        if let Some(nik) = particulars.nik {
            doubled(Column::Nik, FindingKind::NikDoubled, &|| nik.masked(), self.niks.get(&nik).copied());
        }
        let holder = Holder {
            row,
            sex: particulars.sex,
            birth_date: particulars.birth_date,
            head: is_head(&particulars.relation),
        };
        if let Some(card) = particulars.family_card {
            let first = self.cards.get(&card);
            doubled(
                Column::FamilyCard,
                FindingKind::FamilyCardDoubled,
                &|| card.masked(),
                first.map(|first| first.row),
            );
            let spouses = first.filter(|first| are_spouses(first, &holder));
            doubled(Column::FamilyCard, FindingKind::SpousesListed, &String::new, spouses.map(|first| first.row));
        }
        let name = fold_person(&particulars.name);
        let born =
            particulars.birth_date.map(|date| self.secret.hash_one((&name, date.year(), date.month(), date.day())));
        let living = self.secret.hash_one((&name, &particulars.village, &particulars.sub_district));
        if !findings.iter().any(Finding::is_error) {
            let same_birth = born.and_then(|born| self.born.get(&born)).copied();
            let same_village = self.living.get(&living);
            let same_village = same_village.filter(|(_, date)| nearly(*date, particulars.birth_date));
            if let Some(first) = same_birth.or(same_village.map(|(row, _)| *row)) {
                let kind = FindingKind::PersonDoubled;
                findings.push(Finding { first_row: Some(first), ..Finding::new(Column::Name, kind, "") });
            }
            if let Some(source) = source {
                self.sources.insert(source, row);
            }
            if let Some(card) = particulars.family_card {
                self.cards.entry(card).or_insert(holder);
            }
            if let Some(nik) = particulars.nik {
                self.niks.insert(nik, row);
            }
            if let Some(born) = born {
                self.born.entry(born).or_insert(row);
            }
            self.living.entry(living).or_insert((row, particulars.birth_date));
        }
        findings
    }
}

/// Whether two of one family card are probably husband and wife.
fn are_spouses(a: &Holder, b: &Holder) -> bool {
    let years = |date: Option<Date>| date.map(|date| date.year());
    let near = match (years(a.birth_date), years(b.birth_date)) {
        (Some(a), Some(b)) => a.abs_diff(b) <= SPOUSES_APART.unsigned_abs(),
        _ => a.head != b.head,
    };
    near && a.sex.is_some() && b.sex.is_some() && a.sex != b.sex
}

/// Whether two birth dates can be one, of which a part was mistyped. Two of one name in a village are two
/// persons when their birth dates are plainly different.
fn nearly(a: Option<Date>, b: Option<Date>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return true };
    let differ = [a.year() != b.year(), a.month() != b.month(), a.day() != b.day()];
    let swapped = a.year() == b.year() && a.month() == b.day() && a.day() == b.month();
    swapped || differ.into_iter().filter(|differ| *differ).count() <= 1
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
        let Some(cell) = effective(row, Column::Nik) else { return };
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
