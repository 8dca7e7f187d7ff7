//! Cases and their steps. There is no way to delete one.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::{case_steps, cases, rounds};
use super::types::{maybe_time, time, word};
use crate::domain::case::{Case, CaseKind, CaseState, Outcome, Posting};
use crate::domain::id::{AgencyId, CaseId, CaseStepId, DeviceId, EntitlementId, PointId, ProgrammeId, RoundId, UserId};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

#[derive(Queryable)]
struct Row {
    id: CaseId,
    agency_id: AgencyId,
    _natural_key: String,
    kind: String,
    state: String,
    round_id: Option<RoundId>,
    point_id: Option<PointId>,
    entitlement_id: Option<EntitlementId>,
    device_id: Option<DeviceId>,
    detail_sealed: Vec<u8>,
    evidence: String,
    opened_by: Option<UserId>,
    opened_at: i64,
    owner_id: Option<UserId>,
    outcome: Option<String>,
    posting_minor: i64,
    extra_packages: i64,
    proposed_by: Option<UserId>,
    proposed_at: Option<i64>,
    decided_by: Option<UserId>,
    decided_at: Option<i64>,
    closed_by: Option<UserId>,
    closed_at: Option<i64>,
}

impl Row {
    fn check(self) -> Result<(Case, Sealed), Error> {
        let both = |by: Option<UserId>, at: Option<i64>| Ok::<_, Error>(by.zip(maybe_time(at)?));
        let case = Case {
            id: self.id,
            agency: self.agency_id,
            kind: word(CaseKind::parse(&self.kind), "kind of case", &self.kind)?,
            state: word(CaseState::parse(&self.state), "state of a case", &self.state)?,
            round: self.round_id,
            point: self.point_id,
            entitlement: self.entitlement_id,
            device: self.device_id,
            evidence: self.evidence,
            opened_by: self.opened_by,
            opened_at: time(self.opened_at)?,
            owner: self.owner_id,
            outcome: self.outcome.map(|code| word(Outcome::parse(&code), "outcome of a case", &code)).transpose()?,
            posting: Posting { loss_minor: self.posting_minor, extra_packages: self.extra_packages },
            proposed: both(self.proposed_by, self.proposed_at)?,
            decided: both(self.decided_by, self.decided_at)?,
            closed: both(self.closed_by, self.closed_at)?,
        };
        Ok((case, Sealed::from_ciphertext(self.detail_sealed)))
    }
}

/// Opens a case, unless one with this key is there; whether it is new.
pub fn open(tx: &mut Write<'_>, case: &Case, key: &str, detail: &Sealed) -> Result<bool, Error> {
    let values = (
        cases::id.eq(case.id),
        cases::agency_id.eq(case.agency),
        cases::natural_key.eq(key.to_owned()),
        cases::kind.eq(case.kind.as_str()),
        cases::state.eq(case.state.as_str()),
        cases::round_id.eq(case.round),
        cases::point_id.eq(case.point),
        cases::entitlement_id.eq(case.entitlement),
        cases::device_id.eq(case.device),
        cases::detail_sealed.eq(detail.ciphertext().to_vec()),
        cases::evidence.eq(case.evidence.clone()),
        cases::opened_by.eq(case.opened_by),
        cases::opened_at.eq(case.opened_at.millis()),
        cases::posting_minor.eq(0_i64),
        cases::extra_packages.eq(0_i64),
    );
    let added = on_each!(&mut **tx, inner =>
        diesel::insert_into(cases::table).values(values).on_conflict_do_nothing().execute(inner))?;
    Ok(added == 1)
}

/// The id of the case with this key.
pub fn by_key(conn: &mut Conn, agency: AgencyId, key: &str) -> Result<Option<CaseId>, Error> {
    let found = cases::table.filter(cases::agency_id.eq(agency)).filter(cases::natural_key.eq(key));
    Ok(found.select(cases::id).first(conn).optional()?)
}

/// The case with this id, and what it is about, sealed.
pub fn find(conn: &mut Conn, id: CaseId) -> Result<Option<(Case, Sealed)>, Error> {
    cases::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this state.
    pub state: Option<CaseState>,
    /// Those that are not closed.
    pub unclosed: bool,
    /// Of this kind.
    pub kind: Option<CaseKind>,
    /// Of this round.
    pub round: Option<RoundId>,
    /// Of this point.
    pub point: Option<PointId>,
    /// Opened no later than then.
    pub until: Option<Timestamp>,
}

