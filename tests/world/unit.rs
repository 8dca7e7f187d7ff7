//! A device: the product's machine, with its rows in memory in place of a file.

use std::collections::BTreeMap;

use salur::domain::entitlement::Fence;
use salur::domain::id::{DeviceId, EntitlementId, RedemptionId};
use salur::domain::lease::brake::Brake;
use salur::domain::lease::device::{self, Core, Input, Lease, Output, Slot};
use salur::domain::lease::message::Receipt;
use salur::domain::lease::{contact, message::Ack};
use salur::domain::time::Timestamp;

use super::{Message, Rule, answer_of, seal};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unit {
    pub core: Core,
    pub slots: BTreeMap<EntitlementId, Slot>,
    pub journal: Vec<Receipt>,
}

impl Unit {
    pub fn enrolled(id: DeviceId, epoch: u32, brake: Brake, at: Timestamp) -> Self {
        Self { core: Core::enrolled(id, epoch, brake, at), slots: BTreeMap::new(), journal: Vec::new() }
    }

    pub fn is_open(&self, entitlement: EntitlementId) -> bool {
        self.slots.get(&entitlement).is_some_and(|slot| matches!(slot.lease, Lease::Open(_)))
    }

    /// One step, committed as a whole.
    fn step(&mut self, entitlement: EntitlementId, input: &Input) -> Output {
        let slot = self.slots.get(&entitlement).copied().unwrap_or_default();
        let step = device::step(&self.core, &slot, entitlement, input, &seal);
        self.core = step.core;
        if step.slot != Slot::default() {
            self.slots.insert(entitlement, step.slot);
        }
        if let Output::Green(receipt) = step.output {
            self.journal.push(receipt);
        }
        step.output
    }

    pub fn redeem(&mut self, entitlement: EntitlementId, id: RedemptionId, wall: Timestamp) -> Output {
        self.step(entitlement, &Input::Redeem { redemption: id, wall })
    }

    pub fn close(&mut self, entitlement: EntitlementId) -> Vec<Message> {
        let output = self.step(entitlement, &Input::Close);
        self.messages(entitlement, output)
    }

    fn messages(&self, entitlement: EntitlementId, output: Output) -> Vec<Message> {
        match output {
            Output::Return(back) => vec![Message::Return(back)],
            Output::HoldTaken(fence) => vec![Message::HoldTaken(self.core.device, entitlement, fence)],
            _ => Vec::new(),
        }
    }

    pub fn hear(&mut self, message: &Message, broken: Option<Rule>, _wall: Timestamp) -> Vec<Message> {
        match message {
            Message::Bundle(bundle) => {
                for grant in &bundle.grants {
                    self.install(bundle.device, bundle.epoch, *grant, broken);
                }
                Vec::new()
            }
            Message::Ask(_, entitlement, ask) => {
                let output = self.step(*entitlement, &Input::Ask(*ask));
                self.messages(*entitlement, output)
            }
            Message::Resync(_, request) => {
                let output = self.contact(&contact::Input::Resync(*request));
                if output == contact::Output::Answer { vec![Message::Answer(answer_of(self))] } else { Vec::new() }
            }
            Message::Ack(ack) => {
                self.acknowledged(ack);
                Vec::new()
            }
            Message::Stop(_) => {
                self.contact(&contact::Input::Stop);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn install(&mut self, id: DeviceId, epoch: u32, grant: salur::domain::lease::Grant, broken: Option<Rule>) {
        let own = self.core.epoch;
        if broken == Some(Rule::RefuseOldGrants) {
            self.core.epoch = epoch;
        }
        if let (Some(Rule::HighWaterMark), Some(slot)) = (broken, self.slots.get_mut(&grant.entitlement)) {
            slot.hwm = Fence::default();
        }
        self.step(grant.entitlement, &Input::Install { device: id, epoch, grant });
        self.core.epoch = own;
    }

    fn contact(&mut self, input: &contact::Input) -> contact::Output {
        let (core, output) = contact::step(&self.core, input);
        self.core = core;
        if let contact::Output::Prune(upto) = output {
            self.journal.retain(|receipt| receipt.seq > upto);
        }
        output
    }

    fn acknowledged(&mut self, ack: &Ack) {
        let own = self.journal.iter().find(|receipt| receipt.seq == ack.seq).map(|receipt| receipt.hash);
        self.contact(&contact::Input::Ack { ack: *ack, own });
    }

    /// The server was reached.
    pub fn met(&mut self, epoch: u32, server_time: Timestamp) {
        let cover = self.core.seen;
        self.contact(&contact::Input::Contact { epoch, server_time, cover });
    }

    /// All that a sync sends: every receipt that is kept, every return.
    pub fn sync(&self) -> Vec<Message> {
        let mut out: Vec<Message> = self.journal.iter().map(|receipt| Message::Receipt(*receipt)).collect();
        for entitlement in self.slots.keys() {
            if matches!(self.slots[entitlement].lease, Lease::Closed(_)) {
                let mut copy = self.clone();
                out.extend(copy.close(*entitlement));
            }
        }
        out
    }
}
