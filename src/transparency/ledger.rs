//! Replaying the log: every leaf in order, and what each may follow upon.
//!
//! What an auditor has is the leaves alone, and from them this tells whether the office kept its rules: one
//! handout a right (V1), never redeemed and revoked, one holder at a time (V2), fences that only grow (V5),
//! chains of receipts without a gap (V6), money that adds up (V9), conflicts counted (V10), and people who
//! do not do two of the acts that are to be apart (V11). Times decide nothing here (V12): a handout says on
//! which day it counts, and that must be the day of one of its two times, and nothing else.
//!
//! After a restore the office tells again what its database had forgotten (exactly-once: epochs). What is told
//! again must say the same; what was given out meanwhile must have a fence of its own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::chain::Chain;
use super::leaf::{Kind, Leaf};
use super::sums::{HOUR_MS, Sums, day_named};
use crate::domain::entitlement::{Fence, State};
use crate::domain::id::{AgencyId, DeviceId, EntitlementId, RedemptionId, RoundId, UserId};

#[path = "ledger_exception.rs"]
mod exception;
#[path = "ledger_office.rs"]
mod office;
#[path = "ledger_rows.rs"]
mod rows;

pub use rows::{OfficeRow, RightRow};

/// What is wrong with a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The rule that it breaks: `V1` to `V11`, or `leaf` when it lacks what its kind must have.
    pub rule: &'static str,
    /// In a sentence.
    pub what: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

fn wrong(rule: &'static str, what: impl Into<String>) -> Wrong {
    Wrong { rule, what: what.into() }
}

/// A right as the log has it.
#[derive(Debug, Clone, Copy)]
struct Right {
    state: State,
    round: RoundId,
    point: u32,
    value: i64,
    fence: Fence,
    issued_by: Option<UserId>,
    holder: Option<DeviceId>,
    redemption: Option<(RedemptionId, i64)>,
    /// For which right it stands, when it is an exception.
    first: Option<EntitlementId>,
    /// An exception said that a case took its handout back.
    reversed: bool,
    /// Its handout came to light when another right had been given in its place already.
    beside: bool,
    /// Whose it is, where its leaf says it.
    household: Option<[u8; 16]>,
    /// The newest leaf about it.
    last: u64,
}

/// The state that follows from the leaves so far.
#[derive(Debug, Default)]
pub struct Ledger {
    rights: HashMap<EntitlementId, Right>,
    /// The households that have a first right in a round, where their leaves say it.
    households: HashSet<(RoundId, [u8; 16])>,
    /// The exceptions that stand for a right.
    exceptions: HashMap<EntitlementId, Vec<EntitlementId>>,
    chains: HashMap<DeviceId, Chain>,
    roles: HashMap<UserId, String>,
    /// The public keys that were made, and for what.
    keys: HashMap<[u8; 32], String>,
    /// The closes, and the newest hash of each.
    closes: HashMap<[u8; 16], ([u8; 32], u64)>,
    zones: HashMap<AgencyId, i64>,
    rounds: HashMap<RoundId, AgencyId>,
    by_round: BTreeMap<RoundId, Sums>,
    by_point: BTreeMap<(RoundId, u32), Sums>,
    by_day: BTreeMap<(RoundId, String), (i64, i64)>,
    by_kind: BTreeMap<Kind, u64>,
    /// Receipts that the office called odd when it took them: their figures are the device's word.
    odd: HashSet<(DeviceId, u64)>,
    /// How many lives the office has had besides the first.
    restores: u64,
    /// The leaf that is taken.
    index: u64,
}

/// The word of a conflict by which one receipt gives way to another after a restore.
pub const DISPLACED: &str = "displaced";

/// Where each of the roles of V11 may act.
const MAY_ISSUE: [&str; 2] = ["issuer", "verifier"];
const MAY_EXCEPT: [&str; 1] = ["issuer"];
const MAY_REDEEM: [&str; 1] = ["operator"];
const MAY_IMPORT: [&str; 1] = ["verifier"];
const MAY_CLOSE: [&str; 3] = ["finance", "coordinator", "storekeeper"];

impl Ledger {
    /// Says which leaf is taken next: what shows only later is told of this one.
    pub const fn at(&mut self, index: u64) {
        self.index = index;
    }

    /// What shows only at the end: receipts of a device that never came, while later ones have.
    #[must_use]
    pub fn gaps(&self) -> Vec<(u64, Wrong)> {
        let gaps = self.chains.values().filter_map(Chain::gap);
        gaps.map(|(leaf, what)| (leaf, wrong("V6", what))).collect()
    }

