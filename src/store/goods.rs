//! The sums from which the balance of every place follows, each taken where it lies: deliveries, shipments, entries,
//! and the redemptions themselves.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::conn::Conn;
use super::error::Error;
use super::schema::{
    cases, contract_lines, contracts, deliveries, delivery_lines, package_items, packages, redemption_items,
    redemptions, rounds, shipment_lines, shipments, stock_counts, stock_entries,
};
use super::types::{time, word};
use crate::domain::case::CaseState;
use crate::domain::id::{PointId, ProgrammeId, RoundId, StockCountId};
use crate::domain::package::{Unit, in_packs};
use crate::domain::stock::EntryKind;
use crate::domain::time::Timestamp;

/// An item that a programme's packages or contracts name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its base unit.
    pub unit: Unit,
    /// What a pack is called.
    pub pack_name: String,
    /// How many base units make one.
    pub pack_size: i64,
}

impl Known {
    /// So much of it as people count it.
    #[must_use]
    pub fn said(&self, quantity: i64) -> String {
        in_packs(quantity, (self.pack_size, &self.pack_name), self.unit)
    }
}

/// The items of a programme, as its newest packages name them, then as its contracts do; by code.
pub fn items_of(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Known>, Error> {
    type Row = (String, String, String, String, i64);
    let mut found: Vec<Row> = package_items::table
        .inner_join(packages::table.on(packages::id.eq(package_items::package_id)))
        .filter(packages::programme_id.eq(programme))
        .order((packages::version.desc(), package_items::position))
        .select((
            package_items::code,
            package_items::name,
            package_items::unit,
            package_items::pack_name,
            package_items::pack_size,
        ))
        .load(conn)?;
    found.extend(
        contract_lines::table
            .inner_join(contracts::table.on(contracts::id.eq(contract_lines::contract_id)))
            .filter(contracts::programme_id.eq(programme))
            .order(contracts::id)
            .select((
                contract_lines::item,
                contract_lines::name,
                contract_lines::unit,
                contract_lines::pack_name,
                contract_lines::pack_size,
            ))
            .load::<Row>(conn)?,
    );
    let mut items: Vec<Known> = Vec::new();
    for (code, name, unit, pack_name, pack_size) in found {
        if items.iter().all(|one| one.code != code) {
            let unit = word(Unit::parse(&unit), "unit", &unit)?;
            items.push(Known { code, name, unit, pack_name, pack_size });
        }
    }
    items.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(items)
}

/// What a sum is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Came from a supplier: good and damaged.
    Delivered,
    /// Came from another place: good and damaged.
    Arrived,
    /// Sent from the place to the warehouse.
    SentBack,
    /// Sent from the place to a point.
    SentOn,
    /// On the way to the place.
    OnTheWay,
    /// Sent to the place and never arrived.
    Short,
    /// An entry.
    Entry(EntryKind),
    /// Taken by households, by the receipts.
    HandedOver,
}

/// How much of an item did what at a place; `more` is the damaged part of what arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The point; the warehouse when none.
    pub place: Option<PointId>,
    /// The item's code.
    pub item: String,
    /// What.
    pub what: What,
    /// How much.
    pub quantity: i64,
    /// Besides.
    pub more: i64,
}

fn total(column: &str) -> diesel::expression::SqlLiteral<BigInt> {
    sql::<BigInt>(&format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)"))
}

