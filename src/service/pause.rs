//! Pausing a programme, a round or a point by letter, and resuming it.

use super::entry::text;
use super::point::owned_point;
use super::programme::{owned_programme, owned_round};
use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::id::{Identifier, PauseId};
use crate::domain::pause::{Pause, Resumed, Subject};
use crate::domain::role::Action;
use crate::store::{self, Conn};
use crate::transparency::{Kind, Leaf};

/// Refuses what is not the actor's agency's.
fn must_own(conn: &mut Conn, actor: &Actor, subject: Subject) -> Result<(), Error> {
    match subject {
        Subject::Programme(id) => owned_programme(conn, actor, id).map(drop),
        Subject::Round(id) => owned_round(conn, actor, id).map(drop),
        Subject::Point(id) => owned_point(conn, actor, id).map(drop),
    }
}

impl Office {
    /// Pauses. When this has answered, nothing of the subject is handed over until it is resumed.
    pub fn pause(&self, actor: &Actor, subject: Subject, letter_no: &str, reason: &str) -> Result<Pause, Error> {
        actor.must(Action::Pause)?;
        let letter_no = text("letter_no", letter_no, 80)?;
        let reason = text("reason", reason, 200)?;
        self.pool.write("pause", |tx| {
            must_own(tx, actor, subject)?;
            // The handouts under way come first; those that begin from here on wait, and see the pause.
            store::turns::own(tx, &actor.agency)?;
            let pause = Pause {
                id: self.new_id(PauseId::by_time)?,
                agency: actor.agency,
                subject,
                letter_no: letter_no.clone(),
                reason: reason.clone(),
                paused_by: actor.user,
                paused_at: self.now(),
                resumed: None,
            };
            if !store::pauses::stop(tx, subject, &pause.said())? {
                return Err(Refusal::PausedAlready.into());
            }
            store::pauses::insert(tx, &pause)?;
            super::log::append(tx, &self.stop_leaf(actor, "pause", subject))?;
            self.record(tx, actor.who(), Event::Paused, subject, format!("{}: {letter_no}", subject.scope()))?;
            Ok(pause)
        })
    }

    /// Resumes what a pause stopped.
    pub fn resume(&self, actor: &Actor, id: PauseId, letter_no: &str) -> Result<Pause, Error> {
        actor.must(Action::Pause)?;
        let letter_no = text("letter_no", letter_no, 80)?;
        self.pool.write("resume", |tx| {
            let mut pause = store::pauses::find(tx, id)?.ok_or(Refusal::NotFound("pause"))?;
            actor.must_own(pause.agency, "pause")?;
            store::turns::own(tx, &actor.agency)?;
            let resumed = Resumed { letter_no: letter_no.clone(), by: actor.user, at: self.now() };
            if !store::pauses::end(tx, id, &resumed)? {
                return Err(Refusal::ResumedAlready.into());
            }
            store::pauses::go_on(tx, pause.subject)?;
            let detail = format!("{}: {letter_no}", pause.subject.scope());
            super::log::append(tx, &self.stop_leaf(actor, "resume", pause.subject))?;
            self.record(tx, actor.who(), Event::Resumed, pause.subject, detail)?;
            pause.resumed = Some(resumed);
            Ok(pause)
        })
    }

    fn stop_leaf(&self, actor: &Actor, word: &str, subject: Subject) -> Leaf {
        let (round, other) = match subject {
            Subject::Round(id) => (Some(id), None),
            Subject::Programme(id) => (None, Some(*id.bytes())),
            Subject::Point(id) => (None, Some(*id.bytes())),
        };
        Leaf { word: Some(word.to_owned()), round, subject: other, ..self.leaf_of(actor, Kind::Policy) }
    }

    /// The pauses of a subject, standing and over, the newest first.
    pub fn pauses_of(&self, actor: &Actor, subject: Subject) -> Result<Vec<Pause>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            must_own(conn, actor, subject)?;
            Ok(store::pauses::of_subject(conn, subject)?)
        })
    }

    /// All pauses of the actor's agency.
    pub fn pauses(&self, actor: &Actor, after: Option<PauseId>, limit: Option<i64>) -> Result<Vec<Pause>, Error> {
        actor.must(Action::ReadProgrammes)?;
        Ok(self.pool.read(|conn| store::pauses::list(conn, actor.agency, after, page(limit)))?)
    }
}
