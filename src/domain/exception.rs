//! The exception entitlement: what a household is still owed of its first right, and what that is made of.
//!
//! A right never re-opens. When its handout gave less than the package, when its goods came back, or when it was lost
//! with a device, what is still owed becomes a new right, linked to the first, which two persons approve.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::entitlement::State;
use super::id::{EntitlementId, Identifier, PointId, RoundId};
use super::money::Money;
use super::package::{Item, Package};
use super::redemption::{Given, Handout, HandoutFault, hand_out};
use super::time::Timestamp;

/// Why something is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExceptionCause)]
pub enum Cause {
    /// The handout gave less than the right.
    Short,
    /// A case decided that the handout did not happen so, or that its goods came back.
    Reversed,
    /// The right was lost with a device that was written off.
    Unresolved,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 3] = [Self::Short, Self::Reversed, Self::Unresolved];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Reversed => "reversed",
            Self::Unresolved => "unresolved",
        }
    }

    /// The cause with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == code)
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExceptionState)]
pub enum Standing {
    /// One person proposed it.
    Proposed,
    /// Another approved it.
    Approved,
    /// Another did not.
    Declined,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 3] = [Self::Proposed, Self::Approved, Self::Declined];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }

    /// The standing with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == code)
    }
}

/// One right of a household in a round: the first, or an exception that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: EntitlementId,
    /// Where it stands.
    pub state: State,
    /// What it holds, when that is not the whole package.
    pub holds: Option<Vec<Given>>,
    /// What its handout gave, when that was not the whole package.
    pub gave: Option<Vec<Given>>,
    /// What its handout was worth.
    pub worth: Option<Money>,
    /// A case decided that its handout does not count.
    pub reversed: bool,
    /// A case decided that a package goes out in its place.
    pub replaced: bool,
}

fn quantity(lines: Option<&[Given]>, item: &Item) -> i64 {
    lines
        .map_or(item.quantity, |lines| lines.iter().find(|line| line.code == item.code).map_or(0, |line| line.quantity))
}

impl Member {
    /// Whether its handout happened, and counts.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.state == State::Redeemed && !self.reversed
    }

    /// What counts as received by it.
    fn received(&self, item: &Item) -> i64 {
        if self.counts() { quantity(self.gave.as_deref(), item) } else { 0 }
    }

    /// Why something may be owed after it.
    fn fails(&self, package: &[Item]) -> Option<Cause> {
        let less = |item: &Item| quantity(self.gave.as_deref(), item) < quantity(self.holds.as_deref(), item);
        match self.state {
            State::Unresolved => Some(Cause::Unresolved),
            State::Redeemed if self.reversed => Some(Cause::Reversed),
            State::Redeemed if package.iter().any(less) => Some(Cause::Short),
            _ => None,
        }
    }
}

/// What a household is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// Why.
    pub cause: Cause,
    /// After which of its rights.
    pub follows: EntitlementId,
    /// The lines, in the order of the package, each above 0.
    pub lines: Vec<Given>,
}

/// Why nothing can be promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NothingDue {
    /// Everything was received, or nothing was ever begun.
    Nothing,
    /// The household's own right is still good, or still out with a device.
    StillGood(State),
    /// An exception is still good, or still out with a device.
    ExceptionOpen,
    /// A case decided already that a package goes out in its place.
    Replaced,
}

/// What is owed to a household whose rights in a round these are: the first, then the exceptions as they were issued.
/// What was received by all of them together, and what is owed, is never more than the package.
pub fn owed(package: &[Item], family: &[Member]) -> Result<Owed, NothingDue> {
    for (place, one) in family.iter().enumerate() {
        match one.state {
            State::Available | State::Leased if place == 0 => return Err(NothingDue::StillGood(one.state)),
            State::Available | State::Leased => return Err(NothingDue::ExceptionOpen),
            _ if one.replaced => return Err(NothingDue::Replaced),
            _ => {}
        }
    }
    let failed = family.iter().rev().find_map(|one| Some((one.id, one.fails(package)?)));
    let (follows, cause) = failed.ok_or(NothingDue::Nothing)?;
    let lines: Vec<Given> = package
        .iter()
        .map(|item| Given {
            code: item.code.clone(),
            quantity: item.quantity - family.iter().map(|one| one.received(item)).sum::<i64>(),
        })
        .filter(|line| line.quantity > 0)
        .collect();
    if lines.is_empty() { Err(NothingDue::Nothing) } else { Ok(Owed { cause, follows, lines }) }
}

