//! A reserve household takes the place of another (pengganti): proposed by one person, decided by another.

use jiff::civil::Date;

use super::super::{Actor, Error, Office, Refusal, entry, page, programme};
use super::decide::NewDecision;
use super::{BnbaView, Names};
use crate::domain::audit::Event;
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::id::{EntitlementId, HouseholdId, ProgrammeId, SubstitutionId};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::domain::verval::{EVIDENCE_MAX, Reason, Standing, SubstitutionState, statement};
use crate::store::beneficiaries::{Awaiting, Beneficiary, Decided as Stands};
use crate::store::substitutions::Substitution;
use crate::store::{self, Conn, Write};

/// A substitution that somebody proposes.
#[derive(Debug, Clone)]
pub struct NewSubstitution {
    /// Whose place becomes free: approved.
    pub old: HouseholdId,
    /// Who takes it: in reserve.
    pub new: HouseholdId,
    /// Why it becomes free.
    pub reason: Reason,
    /// Number of the statement (SPTJM).
    pub statement_no: String,
    /// Its date.
    pub statement_date: Date,
    /// A remark.
    pub note: String,
}

/// A substitution on a screen.
#[derive(Debug, Clone)]
pub struct SubstitutionView {
    /// The proposal.
    pub substitution: Substitution,
    /// Whose place becomes free.
    pub old: BnbaView,
    /// Who takes it.
    pub new: BnbaView,
    /// Who proposed it.
    pub proposed_by: String,
    /// Whether that is the actor, who then may not decide.
    pub proposed_by_actor: bool,
    /// Who decided, and when.
    pub decided: Option<(String, Timestamp)>,
}

/// What an approved substitution came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The vouchers of the replaced household that were taken away.
    pub revoked: Vec<EntitlementId>,
    /// The entitlements that the other household got in their place.
    pub issued: Vec<EntitlementId>,
    /// How many vouchers of rounds that have not closed the replaced household had redeemed already: they
    /// stay as they are, and nobody gets a second package for them.
    pub redeemed: i64,
}

fn owned(conn: &mut Conn, actor: &Actor, id: SubstitutionId) -> Result<Substitution, Error> {
    let found = store::substitutions::find(conn, id)?.ok_or(Refusal::NotFound("substitution"))?;
    programme::owned_programme(conn, actor, found.programme).map_err(|_| Refusal::NotFound("substitution"))?;
    Ok(found)
}

/// A household of a programme that has to be of a standing.
fn standing_as(
    conn: &mut Conn,
    programme: ProgrammeId,
    household: HouseholdId,
    wanted: Standing,
) -> Result<Beneficiary, Error> {
    let found = store::beneficiaries::decided(conn, programme, &[household])?.pop();
    let found = found.ok_or(Refusal::NotFound("household"))?;
    if found.standing == wanted { Ok(found) } else { Err(wrong_standing(conn, household, found.standing)?) }
}

fn wrong_standing(conn: &mut Conn, household: HouseholdId, standing: Standing) -> Result<Error, Error> {
    let source_id = store::households::find(conn, household)?.map(|one| one.source_id).unwrap_or_default();
    Ok(Refusal::WrongStanding { source_id, standing }.into())
}

/// How the reason begins for which a substitution takes a voucher away.
pub(in crate::service) const REPLACED: &str = "diganti, ";

impl Office {
    /// Proposes that a reserve household takes the place of an approved one. Nothing else is changed.
    pub fn propose_substitution(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        new: &NewSubstitution,
    ) -> Result<SubstitutionId, Error> {
        actor.must(Action::ProposeSubstitute)?;
        if !new.reason.is_given() {
            let why = "why the household is to be replaced".into();
            return Err(Refusal::Invalid { field: "reason", why }.into());
        }
        let statement_no = entry::text("statement_no", &new.statement_no, 120)?;
        let note = entry::text_or_empty("note", &new.note, EVIDENCE_MAX / 2)?;
        if new.reason == Reason::Other && note.is_empty() {
            let why = "the reason `other` needs a note that says what it is".into();
            return Err(Refusal::Invalid { field: "note", why }.into());
        }
        let id = self.new_id(SubstitutionId::by_time)?;
        self.pool.write("substitution_propose", |tx| {
            programme::owned_programme(tx, actor, programme)?;
            store::beneficiaries::hold_programme(tx, programme)?;
            standing_as(tx, programme, new.old, Standing::Approved)?;
            standing_as(tx, programme, new.new, Standing::Reserve)?;
            for household in [new.old, new.new] {
                let waiting = store::substitutions::of_household(tx, household)?
                    .into_iter()
                    .any(|one| one.programme == programme && one.state == SubstitutionState::Proposed);
                if waiting {
                    let known = store::households::find(tx, household)?.map(|one| one.source_id).unwrap_or_default();
                    return Err(Refusal::Exists(known).into());
                }
            }
            store::substitutions::insert(
                tx,
                &Substitution {
                    id,
                    programme,
                    old: new.old,
                    new: new.new,
                    reason: new.reason,
                    statement_no: statement_no.clone(),
                    statement_date: new.statement_date,
                    note: note.clone(),
                    state: SubstitutionState::Proposed,
                    proposed_by: actor.user,
                    proposed_at: self.now(),
                    decided_by: None,
                    decided_at: None,
                },
            )?;
            self.record(tx, actor.who(), Event::SubstitutionProposed, id, new.reason.as_str())
        })?;
        Ok(id)
    }

