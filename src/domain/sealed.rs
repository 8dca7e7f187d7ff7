//! Personal data as it may be kept: sealed, with a blind index beside it for exact search.
//!
//! NIK, No. KK, address, birth date and the name of a proxy leave memory only as a [`Sealed`] value.
//! This file knows the shapes; the room `vault` holds the keys that seal and open them.

use std::fmt;

/// Ciphertext of a personal value, bound to the column and the record that it belongs to.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Wraps ciphertext that the vault made, or that the store read back.
    #[must_use]
    pub const fn from_ciphertext(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        &self.0
    }
}

/// Says nothing of the content, so that a log line cannot leak even the ciphertext.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// A keyed digest of a normalised value: equal values have equal indexes, and nothing else can be
/// learned from one without the installation's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlindIndex(pub [u8; 16]);

/// What a sealed value is. It is part of what is authenticated: a sealed address cannot be moved
/// into the column of a NIK, nor to another record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// National identity number.
    Nik,
    /// Family-card number.
    FamilyCard,
    /// Street address.
    Address,
    /// Date of birth.
    BirthDate,
    /// The name of who collected for somebody else.
    CollectorName,
    /// A row of an intake, waiting for a decision.
    IntakeRow,
    /// The last four digits of a national identity number; only ever indexed.
    NikTail,
    /// A household as it was after an intake.
    HouseholdVersion,
    /// A file whose columns somebody has to point out first.
    ParkedUpload,
    /// Where a search goes on, with what was looked for; given to a browser and never kept.
    SearchCursor,
    /// What a document says.
    Document,
    /// The shared secret of a person's one-time codes.
    SecondFactor,
    /// The key that opens the names in a device's leases.
    NamesKey,
    /// What people write about a case.
    CaseText,
    /// The token with which a device speaks to its server; kept on the device alone.
    DeviceToken,
    /// A household in a round, as the log tells it from every other there and from itself elsewhere; only ever indexed.
    HouseholdInRound,
    /// That somebody of a name signed in with a browser; only ever indexed, and kept by the browser alone.
    KnownBrowser,
}

impl Field {
    /// The stable name under which the field is sealed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nik => "nik",
            Self::FamilyCard => "family_card",
            Self::Address => "address",
            Self::BirthDate => "birth_date",
            Self::CollectorName => "collector_name",
            Self::IntakeRow => "intake_row",
            Self::NikTail => "nik_tail",
            Self::HouseholdVersion => "household_version",
            Self::ParkedUpload => "parked_upload",
            Self::SearchCursor => "search_cursor",
            Self::Document => "document",
            Self::SecondFactor => "second_factor",
            Self::NamesKey => "names_key",
            Self::CaseText => "case_text",
            Self::DeviceToken => "device_token",
            Self::HouseholdInRound => "household_in_round",
            Self::KnownBrowser => "known_browser",
        }
    }
}
