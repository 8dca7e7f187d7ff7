//! What the leaves add up to, and the day on which a handout counts.

use super::leaf::Leaf;
use crate::domain::entitlement::State;
use crate::domain::id::RedemptionId;

pub(super) const HOUR_MS: i64 = 3_600_000;

/// The sums of a round, or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Rights ever issued.
    pub issued: i64,
    /// Handed over.
    pub redeemed: i64,
    /// Taken away.
    pub revoked: i64,
    /// Ended without anybody coming.
    pub expired: i64,
    /// The value of what was handed over.
    pub realised_minor: i64,
    /// The value of rights that are neither handed over nor ended.
    pub committed_minor: i64,
}

impl Sums {
    /// Counts a right in a state in, or out again.
    pub(super) fn count(&mut self, state: State, sign: i64, value: i64, redemption: Option<(RedemptionId, i64)>) {
        match state {
            State::Redeemed => {
                self.redeemed += sign;
                self.realised_minor += sign * redemption.map_or(0, |(_, value)| value);
            }
            State::Revoked => self.revoked += sign,
            State::Expired => self.expired += sign,
            State::Available | State::Leased | State::Unresolved => self.committed_minor += sign * value,
        }
    }
}

/// The day on which a handout counts, as it is written in tables; empty when the leaf names none.
#[must_use]
pub fn day_named(leaf: &Leaf) -> String {
    let moment = leaf.count.and_then(|day| day.checked_mul(24 * HOUR_MS));
    let moment = moment.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    moment.map_or_else(String::new, |at| jiff::tz::Offset::UTC.to_datetime(at).date().to_string())
}
