//! The log from outside: what an auditor, an independent client, a witness and whoever tampers see of it.

mod events;
mod made;
mod outside;
mod reader;
mod spoiled;

use std::path::Path;

use salur::transparency::{Leaf, NoteKey, Proof};
use serde_json::{Value, json};

use crate::crash::{Storm, claims, storm};
use crate::harness::auditor::{audited, must_agree, verified_by_python};
use crate::harness::browser::Browser;
use crate::harness::client::Client;
use crate::harness::installation::{Installation, Server};
use crate::harness::office::{HOUSEHOLDS, Office, VALUE, by_code, text};
use crate::harness::random::Random;
use crate::leases::crowded;

/// Three handouts, one of them short, and a revocation; answers the redemptions.
fn some_work(office: &Office, seed: u64) -> Vec<String> {
    let mut random = Random::seeded(seed);
    let vouchers = office.vouchers();
    let mut made = Vec::new();
    for voucher in &vouchers[..3] {
        let id = random.uuid().to_string();
        let answer = office.redeem(voucher, &by_code(&id, &voucher.code));
        assert_eq!(answer.status, 201, "{}", answer.body);
        made.push(id);
    }
    let path = format!("/entitlements/{}/revoke", vouchers[4].entitlement_id);
    let revoked = office.post("coordinator", &path, &json!({ "reason": "pindah ke luar kabupaten" }));
    assert_eq!(revoked.status, 204, "{}", revoked.body);
    made
}

#[test]
fn every_event_has_its_leaf_and_both_implementations_find_the_log_whole() {
    let office = Office::open(81);
    let redemptions = some_work(&office, 81);
    let folder = tempfile::tempdir().unwrap();
    let report = audited(&office.installation, folder.path());
    assert_eq!(report["whole"], true, "{report}");
    must_agree(&report, &verified_by_python(folder.path()));
    let kind = |name: &str| report["kinds"][name].as_i64().unwrap();
    let issued = kind("issue");
    assert!(issued >= HOUSEHOLDS, "{report}");
    assert_eq!(kind("redeem") - report["receipts"].as_i64().unwrap(), 0, "{report}");
    let sums = &report["rounds"][office.installation.round()];
    assert_eq!(
        (&sums["issued"], &sums["redeemed"], &sums["revoked"], &sums["realised_minor"]),
        (&json!(HOUSEHOLDS), &json!(3), &json!(1), &json!(3 * VALUE)),
        "{report}"
    );

    // The proof of each receipt holds, and an independent client finds the same leaf in the same place.
    let vkey = String::from_utf8(Client::new("").bytes(office.base(), "/api/v1/log/vkey")).unwrap();
    let log = NoteKey::parse(vkey.trim()).unwrap();
    for id in &redemptions {
        let bytes = Client::new("").bytes(office.base(), &format!("/api/v1/redemptions/{id}/proof"));
        let proof = Proof::parse(std::str::from_utf8(&bytes).unwrap()).unwrap();
        let entry = proof.extra.clone().unwrap();
        assert_eq!(proof.check(&entry, &log), Ok(true));
        let leaf = Leaf::decode(&entry).unwrap();
        assert_eq!(leaf.redemption.unwrap().to_string(), *id);
        assert!(reader::reads(office.base(), proof.index, &entry) > proof.index);
    }
    let unknown = Random::seeded(9).uuid();
    let answer = Client::new("").get(office.base(), &format!("/redemptions/{unknown}/proof")).unwrap();
    assert_eq!((answer.status, answer.code()), (404, "not_found"));

    // Over HTTP, without an account: all but the receipts.
    let over_http = office.installation.run(&["audit", "verify", office.base(), "--json"]);
    let over_http: Value = serde_json::from_slice(&over_http.stdout).unwrap();
    assert_eq!((&over_http["whole"], &over_http["receipts"]), (&json!(true), &json!(0)), "{over_http}");
    assert_eq!(over_http["receipts_absent"], report["kinds"]["redeem"]);
}

#[test]
fn nothing_that_anybody_said_or_is_called_stands_in_the_log() {
    let office = Office::open(82);
    some_work(&office, 82);
    let vouchers = office.vouchers();
    let proxy = json!({ "id": Random::seeded(3).uuid(), "code": vouchers[5].code,
        "collector": { "kind": "proxy", "name": "PAK TETANGGA", "relation": "tetangga depan", "id_seen": true } });
    assert_eq!(office.redeem(&vouchers[5], &proxy).status, 201);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(audited(&office.installation, folder.path())["whole"], true);
    let mut bundles = Vec::new();
    let mut folders = vec![folder.path().join("tile/entries")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { bundles.extend(std::fs::read(path).unwrap()) }
        }
    }
    let text = String::from_utf8_lossy(&bundles).to_uppercase();
    assert!(text.contains("REDEEM") && text.contains("OPERATOR"), "the leaves are there to be read");
    for said in ["PAK TETANGGA", "TETANGGA DEPAN", "PINDAH KE LUAR", "640299"] {
        assert!(!text.contains(said), "{said}");
    }
    for voucher in &vouchers {
        assert!(!text.contains(&voucher.household), "{}", voucher.household);
    }
}

