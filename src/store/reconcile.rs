//! The sums of a round, each counted where it lies, so that they can be held against each other.

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::conn::Conn;
use super::error::{Error, corrupt};
use super::schema::{entitlements, redemption_items, redemptions, rounds};
use super::types::{money, word};
use crate::domain::entitlement::State;
use crate::domain::id::{PointId, ProgrammeId, RoundId};
use crate::domain::money::Money;
use crate::domain::programme::Point;
use crate::domain::redemption::CollectorKind;

// A sum of BIGINT is NUMERIC on PostgreSQL and an error past 2^63 on SQLite; both are cast in this file alone.

/// The value of everything a programme has handed over.
pub fn realised(conn: &mut Conn, programme: ProgrammeId) -> Result<Money, Error> {
    let sum: i64 = redemptions::table
        .inner_join(rounds::table.on(rounds::id.eq(redemptions::round_id)))
        .filter(rounds::programme_id.eq(programme))
        .select(sql::<BigInt>("CAST(COALESCE(SUM(redemptions.value_minor), 0) AS BIGINT)"))
        .first(conn)?;
    money(sum)
}

/// Entitlements of a round by point and state: how many, and their value when issued.
pub fn by_point_and_state(conn: &mut Conn, round: RoundId) -> Result<Vec<(PointId, State, i64, i64)>, Error> {
    entitlements::table
        .filter(entitlements::round_id.eq(round))
        .group_by((entitlements::point_id, entitlements::state))
        .select((
            entitlements::point_id,
            entitlements::state,
            count_star(),
            sql::<BigInt>("CAST(COALESCE(SUM(entitlements.value_minor), 0) AS BIGINT)"),
        ))
        .load::<(PointId, String, i64, i64)>(conn)?
        .into_iter()
        .map(|(point, state, count, value)| {
            Ok((point, word(State::parse(&state), "entitlement state", &state)?, count, value))
        })
        .collect()
}

/// Handouts of a round at one point on one day by one kind of collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// Where the household collects (the entitlement's point, which is the desk's).
    pub point: PointId,
    /// The day.
    pub day: String,
    /// Who stood there.
    pub collector: CollectorKind,
    /// How many.
    pub count: i64,
    /// Of these, how many were short.
    pub short: i64,
    /// The value given.
    pub value: i64,
}

/// Handouts of a round, counted from its redemptions.
pub fn handed(conn: &mut Conn, round: RoundId) -> Result<Vec<Handed>, Error> {
    redemptions::table
        .filter(redemptions::round_id.eq(round))
        .group_by((redemptions::point_id, redemptions::day, redemptions::collector_kind))
        .order((redemptions::day, redemptions::point_id))
        .select((
            redemptions::point_id,
            redemptions::day,
            redemptions::collector_kind,
            count_star(),
            sql::<BigInt>("CAST(COALESCE(SUM(CASE WHEN redemptions.short THEN 1 ELSE 0 END), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(COALESCE(SUM(redemptions.value_minor), 0) AS BIGINT)"),
        ))
        .load::<(PointId, String, String, i64, i64, i64)>(conn)?
        .into_iter()
        .map(|(point, day, collector, count, short, value)| {
            let collector = word(CollectorKind::parse(&collector), "collector", &collector)?;
            Ok(Handed { point, day, collector, count, short, value })
        })
        .collect()
}

/// What the short handouts of a round gave, by item.
pub fn given_when_short(conn: &mut Conn, round: RoundId) -> Result<Vec<(String, i64)>, Error> {
    Ok(redemption_items::table
        .inner_join(redemptions::table.on(redemptions::id.eq(redemption_items::redemption_id)))
        .filter(redemptions::round_id.eq(round))
        .group_by(redemption_items::code)
        .select((redemption_items::code, sql::<BigInt>("CAST(COALESCE(SUM(redemption_items.quantity), 0) AS BIGINT)")))
        .load(conn)?)
}

/// The points at which a round has entitlements, by number.
pub fn points_of(conn: &mut Conn, round: RoundId) -> Result<Vec<Point>, Error> {
    let ids: Vec<PointId> = entitlements::table
        .filter(entitlements::round_id.eq(round))
        .select(entitlements::point_id)
        .distinct()
        .load(conn)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(super::points::find(conn, id)?.ok_or_else(|| corrupt("an entitlement at no point"))?);
    }
    found.sort_by_key(|point| point.number);
    Ok(found)
}

/// How many packages a point handed over on a day: what a desk shows as its count.
pub fn count_at(conn: &mut Conn, point: PointId, day: &str) -> Result<i64, Error> {
    Ok(redemptions::table
        .filter(redemptions::point_id.eq(point))
        .filter(redemptions::day.eq(day))
        .count()
        .get_result(conn)?)
}
