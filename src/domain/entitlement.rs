//! The entitlement: the right of one household in one round, and the states it passes through.
//!
//! It is the unit of exactly-once. There may be several papers for one entitlement; there is at most one
//! handout. It never re-opens: what is owed after a short handout, or after a reversal, is a new
//! entitlement with its own approval.

use serde::{Deserialize, Serialize};

use super::id::{DeviceId, EntitlementId, HouseholdId, PointId, RoundId};
use super::money::Money;
use super::voucher::TypedCode;

/// Where an entitlement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EntitlementState)]
pub enum State {
    /// The server holds the right to redeem it.
    Available,
    /// One device holds the right, also while offline.
    Leased,
    /// It was handed over, once.
    Redeemed,
    /// It was taken away, with a reason.
    Revoked,
    /// The device that held it was written off: a person must decide.
    Unresolved,
    /// The round ended before anybody came.
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Available, Self::Leased, Self::Redeemed, Self::Revoked, Self::Unresolved, Self::Expired];

    /// The states in which its paper is still good: a lease moves the right to redeem, not the voucher.
    pub const PRINTABLE: [Self; 2] = [Self::Available, Self::Leased];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Leased => "leased",
            Self::Redeemed => "redeemed",
            Self::Revoked => "revoked",
            Self::Unresolved => "unresolved",
            Self::Expired => "expired",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }

    /// Whether its paper is still good.
    #[must_use]
    pub const fn is_printable(self) -> bool {
        matches!(self, Self::Available | Self::Leased)
    }

    /// Whether its value counts as committed: neither handed over nor given back to the budget.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Available | Self::Leased | Self::Unresolved)
    }
}

/// A right to redeem is numbered: a later one is always greater, and none is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fence {
    /// Increases with every restore of the server.
    pub epoch: u32,
    /// Increases with every grant of this entitlement.
    pub counter: u64,
}

/// The right of one household in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// 128 random bits.
    pub id: EntitlementId,
    /// The round.
    pub round: RoundId,
    /// The household.
    pub household: HouseholdId,
    /// The one point at which it can be redeemed.
    pub point: PointId,
    /// The time slot, which only informs.
    pub session_no: i32,
    /// The desk, which only informs.
    pub desk_no: i32,
    /// Its value when issued.
    pub value: Money,
    /// Where it stands.
    pub state: State,
    /// The newest right to redeem it.
    pub fence: Fence,
    /// The device that holds it, while leased.
    pub holder: Option<DeviceId>,
    /// The newest print; older papers answer `superseded`.
    pub print_no: i32,
    /// The code beside the QR.
    pub typed_code: TypedCode,
    /// Why it is held back, when it is.
    pub held_reason: Option<String>,
    /// Why it was revoked, when it was.
    pub revoked_reason: Option<String>,
    /// What is asked of a device that holds it, and what is in doubt.
    pub marks: Marks,
    /// For which right it stands, when it is an exception.
    pub stands_for: Option<StandsFor>,
}

/// The link of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandsFor {
    /// The first right of the household in the round.
    pub first: EntitlementId,
    /// 1, 2, 3 … of the exceptions that stand for it.
    pub number: i32,
}

/// What goes with an entitlement that a device holds, or may hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Why it shall be revoked, once the device has answered.
    pub revoke_requested: Option<String>,
    /// The device has confirmed that it holds it back.
    pub hold_taken: bool,
    /// It was let go while with the device, which may not have heard.
    pub release_owed: bool,
    /// A device that was given up may have it besides.
    pub doubt: Option<DeviceId>,
    /// A replacement was approved while nobody knew.
    pub replaced: bool,
}

/// A hold as it can be known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold<'a> {
    /// There is none.
    None,
    /// It is asked for: a device has the right and cannot know of it yet. In force once the right is back.
    Requested(&'a str),
    /// In force, for this reason.
    Effective(&'a str),
}

impl Hold<'_> {
    /// The stable code.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Requested(_) => "requested",
            Self::Effective(_) => "effective",
        }
    }
}

impl Entitlement {
    /// The first right of its household in the round: itself, unless it is an exception.
    #[must_use]
    pub fn first(&self) -> EntitlementId {
        self.stands_for.map_or(self.id, |stands| stands.first)
    }

    /// Whether it is held back. A hold on what has ended says nothing any more.
    #[must_use]
    pub fn hold(&self) -> Hold<'_> {
        match (self.held_reason.as_deref(), self.state) {
            (Some(reason), State::Available) => Hold::Effective(reason),
            (Some(reason), State::Leased) if self.marks.hold_taken => Hold::Effective(reason),
            (Some(reason), State::Leased) => Hold::Requested(reason),
            _ => Hold::None,
        }
    }
}
