//! Signing in, and staying out: one-time codes, guesses, invitations, leavers, and who sees the trail.

use std::time::{SystemTime, UNIX_EPOCH};

use salur::vault::one_time_code;
use serde_json::{Value, json};

use crate::harness::browser::{Browser, marks_of, try_sign_in};
use crate::harness::client::Client;
use crate::harness::handset::Handset;
use crate::harness::office::{Office, text};

const PASSWORD: &str = "salur-demo-2026";

#[expect(clippy::disallowed_methods, reason = "one-time codes are of the moment, and the server reads the real clock")]
fn now_millis() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn secret_of(begun: &Value) -> [u8; 20] {
    data_encoding::BASE32_NOPAD.decode(text(begun, "secret").as_bytes()).unwrap().try_into().unwrap()
}

/// Sets one-time codes up for who owns the token: the secret and the recovery codes.
fn set_up(office: &Office, role: &str) -> ([u8; 20], Vec<String>) {
    let begun = office.post(role, "/account/second-factor", &json!({ "password": PASSWORD }));
    assert_eq!(begun.status, 201, "{}", begun.body);
    let secret = secret_of(&begun.body);
    let wrong = office.post(role, "/account/second-factor/confirm", &json!({ "code": "12345" }));
    assert_eq!((wrong.status, wrong.code()), (422, "wrong_code"));
    let code = one_time_code(&secret, now_millis());
    let confirmed = office.post(role, "/account/second-factor/confirm", &json!({ "code": code }));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let codes = confirmed.body["recovery_codes"].as_array().unwrap();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// How many runs of argon2 the server has counted.
fn password_checks(office: &Office) -> u64 {
    let bytes = Client::new("").bytes(office.base(), "/metrics");
    let text = String::from_utf8(bytes).unwrap();
    let line = text.lines().find(|line| line.starts_with("salur_password_checks_total"));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64)
}

/// Guesses until seven were heard, each later than the one before: from then on the next has to wait for seconds.
fn guess_until_it_takes_time(mut attempt: impl FnMut(u32) -> u16) {
    let (mut heard, mut told) = (0, 0);
    for at in 0..200_000 {
        match attempt(at) {
            429 => told += 1,
            401 | 422 => heard += 1,
            other => panic!("{other}"),
        }
        if heard == 7 {
            break;
        }
    }
    assert!(heard == 7 && told > 0, "{heard} were heard, and {told} had to wait");
}

#[test]
fn with_one_time_codes_a_password_alone_opens_nothing_and_no_code_is_good_twice() {
    let office = Office::open(91);
    let (secret, recovery) = set_up(&office, "issuer");
    assert_eq!(recovery.len(), 10);
    let again = office.post("issuer", "/account/second-factor", &json!({ "password": PASSWORD }));
    assert_eq!((again.status, again.code()), (409, "exists"), "codes that count are not overwritten");
    let attempt = |code: &str| {
        let credentials = json!({ "username": "issuer", "password": PASSWORD, "code": code });
        try_sign_in(office.base(), &credentials, &[]).0
    };
    for code in ["", "000000", "0000-0000-0000-0000-0000"] {
        let refused = attempt(code);
        assert_eq!((refused.status, refused.code()), (401, "bad_credentials"), "{code}");
    }
    // The step of now was taken to confirm; that of the next half minute is within what a clock may be off.
    let next = one_time_code(&secret, now_millis() + 30_000);
    assert_eq!(attempt(&next).status, 201);
    assert_eq!(attempt(&next).status, 401, "a code that was read over a shoulder is worth nothing");
    assert_eq!(attempt(&recovery[0]).status, 201);
    assert_eq!(attempt(&recovery[0]).status, 401);
    assert_eq!(attempt(&recovery[1].to_uppercase().replace('-', " ")).status, 201);
    let stands = office.get("issuer", "/account/second-factor").body;
    assert_eq!((&stands["confirmed"], &stands["recovery_codes_left"]), (&json!(true), &json!(8)));
    // Others sign in as before, and the token of a program stands for itself.
    Browser::sign_in(office.base(), "finance", PASSWORD, "");
    let removed = office.post("issuer", "/account/second-factor/remove", &json!({ "code": recovery[2] }));
    assert_eq!(removed.status, 204, "{}", removed.body);
    assert_eq!(attempt("").status, 201);
}

