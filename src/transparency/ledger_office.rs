//! What the office says of itself: its devices, people, keys, rounds and closes.

use super::{Chain, Leaf, Ledger, MAY_CLOSE, Wrong, need, wrong};
use crate::domain::id::UserId;
use crate::token::VerifyingKey;

impl Ledger {
    pub(super) fn enrol(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        let (device, key) = (need(leaf.device, "device")?, need(leaf.public_key, "public key")?);
        let key = VerifyingKey::from_bytes(&key).map_err(|fault| wrong("leaf", fault.to_string()))?;
        if self.chains.contains_key(&device) {
            return Err(wrong("V6", "this device was enrolled before"));
        }
        self.chains.insert(device, Chain::new(key));
        Ok(())
    }

    pub(super) fn role(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        let person = need(leaf.subject, "person").map(UserId::random)?;
        let role = need(leaf.word.clone(), "role")?;
        match self.roles.insert(person, role) {
            None => Ok(()),
            Some(before) => Err(wrong("V11", format!("this person has a second role, and was {before}"))),
        }
    }

    /// A key is made once, with its purpose; a later leaf about it says why it stopped.
    pub(super) fn key(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        let key = need(leaf.public_key, "public key")?;
        self.keys.entry(key).or_insert_with(|| leaf.word.clone().unwrap_or_default());
        Ok(())
    }

    pub(super) fn policy(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        match leaf.word.as_deref() {
            Some("agency") => {
                self.zones.insert(need(leaf.agency, "agency")?, need(leaf.count, "zone")?);
            }
            Some("round") => {
                self.rounds.insert(need(leaf.round, "round")?, need(leaf.agency, "agency")?);
            }
            Some("epoch") => self.restores += 1,
            Some("place") => return self.place(leaf),
            Some(_) => {}
            None => return Err(wrong("leaf", "it does not say what it sets")),
        }
        Ok(())
    }

    pub(super) fn close(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        if let (Some(id), Some(hash)) = (leaf.subject, leaf.digest) {
            self.closes.insert(id, (hash, self.index));
        }
        // A closing of a round or a point says what it counted; that must be what the leaves before it add up to.
        if let (Some(round), Some(count), Some(value)) = (leaf.round, leaf.count, leaf.value_minor) {
            let sums = match leaf.point {
                Some(point) => self.by_point.get(&(round, point)),
                None => self.by_round.get(&round),
            };
            let sums = sums.copied().unwrap_or_default();
            let (redeemed, realised) = (sums.redeemed, sums.realised_minor);
            if (redeemed, realised) != (count, value) {
                let what = format!("closed with {count} worth {value}, the log has {redeemed} worth {realised}");
                return Err(wrong("V9", what));
            }
        }
        self.must_be(leaf, &MAY_CLOSE)
    }
}
