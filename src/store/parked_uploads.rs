//! Files whose columns somebody has to point out first. They are sealed, and gone when they were read.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::parked_uploads;
use super::types::time;
use crate::domain::id::{IntakeId, ProgrammeId, UserId};
use crate::domain::time::Timestamp;

/// A file that waits for its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The id that it is parked under.
    pub id: IntakeId,
    /// For which programme.
    pub programme: ProgrammeId,
    /// What the file was called.
    pub file_name: String,
    /// The file, in sealed pieces.
    pub file: Vec<u8>,
    /// Who uploaded it, and alone may see it.
    pub parked_by: UserId,
    /// When.
    pub parked_at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = parked_uploads)]
struct Row {
    id: IntakeId,
    programme_id: ProgrammeId,
    file_name: String,
    file_sealed: Vec<u8>,
    parked_by: UserId,
    parked_at: i64,
}

/// Adds a file.
pub fn insert(tx: &mut Write<'_>, parked: &Parked) -> Result<(), Error> {
    let row = Row {
        id: parked.id,
        programme_id: parked.programme,
        file_name: parked.file_name.clone(),
        file_sealed: parked.file.clone(),
        parked_by: parked.parked_by,
        parked_at: parked.parked_at.millis(),
    };
    diesel::insert_into(parked_uploads::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The file with this id.
pub fn find(conn: &mut Conn, id: IntakeId) -> Result<Option<Parked>, Error> {
    parked_uploads::table
        .find(id)
        .first::<Row>(conn)
        .optional()?
        .map(|row| {
            Ok(Parked {
                id: row.id,
                programme: row.programme_id,
                file_name: row.file_name,
                file: row.file_sealed,
                parked_by: row.parked_by,
                parked_at: time(row.parked_at)?,
            })
        })
        .transpose()
}

/// Removes a file; false when it was not there any more.
pub fn remove(tx: &mut Write<'_>, id: IntakeId) -> Result<bool, Error> {
    Ok(diesel::delete(parked_uploads::table.find(id)).execute(&mut **tx)? == 1)
}

/// Removes every file that was parked before a moment.
pub fn remove_before(tx: &mut Write<'_>, moment: Timestamp) -> Result<usize, Error> {
    let old = parked_uploads::table.filter(parked_uploads::parked_at.lt(moment.millis()));
    Ok(diesel::delete(old).execute(&mut **tx)?)
}
