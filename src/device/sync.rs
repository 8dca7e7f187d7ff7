//! What the device tells the server in one parcel, and what the answer changes.
//!
//! Everything here may be lost, repeated or come late: a parcel is made from what the file holds now, and an
//! answer strikes out only what it names. What the server signs (the reply) moves the protocol; what it says
//! beside that only spares the device from saying things again.

use serde::Deserialize;

use super::identity::{decode, encode};
use super::journal::{self, Kept, Transaction};
use super::redeem::{Content, Detail};
use super::scan::set_paused;
use super::{Device, Fault, take};
use crate::domain::entitlement::Fence;
use crate::domain::id::{AttemptId, EntitlementId, Identifier, UserId};
use crate::domain::lease::contact;
use crate::domain::lease::device::{Core, Input, Lease};
use crate::domain::lease::message::{Ack, Head, ResyncRequest};
use crate::domain::lease::office::Standing;
use crate::domain::sealed::{Field, Sealed};
use crate::token::lease::{PAGE_LINES_MAX, Returns, TablePage, sign_returns, sign_table};
use crate::token::parcel::{self, Parcel, Tried};
use crate::token::reply::verify_reply;
use crate::token::sync::{Batch, FullHandout};
use crate::token::{self, KeyId};

/// How many receipts one parcel takes: at about 230 bytes each, half a megabyte.
const PARCEL_RECEIPTS: i64 = 2_000;
/// How many scans that ended in no handout one parcel takes.
const PARCEL_ATTEMPTS: i64 = 1_000;
/// How many leases one signed return names.
const RETURN_LEASES: usize = 1_000;

/// The paper on which the device keeps the reply with the largest log that it knows, as the server signed it.
const NEWEST_REPLY: &str = "newest_reply";
/// The paper on which it notes that the server has shown less than that since.
const SERVER_BEHIND: &str = "server_behind";

/// A parcel on its way, with what its answer will be matched against.
#[derive(Debug, Clone)]
pub struct Packed {
    /// The bytes.
    pub bytes: Vec<u8>,
    nonce: [u8; 16],
    receipts: Vec<[u8; 32]>,
    attempts: Vec<AttemptId>,
    told: Vec<(EntitlementId, Fence)>,
    /// Nothing is in it but the question whether there is news.
    pub is_empty: bool,
}

/// A run of items that were answered alike.
#[derive(Debug, Deserialize)]
struct Run {
    from: usize,
    count: usize,
    answer: String,
    #[serde(default)]
    why: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Line {
    entitlement: EntitlementId,
}

#[derive(Debug, Deserialize)]
struct Said {
    #[serde(default)]
    items: Vec<Run>,
    #[serde(default)]
    returns: Vec<Line>,
    #[serde(default)]
    holds: Vec<Line>,
    reply: String,
}

/// What a conversation has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Synced {
    /// Receipts that the server took, or had before.
    pub taken: u64,
    /// Receipts that are no redemption: each is a case.
    pub conflicts: u64,
    /// Receipts that the server cannot believe.
    pub bad: u64,
    /// Leases that were given back.
    pub returned: u64,
    /// The device was asked what it holds, after a restore, and answered.
    pub answered: bool,
    /// The bytes of all parcels.
    pub bytes: u64,
}

impl Device {
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Packs what the server has not answered. `answer`: pages of the lease table go along.
    pub fn pack(&mut self, answer: bool) -> Result<Packed, Fault> {
        self.sound()?;
        let nonce = self.draw()?;
        let done = self.pack_with(nonce, answer);
        self.guard(done)
    }

