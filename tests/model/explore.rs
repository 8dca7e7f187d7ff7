//! The world as stateright wants it: every action that is possible in a state, within a scope.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use salur::domain::id::{DeviceId, EntitlementId};
use salur::domain::lease::brake::Brake;
use salur::domain::lease::office::{Keeper, Right};
use salur::domain::time::Timestamp;
use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::world::memory::{Database, Memory};
use crate::world::{Central, Message, Rule, Unit, World, device_id, end_of_time, entitlement, invariants, point};

/// How much may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    pub devices: u8,
    pub entitlements: u8,
    /// Bundles that the server grants, one entitlement each.
    pub grants: u8,
    pub returns: u8,
    pub backups: u8,
    pub restores: u8,
    pub covers: u8,
    pub revocations: u8,
    pub write_offs: u8,
    /// The second device is enrolled while the world runs, not before.
    pub late: bool,
    /// A desk of the server's own.
    pub own_desk: bool,
    /// A device may be copied, and the copy wake up beside it or in its place (A3 broken).
    pub copies: u8,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            devices: 2,
            entitlements: 1,
            grants: 2,
            returns: 2,
            backups: 0,
            restores: 0,
            covers: 0,
            revocations: 0,
            write_offs: 0,
            late: false,
            own_desk: false,
            copies: 0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Grant(DeviceId, EntitlementId),
    Deliver(Arc<Message>, usize),
    Redeem(usize, EntitlementId),
    RedeemHere(EntitlementId),
    Close(usize, EntitlementId),
    Revoke(EntitlementId),
    WriteOff(DeviceId),
    Enrol(u8),
    Backup,
    Restore,
    Cover,
    Copy(usize),
    Clone,
    SetBack(usize),
    /// Only without rule 4.
    TimeOut(EntitlementId),
    /// Only without rule 1.
    RedeemAndCrash(usize, EntitlementId),
}

/// What has been done, of what may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Spent {
    grants: u8,
    returns: u8,
    backups: u8,
    restores: u8,
    covers: u8,
    revocations: u8,
    write_offs: u8,
    copies: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub world: World<Memory>,
    backup: Arc<Database>,
    copy: Option<Unit>,
    spent: Spent,
}

#[derive(Debug, Clone)]
pub(crate) struct Protocol {
    scope: Scope,
    broken: Option<Rule>,
}

const DESK: u8 = 9;

fn noon() -> Timestamp {
    Timestamp::default()
}

impl Protocol {
    fn entitlements(&self) -> impl Iterator<Item = EntitlementId> + use<> {
        (1..=self.scope.entitlements).map(entitlement)
    }

    fn take(&self, state: &mut State, action: &Action) {
        let world = &mut state.world;
        match action {
            Action::Grant(device, wanted) => {
                state.spent.grants += 1;
                world.grant(*device, &[*wanted], end_of_time());
            }
            Action::Deliver(message, at) => world.deliver(message, *at, noon()),
            Action::Redeem(at, wanted) => {
                world.redeem(*at, *wanted, noon());
            }
            Action::RedeemHere(wanted) => {
                world.redeem_here(device_id(DESK), *wanted, noon());
            }
            Action::Close(at, wanted) => {
                state.spent.returns += 1;
                world.close(*at, *wanted);
            }
            Action::Revoke(wanted) => {
                state.spent.revocations += 1;
                let out = world.central.revoke(*wanted);
                world.send(out);
            }
            Action::WriteOff(device) => {
                state.spent.write_offs += 1;
                world.central.write_off(*device);
            }
            Action::Enrol(number) => enrol(world, *number),
            Action::Backup => {
                state.spent.backups += 1;
                state.backup = world.central.backup();
            }
            Action::Restore => {
                state.spent.restores += 1;
                let out = world.central.restore(&state.backup);
                world.send(out);
            }
            Action::Cover => {
                state.spent.covers += 1;
                let out = world.central.cover();
                world.send(out);
            }
            Action::Copy(at) => {
                state.spent.copies += 1;
                state.copy = world.units.get(*at).cloned();
            }
            Action::Clone => world.units.extend(state.copy.take()),
            Action::SetBack(at) => {
                if let Some(copy) = state.copy.take() {
                    world.units[*at] = copy;
                }
            }
            Action::TimeOut(wanted) => world.central.time_out(*wanted),
            Action::RedeemAndCrash(at, wanted) => world.redeem_and_crash(*at, *wanted, noon()),
        }
    }
}

