//! Exceptions: what a household is still owed becomes a right of its own, when one person has proposed it and another
//! has approved it. The first right never re-opens.
//!
//! What is owed is worked out from the rights themselves, at the proposal and once more at the approval, with the
//! first right held still: whoever settles it meanwhile (a lost device that is found) comes before or after, never
//! between.

mod settle;

use super::hold::owned_entitlement;
use super::{Actor, Error, Office, Refusal, entry, page, programme};
use crate::domain::audit::Event;
use crate::domain::entitlement::{Entitlement, StandsFor, State};
use crate::domain::exception::{Cause, Member, NothingDue, Owed, Standing, doubled, owed, part, within};
use crate::domain::id::{CaseId, EntitlementId, ExceptionId, Identifier, RoundId};
use crate::domain::money::Money;
use crate::domain::package::Package;
use crate::domain::programme::Round;
use crate::domain::redemption::{Given, HandoutFault, hand_out};
use crate::domain::role::Action;
use crate::store::exceptions::Exception;
use crate::store::{self, Conn, Write};
use crate::transparency::{Kind, Leaf};

/// The longest reason, in characters.
const REASON_MAX: usize = 400;

/// What a person proposes.
#[derive(Debug, Clone, Default)]
pub struct NewException {
    /// Why, in words. Kept sealed.
    pub reason: String,
    /// The case from which it follows, where there is one.
    pub case: Option<CaseId>,
    /// What is to be given, when it is not all that is owed.
    pub items: Option<Vec<Given>>,
}

/// An exception on a screen.
#[derive(Debug, Clone)]
pub struct ExceptionView {
    /// The exception.
    pub exception: Exception,
    /// Why, in words.
    pub reason: String,
    /// What the one who decided says.
    pub note: String,
    /// The household's name.
    pub household: String,
    /// The point's code.
    pub point: String,
    /// What it holds, as people read it.
    pub items: Vec<String>,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who decided.
    pub decided_by: Option<String>,
    /// Whether the actor proposed it, who then may not decide.
    pub own_proposal: bool,
    /// Where the right that came of it stands.
    pub state: Option<State>,
}

/// One right of a household in a round, on a screen.
#[derive(Debug, Clone)]
pub struct MemberView {
    /// The right.
    pub entitlement: EntitlementId,
    /// Where it stands.
    pub state: State,
    /// Whether it is an exception.
    pub exception: bool,
    /// What it holds, as people read it.
    pub holds: Vec<String>,
    /// What its handout gave; nothing when there was none.
    pub gave: Option<Vec<String>>,
    /// A case decided that its handout does not count.
    pub reversed: bool,
}

/// What is owed, on a screen.
#[derive(Debug, Clone)]
pub struct OwedView {
    /// Why.
    pub cause: Cause,
    /// The lines, in base units.
    pub lines: Vec<Given>,
    /// The lines as people read them.
    pub labels: Vec<String>,
}

/// All that a household has and is owed in a round.
#[derive(Debug, Clone)]
pub struct FamilyView {
    /// The first right.
    pub first: EntitlementId,
    /// The round.
    pub round: Round,
    /// The household's name.
    pub household: String,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// The point's code.
    pub point: String,
    /// The rights, as they were issued.
    pub members: Vec<MemberView>,
    /// What is owed, or why nothing is.
    pub owed: Result<OwedView, NothingDue>,
    /// What was proposed and decided, oldest first.
    pub exceptions: Vec<ExceptionView>,
}

/// The rights of a household in a round, with what each of them is.
struct Family {
    package: Package,
    rights: Vec<Entitlement>,
    members: Vec<Member>,
}

