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

/// How many tries of somebody who has not failed yet may be under way together.
const AT_ONCE: u32 = 32;

/// Within this a try ends, or whoever began it has gone away.
const ENDS_WITHIN_MILLIS: i64 = 60_000;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    under_way: u32,
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
    /// A try begins, or is not heard for so many seconds yet. While it is under way it counts as failed, or many that come
    /// at once would all be heard; but of somebody who has not failed yet [`AT_ONCE`] may be under way together: many
    /// desks sign in with one account at the same minute.
    pub fn begin(&self, key: K, now: i64) -> Result<(), u32> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failed) = failures.get_mut(&key) {
            if now.saturating_sub(failed.last) >= ENDS_WITHIN_MILLIS {
                // Whoever went away before the answer has guessed too.
                failed.count = failed.count.saturating_add(std::mem::take(&mut failed.under_way));
            }
            let fresh = failed.count == 0 && failed.under_way < AT_ONCE;
            let counted = if fresh { 0 } else { failed.count.saturating_add(failed.under_way) };
            let wait = i64::from(wait_seconds(counted)) * 1_000;
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
        let one = failures.entry(key).or_insert(Failures { count: 0, under_way: 0, last: now });
        if now.saturating_sub(one.last) >= FORGOTTEN_AFTER_MILLIS {
            one.count = 0;
        }
        *one = Failures { under_way: one.under_way.saturating_add(1), last: now, ..*one };
        Ok(())
    }

    fn ended(&self, key: &K, how: impl FnOnce(&mut Failures)) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = failures.get_mut(key) {
            one.under_way = one.under_way.saturating_sub(1);
            how(one);
            if one.count == 0 && one.under_way == 0 {
                failures.remove(key);
            }
        }
    }

    /// A try that began was wrong.
    pub fn failed(&self, key: &K) {
        self.ended(key, |one| one.count = one.count.saturating_add(1));
    }

    /// A try that began came to nothing that was guessed at.
    pub fn forgiven(&self, key: &K) {
        self.ended(key, |_| ());
    }

    /// A try succeeded: the failures before it were somebody mistyping.
    pub fn succeeded(&self, key: &K) {
        self.ended(key, |one| one.count = 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One wrong try, as far as it is heard.
    fn wrong<K: Eq + Hash + Copy>(guesses: &Guesses<K>, key: K, now: i64) -> Result<(), u32> {
        guesses.begin(key, now).map(|()| guesses.failed(&key))
    }

    #[test]
    fn who_guesses_waits_longer_and_a_stranger_s_guesses_are_nobody_else_s() {
        let guesses = Guesses::default();
        for _ in 0..5 {
            assert_eq!(wrong(&guesses, ("there", "admin"), 0), Ok(()));
        }
        assert_eq!(wrong(&guesses, ("there", "admin"), 0), Err(1));
        assert_eq!(wrong(&guesses, ("there", "admin"), 1_000), Ok(()));
        assert_eq!(wrong(&guesses, ("there", "admin"), 1_000), Err(2));
        assert_eq!(wrong(&guesses, ("there", "admin"), 2_500), Err(1));
        assert_eq!(wrong(&guesses, ("there", "admin"), -9_000_000), Err(2), "a clock that was set back");
        assert_eq!(wrong(&guesses, ("here", "admin"), 0), Ok(()), "whoever sits elsewhere signs in");
        assert_eq!(wrong(&guesses, ("there", "finance"), 0), Ok(()));
        assert_eq!(wrong(&guesses, ("there", "admin"), 3_000), Ok(()));
        assert_eq!(wrong(&guesses, ("there", "admin"), 3_000), Err(4));
        assert_eq!(guesses.begin(("there", "admin"), 7_000), Ok(()));
        guesses.succeeded(&("there", "admin"));
        assert_eq!(guesses.begin(("there", "admin"), 7_000), Ok(()));
    }

    #[test]
    fn desks_sign_in_together_and_of_those_who_guess_together_few_are_heard() {
        let guesses = Guesses::default();
        let heard = || {
            let heard = std::sync::atomic::AtomicU32::new(0);
            std::thread::scope(|scope| {
                for _ in 0..100 {
                    scope.spawn(|| {
                        if guesses.begin("admin", 0).is_ok() {
                            heard.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        }
                    });
                }
            });
            heard.into_inner()
        };
        assert_eq!(heard(), AT_ONCE);
        (0..AT_ONCE).for_each(|_| guesses.succeeded(&"admin"));
        assert_eq!(wrong(&guesses, "admin", 0), Ok(()));
        assert_eq!(heard(), FREE - 1, "who has failed has the free ones left, one after the other or at once");
        (0..FREE).for_each(|_| guesses.failed(&"admin"));
        assert_eq!(heard(), 0);
    }

    #[test]
    fn who_goes_away_before_the_answer_has_guessed() {
        let guesses = Guesses::default();
        for _ in 0..AT_ONCE {
            assert_eq!(guesses.begin("admin", 0), Ok(()));
        }
        assert_eq!(guesses.begin("admin", ENDS_WITHIN_MILLIS), Err(840), "thirty-two are the longest wait");
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
            match wrong(guesses, key, now) {
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
            assert_eq!(wrong(&guesses, 0, last + FORGOTTEN_AFTER_MILLIS), Ok(()));
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