#[test]
fn nobody_learns_from_an_answer_or_the_work_behind_it_who_has_an_account() {
    let office = Office::open(92);
    let (_, _) = set_up(&office, "finance");
    let users = office.get("admin", "/users?limit=500").body;
    let id = |name: &str| {
        let found = users["items"].as_array().unwrap().iter().find(|user| user["username"] == name).unwrap();
        text(found, "id").to_owned()
    };
    let closed = office
        .of("admin")
        .call("PATCH", office.base(), &format!("/users/{}", id("auditor")), &json!({ "enabled": false }))
        .unwrap();
    assert_eq!(closed.status, 200, "{}", closed.body);
    let mut said = Vec::new();
    for (username, password) in [
        ("nobody-at-all", "a wrong password"),
        ("registrar", "a wrong password"),
        ("auditor", PASSWORD),
        ("finance", PASSWORD),
        ("Registrar", PASSWORD),
        ("", "a wrong password"),
        ("registrar'--", "a wrong password"),
    ] {
        let before = password_checks(&office);
        let (answer, cookie) = try_sign_in(office.base(), &json!({ "username": username, "password": password }), &[]);
        assert_eq!(password_checks(&office) - before, 1, "{username}: every try is one run of argon2");
        assert_eq!(cookie, "", "{username}");
        said.push((answer.status, answer.body));
    }
    assert!(said.iter().all(|one| *one == said[0]), "{said:#?}");
    assert_eq!(said[0].0, 401);
}

#[test]
fn who_guesses_is_slowed_down_and_nobody_else_is() {
    let office = Office::open(93);
    let attempt = |username: &str, password: &str| {
        try_sign_in(office.base(), &json!({ "username": username, "password": password }), &[]).0
    };
    let statuses: Vec<u16> = (0..12).map(|_| attempt("admin", "a wrong password").status).collect();
    assert!(statuses[..5].iter().all(|status| *status == 401), "people mistype: {statuses:?}");
    assert!(statuses.contains(&429), "twelve guesses in a row were all heard: {statuses:?}");
    // At the same address another person signs in, and from another address (through our proxy) the same one does.
    assert_eq!(attempt("verifier", PASSWORD).status, 201);
    let behind = office.installation.serve_with(&[("SALUR_TRUSTED_PROXIES", "127.0.0.1")]);
    let through = |from: &str, password: &str| {
        let credentials = json!({ "username": "admin", "password": password });
        try_sign_in(behind.base(), &credentials, &[("X-Forwarded-For", from)]).0.status
    };
    for _ in 0..12 {
        through("10.1.1.1", "a wrong password");
    }
    assert_eq!(through("10.1.1.1", PASSWORD), 429);
    assert_eq!(through("10.2.2.2", PASSWORD), 201, "a stranger's guesses lock nobody out");
    // What a stranger writes in front of the true address counts for nothing.
    assert_eq!(through("10.2.2.2, 10.1.1.1", PASSWORD), 429);
    // A server without proxies believes nobody.
    let credentials = json!({ "username": "issuer", "password": PASSWORD });
    assert_eq!(try_sign_in(office.base(), &credentials, &[("X-Forwarded-For", "10.9.9.9")]).0.status, 201);
    let trail = office.get("auditor", "/trail?kind=act&limit=500").body;
    let addresses: Vec<&str> =
        trail["items"].as_array().unwrap().iter().filter_map(|line| line["address"].as_str()).collect();
    assert!(addresses.contains(&"10.2.2.2") && !addresses.contains(&"10.9.9.9"), "{addresses:?}");
}

