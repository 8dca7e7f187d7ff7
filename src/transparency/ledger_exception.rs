//! What an exception may follow upon.

use super::{Leaf, Ledger, Right, Wrong, wrong};
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, RoundId, UserId};

impl Ledger {
    /// An exception follows a first right of its round that was handed over or lost, while no other right of that
    /// household is good, and never gives more than the first was worth: after a short handout, and after a loss, what
    /// the household has not had. Two people stand behind it.
    pub(super) fn may_stand_for(
        &self,
        leaf: &Leaf,
        id: EntitlementId,
        round: RoundId,
        value: i64,
    ) -> Result<(), Wrong> {
        let first = match self.rights.get(&id) {
            Some(first) if first.first.is_none() && first.round == round => first,
            _ => return Err(wrong("V9", "an exception that stands for no first right of its round")),
        };
        let others = self.exceptions.get(&id).into_iter().flatten().filter_map(|other| self.rights.get(other));
        let family: Vec<&Right> = std::iter::once(first).chain(others).collect();
        if family.iter().any(|one| matches!(one.state, State::Available | State::Leased)) {
            return Err(wrong("V1", "an exception while another right of the household is good"));
        }
        let had: i64 = family.iter().filter_map(|one| one.redemption).map(|(_, value)| value).sum();
        let is = |state: State| family.iter().any(|one| one.state == state);
        let (follows, left) = match leaf.word.as_deref() {
            Some("short") => (is(State::Redeemed), first.value - had),
            Some("reversed") => (is(State::Redeemed), first.value),
            Some("unresolved") => (is(State::Unresolved), first.value - had),
            _ => return Err(wrong("leaf", "an exception that does not say what it follows")),
        };
        if !follows {
            return Err(wrong("V9", "an exception to a right that was neither handed over nor lost so"));
        }
        if value > left {
            return Err(wrong("V9", format!("an exception worth {value} where {left} is owed")));
        }
        match (leaf.actor, leaf.subject.map(UserId::random)) {
            (Some(one), Some(other)) if one != other => Ok(()),
            _ => Err(wrong("V11", "an exception that one person proposed and approved")),
        }
    }
}
