//! Legal holds: while one stands, nothing of the agency is erased.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::legal_holds;
use super::types::{maybe_time, time};
use crate::domain::id::{AgencyId, LegalHoldId, UserId};
use crate::domain::time::Timestamp;

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    /// Its id.
    pub id: LegalHoldId,
    /// Of which agency.
    pub agency: AgencyId,
    /// The number of the letter that orders it.
    pub document_no: String,
    /// Why.
    pub reason: String,
    /// Who set it.
    pub set_by: UserId,
    /// When.
    pub set_at: Timestamp,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
}

/// Sets a hold.
pub fn insert(tx: &mut Write<'_>, hold: &LegalHold) -> Result<(), Error> {
    diesel::insert_into(legal_holds::table)
        .values((
            legal_holds::id.eq(hold.id),
            legal_holds::agency_id.eq(hold.agency),
            legal_holds::document_no.eq(&hold.document_no),
            legal_holds::reason.eq(&hold.reason),
            legal_holds::set_by.eq(hold.set_by),
            legal_holds::set_at.eq(hold.set_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Lifts a hold; false when it is lifted already.
pub fn lift(tx: &mut Write<'_>, id: LegalHoldId, by: UserId, at: Timestamp) -> Result<bool, Error> {
    let count = diesel::update(legal_holds::table.find(id).filter(legal_holds::lifted_at.is_null()))
        .set((legal_holds::lifted_by.eq(by), legal_holds::lifted_at.eq(at.millis())))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// The holds of an agency, the newest first.
pub fn list(conn: &mut Conn, agency: AgencyId, limit: i64) -> Result<Vec<LegalHold>, Error> {
    legal_holds::table
        .filter(legal_holds::agency_id.eq(agency))
        .order(legal_holds::id.desc())
        .limit(limit)
        .select((
            legal_holds::id,
            legal_holds::document_no,
            legal_holds::reason,
            legal_holds::set_by,
            legal_holds::set_at,
            legal_holds::lifted_at,
        ))
        .load::<(LegalHoldId, String, String, UserId, i64, Option<i64>)>(conn)?
        .into_iter()
        .map(|(id, document_no, reason, set_by, set_at, lifted_at)| {
            let (set_at, lifted_at) = (time(set_at)?, maybe_time(lifted_at)?);
            Ok(LegalHold { id, agency, document_no, reason, set_by, set_at, lifted_at })
        })
        .collect()
}

/// Whether a hold of the agency stands.
pub fn any_stands(conn: &mut Conn, agency: AgencyId) -> Result<bool, Error> {
    let standing =
        legal_holds::table.filter(legal_holds::agency_id.eq(agency)).filter(legal_holds::lifted_at.is_null());
    Ok(standing.count().get_result::<i64>(conn)? > 0)
}
