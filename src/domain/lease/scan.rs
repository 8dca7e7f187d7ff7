//! What a scan comes to on a device that may be without network: the same list of verdicts as at the office,
//! in the same order, from what the device itself knows.
//!
//! This looks only at what is written down; the right itself is taken by [`super::device::step`], which
//! refuses again whatever must be refused.

use super::super::redemption::Verdict;
use super::super::time::Timestamp;

use super::device::{Core, Lease, Refused, Slot};

/// What the code on the paper says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shown {
    /// The QR: which print it is, and the number of the point it was printed for.
    Qr {
        /// The print.
        print: u32,
        /// The point.
        point: u32,
    },
    /// The typed code, which only the leases on the device can translate.
    Typed,
}

/// What came with the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Known {
    /// The newest print when the lease was granted.
    pub print: u32,
    /// From when it is good.
    pub begins_at: Timestamp,
    /// Its round stands still, as the server last said.
    pub paused: bool,
}

/// Why a scan does not end in a handout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A newer print of the paper exists.
    Superseded,
    /// Its round stands still.
    Paused,
    /// It belongs to another point, and this one holds no lease of it.
    WrongPoint,
    /// Its round has not begun.
    NotYetValid,
    /// The device's own step says no.
    Refused(Refused),
}

impl Why {
    /// What the screen says, of the one closed list.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Superseded => Verdict::Superseded,
            Self::Paused => Verdict::Paused,
            Self::WrongPoint => Verdict::WrongPoint,
            Self::NotYetValid => Verdict::NotYetValid,
            Self::Refused(why) => why.verdict(),
        }
    }
}

impl Why {
    /// The reason as a stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Paused => "paused",
            Self::WrongPoint => "wrong_point",
            Self::NotYetValid => "not_yet_valid",
            Self::Refused(why) => why.code(),
        }
    }
}

/// Judges. What a person can do least about comes first, as at the office.
pub fn judge(
    core: &Core,
    slot: &Slot,
    known: Option<&Known>,
    shown: Shown,
    own_point: u32,
    wall: Timestamp,
) -> Result<(), Why> {
    if let Lease::Redeemed(_, receipt) = slot.lease {
        return Err(Why::Refused(Refused::AlreadyRedeemed(receipt)));
    }
    // A print that is newer than the lease was made after it: then the paper is right and the lease is old.
    if let (Shown::Qr { print, .. }, Some(known)) = (shown, known)
        && print < known.print
    {
        return Err(Why::Superseded);
    }
    let (Lease::Open(_), Some(known)) = (slot.lease, known) else {
        return Err(match shown {
            Shown::Qr { point, .. } if point != own_point => Why::WrongPoint,
            _ => Why::Refused(Refused::NotReady),
        });
    };
    if slot.held {
        return Err(Why::Refused(Refused::Held));
    }
    if known.paused {
        return Err(Why::Paused);
    }
    let now = core.clock.see(wall).0.time_hwm;
    if now < known.begins_at {
        return Err(Why::NotYetValid);
    }
    if now >= slot.ends_at {
        return Err(Why::Refused(Refused::Ended));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::entitlement::Fence;
    use super::super::super::id::{DeviceId, Identifier, RedemptionId};
    use super::super::brake::Brake;
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn core() -> Core {
        Core::enrolled(DeviceId::from_bytes([1; 16]), 1, Brake::default(), at(0))
    }

    fn open() -> Slot {
        let fence = Fence { epoch: 1, counter: 1 };
        Slot { hwm: fence, lease: Lease::Open(fence), ends_at: at(2_000), held: false }
    }

    const KNOWN: fn() -> Known = || Known { print: 2, begins_at: at(1_000), paused: false };
    const GOOD: Shown = Shown::Qr { print: 2, point: 7 };

    fn verdict(slot: &Slot, known: Option<Known>, shown: Shown, now: i64) -> Verdict {
        judge(&core(), slot, known.as_ref(), shown, 7, at(now)).map_or_else(Why::verdict, |()| Verdict::Valid)
    }

    #[test]
    fn each_fact_alone_gives_its_verdict() {
        let redeemed = Slot { lease: Lease::Redeemed(open().hwm, RedemptionId::from_bytes([9; 16])), ..open() };
        let closed = Slot { lease: Lease::Closed(open().hwm), ..open() };
        let paused = Known { paused: true, ..KNOWN() };
        assert_eq!(verdict(&open(), Some(KNOWN()), GOOD, 1_000), Verdict::Valid);
        assert_eq!(verdict(&open(), Some(KNOWN()), Shown::Typed, 1_999), Verdict::Valid);
        assert_eq!(verdict(&open(), Some(KNOWN()), Shown::Qr { print: 1, point: 7 }, 1_000), Verdict::Superseded);
        assert_eq!(verdict(&open(), Some(KNOWN()), Shown::Qr { print: 3, point: 7 }, 1_000), Verdict::Valid);
        assert_eq!(verdict(&Slot { held: true, ..open() }, Some(KNOWN()), GOOD, 1_000), Verdict::Held);
        assert_eq!(verdict(&open(), Some(paused), GOOD, 1_000), Verdict::Paused);
        assert_eq!(verdict(&open(), Some(KNOWN()), GOOD, 999), Verdict::NotYetValid);
        assert_eq!(verdict(&open(), Some(KNOWN()), GOOD, 2_000), Verdict::Expired);
        assert_eq!(verdict(&redeemed, Some(KNOWN()), GOOD, 1_000), Verdict::AlreadyRedeemed);
        assert_eq!(verdict(&closed, Some(KNOWN()), GOOD, 1_000), Verdict::NotReady);
        assert_eq!(verdict(&Slot::default(), None, GOOD, 1_000), Verdict::NotReady);
        assert_eq!(verdict(&Slot::default(), None, Shown::Qr { print: 1, point: 8 }, 1_000), Verdict::WrongPoint);
        assert_eq!(verdict(&Slot::default(), None, Shown::Typed, 1_000), Verdict::NotReady);
    }

    #[test]
    fn a_handout_that_happened_outranks_everything() {
        let redeemed =
            Slot { lease: Lease::Redeemed(open().hwm, RedemptionId::from_bytes([9; 16])), held: true, ..open() };
        let old = Shown::Qr { print: 1, point: 8 };
        assert_eq!(verdict(&redeemed, Some(KNOWN()), old, 5_000), Verdict::AlreadyRedeemed);
        assert_eq!(verdict(&Slot { held: true, ..open() }, Some(KNOWN()), old, 5_000), Verdict::Superseded);
    }

    #[test]
    fn a_clock_set_back_does_not_make_an_ended_lease_good_again() {
        let mut later = core();
        later.clock.time_hwm = at(2_500);
        let said = judge(&later, &open(), Some(&KNOWN()), GOOD, 7, at(1_500));
        assert_eq!(said, Err(Why::Refused(Refused::Ended)));
    }
}
