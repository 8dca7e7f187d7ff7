//! What is lost with what is stolen: the account of one who stands at a desk, and the file of the database.

use serde_json::{Value, json};

use crate::harness::browser::Browser;
use crate::harness::client::Client;
use crate::harness::office::{Office, TEN, by_code, text};

/// The identity numbers of the file of ten, which the office knows by now.
fn numbers() -> Vec<String> {
    let mut lines = std::str::from_utf8(TEN).unwrap().lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    let places: Vec<usize> = ["nik", "no_kk"].map(|name| heads.iter().position(|head| *head == name).unwrap()).into();
    lines.flat_map(|line| places.iter().map(move |at| line.split(',').nth(*at).unwrap().to_owned())).collect()
}

#[test]
fn a_stolen_operator_issues_nothing_approves_nothing_and_sees_no_full_number_and_no_other_office() {
    let office = Office::open(75);
    let (programme, round) = office.programme_with_round("CURI", 10_000_000);
    let uploaded = office.upload("registrar", &programme);
    let intake = text(&uploaded.body, "id").to_owned();
    let applied = office.post("verifier", &format!("/intakes/{intake}/apply"), &json!({}));
    assert_eq!(applied.status, 200, "{}", applied.body);
    assert_eq!(office.issue(&round).status, 200);
    let vouchers = office.get("issuer", &format!("/rounds/{round}/vouchers?limit=500")).body;
    let voucher = &vouchers["items"][0];
    let (point, right) = (text(voucher, "point").to_owned(), text(voucher, "entitlement_id").to_owned());
    let household = office.get("registrar", "/households?limit=1").body["items"][0]["id"].as_str().unwrap().to_owned();
    let other = json!({ "code": "LAIN", "government": "Kota Contoh", "name": "Dinas Lain", "hotline": "0541",
        "admin_username": "admin-lain", "admin_name": "Another", "admin_password": "kuda perahu hujan" });
    assert_eq!(office.post("admin", "/agencies", &other).status, 201);
    let stranger = Client::sign_in(office.base(), "admin-lain", "kuda perahu hujan");
    let theirs = stranger.post(office.base(), "/programmes", &json!({ "code": "X", "name": "X", "ceiling_minor": 1 }));
    let theirs = text(&theirs.unwrap().body, "id").to_owned();
    // The thief has all that the operator has: the token of the device, and name and password.
    let token = Client::new(office.installation.device_token(&point));
    let username = format!("petugas-{}", point.to_lowercase());
    let browser = Browser::sign_in(office.base(), &username, "salur-demo-2026", "");
    let kid = text(&office.get("issuer", "/keys").body["items"][0], "kid").to_owned();
    let asked = office.post("admin", "/key-requests", &json!({ "kid": kid, "reason": "ganti" }));
    let changes: Vec<(&str, String, Value)> = vec![
        ("POST", format!("/rounds/{round}/issue"), json!({})),
        ("POST", format!("/intakes/{intake}/apply"), json!({})),
        ("POST", format!("/entitlements/{right}/reprint"), json!({ "reason": "x" })),
        ("POST", format!("/entitlements/{right}/revoke"), json!({ "reason": "x" })),
        ("POST", "/key-requests".into(), json!({ "kid": kid, "reason": "x" })),
        ("POST", format!("/key-requests/{}/approve", text(&asked.body, "id")), json!({})),
        ("POST", "/retention/erasures".into(), json!({ "expected": 0 })),
        ("POST", "/retention/erasures/agree".into(), json!({ "expected": 0 })),
        (
            "POST",
            format!("/programmes/{programme}/budget-revisions"),
            json!({ "ceiling_minor": 1, "document_no": "1", "document_date": "2026-12-01", "reason": "x" }),
        ),
        ("POST", "/users".into(), json!({ "username": "x", "name": "X", "role": "admin", "password": "kuda hujan 9" })),
        ("POST", "/tokens".into(), json!({ "user_id": household, "name": "x" })),
        ("POST", "/invitations".into(), json!({ "name": "X", "role": "issuer" })),
        ("POST", format!("/households/{household}/unmask"), json!({ "reason": "ingin tahu" })),
    ];
    for (method, path, body) in &changes {
        let answer = token.call(method, office.base(), path, body).unwrap();
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.body);
        let answer = browser.call(method, path, body);
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.body);
    }
    // Whatever can be read is read: not a number in full, and nothing of another office.
    let reads = [
        "/households?limit=500".to_owned(),
        format!("/households/{household}"),
        format!("/households/{household}/history"),
        format!("/rounds/{round}/vouchers"),
        format!("/rounds/{round}/entitlements"),
        format!("/rounds/{round}/reconciliation"),
        format!("/entitlements/{right}"),
        "/programmes".into(),
        format!("/programmes/{theirs}"),
        "/points?limit=500".into(),
        "/rounds?limit=500".into(),
        "/agencies".into(),
        "/users".into(),
        "/tokens".into(),
        "/trail".into(),
        "/keys".into(),
        "/cases".into(),
        "/sessions/current".into(),
        "/sessions".into(),
    ];
    let numbers = numbers();
    let mut answered = 0;
    for path in &reads {
        for answer in [token.get(office.base(), path).unwrap(), browser.get(path)] {
            assert!(answer.status < 500, "{path}: {}", answer.body);
            answered += usize::from(answer.status == 200);
            let said = answer.body.to_string();
            assert!(!numbers.iter().any(|number| said.contains(number)), "{path} shows a number: {said}");
            assert!(!said.contains("Dinas Lain") && !said.contains(&theirs), "{path} shows another office: {said}");
        }
    }
    assert!(answered > 5, "an operator reads something, so this looks at answers");
    for path in ["/", "/desk", "/rounds", "/households", "/entitlements", "/users", "/keys", "/retention", "/trail"] {
        let (_, _, page) = browser.send("GET", path, &[], "", "");
        assert!(!numbers.iter().any(|number| page.contains(number)), "{path}");
        assert!(!page.contains("Dinas Lain"), "{path}");
    }
    // A scan and a handout show what the paper shows, masked.
    let code = text(voucher, "code");
    let seen = token.post(office.base(), "/verifications", &json!({ "code": code })).unwrap();
    assert_eq!(seen.body["verdict"], "valid", "{}", seen.body);
    let done =
        token.post(office.base(), "/redemptions", &by_code("01900000-0000-7000-8000-00000000c0de", code)).unwrap();
    assert_eq!(done.status, 201, "{}", done.body);
    for body in [seen.body, done.body] {
        let said = body.to_string();
        assert!(!numbers.iter().any(|number| said.contains(number)), "{said}");
    }
    // Once it is noticed, closing the account ends both ways in.
    let user = browser.get("/sessions/current").body["id"].as_str().unwrap().to_owned();
    let closed =
        office.of("admin").call("PATCH", office.base(), &format!("/users/{user}"), &json!({ "enabled": false }));
    assert_eq!(closed.unwrap().status, 200);
    assert_eq!(browser.get("/sessions/current").status, 401);
    assert_eq!(token.post(office.base(), "/verifications", &json!({ "code": code })).unwrap().status, 401);
}

