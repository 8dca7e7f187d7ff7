//! Identifiers. Each kind of thing has an id type of its own, so that a household's id cannot be
//! handed to a function that wants an entitlement's.
//!
//! All are 16 bytes. Ids that order by time are UUIDv7; ids that must not be guessed (an entitlement's)
//! are random. This file cannot draw either: time and randomness are handed in by the caller.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time::Timestamp;

/// A text that is not the id it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id (expected a UUID)")
    }
}

impl std::error::Error for NotAnId {}

/// What every id type offers, so that the store can read and write all of them with one rule.
pub trait Identifier: Copy {
    /// The id of these 16 bytes.
    fn from_bytes(bytes: [u8; 16]) -> Self;
    /// The 16 bytes of the id.
    fn bytes(&self) -> &[u8; 16];
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// An id that orders by `at`; `random` fills what the time does not.
            #[must_use]
            pub fn by_time(at: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(at.millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// An id of 128 random bits, for what must not be guessed.
            #[must_use]
            pub const fn random(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The id as a UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl Identifier for $name {
            fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
            fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::parse_str(text.trim()).map(Self).map_err(|_| NotAnId)
            }
        }
    )* };
}

ids! {
    /// An agency (OPD).
    AgencyId;
    /// A person who signs in.
    UserId;
    /// An access token, as listed; the secret itself is never stored.
    TokenId;
    /// A sign-in, as listed; the secret itself is never stored.
    SignInId;
    /// An invitation to take an account.
    InvitationId;
    /// What somebody asks to be done with a key.
    KeyRequestId;
    /// A time during which nothing is erased.
    LegalHoldId;
    /// A budget line (program bantuan).
    ProgrammeId;
    /// One version of a package.
    PackageId;
    /// One distribution of a programme (tahap).
    RoundId;
    /// A distribution point (titik).
    PointId;
    /// A time slot at a point in a round (sesi).
    SessionId;
    /// A household (KPM).
    HouseholdId;
    /// A file of households on its way in.
    IntakeId;
    /// A household as it was after an intake.
    VersionId;
    /// The right of one household in one round: 128 random bits, what the voucher names.
    EntitlementId;
    /// A scanner, or a desk in a browser.
    DeviceId;
    /// A redemption, chosen by the caller, so that a retry is recognised.
    RedemptionId;
    /// A stop of a programme, a round or a point.
    PauseId;
    /// One attempt to verify or redeem.
    AttemptId;
    /// One line of the audit trail.
    AuditId;
    /// One decision on a household (verval).
    DecisionId;
    /// Two households that may be one.
    SuspicionId;
    /// One household in the place of another (pengganti).
    SubstitutionId;
    /// One version of a programme's list, as a decree fixed it.
    ListId;
    /// A document as it was made.
    DocumentId;
    /// The vouchers of one RT that go out together.
    BundleId;
    /// One step of a bundle on its way.
    CustodyStepId;
    /// A reprint that was asked for.
    ReprintId;
    /// What a household is still owed, as somebody proposed it (jatah pengecualian).
    ExceptionId;
    /// A note on why a household has not come.
    AbsenceId;
    /// Something that a person must decide (kejadian).
    CaseId;
    /// One step of a case.
    CaseStepId;
    /// A contract with a supplier.
    ContractId;
    /// What a supplier brought at once.
    DeliveryId;
    /// Goods on their way from a place to a place (surat jalan).
    ShipmentId;
    /// An entry about goods at a place.
    StockEntryId;
    /// A count of an item at a place.
    StockCountId;
    /// What a supplier asks for.
    InvoiceId;
    /// That an invoice be withdrawn.
    WithdrawalId;
    /// What the treasury paid (SP2D).
    PaymentId;
    /// A period that closed, or an addendum to it.
    ClosingId;
    /// A sample of households that are asked at their doors (uji petik).
    SpotCheckId;
    /// A view of a list that somebody keeps.
    SavedFilterId;
    /// A print run that a server works on by itself.
    JobId;
    /// A server's hold on such a run.
    RunnerId;
}