/// Whether more of some item was received by all of them together than the package holds: a lost device came back with a
/// handout, and another right had been given in its place.
#[must_use]
pub fn doubled(package: &[Item], family: &[Member]) -> bool {
    package.iter().any(|item| family.iter().map(|one| one.received(item)).sum::<i64>() > item.quantity)
}

/// What is to be given of a right that holds these lines, or the whole package when it holds none of its own: all of
/// it when the caller names nothing, and never an item or a quantity that it does not hold.
pub fn within(holds: Option<&[Given]>, named: Option<&[Given]>) -> Result<Option<Vec<Given>>, HandoutFault> {
    let Some(holds) = holds else { return Ok(named.map(<[Given]>::to_vec)) };
    for given in named.unwrap_or_default() {
        match holds.iter().find(|line| line.code == given.code) {
            None if given.quantity == 0 => {}
            None => return Err(HandoutFault::NotInPackage { code: given.code.clone() }),
            Some(line) if given.quantity > line.quantity => {
                return Err(HandoutFault::Quantity { code: given.code.clone() });
            }
            Some(_) => {}
        }
    }
    Ok(Some(named.unwrap_or(holds).to_vec()))
}

/// What is given of a right that holds these lines and is worth so much, or that holds the whole package: as
/// [`hand_out`], but all of an exception is worth what was committed for it, to the last rounded rupiah.
pub fn hand_out_of(
    items: &[Item],
    (holds, worth): (Option<&[Given]>, Money),
    named: Option<&[Given]>,
) -> Result<Handout, HandoutFault> {
    let mut handout = hand_out(items, within(holds, named)?.as_deref())?;
    let held = |given: &Given| {
        let line = holds.unwrap_or_default().iter().find(|line| line.code == given.code);
        line.map_or(0, |line| line.quantity)
    };
    if holds.is_some() && handout.given.iter().all(|given| given.quantity == held(given)) {
        handout.value = worth;
    }
    Ok(handout)
}

/// The package as far as a right holds it: what stands on its paper and on a screen.
#[must_use]
pub fn part(package: &Package, holds: &[Given]) -> Package {
    let items = package.items.iter().filter_map(|item| {
        let line = holds.iter().find(|line| line.code == item.code)?;
        Some(Item { quantity: line.quantity, ..item.clone() })
    });
    Package { items: items.collect(), ..package.clone() }
}

/// A device knows what is handed out by the round. An exception holds what no round does, so it is lent as a round of
/// its own that has its id.
#[must_use]
pub fn lent_as(id: EntitlementId) -> RoundId {
    RoundId::from_bytes(*id.bytes())
}

/// An exception that holds what short handouts left owing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carrying {
    /// The right after which it is owed: the first, or another exception.
    pub follows: EntitlementId,
    /// The exception.
    pub by: EntitlementId,
    /// What it holds.
    pub value: i64,
    /// Since when.
    pub since: Timestamp,
    /// Whether it was revoked or has expired by now.
    pub ended: bool,
}

/// What a handout left owing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOwing {
    /// Where it was.
    pub point: PointId,
    /// How much.
    pub value: i64,
}

/// Which part of what each right's handout left owing other rights hold by now: owed once, it counts once. An exception
/// holds all that the household is owed, so what is more than the last handout left comes from those before it.
/// `counts` says which exceptions hold anything; they come in the order in which they were issued.
#[must_use]
pub fn carried(
    carrying: &[Carrying],
    left: &HashMap<EntitlementId, LeftOwing>,
    counts: impl Fn(&Carrying) -> bool,
) -> HashMap<EntitlementId, i64> {
    let before: HashMap<EntitlementId, EntitlementId> = carrying.iter().map(|one| (one.by, one.follows)).collect();
    let mut carried: HashMap<EntitlementId, i64> = HashMap::new();
    for one in carrying.iter().filter(|one| counts(one)) {
        let (mut rest, mut at) = (one.value, Some(one.follows));
        while let Some(right) = at.filter(|_| rest > 0) {
            if let Some(left) = left.get(&right) {
                let here = carried.entry(right).or_default();
                let part = rest.min(left.value - *here);
                *here += part;
                rest -= part;
            }
            at = before.get(&right).copied();
        }
    }
    carried
}