/// All bytes of the database's own files, also those not yet written back. The server works meanwhile.
fn files(office: &Office) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(office.installation.dir()).unwrap().map(|entry| entry.unwrap().path());
    let named = entries.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path));
    let ours = named.filter(|(name, path)| name.starts_with("salur.db") && path.is_file());
    ours.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_stolen_database_file_shows_no_number_also_not_in_its_log() {
    let office = Office::open(76);
    if office.installation.database_url().is_some() {
        return; // `privacy` looks at a dump of PostgreSQL.
    }
    office.take_in_the_ten(office.installation.programme());
    let found = office.post("registrar", "/households/searches", &json!({ "q": numbers()[0] }));
    assert_eq!(found.body["items"].as_array().unwrap().len(), 1, "it is found by its number: {}", found.body);
    let files = files(&office);
    assert!(files.iter().any(|(name, bytes)| name.ends_with("-wal") && !bytes.is_empty()), "the log is looked at too");
    let mut looked_at = 0;
    for (name, bytes) in &files {
        looked_at += usize::from(holds(bytes, b"RUSMINI"));
        for number in numbers() {
            let whole: u64 = number.parse().unwrap();
            let digits: Vec<u8> = number.bytes().map(|digit| digit - b'0').collect();
            for form in [
                number.clone().into_bytes(),
                data_encoding::HEXLOWER.encode(number.as_bytes()).into_bytes(),
                data_encoding::BASE64.encode(number.as_bytes()).into_bytes(),
                whole.to_be_bytes().to_vec(),
                whole.to_le_bytes().to_vec(),
                digits,
            ] {
                assert!(!holds(bytes, &form), "{number} lies in {name}");
            }
            // Not even most of it: a tail of twelve digits would do to find a person.
            assert!(!holds(bytes, &number.as_bytes()[4..]), "the end of {number} lies in {name}");
        }
    }
    assert!(looked_at > 0, "names lie open, so this looks at the right files");
}
