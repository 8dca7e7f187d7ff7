//! `kill -9` under load, again and again: what was acknowledged is there afterwards, and nothing twice.
//!
//! Clients post redemptions and write down what was acknowledged: that ledger lives on the clients' side, as
//! the operators' memory does. The server is killed once a seeded number of answers has come since its start
//! (so always while the others are in the middle of theirs, however fast the machine is) plus a seeded
//! fraction of a millisecond, and started again. A client that got no answer asks again with the same id and
//! body, as a scanner would: "not acknowledged but present" does happen, and must answer with the same receipt.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, RwLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::client::Client;
use crate::harness::installation::{Installation, Server, Voucher};
use crate::harness::proof::{count, figure, seed};
use crate::harness::random::Random;
use crate::rush::first;

/// How hard to push, and from which seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Storm {
    pub(crate) clients: usize,
    pub(crate) kills: u32,
    /// The most answers that one life of the server gives before it is killed; the fewest is one.
    pub(crate) answers_per_life: u64,
    pub(crate) seed: u64,
}

/// One request to redeem: the body stays the same however often it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) id: Uuid,
    pub(crate) entitlement: String,
    pub(crate) point: String,
    pub(crate) body: Value,
}

/// How a claim ended for the client.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Acknowledged(Value),
    Refused { status: u16, body: Value },
}

/// Several claims for each voucher, with ids of their own, in an order that the seed gives.
pub(crate) fn claims(vouchers: &[Voucher], per_voucher: usize, random: &mut Random) -> Vec<Claim> {
    let mut claims = Vec::with_capacity(vouchers.len() * per_voucher);
    for voucher in vouchers {
        for _ in 0..per_voucher {
            let id = random.uuid();
            let collector = json!({ "kind": "self", "id_seen": true });
            claims.push(Claim {
                id,
                entitlement: voucher.entitlement_id.clone(),
                point: voucher.point.clone(),
                body: json!({ "id": id, "code": voucher.code, "collector": collector }),
            });
        }
    }
    random.shuffle(&mut claims);
    claims
}

/// Counts answers, and lets the killer wait for a number of them.
#[derive(Debug, Default)]
struct Answers {
    count: Mutex<u64>,
    more: Condvar,
}

impl Answers {
    fn add(&self) {
        *self.count.lock().unwrap() += 1;
        self.more.notify_all();
    }

    /// False if the clients ended before.
    fn wait_for(&self, wanted: u64, working: &AtomicUsize) -> bool {
        let mut count = self.count.lock().unwrap();
        while *count < wanted {
            if working.load(Ordering::SeqCst) == 0 {
                return false;
            }
            count = self.more.wait_timeout(count, Duration::from_millis(50)).unwrap().0;
        }
        true
    }
}

/// Runs the storm over all claims. `start` starts the server, `token` gives the device token of a point.
/// Answers the ledger and the server of the last life.
pub(crate) fn storm(
    storm: Storm,
    claims: Vec<Claim>,
    start: impl Fn() -> Server,
    token: impl Fn(&str) -> String + Sync,
) -> (BTreeMap<Uuid, (Claim, Outcome)>, Server) {
    let mut random = Random::seeded(storm.seed);
    let mut server = start();
    let base = RwLock::new(server.base().to_owned());
    let queue = Mutex::new(VecDeque::from(claims));
    let ledger = Mutex::new(BTreeMap::new());
    let (answers, working) = (Answers::default(), AtomicUsize::new(storm.clients));
    let hopeless = AtomicBool::new(false);

    std::thread::scope(|scope| {
        for _ in 0..storm.clients {
            let (queue, ledger, answers, base, token) = (&queue, &ledger, &answers, &base, &token);
            let (working, hopeless) = (&working, &hopeless);
            scope.spawn(move || {
                let mut clients = BTreeMap::new();
                loop {
                    let Some(claim) = queue.lock().unwrap().pop_front() else { break };
                    let client =
                        clients.entry(claim.point.clone()).or_insert_with(|| Client::new(&token(&claim.point)));
                    let Some(outcome) = settle(client, &claim, base, hopeless) else { break };
                    ledger.lock().unwrap().insert(claim.id, (claim, outcome));
                    answers.add();
                }
                working.fetch_sub(1, Ordering::SeqCst);
            });
        }

        // A panic in here must not leave the clients asking a dead server for ever.
        let guard = Hopeless(&hopeless);
        let mut seen = 0;
        for life in 1..=storm.kills {
            seen += random.between(1, storm.answers_per_life + 1);
            let under_load = answers.wait_for(seen, &working);
            assert!(
                under_load,
                "all claims were settled before kill {life} of {}: give the storm more vouchers",
                storm.kills
            );
            linger(Duration::from_micros(random.between(0, 900)));
            server.kill_nine();
            server = start();
            server.base().clone_into(&mut base.write().unwrap());
            seen = *answers.count.lock().unwrap();
        }
        std::mem::forget(guard);
    });
    (ledger.into_inner().unwrap(), server)
}

/// Tells the clients to stop when the thread that restarts the server is unwinding.
struct Hopeless<'a>(&'a AtomicBool);

impl Drop for Hopeless<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Asks until there is an answer. None if the server will not come back.
fn settle(client: &Client, claim: &Claim, base: &RwLock<String>, hopeless: &AtomicBool) -> Option<Outcome> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let url = base.read().unwrap().clone();
        match client.post(&url, "/redemptions", &claim.body) {
            Ok(answer) if matches!(answer.status, 200 | 201) => return Some(Outcome::Acknowledged(answer.body)),
            Ok(answer) => return Some(Outcome::Refused { status: answer.status, body: answer.body }),
            Err(_) if hopeless.load(Ordering::SeqCst) || Instant::now() > deadline => return None,
            Err(_) => linger(Duration::from_millis(5)),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the moment of a crash, and a client's pause before it asks again, are times"
)]
fn linger(time: Duration) {
    std::thread::sleep(time);
}

