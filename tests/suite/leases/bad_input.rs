//! What does not fit: each item is answered for itself, kept where somebody signed it, and holds up nothing.

use salur::domain::entitlement::Fence;
use salur::domain::id::{DeviceId, EntitlementId, RedemptionId};
use salur::domain::lease::device::{Output, Stopped};
use salur::token::{self, KeyRing, ReceiptBody, SigningKey};
use serde_json::{Value, json};

use super::{books, busiest, id_of, run};
use crate::harness::auditor::{audited, must_agree, verified_by_python};
use crate::harness::books::Expected;
use crate::harness::handset::{Handset, unb64};
use crate::harness::office::{Office, by_code, text};

fn body_of(device: &Handset, at: usize) -> ReceiptBody {
    let own = KeyRing::of([device.key.verifying_key()]).unwrap();
    token::verify_receipt(&device.journal[at].1, &own).unwrap().1
}

/// The answers to single receipts, each sent in its own batch.
fn answer(office: &Office, device: &Handset, signed: &[u8]) -> (String, Option<String>) {
    let mut alone = device.clone();
    let mut batch = device.batch();
    batch.items = vec![wrapped(signed)];
    let mut parcel = alone.parcel();
    parcel.batch = batch.encode();
    let said = alone.send(office.base(), &parcel);
    assert_eq!(said.status, 200, "{}", said.body);
    let (answer, why, _) = run(&said.body, 0);
    (answer.to_owned(), why.map(str::to_owned))
}

/// An item in its long form: the signed receipt as a byte string.
fn wrapped(signed: &[u8]) -> Vec<u8> {
    let mut item = Vec::new();
    ciborium_bytes(&mut item, signed);
    item
}

fn ciborium_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    match bytes.len() {
        0..=23 => out.push(0x40 | u8::try_from(bytes.len()).unwrap()),
        24..=255 => out.extend([0x58, u8::try_from(bytes.len()).unwrap()]),
        _ => {
            out.push(0x59);
            out.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
        }
    }
    out.extend(bytes);
}

#[test]
fn every_receipt_that_does_not_fit_has_its_own_answer_and_holds_up_nothing() {
    let office = Office::open(511);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 11);
    device.lease(office.base(), &json!({}));
    let mut neighbour = Handset::enrol(&office, &point, 12);
    device.redeem(id_of(&vouchers[0]));
    let honest = body_of(&device, 0);
    let sign = |key: &SigningKey, body: &ReceiptBody| token::sign_receipt(key, body).unwrap();
    let of = |answer: &str, why: &str| (answer.to_owned(), Some(why.to_owned()));

    let mut altered = device.journal[0].1.clone();
    let at = altered.len() - 100;
    altered[at] ^= 1;
    let (kind, why) = answer(&office, &device, &altered);
    assert!(kind == "bad" && ["altered", "malformed"].contains(&why.as_deref().unwrap()), "{why:?}");
    let mut forged = device.journal[0].1.clone();
    let end = forged.len() - 1;
    forged[end] ^= 1;
    assert_eq!(answer(&office, &device, &forged), of("bad", "altered"));
    assert_eq!(
        answer(&office, &device, &sign(&SigningKey::from_seed(&[99; 32]), &honest)),
        of("bad", "other_installation")
    );
    assert_eq!(answer(&office, &device, &sign(&neighbour.key, &honest)), of("bad", "other_device"));
    let other = ReceiptBody { device: DeviceId::random([3; 16]), ..honest.clone() };
    assert_eq!(answer(&office, &device, &sign(&device.key, &other)), of("bad", "other_device"));
    let nothing = ReceiptBody { entitlement: EntitlementId::random([4; 16]), ..honest.clone() };
    assert_eq!(answer(&office, &device, &sign(&device.key, &nothing)), of("bad", "unknown"));
    assert_eq!(answer(&office, &device, b"no receipt"), of("bad", "malformed"));

    // Good signatures on what is not the lease: evidence, a case each, and never a second handout.
    let leased = id_of(&vouchers[1]);
    let fence = |epoch, counter| Fence { epoch, counter };
    let odd = |entitlement, fence, seq: u64, id: u8| ReceiptBody {
        entitlement,
        fence,
        seq,
        redemption: RedemptionId::random([id; 16]),
        ..honest.clone()
    };
    let conflict = |body: &ReceiptBody| answer(&office, &device, &sign(&device.key, body));
    assert_eq!(conflict(&odd(leased, fence(1, 9), 100, 101)), of("conflict", "other_fence"));
    assert_eq!(conflict(&odd(leased, fence(7, 1), 110, 102)), of("conflict", "other_epoch"));
    let sheet = office.get("coordinator", &format!("/devices/{}", device.id)).body;
    assert_eq!(sheet["forked"], json!(false));

    // After all of that the honest receipt is taken, in the same call as a spoilt one.
    let mut batch = device.batch();
    batch.items.insert(0, wrapped(&forged));
    batch.items.push(vec![0xff]);
    let mut parcel = device.clone().parcel();
    parcel.batch = batch.encode();
    let said = device.send(office.base(), &parcel).body;
    assert_eq!(
        (run(&said, 0), run(&said, 1), run(&said, 2)),
        (("bad", Some("altered"), 1), ("taken", None, 1), ("bad", Some("malformed"), 1))
    );
    // Its id under another entitlement is no second handout.
    let reused = ReceiptBody { redemption: honest.redemption, ..odd(leased, fence(1, 1), 120, 0) };
    assert_eq!(conflict(&reused), of("conflict", "id_reused"));
    assert_eq!(conflict(&odd(honest.entitlement, honest.fence, 130, 105)), of("conflict", "already_redeemed"));
    let not_leased = office.vouchers().into_iter().find(|one| one.point != point).unwrap();
    assert_eq!(conflict(&odd(id_of(&not_leased), fence(1, 1), 140, 106)), of("conflict", "not_leased"));
    neighbour.core = salur::domain::lease::device::Core { seq: 0, ..neighbour.core };
    let theirs = ReceiptBody { device: neighbour.id, ..odd(leased, fence(1, 1), 1, 107) };
    assert_eq!(answer(&office, &neighbour, &sign(&neighbour.key, &theirs)), of("conflict", "other_device"));
    let issued = i64::try_from(office.vouchers().len()).unwrap();
    office.books_alone(Expected { issued, redeemed: 1, realised: 500_000, ..Expected::default() });
    // The device's chain has holes, and the log says where.
    let folder = tempfile::tempdir().unwrap();
    let report = audited(&office.installation, folder.path());
    let faults = report["faults"].as_array().unwrap();
    assert!(!faults.is_empty() && faults.iter().all(|one| text(one, "what").starts_with("V6: receipt")), "{report}");
    must_agree(&report, &verified_by_python(folder.path()));
    let cases = office.get("coordinator", "/cases?limit=100").body;
    let conflicts = cases["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "conflict").count();
    assert_eq!(conflicts, 6, "{cases}");
}

