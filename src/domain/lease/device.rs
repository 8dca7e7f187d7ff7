//! The device's step: one entitlement, one message or one wish of its operator.
//!
//! A [`Step`] is stored as a whole (core, slot and receipt in one transaction) before its output is acted
//! upon. That is rules 1 and 5: the screen turns green, and a return leaves, only after the commit.

use super::super::entitlement::Fence;
use super::super::id::{DeviceId, EntitlementId, RedemptionId};
use super::super::redemption::Verdict;
use super::super::time::Timestamp;

use super::brake::{Brake, Braked, Clock};
use super::message::{Ask, Flags, Grant, Head, NO_RECEIPT, Receipt, Return};

/// What a device knows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Core {
    /// Which it is.
    pub device: DeviceId,
    /// The newest epoch in which it has spoken to the server.
    pub epoch: u32,
    /// How many receipts it has signed.
    pub seq: u64,
    /// The hash of the newest.
    pub head_hash: [u8; 32],
    /// Its receipts up to here are covered by the log outside, and may be pruned (rule 12).
    pub covered: u64,
    /// The largest log it has seen (V8).
    pub seen: Head,
    /// Its time.
    pub clock: Clock,
    /// When it last spoke to the server, by the server's time.
    pub contact_at: Timestamp,
    /// How many packages it has handed out since then.
    pub handed_out: u32,
    /// How far it goes without contact.
    pub brake: Brake,
    /// It has been told to stop, or has seen that it is a copy.
    pub stopped: Option<Stopped>,
}

/// Why a device redeems no more, whatever it holds. It still syncs and returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stopped {
    /// The office revoked it.
    Revoked,
    /// The server has receipts of this device that it never wrote: there is a copy of it, or it is one.
    Forked,
}

impl Core {
    /// A device as it is enrolled.
    #[must_use]
    pub const fn enrolled(device: DeviceId, epoch: u32, brake: Brake, at: Timestamp) -> Self {
        Self {
            device,
            epoch,
            seq: 0,
            head_hash: NO_RECEIPT,
            covered: 0,
            seen: Head { size: 0, root: [0; 32] },
            clock: Clock { time_hwm: at, was_reset: false },
            contact_at: at,
            handed_out: 0,
            brake,
            stopped: None,
        }
    }
}

/// What a device has of one entitlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lease {
    /// Nothing.
    #[default]
    None,
    /// The right to redeem it.
    Open(Fence),
    /// It gave that right up.
    Closed(Fence),
    /// It used it.
    Redeemed(Fence, RedemptionId),
}

/// All that a device keeps of one entitlement. A slot is never deleted while its round lives: the fence in
/// it must outlast the lease (rule 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Slot {
    /// The highest fence ever seen for it (`hwm`).
    pub hwm: Fence,
    /// What it is now.
    pub lease: Lease,
    /// When the lease ends for this device.
    pub ends_at: Timestamp,
    /// The office holds it back.
    pub held: bool,
}

/// What a step may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// One entry of a bundle.
    Install {
        /// For whom the bundle is.
        device: DeviceId,
        /// The epoch in which it was made.
        epoch: u32,
        /// The entry.
        grant: Grant,
    },
    /// The operator presses: hand it over.
    Redeem {
        /// Drawn at random for this one wish (rule 14), and kept for its retries.
        redemption: RedemptionId,
        /// The wall clock.
        wall: Timestamp,
    },
    /// The lease is given back, or its return is sent again.
    Close,
    /// The office wants something done about it.
    Ask(Ask),
}

/// Why a device does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refused {
    /// The bundle is for another device.
    OtherDevice,
    /// The bundle is of another epoch (rule 9).
    OtherEpoch,
    /// This lease, or a later one, was here before (rule 2).
    OldFence,
    /// It was redeemed here.
    AlreadyRedeemed(RedemptionId),
    /// There is no open lease of it here.
    NotReady,
    /// The lease has ended for this device: connect (rule 4).
    Ended,
    /// The office holds it back.
    Held,
    /// The device has gone as far as it may without contact.
    Braked(Braked),
    /// The device redeems no more.
    Stopped(Stopped),
}

impl Refused {
    /// The reason as a stable code, for the sentence on the screen and for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherDevice => "other_device",
            Self::OtherEpoch => "other_epoch",
            Self::OldFence => "old_fence",
            Self::AlreadyRedeemed(_) => "already_redeemed",
            Self::NotReady => "no_lease",
            Self::Ended => "lease_ended",
            Self::Held => "held",
            Self::Braked(Braked::Packages) => "brake_packages",
            Self::Braked(Braked::Hours) => "brake_hours",
            Self::Stopped(Stopped::Revoked) => "stopped_revoked",
            Self::Stopped(Stopped::Forked) => "stopped_forked",
        }
    }

    /// What the screen says, of the one closed list.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::AlreadyRedeemed(_) => Verdict::AlreadyRedeemed,
            Self::Held => Verdict::Held,
            // A lease ends with the window of its round at this point, as far as the device has heard.
            Self::Ended => Verdict::Expired,
            Self::OtherDevice
            | Self::OtherEpoch
            | Self::OldFence
            | Self::NotReady
            | Self::Braked(_)
            | Self::Stopped(_) => Verdict::NotReady,
        }
    }
}

