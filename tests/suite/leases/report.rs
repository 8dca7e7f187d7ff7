//! What people at a device write down: it opens a case and nothing else.

use salur::domain::lease::device::Output;
use serde_json::{Value, json};

use super::{books, busiest, id_of};
use crate::harness::handset::Handset;
use crate::harness::office::{Office, text};

#[test]
fn a_reversal_takes_two_persons_opens_one_case_and_re_opens_nothing() {
    let office = Office::open(531);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 41);
    device.lease(office.base(), &json!({}));
    let handed = id_of(&vouchers[0]);
    let Output::Green(receipt) = device.redeem(handed) else { panic!("a lease that is here") };
    let witness = {
        let body = json!({ "username": "saksi-1", "name": "Budi Saksi", "role": "operator",
            "password": "kolam ikan di belakang gudang 7", "point_id": office.point(&point) });
        let made = office.post("admin", "/users", &body);
        assert_eq!(made.status, 201, "{}", made.body);
        text(&made.body, "id").to_owned()
    };
    let report = |witness: Option<&str>, id: &str| {
        json!({ "id": id, "kind": "reversal", "operator": device.operator.uuid(), "witness": witness,
            "redemption_id": receipt.redemption.uuid(), "entitlement_id": handed.uuid(), "number": "X-1",
            "text": "orang yang salah", "at_ms": 1_796_600_000_000_i64 })
    };
    let send = |body: &Value| device.client.post(office.base(), "/devices/me/reports", body).unwrap();
    let one = "00000000-0000-4000-8000-000000000531";
    assert_eq!(send(&report(None, one)).status, 422, "one person alone");
    assert_eq!(send(&report(Some(&device.operator.to_string()), one)).status, 422, "the same person twice");
    assert_eq!(send(&report(Some(&witness), one)).status, 422, "somebody who never signed in on this device");
    let credentials = json!({ "username": "saksi-1", "password": "kolam ikan di belakang gudang 7" });
    assert_eq!(device.client.post(office.base(), "/devices/me/operators", &credentials).unwrap().status, 201);
    let mut found = report(Some(&witness), one);
    found["kind"] = json!("pace");
    assert_eq!(send(&found).status, 422, "what only the program finds");

    // Before its receipt is here, and again after, it is the same case.
    let first = send(&report(Some(&witness), one));
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(device.clone().sync(office.base()).status, 200);
    assert_eq!(text(&send(&report(Some(&witness), one)).body, "id"), text(&first.body, "id"));

    let cases = office.get("coordinator", "/cases?kind=reversal").body;
    let [case] = cases["items"].as_array().unwrap().as_slice() else { panic!("one case: {cases}") };
    assert_eq!((text(case, "state"), text(case, "entitlement_id")), ("open", vouchers[0].entitlement_id.as_str()));
    assert!(text(case, "detail").contains("bersama Budi Saksi"), "{case}");
    books(&office, 1, 0);
}

#[test]
fn the_couriers_list_names_those_of_its_point_who_cannot_come_and_have_not() {
    let office = Office::open(532);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 42);
    device.lease(office.base(), &json!({}));
    let list = |device: &Handset| -> Vec<String> {
        let answer = device.client.get(office.base(), "/devices/me/home-deliveries").unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["items"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let before = list(&device);
    assert!(before.iter().all(|id| vouchers.iter().any(|one| one.entitlement_id == *id)), "of this point alone");
    let well = vouchers.iter().find(|one| !before.contains(&one.entitlement_id)).unwrap();
    let noted = office.post(
        "coordinator",
        &format!("/entitlements/{}/absences", well.entitlement_id),
        &json!({ "reason": "ill" }),
    );
    assert!(noted.status < 300, "{}", noted.body);
    assert!(list(&device).contains(&well.entitlement_id), "who was found to be ill");
    assert!(matches!(device.redeem(id_of(well)), Output::Green(_)));
    device.sync(office.base());
    assert_eq!(list(&device), before, "and no more once they have it");
}
