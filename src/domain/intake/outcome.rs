//! What a row would do to the list, and how many rows do what.

use serde::{Deserialize, Serialize};

use super::{Column, Finding};
use crate::domain::household::Particulars;

/// What a row does to the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IntakeOutcome)]
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
