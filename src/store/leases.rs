//! Who holds the right to redeem: entitlements as the lease protocol sees them, read and replaced as a whole.

use diesel::prelude::*;

use super::conn::Conn;
use super::entitlements::Row as EntitlementRow;
use super::error::{Error, corrupt};
use super::households::{self, Household};
use super::pool::Write;
use super::schema::{entitlements, households as household_table, redemptions};
use super::types::money;
use super::{devices, installation};
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::id::{DeviceId, EntitlementId, Identifier, PointId, RedemptionId, RoundId};
use crate::domain::lease::exposure::Exposure;
use crate::domain::lease::office::{Hold, Office, Right, Row};

/// The name under which the installation keeps its epoch.
const EPOCH: &str = "epoch";
/// The name under which it keeps that somebody has seen more than it remembers.
const BEHIND: &str = "behind";

/// What the server knows of itself. While somebody has seen more than it remembers, one answer more is missing
/// than devices owe.
pub fn office(conn: &mut Conn) -> Result<Office, Error> {
    let [epoch, behind] = installation::get_two(conn, [EPOCH, BEHIND])?;
    let epoch = match epoch {
        None => 1,
        Some(epoch) => epoch.parse().map_err(|_| corrupt("an epoch"))?,
    };
    let missing = if epoch > 1 { devices::count_missing(conn, epoch)? } else { 0 };
    Ok(Office { epoch, missing: missing + u32::from(behind.is_some_and(|why| !why.is_empty())) })
}

/// Begins an epoch.
pub fn set_epoch(tx: &mut Write<'_>, epoch: u32) -> Result<(), Error> {
    installation::set(tx, EPOCH, &epoch.to_string())?;
    installation::set(tx, BEHIND, "")
}

/// Why this server must be restored properly before it grants anything, if it must.
pub fn behind(conn: &mut Conn) -> Result<Option<String>, Error> {
    Ok(installation::get(conn, BEHIND)?.filter(|why| !why.is_empty()))
}

/// Notes that somebody has seen more than this server remembers.
pub fn set_behind(tx: &mut Write<'_>, why: &str) -> Result<(), Error> {
    installation::set(tx, BEHIND, why)
}

/// An entitlement as the protocol sees it.
pub fn row(conn: &mut Conn, one: &Entitlement) -> Result<Row, Error> {
    let receipt: Option<RedemptionId> = if one.state == State::Redeemed {
        let of_it = redemptions::table.filter(redemptions::entitlement_id.eq(one.id));
        of_it.select(redemptions::id).first(conn).optional()?
    } else {
        None
    };
    let right = Right::of(one.state, one.holder, receipt)
        .ok_or_else(|| corrupt(format!("an entitlement that is {} with the wrong holder", one.state.as_str())))?;
    Ok(Row {
        entitlement: one.id,
        point: one.point,
        fence: one.fence,
        right,
        revoke_requested: one.marks.revoke_requested.is_some(),
        hold: match (&one.held_reason, one.state) {
            (None, _) => Hold::No,
            (Some(_), State::Leased) if !one.marks.hold_taken => Hold::Requested,
            (Some(_), _) => Hold::Effective,
        },
        doubt: one.marks.doubt,
        replaced: one.marks.replaced,
    })
}

