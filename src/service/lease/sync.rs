//! Taking what a device brings: receipts here; leases that come back, holds that it took and pages of its answer after a
//! restore beside it. Each item is answered for itself, and a repeated call changes nothing.

use std::collections::HashMap;

use super::super::{Error, Office, Refusal, log};
use super::DeviceCaller;
use super::facts::kept_of;
use super::receipt::Brought;
use super::returns::BackAnswer;
use crate::domain::case::CaseKind;
use crate::domain::entitlement::Entitlement;
use crate::domain::id::{AttemptId, EntitlementId, RedemptionId};
use crate::domain::lease::Head;
use crate::domain::lease::evidence::{BadItem, Conflict};
use crate::domain::lease::office::{Fact, Member, Office as Standing};
use crate::domain::lease::server::{self, Answer, Facts, Input, Refused};
use crate::domain::redemption::Verdict;
use crate::domain::time::Timestamp;
use crate::store::attempts::{Attempt, Kind};
use crate::store::devices::Device;
use crate::store::lease_evidence::Finding;
use crate::store::received::Received;
use crate::store::{self, Write};
use crate::token::fact::Outside;
use crate::token::parcel::{Detail, Parcel, Tried};
use crate::token::reply::verify_reply;
use crate::token::sync::Batch;
use crate::token::{self, Fault, KeyRing, Purpose, ReceiptBody};
use crate::transparency::{Kind as LeafKind, Leaf};

/// How many items are taken in one transaction, so that desks do not wait.
pub(super) const CHUNK: usize = 200;

/// Items in a row that are answered alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRun {
    /// The place of the first in the batch.
    pub from: usize,
    /// How many.
    pub count: usize,
    /// `taken`, `settled`, `known`, `conflict` or `bad`.
    pub answer: &'static str,
    /// Why, of the last two.
    pub why: Option<&'static str>,
}

/// What became of a page of an answer after a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageAnswer {
    /// Its number, as far as it can be read.
    pub page: Option<u32>,
    /// `kept`, `ignored` or `bad`.
    pub answer: &'static str,
    /// Why.
    pub why: Option<&'static str>,
}

/// What is still missing of a device's answer after a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResyncState {
    /// In which epoch.
    pub epoch: u32,
    /// Pages that have not come; none when no page has.
    pub pages_missing: Option<Vec<u32>>,
    /// Receipts are here without a gap up to this place.
    pub journal_upto: u64,
}

/// What became of a parcel.
#[derive(Debug, Clone)]
pub struct SyncAnswer {
    /// Of the receipts, in their order.
    pub items: Vec<ItemRun>,
    /// Of the leases that came back.
    pub returns: Vec<BackAnswer>,
    /// Of the holds.
    pub holds: Vec<BackAnswer>,
    /// Of the pages.
    pub pages: Vec<PageAnswer>,
    /// What is still missing, when the server waits for this device.
    pub resync: Option<ResyncState>,
    /// The signed reply.
    pub reply: Vec<u8>,
}

/// An item that was read: a receipt that the device signed, or what is wrong with it.
type Read = Result<(Vec<u8>, Box<ReceiptBody>), (BadItem, Vec<u8>)>;
type ItemAnswer = (&'static str, Option<&'static str>);

const fn bad(why: BadItem) -> ItemAnswer {
    ("bad", Some(why.as_str()))
}

