//! The server: the product's machine, with its rows in memory in place of a database. What each function
//! does is what a service does in one write transaction, and no more.

use std::sync::Arc;

use salur::domain::entitlement::Fence;
use salur::domain::id::{DeviceId, EntitlementId, Identifier, PointId, RedemptionId, UserId};
use salur::domain::lease::evidence::{Evidence, Known};
use salur::domain::lease::message::{Ack, Ask, Bundle, Flags, Head, NO_RECEIPT, Receipt, ResyncAnswer, ResyncRequest};
use salur::domain::lease::office::{Fact, FourEyes, Hold, Keeper, Member, Office, Right, Row, Standing};
use salur::domain::lease::recovery::{self, displaced, recall, recall_member, receipt_of};
use salur::domain::lease::server::{self, Answer, Facts, Step};
use salur::domain::time::Timestamp;

use super::central::{Central, Kept, Look};
use super::{Message, Rule, end_of_time, seal};

/// What a restore takes back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Database {
    pub epoch: u32,
    pub rows: Vec<Row>,
    pub members: Vec<Member>,
    pub kept: Vec<Kept>,
    pub evidence: Vec<Evidence>,
    /// Facts that are not stored outside yet; what they tell is not acknowledged yet.
    pub waiting: Vec<Fact>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Memory {
    pub db: Database,
    /// Survives every restore.
    pub outside: Vec<Fact>,
    pub broken: Option<Rule>,
    /// Does as the services do where the protocol leaves it open: what a device brings is stored outside at once,
    /// nothing is lent again that is held back or asked back, and a hold is set and lifted once.
    pub as_served: bool,
}

impl Memory {
    pub fn new(broken: Option<Rule>) -> Self {
        let db = Database {
            epoch: 1,
            rows: Vec::new(),
            members: Vec::new(),
            kept: Vec::new(),
            evidence: Vec::new(),
            waiting: Vec::new(),
        };
        Self { db, outside: vec![Fact::Epoch(1)], broken, as_served: false }
    }

    /// One that can be compared with the services step by step.
    pub fn as_served() -> Self {
        Self { as_served: true, ..Self::new(None) }
    }

    pub fn office(&self) -> Office {
        let missing = self.db.members.iter().filter(|member| member.owes_answer(self.db.epoch)).count();
        Office { epoch: self.db.epoch, missing: u32::try_from(missing).unwrap() }
    }

    fn facts(&self, device: DeviceId, entitlement: EntitlementId) -> Option<Facts> {
        let member = *self.db.members.iter().find(|member| member.device == device)?;
        let row = *self.db.rows.iter().find(|row| row.entitlement == entitlement)?;
        Some(Facts { office: self.office(), member, row })
    }

    /// One transaction: the rows are replaced, the facts wait.
    fn commit(&mut self, step: &Step, receipt: Option<Receipt>) {
        for row in self.db.rows.iter_mut().filter(|row| row.entitlement == step.row.entitlement) {
            *row = step.row;
        }
        for member in self.db.members.iter_mut().filter(|member| member.device == step.member.device) {
            *member = step.member;
        }
        if let Some(receipt) = receipt {
            match step.answer {
                Answer::Taken { .. } => self.db.kept.push(Kept { receipt, is_redemption: true }),
                Answer::Conflict(_) => self.db.kept.push(Kept { receipt, is_redemption: false }),
                _ => {}
            }
        }
        self.db.evidence.extend(&step.evidence);
        self.db.waiting.extend(&step.facts);
    }

    /// Stores outside all that waits, but for the receipts of devices, which keep them until they are covered.
    fn flush(&mut self) {
        let own = |device: DeviceId, members: &[Member]| {
            members.iter().any(|member| member.device == device && member.keeper == Keeper::Server)
        };
        let waiting = std::mem::take(&mut self.db.waiting);
        for fact in waiting {
            match receipt_of(&fact) {
                Some((receipt, _)) if !self.as_served && !own(receipt.device, &self.db.members) => {
                    self.db.waiting.push(fact);
                }
                Some(_) if self.broken == Some(Rule::OwnDeskOutside) => {}
                _ => self.outside.push(fact),
            }
        }
    }

    fn known(&self, receipt: &Receipt) -> Known {
        let kept = || self.db.kept.iter().map(|kept| kept.receipt);
        let at = |seq: u64| kept().find(|other| other.device == receipt.device && other.seq == seq);
        Known {
            same_id: kept().find(|other| other.redemption == receipt.redemption).map(|other| other.hash),
            at_seq: at(receipt.seq).map(|other| other.hash),
            before: receipt.seq.checked_sub(1).and_then(at).map(|other| other.hash),
            after: at(receipt.seq + 1).map(|other| other.prev_hash),
        }
    }

