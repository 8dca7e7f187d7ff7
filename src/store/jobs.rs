//! Print jobs. A server holds a job by its runner id and a beat of its heart; every step it takes asks for
//! both, so that a server that was taken for dead and comes back changes nothing.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::print_jobs;
use super::types::{maybe_time, time, word};
use crate::domain::id::{AgencyId, BundleId, JobId, RoundId, RunnerId, UserId};
use crate::domain::job::{Job, JobState, Mark};
use crate::domain::time::Timestamp;

#[derive(Queryable, Insertable)]
#[diesel(table_name = print_jobs)]
struct Row {
    id: JobId,
    agency_id: AgencyId,
    round_id: RoundId,
    requested_by: UserId,
    point_code: Option<String>,
    layout: String,
    language: String,
    state: String,
    total: i64,
    done: i64,
    parts: i32,
    after_id: Option<BundleId>,
    after_serial: i64,
    reason: Option<String>,
    runner: Option<RunnerId>,
    beat_at: Option<i64>,
    created_at: i64,
    finished_at: Option<i64>,
}

impl Row {
    fn check(self) -> Result<Job, Error> {
        Ok(Job {
            id: self.id,
            agency: self.agency_id,
            round: self.round_id,
            requested_by: self.requested_by,
            point: self.point_code,
            layout: self.layout,
            language: self.language,
            state: word(JobState::parse(&self.state), "job state", &self.state)?,
            total: self.total,
            done: self.done,
            parts: self.parts,
            mark: Mark { after: self.after_id, serial: self.after_serial },
            reason: self.reason,
            created_at: time(self.created_at)?,
            finished_at: maybe_time(self.finished_at)?,
        })
    }
}

const OPEN: [&str; 2] = [JobState::Waiting.as_str(), JobState::Running.as_str()];

