//! How long an office waits for a server on a database that is there, what that server takes of memory, and how fast a
//! round is issued and with how much.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::redeem::{Salur, salur, serve};
use super::results::{self, Goal};
use super::wire::{self, Connection};

const STARTS: usize = 10;
/// How many households, unless `SALUR_BENCH_VOUCHERS` says otherwise.
const HOUSEHOLDS: usize = 40_000;

/// From the start of the program to the first answer, and its memory after that, at rest.
pub(crate) fn run() {
    let made = Salur::demo(1_000, None);
    let mut each = Vec::new();
    let mut resident = 0.0;
    for _ in 0..STARTS {
        let began = Instant::now();
        let (mut server, address) = serve(made.dir.path(), None);
        assert_eq!(Connection::open(&address).get("/readyz", "nobody").0, 200);
        each.push(began.elapsed());
        resident = memory(server.id(), "VmRSS");
        server.kill().unwrap();
        server.wait().unwrap();
    }
    each.sort_unstable();
    println!("first answer: median {:.0} ms, longest {:.0} ms of {STARTS}", ms(each[STARTS / 2]), ms(each[STARTS - 1]));
    println!("resident after it: {resident:.1} MiB");
    results::ratio("first answer / 100 ms", ms(each[STARTS / 2]) / 100.0, Some(Goal::AtMost(1.0)));
    results::ratio("resident at rest / 64 MiB", resident / 64.0, Some(Goal::AtMost(1.0)));
}

/// A second round for the same households.
pub(crate) fn run_issue() {
    let households =
        std::env::var("SALUR_BENCH_VOUCHERS").ok().and_then(|text| text.parse().ok()).unwrap_or(HOUSEHOLDS);
    let made = Salur::demo(households, None);
    let round = {
        let (mut server, address) = serve(made.dir.path(), None);
        let programme = made.demo["programme_id"].as_str().unwrap();
        let issuer = made.demo["tokens"]["issuer"].as_str().unwrap();
        let mut connection = Connection::open(&address);
        let (_, said) = connection.get(&format!("/api/v1/rounds?programme={programme}"), issuer);
        let rounds: Value = serde_json::from_slice(said).unwrap();
        let second = rounds["items"].as_array().unwrap().iter().find(|round| round["number"] == 2);
        let id = second.unwrap()["id"].as_str().unwrap().to_owned();
        server.kill().unwrap();
        server.wait().unwrap();
        id
    };
    let began = Instant::now();
    let mut issuing = salur(None)
        .args(["issue", "--json", "--as", "issuer", "--round", &round, "--dir"])
        .arg(made.dir.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak: f64 = 0.0;
    let ended = loop {
        peak = peak.max(memory(issuing.id(), "VmHWM"));
        if let Some(status) = issuing.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(ended.success());
    let took = began.elapsed().as_secs_f64();
    let rate = households as f64 / took;
    results::ratio("issue / 20,000 a second", rate / 20_000.0, Some(Goal::AtLeast(1.0)));
    println!("{households} entitlements issued in {took:.2} s: {:.0} a second; at most {peak:.1} MiB", rate);
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A figure of `/proc/PID/status`, in MiB; nothing for a process that has ended.
fn memory(pid: u32, name: &str) -> f64 {
    wire::status(pid, name).unwrap_or_default() / 1_024.0
}