    fn run(&mut self, device: DeviceId, entitlement: EntitlementId, input: &server::Input) -> Option<Answer> {
        let facts = self.facts(device, entitlement)?;
        let step = server::step(&facts, input);
        let receipt = match input {
            server::Input::Receipt { receipt, .. } | server::Input::RedeemHere { receipt, .. } => Some(*receipt),
            _ => None,
        };
        self.commit(&step, receipt);
        self.flush();
        Some(step.answer)
    }

    /// An input that is about no device: any member serves.
    fn run_office(&mut self, entitlement: EntitlementId, input: &server::Input) -> Option<Answer> {
        let device = self.db.members.first()?.device;
        self.run(device, entitlement, input)
    }

    fn take(&mut self, receipt: &Receipt) -> Vec<Message> {
        let known = self.known(receipt);
        let input = server::Input::Receipt { receipt: *receipt, known };
        let answer = self.run(receipt.device, receipt.entitlement, &input);
        let taken = matches!(answer, Some(Answer::Taken { .. } | Answer::Conflict(_) | Answer::Known));
        if taken && self.broken == Some(Rule::KeepUntilCovered) {
            let cover = self.head();
            return vec![Message::Ack(Ack { device: receipt.device, seq: receipt.seq, hash: receipt.hash, cover })];
        }
        Vec::new()
    }

    fn head(&self) -> Head {
        Head { size: self.outside.len() as u64, root: [0; 32] }
    }

    /// The journal, then the table and the mark of the device in one transaction.
    fn answered(&mut self, answer: &ResyncAnswer) {
        let mut answer = answer.clone();
        if self.broken == Some(Rule::IgnoreOldAnswers) {
            answer.epoch = self.db.epoch;
        }
        let Some(member) = self.db.members.iter().find(|member| member.device == answer.device).copied() else {
            return;
        };
        for receipt in &answer.journal {
            self.take(receipt);
        }
        if !recovery::counts(self.office(), &member, &answer) {
            return;
        }
        for row in self.db.rows.clone() {
            let said = answer.table.iter().find(|held| held.entitlement == row.entitlement).copied();
            if said.is_some() || row.right == Right::Leased(answer.device) {
                let Some(facts) = self.facts(answer.device, row.entitlement) else { continue };
                let step = recovery::step(&facts, &recovery::Input::Report(said));
                self.commit(&step, None);
            }
        }
        let office = self.office();
        for member in self.db.members.iter_mut().filter(|member| member.device == answer.device) {
            *member = recovery::answered(*member, office);
        }
        self.settle();
        self.flush();
    }

    fn settle(&mut self) {
        if !self.office().recovering() {
            for row in self.db.rows.clone().into_iter().filter(|row| row.revoke_requested) {
                self.run_office(row.entitlement, &server::Input::Settle);
            }
        }
    }

    fn recall_all(&mut self) {
        let facts = self.outside.clone();
        let epoch = self.db.epoch;
        if self.broken != Some(Rule::EnrolmentsOutside) {
            for fact in &facts {
                if let Fact::Enrolled { device, .. } = fact {
                    let known = self.db.members.iter().find(|member| member.device == *device).copied();
                    if let (None, Some(member)) = (known, recall_member(known, fact)) {
                        self.db.members.push(member);
                    }
                }
            }
        }
        for fact in &facts {
            let Some((receipt, why)) = receipt_of(fact) else { continue };
            self.displace(fact);
            if self.db.kept.iter().all(|kept| kept.receipt.hash != receipt.hash) {
                let known = self.known(&receipt);
                self.db.kept.push(Kept { receipt, is_redemption: why.is_none() });
                for member in self.db.members.iter_mut().filter(|member| member.device == receipt.device) {
                    *member = recovery::recall_receipt(member, &receipt, &known);
                }
            }
            self.recall_rows(fact, None, epoch);
        }
        for fact in &facts {
            let (Fact::WrittenOff(device) | Fact::Barred(device)) = fact else {
                if matches!(fact, Fact::Revoked(_) | Fact::Expired(_)) {
                    self.recall_rows(fact, None, epoch);
                }
                continue;
            };
            let Some(at) = self.db.members.iter().position(|member| member.device == *device) else { continue };
            let before = self.db.members[at];
            self.recall_rows(fact, Some(&before), epoch);
            self.db.members[at] = recall_member(Some(before), fact).unwrap();
        }
    }

    /// A redemption that the backup knows gives way to the one that stands outside.
    fn displace(&mut self, fact: &Fact) {
        for kept in self.db.kept.iter_mut().filter(|kept| kept.is_redemption) {
            let Some(why) = displaced(&kept.receipt, fact) else { continue };
            kept.is_redemption = false;
            for waiting in &mut self.db.waiting {
                if *waiting == Fact::Redeemed(kept.receipt) {
                    *waiting = Fact::Conflict(kept.receipt, why);
                }
            }
        }
    }

