//! What documents are made of: entitlements with their households and handouts, and what the trail says of
//! when one was revoked or held.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::households::{self, Household};
use super::schema::{
    absences, audit, devices, entitlements, households as household_table, point_windows, points, redemption_items,
    redemptions, users,
};
use super::types::{fixed, money, time, word};
use crate::domain::audit::Event;
use crate::domain::document::AbsenceReason;
use crate::domain::entitlement::State;
use crate::domain::id::{DeviceId, EntitlementId, Identifier, PointId, RedemptionId, RoundId, UserId};
use crate::domain::money::Money;
use crate::domain::redemption::{CollectorKind, Paper};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// A handout, as far as a document needs it.
#[derive(Debug, Clone)]
pub struct Handout {
    /// Its id.
    pub id: RedemptionId,
    /// The receipt's number.
    pub number: String,
    /// Who stood there.
    pub collector: CollectorKind,
    /// How they belong to the recipient.
    pub relation: String,
    /// Their name, sealed.
    pub collector_name: Option<Sealed>,
    /// Whether an identity card was seen.
    pub id_seen: bool,
    /// What became of the paper.
    pub paper: Paper,
    /// Whether less than the package was given.
    pub short: bool,
    /// The value of what was given.
    pub value: Money,
    /// When the server took it.
    pub received_at: Timestamp,
}

/// An entitlement with its household and, if there was one, its handout.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The entitlement.
    pub id: EntitlementId,
    /// The household.
    pub household: Household,
    /// The point's code.
    pub point: String,
    /// Its time slot.
    pub session_no: i32,
    /// Its value when issued.
    pub value: Money,
    /// Where it stands now.
    pub state: State,
    /// The newest print.
    pub print_no: i32,
    /// Why it is held, when it is.
    pub held_reason: Option<String>,
    /// Why it was revoked, when it was.
    pub revoked_reason: Option<String>,
    /// The handout.
    pub handout: Option<Handout>,
}

/// Which part of a round.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The round.
    pub round: RoundId,
    /// One point of it.
    pub point: Option<PointId>,
    /// One session at that point.
    pub session_no: Option<i32>,
}

type Issued = (EntitlementId, i32, i64, String, i32, Option<String>, Option<String>);
type Redeemed = (RedemptionId, String, String, Option<String>, Option<Vec<u8>>, bool, String, bool, i64, i64);
type Row = (Issued, String, households::Row, Option<Redeemed>);

/// Whether anything was ever issued in a round.
pub fn any_right(conn: &mut Conn, round: RoundId) -> Result<bool, Error> {
    let found = entitlements::table.filter(entitlements::round_id.eq(round)).select(entitlements::id);
    Ok(found.first::<EntitlementId>(conn).optional()?.is_some())
}

/// Whether any right of a round is of this session of a point.
pub fn has_session(conn: &mut Conn, round: RoundId, point: PointId, number: i32) -> Result<bool, Error> {
    let found = entitlements::table
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::point_id.eq(point))
        .filter(entitlements::session_no.eq(number))
        .select(entitlements::id)
        .first::<EntitlementId>(conn)
        .optional()?;
    Ok(found.is_some())
}

/// How many entitlements a part of a round had by a moment.
pub fn count(conn: &mut Conn, part: Part, cut_off: Timestamp) -> Result<i64, Error> {
    let mut query = entitlements::table
        .filter(entitlements::round_id.eq(part.round))
        .filter(entitlements::issued_at.le(cut_off.millis()))
        .into_boxed();
    if let Some(point) = part.point {
        query = query.filter(entitlements::point_id.eq(point));
    }
    if let Some(session) = part.session_no {
        query = query.filter(entitlements::session_no.eq(session));
    }
    Ok(query.count().get_result(conn)?)
}

