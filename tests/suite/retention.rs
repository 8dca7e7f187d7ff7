//! What is left of a household after its time: nothing that names it, and every sum.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::office::{Office, by_code, text};

/// Another administrator.
fn second_admin(office: &Office) -> Client {
    let new = json!({ "username": "admin2", "name": "Admin Dua", "role": "admin", "password": "kuda perahu hujan" });
    let made = office.post("admin", "/users", &new);
    assert_eq!(made.status, 201, "{}", made.body);
    Client::sign_in(office.base(), "admin2", "kuda perahu hujan")
}

#[test]
fn after_its_time_a_household_has_no_name_and_the_books_still_close() {
    let office = Office::open(61);
    let voucher = office.vouchers().remove(0);
    let proxy = json!({ "id": "01900000-0000-7000-8000-000000000006", "code": voucher.code,
        "collector": { "kind": "proxy", "name": "PAK WAKIL UJI", "relation": "anak", "id_seen": true } });
    let redeemed = office.redeem(&voucher, &proxy);
    assert_eq!(redeemed.status, 201, "{}", redeemed.body);
    // A list of who received, while the numbers are known.
    let documents = format!("/rounds/{}/documents", office.installation.round());
    let made = office.post("finance", &documents, &json!({ "kind": "receipt_list", "point": voucher.point }));
    assert_eq!(made.status, 201, "{}", made.body);
    let list = text(&made.body, "id").to_owned();
    let full = || {
        let body = json!({ "form": "csv", "reason": "SPJ" }).to_string().into_bytes();
        let address = format!("{}/api/v1/documents/{list}/full", office.base());
        let (status, bytes) = office.of("finance").send("POST", &address, Some(("application/json", body))).unwrap();
        assert_eq!(status, 200);
        let csv = String::from_utf8(bytes).unwrap();
        csv.split(|sign: char| !sign.is_ascii_digit()).filter(|word| word.len() == 16).count()
    };
    assert_eq!(full(), 1);
    let books = format!("/rounds/{}/reconciliation", office.installation.round());
    let household = office.get("registrar", "/households?limit=1").body["items"][0].clone();
    let due = |office: &Office| office.get("admin", "/retention").body["due"].as_i64().unwrap();
    assert_eq!(due(&office), 0, "a round that is open keeps its households");
    office.sql("UPDATE rounds SET opens_at = 1, closes_at = 2");
    office.sql("UPDATE households SET updated_at = 1");
    let before = office.get("finance", &books).body;
    let all = due(&office);
    assert!(all >= 40, "{all}");
    let ask = |expected: i64| office.post("admin", "/retention/erasures", &json!({ "expected": expected }));
    let second = second_admin(&office);
    let agree = |client: &Client, expected: i64| {
        client.post(office.base(), "/retention/erasures/agree", &json!({ "expected": expected })).unwrap()
    };
    assert_eq!(agree(&second, all).status, 404, "nobody has asked");
    assert_eq!(ask(all - 1).code(), "count_changed");
    let asked = ask(all);
    assert_eq!((asked.status, &asked.body["count"]), (201, &json!(all)), "{}", asked.body);
    assert_eq!(office.get("admin", "/retention").body["asked"]["count"], json!(all));
    let alone = agree(&office.of("admin"), all);
    assert_eq!((alone.status, alone.code()), (403, "same_person"));
    assert_eq!(agree(&second, all - 1).code(), "count_changed");
    assert_eq!(due(&office), all, "one person alone erases nothing");
    let hold = office.post("admin", "/legal-holds", &json!({ "document_no": "180/1/2026", "reason": "pemeriksaan" }));
    assert_eq!(hold.status, 201, "{}", hold.body);
    for refused in [ask(all), agree(&second, all)] {
        assert_eq!((refused.status, refused.code()), (409, "legal_hold"));
    }
    assert_eq!(due(&office), all);
    let lifted = office.post("admin", &format!("/legal-holds/{}/lift", text(&hold.body, "id")), &json!({}));
    assert_eq!(lifted.status, 204);
    let done = agree(&second, all);
    assert_eq!((done.status, &done.body["erased"]), (200, &json!(all)), "{}", done.body);
    assert_eq!(due(&office), 0);
    assert_eq!(agree(&second, 0).status, 404, "the wish is used up");
    let mut after = office.get("finance", &books).body;
    after["as_of"] = before["as_of"].clone();
    assert_eq!(before, after, "not a sum has moved");
    let path = format!("/households/{}", text(&household, "id"));
    let left = office.get("registrar", &path).body;
    assert_eq!((&left["name"], &left["nik_masked"]), (&json!("–"), &Value::Null), "{left}");
    assert_eq!(full(), 0, "its number is in no document any more");
    let found = office.post("registrar", "/households/searches", &json!({ "q": household["name"] })).body;
    assert_eq!(found["items"], json!([]), "nobody is found by name");
    // The receipt is whole: its chain is walked, and its name was only ever a digest.
    let (code, said) = office.installation.command(&["receipts", "check", "--as", "auditor"]);
    assert_eq!(code, 0, "{said}");
    let receipt = office.get("finance", "/redemptions/01900000-0000-7000-8000-000000000006");
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    assert!(!receipt.body.to_string().contains("PAK WAKIL UJI"));
    // A backup that is made from now on holds no name of theirs, not even in a corner of a page.
    if office.installation.database_url().is_none() {
        let folder = office.installation.dir().join("after");
        let (code, said) = office.installation.command(&["backup", "--output", &folder.display().to_string()]);
        assert_eq!(code, 0, "{said}");
        let bytes = std::fs::read(folder.join("salur.db")).unwrap();
        let holds = |name: &str| bytes.windows(name.len()).any(|window| window == name.as_bytes());
        assert!(holds("Admin Dua"), "names of staff lie open, so this looks at the right file");
        assert!(!holds(text(&household, "name")), "{household}");
    }
    // The round has closed, and its vouchers hand nothing out.
    let late = office.vouchers().into_iter().find(|one| one.entitlement_id != voucher.entitlement_id).unwrap();
    let refused = office.redeem(&late, &by_code("01900000-0000-7000-8000-000000000007", &late.code));
    assert_eq!(refused.status, 409, "{}", refused.body);
}
