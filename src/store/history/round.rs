//! What is on record of a household in the rounds: rights, handouts, tries, stops.

use diesel::prelude::*;

use crate::domain::entitlement::State;
use crate::domain::id::{
    AgencyId, DeviceId, EntitlementId, HouseholdId, Identifier, PointId, ProgrammeId, RedemptionId, RoundId, UserId,
};
use crate::domain::money::Money;
use crate::domain::redemption::CollectorKind;
use crate::domain::time::Timestamp;
use crate::store::conn::Conn;
use crate::store::error::Error;
use crate::store::schema::{attempts, audit, entitlements, pauses, point_windows, programmes, redemptions, rounds};
use crate::store::types::{money, time, word};

/// What a household has in a round.
#[derive(Debug, Clone)]
pub struct Right {
    /// The entitlement.
    pub id: EntitlementId,
    /// The round.
    pub round: RoundId,
    /// Its name.
    pub round_name: String,
    /// Its programme.
    pub programme: ProgrammeId,
    /// Where it can be redeemed.
    pub point: PointId,
    /// Session and desk.
    pub place: (i32, i32),
    /// What it is worth.
    pub value: Money,
    /// Where it stands.
    pub state: State,
    /// The newest print.
    pub print_no: i32,
    /// The code beside the QR.
    pub typed_code: String,
    /// Why it is held back.
    pub held_reason: Option<String>,
    /// Why it was revoked.
    pub revoked_reason: Option<String>,
    /// Who issued it.
    pub issued_by: UserId,
    /// When.
    pub issued_at: Timestamp,
}

/// What a household has in the rounds of its agency.
pub fn rights_of(conn: &mut Conn, agency: AgencyId, household: HouseholdId) -> Result<Vec<Right>, Error> {
    type Found = (
        EntitlementId,
        RoundId,
        String,
        ProgrammeId,
        PointId,
        (i32, i32, i64, String, i32, String),
        (Option<String>, Option<String>, UserId, i64),
    );
    let own: Vec<ProgrammeId> =
        programmes::table.filter(programmes::agency_id.eq(agency)).select(programmes::id).load(conn)?;
    // Rounds are few, and what a household has in one of them lies under round and household.
    let all: Vec<RoundId> = rounds::table.filter(rounds::programme_id.eq_any(own)).select(rounds::id).load(conn)?;
    entitlements::table
        .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
        .filter(entitlements::round_id.eq_any(all))
        .filter(entitlements::household_id.eq(household))
        .order((rounds::opens_at.desc(), entitlements::id))
        .select((
            entitlements::id,
            rounds::id,
            rounds::name,
            rounds::programme_id,
            entitlements::point_id,
            (
                entitlements::session_no,
                entitlements::desk_no,
                entitlements::value_minor,
                entitlements::state,
                entitlements::print_no,
                entitlements::typed_code,
            ),
            (entitlements::held_reason, entitlements::revoked_reason, entitlements::issued_by, entitlements::issued_at),
        ))
        .load::<Found>(conn)?
        .into_iter()
        .map(|(id, round, round_name, programme, point, one, two)| {
            let (session_no, desk_no, value, state, print_no, typed_code) = one;
            let (held_reason, revoked_reason, issued_by, issued_at) = two;
            Ok(Right {
                id,
                round,
                round_name,
                programme,
                point,
                place: (session_no, desk_no),
                value: money(value)?,
                state: word(State::parse(&state), "entitlement state", &state)?,
                print_no,
                typed_code,
                held_reason,
                revoked_reason,
                issued_by,
                issued_at: time(issued_at)?,
            })
        })
        .collect()
}

/// A handout of one of these entitlements.
#[derive(Debug, Clone)]
pub struct Handout {
    /// Its id.
    pub id: RedemptionId,
    /// Of which entitlement.
    pub entitlement: EntitlementId,
    /// When.
    pub at: Timestamp,
    /// The receipt's number.
    pub number: String,
    /// Where.
    pub point: PointId,
    /// On which device.
    pub device: DeviceId,
    /// By whom.
    pub by: UserId,
    /// Who stood there.
    pub collector: CollectorKind,
    /// How they belong to the recipient.
    pub relation: Option<String>,
    /// Whether less than the package was given.
    pub short: bool,
}

/// The handouts of these entitlements.
pub fn handouts_of(conn: &mut Conn, of: &[EntitlementId]) -> Result<Vec<Handout>, Error> {
    type Found = (RedemptionId, EntitlementId, i64, String, PointId, DeviceId, UserId, (String, Option<String>, bool));
    redemptions::table
        .filter(redemptions::entitlement_id.eq_any(of))
        .select((
            redemptions::id,
            redemptions::entitlement_id,
            redemptions::received_at,
            redemptions::number,
            redemptions::point_id,
            redemptions::device_id,
            redemptions::operator_id,
            (redemptions::collector_kind, redemptions::collector_relation, redemptions::short),
        ))
        .load::<Found>(conn)?
        .into_iter()
        .map(|(id, entitlement, at, number, point, device, by, (collector, relation, short))| {
            let collector = word(CollectorKind::parse(&collector), "collector", &collector)?;
            Ok(Handout { id, entitlement, at: time(at)?, number, point, device, by, collector, relation, short })
        })
        .collect()
}