#[test]
fn who_guesses_in_the_same_office_keeps_nobody_out_who_signed_in_there_before() {
    let office = Office::open(99);
    let credentials = |username: &str, password: &str| json!({ "username": username, "password": password });
    let attempt = |username: &str, password: &str, marks: &str| {
        try_sign_in(office.base(), &credentials(username, password), &[("Cookie", marks)]).0.status
    };
    let marks = marks_of(office.base(), &credentials("admin", PASSWORD));
    let of_another = marks_of(office.base(), &credentials("verifier", PASSWORD));
    // Somebody at the same address guesses, at this name and at all others, until nobody there is heard.
    for _ in 0..12 {
        attempt("admin", "a wrong password", "");
    }
    assert_eq!(attempt("admin", PASSWORD, ""), 429);
    assert_eq!(attempt("admin", PASSWORD, &of_another), 429, "a mark is of one name");
    let forged = marks.replace(['a', 'b'], "c");
    assert_eq!(attempt("admin", PASSWORD, &forged), 429, "a mark cannot be made up");
    let heard = (0..2_000).take_while(|at| attempt(&format!("name-{at}"), "a wrong password", "") != 429).count();
    assert!(heard < 2_000, "a network has its share and no more");
    assert_eq!(attempt("admin", PASSWORD, &marks), 201, "who signed in here before signs in");
    assert_eq!(attempt("admin", PASSWORD, &format!("{of_another}.{}", marks.replace("salur_known=", ""))), 201);
    // A mark opens nothing, and guesses beside it are slowed down as well.
    let statuses: Vec<u16> = (0..8).map(|_| attempt("admin", "a wrong password", &marks)).collect();
    assert!(statuses[0] == 401 && statuses.contains(&429), "{statuses:?}");
}

#[test]
fn who_has_a_password_guesses_few_codes_wherever_they_sit_and_the_owner_still_signs_in() {
    let office = Office::open(100);
    let marks = marks_of(office.base(), &json!({ "username": "issuer", "password": PASSWORD }));
    let (secret, recovery) = set_up(&office, "issuer");
    let behind = office.installation.serve_with(&[("SALUR_TRUSTED_PROXIES", "127.0.0.1")]);
    let attempt = |from: &str, code: &str, marks: &str| {
        let credentials = json!({ "username": "issuer", "password": PASSWORD, "code": code });
        try_sign_in(behind.base(), &credentials, &[("X-Forwarded-For", from), ("Cookie", marks)]).0
    };
    guess_until_it_takes_time(|at| {
        attempt(&format!("10.{}.{}.1", at / 250 % 250, at % 250), &format!("{:06}", at % 1_000_000), "").status
    });
    let right = one_time_code(&secret, now_millis() + 30_000);
    let refused = attempt("10.2.2.2", &right, "");
    assert_eq!((refused.status, refused.code()), (429, "too_many_requests"), "also the right one has to wait");
    assert_eq!(attempt("10.2.2.2", &recovery[0], "").status, 429);
    assert_eq!(attempt("10.3.3.3", &right, &marks).status, 201, "the owner, in a browser that is known");
}

#[test]
fn a_sign_in_left_open_shuts_nobody_out_of_their_account() {
    let office = Office::open(101);
    let open = Browser::sign_in(office.base(), "finance", PASSWORD, "");
    for body in [json!({ "password": "" }), json!({ "password": "a wrong password" })] {
        let refused = open.call("POST", "/account/second-factor", &body);
        assert_eq!((refused.status, refused.code()), (422, "invalid"), "{}", refused.body);
    }
    assert_eq!(open.call("POST", "/account/second-factor", &json!({})).status, 400);
    let change =
        |old: &str| open.call("PUT", "/account/password", &json!({ "old": old, "new": "kuda perahu hujan" })).status;
    guess_until_it_takes_time(|at| change(&format!("guess number {at}")));
    assert_eq!(change(PASSWORD), 429, "also the right one has to wait");
    // Codes that count are not taken away by guessing, and not by oneself as one's own administrator.
    let (_, _) = set_up(&office, "admin");
    let remove = |at: u32| {
        let body = json!({ "code": format!("{at:06}") });
        office.post("admin", "/account/second-factor/remove", &body).status
    };
    guess_until_it_takes_time(remove);
    let admin = text(&office.get("admin", "/sessions/current").body, "id").to_owned();
    let reset = json!({ "reset_second_factor": true });
    let path = format!("/users/{admin}");
    let refused = office.of("admin").call("PATCH", office.base(), &path, &reset).unwrap();
    assert_eq!((refused.status, refused.code()), (403, "same_person"));
    assert_eq!(office.get("admin", "/account/second-factor").body["confirmed"], true);
}

