//! Deciding on households, one or many, within one transaction: all of them, or none.

use super::super::{Actor, Error, Office, Refusal, entry, programme};
use crate::domain::audit::Event;
use crate::domain::household::name_says_deceased;
use crate::domain::id::{DecisionId, HouseholdId, IntakeId, ProgrammeId};
use crate::domain::role::Action;
use crate::domain::verval::{BULK_MAX, EVIDENCE_MAX, Reason, Standing, check};
use crate::store::beneficiaries::Decided as Stands;
use crate::store::bnba::{Filter, Line};
use crate::store::decisions::Decision;
use crate::store::{self, Conn, Write};

/// On whom a decision is taken.
#[derive(Debug, Clone)]
pub enum Whom {
    /// On these.
    These(Vec<HouseholdId>),
    /// On all that match, if they still are so many as the person was shown.
    Matching {
        /// Which.
        filter: Filter,
        /// How many there were.
        expected: i64,
    },
}

/// A decision that somebody wants to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDecision {
    /// What is decided.
    pub standing: Standing,
    /// Why, when it is not eligible.
    pub reason: Option<Reason>,
    /// The note: the number of a letter, who said so.
    pub evidence: String,
}

/// What a decision came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// On how many households it was taken.
    pub decided: i64,
    /// On how many the same stood already, so that nothing was written.
    pub unchanged: i64,
    /// Those that are not approved now and still hold a voucher of a round that has not closed. The voucher
    /// stays good: a coordinator can revoke it.
    pub live_papers: Vec<HouseholdId>,
}

/// What a decision would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// How many households it is about.
    pub count: i64,
    /// Of these, on how many the same stands already.
    pub unchanged: i64,
    /// Of these, how many hold a voucher of a round that has not closed.
    pub live_papers: i64,
    /// Of these, how many may be the same as another, and nobody has said.
    pub suspected: i64,
    /// Of these, how many have a name that says that they died.
    pub deceased: i64,
    /// Whether the actor entered or changed one of them, and so may not decide.
    pub own: bool,
}

impl NewDecision {
    /// Checks that standing, reason and note go together, and that the note fits.
    fn checked(&self) -> Result<Self, Error> {
        check(self.standing, self.reason, &self.evidence).map_err(|fault| {
            let (field, why) = fault.field();
            Refusal::Invalid { field, why: why.into() }
        })?;
        let evidence = entry::text_or_empty("evidence", &self.evidence, EVIDENCE_MAX)?;
        Ok(Self { evidence, ..self.clone() })
    }

    /// Whether a household stands so already, for the same reason and with the same note.
    fn stands(&self, line: &Line) -> bool {
        line.standing == self.standing && line.reason == self.reason && line.evidence == self.evidence
    }
}

impl Office {
    /// The lines on which a decision would be taken, no more than a decision may be about.
    fn concerned(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        programme: ProgrammeId,
        whom: &Whom,
    ) -> Result<Vec<Line>, Error> {
        programme::owned_programme(conn, actor, programme)?;
        let ids = match whom {
            Whom::These(ids) => {
                let mut ids = ids.clone();
                ids.sort_unstable();
                ids.dedup();
                ids
            }
            Whom::Matching { filter, .. } => {
                let beside = self.beside(conn, programme)?;
                store::bnba::ids(conn, programme, filter, beside, BULK_MAX + 1)?
            }
        };
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        if count > BULK_MAX {
            return Err(Refusal::TooMany { count, max: BULK_MAX }.into());
        }
        if count == 0 {
            return Err(Refusal::Invalid { field: "households", why: "at least one household".into() }.into());
        }
        let lines = store::bnba::of(conn, programme, &ids)?;
        match whom {
            Whom::These(_) if lines.len() < ids.len() => Err(Refusal::NotFound("household").into()),
            _ => Ok(lines),
        }
    }

