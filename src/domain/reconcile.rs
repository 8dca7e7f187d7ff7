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
    /// What all of it was promised.
    pub issued_value: Money,
    /// What was promised with what is open.
    pub open_value: Money,
    /// What was promised with what was revoked or expired.
    pub released_value: Money,
    /// What redeemed households were still owed when they left.
    pub short_value: Money,
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
    /// What all of them were promised.
    pub issued_value: Money,
    /// How many handouts gave less than was promised.
    pub short_handouts: i64,
    /// What those households were still owed when they left.
    pub short_value: Money,
    /// By state; every state is listed, also with none.
    pub states: Vec<StateLine>,
    /// By item.
    pub items: Vec<ItemLine>,
    /// By point, in the order of their numbers.
    pub points: Vec<PointLine>,
    /// By day, in order.
    pub days: Vec<DayLine>,
}

/// What has to hold in the books of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// The ceiling covers what is committed and realised.
    CeilingCovers,
    /// Issued is the sum of the states.
    IssuedByState,
    /// Issued is the sum of the states and of what was given short, in rupiah.
    IssuedValueByState,
    /// Committed is the value of live entitlements.
    Committed,
    /// Realised is the value of redeemed entitlements.
    Realised,
    /// The round's realised is part of the programme's.
    RealisedOfProgramme,
    /// The round's committed is part of the programme's.
    CommittedOfProgramme,
    /// Issued is the sum of the points.
    IssuedByPoint,
    /// Redeemed is the sum of the points.
    RedeemedByPoint,
    /// At each point issued is redeemed, released and open.
    EachPoint,
    /// Realised is the sum of the points.
    RealisedByPoint,
    /// Issued is the sum of the points, in rupiah.
    IssuedValueByPoint,
    /// At each point issued is redeemed, short, released and open, in rupiah.
    EachPointValue,
    /// Redeemed is the sum of the days.
    RedeemedByDay,
    /// Realised is the sum of the days.
    RealisedByDay,
    /// Of each item, handed over and short are what the redeemed hold.
    EachItem,
}

impl Identity {
    /// Every identity.
    pub const ALL: [Self; 16] = [
        Self::CeilingCovers,
        Self::IssuedByState,
        Self::IssuedValueByState,
        Self::Committed,
        Self::Realised,
        Self::RealisedOfProgramme,
        Self::CommittedOfProgramme,
        Self::IssuedByPoint,
        Self::RedeemedByPoint,
        Self::EachPoint,
        Self::RealisedByPoint,
        Self::IssuedValueByPoint,
        Self::EachPointValue,
        Self::RedeemedByDay,
        Self::RealisedByDay,
        Self::EachItem,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CeilingCovers => "ceiling_covers",
            Self::IssuedByState => "issued_by_state",
            Self::IssuedValueByState => "issued_value_by_state",
            Self::Committed => "committed",
            Self::Realised => "realised",
            Self::RealisedOfProgramme => "realised_of_programme",
            Self::CommittedOfProgramme => "committed_of_programme",
            Self::IssuedByPoint => "issued_by_point",
            Self::RedeemedByPoint => "redeemed_by_point",
            Self::EachPoint => "each_point",
            Self::RealisedByPoint => "realised_by_point",
            Self::IssuedValueByPoint => "issued_value_by_point",
            Self::EachPointValue => "each_point_value",
            Self::RedeemedByDay => "redeemed_by_day",
            Self::RealisedByDay => "realised_by_day",
            Self::EachItem => "each_item",
        }
    }
}

