//! The device against a server in memory: the product's own machine behind the wire's own shapes.

mod behind;
mod central;
mod learn;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::enrol::{Enrolment, enrol};
use super::identity::{Secret, encode};
use super::line::{Answer, Body, Line};
use super::redeem::{Outcome, Wish};
use super::talk::{self, Scope};
use super::{Device, Fault};
use crate::clock::{Clock, Entropy};
use crate::domain::id::{DeviceId, EntitlementId, Identifier, PointId, RedemptionId, RoundId, UserId};
use crate::domain::lease::brake::Brake;
use crate::domain::lease::evidence::Known;
use crate::domain::lease::message::{Ask, Head, Receipt};
use crate::domain::lease::office::{Keeper, Member, Office, Right, Row, Standing};
use crate::domain::lease::server::{self, Answer as Said, Facts, Input};
use crate::domain::redemption::Verdict;
use crate::domain::time::Timestamp;
use crate::domain::voucher::TypedCode;
use crate::token::lease::{BundlePage, Entry, LeasedRound, sign_bundle, verify_returns, verify_table};
use crate::token::parcel::Parcel;
use crate::token::reply::{Reply, sign_reply};
use crate::token::sync::Batch;
use crate::token::{self, Claims, KeyRing, SigningKey, VerifyingKey};

use central::Central;

const NOON: i64 = 1_796_515_200_000;

#[derive(Debug, Default)]
struct Wall(AtomicI64);

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

#[derive(Debug, Default)]
struct Dice(AtomicU64);

impl Entropy for Dice {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        for byte in buffer {
            let word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            *byte = (word ^ (word >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).to_be_bytes()[1];
        }
        true
    }
}

const DEVICE: [u8; 16] = [9; 16];
const ROUND: [u8; 16] = [7; 16];

fn of(number: u8) -> EntitlementId {
    EntitlementId::from_bytes([number; 16])
}

fn typed(number: u8) -> TypedCode {
    TypedCode::draw([number; 9])
}

struct World {
    central: Mutex<Central>,
    clock: Arc<Wall>,
    dice: Arc<Dice>,
    folder: TempDir,
}

impl World {
    fn new(entitlements: u8) -> Self {
        let (device, point) = (DeviceId::from_bytes(DEVICE), PointId::from_bytes([1; 16]));
        let clock = Arc::new(Wall::default());
        clock.0.store(NOON, Ordering::SeqCst);
        let reply = Reply {
            device,
            nonce: [0; 16],
            epoch: 1,
            server_time: Timestamp::from_millis(NOON).unwrap(),
            cover: Head::default(),
            missing: 0,
            standing: Standing::Active,
            forked: false,
            resync: false,
            ack: None,
            asks: Vec::new(),
            brake: Brake::default(),
            paused: Vec::new(),
        };
        let central = Central {
            office: Office { epoch: 1, missing: 0 },
            member: Member::enrolled(device, point, Keeper::Itself, 1),
            rows: (1..=entitlements).map(|n| (of(n), Row::issued(of(n), point, 1))).collect(),
            receipts: Vec::new(),
            key: SigningKey::from_seed(&[21; 32]),
            issuer: SigningKey::from_seed(&[22; 32]),
            device_key: None,
            reply,
            pages: Vec::new(),
            tried: Vec::new(),
            log: 1,
            swallow: 0,
            down: false,
            hosts: Vec::new(),
        };
        let folder = tempfile::tempdir().unwrap();
        Self { central: Mutex::new(central), clock, dice: Arc::new(Dice(AtomicU64::new(5))), folder }
    }

    fn secret() -> Secret {
        Secret::Passphrase(Zeroizing::new("kata sandi".into()))
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("device.db")
    }

    fn try_enrol(&self) -> Result<Device, Fault> {
        let new = Enrolment { server: "http://x", code: "7kq4-m2xp-9d", secret: &Self::secret() };
        enrol(&self.file(), &new, self, self.clock.clone(), self.dice.clone())
    }