#[test]
fn a_copied_device_shows_as_a_fork_and_gets_no_more_leases() {
    let office = Office::open(512);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 21);
    device.lease(office.base(), &json!({}));
    let mut copy = device.clone();
    // Two operators draw two ids (rule 14).
    copy.drawn += 1_000;
    assert!(matches!(device.redeem(id_of(&vouchers[0])), Output::Green(_)));
    copy.redeem(id_of(&vouchers[1]));
    copy.redeem(id_of(&vouchers[0]));
    assert_eq!(run(&device.sync(office.base()).body, 0), ("taken", None, 1));
    let said = copy.sync(office.base()).body;
    // Its first is the redemption of another right; its second is the handout too many, and a conflict.
    assert_eq!((run(&said, 0), run(&said, 1)), (("taken", None, 1), ("conflict", Some("already_redeemed"), 1)));
    assert_eq!(copy.core.stopped, Some(Stopped::Forked));
    let sheet = office.get("coordinator", &format!("/devices/{}", device.id)).body;
    assert_eq!(sheet["forked"], json!(true));
    let barred = device.ask_lease(office.base(), &json!({}), &Value::Null);
    assert_eq!((barred.status, barred.code()), (403, "device_forked"));
    books(&office, 2, 0);
}

#[test]
fn a_device_that_was_revoked_between_lease_and_sync_still_settles_and_is_told_to_stop() {
    let office = Office::open(513);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 31);
    device.lease(office.base(), &json!({}));
    device.redeem(id_of(&vouchers[0]));
    let path = format!("{}/api/v1/devices/{}", office.base(), device.id);
    assert_eq!(office.of("coordinator").send("DELETE", &path, None).unwrap().0, 204);
    assert_eq!(run(&device.sync(office.base()).body, 0), ("taken", None, 1));
    assert_eq!(device.last_reply.as_ref().unwrap().standing, salur::domain::lease::office::Standing::Revoked);
    device.close(id_of(&vouchers[1]));
    assert_eq!(device.sync(office.base()).body["returns"][0]["answer"], "freed");
    assert_eq!(device.ask_lease(office.base(), &json!({}), &Value::Null).code(), "device_revoked");
    let id = "00000000-0000-7000-8000-000000000513";
    assert_eq!(office.redeem(&vouchers[1], &by_code(id, &vouchers[1].code)).status, 201);
}

