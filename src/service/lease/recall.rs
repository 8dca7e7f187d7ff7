//! Putting into a restored database what the facts outside still know: devices first, then receipts in the order in
//! which they were stored, then what had ended, and last who was revoked or given up.

use std::collections::{BTreeSet, HashMap};

use super::super::{Error, Office, Refusal, log};
use super::receipt::Brought;
use crate::domain::case::CaseKind;
use crate::domain::entitlement::Entitlement;
use crate::domain::id::{DeviceId, EntitlementId};
use crate::domain::lease::evidence::Conflict;
use crate::domain::lease::office::{Fact, Keeper, Member, Office as Standing};
use crate::domain::lease::recovery::{displaced, recall, recall_member, recall_receipt};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;
use crate::store::devices::Device;
use crate::store::keys::Key;
use crate::store::lease_evidence::Finding;
use crate::store::received::Received;
use crate::store::redemptions::Redemption;
use crate::store::{self, Write};
use crate::token::fact::{Enrolled, Kept, Outside};
use crate::token::{self, KeyRing, Purpose, VerifyingKey};
use crate::transparency::{DISPLACED, Kind as LeafKind, Leaf};

/// How many receipts are put back in one transaction.
const CHUNK: usize = 200;
/// How many rows are read together.
const BATCH: i64 = 1_000;

/// What the facts say besides receipts.
#[derive(Default)]
struct Standings {
    enrolled: Vec<Enrolled>,
    tokens: HashMap<DeviceId, [u8; 32]>,
    keys: Vec<([u8; 32], Vec<u8>, Timestamp)>,
    ended: Vec<(Fact, String)>,
    barred: Vec<Fact>,
}

impl Standings {
    fn hear(&mut self, fact: Outside) {
        match fact {
            Outside::Enrolled(one) => {
                if let Some(hash) = one.token_hash {
                    self.tokens.insert(one.device, hash);
                }
                self.enrolled.push(*one);
            }
            Outside::Token(device, hash) => drop(self.tokens.insert(device, hash)),
            Outside::Barred(device, _) => self.barred.push(Fact::Barred(device)),
            Outside::WrittenOff(device, _) => self.barred.push(Fact::WrittenOff(device)),
            Outside::Revoked(id, reason) => self.ended.push((Fact::Revoked(id), reason)),
            Outside::Expired(id) => self.ended.push((Fact::Expired(id), String::new())),
            Outside::ServerKey(public, sealed, at) => self.keys.push((public, sealed, at)),
            Outside::Epoch(..) | Outside::Redeemed(_) | Outside::Conflict(..) | Outside::LogKey(..) => {}
        }
    }
}

/// A key of the installation as it stands outside.
fn kept_key(purpose: Purpose, public: [u8; 32], sealed: Vec<u8>, at: Timestamp) -> Result<Key, Error> {
    let key = VerifyingKey::from_bytes(&public).map_err(|fault| Error::Broken(fault.to_string()))?;
    Ok(Key {
        kid: key.id().to_bytes(),
        purpose: purpose.as_str().to_owned(),
        round: None,
        public_key: public,
        private_key: Sealed::from_ciphertext(sealed),
        retired_at: None,
        compromised_since: None,
        created_at: at,
    })
}

impl Office {
    /// Puts back the key of the log, when the backup is older than it: before the log itself is put back.
    pub(super) fn recall_log_key(&self) -> Result<(), Error> {
        let mut found = None;
        self.ledger.outside.read_all(|_, record| {
            if let Some(Outside::LogKey(public, sealed, origin, at)) = Outside::read(record) {
                found = Some((public, sealed, origin, at));
            }
        })?;
        match found {
            Some((public, sealed, origin, at)) => self.pool.write("recall_log_key", |tx| {
                if !store::keys::all(tx)?.into_iter().any(|key| key.public_key == public) {
                    store::keys::insert(tx, &kept_key(Purpose::Log, public, sealed.clone(), at)?)?;
                }
                log::set_origin(tx, &origin)
            }),
            None => Ok(()),
        }
    }