/// The entitlements of a part of a round that were issued by a moment, each with whatever handout it has.
pub fn list(conn: &mut Conn, part: Part, cut_off: Timestamp) -> Result<Vec<Evidence>, Error> {
    let mut query = entitlements::table
        .inner_join(points::table.on(points::id.eq(entitlements::point_id)))
        .inner_join(household_table::table.on(household_table::id.eq(entitlements::household_id)))
        .left_join(redemptions::table.on(redemptions::entitlement_id.eq(entitlements::id)))
        .select((
            (
                entitlements::id,
                entitlements::session_no,
                entitlements::value_minor,
                entitlements::state,
                entitlements::print_no,
                entitlements::held_reason,
                entitlements::revoked_reason,
            ),
            points::code,
            household_table::all_columns,
            (
                redemptions::id,
                redemptions::number,
                redemptions::collector_kind,
                redemptions::collector_relation,
                redemptions::collector_name_sealed,
                redemptions::id_seen,
                redemptions::paper,
                redemptions::short,
                redemptions::value_minor,
                redemptions::received_at,
            )
                .nullable(),
        ))
        .filter(entitlements::round_id.eq(part.round))
        .filter(entitlements::issued_at.le(cut_off.millis()))
        .into_boxed();
    if let Some(point) = part.point {
        query = query.filter(entitlements::point_id.eq(point));
    }
    if let Some(session) = part.session_no {
        query = query.filter(entitlements::session_no.eq(session));
    }
    query.load::<Row>(conn)?.into_iter().map(check).collect()
}

fn check((issued, point, household, redeemed): Row) -> Result<Evidence, Error> {
    let (id, session_no, value, state, print_no, held_reason, revoked_reason) = issued;
    Ok(Evidence {
        id,
        household: household.check()?,
        point,
        session_no,
        value: money(value)?,
        state: word(State::parse(&state), "entitlement state", &state)?,
        print_no,
        held_reason,
        revoked_reason,
        handout: redeemed.map(handout).transpose()?,
    })
}

fn handout(row: Redeemed) -> Result<Handout, Error> {
    let (id, number, collector, relation, name, id_seen, paper, short, value, received_at) = row;
    Ok(Handout {
        id,
        number,
        collector: word(CollectorKind::parse(&collector), "collector", &collector)?,
        relation: relation.unwrap_or_default(),
        collector_name: name.map(Sealed::from_ciphertext),
        id_seen,
        paper: word(Paper::parse(&paper), "paper", &paper)?,
        short,
        value: money(value)?,
        received_at: time(received_at)?,
    })
}

/// How many values one statement may carry.
const BATCH: usize = 500;

/// What the short ones among these handouts gave, by item.
pub fn given(conn: &mut Conn, ids: &[RedemptionId]) -> Result<BTreeMap<RedemptionId, BTreeMap<String, i64>>, Error> {
    let mut found: BTreeMap<RedemptionId, BTreeMap<String, i64>> = BTreeMap::new();
    for batch in ids.chunks(BATCH) {
        let rows = redemption_items::table
            .filter(redemption_items::redemption_id.eq_any(batch))
            .select((redemption_items::redemption_id, redemption_items::code, redemption_items::quantity))
            .load::<(RedemptionId, String, i64)>(conn)?;
        for (id, code, quantity) in rows {
            found.entry(id).or_default().insert(code, quantity);
        }
    }
    Ok(found)
}

/// A line of the trail about an entitlement.
#[derive(Debug, Clone)]
pub struct Trace {
    /// When.
    pub at: Timestamp,
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// Which of the events asked for, by its place.
    pub event: usize,
    /// What was said.
    pub detail: String,
    /// Who did it, by name.
    pub by: String,
}

/// What the trail says of these entitlements, by a moment, of events of these kinds; oldest first.
pub fn traces(
    conn: &mut Conn,
    ids: &[EntitlementId],
    events: &[Event],
    cut_off: Timestamp,
) -> Result<Vec<Trace>, Error> {
    let names: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    let mut found = Vec::new();
    for batch in ids.chunks(BATCH) {
        let objects: Vec<String> = batch.iter().map(ToString::to_string).collect();
        let rows = audit::table
            .left_join(users::table.on(users::id.nullable().eq(audit::user_id)))
            .filter(audit::object.eq_any(objects))
            .filter(audit::event.eq_any(&names))
            .filter(audit::at.le(cut_off.millis()))
            .select((audit::at, audit::object, audit::event, audit::detail, users::name.nullable()))
            .load::<(i64, String, String, String, Option<String>)>(conn)?;
        for (at, object, event, detail, by) in rows {
            let (Ok(entitlement), Some(event)) =
                (object.parse(), names.iter().position(|name| *name == event.as_str()))
            else {
                continue;
            };
            found.push(Trace { at: time(at)?, entitlement, event, detail, by: by.unwrap_or_default() });
        }
    }
    found.sort_by_key(|trace| (trace.at, trace.entitlement, trace.event));
    Ok(found)
}

