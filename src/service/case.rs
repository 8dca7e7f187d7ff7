//! Cases: opened by people and by the program, decided by two, and never taken away.

use super::{Actor, Error, Office, Refusal, entry, page, programme};
use crate::domain::audit::Event;
use crate::domain::case::{Case, CaseKind, CaseState, CaseStep, Outcome, Posting};
use crate::domain::household::hide_numbers;
use crate::domain::id::{
    AgencyId, CaseId, CaseStepId, DeviceId, EntitlementId, Identifier, PointId, RedemptionId, RoundId, UserId,
};
use crate::domain::money::Money;
use crate::domain::role::{Action, Role};
use crate::domain::sealed::{Field, Sealed};
use crate::domain::time::Timestamp;
use crate::store::cases::{Filter, Step};
use crate::store::{self, Conn, Write};

/// The longest text that a person writes about a case, in characters.
const TEXT_MAX: usize = 1_000;
/// No decision posts more packages than that beside those that were redeemed.
const EXTRA_PACKAGES_MAX: i64 = 1_000;

/// A case that is to be opened.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// What it is about.
    pub kind: CaseKind,
    /// What tells it from every other case of the agency; nothing for a case that is like no other.
    pub key: Option<String>,
    /// The round.
    pub round: Option<RoundId>,
    /// The point.
    pub point: Option<PointId>,
    /// The entitlement.
    pub entitlement: Option<EntitlementId>,
    /// The device.
    pub device: Option<DeviceId>,
    /// What happened, in sentences. Kept sealed.
    pub detail: String,
    /// Numbers of receipts and documents; never personal data.
    pub evidence: String,
}

/// What a person does about a case.
#[derive(Debug, Clone)]
pub struct NewCaseStep {
    /// What they do.
    pub step: CaseStep,
    /// What they say: due for all but taking it and agreeing.
    pub text: String,
    /// How it is to be decided; due with a proposal.
    pub outcome: Option<Outcome>,
    /// What that posts.
    pub posting: Posting,
}

/// A case on a screen.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// What happened.
    pub detail: String,
    /// The point's code.
    pub point: Option<String>,
    /// The round's name.
    pub round: Option<String>,
    /// Who opened it; nothing for the program.
    pub opened_by: Option<String>,
    /// Who follows it up.
    pub owner: Option<String>,
    /// Who proposed the decision.
    pub proposed_by: Option<String>,
    /// Who agreed.
    pub decided_by: Option<String>,
    /// Whether the actor proposed it, who then may not agree.
    pub own_proposal: bool,
    /// Its age in whole days.
    pub age_days: i64,
    /// The name of the household that it is about, where it is about one. Empty in a listing.
    pub household: Option<String>,
    /// The handout that stands of its right, by its number. Empty in a listing.
    pub handout: Option<(RedemptionId, String)>,
    /// What was done, oldest first: what, said, by whom, when. Empty in a listing.
    pub steps: Vec<(String, String, Option<String>, Timestamp)>,
}

/// Which cases to list.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Of this state.
    pub state: Option<CaseState>,
    /// Those that are not closed.
    pub unclosed: bool,
    /// Of this kind.
    pub kind: Option<CaseKind>,
    /// Of this round.
    pub round: Option<RoundId>,
}

