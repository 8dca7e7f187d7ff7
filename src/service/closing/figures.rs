//! The figures of a period, read at one moment.

use super::super::stock::Books;
use super::super::treasury::money_of;
use super::super::{Actor, Error, Refusal};
use super::Period;
use crate::domain::closing::{Billed, Cash, Difference, Figures, Goods, NOT_NOTED, Scope, Vouchers};
use crate::domain::document::AbsenceReason;
use crate::domain::entitlement::State;
use crate::domain::exception::Cause;
use crate::domain::id::PointId;
use crate::domain::package::{Item, Package};
use crate::domain::programme::Round;
use crate::domain::redemption::{CollectorKind, hand_out};
use crate::domain::stock::Balance;
use crate::store::evidence::{self, Part};
use crate::store::exceptions::Counted;
use crate::store::reconcile::{self, Handed};
use crate::store::{self, Conn};

/// Reads the figures of a period. Each is counted where it lies: states from the entitlements, handouts from
/// the receipts, goods from deliveries, shipments and entries.
pub(super) fn read(conn: &mut Conn, actor: &Actor, round: &Round, period: &Period) -> Result<Figures, Error> {
    let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
    let at = period.point.as_ref().map(|point| point.id);
    let here = |point: PointId| at.is_none_or(|at| at == point);
    let day = period.day.as_deref();
    let handed: Vec<Handed> = reconcile::handed(conn, round.id)?
        .into_iter()
        .filter(|line| here(line.point) && day.is_none_or(|day| line.day == day))
        .collect();
    let states: Vec<_> =
        reconcile::by_point_and_state(conn, round.id)?.into_iter().filter(|line| here(line.0)).collect();
    let redeemed: i64 = handed.iter().map(|line| line.count).sum();
    let count = |state: State| states.iter().filter(|line| line.1 == state).map(|line| line.2).sum::<i64>();
    let vouchers = if day.is_some() {
        Vouchers { issued: redeemed, redeemed, ..Vouchers::default() }
    } else {
        Vouchers {
            issued: states.iter().map(|line| line.2).sum(),
            redeemed: count(State::Redeemed),
            available: count(State::Available),
            leased: count(State::Leased),
            unresolved: count(State::Unresolved),
            revoked: count(State::Revoked),
            expired: count(State::Expired),
        }
    };
    let short_lines = store::closings::short_lines(conn, round.id, at, day)?;
    let full = redeemed - handed.iter().map(|line| line.short).sum::<i64>();
    let books = Books::read(conn, actor.agency, round.programme)?;
    let mut exceptions: Vec<Counted> = store::exceptions::counted(conn, round.id)?.into_values().collect();
    exceptions.retain(|one| here(one.point) && one.day.as_deref().is_some_and(|on| day.is_none_or(|day| day == on)));
    let handouts = Handouts { redeemed, full, short_lines: &short_lines, exceptions: &exceptions };
    let goods = goods(&books, &package, period, &handouts);
    let uncounted = if period.scope == Scope::Round { uncounted(&books, &package) } else { 0 };
    let realised_minor = handed.iter().map(|line| line.value).sum();
    let (paid, invoices) = treasury(conn, round, &period.scope)?;
    let cash = Cash {
        issued_minor: if day.is_some() { realised_minor } else { states.iter().map(|line| line.3).sum() },
        realised_minor,
        priced_minor: priced(&package, full, &short_lines) + rounded(&package, &exceptions),
        ..paid
    };
    let part = Part { round: round.id, point: at, session_no: None };
    let places = match period.scope {
        Scope::Round => places(conn, part, &books, &package)?,
        Scope::Point(_) | Scope::Day(..) => Vec::new(),
    };
    let live = vouchers.available + vouchers.leased + vouchers.unresolved + vouchers.expired;
    Ok(Figures {
        vouchers,
        goods,
        cash,
        by_proxy: handed.iter().filter(|line| line.collector == CollectorKind::Proxy).map(|line| line.count).sum(),
        uncollected: if day.is_some() { Vec::new() } else { uncollected(conn, round, at, live)? },
        cases: store::closings::cases_open(conn, round.id, at)?,
        cases_without_round: match period.scope {
            Scope::Round => store::closings::cases_without_round(conn, actor.agency)?,
            Scope::Point(_) | Scope::Day(..) => Vec::new(),
        },
        unsynced: evidence::unsynced(conn, part)?,
        late: Vec::new(),
        invoices,
        uncounted,
        places,
        moves: Vec::new(),
    })
}

/// What was handed over in a period.
struct Handouts<'a> {
    redeemed: i64,
    full: i64,
    short_lines: &'a [(String, i64)],
    exceptions: &'a [Counted],
}

impl Handouts<'_> {
    /// What was due of an item: what a household gets later after a short handout was due then, and is due once.
    fn due(&self, item: &Item) -> i64 {
        let holds = |one: &Counted| if one.cause == Cause::Short { 0 } else { one.holds(&item.code) };
        let less: i64 = self.exceptions.iter().map(|one| item.quantity - holds(one)).sum();
        self.redeemed * item.quantity - less
    }
}

