//! The beneficiaries of a programme: which households it has decided on, and where each collects.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::{beneficiaries, entitlements, households, intake_rows, intakes, programmes};
use super::types::word;
use crate::domain::id::{HouseholdId, PointId, ProgrammeId, RoundId, UserId};
use crate::domain::intake::Outcome;
use crate::domain::time::Timestamp;
use crate::domain::verval::{Reason, Standing};

/// A household in a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beneficiary {
    /// The programme.
    pub programme: ProgrammeId,
    /// The household.
    pub household: HouseholdId,
    /// What was decided.
    pub standing: Standing,
    /// Where it collects, once it is placed.
    pub point: Option<PointId>,
    /// In which time slot.
    pub session_no: i32,
    /// At which desk.
    pub desk_no: i32,
    /// What it receives; empty for whatever a round gives.
    pub package_code: String,
    /// Who decided.
    pub approved_by: UserId,
}

/// A decision as it is written. A household without a point is so by a plain NULL, not by leaving the column out:
/// SQLite then takes many rows in one statement.
#[derive(Insertable)]
#[diesel(table_name = beneficiaries, treat_none_as_default_value = false)]
struct NewRow<'a> {
    programme_id: ProgrammeId,
    household_id: HouseholdId,
    standing: &'static str,
    point_id: Option<PointId>,
    session_no: i32,
    desk_no: i32,
    package_code: &'a str,
    approved_by: UserId,
    approved_at: i64,
}

/// Keeps decisions, in place of earlier ones; no household twice.
pub fn decide(tx: &mut Write<'_>, decisions: &[Beneficiary], at: Timestamp) -> Result<(), Error> {
    for batch in decisions.chunks(BATCH) {
        let rows: Vec<NewRow<'_>> = batch
            .iter()
            .map(|one| NewRow {
                programme_id: one.programme,
                household_id: one.household,
                standing: one.standing.as_str(),
                point_id: one.point,
                session_no: one.session_no,
                desk_no: one.desk_no,
                package_code: &one.package_code,
                approved_by: one.approved_by,
                approved_at: at.millis(),
            })
            .collect();
        on_each!(&mut **tx, inner => {
            diesel::insert_into(beneficiaries::table)
                .values(&rows)
                .on_conflict((beneficiaries::programme_id, beneficiaries::household_id))
                .do_update()
                .set((
                    beneficiaries::standing.eq(excluded(beneficiaries::standing)),
                    beneficiaries::point_id.eq(excluded(beneficiaries::point_id)),
                    beneficiaries::session_no.eq(excluded(beneficiaries::session_no)),
                    beneficiaries::desk_no.eq(excluded(beneficiaries::desk_no)),
                    beneficiaries::package_code.eq(excluded(beneficiaries::package_code)),
                    beneficiaries::approved_by.eq(excluded(beneficiaries::approved_by)),
                    beneficiaries::approved_at.eq(excluded(beneficiaries::approved_at)),
                ))
                .execute(inner)
        })?;
    }
    Ok(())
}

/// What a programme has decided about these households.
pub fn decided(conn: &mut Conn, programme: ProgrammeId, households: &[HouseholdId]) -> Result<Vec<Beneficiary>, Error> {
    beneficiaries::table
        .filter(beneficiaries::programme_id.eq(programme))
        .filter(beneficiaries::household_id.eq_any(households))
        .select((
            beneficiaries::household_id,
            beneficiaries::standing,
            beneficiaries::point_id,
            beneficiaries::session_no,
            beneficiaries::desk_no,
            beneficiaries::package_code,
            beneficiaries::approved_by,
        ))
        .load::<(HouseholdId, String, Option<PointId>, i32, i32, String, UserId)>(conn)?
        .into_iter()
        .map(|(household, standing, point, session_no, desk_no, package_code, approved_by)| {
            let standing = word(Standing::parse(&standing), "standing", &standing)?;
            Ok(Beneficiary { programme, household, standing, point, session_no, desk_no, package_code, approved_by })
        })
        .collect()
}

/// Where a household without an entitlement in a round is to collect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Awaiting {
    /// The household.
    pub household: HouseholdId,
    /// Its point.
    pub point: PointId,
    /// Its time slot.
    pub session_no: i32,
    /// Its desk.
    pub desk_no: i32,
}

macro_rules! awaiting {
    ($programme:expr, $round:expr, $package:expr) => {
        beneficiaries::table
            .filter(beneficiaries::programme_id.eq($programme))
            .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
            .filter(beneficiaries::point_id.is_not_null())
            .filter(beneficiaries::package_code.eq_any([$package, ""]))
            .filter(diesel::dsl::not(diesel::dsl::exists(
                entitlements::table
                    .filter(entitlements::round_id.eq($round))
                    .filter(entitlements::household_id.eq(beneficiaries::household_id)),
            )))
    };
}

/// How many approved and placed households of a package have no entitlement in a round yet.
pub fn count_awaiting(conn: &mut Conn, programme: ProgrammeId, round: RoundId, package: &str) -> Result<i64, Error> {
    Ok(awaiting!(programme, round, package).count().get_result(conn)?)
}

