//! Applying behind a page: a large file takes longer than a person may be left without a word.
//!
//! The work runs in a thread of its own and is still one transaction: whatever ends the server meanwhile, all of
//! the file is applied or nothing. How far it has come is only known to the server that does it; any other shows
//! the file as waiting, and who agrees there a second time waits for the first and is told that it is done.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::owned_intake;
use crate::domain::id::IntakeId;
use crate::domain::role::Action;
use crate::service::{Actor, Error, Office, Refusal};

/// How the applying of an intake stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applying {
    /// So many rows of so many are done; of none before the first are.
    Underway {
        /// Rows done.
        done: u64,
        /// Rows in all.
        all: u64,
    },
    /// It came to nothing, and nothing was changed.
    Failed,
}

/// What this server applies at the moment.
#[derive(Debug, Default)]
pub(in crate::service) struct Underway(Mutex<HashMap<IntakeId, Applying>>);

impl Underway {
    fn all(&self) -> MutexGuard<'_, HashMap<IntakeId, Applying>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that an intake is begun; false when it is under way already.
    fn begin(&self, id: IntakeId) -> bool {
        let begun = Applying::Underway { done: 0, all: 0 };
        !matches!(self.all().insert(id, begun), Some(Applying::Underway { .. }))
    }

    fn tell(&self, id: IntakeId, how: Option<Applying>) {
        let mut all = self.all();
        match how {
            Some(how) => drop(all.insert(id, how)),
            None => drop(all.remove(&id)),
        }
    }
}

impl Office {
    /// Applies an intake behind the caller's back, and waits so long for its end. What comes to light in that time
    /// is told like everything else; later it stands in [`Office::applying`]. Whoever asks while it is under way
    /// begins nothing.
    pub fn begin_apply(&self, actor: &Actor, id: IntakeId, patience: Duration) -> Result<(), Error> {
        actor.must(Action::ApplyIntake)?;
        let intake = self.pool.read(|conn| owned_intake(conn, actor, id))?;
        if intake.uploaded_by == actor.user {
            return Err(Refusal::SamePerson.into());
        }
        if intake.applied_at.is_some() {
            return Err(Refusal::AlreadyApplied.into());
        }
        if !self.underway.begin(id) {
            return Ok(());
        }
        let (office, actor) = (self.clone(), actor.clone());
        let (end, ended) = channel();
        let work = move || {
            let tell = |done, all| office.underway.tell(id, Some(Applying::Underway { done, all }));
            let outcome = office.apply_intake(&actor, id, &tell).map(drop);
            if let Err(error) = &outcome {
                tracing::warn!(%error, intake = %id, "an intake was not applied");
            }
            office.underway.tell(id, outcome.is_err().then_some(Applying::Failed));
            // Nobody listens when it took long.
            drop(end.send(outcome));
        };
        if let Err(fault) = std::thread::Builder::new().name("apply-intake".to_owned()).spawn(work) {
            self.underway.tell(id, None);
            return Err(Error::Broken(format!("no thread to apply an intake: {fault}")));
        }
        match ended.recv_timeout(patience) {
            Ok(outcome) => {
                self.underway.tell(id, None);
                outcome
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => {
                self.underway.tell(id, None);
                Err(Error::Broken("the thread that applied an intake is gone".into()))
            }
        }
    }

    /// How the applying of an intake stands, when this server does it or failed at it.
    #[must_use]
    pub fn applying(&self, id: IntakeId) -> Option<Applying> {
        self.underway.all().get(&id).copied()
    }
}
