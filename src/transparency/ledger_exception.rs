//! What an exception may follow upon.

use super::{Leaf, Ledger, Right, Wrong, wrong};
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, RoundId, UserId};

impl Ledger {
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
        for reversed in &leaf.reversed {
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
        let counts = family.iter().filter(|one| !one.reversed);
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
