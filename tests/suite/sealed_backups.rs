//! Backups that open with the key file alone, and the server that makes them by itself.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::installation::{Installation, salur};
use crate::harness::postgres;
use crate::harness::unit::Said;

fn command(installation: &Installation, args: &[&str]) -> Said {
    let mut command: Command = salur(installation.dir(), installation.database_url());
    command.args(args).args(["--json", "--dir"]).arg(installation.dir());
    Said::of(&command.output().unwrap())
}

fn file_of(backup: &Path) -> PathBuf {
    let manifest: Value = serde_json::from_slice(&std::fs::read(backup.join("manifest.json")).unwrap()).unwrap();
    backup.join(manifest["file"].as_str().unwrap())
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_sealed_backup_says_nothing_opens_with_its_key_file_alone_and_restores() {
    let mut installation = Installation::demo(40, 12);
    let folder = installation.dir().join("b");
    let name = folder.display().to_string();
    let made = command(&installation, &["backup", "--sealed", "--output", &name]).done();
    assert!(made["manifest"]["proof"]["at"].is_string(), "it was opened again before it counted: {made}");
    let file = file_of(&folder);
    let sealed = std::fs::read(&file).unwrap();
    assert!(sealed.starts_with(b"SALUR-SEALED-1\n"));
    for open in [b"SQLite format".as_slice(), b"PGDMP", b"households", b"Tenggarong", b"argon2id"] {
        assert!(!holds(&sealed, open), "{}", String::from_utf8_lossy(open));
    }
    assert!(!installation.dir().join("backup.scratch").exists(), "no plain copy is left");
    let verified = command(&installation, &["backup", "--verify", &name]).done();
    // Also a dump of PostgreSQL is restored for it, into a database that is gone afterwards.
    assert_eq!(verified["proof"]["counts"]["households"], 40, "{verified}");
    if let Some(url) = installation.database_url() {
        let sql = "SELECT count(*) FROM pg_database WHERE datname LIKE 'salur_trial_%'";
        let left = Command::new("psql").args(["-XAt", "--dbname", url, "-c", sql]).output().unwrap();
        assert!(left.status.success(), "{left:?}");
        assert_eq!(String::from_utf8_lossy(&left.stdout).trim(), "0", "a trial is left behind");
    }
    // Another key file, and one bit.
    let (key, other) = (installation.dir().join("salur.key"), installation.dir().join("other.key"));
    let elsewhere = tempfile::tempdir().unwrap();
    let stranger = salur(elsewhere.path(), None).args(["demo", "--dir", ".", "--households", "20"]).output().unwrap();
    assert!(stranger.status.success());
    std::fs::rename(&key, &other).unwrap();
    std::fs::copy(elsewhere.path().join("salur.key"), &key).unwrap();
    let refused = command(&installation, &["backup", "--verify", &name]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.complaint.contains("another key file"), "{refused:?}");
    std::fs::rename(&other, &key).unwrap();
    let mut damaged = sealed.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(&file, &damaged).unwrap();
    assert_eq!(command(&installation, &["backup", "--verify", &name]).code, Some(3), "one bit");
    std::fs::write(&file, &sealed).unwrap();
    assert!(!installation.dir().join("backup.scratch").exists(), "no plain copy is left by a refusal");

    if installation.database_url().is_some() {
        installation.move_to(postgres::empty_database());
    } else {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(installation.dir().join(format!("salur.db{end}")));
        }
    }
    let done = command(&installation, &["restore", &name]).done();
    assert!(done["epoch"].as_u64().is_some_and(|epoch| epoch > 1), "{done}");
    let server = installation.serve();
    assert_eq!(installation.vouchers(server.base()).len(), 40);
}

/// The backups in a folder that have their name.
fn backups(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.ends_with(".part"));
    names.sort();
    names
}

#[expect(clippy::disallowed_methods, reason = "nobody tells when a backup is there")]
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(90), "{what} never came");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "that no backup comes is seen by waiting for none")]
fn the_server_makes_sealed_backups_by_itself_keeps_so_many_and_says_when_it_cannot() {
    let installation = Installation::demo(30, 13);
    let disk = installation.dir().join("disk");
    let place = disk.display().to_string();
    let settings = [("SALUR_BACKUP_HOURS", "6"), ("SALUR_BACKUP_DIR", place.as_str()), ("SALUR_BACKUP_KEEP", "2")];
    // What is not the server's own is never removed, however old.
    command(&installation, &["backup", "--output", &disk.join("by-hand").display().to_string()]).done();
    let age = |name: &str, made_at: &str| {
        let path = disk.join(name).join("manifest.json");
        let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        manifest["made_at"] = made_at.into();
        std::fs::write(&path, manifest.to_string()).unwrap();
    };
    age("by-hand", "2026-01-01T00:00:00+00:00");
    let server = installation.serve_with(&settings);
    until("the first backup", || backups(&disk).len() == 2);
    let first = backups(&disk).into_iter().find(|name| name.starts_with("salur-")).unwrap();
    // The next look finds none due.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(backups(&disk).len(), 2);
    drop(server);
    // It is a day later, twice: two are kept, and the one by hand.
    let later = |name: &str, made_at: &str, as_name: &str| {
        std::fs::rename(disk.join(name), disk.join(as_name)).unwrap();
        age(as_name, made_at);
    };
    later(&first, "2026-01-02T00:00:00+00:00", "salur-20260102T000000");
    let server = installation.serve_with(&settings);
    until("the second backup", || backups(&disk).len() == 3);
    drop(server);
    let second = backups(&disk).pop().unwrap();
    later(&second, "2026-01-03T00:00:00+00:00", "salur-20260103T000000");
    let server = installation.serve_with(&settings);
    until("the third backup", || backups(&disk).len() == 3 && !backups(&disk)[1].contains("20260102"));
    let names = backups(&disk);
    assert!(names.contains(&"by-hand".to_owned()) && names.contains(&"salur-20260103T000000".to_owned()), "{names:?}");
    let newest = disk.join(names.last().unwrap());
    command(&installation, &["backup", "--verify", &newest.display().to_string()]).done();
    drop(server);
    // The doctor sees the schedule, the age and the proof.
    let mut doctor = salur(installation.dir(), installation.database_url());
    doctor.envs(settings).args(["doctor", "--json", "--dir"]).arg(installation.dir());
    let said = Said::of(&doctor.output().unwrap()).body;
    let codes: Vec<&str> = said["checks"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"backup") && codes.contains(&"backup-proved"), "{said}");
    // A folder that cannot be written is told, and the server serves.
    let full = installation.dir().join("a-file");
    std::fs::write(&full, b"no folder").unwrap();
    let settings = [("SALUR_BACKUP_HOURS", "6"), ("SALUR_BACKUP_DIR", full.to_str().unwrap())];
    let server = installation.serve_with(&settings);
    until("the complaint", || server.log().contains("no backup could be made"));
    assert_eq!(installation.vouchers(server.base()).len(), 30);
    let said = crate::harness::client::Client::new("").bytes(server.base(), "/metrics");
    assert!(String::from_utf8(said).unwrap().contains("salur_backup_failures_total 1"));
}