#[test]
fn an_operator_s_password_is_not_guessed_on_a_stolen_device() {
    let office = Office::open(102);
    let phone = Handset::enrol(&office, "TGR-01", 1);
    let guess = |password: &str| {
        let body = json!({ "username": "petugas-tgr-02", "password": password });
        phone.client.post(office.base(), "/devices/me/operators", &body).unwrap().status
    };
    guess_until_it_takes_time(|_| guess("a wrong password"));
    assert_eq!(guess(PASSWORD), 429);
    // The office chooses how long a PIN is, and the next sign-in on a device says so.
    let mut rules = office.get("admin", "/rules").body;
    assert_eq!((&rules["pin_signs"], &rules["pin_tries"]), (&json!(6), &json!(5)));
    for (signs, tries) in [(5, 5), (13, 5), (8, 2), (8, 11)] {
        (rules["pin_signs"], rules["pin_tries"]) = (json!(signs), json!(tries));
        assert_eq!(office.put("admin", "/rules", &rules).status, 422, "{rules}");
    }
    (rules["pin_signs"], rules["pin_tries"]) = (json!(8), json!(3));
    assert_eq!(office.put("admin", "/rules", &rules).status, 200);
    // On another device of the same house the same person is let in, or told that it is another point.
    let other = Handset::enrol(&office, "TGR-02", 2);
    let body = json!({ "username": "petugas-tgr-02", "password": PASSWORD });
    let admitted = other.client.post(office.base(), "/devices/me/operators", &body).unwrap();
    assert_eq!(
        (admitted.status, &admitted.body["pin"]),
        (201, &json!({ "signs": 8, "tries": 3 })),
        "{}",
        admitted.body
    );
}

#[test]
fn one_administrator_is_not_two_persons() {
    let office = Office::open(103);
    let users = office.get("admin", "/users?limit=500").body;
    let id = |username: &str| {
        let found = users["items"].as_array().unwrap().iter().find(|user| user["username"] == username).unwrap();
        text(found, "id").to_owned()
    };
    for role in ["issuer", "verifier", "registrar", "finance", "coordinator", "storekeeper", "auditor"] {
        let refused = office.post("admin", "/tokens", &json!({ "user_id": id(role), "name": "x" }));
        assert_eq!((refused.status, refused.code()), (403, "token_of_another"), "{role}: {}", refused.body);
    }
    let operator = id("petugas-tgr-01");
    let bare = office.post("admin", "/tokens", &json!({ "user_id": operator, "name": "x" }));
    assert_eq!(bare.code(), "token_of_another", "an operator without a device");
    let device = office.get("admin", "/devices").body["items"][0]["id"].clone();
    let with = json!({ "user_id": operator, "device_id": device, "name": "pemindai" });
    assert_eq!(office.post("admin", "/tokens", &with).status, 201);
    let own = json!({ "user_id": id("admin"), "name": "laporan harian" });
    let own = office.post("admin", "/tokens", &own);
    assert_eq!(own.status, 201, "{}", own.body);
    assert_eq!(Client::new(text(&own.body, "token")).get(office.base(), "/users").unwrap().status, 200);
    // At the console, where the key file lies open anyway, and on record with whom it stands for.
    let token = office.token_at_console("admin", "finance");
    assert_eq!(token.get(office.base(), "/sessions/current").unwrap().body["role"], "finance");
    let trail = office.get("auditor", "/trail?kind=act&limit=20").body;
    let made = trail["items"].as_array().unwrap().iter().find(|line| line["event"] == "token.created").unwrap();
    assert_eq!(text(made, "detail"), id("finance"));
}

#[test]
fn what_happens_to_the_installation_is_seen_by_who_reads_the_trail() {
    let office = Office::open(104);
    let refused = try_sign_in(office.base(), &json!({ "username": "nobody-here", "password": "x" }), &[]).0;
    assert_eq!(refused.status, 401);
    let taken = office.installation.dir().join("by-hand");
    let (code, said) = office.installation.command(&["backup", "--output", &taken.display().to_string()]);
    assert_eq!(code, 0, "{said}");
    let log = office.installation.dir().join("log");
    let (code, said) = office.installation.command(&["audit", "export", &log.display().to_string(), "--as", "auditor"]);
    assert_eq!(code, 0, "{said}");
    let phone = Handset::enrol(&office, "TGR-01", 3);
    assert!(!phone.names_key.is_empty());
    let events = |kind: &str| -> Vec<String> {
        let trail = office.get("auditor", &format!("/trail?kind={kind}&limit=500")).body;
        trail["items"].as_array().unwrap().iter().map(|line| text(line, "event").to_owned()).collect()
    };
    let (acts, exports) = (events("act"), events("export"));
    assert!(acts.contains(&"session.refused".to_owned()), "a guess at a name that nobody has: {acts:?}");
    for event in ["backup.taken", "log.exported"] {
        assert!(exports.contains(&event.to_owned()), "{event}: {exports:?}");
    }
}

