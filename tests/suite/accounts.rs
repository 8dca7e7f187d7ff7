//! Whose an account is, how long a sign-in and a token live, how much one account may take at once, and what lay on a
//! lost phone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::auditor;
use crate::harness::browser::Browser;
use crate::harness::client::Client;
use crate::harness::handset::Handset;
use crate::harness::office::{Office, text};

const PASSWORD: &str = "a long password of one's own";

/// Makes an account as the administrator; its id.
fn person(office: &Office, username: &str, role: &str) -> String {
    let new = json!({ "username": username, "name": username, "role": role, "password": PASSWORD });
    let made = office.post("admin", "/users", &new);
    assert_eq!(made.status, 201, "{}", made.body);
    text(&made.body, "id").to_owned()
}

/// The accounts that nobody confirmed, as one of the office sees them: user name, and whether they may confirm it.
fn waiting(office: &Office, role: &str) -> Vec<(String, bool)> {
    let found = office.get(role, "/unconfirmed-users").body;
    let items = found["items"].as_array().unwrap();
    items.iter().map(|one| (text(one, "username").to_owned(), one["may_confirm"].as_bool().unwrap())).collect()
}

fn choose(office: &Office, role: &str, name: &str, value: Value) -> (u16, String) {
    let mut rules = office.get(role, "/rules").body;
    rules[name] = value;
    let set = office.put(role, "/rules", &rules);
    (set.status, set.code().to_owned())
}

#[expect(clippy::disallowed_methods, reason = "what the server writes down by itself some seconds later is waited for")]
pub(crate) fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(250));
    }
}

