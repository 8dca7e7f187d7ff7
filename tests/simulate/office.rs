//! The real office behind the world: domain, services and store over an SQLite file of its own, with the facts
//! outside beside it. What the world's devices say goes through as the signed bytes that real devices send, and
//! what they hear is read out of what the office signed. Their keys lie here, since the world's devices have none.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use salur::domain::entitlement::{Entitlement, State};
use salur::domain::id::{DeviceId, EntitlementId, Identifier, PointId, RedemptionId};
use salur::domain::lease::brake::Brake;
use salur::domain::lease::message::{Ack, Bundle, Flags, Head, Held, NO_RECEIPT, Receipt, ResyncRequest};
use salur::domain::lease::office::{Keeper, Right, Row};
use salur::domain::redemption::{Collector, Paper};
use salur::domain::time::Timestamp;
use salur::outside::{Mark, Outside as Facts};
use salur::service::backup::{self, Premises as Means};
use salur::service::{Claim, DeviceCaller, Error, LeaseWish, LogDesk, Named, NewEnrolment, Office};
use salur::store::{self, Location, Pool};
use salur::token::fact::Outside;
use salur::token::lease::{Returns, TablePage, sign_returns, sign_table, verify_bundle};
use salur::token::parcel::Parcel;
use salur::token::reply::{Reply, verify_reply};
use salur::token::sync::Batch;
use salur::token::{self, KeyRing, ReceiptBody, SigningKey};
use tempfile::TempDir;

use crate::day::Clocks;
use crate::premises::{Drawn, HeldClock, Premises, VALUE, always, over, scratch, vault};
use crate::random::Random;
use crate::world::central::{Kept, Look};
use crate::world::{Central, Message, end_of_time, point, seal};

/// A device's key, and who it is for the office.
struct Known {
    id: DeviceId,
    keeper: Keeper,
    key: SigningKey,
    server: KeyRing,
}

/// A receipt as the world sees it, and as it was signed.
struct Signed {
    receipt: Receipt,
    bytes: Vec<u8>,
}

pub(crate) struct Real {
    folder: TempDir,
    made: &'static Premises,
    /// None only while a database is put in the place of another.
    alive: Option<(Office, Pool)>,
    clock: Arc<HeldClock>,
    entropy: Arc<Drawn>,
    clocks: Clocks,
    times: Random,
    calls: i64,
    rights: Vec<(EntitlementId, Entitlement)>,
    devices: BTreeMap<DeviceId, Known>,
    /// By the hash that the world knows.
    receipts: BTreeMap<[u8; 32], Signed>,
    /// From the hash of the signed bytes to the one that the world knows.
    hashes: BTreeMap<[u8; 32], [u8; 32]>,
    backups: Cell<u32>,
    lives: u32,
    /// How far the facts reached when somebody was told of them.
    said: Mark,
    seen: RefCell<Option<Look>>,
}

/// What the services refuse is an answer; anything else is a fault of the product.
fn answer<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Refused(_)) => None,
        Err(error) => panic!("the office failed: {error}"),
    }
}

impl Real {
    pub(crate) fn new(seed: u64, clocks: Clocks) -> Self {
        let folder = scratch();
        let made = Premises::get();
        made.copy_into(folder.path());
        let mut real = Self {
            folder,
            made,
            alive: None,
            clock: Arc::default(),
            entropy: Arc::new(Drawn::seeded(seed ^ 0xd1ce)),
            clocks,
            times: Random::seeded(seed ^ 0x071c),
            calls: 0,
            rights: Vec::new(),
            devices: BTreeMap::new(),
            receipts: BTreeMap::new(),
            hashes: BTreeMap::from([(NO_RECEIPT, NO_RECEIPT)]),
            backups: Cell::new(0),
            lives: 0,
            said: Mark::default(),
            seen: RefCell::new(None),
        };
        real.open();
        real
    }

    /// Each life has a file of its own: a connection that closes late must not touch the next one's.
    fn database(&self) -> PathBuf {
        let name = if self.lives == 0 { "salur.db".to_owned() } else { format!("salur-{}.db", self.lives) };
        self.folder.path().join(name)
    }

    fn facts(&self) -> PathBuf {
        self.folder.path().join("facts")
    }

    fn location(&self) -> Location {
        Location::Sqlite(self.database().display().to_string())
    }