    /// What a decision would come to; nothing is changed.
    pub fn preview_decision(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        whom: &Whom,
        new: &NewDecision,
    ) -> Result<Preview, Error> {
        actor.must(Action::Decide)?;
        let new = new.checked()?;
        self.pool.read(|conn| {
            let lines = self.concerned(conn, actor, programme, whom)?;
            let ids: Vec<HouseholdId> = lines.iter().map(|line| line.household.id).collect();
            let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
            let mut suspected = std::collections::BTreeSet::new();
            for batch in ids.chunks(500) {
                suspected.extend(store::suspicions::open_among(conn, programme, batch)?);
            }
            Ok(Preview {
                count: size(ids.len()),
                unchanged: size(lines.iter().filter(|line| new.stands(line)).count()),
                live_papers: size(store::bnba::with_live_paper(conn, programme, &ids, self.now())?.len()),
                suspected: size(ids.iter().filter(|id| suspected.contains(id)).count()),
                deceased: size(lines.iter().filter(|line| name_says_deceased(&line.household.name)).count()),
                own: store::beneficiaries::touched_by(conn, actor.user, &ids)?.is_some(),
            })
        })
    }

    /// Decides on households of a programme: on all of them, or on none. No paper is touched by it.
    pub fn decide(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        whom: &Whom,
        new: &NewDecision,
    ) -> Result<Decided, Error> {
        actor.must(Action::Decide)?;
        let new = new.checked()?;
        self.pool.write("decide", |tx| {
            let lines = self.concerned(tx, actor, programme, whom)?;
            let found = i64::try_from(lines.len()).unwrap_or(i64::MAX);
            if let Whom::Matching { expected, .. } = whom
                && *expected != found
            {
                return Err(Refusal::CountChanged { expected: *expected, found }.into());
            }
            let changing: Vec<&Line> = lines.iter().filter(|line| !new.stands(line)).collect();
            let ids: Vec<HouseholdId> = changing.iter().map(|line| line.household.id).collect();
            self.must_not_have_touched(tx, actor, &ids)?;
            self.write_decisions(tx, actor, programme, &ids, &new, None)?;
            // Who comes back into the list may be in it already, under another id.
            let back: Vec<HouseholdId> = changing
                .iter()
                .filter(|line| line.standing == Standing::NotEligible && new.standing != Standing::NotEligible)
                .map(|line| line.household.id)
                .collect();
            self.suspect(tx, actor, programme, &back)?;
            let live_papers = match new.standing {
                Standing::Approved => Vec::new(),
                _ => store::bnba::with_live_paper(tx, programme, &ids, self.now())?,
            };
            let decided = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            let detail = format!("{} {decided}", new.standing.as_str());
            self.record(tx, actor.who(), Event::HouseholdsDecided, programme, detail)?;
            Ok(Decided { decided, unchanged: found - decided, live_papers })
        })
    }

    /// Refuses whoever entered one of these households, or changed it by a file.
    pub(super) fn must_not_have_touched(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        ids: &[HouseholdId],
    ) -> Result<(), Error> {
        match store::beneficiaries::touched_by(conn, actor.user, ids)? {
            None => Ok(()),
            Some(_) => Err(Refusal::SamePerson.into()),
        }
    }

    /// Lets a decision stand, and keeps it beside the earlier ones.
    pub(super) fn write_decisions(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        programme: ProgrammeId,
        ids: &[HouseholdId],
        new: &NewDecision,
        intake: Option<IntakeId>,
    ) -> Result<(), Error> {
        let stands =
            Stands { standing: new.standing, reason: new.reason, evidence: new.evidence.clone(), by: actor.user };
        let changed = store::beneficiaries::set_standing(tx, programme, ids, &stands, self.now())?;
        if changed != ids.len() {
            return Err(store::Error::Raced.into());
        }
        self.keep_decisions(tx, actor, programme, ids, new, intake)
    }

    /// Adds decisions to the record; what stands beside the households is the caller's to set.
    pub(super) fn keep_decisions(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        programme: ProgrammeId,
        ids: &[HouseholdId],
        new: &NewDecision,
        intake: Option<IntakeId>,
    ) -> Result<(), Error> {
        let at = self.now();
        let mut kept = Vec::with_capacity(ids.len());
        for id in ids {
            kept.push(Decision {
                id: self.new_id(DecisionId::by_time)?,
                programme,
                household: *id,
                standing: new.standing,
                reason: new.reason,
                evidence: new.evidence.clone(),
                intake,
                by: actor.user,
                at,
            });
        }
        Ok(store::decisions::insert(tx, &kept)?)
    }
}
