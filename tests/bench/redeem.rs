//! Redemptions over HTTP by the real server, on both engines, beside what the engine, the web server and the
//! signatures can do by themselves in the same run.
//!
//! Each client keeps one connection and posts one redemption after the other, as `contract` says: a code that was
//! printed, the token of a device at the voucher's point. The server is a process of its own, so that its CPU is told
//! from the clients'. `SALUR_BENCH_VOUCHERS` and `SALUR_BENCH_DB=sqlite|postgres` make it shorter; `SALUR_BENCH_PROGRAM` names
//! another build of the program.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::bare;
use super::postgres;
use super::results::{self, Goal};
use super::wire::{self, Connection};

const CLIENTS: [usize; 3] = [1, 8, 32];
/// How many vouchers, unless `SALUR_BENCH_VOUCHERS` says otherwise.
const VOUCHERS: usize = 40_000;
/// The most time for one number of clients.
const AT_MOST: Duration = Duration::from_secs(10);

/// One voucher, ready to be posted.
#[derive(Debug)]
struct Ready {
    token: String,
    code: String,
}

/// What one number of clients came to.
pub(crate) struct Figures {
    pub(crate) rate: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Figures {
    pub(crate) fn of(mut each: Vec<Duration>, took: Duration) -> Self {
        each.sort_unstable();
        let at = |share: usize| each.get(each.len() * share / 100).copied().unwrap_or_default();
        Self { rate: each.len() as f64 / took.as_secs_f64(), p50: at(50), p99: at(99) }
    }
}

/// The CPU that one redemption took, in microseconds.
#[derive(Default, Clone, Copy)]
struct Cpu {
    server: f64,
    database: f64,
    clients: f64,
}

pub(crate) fn run() {
    let vouchers = std::env::var("SALUR_BENCH_VOUCHERS").ok().and_then(|text| text.parse().ok()).unwrap_or(VOUCHERS);
    let only = std::env::var("SALUR_BENCH_DB").unwrap_or_default();
    println!("{vouchers} vouchers; rates a second, times in milliseconds, CPU in microseconds a redemption\n");
    println!(
        "{:<34} {:>7} {:>9} {:>8} {:>8} {:>8} {:>9} {:>8} {:>7}",
        "what", "clients", "rate", "p50", "p99", "server", "database", "clients", "ratio"
    );
    let (verify, sign) = bare::signatures();
    let mut empty = BTreeMap::new();
    for clients in CLIENTS {
        let figures = bare::empty_handler(clients);
        line("actix, empty handler", clients, &figures, None, None);
        empty.insert(clients, figures.rate);
    }
    if only != "postgres" {
        let folder = tempfile::tempdir().unwrap();
        let one = bare::sqlite(folder.path(), 1);
        let many = bare::sqlite(folder.path(), 64);
        line("SQLite bare, 1 a commit", 1, &one, None, None);
        line("SQLite bare, 64 a commit", 1, &many, None, None);
        let salur = Salur::start(vouchers, None);
        for (clients, figures, cpu) in salur.redeem_all() {
            line("Salur on SQLite / 1 a commit", clients, &figures, Some(cpu), Some(figures.rate / one.rate));
            if clients == 32 {
                results::ratio(
                    "redeem, SQLite, 32 clients / bare, 1 a commit",
                    figures.rate / one.rate,
                    Some(Goal::AtLeast(1.0)),
                );
                results::ratio(
                    "redeem, SQLite, 32 clients / bare, 64 a commit",
                    figures.rate / many.rate,
                    Some(Goal::AtLeast(0.5)),
                );
                promised("SQLite", &figures, cpu);
                line("Salur on SQLite / 64 a commit", clients, &figures, Some(cpu), Some(figures.rate / many.rate));
            }
        }
    }
    if only != "sqlite" {
        let cluster = postgres::Cluster::start(postgres::Mode::Durable);
        let url = cluster.empty_database();
        let bench = bare::PgBench::prepare(&postgres::newest_binaries(), &url);
        let mut single = BTreeMap::new();
        for clients in CLIENTS {
            let figures = bench.run(clients);
            line("pgbench, one statement", clients, &figures, None, None);
            single.insert(clients, figures.rate);
        }
        let salur = Salur::start(vouchers, Some(cluster.empty_database()));
        let pids = || -> Vec<u32> {
            let name = salur.database_url.as_deref().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            cluster.psql(name, "SELECT pid FROM pg_stat_activity").lines().filter_map(|pid| pid.parse().ok()).collect()
        };
        for (clients, figures, cpu) in salur.redeem_all_with(&pids) {
            line("Salur on PostgreSQL / pgbench", clients, &figures, Some(cpu), Some(figures.rate / single[&clients]));
            if clients == 32 {
                let ratio = figures.rate / single[&clients];
                results::ratio("redeem, PostgreSQL, 32 clients / pgbench", ratio, Some(Goal::AtLeast(0.6)));
                promised("PostgreSQL", &figures, cpu);
            }
        }
    }
    println!(
        "\nsignatures alone: {:.0} verified and {:.0} signed a CPU second: {:.0} µs for one of each",
        verify,
        sign,
        1e6 / verify + 1e6 / sign
    );
}

/// What is promised in seconds, as parts of the promise.
fn promised(engine: &str, figures: &Figures, cpu: Cpu) {
    let at_most = |what: &str, value: f64| {
        results::ratio(format!("redeem, {engine}, 32 clients: {what}"), value, Some(Goal::AtMost(1.0)));
    };
    at_most("p99 / 25 ms", figures.p99.as_secs_f64() / 0.025);
    at_most("CPU / 0.2 ms", (cpu.server + cpu.database) / 200.0);
}

fn line(what: &str, clients: usize, figures: &Figures, cpu: Option<Cpu>, ratio: Option<f64>) {
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    print!("{what:<34} {clients:>7} {:>9.0} {:>8.2} {:>8.2}", figures.rate, ms(figures.p50), ms(figures.p99));
    if let Some(cpu) = cpu {
        print!(" {:>8.0} {:>9.0} {:>8.0}", cpu.server, cpu.database, cpu.clients);
    } else {
        print!(" {:>8} {:>9} {:>8}", "", "", "");
    }
    println!(" {:>7}", ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default());
}

/// A demonstration in a folder.
pub(crate) struct Made {
    pub(crate) dir: TempDir,
    pub(crate) demo: Value,
}

/// A demonstration and its server.
pub(crate) struct Salur {
    _made: Made,
    server: Child,
    address: String,
    database_url: Option<String>,
    ready: Mutex<Vec<Ready>>,
}

impl Drop for Salur {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The program, with nothing of the settings of this one.
pub(crate) fn salur(database_url: Option<&str>) -> Command {
    // Another build of the program can be measured by the same bench.
    let program = std::env::var("SALUR_BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_salur").to_owned());
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SALUR_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stderr(Stdio::null());
    if let Some(url) = database_url {
        command.env("SALUR_DATABASE_URL", url);
    }
    command
}

impl Salur {
    pub(crate) fn demo(households: usize, database_url: Option<&str>) -> Made {
        let dir = tempfile::Builder::new().prefix("salur-bench-").tempdir().unwrap();
        let began = Instant::now();
        let made = salur(database_url)
            .args(["demo", "--json", "--households", &households.to_string(), "--dir"])
            .arg(dir.path())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert!(made.status.success(), "salur demo: {}", String::from_utf8_lossy(&made.stderr));
        println!("  (the demonstration took {:.1} s)", began.elapsed().as_secs_f64());
        Made { dir, demo: serde_json::from_slice(&made.stdout).unwrap() }
    }

