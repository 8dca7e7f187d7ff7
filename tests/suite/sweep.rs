//! Every call to the system of one command, failed once: with EIO, with ENOSPC, and with a SIGKILL in its place.
//! Whatever happens, what was shown is kept, what is kept is one handout, and the next try goes through.
//!
//! `strace` does the failing. A command is run once to see which calls it makes on files and on the network; then
//! once for each of them and each fault, always on a fresh copy of the same device. A few drawn ones in every test
//! run, all of them in `make proof`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::harness::client::Client;
use crate::harness::installation::{Installation, Server, Voucher, salur};
use crate::harness::proof::{figure, is_full, seed};
use crate::harness::random::Random;
use crate::harness::unit::{Said, Unit, copy_folder, device};
use crate::rush::first;

const FAULTS: [&str; 3] = ["error=EIO", "error=ENOSPC", "signal=KILL"];
/// How many points of each command a short run tries.
const FEW: usize = 10;

/// A device with leases, and a server.
struct Scene {
    installation: Installation,
    server: Server,
    unit: Unit,
    vouchers: Vec<Voucher>,
    _folder: TempDir,
}

impl Scene {
    fn set(leases: &str) -> Self {
        let installation = Installation::demo(200, 3);
        let server = installation.serve();
        let vouchers = installation.vouchers(server.base());
        let code = vouchers[0].point.clone();
        let points = Client::new(installation.token("admin")).get(server.base(), "/points?limit=500").unwrap().body;
        let point = points["items"].as_array().unwrap().iter().find(|one| one["code"] == code.as_str()).unwrap();
        let unit = Unit::enrol(&installation, server.base(), (point["id"].as_str().unwrap(), &code), "Sapuan");
        if leases != "0" {
            unit.call(&["lease", "--limit", leases]).done();
        }
        Self { installation, server, unit, vouchers, _folder: tempfile::tempdir().unwrap() }
    }

    /// A paper of the device's point that the device has a lease of.
    fn leased(&self, number: usize) -> String {
        let codes = self.vouchers.iter().filter(|one| one.point == self.unit.point).map(|one| one.code.clone());
        let good = codes.filter(|code| self.unit.call(&["verify", code]).verdict() == "valid");
        good.take(number + 1).last().expect("a lease")
    }
}

/// A place where a command can fail: the name of a call, and how many of that name have come before.
type Place = (String, u64);

/// The calls on files and on the network that a command makes.
fn places(command: &Command) -> Vec<Place> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let traced = traced(command, &["-e", "trace=%file,%desc,%network"], log.path());
    assert!(traced.code.is_some(), "{traced:?}");
    let text = std::fs::read_to_string(log.path()).unwrap();
    let mut many: BTreeMap<String, u64> = BTreeMap::new();
    for line in text.lines() {
        let call = line.split_whitespace().nth(1).unwrap_or_default();
        let call = call.split('(').next().unwrap_or_default();
        if line.contains('(')
            && !call.is_empty()
            && call.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
        {
            *many.entry(call.to_owned()).or_default() += 1;
        }
    }
    // Without its own first call there is no command to look at.
    many.remove("execve");
    many.into_iter().flat_map(|(call, many)| (1..=many).map(move |number| (call.clone(), number))).collect()
}

/// Runs a command under strace.
fn traced(command: &Command, with: &[&str], log: &Path) -> Said {
    let mut strace = Command::new("timeout");
    strace.args(["-s", "KILL", "60", "strace", "-f", "-qq", "-o"]).arg(log).args(with);
    strace.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    if let Some(dir) = command.get_current_dir() {
        strace.current_dir(dir);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    Said::of(&strace.output().expect("strace is there: run `make setup-tests`"))
}

/// Fails a command at every place (or at some) in each way. `prepare` makes the command afresh and `check` says
/// what is wrong afterwards.
fn sweep(
    what: &str,
    mut prepare: impl FnMut() -> (PathBuf, Command),
    check: impl Fn(&Path, &Said) -> Result<(), String>,
) {
    let (_, command) = prepare();
    let all = places(&command);
    assert!(all.len() > 20, "{what} makes only {} calls", all.len());
    let mut tries: Vec<(Place, &str)> =
        all.iter().flat_map(|place| FAULTS.map(|fault| (place.clone(), fault))).collect();
    if !is_full() {
        Random::seeded(seed()).shuffle(&mut tries);
        // What matters most is always among the few: the disk that does not confirm.
        tries.sort_by_key(|((call, _), _)| !matches!(call.as_str(), "fsync" | "fdatasync" | "pwrite64"));
        let rest = tries.split_off((FEW / 2).min(tries.len()));
        let mut rest = rest;
        Random::seeded(seed() + 1).shuffle(&mut rest);
        rest.truncate(FEW - FEW / 2);
        tries.extend(rest);
    }
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut faults = Vec::new();
    for ((call, number), fault) in &tries {
        let (folder, command) = prepare();
        let inject = format!("inject={call}:{fault}:when={number}");
        let trace = format!("trace={call}");
        let said = traced(&command, &["-e", &trace, "-e", &inject], log.path());
        if let Err(why) = check(&folder, &said) {
            faults.push(format!("{what}, {call} {number} with {fault}: {why} ({said:?})"));
        }
    }
    assert!(faults.is_empty(), "{} of {} went wrong:\n{}", faults.len(), tries.len(), first(&faults, 10));
    figure(&format!(
        "sweep of {what}: {} calls, {} faults, 0 broken promises (3/{})",
        all.len(),
        tries.len(),
        tries.len()
    ));
}

fn must(condition: bool, why: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(why.to_owned()) }
}

