//! What stops a device by itself: how much it may hand out before the server hears of it, and its clock.
//!
//! None of this moves a lease. A device that stops keeps what it holds until it has spoken to the server.

use super::super::time::Timestamp;

/// How far a device goes without contact. It bounds what a lost device can cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Brake {
    /// At most so many packages.
    pub packages: Option<u32>,
    /// At most so many hours.
    pub hours: Option<u32>,
}

/// Which brake has stopped a device: the screen says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Braked {
    /// It has handed out as many packages as it may without contact.
    Packages,
    /// It has been as long without contact as it may.
    Hours,
}

impl Brake {
    /// Whether the next package would be one too many, or comes too late.
    #[must_use]
    pub fn stops(self, handed_out: u32, since: Timestamp, now: Timestamp) -> Option<Braked> {
        let silent = now.millis().saturating_sub(since.millis());
        if self.packages.is_some_and(|most| handed_out >= most) {
            Some(Braked::Packages)
        } else if self.hours.is_some_and(|most| silent >= i64::from(most) * 3_600_000) {
            Some(Braked::Hours)
        } else {
            None
        }
    }
}

/// A device's time: the greater of its clock and of what it has seen before. A battery that died cannot
/// make an ended lease good again; a clock once set forward is mended by [`Clock::reset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Clock {
    /// The latest moment seen (`time_hwm`).
    pub time_hwm: Timestamp,
    /// It was set back by the server or a coordinator; every later receipt says so.
    pub was_reset: bool,
}

impl Clock {
    /// Looks at the wall clock: the time that counts is then `time_hwm`. The second part says whether the
    /// wall clock stands before it, so that the screen asks to set it.
    #[must_use]
    pub fn see(self, wall: Timestamp) -> (Self, bool) {
        (Self { time_hwm: self.time_hwm.max(wall), ..self }, wall < self.time_hwm)
    }

    /// The server's signed time, or a coordinator's word, takes the place of what was seen.
    #[must_use]
    pub fn reset(self, to: Timestamp) -> Self {
        Self { time_hwm: to, was_reset: self.was_reset || to < self.time_hwm }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * 3_600_000).unwrap()
    }

    #[test]
    fn a_device_stops_after_so_many_packages_or_hours_without_contact() {
        let brake = Brake { packages: Some(40), hours: Some(24) };
        assert_eq!(brake.stops(39, at(0), at(23)), None);
        assert_eq!(brake.stops(40, at(0), at(1)), Some(Braked::Packages));
        assert_eq!(brake.stops(0, at(0), at(24)), Some(Braked::Hours));
        assert_eq!(Brake::default().stops(u32::MAX, at(0), at(90_000)), None);
    }

    #[test]
    fn a_clock_set_back_keeps_the_later_time_and_one_set_forward_is_mended() {
        let (clock, back) = Clock::default().see(at(10));
        assert!(!back);
        let (clock, back) = clock.see(at(3));
        assert!(back && clock.time_hwm == at(10));
        let (ahead, _) = clock.see(at(90_000));
        let mended = ahead.reset(at(11));
        assert_eq!(mended.time_hwm, at(11));
        assert!(mended.was_reset && !clock.reset(at(11)).was_reset);
    }
}