/// The newest note on why each household of a part of a round has not come, by a moment.
pub fn absences(
    conn: &mut Conn,
    part: Part,
    cut_off: Timestamp,
) -> Result<BTreeMap<EntitlementId, (AbsenceReason, String)>, Error> {
    let mut query = absences::table
        .inner_join(entitlements::table.on(entitlements::id.eq(absences::entitlement_id)))
        .filter(entitlements::round_id.eq(part.round))
        .filter(absences::noted_at.le(cut_off.millis()))
        .order(absences::id)
        .select((absences::entitlement_id, absences::reason, absences::follow_up))
        .into_boxed();
    if let Some(point) = part.point {
        query = query.filter(entitlements::point_id.eq(point));
    }
    let mut found = BTreeMap::new();
    for (id, reason, follow_up) in query.load::<(EntitlementId, String, String)>(conn)? {
        found.insert(id, (word(AbsenceReason::parse(&reason), "reason of absence", &reason)?, follow_up));
    }
    Ok(found)
}

/// The names of all who collected for somebody else in a round by a moment, sealed.
pub fn collector_names(
    conn: &mut Conn,
    round: RoundId,
    cut_off: Timestamp,
) -> Result<Vec<(RedemptionId, Sealed)>, Error> {
    Ok(redemptions::table
        .filter(redemptions::round_id.eq(round))
        .filter(redemptions::received_at.le(cut_off.millis()))
        .filter(redemptions::collector_kind.ne(CollectorKind::Oneself.as_str()))
        .filter(redemptions::collector_name_sealed.is_not_null())
        .select((redemptions::id, redemptions::collector_name_sealed))
        .load::<(RedemptionId, Option<Vec<u8>>)>(conn)?
        .into_iter()
        .filter_map(|(id, name)| Some((id, Sealed::from_ciphertext(name?))))
        .collect())
}

/// The window of a round at a point, where it differs from the round's.
pub fn window(conn: &mut Conn, round: RoundId, point: PointId) -> Result<Option<(Timestamp, Timestamp)>, Error> {
    let row = point_windows::table
        .find((round, point))
        .select((point_windows::opens_at, point_windows::closes_at))
        .first::<(i64, i64)>(conn)
        .optional()?;
    row.map(|(opens, closes)| Ok((time(opens)?, time(closes)?))).transpose()
}

/// How many devices hold entitlements of a part of a round: what they handed over may not be here yet.
pub fn unsynced(conn: &mut Conn, part: Part) -> Result<i64, Error> {
    let mut query = entitlements::table
        .filter(entitlements::round_id.eq(part.round))
        .filter(entitlements::state.eq_any([State::Leased.as_str(), State::Unresolved.as_str()]))
        .filter(entitlements::holder_id.is_not_null())
        .select(entitlements::holder_id)
        .distinct()
        .into_boxed();
    if let Some(point) = part.point {
        query = query.filter(entitlements::point_id.eq(point));
    }
    let holders = query.load::<Option<DeviceId>>(conn)?;
    Ok(i64::try_from(holders.len()).unwrap_or(i64::MAX))
}

/// How many entitlements of a part of a round each device holds that has not delivered everything.
pub fn holding(conn: &mut Conn, part: Part) -> Result<Vec<(DeviceId, i64)>, Error> {
    let mut query = entitlements::table
        .filter(entitlements::round_id.eq(part.round))
        .filter(entitlements::state.eq_any([State::Leased.as_str(), State::Unresolved.as_str()]))
        .filter(entitlements::holder_id.is_not_null())
        .group_by(entitlements::holder_id)
        .select((entitlements::holder_id, diesel::dsl::count_star()))
        .into_boxed();
    if let Some(point) = part.point {
        query = query.filter(entitlements::point_id.eq(point));
    }
    let found = query.load::<(Option<DeviceId>, i64)>(conn)?;
    Ok(found.into_iter().filter_map(|(device, count)| Some((device?, count))).collect())
}

