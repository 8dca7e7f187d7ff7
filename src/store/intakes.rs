//! Files of households on their way in, and the verdict on each of their rows.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::{intake_rows, intakes, programmes};
use super::types::{maybe_time, time};
use crate::domain::id::{AgencyId, IntakeId, ProgrammeId, UserId};
use crate::domain::intake::Counts;
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// A file of households.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// Its id.
    pub id: IntakeId,
    /// For which programme.
    pub programme: ProgrammeId,
    /// What the file was called.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_hash: Vec<u8>,
    /// Headings that were left out, separated by `|`.
    pub ignored_columns: String,
    /// What the dry run found.
    pub counts: Counts,
    /// Who uploaded it.
    pub uploaded_by: UserId,
    /// When.
    pub uploaded_at: Timestamp,
    /// Who agreed, if somebody has.
    pub applied_by: Option<UserId>,
    /// When.
    pub applied_at: Option<Timestamp>,
    /// The sheet that was read, of a workbook.
    pub sheet: String,
    /// Rows of family members beside the head of their family, which are no households of their own.
    pub members_left_out: u32,
    /// The headings of the cells that its rows keep, as JSON.
    pub headings: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = intakes)]
struct Row {
    id: IntakeId,
    programme_id: ProgrammeId,
    file_name: String,
    file_hash: Vec<u8>,
    ignored_columns: String,
    rows_new: i64,
    rows_changed: i64,
    rows_same: i64,
    rows_rejected: i64,
    warnings: i64,
    uploaded_by: UserId,
    uploaded_at: i64,
    applied_by: Option<UserId>,
    applied_at: Option<i64>,
    sheet: String,
    members_left_out: i64,
    headings: String,
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn column(number: u32) -> i64 {
    i64::from(number)
}

impl Row {
    fn check(self) -> Result<Intake, Error> {
        Ok(Intake {
            id: self.id,
            programme: self.programme_id,
            file_name: self.file_name,
            file_hash: self.file_hash,
            ignored_columns: self.ignored_columns,
            counts: Counts {
                new: count(self.rows_new),
                changed: count(self.rows_changed),
                same: count(self.rows_same),
                rejected: count(self.rows_rejected),
                warnings: count(self.warnings),
            },
            uploaded_by: self.uploaded_by,
            uploaded_at: time(self.uploaded_at)?,
            applied_by: self.applied_by,
            applied_at: maybe_time(self.applied_at)?,
            sheet: self.sheet,
            members_left_out: count(self.members_left_out),
            headings: self.headings,
        })
    }
}

/// Adds an intake.
pub fn insert(tx: &mut Write<'_>, intake: &Intake) -> Result<(), Error> {
    let intake = intake.clone();
    let row = Row {
        id: intake.id,
        programme_id: intake.programme,
        file_name: intake.file_name,
        file_hash: intake.file_hash,
        ignored_columns: intake.ignored_columns,
        rows_new: column(intake.counts.new),
        rows_changed: column(intake.counts.changed),
        rows_same: column(intake.counts.same),
        rows_rejected: column(intake.counts.rejected),
        warnings: column(intake.counts.warnings),
        uploaded_by: intake.uploaded_by,
        uploaded_at: intake.uploaded_at.millis(),
        applied_by: None,
        applied_at: None,
        sheet: intake.sheet,
        members_left_out: column(intake.members_left_out),
        headings: intake.headings,
    };
    diesel::insert_into(intakes::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// One row of an intake, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeRow {
    /// Its number in the file.
    pub number: i32,
    /// The household's key in its source, as far as it could be read.
    pub source_id: String,
    /// `new`, `changed`, `same` or `rejected`.
    pub outcome: String,
    /// What was found, as JSON.
    pub findings: String,
    /// The row as given and what would be applied, sealed.
    pub kept: Option<Sealed>,
    /// Village and sub-district as they would be applied.
    pub village: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = intake_rows)]
struct LineRow {
    intake_id: IntakeId,
    number: i32,
    source_id: String,
    outcome: String,
    findings: String,
    particulars_sealed: Option<Vec<u8>>,
    village: String,
}

impl LineRow {
    fn of(intake: IntakeId, row: IntakeRow) -> Self {
        Self {
            intake_id: intake,
            number: row.number,
            source_id: row.source_id,
            outcome: row.outcome,
            findings: row.findings,
            particulars_sealed: row.kept.map(|sealed| sealed.ciphertext().to_vec()),
            village: row.village,
        }
    }

    fn line(self) -> IntakeRow {
        IntakeRow {
            number: self.number,
            source_id: self.source_id,
            outcome: self.outcome,
            findings: self.findings,
            kept: self.particulars_sealed.map(Sealed::from_ciphertext),
            village: self.village,
        }
    }
}

/// Adds rows to an intake.
pub fn insert_rows(tx: &mut Write<'_>, intake: IntakeId, rows: &[IntakeRow]) -> Result<(), Error> {
    for batch in rows.chunks(1_000) {
        let lines: Vec<LineRow> = batch.iter().cloned().map(|row| LineRow::of(intake, row)).collect();
        on_each!(&mut **tx, inner => diesel::insert_into(intake_rows::table).values(&lines).execute(inner))?;
    }
    Ok(())
}

/// Replaces what is kept of one row.
pub fn update_row(tx: &mut Write<'_>, intake: IntakeId, row: IntakeRow) -> Result<(), Error> {
    let line = LineRow::of(intake, row);
    let changed = diesel::update(intake_rows::table.find((intake, line.number)))
        .set((
            intake_rows::outcome.eq(line.outcome),
            intake_rows::findings.eq(line.findings),
            intake_rows::particulars_sealed.eq(line.particulars_sealed),
            intake_rows::village.eq(line.village),
        ))
        .execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(Error::Raced) }
}