    fn open(&mut self) {
        self.tick();
        let pool = Pool::open(&self.location(), 2).unwrap();
        let (clock, entropy) = (self.clock.clone(), self.entropy.clone());
        let office = Office::open(pool.clone(), vault(), clock, entropy, None, &self.facts()).unwrap();
        self.alive = Some((office, pool));
        self.tell();
    }

    /// Every call of the office has one moment, and by random clocks any moment may follow any other.
    fn tick(&mut self) {
        self.calls += 1;
        let drawn = i64::try_from(self.times.word() % 4_000_000_000_000).unwrap() + 86_400_000;
        let honest = 1_796_515_200_000 + self.calls * 60_000;
        self.clock.set(if self.clocks == Clocks::Random { drawn } else { honest });
        *self.seen.borrow_mut() = None;
    }

    fn office(&self) -> &Office {
        &self.alive.as_ref().unwrap().0
    }

    fn pool(&self) -> &Pool {
        &self.alive.as_ref().unwrap().1
    }

    fn mark(&self) -> Mark {
        Facts::open(&self.facts(), Mark::default(), |_, _| ()).unwrap().mark().unwrap()
    }

    /// Somebody hears what the office did: from here on it may not be undone.
    fn tell(&mut self) {
        self.said = self.mark();
    }

    fn right(&self, one: EntitlementId) -> &Entitlement {
        &self.rights.iter().find(|(known, _)| *known == one).unwrap().1
    }

    fn right_named(&self, id: EntitlementId) -> Option<EntitlementId> {
        self.rights.iter().find(|(_, one)| one.id == id).map(|(known, _)| *known)
    }

    fn device_named(&self, id: DeviceId) -> Option<DeviceId> {
        self.devices.iter().find(|(_, known)| known.id == id).map(|(name, _)| *name)
    }

    fn caller(&self, device: DeviceId) -> DeviceCaller {
        DeviceCaller { device: self.devices[&device].id, agency: self.made.admin.agency, point: self.made.point.id }
    }

    /// What the office says to a device at the end of a call.
    fn reply(&self, device: DeviceId) -> Reply {
        let signed = self.office().device_self(&self.caller(device), None).unwrap().reply;
        verify_reply(&signed, &self.devices[&device].server).unwrap().1
    }

    /// Brings a parcel, through the bytes in which it travels.
    fn bring(&mut self, device: DeviceId, receipts: &[Receipt], fill: impl FnOnce(&Self, &mut Parcel)) {
        self.tick();
        let known = &self.devices[&device];
        let mut batch = Batch {
            device: known.id,
            kid: known.key.id(),
            point: u32::try_from(self.made.point.number).unwrap(),
            seen: Head::default(),
            operators: vec![self.made.operator.user],
            rounds: self.made.full.clone(),
            items: Vec::new(),
        };
        let own = KeyRing::of([known.key.verifying_key()]).unwrap();
        for receipt in receipts {
            batch.push(&self.receipts[&receipt.hash].bytes, &own).unwrap();
        }
        let mut parcel = Parcel::default();
        if !receipts.is_empty() {
            parcel.batch = batch.encode();
        }
        fill(self, &mut parcel);
        let parcel = Parcel::decode(&parcel.encode()).unwrap();
        let batch = (!parcel.batch.is_empty()).then(|| Batch::decode(&parcel.batch).unwrap());
        self.office().sync(&self.caller(device), &parcel, batch.as_ref()).unwrap();
    }

    /// What is asked about an entitlement that a device holds.
    fn asks(&self, one: EntitlementId) -> Vec<Message> {
        let id = self.right(one).id;
        let now = self.pool().read(|conn| store::entitlements::find(conn, id)).unwrap().unwrap().0;
        let Some(holder) = now.holder.filter(|_| now.state == State::Leased) else { return Vec::new() };
        let device = self.device_named(holder).unwrap();
        let asked = self.reply(device).asks.into_iter().find(|(about, _)| *about == id);
        asked.map(|(_, ask)| Message::Ask(device, one, ask)).into_iter().collect()
    }

    fn row(&self, one: EntitlementId, id: EntitlementId) -> Row {
        let row = self
            .pool()
            .read(|conn| {
                let (found, _) = store::entitlements::find(conn, id)?.unwrap();
                store::leases::row(conn, &found)
            })
            .unwrap();
        let named = |device: DeviceId| self.device_named(device).unwrap_or(device);
        Row {
            entitlement: one,
            point: point(1),
            right: match row.right {
                Right::Leased(device) => Right::Leased(named(device)),
                Right::Unresolved(device) => Right::Unresolved(named(device)),
                other => other,
            },
            doubt: row.doubt.map(named),
            ..row
        }
    }