/// What is wrong with an installation after a storm, in sentences; empty if it kept its word.
pub(crate) fn broken_promises(
    ledger: &BTreeMap<Uuid, (Claim, Outcome)>,
    vouchers_after: &[Voucher],
    fetch: impl Fn(&str, &Uuid) -> (u16, Value),
) -> Vec<String> {
    let mut broken = Vec::new();
    let mut handed_over: BTreeMap<&str, Vec<&Uuid>> = BTreeMap::new();
    for (id, (claim, outcome)) in ledger {
        let (status, kept) = fetch(&claim.point, id);
        match outcome {
            Outcome::Acknowledged(receipt) => {
                handed_over.entry(&claim.entitlement).or_default().push(id);
                if status != 200 || kept != *receipt {
                    broken.push(format!("{id} was acknowledged with {receipt} and reads back as {status} {kept}"));
                }
            }
            Outcome::Refused { status: refused, body } => {
                if *refused != 409 || body["code"] != "already_redeemed" {
                    broken.push(format!("{id} was refused with {refused} {body}"));
                }
                if status != 404 {
                    broken.push(format!("{id} was refused, and yet there is {status} {kept}"));
                }
            }
        }
    }
    for (entitlement, ids) in &handed_over {
        if ids.len() > 1 {
            broken.push(format!("{entitlement} was handed over {} times: {ids:?}", ids.len()));
        }
    }
    for voucher in vouchers_after {
        let handed = handed_over.contains_key(voucher.entitlement_id.as_str());
        if handed != (voucher.state == "redeemed") {
            broken.push(format!("{} is {} in the list, acknowledged: {handed}", voucher.entitlement_id, voucher.state));
        }
    }
    broken
}

#[test]
fn after_kills_under_load_every_acknowledged_receipt_is_there_and_none_twice() {
    let seed = seed();
    let kills = count(10, 200, 50);
    let installation = Installation::demo(u32::try_from(60 * kills).unwrap(), 11);
    let vouchers = {
        let server = installation.serve();
        installation.vouchers(server.base())
    };
    // Two desks want each voucher, and lives of 50 answers at most leave some of the claims for the last life.
    let claims = claims(&vouchers, 2, &mut Random::seeded(seed));
    let asked = claims.len();
    let plan = Storm { clients: 16, kills: u32::try_from(kills).unwrap(), answers_per_life: 50, seed };
    let (ledger, server) =
        storm(plan, claims, || installation.serve(), |point| installation.device_token(point).to_owned());

    assert_eq!(ledger.len(), asked, "every claim was settled in the end (seed {seed})\n{}", server.log());
    let clients: BTreeMap<&str, Client> = vouchers
        .iter()
        .map(|voucher| (voucher.point.as_str(), Client::new(installation.device_token(&voucher.point))))
        .collect();
    let after = installation.vouchers(server.base());
    let broken = broken_promises(&ledger, &after, |point, id| {
        let answer = clients[point].get(server.base(), &format!("/redemptions/{id}")).unwrap();
        (answer.status, answer.body)
    });
    assert!(
        broken.is_empty(),
        "seed {seed}, {} broken promises:\n{}\n{}",
        broken.len(),
        first(&broken, 10),
        server.log()
    );
    assert!(
        after.iter().all(|voucher| voucher.state == "redeemed"),
        "every voucher was claimed, so every one is redeemed"
    );
    figure(&format!(
        "kill -9 of the server under 16 desks, {kills} times: {asked} claims, {} handouts, 0 lost, 0 double (3/{kills} a kill)",
        after.len()
    ));
}

#[test]
fn a_lost_receipt_and_a_double_handout_are_noticed() {
    let voucher = |state: &str| Voucher {
        entitlement_id: "e".into(),
        code: "c".into(),
        typed_code: "t".into(),
        household: "h".into(),
        point: "TGR-01".into(),
        state: state.into(),
        print_no: 1,
    };
    let mut random = Random::seeded(3);
    let ledger = |outcomes: &[Outcome], random: &mut Random| {
        claims(&[voucher("issued")], outcomes.len(), random)
            .into_iter()
            .zip(outcomes)
            .map(|(claim, outcome)| (claim.id, (claim, outcome.clone())))
            .collect::<BTreeMap<_, _>>()
    };
    let receipt = json!({ "number": 1 });
    let acknowledged = Outcome::Acknowledged(receipt.clone());
    let refused = Outcome::Refused { status: 409, body: json!({ "code": "already_redeemed" }) };

    let well = ledger(std::slice::from_ref(&acknowledged), &mut random);
    assert!(broken_promises(&well, &[voucher("redeemed")], |_, _| (200, receipt.clone())).is_empty());
    assert_eq!(broken_promises(&well, &[voucher("redeemed")], |_, _| (404, Value::Null)).len(), 1, "lost");
    assert_eq!(broken_promises(&well, &[voucher("issued")], |_, _| (200, receipt.clone())).len(), 1, "not in the list");
    let twice = ledger(&[acknowledged.clone(), acknowledged], &mut random);
    assert_eq!(broken_promises(&twice, &[voucher("redeemed")], |_, _| (200, receipt.clone())).len(), 1, "twice");
    let refusal = ledger(&[refused], &mut random);
    assert_eq!(
        broken_promises(&refusal, &[voucher("issued")], |_, _| (200, receipt.clone())).len(),
        1,
        "refused, yet there"
    );
}
