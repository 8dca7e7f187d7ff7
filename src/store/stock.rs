//! Shipments, entries and counts, and the sums from which the balance of every place follows.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{
    cases, contract_lines, contracts, deliveries, delivery_lines, package_items, packages, programmes,
    redemption_items, redemptions, rounds, shipment_lines, shipments, stock_counts, stock_entries,
};
use super::types::{maybe_time, time, word};
use crate::domain::case::CaseState;
use crate::domain::id::{PointId, ProgrammeId, RoundId, ShipmentId, StockCountId, StockEntryId, UserId};
use crate::domain::stock::EntryKind;
use crate::domain::time::Timestamp;

/// Holds a programme's goods until the commit, so that two people who take from one place do it one after the
/// other.
pub fn hold(tx: &mut Write<'_>, programme: ProgrammeId) -> Result<(), Error> {
    diesel::update(programmes::table.find(programme)).set(programmes::code.eq(programmes::code)).execute(&mut **tx)?;
    Ok(())
}

/// One item of a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentLine {
    /// The item's code.
    pub item: String,
    /// How much was sent.
    pub sent: i64,
    /// How much arrived good; 0 until it was counted.
    pub good: i64,
    /// How much arrived damaged.
    pub damaged: i64,
}

/// Goods on their way from a place to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// Its id.
    pub id: ShipmentId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The round for which they are sent.
    pub round: RoundId,
    /// 1, 2, 3 … in the round.
    pub number: i32,
    /// From which point; the warehouse when none.
    pub from: Option<PointId>,
    /// To which point; the warehouse when none.
    pub to: Option<PointId>,
    /// Vehicle or boat.
    pub vehicle: String,
    /// Who drives.
    pub driver: String,
    /// The seal's number.
    pub seal: String,
    /// A remark.
    pub note: String,
    /// Who sent it.
    pub sent_by: UserId,
    /// When.
    pub sent_at: Timestamp,
    /// What was remarked at the other end.
    pub receipt_note: String,
    /// Who counted it, and when.
    pub received: Option<(UserId, Timestamp)>,
    /// Its items.
    pub lines: Vec<ShipmentLine>,
}

/// The next number of a shipment in a round; the round's row is held until the commit.
pub fn next_number(tx: &mut Write<'_>, round: RoundId) -> Result<i32, Error> {
    diesel::update(rounds::table.find(round)).set(rounds::number.eq(rounds::number)).execute(&mut **tx)?;
    let highest: Option<i32> = shipments::table
        .filter(shipments::round_id.eq(round))
        .select(diesel::dsl::max(shipments::number))
        .first(&mut **tx)?;
    Ok(highest.unwrap_or(0) + 1)
}

