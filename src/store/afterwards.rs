//! What came after a close: what moved of the goods, as it lies where it was written.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::schema::{cases, closings, package_items, rounds, shipment_lines, shipments, stock_entries};
use super::types::{time, word};
use crate::domain::case::{CaseState, reference};
use crate::domain::closing::ClosingState;
use crate::domain::id::{CaseId, PointId, RoundId};
use crate::domain::stock::EntryKind;
use crate::domain::time::Timestamp;

/// One effect on one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// When the books took it.
    pub at: Timestamp,
    /// What, as [`crate::domain::closing::Moved`] names it.
    pub what: &'static str,
    /// The number of the shipment, or what people call the case; empty for an entry.
    pub reference: String,
    /// The point; the warehouse when none.
    pub place: Option<PointId>,
    /// The item's code; empty for money.
    pub item: String,
    /// How much, in base units.
    pub quantity: i64,
    /// A loss in money, in minor units.
    pub value_minor: i64,
}

/// What moved of the goods of a round after a moment, in the order in which it did.
pub fn moves(conn: &mut Conn, round: RoundId, after: Timestamp) -> Result<Vec<Move>, Error> {
    let mut all = carried(conn, round, after)?;
    all.extend(entered(conn, round, after)?);
    all.extend(decided(conn, round, after)?);
    all.retain(|one| one.quantity != 0 || one.value_minor != 0);
    all.sort_by(|one, other| (one.at, &one.reference, &one.item).cmp(&(other.at, &other.reference, &other.item)));
    Ok(all)
}

fn carried(conn: &mut Conn, round: RoundId, after: Timestamp) -> Result<Vec<Move>, Error> {
    type Row = (i32, Option<PointId>, Option<PointId>, i64, Option<i64>, String, i64, i64, i64);
    let rows: Vec<Row> = shipment_lines::table
        .inner_join(shipments::table.on(shipments::id.eq(shipment_lines::shipment_id)))
        .filter(shipments::round_id.eq(round))
        .filter(shipments::sent_at.gt(after.millis()).or(shipments::received_at.gt(after.millis())))
        .select((
            shipments::number,
            shipments::from_point_id,
            shipments::to_point_id,
            shipments::sent_at,
            shipments::received_at,
            shipment_lines::item,
            shipment_lines::sent,
            shipment_lines::good,
            shipment_lines::damaged,
        ))
        .load(conn)?;
    let mut all = Vec::new();
    for (number, from, to, sent_at, received_at, item, sent, good, damaged) in rows {
        let mut add = |at, what, place, quantity| {
            let reference = number.to_string();
            all.push(Move { at, what, reference, place, item: item.clone(), quantity, value_minor: 0 });
        };
        if sent_at > after.millis() {
            add(time(sent_at)?, "sent", from, sent);
        }
        if let Some(at) = received_at.filter(|at| *at > after.millis()) {
            add(time(at)?, "arrived", to, good);
            add(time(at)?, "arrived_damaged", to, damaged);
            add(time(at)?, "short", to, sent - good - damaged);
        }
    }
    Ok(all)
}

/// An entry counts from when it was made, and a correction from when a second person agreed.
fn entered(conn: &mut Conn, round: RoundId, after: Timestamp) -> Result<Vec<Move>, Error> {
    type Row = (Option<PointId>, String, String, i64, i64, Option<i64>);
    let corrected = EntryKind::Corrected.as_str();
    let rows: Vec<Row> = stock_entries::table
        .filter(stock_entries::round_id.eq(round))
        .filter(
            stock_entries::agreed_at
                .gt(after.millis())
                .or(stock_entries::kind.ne(corrected).and(stock_entries::made_at.gt(after.millis())).assume_not_null()),
        )
        .select((
            stock_entries::point_id,
            stock_entries::item,
            stock_entries::kind,
            stock_entries::quantity,
            stock_entries::made_at,
            stock_entries::agreed_at,
        ))
        .load(conn)?;
    let entry = |(place, item, kind, quantity, made_at, agreed_at): Row| {
        let kind = word(EntryKind::parse(&kind), "kind of stock entry", &kind)?;
        let at = time(agreed_at.unwrap_or(made_at))?;
        Ok(Move { at, what: kind.as_str(), reference: String::new(), place, item, quantity, value_minor: 0 })
    };
    rows.into_iter().map(entry).collect()
}

/// What decisions posted: packages that went out beside the redemptions, and losses.
fn decided(conn: &mut Conn, round: RoundId, after: Timestamp) -> Result<Vec<Move>, Error> {
    type Row = (CaseId, Option<PointId>, Option<i64>, i64, i64);
    let rows: Vec<Row> = cases::table
        .filter(cases::round_id.eq(round))
        .filter(cases::state.eq_any([CaseState::Decided.as_str(), CaseState::Closed.as_str()]))
        .filter(cases::decided_at.gt(after.millis()))
        .filter(cases::extra_packages.gt(0).or(cases::posting_minor.gt(0)))
        .select((cases::id, cases::point_id, cases::decided_at, cases::extra_packages, cases::posting_minor))
        .load(conn)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let contents: Vec<(String, i64)> = rounds::table
        .inner_join(package_items::table.on(package_items::package_id.eq(rounds::package_id)))
        .filter(rounds::id.eq(round))
        .order(package_items::position)
        .select((package_items::code, package_items::quantity))
        .load(conn)?;
    let mut all = Vec::new();
    for (id, place, at, packages, loss_minor) in rows {
        let at = time(at.unwrap_or_default())?;
        for (item, quantity) in &contents {
            let quantity = packages.saturating_mul(*quantity);
            let (item, reference) = (item.clone(), reference(id));
            all.push(Move { at, what: "extra", reference, place, item, quantity, value_minor: 0 });
        }
        let (item, reference) = (String::new(), reference(id));
        all.push(Move { at, what: "loss", reference, place, item, quantity: 0, value_minor: loss_minor });
    }
    Ok(all)
}

/// The number of the close of a whole round, and up to when it counts; nothing while nobody closed it.
pub fn round_closed(conn: &mut Conn, round: RoundId) -> Result<Option<(String, Timestamp)>, Error> {
    closings::table
        .filter(closings::round_id.eq(round))
        .filter(closings::state.eq(ClosingState::Closed.as_str()))
        .filter(closings::addendum_no.eq(0))
        .filter(closings::point_id.is_null())
        .select((closings::number, closings::cut_off))
        .first::<(String, i64)>(conn)
        .optional()?
        .map(|(number, at)| Ok((number, time(at)?)))
        .transpose()
}
