//! A small world around the lease protocol: one server, some devices, a network that loses, repeats and
//! reorders. The machines in it are the product's own (`salur::domain::lease`); what is written here is only
//! what carries rows and messages between them. The model explores it exhaustively, the simulator by seed.
//!
//! A rule of the protocol can be taken out of this world ([`Rule`]): the world then tampers with what it
//! carries, exactly where that rule would have acted. The product itself has no such switch.
#![allow(dead_code, unreachable_pub)]

pub mod central;
pub mod invariants;
pub mod memory;
pub mod unit;

use std::collections::BTreeSet;
use std::sync::Arc;

use salur::domain::id::{DeviceId, EntitlementId, Identifier, PointId, RedemptionId};
use salur::domain::lease::message::{Ack, Ask, Bundle, Receipt, ResyncAnswer, ResyncRequest, Return};
use salur::domain::lease::{contact, device};
use salur::domain::time::Timestamp;

pub use central::Central;
pub use unit::Unit;

/// The fourteen rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    DurableThenGreen = 1,
    HighWaterMark = 2,
    ExactFence = 3,
    NoTimedReassignment = 4,
    CloseThenReturn = 5,
    WriteOffIsUnresolved = 6,
    RevokeIsARequest = 7,
    WaitForEveryDevice = 8,
    RefuseOldGrants = 9,
    IgnoreOldAnswers = 10,
    EnrolmentsOutside = 11,
    KeepUntilCovered = 12,
    OwnDeskOutside = 13,
    RandomIds = 14,
}

impl Rule {
    pub const ALL: [Self; 14] = [
        Self::DurableThenGreen,
        Self::HighWaterMark,
        Self::ExactFence,
        Self::NoTimedReassignment,
        Self::CloseThenReturn,
        Self::WriteOffIsUnresolved,
        Self::RevokeIsARequest,
        Self::WaitForEveryDevice,
        Self::RefuseOldGrants,
        Self::IgnoreOldAnswers,
        Self::EnrolmentsOutside,
        Self::KeepUntilCovered,
        Self::OwnDeskOutside,
        Self::RandomIds,
    ];
}

pub fn entitlement(number: u8) -> EntitlementId {
    EntitlementId::from_bytes([number; 16])
}

pub fn device_id(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

pub fn point(number: u8) -> PointId {
    PointId::from_bytes([number; 16])
}

pub fn end_of_time() -> Timestamp {
    Timestamp::from_millis(253_402_207_200_000).unwrap()
}

/// What travels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    Bundle(Bundle),
    Resync(DeviceId, ResyncRequest),
    Ack(Ack),
    Ask(DeviceId, EntitlementId, Ask),
    Stop(DeviceId),
    Receipt(Receipt),
    Return(Return),
    HoldTaken(DeviceId, EntitlementId, salur::domain::entitlement::Fence),
    Answer(ResyncAnswer),
}

impl Message {
    /// The device that it is for; `None` when it is for the server.
    pub fn to(&self) -> Option<DeviceId> {
        match self {
            Self::Bundle(bundle) => Some(bundle.device),
            Self::Resync(device, _) | Self::Ask(device, ..) | Self::Stop(device) => Some(*device),
            Self::Ack(ack) => Some(ack.device),
            Self::Receipt(_) | Self::Return(_) | Self::HoldTaken(..) | Self::Answer(_) => None,
        }
    }
}

/// A green screen: goods go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handout {
    pub entitlement: EntitlementId,
    pub receipt: Receipt,
    /// At a desk of the server's own.
    pub here: bool,
}

/// Everything there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World<C> {
    pub central: C,
    pub units: Vec<Unit>,
    /// Every message ever sent that was not dropped. A delivered one stays, so it can come twice; one that is
    /// never delivered is lost.
    pub net: BTreeSet<Arc<Message>>,
    pub broken: Option<Rule>,
    /// What happened in truth, which no machine can see.
    pub handouts: Vec<Handout>,
}

