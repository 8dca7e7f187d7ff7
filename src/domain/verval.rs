//! Verification and validation (verval): what a programme has decided about a household, and why.

/// What a programme has decided about a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
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