/// All sums of a programme's goods, over everything the server has taken.
pub fn sums(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Sum>, Error> {
    let mut all = Vec::new();
    let add = |all: &mut Vec<Sum>, place, item, what, quantity, more| {
        if quantity != 0 || more != 0 {
            all.push(Sum { place, item, what, quantity, more });
        }
    };
    let delivered = delivery_lines::table
        .inner_join(deliveries::table.on(deliveries::id.eq(delivery_lines::delivery_id)))
        .inner_join(contracts::table.on(contracts::id.eq(deliveries::contract_id)))
        .filter(contracts::programme_id.eq(programme))
        .group_by(delivery_lines::item)
        .select((delivery_lines::item, total("delivery_lines.good"), total("delivery_lines.damaged")))
        .load::<(String, i64, i64)>(conn)?;
    for (item, good, damaged) in delivered {
        add(&mut all, None, item, What::Delivered, good, damaged);
    }
    let carried = || {
        shipment_lines::table
            .inner_join(shipments::table.on(shipments::id.eq(shipment_lines::shipment_id)))
            .filter(shipments::programme_id.eq(programme))
    };
    let arrived = carried()
        .filter(shipments::received_at.is_not_null())
        .group_by((shipments::to_point_id, shipment_lines::item))
        .select((
            shipments::to_point_id,
            shipment_lines::item,
            total("shipment_lines.good"),
            total("shipment_lines.damaged"),
            total("shipment_lines.sent - shipment_lines.good - shipment_lines.damaged"),
        ))
        .load::<(Option<PointId>, String, i64, i64, i64)>(conn)?;
    for (place, item, good, damaged, short) in arrived {
        add(&mut all, place, item.clone(), What::Arrived, good, damaged);
        add(&mut all, place, item, What::Short, short, 0);
    }
    let under_way = carried()
        .filter(shipments::received_at.is_null())
        .group_by((shipments::to_point_id, shipment_lines::item))
        .select((shipments::to_point_id, shipment_lines::item, total("shipment_lines.sent")))
        .load::<(Option<PointId>, String, i64)>(conn)?;
    for (place, item, sent) in under_way {
        add(&mut all, place, item, What::OnTheWay, sent, 0);
    }
    let sent = carried()
        .group_by((shipments::from_point_id, shipments::to_point_id, shipment_lines::item))
        .select((shipments::from_point_id, shipments::to_point_id, shipment_lines::item, total("shipment_lines.sent")))
        .load::<(Option<PointId>, Option<PointId>, String, i64)>(conn)?;
    for (place, to, item, sent) in sent {
        add(&mut all, place, item, if to.is_none() { What::SentBack } else { What::SentOn }, sent, 0);
    }
    let corrected = EntryKind::Corrected.as_str();
    let entered = stock_entries::table
        .filter(stock_entries::programme_id.eq(programme))
        .filter(stock_entries::kind.ne(corrected).or(stock_entries::agreed_at.is_not_null()))
        .group_by((stock_entries::point_id, stock_entries::item, stock_entries::kind))
        .select((stock_entries::point_id, stock_entries::item, stock_entries::kind, total("stock_entries.quantity")))
        .load::<(Option<PointId>, String, String, i64)>(conn)?;
    for (place, item, kind, quantity) in entered {
        let kind = word(EntryKind::parse(&kind), "kind of stock entry", &kind)?;
        add(&mut all, place, item, What::Entry(kind), quantity, 0);
    }
    for (place, item, quantity) in handed_over(conn, programme, HandedOver::All)? {
        add(&mut all, Some(place), item, What::HandedOver, quantity, 0);
    }
    Ok(all)
}

/// Which goods that went out to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedOver {
    /// All of a programme.
    All,
    /// Those of a point.
    At(PointId),
}