    fn pack_with(&mut self, nonce: [u8; 16], answer: bool) -> Result<Packed, Fault> {
        let Self { file, identity, key, own, vault, .. } = self;
        let broken = |fault: token::Fault| Fault::Damaged(format!("a receipt of its own: {fault}"));
        // One look at everything: the table and the end of the chain must be of the same moment.
        file.write(|tx| {
            let (core, _) = journal::read_core(tx)?;
            let receipts = journal::unanswered(tx, PARCEL_RECEIPTS)?;
            let mut parcel = Parcel { nonce, seen: core.seen, signed: core.seq, ..Parcel::default() };
            if journal::paper(tx, SERVER_BEHIND)?.is_some_and(|behind| behind == "1")
                && let Some(reply) = journal::paper(tx, NEWEST_REPLY)?
            {
                parcel.proof = decode(&reply).map_err(|fault| Fault::Damaged(fault.to_string()))?;
            }
            if !receipts.is_empty() {
                let kid: KeyId = identity.kid.parse().map_err(|_| Fault::Damaged("the id of its key".into()))?;
                let mut batch = batch_of(tx, &core, kid, identity.point.number, &receipts, own)?;
                for kept in &receipts {
                    batch.push(&kept.signed, own).map_err(broken)?;
                    if let Some(detail) = &kept.detail {
                        let sealed = Sealed::from_ciphertext(detail.clone());
                        let plain = vault.open(Field::CollectorName, kept.redemption.bytes(), &sealed);
                        let plain = plain.map_err(|fault| Fault::Locked(fault.to_string()))?;
                        let detail: Detail =
                            serde_json::from_slice(&plain).map_err(|fault| Fault::Damaged(fault.to_string()))?;
                        parcel.details.push(parcel::Detail {
                            redemption: kept.redemption,
                            salt: detail.salt.try_into().ok(),
                            name: detail.name,
                            paper_reason: String::new(),
                        });
                    }
                }
                parcel.batch = batch.encode();
            }
            let mut told = Vec::new();
            let mut back = Vec::new();
            for (of, slot) in journal::untold(tx)?.into_iter().take(parcel::PARCEL_LINES_MAX) {
                match slot.lease {
                    Lease::Closed(fence) => {
                        back.push((of, fence));
                        told.push((of, fence));
                    }
                    Lease::Open(fence) if slot.held => {
                        parcel.holds.push((of, fence));
                        told.push((of, fence));
                    }
                    // Nothing is owed any more.
                    Lease::Open(fence) | Lease::Redeemed(fence, _) => journal::told(tx, of, fence)?,
                    Lease::None => {}
                }
            }
            for leases in back.chunks(RETURN_LEASES) {
                let returns = Returns { device: core.device, seq: core.seq, leases: leases.to_vec() };
                parcel.returns.push(sign_returns(key, &returns));
            }
            if answer {
                parcel.pages = table_of(tx, &core)?.iter().map(|page| sign_table(key, page)).collect();
            }
            let attempts = journal::waiting_attempts(tx, PARCEL_ATTEMPTS)?;
            parcel.tried = attempts
                .iter()
                .map(|one| Tried {
                    id: one.id,
                    at_ms: one.at.millis(),
                    verdict: one.verdict.clone(),
                    entitlement: one.entitlement,
                    operator: one.operator,
                })
                .collect();
            Ok(Packed {
                bytes: parcel.encode(),
                nonce,
                is_empty: receipts.is_empty() && told.is_empty() && attempts.is_empty() && parcel.pages.is_empty(),
                receipts: receipts.iter().map(|kept| kept.hash).collect(),
                attempts: attempts.iter().map(|one| one.id).collect(),
                told,
            })
        })
    }

    /// Takes the answer to a parcel. Says whether the server wants to know what the device holds.
    pub fn unpack(&mut self, packed: &Packed, said: &serde_json::Value, so_far: &mut Synced) -> Result<bool, Fault> {
        self.sound()?;
        let said: Said = serde_json::from_value(said.clone())
            .map_err(|fault| Fault::Unbelievable(format!("the answer to a sync: {fault}")))?;
        let done = self.file.write(|tx| {
            for run in &said.items {
                let end = run.from.saturating_add(run.count).min(packed.receipts.len());
                let hashes = packed.receipts.get(run.from..end).unwrap_or_default();
                let answer = match &run.why {
                    Some(why) => format!("{}: {why}", run.answer),
                    None => run.answer.clone(),
                };
                for hash in hashes {
                    journal::answered(tx, hash, &answer)?;
                    match run.answer.as_str() {
                        "conflict" => so_far.conflicts += 1,
                        "bad" => so_far.bad += 1,
                        _ => so_far.taken += 1,
                    }
                }
            }
            // Whatever it said to it: it has heard it.
            for line in said.returns.iter().chain(&said.holds) {
                if let Some((of, fence)) = packed.told.iter().find(|(of, _)| *of == line.entitlement) {
                    journal::told(tx, *of, *fence)?;
                }
            }
            so_far.returned += said.returns.len() as u64;
            journal::forget_attempts(tx, &packed.attempts)
        });
        self.guard(done)?;
        self.hear(&said.reply, packed.nonce)
    }

