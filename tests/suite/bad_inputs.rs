//! Over two hundred inputs that a system like this one meets sooner or later: spoilt codes, broken bodies, files that
//! are no lists, accounts that are none, clocks that are wrong. Each is answered with a refusal that a person can act
//! on; none with a failure, and none with the insides of the program.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::authority::TABLE;
use crate::harness::client::{Client, form};
use crate::harness::installation::Voucher;
use crate::harness::office::{Office, by_code, text};

const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// What was wrong with an answer, by the name of the input.
#[derive(Debug, Default)]
struct Found {
    count: BTreeMap<&'static str, usize>,
    faults: Vec<String>,
}

impl Found {
    fn note(&mut self, kind: &'static str, name: &str, status: u16, body: &str, may: &[u16]) {
        *self.count.entry(kind).or_default() += 1;
        let inside = ["struct ", "src/", ".rs:", "panicked", "diesel", "SELECT ", "stack backtrace", "actix", "sqlite"];
        let tells = inside.iter().find(|word| body.contains(**word));
        let problem: Value = serde_json::from_str(body).unwrap_or_default();
        let coded = status < 400 || problem["code"].is_string();
        if !may.contains(&status) || tells.is_some() || !coded {
            let body: String = body.chars().take(200).collect();
            self.faults.push(format!("{kind}: {name}: {status} (may: {may:?}, tells: {tells:?}): {body}"));
        }
    }
}

/// The QR's text, spoilt. The verdicts that each may have.
fn codes(good: &str, other: &str) -> Vec<(String, String, &'static [&'static str])> {
    const BAD: &[&str] = &["malformed", "forged", "foreign"];
    const STRANGE: &[&str] = &["malformed", "foreign", "unknown"];
    let (prefix, token) = good.split_at(good.len() - good.rsplit([':', '/']).next().unwrap().len());
    let mut all: Vec<(String, String, &'static [&'static str])> = Vec::new();
    for kept in [1, 2, 7, 8, 31, 64, 100, token.len() - 8, token.len() - 1] {
        all.push((format!("cut to {kept}"), format!("{prefix}{}", &token[..kept]), BAD));
    }
    for at in (0..token.len()).step_by(6) {
        let was = token.as_bytes()[at];
        let sign = if was == b'A' { 'B' } else { 'A' };
        all.push((format!("another sign at {at}"), format!("{prefix}{}{sign}{}", &token[..at], &token[at + 1..]), BAD));
    }
    for tail in
        ["A", "AA", "=", "==", "\u{0}", "?x=1", "#x", "/..", " A", "%20", "é", "\u{202e}", "🙂", "\"", "'--", "<b>"]
    {
        all.push((format!("followed by {tail:?}"), format!("{good}{tail}"), BAD));
    }
    for wrong in [
        "SALUR",
        "SALUR;",
        "SALUR::",
        "XSALUR:",
        "HTTPS:",
        "HTTPS://EVIL.EXAMPLE/V/",
        "javascript:",
        "file:///",
        "otpauth://totp/",
        "",
    ] {
        all.push((format!("prefix {wrong:?}"), format!("{wrong}{token}"), STRANGE));
    }
    all.push(("halves swapped".into(), format!("{prefix}{}{}", &token[60..], &token[..60]), BAD));
    all.push(("two in one".into(), format!("{good}{other}"), BAD));
    all.push(("two on two lines".into(), format!("{good}\n{other}"), BAD));
    all.push((
        "head of one, tail of another".into(),
        format!("{}{}", &good[..good.len() - 40], &other[other.len() - 40..]),
        BAD,
    ));
    all.push(("513 signs".into(), format!("{prefix}{}", "A".repeat(513)), BAD));
    all.push(("ten thousand signs".into(), format!("{prefix}{}", "A".repeat(10_000)), BAD));
    all.push(("digits that Base32 has not".into(), format!("{prefix}{}", "0189".repeat(40)), BAD));
    all.push(("spaces within".into(), format!("{prefix}{} {}", &token[..20], &token[20..]), BAD));
    for text in [
        "",
        " ",
        "0",
        "null",
        "undefined",
        "[]",
        "{}",
        "true",
        "-1",
        "SELECT 1",
        "6402990101700001",
        "http://example.com",
        "BEGIN:VCARD",
        "WIFI:S:x;;",
        "8991102100014",
        "00020101021126",
        "7KQ4-M2XP-9",
        "7KQ4-M2XP-9DD",
        "7KQ4M2XP9U",
        "IIIII-OOOOO",
        "----------",
        "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂",
        "\u{0}\u{0}\u{0}",
    ] {
        all.push((format!("the text {text:?}"), text.to_owned(), STRANGE));
    }
    all
}

