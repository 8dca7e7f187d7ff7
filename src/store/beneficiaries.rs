//! The beneficiaries of a programme: which households it has decided on, and where each collects.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::{beneficiaries, entitlements};
use super::types::word;
use crate::domain::id::{HouseholdId, PointId, ProgrammeId, RoundId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::verval::Standing;

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

/// Keeps a decision, in place of an earlier one.
pub fn decide(tx: &mut Write<'_>, decisions: &[Beneficiary], at: Timestamp) -> Result<(), Error> {
    for one in decisions {
        on_each!(&mut **tx, inner => {
            let values = (
                beneficiaries::standing.eq(one.standing.as_str()),
                beneficiaries::point_id.eq(one.point),
                beneficiaries::session_no.eq(one.session_no),
                beneficiaries::desk_no.eq(one.desk_no),
                beneficiaries::package_code.eq(&one.package_code),
                beneficiaries::approved_by.eq(one.approved_by),
                beneficiaries::approved_at.eq(at.millis()),
            );
            diesel::insert_into(beneficiaries::table)
                .values((
                    beneficiaries::programme_id.eq(one.programme),
                    beneficiaries::household_id.eq(one.household),
                    values,
                ))
                .on_conflict((beneficiaries::programme_id, beneficiaries::household_id))
                .do_update()
                .set(values)
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