/// Adds a job.
pub fn insert(tx: &mut Write<'_>, job: &Job) -> Result<(), Error> {
    let row = Row {
        id: job.id,
        agency_id: job.agency,
        round_id: job.round,
        requested_by: job.requested_by,
        point_code: job.point.clone(),
        layout: job.layout.clone(),
        language: job.language.clone(),
        state: job.state.as_str().to_owned(),
        total: job.total,
        done: job.done,
        parts: job.parts,
        after_id: job.mark.after,
        after_serial: job.mark.serial,
        reason: job.reason.clone(),
        runner: None,
        beat_at: None,
        created_at: job.created_at.millis(),
        finished_at: job.finished_at.map(Timestamp::millis),
    };
    diesel::insert_into(print_jobs::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The job with this id.
pub fn find(conn: &mut Conn, id: JobId) -> Result<Option<Job>, Error> {
    print_jobs::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// The newest jobs of a round.
pub fn of_round(conn: &mut Conn, round: RoundId, limit: i64) -> Result<Vec<Job>, Error> {
    print_jobs::table
        .filter(print_jobs::round_id.eq(round))
        .order(print_jobs::id.desc())
        .limit(limit)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// The jobs of a round that are not ended.
pub fn open_of_round(conn: &mut Conn, round: RoundId) -> Result<Vec<Job>, Error> {
    print_jobs::table
        .filter(print_jobs::round_id.eq(round))
        .filter(print_jobs::state.eq_any(OPEN))
        .order(print_jobs::id)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// Takes the oldest job that nobody works on: one that waits, or one whose server has been silent since
/// before `silent`. `None` when there is none, or when another server was first.
pub fn claim(tx: &mut Write<'_>, runner: RunnerId, now: Timestamp, silent: Timestamp) -> Result<Option<Job>, Error> {
    let open: Vec<Row> =
        print_jobs::table.filter(print_jobs::state.eq_any(OPEN)).order(print_jobs::id).load(&mut **tx)?;
    let free = |row: &Row| row.state == OPEN[0] || row.beat_at.is_none_or(|beat| beat < silent.millis());
    let Some(found) = open.into_iter().find(free) else { return Ok(None) };
    // It is taken only as it was seen: of two servers that saw the same, one changes a row.
    let mut as_seen = diesel::update(print_jobs::table)
        .set((
            print_jobs::state.eq(JobState::Running.as_str()),
            print_jobs::runner.eq(Some(runner)),
            print_jobs::beat_at.eq(Some(now.millis())),
        ))
        .into_boxed()
        .filter(print_jobs::id.eq(found.id))
        .filter(print_jobs::state.eq(found.state.clone()));
    if let Some(before) = found.runner {
        as_seen = as_seen.filter(print_jobs::runner.eq(Some(before)));
    }
    if let Some(beat) = found.beat_at.filter(|_| found.state != OPEN[0]) {
        as_seen = as_seen.filter(print_jobs::beat_at.eq(Some(beat)));
    }
    if as_seen.execute(&mut **tx)? == 1 { find(tx, found.id) } else { Ok(None) }
}

macro_rules! held {
    ($id:expr, $runner:expr) => {
        print_jobs::table
            .filter(print_jobs::id.eq($id))
            .filter(print_jobs::state.eq(JobState::Running.as_str()))
            .filter(print_jobs::runner.eq(Some($runner)))
    };
}

/// Writes down how far a job is; false when it is not the runner's any more.
pub fn advance(
    tx: &mut Write<'_>,
    id: JobId,
    runner: RunnerId,
    (mark, done, parts): (Mark, i64, i32),
    now: Timestamp,
) -> Result<bool, Error> {
    let count = diesel::update(held!(id, runner))
        .set((
            print_jobs::after_id.eq(mark.after),
            print_jobs::after_serial.eq(mark.serial),
            print_jobs::done.eq(done),
            print_jobs::parts.eq(parts),
            print_jobs::beat_at.eq(Some(now.millis())),
        ))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Says that the runner is still there; false when the job is not its own any more.
pub fn beat(tx: &mut Write<'_>, id: JobId, runner: RunnerId, now: Timestamp) -> Result<bool, Error> {
    let beat = diesel::update(held!(id, runner)).set(print_jobs::beat_at.eq(Some(now.millis())));
    Ok(beat.execute(&mut **tx)? == 1)
}

/// Lets a job go, for another server or for the next start; false when it was not the runner's any more.
pub fn release(tx: &mut Write<'_>, id: JobId, runner: RunnerId) -> Result<bool, Error> {
    let count = diesel::update(held!(id, runner))
        .set((print_jobs::state.eq(JobState::Waiting.as_str()), print_jobs::runner.eq(None::<RunnerId>)))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Ends a job that the runner holds; false when it is not the runner's any more.
pub fn finish(
    tx: &mut Write<'_>,
    id: JobId,
    runner: RunnerId,
    (state, reason): (JobState, Option<&str>),
    now: Timestamp,
) -> Result<bool, Error> {
    let count = diesel::update(held!(id, runner))
        .set((
            print_jobs::state.eq(state.as_str()),
            print_jobs::reason.eq(reason),
            print_jobs::runner.eq(None::<RunnerId>),
            print_jobs::finished_at.eq(Some(now.millis())),
        ))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Calls a job off, also one whose result waits to be fetched; false when there is nothing to call off.
pub fn cancel(tx: &mut Write<'_>, id: JobId, now: Timestamp) -> Result<bool, Error> {
    let wanted = [OPEN[0], OPEN[1], JobState::Done.as_str()];
    let count = diesel::update(print_jobs::table.find(id).filter(print_jobs::state.eq_any(wanted)))
        .set((
            print_jobs::state.eq(JobState::Cancelled.as_str()),
            print_jobs::runner.eq(None::<RunnerId>),
            print_jobs::finished_at.eq(Some(now.millis())),
        ))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Marks jobs that were done before a moment as expired; returns how many.
pub fn expire(tx: &mut Write<'_>, before: Timestamp) -> Result<usize, Error> {
    let old = print_jobs::table
        .filter(print_jobs::state.eq(JobState::Done.as_str()))
        .filter(print_jobs::finished_at.assume_not_null().lt(before.millis()));
    Ok(diesel::update(old).set(print_jobs::state.eq(JobState::Expired.as_str())).execute(&mut **tx)?)
}
