//! One day of one seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use salur::domain::entitlement::Fence;
use salur::domain::id::{DeviceId, EntitlementId, RedemptionId};
use salur::domain::lease::brake::{Brake, Clock};
use salur::domain::lease::device::{Lease, Output, Refused};
use salur::domain::lease::office::{Hold, Keeper, Right, Row};
use salur::domain::time::Timestamp;

use crate::random::Random;
use crate::world::central::Look;
use crate::world::{Central, Message, Rule, Unit, World, device_id, end_of_time, entitlement, invariants, point};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clocks {
    Honest,
    Random,
}

const DESK: u8 = 200;

/// How a day ended: where each right is, and how often goods went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    rights: Vec<Row>,
    handouts: Vec<(EntitlementId, RedemptionId)>,
}

pub(crate) struct Day<C: Central> {
    world: World<C>,
    random: Random,
    /// Another stream, so that the clocks' draws move nothing else.
    times: Random,
    clocks: Clocks,
    minute: i64,
    wanted: Vec<EntitlementId>,
    backups: Vec<C::Backup>,
    copies: Vec<Unit>,
    /// Places of units that nobody can reach.
    lost: BTreeSet<usize>,
    given_up: BTreeSet<DeviceId>,
    /// Whether devices may be copied and set back this day (A3 broken).
    copying: bool,
    copied: bool,
    fences: BTreeMap<EntitlementId, Fence>,
    restores: u32,
    devices: u8,
    /// A day of fewer steps, in which nobody says again what changed nothing: for a server that takes its time.
    brief: bool,
}

const fn live(row: &Row) -> bool {
    matches!(row.right, Right::Available | Right::Leased(_))
}

type Counts = BTreeMap<&'static str, u64>;

impl<C: Central> Day<C> {
    pub(crate) fn new(seed: u64, clocks: Clocks, central: C, broken: Option<Rule>) -> Self {
        let mut random = Random::seeded(seed);
        let times = Random::seeded(seed ^ 0xc10c);
        let entitlements = u8::try_from(2 + random.below(9)).unwrap();
        let devices = u8::try_from(1 + random.below(4)).unwrap();
        let copying = random.percent(25);
        let mut world = World::new(central, Vec::new(), broken);
        for number in 1..=entitlements {
            world.central.issue(entitlement(number), point(1));
        }
        world.central.enrol(device_id(DESK), point(1), Keeper::Server);
        let mut day = Self {
            world,
            random,
            times,
            clocks,
            minute: 0,
            wanted: (1..=entitlements).map(entitlement).collect(),
            backups: Vec::new(),
            copies: Vec::new(),
            lost: BTreeSet::new(),
            given_up: BTreeSet::new(),
            copying,
            copied: false,
            fences: BTreeMap::new(),
            restores: 0,
            devices: 0,
            brief: false,
        };
        for _ in 0..devices {
            day.enrol();
        }
        day.backups.push(day.world.central.backup());
        day
    }

    pub(crate) fn brief(self) -> Self {
        Self { brief: true, ..self }
    }

    fn enrol(&mut self) {
        self.devices += 1;
        let id = device_id(self.devices);
        let brake = Brake { packages: self.random.percent(30).then_some(2), hours: None };
        self.world.central.enrol(id, point(1), Keeper::Itself);
        let epoch = self.world.central.look().epoch;
        let at = self.wall();
        self.world.units.push(Unit::enrolled(id, epoch, brake, at));
    }

    fn wall(&mut self) -> Timestamp {
        let drawn = self.times.word();
        let millis = match self.clocks {
            Clocks::Honest => 1_796_515_200_000 + self.minute * 60_000,
            Clocks::Random => i64::try_from(drawn % 4_000_000_000_000).unwrap(),
        };
        Timestamp::from_millis(millis).unwrap()
    }

    pub(crate) fn run(mut self, counts: &mut Counts) -> Result<End, String> {
        let steps = if self.brief { 30 + self.random.below(60) } else { 40 + self.random.below(160) };
        for _ in 0..steps {
            self.minute += 1;
            self.step(counts);
            if self.random.percent(2) {
                self.drain(counts);
            }
            self.check(counts)?;
        }
        for at in std::mem::take(&mut self.lost) {
            let id = self.world.units[at].core.device;
            if self.random.percent(50) {
                self.give_up(id);
                self.lost.insert(at);
            }
        }
        for _ in 0..4 {
            self.drain(counts);
        }
        self.check(counts)?;
        self.check_end()?;
        let look = self.world.central.look();
        Ok(End {
            // Of what has ended, or is lost, a hold says nothing.
            rights: look
                .rows
                .into_iter()
                .map(|row| if live(&row) { row } else { Row { hold: Hold::No, ..row } })
                .collect(),
            handouts: self.world.handouts.iter().map(|h| (h.entitlement, h.receipt.redemption)).collect(),
        })
    }

