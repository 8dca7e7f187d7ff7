//! How rights end that nobody used, and what happens when a package has gone out in the place of one that was lost.

use serde_json::{Value, json};

use super::{books, busiest, crowded, id_of, run};
use crate::harness::handset::Handset;
use crate::harness::installation::Voucher;
use crate::harness::office::{Office, by_code, text};

/// Sets the window of the demonstration's round at a point so that it is over.
fn close_window(office: &Office, point: &str) {
    let path = format!("/rounds/{}/points/{}/window", office.installation.round(), office.point(point));
    let window =
        json!({ "opens_at": "2020-01-01T00:00:00Z", "closes_at": "2020-02-01T00:00:00Z", "reason": "selesai" });
    let set = office.put("coordinator", &path, &window);
    assert!(matches!(set.status, 200 | 201), "{}", set.body);
}

fn expire(office: &Office) -> Value {
    let ended = office.post("finance", &format!("/rounds/{}/expire", office.installation.round()), &json!({}));
    assert_eq!(ended.status, 200, "{}", ended.body);
    ended.body
}

fn state(office: &Office, voucher: &Voucher) -> String {
    text(&office.get("coordinator", &format!("/entitlements/{}", voucher.entitlement_id)).body, "state").to_owned()
}

fn committed(office: &Office) -> i64 {
    let budget = office.get("finance", &format!("/programmes/{}/budget", office.installation.programme())).body;
    budget["committed_minor"].as_i64().unwrap()
}

#[test]
fn what_nobody_came_for_ends_by_an_act_and_what_is_lent_ends_when_it_is_back() {
    let office = crowded(541);
    let (point, vouchers) = busiest(&office);
    let all = office.vouchers().len() as i64;
    let here = vouchers.len() as i64;
    let mut device = Handset::enrol(&office, &point, 1);
    let lent = json!({ "entitlements": [vouchers[0].entitlement_id, vouchers[1].entitlement_id] });
    device.lease(office.base(), &lent);
    assert_eq!(expire(&office), json!({ "expired": 0, "out": 2, "open": all - 2 }), "every window is open");
    close_window(&office, &point);
    let before = committed(&office);
    assert_eq!(expire(&office), json!({ "expired": here - 2, "out": 2, "open": all - here }));
    assert_eq!(committed(&office), before - (here - 2) * 500_000, "the value is free again");
    assert_eq!(expire(&office), json!({ "expired": 0, "out": 2, "open": all - here }), "once is once");
    assert_eq!(state(&office, &vouchers[2]), "expired");
    let desk = office.redeem(&vouchers[2], &by_code("00000000-0000-7000-8000-000000000541", &vouchers[2].code));
    assert_eq!((desk.status, desk.code()), (409, "expired"));
    // No clock takes a lease away (rule 4): what was handed out under it counts, the rest ends when it is back.
    device.redeem(id_of(&vouchers[0]));
    device.close(id_of(&vouchers[1]));
    let answer = device.sync(office.base());
    assert_eq!((run(&answer.body, 0), text(&answer.body["returns"][0], "answer")), (("taken", None, 1), "freed"));
    assert_eq!(expire(&office), json!({ "expired": 1, "out": 0, "open": all - here }));
    assert_eq!((state(&office, &vouchers[0]), state(&office, &vouchers[1])), ("redeemed".into(), "expired".into()));
    // A window that is opened again brings nothing back: an entitlement does not re-open.
    assert_eq!(
        office.post("coordinator", &format!("/rounds/{}/expire", office.installation.round()), &json!({})).status,
        200
    );
    let books = office.get("finance", &format!("/rounds/{}/reconciliation", office.installation.round())).body;
    let expired = books["entitlements"]["expired"].as_i64();
    assert_eq!(expired, Some(here - 1), "{books}");
    assert_eq!(books["entitlements"]["redeemed"].as_i64(), Some(1), "{books}");
}

