//! Periods that closed, and the sums that a close is made of.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{
    absences, cases, closings, devices, entitlements, households, points, programmes, redemption_items, redemptions,
    rounds,
};
use super::types::{fixed, maybe_time, time, word};
use crate::domain::case::CaseState;
use crate::domain::closing::ClosingState;
use crate::domain::entitlement::State;
use crate::domain::id::{AgencyId, ClosingId, DeviceId, EntitlementId, PointId, RedemptionId, RoundId, UserId};
use crate::domain::time::Timestamp;

/// A close, or an addendum to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Its id.
    pub id: ClosingId,
    /// The round.
    pub round: RoundId,
    /// The point, when it is of one.
    pub point: Option<PointId>,
    /// The day, when it is of one.
    pub day: Option<String>,
    /// What tells the period from the others of the round.
    pub scope: String,
    /// 0 for the close, 1, 2, 3 … for its addenda.
    pub addendum_no: i32,
    /// 1, 2, 3 … in the round; an addendum has that of its close.
    pub serial: i32,
    /// Its number on paper.
    pub number: String,
    /// Where it stands.
    pub state: ClosingState,
    /// It counts what the server had taken by then.
    pub cut_off: Timestamp,
    /// Its figures, as JSON.
    pub figures: String,
    /// SHA-256 of them.
    pub hash: [u8; 32],
    /// Why what differs does.
    pub reason: String,
    /// Who made it.
    pub made_by: UserId,
    /// When.
    pub made_at: Timestamp,
    /// Who signed too, and when.
    pub signed: Option<(UserId, Timestamp)>,
}

#[derive(Queryable)]
struct Row {
    id: ClosingId,
    round_id: RoundId,
    point_id: Option<PointId>,
    day: Option<String>,
    scope: String,
    addendum_no: i32,
    serial: i32,
    number: String,
    state: String,
    cut_off: i64,
    figures: String,
    hash: Vec<u8>,
    reason: String,
    made_by: UserId,
    made_at: i64,
    signed_by: Option<UserId>,
    signed_at: Option<i64>,
}

impl Row {
    fn check(self) -> Result<Closing, Error> {
        Ok(Closing {
            id: self.id,
            round: self.round_id,
            point: self.point_id,
            day: self.day,
            scope: self.scope,
            addendum_no: self.addendum_no,
            serial: self.serial,
            number: self.number,
            state: word(ClosingState::parse(&self.state), "state of a closing", &self.state)?,
            cut_off: time(self.cut_off)?,
            figures: self.figures,
            hash: fixed(self.hash, "a closing's hash")?,
            reason: self.reason,
            made_by: self.made_by,
            made_at: time(self.made_at)?,
            signed: self.signed_by.zip(maybe_time(self.signed_at)?),
        })
    }
}