/// Copies of a device's folder, each for one try; the copies before are taken away.
struct Copies {
    folder: TempDir,
    made: u32,
}

impl Copies {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), made: 0 }
    }

    fn of(&mut self, unit: &Path) -> PathBuf {
        if self.made > 0 {
            let _ = std::fs::remove_dir_all(self.folder.path().join(self.made.to_string()));
        }
        self.made += 1;
        copy_folder(unit, &self.folder.path().join(self.made.to_string()))
    }
}

fn run(folder: &Path, args: &[&str]) -> Said {
    Said::of(&device(folder, args).output().unwrap())
}

fn status(folder: &Path) -> Result<serde_json::Value, String> {
    let said = run(folder, &["status"]);
    must(said.code == Some(0), &format!("its file cannot be opened: {}", said.complaint))?;
    Ok(said.body)
}

#[test]
fn a_handout_that_fails_anywhere_is_green_and_kept_or_neither_and_never_two() {
    let scene = Scene::set("3");
    let code = scene.leased(0);
    let (wish, other) = ("6f1c0b53-97d6-4f34-9d3a-6d1a35a3b001", "6f1c0b53-97d6-4f34-9d3a-6d1a35a3b002");
    let args = ["redeem", &code, "--id", wish, "--offline"];
    let mut copies = Copies::new();
    sweep(
        "a handout",
        || {
            let folder = copies.of(scene.unit.dir());
            let command = device(&folder, &args);
            (folder, command)
        },
        |folder, said| {
            let kept = status(folder)?["seq"].as_u64().unwrap_or(99);
            must(said.verdict() != "valid" || kept == 1, "green, and nothing kept")?;
            must(kept <= 1, "kept twice")?;
            let again = run(folder, &args);
            must(again.verdict() == "valid", &format!("the same wish again is not green: {again:?}"))?;
            let copy = run(folder, &["redeem", &code, "--id", other, "--offline"]);
            must(copy.verdict() == "already_redeemed", &format!("a photocopy: {copy:?}"))?;
            must(status(folder)?["seq"] == 1, "one receipt")
        },
    );
}

#[test]
fn a_sync_a_lease_and_a_return_that_fail_anywhere_go_through_the_next_time() {
    let scene = Scene::set("4");
    let code = scene.leased(0);
    scene.unit.call(&["redeem", &code, "--offline"]).done();
    let mut copies = Copies::new();
    // All copies are one device with one receipt: whatever comes twice is the same.
    sweep(
        "a sync",
        || {
            let folder = copies.of(scene.unit.dir());
            let command = device(&folder, &["sync"]);
            (folder, command)
        },
        |folder, _| {
            let said = run(folder, &["sync"]);
            must(said.code == Some(0), &format!("the next sync: {said:?}"))?;
            let after = status(folder)?;
            must(after["counts"]["unsynced"] == 0 && after["seq"] == 1, &format!("not told: {after}"))?;
            must(after["stopped"].is_null(), "taken for a copy")
        },
    );
    let fresh = Scene::set("0");
    sweep(
        "a lease",
        || {
            let folder = copies.of(fresh.unit.dir());
            let command = device(&folder, &["lease", "--limit", "4"]);
            (folder, command)
        },
        |folder, _| {
            let said = run(folder, &["lease", "--limit", "4"]);
            must(said.code == Some(0), &format!("the next time: {said:?}"))?;
            must(status(folder)?["counts"]["open"] == 4, "four leases")
        },
    );
    sweep(
        "a return",
        || {
            let folder = copies.of(scene.unit.dir());
            let command = device(&folder, &["return"]);
            (folder, command)
        },
        |folder, _| {
            let said = run(folder, &["return"]);
            must(said.code == Some(0), &format!("the next time: {said:?}"))?;
            let counts = status(folder)?["counts"].clone();
            must(counts["open"] == 0 && counts["untold"] == 0, &format!("not given back: {counts}"))
        },
    );
    let held: Vec<_> = scene.installation.vouchers(scene.server.base());
    let redeemed = held.iter().filter(|one| one.state == "redeemed").count();
    assert_eq!(redeemed, 1, "one receipt of many copies is one handout");
}

