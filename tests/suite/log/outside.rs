//! The log outside the database: what a restored office finds there, and what it does when it finds nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::some_work;
use crate::backups::{command, lose_the_database};
use crate::harness::auditor::{audited, log_is_whole, must_agree, verified_by_python};
use crate::harness::client::Client;
use crate::harness::installation::{Installation, Voucher, salur};
use crate::harness::office::{Office, by_code};
use crate::harness::unit::Said;

fn outside(office: &Office) -> PathBuf {
    office.installation.dir().join("facts/log")
}

fn published(base: &str) -> (u16, String) {
    let (status, body) = Client::new("").send("GET", &format!("{base}/api/v1/log/checkpoint"), None).unwrap();
    (status, String::from_utf8(body).unwrap())
}

fn size_of(checkpoint: &str) -> u64 {
    checkpoint.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("{checkpoint}"))
}

/// An office with so many households, beside what the demonstration has already.
fn office_of(households: u32, seed: u64) -> Office {
    let installation = Installation::demo(households, seed);
    let server = installation.serve();
    Office { installation, server }
}

/// Hands out, under an id that follows from the right.
fn hand_out(office: &Office, voucher: &Voucher) -> String {
    let id = voucher.entitlement_id.clone();
    let answer = office.redeem(voucher, &by_code(&id, &voucher.code));
    assert_eq!(answer.status, 201, "{}", answer.body);
    id
}

fn is_proven(office: &Office, id: &str) -> bool {
    let path = format!("{}/api/v1/redemptions/{id}/proof", office.base());
    Client::new("").send("GET", &path, None).unwrap().0 == 200
}

/// Waits until the newest head covers all that happened, and gives it: a proof is given only once a head covers the
/// handout, and so all that was committed before it.
fn settled(office: &Office) -> String {
    let voucher = office.vouchers().into_iter().rfind(|voucher| voucher.state == "available").unwrap();
    let id = hand_out(office, &voucher);
    assert!(is_proven(office, &id));
    published(office.base()).1
}

fn checked(office: &Office, folder: &Path, saved: &[&Path]) -> Value {
    let folder = folder.display().to_string();
    let saved: Vec<String> = saved.iter().map(|path| path.display().to_string()).collect();
    let mut words = vec!["audit", "verify", &folder, "--json"];
    for path in &saved {
        words.extend(["--saved", path]);
    }
    let output = office.installation.run(&words);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| panic!("{fault}: {output:?}"))
}

/// All bundles of a log as one text.
fn entries_of(log: &Path) -> String {
    let mut bytes = Vec::new();
    let mut folders = vec![log.join("tile/entries")];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { bytes.extend(fs::read(path).unwrap()) }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sets the log in the database back to so many leaves, as an older copy of it would be.
fn set_back(office: &Office, size: u64) {
    office.sql_count("DELETE FROM log_salts");
    office.sql_count(&format!("DELETE FROM log_leaves WHERE leaf_index >= {size}"));
    office.sql_count(&format!("DELETE FROM log_checkpoints WHERE size > {size}"));
    let mut width = size;
    for level in 0..3 {
        let (number, rest) = (width / 256, width % 256);
        office.sql_count(&format!(
            "DELETE FROM log_tiles WHERE level = {level} AND (number > {number} OR (number = {number} AND {rest} = 0))"
        ));
        office.sql_count(&format!(
            "UPDATE log_tiles SET hashes = substr(hashes, 1, {}) WHERE level = {level} AND number = {number}",
            rest * 32
        ));
        width = number;
    }
}

#[test]
fn what_is_signed_lies_outside_too_and_can_be_checked_as_it_lies() {
    let office = Office::open(91);
    let early = tempfile::tempdir().unwrap();
    let saved = early.path().join("head");
    fs::write(&saved, settled(&office)).unwrap();
    some_work(&office, 91);
    let newest = settled(&office);
    let folder = outside(&office);
    assert!(size_of(&fs::read_to_string(folder.join("checkpoint")).unwrap()) >= size_of(&newest));
    let report = checked(&office, &folder, &[&saved]);
    assert_eq!(
        (&report["whole"], &report["receipts"], &report["heads"]),
        (&json!(true), &json!(0), &json!(2)),
        "{report}"
    );
    must_agree(&checked(&office, &folder, &[]), &verified_by_python(&folder));
    // Not one entry more than the newest head covers, and nothing that is not for everybody.
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(["checkpoint", "checkpoint.lock", "vkey", "tile"].contains(&name.as_str()), "{name}");
    }
}