fn bent_codes(office: &Office, vouchers: &[Voucher], found: &mut Found) {
    let (one, other) = (&vouchers[0], &vouchers[1]);
    let device = Client::new(office.installation.device_token(&one.point));
    for (number, (name, code, verdicts)) in codes(&one.code, &other.code).into_iter().enumerate() {
        let answer = device.post(office.base(), "/verifications", &json!({ "code": code })).unwrap();
        // A person who guesses typed codes is asked to wait: that is an answer, too.
        let verdict = answer.body["verdict"].as_str().unwrap_or_default();
        if answer.status == 200 && !verdicts.contains(&verdict) {
            found.faults.push(format!("code: {name}: {verdict}"));
        }
        found.note("code", &name, answer.status, &answer.body.to_string(), &[200, 422, 429]);
        if number % 4 == 0 {
            let id = format!("01900000-0000-7000-8000-{number:012}");
            let answer = device.post(office.base(), "/redemptions", &by_code(&id, &code)).unwrap();
            found.note("handout", &name, answer.status, &answer.body.to_string(), &[404, 422, 429]);
        }
    }
}

fn bodies(office: &Office, vouchers: &[Voucher], found: &mut Found) {
    let admin = office.of("admin");
    let device = Client::new(office.installation.device_token(&vouchers[0].point));
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(300_000));
    let raw: Vec<(&str, String)> = vec![
        ("empty", String::new()),
        ("a space", " ".into()),
        ("cut", "{\"code\":".into()),
        ("no quotes", "{code:1}".into()),
        ("a comma too many", "{\"code\":\"x\",}".into()),
        ("an array", "[]".into()),
        ("a text", "\"x\"".into()),
        ("null", "null".into()),
        ("a number", "1e999".into()),
        ("not a number", "NaN".into()),
        ("two objects", "{}{}".into()),
        ("the same member twice", "{\"code\":\"x\",\"code\":\"y\",\"id\":\"x\"}".into()),
        ("a surrogate alone", "{\"code\":\"\\ud800\"}".into()),
        ("a byte order mark", "\u{feff}{}".into()),
        ("five thousand brackets", deep),
        ("too long", long),
        ("a form", "code=x&id=1".into()),
        ("XML", "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]><x>&y;</x>".into()),
    ];
    for (name, body) in &raw {
        for (path, client) in [("/programmes", &admin), ("/redemptions", &device), ("/sessions", &Client::new(""))] {
            let sent = Some(("application/json", body.clone().into_bytes()));
            let (status, said) = client.send("POST", &format!("{}/api/v1{path}", office.base()), sent).unwrap();
            found.note("body", &format!("{path} {name}"), status, &String::from_utf8_lossy(&said), &[400, 413]);
        }
    }
    for kind in ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", ""] {
        let sent = Some((kind, b"{\"code\":\"X\",\"name\":\"X\",\"ceiling_minor\":1}".to_vec()));
        let (status, said) = admin.send("POST", &format!("{}/api/v1/programmes", office.base()), sent).unwrap();
        found.note("body", &format!("content type {kind:?}"), status, &String::from_utf8_lossy(&said), &[400, 415]);
    }
    let programme = json!({ "code": "P-BAD", "name": "A programme", "ceiling_minor": 1 });
    let values: Vec<(&str, Value)> = vec![
        ("ceiling_minor", json!(-1)),
        ("ceiling_minor", json!(1.5)),
        ("ceiling_minor", json!("1000")),
        ("ceiling_minor", json!(9_223_372_036_854_775_807_u64)),
        ("ceiling_minor", json!(18_446_744_073_709_551_615_u64)),
        ("ceiling_minor", json!(null)),
        ("code", json!("")),
        ("code", json!("a b")),
        ("code", json!("x".repeat(31))),
        ("code", json!("../..")),
        ("code", json!("P\u{0}")),
        ("code", json!(["P"])),
        ("name", json!("")),
        ("name", json!("x".repeat(5_000))),
        ("name", json!("two\nlines")),
        ("name", json!("\u{0}")),
        ("name", json!({ "x": 1 })),
    ];
    for (member, value) in values {
        let mut body = programme.clone();
        body[member] = value.clone();
        let answer = admin.post(office.base(), "/programmes", &body).unwrap();
        let name: String = format!("{member} = {value}").chars().take(60).collect();
        found.note("body", &name, answer.status, &answer.body.to_string(), &[400, 422]);
    }
}