#[test]
fn half_a_bundle_is_half_the_leases_and_an_altered_or_foreign_page_is_none() {
    let office = Office::open(514);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 41);
    let mut other = Handset::enrol(&office, &point, 42);
    let answer =
        device.ask_lease(office.base(), &json!({ "entitlements": [vouchers[0].entitlement_id] }), &Value::Null);
    let page = unb64(answer.body["pages"][0].as_str().unwrap());
    assert_eq!(other.install_page(&page), Some(0), "a page for another device opens nothing");
    for cut in [1, page.len() / 2, page.len() - 1] {
        assert_eq!(device.install_page(&page[..cut]), None);
    }
    let mut altered = page.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 4;
    assert_eq!(device.install_page(&altered), None);
    assert_eq!(device.install(&answer), 1);
    assert_eq!(device.install(&answer), 0, "played again it opens nothing");
    assert_eq!(text(&answer.body["rounds"][0], "currency"), "IDR");
}

#[test]
fn a_return_counts_only_for_the_exact_lease_and_only_once() {
    let office = Office::open(515);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 51);
    device.lease(office.base(), &json!({}));
    let id = id_of(&vouchers[0]);
    let give_back = |device: &Handset| {
        let path = format!("/leases/{id}/return");
        let body = json!({ "returns": crate::harness::handset::b64(&device.signed_returns()) });
        device.client.post(office.base(), &path, &body).unwrap()
    };
    let mut wrong = device.clone();
    wrong.returns = vec![(id, Fence { epoch: 1, counter: 7 })];
    let said = give_back(&wrong);
    assert_eq!((said.status, said.body["returns"][0]["why"].as_str()), (200, Some("not_the_lease")), "{}", said.body);
    device.close(id);
    let mut thief = device.clone();
    thief.key = SigningKey::from_seed(&[77; 32]);
    assert_eq!(give_back(&thief).status, 422);
    assert_eq!(give_back(&device).body["returns"][0]["answer"], "freed");
    assert_eq!(give_back(&device).body["returns"][0]["why"], "not_the_lease");
    // Lent again, an old return frees nothing: the lease has another number now.
    let mut next = Handset::enrol(&office, &point, 52);
    next.lease(office.base(), &json!({ "entitlements": [vouchers[0].entitlement_id] }));
    assert_eq!(give_back(&device).body["returns"][0]["why"], "not_the_lease");
    assert!(matches!(next.redeem(id), Output::Green(_)));
    let strange = device
        .client
        .post(office.base(), &format!("/leases/{}/return", EntitlementId::random([1; 16])), &json!({ "returns": "AA" }))
        .unwrap();
    assert_eq!(strange.status, 422);
}

#[test]
fn what_cannot_be_read_as_a_whole_is_refused_as_a_whole() {
    let office = Office::open(516);
    let (point, _) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 61);
    let whole = device.parcel().encode();
    let post = |bytes: Vec<u8>| {
        let path = format!("{}/api/v1/sync", office.base());
        let (status, said) = device.client.send("POST", &path, Some(("application/cbor", bytes))).unwrap();
        let said: Value = serde_json::from_slice(&said).unwrap_or_default();
        (status, said["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(post(whole.clone()).0, 200);
    assert_eq!(post(whole[..whole.len() / 2].to_vec()), (400, "bad_body".into()));
    assert_eq!(post(b"{}".to_vec()), (400, "bad_body".into()));
    assert_eq!(post(Vec::new()), (400, "bad_body".into()));
    assert_eq!(post(vec![0; 9 * 1024 * 1024]).0, 413);
}

#[test]
fn ten_thousand_items_in_one_sync_are_each_answered() {
    let office = Office::open(517);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 71);
    device.lease(office.base(), &json!({}));
    for voucher in &vouchers {
        device.redeem(id_of(voucher));
    }
    let mut batch = device.batch();
    let honest = batch.items.clone();
    batch.items = honest.iter().cloned().cycle().take(10_000).collect();
    let mut parcel = device.parcel();
    parcel.batch = batch.encode();
    let said = device.send(office.base(), &parcel);
    assert_eq!(said.status, 200, "{}", said.body);
    let count = honest.len() as u64;
    assert_eq!((run(&said.body, 0), run(&said.body, 1)), (("taken", None, count), ("known", None, 10_000 - count)));
    batch.items.push(honest[0].clone());
    parcel.batch = batch.encode();
    assert_eq!(device.send(office.base(), &parcel).status, 400);
    books(&office, count as i64, 0);
}