#[test]
fn an_invitation_makes_one_account_of_the_role_and_time_that_it_was_for() {
    let office = Office::open(94);
    let round = office.installation.round();
    let new = json!({ "name": "Siti Baru", "role": "finance", "round_id": round });
    let made = office.post("admin", "/invitations", &new);
    assert_eq!(made.status, 201, "{}", made.body);
    let code = text(&made.body, "code").to_owned();
    let listed = office.get("admin", "/invitations").body;
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["code"]), (1, &Value::Null));
    let stranger = Client::new("");
    let accept = |code: &str, username: &str, password: &str| {
        let body = json!({ "code": code, "username": username, "password": password });
        stranger.post(office.base(), "/invitations/accept", &body).unwrap()
    };
    assert_eq!(accept("salur_none", "siti", "a long password").status, 404);
    assert_eq!(accept(&code, "siti", "short").status, 422);
    for known in ["siti-baru-2026", "DinasSosial123", "1234567890"] {
        let refused = accept(&code, "siti", known);
        assert_eq!(
            (refused.status, refused.code()),
            (422, "guessable_password"),
            "{known} is what anybody would try first"
        );
    }
    assert_eq!(accept(&code, "admin", "a long password").status, 409);
    let taken = accept(&code, "siti", "a long password");
    assert_eq!((taken.status, &taken.body["role"]), (201, &json!("finance")), "{}", taken.body);
    assert_eq!(accept(&code, "siti-2", "a long password").status, 404, "a code is good once");
    let siti = Browser::sign_in(office.base(), "siti", "a long password", "");
    assert_eq!(siti.get(&format!("/rounds/{round}/reconciliation")).status, 200);
    assert_eq!(siti.call("POST", &format!("/rounds/{round}/issue"), &json!({})).status, 403);
    let account = office.get("admin", &format!("/users/{}", text(&taken.body, "id"))).body;
    assert_eq!(account["expires_at"], made.body["account_expires_at"]);
    assert!(account["expires_at"].is_string());
    let second = office.post("admin", "/invitations", &new).body;
    let withdrawn = office
        .of("admin")
        .call("DELETE", office.base(), &format!("/invitations/{}", text(&second, "id")), &Value::Null)
        .unwrap();
    assert_eq!(withdrawn.status, 204);
    assert_eq!(accept(text(&second, "code"), "siti-3", "a long password").status, 404);
}

