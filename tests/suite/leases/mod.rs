//! Leases over HTTP: devices that hold rights without network, and what the server makes of what they bring.

mod bad_input;
mod ends;
mod race;
mod recovery;
mod report;
mod wire;

use salur::domain::id::{EntitlementId, Identifier};
use salur::domain::lease::device::{Output, Refused};
use salur::token::names::Names;
use salur::vault::open_names;
use serde_json::{Value, json};

use crate::harness::books::Expected;
use crate::harness::client::Client;
use crate::harness::handset::{Handset, enrolment};
use crate::harness::installation::{Installation, Voucher};
use crate::harness::office::{Office, by_code, text};
use salur::token::SigningKey;

/// An office with more vouchers at a point than the small demonstration has.
pub(super) fn crowded(seed: u64) -> Office {
    let installation = Installation::demo(300, seed);
    let server = installation.serve();
    Office { installation, server }
}

/// The point with the most vouchers, and its vouchers.
pub(crate) fn busiest(office: &Office) -> (String, Vec<Voucher>) {
    let mut by_point: std::collections::BTreeMap<String, Vec<Voucher>> = std::collections::BTreeMap::new();
    for voucher in office.vouchers() {
        by_point.entry(voucher.point.clone()).or_default().push(voucher);
    }
    by_point.into_iter().max_by_key(|(_, vouchers)| vouchers.len()).unwrap()
}

/// The books close, and say what happened.
pub(crate) fn books(office: &Office, redeemed: i64, revoked: i64) {
    let issued = i64::try_from(office.vouchers().len()).unwrap();
    office.books(Expected { issued, redeemed, revoked, by_proxy: 0, realised: redeemed * 500_000 });
}

pub(crate) fn id_of(voucher: &Voucher) -> EntitlementId {
    voucher.entitlement_id.parse().unwrap()
}

pub(crate) fn run(answer: &Value, at: usize) -> (&str, Option<&str>, u64) {
    let run = &answer["items"][at];
    (text(run, "answer"), run["why"].as_str(), run["count"].as_u64().unwrap())
}

fn desk_says(office: &Office, voucher: &Voucher, id: &str) -> (u16, String) {
    let answer = office.redeem(voucher, &by_code(id, &voucher.code));
    (answer.status, answer.code().to_owned())
}

#[test]
fn a_device_leases_hands_out_without_network_syncs_and_gives_the_rest_back() {
    let office = Office::open(501);
    let (point, vouchers) = busiest(&office);
    let round = office.installation.round().to_owned();
    let mut device = Handset::enrol(&office, &point, 1);
    let answer = device.lease(office.base(), &json!({ "round_id": round }));
    assert_eq!((answer.status, answer.body["granted"].as_u64()), (200, Some(vouchers.len() as u64)), "{}", answer.body);
    assert_eq!(device.open().len(), vouchers.len());

    // What the desk must see opens with the device's key alone, and says little.
    let first = id_of(&vouchers[0]);
    let place = [device.id.bytes().as_slice(), first.bytes()].concat();
    let names = Names::decode(&open_names(&device.names_key, &place, &device.sealed[&first]).unwrap()).unwrap();
    let shown = vouchers[0].household.split(' ').next().unwrap();
    assert!(names.name.starts_with(shown) && names.nik_tail.len() == 4, "{names:?} of {}", vouchers[0].household);

    // Elsewhere the same paper is refused, also at the desk beside it.
    let refused = desk_says(&office, &vouchers[0], "00000000-0000-7000-8000-000000000501");
    assert_eq!(refused, (409, "leased_elsewhere".to_owned()));

    assert!(matches!(device.redeem(first), Output::Green(_)));
    assert!(matches!(device.redeem(first), Output::Refused(Refused::AlreadyRedeemed(_))));
    let last = id_of(vouchers.last().unwrap());
    device.close(last);
    assert!(matches!(device.redeem(last), Output::Refused(Refused::NotReady)));

    let sheet = office.get("coordinator", &format!("/devices/{}", device.id)).body;
    assert_eq!((sheet["unsynced"].as_i64(), sheet["open_leases"].as_u64()), (Some(0), Some(vouchers.len() as u64)));
    let answer = device.sync(office.base());
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(run(&answer.body, 0), ("taken", None, 1));
    assert_eq!(answer.body["returns"][0]["answer"], "freed");
    assert!(device.journal.is_empty(), "what is covered outside is pruned");

    // It counts as any other handout, and has a receipt.
    books(&office, 1, 0);
    let (_, line) = (0, office.get("coordinator", &format!("/devices/{}", device.id)).body);
    assert_eq!((line["received"].as_i64(), line["open_leases"].as_u64()), (Some(1), Some(vouchers.len() as u64 - 2)));
    let again = desk_says(&office, &vouchers[0], "00000000-0000-7000-8000-000000000502");
    assert_eq!(again, (409, "already_redeemed".to_owned()));
    let freed = vouchers.last().unwrap();
    assert_eq!(desk_says(&office, freed, "00000000-0000-7000-8000-000000000503").0, 201);
    books(&office, 2, 0);
}

