//! What has had its time: personal data are erased, sums and receipts stay; unless a legal hold stands.

use super::entry::text;
use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{AgencyId, HouseholdId, Identifier, LegalHoldId, UserId};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::time::Timestamp;
pub use crate::store::legal_holds::LegalHold as LegalHoldView;
use crate::store::{self, Conn};

/// How many households are looked at together.
const BATCH: i64 = 500;

/// A year, as retention counts it: leap days make it a little longer, never shorter.
const YEAR_MILLIS: i64 = 366 * 24 * 60 * 60 * 1_000;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// For how many years personal data are kept.
    pub years: i64,
    /// Households whose last round closed before this are due.
    pub before: Timestamp,
    /// How many are due.
    pub due: i64,
    /// Whether a legal hold stands.
    pub held: bool,
    /// What one person has asked to be erased, until another agrees.
    pub asked: Option<ErasureAsked>,
}

/// What one person has asked to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasureAsked {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// How many households were due then.
    pub count: i64,
}

impl ErasureAsked {
    fn kept(&self) -> String {
        format!("{} {} {}", self.by, self.at.millis(), self.count)
    }

    fn read(kept: &str) -> Option<Self> {
        let mut words = kept.split(' ');
        let by = words.next()?.parse().ok()?;
        let at = Timestamp::from_millis(words.next()?.parse().ok()?).ok()?;
        Some(Self { by, at, count: words.next()?.parse().ok()? })
    }
}

/// Under which name the installation keeps what an agency's administrator has asked to be erased.
fn asked_name(agency: AgencyId) -> String {
    format!("erasure_asked {agency}")
}

fn asked(conn: &mut Conn, agency: AgencyId) -> Result<Option<ErasureAsked>, Error> {
    Ok(store::installation::get(conn, &asked_name(agency))?.as_deref().and_then(ErasureAsked::read))
}

impl Office {
    fn kept_since(&self) -> Timestamp {
        self.now().plus_millis(self.retention_years.saturating_mul(-YEAR_MILLIS))
    }

    fn due(&self, actor: &Actor, before: Timestamp) -> Result<Vec<HouseholdId>, Error> {
        let (mut due, mut after) = (Vec::new(), None);
        loop {
            let (found, next) =
                self.pool.read(|conn| store::erasures::due(conn, actor.agency, before, after, BATCH))?;
            due.extend(found);
            match next {
                Some(next) => after = Some(next),
                None => return Ok(due),
            }
        }
    }

    /// How many households of the agency are due.
    pub fn retention(&self, actor: &Actor) -> Result<Retention, Error> {
        actor.must(Action::ManageRetention)?;
        let before = self.kept_since();
        let due = i64::try_from(self.due(actor, before)?.len()).unwrap_or(i64::MAX);
        self.pool.read(|conn| {
            let held = store::legal_holds::any_stands(conn, actor.agency)?;
            let asked = asked(conn, actor.agency)?;
            Ok(Retention { years: self.retention_years, before, due, held, asked })
        })
    }

    /// Asks that what is due be erased, when it is as much as the person was shown. Another administrator agrees; who
    /// asks anew takes the place of who asked before.
    pub fn ask_erasure(&self, actor: &Actor, expected: i64) -> Result<ErasureAsked, Error> {
        self.due_as_shown(actor, expected)?;
        let asked = ErasureAsked { by: actor.user, at: self.now(), count: expected };
        self.pool.write("erasure_ask", |tx| {
            if store::legal_holds::any_stands(tx, actor.agency)? {
                return Err(Error::from(Refusal::LegalHold));
            }
            store::installation::set(tx, &asked_name(actor.agency), &asked.kept())?;
            self.record(tx, actor.who(), Event::ErasureAsked, actor.agency, expected.to_string())
        })?;
        Ok(asked)
    }

    fn due_as_shown(&self, actor: &Actor, expected: i64) -> Result<Vec<HouseholdId>, Error> {
        actor.must(Action::ManageRetention)?;
        let due = self.due(actor, self.kept_since())?;
        let found = i64::try_from(due.len()).unwrap_or(i64::MAX);
        if found == expected { Ok(due) } else { Err(Refusal::CountChanged { expected, found }.into()) }
    }

    /// Agrees to what another administrator asked and erases what is due, when it is as much as both were shown;
    /// returns how many households. Each goes in a transaction of its own, which asks again whether a hold stands: cut
    /// short, it is asked for anew and the next run does the rest.
    pub fn agree_erasure(&self, actor: &Actor, expected: i64) -> Result<i64, Error> {
        let due = self.due_as_shown(actor, expected)?;
        // The wish is used up with the first household: nobody agrees to it twice.
        self.pool.write("erasure_agree", |tx| {
            let asked = asked(tx, actor.agency)?.ok_or(Refusal::NotFound("erasure"))?;
            if asked.by == actor.user {
                return Err(Error::from(Refusal::SamePerson));
            }
            if asked.count != expected {
                return Err(Refusal::CountChanged { expected: asked.count, found: expected }.into());
            }
            if store::legal_holds::any_stands(tx, actor.agency)? {
                return Err(Refusal::LegalHold.into());
            }
            Ok(store::installation::set(tx, &asked_name(actor.agency), "")?)
        })?;
        let mut erased = 0;
        for id in due {
            let empty = self.vault.seal(Field::Address, id.bytes(), self.draw()?, b"")?;
            let done = self.pool.write("household_erase", |tx| {
                if store::legal_holds::any_stands(tx, actor.agency)? {
                    return Err(Error::from(Refusal::LegalHold));
                }
                let done = store::erasures::erase(tx, id, &empty, actor.user, self.now())?;
                if done {
                    self.record(tx, actor.who(), Event::HouseholdErased, id, "")?;
                }
                Ok(done)
            })?;
            erased += i64::from(done);
        }
        Ok(erased)
    }

    /// Sets a legal hold: nothing of the agency is erased while it stands.
    pub fn set_legal_hold(&self, actor: &Actor, document_no: &str, reason: &str) -> Result<LegalHoldView, Error> {
        actor.must(Action::ManageRetention)?;
        let hold = LegalHoldView {
            id: self.new_id(LegalHoldId::by_time)?,
            agency: actor.agency,
            document_no: text("document_no", document_no, 80)?,
            reason: text("reason", reason, 200)?,
            set_by: actor.user,
            set_at: self.now(),
            lifted_at: None,
        };
        self.pool.write("legal_hold_set", |tx| {
            store::legal_holds::insert(tx, &hold)?;
            self.record(tx, actor.who(), Event::RetentionHeld, hold.id, hold.document_no.clone())
        })?;
        Ok(hold)
    }

    /// Lifts a legal hold.
    pub fn lift_legal_hold(&self, actor: &Actor, id: LegalHoldId) -> Result<(), Error> {
        actor.must(Action::ManageRetention)?;
        self.pool.write("legal_hold_lift", |tx| {
            let ours = store::legal_holds::list(tx, actor.agency, super::PAGE_MAX)?.iter().any(|hold| hold.id == id);
            if !ours || !store::legal_holds::lift(tx, id, actor.user, self.now())? {
                return Err(Refusal::NotFound("legal_hold").into());
            }
            self.record(tx, actor.who(), Event::RetentionReleased, id, "")
        })
    }

    /// The legal holds of the agency, the newest first.
    pub fn legal_holds(&self, actor: &Actor) -> Result<Vec<LegalHoldView>, Error> {
        actor.must(Action::ReadTrail)?;
        Ok(self.pool.read(|conn| store::legal_holds::list(conn, actor.agency, super::PAGE_MAX))?)
    }
}