    fn give_up(&mut self, id: DeviceId) {
        self.given_up.insert(id);
        self.world.central.write_off(id);
    }

    fn unit(&mut self) -> Option<usize> {
        let reachable: Vec<usize> = (0..self.world.units.len()).filter(|at| !self.lost.contains(at)).collect();
        self.random.pick(&reachable)
    }

    fn step(&mut self, counts: &mut Counts) {
        let Some(wanted) = self.random.pick(&self.wanted) else { return };
        if self.world.broken == Some(Rule::NoTimedReassignment) && self.random.percent(5) {
            self.world.central.time_out(wanted);
        }
        let before = self.world.net.clone();
        match self.random.below(100) {
            0..14 => {
                let Some(at) = self.unit() else { return };
                let device = self.world.units[at].core.device;
                let some: Vec<_> =
                    (0..1 + self.random.below(4)).filter_map(|_| self.random.pick(&self.wanted)).collect();
                self.world.grant(device, &some, end_of_time());
            }
            14..50 => self.travel(counts),
            50..68 => self.present(wanted, counts),
            68..74 => {
                let Some(at) = self.unit() else { return };
                self.world.close(at, wanted);
            }
            74..77 => {
                let out = self.world.central.revoke(wanted);
                self.world.send(out);
            }
            77..80 => {
                let on = self.random.percent(60);
                let out = self.world.central.hold(wanted, on);
                self.world.send(out);
            }
            80..81 => self.world.central.expire(wanted),
            81..85 => {
                let out = self.world.central.cover();
                self.world.send(out);
            }
            85..89 => {
                let Some(at) = self.unit() else { return };
                self.sync(at);
            }
            89..92 => self.backups.push(self.world.central.backup()),
            92..94 if self.restores < 3 => {
                self.restores += 1;
                if let Some(backup) = self.random.pick(&self.backups) {
                    let out = self.world.central.restore(&backup);
                    self.world.send(out);
                }
            }
            94 => {
                if let Some(at) = self.unit() {
                    self.lost.insert(at);
                }
            }
            95 => {
                let lost = self.lost.iter().next().copied();
                if let Some(at) = lost.filter(|_| self.random.percent(50)) {
                    let id = self.world.units[at].core.device;
                    self.give_up(id);
                }
            }
            96 if self.devices < 6 => {
                self.enrol();
                *counts.entry("a device was enrolled late").or_default() += 1;
            }
            97 | 98 if self.copying => self.copy(),
            99 => {
                let Some(at) = self.unit() else { return };
                if self.random.percent(30) {
                    let out = self.world.central.bar(self.world.units[at].core.device);
                    self.world.send(out);
                }
            }
            _ => self.travel(counts),
        }
        // The power goes after the commit: whatever was about to be sent never leaves.
        if self.random.percent(8) && self.world.net != before {
            *counts.entry("power went between two steps").or_default() += 1;
            self.world.net = before;
            self.world.central.power_cut();
        }
    }

    fn sync(&mut self, at: usize) {
        let out = self.world.units[at].sync();
        self.world.send(out);
        let time = self.wall();
        let epoch = self.world.units[at].core.epoch;
        self.world.units[at].met(epoch, time);
    }

    fn copy(&mut self) {
        let Some(at) = self.unit() else { return };
        if self.copies.is_empty() || self.random.percent(50) {
            self.copies.push(self.world.units[at].clone());
            return;
        }
        let Some(copy) = self.random.pick(&self.copies) else { return };
        self.copied = true;
        if self.random.percent(50) && self.world.units.len() < 8 {
            self.world.units.push(copy);
        } else if let Some(unit) = self.world.units.iter_mut().find(|unit| unit.core.device == copy.core.device) {
            *unit = copy;
        }
    }

