//! The ceiling of a programme and its revisions.

use jiff::civil::Date;

use super::entry::{date, text};
use super::programme::owned_programme;
use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::budget::{BelowObligated, Budget, Revision};
use crate::domain::id::{Identifier, ProgrammeId};
use crate::domain::money::Money;
use crate::domain::programme::Programme;
use crate::domain::role::Action;
use crate::store::{self, Write};
use crate::transparency::{Kind, Leaf};

/// A revision of a ceiling that is to be made.
#[derive(Debug, Clone)]
pub struct NewRevision {
    /// The ceiling from now on.
    pub ceiling: Money,
    /// The number of the document that sets it.
    pub document_no: String,
    /// Its date.
    pub document_date: Option<Date>,
    /// Why.
    pub reason: String,
}

impl Office {
    /// Writes down the first ceiling, in the transaction that makes the programme.
    pub(super) fn first_ceiling(&self, tx: &mut Write<'_>, actor: &Actor, made: &Programme) -> Result<(), Error> {
        let first = Revision {
            programme: made.id,
            number: 0,
            ceiling: made.ceiling,
            document_no: made.decree_no.clone(),
            document_date: made.decree_date,
            reason: String::new(),
            revised_by: actor.user,
            revised_at: self.now(),
        };
        store::budget_revisions::insert(tx, &first)?;
        self.append_ceiling(tx, actor, &first)
    }

    /// Puts a ceiling on the log.
    fn append_ceiling(&self, tx: &mut Write<'_>, actor: &Actor, set: &Revision) -> Result<(), Error> {
        let leaf = Leaf { word: Some("budget".to_owned()), ..self.leaf_of(actor, Kind::Policy) };
        let (subject, value_minor) = (Some(*set.programme.bytes()), Some(set.ceiling.minor()));
        super::log::append(tx, &Leaf { subject, value_minor, ..leaf })
    }

    /// Revises a ceiling, up or down; refused when more than that is committed and handed over. An issue at
    /// the same moment sees the ceiling before or after, never both.
    pub fn revise_budget(&self, actor: &Actor, id: ProgrammeId, new: &NewRevision) -> Result<Revision, Error> {
        actor.must(Action::ManageProgrammes)?;
        let document_no = text("document_no", &new.document_no, 80)?;
        let document_date = date("document_date", new.document_date)?;
        let reason = text("reason", &new.reason, 200)?;
        self.pool.write("budget_revise", |tx| {
            owned_programme(tx, actor, id)?;
            if !store::budget_revisions::set_ceiling(tx, id, new.ceiling)? {
                let obligated = owned_programme(tx, actor, id)?.obligated;
                return Err(Refusal::CeilingTooLow(BelowObligated { ceiling: new.ceiling, obligated }).into());
            }
            let revision = Revision {
                programme: id,
                number: store::budget_revisions::next_number(tx, id)?,
                ceiling: new.ceiling,
                document_no: document_no.clone(),
                document_date: Some(document_date),
                reason: reason.clone(),
                revised_by: actor.user,
                revised_at: self.now(),
            };
            store::budget_revisions::insert(tx, &revision)?;
            self.append_ceiling(tx, actor, &revision)?;
            let detail = format!("{}: {}", revision.number, revision.ceiling.minor());
            self.record(tx, actor.who(), Event::BudgetRevised, id, detail)?;
            Ok(revision)
        })
    }

    /// All ceilings that a programme has had, the first one first.
    pub fn budget_revisions(&self, actor: &Actor, id: ProgrammeId) -> Result<Vec<Revision>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            owned_programme(conn, actor, id)?;
            Ok(store::budget_revisions::of_programme(conn, id)?)
        })
    }

    /// A programme's budget at this moment.
    pub fn budget(&self, actor: &Actor, id: ProgrammeId) -> Result<Budget, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read_snapshot(|conn| {
            let programme = owned_programme(conn, actor, id)?;
            budget_of(conn, &programme)
        })
    }
}

/// The budget of a programme as it was read.
pub(super) fn budget_of(conn: &mut store::Conn, programme: &Programme) -> Result<Budget, Error> {
    let realised = store::reconcile::realised(conn, programme.id)?;
    Budget::of(programme.ceiling, programme.obligated, realised)
        .map_err(|_| Error::Broken("more was handed over than was ever committed".into()))
}
