//! Who guesses waits, longer each time: failures in a row, remembered in memory and forgotten by themselves.
//!
//! What is counted is chosen by whoever counts, so that nobody's guesses make anybody else wait.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::domain::throttle::{FREE, WAIT_SECONDS_MAX, wait_seconds};

/// How many are remembered; each is under 300 bytes.
const REMEMBERED_MAX: usize = 50_000;

/// After so long without a failure it is forgotten.
const FORGOTTEN_AFTER_MILLIS: i64 = WAIT_SECONDS_MAX as i64 * 2 * 1_000;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: i64,
}

/// Failures in a row, by whatever they are counted. Times are milliseconds of one clock.
#[derive(Debug)]
pub struct Guesses<K> {
    failures: Mutex<HashMap<K, Failures>>,
}

impl<K> Default for Guesses<K> {
    fn default() -> Self {
        Self { failures: Mutex::default() }
    }
}

impl<K: Eq + Hash> Guesses<K> {
    /// A try begins, or is not heard for so many seconds yet. It counts as failed until it is said to have ended
    /// otherwise: of many that come at once, no more are heard than of as many that come one after the other.
    pub fn begin(&self, key: K, now: i64) -> Result<(), u32> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failed) = failures.get(&key) {
            let wait = i64::from(wait_seconds(failed.count)) * 1_000;
            // A clock that was set back makes nobody wait longer than the wait itself.
            let left = (wait - now.saturating_sub(failed.last)).min(wait);
            if left > 0 {
                return Err(u32::try_from((left + 999) / 1_000).unwrap_or(u32::MAX));
            }
        }
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, one| now.saturating_sub(one.last) < FORGOTTEN_AFTER_MILLIS);
            if failures.len() >= REMEMBERED_MAX {
                // Who floods this with names does not free those who wait.
                failures.retain(|_, one| one.count > FREE);
            }
            if failures.len() >= REMEMBERED_MAX {
                failures.clear();
            }
        }
        let one = failures.entry(key).or_insert(Failures { count: 0, last: now });
        if now.saturating_sub(one.last) >= FORGOTTEN_AFTER_MILLIS {
            one.count = 0;
        }
        *one = Failures { count: one.count.saturating_add(1), last: now };
        Ok(())
    }

    /// A try that began came to nothing that was guessed at.
    pub fn forgiven(&self, key: &K) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = failures.get_mut(key) {
            one.count = one.count.saturating_sub(1);
        }
    }

    /// A try succeeded: the failures before it were somebody mistyping.
    pub fn succeeded(&self, key: &K) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_waits_longer_and_a_stranger_s_guesses_are_nobody_else_s() {
        let guesses = Guesses::default();
        for _ in 0..5 {
            assert_eq!(guesses.begin(("there", "admin"), 0), Ok(()));
        }
        assert_eq!(guesses.begin(("there", "admin"), 0), Err(1));
        assert_eq!(guesses.begin(("there", "admin"), 1_000), Ok(()));
        assert_eq!(guesses.begin(("there", "admin"), 1_000), Err(2));
        assert_eq!(guesses.begin(("there", "admin"), 2_500), Err(1));
        assert_eq!(guesses.begin(("there", "admin"), -9_000_000), Err(2), "a clock that was set back");
        assert_eq!(guesses.begin(("here", "admin"), 0), Ok(()), "whoever sits elsewhere signs in");
        assert_eq!(guesses.begin(("there", "finance"), 0), Ok(()));
        assert_eq!(guesses.begin(("there", "admin"), 3_000), Ok(()));
        assert_eq!(guesses.begin(("there", "admin"), 3_000), Err(4));
        guesses.succeeded(&("there", "admin"));
        assert_eq!(guesses.begin(("there", "admin"), 3_000), Ok(()));
    }

    #[test]
    fn a_hundred_at_once_are_heard_no_more_than_one_after_the_other() {
        let guesses = Guesses::default();
        let heard = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..100 {
                scope.spawn(|| {
                    if guesses.begin("admin", 0).is_ok() {
                        heard.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(heard.into_inner(), 5);
    }

    #[test]
    fn what_was_no_guess_does_not_count() {
        let guesses = Guesses::default();
        for _ in 0..60 {
            assert_eq!(guesses.begin("admin", 0), Ok(()));
            guesses.forgiven(&"admin");
        }
    }

    /// So many failures, each as soon as it is heard; when the last one was.
    fn fail(guesses: &Guesses<usize>, key: usize, times: u32) -> i64 {
        let (mut now, mut failed) = (0, 0);
        while failed < times {
            match guesses.begin(key, now) {
                Ok(()) => failed += 1,
                Err(seconds) => now += i64::from(seconds) * 1_000,
            }
        }
        now
    }

    #[test]
    fn failures_are_forgotten() {
        let guesses = Guesses::default();
        let last = fail(&guesses, 0, 60);
        assert_eq!(guesses.begin(0, last), Err(WAIT_SECONDS_MAX));
        for _ in 0..5 {
            assert_eq!(guesses.begin(0, last + FORGOTTEN_AFTER_MILLIS), Ok(()));
        }
    }

    #[test]
    fn a_flood_of_names_frees_nobody_who_waits() {
        let guesses = Guesses::default();
        let last = fail(&guesses, 0, 12);
        for name in 1..=REMEMBERED_MAX {
            assert_eq!(guesses.begin(name, last), Ok(()));
        }
        assert_eq!(guesses.begin(0, last), Err(128));
        assert!(guesses.failures.lock().unwrap().len() <= REMEMBERED_MAX);
    }
}
