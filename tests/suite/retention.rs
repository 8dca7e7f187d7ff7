//! What is left of a household after its time: nothing that names it, and every sum.

use serde_json::{Value, json};

use crate::harness::office::{Office, by_code, text};

#[test]
fn after_its_time_a_household_has_no_name_and_the_books_still_close() {
    let office = Office::open(61);
    let voucher = office.vouchers().remove(0);
    let proxy = json!({ "id": "01900000-0000-7000-8000-000000000006", "code": voucher.code,
        "collector": { "kind": "proxy", "name": "PAK WAKIL UJI", "relation": "anak", "id_seen": true } });
    let redeemed = office.redeem(&voucher, &proxy);
    assert_eq!(redeemed.status, 201, "{}", redeemed.body);
    let books = format!("/rounds/{}/reconciliation", office.installation.round());
    let household = office.get("registrar", "/households?limit=1").body["items"][0].clone();
    let due = |office: &Office| office.get("admin", "/retention").body["due"].as_i64().unwrap();
    assert_eq!(due(&office), 0, "a round that is open keeps its households");
    office.sql("UPDATE rounds SET opens_at = 1, closes_at = 2");
    office.sql("UPDATE households SET updated_at = 1");
    let before = office.get("finance", &books).body;
    let all = due(&office);
    assert!(all >= 40, "{all}");
    let erase = |expected: i64| office.post("admin", "/retention/erasures", &json!({ "expected": expected }));
    assert_eq!(erase(all - 1).code(), "count_changed");
    let hold = office.post("admin", "/legal-holds", &json!({ "document_no": "180/1/2026", "reason": "pemeriksaan" }));
    assert_eq!(hold.status, 201, "{}", hold.body);
    assert_eq!((erase(all).status, erase(all).code()), (409, "legal_hold"));
    assert_eq!(due(&office), all);
    let lifted = office.post("admin", &format!("/legal-holds/{}/lift", text(&hold.body, "id")), &json!({}));
    assert_eq!(lifted.status, 204);
    let done = erase(all);
    assert_eq!((done.status, &done.body["erased"]), (200, &json!(all)), "{}", done.body);
    assert_eq!(due(&office), 0);
    let mut after = office.get("finance", &books).body;
    after["as_of"] = before["as_of"].clone();
    assert_eq!(before, after, "not a sum has moved");
    let path = format!("/households/{}", text(&household, "id"));
    let left = office.get("registrar", &path).body;
    assert_eq!((&left["name"], &left["nik_masked"]), (&json!("–"), &Value::Null), "{left}");
    let found = office.post("registrar", "/households/searches", &json!({ "q": household["name"] })).body;
    assert_eq!(found["items"], json!([]), "nobody is found by name");
    // The receipt is whole: its chain is walked, and its name was only ever a digest.
    let (code, said) = office.installation.command(&["receipts", "check", "--as", "auditor"]);
    assert_eq!(code, 0, "{said}");
    let receipt = office.get("finance", "/redemptions/01900000-0000-7000-8000-000000000006");
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    assert!(!receipt.body.to_string().contains("PAK WAKIL UJI"));
    // The round has closed, and its vouchers hand nothing out.
    let late = office.vouchers().into_iter().find(|one| one.entitlement_id != voucher.entitlement_id).unwrap();
    let refused = office.redeem(&late, &by_code("01900000-0000-7000-8000-000000000007", &late.code));
    assert_eq!(refused.status, 409, "{}", refused.body);
}
