//! What server and devices tell each other, as far as ownership is concerned. How each is written and
//! signed is the business of the room `token`; who may be believed has been settled before it comes here.

use super::super::entitlement::Fence;
use super::super::id::{DeviceId, EntitlementId, RedemptionId};
use super::super::time::Timestamp;

/// What the first receipt of a device points to.
pub const NO_RECEIPT: [u8; 32] = [0; 32];

/// The signed head of the log of outside facts: how long it is and what it comes to. Until the
/// tamper-evident log exists, its place in grants and acks is this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Head {
    /// How many facts.
    pub size: u64,
    /// The hash over all of them.
    pub root: [u8; 32],
}

/// One lease, from the server to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// What may be redeemed.
    pub entitlement: EntitlementId,
    /// The number of this lease.
    pub fence: Fence,
    /// When the device stops redeeming under it. Nothing else happens then (rule 4).
    pub ends_at: Timestamp,
}

/// Leases for one device. Each entry is installed for itself, so half a bundle is half the leases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    /// For whom.
    pub device: DeviceId,
    /// The server's epoch.
    pub epoch: u32,
    /// The server's time.
    pub server_time: Timestamp,
    /// How much of the log the server knew.
    pub cover: Head,
    /// The leases.
    pub grants: Vec<Grant>,
}

/// What was unusual about a redemption; it decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Flags {
    /// The device's clock stood before a moment that the device had already seen.
    pub clock_back: bool,
    /// The device's time was set back by the server or a coordinator since it was enrolled.
    pub clock_reset: bool,
}

/// A receipt, as far as ownership is concerned. The signed form holds more; `hash` is over all of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt {
    /// 128 random bits (rule 14): the same on every retry of one handout, never the same for two.
    pub redemption: RedemptionId,
    /// What was redeemed.
    pub entitlement: EntitlementId,
    /// Under which lease.
    pub fence: Fence,
    /// By which device.
    pub device: DeviceId,
    /// Its place in the device's chain: 1, 2, 3 …
    pub seq: u64,
    /// The hash of the device's receipt before it, or [`NO_RECEIPT`].
    pub prev_hash: [u8; 32],
    /// The hash of the signed receipt.
    pub hash: [u8; 32],
    /// When, by the device's clock: evidence, never a reason.
    pub claimed_at: Timestamp,
    /// What was unusual.
    pub flags: Flags,
}

/// A device gives a lease back; sent only after the device closed it durably (rule 5), and sent again
/// until the server says that it heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Return {
    /// Who.
    pub device: DeviceId,
    /// What.
    pub entitlement: EntitlementId,
    /// Which lease of it.
    pub fence: Fence,
    /// How many receipts the device had signed.
    pub seq: u64,
}

/// The server asks every device what it holds, after a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResyncRequest {
    /// The server's new epoch.
    pub epoch: u32,
    /// The server's time.
    pub server_time: Timestamp,
}

/// What a device says it has of one entitlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claimed {
    /// It may redeem it.
    Open,
    /// It gave it back, or is about to.
    Closed,
    /// It redeemed it; the receipt is in the journal that comes along, or covered.
    Redeemed,
}

/// One line of a device's lease table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// What.
    pub entitlement: EntitlementId,
    /// The highest fence that the device ever had of it.
    pub fence: Fence,
    /// What it is now.
    pub claimed: Claimed,
}

/// Everything that a device holds. What is not in the table it does not hold and, being in the new epoch,
/// will not take from a grant still on its way (rule 9).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResyncAnswer {
    /// Who.
    pub device: DeviceId,
    /// In which epoch it answers.
    pub epoch: u32,
    /// Every entitlement that it ever had a lease of.
    pub table: Vec<Held>,
    /// Every receipt that is not covered yet.
    pub journal: Vec<Receipt>,
    /// How much of the log it has seen.
    pub seen: Head,
}

/// The log outside the database holds a device's receipts up to here (rule 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ack {
    /// For whom.
    pub device: DeviceId,
    /// Receipts 1 to `seq` are covered.
    pub seq: u64,
    /// The hash of receipt `seq`: a copy of a device must not take comfort in the other's receipts.
    pub hash: [u8; 32],
    /// The log that covers them.
    pub cover: Head,
}

/// What the office wants done about a lease that a device holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// Close it and give it back: the entitlement is to be revoked (rule 7).
    Revoke,
    /// Keep it, and do not redeem it for now.
    Hold,
    /// Redeem it again.
    Release,
}
