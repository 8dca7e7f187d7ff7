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
    /// Seconds until the next try is heard; nothing when it may be made now.
    pub fn must_wait(&self, key: &K, now: i64) -> Option<u32> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failures.get(key)?;
        let wait = i64::from(wait_seconds(failed.count)) * 1_000;
        // A clock that was set back makes nobody wait longer than the wait itself.
        let left = (wait - now.saturating_sub(failed.last)).min(wait);
        (left > 0).then(|| u32::try_from((left + 999) / 1_000).unwrap_or(u32::MAX))
    }

    /// A try failed.
    pub fn failed(&self, key: K, now: i64) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
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
            assert_eq!(guesses.must_wait(&("there", "admin"), 0), None);
            guesses.failed(("there", "admin"), 0);
        }
        guesses.failed(("there", "admin"), 0);
        assert_eq!(guesses.must_wait(&("there", "admin"), 0), Some(2));
        assert_eq!(guesses.must_wait(&("there", "admin"), 1_500), Some(1));
        assert_eq!(guesses.must_wait(&("there", "admin"), 2_000), None);
        assert_eq!(guesses.must_wait(&("there", "admin"), -9_000_000), Some(2), "a clock that was set back");
        assert_eq!(guesses.must_wait(&("here", "admin"), 0), None, "whoever sits elsewhere signs in");
        assert_eq!(guesses.must_wait(&("there", "finance"), 0), None);
        guesses.succeeded(&("there", "admin"));
        assert_eq!(guesses.must_wait(&("there", "admin"), 0), None);
    }

    #[test]
    fn failures_are_forgotten() {
        let guesses = Guesses::default();
        for _ in 0..60 {
            guesses.failed("admin", 0);
        }
        assert_eq!(guesses.must_wait(&"admin", 0), Some(WAIT_SECONDS_MAX));
        guesses.failed("admin", FORGOTTEN_AFTER_MILLIS);
        assert_eq!(guesses.must_wait(&"admin", FORGOTTEN_AFTER_MILLIS), None);
    }

    #[test]
    fn a_flood_of_names_frees_nobody_who_waits() {
        let guesses = Guesses::default();
        for _ in 0..12 {
            guesses.failed(0, 0);
        }
        for name in 1..=REMEMBERED_MAX {
            guesses.failed(name, 1);
        }
        assert_eq!(guesses.must_wait(&0, 1), Some(128));
        assert!(guesses.failures.lock().unwrap().len() <= REMEMBERED_MAX);
    }
}
