//! `salur device run`: a scanner on a keyboard wedge, or a pipe, and no browser.

use std::io::BufRead as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;

use super::super::{Desk, Fault};
use super::say;
use crate::device::line::{Http, Line};
use crate::device::redeem::{Outcome, Wish};
use crate::device::{Device, talk};
use crate::domain::id::{Identifier, RedemptionId};

/// The longest line that is looked at: no code is longer.
const LINE_BYTES_MAX: usize = 4_096;

#[derive(Debug, Args)]
pub(super) struct Run {
    /// Sync after so many seconds at the latest; after a handout it is tried at once
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    sync_every: u64,
    /// Ask no server at all
    #[arg(long)]
    offline: bool,
}

/// Wakes the one who syncs, and tells it when the day is over.
#[derive(Debug, Default)]
struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
    over: AtomicBool,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.heard.notify_all();
    }

    /// False when the day is over.
    fn wait(&self, at_most: Duration) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.heard.wait_timeout_while(rung, at_most, |rung| !*rung);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *rung = false;
        !self.over.load(Ordering::SeqCst)
    }
}

impl Run {
    pub(super) fn run(&self, desk: &Desk<'_>, unit: &Mutex<Device>, line: &Http) -> Result<(), Fault> {
        let unconfirmed = say::held(unit).unconfirmed()?;
        if !unconfirmed.is_empty() {
            let count = crate::words::Value::from(unconfirmed.len());
            let text = desk.words.with("device-unconfirmed", &[("count", count)]);
            say::notice(desk, "unconfirmed", &text)?;
        }
        let bell = Bell::default();
        std::thread::scope(|scope| {
            if !self.offline {
                let (bell, every) = (&bell, Duration::from_secs(self.sync_every));
                scope.spawn(move || {
                    while bell.wait(every) {
                        // Without network nothing is lost: the next try tells it.
                        if let Err(fault) = talk::sync(unit, line) {
                            tracing::warn!(%fault, "sync");
                        }
                    }
                });
                bell.ring();
            }
            let done = self.read(desk, unit, line, &bell);
            bell.over.store(true, Ordering::SeqCst);
            bell.ring();
            done
        })
    }

    fn read(&self, desk: &Desk<'_>, unit: &Mutex<Device>, line: &Http, bell: &Bell) -> Result<(), Fault> {
        let mut input = std::io::stdin().lock();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = input
                .read_until(b'\n', &mut bytes)
                .map_err(|fault| Fault::Broken(format!("standard input cannot be read: {fault}")))?;
            if read == 0 {
                return Ok(());
            }
            bytes.truncate(LINE_BYTES_MAX);
            let code = String::from_utf8_lossy(&bytes);
            let code = code.trim();
            if code.is_empty() {
                continue;
            }
            let id = RedemptionId::from_bytes(super::super::demo::draw(desk.surroundings.entropy.as_ref())?);
            let line: Option<&dyn Line> = if self.offline { None } else { Some(line) };
            let outcome = talk::redeem(unit, line, &Wish::plain(id, code))?;
            say::outcome(desk, unit, &outcome)?;
            if matches!(outcome, Outcome::Green { .. }) {
                bell.ring();
            }
        }
    }
}
