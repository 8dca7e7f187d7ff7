//! The books of a round: read at one moment, and checked before anybody sees them.

use std::collections::{BTreeMap, HashMap};

use super::{Actor, Error, Office, Refusal, programme};
use crate::domain::audit::Event;
use crate::domain::budget::Budget;
use crate::domain::entitlement::State;
use crate::domain::exception::carried;
use crate::domain::id::{PointId, RoundId};
use crate::domain::money::Money;
use crate::domain::reconcile::{DayLine, ItemLine, PointLine, Reconciliation, StateLine};
use crate::domain::redemption::CollectorKind;
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::store::reconcile::{self as books, Handed, Standing};
use crate::store::{self, Conn};

fn rupiah(sum: i64) -> Result<Money, Error> {
    Money::new(sum).map_err(|fault| Error::Broken(format!("a sum in the books: {fault}")))
}

impl Office {
    /// Budget, entitlements, goods, points and days of a round, all of one moment.
    pub fn reconciliation(&self, actor: &Actor, round: RoundId) -> Result<Reconciliation, Error> {
        actor.must(Action::ReadReconciliation)?;
        let as_of = self.now();
        let found = self.pool.read_snapshot(|conn| {
            programme::owned_round(conn, actor, round)?;
            read_books(conn, round, as_of)
        })?;
        for fault in found.faults() {
            tracing::error!(%round, fault = fault.as_str(), "the books do not close");
        }
        Ok(found)
    }

    /// The same to leave the house as JSON. That it left is on record.
    pub fn export_reconciliation(&self, actor: &Actor, round: RoundId) -> Result<Reconciliation, Error> {
        let books = self.reconciliation(actor, round)?;
        self.record_look(actor, Event::ReconciliationExported, round, "json".to_owned())?;
        Ok(books)
    }
}

pub(super) fn read_books(conn: &mut Conn, round: RoundId, as_of: Timestamp) -> Result<Reconciliation, Error> {
    let standing = books::standing(conn, round)?;
    let handed = books::handed(conn, round)?;
    books_of(conn, round, as_of, &standing, &handed)
}

