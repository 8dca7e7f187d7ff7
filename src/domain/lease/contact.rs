//! The device's step for itself: what it hears from the server that is about no single entitlement.

use super::super::id::EntitlementId;
use super::super::time::Timestamp;

use super::device::{Core, Lease, Slot, Stopped};
use super::message::{Ack, Claimed, Head, Held, Receipt, ResyncAnswer, ResyncRequest};

/// What a device may hear. All of it is signed by the server, but for the coordinator's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The server answered a request that this device has just made: its time and its log. The caller has
    /// matched the two, so that an old answer cannot be played back to loosen the brake.
    Contact {
        /// Its epoch.
        epoch: u32,
        /// Its time.
        server_time: Timestamp,
        /// Its log.
        cover: Head,
    },
    /// The server is in a new epoch and wants to know everything.
    Resync(ResyncRequest),
    /// Receipts are covered.
    Ack {
        /// The message.
        ack: Ack,
        /// The hash of the device's own receipt at that place, while it still keeps it.
        own: Option<[u8; 32]>,
    },
    /// A coordinator sets the device's time.
    SetTime(Timestamp),
    /// The office revoked the device.
    Stop,
}

/// What the device does once the core is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// Nothing.
    Noted,
    /// Answer with [`answer`], again on every repetition until the server has heard.
    Answer,
    /// Receipts up to here may be pruned (rule 12).
    Prune(u64),
    /// The message is for another device or an older epoch.
    Ignored,
}

/// Takes one step.
#[must_use]
pub fn step(core: &Core, input: &Input) -> (Core, Output) {
    match input {
        Input::Contact { epoch, server_time, cover } => {
            if *epoch < core.epoch || cover.size < core.seen.size {
                return (*core, Output::Ignored);
            }
            (met(core, *server_time, *cover), Output::Noted)
        }
        Input::Resync(request) => {
            if request.epoch < core.epoch {
                return (*core, Output::Ignored);
            }
            // Rule 9: from here on, a grant of an older epoch is refused, so that the answer stays true.
            (Core { epoch: request.epoch, ..*core }, Output::Answer)
        }
        Input::Ack { ack, own } => acknowledged(core, ack, *own),
        Input::SetTime(time) => (Core { clock: core.clock.reset(*time), ..*core }, Output::Noted),
        Input::Stop => (Core { stopped: core.stopped.or(Some(Stopped::Revoked)), ..*core }, Output::Noted),
    }
}

/// The server was reached: its time counts, and the brakes begin anew.
fn met(core: &Core, server_time: Timestamp, cover: Head) -> Core {
    Core { clock: core.clock.reset(server_time), contact_at: server_time, handed_out: 0, seen: cover, ..*core }
}

/// Rule 12: only what the log outside covers may go, and only if it is really this device's receipt that is
/// covered and not that of a copy.
fn acknowledged(core: &Core, ack: &Ack, own: Option<[u8; 32]>) -> (Core, Output) {
    if ack.device != core.device || ack.seq <= core.covered {
        return (*core, Output::Ignored);
    }
    if ack.seq > core.seq || own != Some(ack.hash) {
        return (Core { stopped: Some(Stopped::Forked), ..*core }, Output::Noted);
    }
    let seen = if ack.cover.size > core.seen.size { ack.cover } else { core.seen };
    (Core { covered: ack.seq, seen, ..*core }, Output::Prune(ack.seq))
}

/// What a device says of one entitlement; `None` of one that it never had.
#[must_use]
pub const fn held(entitlement: EntitlementId, slot: &Slot) -> Option<Held> {
    let claimed = match slot.lease {
        Lease::None => return None,
        Lease::Open(_) => Claimed::Open,
        Lease::Closed(_) => Claimed::Closed,
        Lease::Redeemed(..) => Claimed::Redeemed,
    };
    Some(Held { entitlement, fence: slot.hwm, claimed })
}

/// The answer to a resync: the core as it is after [`step`], every slot, every receipt not yet covered.
#[must_use]
pub fn answer(
    core: &Core,
    slots: impl IntoIterator<Item = (EntitlementId, Slot)>,
    journal: impl IntoIterator<Item = Receipt>,
) -> ResyncAnswer {
    ResyncAnswer {
        device: core.device,
        epoch: core.epoch,
        table: slots.into_iter().filter_map(|(entitlement, slot)| held(entitlement, &slot)).collect(),
        journal: journal.into_iter().filter(|receipt| receipt.seq > core.covered).collect(),
        seen: core.seen,
    }
}
