//! What an exception may follow upon.

use super::{Leaf, Ledger, Right, Wrong, wrong};
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, RoundId, UserId};

impl Ledger {
    /// A device that was lost came back with a handout, while a right in its place was given or good: what the two gave
    /// twice is in no leaf, so that it counts as had by the one that was approved.
    pub(super) fn note_if_beside(&mut self, id: EntitlementId, before: &Right) {
        if before.state != State::Unresolved {
            return;
        }
        let family = self.exceptions.get(&before.first.unwrap_or(id)).into_iter().flatten();
        let later: Vec<&EntitlementId> = match before.first {
            None => family.collect(),
            Some(_) => family.skip_while(|one| **one != id).skip(1).collect(),
        };
        let stands = |one: &Right| !matches!(one.state, State::Revoked | State::Expired);
        let beside = later.into_iter().filter_map(|one| self.rights.get(one)).any(stands);
        if let Some(right) = self.rights.get_mut(&id) {
            right.beside = beside;
        }
    }

    /// An exception follows a first right of its round that was handed over or lost, while no other right of that
    /// household is good, and never gives more than the household has not had of what the first was worth. What a case
    /// took back it has not had: the exception names it. Two people stand behind it.
    pub(super) fn may_stand_for(
        &mut self,
        leaf: &Leaf,
        id: EntitlementId,
        round: RoundId,
        value: i64,
    ) -> Result<(), Wrong> {
        let worth = match self.rights.get(&id) {
            Some(first) if first.first.is_none() && first.round == round => first.value,
            _ => return Err(wrong("V9", "an exception that stands for no first right of its round")),
        };
        let family: Vec<EntitlementId> =
            std::iter::once(id).chain(self.exceptions.get(&id).into_iter().flatten().copied()).collect();
        let mut taken_back = leaf.reversed.clone();
        if taken_back.is_empty() && leaf.word.as_deref() == Some("reversed") {
            // Leaves were once written without the names: then all that was handed over came back.
            let handed = |id: &&EntitlementId| self.rights.get(*id).is_some_and(|one| one.state == State::Redeemed);
            taken_back = family.iter().filter(handed).copied().collect();
        }
        for reversed in &taken_back {
            match self.rights.get_mut(reversed).filter(|one| family.contains(reversed) && one.state == State::Redeemed)
            {
                Some(one) => one.reversed = true,
                None => return Err(wrong("V9", "an exception that takes back what was not handed over")),
            }
        }
        let family: Vec<&Right> = family.iter().filter_map(|one| self.rights.get(one)).collect();
        if family.iter().any(|one| matches!(one.state, State::Available | State::Leased)) {
            return Err(wrong("V1", "an exception while another right of the household is good"));
        }
        let counts = family.iter().filter(|one| !one.reversed && !one.beside);
        let had: i64 = counts.filter_map(|one| one.redemption).map(|(_, value)| value).sum();
        let is = |state: State| family.iter().any(|one| one.state == state);
        let follows = match leaf.word.as_deref() {
            Some("short") => is(State::Redeemed),
            Some("reversed") => family.iter().any(|one| one.reversed),
            Some("unresolved") => is(State::Unresolved),
            _ => return Err(wrong("leaf", "an exception that does not say what it follows")),
        };
        if !follows {
            return Err(wrong("V9", "an exception to a right that was neither handed over nor lost so"));
        }
        let left = worth - had;
        if value > left {
            return Err(wrong("V9", format!("an exception worth {value} where {left} is owed")));
        }
        match (leaf.actor, leaf.subject.map(UserId::random)) {
            (Some(one), Some(other)) if one != other => Ok(()),
            _ => Err(wrong("V11", "an exception that one person proposed and approved")),
        }
    }
}