    /// Takes a signed reply of the server to a call that carried this nonce.
    pub fn hear(&mut self, said: &str, nonce: [u8; 16]) -> Result<bool, Fault> {
        self.sound()?;
        let bytes = decode(said).map_err(|fault| Fault::Unbelievable(fault.to_string()))?;
        let (_, reply) = verify_reply(&bytes, &self.servers)
            .map_err(|fault| Fault::Unbelievable(format!("the server's reply: {fault}")))?;
        if reply.device != self.identity.device {
            return Err(Fault::Unbelievable("the server's reply is for another device".into()));
        }
        if reply.nonce != nonce {
            return Err(Fault::Unbelievable("the server's reply is to another call".into()));
        }
        let done = self.file.write(|tx| {
            let (mut core, version) = journal::read_core(tx)?;
            if reply.epoch < core.epoch {
                // A server of an older life than this device has met: nothing that it says counts.
                journal::set_paper(tx, SERVER_BEHIND, "1")?;
                return Ok(false);
            }
            let before = core.epoch;
            let mut hear = |input: contact::Input| {
                let (next, output) = contact::step(&core, &input);
                core = next;
                output
            };
            let met = hear(contact::Input::Contact {
                epoch: reply.epoch,
                server_time: reply.server_time,
                cover: reply.cover,
            });
            if reply.resync {
                hear(contact::Input::Resync(ResyncRequest { epoch: reply.epoch, server_time: reply.server_time }));
            }
            if let Some((seq, hash)) = reply.ack {
                let own = journal::receipt_at(tx, seq)?.map(|kept| kept.hash);
                let ack = Ack { device: reply.device, seq, hash, cover: reply.cover };
                hear(contact::Input::Ack { ack, own });
            }
            if reply.standing != Standing::Active {
                hear(contact::Input::Stop);
            }
            if met == contact::Output::Noted {
                core.brake = reply.brake;
                journal::set_paper(tx, NEWEST_REPLY, said)?;
                journal::set_paper(tx, SERVER_BEHIND, "")?;
            } else {
                // The server will believe nobody's word that it has forgotten, but its own signature.
                journal::set_paper(tx, SERVER_BEHIND, "1")?;
            }
            journal::save_core(tx, &core, version)?;
            if core.epoch > before {
                // The restored server may have forgotten what it said to them.
                journal::tell_again(tx, core.covered)?;
            }
            for (of, ask) in &reply.asks {
                take(tx, *of, &Input::Ask(*ask))?;
            }
            set_paused(tx, &reply.paused)?;
            Ok(reply.resync)
        });
        self.guard(done)
    }
}

/// What the receipts of a batch share.
pub(super) fn batch_of(
    tx: &mut Transaction,
    core: &Core,
    kid: KeyId,
    point: u32,
    receipts: &[Kept],
    own: &token::KeyRing,
) -> Result<Batch, Fault> {
    let mut operators: Vec<UserId> = Vec::new();
    let mut rounds: Vec<FullHandout> = Vec::new();
    for kept in receipts {
        let (_, body) = token::verify_receipt(&kept.signed, own)
            .map_err(|fault| Fault::Damaged(format!("a receipt of its own: {fault}")))?;
        if !operators.contains(&body.operator) {
            operators.push(body.operator);
        }
        if rounds.iter().all(|known| known.round != body.round)
            && let Some(round) = journal::round(tx, body.round)?
        {
            let content = Content::of(&round)?;
            rounds.push(FullHandout {
                round: body.round,
                items: content.items,
                value_minor: content.value_minor,
                currency: content.currency,
            });
        }
    }
    Ok(Batch { device: core.device, kid, point, seen: core.seen, operators, rounds, items: Vec::new() })
}

/// The pages of the answer to a resync: every lease that this device ever had.
fn table_of(tx: &mut Transaction, core: &Core) -> Result<Vec<TablePage>, Fault> {
    let slots = journal::all_slots(tx)?;
    let answer = contact::answer(core, slots, []);
    let chunks: Vec<_> = if answer.table.is_empty() {
        vec![Vec::new()]
    } else {
        answer.table.chunks(PAGE_LINES_MAX).map(<[_]>::to_vec).collect()
    };
    let pages = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
    let page = |(number, table)| TablePage {
        device: core.device,
        epoch: core.epoch,
        seen: answer.seen,
        chain: Head { size: core.seq, root: core.head_hash },
        page: number,
        pages,
        table,
    };
    Ok((0_u32..).zip(chunks).map(page).collect())
}

/// A nonce in the form in which a JSON call carries it.
pub(super) fn nonce_text(nonce: &[u8; 16]) -> String {
    encode(nonce)
}