#[test]
fn who_leaves_is_out_at_once_and_does_not_come_back_with_an_old_token() {
    let office = Office::open(95);
    let change = |id: &str, body: &Value| {
        office.of("admin").call("PATCH", office.base(), &format!("/users/{id}"), body).unwrap()
    };
    let browser = Browser::sign_in(office.base(), "registrar", PASSWORD, "");
    let other = Browser::sign_in(office.base(), "registrar", PASSWORD, "");
    let id = text(&browser.get("/sessions/current").body, "id").to_owned();
    let sessions = browser.get("/sessions").body;
    let sessions = sessions["items"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let theirs = sessions.iter().find(|one| one["current"] == false).unwrap();
    // Nobody ends somebody else's sign-in but an administrator, and nobody learns that it is there.
    let path = format!("/sessions/{}", text(theirs, "id"));
    assert_eq!(office.of("verifier").call("DELETE", office.base(), &path, &Value::Null).unwrap().status, 404);
    assert_eq!(browser.call("DELETE", &path, &Value::Null).status, 204);
    assert_eq!((other.get("/sessions/current").status, browser.get("/sessions/current").status), (401, 200));
    // A new password ends the others, too.
    let other = Browser::sign_in(office.base(), "registrar", PASSWORD, "");
    let changed = browser.call("PUT", "/account/password", &json!({ "old": PASSWORD, "new": "quite another one" }));
    assert_eq!(changed.status, 204, "{}", changed.body);
    assert_eq!((other.get("/sessions/current").status, browser.get("/sessions/current").status), (401, 200));
    assert_eq!(office.get("registrar", "/sessions/current").status, 200, "the token of a program");
    // Closed: all at once.
    assert_eq!(change(&id, &json!({ "enabled": false })).status, 200);
    assert_eq!(browser.get("/sessions/current").status, 401);
    assert_eq!(office.get("registrar", "/sessions/current").status, 401);
    assert_eq!(change(&id, &json!({ "enabled": true })).status, 200);
    assert_eq!(office.get("registrar", "/sessions/current").status, 401, "what ended stays ended");
    Browser::sign_in(office.base(), "registrar", "quite another one", "");
    // An account whose time is over.
    let verifier = text(&office.get("verifier", "/sessions/current").body, "id").to_owned();
    assert_eq!(change(&verifier, &json!({ "expires_at": "2020-01-01T00:00:00Z" })).status, 200);
    assert_eq!(office.get("verifier", "/sessions/current").status, 401);
    // The last administrator stays.
    let admin = text(&office.get("admin", "/sessions/current").body, "id").to_owned();
    let refused = change(&admin, &json!({ "enabled": false }));
    assert_eq!((refused.status, refused.code()), (409, "last_admin"));
}

#[test]
fn where_one_time_codes_are_required_three_roles_do_nothing_before_they_are_set_up() {
    let office = Office::open(96);
    let strict = office.installation.serve_with(&[("SALUR_REQUIRE_TOTP", "true")]);
    let books = format!("/rounds/{}/reconciliation", office.installation.round());
    let finance = Browser::sign_in(strict.base(), "finance", PASSWORD, "");
    assert_eq!(finance.get("/sessions/current").body["second_factor_due"], true);
    let refused = finance.get(&books);
    assert_eq!((refused.status, refused.code()), (403, "second_factor_due"));
    let (status, leads, _) = finance.send("GET", &books.replace("reconciliation", "documents"), &[], "", "");
    assert_eq!((status, leads.as_str()), (303, "/account"), "a page leads to where it is set up");
    let begun = finance.call("POST", "/account/second-factor", &json!({ "password": PASSWORD }));
    let code = one_time_code(&secret_of(&begun.body), now_millis());
    let confirmed = finance.call("POST", "/account/second-factor/confirm", &json!({ "code": code }));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(finance.get(&books).status, 200);
    for role in ["admin", "issuer"] {
        let person = Browser::sign_in(strict.base(), role, PASSWORD, "");
        assert_eq!(person.get("/sessions/current").body["second_factor_due"], true, "{role}");
    }
    for role in ["registrar", "verifier", "coordinator", "storekeeper", "auditor"] {
        let person = Browser::sign_in(strict.base(), role, PASSWORD, "");
        assert_eq!(person.get("/sessions/current").body["second_factor_due"], false, "{role}");
    }
}

#[test]
fn a_full_number_is_seen_with_a_reason_only_and_the_person_in_charge_reads_who_saw_it() {
    let office = Office::open(97);
    let household = office.get("registrar", "/households?limit=1").body["items"][0].clone();
    let id = text(&household, "id");
    let path = format!("/households/{id}/unmask");
    assert!(text(&household, "nik_masked").contains('*'), "{household}");
    for reason in ["", "   ", "NIK 6402990101700001 sama"] {
        assert_eq!(office.post("verifier", &path, &json!({ "reason": reason })).status, 422, "{reason}");
    }
    let shown = office.post("verifier", &path, &json!({ "reason": "NIK ganda dengan desa sebelah" }));
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert_eq!(text(&shown.body, "nik").len(), 16);
    let trail = office.get("auditor", &format!("/trail?kind=look&object={id}")).body;
    let line = &trail["items"][0];
    assert_eq!(
        (text(line, "event"), text(line, "detail"), text(line, "address")),
        ("household.unmasked", "NIK ganda dengan desa sebelah", "127.0.0.1")
    );
    assert!(line["by"].is_string());
    // What may have been seen, whose, when, from where.
    let body = json!({ "since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z", "user_id": line["user_id"] });
    let report = office.post("admin", "/breach-reports", &body);
    assert_eq!(report.status, 200, "{}", report.body);
    assert_eq!(report.body["counts"]["household.unmasked"], 1);
    assert_eq!(report.body["households"], json!([household["source_id"]]));
    assert_eq!(report.body["addresses"], json!(["127.0.0.1"]));
    assert!(!report.body.to_string().contains(text(&shown.body, "nik")), "a report on a leak is none itself");
    let reads = office.get("admin", "/trail?kind=act&limit=500").body.to_string();
    assert!(reads.contains("trail.read"), "reading the trail stands in it");
    // Nothing of it is in the log or the metrics.
    let log = office.server.log() + &String::from_utf8(Client::new("").bytes(office.base(), "/metrics")).unwrap();
    for secret in [text(&shown.body, "nik"), text(&household, "name"), id] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn another_agency_s_administrator_sees_and_changes_nothing_of_this_one() {
    let office = Office::open(98);
    let body = json!({ "code": "LAIN", "government": "Kota Contoh", "name": "Dinas Lain", "hotline": "0541",
        "admin_username": "admin-lain", "admin_name": "Another", "admin_password": "a long password" });
    assert_eq!(office.post("admin", "/agencies", &body).status, 201);
    let other = Client::sign_in(office.base(), "admin-lain", "a long password");
    let ours = Browser::sign_in(office.base(), "registrar", PASSWORD, "");
    let user = text(&ours.get("/sessions/current").body, "id").to_owned();
    let session = text(&ours.get("/sessions").body["items"][0], "id").to_owned();
    let invitation = office.post("admin", "/invitations", &json!({ "name": "X", "role": "auditor" })).body;
    let hold = office.post("admin", "/legal-holds", &json!({ "document_no": "1", "reason": "audit" })).body;
    let token = office.get("admin", "/tokens?limit=1").body["items"][0].clone();
    let kid = text(&office.get("admin", "/keys").body["items"][0], "kid").to_owned();
    let round = office.installation.round();
    let calls = [
        ("GET", format!("/users/{user}"), Value::Null),
        ("PATCH", format!("/users/{user}"), json!({ "enabled": false })),
        ("GET", format!("/sessions?user={user}"), Value::Null),
        ("DELETE", format!("/sessions/{session}"), Value::Null),
        ("DELETE", format!("/invitations/{}", text(&invitation, "id")), Value::Null),
        ("DELETE", format!("/tokens/{}", text(&token, "id")), Value::Null),
        ("POST", format!("/legal-holds/{}/lift", text(&hold, "id")), json!({})),
        ("GET", format!("/keys/{kid}/vouchers"), Value::Null),
        ("POST", "/key-requests".to_owned(), json!({ "kid": kid, "reason": "a test" })),
        ("POST", "/invitations".to_owned(), json!({ "name": "X", "role": "auditor", "round_id": round })),
    ];
    for (method, path, body) in &calls {
        let answer = other.call(method, office.base(), path, body).unwrap();
        assert_eq!((answer.status, answer.code()), (404, "not_found"), "{method} {path}: {}", answer.body);
    }
    for path in ["/keys", "/invitations", "/legal-holds", "/key-requests"] {
        let listed = other.get(office.base(), path).unwrap();
        assert_eq!(listed.body["items"], json!([]), "{path}");
    }
    let trail = other.get(office.base(), "/trail?limit=500").unwrap().body;
    let theirs = text(&other.get(office.base(), "/sessions/current").unwrap().body, "id").to_owned();
    let lines = trail["items"].as_array().unwrap();
    // What happens to the installation as a whole is everybody's to read.
    let of_all = |line: &Value| line["user_id"].is_null() && ["recovery.begun"].contains(&text(line, "event"));
    assert!(
        !lines.is_empty() && lines.iter().all(|line| line["user_id"] == theirs.as_str() || of_all(line)),
        "{trail}"
    );
    assert_eq!(other.get(office.base(), "/retention").unwrap().body["due"], 0);
    assert_eq!(ours.get("/sessions/current").status, 200);
}