    fn enrolled(&self) -> Mutex<Device> {
        let device = Mutex::new(self.try_enrol().unwrap());
        talk::sign_on(&device, self, "tgr-01", "rahasia").unwrap();
        device
    }

    fn open(&self) -> Result<Device, Fault> {
        Device::open(&self.file(), &Self::secret(), self.clock.clone(), self.dice.clone())
    }

    fn with<T>(&self, f: impl FnOnce(&mut Central) -> T) -> T {
        f(&mut self.central.lock().unwrap())
    }

    fn code(&self, number: u8, print: u32, point: u32) -> String {
        let claims = Claims { entitlement: of(number), round: 1, point, print };
        self.with(|central| token::qr_text(None, &token::sign(&central.issuer, &claims)))
    }
}

fn nonce_of(call: &Value) -> [u8; 16] {
    super::identity::decode(call["nonce"].as_str().unwrap()).unwrap().try_into().unwrap()
}

impl Line for World {
    fn call(&self, _token: Option<&str>, path: &str, body: Body) -> Result<Answer, Fault> {
        self.with(|central| {
            let lost = || Err(Fault::Unreachable("nobody there".into()));
            if central.down {
                return lost();
            }
            if path == "/devices/me" {
                let keys = json!({ "issuer": [{ "x": encode(&central.issuer.verifying_key().to_bytes()) }] });
                return Ok(Answer { status: 200, body: json!({ "keys": keys, "hosts": central.hosts }) });
            }
            let said = match (path, body) {
                ("/devices/enrol", Body::Json(call)) => {
                    let bytes = super::identity::decode(call["public_key"].as_str().unwrap()).unwrap();
                    let key = VerifyingKey::from_bytes(&bytes.try_into().unwrap()).unwrap();
                    let text = format!("salur-enrolment-1\n7KQ4M2XP9D\n{}", call["public_key"].as_str().unwrap());
                    let proof = super::identity::decode(call["proof"].as_str().unwrap()).unwrap();
                    assert!(key.verifies(text.as_bytes(), &proof), "a proof that the key is the device's");
                    assert!(central.device_key.is_none_or(|known| known == key), "one key a code");
                    central.device_key = Some(key);
                    json!({ "device": central.member.device, "number": 4, "name": "Meja 1", "kid": "x", "token": "t",
                        "agency": { "name": "Dinas", "zone": "WITA" },
                        "point": { "id": PointId::from_bytes([1; 16]), "number": 12, "code": "TGR-01", "name": "Balai" },
                        "epoch": 1, "server_time": central.reply.server_time.iso(crate::domain::time::Zone::Wita),
                        "brake": { "packages": null, "hours": null }, "cover": { "size": 0, "root": encode(&[0; 32]) },
                        "keys": { "issuer": [{ "x": encode(&central.issuer.verifying_key().to_bytes()) }],
                                  "server": [{ "x": encode(&central.key.verifying_key().to_bytes()) }] }, "hosts": [] })
                }
                ("/devices/me/operators", Body::Json(call)) => {
                    json!({ "user": UserId::from_bytes([5; 16]), "name": "Siti", "username": call["username"] })
                }
                ("/leases", Body::Json(call)) => central.leases(&call),
                ("/sync", Body::Cbor(bytes)) => central.sync(&bytes),
                (other, _) => panic!("no such call: {other}"),
            };
            if central.swallow > 0 {
                central.swallow -= 1;
                return lost();
            }
            Ok(Answer { status: 200, body: said })
        })
    }
}

fn wish(number: u8) -> RedemptionId {
    RedemptionId::from_bytes([0xa0 ^ number; 16])
}

fn scan(device: &Mutex<Device>, code: &str, id: RedemptionId) -> Outcome {
    device.lock().unwrap().redeem(&Wish::plain(id, code)).unwrap()
}