fn goods(books: &Books, package: &Package, period: &Period, handouts: &Handouts<'_>) -> Vec<Goods> {
    package
        .items
        .iter()
        .map(|item| {
            let code = item.code.as_str();
            let given: i64 = handouts.short_lines.iter().filter(|line| line.0 == code).map(|line| line.1).sum();
            let (mut balance, mut on_the_way, mut short) = (Balance::default(), 0, 0);
            let (mut below_zero, mut off) = (0, 0);
            let at = period.point.as_ref().map(|point| point.id);
            for point in books.points.iter().filter(|point| at.is_none_or(|at| at == point.id)) {
                let transit = books.transit(Some(point.id), code);
                let here = books.balance(Some(point.id), code);
                balance = balance.plus(here);
                below_zero += here.remaining.min(0);
                if period.scope == Scope::Round {
                    off += books.counted(Some(point.id), code).map_or(0, |counted| (counted - here.remaining).abs());
                }
                on_the_way += transit.0;
                short += transit.1;
            }
            Goods {
                item: item.code.clone(),
                name: item.name.clone(),
                pack_size: item.pack_size,
                pack_name: item.pack_name.clone(),
                due: handouts.due(item),
                given: handouts.full * item.quantity + given,
                balance,
                counted: at.and_then(|at| books.counted(Some(at), code)),
                short,
                on_the_way,
                below_zero,
                off,
            }
        })
        .collect()
}

/// What differs in a round, place by place: a line says where, of what, and whether too much or too little.
fn places(conn: &mut Conn, part: Part, books: &Books, package: &Package) -> Result<Vec<Difference>, Error> {
    let mut all = Vec::new();
    let mut differ = |code: &str, place: &str, item: Option<&str>, expected: i64, found: i64| {
        if expected != found {
            let (place, item) = (Some(place.to_owned()), item.map(str::to_owned));
            all.push(Difference { code: code.to_owned(), place, item, expected, found });
        }
    };
    for point in &books.points {
        let code = point.code.as_str();
        for item in &package.items {
            let remaining = books.balance(Some(point.id), &item.code).remaining;
            let (on_the_way, short) = books.transit(Some(point.id), &item.code);
            let of = Some(item.code.as_str());
            differ("on_the_way", code, of, 0, on_the_way);
            differ("short", code, of, 0, short);
            differ("below_zero", code, of, 0, remaining.min(0));
            if let Some(counted) = books.counted(Some(point.id), &item.code) {
                differ("stock_at_points", code, of, remaining, counted);
            }
        }
        differ("points_not_counted", code, None, 0, uncounted_at(books, package, point.id));
    }
    let holding = evidence::holding(conn, part)?;
    let ids: Vec<_> = holding.iter().map(|one| one.0).collect();
    let names = store::closings::holders(conn, &ids)?;
    for (device, count) in holding {
        if let Some((name, point, _)) = names.get(&device) {
            differ("unsynced", point, Some(name), 0, count);
        }
    }
    all.sort_by(|one, other| (&one.code, &one.place).cmp(&(&other.code, &other.place)));
    Ok(all)
}

/// How many items of the package lie at a point that nobody has counted there since there are books of it.
fn uncounted_at(books: &Books, package: &Package, point: PointId) -> i64 {
    let open = |item: &&Item| {
        books.balance(Some(point), &item.code).remaining != 0 && books.counted(Some(point), &item.code).is_none()
    };
    i64::try_from(package.items.iter().filter(open).count()).unwrap_or(i64::MAX)
}

/// The points at which some item of the package lies that nobody has counted since there are books of it.
fn uncounted(books: &Books, package: &Package) -> i64 {
    let open = books.points.iter().filter(|point| uncounted_at(books, package, point.id) > 0);
    i64::try_from(open.count()).unwrap_or(i64::MAX)
}

/// What was given is worth, by quantities and prices: each short line by itself, as its receipt counts it.
fn priced(package: &Package, full: i64, short_lines: &[(String, i64)]) -> i64 {
    let part = |(code, quantity): &(String, i64)| {
        let item = package.items.iter().find(|item| item.code == *code)?;
        Some(item.worth(*quantity).ok()?.minor())
    };
    full * package.value.minor() + short_lines.iter().filter_map(part).sum::<i64>()
}

/// What the exceptions that gave all they held were worth beside their prices: the rupiah that the parts before them
/// had rounded away.
fn rounded(package: &Package, exceptions: &[Counted]) -> i64 {
    let whole = exceptions.iter().filter(|one| one.given == Some(one.worth));
    let beside = |one: &Counted| Some(one.worth - hand_out(&package.items, Some(&one.lines)).ok()?.value.minor());
    whole.filter_map(beside).sum()
}

fn treasury(conn: &mut Conn, round: &Round, scope: &Scope) -> Result<(Cash, Vec<Billed>), Error> {
    if *scope != Scope::Round {
        return Ok((Cash::default(), Vec::new()));
    }
    let money = money_of(conn, round.programme)?;
    let cash = Cash {
        delivered_minor: money.delivered_minor,
        invoiced_minor: money.invoiced_minor,
        paid_minor: money.paid_minor,
        unmatched_minor: money.unmatched_minor,
        ..Cash::default()
    };
    let billed = money.invoices.into_iter().map(|one| Billed {
        number: one.number,
        delivered_minor: one.delivered_minor,
        asked_minor: one.amount_minor,
        paid_minor: one.paid_minor,
    });
    let odd = |one: &Billed| one.delivered_minor != one.asked_minor || one.asked_minor != one.paid_minor;
    Ok((cash, billed.filter(odd).collect()))
}

fn uncollected(conn: &mut Conn, round: &Round, point: Option<PointId>, live: i64) -> Result<Vec<(String, i64)>, Error> {
    let noted = store::closings::uncollected(conn, round.id, point)?;
    let without = live - noted.values().sum::<i64>();
    let mut all: Vec<(String, i64)> = noted
        .into_iter()
        .map(|(code, count)| {
            (AbsenceReason::parse(&code).map_or_else(|| code.clone(), |reason| reason.word().to_owned()), count)
        })
        .collect();
    if without > 0 {
        all.push((NOT_NOTED.to_owned(), without));
    }
    Ok(all)
}