impl Family {
    fn read(conn: &mut Conn, first: EntitlementId, round: &Round) -> Result<Self, Error> {
        let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
        let rights = store::entitlements::family(conn, first)?;
        let mut members = Vec::with_capacity(rights.len());
        for one in &rights {
            members.push(Member {
                id: one.id,
                state: one.state,
                holds: holds(conn, one)?,
                gave: store::exceptions::given_of(conn, one.id)?,
                worth: store::redemptions::worth_of(conn, one.id)?,
                reversed: store::exceptions::reversal_of(conn, one.id)?.is_some(),
                replaced: one.marks.replaced,
            });
        }
        Ok(Self { package, rights, members })
    }

    fn owed(&self) -> Result<Owed, NothingDue> {
        owed(&self.package.items, &self.members)
    }

    /// What a right with these lines is worth, of what is owed: all of it, all that the household has not had of the
    /// first right's value, whatever was rounded away before. After a double handout that sum says nothing of what is
    /// still owed: then it is the lines' own price.
    fn value_of(&self, owed: &Owed, lines: &[Given]) -> Result<Money, Error> {
        if lines == owed.lines
            && !doubled(&self.package.items, &self.members)
            && let Some(first) = self.rights.first()
        {
            let mut had = self.members.iter().filter(|one| one.counts()).filter_map(|one| one.worth);
            let rest = had.try_fold(first.value, |rest, worth| rest.minus(worth));
            return rest.map_err(|_| Error::Broken(format!("more was had than {} was worth", first.id)));
        }
        let handout = hand_out(&self.package.items, Some(lines));
        handout.map(|handout| handout.value).map_err(|_| Error::Broken("what is owed does not fit its package".into()))
    }

    fn named(&self, lines: &[Given]) -> Vec<String> {
        labels(&self.package, lines)
    }
}

/// Lines as people read them.
fn labels(package: &Package, lines: &[Given]) -> Vec<String> {
    let lines: Vec<Given> = lines.iter().filter(|line| line.quantity > 0).cloned().collect();
    part(package, &lines).items.iter().map(crate::domain::package::Item::label).collect()
}

/// What a right holds, when it is an exception: its own lines, and not what the package of its round says.
pub(super) fn holds(conn: &mut Conn, one: &Entitlement) -> Result<Option<Vec<Given>>, Error> {
    if one.stands_for.is_none() {
        return Ok(None);
    }
    let lines = store::exceptions::held_by(conn, one.id)?;
    if lines.is_empty() { Err(Error::Broken(format!("exception {} holds nothing", one.id))) } else { Ok(Some(lines)) }
}

/// The package as a right holds it: what its paper and a screen say.
pub(super) fn contents(conn: &mut Conn, one: &Entitlement, package: Package) -> Result<Package, Error> {
    Ok(match holds(conn, one)? {
        Some(lines) => Package { value: one.value, ..part(&package, &lines) },
        None => package,
    })
}

impl Office {
    /// What a household has and is owed in the round of one of its rights. The look is on record.
    pub fn exception_family(&self, actor: &Actor, id: EntitlementId) -> Result<FamilyView, Error> {
        actor.must(Action::ReadExceptions)?;
        let view = self.pool.read_snapshot(|conn| {
            let first = owned_entitlement(conn, actor, id)?.first();
            let sheet = store::entitlements::sheet(conn, first)?.ok_or(Refusal::NotFound("entitlement"))?;
            let (round, _) = programme::owned_round(conn, actor, sheet.entitlement.round)?;
            let family = Family::read(conn, first, &round)?;
            let all: Vec<Given> = family
                .package
                .items
                .iter()
                .map(|item| Given { code: item.code.clone(), quantity: item.quantity })
                .collect();
            let members = family
                .members
                .iter()
                .map(|one| MemberView {
                    entitlement: one.id,
                    state: one.state,
                    exception: one.id != first,
                    holds: family.named(one.holds.as_deref().unwrap_or(&all)),
                    gave: (one.state == State::Redeemed)
                        .then(|| family.named(one.gave.as_deref().or(one.holds.as_deref()).unwrap_or(&all))),
                    reversed: one.reversed,
                })
                .collect();
            let found = store::exceptions::of(conn, first)?;
            Ok::<_, Error>(FamilyView {
                first,
                nik_masked: self.nik_masked(&sheet.household)?,
                household: sheet.household.name,
                point: sheet.point.1,
                owed: family.owed().map(|owed| OwedView {
                    cause: owed.cause,
                    labels: family.named(&owed.lines),
                    lines: owed.lines,
                }),
                members,
                exceptions: self.exception_views(conn, actor, found)?,
                round,
            })
        })?;
        self.record_look(actor, Event::HouseholdsViewed, id, "exceptions".to_owned())?;
        Ok(view)
    }