    /// Puts everything back.
    pub(super) fn recall_everything(&self) -> Result<(), Error> {
        let mut standings = Standings::default();
        self.ledger.outside.read_all(|_, record| {
            if let Some(fact) = Outside::read(record) {
                standings.hear(fact);
            }
        })?;
        self.recall_devices(&standings)?;
        self.recall_receipts()?;
        for chunk in standings.ended.chunks(CHUNK) {
            self.pool.write("recall_ended", |tx| {
                for (fact, reason) in chunk {
                    let (Fact::Revoked(id) | Fact::Expired(id)) = fact else { continue };
                    self.recall_row(tx, *id, fact, None, Some(reason))?;
                }
                Ok::<_, Error>(())
            })?;
        }
        for fact in &standings.barred {
            self.recall_standing(fact)?;
        }
        Ok(())
    }

    fn recall_devices(&self, standings: &Standings) -> Result<(), Error> {
        self.pool.write("recall_devices", |tx| {
            for (public, sealed, at) in &standings.keys {
                let known = store::keys::all(tx)?.into_iter().any(|key| key.public_key == *public);
                if !known {
                    store::keys::insert(tx, &kept_key(Purpose::Server, *public, sealed.clone(), *at)?)?;
                    log::append(tx, &log::key_leaf(*at, *public, Purpose::Server.as_str(), None))?;
                }
            }
            for one in &standings.enrolled {
                let token = standings.tokens.get(&one.device).copied();
                if store::devices::find(tx, one.device)?.is_some() {
                    if let Some(token) = token {
                        store::devices::set_token(tx, one.device, token)?;
                    }
                    continue;
                }
                // Rule 11: one that was enrolled after the backup appears here, and is waited for.
                let home = store::points::find(tx, one.point)?.filter(|point| point.agency == one.agency);
                if home.is_none() {
                    self.find_lost(tx, "device_without_point", None, None, one.name.clone())?;
                    continue;
                }
                let key =
                    VerifyingKey::from_bytes(&one.public_key).map_err(|fault| Error::Broken(fault.to_string()))?;
                let number = i32::try_from(one.number).unwrap_or(i32::MAX);
                let device = Device {
                    kid: key.id().to_bytes(),
                    public_key: one.public_key,
                    key: one.key.clone().map(Sealed::from_ciphertext),
                    keeper: one.keeper,
                    tier: one.tier.clone(),
                    names_key: one.names_key.clone().map(Sealed::from_ciphertext),
                    answered: one.epoch,
                    brake: one.brake,
                    ..Device::desk(one.device, one.agency, number, one.name.clone(), one.point, one.at)
                };
                store::devices::insert(tx, &device, token)?;
                let number = home.map_or(0, |point| point.number);
                let leaf = Leaf {
                    agency: Some(one.agency),
                    word: Some(one.tier.clone()),
                    ..Leaf::new(LeafKind::Enrol, one.at)
                };
                self.append_again(tx, &log::enrol_leaf(leaf, one.device, number, one.public_key))?;
            }
            Ok::<_, Error>(())
        })
    }

    /// Receipts before everything else that speaks of entitlements, in the order in which they were stored.
    fn recall_receipts(&self) -> Result<(), Error> {
        let mut chunk: Vec<(Kept, Option<Conflict>)> = Vec::with_capacity(CHUNK);
        let mut failed = None;
        let flush = |chunk: &mut Vec<(Kept, Option<Conflict>)>| -> Result<(), Error> {
            let some = std::mem::take(chunk);
            self.pool
                .write("recall_receipts", |tx| some.iter().try_for_each(|(kept, why)| self.recall_kept(tx, kept, *why)))
        };
        self.ledger.outside.read_all(|_, record| {
            if failed.is_some() {
                return;
            }
            match Outside::read(record) {
                Some(Outside::Redeemed(kept)) => chunk.push((kept, None)),
                Some(Outside::Conflict(kept, why)) => chunk.push((kept, Some(why))),
                _ => return,
            }
            if chunk.len() >= CHUNK
                && let Err(error) = flush(&mut chunk)
            {
                failed = Some(error);
            }
        })?;
        match failed {
            Some(error) => Err(error),
            None => flush(&mut chunk),
        }
    }