#[test]
fn a_database_edited_by_hand_is_caught_and_the_place_named() {
    let office = Office::open(83);
    some_work(&office, 83);
    let folder = tempfile::tempdir().unwrap();
    let before = audited(&office.installation, folder.path());
    assert_eq!(before["whole"], true, "{before}");
    let receipts = std::fs::read_to_string(folder.path().join("receipts.csv")).unwrap();
    let receipts_by_leaf: Vec<(u64, String)> = receipts
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',');
            (cells.next().unwrap().parse().unwrap(), cells.next().unwrap().to_owned())
        })
        .collect();
    let blob = |id: &str| {
        let hex = id.replace('-', "");
        if office.installation.database_url().is_some() { format!("'\\x{hex}'") } else { format!("x'{hex}'") }
    };
    let (leaf, id) = receipts_by_leaf.last().unwrap();
    let newest = blob(id);
    let expect = |leaf: u64, what: &str| {
        let again = tempfile::tempdir().unwrap();
        let report = audited(&office.installation, again.path());
        assert_eq!((&report["whole"], &report["first_wrong"]), (&json!(false), &json!(leaf)), "{what}: {report}");
        must_agree(&report, &verified_by_python(again.path()));
    };
    office.sql(&format!("UPDATE redemptions SET value_minor = value_minor - 1 WHERE id = {newest}"));
    expect(*leaf, "one amount changed");
    office.sql(&format!("UPDATE redemptions SET value_minor = value_minor + 1 WHERE id = {newest}"));
    office.sql(&format!("UPDATE redemptions SET day = '2020-01-01' WHERE id = {newest}"));
    expect(*leaf, "moved to another day");
    office.sql(&format!("DELETE FROM redemptions WHERE id = {newest}"));
    expect(*leaf, "a receipt removed");
    // It stands outside the database too: the next start puts it back, and the log says that it was gone.
    let checked = office.installation.run(&["receipts", "check", "--as", "auditor"]);
    assert!(checked.status.success(), "{checked:?}");
    let again = tempfile::tempdir().unwrap();
    let report = audited(&office.installation, again.path());
    assert_eq!((&report["whole"], &report["kinds"]["conflict"]), (&json!(true), &json!(1)), "{report}");

    // The leaf itself, in the database: the hash in its tile tells.
    let spoil =
        "UPDATE log_leaves SET entry = (SELECT o.entry FROM log_leaves o WHERE o.leaf_index = 3) WHERE leaf_index = 2";
    office.sql(spoil);
    let again = tempfile::tempdir().unwrap();
    let report = audited(&office.installation, again.path());
    assert_eq!((&report["whole"], &report["first_wrong"]), (&json!(false), &json!(2)), "{report}");
    must_agree(&report, &verified_by_python(again.path()));
}

/// What one household had is given to another, by hand, so that every sum stays as it was.
#[test]
fn rows_exchanged_by_hand_are_told_although_every_sum_agrees() {
    let office = crowded(89);
    let redemption = some_work(&office, 89)[0].clone();
    let vouchers = office.vouchers();
    let served = &vouchers[0];
    let other = vouchers[5..].iter().find(|one| one.point == served.point).expect("several households at each point");
    let blob = |id: &str| {
        let hex = id.replace('-', "");
        if office.installation.database_url().is_some() { format!("'\\x{hex}'") } else { format!("x'{hex}'") }
    };
    let (mine, theirs, made) = (blob(&served.entitlement_id), blob(&other.entitlement_id), blob(&redemption));
    let mut known = 0;
    let mut told = |statements: &[String], what: &[&str]| {
        statements.iter().for_each(|statement| office.sql(statement));
        let folder = tempfile::tempdir().unwrap();
        let report = audited(&office.installation, folder.path());
        assert_eq!(report["whole"], false, "{statements:?}: {report}");
        must_agree(&report, &verified_by_python(folder.path()));
        let faults = report["faults"].as_array().unwrap();
        assert_eq!(faults.len(), known + what.len(), "{statements:?}: {report}");
        for what in what {
            let fault = faults.iter().find(|fault| text(fault, "what").contains(what));
            assert!(fault.is_some(), "{what}: {report}");
        }
        known = faults.len();
    };
    told(
        &[
            format!("UPDATE redemptions SET entitlement_id = {theirs} WHERE id = {made}"),
            format!("UPDATE entitlements SET state = 'available' WHERE id = {mine}"),
            format!("UPDATE entitlements SET state = 'redeemed' WHERE id = {theirs}"),
        ],
        &["the right is ", &served.entitlement_id, &other.entitlement_id],
    );
    let somebody = "(SELECT id FROM users WHERE role = 'operator' AND id <> operator_id ORDER BY id LIMIT 1)";
    let back = format!("UPDATE redemptions SET entitlement_id = {mine}, operator_id = {somebody} WHERE id = {made}");
    told(&[back], &[]);
    told(&["UPDATE users SET role = 'issuer' WHERE username = 'koordinator' OR role = 'coordinator'".into()], &["V11"]);
}