fn is_green(outcome: &Outcome, second_time: bool) -> bool {
    matches!(outcome, Outcome::Green { again, .. } if *again == second_time)
}

#[test]
fn a_handout_without_network_is_one_handout_and_reaches_the_server() {
    let world = World::new(4);
    let device = world.enrolled();
    assert_eq!(talk::lease(&device, &world, &Scope::default()).unwrap().installed, 4);
    world.with(|central| central.down = true);

    let code = world.code(1, 2, 12);
    assert!(is_green(&scan(&device, &code, wish(1)), false));
    assert!(is_green(&scan(&device, &code, wish(1)), true), "the same wish again is the same handout");
    assert_eq!(scan(&device, &code, wish(2)).verdict(), Verdict::AlreadyRedeemed, "a photocopy");
    assert!(is_green(&scan(&device, &typed(2).to_string(), wish(3)), false), "by the typed code");
    assert!(matches!(talk::sync(&device, &world), Err(Fault::Unreachable(_))));
    drop(device);

    let device = Mutex::new(world.open().unwrap());
    assert!(is_green(&scan(&device, &code, wish(1)), true), "also after the power went");
    world.with(|central| central.down = false);
    let done = talk::sync(&device, &world).unwrap();
    assert_eq!((done.taken, done.conflicts), (2, 0));
    assert_eq!(device.lock().unwrap().counts().unwrap().unsynced, 0);
    let core = device.lock().unwrap().core().unwrap();
    assert_eq!((core.seq, core.covered), (2, 2));
    world.with(|central| {
        assert!(central.receipts.iter().all(|(_, redemption)| *redemption));
        assert_eq!(central.tried, ["already_redeemed"], "the refused scan came along");
    });
}

#[test]
fn every_refusal_has_its_verdict() {
    let world = World::new(3);
    let device = world.enrolled();
    let some = Scope { entitlements: vec![of(1), of(2)], ..Scope::default() };
    assert_eq!(talk::lease(&device, &world, &some).unwrap().installed, 2);
    let verdict = |code: &str| scan(&device, code, wish(40)).verdict();
    assert_eq!(verdict(&world.code(3, 2, 12)), Verdict::NotReady, "no lease");
    assert_eq!(verdict(&typed(3).to_string()), Verdict::NotReady);
    assert_eq!(verdict(&world.code(3, 2, 13)), Verdict::WrongPoint);
    assert_eq!(verdict(&world.code(1, 1, 12)), Verdict::Superseded);
    assert_eq!(verdict("https://example.com/"), Verdict::Foreign);
    assert_eq!(verdict("SALUR:AAAA"), Verdict::Malformed);
    let stranger = SigningKey::from_seed(&[99; 32]);
    let claims = Claims { entitlement: of(1), round: 1, point: 12, print: 2 };
    assert_eq!(verdict(&token::qr_text(None, &token::sign(&stranger, &claims))), Verdict::Foreign);
    let good = token::sign(&world.with(|central| central.issuer.clone()), &claims);
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(verdict(&token::qr_text(None, &forged)), Verdict::Forged);
    world.clock.0.store(NOON - 1, Ordering::SeqCst);
    device.lock().unwrap().set_time().unwrap();
    assert_eq!(verdict(&world.code(1, 2, 12)), Verdict::NotYetValid);
    world.clock.0.store(NOON + 10 * 3_600_000, Ordering::SeqCst);
    assert_eq!(verdict(&world.code(1, 2, 12)), Verdict::Expired);
    world.clock.0.store(NOON + 1, Ordering::SeqCst);
    assert_eq!(verdict(&world.code(1, 2, 12)), Verdict::Expired, "a clock set back helps nobody");
    device.lock().unwrap().set_time().unwrap();
    world.with(|central| central.reply.paused = vec![(RoundId::from_bytes(ROUND), "jalan putus".into())]);
    talk::sync(&device, &world).unwrap();
    assert_eq!(verdict(&world.code(1, 2, 12)), Verdict::Paused);
    world.with(|central| {
        central.reply.paused.clear();
        central.run(of(1), &Input::Hold { on: true });
        central.reply.asks = vec![(of(1), Ask::Hold)];
        central.reply.brake = Brake { packages: Some(0), hours: None };
    });
    talk::sync(&device, &world).unwrap();
    assert_eq!(verdict(&world.code(1, 2, 12)), Verdict::Held);
    world.with(|central| assert_eq!(central.rows[&of(1)].hold, crate::domain::lease::office::Hold::Effective));
    let Outcome::Refused(braked) = scan(&device, &world.code(2, 2, 12), wish(41)) else { panic!("no brake") };
    assert_eq!((braked.verdict, braked.reason), (Verdict::NotReady, Some("brake_packages")));
}