    /// The exceptions of a round, newest first. The look is on record.
    pub fn exceptions(
        &self,
        actor: &Actor,
        round: RoundId,
        standing: Option<Standing>,
        before: Option<ExceptionId>,
        limit: Option<i64>,
    ) -> Result<Vec<ExceptionView>, Error> {
        actor.must(Action::ReadExceptions)?;
        let views = self.pool.read(|conn| {
            programme::owned_round(conn, actor, round)?;
            let found = store::exceptions::list(conn, round, standing, before, page(limit))?;
            self.exception_views(conn, actor, found)
        })?;
        self.record_look(actor, Event::HouseholdsViewed, round, format!("{} exceptions", views.len()))?;
        Ok(views)
    }

    /// One exception.
    pub fn exception(&self, actor: &Actor, id: ExceptionId) -> Result<ExceptionView, Error> {
        actor.must(Action::ReadExceptions)?;
        self.pool.read(|conn| {
            let found = owned(conn, actor, id)?;
            let view = self.exception_views(conn, actor, vec![found])?.pop();
            view.ok_or_else(|| Refusal::NotFound("exception").into())
        })
    }

    /// Proposes that a household gets what it is still owed. Nothing changes until another person approves it.
    pub fn propose_exception(
        &self,
        actor: &Actor,
        id: EntitlementId,
        new: &NewException,
    ) -> Result<ExceptionId, Error> {
        actor.must(Action::ProposeException)?;
        let reason = entry::text("reason", &new.reason, REASON_MAX)?;
        self.pool.write("exception_propose", |tx| {
            store::turns::share(tx, &actor.agency)?;
            let first = owned_entitlement(tx, actor, id)?.first();
            store::entitlements::hold(tx, first)?;
            let one = owned_entitlement(tx, actor, first)?;
            let (round, _) = self.open_round(tx, actor, &one)?;
            let family = Family::read(tx, first, &round)?;
            if store::exceptions::of(tx, first)?.iter().any(|known| known.standing == Standing::Proposed) {
                return Err(Refusal::NothingOwed(NothingDue::ExceptionOpen).into());
            }
            let owed = family.owed().map_err(Refusal::NothingOwed)?;
            let lines = chosen(&owed.lines, new.items.as_deref())?;
            let value = family.value_of(&owed, &lines)?;
            let case = match new.case {
                Some(case) => Some(case_about(tx, actor, case, &family.members)?),
                None => store::exceptions::reversal_of(tx, owed.follows)?,
            };
            let id = self.new_id(ExceptionId::by_time)?;
            let proposal = Exception {
                id,
                agency: actor.agency,
                round: round.id,
                first,
                follows: owed.follows,
                cause: owed.cause,
                case,
                reason: self.seal_text(id.bytes(), &reason)?,
                lines,
                value,
                standing: Standing::Proposed,
                proposed: (actor.user, self.now()),
                decided: None,
                note: None,
                entitlement: None,
            };
            store::exceptions::insert(tx, &proposal).map_err(|error| match error {
                store::Error::Unique(_) => Error::from(Refusal::NothingOwed(NothingDue::ExceptionOpen)),
                other => other.into(),
            })?;
            self.record(tx, actor.who(), Event::ExceptionProposed, first, format!("{}: {id}", owed.cause.as_str()))?;
            Ok(id)
        })
    }