impl Office {
    /// Opens a case inside a transaction of whoever found it, for them or for the program itself. With a key
    /// that a case has already, nothing is added and that case is named; so a replay opens no second one.
    pub(super) fn open_case(
        &self,
        tx: &mut Write<'_>,
        who: (AgencyId, Option<UserId>),
        new: &NewCase,
    ) -> Result<CaseId, Error> {
        let id = self.new_id(CaseId::by_time)?;
        let now = self.now();
        let key = new.key.clone().unwrap_or_else(|| id.to_string());
        if let Some(known) = store::cases::by_key(tx, who.0, &key)? {
            return Ok(known);
        }
        let case = Case {
            id,
            agency: who.0,
            kind: new.kind,
            state: CaseState::Open,
            round: new.round,
            point: new.point,
            entitlement: new.entitlement,
            device: new.device,
            evidence: new.evidence.clone(),
            opened_by: who.1,
            opened_at: now,
            owner: None,
            outcome: None,
            posting: Posting::default(),
            proposed: None,
            decided: None,
            closed: None,
        };
        let detail = self.seal_text(id.bytes(), &new.detail)?;
        if !store::cases::open(tx, &case, &key, &detail)? {
            // Somebody opened it between the look and the change.
            return store::cases::by_key(tx, who.0, &key)?.ok_or_else(|| store::Error::Raced.into());
        }
        self.record(tx, (Some(who.0), who.1), Event::CaseOpened, id, new.kind.as_str())?;
        Ok(id)
    }

    /// Opens a case for a person who reports it.
    pub fn report_case(&self, actor: &Actor, new: &NewCase) -> Result<CaseId, Error> {
        actor.must(Action::OpenCase)?;
        let new = NewCase {
            detail: entry::text("detail", &new.detail, TEXT_MAX)?,
            evidence: entry::text_or_empty("evidence", &new.evidence, 400)?,
            key: None,
            ..new.clone()
        };
        self.pool.write("case_open", |tx| {
            store::turns::share(tx, &actor.agency)?;
            if let Some(round) = new.round {
                programme::owned_round(tx, actor, round)?;
            }
            if let Some(point) = new.point {
                let point = store::points::find(tx, point)?.ok_or(Refusal::NotFound("point"))?;
                actor.must_own(point.agency, "point")?;
            }
            let mut new = new.clone();
            if let Some(id) = new.entitlement {
                let (entitlement, agency) =
                    store::entitlements::find(tx, id)?.ok_or(Refusal::NotFound("entitlement"))?;
                actor.must_own(agency, "entitlement")?;
                new.round = Some(entitlement.round);
                new.point = new.point.or(Some(entitlement.point));
            }
            if actor.role == Role::Operator {
                new.point = actor.point;
                new.device = actor.device;
            }
            self.open_case(tx, (actor.agency, Some(actor.user)), &new)
        })
    }

    /// The cases of the actor's agency, newest first. The look is on record.
    pub fn cases(
        &self,
        actor: &Actor,
        filter: &CaseFilter,
        before: Option<CaseId>,
        limit: Option<i64>,
    ) -> Result<Vec<CaseView>, Error> {
        actor.must(Action::ReadCases)?;
        let views = self.pool.read(|conn| {
            if let Some(round) = filter.round {
                programme::owned_round(conn, actor, round)?;
            }
            let filter = Filter {
                state: filter.state,
                unclosed: filter.unclosed,
                kind: filter.kind,
                round: filter.round,
                ..Filter::default()
            };
            let found = store::cases::list(conn, actor.agency, &filter, before, page(limit))?;
            self.case_views(conn, actor, found)
        })?;
        self.record_look(actor, Event::CasesViewed, actor.agency, format!("{}", views.len()))?;
        Ok(views)
    }

    /// One case with all its steps. The look is on record.
    pub fn case(&self, actor: &Actor, id: CaseId) -> Result<CaseView, Error> {
        actor.must(Action::ReadCases)?;
        let view = self.pool.read(|conn| {
            let found = owned_case(conn, actor, id)?;
            let steps = store::cases::steps(conn, id)?;
            let people: Vec<UserId> = steps.iter().filter_map(|step| step.by).collect();
            let people = store::evidence::names(conn, &people)?;
            let mut view = self.case_views(conn, actor, vec![found])?.pop().ok_or(Refusal::NotFound("case"))?;
            if let Some(right) = view.case.entitlement {
                view.household = store::entitlements::sheet(conn, right)?.map(|sheet| sheet.household.name);
                view.handout = store::redemptions::first_of(conn, right)?.map(|first| (first.id, first.number));
            }
            for step in steps {
                let said = self.open_text(id.bytes(), &step.text)?;
                view.steps.push((step.step, said, step.by.and_then(|by| people.get(&by).cloned()), step.at));
            }
            Ok::<_, Error>(view)
        })?;
        self.record_look(actor, Event::CasesViewed, id, "1".to_owned())?;
        Ok(view)
    }