fn files(office: &Office, found: &mut Found) {
    let registrar = office.of("registrar");
    let header = b"id_sumber,nama_penerima\n".as_slice();
    let join = |parts: &[&[u8]]| parts.concat();
    let files: Vec<(&str, &str, Vec<u8>)> = vec![
        ("empty", "a.csv", Vec::new()),
        ("only a line break", "a.csv", b"\n".to_vec()),
        ("only headings", "a.csv", header.to_vec()),
        ("zero bytes", "a.csv", vec![0; 4_096]),
        ("all ones", "a.csv", vec![0xff; 4_096]),
        ("headings nobody knows", "a.csv", b"a,b,c\n1,2,3\n".to_vec()),
        ("a quote without an end", "a.csv", join(&[header, b"X-1,\"A. NAME\n"])),
        ("UTF-16 without a mark", "a.csv", "id_sumber".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("one line of a megabyte", "a.csv", join(&[header, b"X-1,", &vec![b'A'; 1 << 20]])),
        ("a thousand columns", "a.csv", "a,".repeat(1_000).into_bytes()),
        ("a PDF", "a.csv", b"%PDF-1.7\n1 0 obj".to_vec()),
        ("a picture", "a.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ("a web page", "a.xls", b"<html><table><tr><td>x</td></tr></table></html>".to_vec()),
        ("a zip with nothing in it", "a.xlsx", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec()),
        ("a zip that is cut", "a.xlsx", b"PK\x03\x04\x14\0\0\0\x08\0".to_vec()),
        ("a workbook of old that is cut", "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec()),
        ("an archive", "a.rar", b"Rar!\x1a\x07\x01\0".to_vec()),
        ("a program", "a.exe", b"MZ\x90\0".to_vec()),
        ("JSON", "a.json", b"[{\"nik\":1}]".to_vec()),
        ("a name that leads elsewhere", "../../etc/passwd", b"x".to_vec()),
        ("no name", "", b"x".to_vec()),
    ];
    let path = format!("/intakes?programme={}", office.installation.programme());
    for (name, file, bytes) in &files {
        let answer = registrar.upload(office.base(), &path, file, bytes).unwrap();
        // A file that can be read is read: its rows are refused one by one.
        found.note("file", name, answer.status, &answer.body.to_string(), &[201, 400, 413, 422]);
    }
    let address = format!("{}/api/v1{path}", office.base());
    let (kind, whole) = form("a.csv", header);
    for (name, kind, body) in [
        ("no boundary", "multipart/form-data", whole.clone()),
        ("another boundary", "multipart/form-data; boundary=x", whole.clone()),
        ("a form that is cut", kind, whole[..60].to_vec()),
        ("no form", "application/json", b"{}".to_vec()),
        ("no file in it", kind, b"--salur-form--\r\n".to_vec()),
    ] {
        let (status, said) = registrar.send("POST", &address, Some((kind, body))).unwrap();
        found.note("file", name, status, &String::from_utf8_lossy(&said), &[400, 415, 422]);
    }
}

fn accounts(office: &Office, found: &mut Found) {
    let admin = office.of("admin");
    let good = json!({ "username": "bad-input", "name": "A. Name", "role": "auditor", "password": "a long password" });
    let values: Vec<(&str, Value)> = vec![
        ("username", json!("")),
        ("username", json!("   ")),
        ("username", json!("a b")),
        ("username", json!("a'--")),
        ("username", json!("<b>")),
        ("username", json!("ádmin")),
        ("username", json!("аdmin")),
        ("username", json!("x".repeat(61))),
        ("username", json!("a\u{0}")),
        ("username", json!("../x")),
        ("name", json!("")),
        ("name", json!("x".repeat(121))),
        ("name", json!("a\tb")),
        ("role", json!("root")),
        ("role", json!("Admin")),
        ("role", json!(["admin"])),
        ("role", json!(null)),
        ("password", json!("")),
        ("password", json!("short")),
        ("password", json!("x".repeat(201))),
        ("password", json!("é".repeat(150))),
        ("point_id", json!("x")),
        ("point_id", json!(NOTHING)),
    ];
    for (member, value) in values {
        let mut body = good.clone();
        body[member] = value.clone();
        let answer = admin.post(office.base(), "/users", &body).unwrap();
        let name: String = format!("{member} = {value}").chars().take(60).collect();
        found.note("account", &name, answer.status, &answer.body.to_string(), &[400, 404, 422]);
    }
    let mut operator = good;
    operator["role"] = json!("operator");
    let answer = admin.post(office.base(), "/users", &operator).unwrap();
    found.note("account", "an operator without a point", answer.status, &answer.body.to_string(), &[422]);
    for header in
        ["Bearer", "Bearer ", "Bearer x", "bearer salur_x", "Basic YWRtaW46eA==", "Bearer salur_\u{7f}", "Digest x"]
    {
        let request = ureq::get(format!("{}/api/v1/users", office.base())).header("Authorization", header);
        let Ok(mut answer) = request.config().http_status_as_error(false).build().call() else { continue };
        let said = answer.body_mut().read_to_string().unwrap();
        found.note("account", &format!("Authorization: {header:?}"), answer.status().as_u16(), &said, &[400, 401]);
    }
}

fn addresses(office: &Office, found: &mut Found) {
    let auditor = office.of("auditor");
    for path in [
        "/users/x",
        "/users/0",
        "/users/-1",
        "/users/%00",
        "/users/..%2f..%2fetc%2fpasswd",
        "/households/x",
        "/rounds/x/vouchers",
        "/redemptions/x",
        "/programmes/null",
        "/nothing",
        "/users/01900000-0000-7000-8000-00000000000",
        "/households?limit=x",
        "/households?after=x",
        "/households?limit=99999999999999999999",
        "/users?limit=1&limit=2",
        "/users?nothing=1",
        "/trail?kind=x",
        "/trail?user=x",
        "/trail?since=yesterday",
        "/trail?since=2026-13-01T00:00:00Z",
        "/trail?after=x",
        "/sessions?user=x",
        "/sessions?nothing=1",
    ] {
        let answer = auditor.get(office.base(), path).unwrap();
        found.note("address", path, answer.status, &answer.body.to_string(), &[400, 403, 404, 422]);
    }
    // Every call that names a thing, with a name that nothing has.
    for (call, _) in TABLE.iter().filter(|(call, _)| call.contains('{')) {
        let (method, path) = call.split_once(' ').unwrap();
        for name in ["x", "%00", "99999999999999999999"] {
            let named: String =
                path.split('{').map(|part| part.split_once('}').unwrap_or(("", part)).1).collect::<Vec<_>>().join(name);
            let sent = (method != "GET").then(|| ("application/json", b"{}".to_vec()));
            let (status, said) = office.of("admin").send(method, &format!("{}{named}", office.base()), sent).unwrap();
            let said = String::from_utf8_lossy(&said).into_owned();
            found.note("address", &format!("{method} {named}"), status, &said, &[400, 403, 404, 415, 422]);
        }
    }
    for (method, path) in
        [("PUT", "/users"), ("DELETE", "/users"), ("PATCH", "/programmes"), ("TRACE", "/users"), ("POST", "/users/x/y")]
    {
        let (status, said) = auditor.send(method, &format!("{}/api/v1{path}", office.base()), None).unwrap();
        let said = String::from_utf8_lossy(&said);
        let said = if said.is_empty() { "{\"code\":\"\"}".into() } else { said };
        found.note("address", &format!("{method} {path}"), status, &said, &[404, 405]);
    }
}

fn clocks(office: &Office, vouchers: &[Voucher], found: &mut Found) {
    let admin = office.of("admin");
    let demo = office.installation.programme();
    let package = office.get("admin", &format!("/packages?programme={demo}")).body["items"][0].clone();
    let good = ("2026-12-07T08:00:00+08:00", "2026-12-08T08:00:00+08:00");
    for (opens, closes) in [
        (good.1, good.0),
        (good.0, good.0),
        ("", good.1),
        ("2026-12-07", good.1),
        ("2026-12-07T08:00:00", good.1),
        ("2026-12-07T25:00:00+08:00", good.1),
        ("2026-02-30T08:00:00+08:00", good.1),
        ("2026-12-07T08:00:00+99:00", good.1),
        ("07-12-2026 08.00", good.1),
        ("tomorrow", good.1),
        ("1733529600", good.1),
        (good.0, "+999999999-12-31T23:59:59Z"),
    ] {
        let new = json!({ "programme_id": demo, "number": 77, "name": "Tahap", "package_id": package["id"],
            "opens_at": opens, "closes_at": closes });
        let answer = admin.post(office.base(), "/rounds", &new).unwrap();
        found.note(
            "clock",
            &format!("round {opens} to {closes}"),
            answer.status,
            &answer.body.to_string(),
            &[400, 422],
        );
    }
    let device = Client::new(office.installation.device_token(&vouchers[2].point));
    for (number, scanned) in
        ["", "x", "now", "2026-12-07", "9999999999999", "2026-12-07T08:00:00", "-1"].into_iter().enumerate()
    {
        let mut body = by_code(&format!("01900000-0000-7000-8000-1{number:011}"), &vouchers[2].code);
        body["scanned_at"] = json!(scanned);
        let answer = device.post(office.base(), "/redemptions", &body).unwrap();
        found.note("clock", &format!("scanned at {scanned:?}"), answer.status, &answer.body.to_string(), &[400, 422]);
    }
}

#[test]
fn whatever_comes_is_refused_in_words_and_breaks_nothing() {
    let office = Office::open(51);
    let vouchers = office.vouchers();
    let mut found = Found::default();
    bodies(&office, &vouchers, &mut found);
    files(&office, &mut found);
    accounts(&office, &mut found);
    addresses(&office, &mut found);
    clocks(&office, &vouchers, &mut found);
    bent_codes(&office, &vouchers, &mut found);
    let count: usize = found.count.values().sum();
    assert!(count >= 200, "the catalogue has shrunk: {:?}", found.count);
    assert!(found.faults.is_empty(), "{} of {count}:\n{}", found.faults.len(), found.faults.join("\n"));
    // After all of it the office works, and the voucher that was bent is good.
    let done = office.redeem(&vouchers[0], &by_code("01900000-0000-7000-8000-00000000ffff", &vouchers[0].code));
    assert_eq!((done.status, text(&done.body, "id")), (201, "01900000-0000-7000-8000-00000000ffff"), "{}", done.body);
    assert!(!office.server.log().contains("panicked"), "{}", office.server.log());
}

#[test]
fn nothing_is_handed_out_by_a_wish_that_does_not_say_what_it_means() {
    let office = Office::open(52);
    let voucher = office.vouchers()[0].clone();
    let good = by_code("01900000-0000-7000-8000-00000000aaaa", &voucher.code);
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        body
    };
    let array = json!([good["id"], good["code"], null, null, "seen", null, null, null]);
    for (body, expected) in [
        (with("items", json!([])), (422, "invalid_items")),
        (with("items", json!([{ "code": "beras", "quantity": 0 }])), (422, "invalid_items")),
        (with("colector", json!({ "kind": "proxy" })), (400, "bad_body")),
        (with("collector", json!({ "kind": "self", "nme": "X" })), (400, "bad_body")),
        (with("collector", json!(["self", null, null, true])), (400, "bad_body")),
        (array, (400, "bad_body")),
    ] {
        let answer = office.redeem(&voucher, &body);
        assert_eq!((answer.status, answer.code()), expected, "{body}: {}", answer.body);
    }
    assert_eq!(office.redeem(&voucher, &good).status, 201, "and the voucher is as good as before");
}

#[test]
fn whoever_shows_nothing_hears_that_before_anything_else() {
    let office = Office::open(53);
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let open = ["/api/v1/sessions", "/api/v1/invitations/accept", "/api/v1/devices/enrol"];
    let mut asked = 0;
    for (call, _) in TABLE.iter().filter(|(call, _)| call.starts_with("POST /api/v1/")) {
        let path = call.split_once(' ').unwrap().1.replace("{id}", NOTHING);
        if open.contains(&path.as_str()) {
            continue;
        }
        let mut answer = agent.post(format!("{}{path}", office.base())).send_json(json!({})).unwrap();
        let body: Value = answer.body_mut().read_json().unwrap_or_default();
        assert_eq!((answer.status().as_u16(), &body["code"]), (401, &json!("not_signed_in")), "{call}: {body}");
        asked += 1;
    }
    assert!(asked > 60, "{asked}");
    let lower = agent.get(format!("{}/api/v1/points", office.base()));
    let lower =
        lower.header("Authorization", &format!("bearer {}", office.installation.token("admin"))).call().unwrap();
    assert_eq!(lower.status().as_u16(), 200, "the name of the scheme is in any case");
}

#[test]
fn short_lists_go_on_where_they_stopped_too() {
    let office = Office::open(54);
    let all = office.get("admin", "/points").body["items"].as_array().unwrap().clone();
    let mut found = Vec::new();
    let mut path = "/points?limit=7".to_owned();
    loop {
        let page = office.get("admin", &path).body;
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/points?limit=7&after={next}");
    }
    assert_eq!(found, all);
    assert_eq!(office.get("admin", "/rounds?limit=1").body["items"].as_array().unwrap().len(), 1);
    assert_eq!(office.get("admin", &format!("/packages?after={NOTHING}")).status, 400);
}

#[test]
fn an_id_that_is_nobody_s_and_a_currency_that_nobody_adds_up_are_refused() {
    use crate::harness::installation::Installation;
    let installation = Installation::demo(5, 3);
    let server = installation.serve();
    let voucher = &installation.vouchers(server.base())[0];
    let desk = Client::new(installation.device_token(&voucher.point));
    for id in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
        let said = desk.post(server.base(), "/redemptions", &json!({ "id": id, "code": voucher.code })).unwrap();
        assert_eq!((said.status, said.code(), &said.body["field"]), (422, "invalid", &json!("id")), "{}", said.body);
    }
    // Nothing was handed out by that.
    let wish = json!({ "id": NOTHING, "code": voucher.code });
    let redeemed = desk.post(server.base(), "/redemptions", &wish).unwrap();
    assert_eq!(redeemed.status, 201, "{}", redeemed.body);
    // What a refusal and a look carry stands in the description.
    let description = serde_json::to_value(salur::http::openapi()).unwrap();
    let again = json!({ "id": "01900000-0000-7000-8000-000000000001", "code": voucher.code });
    let refused = desk.post(server.base(), "/redemptions", &again).unwrap();
    assert_eq!((refused.code(), refused.body["first"].is_object()), ("already_redeemed", true), "{}", refused.body);
    let seen = desk.post(server.base(), "/verifications", &json!({ "code": voucher.code })).unwrap();
    assert!(seen.body["first"].is_object(), "{}", seen.body);
    let elsewhere = installation.vouchers(server.base()).into_iter().find(|one| one.point != voucher.point).unwrap();
    let wish = json!({ "id": "01900000-0000-7000-8000-000000000002", "code": elsewhere.code });
    let wrong = desk.post(server.base(), "/redemptions", &wish).unwrap();
    assert_eq!((wrong.code(), &wrong.body["right_point"]["code"]), ("wrong_point", &json!(elsewhere.point)));
    let read = desk.get(server.base(), &format!("/redemptions/{NOTHING}")).unwrap();
    for (call, answer) in [
        ("POST /api/v1/redemptions", &redeemed),
        ("POST /api/v1/redemptions", &refused),
        ("POST /api/v1/redemptions", &wrong),
        ("POST /api/v1/verifications", &seen),
        ("GET /api/v1/redemptions/{id}", &read),
    ] {
        let odd = crate::openapi::undescribed(&description, call, answer.status, &answer.body);
        assert!(odd.is_empty(), "{call}: {odd:?}: {}", answer.body);
    }

    let admin = Client::new(installation.token("admin"));
    let new = |code: &str, currency: Value| {
        let body = json!({ "code": code, "name": "A programme", "ceiling_minor": 1, "currency": currency });
        admin.post(server.base(), "/programmes", &body).unwrap()
    };
    for (code, currency) in [("P-1", json!("IDR")), ("P-2", Value::Null)] {
        let made = new(code, currency);
        assert_eq!((made.status, &made.body["currency"]), (201, &json!("IDR")), "{}", made.body);
    }
    for other in ["USD", "idr", ""] {
        let said = new("P-3", json!(other));
        assert_eq!((said.status, &said.body["field"]), (422, &json!("currency")), "{other}: {}", said.body);
    }
}