/// Replaces an entitlement's row, if it still is what was read; false when it is not. `reason` is why it is
/// revoked, held back or asked to be, where the step began that.
pub fn replace(tx: &mut Write<'_>, was: &Entitlement, now: &Row, reason: Option<&str>) -> Result<bool, Error> {
    let state = now.right.state();
    let said = |kept: &Option<String>| kept.clone().or_else(|| reason.map(str::to_owned)).unwrap_or_default();
    let held = (now.hold != Hold::No).then(|| said(&was.held_reason));
    let let_go = was.held_reason.is_some() && held.is_none() && state == State::Leased;
    let revoked = match (state, was.state) {
        (State::Revoked, State::Revoked) => was.revoked_reason.clone(),
        (State::Revoked, _) => Some(said(&was.marks.revoke_requested)),
        _ => None,
    };
    // One statement both compares and sets, so that nobody can come between.
    let mut change = diesel::update(entitlements::table.find(was.id))
        .set((
            entitlements::state.eq(state.as_str()),
            entitlements::fence_epoch.eq(epoch(now.fence.epoch)?),
            entitlements::fence_counter.eq(counter(now.fence.counter)?),
            entitlements::holder_id.eq(now.right.holder()),
            entitlements::held_reason.eq(&held),
            entitlements::revoked_reason.eq(revoked),
            entitlements::revoke_requested.eq(now.revoke_requested.then(|| said(&was.marks.revoke_requested))),
            entitlements::hold_taken.eq(now.hold == Hold::Effective && state == State::Leased),
            entitlements::release_owed
                .eq(state == State::Leased && (let_go || (was.marks.release_owed && held.is_none()))),
            entitlements::doubt_id.eq(now.doubt),
            entitlements::replaced.eq(now.replaced),
        ))
        .into_boxed()
        .filter(entitlements::state.eq(was.state.as_str()))
        .filter(entitlements::fence_epoch.eq(epoch(was.fence.epoch)?))
        .filter(entitlements::fence_counter.eq(counter(was.fence.counter)?))
        .filter(entitlements::print_no.eq(was.print_no))
        .filter(entitlements::hold_taken.eq(was.marks.hold_taken))
        .filter(entitlements::replaced.eq(was.marks.replaced));
    change = match was.holder {
        Some(holder) => change.filter(entitlements::holder_id.eq(holder)),
        None => change.filter(entitlements::holder_id.is_null()),
    };
    change = match &was.held_reason {
        Some(reason) => change.filter(entitlements::held_reason.eq(reason)),
        None => change.filter(entitlements::held_reason.is_null()),
    };
    change = match &was.marks.revoke_requested {
        Some(reason) => change.filter(entitlements::revoke_requested.eq(reason)),
        None => change.filter(entitlements::revoke_requested.is_null()),
    };
    change = match was.marks.doubt {
        Some(device) => change.filter(entitlements::doubt_id.eq(device)),
        None => change.filter(entitlements::doubt_id.is_null()),
    };
    Ok(change.execute(&mut **tx)? == 1)
}

fn epoch(number: u32) -> Result<i32, Error> {
    i32::try_from(number).map_err(corrupt)
}

fn counter(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(corrupt)
}

/// Which entitlements of a device's point it wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Of these rounds.
    pub rounds: Vec<RoundId>,
    /// Of this time slot alone.
    pub session_no: Option<i32>,
    /// Of this desk alone.
    pub desk_no: Option<i32>,
    /// These alone.
    pub named: Option<Vec<EntitlementId>>,
}

/// What a device may lease, or has on lease, at its point: free, not held, not asked back, in the order of the ids.
pub fn wanted(
    conn: &mut Conn,
    device: DeviceId,
    point: PointId,
    scope: &Scope,
    after: Option<EntitlementId>,
    limit: i64,
) -> Result<Vec<(Entitlement, Household)>, Error> {
    let free = entitlements::state.eq(State::Available.as_str());
    let own = entitlements::state.eq(State::Leased.as_str()).and(entitlements::holder_id.assume_not_null().eq(device));
    let mut query = entitlements::table
        .inner_join(household_table::table.on(household_table::id.eq(entitlements::household_id)))
        .filter(entitlements::point_id.eq(point))
        .filter(entitlements::round_id.eq_any(scope.rounds.clone()))
        .filter(entitlements::id.gt(after.unwrap_or(EntitlementId::from_bytes([0; 16]))))
        .filter(free.or(own))
        .filter(entitlements::held_reason.is_null())
        .filter(entitlements::revoke_requested.is_null())
        .select((entitlements::all_columns, household_table::all_columns))
        .into_boxed();
    if let Some(session) = scope.session_no {
        query = query.filter(entitlements::session_no.eq(session));
    }
    if let Some(desk) = scope.desk_no {
        query = query.filter(entitlements::desk_no.eq(desk));
    }
    if let Some(named) = &scope.named {
        query = query.filter(entitlements::id.eq_any(named.clone()));
    }
    query
        .order(entitlements::id)
        .limit(limit)
        .load::<(EntitlementRow, households::Row)>(conn)?
        .into_iter()
        .map(|(one, household)| Ok((one.check()?, household.check()?)))
        .collect()
}

/// What a device has, or may have, in the order of the ids.
pub fn held_by(
    conn: &mut Conn,
    device: DeviceId,
    after: Option<EntitlementId>,
    limit: i64,
) -> Result<Vec<Entitlement>, Error> {
    entitlements::table
        .filter(entitlements::holder_id.eq(device))
        .filter(entitlements::id.gt(after.unwrap_or(EntitlementId::from_bytes([0; 16]))))
        .order(entitlements::id)
        .limit(limit)
        .load::<EntitlementRow>(conn)?
        .into_iter()
        .map(EntitlementRow::check)
        .collect()
}

