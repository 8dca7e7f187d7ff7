//! The round at a glance, for finance and the head of the agency.
//!
//! A round of a million entitlements takes longer to add up than a page may take. So the sums of each round are
//! kept in memory with the moment of which they are, and every page says that moment. What is quick to add up is
//! always added up anew; what is slow is added up behind a page that shows the sums of before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;

use super::reconcile::books_of;
use super::stock::Books;
use super::treasury::{Unsettled, money_of};
use super::{Actor, Error, Office, programme};
use crate::domain::document::AbsenceReason;
use crate::domain::entitlement::State;
use crate::domain::id::{DeviceId, RedemptionId, RoundId};
use crate::domain::programme::Programme;
use crate::domain::role::Action;
use crate::domain::time::{Timestamp, Zone};
use crate::store::evidence::Part;
use crate::store::reconcile::Standing;
use crate::store::{self, Conn};

/// The sums of a round with no more vouchers than this are read anew for every page.
const QUICK: i64 = 50_000;
/// Slow sums are shown for so long before they are read again.
const FRESH_MILLIS: i64 = 30_000;
/// A device that was not heard of for so long is silent.
const SILENT_MILLIS: i64 = 24 * 3_600_000;

/// A sub-district, or a point.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Area {
    /// The sub-district's name, or the point's code.
    pub name: String,
    /// Issued.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
    /// Of these, by a proxy.
    pub by_proxy: i64,
    /// Revoked or expired.
    pub released: i64,
    /// Not collected yet.
    pub open: i64,
    /// The value handed over.
    pub realised_minor: i64,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Day {
    /// `2026-12-07`.
    pub day: String,
    /// Redeemed on it.
    pub redeemed: i64,
    /// The value handed over.
    pub realised_minor: i64,
}

/// Vouchers that one device holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Held {
    /// The device's name.
    pub device: String,
    /// The point's code.
    pub point: String,
    /// When it was last heard of, ISO 8601.
    pub last_contact_at: Option<String>,
    /// Whether that is longer than a day ago.
    pub silent: bool,
    /// How many vouchers it holds.
    pub vouchers: i64,
    /// What they are worth.
    pub value_minor: i64,
}

/// A round at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Dashboard {
    /// The round.
    #[schema(value_type = String, format = Uuid)]
    pub round_id: RoundId,
    /// Its name.
    pub round: String,
    /// The moment of which the sums are, ISO 8601.
    pub as_of: String,
    /// The number of the round's close, once there is one.
    pub closed_number: Option<String>,
    /// Up to when that counts, ISO 8601.
    pub closed_cut_off: Option<String>,
    /// The programme's ceiling.
    pub ceiling_minor: i64,
    /// The value of live entitlements of the programme.
    pub committed_minor: i64,
    /// The value handed over in the programme: physical realisation.
    pub realised_minor: i64,
    /// What the treasury paid: financial realisation.
    pub paid_minor: i64,
    /// The whole round.
    pub total: Area,
    /// Redeemed today.
    pub today: i64,
    /// Handouts that were short.
    pub short: i64,
    /// By sub-district.
    pub sub_districts: Vec<Area>,
    /// By point.
    pub points: Vec<Area>,
    /// By day.
    pub days: Vec<Day>,
    /// Why vouchers were not collected, as far as noted.
    pub uncollected: Vec<(String, i64)>,
    /// Vouchers with devices.
    pub exposure: Vec<Held>,
    /// Cases of the round that are not closed, by kind.
    pub cases: Vec<(String, i64)>,
    /// Cases of the agency that belong to no round and are not closed, by kind.
    pub cases_without_round: Vec<(String, i64)>,
    /// The identities of the books that do not hold; empty when all do.
    pub faults: Vec<String>,
    /// What to look into.
    pub unsettled: Vec<Unsettled>,
}

/// The sums of a round, with the moment of which they are.
#[derive(Debug)]
pub(super) struct Kept {
    board: Arc<Dashboard>,
    read_at: Timestamp,
    renewing: bool,
}

/// The sums of each round, as they were read last.
pub(super) type Boards = Arc<RwLock<BTreeMap<RoundId, Kept>>>;

