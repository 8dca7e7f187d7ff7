//! Households as they were after each intake, so that the history of one can be read.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::household_versions;
use super::types::time;
use crate::domain::id::{HouseholdId, IntakeId, UserId, VersionId};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// A household as it was after an intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id, which orders by time.
    pub id: VersionId,
    /// Of which household.
    pub household: HouseholdId,
    /// By which intake.
    pub intake: IntakeId,
    /// By which of its rows.
    pub row_number: i32,
    /// The particulars as JSON, sealed as `household_version` for the household.
    pub particulars: Sealed,
    /// Who agreed to the intake.
    pub changed_by: UserId,
    /// When.
    pub changed_at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = household_versions)]
struct Row {
    id: VersionId,
    household_id: HouseholdId,
    intake_id: IntakeId,
    row_number: i32,
    particulars_sealed: Vec<u8>,
    changed_by: UserId,
    changed_at: i64,
}

/// Adds versions.
pub fn insert(tx: &mut Write<'_>, versions: &[Version]) -> Result<(), Error> {
    for batch in versions.chunks(1_000) {
        let rows: Vec<Row> = batch
            .iter()
            .map(|version| Row {
                id: version.id,
                household_id: version.household,
                intake_id: version.intake,
                row_number: version.row_number,
                particulars_sealed: version.particulars.ciphertext().to_vec(),
                changed_by: version.changed_by,
                changed_at: version.changed_at.millis(),
            })
            .collect();
        on_each!(&mut **tx, inner => diesel::insert_into(household_versions::table).values(&rows).execute(inner))?;
    }
    Ok(())
}

/// The versions of a household, newest first.
pub fn of(conn: &mut Conn, household: HouseholdId, limit: i64) -> Result<Vec<Version>, Error> {
    household_versions::table
        .filter(household_versions::household_id.eq(household))
        .order(household_versions::id.desc())
        .limit(limit)
        .load::<Row>(conn)?
        .into_iter()
        .map(|row| {
            Ok(Version {
                id: row.id,
                household: row.household_id,
                intake: row.intake_id,
                row_number: row.row_number,
                particulars: Sealed::from_ciphertext(row.particulars_sealed),
                changed_by: row.changed_by,
                changed_at: time(row.changed_at)?,
            })
        })
        .collect()
}
