//! The server's side of the protocol at rest: three kinds of rows, and the facts that must survive a restore.

use super::super::entitlement::{Fence, State};
use super::super::id::{DeviceId, EntitlementId, PointId, RedemptionId, UserId};

use super::evidence::Conflict;
use super::message::{Head, Receipt};

/// What the server knows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Office {
    /// Grows with every restore or failover, and is stored outside before it is used (A4).
    pub epoch: u32,
    /// How many enrolled devices still owe an answer in this epoch.
    pub missing: u32,
}

impl Office {
    /// Rule 8: until every enrolled device has answered in this epoch, or is written off, nobody can say
    /// what is on lease, so nothing is granted and nothing is redeemed at the server's own desks.
    #[must_use]
    pub const fn recovering(self) -> bool {
        self.missing > 0
    }

    /// Whether a device has seen more than this server remembers (V8): the server was set back without
    /// anybody saying so, and must be restored properly before it grants anything.
    #[must_use]
    pub const fn is_behind(self, own: Head, device_epoch: u32, seen: Head) -> bool {
        device_epoch > self.epoch || seen.size > own.size
    }
}

/// Who keeps a device's journal and key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keeper {
    /// The device itself: it may be out of reach, and is waited for after a restore.
    Itself,
    /// The server, for a desk in a browser: its journal is among the outside facts (rule 13).
    Server,
}

/// Whether a device may have more leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It may.
    Active,
    /// It may not; what it holds it still settles.
    Revoked,
    /// Two persons gave it up; only its receipts still count.
    WrittenOff,
}

/// What the server knows of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Member {
    /// Which.
    pub device: DeviceId,
    /// The one point whose entitlements it may lease: this bounds what a lost device can hold.
    pub point: PointId,
    /// Who keeps its journal.
    pub keeper: Keeper,
    /// Whether it may have more leases.
    pub standing: Standing,
    /// Two different receipts took one place in its chain: a copy exists, or it was set back.
    pub forked: bool,
    /// The newest epoch in which it said what it holds.
    pub answered: u32,
    /// The highest place in its chain that a receipt has come for.
    pub highest: u64,
    /// How many places of its chain a receipt has come for.
    pub received: u64,
}

impl Member {
    /// A device as it is enrolled: it holds nothing, so it has answered.
    #[must_use]
    pub const fn enrolled(device: DeviceId, point: PointId, keeper: Keeper, epoch: u32) -> Self {
        Self {
            device,
            point,
            keeper,
            standing: Standing::Active,
            forked: false,
            answered: epoch,
            highest: 0,
            received: 0,
        }
    }

    /// Whether the server must wait for its answer in this epoch (rules 8 and 10).
    #[must_use]
    pub fn owes_answer(&self, epoch: u32) -> bool {
        self.keeper == Keeper::Itself && self.standing != Standing::WrittenOff && self.answered < epoch
    }

    /// Whether it may be given another lease.
    #[must_use]
    pub fn may_receive(&self) -> bool {
        self.standing == Standing::Active && !self.forked
    }

    /// How many receipts are known to exist and have not come (V6).
    #[must_use]
    pub const fn gap(&self) -> u64 {
        self.highest.saturating_sub(self.received)
    }
}

/// Where the right to redeem an entitlement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// With the server.
    Available,
    /// With this device.
    Leased(DeviceId),
    /// Used.
    Redeemed(RedemptionId),
    /// Taken away.
    Revoked,
    /// With a device that was written off: a person must decide.
    Unresolved(DeviceId),
    /// Never used.
    Expired,
}