    /// Somebody shows a paper, or a copy of it, at any desk.
    fn present(&mut self, wanted: EntitlementId, counts: &mut Counts) {
        let wall = self.wall();
        let done = self.world.handouts.iter().any(|handout| handout.entitlement == wanted);
        if self.random.percent(20) {
            if self.world.redeem_here(device_id(DESK), wanted, wall).is_some() {
                *counts.entry("handed out at the server's desk").or_default() += 1;
            } else if done {
                *counts.entry("a photocopy was refused").or_default() += 1;
            }
            return;
        }
        let Some(at) = self.unit() else { return };
        if self.world.broken == Some(Rule::DurableThenGreen) && self.random.percent(10) {
            self.world.redeem_and_crash(at, wanted, wall);
        }
        let id = self.world.draw(wanted);
        let Some(receipt) = self.world.redeem_as(at, wanted, id, wall) else {
            if let Output::Refused(why) = self.world.units[at].redeem(wanted, id, wall) {
                match why {
                    Refused::Braked(_) => *counts.entry("a brake stopped a device").or_default() += 1,
                    Refused::AlreadyRedeemed(_) => *counts.entry("a photocopy was refused").or_default() += 1,
                    _ => {}
                }
            }
            return;
        };
        *counts.entry("handed out offline").or_default() += 1;
        if receipt.flags.clock_back {
            *counts.entry("a clock stood back").or_default() += 1;
        }
        if receipt.fence.counter > 1 {
            *counts.entry("a re-grant was redeemed").or_default() += 1;
        }
        if self.random.percent(40) && self.world.redeem_as(at, wanted, id, wall).is_none() {
            *counts.entry("a second tap was no second handout").or_default() += 1;
        }
    }

    /// Any message arrives, out of order; it may come again, or be lost.
    fn travel(&mut self, counts: &mut Counts) {
        let all: Vec<Arc<Message>> = self.world.net.iter().cloned().collect();
        let Some(message) = self.random.pick(&all) else { return };
        if self.random.percent(15) {
            self.world.net.remove(&message);
            return;
        }
        self.hand_over(&message, counts);
        if self.random.percent(50) {
            self.world.net.remove(&message);
        }
    }

    fn hand_over(&mut self, message: &Message, counts: &mut Counts) {
        let wall = self.wall();
        let Some(device) = message.to() else {
            self.world.deliver(message, 0, wall);
            return;
        };
        let at: Vec<usize> = (0..self.world.units.len())
            .filter(|at| self.world.units[*at].core.device == device && !self.lost.contains(at))
            .collect();
        let Some(at) = self.random.pick(&at) else { return };
        if let Message::Bundle(bundle) = message {
            let unit = &self.world.units[at];
            if bundle.epoch < unit.core.epoch {
                *counts.entry("an old grant was refused").or_default() += 1;
            }
            let closed = |slot: Option<_>| slot.is_some_and(|lease| matches!(lease, Lease::Closed(_)));
            if bundle.grants.iter().any(|g| {
                let slot = unit.slots.get(&g.entitlement);
                closed(slot.map(|slot| slot.lease)) && slot.is_some_and(|slot| g.fence <= slot.hwm)
            }) {
                *counts.entry("a closed lease did not open again").or_default() += 1;
            }
        }
        let journal = self.world.units[at].journal.len();
        self.world.deliver(message, at, wall);
        if self.world.units[at].journal.len() < journal {
            *counts.entry("a journal was pruned").or_default() += 1;
        }
    }

    /// The network heals: everybody who can be reached says everything, until nothing is new.
    fn drain(&mut self, counts: &mut Counts) {
        for _ in 0..6 {
            let was = self.brief.then(|| (self.world.central.look(), self.rows(), self.world.net.clone()));
            let recovering = self.world.central.look().recovering;
            let out = self.world.central.ask_again();
            self.world.send(out);
            for at in 0..self.world.units.len() {
                if !self.lost.contains(&at) {
                    self.sync(at);
                }
            }
            let all: Vec<Arc<Message>> = self.world.net.iter().cloned().collect();
            for message in all {
                self.note_repeats(&message, counts);
                self.hand_over(&message, counts);
            }
            let out = self.world.central.cover();
            self.world.send(out);
            if recovering && !self.world.central.look().recovering {
                *counts.entry("a recovery ended").or_default() += 1;
            }
            if was.is_some_and(|(look, units, net)| {
                look == self.world.central.look() && units == self.rows() && net == self.world.net
            }) {
                break;
            }
        }
        let reachable = |message: &Message| {
            message.to().is_none_or(|to| {
                self.world.units.iter().enumerate().any(|(at, unit)| unit.core.device == to && !self.lost.contains(&at))
            })
        };
        // What could arrive has arrived; only what waits for somebody out of reach stays.
        let rest = self.world.net.iter().filter(|message| !reachable(message)).cloned().collect();
        self.world.net = rest;
    }

    /// What devices hold, without what their clocks show: no clock may decide how often something is said.
    fn rows(&self) -> Vec<Unit> {
        let still = |unit: &Unit| {
            let mut unit = unit.clone();
            unit.core.clock = Clock::default();
            unit.core.contact_at = Timestamp::default();
            unit
        };
        self.world.units.iter().map(still).collect()
    }

