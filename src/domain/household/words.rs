//! The words of the civil registry and of verification: sex, eligibility, vulnerability.

use serde::{Deserialize, Serialize};

use super::plain_word;

/// Sex, as the civil registry writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Laki-laki.
    Male,
    /// Perempuan.
    Female,
}

impl Sex {
    /// Reads `L`, `P` and the words for them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match plain_word(text).as_str() {
            "L" | "LK" | "LAKI" | "LAKI LAKI" | "LAKILAKI" | "PRIA" | "MALE" => Some(Self::Male),
            "P" | "PR" | "PEREMPUAN" | "WANITA" | "FEMALE" => Some(Self::Female),
            _ => None,
        }
    }

    /// The letter on cards and lists: `L` or `P`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Male => "L",
            Self::Female => "P",
        }
    }
}

/// What verification and validation (verval) found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Eligibility {
    /// LAYAK.
    Eligible,
    /// TIDAK LAYAK.
    NotEligible,
    /// Nothing yet.
    #[default]
    Undecided,
}

impl Eligibility {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Eligible, Self::NotEligible, Self::Undecided];

    /// Reads `LAYAK`, `TIDAK LAYAK` or nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match plain_word(text).as_str() {
            "LAYAK" | "ELIGIBLE" => Some(Self::Eligible),
            "TIDAK LAYAK" | "TDK LAYAK" | "NOT ELIGIBLE" => Some(Self::NotEligible),
            "" | "BELUM" | "BELUM DIPUTUSKAN" | "UNDECIDED" => Some(Self::Undecided),
            _ => None,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::NotEligible => "not_eligible",
            Self::Undecided => "undecided",
        }
    }

    /// The state of a stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }
}

/// Why somebody may need a delivery to the house, or a place at the front of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vulnerability {
    /// LANSIA.
    Elderly,
    /// DISABILITAS.
    Disabled,
    /// SAKIT.
    Ill,
    /// HAMIL.
    Pregnant,
    /// TINGGAL SENDIRI.
    LivesAlone,
}

impl Vulnerability {
    /// Every category.
    pub const ALL: [Self; 5] = [Self::Elderly, Self::Disabled, Self::Ill, Self::Pregnant, Self::LivesAlone];

    /// Reads one word of the column.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match plain_word(text).as_str() {
            "LANSIA" | "LANJUT USIA" => Some(Self::Elderly),
            "DISABILITAS" | "DIFABEL" => Some(Self::Disabled),
            "SAKIT" | "SAKIT MENAHUN" | "SAKIT KRONIS" => Some(Self::Ill),
            "HAMIL" | "IBU HAMIL" => Some(Self::Pregnant),
            "SENDIRI" | "TINGGAL SENDIRI" | "HIDUP SENDIRI" => Some(Self::LivesAlone),
            _ => None,
        }
    }

    /// The word in lists.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Elderly => "LANSIA",
            Self::Disabled => "DISABILITAS",
            Self::Ill => "SAKIT",
            Self::Pregnant => "HAMIL",
            Self::LivesAlone => "TINGGAL SENDIRI",
        }
    }
}