#[test]
fn a_database_that_forgot_what_was_signed_is_not_published() {
    let mut office = Office::open(84);
    some_work(&office, 84);
    let head = |base: &str| Client::new("").send("GET", &format!("{base}/api/v1/log/checkpoint"), None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    audited(&office.installation, folder.path());
    let saved = folder.path().join("checkpoint");
    assert_eq!(head(office.base()).0, 200);
    office.server.kill_nine();
    // As a backup of an hour ago would be: the newest leaves, heads and hashes are not in it.
    let size = leaves_of(&saved);
    office.sql("DELETE FROM log_salts");
    office.sql(&format!("DELETE FROM log_leaves WHERE leaf_index >= {}", size - 2));
    office.sql(&format!("DELETE FROM log_checkpoints WHERE size > {}", size - 2));
    // And what lies outside is lost as well, but for the guard file.
    std::fs::remove_dir_all(office.installation.dir().join("facts/log")).unwrap();
    office.server = office.installation.serve();
    let (status, body) = head(office.base());
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &body["code"]), (503, &json!("log_behind")), "{body}");
    // People are still served meanwhile, and what happens waits for its number.
    let voucher = office.vouchers().into_iter().find(|voucher| voucher.state == "available").unwrap();
    let id = Random::seeded(7).uuid().to_string();
    assert_eq!(office.redeem(&voucher, &by_code(&id, &voucher.code)).status, 201);
    assert_eq!(head(office.base()).0, 503);
    // What is left can be taken out, and is told where it ends.
    let rest = tempfile::tempdir().unwrap();
    let report = audited(&office.installation, rest.path());
    assert_eq!((&report["whole"], &report["first_wrong"]), (&json!(false), &json!(size - 2)), "{report}");
    must_agree(&report, &verified_by_python(rest.path()));
}

fn leaves_of(checkpoint: &Path) -> i64 {
    std::fs::read_to_string(checkpoint).unwrap().lines().nth(1).unwrap().parse().unwrap()
}

#[test]
fn after_kills_under_load_the_log_has_no_gap_and_no_fork() {
    let installation = Installation::demo(300, 85);
    let vouchers = {
        let server = installation.serve();
        installation.vouchers(server.base())
    };
    let early = tempfile::tempdir().unwrap();
    assert_eq!(audited(&installation, early.path())["whole"], true);
    let plan = Storm { clients: 12, kills: 5, answers_per_life: 30, seed: 85 };
    let claims = claims(&vouchers, 1, &mut Random::seeded(85));
    let (ledger, server) =
        storm(plan, claims, || installation.serve(), |point| installation.device_token(point).to_owned());
    let folder = tempfile::tempdir().unwrap();
    let report = audited(&installation, folder.path());
    assert_eq!(report["whole"], true, "{report}\n{}", server.log());
    let sums = &report["rounds"][installation.round()];
    assert_eq!(sums["redeemed"], json!(ledger.len()), "{report}");
    must_agree(&report, &verified_by_python(folder.path()));
    // What was signed before the first kill is still the beginning of it.
    let saved = early.path().join("checkpoint").display().to_string();
    let checked =
        installation.run(&["audit", "verify", &folder.path().display().to_string(), "--saved", &saved, "--json"]);
    let checked: Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(checked["whole"], true, "{checked}");
}