/// Adds a close or an addendum; an error of a unique key when the period has one.
pub fn insert(tx: &mut Write<'_>, one: &Closing) -> Result<(), Error> {
    diesel::insert_into(closings::table)
        .values((
            closings::id.eq(one.id),
            closings::round_id.eq(one.round),
            closings::point_id.eq(one.point),
            closings::day.eq(&one.day),
            closings::scope.eq(&one.scope),
            closings::addendum_no.eq(one.addendum_no),
            closings::serial.eq(one.serial),
            closings::number.eq(&one.number),
            closings::state.eq(one.state.as_str()),
            closings::cut_off.eq(one.cut_off.millis()),
            closings::figures.eq(&one.figures),
            closings::hash.eq(one.hash.as_slice()),
            closings::reason.eq(&one.reason),
            closings::made_by.eq(one.made_by),
            closings::made_at.eq(one.made_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes newer figures to a close that waits for its signature; whether it still waited.
pub fn renew(tx: &mut Write<'_>, one: &Closing) -> Result<bool, Error> {
    let waiting = closings::table.find(one.id).filter(closings::state.eq(ClosingState::AwaitingSignature.as_str()));
    let changed = diesel::update(waiting)
        .set((
            closings::state.eq(one.state.as_str()),
            closings::cut_off.eq(one.cut_off.millis()),
            closings::figures.eq(&one.figures),
            closings::hash.eq(one.hash.as_slice()),
            closings::reason.eq(&one.reason),
            closings::made_by.eq(one.made_by),
            closings::made_at.eq(one.made_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Writes the second signature, which closes the period; whether it still waited for one.
pub fn sign(tx: &mut Write<'_>, id: ClosingId, by: UserId, at: Timestamp) -> Result<bool, Error> {
    let waiting = closings::table.find(id).filter(closings::state.eq(ClosingState::AwaitingSignature.as_str()));
    let changed = diesel::update(waiting)
        .set((
            closings::state.eq(ClosingState::Closed.as_str()),
            closings::signed_by.eq(by),
            closings::signed_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// The close with this id, and the agency whose it is.
pub fn find(conn: &mut Conn, id: ClosingId) -> Result<Option<(Closing, AgencyId)>, Error> {
    closings::table
        .inner_join(rounds::table.on(rounds::id.eq(closings::round_id)))
        .inner_join(programmes::table.on(programmes::id.eq(rounds::programme_id)))
        .filter(closings::id.eq(id))
        .select((closings::all_columns, programmes::agency_id))
        .first::<(Row, AgencyId)>(conn)
        .optional()?
        .map(|(row, agency)| Ok((row.check()?, agency)))
        .transpose()
}

/// The close and the addenda of a period, in order.
pub fn of_scope(conn: &mut Conn, round: RoundId, scope: &str) -> Result<Vec<Closing>, Error> {
    let found = closings::table.filter(closings::round_id.eq(round)).filter(closings::scope.eq(scope));
    found.order(closings::addendum_no).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// The closes and the addenda of a round, each period's in order.
pub fn of_round(conn: &mut Conn, round: RoundId) -> Result<Vec<Closing>, Error> {
    let found = closings::table.filter(closings::round_id.eq(round));
    found.order((closings::serial, closings::addendum_no)).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// The closes of an agency, or of one round, newest first.
pub fn list(
    conn: &mut Conn,
    agency: AgencyId,
    round: Option<RoundId>,
    before: Option<ClosingId>,
    limit: i64,
) -> Result<Vec<Closing>, Error> {
    let mut query = closings::table
        .inner_join(rounds::table.on(rounds::id.eq(closings::round_id)))
        .inner_join(programmes::table.on(programmes::id.eq(rounds::programme_id)))
        .filter(programmes::agency_id.eq(agency))
        .select(closings::all_columns)
        .into_boxed();
    if let Some(round) = round {
        query = query.filter(closings::round_id.eq(round));
    }
    if let Some(before) = before {
        query = query.filter(closings::id.lt(before));
    }
    query.order(closings::id.desc()).limit(limit).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// Holds the row of a round until the commit: whoever issues in it or closes in it meanwhile waits.
pub fn hold_round(tx: &mut Write<'_>, round: RoundId) -> Result<(), Error> {
    diesel::update(rounds::table.find(round)).set(rounds::number.eq(rounds::number)).execute(&mut **tx)?;
    Ok(())
}

/// The next serial in a round, whose row is held.
pub fn next_serial(tx: &mut Write<'_>, round: RoundId) -> Result<i32, Error> {
    let highest: Option<i32> = closings::table
        .filter(closings::round_id.eq(round))
        .select(diesel::dsl::max(closings::serial))
        .first(&mut **tx)?;
    Ok(highest.unwrap_or(0) + 1)
}

/// The number of the close that covers a point of a round, or the whole round, if there is one.
pub fn closed_number(conn: &mut Conn, round: RoundId, point: Option<PointId>) -> Result<Option<String>, Error> {
    let closed = closings::table
        .filter(closings::round_id.eq(round))
        .filter(closings::state.eq(ClosingState::Closed.as_str()))
        .filter(closings::addendum_no.eq(0))
        .filter(closings::day.is_null());
    let whole = closed.filter(closings::point_id.is_null()).select(closings::number);
    if let Some(number) = whole.first(conn).optional()? {
        return Ok(Some(number));
    }
    let Some(point) = point else { return Ok(None) };
    Ok(closed.filter(closings::point_id.eq(point)).select(closings::number).first(conn).optional()?)
}

/// A receipt as a close needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its number.
    pub number: String,
    /// Where.
    pub point: PointId,
    /// On which device.
    pub device: DeviceId,
    /// Whether somebody collected for another.
    pub by_proxy: bool,
    /// When the desk scanned.
    pub scanned_at: Timestamp,
    /// When the server took it.
    pub received_at: Timestamp,
    /// Its value.
    pub value_minor: i64,
}

/// The receipts of a round, or of one point of it, that the server took after a moment; by device, in the
/// order of the desk's clock.
pub fn taken(
    conn: &mut Conn,
    round: RoundId,
    point: Option<PointId>,
    after: Option<Timestamp>,
) -> Result<Vec<Taken>, Error> {
    let mut query = redemptions::table
        .filter(redemptions::round_id.eq(round))
        .order((redemptions::device_id, redemptions::scanned_at, redemptions::seq))
        .select((
            redemptions::number,
            redemptions::point_id,
            redemptions::device_id,
            redemptions::collector_kind,
            redemptions::scanned_at,
            redemptions::received_at,
            redemptions::value_minor,
        ))
        .into_boxed();
    if let Some(point) = point {
        query = query.filter(redemptions::point_id.eq(point));
    }
    if let Some(after) = after {
        query = query.filter(redemptions::received_at.gt(after.millis()));
    }
    query
        .load::<(String, PointId, DeviceId, String, i64, i64, i64)>(conn)?
        .into_iter()
        .map(|(number, point, device, collector, scanned, received, value_minor)| {
            Ok(Taken {
                number,
                point,
                device,
                by_proxy: collector == "proxy",
                scanned_at: time(scanned)?,
                received_at: time(received)?,
                value_minor,
            })
        })
        .collect()
}

/// What the short handouts of a round gave, a line each, of one point or day when that is named.
pub fn short_lines(
    conn: &mut Conn,
    round: RoundId,
    point: Option<PointId>,
    day: Option<&str>,
) -> Result<Vec<(String, i64)>, Error> {
    let mut query = redemption_items::table
        .inner_join(redemptions::table.on(redemptions::id.eq(redemption_items::redemption_id)))
        .filter(redemptions::round_id.eq(round))
        .filter(redemptions::short)
        .select((redemption_items::code, redemption_items::quantity))
        .into_boxed();
    if let Some(point) = point {
        query = query.filter(redemptions::point_id.eq(point));
    }
    if let Some(day) = day {
        query = query.filter(redemptions::day.eq(day.to_owned()));
    }
    Ok(query.load(conn)?)
}

/// Why vouchers that can still be collected were not, as was noted last: how many for each reason.
pub fn uncollected(conn: &mut Conn, round: RoundId, point: Option<PointId>) -> Result<BTreeMap<String, i64>, Error> {
    // Nobody came for what ended either.
    let waited = State::ALL.into_iter().filter(|state| state.is_live() || *state == State::Expired);
    let live: Vec<&str> = waited.map(State::as_str).collect();
    let anywhere = point.is_none().into_sql::<diesel::sql_types::Bool>();
    let noted = entitlements::table
        .filter(entitlements::id.eq(absences::entitlement_id))
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::point_id.nullable().eq(point).or(anywhere))
        .filter(entitlements::state.eq_any(live));
    // Few are noted, and many are not: of a join SQLite would walk all vouchers to look for a note on each.
    let query = absences::table
        .filter(diesel::dsl::exists(noted))
        .order(absences::id)
        .select((absences::entitlement_id, absences::reason));
    let newest: BTreeMap<EntitlementId, String> = query.load::<(EntitlementId, String)>(conn)?.into_iter().collect();
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for reason in newest.into_values() {
        *counts.entry(reason).or_default() += 1;
    }
    Ok(counts)
}

/// How many cases of a round, or of one point of it, are not closed, by kind.
pub fn cases_open(conn: &mut Conn, round: RoundId, point: Option<PointId>) -> Result<Vec<(String, i64)>, Error> {
    let mut query = cases::table
        .filter(cases::round_id.eq(round))
        .filter(cases::state.ne(CaseState::Closed.as_str()))
        .group_by(cases::kind)
        .select((cases::kind, diesel::dsl::count_star()))
        .into_boxed();
    if let Some(point) = point {
        query = query.filter(cases::point_id.eq(point));
    }
    let mut found: Vec<(String, i64)> = query.load(conn)?;
    found.sort();
    Ok(found)
}

/// How many cases of an agency that belong to no round are not closed, by kind.
pub fn cases_without_round(conn: &mut Conn, agency: AgencyId) -> Result<Vec<(String, i64)>, Error> {
    Ok(cases::table
        .filter(cases::agency_id.eq(agency))
        .filter(cases::round_id.is_null())
        .filter(cases::state.ne(CaseState::Closed.as_str()))
        .group_by(cases::kind)
        .order(cases::kind)
        .select((cases::kind, diesel::dsl::count_star()))
        .load(conn)?)
}

/// How many households have a right in a round that nobody revoked.
pub fn households(conn: &mut Conn, round: RoundId) -> Result<i64, Error> {
    Ok(entitlements::table
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::state.ne(State::Revoked.as_str()))
        .select(diesel::dsl::sql::<diesel::sql_types::BigInt>("COUNT(DISTINCT entitlements.household_id)"))
        .first(conn)?)
}

/// A device's name, its point's code, and when it was last heard of.
pub type Holder = (String, String, Option<Timestamp>);

/// Devices by their ids.
pub fn holders(conn: &mut Conn, ids: &[DeviceId]) -> Result<BTreeMap<DeviceId, Holder>, Error> {
    devices::table
        .inner_join(points::table.on(points::id.eq(devices::point_id)))
        .filter(devices::id.eq_any(ids))
        .select((devices::id, devices::name, points::code, devices::last_contact_at))
        .load::<(DeviceId, String, String, Option<i64>)>(conn)?
        .into_iter()
        .map(|(id, name, point, at)| Ok((id, (name, point, maybe_time(at)?))))
        .collect()
}

/// How many households of a round are of one of these vulnerabilities, by point.
pub fn at_home(conn: &mut Conn, round: RoundId, words: &[&str]) -> Result<Vec<(PointId, i64)>, Error> {
    let mut found: BTreeMap<PointId, i64> = BTreeMap::new();
    let rows = entitlements::table
        .inner_join(households::table.on(households::id.eq(entitlements::household_id)))
        .filter(entitlements::round_id.eq(round))
        // A household that is owed something is one household.
        .filter(entitlements::exception_of.is_null())
        .group_by((entitlements::point_id, households::vulnerabilities))
        .select((entitlements::point_id, households::vulnerabilities, diesel::dsl::count_star()))
        .load::<(PointId, String, i64)>(conn)?;
    for (point, vulnerabilities, count) in rows {
        if words.iter().any(|word| vulnerabilities.contains(word)) {
            *found.entry(point).or_default() += count;
        }
    }
    Ok(found.into_iter().collect())
}

/// When each device of an agency was last heard of, with its point.
pub fn contacts(conn: &mut Conn, agency: AgencyId) -> Result<Vec<(PointId, Option<Timestamp>)>, Error> {
    devices::table
        .filter(devices::agency_id.eq(agency))
        .select((devices::point_id, devices::last_contact_at))
        .load::<(PointId, Option<i64>)>(conn)?
        .into_iter()
        .map(|(point, at)| Ok((point, maybe_time(at)?)))
        .collect()
}

/// How many entitlements of a round belong to each point and session.
pub fn planned(conn: &mut Conn, round: RoundId) -> Result<Vec<(PointId, i32, i64)>, Error> {
    Ok(entitlements::table
        .filter(entitlements::round_id.eq(round))
        .group_by((entitlements::point_id, entitlements::session_no))
        .order((entitlements::point_id, entitlements::session_no))
        .select((entitlements::point_id, entitlements::session_no, diesel::dsl::count_star()))
        .load(conn)?)
}

/// The newest receipts of a point in a round: id, number, when the server took it, value.
pub fn receipts(
    conn: &mut Conn,
    round: RoundId,
    point: PointId,
    limit: i64,
) -> Result<Vec<(RedemptionId, String, Timestamp, i64)>, Error> {
    redemptions::table
        .filter(redemptions::round_id.eq(round))
        .filter(redemptions::point_id.eq(point))
        .order(redemptions::received_at.desc())
        .limit(limit)
        .select((redemptions::id, redemptions::number, redemptions::received_at, redemptions::value_minor))
        .load::<(RedemptionId, String, i64, i64)>(conn)?
        .into_iter()
        .map(|(id, number, at, value)| Ok((id, number, time(at)?, value)))
        .collect()
}
