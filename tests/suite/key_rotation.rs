//! A key that fell into other hands, and one that is only old: what its paper is worth afterwards.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::office::{Office, by_code, text};

fn verdict(office: &Office, point: &str, code: &str) -> String {
    let device = Client::new(office.installation.device_token(point));
    let answer = device.post(office.base(), "/verifications", &json!({ "code": code })).unwrap();
    text(&answer.body, "verdict").to_owned()
}

/// The key of the round with the vouchers.
fn kid(office: &Office) -> String {
    let keys = office.get("issuer", "/keys").body;
    let round = office.installation.round();
    let live = |key: &&Value| key["round_id"] == round && key["retired_at"].is_null();
    text(keys["items"].as_array().unwrap().iter().find(live).unwrap(), "kid").to_owned()
}

fn version(office: &Office) -> i64 {
    let set = Client::new("").bytes(office.base(), "/.well-known/salur-keys.json");
    serde_json::from_slice::<Value>(&set).unwrap()["version"].as_i64().unwrap()
}

#[test]
fn two_people_replace_a_key_and_a_compromised_one_is_believed_no_more_anywhere() {
    let office = Office::open(71);
    let second = office.installation.serve();
    let old = kid(&office);
    let before = version(&office);
    let vouchers = office.vouchers();
    let paper = &vouchers[0];
    assert_eq!(verdict(&office, &paper.point, &paper.code), "valid");
    let bad = office.post("admin", "/key-requests", &json!({ "kid": "nonsense", "reason": "x" }));
    assert_eq!(bad.status, 404);
    let future = json!({ "kid": old, "compromised_since": "2100-01-01T00:00:00Z", "reason": "x" });
    assert_eq!(office.post("admin", "/key-requests", &future).status, 422);
    let asked = json!({ "kid": old, "compromised_since": "2026-01-01T00:00:00Z", "reason": "server dicuri" });
    let asked = office.post("admin", "/key-requests", &asked);
    assert_eq!(asked.status, 201, "{}", asked.body);
    let approve = format!("/key-requests/{}/approve", text(&asked.body, "id"));
    let alone = office.post("admin", &approve, &json!({}));
    assert_eq!((alone.status, alone.code()), (403, "same_person"));
    assert_eq!(verdict(&office, &paper.point, &paper.code), "valid", "one person alone changes nothing");
    let fresh = office.post("issuer", &approve, &json!({}));
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    assert_ne!(text(&fresh.body, "kid"), old);
    assert_eq!(office.post("issuer", &approve, &json!({})).status, 409);
    // The old paper is foreign, at once and on the server that did not hear of it, and is redeemed nowhere.
    assert_eq!(verdict(&office, &paper.point, &paper.code), "foreign");
    let device = Client::new(office.installation.device_token(&paper.point));
    let refused = by_code("01900000-0000-7000-8000-000000000001", &paper.code);
    for base in [office.base(), second.base()] {
        let answer = device.post(base, "/redemptions", &refused).unwrap();
        assert_eq!((answer.status, answer.code()), (422, "foreign"), "{base}: {}", answer.body);
    }
    let published = String::from_utf8(Client::new("").bytes(office.base(), "/.well-known/jwks.json")).unwrap();
    assert!(!published.contains(&old) && published.contains(text(&fresh.body, "kid")));
    assert!(version(&office) > before);
    // What has to be printed again, and that doing so is enough.
    let spoilt = office.get("issuer", &format!("/keys/{old}/vouchers?limit=500")).body;
    assert_eq!(spoilt["items"].as_array().unwrap().len(), vouchers.len());
    let again = office.vouchers();
    let anew = again.iter().find(|one| one.entitlement_id == paper.entitlement_id).unwrap();
    assert_ne!(anew.code, paper.code);
    let done = office.redeem(anew, &by_code("01900000-0000-7000-8000-000000000002", &anew.code));
    assert_eq!(done.status, 201, "{}", done.body);
    let trail = office.get("auditor", "/trail?kind=act&limit=50").body.to_string();
    assert!(trail.contains("key.requested") && trail.contains("key.compromised"));
}

#[test]
fn what_an_old_key_signed_stays_good_and_new_paper_bears_the_new_key() {
    let office = Office::open(72);
    let old = kid(&office);
    let paper = office.vouchers().remove(0);
    let asked = office.post("issuer", "/key-requests", &json!({ "kid": old, "reason": "ganti tahunan" }));
    let approved = office.post("admin", &format!("/key-requests/{}/approve", text(&asked.body, "id")), &json!({}));
    assert_eq!(approved.status, 200, "{}", approved.body);
    assert_eq!(verdict(&office, &paper.point, &paper.code), "valid");
    let anew = office.vouchers().into_iter().find(|one| one.entitlement_id == paper.entitlement_id).unwrap();
    assert_ne!(anew.code, paper.code);
    assert_eq!(verdict(&office, &anew.point, &anew.code), "valid");
    // Two papers of one right, of two keys: one handout.
    let first = office.redeem(&paper, &by_code("01900000-0000-7000-8000-000000000003", &paper.code));
    let second = office.redeem(&anew, &by_code("01900000-0000-7000-8000-000000000004", &anew.code));
    assert_eq!((first.status, second.status), (201, 409), "{} {}", first.body, second.body);
    let none = office.get("admin", &format!("/keys/{old}/vouchers")).body;
    assert_eq!(none["items"], json!([]));
}