impl Office {
    /// The round at a glance.
    pub fn dashboard(&self, actor: &Actor, round: RoundId) -> Result<Arc<Dashboard>, Error> {
        actor.must(Action::ReadReconciliation)?;
        self.pool.read(|conn| programme::owned_round(conn, actor, round).map(|_| ()))?;
        let now = self.now();
        let mut renew = false;
        let known = {
            let mut boards = self.boards.write().unwrap_or_else(PoisonError::into_inner);
            boards.get_mut(&round).filter(|kept| kept.board.total.issued > QUICK).map(|kept| {
                if now.millis() - kept.read_at.millis() > FRESH_MILLIS && !kept.renewing {
                    kept.renewing = true;
                    renew = true;
                }
                Arc::clone(&kept.board)
            })
        };
        let Some(board) = known else { return self.read_board(round) };
        if renew {
            let office = self.clone();
            std::thread::spawn(move || {
                if let Err(error) = office.read_board(round) {
                    tracing::error!(%error, "the sums of a round could not be read");
                    let mut boards = office.boards.write().unwrap_or_else(PoisonError::into_inner);
                    if let Some(kept) = boards.get_mut(&round) {
                        kept.renewing = false;
                    }
                }
            });
        }
        Ok(board)
    }

    /// The same, added up anew however long it takes.
    pub fn read_dashboard(&self, actor: &Actor, round: RoundId) -> Result<Arc<Dashboard>, Error> {
        actor.must(Action::ReadReconciliation)?;
        self.pool.read(|conn| programme::owned_round(conn, actor, round).map(|_| ()))?;
        self.read_board(round)
    }

    /// The newest receipts of a point in a round: id, number, when it was taken, value.
    pub fn receipts_at(
        &self,
        actor: &Actor,
        round: RoundId,
        point: &str,
    ) -> Result<Vec<(RedemptionId, String, Timestamp, i64)>, Error> {
        actor.must(Action::ReadRedemptions)?;
        self.pool.read(|conn| {
            programme::owned_round(conn, actor, round)?;
            let point = store::points::by_code(conn, actor.agency, point)?.ok_or(super::Refusal::NotFound("point"))?;
            Ok(store::closings::receipts(conn, round, point.id, super::PAGE_MAX)?)
        })
    }

    /// Reads the sums of the large rounds under way, so that nobody who comes first waits for them. On a thread of
    /// its own.
    pub fn warm_dashboards(&self) {
        let office = self.clone();
        std::thread::spawn(move || {
            let now = office.now();
            let warm = || {
                let large = office.pool.read(|conn| {
                    let mut open = Vec::new();
                    for id in store::rounds::all(conn)? {
                        let round = store::rounds::find(conn, id)?;
                        open.extend(round.filter(|round| round.opens_at <= now && now < round.closes_at));
                    }
                    let part = |round: RoundId| Part { round, point: None, session_no: None };
                    let mut large = Vec::new();
                    for round in open {
                        if store::evidence::count(conn, part(round.id), now)? > QUICK {
                            large.push(round.id);
                        }
                    }
                    Ok::<_, Error>(large)
                })?;
                large.into_iter().try_for_each(|round| office.read_board(round).map(drop))
            };
            if let Err(error) = warm() {
                tracing::warn!(%error, "the sums of a round could not be read");
            }
        });
    }

    fn read_board(&self, round: RoundId) -> Result<Arc<Dashboard>, Error> {
        let now = self.now();
        let board = Arc::new(self.pool.read_snapshot(|conn| read(conn, round, now))?);
        let kept = Kept { board: Arc::clone(&board), read_at: now, renewing: false };
        self.boards.write().unwrap_or_else(PoisonError::into_inner).insert(round, kept);
        Ok(board)
    }
}

