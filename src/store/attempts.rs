//! Every verification and every try to redeem, also the refused ones.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::attempts;
use super::types::time;
use crate::domain::id::{AgencyId, AttemptId, DeviceId, EntitlementId, PointId, RedemptionId, UserId};
use crate::domain::time::Timestamp;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A look.
    Verify,
    /// A redemption.
    Redeem,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Redeem => "redeem",
        }
    }
}

/// One attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// When the server took it.
    pub at: Timestamp,
    /// The agency of who tried.
    pub agency: AgencyId,
    /// What was tried.
    pub kind: Kind,
    /// The verdict, or `replayed` or `id_reused`.
    pub outcome: &'static str,
    /// Who tried.
    pub user: UserId,
    /// On which device.
    pub device: Option<DeviceId>,
    /// Where.
    pub point: Option<PointId>,
    /// What the code names, or claims to name.
    pub entitlement: Option<EntitlementId>,
    /// The redemption that was asked for.
    pub redemption: Option<RedemptionId>,
    /// The print that the code names.
    pub print_no: Option<i32>,
}

/// Keeps an attempt whose id was drawn elsewhere, unless it is here.
pub fn insert_once(tx: &mut Write<'_>, attempt: &Attempt) -> Result<(), Error> {
    let known: i64 = attempts::table.find(attempt.id).count().get_result(&mut **tx)?;
    if known > 0 { Ok(()) } else { insert(tx, attempt) }
}

/// Keeps an attempt.
pub fn insert(tx: &mut Write<'_>, attempt: &Attempt) -> Result<(), Error> {
    diesel::insert_into(attempts::table)
        .values((
            attempts::id.eq(attempt.id),
            attempts::at.eq(attempt.at.millis()),
            attempts::agency_id.eq(attempt.agency),
            attempts::kind.eq(attempt.kind.as_str()),
            attempts::outcome.eq(attempt.outcome),
            attempts::user_id.eq(attempt.user),
            attempts::device_id.eq(attempt.device),
            attempts::point_id.eq(attempt.point),
            attempts::entitlement_id.eq(attempt.entitlement),
            attempts::redemption_id.eq(attempt.redemption),
            attempts::print_no.eq(attempt.print_no),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// How many attempts of a person since then named no entitlement at all: typed codes that are nobody's.
pub fn count_nameless(conn: &mut Conn, user: UserId, since: AttemptId) -> Result<i64, Error> {
    // The ids order by time, so only the newest rows are looked at.
    Ok(attempts::table
        .filter(attempts::id.ge(since))
        .filter(attempts::user_id.eq(user))
        .filter(attempts::outcome.eq("unknown"))
        .filter(attempts::entitlement_id.is_null())
        .count()
        .get_result(conn)?)
}

/// An attempt as a desk lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// When.
    pub at: Timestamp,
    /// Whether it was a try to redeem.
    pub redeem: bool,
    /// What it came to.
    pub outcome: String,
    /// What the code named, or claimed to name.
    pub entitlement: Option<EntitlementId>,
    /// The redemption that was asked for.
    pub redemption: Option<RedemptionId>,
}

/// Outcomes that say nothing new of a household: the same request again.
const AGAIN: [&str; 2] = ["replayed", "id_reused"];

/// The latest attempts at a device that came to an end, newest first: a good look, which a redemption
/// follows, and repeated requests are left out.
pub fn latest_at(conn: &mut Conn, device: DeviceId, limit: i64) -> Result<Vec<Tried>, Error> {
    attempts::table
        .filter(attempts::device_id.eq(device))
        .filter(attempts::outcome.ne_all(AGAIN))
        .filter(attempts::kind.eq(Kind::Redeem.as_str()).or(attempts::outcome.ne("valid")))
        .order(attempts::id.desc())
        .limit(limit)
        .select((attempts::at, attempts::kind, attempts::outcome, attempts::entitlement_id, attempts::redemption_id))
        .load::<(i64, String, String, Option<EntitlementId>, Option<RedemptionId>)>(conn)?
        .into_iter()
        .map(|(at, kind, outcome, entitlement, redemption)| {
            Ok(Tried { at: time(at)?, redeem: kind == Kind::Redeem.as_str(), outcome, entitlement, redemption })
        })
        .collect()
}

/// How many attempts at a device since then came to each outcome, tries to redeem apart from looks.
pub fn count_since(conn: &mut Conn, device: DeviceId, since: Timestamp) -> Result<Vec<(bool, String, i64)>, Error> {
    // Ids order by time, and the index is on device and id.
    Ok(attempts::table
        .filter(attempts::device_id.eq(device))
        .filter(attempts::id.ge(AttemptId::by_time(since, [0; 10])))
        .filter(attempts::outcome.ne_all(AGAIN))
        .group_by((attempts::kind, attempts::outcome))
        .select((attempts::kind, attempts::outcome, diesel::dsl::count_star()))
        .load::<(String, String, i64)>(conn)?
        .into_iter()
        .map(|(kind, outcome, count)| (kind == Kind::Redeem.as_str(), outcome, count))
        .collect())
}