impl Right {
    /// The state under which the entitlement is kept and shown.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Available => State::Available,
            Self::Leased(_) => State::Leased,
            Self::Redeemed(_) => State::Redeemed,
            Self::Revoked => State::Revoked,
            Self::Unresolved(_) => State::Unresolved,
            Self::Expired => State::Expired,
        }
    }

    /// The device that has, or may have, the right.
    #[must_use]
    pub const fn holder(self) -> Option<DeviceId> {
        match self {
            Self::Leased(device) | Self::Unresolved(device) => Some(device),
            _ => None,
        }
    }

    /// Put together again from what is kept; `None` when the parts do not fit each other.
    #[must_use]
    pub const fn of(state: State, holder: Option<DeviceId>, receipt: Option<RedemptionId>) -> Option<Self> {
        match (state, holder, receipt) {
            (State::Available, None, None) => Some(Self::Available),
            (State::Leased, Some(device), None) => Some(Self::Leased(device)),
            (State::Redeemed, _, Some(receipt)) => Some(Self::Redeemed(receipt)),
            (State::Revoked, None, None) => Some(Self::Revoked),
            (State::Unresolved, Some(device), None) => Some(Self::Unresolved(device)),
            (State::Expired, None, None) => Some(Self::Expired),
            _ => None,
        }
    }
}

/// Whether an entitlement is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Hold {
    /// It is not.
    #[default]
    No,
    /// It shall be, and the device that holds the lease has not said yes: the screen must not say "held".
    Requested,
    /// It is.
    Effective,
}

/// What the server knows of one entitlement. A step replaces it as a whole, if it still is what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Row {
    /// Which.
    pub entitlement: EntitlementId,
    /// The one point at which it can be redeemed.
    pub point: PointId,
    /// The newest lease that this server knows of.
    pub fence: Fence,
    /// Where the right is.
    pub right: Right,
    /// Somebody wants it revoked, and it cannot be yet (rule 7).
    pub revoke_requested: bool,
    /// Whether it is held back.
    pub hold: Hold,
    /// A device that was written off in a recovery and may have had this lease after the backup was made.
    /// It matters when the right would come free, until a device shows that the right is with it.
    pub doubt: Option<DeviceId>,
    /// A replacement was approved while it was unresolved.
    pub replaced: bool,
}

impl Row {
    /// An entitlement as issued.
    #[must_use]
    pub const fn issued(entitlement: EntitlementId, point: PointId, epoch: u32) -> Self {
        Self {
            entitlement,
            point,
            fence: Fence { epoch, counter: 0 },
            right: Right::Available,
            revoke_requested: false,
            hold: Hold::No,
            doubt: None,
            replaced: false,
        }
    }

    /// The number of the next lease (V5): greater than every one before, also than those that a restored
    /// server has forgotten, since those are of an older epoch.
    #[must_use]
    pub const fn next_fence(&self, office: Office) -> Fence {
        Fence { epoch: office.epoch, counter: self.fence.counter + 1 }
    }
}

/// What must be known after any restore, so it is stored outside the database before anybody hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// A new life of the server began.
    Epoch(u32),
    /// A device was enrolled (rule 11).
    Enrolled {
        /// Which.
        device: DeviceId,
        /// For which point.
        point: PointId,
        /// Who keeps its journal.
        keeper: Keeper,
        /// In which epoch.
        epoch: u32,
    },
    /// A device may have no more leases.
    Barred(DeviceId),
    /// A device was given up.
    WrittenOff(DeviceId),
    /// An entitlement was taken away.
    Revoked(EntitlementId),
    /// An entitlement ended unused. A caller may store it once for a whole round.
    Expired(EntitlementId),
    /// A receipt that is the redemption of its entitlement.
    Redeemed(Receipt),
    /// A receipt that is not.
    Conflict(Receipt, Conflict),
}

/// Two different persons who stand for one decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FourEyes {
    asked: UserId,
    agreed: UserId,
}

impl FourEyes {
    /// `None` when it is one person twice.
    #[must_use]
    pub fn of(asked: UserId, agreed: UserId) -> Option<Self> {
        (asked != agreed).then_some(Self { asked, agreed })
    }

    /// Who asked, and who agreed.
    #[must_use]
    pub const fn persons(self) -> (UserId, UserId) {
        (self.asked, self.agreed)
    }
}