fn read(conn: &mut Conn, id: RoundId, now: Timestamp) -> Result<Dashboard, Error> {
    let standing = store::reconcile::standing(conn, id)?;
    let handed = store::reconcile::handed(conn, id)?;
    let books = books_of(conn, id, now, &standing, &handed)?;
    let round = store::rounds::find(conn, id)?.ok_or(super::Refusal::NotFound("round"))?;
    let programme = store::programmes::find(conn, round.programme)?.ok_or(super::Refusal::NotFound("programme"))?;
    let agency = store::agencies::find(conn, programme.agency)?.ok_or(super::Refusal::NotFound("agency"))?;
    let zone = agency.zone;
    let places = store::points::of_agency(conn, programme.agency)?;
    let faults = books.faults().iter().map(|one| one.as_str().to_owned()).collect();
    let mut total = Area { name: round.name.clone(), ..Area::default() };
    let mut sub_districts: BTreeMap<String, Area> = BTreeMap::new();
    let mut points = Vec::with_capacity(books.points.len());
    for line in &books.points {
        let area = Area {
            name: line.code.clone(),
            issued: line.issued,
            redeemed: line.redeemed,
            by_proxy: line.by_proxy,
            released: line.released,
            open: line.open,
            realised_minor: line.realised.minor(),
        };
        let lies_in = places.iter().find(|point| point.code == line.code).map(|point| point.sub_district.clone());
        let lies_in = lies_in.unwrap_or_default();
        let sum = sub_districts.entry(lies_in.clone()).or_insert_with(|| Area { name: lies_in, ..Area::default() });
        add(sum, &area);
        add(&mut total, &area);
        points.push(area);
    }
    let today = now.date(zone).to_string();
    let uncollected = store::closings::uncollected(conn, id, None)?
        .into_iter()
        .map(|(code, count)| {
            (AbsenceReason::parse(&code).map_or_else(|| code.clone(), |reason| reason.word().to_owned()), count)
        })
        .collect();
    let exposure = exposure(conn, &standing, now, zone)?;
    let money = money_of(conn, programme.id)?;
    let mut unsettled = money.unsettled();
    let below = below_zero(conn, &programme)?;
    if below > 0 {
        unsettled.push(Unsettled { code: "below_zero".into(), count: below, amount_minor: 0 });
    }
    let (count, amount_minor) = store::exceptions::reversed(conn, id)?;
    if count > 0 {
        unsettled.push(Unsettled { code: "reversals".into(), count, amount_minor });
    }
    let (count, amount_minor) = super::closing::outstanding(&super::closing::missing(conn, &round, &agency)?);
    if count > 0 {
        unsettled.push(Unsettled { code: "after_close".into(), count, amount_minor });
    }
    if total.by_proxy.saturating_mul(100) > total.redeemed.saturating_mul(i64::from(agency.rules.proxy_percent)) {
        unsettled.push(Unsettled { code: "proxies".into(), count: total.by_proxy, amount_minor: 0 });
    }
    let closed = store::afterwards::round_closed(conn, id)?;
    Ok(Dashboard {
        round_id: id,
        round: round.name,
        closed_cut_off: closed.as_ref().map(|(_, at)| at.iso(zone)),
        closed_number: closed.map(|(number, _)| number),
        as_of: now.iso(zone),
        ceiling_minor: books.budget.ceiling.minor(),
        committed_minor: books.budget.committed.minor(),
        realised_minor: books.budget.realised.minor(),
        paid_minor: money.paid_minor,
        total,
        today: books.days.iter().filter(|line| line.day == today).map(|line| line.redeemed).sum(),
        short: handed.iter().map(|line| line.short).sum::<i64>() - store::exceptions::complete(conn, id)?,
        sub_districts: sub_districts.into_values().collect(),
        points,
        days: books
            .days
            .into_iter()
            .map(|line| Day { day: line.day, redeemed: line.redeemed, realised_minor: line.realised.minor() })
            .collect(),
        uncollected,
        exposure,
        cases: store::closings::cases_open(conn, id, None)?,
        cases_without_round: store::closings::cases_without_round(conn, programme.agency)?,
        faults,
        unsettled,
    })
}

/// How many places handed over more than is on record there, where the goods of a programme are kept at all.
fn below_zero(conn: &mut Conn, programme: &Programme) -> Result<i64, Error> {
    let books = Books::read(conn, programme.agency, programme.id)?;
    if books.flows().iter().all(|one| one.flow.delivered == 0) {
        return Ok(0);
    }
    let places: BTreeSet<Option<String>> =
        books.places().into_iter().filter(|place| place.balance.remaining < 0).map(|place| place.point).collect();
    Ok(i64::try_from(places.len()).unwrap_or(i64::MAX))
}

/// What each device holds, or may hold.
fn exposure(conn: &mut Conn, standing: &[Standing], now: Timestamp, zone: Zone) -> Result<Vec<Held>, Error> {
    let mut held: BTreeMap<DeviceId, (i64, i64)> = BTreeMap::new();
    for line in standing.iter().filter(|line| matches!(line.state, State::Leased | State::Unresolved)) {
        if let Some(device) = line.holder {
            let sum = held.entry(device).or_default();
            *sum = (sum.0 + line.count, sum.1 + line.value);
        }
    }
    let ids: Vec<DeviceId> = held.keys().copied().collect();
    let known = store::closings::holders(conn, &ids)?;
    let mut found: Vec<Held> = held
        .into_iter()
        .map(|(id, (vouchers, value_minor))| {
            let (device, point, at) = known.get(&id).cloned().unwrap_or_default();
            Held {
                device,
                point,
                silent: at.is_none_or(|at| now.millis() - at.millis() > SILENT_MILLIS),
                last_contact_at: at.map(|at| at.iso(zone)),
                vouchers,
                value_minor,
            }
        })
        .collect();
    found.sort_by(|one, other| (&one.point, &one.device).cmp(&(&other.point, &other.device)));
    Ok(found)
}

fn add(sum: &mut Area, one: &Area) {
    sum.issued += one.issued;
    sum.redeemed += one.redeemed;
    sum.by_proxy += one.by_proxy;
    sum.released += one.released;
    sum.open += one.open;
    sum.realised_minor += one.realised_minor;
}
