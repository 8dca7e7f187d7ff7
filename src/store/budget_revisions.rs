//! The ceilings of a programme, one after the other.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::{Error, corrupt};
use super::pool::Write;
use super::schema::{budget_revisions, programmes};
use super::types::{money, time};
use crate::domain::budget::Revision;
use crate::domain::id::{ProgrammeId, UserId};
use crate::domain::money::Money;

type Row = (ProgrammeId, i32, i64, String, Option<String>, String, UserId, i64);

fn check((programme, number, ceiling, document_no, date, reason, revised_by, at): Row) -> Result<Revision, Error> {
    Ok(Revision {
        programme,
        number,
        ceiling: money(ceiling)?,
        document_no,
        document_date: date.map(|day| day.parse().map_err(corrupt)).transpose()?,
        reason,
        revised_by,
        revised_at: time(at)?,
    })
}

/// Sets a programme's ceiling, and holds its row until the commit; false, and nothing set, when more than
/// that is obligated.
pub fn set_ceiling(tx: &mut Write<'_>, id: ProgrammeId, ceiling: Money) -> Result<bool, Error> {
    let count = diesel::update(programmes::table.find(id).filter(programmes::obligated_minor.le(ceiling.minor())))
        .set(programmes::ceiling_minor.eq(ceiling.minor()))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// The number of the next revision.
pub fn next_number(conn: &mut Conn, programme: ProgrammeId) -> Result<i32, Error> {
    let highest: Option<i32> = budget_revisions::table
        .filter(budget_revisions::programme_id.eq(programme))
        .select(diesel::dsl::max(budget_revisions::number))
        .first(conn)?;
    Ok(highest.map_or(0, |number| number + 1))
}

/// Adds a revision.
pub fn insert(tx: &mut Write<'_>, revision: &Revision) -> Result<(), Error> {
    diesel::insert_into(budget_revisions::table)
        .values((
            budget_revisions::programme_id.eq(revision.programme),
            budget_revisions::number.eq(revision.number),
            budget_revisions::ceiling_minor.eq(revision.ceiling.minor()),
            budget_revisions::document_no.eq(&revision.document_no),
            budget_revisions::document_date.eq(revision.document_date.map(|day| day.to_string())),
            budget_revisions::reason.eq(&revision.reason),
            budget_revisions::revised_by.eq(revision.revised_by),
            budget_revisions::revised_at.eq(revision.revised_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// All revisions of a programme, the first one first.
pub fn of_programme(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Revision>, Error> {
    budget_revisions::table
        .filter(budget_revisions::programme_id.eq(programme))
        .order(budget_revisions::number)
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}