/// The cases of an agency, newest first, before one of them.
pub fn list(
    conn: &mut Conn,
    agency: AgencyId,
    filter: &Filter,
    before: Option<CaseId>,
    limit: i64,
) -> Result<Vec<(Case, Sealed)>, Error> {
    let mut query = cases::table.filter(cases::agency_id.eq(agency)).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(cases::state.eq(state.as_str()));
    }
    if filter.unclosed {
        query = query.filter(cases::state.ne(CaseState::Closed.as_str()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(cases::kind.eq(kind.as_str()));
    }
    if let Some(round) = filter.round {
        query = query.filter(cases::round_id.eq(round));
    }
    if let Some(point) = filter.point {
        query = query.filter(cases::point_id.eq(point));
    }
    if let Some(until) = filter.until {
        query = query.filter(cases::opened_at.le(until.millis()));
    }
    if let Some(before) = before {
        query = query.filter(cases::id.lt(before));
    }
    query.order(cases::id.desc()).limit(limit).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// The decided cases of a programme by which packages went out beside the redemptions, in the order of the decisions.
pub fn with_extra_packages(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Case>, Error> {
    let of_programme: Vec<RoundId> =
        rounds::table.filter(rounds::programme_id.eq(programme)).select(rounds::id).load(conn)?;
    cases::table
        .filter(cases::round_id.eq_any(of_programme))
        .filter(cases::state.eq_any([CaseState::Decided.as_str(), CaseState::Closed.as_str()]))
        .filter(cases::extra_packages.gt(0))
        .order((cases::decided_at, cases::id))
        .load::<Row>(conn)?
        .into_iter()
        .map(|row| Ok(row.check()?.0))
        .collect()
}

/// How many cases of a round are not closed, by kind.
pub fn unclosed_by_kind(conn: &mut Conn, round: RoundId) -> Result<Vec<(CaseKind, i64)>, Error> {
    cases::table
        .filter(cases::round_id.eq(round))
        .filter(cases::state.ne(CaseState::Closed.as_str()))
        .group_by(cases::kind)
        .order(cases::kind)
        .select((cases::kind, diesel::dsl::count_star()))
        .load::<(String, i64)>(conn)?
        .into_iter()
        .map(|(kind, count)| Ok((word(CaseKind::parse(&kind), "kind of case", &kind)?, count)))
        .collect()
}

/// Writes a case as it stands after a step, if it still stands as it was before; whether it did.
pub fn advance(tx: &mut Write<'_>, case: &Case, from: CaseState) -> Result<bool, Error> {
    let part = |some: Option<(UserId, Timestamp)>| (some.map(|one| one.0), some.map(|one| one.1.millis()));
    let (proposed, decided, closed) = (part(case.proposed), part(case.decided), part(case.closed));
    let changed = diesel::update(cases::table.find(case.id).filter(cases::state.eq(from.as_str())))
        .set((
            cases::state.eq(case.state.as_str()),
            cases::owner_id.eq(case.owner),
            cases::outcome.eq(case.outcome.map(Outcome::as_str)),
            cases::posting_minor.eq(case.posting.loss_minor),
            cases::extra_packages.eq(case.posting.extra_packages),
            (cases::proposed_by.eq(proposed.0), cases::proposed_at.eq(proposed.1)),
            (cases::decided_by.eq(decided.0), cases::decided_at.eq(decided.1)),
            (cases::closed_by.eq(closed.0), cases::closed_at.eq(closed.1)),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// A step as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its id.
    pub id: CaseStepId,
    /// The case.
    pub case: CaseId,
    /// What was done; `open` for the first.
    pub step: String,
    /// What was said, sealed.
    pub text: Sealed,
    /// Who; the program, when nobody did.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// Adds a step.
pub fn insert_step(tx: &mut Write<'_>, step: &Step) -> Result<(), Error> {
    diesel::insert_into(case_steps::table)
        .values((
            case_steps::id.eq(step.id),
            case_steps::case_id.eq(step.case),
            case_steps::step.eq(&step.step),
            case_steps::text_sealed.eq(step.text.ciphertext()),
            case_steps::taken_by.eq(step.by),
            case_steps::taken_at.eq(step.at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The steps of a case, oldest first.
pub fn steps(conn: &mut Conn, case: CaseId) -> Result<Vec<Step>, Error> {
    case_steps::table
        .filter(case_steps::case_id.eq(case))
        .order(case_steps::id)
        .load::<(CaseStepId, CaseId, String, Vec<u8>, Option<UserId>, i64)>(conn)?
        .into_iter()
        .map(|(id, case, step, text, by, at)| {
            Ok(Step { id, case, step, text: Sealed::from_ciphertext(text), by, at: time(at)? })
        })
        .collect()
}