    fn recall_kept(&self, tx: &mut Write<'_>, kept: &Kept, why: Option<Conflict>) -> Result<(), Error> {
        let Some(body) = token::receipt::peek(&kept.receipt) else { return Ok(()) };
        let device = store::devices::find(tx, body.device)?;
        let found = store::entitlements::find(tx, body.entitlement)?;
        let (Some(device), Some((one, _))) = (device, found) else {
            let known =
                Some(body.device).filter(|_| store::devices::find(tx, body.device).is_ok_and(|one| one.is_some()));
            let bytes = Some(kept.receipt.clone());
            return self.find_lost(tx, "receipt_without_right", known, bytes, body.entitlement.to_string());
        };
        let ring = KeyRing::of([Self::device_key(&device)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
        if token::verify_receipt(&kept.receipt, &ring).is_err() {
            return self.find_lost(
                tx,
                "receipt_not_genuine",
                Some(device.id),
                Some(kept.receipt.clone()),
                String::new(),
            );
        }
        let receipt = token::receipt::in_protocol(&body, &kept.receipt);
        let seq = i64::try_from(receipt.seq).unwrap_or(i64::MAX);
        let fact = why.map_or(Fact::Redeemed(receipt), |why| Fact::Conflict(receipt, why));
        match device.keeper {
            Keeper::Server => store::devices::set_chain(tx, device.id, seq, receipt.hash)?,
            Keeper::Itself => {
                if store::received::find(tx, receipt.hash)?.is_none() {
                    let known = store::received::known(tx, &receipt)?;
                    store::received::insert(
                        tx,
                        &Received {
                            hash: receipt.hash,
                            device: device.id,
                            seq,
                            first_there: known.at_seq.is_none(),
                            prev_hash: receipt.prev_hash,
                            redemption: receipt.redemption,
                            entitlement: one.id,
                            conflict: why,
                            receipt: kept.receipt.clone(),
                            received_at: kept.received_at,
                        },
                    )?;
                    let member = recall_receipt(&device.member(), &receipt, &known);
                    store::devices::set_member(tx, &member, self.now())?;
                }
            }
        }
        if let Some(why) = why {
            let leaf = log::receipt_leaf(LeafKind::Conflict, &body, device.agency, kept.received_at, receipt.hash);
            self.append_again(tx, &Leaf { word: Some(why.as_str().to_owned()), ..leaf })?;
        } else {
            let known = match store::redemptions::first_of(tx, one.id)? {
                None => None,
                Some(first) => store::redemptions::find(tx, first.id)?,
            };
            if let Some(other) = known.as_ref().filter(|known| known.receipt_hash != receipt.hash) {
                self.displace(tx, other, &fact)?;
            }
            if known.is_none_or(|known| known.receipt_hash != receipt.hash) {
                let brought = Brought {
                    signed: &kept.receipt,
                    hash: receipt.hash,
                    body: &body,
                    detail: None,
                    name: kept.name.clone(),
                    request_hash: kept.request_hash,
                    paper_reason: kept.paper_reason.clone(),
                    received_at: kept.received_at,
                };
                self.redeem_by_receipt(tx, &device, &one, &brought)?;
            }
        }
        self.recall_row(tx, one.id, &fact, None, None)
    }

    /// A redemption that the backup knows gives way to the one that stands outside: it becomes a conflict, and what was
    /// still owed of it is told as one.
    fn displace(&self, tx: &mut Write<'_>, known: &Redemption, fact: &Fact) -> Result<(), Error> {
        let Some(body) = token::receipt::peek(&known.receipt) else { return Ok(()) };
        let receipt = token::receipt::in_protocol(&body, &known.receipt);
        let Some(why) = displaced(&receipt, fact) else { return Ok(()) };
        store::redemptions::withdraw(tx, known.id)?;
        if let Some(device) = store::devices::find(tx, known.device)? {
            let leaf = log::redeem_leaf(&body, device.agency, known, i32::try_from(body.point).unwrap_or(0));
            let word = Some(DISPLACED.to_owned());
            log::append(tx, &Leaf { kind: LeafKind::Conflict, word, ..leaf })?;
        }
        if store::received::find(tx, receipt.hash)?.is_some() {
            store::received::set_conflict(tx, receipt.hash, why)?;
        } else {
            let around = store::received::known(tx, &receipt)?;
            store::received::insert(
                tx,
                &Received {
                    hash: receipt.hash,
                    device: known.device,
                    seq: i64::try_from(receipt.seq).unwrap_or(i64::MAX),
                    first_there: around.at_seq.is_none(),
                    prev_hash: receipt.prev_hash,
                    redemption: receipt.redemption,
                    entitlement: known.entitlement,
                    conflict: Some(why),
                    receipt: known.receipt.clone(),
                    received_at: known.received_at,
                },
            )?;
        }
        if let Some((one, _)) = store::entitlements::find(tx, known.entitlement)? {
            let key = format!("conflict:{}:{}", one.id, known.id);
            let detail = "Setelah pemulihan, di luar basis data tercatat tanda terima lain untuk hak ini.";
            self.case_of(tx, &one, CaseKind::Conflict, key, detail, Some(known.device), &known.number)?;
        }
        for id in store::owed_facts::ids(tx)? {
            for (id, record) in store::owed_facts::find(tx, &[id])? {
                let Some(Outside::Redeemed(kept)) = Outside::read(&record) else { continue };
                if token::receipt_hash(&kept.receipt) == receipt.hash {
                    store::owed_facts::paid(tx, &[id])?;
                    self.owe(tx, &Outside::Conflict(kept, why))?;
                }
            }
        }
        Ok(())
    }

    /// What a fact makes of an entitlement, and of the budget.
    fn recall_row(
        &self,
        tx: &mut Write<'_>,
        id: EntitlementId,
        fact: &Fact,
        member: Option<(&Member, Standing)>,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let Some((one, _)) = store::entitlements::find(tx, id)? else {
            return self.find_lost(tx, "fact_without_right", None, None, id.to_string());
        };
        self.recall_one(tx, &one, fact, member, reason)
    }

    fn recall_one(
        &self,
        tx: &mut Write<'_>,
        one: &Entitlement,
        fact: &Fact,
        member: Option<(&Member, Standing)>,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let before = store::leases::row(tx, one)?;
        let office = member.map_or(Standing { epoch: 1, missing: 1 }, |(_, office)| office);
        let after = recall(before, fact, member.map(|(member, _)| member), office);
        if after == before {
            return Ok(());
        }
        if !store::leases::replace(tx, one, &after, reason)? {
            return Err(store::Error::Raced.into());
        }
        self.settle_budget(tx, one, after.right)?;
        for leaf in log::step_leaves(&Leaf::new(LeafKind::Policy, self.now()), one, &before, &after) {
            self.append_again(tx, &leaf)?;
        }
        if matches!(fact, Fact::Revoked(_)) && one.state.is_live() {
            let round = store::rounds::find(tx, one.round)?.ok_or(Refusal::NotFound("round"))?;
            store::programmes::release(tx, round.programme, one.value)?;
        }
        Ok(())
    }

    /// Who was revoked or given up, and what follows for the rights that they may hold.
    fn recall_standing(&self, fact: &Fact) -> Result<(), Error> {
        let (Fact::WrittenOff(id) | Fact::Barred(id)) = fact else { return Ok(()) };
        self.pool.write("recall_standing", |tx| {
            let office = store::leases::office(tx)?;
            let Some(device) = store::devices::hold_still(tx, *id)? else { return Ok(()) };
            let member = device.member();
            if matches!(fact, Fact::WrittenOff(_)) {
                for one in self.may_hold(tx, &device, member.owes_answer(office.epoch))? {
                    self.recall_one(tx, &one, fact, Some((&member, office)), None)?;
                }
            }
            if let Some(member) = recall_member(Some(member), fact) {
                let kind = if matches!(fact, Fact::Barred(_)) { LeafKind::Revoke } else { LeafKind::WriteOff };
                let leaf = Leaf { device: Some(*id), agency: Some(device.agency), ..Leaf::new(kind, self.now()) };
                self.append_again(tx, &leaf)?;
                store::devices::set_member(tx, &member, self.now())?;
            }
            Ok::<_, Error>(())
        })
    }

    /// What a device has as far as this server knows, and, while it owes an answer, all of its point that it may have.
    pub(super) fn may_hold(
        &self,
        tx: &mut Write<'_>,
        device: &Device,
        owes_answer: bool,
    ) -> Result<Vec<Entitlement>, Error> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut after = None;
        loop {
            let batch = store::leases::held_by(tx, device.id, after, BATCH)?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            found.extend(batch.into_iter().filter(|one| seen.insert(one.id)));
        }
        if !owes_answer {
            return Ok(found);
        }
        after = None;
        loop {
            let batch = store::leases::at_stake(tx, device.point, after, BATCH)?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            found.extend(batch.into_iter().filter(|one| seen.insert(one.id)));
        }
        Ok(found)
    }

    fn find_lost(
        &self,
        tx: &mut Write<'_>,
        kind: &str,
        device: Option<DeviceId>,
        bytes: Option<Vec<u8>>,
        detail: String,
    ) -> Result<(), Error> {
        let kind = kind.to_owned();
        self.find_out(tx, &Finding { at: self.now(), kind, device, entitlement: None, seq: None, detail, bytes })
    }
}