#[test]
fn a_lost_answer_is_asked_for_again_and_a_lost_sync_is_sent_again() {
    let office = Office::open(502);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 2);
    let lost = device.ask_lease(office.base(), &json!({}), &Value::Null);
    let again = device.lease(office.base(), &json!({}));
    assert_eq!(lost.body["granted"], again.body["granted"]);
    assert_eq!(device.open().len(), vouchers.len());
    for voucher in &vouchers {
        assert!(matches!(device.redeem(id_of(voucher)), Output::Green(_)));
    }
    let parcel = device.parcel();
    assert_eq!(run(&device.send(office.base(), &parcel).body, 0), ("taken", None, vouchers.len() as u64));
    let answer = device.send(office.base(), &parcel);
    assert_eq!(run(&answer.body, 0), ("known", None, vouchers.len() as u64));
    device.hear(&answer, &parcel);
    assert!(device.journal.is_empty());
    // In parts and in any order: a gap shows until it is filled.
    books(&office, vouchers.len() as i64, 0);
}

#[test]
fn receipts_come_in_any_order_and_only_what_is_whole_is_acknowledged() {
    let office = Office::open(503);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 3);
    device.lease(office.base(), &json!({}));
    for voucher in vouchers.iter().take(3) {
        device.redeem(id_of(voucher));
    }
    let whole = device.clone();
    device.journal.remove(0);
    let parcel = device.parcel();
    let answer = device.send(office.base(), &parcel);
    assert_eq!(run(&answer.body, 0), ("taken", None, 2));
    device.hear(&answer, &parcel);
    assert_eq!(device.last_reply.as_ref().unwrap().ack, None);
    assert_eq!(device.journal.len(), 2, "nothing is pruned across a gap");
    let sheet = office.get("coordinator", &format!("/devices/{}", device.id)).body;
    assert_eq!(
        (sheet["highest"].as_i64(), sheet["received"].as_i64(), sheet["unsynced"].as_i64()),
        (Some(3), Some(2), Some(1))
    );
    device.journal = whole.journal;
    let answer = device.sync(office.base());
    assert_eq!((run(&answer.body, 0), run(&answer.body, 1)), (("taken", None, 1), ("known", None, 2)));
    assert!(device.journal.is_empty());
}