#[test]
fn a_witness_cosigns_what_follows_from_what_it_saw() {
    let installation = Installation::demo(5, 86);
    let post = tempfile::tempdir().unwrap();
    let folder = post.path().display().to_string();
    let made = installation.run(&["witness", "init", &folder, "--name", "inspektorat.example/saksi-1", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let witness = text(&made, "key").to_owned();
    let head = installation.run(&["audit", "head", "--json"]);
    let head: Value = serde_json::from_slice(&head.stdout).unwrap();
    assert!(installation.run(&["witness", "know", &folder, text(&head, "key")]).status.success());
    let serving = Server::witness(installation.dir(), post.path());
    let line = format!("witnesses = [\"{} {witness}\"]\n", serving.base());
    std::fs::write(installation.dir().join("salur.toml"), line).unwrap();
    let server = installation.serve();
    // It is asked every two seconds or so; the test asks until it is there.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let out = tempfile::tempdir().unwrap();
        audited(&installation, out.path());
        let place = out.path().display().to_string();
        let paper = text(&head, "line");
        let checked = installation.run(&["audit", "verify", &place, "--witness", &witness, "--paper", paper, "--json"]);
        let report: Value = serde_json::from_slice(&checked.stdout).unwrap();
        if report["whole"] == true {
            assert_eq!(report["cosigned"][0]["witness"], "inspektorat.example/saksi-1", "{report}");
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{report}\n{}\n{}", server.log(), serving.log());
    }
    // A head that no tree of ours had.
    let (size, root) = text(&head, "line").split_once(' ').unwrap();
    let wrong = format!("{size} {}{}", if root.starts_with('A') { 'B' } else { 'A' }, &root[1..]);
    let out = tempfile::tempdir().unwrap();
    audited(&installation, out.path());
    let checked =
        installation.run(&["audit", "verify", &out.path().display().to_string(), "--paper", &wrong, "--json"]);
    assert_eq!(checked.status.code(), Some(1), "{}", String::from_utf8_lossy(&checked.stdout));
}

/// "Show me number 417": from the page of a right, a household, a device or a person to what the log says of it.
#[test]
fn the_auditor_gets_from_each_page_to_its_history_in_the_log() {
    let office = Office::open(89);
    let voucher = office.vouchers().remove(0);
    let id = voucher.entitlement_id.clone();
    assert_eq!(office.redeem(&voucher, &by_code(&id, &voucher.code)).status, 201);
    let found =
        office.get("coordinator", &format!("/households?q={}&limit=1", voucher.household.replace(' ', "%20"))).body;
    let household = text(&found["items"][0], "id").to_owned();
    let device = text(&office.get("admin", "/devices?limit=1").body["items"][0], "id").to_owned();
    let user = text(&office.get("admin", "/users?limit=1").body["items"][0], "id").to_owned();
    let signed_in = |role: &str| {
        let known = office.installation.credentials(role);
        Browser::sign_in(office.base(), text(&known, "username"), text(&known, "password"), "")
    };
    let (auditor, admin, coordinator) = (signed_in("auditor"), signed_in("admin"), signed_in("coordinator"));
    let page = |who: &Browser, path: &str| who.send("GET", path, &[("Accept-Language", "id")], "", "");
    for path in [
        format!("/entitlements/{id}"),
        format!("/households/{household}"),
        format!("/devices/{device}"),
        format!("/users/{user}"),
    ] {
        let history = format!("{path}/log");
        // Whoever may open the page of it and may read the log finds the way there.
        let there = [&auditor, &admin].into_iter().filter(|who| page(who, &path).0 == 200).count();
        let linked = [&auditor, &admin].into_iter().filter(|who| page(who, &path).2.contains(&history)).count();
        assert!(there > 0 && linked == there, "{path}: {linked} of {there}");
        assert_eq!(page(&auditor, &history).0, 200, "{history}");
        assert_eq!(page(&coordinator, &history).0, 403, "{history}");
        assert!(!page(&coordinator, &path).2.contains(&history), "no way to what is closed: {path}");
    }
    let (_, _, told) = page(&auditor, &format!("/households/{household}/log"));
    assert!(told.contains("Diterbitkan"), "{told}");
    let unknown = Random::seeded(3).uuid();
    assert_eq!(page(&auditor, &format!("/households/{unknown}/log")).0, 404);
    // "Show me number 41": by the number that stands on paper, with its dots or without.
    assert!(page(&auditor, "/trail").2.contains("href=\"/log\""));
    assert_eq!(page(&auditor, "/log").0, 200);
    let (status, _, told) = page(&auditor, "/log?number=41");
    assert!(status == 200 && told.contains(">41</th>"), "{told}");
    assert_eq!(page(&auditor, "/log?number=1.000.000").0, 404);
    assert_eq!(page(&auditor, "/log?number=x").0, 404);
    assert_eq!(page(&coordinator, "/log?number=41").0, 403);
}
