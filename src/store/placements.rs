//! Where the households of a programme collect, and moving one of them.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{beneficiaries, entitlements, households, rounds};
use crate::domain::entitlement::State;
use crate::domain::household::fold_name;
use crate::domain::id::{EntitlementId, HouseholdId, PointId, ProgrammeId, RoundId};
use crate::domain::placement::{Candidate, Spot};
use crate::domain::programme::Point;
use crate::domain::verval::Standing;
use crate::domain::voucher::TypedCode;

/// An approved household, and where it collects at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What placing looks at; it stays nowhere yet.
    pub candidate: Candidate,
    /// Where it collects at present, once it is placed.
    pub spot: Option<Spot>,
    /// Whether a person placed it there.
    pub by_hand: bool,
}

type Row = (HouseholdId, String, String, String, String, String, Option<PointId>, i32, i32, bool);

/// All approved households of a programme, in no order.
pub fn approved(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Placed>, Error> {
    let rows = beneficiaries::table
        .inner_join(households::table.on(households::id.eq(beneficiaries::household_id)))
        .filter(beneficiaries::programme_id.eq(programme))
        .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
        .select((
            households::id,
            households::village_code,
            households::village,
            households::sub_district,
            households::rt,
            households::name_folded,
            beneficiaries::point_id,
            beneficiaries::session_no,
            beneficiaries::desk_no,
            beneficiaries::placed_by_hand,
        ))
        .load::<Row>(conn)?;
    Ok(rows
        .into_iter()
        .map(|(household, code, village, sub_district, rt, name, point, session_no, desk_no, by_hand)| Placed {
            candidate: Candidate {
                household,
                village_code: code,
                village: fold_name(&village),
                sub_district: fold_name(&sub_district),
                rt,
                name,
                stays: None,
            },
            spot: point.map(|point| Spot { point, session_no, desk_no }),
            by_hand,
        })
        .collect())
}

/// How many rows one statement names.
const BATCH: usize = 500;

/// Places households at one spot, but for those that a person placed meanwhile.
pub fn place(
    tx: &mut Write<'_>,
    programme: ProgrammeId,
    spot: Spot,
    households: &[HouseholdId],
) -> Result<usize, Error> {
    let mut placed = 0;
    for batch in households.chunks(BATCH) {
        placed += diesel::update(
            beneficiaries::table
                .filter(beneficiaries::programme_id.eq(programme))
                .filter(beneficiaries::household_id.eq_any(batch))
                .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
                .filter(beneficiaries::placed_by_hand.eq(false)),
        )
        .set((
            beneficiaries::point_id.eq(spot.point),
            beneficiaries::session_no.eq(spot.session_no),
            beneficiaries::desk_no.eq(spot.desk_no),
        ))
        .execute(&mut **tx)?;
    }
    Ok(placed)
}

/// Places one approved household by hand; false when it is not approved in this programme.
pub fn place_by_hand(
    tx: &mut Write<'_>,
    programme: ProgrammeId,
    household: HouseholdId,
    spot: Spot,
) -> Result<bool, Error> {
    let count = diesel::update(
        beneficiaries::table
            .find((programme, household))
            .filter(beneficiaries::standing.eq(Standing::Approved.as_str())),
    )
    .set((
        beneficiaries::point_id.eq(spot.point),
        beneficiaries::session_no.eq(spot.session_no),
        beneficiaries::desk_no.eq(spot.desk_no),
        beneficiaries::placed_by_hand.eq(true),
    ))
    .execute(&mut **tx)?;
    Ok(count == 1)
}

/// The rights of a household in a programme, the newest round first.
pub fn rights_of(
    conn: &mut Conn,
    programme: ProgrammeId,
    household: HouseholdId,
) -> Result<Vec<(EntitlementId, RoundId)>, Error> {
    Ok(entitlements::table
        .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
        .filter(rounds::programme_id.eq(programme))
        .filter(entitlements::household_id.eq(household))
        .order(rounds::number.desc())
        .select((entitlements::id, rounds::id))
        .load(conn)?)
}

/// Moves an available entitlement to another spot. At another point its paper names the wrong one, so the
/// next print becomes the only good one, with a typed code of its own. Returns the number of the good print; nothing
/// when the entitlement is not available any more.
pub fn move_right(
    tx: &mut Write<'_>,
    id: EntitlementId,
    from: PointId,
    to: Spot,
    code: Option<TypedCode>,
) -> Result<Option<i32>, Error> {
    let prints = i32::from(code.is_some());
    let moved: Option<i32> = diesel::update(
        entitlements::table
            .find(id)
            .filter(entitlements::state.eq(State::Available.as_str()))
            .filter(entitlements::point_id.eq(from)),
    )
    .set((
        entitlements::point_id.eq(to.point),
        entitlements::session_no.eq(to.session_no),
        entitlements::desk_no.eq(to.desk_no),
        entitlements::print_no.eq(entitlements::print_no + prints),
    ))
    .returning(entitlements::print_no)
    .get_result(&mut **tx)
    .optional()?;
    if let Some(code) = code.filter(|_| moved.is_some()) {
        diesel::update(entitlements::table.find(id))
            .set(entitlements::typed_code.eq(code.canonical()))
            .execute(&mut **tx)?;
    }
    Ok(moved)
}

/// The highest session in which somebody collects at a point: by placement, or by a right already issued in
/// this round. 0 when nobody does.
pub fn last_session(conn: &mut Conn, programme: ProgrammeId, round: RoundId, point: PointId) -> Result<i32, Error> {
    let placed: Option<i32> = beneficiaries::table
        .filter(beneficiaries::programme_id.eq(programme))
        .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
        .filter(beneficiaries::point_id.eq(point))
        .select(diesel::dsl::max(beneficiaries::session_no))
        .first(conn)?;
    let issued: Option<i32> = entitlements::table
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::point_id.eq(point))
        .select(diesel::dsl::max(entitlements::session_no))
        .first(conn)?;
    Ok(placed.unwrap_or(0).max(issued.unwrap_or(0)))
}

/// How many households of a programme are approved, and how many of these are placed.
pub fn count(conn: &mut Conn, programme: ProgrammeId) -> Result<(i64, i64), Error> {
    let approved = || {
        beneficiaries::table
            .filter(beneficiaries::programme_id.eq(programme))
            .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
    };
    let all = approved().count().get_result(conn)?;
    let placed = approved().filter(beneficiaries::point_id.is_not_null()).count().get_result(conn)?;
    Ok((all, placed))
}

/// The points at which households of a programme are placed.
pub fn points_of(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Point>, Error> {
    let ids: Vec<PointId> = beneficiaries::table
        .filter(beneficiaries::programme_id.eq(programme))
        .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
        .select(beneficiaries::point_id.assume_not_null())
        .filter(beneficiaries::point_id.is_not_null())
        .distinct()
        .load(conn)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(super::points::find(conn, id)?);
    }
    Ok(found)
}
