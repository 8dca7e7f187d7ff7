//! Rounds and their sessions.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{rounds, sessions};
use super::types::{maybe_time, time};
use crate::domain::id::{PackageId, PointId, ProgrammeId, RoundId, SessionId};
use crate::domain::programme::{Round, Session};
use crate::domain::time::Timestamp;

#[derive(Queryable)]
pub(super) struct Row {
    id: RoundId,
    programme_id: ProgrammeId,
    number: i32,
    name: String,
    package_id: PackageId,
    opens_at: i64,
    closes_at: i64,
    issued_at: Option<i64>,
    paused_reason: Option<String>,
    _created_at: i64,
}

impl Row {
    pub(super) fn check(self) -> Result<Round, Error> {
        Ok(Round {
            id: self.id,
            programme: self.programme_id,
            number: self.number,
            name: self.name,
            package: self.package_id,
            opens_at: time(self.opens_at)?,
            closes_at: time(self.closes_at)?,
            issued_at: maybe_time(self.issued_at)?,
            paused_reason: self.paused_reason,
        })
    }
}

/// Adds a round.
pub fn insert(tx: &mut Write<'_>, round: &Round, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(rounds::table)
        .values((
            rounds::id.eq(round.id),
            rounds::programme_id.eq(round.programme),
            rounds::number.eq(round.number),
            rounds::name.eq(&round.name),
            rounds::package_id.eq(round.package),
            rounds::opens_at.eq(round.opens_at.millis()),
            rounds::closes_at.eq(round.closes_at.millis()),
            rounds::paused_reason.eq(&round.paused_reason),
            rounds::created_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The round with this id.
pub fn find(conn: &mut Conn, id: RoundId) -> Result<Option<Round>, Error> {
    rounds::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// All rounds of a programme, by number.
pub fn of_programme(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Round>, Error> {
    rounds::table
        .filter(rounds::programme_id.eq(programme))
        .order(rounds::number)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// Marks a round as issued. On PostgreSQL this also holds its row until the commit, so that two people
/// who issue at once do it one after the other.
pub fn mark_issued(tx: &mut Write<'_>, id: RoundId, at: Timestamp) -> Result<(), Error> {
    diesel::update(rounds::table.find(id)).set(rounds::issued_at.eq(at.millis())).execute(&mut **tx)?;
    Ok(())
}

/// Adds a session.
pub fn insert_session(tx: &mut Write<'_>, session: &Session) -> Result<(), Error> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session.id),
            sessions::round_id.eq(session.round),
            sessions::point_id.eq(session.point),
            sessions::number.eq(session.number),
            sessions::starts_at.eq(session.starts_at.millis()),
            sessions::ends_at.eq(session.ends_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

type SessionRow = (SessionId, RoundId, PointId, i32, i64, i64);

fn check_session((id, round, point, number, starts_at, ends_at): SessionRow) -> Result<Session, Error> {
    Ok(Session { id, round, point, number, starts_at: time(starts_at)?, ends_at: time(ends_at)? })
}

/// One session of a point in a round.
pub fn session(conn: &mut Conn, round: RoundId, point: PointId, number: i32) -> Result<Option<Session>, Error> {
    sessions::table
        .filter(sessions::round_id.eq(round))
        .filter(sessions::point_id.eq(point))
        .filter(sessions::number.eq(number))
        .first::<SessionRow>(conn)
        .optional()?
        .map(check_session)
        .transpose()
}

/// All sessions of a round.
pub fn sessions_of(conn: &mut Conn, round: RoundId) -> Result<Vec<Session>, Error> {
    sessions::table
        .filter(sessions::round_id.eq(round))
        .order((sessions::point_id, sessions::number))
        .load::<SessionRow>(conn)?
        .into_iter()
        .map(check_session)
        .collect()
}

/// Puts these sessions of a point in the place of those it had in a round.
pub fn replace_sessions(tx: &mut Write<'_>, round: RoundId, point: PointId, new: &[Session]) -> Result<(), Error> {
    diesel::delete(sessions::table.filter(sessions::round_id.eq(round)).filter(sessions::point_id.eq(point)))
        .execute(&mut **tx)?;
    new.iter().try_for_each(|session| insert_session(tx, session))
}

/// Every round of every agency, for sums over the whole installation.
pub fn all(conn: &mut Conn) -> Result<Vec<RoundId>, Error> {
    Ok(rounds::table.order(rounds::id).select(rounds::id).load(conn)?)
}