/// A scan or a try that named one of these entitlements.
#[derive(Debug, Clone)]
pub struct Try {
    /// Which.
    pub entitlement: EntitlementId,
    /// When.
    pub at: Timestamp,
    /// Whether it was a try to redeem.
    pub redeem: bool,
    /// What it came to.
    pub outcome: String,
    /// Who tried.
    pub by: UserId,
    /// On which device.
    pub device: Option<DeviceId>,
    /// Where.
    pub point: Option<PointId>,
}

/// The latest tries that named these entitlements, newest first.
pub fn tries_of(conn: &mut Conn, of: &[EntitlementId], limit: i64) -> Result<Vec<Try>, Error> {
    attempts::table
        .filter(attempts::entitlement_id.eq_any(of))
        .order(attempts::id.desc())
        .limit(limit)
        .select((
            attempts::entitlement_id.assume_not_null(),
            attempts::at,
            attempts::kind,
            attempts::outcome,
            attempts::user_id,
            attempts::device_id,
            attempts::point_id,
        ))
        .load::<(EntitlementId, i64, String, String, UserId, Option<DeviceId>, Option<PointId>)>(conn)?
        .into_iter()
        .map(|(entitlement, at, kind, outcome, by, device, point)| {
            Ok(Try { entitlement, at: time(at)?, redeem: kind == "redeem", outcome, by, device, point })
        })
        .collect()
}

/// What the trail says of a thing.
#[derive(Debug, Clone)]
pub struct Trace {
    /// When.
    pub at: Timestamp,
    /// The code of the event.
    pub event: String,
    /// Of what, by its id as text.
    pub object: String,
    /// Who did it.
    pub by: Option<UserId>,
    /// What was said besides.
    pub detail: String,
}

/// The latest of what the trail says of these things, looks left out, newest first.
pub fn traces_of(conn: &mut Conn, of: &[String], events: &[&str], limit: i64) -> Result<Vec<Trace>, Error> {
    audit::table
        .filter(audit::object.eq_any(of))
        .filter(audit::event.eq_any(events))
        .order(audit::id.desc())
        .limit(limit)
        .select((audit::at, audit::event, audit::object, audit::user_id, audit::detail))
        .load::<(i64, String, String, Option<UserId>, String)>(conn)?
        .into_iter()
        .map(|(at, event, object, by, detail)| Ok(Trace { at: time(at)?, event, object, by, detail }))
        .collect()
}

/// A stop that somebody ordered, and its end.
#[derive(Debug, Clone)]
pub struct Pause {
    /// `programme`, `round` or `point`.
    pub scope: String,
    /// Which.
    pub object: [u8; 16],
    /// The letter's number.
    pub letter_no: String,
    /// Why.
    pub reason: String,
    /// Who, and when.
    pub begun: (UserId, Timestamp),
    /// The letter of the end, who, and when.
    pub ended: Option<(String, Option<UserId>, Timestamp)>,
}

/// The stops of these things.
pub fn pauses_of(conn: &mut Conn, of: &[[u8; 16]]) -> Result<Vec<Pause>, Error> {
    type Found = (String, HouseholdId, String, String, UserId, i64, (Option<String>, Option<UserId>, Option<i64>));
    let of: Vec<HouseholdId> = of.iter().map(|id| HouseholdId::from_bytes(*id)).collect();
    pauses::table
        .filter(pauses::object_id.eq_any(of))
        .order(pauses::id)
        .select((
            pauses::scope,
            pauses::object_id,
            pauses::letter_no,
            pauses::reason,
            pauses::paused_by,
            pauses::paused_at,
            (pauses::resumed_letter_no, pauses::resumed_by, pauses::resumed_at),
        ))
        .load::<Found>(conn)?
        .into_iter()
        .map(|(scope, object, letter_no, reason, by, at, (end_letter, end_by, end_at))| {
            let ended =
                end_at.map(|at| Ok::<_, Error>((end_letter.unwrap_or_default(), end_by, time(at)?))).transpose()?;
            Ok(Pause { scope, object: *object.bytes(), letter_no, reason, begun: (by, time(at)?), ended })
        })
        .collect()
}

/// A window that was changed for one point: round, point, new end, reason, who, when.
pub type Window = (RoundId, PointId, Timestamp, String, UserId, Timestamp);

/// The windows of these rounds that were changed for a point.
pub fn windows_of(conn: &mut Conn, of: &[RoundId]) -> Result<Vec<Window>, Error> {
    point_windows::table
        .filter(point_windows::round_id.eq_any(of))
        .select((
            point_windows::round_id,
            point_windows::point_id,
            point_windows::closes_at,
            point_windows::reason,
            point_windows::set_by,
            point_windows::set_at,
        ))
        .load::<(RoundId, PointId, i64, String, UserId, i64)>(conn)?
        .into_iter()
        .map(|(round, point, closes, reason, by, at)| Ok((round, point, time(closes)?, reason, by, time(at)?)))
        .collect()
}
