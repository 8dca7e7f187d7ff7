//! What the log costs a redemption, on both engines; and how long an auditor waits for a whole log, beside
//! hashing its entries and checking its signatures with nothing around them.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::postgres;
use ciborium::Value;
use salur::clock::{SystemClock, SystemEntropy};
use salur::domain::id::{AttemptId, EntitlementId, Identifier as _, RedemptionId, UserId};
use salur::domain::redemption::{Collector, CollectorKind, Paper};
use salur::domain::role::Role;
use salur::service::{Actor, Claim, DemoWanted, Listed, LogKeeper, Named, Office, prepare};
use salur::store::attempts::{Attempt, Kind};
use salur::store::{self, Pool};
use salur::token::VerifyingKey;
use salur::transparency::tree::leaf_hash;
use salur::transparency::{Kind as LeafKind, Leaf};
use salur::vault::{MasterKey, Vault};

#[allow(dead_code)]
#[path = "../suite/log/made.rs"]
mod made;

/// How many handouts are timed on each engine.
const HANDOUTS: usize = 4_000;
/// How many of them in a row are made without the keeper, and then as many with it at work: long enough for it to look
/// several times.
const TURN: usize = 1_000;

pub(crate) fn run() {
    println!(
        "{:>10} {:>14} {:>14} {:>14} {:>14} {:>10} {:>16}",
        "engine", "redeem", "and keeper", "without leaf", "with leaf", "cost", "leaves a second"
    );
    let folder = tempfile::tempdir().unwrap();
    redemption(
        "sqlite",
        &format!("sqlite://{}", folder.path().join("bench.db").display()),
        &folder.path().join("facts"),
    );
    redemption("postgres", &postgres::empty_database(), &folder.path().join("facts-postgres"));
    verify(100_000);
}

pub(crate) fn run_large() {
    verify(1_000_000);
}

