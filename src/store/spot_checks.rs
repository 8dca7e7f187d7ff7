//! Samples of households that are asked at their doors.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{entitlements, households, points, programmes, redemptions, rounds, spot_check_lines, spot_checks};
use super::types::{time, word};
use crate::domain::id::{AgencyId, EntitlementId, HouseholdId, RoundId, SpotCheckId, UserId};
use crate::domain::sealed::Sealed;
use crate::domain::spot_check::Found;
use crate::domain::time::Timestamp;

/// A sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotCheck {
    /// Its id.
    pub id: SpotCheckId,
    /// The round.
    pub round: RoundId,
    /// What it was drawn with.
    pub seed: String,
    /// Of how many redeemed vouchers.
    pub population: i64,
    /// How many were drawn.
    pub size: i32,
    /// Who drew it.
    pub drawn_by: UserId,
    /// When.
    pub drawn_at: Timestamp,
}

/// One voucher of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// 1, 2, 3 …
    pub position: i32,
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// The recipient's name.
    pub name: String,
    /// The RT.
    pub rt: String,
    /// The village.
    pub village: String,
    /// The point's code.
    pub point: String,
    /// The receipt's number.
    pub receipt: String,
    /// The day of the handout.
    pub day: String,
    /// What was found.
    pub found: Found,
    /// A remark.
    pub note: String,
}

/// The redeemed entitlements of a round.
pub fn redeemed(conn: &mut Conn, round: RoundId) -> Result<Vec<EntitlementId>, Error> {
    let found = redemptions::table.filter(redemptions::round_id.eq(round)).select(redemptions::entitlement_id);
    Ok(found.load(conn)?)
}

/// Adds a sample.
pub fn insert(tx: &mut Write<'_>, one: &SpotCheck, drawn: &[EntitlementId]) -> Result<(), Error> {
    diesel::insert_into(spot_checks::table)
        .values((
            spot_checks::id.eq(one.id),
            spot_checks::round_id.eq(one.round),
            spot_checks::seed.eq(&one.seed),
            spot_checks::population.eq(one.population),
            spot_checks::size.eq(one.size),
            spot_checks::drawn_by.eq(one.drawn_by),
            spot_checks::drawn_at.eq(one.drawn_at.millis()),
        ))
        .execute(&mut **tx)?;
    for (position, entitlement) in (1_i32..).zip(drawn) {
        diesel::insert_into(spot_check_lines::table)
            .values((
                spot_check_lines::spot_check_id.eq(one.id),
                spot_check_lines::position.eq(position),
                spot_check_lines::entitlement_id.eq(*entitlement),
                spot_check_lines::found.eq(Found::Pending.as_str()),
                spot_check_lines::note.eq(""),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

type Row = (SpotCheckId, RoundId, String, i64, i32, UserId, i64);

fn check((id, round, seed, population, size, drawn_by, at): Row) -> Result<SpotCheck, Error> {
    Ok(SpotCheck { id, round, seed, population, size, drawn_by, drawn_at: time(at)? })
}

/// The sample with this id, and the agency whose it is.
pub fn find(conn: &mut Conn, id: SpotCheckId) -> Result<Option<(SpotCheck, AgencyId)>, Error> {
    spot_checks::table
        .inner_join(rounds::table.on(rounds::id.eq(spot_checks::round_id)))
        .inner_join(programmes::table.on(programmes::id.eq(rounds::programme_id)))
        .filter(spot_checks::id.eq(id))
        .select((spot_checks::all_columns, programmes::agency_id))
        .first::<(Row, AgencyId)>(conn)
        .optional()?
        .map(|(row, agency)| Ok((check(row)?, agency)))
        .transpose()
}

/// The samples of a round, newest first.
pub fn of_round(conn: &mut Conn, round: RoundId) -> Result<Vec<SpotCheck>, Error> {
    let found = spot_checks::table.filter(spot_checks::round_id.eq(round)).order(spot_checks::id.desc());
    found.load::<Row>(conn)?.into_iter().map(check).collect()
}

/// Where the households of a sample live, in the order in which they were drawn, sealed.
pub fn addresses(conn: &mut Conn, id: SpotCheckId) -> Result<Vec<(HouseholdId, Sealed)>, Error> {
    let rows = spot_check_lines::table
        .inner_join(entitlements::table.on(entitlements::id.eq(spot_check_lines::entitlement_id)))
        .inner_join(households::table.on(households::id.eq(entitlements::household_id)))
        .filter(spot_check_lines::spot_check_id.eq(id))
        .order(spot_check_lines::position)
        .select((households::id, households::address_sealed))
        .load::<(HouseholdId, Vec<u8>)>(conn)?;
    Ok(rows.into_iter().map(|(id, sealed)| (id, Sealed::from_ciphertext(sealed))).collect())
}

/// The vouchers of a sample, in the order in which they were drawn.
pub fn lines(conn: &mut Conn, id: SpotCheckId) -> Result<Vec<Line>, Error> {
    spot_check_lines::table
        .inner_join(entitlements::table.on(entitlements::id.eq(spot_check_lines::entitlement_id)))
        .inner_join(households::table.on(households::id.eq(entitlements::household_id)))
        .inner_join(points::table.on(points::id.eq(entitlements::point_id)))
        .inner_join(redemptions::table.on(redemptions::entitlement_id.eq(entitlements::id)))
        .filter(spot_check_lines::spot_check_id.eq(id))
        .order(spot_check_lines::position)
        .select((
            spot_check_lines::position,
            spot_check_lines::entitlement_id,
            households::name,
            households::rt,
            households::village,
            points::code,
            redemptions::number,
            redemptions::day,
            spot_check_lines::found,
            spot_check_lines::note,
        ))
        .load::<(i32, EntitlementId, String, String, String, String, String, String, String, String)>(conn)?
        .into_iter()
        .map(|(position, entitlement, name, rt, village, point, receipt, day, found, note)| {
            let found = word(Found::parse(&found), "finding of a spot check", &found)?;
            Ok(Line { position, entitlement, name, rt, village, point, receipt, day, found, note })
        })
        .collect()
}

/// Writes what was found at a door; whether the sample has such a line.
pub fn enter(
    tx: &mut Write<'_>,
    (id, position): (SpotCheckId, i32),
    found: Found,
    note: &str,
    (by, at): (UserId, Timestamp),
) -> Result<bool, Error> {
    let changed = diesel::update(spot_check_lines::table.find((id, position)))
        .set((
            spot_check_lines::found.eq(found.as_str()),
            spot_check_lines::note.eq(note),
            spot_check_lines::entered_by.eq(by),
            spot_check_lines::entered_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}