/// What households took, by point and item, from the redemptions themselves: a full handout gave what the
/// round's package says, a short one what its lines say. Besides, packages that a decision found to have gone
/// out a second time.
pub fn handed_over(
    conn: &mut Conn,
    programme: ProgrammeId,
    which: HandedOver,
) -> Result<Vec<(PointId, String, i64)>, Error> {
    let of_programme: Vec<RoundId> =
        rounds::table.filter(rounds::programme_id.eq(programme)).select(rounds::id).load(conn)?;
    let mut all = Vec::new();
    let mut whole = redemptions::table
        .filter(redemptions::round_id.eq_any(&of_programme))
        .filter(redemptions::short.eq(false))
        .group_by((redemptions::round_id, redemptions::point_id))
        .select((redemptions::round_id, redemptions::point_id, diesel::dsl::count_star()))
        .into_boxed();
    let mut extra = cases::table
        .filter(cases::round_id.eq_any(&of_programme))
        .filter(cases::state.eq_any([CaseState::Decided.as_str(), CaseState::Closed.as_str()]))
        .filter(cases::extra_packages.gt(0))
        .group_by((cases::round_id, cases::point_id))
        .select((cases::round_id, cases::point_id, total("cases.extra_packages")))
        .into_boxed();
    let mut short = redemption_items::table
        .inner_join(redemptions::table.on(redemptions::id.eq(redemption_items::redemption_id)))
        .filter(redemptions::round_id.eq_any(&of_programme))
        .filter(redemptions::short)
        .group_by((redemptions::point_id, redemption_items::code))
        .select((redemptions::point_id, redemption_items::code, total("redemption_items.quantity")))
        .into_boxed();
    if let HandedOver::At(at) = which {
        whole = whole.filter(redemptions::point_id.eq(at));
        extra = extra.filter(cases::point_id.eq(at));
        short = short.filter(redemptions::point_id.eq(at));
    }
    let mut packages_out: Vec<(RoundId, PointId, i64)> = whole.load(conn)?;
    for (round, point, count) in extra.load::<(Option<RoundId>, Option<PointId>, i64)>(conn)? {
        packages_out.extend(round.zip(point).map(|(round, point)| (round, point, count)));
    }
    let contents = rounds::table
        .inner_join(package_items::table.on(package_items::package_id.eq(rounds::package_id)))
        .filter(rounds::id.eq_any(&of_programme))
        .select((rounds::id, package_items::code, package_items::quantity))
        .load::<(RoundId, String, i64)>(conn)?;
    for (round, point, count) in packages_out {
        for (_, code, quantity) in contents.iter().filter(|line| line.0 == round) {
            all.push((point, code.clone(), count.saturating_mul(*quantity)));
        }
    }
    all.extend(short.load::<(PointId, String, i64)>(conn)?);
    Ok(all)
}

/// Handouts that had left the point of a count by then, and that the server heard of later.
macro_rules! gone_by_then {
    () => {
        redemptions::table.on(redemptions::point_id
            .nullable()
            .eq(stock_counts::point_id)
            .and(redemptions::scanned_at.le(stock_counts::counted_at))
            .and(redemptions::received_at.gt(stock_counts::counted_at)))
    };
}

/// Of each of these counts how much of its item had left its point by then and was told of later: by a device without
/// network, or by a case that was decided later. What nobody can miss is left out.
pub fn unheard_of(conn: &mut Conn, counts: &[StockCountId]) -> Result<Vec<(StockCountId, i64)>, Error> {
    let told_later = || sql::<Bool>("redemptions.received_at - redemptions.scanned_at > 1000");
    let mut all = Vec::new();
    for some in counts.chunks(COUNTS_TOGETHER) {
        let whole =
            stock_counts::table
                .inner_join(gone_by_then!())
                .inner_join(rounds::table.on(rounds::id.eq(redemptions::round_id)))
                .inner_join(package_items::table.on(
                    package_items::package_id.eq(rounds::package_id).and(package_items::code.eq(stock_counts::item)),
                ))
                .filter(rounds::programme_id.eq(stock_counts::programme_id))
                .filter(told_later())
                .filter(redemptions::short.eq(false))
                .filter(stock_counts::id.eq_any(some.to_vec()))
                .group_by(stock_counts::id)
                .select((stock_counts::id, total("package_items.quantity")))
                .load::<(StockCountId, i64)>(conn)?;
        let short = stock_counts::table
            .inner_join(gone_by_then!())
            .inner_join(rounds::table.on(rounds::id.eq(redemptions::round_id)))
            .inner_join(redemption_items::table.on(
                redemption_items::redemption_id.eq(redemptions::id).and(redemption_items::code.eq(stock_counts::item)),
            ))
            .filter(rounds::programme_id.eq(stock_counts::programme_id))
            .filter(told_later())
            .filter(redemptions::short)
            .filter(stock_counts::id.eq_any(some.to_vec()))
            .group_by(stock_counts::id)
            .select((stock_counts::id, total("redemption_items.quantity")))
            .load::<(StockCountId, i64)>(conn)?;
        let extra =
            stock_counts::table
                .inner_join(
                    cases::table.on(cases::point_id
                        .eq(stock_counts::point_id)
                        .and(cases::opened_at.le(stock_counts::counted_at))
                        .and(cases::decided_at.gt(stock_counts::counted_at.nullable()))),
                )
                .inner_join(rounds::table.on(rounds::id.nullable().eq(cases::round_id)))
                .inner_join(package_items::table.on(
                    package_items::package_id.eq(rounds::package_id).and(package_items::code.eq(stock_counts::item)),
                ))
                .filter(rounds::programme_id.eq(stock_counts::programme_id))
                .filter(cases::state.eq_any([CaseState::Decided.as_str(), CaseState::Closed.as_str()]))
                .filter(cases::extra_packages.gt(0))
                .filter(stock_counts::id.eq_any(some.to_vec()))
                .group_by(stock_counts::id)
                .select((stock_counts::id, total("cases.extra_packages * package_items.quantity")))
                .load::<(StockCountId, i64)>(conn)?;
        all.extend(whole.into_iter().chain(short).chain(extra));
    }
    Ok(all)
}