/// Leases of a device about which the office wants something done, at most so many.
pub fn asked_of(conn: &mut Conn, device: DeviceId, limit: i64) -> Result<Vec<Entitlement>, Error> {
    let hold = entitlements::held_reason.is_not_null().and(entitlements::hold_taken.eq(false));
    entitlements::table
        .filter(entitlements::holder_id.eq(device))
        .filter(entitlements::state.eq(State::Leased.as_str()))
        .filter(entitlements::revoke_requested.is_not_null().or(hold).or(entitlements::release_owed.eq(true)))
        .order(entitlements::id)
        .limit(limit)
        .load::<EntitlementRow>(conn)?
        .into_iter()
        .map(EntitlementRow::check)
        .collect()
}

/// Entitlements of a point that a device of it may hold, though this server does not know: what would be
/// unresolved if it were given up.
pub fn at_stake(
    conn: &mut Conn,
    point: PointId,
    after: Option<EntitlementId>,
    limit: i64,
) -> Result<Vec<Entitlement>, Error> {
    let live = [State::Available, State::Leased, State::Expired].map(State::as_str);
    entitlements::table
        .filter(entitlements::point_id.eq(point))
        .filter(entitlements::state.eq_any(live))
        .filter(entitlements::id.gt(after.unwrap_or(EntitlementId::from_bytes([0; 16]))))
        .order(entitlements::id)
        .limit(limit)
        .load::<EntitlementRow>(conn)?
        .into_iter()
        .map(EntitlementRow::check)
        .collect()
}

/// Entitlements of a round in a state, in the order of the ids.
pub fn of_round_in(
    conn: &mut Conn,
    round: RoundId,
    state: State,
    after: Option<EntitlementId>,
    limit: i64,
) -> Result<Vec<Entitlement>, Error> {
    entitlements::table
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::state.eq(state.as_str()))
        .filter(entitlements::id.gt(after.unwrap_or(EntitlementId::from_bytes([0; 16]))))
        .order(entitlements::id)
        .limit(limit)
        .load::<EntitlementRow>(conn)?
        .into_iter()
        .map(EntitlementRow::check)
        .collect()
}

/// Entitlements that somebody wanted revoked while it could not be.
pub fn to_settle(conn: &mut Conn) -> Result<Vec<EntitlementId>, Error> {
    Ok(entitlements::table
        .filter(entitlements::state.eq(State::Available.as_str()))
        .filter(entitlements::revoke_requested.is_not_null())
        .select(entitlements::id)
        .load(conn)?)
}

/// What is out on each device: how many leases, and what they are worth together.
pub fn out(conn: &mut Conn) -> Result<Vec<(DeviceId, Exposure)>, Error> {
    let rows: Vec<(Option<DeviceId>, i64, i64)> = entitlements::table
        .filter(entitlements::state.eq(State::Leased.as_str()))
        .group_by(entitlements::holder_id)
        .select((
            entitlements::holder_id,
            diesel::dsl::count_star(),
            diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(SUM(value_minor) AS BIGINT)"),
        ))
        .load(conn)?;
    rows.into_iter()
        .filter_map(|(device, count, value)| device.map(|device| (device, count, value)))
        .map(|(device, count, value)| {
            let packages = u64::try_from(count).map_err(corrupt)?;
            Ok((device, Exposure { packages, value: money(value)? }))
        })
        .collect()
}

/// How many entitlements of a point are free, and what they are worth together.
pub fn free_at(conn: &mut Conn, point: PointId) -> Result<(i64, i64), Error> {
    Ok(entitlements::table
        .filter(entitlements::point_id.eq(point))
        .filter(entitlements::state.eq(State::Available.as_str()))
        .select((
            diesel::dsl::count_star(),
            diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(COALESCE(SUM(value_minor), 0) AS BIGINT)"),
        ))
        .first(conn)?)
}

/// How many leases a device has.
pub fn count_open(conn: &mut Conn, device: DeviceId) -> Result<u64, Error> {
    let count: i64 = entitlements::table
        .filter(entitlements::holder_id.eq(device))
        .filter(entitlements::state.eq(State::Leased.as_str()))
        .count()
        .get_result(conn)?;
    u64::try_from(count).map_err(corrupt)
}
