//! Backups by themselves: every so many hours a sealed one, opened again before it counts, and the old ones removed
//! only after that. It works in a thread of the server, and a server that was off makes up for it at its next start.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::actor::Who;
use super::backup::{self, Manifest, Sealing};
use super::{Error, Office};
use crate::domain::audit::Event;
use crate::domain::time::{Timestamp, Zone};
use crate::store::Location;

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_secs(20);
/// After a failure it is tried again so much later.
const AGAIN_MS: i64 = 15 * 60 * 1_000;
const HOUR_MS: i64 = 60 * 60 * 1_000;
/// How the folders are called that may be removed again.
const NAME: &str = "salur-";

/// When backups are made, where they go, and how many are kept.
#[derive(Debug, Clone)]
pub struct BackupPlan {
    /// The database.
    pub location: Location,
    /// The folder in which each gets a folder of its own.
    pub folder: PathBuf,
    /// Where plain text lies meanwhile.
    pub scratch: PathBuf,
    /// Hours from one to the next.
    pub every_hours: u16,
    /// How many are kept.
    pub keep: u16,
}

impl Office {
    /// Makes the backup that is due, and removes those beyond the number that is kept; nothing when none is due.
    pub fn keep_backup(&self, plan: &BackupPlan) -> Result<Option<Manifest>, Error> {
        let now = self.now();
        let since = now.plus_millis(i64::from(plan.every_hours) * -HOUR_MS);
        // One of the future is that of a clock that was wrong: it does not keep the next from being made.
        if backup::list(&plan.folder).iter().any(|(_, _, at)| *at > since && *at <= now) {
            return Ok(None);
        }
        let name = format!("{NAME}{}", stamp(now));
        let sealing = Sealing { vault: &self.vault, scratch: &plan.scratch, server: Some(&plan.location) };
        let made = self
            .draw()
            .and_then(|salt| backup::make(&plan.location, &plan.folder.join(&name), now, Some((sealing, salt))));
        let (event, said) = match &made {
            Ok(manifest) => (Event::BackupMade, format!("{} {}", manifest.bytes, manifest.sha256)),
            Err(error) => (Event::BackupFailed, error.to_string().chars().take(200).collect()),
        };
        self.pool.write("backup", |tx| self.record(tx, Who::default(), event, &name, said.clone()))?;
        let made = made?;
        self.thin_out(plan);
        Ok(Some(made))
    }

    /// Removes the oldest beyond the number that is kept: only what bears a name that the plan gives.
    fn thin_out(&self, plan: &BackupPlan) {
        let ours = backup::list(&plan.folder)
            .into_iter()
            .filter(|(path, _, _)| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(NAME)));
        for (path, _, _) in ours.skip(usize::from(plan.keep.max(1))) {
            if let Err(fault) = std::fs::remove_dir_all(&path) {
                tracing::warn!(%fault, folder = %path.display(), "an old backup cannot be removed");
            }
        }
    }
}

/// `20261207T011200Z`
fn stamp(at: Timestamp) -> String {
    let text = at.iso(Zone::default());
    text.chars().take(19).filter(char::is_ascii_alphanumeric).collect()
}

/// The thread that keeps backups.
#[derive(Debug)]
pub struct BackupKeeper {
    stopped: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl BackupKeeper {
    /// Begins to keep.
    #[must_use]
    pub fn start(office: &Office, plan: BackupPlan) -> Self {
        let stopped = Arc::new((Mutex::new(false), Condvar::new()));
        let (office, flag) = (office.clone(), Arc::clone(&stopped));
        let thread = std::thread::Builder::new().name("backups".to_owned()).spawn(move || {
            let mut not_before = None;
            loop {
                if not_before.is_none_or(|at| office.now() >= at) {
                    match office.keep_backup(&plan) {
                        Ok(Some(made)) => {
                            metrics::counter!("salur_backups_total").increment(1);
                            tracing::info!(bytes = made.bytes, "a backup was made and opened again");
                            not_before = None;
                        }
                        Ok(None) => not_before = None,
                        Err(error) => {
                            metrics::counter!("salur_backup_failures_total").increment(1);
                            tracing::error!(%error, "no backup could be made");
                            not_before = Some(office.now().plus_millis(AGAIN_MS));
                        }
                    }
                }
                let (lock, bell) = &*flag;
                let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = bell.wait_timeout_while(guard, LOOK, |stopped| !*stopped);
                if *waited.unwrap_or_else(PoisonError::into_inner).0 {
                    return;
                }
            }
        });
        Self { stopped, thread: thread.ok() }
    }

    /// Ends after the backup under way.
    pub fn stop(mut self) {
        let (lock, bell) = &*self.stopped;
        *lock.lock().unwrap_or_else(PoisonError::into_inner) = true;
        bell.notify_all();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