    fn start(vouchers: usize, database_url: Option<String>) -> Self {
        let made = Self::demo(vouchers, database_url.as_deref());
        let (server, address) = serve(made.dir.path(), database_url.as_deref());
        let ready = Mutex::new(vouchers_of(&address, &made.demo));
        Self { _made: made, server, address, database_url, ready }
    }

    fn redeem_all(&self) -> Vec<(usize, Figures, Cpu)> {
        self.redeem_all_with(&Vec::new)
    }

    fn redeem_all_with(&self, backends: &dyn Fn() -> Vec<u32>) -> Vec<(usize, Figures, Cpu)> {
        let all = self.ready.lock().unwrap().len();
        // The first ones warm caches and connections, and count for nothing.
        self.redeem(8, all / 20);
        CLIENTS
            .into_iter()
            .zip([all / 10, all / 4, all / 2])
            .map(|(clients, count)| {
                let pids = backends();
                let before = (cpu_of(self.server.id()), cpu_of_all(&pids), cpu_of(std::process::id()));
                let (figures, done) = self.redeem(clients, count);
                let after = (cpu_of(self.server.id()), cpu_of_all(&pids), cpu_of(std::process::id()));
                let each = |before: f64, after: f64| (after - before) * 1e6 / done as f64;
                let cpu = Cpu {
                    server: each(before.0, after.0),
                    database: each(before.1, after.1),
                    clients: each(before.2, after.2),
                };
                (clients, figures, cpu)
            })
            .collect()
    }