#[test]
fn a_restored_office_goes_on_with_the_tree_that_was_signed() {
    let mut office = Office::open(92);
    let first = some_work(&office, 92);
    let backup = office.installation.dir().join("cadangan").display().to_string();
    command(&office.installation, &["backup", "--output", &backup]).done();
    let at_backup = size_of(&settled(&office));
    // After the backup: handouts and a revocation with a reason, whose salt is lost with the database.
    for voucher in office.vouchers().iter().filter(|voucher| voucher.state == "available").take(5) {
        hand_out(&office, voucher);
    }
    let gone = office.vouchers().into_iter().rfind(|voucher| voucher.state == "available").unwrap();
    let path = format!("/entitlements/{}/revoke", gone.entitlement_id);
    assert_eq!(office.post("coordinator", &path, &json!({ "reason": "pindah" })).status, 204);
    let kept = tempfile::tempdir().unwrap();
    let saved = kept.path().join("head");
    let newest = settled(&office);
    fs::write(&saved, &newest).unwrap();
    assert!(size_of(&newest) > at_backup + 5);
    let exported = tempfile::tempdir().unwrap();
    let before = audited(&office.installation, exported.path());
    assert_eq!(before["whole"], true, "{before}");

    office.server.kill_nine();
    lose_the_database(&mut office.installation);
    let done = command(&office.installation, &["restore", &backup]).done();
    assert_eq!(done["log"]["behind"], false, "{done}");
    assert!(done["log"]["leaves"].as_u64().unwrap() >= size_of(&newest), "{done}");
    office.server = office.installation.serve();
    let (status, head) = published(office.base());
    assert_eq!(status, 200, "{head}");
    assert!(size_of(&head) >= size_of(&newest), "never a smaller tree: {head}");
    let again = tempfile::tempdir().unwrap();
    let report = audited(&office.installation, again.path());
    assert_eq!(report["whole"], true, "{report}");
    must_agree(&report, &verified_by_python(again.path()));
    assert_eq!(checked(&office, again.path(), &[&saved])["whole"], true, "the same tree");
    let round = office.installation.round();
    for sum in ["issued", "redeemed", "revoked", "realised_minor"] {
        assert_eq!(report["rounds"][round][sum], before["rounds"][round][sum], "{sum}: {report}");
    }
    // It goes on, and what was handed out before the backup still has its proof.
    let voucher = office.vouchers().into_iter().find(|voucher| voucher.state == "available").unwrap();
    let id = hand_out(&office, &voucher);
    assert!(is_proven(&office, &id) && is_proven(&office, &first[0]));
    log_is_whole(&office.installation);
}

/// A backup that is older than the log itself: its key lies outside too.
#[test]
fn a_backup_that_is_older_than_the_log_s_key_does_not_make_another_log() {
    let mut office = Office::open(93);
    office.server.kill_nine();
    let head = settled_alone(&mut office);
    let backup = office.installation.dir().join("cadangan").display().to_string();
    let spoil = ["DELETE FROM keys WHERE purpose = 'log'", "DELETE FROM installation WHERE name = 'log_origin'"];
    for statement in spoil {
        office.sql(statement);
    }
    set_back(&office, 0);
    office.sql_count("DELETE FROM log_leaves");
    command(&office.installation, &["backup", "--output", &backup]).done();
    lose_the_database(&mut office.installation);
    let done = command(&office.installation, &["restore", &backup]).done();
    assert_eq!(done["log"]["behind"], false, "{done}");
    office.server = office.installation.serve();
    let (status, after) = published(office.base());
    assert_eq!((status, after.lines().next()), (200, head.lines().next()), "{after}");
    assert!(size_of(&after) >= size_of(&head));
    log_is_whole(&office.installation);
}

