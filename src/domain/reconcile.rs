//! Budget, entitlements and goods of a round side by side, and the sums that must close.

use super::budget::Budget;
use super::entitlement::State;
use super::money::Money;
use super::package::Item;
use super::time::Timestamp;

/// How many entitlements stand in a state, and their value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateLine {
    /// The state.
    pub state: State,
    /// How many.
    pub count: i64,
    /// Their value: what was given for redeemed ones, what was promised for all others.
    pub value: Money,
}

/// One item of the package over the whole round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemLine {
    /// The item.
    pub item: Item,
    /// What all issued entitlements come to.
    pub issued: i64,
    /// What was really given.
    pub handed_over: i64,
    /// What redeemed households were still owed when they left.
    pub short: i64,
    /// By how much redeemed exceptions held less than a package.
    pub apart: i64,
}

/// One point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointLine {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Entitlements issued for it.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
    /// Of these, by a proxy.
    pub by_proxy: i64,
    /// Revoked or expired.
    pub released: i64,
    /// All others: available, leased or unresolved.
    pub open: i64,
    /// The value handed over.
    pub realised: Money,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayLine {
    /// The day in the agency's zone, `2026-12-07`.
    pub day: String,
    /// Redeemed on it.
    pub redeemed: i64,
    /// The value handed over.
    pub realised: Money,
}

/// A round's books at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// When they were read.
    pub as_of: Timestamp,
    /// The budget of the whole programme.
    pub budget: Budget,
    /// The round's part of what is committed.
    pub round_committed: Money,
    /// The round's part of what is realised.
    pub round_realised: Money,
    /// Entitlements ever issued in the round.
    pub issued: i64,
    /// By state; every state is listed, also with none.
    pub states: Vec<StateLine>,
    /// By item.
    pub items: Vec<ItemLine>,
    /// By point, in the order of their numbers.
    pub points: Vec<PointLine>,
    /// By day, in order.
    pub days: Vec<DayLine>,
}

impl Reconciliation {
    /// The identities that do not hold, each in a sentence; empty when the books close.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                faults.push(what.to_owned());
            }
        };
        let count =
            |state: State| self.states.iter().filter(|line| line.state == state).map(|line| line.count).sum::<i64>();
        let value = |wanted: fn(State) -> bool| {
            self.states.iter().filter(|line| wanted(line.state)).map(|line| line.value.minor()).sum::<i64>()
        };
        let redeemed = count(State::Redeemed);
        must(self.budget.remaining().is_ok(), "ceiling covers committed and realised");
        must(State::ALL.into_iter().map(count).sum::<i64>() == self.issued, "issued = sum of the states");
        must(value(State::is_live) == self.round_committed.minor(), "committed = value of live entitlements");
        must(
            value(|state| state == State::Redeemed) == self.round_realised.minor(),
            "realised = value of redeemed entitlements",
        );
        must(self.round_realised <= self.budget.realised, "the round's realised is part of the programme's");
        must(self.round_committed <= self.budget.committed, "the round's committed is part of the programme's");
        must(self.points.iter().map(|line| line.issued).sum::<i64>() == self.issued, "issued = sum of the points");
        must(self.points.iter().map(|line| line.redeemed).sum::<i64>() == redeemed, "redeemed = sum of the points");
        must(
            self.points.iter().all(|line| line.issued == line.redeemed + line.released + line.open),
            "at each point issued = redeemed + released + open",
        );
        must(
            self.points.iter().map(|line| line.realised.minor()).sum::<i64>() == self.round_realised.minor(),
            "realised = sum of the points",
        );
        must(self.days.iter().map(|line| line.redeemed).sum::<i64>() == redeemed, "redeemed = sum of the days");
        must(
            self.days.iter().map(|line| line.realised.minor()).sum::<i64>() == self.round_realised.minor(),
            "realised = sum of the days",
        );
        must(
            self.items.iter().all(|line| line.handed_over + line.short + line.apart == redeemed * line.item.quantity),
            "each item: handed over + short = redeemed × quantity, less what exceptions do not hold",
        );
        faults
    }
}
