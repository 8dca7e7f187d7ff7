//! The trail of what people did and looked at.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::audit;
use super::types::time;
use crate::domain::audit::Event;
use crate::domain::id::{AgencyId, AuditId, UserId};
use crate::domain::time::Timestamp;

/// One line of the trail.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// In which agency.
    pub agency: Option<AgencyId>,
    /// Who, if known.
    pub user: Option<UserId>,
    /// What.
    pub event: Event,
    /// To what: an id or a code, never personal data.
    pub object: String,
    /// Counts and reasons, never personal data.
    pub detail: String,
}

/// Adds a line.
pub fn insert(tx: &mut Write<'_>, entry: &Entry) -> Result<(), Error> {
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(entry.id),
            audit::at.eq(entry.at.millis()),
            audit::agency_id.eq(entry.agency),
            audit::user_id.eq(entry.user),
            audit::event.eq(entry.event.as_str()),
            audit::object.eq(&entry.object),
            audit::detail.eq(&entry.detail),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// A line of the trail as it is read: when, who, what, to what, counts and reasons.
pub type Read = (Timestamp, Option<UserId>, String, String, String);

/// The lines of an agency between two moments, oldest first.
pub fn list(
    conn: &mut Conn,
    agency: AgencyId,
    (from, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Read>, Error> {
    audit::table
        .filter(audit::agency_id.eq(agency))
        .filter(audit::at.ge(from.millis()))
        .filter(audit::at.le(until.millis()))
        .order(audit::id)
        .limit(limit)
        .select((audit::at, audit::user_id, audit::event, audit::object, audit::detail))
        .load::<(i64, Option<UserId>, String, String, String)>(conn)?
        .into_iter()
        .map(|(at, user, event, object, detail)| Ok((time(at)?, user, event, object, detail)))
        .collect()
}