impl Reconciliation {
    /// The identities that do not hold; empty when the books close.
    #[must_use]
    pub fn faults(&self) -> Vec<Identity> {
        let mut faults = Vec::new();
        let mut must = |holds: bool, what: Identity| {
            if !holds {
                faults.push(what);
            }
        };
        let count =
            |state: State| self.states.iter().filter(|line| line.state == state).map(|line| line.count).sum::<i64>();
        let value = |wanted: fn(State) -> bool| {
            self.states.iter().filter(|line| wanted(line.state)).map(|line| line.value.minor()).sum::<i64>()
        };
        let redeemed = count(State::Redeemed);
        must(self.budget.remaining().is_ok(), Identity::CeilingCovers);
        must(State::ALL.into_iter().map(count).sum::<i64>() == self.issued, Identity::IssuedByState);
        must(value(|_| true) + self.short_value.minor() == self.issued_value.minor(), Identity::IssuedValueByState);
        must(value(State::is_live) == self.round_committed.minor(), Identity::Committed);
        must(value(|state| state == State::Redeemed) == self.round_realised.minor(), Identity::Realised);
        must(self.round_realised <= self.budget.realised, Identity::RealisedOfProgramme);
        must(self.round_committed <= self.budget.committed, Identity::CommittedOfProgramme);
        must(self.points.iter().map(|line| line.issued).sum::<i64>() == self.issued, Identity::IssuedByPoint);
        must(self.points.iter().map(|line| line.redeemed).sum::<i64>() == redeemed, Identity::RedeemedByPoint);
        must(
            self.points.iter().all(|line| line.issued == line.redeemed + line.released + line.open),
            Identity::EachPoint,
        );
        must(
            self.points.iter().map(|line| line.realised.minor()).sum::<i64>() == self.round_realised.minor(),
            Identity::RealisedByPoint,
        );
        must(
            self.points.iter().map(|line| line.issued_value.minor()).sum::<i64>() == self.issued_value.minor(),
            Identity::IssuedValueByPoint,
        );
        must(
            self.points.iter().all(|line| {
                let parts = [line.realised, line.short_value, line.released_value, line.open_value];
                line.issued_value.minor() == parts.iter().map(|part| part.minor()).sum::<i64>()
            }),
            Identity::EachPointValue,
        );
        must(self.days.iter().map(|line| line.redeemed).sum::<i64>() == redeemed, Identity::RedeemedByDay);
        must(
            self.days.iter().map(|line| line.realised.minor()).sum::<i64>() == self.round_realised.minor(),
            Identity::RealisedByDay,
        );
        must(
            self.items.iter().all(|line| line.handed_over + line.short + line.apart == redeemed * line.item.quantity),
            Identity::EachItem,
        );
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::package::Unit;

    fn rupiah(minor: i64) -> Money {
        Money::new(minor).unwrap()
    }

    /// Four were issued for 500 each: one was redeemed 50 short, one revoked, two are open.
    fn books() -> Reconciliation {
        let states = State::ALL.map(|state| {
            let (count, value) = match state {
                State::Available => (2, 1_000),
                State::Redeemed => (1, 450),
                State::Revoked => (1, 500),
                _ => (0, 0),
            };
            StateLine { state, count, value: rupiah(value) }
        });
        let item = Item {
            code: "beras".into(),
            name: "Beras".into(),
            unit: Unit::Gram,
            quantity: 10,
            pack_name: "kg".into(),
            pack_size: 1,
            pack_price_minor: rupiah(50),
        };
        Reconciliation {
            as_of: Timestamp::from_millis(1_800_000_000_000).unwrap(),
            budget: Budget { ceiling: rupiah(5_000), committed: rupiah(1_000), realised: rupiah(450) },
            round_committed: rupiah(1_000),
            round_realised: rupiah(450),
            issued: 4,
            issued_value: rupiah(2_000),
            short_handouts: 1,
            short_value: rupiah(50),
            states: states.to_vec(),
            items: vec![ItemLine { item, issued: 40, handed_over: 9, short: 1, apart: 0 }],
            points: vec![PointLine {
                code: "A".into(),
                name: "A".into(),
                issued: 4,
                redeemed: 1,
                by_proxy: 0,
                released: 1,
                open: 2,
                realised: rupiah(450),
                issued_value: rupiah(2_000),
                open_value: rupiah(1_000),
                released_value: rupiah(500),
                short_value: rupiah(50),
            }],
            days: vec![DayLine { day: "2026-12-07".into(), redeemed: 1, realised: rupiah(450) }],
        }
    }

    #[test]
    fn what_does_not_hold_is_told_in_both_languages() {
        for words in [include_str!("../../assets/words/id.ftl"), include_str!("../../assets/words/en.ftl")] {
            for one in Identity::ALL {
                assert!(words.contains(&format!("\nidentity-{} = ", one.as_str().replace('_', "-"))), "{one:?}");
            }
        }
        let mut books = books();
        books.short_value = rupiah(49);
        assert_eq!(books.faults(), [Identity::IssuedValueByState, Identity::EachPointValue][..1]);
    }

    #[test]
    fn what_was_issued_is_the_sum_of_its_parts_to_the_rupiah() {
        assert_eq!(books().faults(), []);
        let one_off = |change: fn(&mut Reconciliation)| {
            let mut books = books();
            change(&mut books);
            !books.faults().is_empty()
        };
        assert!(one_off(|books| books.issued_value = rupiah(1_450)), "committed and realised alone are not all");
        assert!(one_off(|books| books.short_value = rupiah(49)));
        assert!(one_off(|books| books.states[3].value = rupiah(499)));
        assert!(one_off(|books| books.points[0].issued_value = rupiah(2_001)));
        assert!(one_off(|books| books.points[0].open_value = rupiah(1_001)));
        assert!(one_off(|books| books.points[0].released_value = rupiah(501)));
        assert!(one_off(|books| books.points[0].short_value = rupiah(51)));
    }
}