#[test]
fn a_scan_without_a_lease_asks_the_server_for_that_one() {
    let world = World::new(2);
    let device = world.enrolled();
    let ask = |number, id| {
        let wish = Wish::plain(id, &world.code(number, 2, 12));
        talk::redeem(&device, Some(&world), &wish).unwrap()
    };
    assert!(is_green(&ask(1, wish(1)), false));
    talk::sync(&device, &world).unwrap();
    world.with(|central| central.run(of(2), &Input::Revoke));
    assert_eq!(ask(2, wish(2)).verdict(), Verdict::Revoked);
    world.with(|central| central.down = true);
    assert_eq!(ask(2, wish(3)).verdict(), Verdict::NotReady);
}

#[test]
fn a_page_that_was_altered_repeated_or_cut_off_gives_no_right_twice() {
    let world = World::new(6);
    let device = world.enrolled();
    world.with(|central| central.swallow = 1);
    assert!(matches!(talk::lease(&device, &world, &Scope::default()), Err(Fault::Unreachable(_))));
    let again = talk::lease(&device, &world, &Scope::default()).unwrap();
    assert_eq!((again.installed, again.known), (6, 0), "the same leases again, after a lost answer");
    let again = talk::lease(&device, &world, &Scope::default()).unwrap();
    assert_eq!((again.installed, again.known), (0, 6));
    scan(&device, &world.code(1, 2, 12), wish(1));
    talk::lease(&device, &world, &Scope { entitlements: vec![of(2)], ..Scope::default() }).unwrap();
    assert_eq!(scan(&device, &world.code(1, 2, 12), wish(2)).verdict(), Verdict::AlreadyRedeemed);

    let said = world.with(|central| central.leases(&json!({ "nonce": encode(&[0; 16]), "scope": {} })));
    let page = super::identity::decode(said["pages"][0].as_str().unwrap()).unwrap();
    let rounds: Vec<super::install::RoundSaid> = serde_json::from_value(said["rounds"].clone()).unwrap();
    let mut unit = device.lock().unwrap();
    for place in (0..page.len()).step_by(7) {
        let mut altered = page.clone();
        altered[place] ^= 4;
        assert!(matches!(unit.install(&altered, &rounds), Err(Fault::Unbelievable(_))), "byte {place}");
        assert!(unit.install(&page[..place], &rounds).is_err(), "cut at {place}");
    }
    assert!(unit.install(&page, &rounds).unwrap().installed.is_empty());
}

#[test]
fn a_lease_is_closed_before_its_return_leaves_and_told_until_it_was_heard() {
    let world = World::new(2);
    let device = world.enrolled();
    talk::lease(&device, &world, &Scope::default()).unwrap();
    assert_eq!(device.lock().unwrap().close(None).unwrap(), 2);
    world.with(|central| central.swallow = 1);
    assert!(talk::sync(&device, &world).is_err());
    assert_eq!(scan(&device, &world.code(1, 2, 12), wish(1)).verdict(), Verdict::NotReady, "closed is closed");
    world.with(|central| assert_eq!(central.rows[&of(1)].right, Right::Available, "it was heard all the same"));
    assert_eq!(device.lock().unwrap().counts().unwrap().untold, 2);
    talk::sync(&device, &world).unwrap();
    assert_eq!(device.lock().unwrap().counts().unwrap().untold, 0);
    assert_eq!(talk::lease(&device, &world, &Scope::default()).unwrap().installed, 2, "under later fences");
    assert!(is_green(&scan(&device, &world.code(1, 2, 12), wish(2)), false));
}