/// The same households, some at a time, in the order of their ids.
pub fn awaiting(
    conn: &mut Conn,
    programme: ProgrammeId,
    round: RoundId,
    package: &str,
    after: Option<HouseholdId>,
    limit: i64,
) -> Result<Vec<Awaiting>, Error> {
    let mut query = awaiting!(programme, round, package)
        .select((
            beneficiaries::household_id,
            beneficiaries::point_id.assume_not_null(),
            beneficiaries::session_no,
            beneficiaries::desk_no,
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(beneficiaries::household_id.gt(after));
    }
    Ok(query.order(beneficiaries::household_id).limit(limit).load(conn)?)
}

/// A standing and its reason as they lie in columns, checked.
pub(super) fn check_standing(standing: &str, reason: &str) -> Result<(Standing, Option<Reason>), Error> {
    let standing = word(Standing::parse(standing), "standing", standing)?;
    let reason = match reason {
        "" => None,
        code => Some(word(Reason::parse(code), "reason", code)?),
    };
    Ok((standing, reason))
}

/// How many rows or ids one statement carries at most: SQLite takes 32,766 values, PostgreSQL 65,535.
const BATCH: usize = 500;

/// What was decided, as it stands beside a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The standing.
    pub standing: Standing,
    /// Why, when it is not eligible.
    pub reason: Option<Reason>,
    /// The note beside.
    pub evidence: String,
    /// Who decided.
    pub by: UserId,
}

/// Lets a decision stand for households of a programme; returns for how many. Where each collects stays.
pub fn set_standing(
    tx: &mut Write<'_>,
    programme: ProgrammeId,
    ids: &[HouseholdId],
    decided: &Decided,
    at: Timestamp,
) -> Result<usize, Error> {
    let mut changed = 0;
    for batch in ids.chunks(BATCH) {
        changed += diesel::update(
            beneficiaries::table
                .filter(beneficiaries::programme_id.eq(programme))
                .filter(beneficiaries::household_id.eq_any(batch)),
        )
        .set((
            beneficiaries::standing.eq(decided.standing.as_str()),
            beneficiaries::reason.eq(decided.reason.map_or("", Reason::as_str)),
            beneficiaries::evidence.eq(&decided.evidence),
            beneficiaries::approved_by.eq(decided.by),
            beneficiaries::approved_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    }
    Ok(changed)
}

/// The same for one household that is still of the standing that it was believed to have; false when it is not.
pub fn move_standing(
    tx: &mut Write<'_>,
    (programme, household): (ProgrammeId, HouseholdId),
    from: Standing,
    decided: &Decided,
    at: Timestamp,
) -> Result<bool, Error> {
    let held = diesel::update(
        beneficiaries::table.find((programme, household)).filter(beneficiaries::standing.eq(from.as_str())),
    )
    .set(beneficiaries::approved_at.eq(at.millis()))
    .execute(&mut **tx)?;
    if held == 1 {
        set_standing(tx, programme, &[household], decided, at)?;
    }
    Ok(held == 1)
}

/// Lets a household collect where another did: point, time slot, desk, package.
pub fn take_place(
    tx: &mut Write<'_>,
    programme: ProgrammeId,
    household: HouseholdId,
    of: &Beneficiary,
) -> Result<(), Error> {
    diesel::update(beneficiaries::table.find((programme, household)))
        .set((
            beneficiaries::point_id.eq(of.point),
            beneficiaries::session_no.eq(of.session_no),
            beneficiaries::desk_no.eq(of.desk_no),
            beneficiaries::package_code.eq(&of.package_code),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// How many households a programme has of each standing.
pub fn count_standings(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<(Standing, i64)>, Error> {
    beneficiaries::table
        .filter(beneficiaries::programme_id.eq(programme))
        .group_by(beneficiaries::standing)
        .select((beneficiaries::standing, diesel::dsl::count_star()))
        .load::<(String, i64)>(conn)?
        .into_iter()
        .map(|(standing, count)| Ok((word(Standing::parse(&standing), "standing", &standing)?, count)))
        .collect()
}

/// One household of these that this person entered, or changed by a file of theirs that was applied.
pub fn touched_by(conn: &mut Conn, user: UserId, ids: &[HouseholdId]) -> Result<Option<HouseholdId>, Error> {
    let changed: Vec<String> = intakes::table
        .inner_join(intake_rows::table.on(intake_rows::intake_id.eq(intakes::id)))
        .filter(intakes::uploaded_by.eq(user))
        .filter(intakes::applied_at.is_not_null())
        .filter(intake_rows::outcome.eq_any([Outcome::New.as_str(), Outcome::Changed.as_str()]))
        .select(intake_rows::source_id)
        .distinct()
        .load(conn)?;
    let changed: std::collections::HashSet<String> = changed.into_iter().collect();
    for batch in ids.chunks(BATCH) {
        let found: Vec<(HouseholdId, UserId, String)> = households::table
            .filter(households::id.eq_any(batch))
            .select((households::id, households::entered_by, households::source_id))
            .load(conn)?;
        // People and the files that they upload belong to one agency, as the households do.
        if let Some((id, _, _)) = found.iter().find(|(_, by, source)| *by == user || changed.contains(source)) {
            return Ok(Some(*id));
        }
    }
    Ok(None)
}

/// Holds a programme until the commit, so that two people who number its lists do it one after the other.
pub fn hold_programme(tx: &mut Write<'_>, programme: ProgrammeId) -> Result<(), Error> {
    diesel::update(programmes::table.find(programme))
        .set(programmes::obligated_minor.eq(programmes::obligated_minor))
        .execute(&mut **tx)?;
    Ok(())
}
