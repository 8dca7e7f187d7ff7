//! `make load`: a distribution day, squeezed. Twenty points with two desks each: one on the network, one that leases in
//! the morning, hands out without network and syncs in the evening; people who come with a photocopy, to the wrong point
//! or without their paper; finance with the dashboard open. The day has ten hours, with the crowd of the morning; each is
//! as long as its redemptions take.
//!
//! `SALUR_LOAD_HOUSEHOLDS` (1,000,000), `SALUR_LOAD_COMING` (the part of them that comes, in a hundred), `SALUR_LOAD_OFFLINE`
//! (the handouts of each desk without network), `SALUR_LOAD_DATABASE_URL` (an empty PostgreSQL in place of SQLite).

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::redeem::{Figures, Salur, cpu_of, random_id, salur, serve};
use super::wire::{self, Connection};

/// How many of each hundred come in each hour: from eight to six, most of them in the morning.
const HOURS: [usize; 10] = [14, 18, 17, 13, 6, 8, 9, 8, 5, 2];

fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

struct Voucher {
    entitlement: String,
    point: String,
    code: String,
    name: String,
}

/// What a desk without network keeps in a folder of its own.
struct Unit {
    dir: TempDir,
    codes: Vec<String>,
}

/// How long each kind of call took.
#[derive(Default)]
struct Clock(Mutex<BTreeMap<&'static str, Vec<Duration>>>);

impl Clock {
    fn of<T>(&self, what: &'static str, call: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let answer = call();
        self.0.lock().unwrap().entry(what).or_default().push(began.elapsed());
        answer
    }
}

pub(crate) fn run() {
    let households = setting("SALUR_LOAD_HOUSEHOLDS", 1_000_000);
    let coming = setting("SALUR_LOAD_COMING", 100).min(100);
    let offline = setting("SALUR_LOAD_OFFLINE", 200);
    let database = std::env::var("SALUR_LOAD_DATABASE_URL").ok();
    let made = Salur::demo(households, database.as_deref());
    let (mut server, address) = serve(made.dir.path(), database.as_deref());
    let mut points = vouchers(&address, &made.demo);
    println!("  {households} households, {} points, {coming} of a hundred come", points.len());

    let base = format!("http://{address}");
    let began = Instant::now();
    let units: Vec<Unit> = points
        .iter_mut()
        .map(|(point, there)| {
            let mine = there.split_off(there.len() - offline.min(there.len() / 4));
            unit(&base, &address, &made.demo, point, &mine)
        })
        .collect();
    println!("  {} desks without network enrolled and leased in {:.0} s", units.len(), began.elapsed().as_secs_f64());

    // Of all who come to a point, and not of those who are still to come.
    let coming: BTreeMap<String, usize> =
        points.iter().map(|(point, there)| (point.clone(), there.len() * coming / 100)).collect();
    let cpu = cpu_of(server.id());
    let (clock, over) = (Clock::default(), AtomicBool::new(false));
    let handed = AtomicUsize::new(0);
    let day = Instant::now();
    println!("\n{:<8} {:>10} {:>8} {:>8} {:>8} {:>10}", "hour", "handouts", "a second", "p50", "p99", "server MiB");
    std::thread::scope(|scope| {
        let away: Vec<_> = units.iter().map(|unit| scope.spawn(|| unit.hand_out())).collect();
        scope.spawn(|| finance(&address, &made.demo, &clock, &over));
        for (hour, share) in HOURS.into_iter().enumerate() {
            let (began, each) = (Instant::now(), Mutex::new(Vec::new()));
            std::thread::scope(|scope| {
                let names: Vec<String> = points.keys().cloned().collect();
                for (place, (point, there)) in points.iter_mut().enumerate() {
                    let count = (coming[point.as_str()] * share).div_ceil(100);
                    let mine = there.split_off(there.len() - count.min(there.len()));
                    let wrong = made.demo["device_tokens"][&names[(place + 1) % names.len()]].as_str().unwrap();
                    let token = made.demo["device_tokens"][point.as_str()].as_str().unwrap();
                    let coordinator = made.demo["tokens"]["coordinator"].as_str().unwrap();
                    let (address, clock, each, handed) = (&address, &clock, &each, &handed);
                    scope.spawn(move || {
                        let mut own = Vec::with_capacity(mine.len());
                        desk(address, [token, wrong, coordinator], &mine, clock, &mut own);
                        handed.fetch_add(own.len(), Ordering::Relaxed);
                        each.lock().unwrap().extend(own);
                    });
                }
            });
            let figures = Figures::of(each.into_inner().unwrap(), began.elapsed());
            println!(
                "{:02}.00    {:>10} {:>8.0} {:>8.2} {:>8.2} {:>10.1}",
                8 + hour,
                handed.load(Ordering::Relaxed),
                figures.rate,
                ms(figures.p50),
                ms(figures.p99),
                wire::status(server.id(), "VmRSS").unwrap_or_default() / 1_024.0
            );
        }
        over.store(true, Ordering::Relaxed);
        for one in away {
            one.join().unwrap();
        }
    });
    let synced = Instant::now();
    for unit in &units {
        unit.call(&["sync"], "");
    }
    println!(
        "\nevening: {} desks synced in {:.1} s; the day took {:.0} s, the server {:.0} s of CPU",
        units.len(),
        synced.elapsed().as_secs_f64(),
        day.elapsed().as_secs_f64(),
        cpu_of(server.id()) - cpu
    );
    for (what, mut each) in clock.0.into_inner().unwrap() {
        each.sort_unstable();
        let at = |share: usize| ms(each[(each.len() - 1) * share / 1_000]);
        println!(
            "{what:<24} {:>9} calls, p50 {:>8.2}, p99 {:>8.2}, longest {:>8.2} ms",
            each.len(),
            at(500),
            at(990),
            at(1_000)
        );
    }
    let expected = handed.into_inner() + units.iter().map(|unit| unit.codes.len()).sum::<usize>();
    let kept = redeemed(&address, &made.demo);
    println!("handed over and told so: {expected}; redeemed in the books: {kept}");
    assert_eq!(kept, expected, "nothing that was acknowledged is lost, and nothing is there that was not");
    server.kill().unwrap();
    server.wait().unwrap();
}

/// One desk on the network for an hour: it looks, hands over, and meets what people come with. Who has lost the paper is
/// looked for by the coordinator.
fn desk(
    address: &str,
    [token, wrong, coordinator]: [&str; 3],
    mine: &[Voucher],
    clock: &Clock,
    own: &mut Vec<Duration>,
) {
    let (mut here, mut elsewhere) = (Connection::open(address), Connection::open(address));
    let collector = json!({ "kind": "self", "id_seen": true });
    for (place, voucher) in mine.iter().enumerate() {
        let seen = json!({ "code": voucher.code }).to_string();
        if place % 50 == 7 {
            // To the wrong point first.
            let (status, _) = clock.of("wrong point", || {
                let (status, said) = elsewhere.post("/api/v1/verifications", wrong, seen.as_bytes());
                (status, said.len())
            });
            assert_eq!(status, 200);
        }
        if place % 40 == 11 {
            let tail: String = voucher.name.chars().take_while(|sign| sign.is_alphabetic()).collect();
            let asked = json!({ "q": tail }).to_string();
            let status = clock
                .of("search by name", || here.post("/api/v1/households/searches", coordinator, asked.as_bytes()).0);
            assert_eq!(status, 200, "{asked}");
        }
        let status = clock.of("verify", || here.post("/api/v1/verifications", token, seen.as_bytes()).0);
        assert_eq!(status, 200);
        let body = json!({ "id": random_id(), "code": voucher.code, "collector": collector }).to_string();
        let began = Instant::now();
        let (status, said) = here.post("/api/v1/redemptions", token, body.as_bytes());
        own.push(began.elapsed());
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(said));
        if place % 100 == 13 {
            // The photocopy.
            let body = json!({ "id": random_id(), "code": voucher.code, "collector": collector }).to_string();
            let status = clock.of("photocopy", || here.post("/api/v1/redemptions", token, body.as_bytes()).0);
            assert_eq!(status, 409);
        }
    }
}