    /// Approves a proposal, or does not. Approved, the household has another voucher, of what it is owed and no more,
    /// and the budget is committed for it; the entitlement is returned. Refused to whoever proposed it, and to whoever
    /// entered the household or handed something over to it (V11).
    pub fn decide_exception(
        &self,
        actor: &Actor,
        id: ExceptionId,
        approve: bool,
        note: &str,
    ) -> Result<Option<EntitlementId>, Error> {
        actor.must(Action::DecideException)?;
        let note = if approve {
            entry::text_or_empty("note", note, REASON_MAX)?
        } else {
            entry::text("note", note, REASON_MAX)?
        };
        let made = self.pool.write("exception_decide", |tx| {
            store::turns::share(tx, &actor.agency)?;
            let first = owned(tx, actor, id)?.first;
            store::entitlements::hold(tx, first)?;
            // Whoever decided meanwhile was waited for.
            let proposal = owned(tx, actor, id)?;
            if proposal.standing != Standing::Proposed {
                return Err(Refusal::AlreadyDecided.into());
            }
            if proposal.proposed.0 == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            let note = self.seal_text(id.bytes(), &note)?;
            let decided = Exception { decided: Some((actor.user, self.now())), note: Some(note), ..proposal.clone() };
            let decided = if approve {
                let made = self.approve(tx, actor, &proposal)?;
                Exception { standing: Standing::Approved, entitlement: Some(made), ..decided }
            } else {
                self.record(tx, actor.who(), Event::ExceptionDeclined, first, id.to_string())?;
                Exception { standing: Standing::Declined, ..decided }
            };
            if !store::exceptions::decide(tx, &decided)? {
                return Err(Refusal::AlreadyDecided.into());
            }
            Ok::<_, Error>(decided.entitlement)
        })?;
        self.reload_issuers()?;
        Ok(made)
    }

    fn approve(&self, tx: &mut Write<'_>, actor: &Actor, proposal: &Exception) -> Result<EntitlementId, Error> {
        let one = owned_entitlement(tx, actor, proposal.first)?;
        let household = store::households::find(tx, one.household)?.ok_or(Refusal::NotFound("household"))?;
        let handed = store::exceptions::operators_of(tx, proposal.first)?;
        if household.entered_by == actor.user || handed.contains(&actor.user) {
            return Err(Refusal::SamePerson.into());
        }
        let (round, _) = self.open_round(tx, actor, &one)?;
        let family = Family::read(tx, proposal.first, &round)?;
        let owed = family.owed().map_err(Refusal::NothingOwed)?;
        let same = (owed.cause, owed.follows) == (proposal.cause, proposal.follows);
        if !same || within(Some(&owed.lines), Some(&proposal.lines)).is_err() {
            return Err(Refusal::OwedChanged.into());
        }
        let number = i32::try_from(family.rights.len()).unwrap_or(i32::MAX);
        let leaf = Leaf {
            link: Some(proposal.first),
            word: Some(proposal.cause.as_str().to_owned()),
            subject: Some(*proposal.proposed.0.bytes()),
            items: proposal.lines.iter().map(|line| (line.code.clone(), line.quantity)).collect(),
            reversed: family
                .members
                .iter()
                .filter(|one| one.state == State::Redeemed && one.reversed)
                .map(|one| one.id)
                .collect(),
            ..self.leaf_of(actor, Kind::Exception)
        };
        let stands_for = StandsFor { first: proposal.first, number };
        let made = self.issue_exception(tx, actor, (&round, &one), stands_for, proposal.value, &leaf)?;
        self.record(tx, actor.who(), Event::ExceptionApproved, proposal.first, format!("{}: {made}", proposal.id))?;
        Ok(made)
    }

