//! The trail of what people did and looked at.

use diesel::prelude::*;

use super::error::Error;
use super::pool::Write;
use super::schema::audit;
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