    fn recall_rows(&mut self, fact: &Fact, member: Option<&Member>, epoch: u32) {
        let office = Office { epoch, missing: 1 };
        for row in &mut self.db.rows {
            *row = recall(*row, fact, member, office);
        }
    }
}

impl Central for Memory {
    type Backup = Arc<Database>;

    fn issue(&mut self, entitlement: EntitlementId, point: PointId) {
        self.db.rows.push(Row::issued(entitlement, point, self.db.epoch));
    }

    fn enrol(&mut self, device: DeviceId, point: PointId, keeper: Keeper) {
        let epoch = self.db.epoch;
        if self.db.members.iter().all(|member| member.device != device) {
            self.db.members.push(Member::enrolled(device, point, keeper, epoch));
            self.outside.push(Fact::Enrolled { device, point, keeper, epoch });
        }
    }

    fn hear(&mut self, message: &Message) -> Vec<Message> {
        match message {
            Message::Receipt(receipt) => self.take(receipt),
            Message::Return(back) => {
                let mut back = *back;
                if self.broken == Some(Rule::ExactFence) {
                    let row = self.db.rows.iter().find(|row| row.entitlement == back.entitlement);
                    back.fence = row.map_or(Fence::default(), |row| row.fence);
                }
                self.run(back.device, back.entitlement, &server::Input::Return(back));
                Vec::new()
            }
            Message::HoldTaken(device, entitlement, fence) => {
                self.run(*device, *entitlement, &server::Input::HoldTaken { fence: *fence });
                Vec::new()
            }
            Message::Answer(answer) => {
                self.answered(answer);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn grant(&mut self, device: DeviceId, wanted: &[EntitlementId], ends_at: Timestamp) -> Vec<Message> {
        let mut grants = Vec::new();
        for entitlement in wanted {
            let row = self.db.rows.iter().find(|row| row.entitlement == *entitlement);
            if self.as_served && row.is_some_and(|row| row.hold != Hold::No || row.revoke_requested) {
                continue;
            }
            if let Some(Answer::Granted(grant)) = self.run(device, *entitlement, &server::Input::Grant { ends_at }) {
                grants.push(grant);
            }
        }
        if grants.is_empty() {
            return Vec::new();
        }
        let (epoch, cover) = (self.db.epoch, Head::default());
        vec![Message::Bundle(Bundle { device, epoch, server_time: end_of_time(), cover, grants })]
    }

    fn redeem_here(
        &mut self,
        desk: DeviceId,
        entitlement: EntitlementId,
        id: RedemptionId,
        wall: Timestamp,
    ) -> Option<Receipt> {
        let facts = self.facts(desk, entitlement)?;
        let newest = self.db.kept.iter().filter(|kept| kept.receipt.device == desk).max_by_key(|kept| kept.receipt.seq);
        let (seq, prev_hash) = newest.map_or((0, NO_RECEIPT), |kept| (kept.receipt.seq, kept.receipt.hash));
        let mut receipt = Receipt {
            redemption: id,
            entitlement,
            fence: facts.row.next_fence(facts.office),
            device: desk,
            seq: seq + 1,
            prev_hash,
            hash: [0; 32],
            claimed_at: wall,
            flags: Flags::default(),
        };
        receipt.hash = seal(&receipt);
        let known = self.known(&receipt);
        let answer = self.run(desk, entitlement, &server::Input::RedeemHere { receipt, known })?;
        matches!(answer, Answer::Taken { .. }).then_some(receipt)
    }

    fn revoke(&mut self, entitlement: EntitlementId) -> Vec<Message> {
        let answer = self.run_office(entitlement, &server::Input::Revoke);
        let Some(row) = self.db.rows.iter_mut().find(|row| row.entitlement == entitlement) else { return Vec::new() };
        match (answer, row.right) {
            (Some(Answer::Requested(Some(ask))), Right::Leased(device)) => {
                if self.broken == Some(Rule::RevokeIsARequest) {
                    row.right = Right::Revoked;
                }
                vec![Message::Ask(device, entitlement, ask)]
            }
            _ => Vec::new(),
        }
    }

    fn hold(&mut self, entitlement: EntitlementId, on: bool) -> Vec<Message> {
        let row = self.db.rows.iter().find(|row| row.entitlement == entitlement);
        let live = |row: &&Row| matches!(row.right, Right::Available | Right::Leased(_));
        if self.as_served && row.filter(live).is_none_or(|row| (row.hold != Hold::No) == on) {
            return Vec::new();
        }
        let asked_back = self.as_served && row.is_some_and(|row| row.revoke_requested);
        let answer = self.run_office(entitlement, &server::Input::Hold { on });
        let holder = self.db.rows.iter().find(|row| row.entitlement == entitlement).and_then(|row| row.right.holder());
        match (answer, holder) {
            (Some(Answer::Requested(Some(ask))), Some(device)) => {
                vec![Message::Ask(device, entitlement, if asked_back { Ask::Revoke } else { ask })]
            }
            _ => Vec::new(),
        }
    }

    fn expire(&mut self, entitlement: EntitlementId) {
        self.run_office(entitlement, &server::Input::Expire);
    }

    fn write_off(&mut self, device: DeviceId) {
        let (Some(by), epoch) = (FourEyes::of(UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16])), self.db.epoch)
        else {
            return;
        };
        let Some(member) = self.db.members.iter().find(|member| member.device == device).copied() else { return };
        if member.standing == Standing::WrittenOff || member.keeper == Keeper::Server {
            return;
        }
        // Every row is judged with the device as it was before: it may still owe an answer.
        let office = self.office();
        for row in self.db.rows.clone() {
            let holder = row.right.holder();
            let holder_answered =
                self.db.members.iter().any(|other| Some(other.device) == holder && other.answered >= epoch);
            let input = recovery::Input::WriteOff { by, holder_answered };
            let mut step = recovery::step(&Facts { office, member, row }, &input);
            if self.broken == Some(Rule::WriteOffIsUnresolved) && step.row.right == Right::Unresolved(device) {
                step.row.right = Right::Available;
            }
            step.facts.retain(|fact| !self.db.waiting.contains(fact));
            self.commit(&step, None);
        }
        self.settle();
        self.flush();
    }

    fn bar(&mut self, device: DeviceId) -> Vec<Message> {
        for member in self.db.members.iter_mut().filter(|member| member.device == device) {
            if member.standing == Standing::Active {
                member.standing = Standing::Revoked;
                self.outside.push(Fact::Barred(device));
            }
        }
        vec![Message::Stop(device)]
    }

    fn cover(&mut self) -> Vec<Message> {
        self.outside.append(&mut self.db.waiting);
        let cover = if self.as_served { Head::default() } else { self.head() };
        let mut acks = Vec::new();
        for member in &self.db.members {
            if self.as_served && member.keeper == Keeper::Server {
                continue;
            }
            let (mut seq, mut hash) = (0, NO_RECEIPT);
            let covered = |seq: u64, prev: [u8; 32]| {
                let found = self.outside.iter().filter_map(receipt_of).map(|(receipt, _)| receipt);
                found.into_iter().find(|r| r.device == member.device && r.seq == seq && r.prev_hash == prev)
            };
            while let Some(next) = covered(seq + 1, hash) {
                (seq, hash) = (next.seq, next.hash);
            }
            if seq > 0 {
                acks.push(Message::Ack(Ack { device: member.device, seq, hash, cover }));
            }
        }
        acks
    }

    fn backup(&self) -> Self::Backup {
        Arc::new(self.db.clone())
    }

    fn restore(&mut self, backup: &Self::Backup) -> Vec<Message> {
        let newest = self.outside.iter().filter_map(|fact| if let Fact::Epoch(n) = fact { Some(*n) } else { None });
        let epoch = newest.max().unwrap_or(0) + 1;
        self.outside.push(Fact::Epoch(epoch));
        self.db = Database::clone(backup);
        self.db.epoch = epoch;
        self.db.waiting.retain(|fact| !self.outside.contains(fact));
        self.recall_all();
        let requests = self.ask_again();
        if self.broken == Some(Rule::WaitForEveryDevice) {
            for member in &mut self.db.members {
                member.answered = epoch;
            }
        }
        self.settle();
        self.flush();
        requests
    }

    fn ask_again(&self) -> Vec<Message> {
        let request = ResyncRequest { epoch: self.db.epoch, server_time: end_of_time() };
        let missing = self.db.members.iter().filter(|member| member.owes_answer(self.db.epoch));
        missing.map(|member| Message::Resync(member.device, request)).collect()
    }

    fn time_out(&mut self, entitlement: EntitlementId) {
        for row in self.db.rows.iter_mut().filter(|row| row.entitlement == entitlement) {
            if matches!(row.right, Right::Leased(_)) {
                row.right = Right::Available;
            }
        }
    }

    fn look(&self) -> Look {
        let outside = self.outside.iter().filter_map(receipt_of).map(|(receipt, _)| receipt.hash).collect();
        Look {
            epoch: self.db.epoch,
            recovering: self.office().recovering(),
            rows: self.db.rows.clone(),
            members: self.db.members.clone(),
            kept: self.db.kept.clone(),
            outside,
        }
    }
}