    /// The round of a right, which must still be open where the right can be redeemed.
    fn open_round(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        one: &Entitlement,
    ) -> Result<(Round, crate::domain::programme::Programme), Error> {
        let (round, programme) = programme::owned_round(tx, actor, one.round)?;
        super::stock::must_not_be_closed(tx, round.id, Some(one.point))?;
        if self.now() >= store::point_windows::at(tx, &round, one.point)?.closes_at {
            return Err(Refusal::RoundOver.into());
        }
        Ok((round, programme))
    }

    fn exception_views(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        found: Vec<Exception>,
    ) -> Result<Vec<ExceptionView>, Error> {
        let people: Vec<_> =
            found.iter().flat_map(|one| [Some(one.proposed.0), one.decided.map(|(by, _)| by)]).flatten().collect();
        let people = store::evidence::names(conn, &people)?;
        let mut views = Vec::with_capacity(found.len());
        for one in found {
            let sheet = store::entitlements::sheet(conn, one.first)?.ok_or(Refusal::NotFound("entitlement"))?;
            let round = store::rounds::find(conn, one.round)?.ok_or(Refusal::NotFound("round"))?;
            let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
            let state = match one.entitlement {
                Some(id) => store::entitlements::find(conn, id)?.map(|(right, _)| right.state),
                None => None,
            };
            let name = |id| people.get(&id).cloned().unwrap_or_default();
            views.push(ExceptionView {
                reason: self.open_text(one.id.bytes(), &one.reason)?,
                note: one
                    .note
                    .as_ref()
                    .map(|note| self.open_text(one.id.bytes(), note))
                    .transpose()?
                    .unwrap_or_default(),
                household: sheet.household.name,
                point: sheet.point.1,
                items: labels(&package, &one.lines),
                proposed_by: name(one.proposed.0),
                decided_by: one.decided.map(|(by, _)| name(by)),
                own_proposal: one.proposed.0 == actor.user,
                state,
                exception: one,
            });
        }
        Ok(views)
    }
}

fn owned(conn: &mut Conn, actor: &Actor, id: ExceptionId) -> Result<Exception, Error> {
    let found = store::exceptions::find(conn, id)?.ok_or(Refusal::NotFound("exception"))?;
    actor.must_own(found.agency, "exception")?;
    Ok(found)
}

/// The case that somebody names: one about one of these rights.
fn case_about(conn: &mut Conn, actor: &Actor, id: CaseId, members: &[Member]) -> Result<CaseId, Error> {
    let (case, _) = store::cases::find(conn, id)?.ok_or(Refusal::NotFound("case"))?;
    actor.must_own(case.agency, "case")?;
    if members.iter().any(|one| Some(one.id) == case.entitlement) {
        return Ok(id);
    }
    Err(Refusal::Invalid { field: "case_id", why: "a case about this entitlement".to_owned() }.into())
}

/// All that is owed, or as much of it as the caller names.
fn chosen(owed: &[Given], named: Option<&[Given]>) -> Result<Vec<Given>, Error> {
    let Some(named) = named else { return Ok(owed.to_vec()) };
    let wrong = |code: &str| -> Error {
        let line = owed.iter().find(|line| line.code == code);
        let max = line.map_or(0, |line| line.quantity);
        Refusal::Invalid { field: "items", why: format!("{code}: at most {max}") }.into()
    };
    let twice = named.iter().enumerate().find(|(place, line)| named[..*place].iter().any(|one| one.code == line.code));
    if let Some((_, line)) = twice.or_else(|| named.iter().enumerate().find(|(_, line)| line.quantity < 0)) {
        return Err(wrong(&line.code));
    }
    match within(Some(owed), Some(named)) {
        Err(HandoutFault::NotInPackage { code } | HandoutFault::Quantity { code }) => Err(wrong(&code)),
        Ok(_) => {
            let lines: Vec<Given> = named.iter().filter(|line| line.quantity > 0).cloned().collect();
            let none = || Refusal::Invalid { field: "items", why: "at least one line".to_owned() };
            if lines.is_empty() { Err(none().into()) } else { Ok(lines) }
        }
    }
}
