//! The chain of a device's receipts, as far as the log tells of it.
//!
//! Receipts of a device that was without network may come in another order than that of the chain, so one that
//! comes early waits for those before it; one that never lets them come is a gap, and told at the end. Two
//! receipts for one place, or one that does not point to the one before it, are wrong, unless the office itself
//! has put on the log that this device forked there.

use std::collections::{BTreeMap, BTreeSet};

use crate::token::{FIRST_PREV_HASH, VerifyingKey};

/// A device as the log has it.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Its public key.
    pub key: VerifyingKey,
    /// How many receipts of it there are without a gap.
    pub seq: u64,
    /// The hash of the newest of these.
    pub head: [u8; 32],
    early: BTreeMap<u64, Early>,
    forks: BTreeSet<u64>,
}

/// A receipt that came before one that is due.
#[derive(Debug, Clone)]
struct Early {
    hash: [u8; 32],
    prev: [u8; 32],
    leaf: u64,
}

impl Chain {
    /// The chain of a device that was enrolled with this key.
    #[must_use]
    pub const fn new(key: VerifyingKey) -> Self {
        Self { key, seq: 0, head: FIRST_PREV_HASH, early: BTreeMap::new(), forks: BTreeSet::new() }
    }

    /// The office says that the device forked at this place.
    pub(super) fn fork(&mut self, seq: u64) {
        self.forks.insert(seq);
    }

    /// Takes a receipt; what is wrong with its place is said.
    pub(super) fn add(&mut self, seq: u64, prev: [u8; 32], hash: [u8; 32], leaf: u64) -> Result<(), String> {
        if seq <= self.seq || self.early.contains_key(&seq) {
            let again = || format!("receipt {seq} of the device where receipt {} is due", self.seq + 1);
            return if self.forks.contains(&seq) { Ok(()) } else { Err(again()) };
        }
        self.early.insert(seq, Early { hash, prev, leaf });
        let mut fits = true;
        while let Some(next) = self.early.remove(&(self.seq + 1)) {
            // Of two receipts that do not fit each other, the office names the one that came later.
            let forked = self.forks.contains(&(self.seq + 1)) || self.forks.contains(&self.seq);
            fits &= next.prev == self.head || forked;
            (self.seq, self.head) = (self.seq + 1, next.hash);
        }
        if fits { Ok(()) } else { Err("the receipt does not point to the one before it".to_owned()) }
    }

    /// The leaf of the first receipt that came early and still waits, and what is wrong.
    pub(super) fn gap(&self) -> Option<(u64, String)> {
        let (seq, early) = self.early.first_key_value()?;
        Some((early.leaf, format!("receipt {seq} of the device where receipt {} is due", self.seq + 1)))
    }
}