#[cfg(test)]
mod tests {
    use super::super::money::Money;
    use super::super::package::Unit;
    use super::*;

    fn items() -> Vec<Item> {
        [("beras", 15_000), ("telur", 30)]
            .into_iter()
            .map(|(code, quantity)| Item {
                code: code.into(),
                name: code.into(),
                unit: Unit::Piece,
                quantity,
                pack_name: "x".into(),
                pack_size: 1,
                pack_price_minor: Money::new(10).unwrap(),
            })
            .collect()
    }

    fn lines(beras: i64, telur: i64) -> Vec<Given> {
        [("beras", beras), ("telur", telur)]
            .into_iter()
            .filter(|line| line.1 > 0)
            .map(|(code, quantity)| Given { code: code.into(), quantity })
            .collect()
    }

    fn member(number: u8, state: State) -> Member {
        let id = EntitlementId::random([number; 16]);
        Member { id, state, holds: None, gave: None, worth: None, reversed: false, replaced: false }
    }

    fn short(number: u8, beras: i64, telur: i64) -> Member {
        Member { gave: Some(lines(beras, telur)), ..member(number, State::Redeemed) }
    }

    fn found(family: &[Member]) -> Result<(Cause, Vec<Given>), NothingDue> {
        owed(&items(), family).map(|owed| (owed.cause, owed.lines))
    }

    #[test]
    fn what_was_not_given_is_owed_and_the_whole_after_a_reversal_or_a_loss() {
        assert_eq!(found(&[short(1, 15_000, 0)]), Ok((Cause::Short, lines(0, 30))));
        assert_eq!(found(&[short(1, 9_500, 30)]), Ok((Cause::Short, lines(5_500, 0))));
        assert_eq!(found(&[short(1, 0, 0)]), Ok((Cause::Short, lines(15_000, 30))));
        assert_eq!(
            found(&[Member { reversed: true, ..short(1, 9_500, 30) }]),
            Ok((Cause::Reversed, lines(15_000, 30)))
        );
        assert_eq!(found(&[member(1, State::Unresolved)]), Ok((Cause::Unresolved, lines(15_000, 30))));
    }

    #[test]
    fn nothing_is_owed_of_what_was_received_taken_away_or_is_still_good() {
        assert_eq!(found(&[member(1, State::Redeemed)]), Err(NothingDue::Nothing));
        for state in [State::Revoked, State::Expired] {
            assert_eq!(found(&[member(1, state)]), Err(NothingDue::Nothing));
        }
        for state in [State::Available, State::Leased] {
            assert_eq!(found(&[member(1, state)]), Err(NothingDue::StillGood(state)));
            assert_eq!(found(&[short(1, 0, 0), member(2, state)]), Err(NothingDue::ExceptionOpen));
        }
        assert_eq!(found(&[Member { replaced: true, ..member(1, State::Unresolved) }]), Err(NothingDue::Replaced));
        assert_eq!(found(&[]), Err(NothingDue::Nothing));
    }

    #[test]
    fn exceptions_are_added_up_and_the_sum_is_never_more_than_the_package() {
        let first = short(1, 10_000, 0);
        let second = Member { holds: Some(lines(5_000, 30)), ..short(2, 5_000, 10) };
        let follows = owed(&items(), &[first.clone(), second.clone()]).unwrap();
        assert_eq!((follows.cause, follows.follows), (Cause::Short, second.id));
        assert_eq!(follows.lines, lines(0, 20));
        let third = Member { holds: Some(lines(0, 20)), ..short(3, 0, 20) };
        assert_eq!(found(&[first.clone(), second.clone(), third.clone()]), Err(NothingDue::Nothing), "all of it came");
        // What was not used, or was lost, is owed again; what was used is not.
        assert_eq!(
            found(&[first.clone(), second.clone(), member(3, State::Expired)]),
            Ok((Cause::Short, lines(0, 20)))
        );
        let lost = Member { holds: Some(lines(5_000, 30)), ..member(2, State::Unresolved) };
        assert_eq!(found(&[first, lost]), Ok((Cause::Unresolved, lines(5_000, 30))));
        // A reversal of a right whose replacement was received owes nothing more.
        let back = Member { reversed: true, ..member(1, State::Redeemed) };
        assert_eq!(found(&[back, member(2, State::Redeemed)]), Err(NothingDue::Nothing));
    }