    fn note_repeats(&self, message: &Message, counts: &mut Counts) {
        let look = self.world.central.look();
        let row = |wanted: EntitlementId| look.rows.iter().find(|row| row.entitlement == wanted).copied();
        match message {
            Message::Return(back) if row(back.entitlement).is_some_and(|r| r.right != Right::Leased(back.device)) => {
                *counts.entry("a return came twice").or_default() += 1;
            }
            Message::Return(back) if row(back.entitlement).is_some_and(|row: Row| row.revoke_requested) => {
                *counts.entry("revoked on return").or_default() += 1;
            }
            Message::HoldTaken(_, wanted, fence)
                if row(*wanted).is_some_and(|row| row.hold == Hold::Requested && row.fence == *fence) =>
            {
                *counts.entry("a hold took effect").or_default() += 1;
            }
            Message::Receipt(receipt) => {
                if look.kept.iter().any(|kept| kept.receipt.hash == receipt.hash) {
                    *counts.entry("a receipt came twice").or_default() += 1;
                } else if row(receipt.entitlement).is_some_and(|row| matches!(row.right, Right::Unresolved(_))) {
                    *counts.entry("an unresolved entitlement was settled").or_default() += 1;
                }
            }
            _ => {}
        }
    }

    fn check(&mut self, counts: &mut Counts) -> Result<(), String> {
        let look = self.world.central.look();
        if !self.copied {
            invariants::at_most_one_handout(&self.world)?;
            invariants::never_two_leases(&self.world, &look)?;
            invariants::nothing_lost(&self.world, &look)?;
            // V10 with A3 true: not one conflict, whatever the network and the backups did.
            if let Some(kept) = look.kept.iter().find(|kept| !kept.is_redemption) {
                return Err(format!("V10: an honest receipt became a conflict: {:?}", kept.receipt));
            }
        }
        invariants::never_redeemed_and_revoked(&self.world, &look)
            .or_else(|what| if self.copied { Ok(()) } else { Err(what) })?;
        invariants::receipts_have_a_place(&look)?;
        invariants::extra_handouts_are_conflicts(&self.world, &look)?;
        invariants::forks_are_known(&look)?;
        invariants::the_books_add_up(&look, self.wanted.len())?;
        self.check_fences()?;
        if look.kept.iter().any(|kept| !kept.is_redemption) {
            *counts.entry("a conflict was recorded").or_default() += 1;
        }
        if look.members.iter().any(|member| member.forked) {
            *counts.entry("a fork was found").or_default() += 1;
        }
        Ok(())
    }

    /// V5: every lease that leaves the server has a number that no lease of that entitlement had.
    fn check_fences(&mut self) -> Result<(), String> {
        let mut seen: BTreeMap<(EntitlementId, Fence), DeviceId> = BTreeMap::new();
        for message in &self.world.net {
            let Message::Bundle(bundle) = &**message else { continue };
            for grant in &bundle.grants {
                let key = (grant.entitlement, grant.fence);
                if seen.insert(key, bundle.device).is_some_and(|other| other != bundle.device) {
                    return Err(format!("V5: one fence for two devices: {key:?}"));
                }
                let highest = self.fences.entry(grant.entitlement).or_default();
                *highest = grant.fence.max(*highest);
            }
        }
        Ok(())
    }

    /// What must be true once everything has arrived.
    fn check_end(&self) -> Result<(), String> {
        let look: Look = self.world.central.look();
        let silent: BTreeSet<DeviceId> = self.lost.iter().map(|at| self.world.units[*at].core.device).collect();
        if look.recovering {
            return Err("a recovery did not end, though everybody answered or was given up".to_owned());
        }
        for handout in self.world.handouts.iter().filter(|h| h.here || !silent.contains(&h.receipt.device)) {
            let come = look.kept.iter().any(|kept| kept.receipt.hash == handout.receipt.hash);
            if !come && !self.copied {
                return Err(format!("S2: the receipt of {} never came", handout.entitlement));
            }
        }
        self.world.central.books()?;
        if self.copied {
            return Ok(());
        }
        for row in &look.rows {
            let open: Vec<&Unit> = self.world.units.iter().filter(|unit| unit.is_open(row.entitlement)).collect();
            if let [unit] = open.as_slice()
                && row.right.holder() != Some(unit.core.device)
                && !matches!(row.right, Right::Unresolved(_))
            {
                return Err(format!("{} is open on a device, and {:?} at the server", row.entitlement, row.right));
            }
        }
        Ok(())
    }
}