#[test]
fn a_revocation_and_a_hold_of_what_is_lent_are_requests_until_the_device_answers() {
    let office = Office::open(504);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 4);
    device.lease(office.base(), &json!({}));
    let (gone, held) = (&vouchers[0], &vouchers[1]);
    let path = |voucher: &Voucher, what: &str| format!("/entitlements/{}/{what}", voucher.entitlement_id);
    let asked = office.post("coordinator", &path(gone, "revoke"), &json!({ "reason": "meninggal" }));
    assert_eq!((asked.status, asked.body["revoke"].as_str()), (202, Some("requested")), "{}", asked.body);
    let asked = office.post("coordinator", &path(held, "hold"), &json!({ "reason": "sengketa" }));
    assert_eq!((asked.status, asked.body["hold"].as_str()), (200, Some("requested")), "{}", asked.body);
    assert_eq!(office.get("coordinator", &format!("/entitlements/{}", gone.entitlement_id)).body["state"], "leased");
    device.sync(office.base());
    assert!(matches!(device.redeem(id_of(gone)), Output::Refused(Refused::NotReady)));
    assert!(matches!(device.redeem(id_of(held)), Output::Refused(Refused::Held)));
    let answer = device.sync(office.base());
    assert_eq!(answer.body["returns"][0]["answer"], "freed_and_revoked");
    assert_eq!(answer.body["holds"][0]["answer"], "done");
    let state =
        |voucher: &Voucher| office.get("coordinator", &format!("/entitlements/{}", voucher.entitlement_id)).body;
    assert_eq!(
        (state(gone)["state"].as_str(), state(gone)["revoked_reason"].as_str()),
        (Some("revoked"), Some("meninggal"))
    );
    assert_eq!((state(held)["state"].as_str(), state(held)["hold"].as_str()), (Some("leased"), Some("effective")));
    books(&office, 0, 1);
    let free = office.post("coordinator", &path(held, "release"), &json!({ "reason": "selesai" }));
    assert_eq!((free.status, free.body["hold"].as_str()), (200, Some("none")));
    device.sync(office.base());
    assert!(matches!(device.redeem(id_of(held)), Output::Green(_)));
}

#[test]
fn an_enrolment_code_takes_one_device_and_a_lost_answer_gets_another_token() {
    let office = Office::open(505);
    let (point, _) = busiest(&office);
    let new = json!({ "name": "Pemindai", "point_id": office.point(&point), "brake": { "packages": 40, "hours": 24 } });
    let invited = office.post("coordinator", "/enrolments", &new).body;
    let secret = text(&invited, "text").split_once("#enrol=").unwrap().1.to_owned();
    let nobody = Client::new("");
    let key = SigningKey::from_seed(&[7; 32]);
    let wrong = |code: &str| nobody.post(office.base(), "/devices/enrol", &enrolment(&key, code)).unwrap();
    assert_eq!(wrong("0000-0000-00").status, 404);
    let mut borrowed = enrolment(&key, &secret);
    borrowed["proof"] = enrolment(&SigningKey::from_seed(&[8; 32]), &secret)["proof"].clone();
    let refused = nobody.post(office.base(), "/devices/enrol", &borrowed).unwrap();
    assert_eq!((refused.status, refused.body["field"].as_str()), (422, Some("proof")));
    let first = wrong(&secret);
    assert_eq!((first.status, &first.body["brake"]), (201, &json!({ "packages": 40, "hours": 24 })), "{}", first.body);
    let again = wrong(text(&invited, "code"));
    assert_eq!((again.status, &again.body["device"]), (200, &first.body["device"]));
    let me = |token: &str| Client::new(token).get(office.base(), "/devices/me").unwrap().status;
    assert_eq!((me(text(&first.body, "token")), me(text(&again.body, "token"))), (401, 200));
    let other = enrolment(&SigningKey::from_seed(&[9; 32]), &secret);
    assert_eq!(nobody.post(office.base(), "/devices/enrol", &other).unwrap().status, 404);
    // A device's token stands for no person.
    let token = Client::new(text(&again.body, "token"));
    assert_eq!(token.get(office.base(), "/sessions/current").unwrap().status, 403);
    assert_eq!(token.get(office.base(), "/devices").unwrap().status, 403);
}

