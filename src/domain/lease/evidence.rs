//! What is kept about a message that does not fit: nothing that a device signed is ever dropped.

use super::super::id::{DeviceId, EntitlementId};

use super::message::{NO_RECEIPT, Receipt};
use super::office::{Right, Row};

/// Why a receipt is not the redemption of its entitlement. Goods may have gone out on it: each is a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conflict {
    /// The entitlement has another receipt.
    AlreadyRedeemed,
    /// The entitlement was taken away.
    Revoked,
    /// The entitlement's round ended with nobody holding it.
    Expired,
    /// The right is with the server.
    NotLeased,
    /// The right is with another device.
    OtherDevice,
    /// The device has the right, under a lease of another life of the server.
    OtherEpoch,
    /// The device has the right, under another lease.
    OtherFence,
    /// Another receipt has this id.
    IdReused,
}

impl Conflict {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::AlreadyRedeemed,
        Self::Revoked,
        Self::Expired,
        Self::NotLeased,
        Self::OtherDevice,
        Self::OtherEpoch,
        Self::OtherFence,
        Self::IdReused,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlreadyRedeemed => "already_redeemed",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::NotLeased => "not_leased",
            Self::OtherDevice => "other_device",
            Self::OtherEpoch => "other_epoch",
            Self::OtherFence => "other_fence",
            Self::IdReused => "id_reused",
        }
    }

    /// The reason with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == code)
    }
}

/// Why a receipt does not settle this row; the caller has found that it does not.
pub(super) fn why_not(row: &Row, receipt: &Receipt) -> Conflict {
    match row.right {
        Right::Redeemed(_) => Conflict::AlreadyRedeemed,
        Right::Revoked => Conflict::Revoked,
        Right::Expired => Conflict::Expired,
        Right::Available => Conflict::NotLeased,
        Right::Leased(holder) | Right::Unresolved(holder) if holder != receipt.device => Conflict::OtherDevice,
        _ if row.fence.epoch != receipt.fence.epoch => Conflict::OtherEpoch,
        _ => Conflict::OtherFence,
    }
}

/// What is put on record besides a conflict, for a person to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Two receipts of one device took one place, or one does not follow the other: the device was copied
    /// or set back (S4).
    Fork {
        /// Which.
        device: DeviceId,
        /// At which place.
        seq: u64,
    },
    /// An unresolved entitlement turned out to be redeemed, after its replacement was approved.
    DoubleHandout {
        /// Which.
        entitlement: EntitlementId,
    },
    /// A device says that it redeemed, and no receipt shows it.
    ReceiptMissing {
        /// Which.
        device: DeviceId,
        /// What.
        entitlement: EntitlementId,
    },
    /// A device says that it holds a lease that it cannot hold.
    StaleClaim {
        /// Which.
        device: DeviceId,
        /// What.
        entitlement: EntitlementId,
    },
}

/// What the server already keeps around a receipt's place, looked up by the caller. Conflicts count too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Known {
    /// The hash of the receipt with the same id.
    pub same_id: Option<[u8; 32]>,
    /// The hash of the first receipt of the device at the same place.
    pub at_seq: Option<[u8; 32]>,
    /// The hash of the first one at the place before.
    pub before: Option<[u8; 32]>,
    /// What the first one at the place behind points to.
    pub after: Option<[u8; 32]>,
}

/// Whether a receipt fits into the device's chain as far as that is known (rule 14, V6).
#[must_use]
pub fn in_chain(receipt: &Receipt, known: &Known) -> bool {
    let differs = |kept: Option<[u8; 32]>, own: [u8; 32]| kept.is_some_and(|kept| kept != own);
    receipt.seq > 0
        && (receipt.seq != 1 || receipt.prev_hash == NO_RECEIPT)
        && !differs(known.at_seq, receipt.hash)
        && !differs(known.before, receipt.prev_hash)
        && !differs(known.after, receipt.hash)
}

/// What is wrong with an item that never becomes a receipt, a return or an answer. Each is answered for
/// itself and never holds up the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BadItem {
    /// It cannot be read.
    Malformed,
    /// It is signed with a key that this installation does not know.
    OtherInstallation,
    /// It names a known key, which did not sign it.
    Altered,
    /// It is signed by another device than the one it names.
    OtherDevice,
    /// It names an entitlement that does not exist.
    Unknown,
}

impl BadItem {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Malformed, Self::OtherInstallation, Self::Altered, Self::OtherDevice, Self::Unknown];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::OtherInstallation => "other_installation",
            Self::Altered => "altered",
            Self::OtherDevice => "other_device",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is kept for a person to look at. Noise is not; a broken or borrowed signature is, and so
    /// is a good one on something that does not exist.
    #[must_use]
    pub const fn is_evidence(self) -> bool {
        matches!(self, Self::Altered | Self::OtherDevice | Self::Unknown)
    }
}