/// The books of a round from its sums, which are read once for all that is said of them.
pub(super) fn books_of(
    conn: &mut Conn,
    round: RoundId,
    as_of: Timestamp,
    standing: &[Standing],
    handed: &[Handed],
) -> Result<Reconciliation, Error> {
    let round = store::rounds::find(conn, round)?.ok_or(Refusal::NotFound("round"))?;
    let programme = store::programmes::find(conn, round.programme)?.ok_or(Refusal::NotFound("programme"))?;
    let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
    let given_when_short = books::given_when_short(conn, round.id)?;
    let mut owed_when_short = books::owed_when_short(conn, round.id)?;
    // What an exception holds since was issued once and is not owed beside it.
    let carried = carried_at(conn, round.id)?;
    for (point, count, value) in &mut owed_when_short {
        let (settled, held) = carried.get(point).copied().unwrap_or_default();
        *count -= settled;
        *value -= held;
    }
    let handed_value: i64 = handed.iter().map(|line| line.value).sum();
    let elsewhere = books::realised_but(conn, programme.id, Some(round.id))?;
    let realised = rupiah(elsewhere.minor() + handed_value)?;

    let mut states = Vec::with_capacity(State::ALL.len());
    for state in State::ALL {
        let lines = standing.iter().filter(|line| line.state == state);
        let count = lines.clone().map(|line| line.count).sum();
        // What was redeemed is worth what was given, which a short handout makes less than was promised.
        let value = if state == State::Redeemed { handed_value } else { lines.map(|line| line.value).sum() };
        states.push(StateLine { state, count, value: rupiah(value)? });
    }
    let issued: i64 = states.iter().map(|line| line.count).sum();
    let committed = states.iter().filter(|line| line.state.is_live()).map(|line| line.value.minor()).sum();

    let short_handouts: i64 = handed.iter().map(|line| line.short).sum();
    let full_handouts = handed.iter().map(|line| line.count).sum::<i64>() - short_handouts;
    let exceptions = store::exceptions::counted(conn, round.id)?;
    let items = package
        .items
        .into_iter()
        .map(|item| {
            let given: i64 =
                given_when_short.iter().filter(|(code, _)| *code == item.code).map(|(_, quantity)| *quantity).sum();
            let less = |handed: bool| -> i64 {
                let those = exceptions.values().filter(|one| !handed || one.day.is_some());
                those.map(|one| item.quantity - one.holds(&item.code)).sum()
            };
            ItemLine {
                issued: issued * item.quantity - less(false),
                handed_over: full_handouts * item.quantity + given,
                short: short_handouts * item.quantity - given - less(true),
                apart: less(true),
                item,
            }
        })
        .collect();

    let mut points = Vec::new();
    for point in store::points::of_agency(conn, programme.agency)? {
        if standing.iter().all(|line| line.point != point.id) {
            continue;
        }
        let count = |wanted: fn(State) -> bool| {
            standing.iter().filter(|line| line.point == point.id && wanted(line.state)).map(|line| line.count).sum()
        };
        let worth = |wanted: fn(State) -> bool| -> i64 {
            let lines = standing.iter().filter(|line| line.point == point.id && wanted(line.state));
            lines.map(|line| line.value).sum()
        };
        let held = carried.get(&point.id).map_or(0, |carried| carried.1);
        let owed = owed_when_short.iter().filter(|line| line.0 == point.id).map(|line| line.2).sum();
        let here = || handed.iter().filter(|line| line.point == point.id);
        points.push(PointLine {
            issued_value: rupiah(worth(|_| true) - held)?,
            open_value: rupiah(worth(State::is_live))?,
            released_value: rupiah(worth(|state| matches!(state, State::Revoked | State::Expired)))?,
            short_value: rupiah(owed)?,
            issued: count(|_| true),
            redeemed: here().map(|line| line.count).sum(),
            by_proxy: here().filter(|line| line.collector == CollectorKind::Proxy).map(|line| line.count).sum(),
            released: count(|state| matches!(state, State::Revoked | State::Expired)),
            open: count(State::is_live),
            realised: rupiah(here().map(|line| line.value).sum())?,
            code: point.code,
            name: point.name,
        });
    }

    let mut by_day: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for line in handed {
        let day = by_day.entry(&line.day).or_default();
        day.0 += line.count;
        day.1 += line.value;
    }
    let mut days = Vec::with_capacity(by_day.len());
    for (day, (redeemed, value)) in by_day {
        days.push(DayLine { day: day.to_owned(), redeemed, realised: rupiah(value)? });
    }

    Ok(Reconciliation {
        as_of,
        budget: Budget::of(programme.ceiling, programme.obligated, realised)
            .map_err(|_| Error::Broken("more was handed over than was ever committed".into()))?,
        round_committed: rupiah(committed)?,
        round_realised: rupiah(handed_value)?,
        issued,
        issued_value: rupiah(
            standing.iter().map(|line| line.value).sum::<i64>() - carried.values().map(|one| one.1).sum::<i64>(),
        )?,
        short_handouts: owed_when_short.iter().map(|line| line.1).sum(),
        short_value: rupiah(owed_when_short.iter().map(|line| line.2).sum())?,
        states,
        items,
        points,
        days,
    })
}

/// What short handouts left owing and an exception holds since, by the point of the handout: how many of them are owed
/// nothing any more, and the value that is held.
fn carried_at(conn: &mut Conn, round: RoundId) -> Result<HashMap<PointId, (i64, i64)>, Error> {
    let carrying = store::exceptions::carrying(conn, round)?;
    let left = store::exceptions::left_owing(conn, &carrying)?;
    let mut found: HashMap<PointId, (i64, i64)> = HashMap::new();
    for (right, value) in carried(&carrying, &left, |one| !one.ended) {
        let Some(left) = left.get(&right) else { continue };
        let here = found.entry(left.point).or_default();
        here.0 += i64::from(value == left.value);
        here.1 += value;
    }
    Ok(found)
}