/// The newest head of an office that is not serving.
fn settled_alone(office: &mut Office) -> String {
    let head = command(&office.installation, &["audit", "head"]).done();
    head["checkpoint"].as_str().unwrap().to_owned()
}

/// Waits for the head that covers the leaf of the life that began: it is signed a moment after the first answer.
#[expect(clippy::disallowed_methods, reason = "nobody tells when the next head is signed")]
fn grown(office: &Office, size: u64) {
    let began = Instant::now();
    while size_of(&published(office.base()).1) <= size {
        assert!(began.elapsed() < Duration::from_secs(20), "the life that began has no leaf in any head");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The pipe lets the putting back read one bundle once, and holds it the second time, when the bundle before is
/// committed already: there it is killed.
#[test]
fn putting_back_that_dies_half_way_goes_on_where_it_stopped() {
    let mut office = office_of(150, 94);
    let newest = settled(&office);
    let size = size_of(&newest);
    assert!(size > 256 + 8, "two bundles: {size}");
    office.server.kill_nine();
    settled_alone(&mut office);
    let folder = outside(&office);
    let newest = fs::read_to_string(folder.join("checkpoint")).unwrap();
    let second = folder.join(format!("tile/entries/001.p/{}", size_of(&newest) - 256));
    let bytes = fs::read(&second).unwrap();
    set_back(&office, 40);
    fs::rename(&second, second.with_extension("away")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&second).status().unwrap().success());
    let mut opening = salur(office.installation.dir(), office.installation.database_url());
    opening.args(["receipts", "check", "--as", "auditor", "--dir"]).arg(office.installation.dir());
    let mut opening = opening.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    fs::OpenOptions::new().write(true).open(&second).unwrap().write_all(&bytes).unwrap();
    drop(fs::OpenOptions::new().write(true).open(&second).unwrap());
    opening.kill().unwrap();
    opening.wait().unwrap();
    fs::remove_file(&second).unwrap();
    fs::rename(second.with_extension("away"), &second).unwrap();

    office.server = office.installation.serve();
    let (status, head) = published(office.base());
    assert_eq!(status, 200, "{head}");
    let kept = tempfile::tempdir().unwrap();
    let saved = kept.path().join("head");
    fs::write(&saved, &newest).unwrap();
    grown(&office, size_of(&newest));
    log_is_whole(&office.installation);
    assert_eq!(checked(&office, &folder, &[&saved])["whole"], true);
}

/// Nothing in the facts tells that this database was set back: the log does, and so a recovery begins.
#[test]
fn a_database_that_was_set_back_by_hand_is_known_by_the_log_and_recovers() {
    let mut office = Office::open(95);
    let newest = settled(&office);
    office.server.kill_nine();
    set_back(&office, size_of(&newest) - 3);
    office.server = office.installation.serve();
    let recovery = Client::new(office.installation.token("coordinator")).get(office.base(), "/recovery").unwrap().body;
    assert_eq!(recovery["epoch"], 2, "{recovery}");
    assert_eq!(published(office.base()).0, 200);
    log_is_whole(&office.installation);
    // Once: the next start is an ordinary one.
    office.server.kill_nine();
    office.server = office.installation.serve();
    let recovery = Client::new(office.installation.token("coordinator")).get(office.base(), "/recovery").unwrap().body;
    assert_eq!(recovery["epoch"], 2, "{recovery}");
}

/// The files outside are another tree than the one whose head was signed: nothing of them is taken over.
#[test]
fn a_log_outside_that_somebody_changed_is_not_put_back() {
    let mut office = office_of(150, 96);
    let newest = settled(&office);
    office.server.kill_nine();
    settled_alone(&mut office);
    let folder = outside(&office);
    let size = size_of(&fs::read_to_string(folder.join("checkpoint")).unwrap());
    let last = folder.join(format!("tile/entries/001.p/{}", size - 256));
    let mut bytes = fs::read(&last).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&last, bytes).unwrap();
    set_back(&office, 40);
    office.server = office.installation.serve();
    let (status, body) = published(office.base());
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["code"]), (503, &json!("log_behind")), "{body}");
    assert!(size_of(&newest) > 256);
    // Every start says so again, and is no new life each time.
    for _ in 0..2 {
        office.server.kill_nine();
        office.server = office.installation.serve();
    }
    let recovery = Client::new(office.installation.token("coordinator")).get(office.base(), "/recovery").unwrap().body;
    assert_eq!(recovery["epoch"], 2, "{recovery}");
}

