//! Substitutions: a reserve household takes the place of another (pengganti).

use diesel::prelude::*;
use jiff::civil::Date;

use super::conn::Conn;
use super::entitlements::Row as EntitlementRow;
use super::error::{Error, corrupt};
use super::pool::Write;
use super::schema::{entitlements, rounds, substitutions};
use super::types::{maybe_time, time, word};
use crate::domain::entitlement::Entitlement;
use crate::domain::id::{HouseholdId, ProgrammeId, RoundId, SubstitutionId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::verval::{Reason, SubstitutionState};

/// A proposal that one household takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitution {
    /// Its id, which orders by time.
    pub id: SubstitutionId,
    /// The programme.
    pub programme: ProgrammeId,
    /// Whose place becomes free.
    pub old: HouseholdId,
    /// Who takes it.
    pub new: HouseholdId,
    /// Why it becomes free.
    pub reason: Reason,
    /// Number of the statement (SPTJM).
    pub statement_no: String,
    /// Its date.
    pub statement_date: Date,
    /// A remark; behind it, why it was refused.
    pub note: String,
    /// How it stands.
    pub state: SubstitutionState,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Timestamp,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = substitutions)]
struct Row {
    id: SubstitutionId,
    programme_id: ProgrammeId,
    old_household_id: HouseholdId,
    new_household_id: HouseholdId,
    reason: String,
    statement_no: String,
    statement_date: String,
    note: String,
    state: String,
    proposed_by: UserId,
    proposed_at: i64,
    decided_by: Option<UserId>,
    decided_at: Option<i64>,
}

impl Row {
    fn check(self) -> Result<Substitution, Error> {
        Ok(Substitution {
            id: self.id,
            programme: self.programme_id,
            old: self.old_household_id,
            new: self.new_household_id,
            reason: word(Reason::parse(&self.reason), "reason", &self.reason)?,
            statement_no: self.statement_no,
            statement_date: self.statement_date.parse().map_err(corrupt)?,
            note: self.note,
            state: word(SubstitutionState::parse(&self.state), "state of a substitution", &self.state)?,
            proposed_by: self.proposed_by,
            proposed_at: time(self.proposed_at)?,
            decided_by: self.decided_by,
            decided_at: maybe_time(self.decided_at)?,
        })
    }
}

/// Adds a proposal.
pub fn insert(tx: &mut Write<'_>, one: &Substitution) -> Result<(), Error> {
    let row = Row {
        id: one.id,
        programme_id: one.programme,
        old_household_id: one.old,
        new_household_id: one.new,
        reason: one.reason.as_str().to_owned(),
        statement_no: one.statement_no.clone(),
        statement_date: one.statement_date.to_string(),
        note: one.note.clone(),
        state: one.state.as_str().to_owned(),
        proposed_by: one.proposed_by,
        proposed_at: one.proposed_at.millis(),
        decided_by: one.decided_by,
        decided_at: one.decided_at.map(Timestamp::millis),
    };
    diesel::insert_into(substitutions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Whose place was taken in a programme, who had proposed it, and when another approved it.
pub fn approved(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<(HouseholdId, UserId, Timestamp)>, Error> {
    substitutions::table
        .filter(substitutions::programme_id.eq(programme))
        .filter(substitutions::state.eq(SubstitutionState::Approved.as_str()))
        .order(substitutions::id)
        .select((substitutions::old_household_id, substitutions::proposed_by, substitutions::decided_at))
        .load::<(HouseholdId, UserId, Option<i64>)>(conn)?
        .into_iter()
        .filter_map(|(old, by, at)| maybe_time(at).transpose().map(|at| Ok((old, by, at?))))
        .collect()
}

/// The proposal with this id.
pub fn find(conn: &mut Conn, id: SubstitutionId) -> Result<Option<Substitution>, Error> {
    substitutions::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// The proposals of a programme, of one state or of all, newest first.
pub fn list(
    conn: &mut Conn,
    programme: ProgrammeId,
    state: Option<SubstitutionState>,
    before: Option<SubstitutionId>,
    limit: i64,
) -> Result<Vec<Substitution>, Error> {
    let mut query = substitutions::table.filter(substitutions::programme_id.eq(programme)).into_boxed();
    if let Some(state) = state {
        query = query.filter(substitutions::state.eq(state.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(substitutions::id.lt(before));
    }
    query.order(substitutions::id.desc()).limit(limit).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// The proposals that a household is part of, oldest first.
pub fn of_household(conn: &mut Conn, household: HouseholdId) -> Result<Vec<Substitution>, Error> {
    substitutions::table
        .filter(substitutions::old_household_id.eq(household).or(substitutions::new_household_id.eq(household)))
        .order(substitutions::id)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// How many proposals of a programme wait.
pub fn count_proposed(conn: &mut Conn, programme: ProgrammeId) -> Result<i64, Error> {
    Ok(substitutions::table
        .filter(substitutions::programme_id.eq(programme))
        .filter(substitutions::state.eq(SubstitutionState::Proposed.as_str()))
        .count()
        .get_result(conn)?)
}

/// Keeps how a proposal was decided; false when somebody had decided it before.
pub fn decide(
    tx: &mut Write<'_>,
    id: SubstitutionId,
    state: SubstitutionState,
    note: &str,
    by: UserId,
    at: Timestamp,
) -> Result<bool, Error> {
    let proposed = substitutions::table.find(id).filter(substitutions::state.eq(SubstitutionState::Proposed.as_str()));
    let changed = diesel::update(proposed)
        .set((
            substitutions::state.eq(state.as_str()),
            substitutions::note.eq(note),
            substitutions::decided_by.eq(by),
            substitutions::decided_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Holds the rounds of a programme until the commit, so that none is issued meanwhile: whoever is replaced
/// would get a voucher behind the back of who replaces them.
pub fn hold_rounds(tx: &mut Write<'_>, programme: ProgrammeId) -> Result<(), Error> {
    diesel::update(rounds::table.filter(rounds::programme_id.eq(programme)))
        .set(rounds::issued_at.eq(rounds::issued_at))
        .execute(&mut **tx)?;
    Ok(())
}

/// The entitlements of a household in the rounds of a programme.
pub fn papers_of(
    conn: &mut Conn,
    programme: ProgrammeId,
    household: HouseholdId,
) -> Result<Vec<(RoundId, Entitlement)>, Error> {
    entitlements::table
        .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
        .filter(rounds::programme_id.eq(programme))
        .filter(entitlements::household_id.eq(household))
        .select(entitlements::all_columns)
        .order(rounds::number)
        .load::<EntitlementRow>(conn)?
        .into_iter()
        .map(|row| row.check().map(|one| (one.round, one)))
        .collect()
}