#[test]
fn a_backup_that_fails_anywhere_leaves_none_or_a_whole_one() {
    if std::env::var("SALUR_TEST_DB").is_ok_and(|engine| engine == "postgres") {
        return; // There the work is pg_dump's own.
    }
    let installation = Installation::demo(40, 3);
    let folder = tempfile::tempdir().unwrap();
    let mut made = 0;
    sweep(
        "a backup",
        || {
            made += 1;
            let output = folder.path().join(made.to_string());
            let mut command = salur(installation.dir(), None);
            command.args(["backup", "--json", "--dir"]).arg(installation.dir()).arg("--output").arg(&output);
            (output, command)
        },
        |output, said| {
            let whole = output.join("manifest.json").exists() && output.join("salur.db").exists();
            must(whole == output.exists(), "half a backup has the name of a whole one")?;
            must(said.code != Some(0) || whole, "said to be done, and is not there")?;
            let _ = std::fs::remove_dir_all(output);
            Ok(())
        },
    );
}

#[test]
fn a_disk_that_is_full_stops_the_handouts_and_loses_none() {
    let scene = Scene::set("0");
    scene.unit.call(&["lease"]).done();
    let place = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "salur-test"])
        .arg(place.path())
        .output()
        .is_ok_and(|said| said.status.success());
    if !mounted {
        return figure("disk full: not tried, for only root may mount a small file system");
    }
    let unmount = Unmount(place.path().to_owned());
    let folder = copy_folder(scene.unit.dir(), &place.path().join("unit"));
    // What is left is a little less than the leases of the point will need.
    let filler = place.path().join("filler");
    let mut bytes = 1_100_000_usize;
    while bytes > 0 && std::fs::write(&filler, vec![7_u8; bytes]).is_err() {
        bytes -= 4_096;
    }
    let room = 40 * 1_024;
    std::fs::write(&filler, vec![7_u8; bytes.saturating_sub(room)]).unwrap();
    let (mut green, mut stopped) = (0, false);
    let papers: Vec<&Voucher> = scene.vouchers.iter().filter(|one| one.point == scene.unit.point).collect();
    for paper in &papers {
        let said = run(&folder, &["redeem", &paper.code, "--offline"]);
        green += u64::from(said.verdict() == "valid");
        if said.code == Some(3) {
            stopped = true;
            break;
        }
    }
    std::fs::remove_file(&filler).unwrap();
    let after = run(&folder, &["status"]);
    let kept = after.body["seq"].as_u64().unwrap_or(0);
    assert!(after.code == Some(0) && kept >= green, "{green} green, {kept} kept: {after:?}");
    assert!(kept <= green + 1, "{green} green, {kept} kept");
    for paper in &papers {
        run(&folder, &["redeem", &paper.code, "--offline"]);
    }
    let after = run(&folder, &["status"]).body;
    assert_eq!(after["seq"].as_u64(), Some(papers.len() as u64), "with room again, everybody is served");
    figure(&format!("disk full (stopped: {stopped}): {green} green before, {kept} kept, {} at the end", papers.len()));
    drop(unmount);
}

struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_server_whose_disk_does_not_confirm_acknowledges_nothing_that_is_gone() {
    if std::env::var("SALUR_TEST_DB").is_ok_and(|engine| engine == "postgres") {
        return; // There the disk is PostgreSQL's own; see failover.rs.
    }
    let tries: Vec<(&str, &str, u64)> = {
        let calls = ["fsync", "fdatasync", "pwrite64", "write", "openat", "ftruncate"];
        let mut all: Vec<_> = calls
            .into_iter()
            .flat_map(|call| {
                FAULTS.into_iter().flat_map(move |fault| (0..12).map(move |at| (call, fault, 1 + at * at)))
            })
            .collect();
        if !is_full() {
            Random::seeded(seed()).shuffle(&mut all);
            all.truncate(4);
        }
        all
    };
    let mut broken = Vec::new();
    for (call, fault, number) in &tries {
        let installation = Installation::demo(40, 3);
        let vouchers = {
            let server = installation.serve();
            installation.vouchers(server.base())
        };
        let inject = format!("inject={call}:{fault}:when={number}");
        let mut acknowledged = Vec::new();
        if let Some(server) = installation.try_serve_under(&[
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &format!("trace={call}"),
            "-e",
            &inject,
        ]) {
            let mut random = Random::seeded(seed());
            for voucher in &vouchers {
                let id = random.uuid();
                let body = serde_json::json!({ "id": id, "code": voucher.code, "collector": { "kind": "self", "id_seen": true } });
                let desk = Client::new(installation.device_token(&voucher.point));
                if let Ok(answer) = desk.post(server.base(), "/redemptions", &body)
                    && matches!(answer.status, 200 | 201)
                {
                    acknowledged.push((voucher.point.clone(), id, answer.body));
                }
            }
        }
        let server = installation.serve();
        for (point, id, receipt) in acknowledged {
            let desk = Client::new(installation.device_token(&point));
            let kept = desk.get(server.base(), &format!("/redemptions/{id}")).unwrap();
            if (kept.status, &kept.body) != (200, &receipt) {
                broken.push(format!("{call} {number} with {fault}: {id} was acknowledged and is {}", kept.status));
            }
        }
    }
    assert!(broken.is_empty(), "{}", first(&broken, 10));
    figure(&format!("sweep of the server: {} faults, 0 acknowledged receipts lost (3/{})", tries.len(), tries.len()));
}