#[test]
fn while_it_is_online_a_scanner_leases_what_it_scans() {
    let office = Office::open(506);
    let (point, vouchers) = busiest(&office);
    let elsewhere = office.vouchers().into_iter().find(|voucher| voucher.point != point).unwrap();
    let mut device = Handset::enrol(&office, &point, 6);
    let answer = device.lease(office.base(), &json!({ "code": vouchers[0].code }));
    assert_eq!(answer.body["granted"], 1, "{}", answer.body);
    assert!(matches!(device.redeem(id_of(&vouchers[0])), Output::Green(_)));
    device.sync(office.base());
    for (code, why) in [
        (vouchers[0].typed_code.clone(), "already_redeemed"),
        (elsewhere.code.clone(), "wrong_point"),
        ("https://example.com".to_owned(), "foreign"),
        ("0000-0000-00".to_owned(), "unknown"),
    ] {
        let answer = device.ask_lease(office.base(), &json!({ "code": code }), &Value::Null);
        assert_eq!(answer.body["refused"][0]["why"], why, "{}", answer.body);
        assert_eq!(answer.body["granted"], 0);
        if why == "wrong_point" {
            assert_eq!(answer.body["refused"][0]["right_point"]["code"], elsewhere.point.as_str());
        }
    }
    let other = Handset::enrol(&office, &point, 66).ask_lease(office.base(), &json!({}), &Value::Null);
    assert_eq!(other.body["granted"].as_u64(), Some(vouchers.len() as u64 - 1));
    let held = device.ask_lease(office.base(), &json!({ "code": vouchers[1].code }), &Value::Null);
    assert_eq!(held.body["refused"][0]["why"], "leased_elsewhere");
}

#[test]
fn a_device_is_given_up_by_two_and_what_it_held_is_unresolved_until_it_is_found_again() {
    let office = Office::open(507);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 9);
    device.lease(office.base(), &json!({}));
    device.redeem(id_of(&vouchers[0]));
    let exposed = office.get("coordinator", "/exposure?silent_hours=0").body;
    assert_eq!(exposed["packages"].as_u64(), Some(vouchers.len() as u64));
    assert_eq!(exposed["value_minor"].as_i64(), Some(vouchers.len() as i64 * 500_000));
    assert_eq!(office.get("coordinator", "/exposure?silent_hours=5").body["packages"].as_u64(), Some(0));

    let path = format!("/devices/{}/write-off", device.id);
    assert_eq!(office.post("coordinator", &format!("{path}/agree"), &json!({})).status, 404);
    assert_eq!(office.post("coordinator", &path, &json!({ "reason": "hilang di jalan" })).status, 201);
    let same = office.post("coordinator", &format!("{path}/agree"), &json!({}));
    assert_eq!((same.status, same.code()), (403, "same_person"));
    let agreed = office.post("admin", &format!("{path}/agree"), &json!({}));
    assert_eq!(
        (agreed.status, agreed.body["unresolved"].as_u64()),
        (200, Some(vouchers.len() as u64)),
        "{}",
        agreed.body
    );
    assert_eq!(office.post("admin", &format!("{path}/agree"), &json!({})).code(), "already_decided");
    assert_eq!(desk_says(&office, &vouchers[0], "00000000-0000-7000-8000-000000000507"), (409, "unresolved".into()));
    let barred = device.ask_lease(office.base(), &json!({}), &Value::Null);
    assert_eq!((barred.status, barred.code()), (403, "device_revoked"));

    let answer = device.sync(office.base());
    assert_eq!(run(&answer.body, 0), ("settled", None, 1));
    assert_eq!(
        desk_says(&office, &vouchers[0], "00000000-0000-7000-8000-000000000508"),
        (409, "already_redeemed".into())
    );
    assert_eq!(desk_says(&office, &vouchers[1], "00000000-0000-7000-8000-000000000509"), (409, "unresolved".into()));
    books(&office, 1, 0);
}
