//! What one person asks to be done with a key, until another agrees.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::key_requests;
use super::types::{fixed, maybe_time, time};
use crate::domain::id::{AgencyId, KeyRequestId, UserId};
use crate::domain::time::Timestamp;

/// A request to replace a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRequest {
    /// Its id.
    pub id: KeyRequestId,
    /// The agency whose round the key signs for.
    pub agency: AgencyId,
    /// Which key.
    pub kid: [u8; 4],
    /// Since when it may be in other hands; nothing when it is only old.
    pub compromised_since: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Timestamp,
    /// Who agreed.
    pub approved_by: Option<UserId>,
}

type Row = (KeyRequestId, AgencyId, Vec<u8>, Option<i64>, String, UserId, i64, Option<UserId>);

fn check(row: Row) -> Result<KeyRequest, Error> {
    let (id, agency, kid, compromised_since, reason, requested_by, requested_at, approved_by) = row;
    Ok(KeyRequest {
        id,
        agency,
        kid: fixed(kid, "a key id")?,
        compromised_since: maybe_time(compromised_since)?,
        reason,
        requested_by,
        requested_at: time(requested_at)?,
        approved_by,
    })
}

const COLUMNS: (
    key_requests::id,
    key_requests::agency_id,
    key_requests::kid,
    key_requests::compromised_since,
    key_requests::reason,
    key_requests::requested_by,
    key_requests::requested_at,
    key_requests::approved_by,
) = (
    key_requests::id,
    key_requests::agency_id,
    key_requests::kid,
    key_requests::compromised_since,
    key_requests::reason,
    key_requests::requested_by,
    key_requests::requested_at,
    key_requests::approved_by,
);

/// Adds a request.
pub fn insert(tx: &mut Write<'_>, new: &KeyRequest) -> Result<(), Error> {
    diesel::insert_into(key_requests::table)
        .values((
            key_requests::id.eq(new.id),
            key_requests::agency_id.eq(new.agency),
            key_requests::kid.eq(new.kid.to_vec()),
            key_requests::compromised_since.eq(new.compromised_since.map(Timestamp::millis)),
            key_requests::reason.eq(&new.reason),
            key_requests::requested_by.eq(new.requested_by),
            key_requests::requested_at.eq(new.requested_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The request with this id.
pub fn find(conn: &mut Conn, id: KeyRequestId) -> Result<Option<KeyRequest>, Error> {
    key_requests::table.find(id).select(COLUMNS).first::<Row>(conn).optional()?.map(check).transpose()
}

/// The requests of an agency, the newest first.
pub fn list(conn: &mut Conn, agency: AgencyId, limit: i64) -> Result<Vec<KeyRequest>, Error> {
    key_requests::table
        .filter(key_requests::agency_id.eq(agency))
        .order(key_requests::id.desc())
        .limit(limit)
        .select(COLUMNS)
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// Writes down who agreed and what came of it; false when somebody did before.
pub fn approve(
    tx: &mut Write<'_>,
    id: KeyRequestId,
    by: UserId,
    new_kid: [u8; 4],
    at: Timestamp,
) -> Result<bool, Error> {
    let count = diesel::update(key_requests::table.find(id).filter(key_requests::approved_at.is_null()))
        .set((
            key_requests::approved_by.eq(by),
            key_requests::approved_at.eq(at.millis()),
            key_requests::new_kid.eq(new_kid.to_vec()),
        ))
        .execute(&mut **tx)?;
    Ok(count == 1)
}