/// The entitlements of a round whose ids begin with these four bytes: at most two, to see whether there is one.
pub fn by_reference(conn: &mut Conn, round: RoundId, beginning: [u8; 4]) -> Result<Vec<EntitlementId>, Error> {
    let (mut first, mut last) = ([0; 16], [0xff; 16]);
    first[..4].copy_from_slice(&beginning);
    last[..4].copy_from_slice(&beginning);
    Ok(entitlements::table
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::id.ge(EntitlementId::from_bytes(first)))
        .filter(entitlements::id.le(EntitlementId::from_bytes(last)))
        .select(entitlements::id)
        .limit(2)
        .load(conn)?)
}

/// The names of these people.
pub fn names(conn: &mut Conn, ids: &[UserId]) -> Result<BTreeMap<UserId, String>, Error> {
    let mut found = BTreeMap::new();
    for batch in ids.chunks(BATCH) {
        let rows = users::table.filter(users::id.eq_any(batch)).select((users::id, users::name));
        found.extend(rows.load::<(UserId, String)>(conn)?);
    }
    Ok(found)
}

/// Who collected for another in a round, or at one point of it: the redemption, the name sealed, the receipt.
pub fn proxies(
    conn: &mut Conn,
    round: RoundId,
    point: Option<PointId>,
) -> Result<Vec<(RedemptionId, Sealed, String)>, Error> {
    let mut query = redemptions::table
        .filter(redemptions::round_id.eq(round))
        .filter(redemptions::collector_kind.eq(CollectorKind::Proxy.as_str()))
        .filter(redemptions::collector_name_sealed.is_not_null())
        .select((redemptions::id, redemptions::collector_name_sealed, redemptions::number))
        .into_boxed();
    if let Some(point) = point {
        query = query.filter(redemptions::point_id.eq(point));
    }
    Ok(query
        .load::<(RedemptionId, Option<Vec<u8>>, String)>(conn)?
        .into_iter()
        .filter_map(|(id, name, number)| Some((id, Sealed::from_ciphertext(name?), number)))
        .collect())
}

/// A handout as the trail tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// When the server took it.
    pub received_at: Timestamp,
    /// When the desk says it happened.
    pub scanned_at: Timestamp,
    /// Who handed over.
    pub operator: UserId,
    /// The device's name.
    pub device: String,
    /// The receipt's number.
    pub number: String,
    /// The hash of the signed receipt.
    pub hash: [u8; 32],
}

/// The handouts of a round, or of one point of it, that the server took by then, in that order.
pub fn handouts(conn: &mut Conn, part: Part, until: Timestamp, limit: i64) -> Result<Vec<Traced>, Error> {
    let mut query = redemptions::table
        .inner_join(devices::table.on(devices::id.eq(redemptions::device_id)))
        .filter(redemptions::round_id.eq(part.round))
        .filter(redemptions::received_at.le(until.millis()))
        .order((redemptions::received_at, redemptions::id))
        .select((
            redemptions::received_at,
            redemptions::scanned_at,
            redemptions::operator_id,
            devices::name,
            redemptions::number,
            redemptions::receipt_hash,
        ))
        .limit(limit)
        .into_boxed();
    if let Some(point) = part.point {
        query = query.filter(redemptions::point_id.eq(point));
    }
    query
        .load::<(i64, i64, UserId, String, String, Vec<u8>)>(conn)?
        .into_iter()
        .map(|(received_at, scanned_at, operator, device, number, hash)| {
            let (received_at, scanned_at) = (time(received_at)?, time(scanned_at)?);
            let hash = fixed(hash, "the hash of a receipt")?;
            Ok(Traced { received_at, scanned_at, operator, device, number, hash })
        })
        .collect()
}
