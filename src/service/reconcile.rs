//! The books of a round: read at one moment, and checked before anybody sees them.

use std::collections::BTreeMap;

use super::{Actor, Error, Office, Refusal, programme};
use crate::domain::audit::Event;
use crate::domain::budget::Budget;
use crate::domain::entitlement::State;
use crate::domain::id::RoundId;
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
            tracing::error!(%round, fault, "the books do not close");
        }
        Ok(found)
    }

    /// The same to leave the house as a file of this form. That it left is on record.
    pub fn export_reconciliation(&self, actor: &Actor, round: RoundId, form: &str) -> Result<Reconciliation, Error> {
        let books = self.reconciliation(actor, round)?;
        self.record_look(actor, Event::ReconciliationExported, round, form.to_owned())?;
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
        let here = || handed.iter().filter(|line| line.point == point.id);
        points.push(PointLine {
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
        states,
        items,
        points,
        days,
    })
}

/// The books as one table: section, key, name, and figures, for a spreadsheet.
#[must_use]
pub fn reconciliation_csv(books: &Reconciliation) -> Vec<u8> {
    use crate::spreadsheet::{ByteOrderMark, table_to_csv};
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut row = |section: &str, key: &str, name: &str, count: i64, value: i64| {
        rows.push([section.into(), key.into(), name.into(), count.to_string(), value.to_string()]);
    };
    let budget = &books.budget;
    row("anggaran", "ceiling", "Pagu", 0, budget.ceiling.minor());
    row("anggaran", "committed", "Terikat", 0, budget.committed.minor());
    row("anggaran", "realised", "Realisasi fisik", 0, budget.realised.minor());
    row("anggaran", "remaining", "Sisa anggaran", 0, budget.remaining().map_or(0, Money::minor));
    row("hak", "issued", "Diterbitkan", books.issued, books.round_committed.minor() + books.round_realised.minor());
    for line in &books.states {
        row("hak", line.state.as_str(), "", line.count, line.value.minor());
    }
    for line in &books.items {
        row("barang", &format!("{}_issued", line.item.code), &line.item.name, line.issued, 0);
        row("barang", &format!("{}_handed_over", line.item.code), &line.item.name, line.handed_over, 0);
        row("barang", &format!("{}_short", line.item.code), &line.item.name, line.short, 0);
    }
    for line in &books.points {
        row("titik", &format!("{}_issued", line.code), &line.name, line.issued, 0);
        row("titik", &format!("{}_redeemed", line.code), &line.name, line.redeemed, line.realised.minor());
        row("titik", &format!("{}_open", line.code), &line.name, line.open, 0);
        row("titik", &format!("{}_released", line.code), &line.name, line.released, 0);
    }
    for line in &books.days {
        row("hari", &line.day, "", line.redeemed, line.realised.minor());
    }
    table_to_csv(&["bagian", "kunci", "nama", "jumlah", "nilai_rupiah"], rows, ByteOrderMark::With)
}
