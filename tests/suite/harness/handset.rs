//! A device as the tests need one: the product's own machine for the protocol, with its rows in memory, and its calls
//! over HTTP. It keeps its journal until it is covered, as a device must.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use salur::domain::entitlement::Fence;
use salur::domain::id::{DeviceId, EntitlementId, RedemptionId, RoundId, UserId};
use salur::domain::lease::brake::Brake;
use salur::domain::lease::device::{self, Core, Input, Output, Slot};
use salur::domain::lease::message::Head;
use salur::domain::lease::{Ack, Ask, ResyncRequest, contact};
use salur::domain::time::Timestamp;
use salur::token::lease::{Returns, TablePage, sign_returns, sign_table, verify_bundle};
use salur::token::parcel::Parcel;
use salur::token::reply::{Reply, verify_reply};
use salur::token::sync::{Batch, FullHandout};
use salur::token::{self, KeyRing, ReceiptBody, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::office::{Office, text};

#[derive(Clone)]
pub(crate) struct Handset {
    pub(crate) client: Client,
    pub(crate) key: SigningKey,
    pub(crate) id: DeviceId,
    pub(crate) point: u32,
    pub(crate) operator: UserId,
    pub(crate) names_key: [u8; 32],
    pub(crate) core: Core,
    pub(crate) slots: BTreeMap<EntitlementId, Slot>,
    /// Where each lease's round stands in `rounds`, and its print.
    pub(crate) papers: BTreeMap<EntitlementId, (RoundId, u32)>,
    pub(crate) sealed: BTreeMap<EntitlementId, Vec<u8>>,
    pub(crate) rounds: Vec<FullHandout>,
    /// Signed receipts, from place 1 on, and how many of them are pruned.
    pub(crate) journal: Vec<(u64, Vec<u8>)>,
    pub(crate) returns: Vec<(EntitlementId, Fence)>,
    pub(crate) holds: Vec<(EntitlementId, Fence)>,
    server: KeyRing,
    pub(crate) drawn: u64,
    pub(crate) last_reply: Option<Reply>,
}

pub(crate) fn b64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

pub(crate) fn unb64(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

/// What a device sends to be taken in.
pub(crate) fn enrolment(key: &SigningKey, code: &str) -> Value {
    let public = b64(&key.verifying_key().to_bytes());
    let bare: String = code.chars().filter(|sign| *sign != '-').collect::<String>().to_uppercase();
    let proof = key.sign_message(format!("salur-enrolment-1\n{bare}\n{public}").as_bytes());
    json!({ "code": code, "public_key": public, "tier": "software", "proof": b64(&proof) })
}

fn ring(keys: &Value) -> KeyRing {
    let keys = keys.as_array().unwrap().iter();
    KeyRing::of(keys.map(|key| VerifyingKey::from_bytes(&unb64(text(key, "x")).try_into().unwrap()).unwrap())).unwrap()
}

impl Handset {
    /// Invited by the coordinator, taken in, with the point's operator on it.
    pub(crate) fn enrol(office: &Office, point: &str, seed: u8) -> Self {
        let mut taken = Self::enrol_for(office, point, seed, UserId::random([0; 16]));
        let operator =
            json!({ "username": format!("petugas-{}", point.to_lowercase()), "password": "salur-demo-2026" });
        let admitted = taken.client.post(office.base(), "/devices/me/operators", &operator).unwrap();
        assert_eq!(admitted.status, 201, "{}", admitted.body);
        taken.operator = text(&admitted.body, "user").parse().unwrap();
        taken.names_key = unb64(text(&admitted.body, "names_key")).try_into().unwrap();
        taken
    }

    /// Without a sign-in: the operator is one of whom another device knows.
    pub(crate) fn enrol_for(office: &Office, point: &str, seed: u8, operator: UserId) -> Self {
        let new = json!({ "name": format!("Pemindai {seed}"), "point_id": office.point(point) });
        let invited = office.post("coordinator", "/enrolments", &new);
        assert_eq!(invited.status, 201, "{}", invited.body);
        let key = SigningKey::from_seed(&[seed; 32]);
        let nobody = Client::new("");
        let made = nobody.post(office.base(), "/devices/enrol", &enrolment(&key, text(&invited.body, "code"))).unwrap();
        assert_eq!(made.status, 201, "{}", made.body);
        let body = made.body;
        let token = text(&body, "token").to_owned();
        let client = Client::new(&token);
        let id: DeviceId = text(&body, "device").parse().unwrap();
        let now = Timestamp::parse(text(&body, "server_time")).unwrap();
        Self {
            client,
            id,
            point: u32::try_from(body["point"]["number"].as_u64().unwrap()).unwrap(),
            operator,
            names_key: [0; 32],
            core: Core::enrolled(id, u32::try_from(body["epoch"].as_u64().unwrap()).unwrap(), Brake::default(), now),
            slots: BTreeMap::new(),
            papers: BTreeMap::new(),
            sealed: BTreeMap::new(),
            rounds: Vec::new(),
            journal: Vec::new(),
            returns: Vec::new(),
            holds: Vec::new(),
            server: ring(&body["keys"]["server"]),
            key,
            drawn: 0,
            last_reply: None,
        }
    }

    fn nonce(&mut self) -> [u8; 16] {
        self.drawn += 1;
        let mut nonce = [seed_of(&self.key); 16];
        nonce[..8].copy_from_slice(&self.drawn.to_be_bytes());
        nonce
    }

    /// Asks for leases and installs what comes.
    pub(crate) fn lease(&mut self, base: &str, scope: &Value) -> Answer {
        let mut after = Value::Null;
        loop {
            let answer = self.ask_lease(base, scope, &after);
            if answer.status != 200 {
                return answer;
            }
            self.install(&answer);
            after = answer.body["next"].clone();
            if after.is_null() {
                return answer;
            }
        }
    }

    pub(crate) fn ask_lease(&mut self, base: &str, scope: &Value, after: &Value) -> Answer {
        let nonce = b64(&self.nonce());
        self.client.post(base, "/leases", &json!({ "scope": scope, "after": after, "nonce": nonce })).unwrap()
    }

    /// Installs the pages of an answer; returns how many leases are usable now that were not before.
    pub(crate) fn install(&mut self, answer: &Answer) -> usize {
        self.rounds = answer.body["rounds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|round| FullHandout {
                round: text(round, "id").parse().unwrap(),
                items: round["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|item| (text(item, "code").to_owned(), item["quantity"].as_i64().unwrap()))
                    .collect(),
                value_minor: round["value_minor"].as_i64().unwrap(),
                currency: text(round, "currency").to_owned(),
            })
            .collect();
        let mut usable = 0;
        for page in answer.body["pages"].as_array().unwrap() {
            usable += self.install_page(&unb64(page.as_str().unwrap())).unwrap();
        }
        usable
    }

    /// Installs one page; none when it cannot be believed.
    pub(crate) fn install_page(&mut self, bytes: &[u8]) -> Option<usize> {
        let (_, page) = verify_bundle(bytes, &self.server).ok()?;
        let mut usable = 0;
        for (grant, entry) in page.bundle()?.grants.into_iter().zip(&page.entries) {
            let input = Input::Install { device: page.device, epoch: page.epoch, grant };
            if self.step(grant.entitlement, &input) == Output::Installed {
                usable += 1;
                let round = page.rounds[usize::try_from(entry.round).unwrap()].round;
                self.papers.insert(grant.entitlement, (round, entry.print));
                self.sealed.insert(grant.entitlement, entry.sealed.clone());
            }
        }
        Some(usable)
    }

    fn step(&mut self, entitlement: EntitlementId, input: &Input) -> Output {
        let slot = self.slots.get(&entitlement).copied().unwrap_or_default();
        let signed = std::cell::RefCell::new(Vec::new());
        let step = device::step(&self.core, &slot, entitlement, input, &|receipt| {
            let (round, print) = self.papers[&entitlement];
            let full = self.rounds.iter().find(|full| full.round == round).unwrap();
            let body = ReceiptBody {
                redemption: receipt.redemption,
                entitlement: receipt.entitlement,
                fence: receipt.fence,
                device: receipt.device,
                seq: receipt.seq,
                prev_hash: receipt.prev_hash,
                operator: self.operator,
                point: self.point,
                round,
                print,
                claimed_at_ms: receipt.claimed_at.millis(),
                received_at_ms: None,
                collector: "self".into(),
                relation: None,
                id_seen: true,
                name_digest: None,
                paper: "seen".into(),
                items: full.items.clone(),
                value_minor: full.value_minor,
                currency: full.currency.clone(),
                flags: Vec::new(),
            };
            *signed.borrow_mut() = token::sign_receipt(&self.key, &body).unwrap();
            token::receipt_hash(&signed.borrow())
        });
        self.core = step.core;
        self.slots.insert(entitlement, step.slot);
        if let Output::Green(receipt) = step.output {
            self.journal.push((receipt.seq, signed.into_inner()));
        }
        step.output
    }

    /// The operator presses the button.
    pub(crate) fn redeem(&mut self, entitlement: EntitlementId) -> Output {
        self.drawn += 1;
        let mut id = [seed_of(&self.key); 16];
        id[8..].copy_from_slice(&self.drawn.to_be_bytes());
        let wall = Timestamp::from_millis(self.core.clock.time_hwm.millis() + 1_000).unwrap();
        self.step(entitlement, &Input::Redeem { redemption: RedemptionId::random(id), wall })
    }

    /// Closes a lease; its return goes with the next parcel.
    pub(crate) fn close(&mut self, entitlement: EntitlementId) -> Output {
        let output = self.step(entitlement, &Input::Close);
        if let Output::Return(back) = output {
            self.returns.push((back.entitlement, back.fence));
        }
        output
    }

    pub(crate) fn open(&self) -> Vec<EntitlementId> {
        let open = |(id, slot): (&EntitlementId, &Slot)| matches!(slot.lease, device::Lease::Open(_)).then_some(*id);
        self.slots.iter().filter_map(open).collect()
    }

    pub(crate) fn batch(&self) -> Batch {
        let mut batch = Batch {
            device: self.id,
            kid: self.key.id(),
            point: self.point,
            seen: self.core.seen,
            operators: vec![self.operator],
            rounds: self.rounds.clone(),
            items: Vec::new(),
        };
        let own = KeyRing::of([self.key.verifying_key()]).unwrap();
        for (_, signed) in &self.journal {
            batch.push(signed, &own).unwrap();
        }
        batch
    }

    pub(crate) fn signed_returns(&self) -> Vec<u8> {
        sign_returns(&self.key, &Returns { device: self.id, seq: self.core.seq, leases: self.returns.clone() })
    }

    /// The whole table of leases, for an answer after a restore.
    pub(crate) fn table(&self, lines: usize) -> Vec<Vec<u8>> {
        let table: Vec<_> = self.slots.iter().filter_map(|(id, slot)| contact::held(*id, slot)).collect();
        let chain = Head { size: self.core.seq, root: self.core.head_hash };
        let mut parts: Vec<Vec<_>> = table.chunks(lines).map(<[_]>::to_vec).collect();
        if parts.is_empty() {
            parts.push(Vec::new());
        }
        let pages = u32::try_from(parts.len()).unwrap();
        let page = |(page, table): (usize, Vec<_>)| {
            let page = u32::try_from(page).unwrap();
            let (device, epoch, seen) = (self.id, self.core.epoch, self.core.seen);
            sign_table(&self.key, &TablePage { device, epoch, seen, chain, page, pages, table })
        };
        parts.into_iter().enumerate().map(page).collect()
    }

    pub(crate) fn parcel(&mut self) -> Parcel {
        let nonce = self.nonce();
        Parcel {
            nonce,
            batch: self.batch().encode(),
            returns: if self.returns.is_empty() { Vec::new() } else { vec![self.signed_returns()] },
            holds: self.holds.clone(),
            seen: self.core.seen,
            signed: self.core.seq,
            ..Parcel::default()
        }
    }

    /// Brings all there is, and takes what is said in return.
    pub(crate) fn sync(&mut self, base: &str) -> Answer {
        let parcel = self.parcel();
        let answer = self.send(base, &parcel);
        if answer.status == 200 {
            self.hear(&answer, &parcel);
        }
        answer
    }

    pub(crate) fn send(&self, base: &str, parcel: &Parcel) -> Answer {
        let body = Some(("application/cbor", parcel.encode()));
        let (status, bytes) = self.client.send("POST", &format!("{base}/api/v1/sync"), body).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    /// Takes a reply as the device must: only its own, to this very call.
    pub(crate) fn hear(&mut self, answer: &Answer, parcel: &Parcel) {
        let (_, reply) = verify_reply(&unb64(text(&answer.body, "reply")), &self.server).unwrap();
        assert_eq!((reply.device, reply.nonce), (self.id, parcel.nonce));
        let (epoch, server_time, cover) = (reply.epoch, reply.server_time, reply.cover);
        if reply.resync {
            self.core = contact::step(&self.core, &contact::Input::Resync(ResyncRequest { epoch, server_time })).0;
        }
        self.core = contact::step(&self.core, &contact::Input::Contact { epoch, server_time, cover }).0;
        if let Some((seq, hash)) = reply.ack {
            let own =
                self.journal.iter().find(|(place, _)| *place == seq).map(|(_, signed)| token::receipt_hash(signed));
            let ack = Ack { device: self.id, seq, hash, cover };
            let (core, output) = contact::step(&self.core, &contact::Input::Ack { ack, own });
            self.core = core;
            if let contact::Output::Prune(upto) = output {
                self.journal.retain(|(place, _)| *place > upto);
            }
        }
        self.returns.clear();
        self.holds.clear();
        for (entitlement, ask) in reply.asks.clone() {
            match self.step(entitlement, &Input::Ask(ask)) {
                Output::Return(back) => self.returns.push((back.entitlement, back.fence)),
                Output::HoldTaken(fence) => self.holds.push((entitlement, fence)),
                other => assert!(ask != Ask::Hold || matches!(other, Output::Refused(_)), "{other:?}"),
            }
        }
        self.last_reply = Some(reply);
    }

    /// Answers after a restore: first what the server wants is heard, then journal and table are sent.
    pub(crate) fn resync(&mut self, base: &str, lines: usize) -> Answer {
        self.sync(base);
        let mut parcel = self.parcel();
        parcel.pages = self.table(lines);
        let answer = self.send(base, &parcel);
        self.hear(&answer, &parcel);
        answer
    }
}

fn seed_of(key: &SigningKey) -> u8 {
    key.danger_seed()[0]
}