/// What the device may do once the step is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// The lease can be used.
    Installed,
    /// Green: hand the package over, and send the receipt.
    Green(Receipt),
    /// The same wish again: green was authorised before, and is not a second handout.
    Again(RedemptionId),
    /// Send this, now and until the server has heard it.
    Return(Return),
    /// Tell the office that it is held back, under this lease.
    HoldTaken(Fence),
    /// It is held back no longer.
    Released,
    /// Nothing was changed but the clock.
    Refused(Refused),
}

/// What follows from a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The core as it shall be.
    pub core: Core,
    /// The slot as it shall be.
    pub slot: Slot,
    /// What may be done once both are durable.
    pub output: Output,
}

/// Takes one step. `seal` signs a receipt whose `hash` is still empty and answers the hash of the signed
/// bytes, which the caller stores with the step; it is asked only when a redemption is allowed.
#[must_use]
pub fn step(
    core: &Core,
    slot: &Slot,
    entitlement: EntitlementId,
    input: &Input,
    seal: &dyn Fn(&Receipt) -> [u8; 32],
) -> Step {
    match input {
        Input::Install { device, epoch, grant } => match may_install(core, slot, *device, *epoch, grant) {
            Err(why) => refuse(core, slot, why),
            Ok(()) => {
                let lease = Lease::Open(grant.fence);
                let slot = Slot { hwm: grant.fence, lease, ends_at: grant.ends_at, held: false };
                Step { core: *core, slot, output: Output::Installed }
            }
        },
        Input::Redeem { redemption, wall } => redeem(core, slot, entitlement, *redemption, *wall, seal),
        Input::Close => close(core, slot, entitlement),
        Input::Ask(Ask::Revoke) => close(core, slot, entitlement),
        Input::Ask(Ask::Hold) => match slot.lease {
            Lease::Open(fence) => {
                Step { core: *core, slot: Slot { held: true, ..*slot }, output: Output::HoldTaken(fence) }
            }
            _ => refuse(core, slot, not_open(slot)),
        },
        Input::Ask(Ask::Release) => Step { core: *core, slot: Slot { held: false, ..*slot }, output: Output::Released },
    }
}

const fn refuse(core: &Core, slot: &Slot, why: Refused) -> Step {
    Step { core: *core, slot: *slot, output: Output::Refused(why) }
}

const fn not_open(slot: &Slot) -> Refused {
    match slot.lease {
        Lease::Redeemed(_, receipt) => Refused::AlreadyRedeemed(receipt),
        _ => Refused::NotReady,
    }
}

fn may_install(core: &Core, slot: &Slot, device: DeviceId, epoch: u32, grant: &Grant) -> Result<(), Refused> {
    if device != core.device {
        return Err(Refused::OtherDevice);
    }
    if epoch != core.epoch {
        return Err(Refused::OtherEpoch); // rule 9
    }
    if let Lease::Redeemed(_, receipt) = slot.lease {
        return Err(Refused::AlreadyRedeemed(receipt));
    }
    // Rule 2: a lease that was closed here, and any before it, never opens again.
    if grant.fence > slot.hwm { Ok(()) } else { Err(Refused::OldFence) }
}

/// Rule 1: only from `open`; the receipt takes the next place in the chain in the same step.
fn redeem(
    core: &Core,
    slot: &Slot,
    entitlement: EntitlementId,
    redemption: RedemptionId,
    wall: Timestamp,
    seal: &dyn Fn(&Receipt) -> [u8; 32],
) -> Step {
    let (clock, clock_back) = core.clock.see(wall);
    let seen = Core { clock, ..*core };
    let fence = match slot.lease {
        Lease::Redeemed(_, known) if known == redemption => {
            return Step { core: seen, slot: *slot, output: Output::Again(redemption) };
        }
        Lease::Open(fence) => fence,
        _ => return refuse(&seen, slot, not_open(slot)),
    };
    if let Some(why) = hindrance(&seen, slot) {
        return refuse(&seen, slot, why);
    }
    let flags = Flags { clock_back, clock_reset: clock.was_reset };
    let mut receipt = Receipt {
        redemption,
        entitlement,
        fence,
        device: core.device,
        seq: core.seq + 1,
        prev_hash: core.head_hash,
        hash: [0; 32],
        claimed_at: wall,
        flags,
    };
    receipt.hash = seal(&receipt);
    let core =
        Core { seq: receipt.seq, head_hash: receipt.hash, handed_out: seen.handed_out.saturating_add(1), ..seen };
    let slot = Slot { lease: Lease::Redeemed(fence, redemption), ..*slot };
    Step { core, slot, output: Output::Green(receipt) }
}

/// What keeps a device from using an open lease. The lease stays where it is.
fn hindrance(core: &Core, slot: &Slot) -> Option<Refused> {
    if let Some(why) = core.stopped {
        return Some(Refused::Stopped(why));
    }
    if slot.held {
        return Some(Refused::Held);
    }
    let now = core.clock.time_hwm;
    if now >= slot.ends_at {
        return Some(Refused::Ended); // rule 4
    }
    core.brake.stops(core.handed_out, core.contact_at, now).map(Refused::Braked)
}

/// Rule 5: closed in this step, so that the return in its output leaves only after that is durable.
fn close(core: &Core, slot: &Slot, entitlement: EntitlementId) -> Step {
    let fence = match slot.lease {
        Lease::Open(fence) | Lease::Closed(fence) => fence,
        _ => return refuse(core, slot, not_open(slot)),
    };
    let back = Return { device: core.device, entitlement, fence, seq: core.seq };
    Step { core: *core, slot: Slot { lease: Lease::Closed(fence), ..*slot }, output: Output::Return(back) }
}