/// Adds a shipment that leaves.
pub fn insert_shipment(tx: &mut Write<'_>, one: &Shipment) -> Result<(), Error> {
    diesel::insert_into(shipments::table)
        .values((
            shipments::id.eq(one.id),
            shipments::programme_id.eq(one.programme),
            shipments::round_id.eq(one.round),
            shipments::number.eq(one.number),
            shipments::from_point_id.eq(one.from),
            shipments::to_point_id.eq(one.to),
            shipments::vehicle.eq(&one.vehicle),
            shipments::driver.eq(&one.driver),
            shipments::seal.eq(&one.seal),
            shipments::note.eq(&one.note),
            shipments::sent_by.eq(one.sent_by),
            shipments::sent_at.eq(one.sent_at.millis()),
            shipments::receipt_note.eq(&one.receipt_note),
        ))
        .execute(&mut **tx)?;
    for line in &one.lines {
        diesel::insert_into(shipment_lines::table)
            .values((
                shipment_lines::shipment_id.eq(one.id),
                shipment_lines::item.eq(&line.item),
                shipment_lines::sent.eq(line.sent),
                shipment_lines::good.eq(0_i64),
                shipment_lines::damaged.eq(0_i64),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Writes what arrived, unless it was written before; whether it was not.
pub fn receive(
    tx: &mut Write<'_>,
    id: ShipmentId,
    lines: &[ShipmentLine],
    note: &str,
    (by, at): (UserId, Timestamp),
) -> Result<bool, Error> {
    let changed = diesel::update(shipments::table.find(id).filter(shipments::received_at.is_null()))
        .set((shipments::received_by.eq(by), shipments::received_at.eq(at.millis()), shipments::receipt_note.eq(note)))
        .execute(&mut **tx)?;
    if changed != 1 {
        return Ok(false);
    }
    for line in lines {
        diesel::update(shipment_lines::table.find((id, &line.item)))
            .set((shipment_lines::good.eq(line.good), shipment_lines::damaged.eq(line.damaged)))
            .execute(&mut **tx)?;
    }
    Ok(true)
}

#[derive(Queryable)]
struct Row {
    id: ShipmentId,
    programme_id: ProgrammeId,
    round_id: RoundId,
    number: i32,
    from_point_id: Option<PointId>,
    to_point_id: Option<PointId>,
    vehicle: String,
    driver: String,
    seal: String,
    note: String,
    sent_by: UserId,
    sent_at: i64,
    receipt_note: String,
    received_by: Option<UserId>,
    received_at: Option<i64>,
}

fn whole(conn: &mut Conn, row: Row) -> Result<Shipment, Error> {
    let lines = shipment_lines::table
        .filter(shipment_lines::shipment_id.eq(row.id))
        .order(shipment_lines::item)
        .load::<(ShipmentId, String, i64, i64, i64)>(conn)?
        .into_iter()
        .map(|(_, item, sent, good, damaged)| ShipmentLine { item, sent, good, damaged })
        .collect();
    Ok(Shipment {
        id: row.id,
        programme: row.programme_id,
        round: row.round_id,
        number: row.number,
        from: row.from_point_id,
        to: row.to_point_id,
        vehicle: row.vehicle,
        driver: row.driver,
        seal: row.seal,
        note: row.note,
        sent_by: row.sent_by,
        sent_at: time(row.sent_at)?,
        receipt_note: row.receipt_note,
        received: row.received_by.zip(maybe_time(row.received_at)?),
        lines,
    })
}

/// The shipment with this id.
pub fn shipment(conn: &mut Conn, id: ShipmentId) -> Result<Option<Shipment>, Error> {
    let row = shipments::table.find(id).first::<Row>(conn).optional()?;
    row.map(|row| whole(conn, row)).transpose()
}

/// The shipments of a round, by number.
pub fn shipments_of(conn: &mut Conn, round: RoundId) -> Result<Vec<Shipment>, Error> {
    let rows = shipments::table.filter(shipments::round_id.eq(round)).order(shipments::number).load::<Row>(conn)?;
    rows.into_iter().map(|row| whole(conn, row)).collect()
}

/// An entry about goods at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: StockEntryId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The round in which it was made.
    pub round: RoundId,
    /// The point; the warehouse when none.
    pub point: Option<PointId>,
    /// The item's code.
    pub item: String,
    /// What it is.
    pub kind: EntryKind,
    /// How many base units; less than nothing only for a correction.
    pub quantity: i64,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub made_by: UserId,
    /// When.
    pub made_at: Timestamp,
    /// Who agreed, and when; for a correction alone.
    pub agreed: Option<(UserId, Timestamp)>,
}

type EntryRow = (
    StockEntryId,
    ProgrammeId,
    RoundId,
    Option<PointId>,
    String,
    String,
    i64,
    String,
    UserId,
    i64,
    Option<UserId>,
    Option<i64>,
);

fn entry(row: EntryRow) -> Result<Entry, Error> {
    let (id, programme, round, point, item, kind, quantity, reason, made_by, at, agreed_by, agreed_at) = row;
    Ok(Entry {
        id,
        programme,
        round,
        point,
        item,
        kind: word(EntryKind::parse(&kind), "kind of stock entry", &kind)?,
        quantity,
        reason,
        made_by,
        made_at: time(at)?,
        agreed: agreed_by.zip(maybe_time(agreed_at)?),
    })
}

/// Adds an entry.
pub fn insert_entry(tx: &mut Write<'_>, one: &Entry) -> Result<(), Error> {
    diesel::insert_into(stock_entries::table)
        .values((
            stock_entries::id.eq(one.id),
            stock_entries::programme_id.eq(one.programme),
            stock_entries::round_id.eq(one.round),
            stock_entries::point_id.eq(one.point),
            stock_entries::item.eq(&one.item),
            stock_entries::kind.eq(one.kind.as_str()),
            stock_entries::quantity.eq(one.quantity),
            stock_entries::reason.eq(&one.reason),
            stock_entries::made_by.eq(one.made_by),
            stock_entries::made_at.eq(one.made_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The entry with this id.
pub fn find_entry(conn: &mut Conn, id: StockEntryId) -> Result<Option<Entry>, Error> {
    stock_entries::table.find(id).first::<EntryRow>(conn).optional()?.map(entry).transpose()
}

/// The entries of a round, oldest first.
pub fn entries_of(conn: &mut Conn, round: RoundId) -> Result<Vec<Entry>, Error> {
    let rows = stock_entries::table.filter(stock_entries::round_id.eq(round)).order(stock_entries::id);
    rows.load::<EntryRow>(conn)?.into_iter().map(entry).collect()
}

/// Writes that a second person agreed, unless somebody had; whether nobody had.
pub fn agree(tx: &mut Write<'_>, id: StockEntryId, by: UserId, at: Timestamp) -> Result<bool, Error> {
    let changed = diesel::update(stock_entries::table.find(id).filter(stock_entries::agreed_at.is_null()))
        .set((stock_entries::agreed_by.eq(by), stock_entries::agreed_at.eq(at.millis())))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// A count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Its id.
    pub id: StockCountId,
    /// The point; the warehouse when none.
    pub point: Option<PointId>,
    /// The item's code.
    pub item: String,
    /// What lay there.
    pub counted: i64,
    /// What the books said then.
    pub computed: i64,
    /// A remark.
    pub note: String,
    /// Who counted.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// Adds a count.
pub fn insert_count(tx: &mut Write<'_>, programme: ProgrammeId, round: RoundId, one: &Count) -> Result<(), Error> {
    diesel::insert_into(stock_counts::table)
        .values((
            stock_counts::id.eq(one.id),
            stock_counts::programme_id.eq(programme),
            stock_counts::round_id.eq(round),
            stock_counts::point_id.eq(one.point),
            stock_counts::item.eq(&one.item),
            stock_counts::counted.eq(one.counted),
            stock_counts::computed.eq(one.computed),
            stock_counts::note.eq(&one.note),
            stock_counts::counted_by.eq(one.by),
            stock_counts::counted_at.eq(one.at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The counts of a programme, oldest first, so that the last of a place and item is the newest.
pub fn counts_of(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Count>, Error> {
    stock_counts::table
        .filter(stock_counts::programme_id.eq(programme))
        .order(stock_counts::id)
        .select((
            stock_counts::id,
            stock_counts::point_id,
            stock_counts::item,
            stock_counts::counted,
            stock_counts::computed,
            stock_counts::note,
            stock_counts::counted_by,
            stock_counts::counted_at,
        ))
        .load::<(StockCountId, Option<PointId>, String, i64, i64, String, UserId, i64)>(conn)?
        .into_iter()
        .map(|(id, point, item, counted, computed, note, by, at)| {
            Ok(Count { id, point, item, counted, computed, note, by, at: time(at)? })
        })
        .collect()
}

/// An item that a programme's packages or contracts name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its base unit's code.
    pub unit: String,
    /// What a pack is called.
    pub pack_name: String,
    /// How many base units make one.
    pub pack_size: i64,
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
    for (place, item, quantity) in handed_over(conn, programme, None)? {
        add(&mut all, Some(place), item, What::HandedOver, quantity, 0);
    }
    Ok(all)
}

/// What households took, by point and item, from the redemptions themselves: a full handout gave what the
/// round's package says, a short one what its lines say. Besides, packages that a decision found to have gone
/// out a second time. Of one point alone, when one is named.
pub fn handed_over(
    conn: &mut Conn,
    programme: ProgrammeId,
    at: Option<PointId>,
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
        .group_by((redemptions::point_id, redemption_items::code))
        .select((redemptions::point_id, redemption_items::code, total("redemption_items.quantity")))
        .into_boxed();
    if let Some(at) = at {
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

/// The corrections of a programme that count: place, item, quantity, and since when.
pub fn corrections_of(
    conn: &mut Conn,
    programme: ProgrammeId,
) -> Result<Vec<(Option<PointId>, String, i64, Timestamp)>, Error> {
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