fn enrol(world: &mut World<Memory>, number: u8) {
    world.central.enrol(device_id(number), point(1), Keeper::Itself);
    let epoch = world.central.db.epoch;
    world.units.push(Unit::enrolled(device_id(number), epoch, Brake::default(), noon()));
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut central = Memory::new(self.broken);
        for wanted in self.entitlements() {
            central.issue(wanted, point(1));
        }
        if self.scope.own_desk {
            central.enrol(device_id(DESK), point(1), Keeper::Server);
        }
        let mut world = World::new(central, Vec::new(), self.broken);
        let at_first = if self.scope.late { 1 } else { self.scope.devices };
        for number in 1..=at_first {
            enrol(&mut world, number);
        }
        let backup = world.central.backup();
        vec![State { world, backup, copy: None, spent: Spent::default() }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let (scope, spent, world) = (&self.scope, &state.spent, &state.world);
        let db = &world.central.db;
        for message in &world.net {
            match message.to() {
                None => actions.push(Action::Deliver(Arc::clone(message), 0)),
                Some(device) => {
                    let places = world.units.iter().enumerate().filter(|(_, unit)| unit.core.device == device);
                    actions.extend(places.map(|(at, _)| Action::Deliver(Arc::clone(message), at)));
                }
            }
        }
        for (at, unit) in world.units.iter().enumerate() {
            // Also what it has given back or used: the machine must refuse that by itself.
            actions.extend(unit.slots.keys().map(|wanted| Action::Redeem(at, *wanted)));
            for wanted in self.entitlements().filter(|wanted| unit.is_open(*wanted)) {
                if spent.returns < scope.returns {
                    actions.push(Action::Close(at, wanted));
                }
                if self.broken == Some(Rule::DurableThenGreen) && world.handouts.len() < 2 {
                    actions.push(Action::RedeemAndCrash(at, wanted));
                }
            }
            if spent.copies < scope.copies && state.copy.is_none() {
                actions.push(Action::Copy(at));
            }
            if state.copy.as_ref().is_some_and(|copy| copy.core.device == unit.core.device && copy != unit) {
                actions.push(Action::SetBack(at));
            }
        }
        if state.copy.is_some() {
            actions.push(Action::Clone);
        }
        for wanted in self.entitlements() {
            let row = db.rows.iter().find(|row| row.entitlement == wanted);
            if spent.grants < scope.grants && row.is_some_and(|row| row.right == Right::Available) {
                actions.extend(
                    db.members.iter().filter(|m| m.keeper == Keeper::Itself).map(|m| Action::Grant(m.device, wanted)),
                );
            }
            if scope.own_desk {
                actions.push(Action::RedeemHere(wanted));
            }
            if spent.revocations < scope.revocations {
                actions.push(Action::Revoke(wanted));
            }
            if self.broken == Some(Rule::NoTimedReassignment) {
                actions.push(Action::TimeOut(wanted));
            }
        }
        if spent.write_offs < scope.write_offs {
            actions.extend(db.members.iter().map(|member| Action::WriteOff(member.device)));
        }
        if scope.late && world.units.len() == 1 && scope.devices > 1 {
            actions.push(Action::Enrol(2));
        }
        if spent.backups < scope.backups && spent.restores < scope.restores {
            actions.push(Action::Backup);
        }
        if spent.restores < scope.restores {
            actions.push(Action::Restore);
        }
        if spent.covers < scope.covers && !db.waiting.is_empty() {
            actions.push(Action::Cover);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut next = last.clone();
        self.take(&mut next, &action);
        (next != *last).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always("handed out and revoked", |_, state: &State| {
                invariants::never_redeemed_and_revoked(&state.world, &state.world.central.look()).is_ok()
            }),
            Property::always("receipt without a place", |_, state: &State| {
                invariants::receipts_have_a_place(&state.world.central.look()).is_ok()
            }),
            Property::always("extra handout unseen", |_, state: &State| {
                invariants::extra_handouts_are_conflicts(&state.world, &state.world.central.look()).is_ok()
            }),
            Property::always("fork unseen", |_, state: &State| {
                invariants::forks_are_known(&state.world.central.look()).is_ok()
            }),
        ];
        if self.scope.copies == 0 {
            properties.extend([
                Property::always("two handouts", |_, state: &State| {
                    invariants::at_most_one_handout(&state.world).is_ok()
                }),
                Property::always("receipt lost", |_, state: &State| {
                    invariants::nothing_lost(&state.world, &state.world.central.look()).is_ok()
                }),
            ]);
        }
        properties
    }
}

/// What an exploration came to.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub states: usize,
    pub depth: usize,
    pub seconds: f64,
    /// Which properties failed, and by which steps.
    pub failures: Vec<(String, Vec<String>)>,
}

impl Found {
    /// The shortest way to a failure: its property and how many steps.
    pub(crate) fn shortest(&self) -> Option<(&str, usize)> {
        self.failures.iter().map(|(name, steps)| (name.as_str(), steps.len())).min_by_key(|(_, steps)| *steps)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} states to depth {} in {:.1} s", self.states, self.depth, self.seconds)?;
        for (name, steps) in &self.failures {
            write!(f, "\n  {name}, in {} steps:", steps.len())?;
            for step in steps {
                write!(f, "\n    {step}")?;
            }
        }
        Ok(())
    }
}

/// Explores a scope, breadth first, until something fails, all is seen, or so many states are.
pub(crate) fn explore(scope: Scope, broken: Option<Rule>, most: Option<usize>) -> Found {
    let began = Instant::now();
    let mut checker = Protocol { scope, broken }.checker().threads(2).finish_when(HasDiscoveries::AnyFailures);
    if let Some(most) = most {
        checker = checker.target_state_count(most);
    }
    let done = checker.spawn_bfs().join();
    let failures = done.discoveries().into_iter().map(|(name, path)| {
        let steps = path.into_actions().iter().map(|action| format!("{action:?}")).collect();
        (name.to_owned(), steps)
    });
    let failures = failures.collect();
    Found {
        states: done.unique_state_count(),
        depth: done.max_depth(),
        seconds: began.elapsed().as_secs_f64(),
        failures,
    }
}