    #[test]
    fn no_more_is_given_than_a_right_holds() {
        let holds = lines(5_000, 0);
        assert_eq!(within(None, None), Ok(None));
        assert_eq!(within(None, Some(&lines(1, 1))), Ok(Some(lines(1, 1))));
        assert_eq!(within(Some(&holds), None), Ok(Some(holds.clone())));
        assert_eq!(within(Some(&holds), Some(&lines(4_000, 0))), Ok(Some(lines(4_000, 0))));
        let fault = |code: &str| Err(HandoutFault::Quantity { code: code.into() });
        assert_eq!(within(Some(&holds), Some(&lines(5_001, 0))), fault("beras"));
        let strange = HandoutFault::NotInPackage { code: "telur".into() };
        assert_eq!(within(Some(&holds), Some(&lines(5_000, 1))), Err(strange));
    }

    #[test]
    fn all_of_an_exception_is_worth_what_was_committed_for_it() {
        let worth = Money::new(7).unwrap();
        let items = items();
        let handed = |named: Option<&[Given]>| {
            hand_out_of(&items, (Some(&lines(7_500, 0)), worth), named).map(|handout| (handout.value, handout.short))
        };
        // Half of the rice is 75,000 by its price.
        assert_eq!(handed(None), Ok((worth, true)));
        assert_eq!(handed(Some(&lines(7_500, 0))), Ok((worth, true)));
        assert_eq!(handed(Some(&lines(7_000, 0))), Ok((Money::new(70_000).unwrap(), true)));
        assert!(handed(Some(&lines(7_501, 0))).is_err());
        let whole = hand_out_of(&items, (None, worth), None).unwrap();
        assert_eq!((whole.value, whole.short), (Money::new(150_300).unwrap(), false));
    }

    #[test]
    fn what_an_exception_holds_beyond_the_last_handout_is_what_those_before_it_left() {
        let right = |number: u8| EntitlementId::random([number; 16]);
        let point = PointId::by_time(Timestamp::from_millis(0).unwrap(), [1; 10]);
        let since = Timestamp::from_millis(0).unwrap();
        let one = |follows, by, value| Carrying { follows: right(follows), by: right(by), value, since, ended: false };
        let left = |all: &[(u8, i64)]| -> HashMap<EntitlementId, LeftOwing> {
            all.iter().map(|(number, value)| (right(*number), LeftOwing { point, value: *value })).collect()
        };
        let sums = |carrying: &[Carrying], all: &[(u8, i64)]| {
            let carried = carried(carrying, &left(all), |one| !one.ended);
            all.iter().map(|(number, _)| carried.get(&right(*number)).copied().unwrap_or(0)).collect::<Vec<_>>()
        };
        assert_eq!(sums(&[one(1, 2, 30)], &[(1, 50)]), [30]);
        // The first lacked 50; 30 of it came back as an exception of which 10 were not given; the next holds all 30.
        assert_eq!(sums(&[one(1, 2, 30), one(2, 3, 30)], &[(1, 50), (2, 10)]), [50, 10]);
        // One that has ended holds nothing, and the next reaches through it.
        let gone = Carrying { ended: true, ..one(1, 2, 30) };
        assert_eq!(sums(&[gone, one(2, 3, 50)], &[(1, 50)]), [50]);
        assert_eq!(sums(&[gone], &[(1, 50)]), [0]);
        // Never more than was left, whatever stands there.
        assert_eq!(sums(&[one(1, 2, 90)], &[(1, 50)]), [50]);
    }

    #[test]
    fn every_code_reads_back() {
        assert!(Cause::ALL.into_iter().all(|one| Cause::parse(one.as_str()) == Some(one)));
        assert!(Standing::ALL.into_iter().all(|one| Standing::parse(one.as_str()) == Some(one)));
    }
}