    /// Does something about a case. Who proposed a decision may not agree to it; what a decision posts is
    /// fixed when it is proposed, and counts when it is agreed to.
    pub fn step_case(&self, actor: &Actor, id: CaseId, new: &NewCaseStep) -> Result<CaseState, Error> {
        actor.must(if new.step == CaseStep::Close { Action::PostCase } else { Action::DecideCase })?;
        let said = match new.step {
            CaseStep::Take | CaseStep::Agree if new.text.trim().is_empty() => String::new(),
            _ => entry::text("text", &new.text, TEXT_MAX)?,
        };
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
        if new.step == CaseStep::Propose {
            if new.outcome.is_none() {
                return Err(invalid("outcome", "upheld, dismissed or settled"));
            }
            if Money::new(new.posting.loss_minor).is_err() {
                return Err(invalid("loss_minor", "a whole amount, not below 0"));
            }
            if !(0..=EXTRA_PACKAGES_MAX).contains(&new.posting.extra_packages) {
                return Err(invalid("extra_packages", "a whole number from 0 to 1000"));
            }
        }
        self.pool.write("case_step", |tx| {
            store::turns::share(tx, &actor.agency)?;
            // The moment is one at which nobody closes: what is decided later has a later one than the close.
            let now = self.now();
            let (mut case, _) = owned_case(tx, actor, id)?;
            let from = case.state;
            let Some(to) = from.after(new.step) else { return Err(Refusal::WrongStep(from.as_str()).into()) };
            match new.step {
                CaseStep::Note => {}
                CaseStep::Take => case.owner = Some(actor.user),
                CaseStep::Propose => {
                    if new.posting.extra_packages > 0 && (case.round.is_none() || case.point.is_none()) {
                        return Err(invalid("extra_packages", "only for a case of one round and one point"));
                    }
                    case.outcome = new.outcome;
                    case.posting = new.posting;
                    case.proposed = Some((actor.user, now));
                    case.owner = case.owner.or(Some(actor.user));
                }
                CaseStep::Agree => {
                    if case.proposed.is_some_and(|(by, _)| by == actor.user) {
                        return Err(Refusal::SamePerson.into());
                    }
                    case.decided = Some((actor.user, now));
                    if let Some(id) = case.entitlement.filter(|_| case.posting.extra_packages > 0) {
                        self.replace_step(tx, actor.who(), id, case.proposed.map(|(_, at)| at))?;
                    }
                }
                CaseStep::Disagree => {
                    case.outcome = None;
                    case.posting = Posting::default();
                    case.proposed = None;
                }
                CaseStep::Close => case.closed = Some((actor.user, now)),
            }
            case.state = to;
            if !store::cases::advance(tx, &case, from)? {
                return Err(store::Error::Raced.into());
            }
            let step = Step {
                id: self.new_id(CaseStepId::by_time)?,
                case: id,
                step: new.step.as_str().to_owned(),
                text: self.seal_text(id.bytes(), &said)?,
                by: Some(actor.user),
                at: now,
            };
            store::cases::insert_step(tx, &step)?;
            self.record(tx, actor.who(), Event::CaseStepTaken, id, new.step.as_str())?;
            Ok(to)
        })
    }

