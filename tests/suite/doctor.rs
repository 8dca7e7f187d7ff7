//! The doctor: each of its complaints is brought about once, and is gone when it is mended.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::installation::{Installation, salur};
use crate::harness::office::Office;

/// What the doctor says: its exit code, and each check's level by its code.
fn asked(installation: &Installation, settings: &[(&str, &str)], before: &[&str]) -> (i32, Vec<(String, String)>) {
    let own = salur(installation.dir(), installation.database_url());
    let mut command = match before.split_first() {
        None => Command::new(own.get_program()),
        Some((program, rest)) => {
            let mut command = Command::new(program);
            command.args(rest).arg(own.get_program());
            command
        }
    };
    command.current_dir(installation.dir());
    for (name, value) in own.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        command.env(name, value);
    }
    command.envs(settings.iter().copied()).args(["doctor", "--json", "--dir"]).arg(installation.dir());
    let done = command.output().unwrap();
    let said: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    let checks = said["checks"].as_array().unwrap().iter().map(|one| {
        assert!(!one["say"].as_str().unwrap().contains('⟦'), "a sentence is missing: {one}");
        (one["code"].as_str().unwrap().to_owned(), one["level"].as_str().unwrap().to_owned())
    });
    (done.status.code().unwrap(), checks.collect())
}

#[track_caller]
fn says(seen: &(i32, Vec<(String, String)>), code: &str, level: &str) {
    let found = seen.1.iter().find(|(one, _)| one == code).unwrap_or_else(|| panic!("no {code}: {seen:?}"));
    assert_eq!(found.1, level, "{code}: {seen:?}");
    assert_eq!(seen.0, i32::from(seen.1.iter().any(|(_, level)| level == "fault")), "{seen:?}");
}

#[cfg(unix)]
fn allow(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn aged(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    std::fs::write(&path, manifest.to_string()).unwrap();
}

#[test]
#[cfg(unix)]
fn every_complaint_of_the_doctor_is_brought_about_once() {
    let office = Office::open(31);
    let installation = &office.installation;
    let dir = installation.dir().to_owned();
    let plain = || asked(installation, &[], &[]);
    let fresh = plain();
    for (code, level) in [
        ("engine", "good"),
        ("key-file", "good"),
        ("clock", "good"),
        ("disk", "good"),
        ("tls-none", "advice"),
        ("backup-none", "advice"),
        ("backup-unscheduled", "advice"),
        ("keys-old", "advice"),
        ("admins-one", "advice"),
        ("codes-missing", "advice"),
        ("confirmed", "good"),
        ("trail", "good"),
        ("log", "good"),
    ] {
        says(&fresh, code, level);
    }
    assert!(!fresh.1.iter().any(|(code, _)| code == "readable" || code == "writable"), "{fresh:?}");
    // Rights.
    let key = dir.join("salur.key");
    allow(&key, 0o644);
    says(&plain(), "key-file-open", "fault");
    allow(&key, 0o600);
    allow(&dir, 0o777);
    says(&plain(), "writable", "fault");
    allow(&dir, 0o700);
    if installation.database_url().is_none() {
        allow(&dir.join("salur.db"), 0o644);
        says(&plain(), "readable", "advice");
        allow(&dir.join("salur.db"), 0o600);
    }
    // The address.
    says(&asked(installation, &[("SALUR_PUBLIC_URL", "http://salur.example.go.id")], &[]), "tls-plain", "fault");
    let good = asked(installation, &[("SALUR_PUBLIC_URL", "https://salur.example.go.id")], &[]);
    says(&good, "tls", "good");
    // A disk that is nearly full, as `df` tells it.
    let tools = tempfile::tempdir().unwrap();
    let df = tools.path().join("df");
    std::fs::write(&df, "#!/bin/sh\necho head\necho /dev/x 100 90 10000 90% /\n").unwrap();
    allow(&df, 0o755);
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());
    says(&asked(installation, &[("PATH", &path)], &[]), "disk-full", "fault");
    // Backups: an open one, a sealed one that was never opened again, an old one, one that is as it should be.
    let folder = dir.join("backups");
    let make = |name: &str, how: &[&str]| {
        let at = folder.join(name);
        let place = at.display().to_string();
        let (code, said) = installation.command(&[&["backup", "--output", &place], how].concat());
        assert_eq!(code, 0, "{said}");
        at
    };
    std::fs::create_dir_all(&folder).unwrap();
    let open = make("open", &[]);
    says(&plain(), "backup-open", "advice");
    std::fs::remove_dir_all(&open).unwrap();
    let sealed = make("sealed", &["--sealed"]);
    let scheduled = asked(installation, &[("SALUR_BACKUP_HOURS", "6")], &[]);
    says(&scheduled, "backup", "good");
    says(&scheduled, "backup-proved", "good");
    assert!(!scheduled.1.iter().any(|(code, _)| code == "backup-unscheduled"), "{scheduled:?}");
    let kept = std::fs::read(sealed.join("manifest.json")).unwrap();
    aged(&sealed, |manifest| drop(manifest["proof"].as_object_mut().unwrap().remove("counts")));
    says(&plain(), "backup-unrestored", "advice");
    aged(&sealed, |manifest| drop(manifest.as_object_mut().unwrap().remove("proof")));
    says(&plain(), "backup-unproved", "advice");
    aged(&sealed, |manifest| manifest["made_at"] = "2026-01-01T00:00:00+00:00".into());
    says(&plain(), "backup-old", "fault");
    std::fs::write(sealed.join("manifest.json"), kept).unwrap();
    says(&plain(), "backup-proved", "good");
    // A second administrator, and a clock that was set back.
    let new = json!({ "username": "admin2", "name": "Admin Dua", "role": "admin", "password": "kuda perahu hujan" });
    assert_eq!(office.post("admin", "/users", &new).status, 201);
    says(&plain(), "admins", "good");
    says(&plain(), "unconfirmed", "advice");
    assert_eq!(installation.command(&["users", "confirm", "admin2", "--as", "admin"]).0, 0);
    says(&plain(), "confirmed", "good");
    // Whoever may write to the database changes the trail: a line, and one that is taken out.
    says(&plain(), "trail", "good");
    office.sql("UPDATE audit SET detail = 'x' WHERE event = 'user.created' AND detail = 'auditor'");
    says(&plain(), "trail-altered", "fault");
    office.sql("UPDATE audit SET detail = 'auditor' WHERE event = 'user.created' AND detail = 'x'");
    says(&plain(), "trail", "good");
    office.sql("DELETE FROM audit WHERE event = 'user.created' AND detail = 'auditor'");
    says(&plain(), "trail-altered", "fault");
    office.sql("UPDATE audit SET at = at + 86400000");
    says(&plain(), "clock-behind", "fault");
}