    /// Whether the office said of a receipt that its figures are not those that count.
    #[must_use]
    pub fn is_odd(&self, leaf: &Leaf) -> bool {
        leaf.device.zip(leaf.seq).is_some_and(|place| self.odd.contains(&place))
    }

    /// Takes the next leaf. A leaf that breaks a rule is said to be wrong, and what it says is still taken over
    /// where that is possible, so that one fault is not told a thousand times.
    pub fn take(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        *self.by_kind.entry(leaf.kind).or_default() += 1;
        match leaf.kind {
            Kind::Issue | Kind::Exception => self.issue(leaf),
            Kind::Grant => self.grant(leaf),
            Kind::Redeem => self.redeem(leaf),
            Kind::Return => self.give_back(leaf),
            Kind::Revoke if leaf.entitlement.is_none() => self.chain(leaf).map(drop),
            Kind::Revoke => self.end(leaf, State::Revoked),
            Kind::Expire => self.end(leaf, State::Expired),
            Kind::WriteOff => self.write_off(leaf),
            Kind::Enrol => self.enrol(leaf),
            Kind::Key => self.key(leaf),
            Kind::Role => self.role(leaf),
            Kind::Policy => self.policy(leaf),
            Kind::Import => self.must_be(leaf, &MAY_IMPORT),
            Kind::Close => self.close(leaf),
            Kind::Conflict => self.conflict(leaf),
        }
    }

    /// The chain of a device, when it was enrolled.
    #[must_use]
    pub fn chain_of(&self, device: DeviceId) -> Option<&Chain> {
        self.chains.get(&device)
    }