#[test]
fn the_list_of_keys_is_signed_grows_and_takes_nothing_back() {
    let office = Office::open(74);
    let fetch = |name: &str| {
        let file = office.installation.dir().join(name);
        std::fs::write(&file, Client::new("").bytes(office.base(), "/.well-known/salur-keys.json")).unwrap();
        file.display().to_string()
    };
    let verify = |args: &[&str]| {
        let (code, said) = office.installation.command(&[&["keys", "verify"], args, &["--json"]].concat());
        (code, serde_json::from_str::<Value>(&said).unwrap_or(Value::String(said)))
    };
    let before = fetch("before.json");
    let (code, said) = verify(&[&before]);
    assert_eq!((code, &said["compared"]), (0, &json!(false)), "{said}");
    let signer = text(&said, "fingerprint").to_owned();
    assert_eq!(verify(&[&before, "--fingerprint", &signer.to_lowercase().replace(' ', "")]).0, 0);
    let old = kid(&office);
    let paper = said["keys"].as_array().unwrap().iter().find(|key| key["kid"] == old.as_str()).unwrap().clone();
    assert_eq!((text(&paper, "purpose"), &paper["retired"]), ("issuer", &Value::Null));
    assert_eq!(verify(&[&before, "--fingerprint", text(&paper, "fingerprint")]).0, 1, "an issuer's key signs no list");
    // A key falls into other hands: the list goes on saying so.
    let asked = json!({ "kid": old, "compromised_since": "2026-01-01T00:00:00Z", "reason": "server dicuri" });
    let asked = office.post("admin", "/key-requests", &asked);
    let agreed = office.post("issuer", &format!("/key-requests/{}/approve", text(&asked.body, "id")), &json!({}));
    assert_eq!(agreed.status, 200, "{}", agreed.body);
    let after = fetch("after.json");
    let (code, said) = verify(&[&after, "--fingerprint", &signer, "--before", &before]);
    assert_eq!(code, 0, "{said}");
    let leaked = said["keys"].as_array().unwrap().iter().find(|key| key["kid"] == old.as_str()).unwrap();
    assert!(
        text(leaked, "compromised_since").starts_with("2025-12-31")
            || text(leaked, "compromised_since").starts_with("2026-01-01"),
        "{leaked}"
    );
    assert_eq!(verify(&[&before, "--before", &after]).0, 1, "an older list does not follow a newer one");
    // One sign changed in the middle of what is signed.
    let whole = std::fs::read_to_string(&after).unwrap();
    let signed = serde_json::from_str::<Value>(&whole).unwrap()["signed"].as_str().unwrap().to_owned();
    let mut changed = signed.clone().into_bytes();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    std::fs::write(&after, changed).unwrap();
    assert_eq!(verify(&[&after]).0, 1);
    std::fs::write(&after, signed).unwrap();
    assert_eq!(verify(&[&after]).0, 0, "the bare list does as well");
}

#[test]
fn nobody_stands_in_two_of_registered_agreed_issued_redeemed_and_reconciled() {
    let office = Office::open(73);
    let (programme, round) = office.programme_with_round("V11", 10_000_000);
    office.take_in_the_ten(&programme);
    assert_eq!(office.issue(&round).status, 200);
    let vouchers = office.get("issuer", &format!("/rounds/{round}/vouchers?limit=1")).body;
    let voucher = &vouchers["items"][0];
    let (point, code) = (text(voucher, "point"), text(voucher, "code"));
    let redeemed = office.redeem_at(point, &by_code("01900000-0000-7000-8000-000000000005", code));
    assert_eq!(redeemed.status, 201, "{}", redeemed.body);
    let books = format!("/rounds/{round}/reconciliation");
    let upload = || {
        let (_, bytes) = crate::harness::client::form("rows.csv", b"id_sumber,nama_penerima\nX-1,A. NAME\n");
        ("multipart/form-data; boundary=salur-form", bytes)
    };
    let operator = Client::new(office.installation.device_token(point));
    let people: Vec<(&str, Client)> =
        ["registrar", "verifier", "issuer", "finance", "auditor", "admin", "coordinator", "storekeeper"]
            .into_iter()
            .map(|role| (role, office.of(role)))
            .chain([("operator", operator)])
            .collect();
    let mut ids = std::collections::BTreeSet::new();
    for (role, client) in &people {
        ids.insert(text(&client.get(office.base(), "/sessions/current").unwrap().body, "id").to_owned());
        let nothing = "00000000-0000-7000-8000-000000000000";
        let address = format!("{}/api/v1/intakes?programme={programme}", office.base());
        let acts = [
            client.send("POST", &address, Some(upload())).unwrap().0,
            client.post(office.base(), &format!("/intakes/{nothing}/apply"), &json!({})).unwrap().status,
            client.post(office.base(), &format!("/rounds/{round}/issue"), &json!({})).unwrap().status,
            client.post(office.base(), "/redemptions", &by_code(nothing, code)).unwrap().status,
            client.get(office.base(), &books).unwrap().status,
        ];
        let may = acts.iter().filter(|status| **status != 403).count();
        let reads_only = matches!(*role, "auditor" | "admin");
        let expected = match *role {
            "coordinator" | "storekeeper" => 0,
            _ => 1,
        };
        assert_eq!(may, expected, "{role} did not get 403 for {may} of the five acts: {acts:?}");
        assert!(!reads_only || acts[4] == 200, "{role}");
    }
    assert_eq!(ids.len(), people.len(), "each is a person of their own");
}