fn micros(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

/// A redemption as the office does it, while the keeper numbers, writes and signs, and while it does not; and a small
/// transaction of the same form without and with a leaf. What the leaf adds to a committed transaction and what the
/// keeper takes from it are the cost of the log.
fn redemption(engine: &str, url: &str, facts: &Path) {
    let pool = prepare(url, 4).unwrap();
    let vault = Vault::new(&MasterKey::from_random([1; 32])).unwrap();
    let office =
        Office::open(pool.clone(), vault, Arc::new(SystemClock), Arc::new(SystemEntropy), None, facts).unwrap();
    let made = office.make_demo(DemoWanted { households: HANDOUTS as u64, seed: 1 }, &|_, _, _| ()).unwrap();
    let issuer = office.who_bears(&made.tokens["issuer"]).unwrap();
    let mut vouchers = Vec::new();
    let mut after = None;
    loop {
        let (page, next) = office.vouchers(&issuer, made.round_id, after, Some(500)).unwrap();
        vouchers.extend(page);
        after = next;
        if after.is_none() {
            break;
        }
    }
    let desks: std::collections::BTreeMap<&str, Actor> =
        made.device_tokens.iter().map(|(point, token)| (point.as_str(), office.who_bears(token).unwrap())).collect();
    // The leaves of the demonstration wait all together: how fast the keeper is when nobody else writes.
    let began = Instant::now();
    let leaves = office.keep_log().unwrap().size;
    let kept = leaves as f64 / began.elapsed().as_secs_f64();
    let mut times = [Duration::ZERO; 2];
    let handouts: Vec<_> = vouchers.iter().enumerate().take(HANDOUTS / TURN / 2 * TURN * 2).collect();
    for (turn, some) in handouts.chunks(TURN).enumerate() {
        let keeper = (turn % 2 == 1).then(|| LogKeeper::start(&office));
        let began = Instant::now();
        hand_out(&office, &desks, some);
        times[turn % 2] += began.elapsed();
        // What is left is numbered now, so that no turn has another one's work.
        match keeper {
            Some(keeper) => keeper.stop(&office),
            None => drop(office.keep_log().unwrap()),
        }
    }
    let (alone, kept_beside) = (micros(times[0], handouts.len() / 2), micros(times[1], handouts.len() / 2));
    let (without, with) = transactions(&pool, &office, &desks);
    let log = (with - without) + (kept_beside - alone);
    println!(
        "{engine:>10} {alone:>11.0} µs {kept_beside:>11.0} µs {without:>11.0} µs {with:>11.0} µs {:>9.1}% {kept:>16.0}",
        log / (kept_beside - log) * 100.0
    );
}

fn hand_out(office: &Office, desks: &std::collections::BTreeMap<&str, Actor>, vouchers: &[(usize, &Listed)]) {
    for (number, voucher) in vouchers {
        let mut id = [9; 16];
        id[..8].copy_from_slice(&(*number as u64).to_be_bytes());
        let claim = Claim {
            id: RedemptionId::random(id),
            named: Named::Code(voucher.code.clone()),
            collector: Collector { kind: CollectorKind::Oneself, name: None, relation: None, id_seen: true },
            paper: Paper::Seen,
            paper_reason: None,
            items: None,
            scanned_at: None,
        };
        office.redeem(&desks[voucher.point.as_str()], &claim).unwrap();
    }
}

/// Transactions that keep an attempt, and the same that add a leaf besides: in turns, so that a busy disk is
/// busy for both.
fn transactions(pool: &Pool, office: &Office, desks: &std::collections::BTreeMap<&str, Actor>) -> (f64, f64) {
    let actor = desks.values().find(|actor| actor.role == Role::Operator).unwrap();
    let mut times = [Duration::ZERO; 2];
    for round in 0..2 * HANDOUTS {
        let with = round % 2;
        let mut number = [0; 16];
        number[8..].copy_from_slice(&(round as u64).to_be_bytes());
        let attempt = Attempt {
            id: AttemptId::random(number),
            at: office.now(),
            agency: actor.agency,
            kind: Kind::Redeem,
            outcome: "valid",
            user: actor.user,
            device: actor.device,
            point: actor.point,
            entitlement: None,
            redemption: None,
            print_no: None,
        };
        let leaf = Leaf {
            actor: Some(UserId::random(number)),
            agency: Some(actor.agency),
            entitlement: Some(EntitlementId::random(number)),
            device: actor.device,
            redemption: Some(RedemptionId::random(number)),
            seq: Some(round as u64),
            prev_hash: Some([1; 32]),
            receipt_hash: Some([2; 32]),
            items: vec![("beras".into(), 15_000), ("gula".into(), 3_000), ("minyak".into(), 4_000)],
            value_minor: Some(500_000),
            currency: Some("IDR".into()),
            collector: Some("self".into()),
            ..Leaf::new(LeafKind::Redeem, office.now())
        };
        let began = Instant::now();
        pool.write("bench", |tx| {
            store::attempts::insert(tx, &attempt)?;
            if with == 1 {
                let row = store::log::NewLeaf {
                    entry: leaf.encode(),
                    entitlement: leaf.entitlement,
                    device: leaf.device,
                    actor: leaf.actor,
                    redemption: leaf.redemption,
                    ..store::log::NewLeaf::default()
                };
                store::log::append(tx, &[row])?;
            }
            Ok::<_, store::Error>(())
        })
        .unwrap();
        times[with] += began.elapsed();
    }
    (micros(times[0], HANDOUTS), micros(times[1], HANDOUTS))
}

/// What the signature of a COSE_Sign1 is over, and the signature.
fn signed_parts(receipt: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let Value::Tag(18, inner) = ciborium::from_reader::<Value, _>(receipt).unwrap() else { panic!("no COSE_Sign1") };
    let parts = inner.into_array().unwrap();
    let [protected, _, payload, signature] = parts.as_slice() else { panic!("no COSE_Sign1") };
    let structure =
        Value::Array(vec![Value::Text("Signature1".into()), protected.clone(), Value::Bytes(vec![]), payload.clone()]);
    let mut bytes = Vec::new();
    ciborium::into_writer(&structure, &mut bytes).unwrap();
    (bytes, signature.as_bytes().unwrap().clone())
}

/// A log with so many receipts, checked by the program as an auditor runs it; beside it, in this process and on the
/// same number of threads, the bare work: hash each entry, check each signature.
fn verify(receipts: usize) {
    let folder = tempfile::tempdir().unwrap();
    let made = made::made(receipts * 2 + 12);
    made::put_log(folder.path(), &made, true);
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let key_of: std::collections::HashMap<[u8; 16], VerifyingKey> = made
        .entries
        .iter()
        .filter_map(|entry| Leaf::decode(entry))
        .take_while(|leaf| leaf.kind != LeafKind::Issue)
        .filter(|leaf| leaf.kind == LeafKind::Enrol)
        .map(|leaf| (*leaf.device.unwrap().bytes(), VerifyingKey::from_bytes(&leaf.public_key.unwrap()).unwrap()))
        .collect();
    let work: Vec<(VerifyingKey, Vec<u8>, Vec<u8>)> = made
        .receipts
        .iter()
        .map(|(leaf, (_, signed))| {
            let leaf = Leaf::decode(&made.entries[usize::try_from(*leaf).unwrap()]).unwrap();
            let (message, signature) = signed_parts(signed);
            (key_of[leaf.device.unwrap().bytes()], message, signature)
        })
        .collect();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for part in work.chunks(work.len().div_ceil(threads)) {
            scope.spawn(move || {
                part.iter().for_each(|(key, message, signature)| assert!(key.verifies(message, signature)))
            });
        }
        for part in made.entries.chunks(made.entries.len().div_ceil(threads)) {
            scope.spawn(move || part.iter().for_each(|entry| assert_ne!(leaf_hash(entry), [0; 32])));
        }
    });
    let bare = began.elapsed().as_secs_f64();
    let leaves = made.entries.len();
    drop((work, made));

    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_salur"))
        .args(["audit", "verify", "--json"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut memory = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
        memory = memory.max(peak.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0));
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = began.elapsed().as_secs_f64();
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&report["whole"], &report["receipts"]), (&true.into(), &receipts.into()), "{report}");
    println!(
        "verify: {receipts} receipts, {leaves} leaves, {threads} threads: {took:.1} s, {} MB; hashing and signatures alone {bare:.1} s; ratio {:.2}",
        memory / 1024,
        took / bare
    );
}
