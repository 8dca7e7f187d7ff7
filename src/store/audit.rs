//! The trail of what people did and looked at, and from where.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::audit;
use super::types::time;
use crate::domain::audit::Event;
use crate::domain::id::{AgencyId, AuditId, Identifier, UserId};
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
    /// The network address it came from; empty at the console of the server.
    pub address: String,
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
            audit::address.eq(&entry.address),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Lines with all that they hold, by their ids; beside each the code of its event, as it is written.
pub fn whole(conn: &mut Conn, ids: &[[u8; 16]]) -> Result<Vec<(Entry, String)>, Error> {
    type Row = (AuditId, i64, Option<AgencyId>, Option<UserId>, String, String, String, String);
    let ids: Vec<AuditId> = ids.iter().map(|id| AuditId::from_bytes(*id)).collect();
    let found: Vec<Row> = audit::table
        .filter(audit::id.eq_any(ids))
        .select((
            audit::id,
            audit::at,
            audit::agency_id,
            audit::user_id,
            audit::event,
            audit::object,
            audit::detail,
            audit::address,
        ))
        .load(conn)?;
    found
        .into_iter()
        .map(|(id, at, agency, user, event, object, detail, address)| {
            // Which event it is, the code says: an older program may have written one that is none today.
            let line = Entry { id, at: time(at)?, agency, user, event: Event::TrailRead, object, detail, address };
            Ok((line, event))
        })
        .collect()
}

/// A line of the trail as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who, if known.
    pub user: Option<UserId>,
    /// The code of what was done: an older program may have written another than is written today.
    pub event: String,
    /// To what.
    pub object: String,
    /// Counts and reasons.
    pub detail: String,
    /// From where.
    pub address: String,
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only these events.
    pub only: Option<Vec<&'static str>>,
    /// None of these events.
    pub but: Vec<&'static str>,
    /// Only what this person did.
    pub user: Option<UserId>,
    /// Only what was done to this.
    pub object: Option<String>,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Only older than this line.
    pub before: Option<AuditId>,
}

/// When the newest line was written.
pub fn newest(conn: &mut Conn) -> Result<Option<Timestamp>, Error> {
    let at: Option<i64> = audit::table.select(diesel::dsl::max(audit::at)).first(conn)?;
    at.map(time).transpose()
}

/// Lines of an agency and those of the installation that are of none, the newest first: guesses at names that nobody
/// has, backups that were made or failed.
pub fn list(conn: &mut Conn, agency: AgencyId, wanted: &Wanted, limit: i64) -> Result<Vec<Line>, Error> {
    let of_all = audit::agency_id.is_null().and(audit::event.eq_any(Event::OF_ALL.map(Event::as_str)));
    let ours = audit::agency_id.eq(agency).or(of_all);
    let mut query = audit::table.filter(ours).into_boxed();
    if let Some(only) = &wanted.only {
        query = query.filter(audit::event.eq_any(only.clone()));
    }
    if !wanted.but.is_empty() {
        query = query.filter(audit::event.ne_all(wanted.but.clone()));
    }
    if let Some(user) = wanted.user {
        query = query.filter(audit::user_id.eq(user));
    }
    if let Some(object) = &wanted.object {
        query = query.filter(audit::object.eq(object.clone()));
    }
    if let Some(since) = wanted.since {
        query = query.filter(audit::at.ge(since.millis()));
    }
    if let Some(until) = wanted.until {
        query = query.filter(audit::at.lt(until.millis()));
    }
    if let Some(before) = wanted.before {
        query = query.filter(audit::id.lt(before));
    }
    query
        .order(audit::id.desc())
        .limit(limit)
        .select((audit::id, audit::at, audit::user_id, audit::event, audit::object, audit::detail, audit::address))
        .load::<(AuditId, i64, Option<UserId>, String, String, String, String)>(conn)?
        .into_iter()
        .map(|(id, at, user, event, object, detail, address)| {
            Ok(Line { id, at: time(at)?, user, event, object, detail, address })
        })
        .collect()
}

/// How often each person of an agency did each thing between two moments, and when last.
pub fn counts(
    conn: &mut Conn,
    agency: AgencyId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<(UserId, String, i64, Timestamp)>, Error> {
    audit::table
        .filter(audit::agency_id.eq(agency))
        .filter(audit::user_id.is_not_null())
        .filter(audit::at.ge(since.millis()))
        .filter(audit::at.le(until.millis()))
        .group_by((audit::user_id, audit::event))
        .select((audit::user_id, audit::event, diesel::dsl::count_star(), diesel::dsl::max(audit::at)))
        .load::<(Option<UserId>, String, i64, Option<i64>)>(conn)?
        .into_iter()
        .filter_map(|(user, event, count, last)| Some((user?, event, count, last?)))
        .map(|(user, event, count, last)| Ok((user, event, count, time(last)?)))
        .collect()
}

/// A line of the trail as it is read: when, who, what, to what, counts and reasons.
pub type Read = (Timestamp, Option<UserId>, String, String, String);

/// The lines of an agency between two moments, oldest first.
pub fn between(
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