#[test]
fn after_a_restore_of_the_server_the_device_says_all_that_it_holds() {
    let world = World::new(3);
    let device = world.enrolled();
    talk::lease(&device, &world, &Scope::default()).unwrap();
    scan(&device, &world.code(1, 2, 12), wish(1));
    let old = world.with(|central| {
        let entry = Entry {
            entitlement: of(2),
            counter: 9,
            round: 0,
            print: 2,
            code: typed(2).canonical().into(),
            sealed: Vec::new(),
        };
        let page = central.page(vec![entry]);
        central.office.epoch = 2;
        central.reply.epoch = 2;
        page
    });
    let done = talk::sync(&device, &world).unwrap();
    assert!(done.answered && done.taken >= 1);
    world.with(|central| {
        let table: Vec<_> = central.pages.iter().flat_map(|page| page.table.clone()).collect();
        assert_eq!(table.len(), 3);
        assert_eq!((central.pages[0].epoch, central.pages[0].chain.size), (2, 1));
    });
    let rounds = vec![super::install::RoundSaid {
        id: RoundId::from_bytes(ROUND),
        name: String::new(),
        value_minor: 1,
        currency: "IDR".into(),
        items: Vec::new(),
    }];
    let mut unit = device.lock().unwrap();
    assert_eq!(unit.core().unwrap().epoch, 2);
    let late = unit.install(&old, &rounds).unwrap();
    assert_eq!(late.refused, [(of(2), crate::domain::lease::device::Refused::OtherEpoch)], "rule 9");
}

#[test]
fn a_reply_that_was_altered_replayed_or_meant_for_another_changes_nothing() {
    let world = World::new(1);
    let device = world.enrolled();
    let signed = world.with(|central| central.signed_reply([4; 16]));
    let mut unit = device.lock().unwrap();
    let before = unit.core().unwrap();
    assert!(matches!(unit.hear(&signed, [5; 16]), Err(Fault::Unbelievable(_))), "another call's");
    let mut bytes = super::identity::decode(&signed).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    assert!(matches!(unit.hear(&encode(&bytes), [4; 16]), Err(Fault::Unbelievable(_))), "altered");
    let other = world.with(|central| {
        let reply = Reply { device: DeviceId::from_bytes([1; 16]), nonce: [4; 16], ..central.reply.clone() };
        encode(&sign_reply(&central.key, &reply))
    });
    assert!(matches!(unit.hear(&other, [4; 16]), Err(Fault::Unbelievable(_))), "another device's");
    assert_eq!(unit.core().unwrap(), before);
    unit.hear(&signed, [4; 16]).unwrap();
}

#[test]
fn a_device_that_was_set_back_learns_that_it_is_not_the_only_one() {
    let world = World::new(3);
    let device = world.enrolled();
    talk::lease(&device, &world, &Scope::default()).unwrap();
    drop(device);
    let (file, copy) = (world.file(), world.folder.path().join("copy.db"));
    std::fs::copy(&file, &copy).unwrap();
    let device = Mutex::new(world.open().unwrap());
    scan(&device, &world.code(1, 2, 12), wish(1));
    talk::sync(&device, &world).unwrap();
    drop(device);
    std::fs::rename(&copy, &file).unwrap();

    let device = Mutex::new(world.open().unwrap());
    assert!(is_green(&scan(&device, &world.code(1, 2, 12), wish(2)), false), "A3 is broken: it does not know");
    let done = talk::sync(&device, &world).unwrap();
    assert_eq!(done.conflicts, 1);
    world.with(|central| assert!(central.member.forked));
    let stopped = device.lock().unwrap().core().unwrap().stopped;
    assert_eq!(stopped, Some(crate::domain::lease::device::Stopped::Forked));
    assert_eq!(scan(&device, &world.code(2, 2, 12), wish(3)).verdict(), Verdict::NotReady);
}