    /// How many leaves of a kind there were.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u64 {
        self.by_kind.get(&kind).copied().unwrap_or(0)
    }

    /// The sums of every round.
    #[must_use]
    pub const fn rounds(&self) -> &BTreeMap<RoundId, Sums> {
        &self.by_round
    }

    /// The sums of every round at every point.
    #[must_use]
    pub const fn points(&self) -> &BTreeMap<(RoundId, u32), Sums> {
        &self.by_point
    }

    /// Handouts of every round on every day, and their value.
    #[must_use]
    pub const fn days(&self) -> &BTreeMap<(RoundId, String), (i64, i64)> {
        &self.by_day
    }

    /// How many rights stand in each state (V9).
    #[must_use]
    pub fn states(&self) -> BTreeMap<&'static str, i64> {
        let mut states: BTreeMap<&'static str, i64> = State::ALL.iter().map(|state| (state.as_str(), 0)).collect();
        for right in self.rights.values() {
            *states.entry(right.state.as_str()).or_default() += 1;
        }
        states
    }

    /// The day of a moment where the round is at home, in days since 1970.
    fn day_of(&self, round: RoundId, at_ms: i64) -> i64 {
        let hours = self.rounds.get(&round).and_then(|agency| self.zones.get(agency)).copied().unwrap_or(0);
        at_ms.saturating_add(hours.saturating_mul(HOUR_MS)).div_euclid(24 * HOUR_MS)
    }

    fn issue(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        let id = need(leaf.entitlement, "entitlement")?;
        let (round, point) = (need(leaf.round, "round")?, need(leaf.point, "point")?);
        let value = need(leaf.value_minor, "value")?;
        if !self.rounds.contains_key(&round) {
            return Err(wrong("leaf", "it issues in a round that the log does not know"));
        }
        let exception = leaf.kind == Kind::Exception;
        let first = if exception { Some(need(leaf.link, "right for which it stands")?) } else { None };
        let allowed = first.map_or(Ok(()), |first| self.may_stand_for(leaf, first, round, value));
        let fence = leaf.fence.unwrap_or_default();
        let right = Right {
            state: State::Available,
            round,
            point,
            value,
            fence,
            issued_by: leaf.actor,
            holder: None,
            redemption: None,
            first,
            reversed: false,
            beside: false,
            household: leaf.subject.filter(|_| !exception),
            last: self.index,
        };
        if self.rights.contains_key(&id) {
            return Err(wrong("V9", "this right was issued before"));
        }
        self.rights.insert(id, right);
        if let Some(first) = first {
            self.exceptions.entry(first).or_default().push(id);
        }
        for sums in self.sums(round, point) {
            sums.issued += 1;
            sums.committed_minor += value;
        }
        allowed?;
        if let Some(household) = leaf.subject.filter(|_| !exception)
            && !self.households.insert((round, household))
        {
            return Err(wrong("V1", "a second first right of one household in a round"));
        }
        self.must_be(leaf, if exception { &MAY_EXCEPT } else { &MAY_ISSUE })
    }

    fn grant(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        let (device, fence) = (need(leaf.device, "device")?, need(leaf.fence, "fence")?);
        if !self.chains.contains_key(&device) {
            return Err(wrong("V2", "granted to a device that was not enrolled"));
        }
        let restored = self.restores > 0;
        let right = self.right(leaf)?;
        let before = *right;
        (right.holder, right.fence) = (Some(device), fence);
        if before.state == State::Leased && (before.holder, before.fence) == (Some(device), fence) {
            return Ok(());
        }
        self.pass(leaf, State::Leased, None)?;
        match before.state {
            State::Available if fence > before.fence => Ok(()),
            State::Leased | State::Unresolved | State::Expired if restored && fence > before.fence => Ok(()),
            State::Available => Err(wrong("V5", "the fence does not grow")),
            state => Err(wrong("V2", format!("granted while {}", state.as_str()))),
        }
    }

    fn give_back(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        let (device, fence) = (need(leaf.device, "device")?, need(leaf.fence, "fence")?);
        let restored = self.restores > 0;
        let right = self.right(leaf)?;
        if (right.state, right.holder, right.fence) != (State::Leased, Some(device), fence) {
            // A restored office may have forgotten that it came back.
            let again = restored && right.state == State::Available && fence <= right.fence;
            return if again { Ok(()) } else { Err(wrong("V2", "returned by somebody who did not hold it")) };
        }
        right.holder = None;
        self.pass(leaf, State::Available, None)
    }

    fn write_off(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        if leaf.entitlement.is_none() {
            return self.chain(leaf).map(drop);
        }
        let restored = self.restores > 0;
        let right = self.right(leaf)?;
        let before = right.state;
        // What a device may hold that owes its answer after a restore becomes unresolved too.
        let may = before == State::Leased || (restored && (before.is_live() || before == State::Expired));
        if !may {
            return Err(wrong("V2", format!("written off while {}", before.as_str())));
        }
        right.holder = leaf.device.or(right.holder);
        self.pass(leaf, State::Unresolved, None)
    }

    fn end(&mut self, leaf: &Leaf, state: State) -> Result<(), Wrong> {
        let restored = self.restores > 0;
        let right = self.right(leaf)?;
        let before = right.state;
        if restored && before == state {
            return Ok(());
        }
        if !before.is_live() {
            return Err(wrong("V2", format!("{} after it was {}", state.as_str(), before.as_str())));
        }
        right.holder = None;
        self.pass(leaf, state, None)
    }

    /// Moves a right to another state, and the sums with it.
    fn pass(&mut self, leaf: &Leaf, state: State, redemption: Option<(RedemptionId, i64)>) -> Result<(), Wrong> {
        let right = self.right(leaf)?;
        let before = *right;
        (right.state, right.redemption) = (state, redemption);
        for sums in self.sums(before.round, before.point) {
            sums.count(before.state, -1, before.value, before.redemption);
            sums.count(state, 1, before.value, redemption);
        }
        Ok(())
    }

    fn redeem(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        let (device, fence) = (need(leaf.device, "device")?, need(leaf.fence, "fence")?);
        let (value, day) = (need(leaf.value_minor, "value")?, need(leaf.count, "day")?);
        let redemption = need(leaf.redemption, "redemption")?;
        let chained = self.next_of_chain(device, leaf);
        let restored = self.restores > 0;
        let right = self.right(leaf)?;
        let before = *right;
        if before.state == State::Redeemed {
            // A restored office tells again what stands outside.
            let again = restored && before.redemption == Some((redemption, value));
            return if again { Ok(()) } else { Err(wrong("V1", "a second handout of the same right")) };
        }
        (right.fence, right.holder) = (fence, None);
        self.pass(leaf, State::Redeemed, Some((redemption, value)))?;
        self.note_if_beside(need(leaf.entitlement, "entitlement")?, &before);
        let handed = self.by_day.entry((before.round, day_named(leaf))).or_default();
        *handed = (handed.0 + 1, handed.1 + value);
        chained?;
        let exact = before.holder == Some(device) && fence == before.fence;
        let newer = fence > before.fence;
        match before.state {
            State::Available | State::Expired if newer => {}
            State::Leased if exact || (restored && newer) => {}
            State::Unresolved if exact || newer => {}
            State::Available | State::Leased | State::Unresolved => {
                return Err(wrong("V5", "redeemed under a fence that was not the right's"));
            }
            state => return Err(wrong("V2", format!("redeemed after it was {}", state.as_str()))),
        }
        if leaf.point != Some(before.point) {
            return Err(wrong("V9", "redeemed at another point than it was issued for"));
        }
        if leaf.round.is_some_and(|round| round != before.round) {
            return Err(wrong("V9", "redeemed in another round than it was issued in"));
        }
        if !(0..=before.value).contains(&value) {
            return Err(wrong("V9", format!("{value} handed over of a right worth {}", before.value)));
        }
        let days = [Some(leaf.at_ms), leaf.claimed_at_ms].map(|at| at.map(|at| self.day_of(before.round, at)));
        if !days.contains(&Some(day)) {
            return Err(wrong("V9", "it counts on a day on which it neither happened nor came"));
        }
        if leaf.actor.is_some() && leaf.actor == before.issued_by {
            return Err(wrong("V11", "redeemed by the person who issued it"));
        }
        self.must_be(leaf, &MAY_REDEEM)
    }

    /// Checks that a receipt is the next of its device's chain, and makes it the newest.
    fn next_of_chain(&mut self, device: DeviceId, leaf: &Leaf) -> Result<(), Wrong> {
        let (seq, prev) = (need(leaf.seq, "place in the chain")?, need(leaf.prev_hash, "hash before")?);
        let hash = need(leaf.receipt_hash, "hash of the receipt")?;
        let leaf = self.index;
        let Some(chain) = self.chains.get_mut(&device) else {
            return Err(wrong("V6", "a receipt of a device that was not enrolled"));
        };
        chain.add(seq, prev, hash, leaf).map_err(|what| wrong("V6", what))
    }

    /// A receipt that is the redemption of nothing takes its place in the chain all the same; what else is put on
    /// record explains what comes after it.
    fn conflict(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        if let (Some(device), Some(seq)) = (leaf.device, leaf.seq) {
            match leaf.word.as_deref() {
                Some("fork") => {
                    if let Some(chain) = self.chains.get_mut(&device) {
                        chain.fork(seq);
                    }
                }
                Some(word) if word.starts_with("odd_") => drop(self.odd.insert((device, seq))),
                _ => {}
            }
            if leaf.receipt_hash.is_some() && leaf.word.as_deref() != Some(DISPLACED) {
                self.next_of_chain(device, leaf)?;
            }
        }
        // After a restore, another receipt than the one of the backup may be the one that was acknowledged.
        if leaf.word.as_deref() == Some(DISPLACED)
            && let Some((id, value)) = self.right(leaf)?.redemption
            && Some(id) == leaf.redemption
        {
            self.pass(leaf, State::Available, None)?;
            let right = self.right(leaf)?;
            right.fence = Fence::default();
            let round = right.round;
            if let Some(handed) = self.by_day.get_mut(&(round, day_named(leaf))) {
                *handed = (handed.0 - 1, handed.1 - value);
            }
        }
        Ok(())
    }

    /// A right that nobody holds goes to another point.
    fn place(&mut self, leaf: &Leaf) -> Result<(), Wrong> {
        let point = need(leaf.point, "point")?;
        let right = self.right(leaf)?;
        let before = *right;
        if before.state != State::Available {
            return Err(wrong("V2", format!("moved to another point while {}", before.state.as_str())));
        }
        right.point = point;
        for (point, sign) in [(before.point, -1), (point, 1)] {
            let sums = self.by_point.entry((before.round, point)).or_default();
            sums.issued += sign;
            sums.committed_minor += sign * before.value;
        }
        Ok(())
    }

    /// Who has a role may not act in that of another.
    fn must_be(&self, leaf: &Leaf, roles: &[&str]) -> Result<(), Wrong> {
        let role = leaf.actor.and_then(|actor| self.roles.get(&actor));
        match role {
            Some(role) if roles.contains(&role.as_str()) => Ok(()),
            Some(role) => Err(wrong("V11", format!("{} by a person who is {role}", leaf.kind.as_str()))),
            None => Err(wrong("V11", format!("{} by a person without a role in the log", leaf.kind.as_str()))),
        }
    }

    fn right(&mut self, leaf: &Leaf) -> Result<&mut Right, Wrong> {
        let id = need(leaf.entitlement, "entitlement")?;
        let right = self.rights.get_mut(&id);
        let right =
            right.ok_or_else(|| wrong("V9", format!("{} of a right that was not issued", leaf.kind.as_str())))?;
        right.last = self.index;
        Ok(right)
    }

    fn chain(&self, leaf: &Leaf) -> Result<&Chain, Wrong> {
        let device = need(leaf.device, "device")?;
        self.chains.get(&device).ok_or_else(|| wrong("V6", "a device that was not enrolled"))
    }

    fn sums(&mut self, round: RoundId, point: u32) -> [&mut Sums; 2] {
        [self.by_round.entry(round).or_default(), self.by_point.entry((round, point)).or_default()]
    }
}

fn need<T>(found: Option<T>, what: &str) -> Result<T, Wrong> {
    found.ok_or_else(|| wrong("leaf", format!("it has no {what}")))
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
