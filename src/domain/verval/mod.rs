//! Verification and validation (verval): what a programme has decided about a household and why, whether
//! two households are the same, and which one takes the place of another.
//!
//! A decision is never changed, only followed by a newer one. Nothing here is about paper: who holds a
//! voucher keeps it, whatever is decided afterwards, until somebody revokes it.

mod suspicion;

use serde::{Deserialize, Serialize};

pub use suspicion::{Kind, Likeness, State as SuspicionState, judge};

/// The most households that are decided on at once.
pub const BULK_MAX: i64 = 10_000;

/// The longest note of a decision, in characters.
pub const EVIDENCE_MAX: usize = 500;

/// What a programme has decided about a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It receives (layak).
    Approved,
    /// It does not (tidak layak).
    NotEligible,
    /// It would receive if a place became free (cadangan).
    Reserve,
    /// Nobody has decided yet.
    Undecided,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Approved, Self::NotEligible, Self::Reserve, Self::Undecided];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::NotEligible => "not_eligible",
            Self::Reserve => "reserve",
            Self::Undecided => "undecided",
        }
    }

    /// The standing with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == code)
    }
}

/// Why a household is not eligible, or is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The recipient died (meninggal).
    Deceased,
    /// They moved away (pindah).
    Moved,
    /// Nobody knows them at the address (tidak ditemukan).
    NotFound,
    /// They do not want it (menolak).
    Refused,
    /// They are not poor any more (mampu).
    BetterOff,
    /// They draw a salary of the state (ASN/TNI/Polri).
    StateEmployee,
    /// The same household is in the list a second time (ganda).
    Duplicate,
    /// Another household took its place (diganti); only a substitution says so.
    Replaced,
    /// Anything else: the note says what.
    Other,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Deceased,
        Self::Moved,
        Self::NotFound,
        Self::Refused,
        Self::BetterOff,
        Self::StateEmployee,
        Self::Duplicate,
        Self::Replaced,
        Self::Other,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deceased => "deceased",
            Self::Moved => "moved",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::BetterOff => "better_off",
            Self::StateEmployee => "state_employee",
            Self::Duplicate => "duplicate",
            Self::Replaced => "replaced",
            Self::Other => "other",
        }
    }

    /// The reason with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == code)
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deceased => "meninggal",
            Self::Moved => "pindah",
            Self::NotFound => "tidak ditemukan",
            Self::Refused => "menolak",
            Self::BetterOff => "sudah mampu",
            Self::StateEmployee => "ASN/TNI/Polri",
            Self::Duplicate => "ganda",
            Self::Replaced => "diganti",
            Self::Other => "lainnya",
        }
    }

    /// Whether a person may give it: that a household was replaced follows from a substitution alone.
    #[must_use]
    pub fn is_given(self) -> bool {
        self != Self::Replaced
    }
}

/// What a statement of responsibility is called by its number. Many offices write the word into the number.
#[must_use]
pub fn statement(number: &str) -> String {
    let number = number.trim();
    if number.to_uppercase().contains("SPTJM") { number.to_owned() } else { format!("SPTJM {number}") }
}

/// What is wrong with a decision that somebody wants to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A decision is taken, not taken back.
    Undecided,
    /// Whoever is not eligible is told why.
    NoReason,
    /// A reason stands only beside "not eligible".
    ReasonBesides,
    /// That a household was replaced is not for anybody to say.
    NotGiven,
    /// "Other" needs a note that says what.
    NoNote,
}

impl Fault {
    /// The field, and what would be right.
    #[must_use]
    pub const fn field(self) -> (&'static str, &'static str) {
        match self {
            Self::Undecided => ("standing", "one of approved, not_eligible, reserve"),
            Self::NoReason => ("reason", "a household that is not eligible needs a reason"),
            Self::ReasonBesides => ("reason", "only a household that is not eligible has one"),
            Self::NotGiven => ("reason", "only an approved substitution says that a household was replaced"),
            Self::NoNote => ("evidence", "the reason `other` needs a note that says what it is"),
        }
    }
}

/// Checks a decision: standing, reason and note have to go together.
pub fn check(standing: Standing, reason: Option<Reason>, evidence: &str) -> Result<(), Fault> {
    match (standing, reason) {
        (Standing::Undecided, _) => Err(Fault::Undecided),
        (Standing::NotEligible, None) => Err(Fault::NoReason),
        (Standing::NotEligible, Some(reason)) if !reason.is_given() => Err(Fault::NotGiven),
        (Standing::NotEligible, Some(Reason::Other)) if evidence.trim().is_empty() => Err(Fault::NoNote),
        (Standing::Approved | Standing::Reserve, Some(_)) => Err(Fault::ReasonBesides),
        _ => Ok(()),
    }
}

/// Where a proposal to replace a household stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubstitutionState {
    /// Nobody has decided yet.
    Proposed,
    /// The other household has taken the place.
    Approved,
    /// It has not.
    Refused,
}

impl SubstitutionState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Proposed, Self::Approved, Self::Refused];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_not_eligible_is_told_why_and_nobody_else_is() {
        assert_eq!(check(Standing::Approved, None, ""), Ok(()));
        assert_eq!(check(Standing::Reserve, None, "musdes"), Ok(()));
        assert_eq!(check(Standing::NotEligible, None, "kata RT"), Err(Fault::NoReason));
        assert_eq!(check(Standing::Approved, Some(Reason::Moved), ""), Err(Fault::ReasonBesides));
        assert_eq!(check(Standing::Undecided, None, ""), Err(Fault::Undecided));
        assert_eq!(check(Standing::NotEligible, Some(Reason::Other), " "), Err(Fault::NoNote));
        assert_eq!(check(Standing::NotEligible, Some(Reason::Other), "rumah dijual"), Ok(()));
        assert_eq!(check(Standing::NotEligible, Some(Reason::Replaced), "x"), Err(Fault::NotGiven));
        for reason in Reason::ALL.into_iter().filter(|reason| reason.is_given()) {
            assert_eq!(check(Standing::NotEligible, Some(reason), "surat 12"), Ok(()));
        }
    }

    #[test]
    fn every_word_reads_back_from_its_code() {
        for one in Standing::ALL {
            assert_eq!(Standing::parse(one.as_str()), Some(one));
        }
        for one in Reason::ALL {
            assert_eq!(Reason::parse(one.as_str()), Some(one));
        }
        for one in SubstitutionState::ALL {
            assert_eq!(SubstitutionState::parse(one.as_str()), Some(one));
        }
        assert_eq!(Standing::parse("layak"), None);
    }
}