#[test]
fn a_second_account_of_one_person_is_seen_by_others_and_where_the_office_says_so_waits_for_them() {
    let office = Office::open(105);
    assert_eq!(waiting(&office, "finance"), [], "the house of the demonstration knows its people");
    let verifier = person(&office, "verifier-dua", "verifier");
    let (registrar, other) =
        (person(&office, "registrar-dua", "registrar"), person(&office, "keuangan-dua", "finance"));
    // Unless the office says otherwise it works at once, and stands in sight of those who did not make it.
    let browser = Browser::sign_in(office.base(), "verifier-dua", PASSWORD, "");
    assert_eq!(browser.get("/intakes").status, 200);
    let both = |may: bool| [("verifier-dua".to_owned(), may), ("keuangan-dua".to_owned(), may)];
    assert_eq!(waiting(&office, "finance"), both(true), "a registrar agrees to nothing");
    assert_eq!(waiting(&office, "admin"), both(false), "who made them");
    let report = office.get("auditor", "/access-report").body;
    let seen: Vec<&str> = report["unconfirmed"].as_array().unwrap().iter().map(|one| text(one, "username")).collect();
    assert_eq!(seen, ["verifier-dua", "keuangan-dua"]);
    assert_eq!(report["unconfirmed"][0]["made_by"], "Admin Dinas");
    let page = Browser::sign_in(office.base(), "finance", "salur-demo-2026", "");
    assert!(page.send("GET", "/", &[], "", "").2.contains("/confirmations"));
    assert!(page.send("GET", "/confirmations", &[], "", "").2.contains(&format!("/users/{verifier}/confirm")));

    // From now on they wait.
    assert_eq!(choose(&office, "admin", "confirm_accounts", json!(true)).0, 200);
    let refused = browser.get("/intakes");
    assert_eq!((refused.status, refused.code()), (403, "awaiting_confirmation"), "{}", refused.body);
    assert_eq!(browser.get("/sessions/current").body["awaiting_confirmation"], true);
    let again = Browser::sign_in(office.base(), "registrar-dua", PASSWORD, "");
    assert_eq!(again.get("/households?limit=1").status, 200, "who agrees to nothing waits for nobody: {registrar}");
    let program = office.token_at_console("admin", "keuangan-dua");
    assert_eq!(program.get(office.base(), "/unconfirmed-users").unwrap().code(), "awaiting_confirmation");
    let invited = office.post("admin", "/invitations", &json!({ "name": "Ketiga", "role": "coordinator" })).body;
    let pending = office.get("auditor", "/access-report").body["invitations"][0].clone();
    assert_eq!((&pending["name"], &pending["invited_by"]), (&json!("Ketiga"), &json!("Admin Dinas")));
    let taken = json!({ "code": invited["code"], "username": "koordinator-dua", "password": PASSWORD });
    assert_eq!(Client::new("").post(office.base(), "/invitations/accept", &taken).unwrap().status, 201);
    let third = Browser::sign_in(office.base(), "koordinator-dua", PASSWORD, "");
    assert_eq!(third.get("/devices").code(), "awaiting_confirmation");

    // Neither its maker nor itself says whose it is, and nobody of whom that is not said either.
    let confirm = |role: &str, id: &str| {
        let said = office.post(role, &format!("/users/{id}/confirm"), &json!({}));
        (said.status, said.code().to_owned())
    };
    let as_words = |(status, code): (u16, &str)| (status, code.to_owned());
    assert_eq!(confirm("admin", &verifier), as_words((403, "same_person")));
    assert_eq!(confirm("auditor", &verifier), as_words((403, "forbidden")));
    let by_second = program.post(office.base(), &format!("/users/{verifier}/confirm"), &json!({})).unwrap();
    assert_eq!((by_second.status, by_second.code()), (403, "awaiting_confirmation"));
    let itself = program.post(office.base(), &format!("/users/{other}/confirm"), &json!({})).unwrap();
    assert_eq!(itself.status, 403);
    assert_eq!(confirm("finance", &verifier).0, 204);
    assert_eq!(confirm("finance", &verifier), as_words((409, "already_decided")));
    assert_eq!(browser.get("/intakes").status, 200);
    // The way out of an office in which nobody else could.
    let (code, said) = office.installation.command(&["users", "confirm", "keuangan-dua", "--as", "admin"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(program.get(office.base(), "/unconfirmed-users").unwrap().status, 200);
    let trail = office.get("auditor", "/trail?kind=act&limit=100").body;
    let lines: Vec<(&str, &str)> = trail["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["event"] == "user.confirmed")
        .map(|line| (text(line, "object"), text(line, "detail")))
        .collect();
    assert_eq!(lines[..2], [(other.as_str(), "console"), (verifier.as_str(), "")]);
    auditor::log_is_whole(&office.installation);
}

#[test]
fn an_office_of_one_begins_and_no_rule_shuts_it_out() {
    let office = Office::open(106);
    let body = json!({ "code": "BARU", "government": "Kota Contoh", "name": "Dinas Baru", "hotline": "0541",
        "admin_username": "kepala", "admin_name": "Ibu Kepala", "admin_password": PASSWORD });
    assert_eq!(office.post("admin", "/agencies", &body).status, 201);
    let head = Browser::sign_in(office.base(), "kepala", PASSWORD, "");
    assert_eq!(head.get("/unconfirmed-users").body["items"], json!([]), "who begins an agency vouches for it");
    let mut rules = head.get("/rules").body;
    rules["confirm_accounts"] = json!(true);
    let set = |rules: &Value| head.call("PUT", "/rules", rules);
    let refused = set(&rules);
    assert_eq!((refused.status, &refused.body["field"]), (422, &json!("confirm_accounts")), "{}", refused.body);
    let new = json!({ "username": "bendahara", "name": "Bendahara", "role": "finance", "password": PASSWORD });
    assert_eq!(head.call("POST", "/users", &new).status, 201);
    assert_eq!(set(&rules).status, 422, "the second one is nobody's word yet");
    let (code, said) = office.installation.command(&["users", "confirm", "bendahara", "--as", "kepala"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(set(&rules).status, 200);
    // Nobody makes themselves a second account by way of a third, with the rule or without it.
    let (code, said) = office.installation.command(&["users", "waive-confirmation", "--as", "kepala"]);
    assert_eq!((code, head.get("/rules").body["confirm_accounts"].as_bool()), (0, Some(false)), "{said}");
    let second = json!({ "username": "kepala-lain", "name": "Kepala", "role": "admin", "password": PASSWORD });
    assert_eq!(head.call("POST", "/users", &second).status, 201);
    let double = Browser::sign_in(office.base(), "kepala-lain", PASSWORD, "");
    let third = json!({ "username": "verifikasi", "name": "Verifikasi", "role": "verifier", "password": PASSWORD });
    let made = double.call("POST", "/users", &third);
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/users/{}/confirm", text(&made.body, "id"));
    let refused = head.call("POST", &path, &json!({}));
    assert_eq!((refused.status, refused.code()), (403, "same_person"), "who made who made it");
    assert_eq!(double.call("POST", &path, &json!({})).code(), "same_person");
    let treasurer = Browser::sign_in(office.base(), "bendahara", PASSWORD, "");
    assert_eq!(treasurer.call("POST", &path, &json!({})).status, 204);
    assert_eq!(set(&rules).status, 200);
    rules["confirm_accounts"] = json!(false);
    let ended = head.call("PUT", "/rules", &rules);
    assert_eq!((ended.status, &ended.body["field"]), (422, &json!("confirm_accounts")), "not by one alone");
    // Another agency's people are not there.
    let theirs = text(&office.get("finance", "/sessions/current").body, "id").to_owned();
    let foreign = head.call("POST", &format!("/users/{theirs}/confirm"), &json!({}));
    assert_eq!((foreign.status, foreign.code()), (404, "not_found"));
}

#[test]
fn a_sign_in_that_is_not_used_ends_and_a_token_ends_when_it_was_told_to() {
    let office = Office::open(107);
    for wrong in [14, 721, 0, -1] {
        assert_eq!(choose(&office, "admin", "idle_minutes", json!(wrong)).0, 422, "{wrong}");
    }
    let browser = Browser::sign_in(office.base(), "finance", "salur-demo-2026", "");
    let five_hours = 5 * 3_600_000;
    // It was used: whoever works for a day is not thrown out.
    assert_eq!(browser.get("/cases").status, 200);
    until("a sign-in that was used is seen", || {
        office.sql_count("UPDATE sign_ins SET address = address WHERE seen_at IS NOT NULL") > 0
    });
    office.sql(&format!("UPDATE sign_ins SET created_at = created_at - {five_hours}"));
    let mine = browser.get("/sessions").body["items"][0].clone();
    assert!(mine["last_used_at"].is_string() && mine["current"] == true, "{mine}");
    office.sql(&format!("UPDATE sign_ins SET seen_at = seen_at - {five_hours}"));
    let out = browser.get("/cases");
    assert_eq!((out.status, out.code()), (401, "not_signed_in"), "{}", out.body);
    // The office chose a longer time, and it counts for who is signed in.
    assert_eq!(choose(&office, "admin", "idle_minutes", json!(600)).0, 200);
    assert_eq!(browser.get("/cases").status, 200);
    // Beyond half a day no use helps.
    office.sql("UPDATE sign_ins SET expires_at = 1");
    assert_eq!(browser.get("/cases").code(), "not_signed_in");

    let admin = text(&office.get("admin", "/sessions/current").body, "id").to_owned();
    let make = |expires_at: &str| {
        office.post("admin", "/tokens", &json!({ "user_id": admin, "name": "laporan", "expires_at": expires_at }))
    };
    assert_eq!((make("2020-01-01T00:00:00Z").status, make("besok").status), (422, 400));
    let made = make("2099-01-01T00:00:00Z");
    assert_eq!(made.status, 201, "{}", made.body);
    let program = Client::new(text(&made.body, "token"));
    assert_eq!(program.get(office.base(), "/users").unwrap().status, 200);
    let listed = || {
        let all = office.get("admin", "/tokens?limit=500").body;
        all["items"].as_array().unwrap().iter().find(|one| one["id"] == made.body["id"]).cloned()
    };
    until("a token that was used is seen", || listed().unwrap()["last_used_at"].is_string());
    assert!(text(&listed().unwrap(), "expires_at").starts_with("2099-01-01"));
    let ends_never = office.get("admin", "/tokens?limit=500").body;
    let others = ends_never["items"].as_array().unwrap().iter().filter(|one| one["id"] != made.body["id"]);
    assert!(others.clone().count() > 20 && others.clone().all(|one| one["expires_at"].is_null()), "unless told");
    let used = office.get("auditor", "/access-report").body;
    assert!(used["tokens"].as_array().unwrap().iter().any(|one| one["id"] == made.body["id"]));
    office.sql("UPDATE tokens SET expires_at = 1 WHERE name = 'laporan'");
    let ended = program.get(office.base(), "/users").unwrap();
    assert_eq!(listed(), None);
    let revoked = office.post("admin", "/tokens", &json!({ "user_id": admin, "name": "lain" })).body;
    let of_revoked = Client::new(text(&revoked, "token"));
    let gone =
        office.of("admin").call("DELETE", office.base(), &format!("/tokens/{}", text(&revoked, "id")), &Value::Null);
    assert_eq!(gone.unwrap().status, 204);
    let as_revoked = of_revoked.get(office.base(), "/users").unwrap();
    assert_eq!((ended.status, ended.code()), (as_revoked.status, as_revoked.code()));
    assert_eq!(ended.status, 401);
    let (code, said) = office
        .installation
        .command(&["tokens", "create", "--user", "finance", "--name", "sebulan", "--days", "30", "--as", "admin"]);
    assert_eq!(code, 0, "{said}");
    let all = office.get("admin", "/tokens?limit=500").body;
    let month = all["items"].as_array().unwrap().iter().find(|one| one["name"] == "sebulan").unwrap().clone();
    assert!(month["expires_at"].is_string(), "{month}");
}

#[test]
fn a_stolen_sign_in_does_not_empty_the_register_and_no_program_and_no_desk_waits() {
    let office = Office::open(108);
    let browser = Browser::sign_in(office.base(), "verifier", "salur-demo-2026", "");
    let household = office.get("verifier", "/households?limit=1").body["items"][0].clone();
    let path = format!("/households/{}/unmask", text(&household, "id"));
    let reason = json!({ "reason": "dicocokkan dengan kartu" });
    let seen = (0..70).map(|_| browser.call("POST", &path, &reason).status).collect::<Vec<_>>();
    let shown = seen.iter().filter(|status| **status == 200).count();
    assert!((60..70).contains(&shown) && seen.iter().all(|status| [200, 429].contains(status)), "{seen:?}");
    // The account, not the browser: its token has had its share of numbers as well. Answers say how long to wait.
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut told = agent
        .post(format!("{}/api/v1{path}", office.base()))
        .header("Authorization", &format!("Bearer {}", office.installation.token("verifier")))
        .send_json(&reason)
        .unwrap();
    assert_eq!(told.status().as_u16(), 429);
    let header = |name: &str| told.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert!((1..=6).contains(&header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(header("content-type"), "application/problem+json");
    let body: Value = serde_json::from_str(&told.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(body["code"], "too_many_requests");
    assert_eq!(office.post("registrar", &path, &reason).status, 200, "nobody else waits");

    let list = "/households?limit=1";
    let refused = (0..2_000).map(|_| browser.get(list).status).position(|status| status == 429);
    assert!(refused.is_some_and(|at| at >= 500), "{refused:?}");
    let program = office.of("verifier");
    assert!((0..700).all(|_| program.get(office.base(), list).unwrap().status == 200), "a program with a token");
    assert_eq!(browser.get("/sessions/current").status, 200, "other calls are heard");

    let trail = office.get("auditor", "/trail?kind=act&limit=100").body;
    let mut reached: Vec<&str> = trail["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["event"] == "limit.reached")
        .map(|line| text(line, "detail"))
        .collect();
    reached.sort_unstable();
    assert_eq!(reached, ["look", "unmask"], "each once, however often it was tried");
    let report = office.get("auditor", "/access-report").body;
    let people = report["people"].as_array().unwrap();
    let one = people.iter().find(|one| one["role"] == "verifier").unwrap();
    assert_eq!((&one["unmasked"], &one["limited"]), (&json!(shown), &json!(2)), "{one}");
    assert!(one["looks"].as_i64().unwrap() >= 1_200, "{one}");
    let exports = |report: &Value| {
        let people = report["people"].as_array().unwrap();
        people.iter().find(|one| one["role"] == "issuer").map_or(0, |one| one["exports"].as_i64().unwrap())
    };
    let before = exports(&report);
    assert!(!office.vouchers().is_empty());
    assert_eq!(exports(&office.get("auditor", "/access-report").body), before + 1, "a list of codes went out");
    for days in ["0", "367", "x"] {
        let wrong = office.get("auditor", &format!("/access-report?days={days}"));
        assert!([400, 422].contains(&wrong.status), "{days}: {}", wrong.body);
    }
}

#[test]
fn a_report_on_a_lost_phone_names_every_household_that_lay_on_it() {
    let office = Office::open(109);
    let mut phone = Handset::enrol(&office, "TGR-01", 1);
    let device = phone.id.to_string();
    let whole = json!({ "since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z", "device_id": device });
    let report = |body: &Value| {
        let made = office.post("admin", "/breach-reports", body);
        assert_eq!(made.status, 200, "{}", made.body);
        made.body
    };
    assert_eq!(report(&whole)["held"], json!([]), "an empty phone");
    let leased = phone.lease(office.base(), &json!({}));
    assert_eq!(leased.status, 200, "{}", leased.body);
    let on_it = phone.open();
    assert!(on_it.len() >= 2, "{}", on_it.len());
    // Elsewhere lies something else.
    let mut other = Handset::enrol(&office, "TGR-02", 2);
    assert_eq!(other.lease(office.base(), &json!({})).status, 200);
    // What somebody looked at meanwhile is no part of what the phone held.
    assert_eq!(office.get("registrar", "/households?limit=5").status, 200);
    let lost = report(&whole);
    let of = |report: &Value| -> Vec<String> {
        let mut ids: Vec<String> =
            report["held"].as_array().unwrap().iter().map(|one| text(one, "entitlement_id").to_owned()).collect();
        ids.sort();
        ids
    };
    let mut expected: Vec<String> = on_it.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(of(&lost), expected);
    assert!(lost["device"].is_string());
    assert_eq!(lost["households"].as_array().unwrap().len(), on_it.len());
    assert_eq!(lost["counts"]["lease.granted"], 1);
    assert!(lost["counts"].as_object().unwrap().keys().all(|event| !event.starts_with("household.")), "{lost}");
    // One was handed over, one given back: only what came back is off the phone, and it was there before.
    phone.redeem(on_it[0]);
    phone.close(on_it[1]);
    assert_eq!(phone.sync(office.base()).status, 200);
    let after = report(&whole);
    assert_eq!(of(&after), expected);
    let ended: Vec<&Value> = after["held"].as_array().unwrap().iter().filter(|one| !one["until"].is_null()).collect();
    assert_eq!(ended.len(), 1);
    assert_eq!(text(ended[0], "entitlement_id"), on_it[1].to_string());
    let later = json!({ "since": "2099-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z", "device_id": device });
    let mut still = expected.clone();
    still.retain(|id| *id != on_it[1].to_string());
    assert_eq!(of(&report(&later)), still);
    let earlier = json!({ "since": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z", "device_id": device });
    assert_eq!(report(&earlier)["held"], json!([]), "before it was lent");
    let nobody = json!({ "since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z",
        "device_id": "01900000-0000-7000-8000-000000000000" });
    assert_eq!(office.post("admin", "/breach-reports", &nobody).status, 404);
    // On the page as well.
    let admin = Browser::sign_in(office.base(), "admin", "salur-demo-2026", "");
    let form = format!("csrf={}&since=2020-01-01T00:00&until=2100-01-01T00:00&user=&device={device}", admin.csrf);
    let ours = [("Sec-Fetch-Site", "same-origin"), ("Accept-Language", "id")];
    let page = admin.send("POST", "/trail/breach", &ours, "application/x-www-form-urlencoded", &form);
    assert_eq!(page.0, 200, "{}", page.2);
    assert!(page.2.contains("masih di sana") && page.2.contains(text(&after["held"][0], "household")), "{}", page.2);
}
