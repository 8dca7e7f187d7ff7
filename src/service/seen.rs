//! When sign-ins and tokens were used last. It is noted in memory and written down some seconds later, many together: a
//! request that only reads changes nothing in the database, and a scan waits for no line of this.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Error, Office};
use crate::domain::time::Timestamp;
use crate::store;

/// Within so long a second use is the same use.
const SAME_USE_MILLIS: i64 = 60_000;

/// How many are remembered; beyond that all are forgotten, and noted once more.
const REMEMBERED_MAX: usize = 50_000;

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Used {
    /// The sign-in whose secret has this digest.
    SignIn([u8; 32]),
    /// The token whose secret has this digest.
    Token([u8; 32]),
}

#[derive(Debug, Default)]
struct Noted {
    last: HashMap<Used, i64>,
    unwritten: HashMap<Used, i64>,
}

/// What was used since it was last written down.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Noted>);

impl Seen {
    /// Notes that something was used.
    pub(super) fn note(&self, used: Used, now: Timestamp) {
        let now = now.millis();
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back is noted as well.
        if noted.last.get(&used).is_some_and(|last| (0..SAME_USE_MILLIS).contains(&now.saturating_sub(*last))) {
            return;
        }
        if noted.last.len() >= REMEMBERED_MAX {
            noted.last.clear();
        }
        noted.last.insert(used, now);
        noted.unwritten.insert(used, now);
    }

    fn take(&self) -> Vec<(Used, i64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).unwritten.drain().collect()
    }

    /// What could not be written is kept for the next time, unless there is something newer by now.
    fn put_back(&self, taken: Vec<(Used, i64)>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (used, at) in taken {
            noted.unwritten.entry(used).or_insert(at);
        }
    }
}

impl Office {
    /// Writes down when sign-ins and tokens were used last.
    pub fn write_seen(&self) -> Result<(), Error> {
        let taken = self.seen.take();
        if taken.is_empty() {
            return Ok(());
        }
        let written = self.pool.write("seen", |tx| {
            taken.iter().try_for_each(|(used, at)| match used {
                Used::SignIn(digest) => store::access::sign_in_seen(tx, digest, *at),
                Used::Token(digest) => store::access::token_used(tx, digest, *at),
            })
        });
        if written.is_err() {
            self.seen.put_back(taken);
        }
        Ok(written?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[test]
    fn one_use_is_noted_once_a_minute_and_nothing_is_lost_that_could_not_be_written() {
        let seen = Seen::default();
        let token = Used::Token([1; 32]);
        for millis in [100_000, 100_001, 159_999] {
            seen.note(token, at(millis));
        }
        seen.note(Used::SignIn([1; 32]), at(100_002));
        let mut taken = seen.take();
        taken.sort_by_key(|one| one.1);
        assert_eq!(taken, [(token, 100_000), (Used::SignIn([1; 32]), 100_002)]);
        assert!(seen.take().is_empty());
        seen.note(token, at(160_000));
        seen.put_back(taken);
        let mut taken = seen.take();
        taken.sort_by_key(|one| one.1);
        assert_eq!(taken, [(Used::SignIn([1; 32]), 100_002), (token, 160_000)], "the newer one stays");
    }
}
