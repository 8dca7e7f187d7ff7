//! One act, its leaves: which ones an act adds to the log, no fewer and no more.

use std::fs;

use salur::transparency::tile::{Level, Tile, entries_in};
use salur::transparency::{Kind, Leaf};
use serde_json::json;

use crate::harness::auditor::log_is_whole;
use crate::harness::handset::Handset;
use crate::harness::installation::Installation;
use crate::harness::office::{Office, by_code, text};

/// The log as it lies beside the facts, once all that happened is in it.
fn leaves(office: &Office) -> Vec<Leaf> {
    let head = office.installation.run(&["audit", "head", "--json"]);
    assert!(head.status.success(), "{head:?}");
    let folder = office.installation.dir().join("facts/log");
    let head = fs::read_to_string(folder.join("checkpoint")).unwrap();
    let size = head.lines().nth(1).unwrap().parse().unwrap();
    Tile::at(Level::Entries, size)
        .flat_map(|bundle| {
            let bytes = fs::read(folder.join(bundle.to_string())).unwrap();
            let entries = entries_in(&bytes).unwrap().into_iter().map(|entry| Leaf::decode(entry).unwrap());
            // Beside what a leaf says of rights, keys and roles stands the line of the trail, by its dotted name.
            entries.filter(|leaf| !leaf.word.as_deref().is_some_and(|word| word.contains('.'))).collect::<Vec<_>>()
        })
        .collect()
}

struct Watch<'a> {
    office: &'a Office,
    seen: usize,
}

impl Watch<'_> {
    /// The leaves since the last look are of these kinds, with these words where one is named.
    fn sees(&mut self, what: &str, expected: &[(Kind, Option<&str>)]) -> Vec<Leaf> {
        let mut new = leaves(self.office);
        new.drain(..self.seen);
        self.seen += new.len();
        let told: Vec<_> = new.iter().map(|leaf| (leaf.kind, leaf.word.as_deref())).collect();
        let same = told.len() == expected.len()
            && told
                .iter()
                .zip(expected)
                .all(|((kind, word), (due, named))| kind == due && named.is_none_or(|named| *word == Some(named)));
        assert!(same, "{what}: {told:?}");
        new
    }
}

