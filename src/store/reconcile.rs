//! The sums of a round, each counted where it lies, so that they can be held against each other.

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::conn::Conn;
use super::error::Error;
use super::schema::{entitlements, redemption_items, redemptions, rounds};
use super::types::{money, word};
use crate::domain::entitlement::State;
use crate::domain::id::{DeviceId, PointId, ProgrammeId, RoundId};
use crate::domain::money::Money;
use crate::domain::redemption::CollectorKind;

// A sum of BIGINT is NUMERIC on PostgreSQL and an error past 2^63 on SQLite; both are cast in this file alone.

// What adds up a whole round asks for the columns of one index and groups in its order (`entitlements_at_point`,
// `redemptions_in_round`): a million rows are read from it in passing, and no row itself is looked at.

/// The value of everything a programme has handed over.
pub fn realised(conn: &mut Conn, programme: ProgrammeId) -> Result<Money, Error> {
    realised_but(conn, programme, None)
}

/// The same without one round, whose receipts have been added up already.
pub fn realised_but(conn: &mut Conn, programme: ProgrammeId, but: Option<RoundId>) -> Result<Money, Error> {
    let mut query = redemptions::table
        .inner_join(rounds::table.on(rounds::id.eq(redemptions::round_id)))
        .filter(rounds::programme_id.eq(programme))
        .select(sql::<BigInt>("CAST(COALESCE(SUM(redemptions.value_minor), 0) AS BIGINT)"))
        .into_boxed();
    if let Some(but) = but {
        query = query.filter(rounds::id.ne(but));
    }
    money(query.first(conn)?)
}

/// Entitlements of a round at one point, in one state, with one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where the household collects.
    pub point: PointId,
    /// The state.
    pub state: State,
    /// The device that holds them, if one does.
    pub holder: Option<DeviceId>,
    /// How many.
    pub count: i64,
    /// Their value when issued.
    pub value: i64,
}

/// Entitlements of a round by point, state and holder.
pub fn standing(conn: &mut Conn, round: RoundId) -> Result<Vec<Standing>, Error> {
    entitlements::table
        .filter(entitlements::round_id.eq(round))
        .group_by((entitlements::point_id, entitlements::state, entitlements::holder_id))
        .select((
            entitlements::point_id,
            entitlements::state,
            entitlements::holder_id,
            count_star(),
            sql::<BigInt>("CAST(COALESCE(SUM(entitlements.value_minor), 0) AS BIGINT)"),
        ))
        .load::<(PointId, String, Option<DeviceId>, i64, i64)>(conn)?
        .into_iter()
        .map(|(point, state, holder, count, value)| {
            let state = word(State::parse(&state), "entitlement state", &state)?;
            Ok(Standing { point, state, holder, count, value })
        })
        .collect()
}

/// Entitlements of a round by point and state: how many, and their value when issued.
pub fn by_point_and_state(conn: &mut Conn, round: RoundId) -> Result<Vec<(PointId, State, i64, i64)>, Error> {
    Ok(standing(conn, round)?.into_iter().map(|line| (line.point, line.state, line.count, line.value)).collect())
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
        .collect::<Result<Vec<_>, Error>>()
        .map(|mut found| {
            found.sort_by(|one, other| (&one.day, one.point).cmp(&(&other.day, other.point)));
            found
        })
}

/// What the short handouts of a round left owing, by point: how many, and by how much.
pub fn owed_when_short(conn: &mut Conn, round: RoundId) -> Result<Vec<(PointId, i64, i64)>, Error> {
    let owed = "CAST(COALESCE(SUM(entitlements.value_minor - redemptions.value_minor), 0) AS BIGINT)";
    Ok(redemptions::table
        // By the round too, so that their values are read from the index that begins with it.
        .inner_join(
            entitlements::table.on(entitlements::id
                .eq(redemptions::entitlement_id)
                .and(entitlements::round_id.eq(redemptions::round_id))),
        )
        .filter(redemptions::round_id.eq(round))
        .filter(redemptions::short)
        .filter(entitlements::value_minor.gt(redemptions::value_minor))
        .group_by(redemptions::point_id)
        .select((redemptions::point_id, count_star(), sql::<BigInt>(owed)))
        .load(conn)?)
}

/// What the short handouts of a round gave, by item.
pub fn given_when_short(conn: &mut Conn, round: RoundId) -> Result<Vec<(String, i64)>, Error> {
    Ok(redemption_items::table
        .inner_join(redemptions::table.on(redemptions::id.eq(redemption_items::redemption_id)))
        .filter(redemptions::round_id.eq(round))
        .filter(redemptions::short)
        .group_by(redemption_items::code)
        .select((redemption_items::code, sql::<BigInt>("CAST(COALESCE(SUM(redemption_items.quantity), 0) AS BIGINT)")))
        .load(conn)?)
}

/// How many packages a point handed over on a day: what a desk shows as its count.
pub fn count_at(conn: &mut Conn, point: PointId, day: &str) -> Result<i64, Error> {
    Ok(redemptions::table
        .filter(redemptions::point_id.eq(point))
        .filter(redemptions::day.eq(day))
        .count()
        .get_result(conn)?)
}