/// The dashboard, as a page that refreshes by itself every few seconds, and the books once in a while.
fn finance(address: &str, demo: &Value, clock: &Clock, over: &AtomicBool) {
    let token = demo["tokens"]["finance"].as_str().unwrap();
    let round = demo["round_id"].as_str().unwrap();
    let mut connection = Connection::open(address);
    while !over.load(Ordering::Relaxed) {
        let path = format!("/api/v1/rounds/{round}/reconciliation");
        assert_eq!(clock.of("reconciliation", || connection.get(&path, token).0), 200);
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(250));
            if over.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

fn redeemed(address: &str, demo: &Value) -> usize {
    let token = demo["tokens"]["finance"].as_str().unwrap();
    let path = format!("/api/v1/rounds/{}/reconciliation", demo["round_id"].as_str().unwrap());
    let mut connection = Connection::open(address);
    let (status, said) = connection.get(&path, token);
    assert_eq!(status, 200);
    let books: Value = serde_json::from_slice(said).unwrap();
    usize::try_from(books["entitlements"]["redeemed"].as_u64().unwrap()).unwrap()
}

/// All vouchers of the round, by point.
fn vouchers(address: &str, demo: &Value) -> BTreeMap<String, Vec<Voucher>> {
    let issuer = demo["tokens"]["issuer"].as_str().unwrap();
    let round = demo["round_id"].as_str().unwrap();
    let mut connection = Connection::open(address);
    let (mut all, mut after) = (BTreeMap::<String, Vec<Voucher>>::new(), String::new());
    loop {
        let path = format!("/api/v1/rounds/{round}/vouchers?limit=500{after}");
        let (status, said) = connection.get(&path, issuer);
        assert_eq!(status, 200);
        let page: Value = serde_json::from_slice(said).unwrap();
        for voucher in page["items"].as_array().unwrap() {
            let text = |name: &str| voucher[name].as_str().unwrap().to_owned();
            let one = Voucher {
                entitlement: text("entitlement_id"),
                point: text("point"),
                code: text("code"),
                name: text("household"),
            };
            all.entry(one.point.clone()).or_default().push(one);
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

fn unit(base: &str, address: &str, demo: &Value, point: &str, mine: &[Voucher]) -> Unit {
    let coordinator = demo["tokens"]["coordinator"].as_str().unwrap();
    let new = json!({ "name": "Sungai", "point_id": point_id(address, coordinator, point) }).to_string();
    let mut connection = Connection::open(address);
    let (status, said) = connection.post("/api/v1/enrolments", coordinator, new.as_bytes());
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(said));
    let invited: Value = serde_json::from_slice(said).unwrap();
    let unit = Unit {
        dir: tempfile::Builder::new().prefix("salur-load-").tempdir().unwrap(),
        codes: mine.iter().map(|voucher| voucher.code.clone()).collect(),
    };
    unit.call(&["enrol", "--server", base, "--code", invited["code"].as_str().unwrap()], "");
    let operator = format!("petugas-{}", point.to_lowercase());
    unit.call(&["operator", &operator], "salur-demo-2026\n");
    let wanted: Vec<&str> = mine.iter().map(|voucher| voucher.entitlement.as_str()).collect();
    unit.call(&[&["lease"], wanted.as_slice()].concat(), "");
    unit
}

fn point_id(address: &str, token: &str, code: &str) -> String {
    let mut connection = Connection::open(address);
    let (status, said) = connection.get("/api/v1/points?limit=500", token);
    assert_eq!(status, 200);
    let points: Value = serde_json::from_slice(said).unwrap();
    let found = points["items"].as_array().unwrap().iter().find(|point| point["code"] == code);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

impl Unit {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = salur(None);
        command.arg("device").args(args).arg("--dir").arg(self.dir.path()).arg("--json");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A command that has to go well. The limits that keep guessers away are met by a whole fleet on one address: it asks
    /// again a little later.
    fn call(&self, args: &[&str], input: &str) {
        for _ in 0..120 {
            let mut child = self.command(args).spawn().unwrap();
            child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
            let said = child.wait_with_output().unwrap();
            let complaint = String::from_utf8_lossy(&said.stderr);
            if said.status.success() {
                return;
            }
            assert!(complaint.contains("too_many_requests"), "{args:?}: {complaint}");
            std::thread::sleep(Duration::from_secs(1));
        }
        panic!("{args:?}: refused for two minutes");
    }

    /// The day at a point without network.
    fn hand_out(&self) {
        let mut child = self.command(&["run", "--offline"]).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut stdin = child.stdin.take().unwrap();
        for code in &self.codes {
            writeln!(stdin, "{code}").unwrap();
            let answer = lines.by_ref().map(Result::unwrap).find(|line| line.contains("\"verdict\"")).unwrap();
            assert!(answer.contains("\"valid\""), "{answer}");
        }
        drop(stdin);
        assert!(child.wait().unwrap().success());
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