#[test]
fn every_kind_of_act_adds_its_leaf_and_what_could_be_guessed_is_salted() {
    let installation = Installation::demo(60, 98);
    let server = installation.serve();
    let office = Office { installation, server };
    let mut watch = Watch { office: &office, seen: leaves(&office).len() };

    let (programme, round) = office.programme_with_round("L8", 30_000_000);
    watch.sees("a programme and a round", &[(Kind::Policy, Some("budget")), (Kind::Policy, Some("round"))]);
    office.take_in_the_ten(&programme);
    let import = watch.sees("an intake", &[(Kind::Import, None)]);
    assert!(import[0].digest.is_some() && import[0].count == Some(10), "{:?}", import[0]);
    assert_eq!(office.issue(&round).status, 200);
    let issued = leaves(&office);
    let issued = &issued[watch.seen..];
    let (keys, rights): (Vec<_>, Vec<_>) = issued.iter().partition(|leaf| leaf.kind == Kind::Key);
    assert!(keys.iter().all(|leaf| leaf.word.as_deref() == Some("issuer") && leaf.public_key.is_some()));
    assert_eq!((keys.len(), rights.len()), (1, 10), "the key of a round, and a leaf for each right");
    assert!(rights.iter().all(|leaf| leaf.kind == Kind::Issue && leaf.entitlement.is_some() && leaf.actor.is_some()));
    watch.seen += issued.len();

    let vouchers = office.vouchers();
    let point = vouchers[0].point.clone();
    let here: Vec<_> = vouchers.iter().filter(|voucher| voucher.point == point).collect();
    let revision = json!({ "ceiling_minor": 31_000_000, "document_no": "DPPA/12/2026", "document_date": "2026-09-01",
        "reason": "perubahan APBD" });
    let revised = office.post("admin", &format!("/programmes/{programme}/budget-revisions"), &revision);
    assert_eq!(revised.status, 201, "{}", revised.body);
    watch.sees("a revised budget", &[(Kind::Policy, Some("budget"))]);
    let rules = json!({ "proxy_times": 5, "proxy_percent": 10, "scans_per_minute": 12, "stop_when_empty": false });
    assert_eq!(office.put("admin", "/rules", &rules).status, 200);
    let set = watch.sees("the rules of the agency", &[(Kind::Policy, Some("rules"))]);
    assert!(set[0].digest.is_some());
    let pause = json!({ "scope": "round", "object_id": round, "letter_no": "270/15/2026", "reason": "pemilu" });
    let paused = office.post("coordinator", "/pauses", &pause);
    assert_eq!(paused.status, 201, "{}", paused.body);
    watch.sees("a pause", &[(Kind::Policy, Some("pause"))]);

    let held = format!("/entitlements/{}", vouchers[1].entitlement_id);
    assert_eq!(office.post("coordinator", &format!("{held}/hold"), &json!({ "reason": "laporan" })).status, 200);
    assert_eq!(office.post("coordinator", &format!("{held}/release"), &json!({ "reason": "selesai" })).status, 200);
    watch.sees("a hold and its end", &[(Kind::Policy, Some("hold")), (Kind::Policy, Some("release"))]);
    assert_eq!(office.post("coordinator", &format!("{held}/revoke"), &json!({ "reason": "pindah" })).status, 204);
    let revoked = watch.sees("a revocation", &[(Kind::Revoke, None)]);
    assert!(revoked[0].digest.is_some() && revoked[0].entitlement.is_some());

    let id = vouchers[2].entitlement_id.clone();
    assert_eq!(office.redeem(&vouchers[2], &by_code(&id, &vouchers[2].code)).status, 201);
    let redeemed = watch.sees("a handout", &[(Kind::Redeem, None)]);
    assert!(redeemed[0].receipt_hash.is_some() && redeemed[0].prev_hash.is_some() && redeemed[0].fence.is_some());

    let mut device = Handset::enrol(&office, &point, 9);
    let enrolled = watch.sees("a device", &[(Kind::Enrol, None)]);
    assert!(enrolled[0].public_key.is_some() && enrolled[0].device.is_some());
    let lent: Vec<&str> = here
        .iter()
        .filter(|voucher| voucher.entitlement_id != vouchers[1].entitlement_id && voucher.entitlement_id != id)
        .map(|voucher| voucher.entitlement_id.as_str())
        .take(1)
        .collect();
    device.lease(office.base(), &json!({ "entitlements": lent }));
    let granted = watch.sees("a lease", &[(Kind::Grant, None)]);
    assert!(granted[0].fence.is_some() && granted[0].device == Some(device.id));
    device.close(lent[0].parse().unwrap());
    device.sync(office.base());
    watch.sees("a lease given back", &[(Kind::Return, None)]);
    device.lease(office.base(), &json!({ "entitlements": lent }));
    watch.sees("and lent again", &[(Kind::Grant, None)]);
    let path = format!("/devices/{}/write-off", device.id);
    assert_eq!(office.post("coordinator", &path, &json!({ "reason": "hilang" })).status, 201);
    assert_eq!(office.post("admin", &format!("{path}/agree"), &json!({})).status, 200);
    let mut lost = watch.sees("a device given up", &[(Kind::WriteOff, None), (Kind::WriteOff, None)]);
    lost.sort_by_key(|leaf| leaf.entitlement);
    assert!(lost[0].entitlement.is_none() && lost[1].entitlement.is_some(), "the device, and the right it held");

    let person = json!({ "username": "verif-2", "name": "Verifikator Dua", "role": "verifier", "password": "kuda hujan sembilan 9" });
    let made = office.post("admin", "/users", &person);
    assert_eq!(made.status, 201, "{}", made.body);
    let role = watch.sees("an account", &[(Kind::Role, Some("verifier"))]);
    assert!(role[0].subject.is_some() && role[0].actor.is_some());
    let closed = office
        .of("admin")
        .call("PATCH", office.base(), &format!("/users/{}", text(&made.body, "id")), &json!({ "enabled": false }))
        .unwrap();
    assert_eq!(closed.status, 200, "{}", closed.body);
    watch.sees("an account closed", &[(Kind::Policy, None)]);

    let keys = office.get("issuer", "/keys").body;
    let live = keys["items"].as_array().unwrap().iter().find(|key| key["round_id"] == round.as_str()).unwrap().clone();
    let asked = office.post("admin", "/key-requests", &json!({ "kid": live["kid"], "reason": "diganti" }));
    assert_eq!(asked.status, 201, "{}", asked.body);
    watch.sees("a wish for another key", &[]);
    let path = format!("/key-requests/{}/approve", text(&asked.body, "id"));
    assert_eq!(office.post("issuer", &path, &json!({})).status, 200);
    let mut keys = watch.sees("a key replaced", &[(Kind::Key, None), (Kind::Key, None)]);
    keys.sort_by_key(|leaf| leaf.word.clone());
    assert_eq!(keys.iter().map(|leaf| leaf.word.as_deref().unwrap()).collect::<Vec<_>>(), ["issuer", "retired"]);
    assert_ne!(keys[0].public_key, keys[1].public_key);
    log_is_whole(&office.installation);
}
