//! Every verification and every try to redeem, also the refused ones.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::attempts;
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
    const fn as_str(self) -> &'static str {
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

/// How many attempts came to each outcome at a device.
pub fn count_by_outcome(conn: &mut Conn, device: DeviceId) -> Result<Vec<(String, i64)>, Error> {
    Ok(attempts::table
        .filter(attempts::device_id.eq(device))
        .group_by(attempts::outcome)
        .select((attempts::outcome, diesel::dsl::count_star()))
        .order(attempts::outcome)
        .load(conn)?)
}
