//! Decisions on households. They are only ever added; the newest also stands in the beneficiaries.

use diesel::prelude::*;

use super::beneficiaries::check_standing;
use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::{decisions, users};
use super::types::time;
use crate::domain::id::{DecisionId, HouseholdId, IntakeId, ProgrammeId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::verval::{Reason, Standing};

/// A decision on a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id, which orders by time.
    pub id: DecisionId,
    /// The programme that decided.
    pub programme: ProgrammeId,
    /// The household.
    pub household: HouseholdId,
    /// What was decided.
    pub standing: Standing,
    /// Why, when it is not eligible.
    pub reason: Option<Reason>,
    /// The note beside: the number of a letter, who said so.
    pub evidence: String,
    /// The file that said so, when one did.
    pub intake: Option<IntakeId>,
    /// Who decided, or agreed to the file.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = decisions)]
struct Row {
    id: DecisionId,
    programme_id: ProgrammeId,
    household_id: HouseholdId,
    standing: String,
    reason: String,
    evidence: String,
    intake_id: Option<IntakeId>,
    decided_by: UserId,
    decided_at: i64,
}

impl Row {
    fn check(self) -> Result<Decision, Error> {
        let (standing, reason) = check_standing(&self.standing, &self.reason)?;
        Ok(Decision {
            id: self.id,
            programme: self.programme_id,
            household: self.household_id,
            standing,
            reason,
            evidence: self.evidence,
            intake: self.intake_id,
            by: self.decided_by,
            at: time(self.decided_at)?,
        })
    }
}

/// Adds decisions.
pub fn insert(tx: &mut Write<'_>, new: &[Decision]) -> Result<(), Error> {
    for batch in new.chunks(1_000) {
        let rows: Vec<Row> = batch
            .iter()
            .map(|one| Row {
                id: one.id,
                programme_id: one.programme,
                household_id: one.household,
                standing: one.standing.as_str().to_owned(),
                reason: one.reason.map_or("", Reason::as_str).to_owned(),
                evidence: one.evidence.clone(),
                intake_id: one.intake,
                decided_by: one.by,
                decided_at: one.at.millis(),
            })
            .collect();
        on_each!(&mut **tx, inner => diesel::insert_into(decisions::table).values(&rows).execute(inner))?;
    }
    Ok(())
}

/// The decisions on a household, of one programme or of all, oldest first, each with the name of who decided.
pub fn of_household(
    conn: &mut Conn,
    household: HouseholdId,
    programme: Option<ProgrammeId>,
) -> Result<Vec<(Decision, String)>, Error> {
    let mut query = decisions::table
        .inner_join(users::table.on(users::id.eq(decisions::decided_by)))
        .filter(decisions::household_id.eq(household))
        .select((decisions::all_columns, users::name))
        .into_boxed();
    if let Some(programme) = programme {
        query = query.filter(decisions::programme_id.eq(programme));
    }
    query
        .order(decisions::id)
        .load::<(Row, String)>(conn)?
        .into_iter()
        .map(|(row, name)| Ok((row.check()?, name)))
        .collect()
}

/// The newest decision of a programme on each of these households that was taken until a moment.
pub fn newest_until(
    conn: &mut Conn,
    programme: ProgrammeId,
    households: &[HouseholdId],
    until: Timestamp,
) -> Result<Vec<Decision>, Error> {
    let mut found: std::collections::BTreeMap<HouseholdId, Decision> = std::collections::BTreeMap::new();
    for batch in households.chunks(500) {
        let rows = decisions::table
            .filter(decisions::programme_id.eq(programme))
            .filter(decisions::household_id.eq_any(batch))
            .filter(decisions::decided_at.le(until.millis()))
            .order(decisions::id)
            .load::<Row>(conn)?;
        for row in rows {
            found.insert(row.household_id, row.check()?);
        }
    }
    Ok(found.into_values().collect())
}
