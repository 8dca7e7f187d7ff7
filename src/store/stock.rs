//! Shipments, entries and counts of goods.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{programmes, rounds, shipment_lines, shipments, stock_counts, stock_entries};
use super::types::{maybe_time, time, word};
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