/// Replaces the counts of an intake that nobody has agreed to yet; false when somebody has.
pub fn set_counts(tx: &mut Write<'_>, id: IntakeId, counts: Counts) -> Result<bool, Error> {
    let changed = diesel::update(intakes::table.find(id).filter(intakes::applied_at.is_null()))
        .set((
            intakes::rows_new.eq(column(counts.new)),
            intakes::rows_changed.eq(column(counts.changed)),
            intakes::rows_same.eq(column(counts.same)),
            intakes::rows_rejected.eq(column(counts.rejected)),
            intakes::warnings.eq(column(counts.warnings)),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Removes an intake that nobody has agreed to, with its rows; false when somebody has.
pub fn discard(tx: &mut Write<'_>, id: IntakeId) -> Result<bool, Error> {
    let waiting = intakes::table
        .find(id)
        .filter(intakes::applied_at.is_null())
        .select(intakes::id)
        .first::<IntakeId>(&mut **tx)
        .optional()?;
    if waiting.is_none() {
        return Ok(false);
    }
    diesel::delete(intake_rows::table.filter(intake_rows::intake_id.eq(id))).execute(&mut **tx)?;
    let gone = diesel::delete(intakes::table.find(id).filter(intakes::applied_at.is_null())).execute(&mut **tx)?;
    if gone == 1 { Ok(true) } else { Err(Error::Raced) }
}

/// The intake with this id.
pub fn find(conn: &mut Conn, id: IntakeId) -> Result<Option<Intake>, Error> {
    intakes::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// The intakes of an agency, newest first.
pub fn list(conn: &mut Conn, agency: AgencyId, before: Option<IntakeId>, limit: i64) -> Result<Vec<Intake>, Error> {
    let mut query = intakes::table
        .inner_join(programmes::table.on(programmes::id.eq(intakes::programme_id)))
        .filter(programmes::agency_id.eq(agency))
        .select(intakes::all_columns)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(intakes::id.lt(before));
    }
    query.order(intakes::id.desc()).limit(limit).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// Which rows of an intake to give. What is not named is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this outcome.
    pub outcome: Option<String>,
    /// Those with a finding of this severity.
    pub severity: Option<String>,
    /// Those with a finding of this code.
    pub kind: Option<String>,
    /// Those of this village and sub-district.
    pub village: Option<String>,
}

/// A pattern for what a finding has in its JSON. Codes hold nothing that a pattern could misread, but `_`.
fn within(member: &str, code: &str) -> String {
    format!("%\"{member}\":\"{}\"%", code.replace(['\\', '%'], "").replace('_', "\\_"))
}

macro_rules! filtered {
    ($intake:expr, $filter:expr) => {{
        let filter: &Filter = $filter;
        let mut query = intake_rows::table.filter(intake_rows::intake_id.eq($intake)).into_boxed();
        if let Some(outcome) = &filter.outcome {
            query = query.filter(intake_rows::outcome.eq(outcome.clone()));
        }
        if let Some(severity) = &filter.severity {
            query = query.filter(intake_rows::findings.like(within("severity", severity)).escape('\\'));
        }
        if let Some(kind) = &filter.kind {
            query = query.filter(intake_rows::findings.like(within("code", kind)).escape('\\'));
        }
        if let Some(village) = &filter.village {
            query = query.filter(intake_rows::village.eq(village.clone()));
        }
        query
    }};
}

/// Rows of an intake after a number, in the order of the file.
pub fn rows(
    conn: &mut Conn,
    intake: IntakeId,
    filter: &Filter,
    after: i32,
    limit: i64,
) -> Result<Vec<IntakeRow>, Error> {
    let query = filtered!(intake, filter).filter(intake_rows::number.gt(after));
    let lines = query.order(intake_rows::number).limit(limit).load::<LineRow>(conn)?;
    Ok(lines.into_iter().map(LineRow::line).collect())
}

/// How many rows of an intake a filter lets through.
pub fn count_rows(conn: &mut Conn, intake: IntakeId, filter: &Filter) -> Result<i64, Error> {
    Ok(filtered!(intake, filter).count().get_result(conn)?)
}

/// What is said of the rows of an intake without opening them: outcome, findings and village.
pub fn outlines(
    conn: &mut Conn,
    intake: IntakeId,
    after: i32,
    limit: i64,
) -> Result<Vec<(i32, String, String, String)>, Error> {
    Ok(intake_rows::table
        .filter(intake_rows::intake_id.eq(intake))
        .filter(intake_rows::number.gt(after))
        .select((intake_rows::number, intake_rows::outcome, intake_rows::findings, intake_rows::village))
        .order(intake_rows::number)
        .limit(limit)
        .load(conn)?)
}

/// Records that somebody agreed; false when somebody had before.
pub fn mark_applied(tx: &mut Write<'_>, id: IntakeId, by: UserId, at: Timestamp) -> Result<bool, Error> {
    let changed = diesel::update(intakes::table.find(id).filter(intakes::applied_at.is_null()))
        .set((intakes::applied_by.eq(by), intakes::applied_at.eq(at.millis())))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}