    /// The world's receipt for one that the office or a device signed.
    fn keep(&mut self, receipt: Receipt, bytes: Vec<u8>) {
        self.hashes.insert(token::receipt_hash(&bytes), receipt.hash);
        self.receipts.insert(receipt.hash, Signed { receipt, bytes });
    }

    fn kept(&self) -> Vec<Kept> {
        let mut kept = Vec::new();
        self.pool()
            .read(|conn| {
                for signed in self.receipts.values() {
                    let hash = token::receipt_hash(&signed.bytes);
                    let is_redemption = match store::received::find(conn, hash)? {
                        Some(received) => received.conflict.is_none(),
                        None => match store::redemptions::find(conn, signed.receipt.redemption)? {
                            Some(made) if made.receipt_hash == hash => true,
                            _ => continue,
                        },
                    };
                    kept.push(Kept { receipt: signed.receipt, is_redemption });
                }
                Ok::<_, store::Error>(())
            })
            .unwrap();
        kept
    }

    fn outside(&self) -> Vec<[u8; 32]> {
        let mut hashes = Vec::new();
        let read = |_: u64, record: &[u8]| {
            if let Some(Outside::Redeemed(kept) | Outside::Conflict(kept, _)) = Outside::read(record) {
                hashes.push(self.hashes[&token::receipt_hash(&kept.receipt)]);
            }
        };
        drop(Facts::open(&self.facts(), Mark::default(), read).unwrap());
        hashes
    }
}

impl Central for Real {
    type Backup = PathBuf;

    fn issue(&mut self, entitlement: EntitlementId, _point: PointId) {
        let next = self.rights.len();
        self.rights.push((entitlement, self.made.rights[next].clone()));
    }

    fn enrol(&mut self, device: DeviceId, _point: PointId, keeper: Keeper) {
        self.tick();
        let key = SigningKey::from_seed(&[device.bytes()[0]; 32]);
        let known = if keeper == Keeper::Server {
            Known { id: self.made.desk, keeper, key, server: KeyRing::new() }
        } else {
            let name = format!("Pemindai {}", device.bytes()[0]);
            let new = NewEnrolment { name, point: self.made.point.id, brake: Brake::default() };
            let invited = self.office().create_enrolment(&self.made.coordinator, &new).unwrap();
            let code: String = invited.code.to_string().chars().filter(|sign| *sign != '-').collect();
            let public = key.verifying_key().to_bytes();
            let said = format!("salur-enrolment-1\n{}\n{}", code.to_uppercase(), BASE64URL_NOPAD.encode(&public));
            let proof = key.sign_message(said.as_bytes());
            let taken = self.office().enrol_device(&code, &public, "software", &proof).unwrap().device;
            Known { id: taken.device.id, keeper, key, server: KeyRing::of(taken.server_keys).unwrap() }
        };
        self.devices.insert(device, known);
        self.tell();
    }