#[test]
fn one_process_at_a_time_works_with_a_device() {
    let world = World::new(1);
    let device = world.enrolled();
    assert_eq!(world.open().unwrap_err(), Fault::InUse);
    assert_eq!(world.try_enrol().unwrap_err(), Fault::InUse);
    drop(device);
    assert_eq!(world.try_enrol().unwrap_err(), Fault::Exists);
    let wrong = Secret::Passphrase(Zeroizing::new("salah".into()));
    let opened = Device::open(&world.file(), &wrong, world.clock.clone(), world.dice.clone());
    assert!(matches!(opened, Err(Fault::Locked(_))));
}

#[test]
fn an_enrolment_whose_answer_was_lost_leads_to_the_same_device() {
    let world = World::new(1);
    world.with(|central| central.swallow = 1);
    assert!(matches!(world.try_enrol(), Err(Fault::Unreachable(_))));
    let first = world.with(|central| central.device_key);
    let device = world.try_enrol().unwrap();
    assert_eq!(Some(device.key.verifying_key()), first);
    let names: Vec<_> = std::fs::read_dir(world.folder.path()).unwrap().flatten().map(|one| one.file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("enrolling")), "{names:?}");
}

#[test]
fn a_journal_is_carried_to_the_server_by_another_hand() {
    let world = World::new(2);
    let device = world.enrolled();
    talk::lease(&device, &world, &Scope::default()).unwrap();
    scan(&device, &world.code(1, 2, 12), wish(1));
    let file = device.lock().unwrap().export().unwrap();
    assert!(device.lock().unwrap().carry(&file[..file.len() - 3]).is_err());
    // The same device stands in for the other one: what is carried is believed by its signatures alone.
    assert_eq!(device.lock().unwrap().carry(&file).unwrap(), 1);
    talk::sync(&device, &world).unwrap();
    world.with(|central| assert_eq!(central.receipts.len(), 1));
}

#[test]
fn a_short_handout_is_worth_what_was_given_and_more_than_the_right_is_refused() {
    use crate::domain::redemption::Given;
    let world = World::new(2);
    let device = world.enrolled();
    talk::lease(&device, &world, &Scope::default()).unwrap();
    let give = |quantity, id| {
        let given = Some(vec![Given { code: "beras".into(), quantity }]);
        device.lock().unwrap().redeem(&Wish { given, ..Wish::plain(id, &world.code(1, 2, 12)) })
    };
    assert!(matches!(give(16_000, wish(1)), Err(Fault::Handout(_))));
    let Outcome::Green { kept, items, .. } = give(5_000, wish(2)).unwrap() else { panic!("not green") };
    assert_eq!(items, [("beras".to_owned(), 5_000)]);
    let ring = KeyRing::of([device.lock().unwrap().key.verifying_key()]).unwrap();
    assert_eq!(token::verify_receipt(&kept.signed, &ring).unwrap().1.value_minor, 70_000);
}

#[test]
fn a_receipt_whose_screen_nobody_saw_is_told_apart() {
    let world = World::new(1);
    let device = world.enrolled();
    talk::lease(&device, &world, &Scope::default()).unwrap();
    scan(&device, &world.code(1, 2, 12), wish(1));
    assert_eq!(device.lock().unwrap().unconfirmed().unwrap().len(), 1);
    let Outcome::Refused(second) = scan(&device, &world.code(1, 2, 12), wish(2)) else { panic!("twice") };
    assert!(!second.first.unwrap().shown);
    device.lock().unwrap().shown(wish(1)).unwrap();
    assert!(device.lock().unwrap().unconfirmed().unwrap().is_empty());
}