#[test]
fn a_log_that_is_lost_for_good_is_ended_by_two_persons_and_another_begins() {
    let mut office = Office::open(97);
    some_work(&office, 97);
    let newest = settled(&office);
    let restart = |office: &Office, agreed: &str| -> Said {
        let words = ["audit", "restart", "--as", "admin", "--agreed-by", agreed, "--reason", "gedung terbakar"];
        command(&office.installation, &words)
    };
    office.server.kill_nine();
    let refused = restart(&office, "auditor");
    assert_eq!(refused.code, Some(1), "a log that can go on is not ended: {refused:?}");
    set_back(&office, size_of(&newest) - 4);
    fs::remove_dir_all(outside(&office)).unwrap();
    office.server = office.installation.serve();
    let (status, body) = published(office.base());
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("log_behind"), "{body}");
    office.server.kill_nine();
    assert_eq!(restart(&office, "admin").code, Some(1), "one person twice");
    assert_ne!(restart(&office, "registrar").code, Some(0), "one who may not read the log");
    let begun = restart(&office, "auditor").done();
    let origin = begun["origin"].as_str().unwrap().to_owned();
    assert_eq!(origin, format!("{}/2", newest.lines().next().unwrap()));
    office.server = office.installation.serve();
    let (status, head) = published(office.base());
    assert_eq!((status, head.lines().next()), (200, Some(origin.as_str())), "{head}");
    // The new log says which one it follows.
    let folder = tempfile::tempdir().unwrap();
    audited(&office.installation, folder.path());
    assert!(entries_of(folder.path()).contains("log_restarted"));
    let kept = fs::read_dir(office.installation.dir()).unwrap().flatten();
    let names: Vec<String> = kept.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|name| name.starts_with("log.guard.ended-")), "{names:?}");
    // And it can be restored from outside as the old one could.
    let newest = settled(&office);
    office.server.kill_nine();
    set_back(&office, size_of(&newest) - 2);
    office.server = office.installation.serve();
    let (status, after) = published(office.base());
    assert_eq!((status, after.lines().next()), (200, Some(origin.as_str())), "{after}");
    assert!(size_of(&after) >= size_of(&newest));
}

/// Whoever has the server takes the log outside and the guard away, and restores an old backup: nobody there knows any
/// more how far the log was signed, so nothing is signed until two persons begin another.
#[test]
fn a_backup_without_what_was_signed_publishes_no_smaller_tree() {
    let mut office = Office::open(97);
    let backup = office.installation.dir().join("cadangan").display().to_string();
    settled(&office);
    command(&office.installation, &["backup", "--output", &backup]).done();
    let newest = settled(&office);
    office.server.kill_nine();
    lose_the_database(&mut office.installation);
    fs::remove_dir_all(outside(&office)).unwrap();
    fs::remove_file(office.installation.dir().join("log.guard")).unwrap();
    command(&office.installation, &["restore", &backup]).done();
    office.server = office.installation.serve();
    let (status, body) = published(office.base());
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["code"]), (503, &json!("log_lost")), "{body}");
    let doctor = office.installation.run(&["doctor", "--json"]);
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("log-stopped"), "{doctor:?}");
    office.server.kill_nine();
    let restart = ["audit", "restart", "--as", "admin", "--agreed-by", "auditor", "--reason", "log di luar hilang"];
    command(&office.installation, &restart).done();
    office.server = office.installation.serve();
    let (status, head) = published(office.base());
    assert_eq!(status, 200, "{head}");
    assert_eq!(head.lines().next().unwrap(), format!("{}/2", newest.lines().next().unwrap()), "a name of its own");
    // What nobody but the lost log knew is missing, and is not told as if it were there.
    let again = tempfile::tempdir().unwrap();
    must_agree(&audited(&office.installation, again.path()), &verified_by_python(again.path()));
}