    fn made(&mut self, receipt: &Receipt) {
        let known = &self.devices[&receipt.device];
        let at = self.rights.iter().position(|(one, _)| *one == receipt.entitlement).unwrap();
        let full = &self.made.full[at];
        let before = if receipt.prev_hash == NO_RECEIPT {
            NO_RECEIPT
        } else {
            token::receipt_hash(&self.receipts[&receipt.prev_hash].bytes)
        };
        let body = ReceiptBody {
            redemption: receipt.redemption,
            entitlement: self.rights[at].1.id,
            fence: receipt.fence,
            device: known.id,
            seq: receipt.seq,
            prev_hash: before,
            operator: self.made.operator.user,
            point: u32::try_from(self.made.point.number).unwrap(),
            round: full.round,
            print: 1,
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
        let bytes = token::sign_receipt(&known.key, &body).unwrap();
        self.keep(*receipt, bytes);
    }

    fn hear(&mut self, message: &Message) -> Vec<Message> {
        self.tell();
        match message {
            Message::Receipt(receipt) => self.bring(receipt.device, &[*receipt], |_, _| ()),
            Message::Return(back) => {
                self.tick();
                let known = &self.devices[&back.device];
                let leases = vec![(self.right(back.entitlement).id, back.fence)];
                let signed = sign_returns(&known.key, &Returns { device: known.id, seq: back.seq, leases });
                self.office().return_leases(&self.caller(back.device), &signed).unwrap();
            }
            Message::HoldTaken(device, one, fence) => {
                self.bring(*device, &[], |real, parcel| parcel.holds = vec![(real.right(*one).id, *fence)]);
            }
            Message::Answer(said) => self.bring(said.device, &said.journal, |real, parcel| {
                let known = &real.devices[&said.device];
                let held = |held: &Held| Held { entitlement: real.right(held.entitlement).id, ..*held };
                let last = said.journal.last().map(|receipt| &real.receipts[&receipt.hash]);
                let chain = last.map_or(Head::default(), |signed| Head {
                    size: signed.receipt.seq,
                    root: token::receipt_hash(&signed.bytes),
                });
                let page = TablePage {
                    device: known.id,
                    epoch: said.epoch,
                    seen: Head::default(),
                    chain,
                    page: 0,
                    pages: 1,
                    table: said.table.iter().map(held).collect(),
                };
                parcel.pages = vec![sign_table(&known.key, &page)];
            }),
            _ => {}
        }
        Vec::new()
    }

    fn grant(&mut self, device: DeviceId, wanted: &[EntitlementId], _ends_at: Timestamp) -> Vec<Message> {
        self.tick();
        let mut grants = Vec::new();
        let mut epoch = 0;
        for one in wanted {
            let wish = LeaseWish { entitlements: Some(vec![self.right(*one).id]), ..LeaseWish::default() };
            let Some(lent) = answer(self.office().lease(&self.caller(device), &wish)) else { continue };
            for page in &lent.pages {
                let (_, page) = verify_bundle(page, &self.devices[&device].server).unwrap();
                assert_eq!(page.device, self.devices[&device].id, "a bundle for another device");
                let bundle = page.bundle().unwrap();
                epoch = bundle.epoch;
                grants.extend(bundle.grants.into_iter().map(|mut grant| {
                    grant.entitlement = self.right_named(grant.entitlement).unwrap();
                    grant
                }));
            }
        }
        self.tell();
        if grants.is_empty() {
            return Vec::new();
        }
        vec![Message::Bundle(Bundle { device, epoch, server_time: end_of_time(), cover: Head::default(), grants })]
    }

    fn redeem_here(
        &mut self,
        desk: DeviceId,
        entitlement: EntitlementId,
        id: RedemptionId,
        wall: Timestamp,
    ) -> Option<Receipt> {
        self.tick();
        let claim = Claim {
            id,
            named: Named::Code(self.right(entitlement).typed_code.canonical().to_owned()),
            collector: Collector { id_seen: true, ..Collector::default() },
            paper: Paper::Seen,
            paper_reason: None,
            items: None,
            scanned_at: Some(wall),
        };
        let done = answer(self.office().redeem(&self.made.operator, &claim));
        self.tell();
        let done = done?;
        assert!(!done.replayed, "a fresh wish was answered as an old one");
        let signed = done.receipt.signed;
        let body = token::receipt::peek(&signed).unwrap();
        let mut receipt = Receipt {
            redemption: body.redemption,
            entitlement,
            fence: body.fence,
            device: desk,
            seq: body.seq,
            prev_hash: self.hashes[&body.prev_hash],
            hash: [0; 32],
            claimed_at: wall,
            flags: Flags::default(),
        };
        receipt.hash = seal(&receipt);
        self.keep(receipt, signed);
        Some(receipt)
    }

    fn revoke(&mut self, entitlement: EntitlementId) -> Vec<Message> {
        self.tell();
        self.tick();
        let id = self.right(entitlement).id;
        let done = answer(self.office().revoke_entitlement(&self.made.coordinator, id, "simulasi"));
        done.map(|_| self.asks(entitlement)).unwrap_or_default()
    }

    fn hold(&mut self, entitlement: EntitlementId, on: bool) -> Vec<Message> {
        self.tell();
        self.tick();
        let (id, by) = (self.right(entitlement).id, &self.made.coordinator);
        let office = self.office();
        let done = answer(if on { office.hold(by, id, "simulasi") } else { office.release(by, id, "simulasi") });
        done.map(|_| self.asks(entitlement)).unwrap_or_default()
    }

    fn expire(&mut self, entitlement: EntitlementId) {
        self.tell();
        self.tick();
        let (round, by) = (self.right(entitlement).round, &self.made.coordinator);
        let at = (round, self.made.point.id);
        self.office().set_window(by, at, over(), "selesai").unwrap();
        answer(self.office().expire_round(by, round));
        self.office().set_window(by, at, always(), "simulasi").unwrap();
    }

    fn write_off(&mut self, device: DeviceId) {
        self.tell();
        self.tick();
        let id = self.devices[&device].id;
        if answer(self.office().ask_write_off(&self.made.coordinator, id, "hilang")).is_some() {
            self.office().agree_write_off(&self.made.admin, id).unwrap();
        }
    }

    fn bar(&mut self, device: DeviceId) -> Vec<Message> {
        self.tell();
        self.tick();
        answer(self.office().revoke_device(&self.made.coordinator, self.devices[&device].id));
        vec![Message::Stop(device)]
    }

    fn cover(&mut self) -> Vec<Message> {
        self.tick();
        let mut acks = Vec::new();
        for (device, _) in self.devices.iter().filter(|(_, known)| known.keeper == Keeper::Itself) {
            if let Some((seq, hash)) = self.reply(*device).ack {
                acks.push(Message::Ack(Ack { device: *device, seq, hash: self.hashes[&hash], cover: Head::default() }));
            }
        }
        self.tell();
        acks
    }

    fn backup(&self) -> Self::Backup {
        self.backups.set(self.backups.get() + 1);
        let folder = self.folder.path().join(format!("backup-{}", self.backups.get()));
        backup::make(&self.location(), &folder, self.office().now(), None).unwrap();
        folder
    }

    fn restore(&mut self, backup: &Self::Backup) -> Vec<Message> {
        self.alive = None;
        self.tick();
        self.lives += 1;
        let (clock, entropy) = (self.clock.clone(), self.entropy.clone());
        let with = Means {
            vault: vault(),
            clock,
            entropy,
            host: None,
            facts: self.facts(),
            scratch: self.folder.path().join("scratch"),
            log: LogDesk::default(),
        };
        backup::restore(backup, &self.location(), with).unwrap();
        self.open();
        self.ask_again()
    }

    fn ask_again(&self) -> Vec<Message> {
        let look = self.look();
        if !look.recovering {
            return Vec::new();
        }
        let own = self.devices.iter().filter(|(_, known)| known.keeper == Keeper::Itself);
        let request = ResyncRequest { epoch: look.epoch, server_time: end_of_time() };
        own.filter(|(device, _)| self.reply(**device).resync)
            .map(|(device, _)| Message::Resync(*device, request))
            .collect()
    }

    /// The process dies at once. Facts of the last call that nobody was told of had been committed and were not yet
    /// outside: the next start has to bring them there.
    fn power_cut(&mut self) {
        self.alive = None;
        let log = std::fs::OpenOptions::new().write(true).open(self.facts().join("facts.log")).unwrap();
        log.set_len(self.said.bytes).unwrap();
        self.open();
    }

    fn look(&self) -> Look {
        if let Some(look) = &*self.seen.borrow() {
            return look.clone();
        }
        let office = self.pool().read(store::leases::office).unwrap();
        let devices = self.pool().read(store::devices::everything).unwrap();
        let members = devices.iter().filter_map(|device| {
            let mut member = device.member();
            member.device = self.device_named(device.id)?;
            member.point = point(1);
            Some(member)
        });
        let look = Look {
            epoch: office.epoch,
            recovering: office.recovering(),
            rows: self.rights.iter().map(|(one, right)| self.row(*one, right.id)).collect(),
            members: members.collect(),
            kept: self.kept(),
            outside: self.outside(),
        };
        *self.seen.borrow_mut() = Some(look.clone());
        look
    }

    /// V9, in money: what the programme has obligated is what its live and its used rights are worth.
    fn books(&self) -> Result<(), String> {
        let programme = self.pool().read(|conn| store::programmes::find(conn, self.made.programme)).unwrap().unwrap();
        let count = |one: &Entitlement| {
            let (found, _) = self.pool().read(|conn| store::entitlements::find(conn, one.id)).unwrap().unwrap();
            i64::from(found.state.is_live() || found.state == State::Redeemed)
        };
        let worth = VALUE * self.made.rights.iter().map(count).sum::<i64>();
        let obligated = programme.obligated.minor();
        if obligated == worth { Ok(()) } else { Err(format!("V9: {obligated} obligated, {worth} due")) }
    }
}