    fn redeem(&self, clients: usize, count: usize) -> (Figures, usize) {
        let mut ready = self.ready.lock().unwrap();
        let at = ready.len() - count.min(ready.len());
        let mine = ready.split_off(at);
        drop(ready);
        let next = AtomicUsize::new(0);
        let each = Mutex::new(Vec::with_capacity(mine.len()));
        let began = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..clients {
                scope.spawn(|| {
                    let mut connection = Connection::open(&self.address);
                    let mut own = Vec::new();
                    while began.elapsed() < AT_MOST {
                        let Some(one) = mine.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                        let collector = json!({ "kind": "self", "id_seen": true });
                        let body = json!({ "id": random_id(), "code": one.code, "collector": collector }).to_string();
                        let sent = Instant::now();
                        let (status, said) = connection.post("/api/v1/redemptions", &one.token, body.as_bytes());
                        own.push(sent.elapsed());
                        assert_eq!(status, 201, "{}", String::from_utf8_lossy(said));
                    }
                    each.lock().unwrap().extend(own);
                });
            }
        });
        let took = began.elapsed();
        let each = each.into_inner().unwrap();
        let done = each.len();
        (Figures::of(each, took), done)
    }
}

pub(crate) fn random_id() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

pub(crate) fn serve(dir: &Path, database_url: Option<&str>) -> (Child, String) {
    let mut server = salur(database_url)
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut out = std::io::BufReader::new(server.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut said).unwrap();
    let address = said.trim().rsplit("http://").next().unwrap().to_owned();
    assert!(said.contains("listening on"), "{said}");
    (server, address)
}

/// All vouchers of the round in an order that mixes the points, each with the token of the device at its point.
fn vouchers_of(address: &str, demo: &Value) -> Vec<Ready> {
    let issuer = demo["tokens"]["issuer"].as_str().unwrap();
    let round = demo["round_id"].as_str().unwrap();
    let mut connection = Connection::open(address);
    let (mut ready, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/rounds/{round}/vouchers?limit=500{after}");
        let (status, said) = connection.get(&path, issuer);
        assert_eq!(status, 200);
        let page: Value = serde_json::from_slice(said).unwrap();
        for voucher in page["items"].as_array().unwrap() {
            let text = |name: &str| voucher[name].as_str().unwrap();
            let token = demo["device_tokens"][text("point")].as_str().unwrap().to_owned();
            ready.push(Ready { token, code: text("code").to_owned() });
        }
        // Ids of entitlements are random, and the list is in their order: the points are mixed.
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return ready,
        }
    }
}

/// Seconds of CPU that a process has used, over all its threads.
pub(crate) fn cpu_of(pid: u32) -> f64 {
    wire::stat(pid, 13, 2).into_iter().sum::<f64>() / 100.0
}

fn cpu_of_all(pids: &[u32]) -> f64 {
    pids.iter().map(|pid| cpu_of(*pid)).sum()
}