#[test]
fn a_lost_device_that_is_found_after_its_package_was_replaced_is_one_incident() {
    let office = crowded(542);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 2);
    let lent =
        json!({ "entitlements": [vouchers[0].entitlement_id, vouchers[1].entitlement_id, vouchers[2].entitlement_id] });
    device.lease(office.base(), &lent);
    for voucher in &vouchers[..3] {
        device.redeem(id_of(voucher));
    }
    let path = format!("/devices/{}/write-off", device.id);
    assert_eq!(office.post("coordinator", &path, &json!({ "reason": "hilang" })).status, 201);
    assert_eq!(office.post("admin", &format!("{path}/agree"), &json!({})).body["unresolved"], 3);

    // Two households come without a package; two persons decide that each gets one all the same.
    let decide = |voucher: &Voucher| {
        let new = json!({ "kind": "complaint", "detail": "belum menerima", "entitlement_id": voucher.entitlement_id });
        let id = text(&office.post("coordinator", "/cases", &new).body, "id").to_owned();
        let propose = json!({ "step": "propose", "text": "beri pengganti", "outcome": "upheld", "extra_packages": 1 });
        let steps = format!("/cases/{id}/steps");
        assert_eq!(office.post("coordinator", &steps, &propose).status, 200);
        steps
    };
    let agree = json!({ "step": "agree" });
    assert_eq!(office.post("finance", &decide(&vouchers[0]), &agree).body["state"], "decided");
    let late = decide(&vouchers[1]);

    let answer = device.sync(office.base());
    assert_eq!(run(&answer.body, 0), ("settled", None, 3));
    let doubles = || {
        let cases = office.get("finance", "/cases?kind=double_handout").body;
        cases["items"].as_array().unwrap().clone()
    };
    let found = doubles();
    assert_eq!(found.len(), 1, "only what was replaced went out twice: {found:?}");
    assert_eq!(text(&found[0], "entitlement_id"), vouchers[0].entitlement_id);
    let refused = office.post("finance", &late, &agree);
    assert_eq!((refused.status, refused.code()), (409, "not_available"), "it has turned up: {}", refused.body);
    assert_eq!(office.post("finance", &late, &json!({ "step": "disagree", "text": "sudah" })).status, 200);
    device.sync(office.base());
    assert_eq!(doubles().len(), 1, "however often it is told");
    books(&office, 3, 0);
}

#[test]
fn a_coordinator_sees_what_a_device_has_page_by_page() {
    let office = crowded(543);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 3);
    device.lease(office.base(), &json!({}));
    let (held, back) = (&vouchers[0].entitlement_id, &vouchers[1].entitlement_id);
    office.post("coordinator", &format!("/entitlements/{held}/hold"), &json!({ "reason": "sengketa" }));
    office.post("coordinator", &format!("/entitlements/{back}/revoke"), &json!({ "reason": "pindah" }));
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = office.get("coordinator", &format!("/devices/{}/leases?limit=7{after}", device.id));
        assert_eq!(page.status, 200, "{}", page.body);
        seen.extend(page.body["items"].as_array().unwrap().clone());
        let Some(next) = page.body["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    let mut due: Vec<&str> = vouchers.iter().map(|one| one.entitlement_id.as_str()).collect();
    due.sort_unstable();
    assert_eq!(seen.iter().map(|one| text(one, "entitlement")).collect::<Vec<_>>(), due);
    let of = |id: &str| seen.iter().find(|one| text(one, "entitlement") == id).unwrap();
    assert_eq!((text(of(held), "hold"), of(held)["revoke_requested"].as_str()), ("requested", None));
    assert_eq!(of(back)["revoke_requested"], "pindah");
    assert!(seen.iter().all(|one| one["state"] == "leased" && one["fence"] == json!([1, 1])), "{seen:?}");
    // What redeems, and who it is for, is not in it.
    assert!(seen.iter().all(|one| one.as_object().unwrap().len() == 8));
    let stranger = "01900000-0000-7000-8000-000000000000";
    assert_eq!(office.get("coordinator", &format!("/devices/{stranger}/leases")).status, 404);
}