impl<C: Central> World<C> {
    pub fn new(central: C, units: Vec<Unit>, broken: Option<Rule>) -> Self {
        Self { central, units, net: BTreeSet::new(), broken, handouts: Vec::new() }
    }

    pub fn send(&mut self, messages: impl IntoIterator<Item = Message>) {
        self.net.extend(messages.into_iter().map(Arc::new));
    }

    /// Rule 14: an id that no handout has. Without it, the same entitlement gets the same id.
    pub fn draw(&self, entitlement: EntitlementId) -> RedemptionId {
        if self.broken == Some(Rule::RandomIds) {
            return RedemptionId::from_bytes(*entitlement.bytes());
        }
        RedemptionId::from_bytes((self.handouts.len() as u128 + 1).to_be_bytes())
    }

    /// Hands a message to the server, or to one of the units with the addressed id.
    pub fn deliver(&mut self, message: &Message, at: usize, wall: Timestamp) {
        if message.to().is_none() {
            let answers = self.central.hear(message);
            self.send(answers);
            return;
        }
        let broken = self.broken;
        let Some(unit) = self.units.get_mut(at) else { return };
        let out = unit.hear(message, broken, wall);
        self.send(out);
    }

    /// An operator presses the button, with a fresh wish.
    pub fn redeem(&mut self, at: usize, entitlement: EntitlementId, wall: Timestamp) -> Option<Receipt> {
        let id = self.draw(entitlement);
        self.redeem_as(at, entitlement, id, wall)
    }

    /// An operator presses the button; the same wish again has the same id.
    pub fn redeem_as(
        &mut self,
        at: usize,
        entitlement: EntitlementId,
        id: RedemptionId,
        wall: Timestamp,
    ) -> Option<Receipt> {
        let unit = self.units.get_mut(at)?;
        let device::Output::Green(receipt) = unit.redeem(entitlement, id, wall) else { return None };
        self.central.made(&receipt);
        self.handouts.push(Handout { entitlement, receipt, here: false });
        self.send([Message::Receipt(receipt)]);
        Some(receipt)
    }

    /// Green before the commit, and the power goes: what rule 1 forbids.
    pub fn redeem_and_crash(&mut self, at: usize, entitlement: EntitlementId, wall: Timestamp) {
        let before = self.units[at].clone();
        self.redeem(at, entitlement, wall);
        self.units[at] = before;
    }

    pub fn redeem_here(&mut self, desk: DeviceId, entitlement: EntitlementId, wall: Timestamp) -> Option<Receipt> {
        let id = self.draw(entitlement);
        let receipt = self.central.redeem_here(desk, entitlement, id, wall)?;
        self.handouts.push(Handout { entitlement, receipt, here: true });
        Some(receipt)
    }

    pub fn close(&mut self, at: usize, entitlement: EntitlementId) {
        let Some(unit) = self.units.get_mut(at) else { return };
        let before = unit.clone();
        let out = unit.close(entitlement);
        if self.broken == Some(Rule::CloseThenReturn) {
            // The return has left, and the power goes before the lease is closed.
            *unit = before;
        }
        self.send(out);
    }

    pub fn grant(&mut self, device: DeviceId, wanted: &[EntitlementId], ends_at: Timestamp) {
        let out = self.central.grant(device, wanted, ends_at);
        self.send(out);
    }
}

/// Stands for the hash of the signed receipt: the same for the same content, different for another.
pub fn seal(receipt: &Receipt) -> [u8; 32] {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (receipt.redemption, receipt.entitlement, receipt.fence, receipt.device, receipt.seq, receipt.prev_hash)
        .hash(&mut hasher);
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&hasher.finish().to_be_bytes());
    hash
}

/// What a resync answer is made of, for a unit.
pub fn answer_of(unit: &Unit) -> ResyncAnswer {
    contact::answer(&unit.core, unit.slots.iter().map(|(id, slot)| (*id, *slot)), unit.journal.iter().copied())
}
