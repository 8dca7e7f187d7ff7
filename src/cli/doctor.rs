//! `salur doctor`

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use super::{Desk, Fault};
use crate::config::Config;
use crate::domain::time::Zone;
use crate::refusals::sentence as sentence_of;
use crate::service::{Error, backup};
use crate::store::Location;
use crate::words::Value as Said;

/// Check that the installation can work and is safe; says what to do where it is not
#[derive(Debug, Args)]
#[command(after_help = "Example: salur doctor --dir salur")]
pub(super) struct Doctor {}

/// Less than this on the disk is too little to go on for a day.
const DISK_BYTES_MIN: u64 = 1 << 30;
/// A backup older than this is old.
const BACKUP_HOURS_MAX: i64 = 26;
/// A key older than this is old.
const KEY_DAYS_MAX: i64 = 400;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Good,
    /// It works, and it could be safer.
    Advice,
    /// It has to be mended.
    Fault,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Advice => "advice",
            Self::Fault => "fault",
        }
    }
}

/// What was looked at, and what was found: the words are `doctor-CODE`.
struct Check {
    level: Level,
    code: &'static str,
    what: String,
}

impl Doctor {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let config = desk.config(None)?;
        let office = desk.office_of(&config, 1)?;
        office.ready()?;
        let seen = office.checkup()?;
        let mut checks = vec![check(Level::Good, "engine", seen.engine)];
        permissions(&config, &desk.place.dir, &mut checks);
        let behind = seen.clock_behind_millis.map(|millis| millis / 1_000);
        checks.push(match behind {
            Some(seconds) if seconds > 5 => check(Level::Fault, "clock-behind", seconds.to_string()),
            _ => check(Level::Good, "clock", seen.now.iso(Zone::Wita)),
        });
        disk(&desk.place.dir, &mut checks);
        checks.push(match &config.public_url {
            Some(url) if config.https() => check(Level::Good, "tls", url.clone()),
            Some(url) => check(Level::Fault, "tls-plain", url.clone()),
            None => check(Level::Advice, "tls-none", String::new()),
        });
        backups(&config, seen.now.millis(), &mut checks);
        let age_days = seen.oldest_key_at.map(|at| (seen.now.millis() - at.millis()) / 86_400_000);
        checks.push(match age_days {
            Some(days) if days > KEY_DAYS_MAX => check(Level::Advice, "keys-old", days.to_string()),
            Some(days) => check(Level::Good, "keys", days.to_string()),
            None => check(Level::Good, "keys-none", String::new()),
        });
        checks.push(if seen.admins > 1 {
            check(Level::Good, "admins", seen.admins.to_string())
        } else {
            check(Level::Advice, "admins-one", seen.admins.to_string())
        });
        checks.push(if seen.without_second_factor.is_empty() {
            check(Level::Good, "codes", String::new())
        } else {
            check(Level::Advice, "codes-missing", seen.without_second_factor.join(", "))
        });
        checks.push(if seen.unconfirmed.is_empty() {
            check(Level::Good, "confirmed", String::new())
        } else {
            check(Level::Advice, "unconfirmed", seen.unconfirmed.join(", "))
        });
        checks.push(match office.check_log() {
            Ok(size) => check(Level::Good, "log", size.to_string()),
            Err(Error::Refused(refusal)) => check(Level::Fault, "log-stopped", sentence_of(&refusal, desk.words)),
            Err(error) => check(Level::Fault, "log-stopped", error.to_string()),
        });
        let trail = office.check_trail()?;
        let (altered, missing) = (trail.altered, trail.missing);
        checks.push(match altered + missing {
            0 => check(Level::Good, "trail", trail.whole.to_string()),
            _ => check(Level::Fault, "trail-altered", format!("{altered} + {missing}")),
        });
        let faults = checks.iter().filter(|one| one.level == Level::Fault).count();
        let text: Vec<String> = checks.iter().map(|one| line(desk, one)).collect();
        let value: Vec<Value> = checks
            .iter()
            .map(|one| json!({ "level": one.level.as_str(), "code": one.code, "what": one.what, "say": sentence(desk, one) }))
            .collect();
        desk.output.say(&text.join("\n"), &json!({ "ready": faults == 0, "checks": value }))?;
        if faults == 0 { Ok(()) } else { Err(Fault::Wrong) }
    }
}

fn check(level: Level, code: &'static str, what: String) -> Check {
    Check { level, code, what }
}

