//! Who guesses at passwords waits, longer each time. The count is kept for a name and an address together, in
//! memory, and forgets by itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::throttle::{WAIT_SECONDS_MAX, wait_seconds};

/// How many pairs are remembered; beyond that the oldest are forgotten. Each is under 200 bytes.
const REMEMBERED_MAX: usize = 50_000;

/// After so long without a failure a pair is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(WAIT_SECONDS_MAX as u64 * 2);

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

/// Failures in a row by name and address.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    failures: Mutex<HashMap<(IpAddr, String), Failures>>,
}

fn key(from: IpAddr, name: &str) -> (IpAddr, String) {
    (from, name.trim().to_lowercase().chars().take(60).collect())
}

impl Throttle {
    /// Seconds until the next try is heard; nothing when it may be made now.
    pub(super) fn must_wait(&self, from: IpAddr, name: &str, now: Instant) -> Option<u32> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failures.get(&key(from, name))?;
        let wait = Duration::from_secs(u64::from(wait_seconds(failed.count)));
        let left = wait.checked_sub(now.saturating_duration_since(failed.last))?;
        (!left.is_zero()).then(|| u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX))
    }

    /// A try failed.
    pub(super) fn failed(&self, from: IpAddr, name: &str, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, one| now.saturating_duration_since(one.last) < FORGOTTEN_AFTER);
            if failures.len() >= REMEMBERED_MAX {
                failures.clear();
            }
        }
        let one = failures.entry(key(from, name)).or_insert(Failures { count: 0, last: now });
        if now.saturating_duration_since(one.last) >= FORGOTTEN_AFTER {
            one.count = 0;
        }
        *one = Failures { count: one.count.saturating_add(1), last: now };
    }

    /// A try succeeded: the failures before it were somebody mistyping.
    pub(super) fn succeeded(&self, from: IpAddr, name: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(from, name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_waits_longer_and_a_stranger_s_guesses_are_nobody_else_s() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let (here, there): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        for _ in 0..5 {
            assert_eq!(throttle.must_wait(there, "admin", now), None);
            throttle.failed(there, "Admin ", now);
        }
        throttle.failed(there, "ADMIN", now);
        assert_eq!(throttle.must_wait(there, "admin", now), Some(2));
        assert_eq!(throttle.must_wait(there, "admin", now + Duration::from_millis(1_500)), Some(1));
        assert_eq!(throttle.must_wait(there, "admin", now + Duration::from_secs(2)), None);
        assert_eq!(throttle.must_wait(here, "admin", now), None, "whoever sits elsewhere signs in");
        assert_eq!(throttle.must_wait(there, "finance", now), None);
        throttle.succeeded(there, "admin");
        assert_eq!(throttle.must_wait(there, "admin", now), None);
    }

    #[test]
    fn failures_are_forgotten() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let here: IpAddr = [10, 0, 0, 1].into();
        for _ in 0..60 {
            throttle.failed(here, "admin", now);
        }
        assert_eq!(throttle.must_wait(here, "admin", now), Some(WAIT_SECONDS_MAX));
        let later = now + FORGOTTEN_AFTER;
        throttle.failed(here, "admin", later);
        assert_eq!(throttle.must_wait(here, "admin", later), None);
    }
}
