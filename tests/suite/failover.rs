//! The database's machine dies and its standby takes over, under load: what was acknowledged is there.
//!
//! Two clusters, the second a synchronous standby. PostgreSQL answers a commit whose wait for the standby was
//! cancelled with success and only a warning; here that must not become an acknowledgement.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::crash::{Claim, Outcome, broken_promises, claims};
use crate::harness::client::Client;
use crate::harness::installation::Installation;
use crate::harness::pair::Pair;
use crate::harness::proof::{count, figure, seed};
use crate::harness::random::Random;
use crate::rush::first;

fn wanted() -> bool {
    std::env::var("SALUR_TEST_DB").is_ok_and(|engine| engine == "postgres")
}

/// Asks until the office says yes or no; a database that is away is neither.
fn settle(client: &Client, base: &str, claim: &Claim) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        match client.post(base, "/redemptions", &claim.body) {
            Ok(answer) if matches!(answer.status, 200 | 201) => return Outcome::Acknowledged(answer.body),
            Ok(answer) if answer.status < 500 => {
                return Outcome::Refused { status: answer.status, body: answer.body };
            }
            other if Instant::now() > deadline => panic!("no answer for two minutes: {other:?}"),
            _ => linger(Duration::from_millis(20)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a client's pause before it asks again is a time")]
fn linger(time: Duration) {
    std::thread::sleep(time);
}

#[test]
fn what_was_acknowledged_is_on_the_standby_that_takes_over() {
    if !wanted() {
        return;
    }
    let times = count(1, 20, 20);
    let mut acknowledged = 0;
    for round in 0..times {
        acknowledged += fail_over(seed() + round);
    }
    figure(&format!(
        "failover: {times} times, {acknowledged} acknowledged under load, 0 lost, 0 twice (3/{times} a failover)"
    ));
}

/// How many receipts had been acknowledged when the first machine died.
fn fail_over(seed: u64) -> u64 {
    let mut random = Random::seeded(seed);
    let mut pair = Pair::start();
    pair.psql(0, "postgres", "CREATE DATABASE salur");
    let installation = Installation::demo_at(160, seed, pair.url("salur"));
    let server = installation.serve();
    let vouchers = installation.vouchers(server.base());
    let claims = claims(&vouchers, 2, &mut random);
    let asked = claims.len();
    let (queue, ledger, answers) = (Mutex::new(VecDeque::from(claims)), Mutex::new(BTreeMap::new()), AtomicU64::new(0));
    let die_after = random.between(20, 120);
    let mut before = 0;
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let Some(claim) = queue.lock().unwrap().pop_front() else { break };
                    let client = Client::new(installation.device_token(&claim.point));
                    let outcome = settle(&client, server.base(), &claim);
                    ledger.lock().unwrap().insert(claim.id, (claim, outcome));
                    answers.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while answers.load(Ordering::SeqCst) < die_after {
            linger(Duration::from_millis(1));
        }
        pair.die();
        before = answers.load(Ordering::SeqCst);
        pair.promote();
    });
    let ledger: BTreeMap<Uuid, (Claim, Outcome)> = ledger.into_inner().unwrap();
    assert_eq!(ledger.len(), asked);
    let after = installation.vouchers(server.base());
    let broken = broken_promises(&ledger, &after, |point, id| {
        let desk = Client::new(installation.device_token(point));
        let answer = desk.get(server.base(), &format!("/redemptions/{id}")).unwrap();
        (answer.status, answer.body)
    });
    assert!(broken.is_empty(), "seed {seed}, {}:\n{}\n{}", broken.len(), first(&broken, 10), server.log());
    before
}

#[test]
fn a_cancelled_wait_for_the_standby_is_no_acknowledgement() {
    if !wanted() {
        return;
    }
    let mut pair = Pair::start();
    pair.psql(0, "postgres", "CREATE DATABASE salur");
    let installation = Installation::demo_at(40, 5, pair.url("salur"));
    let server = installation.serve();
    let voucher = installation.vouchers(server.base()).remove(0);
    let claim = claims(std::slice::from_ref(&voucher), 1, &mut Random::seeded(5)).remove(0);
    pair.pause();
    let desk = Client::new(installation.device_token(&voucher.point));
    let answer = std::thread::scope(|scope| {
        let asked = scope.spawn(|| desk.post(server.base(), "/redemptions", &claim.body));
        let cancel = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        let deadline = Instant::now() + Duration::from_secs(30);
        while !asked.is_finished() && Instant::now() < deadline {
            pair.psql(0, "postgres", cancel);
            linger(Duration::from_millis(100));
        }
        asked.join().unwrap()
    });
    let refused = answer.as_ref().map_or(true, |answer| answer.status >= 500);
    assert!(refused, "acknowledged without the standby: {answer:?}");
    // The machine dies, and with it what the standby never had.
    pair.die();
    drop(pair);
}