fn sentence(desk: &Desk<'_>, one: &Check) -> String {
    desk.words.with(&format!("doctor-{}", one.code), &[("what", Said::from(one.what.clone()))])
}

fn line(desk: &Desk<'_>, one: &Check) -> String {
    let mark = match one.level {
        Level::Good => "✓",
        Level::Advice => "!",
        Level::Fault => "✕",
    };
    format!("{mark} {}", sentence(desk, one))
}

#[cfg(unix)]
fn mode_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).ok().map(|facts| facts.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode_of(_: &Path) -> Option<u32> {
    None
}

/// The key file is its owner's alone; the database and the folder are nobody's to write but the owner's.
fn permissions(config: &Config, dir: &Path, checks: &mut Vec<Check>) {
    let shown = |path: &Path, mode: u32| format!("{} ({mode:03o})", path.display());
    match mode_of(&config.key_file) {
        Some(mode) if mode & 0o077 != 0 => {
            checks.push(check(Level::Fault, "key-file-open", shown(&config.key_file, mode)));
        }
        _ => checks.push(check(Level::Good, "key-file", config.key_file.display().to_string())),
    }
    if let Some((path, mode)) = config.passphrase_file.as_ref().and_then(|path| Some((path, mode_of(path)?)))
        && mode & 0o077 != 0
    {
        checks.push(check(Level::Fault, "key-file-open", shown(path, mode)));
    }
    let database = match config.database_url.parse() {
        Ok(Location::Sqlite(path)) => Some(std::path::PathBuf::from(path)),
        _ => None,
    };
    for path in [Some(dir.to_owned()), database].into_iter().flatten() {
        if let Some(mode) = mode_of(&path).filter(|mode| mode & 0o002 != 0) {
            checks.push(check(Level::Fault, "writable", shown(&path, mode)));
        }
        if let Some(mode) = mode_of(&path).filter(|mode| path.is_file() && mode & 0o004 != 0) {
            checks.push(check(Level::Advice, "readable", shown(&path, mode)));
        }
    }
}

/// Room on the disk, as `df` tells it; where there is none, nothing is said.
fn disk(dir: &Path, checks: &mut Vec<Check>) {
    let Ok(told) = std::process::Command::new("df").args(["-Pk"]).arg(dir).output() else { return };
    let text = String::from_utf8_lossy(&told.stdout);
    let free = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    let Some(free) = free.map(|blocks| blocks.saturating_mul(1_024)) else { return };
    let megabytes = (free / 1_000_000).to_string();
    checks.push(if free < DISK_BYTES_MIN {
        check(Level::Fault, "disk-full", megabytes)
    } else {
        check(Level::Good, "disk", megabytes)
    });
}

/// The newest backup by its own word; where another program makes them, the newest thing in their folder.
fn backups(config: &Config, now_millis: i64, checks: &mut Vec<Check>) {
    let folder = config.backups.as_path();
    let ours = backup::list(folder);
    let newest = ours.first().map(|(_, _, at)| at.millis());
    let hours = newest.or_else(|| newest_file(folder)).map(|at| now_millis.saturating_sub(at) / 3_600_000);
    // One that was missed is no fault yet: a server is off at times.
    let old = config.backup_hours.map_or(BACKUP_HOURS_MAX, |every| i64::from(every) * 2 + 1);
    checks.push(match hours {
        None => check(Level::Advice, "backup-none", folder.display().to_string()),
        Some(hours) if hours > old => check(Level::Fault, "backup-old", hours.to_string()),
        Some(hours) => check(Level::Good, "backup", hours.to_string()),
    });
    if let Some((path, manifest, _)) = ours.first() {
        let what = path.display().to_string();
        checks.push(match (&manifest.proof, manifest.is_sealed()) {
            (Some(proof), _) if proof.counts.is_none() => check(Level::Advice, "backup-unrestored", what),
            (Some(proof), _) => check(Level::Good, "backup-proved", proof.at.clone()),
            (None, true) => check(Level::Advice, "backup-unproved", what),
            (None, false) => check(Level::Advice, "backup-open", what),
        });
    }
    if config.backup_hours.is_none() {
        checks.push(check(Level::Advice, "backup-unscheduled", String::new()));
    }
}

fn newest_file(folder: &Path) -> Option<i64> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let times = entries.filter_map(|entry| entry.metadata().ok()?.modified().ok());
    let newest = times.filter_map(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).max()?;
    i64::try_from(newest.as_millis()).ok()
}
