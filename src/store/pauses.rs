//! Pauses: the record of each, and the reason that stands at its subject while it lasts.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{pauses, points, programmes, rounds};
use super::types::{fixed, maybe_time, time, word};
use crate::domain::id::{AgencyId, Identifier, PauseId, UserId};
use crate::domain::pause::{Pause, Resumed, Subject};

type Row =
    (PauseId, AgencyId, String, Vec<u8>, String, String, UserId, i64, Option<String>, Option<UserId>, Option<i64>);

fn check(row: Row) -> Result<Pause, Error> {
    let (id, agency, scope, object, letter_no, reason, paused_by, paused_at, lifted, lifted_by, lifted_at) = row;
    let object: [u8; 16] = fixed(object, "the id of what is paused")?;
    let resumed = match (lifted, lifted_by, maybe_time(lifted_at)?) {
        (Some(letter_no), Some(by), Some(at)) => Some(Resumed { letter_no, by, at }),
        _ => None,
    };
    Ok(Pause {
        id,
        agency,
        subject: word(Subject::of(&scope, object), "scope of a pause", &scope)?,
        letter_no,
        reason,
        paused_by,
        paused_at: time(paused_at)?,
        resumed,
    })
}

/// Writes at the subject why it stands still; false when it stands still already.
pub fn stop(tx: &mut Write<'_>, subject: Subject, said: &str) -> Result<bool, Error> {
    let count = match subject {
        Subject::Programme(id) => {
            diesel::update(programmes::table.find(id).filter(programmes::paused_reason.is_null()))
                .set(programmes::paused_reason.eq(said))
                .execute(&mut **tx)
        }
        Subject::Round(id) => diesel::update(rounds::table.find(id).filter(rounds::paused_reason.is_null()))
            .set(rounds::paused_reason.eq(said))
            .execute(&mut **tx),
        Subject::Point(id) => diesel::update(points::table.find(id).filter(points::paused_reason.is_null()))
            .set(points::paused_reason.eq(said))
            .execute(&mut **tx),
    }?;
    Ok(count == 1)
}

/// Lets the subject go on.
pub fn go_on(tx: &mut Write<'_>, subject: Subject) -> Result<(), Error> {
    let none = None::<String>;
    match subject {
        Subject::Programme(id) => {
            diesel::update(programmes::table.find(id)).set(programmes::paused_reason.eq(none)).execute(&mut **tx)
        }
        Subject::Round(id) => {
            diesel::update(rounds::table.find(id)).set(rounds::paused_reason.eq(none)).execute(&mut **tx)
        }
        Subject::Point(id) => {
            diesel::update(points::table.find(id)).set(points::paused_reason.eq(none)).execute(&mut **tx)
        }
    }?;
    Ok(())
}

/// Adds the record of a pause.
pub fn insert(tx: &mut Write<'_>, pause: &Pause) -> Result<(), Error> {
    diesel::insert_into(pauses::table)
        .values((
            pauses::id.eq(pause.id),
            pauses::agency_id.eq(pause.agency),
            pauses::scope.eq(pause.subject.scope()),
            pauses::object_id.eq(pause.subject.bytes().to_vec()),
            pauses::letter_no.eq(&pause.letter_no),
            pauses::reason.eq(&pause.reason),
            pauses::paused_by.eq(pause.paused_by),
            pauses::paused_at.eq(pause.paused_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes how a pause ended; false when it had ended before.
pub fn end(tx: &mut Write<'_>, id: PauseId, resumed: &Resumed) -> Result<bool, Error> {
    let count = diesel::update(pauses::table.find(id).filter(pauses::resumed_at.is_null()))
        .set((
            pauses::resumed_letter_no.eq(&resumed.letter_no),
            pauses::resumed_by.eq(resumed.by),
            pauses::resumed_at.eq(resumed.at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// The pause with this id.
pub fn find(conn: &mut Conn, id: PauseId) -> Result<Option<Pause>, Error> {
    pauses::table.find(id).first::<Row>(conn).optional()?.map(check).transpose()
}

/// All pauses of a subject, the newest first.
pub fn of_subject(conn: &mut Conn, subject: Subject) -> Result<Vec<Pause>, Error> {
    pauses::table
        .filter(pauses::object_id.eq(subject.bytes().to_vec()))
        .order(pauses::id.desc())
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// The pauses of an agency, in the order of their ids.
pub fn list(conn: &mut Conn, agency: AgencyId, after: Option<PauseId>, limit: i64) -> Result<Vec<Pause>, Error> {
    pauses::table
        .filter(pauses::agency_id.eq(agency))
        .filter(pauses::id.gt(after.unwrap_or(PauseId::from_bytes([0; 16]))))
        .order(pauses::id)
        .limit(limit)
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}