    fn case_views(&self, conn: &mut Conn, actor: &Actor, found: Vec<(Case, Sealed)>) -> Result<Vec<CaseView>, Error> {
        let now = self.now();
        let by = |some: Option<(UserId, Timestamp)>| some.map(|one| one.0);
        let people: Vec<UserId> = found
            .iter()
            .flat_map(|(case, _)| [case.opened_by, case.owner, by(case.proposed), by(case.decided)])
            .flatten()
            .collect();
        let people = store::evidence::names(conn, &people)?;
        let name = |id: Option<UserId>| id.and_then(|id| people.get(&id).cloned());
        let points = store::points::of_agency(conn, actor.agency)?;
        let mut views = Vec::with_capacity(found.len());
        for (case, detail) in found {
            let round = match case.round {
                Some(id) => store::rounds::find(conn, id)?.map(|round| round.name),
                None => None,
            };
            views.push(CaseView {
                detail: self.open_text(case.id.bytes(), &detail)?,
                point: points.iter().find(|point| Some(point.id) == case.point).map(|point| point.code.clone()),
                round,
                opened_by: name(case.opened_by),
                owner: name(case.owner),
                proposed_by: name(by(case.proposed)),
                decided_by: name(by(case.decided)),
                own_proposal: by(case.proposed) == Some(actor.user),
                age_days: case.age_days(now),
                household: None,
                handout: None,
                steps: Vec::new(),
                case,
            });
        }
        Ok(views)
    }

    pub(super) fn seal_text(&self, case: &[u8; 16], text: &str) -> Result<Sealed, Error> {
        Ok(self.vault.seal(Field::CaseText, case, self.draw()?, text.as_bytes())?)
    }

    pub(super) fn open_text(&self, case: &[u8; 16], sealed: &Sealed) -> Result<String, Error> {
        // Of a household whose data were erased nothing is left to open.
        if sealed.ciphertext().is_empty() {
            return Ok(String::new());
        }
        let opened = self.vault.open(Field::CaseText, case, sealed)?;
        // What a device reported, and what was written before, may hold the number of a person.
        Ok(hide_numbers(&String::from_utf8_lossy(&opened)).into_owned())
    }
}

fn owned_case(conn: &mut Conn, actor: &Actor, id: CaseId) -> Result<(Case, Sealed), Error> {
    let found = store::cases::find(conn, id)?.ok_or(Refusal::NotFound("case"))?;
    actor.must_own(found.0.agency, "case")?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{SystemClock, SystemEntropy};
    use crate::service::{DemoWanted, prepare};
    use crate::vault::{MasterKey, Vault};

    #[test]
    fn a_replay_opens_no_second_case_and_a_transaction_that_fails_opens_none() {
        let folder = tempfile::tempdir().unwrap();
        let pool = prepare(&format!("sqlite://{}", folder.path().join("salur.db").display()), 2).unwrap();
        let vault = Vault::new(&MasterKey::from_random([7; 32])).unwrap();
        let facts = folder.path().join("facts");
        let office = Office::open(pool, vault, Arc::new(SystemClock), Arc::new(SystemEntropy), None, &facts).unwrap();
        let demo = office.make_demo(DemoWanted { households: 1, seed: 1 }, &|_, _, _| {}).unwrap();
        let finance = office.who_bears(&demo.tokens["finance"]).unwrap();
        let new = NewCase {
            kind: CaseKind::Conflict,
            key: Some("conflict:1".into()),
            round: Some(demo.round_id),
            point: None,
            entitlement: None,
            device: None,
            detail: "dua tanda terima".into(),
            evidence: "A-1, B-2".into(),
        };
        let open = |new: &NewCase| office.pool.write("a test", |tx| office.open_case(tx, (finance.agency, None), new));
        let (first, again) = (open(&new).unwrap(), open(&new).unwrap());
        assert_eq!(first, again);
        let other = open(&NewCase { key: Some("conflict:2".into()), ..new.clone() }).unwrap();
        assert_ne!(first, other);
        let failed: Result<(), Error> = office.pool.write("a test", |tx| {
            office.open_case(tx, (finance.agency, None), &NewCase { key: Some("conflict:3".into()), ..new.clone() })?;
            Err(Error::Broken("on purpose".into()))
        });
        assert!(failed.is_err());
        let found = office.cases(&finance, &CaseFilter::default(), None, None).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|view| view.opened_by.is_none()), "the program opened them");
    }
}