    /// The substitutions of a programme, newest first. The look is on record.
    pub fn substitutions(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        state: Option<SubstitutionState>,
        before: Option<SubstitutionId>,
        limit: Option<i64>,
    ) -> Result<Vec<SubstitutionView>, Error> {
        actor.must(Action::ReadHouseholds)?;
        let views = self.pool.read(|conn| -> Result<_, Error> {
            programme::owned_programme(conn, actor, programme)?;
            let found = store::substitutions::list(conn, programme, state, before, page(limit))?;
            let mut names = Names::default();
            let mut views = Vec::with_capacity(found.len());
            for one in found {
                let lines = store::bnba::of(conn, programme, &[one.old, one.new])?;
                let seen = self.bnba_views(conn, actor, programme, lines)?;
                let who = |id| seen.iter().find(|view| view.id == id).cloned();
                let (Some(old), Some(new)) = (who(one.old), who(one.new)) else { continue };
                let decided = one.decided_by.zip(one.decided_at);
                views.push(SubstitutionView {
                    old,
                    new,
                    proposed_by: names.of(conn, one.proposed_by)?,
                    proposed_by_actor: one.proposed_by == actor.user,
                    decided: decided.map(|(by, at)| names.of(conn, by).map(|name| (name, at))).transpose()?,
                    substitution: one,
                });
            }
            Ok(views)
        })?;
        self.record_look(actor, Event::HouseholdsViewed, programme, format!("substitutions {}", views.len()))?;
        Ok(views)
    }

    /// The programme in which a substitution is proposed.
    pub fn substitution_programme(&self, actor: &Actor, id: SubstitutionId) -> Result<ProgrammeId, Error> {
        actor.must(Action::ReadHouseholds)?;
        self.pool.read(|conn| Ok(owned(conn, actor, id)?.programme))
    }

    /// Refuses a substitution: everything stays as it is.
    pub fn refuse_substitution(&self, actor: &Actor, id: SubstitutionId, why: &str) -> Result<ProgrammeId, Error> {
        actor.must(Action::Decide)?;
        let why = entry::text("reason", why, EVIDENCE_MAX / 2)?;
        self.pool.write("substitution_refuse", |tx| {
            let found = owned(tx, actor, id)?;
            if found.proposed_by == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            let note = if found.note.is_empty() { why.clone() } else { format!("{} · {why}", found.note) };
            let state = SubstitutionState::Refused;
            if !store::substitutions::decide(tx, id, state, &note, actor.user, self.now())? {
                return Err(Refusal::AlreadyDecided.into());
            }
            self.record(tx, actor.who(), Event::SubstitutionDecided, id, state.as_str())?;
            Ok(found.programme)
        })
    }

    /// Approves a substitution. In one transaction the one household leaves and the other takes its place, and
    /// in every issued round that has not closed at its point the voucher of the one is revoked and the other gets
    /// an entitlement. What was redeemed stays redeemed.
    pub fn approve_substitution(&self, actor: &Actor, id: SubstitutionId) -> Result<Replaced, Error> {
        actor.must(Action::Decide)?;
        let now = self.now();
        let replaced = self.pool.write("substitution_approve", |tx| {
            let found = owned(tx, actor, id)?;
            if found.proposed_by == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            self.must_not_have_touched(tx, actor, &[found.old, found.new])?;
            store::substitutions::hold_rounds(tx, found.programme)?;
            store::turns::share(tx, &actor.agency)?;
            let state = SubstitutionState::Approved;
            if !store::substitutions::decide(tx, id, state, &found.note, actor.user, now)? {
                return Err(Refusal::AlreadyDecided.into());
            }
            let place = standing_as(tx, found.programme, found.old, Standing::Approved)?;
            standing_as(tx, found.programme, found.new, Standing::Reserve)?;
            self.exchange(tx, actor, &found)?;
            store::beneficiaries::take_place(tx, found.programme, found.new, &place)?;
            let replaced = self.exchange_papers(tx, actor, &found)?;
            let detail = format!(
                "{}: {} revoked, {} issued, {} redeemed before",
                state.as_str(),
                replaced.revoked.len(),
                replaced.issued.len(),
                replaced.redeemed
            );
            self.record(tx, actor.who(), Event::SubstitutionDecided, id, detail)?;
            Ok::<_, Error>(replaced)
        })?;
        self.close_gap()?;
        self.reload_issuers()?;
        Ok(replaced)
    }