impl Office {
    /// Takes a parcel; the batch in it is read already.
    pub fn sync(&self, caller: &DeviceCaller, parcel: &Parcel, batch: Option<&Batch>) -> Result<SyncAnswer, Error> {
        let device = self.pool.read(|conn| store::devices::find(conn, caller.device))?;
        let device = device.ok_or(Refusal::NotFound("device"))?;
        let ring = KeyRing::of([Self::device_key(&device)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
        self.hear_parcel(&device, parcel)?;
        let items = match batch {
            Some(batch) if batch.device != device.id => self.take_carried(&device, batch)?,
            Some(batch) => self.take_batch(&device, batch, &ring, &parcel.details)?,
            None => Vec::new(),
        };
        let returns = self.take_returns(&device, &parcel.returns, &ring)?;
        let holds = self.take_holds(&device, &parcel.holds)?;
        let pages = self.keep_pages(&device, &parcel.pages, &ring)?;
        self.keep_tried(&device, &parcel.tried)?;
        // Everything that is acknowledged below has to be outside.
        self.close_gap()?;
        let resync = self.take_answer(caller.device)?;
        let reply = self.reply(caller, Some(parcel.nonce))?;
        Ok(SyncAnswer { items, returns, holds, pages, resync, reply })
    }

    /// Notes that the device spoke, how much it has signed and seen.
    fn hear_parcel(&self, device: &Device, parcel: &Parcel) -> Result<(), Error> {
        let own = self.cover()?;
        let proven = self.proven(device, &parcel.proof)?;
        self.pool.write("sync_hear", |tx| {
            let office = Self::standing(tx)?;
            let now = self.now();
            let device = store::devices::hear(tx, device.id, now)?.ok_or(Refusal::NotFound("device"))?;
            store::devices::set_claim(tx, device.id, i64::try_from(parcel.signed).unwrap_or(i64::MAX))?;
            // V8: it has seen more than this server has. What this server signed itself is true, whoever brings it; a
            // mere claim is the device's alone, and stops nobody else.
            let (epoch, seen) = proven.unwrap_or((office.epoch, parcel.seen));
            // What it signed in a life before a recovery has had its consequence: the recovery.
            if epoch >= office.epoch && office.is_behind(own, epoch, seen) {
                let why = format!("perangkat {:03} mengenal {} fakta, server {}", device.number, seen.size, own.size);
                if proven.is_some() {
                    store::leases::set_behind(tx, &why)?;
                }
                let finding = Finding {
                    at: now,
                    kind: if proven.is_some() { "server_behind" } else { "seen_more" }.to_owned(),
                    device: Some(device.id),
                    entitlement: None,
                    seq: i64::try_from(seen.size).ok(),
                    detail: why,
                    bytes: proven.map(|_| parcel.proof.clone()),
                };
                self.find_out(tx, &finding)?;
            }
            Ok::<_, Error>(())
        })
    }

    /// The epoch and the log of a reply that this server signed for this device.
    fn proven(&self, device: &Device, proof: &[u8]) -> Result<Option<(u32, Head)>, Error> {
        if proof.is_empty() {
            return Ok(None);
        }
        let ring = KeyRing::of(self.public_keys(Purpose::Server)?).map_err(|fault| Error::Broken(fault.to_string()))?;
        let reply = verify_reply(proof, &ring).ok().map(|(_, reply)| reply);
        Ok(reply.filter(|reply| reply.device == device.id).map(|reply| (reply.epoch, reply.cover)))
    }

    pub(super) fn take_batch(
        &self,
        device: &Device,
        batch: &Batch,
        ring: &KeyRing,
        details: &[Detail],
    ) -> Result<Vec<ItemRun>, Error> {
        let details: HashMap<RedemptionId, &Detail> = details.iter().map(|one| (one.redemption, one)).collect();
        let mut runs: Vec<ItemRun> = Vec::new();
        for (number, chunk) in batch.items.chunks(CHUNK).enumerate() {
            // Signatures are checked before any lock is taken.
            let mut read = Vec::with_capacity(chunk.len());
            for item in chunk {
                read.push(self.read_item(device, batch, item, ring)?);
            }
            let (answers, owed) = self.pool.write("sync", |tx| {
                let office = Self::standing(tx)?;
                let device = store::devices::hold_still(tx, device.id)?.ok_or(Refusal::NotFound("device"))?;
                let mut member = device.member();
                let (mut answers, mut owed) = (Vec::with_capacity(read.len()), Vec::new());
                for one in &read {
                    answers.push(match one {
                        Ok((signed, body)) => {
                            let detail = details.get(&body.redemption).copied();
                            let place = (&device, office);
                            self.take_item(tx, place, &mut member, signed, body, detail, &mut owed)?
                        }
                        Err((why, bytes)) => {
                            self.keep_bad(tx, &device, *why, bytes, None)?;
                            bad(*why)
                        }
                    });
                }
                store::devices::set_member(tx, &member, self.now())?;
                Ok::<_, Error>((answers, owed))
            })?;
            self.keep_outside(owed)?;
            for (place, (answer, why)) in (number * CHUNK..).zip(answers) {
                match runs.last_mut().filter(|run| (run.answer, run.why) == (answer, why)) {
                    Some(run) => run.count += 1,
                    None => runs.push(ItemRun { from: place, count: 1, answer, why }),
                }
            }
        }
        Ok(runs)
    }

    /// Reads an item as far as it can be believed: signed by this device, and naming it.
    fn read_item(&self, device: &Device, batch: &Batch, item: &[u8], ring: &KeyRing) -> Result<Read, Error> {
        let Ok(signed) = batch.unpack(item) else { return Ok(Err((BadItem::Malformed, item.to_vec()))) };
        Ok(match token::verify_receipt(&signed, ring) {
            Ok((_, body)) if body.device == device.id => Ok((signed, Box::new(body))),
            Ok(_) => Err((BadItem::OtherDevice, signed)),
            Err(Fault::Malformed) => Err((BadItem::Malformed, signed)),
            Err(Fault::Forged { .. }) => Err((BadItem::Altered, signed)),
            Err(Fault::Foreign { kid }) => {
                let ours = match kid {
                    Some(kid) => self.pool.read(|conn| store::devices::kid_is_taken(conn, kid.to_bytes()))?,
                    None => false,
                };
                Err((if ours { BadItem::OtherDevice } else { BadItem::OtherInstallation }, signed))
            }
        })
    }

    fn keep_bad(
        &self,
        tx: &mut Write<'_>,
        device: &Device,
        why: BadItem,
        bytes: &[u8],
        entitlement: Option<EntitlementId>,
    ) -> Result<(), Error> {
        if !why.is_evidence() {
            return Ok(());
        }
        self.find_out(
            tx,
            &Finding {
                at: self.now(),
                kind: why.as_str().to_owned(),
                device: Some(device.id),
                entitlement,
                seq: None,
                detail: String::new(),
                bytes: Some(bytes.to_vec()),
            },
        )
    }

    /// One receipt through the protocol.
    #[allow(clippy::too_many_arguments)]
    fn take_item(
        &self,
        tx: &mut Write<'_>,
        (device, office): (&Device, Standing),
        member: &mut Member,
        signed: &[u8],
        body: &ReceiptBody,
        detail: Option<&Detail>,
        owed: &mut Vec<(crate::outside::FactId, Vec<u8>)>,
    ) -> Result<ItemAnswer, Error> {
        let found = store::entitlements::find(tx, body.entitlement)?.filter(|(_, agency)| *agency == device.agency);
        let Some((one, agency)) = found else {
            self.keep_bad(tx, device, BadItem::Unknown, signed, Some(body.entitlement))?;
            return Ok(bad(BadItem::Unknown));
        };
        let receipt = token::receipt::in_protocol(body, signed);
        let known = store::received::known(tx, &receipt)?;
        let row = store::leases::row(tx, &one)?;
        let step = server::step(&Facts { office, member: *member, row }, &Input::Receipt { receipt, known });
        let answer = match step.answer {
            Answer::Taken { settled: true } => ("settled", None),
            Answer::Taken { settled: false } => ("taken", None),
            Answer::Known => return Ok(("known", None)),
            Answer::Conflict(why) => ("conflict", Some(why.as_str())),
            Answer::Refused(Refused::NotTheirs) => return Ok(bad(BadItem::OtherDevice)),
            other => return Err(Error::Broken(format!("a receipt was answered with {other:?}"))),
        };
        *member = step.member;
        let now = self.now();
        let hash = receipt.hash;
        let conflict = if let Answer::Conflict(why) = step.answer { Some(why) } else { None };
        store::received::insert(
            tx,
            &Received {
                hash,
                device: device.id,
                seq: i64::try_from(receipt.seq).unwrap_or(i64::MAX),
                first_there: known.at_seq.is_none(),
                prev_hash: receipt.prev_hash,
                redemption: receipt.redemption,
                entitlement: one.id,
                conflict,
                receipt: signed.to_vec(),
                received_at: now,
            },
        )?;
        self.apply(tx, (Some(agency), None), &one, &step, None)?;
        let brought = Brought {
            signed,
            hash,
            body,
            detail,
            name: None,
            request_hash: None,
            paper_reason: None,
            received_at: now,
        };
        for fact in &step.facts {
            let fact = match fact {
                Fact::Redeemed(_) => {
                    let made = self.redeem_by_receipt(tx, device, &one, &brought)?;
                    self.keep_scan(tx, device, &made)?;
                    Outside::Redeemed(super::kept_fact(&made))
                }
                Fact::Conflict(_, why) => {
                    self.conflict_case(tx, device, &one, body, *why, step.member.forked)?;
                    let leaf = log::receipt_leaf(LeafKind::Conflict, body, agency, now, hash);
                    log::append(tx, &Leaf { word: Some(why.as_str().to_owned()), ..leaf })?;
                    Outside::Conflict(kept_of(signed, now), *why)
                }
                _ => continue,
            };
            owed.push(self.owe(tx, &fact)?);
        }
        Ok(answer)
    }

    /// A person decides what becomes of a receipt that cannot stand: the case says who brought it, when it was made, why
    /// it does not count, and what does.
    fn conflict_case(
        &self,
        tx: &mut Write<'_>,
        device: &Device,
        one: &Entitlement,
        body: &ReceiptBody,
        why: Conflict,
        forked: bool,
    ) -> Result<(), Error> {
        let zone = store::agencies::find(tx, device.agency)?.ok_or(Refusal::NotFound("agency"))?.zone;
        let moment = |at: Timestamp| format!("{} {}", at.short(zone), zone.label());
        let place = store::points::find(tx, device.point)?.ok_or(Refusal::NotFound("point"))?;
        let number = super::super::redeem::number(&place, device, i64::try_from(body.seq).unwrap_or(i64::MAX));
        let made = Timestamp::from_millis(body.claimed_at_ms).map_or_else(|_| "–".to_owned(), moment);
        let mut detail = format!(
            "{} (perangkat {:03}) membawa tanda terima ke-{} dari {made}, yang tidak berlaku: {}.",
            device.name,
            device.number,
            body.seq,
            not_valid(why)
        );
        let mut evidence = format!("{number} ({made})");
        if let Some(first) = store::redemptions::first_of(tx, one.id)? {
            let said =
                format!("{} ({}, {}, {})", first.number, moment(first.redeemed_at), first.point_code, first.desk);
            detail += &format!(" Yang berlaku: {said}.");
            evidence = format!("{}, {evidence}", first.number);
        }
        if forked {
            detail += " Rantai perangkat ini bercabang: dua perangkat memakai kunci yang sama.";
        }
        let key = format!("conflict:{}:{}", one.id, body.redemption);
        self.case_of(tx, one, CaseKind::Conflict, key, &detail, Some(device.id), &evidence)
    }

    /// The scan of a handout that a device made, beside those of desks.
    fn keep_scan(
        &self,
        tx: &mut Write<'_>,
        device: &Device,
        made: &store::redemptions::Redemption,
    ) -> Result<(), Error> {
        let attempt = Attempt {
            id: self.new_id(AttemptId::by_time)?,
            at: made.received_at,
            agency: device.agency,
            kind: Kind::Redeem,
            outcome: Verdict::Valid.as_str(),
            user: made.operator,
            device: Some(device.id),
            point: Some(device.point),
            entitlement: Some(made.entitlement),
            redemption: Some(made.id),
            print_no: None,
        };
        Ok(store::attempts::insert(tx, &attempt)?)
    }

    pub(super) fn keep_spoilt(&self, device: &Device, why: BadItem, bytes: &[u8]) -> Result<(), Error> {
        self.pool.write("spoilt", |tx| self.keep_bad(tx, device, why, bytes, None))
    }

    /// Scans that did not end in a handout: each is kept once, by its id.
    fn keep_tried(&self, device: &Device, tried: &[Tried]) -> Result<(), Error> {
        for chunk in tried.chunks(CHUNK) {
            self.pool.write("tried", |tx| {
                for one in chunk {
                    let Some(verdict) = Verdict::ALL.into_iter().find(|known| known.as_str() == one.verdict) else {
                        continue;
                    };
                    let operator = store::users::find(tx, one.operator)?;
                    let Some(operator) = operator.filter(|user| user.agency == device.agency) else { continue };
                    let attempt = Attempt {
                        id: one.id,
                        at: self.now(),
                        agency: device.agency,
                        kind: Kind::Verify,
                        outcome: verdict.as_str(),
                        user: operator.id,
                        device: Some(device.id),
                        point: Some(device.point),
                        entitlement: one.entitlement,
                        redemption: None,
                        print_no: None,
                    };
                    store::attempts::insert_once(tx, &attempt)?;
                }
                Ok::<_, Error>(())
            })?;
        }
        Ok(())
    }
}

/// Why a receipt does not stand, as a case says it.
const fn not_valid(why: Conflict) -> &'static str {
    match why {
        Conflict::AlreadyRedeemed => "hak ini sudah diserahkan",
        Conflict::Revoked => "hak ini dibatalkan",
        Conflict::Expired => "tahapnya sudah berakhir",
        Conflict::NotLeased => "hak ini tidak dipinjamkan",
        Conflict::OtherDevice => "hak ini dipinjam perangkat lain",
        Conflict::OtherEpoch => "pinjamannya dari sebelum pemulihan server",
        Conflict::OtherFence => "pinjamannya sudah diganti",
        Conflict::IdReused => "nomor penebusannya sudah dipakai",
    }
}