/// How many counts are asked about together: a round of many points has a thousand, and a statement has a bound.
const COUNTS_TOGETHER: usize = 5_000;

/// What a point had to hand out, by item: what arrived good, less what left it otherwise, with corrections.
pub fn arrived_at(conn: &mut Conn, programme: ProgrammeId, point: PointId) -> Result<Vec<(String, i64)>, Error> {
    let carried = || {
        shipment_lines::table
            .inner_join(shipments::table.on(shipments::id.eq(shipment_lines::shipment_id)))
            .filter(shipments::programme_id.eq(programme))
            .group_by(shipment_lines::item)
    };
    let mut all: Vec<(String, i64)> = carried()
        .filter(shipments::to_point_id.eq(point))
        .filter(shipments::received_at.is_not_null())
        .select((shipment_lines::item, total("shipment_lines.good")))
        .load(conn)?;
    all.extend(
        carried()
            .filter(shipments::from_point_id.eq(point))
            .select((shipment_lines::item, total("-shipment_lines.sent")))
            .load::<(String, i64)>(conn)?,
    );
    let corrected = EntryKind::Corrected.as_str();
    let entered = || {
        stock_entries::table
            .filter(stock_entries::programme_id.eq(programme))
            .filter(stock_entries::point_id.eq(point))
            .group_by(stock_entries::item)
    };
    all.extend(
        entered()
            .filter(stock_entries::kind.ne(corrected))
            .select((stock_entries::item, total("-stock_entries.quantity")))
            .load::<(String, i64)>(conn)?,
    );
    all.extend(
        entered()
            .filter(stock_entries::kind.eq(corrected))
            .filter(stock_entries::agreed_at.is_not_null())
            .select((stock_entries::item, total("stock_entries.quantity")))
            .load::<(String, i64)>(conn)?,
    );
    Ok(all)
}

/// A correction that counts: place, item, quantity, and since when.
pub type Correction = (Option<PointId>, String, i64, Timestamp);

/// The corrections of a programme that count.
pub fn corrections_of(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Correction>, Error> {
    stock_entries::table
        .filter(stock_entries::programme_id.eq(programme))
        .filter(stock_entries::kind.eq(EntryKind::Corrected.as_str()))
        .filter(stock_entries::agreed_at.is_not_null())
        .select((stock_entries::point_id, stock_entries::item, stock_entries::quantity, stock_entries::agreed_at))
        .load::<(Option<PointId>, String, i64, Option<i64>)>(conn)?
        .into_iter()
        .map(|(place, item, quantity, at)| Ok((place, item, quantity, time(at.unwrap_or(0))?)))
        .collect()
}