    /// The one leaves, the other is approved; both as decisions. Whoever comes second finds nothing to do.
    fn exchange(&self, tx: &mut Write<'_>, actor: &Actor, found: &Substitution) -> Result<(), Error> {
        let source = |tx: &mut Write<'_>, id| -> Result<String, Error> {
            Ok(store::households::find(tx, id)?.map(|one| one.source_id).unwrap_or_default())
        };
        let paper = format!("{} ({})", statement(&found.statement_no), found.statement_date);
        let (old, new) = (source(tx, found.old)?, source(tx, found.new)?);
        let leaves = NewDecision {
            standing: Standing::NotEligible,
            reason: Some(Reason::Replaced),
            evidence: format!("{paper}; pengganti {new}"),
        };
        let comes = NewDecision {
            standing: Standing::Approved,
            reason: None,
            evidence: format!("{paper}; menggantikan {old}"),
        };
        let moves = [(found.old, Standing::Approved, leaves), (found.new, Standing::Reserve, comes)];
        for (household, from, decision) in moves {
            let stands = Stands {
                standing: decision.standing,
                reason: decision.reason,
                evidence: decision.evidence.clone(),
                by: actor.user,
            };
            let key = (found.programme, household);
            if !store::beneficiaries::move_standing(tx, key, from, &stands, self.now())? {
                return Err(store::Error::Raced.into());
            }
            self.keep_decisions(tx, actor, found.programme, &[household], &decision, None)?;
        }
        Ok(())
    }

    /// In every round that has not closed at the point of the voucher: the one's voucher is taken away and the other gets an entitlement.
    fn exchange_papers(&self, tx: &mut Write<'_>, actor: &Actor, found: &Substitution) -> Result<Replaced, Error> {
        let reason = format!("{REPLACED}{}", statement(&found.statement_no));
        let mut replaced = Replaced { revoked: Vec::new(), issued: Vec::new(), redeemed: 0 };
        let theirs = store::substitutions::papers_of(tx, found.programme, found.new)?;
        for (round, paper) in store::substitutions::papers_of(tx, found.programme, found.old)? {
            let (round, _) = programme::owned_round(tx, actor, round)?;
            let closed = store::closings::closed_number(tx, round.id, Some(paper.point))?.is_some();
            if closed || self.now() >= store::point_windows::at(tx, &round, paper.point)?.closes_at {
                continue;
            }
            if !self.take_away(tx, actor, &paper, &reason, &mut replaced)? {
                continue;
            }
            // What the household was still owed is not what another household is due.
            if paper.stands_for.is_none() && theirs.iter().all(|(other, _)| *other != round.id) {
                let awaiting = Awaiting {
                    household: found.new,
                    point: paper.point,
                    session_no: paper.session_no,
                    desk_no: paper.desk_no,
                };
                replaced.issued.push(self.issue_one(tx, actor, &round, awaiting)?);
            }
        }
        Ok(replaced)
    }

    /// Takes a voucher away, if it is still there to be taken; whether it was.
    fn take_away(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        paper: &Entitlement,
        reason: &str,
        replaced: &mut Replaced,
    ) -> Result<bool, Error> {
        match self.revoke_in(tx, actor, paper, reason)? {
            None => {
                replaced.revoked.push(paper.id);
                Ok(true)
            }
            // Redeemed before, or between the look and the change: nobody gets a second package for it.
            Some(State::Redeemed) => {
                replaced.redeemed += 1;
                Ok(false)
            }
            Some(State::Revoked | State::Expired) => Ok(false),
            // A device far from any network may hand it over at this moment.
            Some(state @ (State::Leased | State::Unresolved | State::Available)) => {
                Err(Refusal::PaperAway(state).into())
            }
        }
    }
}
