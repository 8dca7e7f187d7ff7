//! The vectors of what server and device sign for each other: receipts, batches, bundles, returns, tables.
//!
//! Each file is written by these tests from fixed seeds and committed; a test fails when the two differ, and
//! writes anew with `SALUR_WRITE_VECTORS=1`. The scanner's TypeScript reads the same files and must make the
//! same bytes, signature and all (Ed25519 signs one message in one way).

use std::path::Path;

use data_encoding::HEXLOWER;
use salur::domain::entitlement::Fence;
use salur::domain::id::{AttemptId, DeviceId, EntitlementId, RedemptionId, RoundId, UserId};
use salur::domain::lease::brake::Brake;
use salur::domain::lease::office::Standing;
use salur::domain::lease::{Ask, Claimed, Head, Held};
use salur::domain::time::Timestamp;
use salur::domain::voucher::TypedCode;
use salur::token::journal::{self, JournalFile};
use salur::token::lease::{self, BundlePage, Entry, LeasedRound, Returns, TablePage};
use salur::token::parcel::{Detail, Parcel, Tried};
use salur::token::reply::{Reply, sign_reply};
use salur::token::sync::{Batch, FullHandout};
use salur::token::{self, FIRST_PREV_HASH, Fault, KeyRing, ReceiptBody, SigningKey};
use serde_json::{Value, json};

pub(super) fn committed(name: &str, made: &Value) {
    committed_to(name, made, 3);
}

/// As [`committed`], with a line for each value at this depth.
pub(super) fn committed_to(name: &str, made: &Value, depth: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    let made = laid_out(made, depth) + "\n";
    if std::env::var_os("SALUR_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == made, "tests/vectors/{name} differs; SALUR_WRITE_VECTORS=1 writes it anew");
}

/// Pretty to a depth, and a line each below: a step of a walk is a line, and so is a difference in it.
fn laid_out(value: &Value, depth: usize) -> String {
    let inner = |value: &Value| laid_out(value, depth - 1).replace('\n', "\n  ");
    match value {
        Value::Object(map) if depth > 0 && !map.is_empty() => {
            let lines: Vec<_> = map.iter().map(|(key, value)| format!("  {}: {}", json!(key), inner(value))).collect();
            format!("{{\n{}\n}}", lines.join(",\n"))
        }
        Value::Array(list) if depth > 0 && !list.is_empty() => {
            let lines: Vec<_> = list.iter().map(|value| format!("  {}", inner(value))).collect();
            format!("[\n{}\n]", lines.join(",\n"))
        }
        other => other.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn device_key() -> SigningKey {
    SigningKey::from_seed(&[0x61; 32])
}

fn server_key() -> SigningKey {
    SigningKey::from_seed(&[0x62; 32])
}

fn ring(key: &SigningKey) -> KeyRing {
    KeyRing::of([key.verifying_key()]).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn items() -> Vec<(String, i64)> {
    vec![("beras".into(), 15_000), ("minyak".into(), 4_000), ("telur".into(), 60), ("gula".into(), 3_000)]
}

fn body(seq: u64, prev_hash: [u8; 32]) -> ReceiptBody {
    ReceiptBody {
        redemption: RedemptionId::random([u8::try_from(seq).unwrap(); 16]),
        entitlement: EntitlementId::random([0x20 + u8::try_from(seq).unwrap(); 16]),
        fence: Fence { epoch: 3, counter: 70_000 + seq },
        device: DeviceId::random([3; 16]),
        seq,
        prev_hash,
        operator: UserId::random([4; 16]),
        point: 12,
        round: RoundId::random([5; 16]),
        print: 1,
        claimed_at_ms: 1_796_515_200_000 + i64::try_from(seq).unwrap() * 61_007,
        received_at_ms: None,
        collector: "self".into(),
        relation: None,
        id_seen: true,
        name_digest: None,
        paper: "seen".into(),
        items: items(),
        value_minor: 500_000,
        currency: "IDR".into(),
        flags: Vec::new(),
    }
}

type Change = fn(&mut ReceiptBody);

/// A chain of receipts, each unusual in another way.
fn chain() -> Vec<(&'static str, ReceiptBody)> {
    let changes: Vec<(&str, Change)> = vec![
        ("the recipient, everything", |_| ()),
        ("a proxy of the same family card", |body| {
            body.collector = "proxy".into();
            body.relation = Some("same_family_card".into());
            body.name_digest = Some([6; 32]);
        }),
        ("something short", |body| {
            body.items = vec![("beras".into(), 10_000), ("gula".into(), 3_000)];
            body.value_minor = 320_000;
        }),
        ("a lost paper, a clock set back", |body| {
            body.paper = "lost".into();
            body.claimed_at_ms = -1;
            body.flags = vec!["clock_back".into(), "clock_reset".into()];
        }),
        ("a substitute, another session", |body| {
            body.collector = "substitute".into();
            body.name_digest = Some([9; 32]);
            body.print = 300;
            body.flags = vec!["other_session".into()];
        }),
        ("an operator that the batch does not know", |body| body.operator = UserId::random([40; 16])),
        ("a time that no double holds", |body| body.claimed_at_ms = i64::MAX),
        ("words beyond ASCII", |body| {
            body.collector = "proxy".into();
            body.relation = Some("ipar – é, 兄".into());
        }),
    ];
    let mut prev = FIRST_PREV_HASH;
    let mut made = Vec::new();
    for (at, (name, change)) in changes.into_iter().enumerate() {
        let mut one = body(at as u64 + 1, prev);
        change(&mut one);
        prev = token::receipt_hash(&token::sign_receipt(&device_key(), &one).unwrap());
        made.push((name, one));
    }
    made
}

fn receipt_json(body: &ReceiptBody) -> Value {
    json!({
        "redemption": body.redemption.to_string(),
        "entitlement": body.entitlement.to_string(),
        "fence": [body.fence.epoch, body.fence.counter],
        "device": body.device.to_string(),
        "seq": body.seq,
        "prev_hash": hex(&body.prev_hash),
        "operator": body.operator.to_string(),
        "point": body.point,
        "round": body.round.to_string(),
        "print": body.print,
        "claimed_at_ms": body.claimed_at_ms.to_string(),
        "received_at_ms": body.received_at_ms.map(|at| at.to_string()),
        "collector": body.collector,
        "relation": body.relation,
        "id_seen": body.id_seen,
        "name_digest": body.name_digest.map(|digest| hex(&digest)),
        "paper": body.paper,
        "items": body.items,
        "value_minor": body.value_minor,
        "currency": body.currency,
        "flags": body.flags,
    })
}

#[test]
fn the_committed_receipts_are_the_ones_we_sign() {
    let mut batch = Batch {
        device: DeviceId::random([3; 16]),
        kid: device_key().id(),
        point: 12,
        seen: Head { size: 70_000, root: [1; 32] },
        operators: vec![UserId::random([4; 16])],
        rounds: vec![FullHandout {
            round: RoundId::random([5; 16]),
            items: items(),
            value_minor: 500_000,
            currency: "IDR".into(),
        }],
        items: Vec::new(),
    };
    let mut receipts = Vec::new();
    for (name, body) in chain() {
        let signed = token::sign_receipt(&device_key(), &body).unwrap();
        assert_eq!(token::verify_receipt(&signed, &ring(&device_key())).unwrap().1, body, "{name}");
        batch.push(&signed, &ring(&device_key())).unwrap();
        receipts.push(json!({
            "name": name,
            "body": receipt_json(&body),
            "signed": hex(&signed),
            "hash": hex(&token::receipt_hash(&signed)),
        }));
    }
    let chain = Head { size: 8, root: [8; 32] };
    let file = JournalFile { device: batch.device, chain, batches: vec![batch.encode()] };
    committed(
        "receipts.json",
        &json!({
            "about": "Receipts and the batch in which they travel. Made by tests/suite/paper_vectors.rs.",
            "seed": hex(&[0x61; 32]),
            "receipts": receipts,
            "batch": {
                "device": batch.device.to_string(),
                "kid": batch.kid.to_string(),
                "point": batch.point,
                "seen": [batch.seen.size, hex(&batch.seen.root)],
                "operators": batch.operators.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "rounds": batch.rounds.iter().map(|full| json!({
                    "round": full.round.to_string(),
                    "items": full.items,
                    "value_minor": full.value_minor,
                    "currency": full.currency,
                })).collect::<Vec<_>>(),
                "items": batch.items.iter().map(|item| hex(item)).collect::<Vec<_>>(),
                "encoded": hex(&batch.encode()),
            },
            "journal": { "chain": [8, hex(&chain.root)], "file": hex(&journal::write(&device_key(), &file)) },
        }),
    );
}

fn page() -> BundlePage {
    let entry = |number: u8, round, print| Entry {
        entitlement: EntitlementId::random([0x30 + number; 16]),
        counter: 65_530 + u64::from(number),
        round,
        print,
        code: TypedCode::draw([number; 9]).canonical().to_owned(),
        sealed: vec![number; 40],
    };
    let round = |number: u8, items| LeasedRound {
        round: RoundId::random([number; 16]),
        begins_at: at(1_796_515_200_000),
        ends_at: at(1_797_811_200_000),
        items,
    };
    BundlePage {
        device: DeviceId::random([3; 16]),
        epoch: 3,
        server_time: at(1_796_000_000_000),
        cover: Head { size: 70_000, root: [1; 32] },
        rounds: vec![round(5, items()), round(6, vec![("sarden".into(), 4)])],
        entries: vec![entry(1, 0, 1), entry(2, 1, 2), entry(9, 0, 300)],
    }
}

fn page_json(page: &BundlePage) -> Value {
    json!({
        "device": page.device.to_string(),
        "epoch": page.epoch,
        "server_time": page.server_time.millis(),
        "cover": [page.cover.size, hex(&page.cover.root)],
        "rounds": page.rounds.iter().map(|round| json!({
            "round": round.round.to_string(),
            "begins_at": round.begins_at.millis(),
            "ends_at": round.ends_at.millis(),
            "items": round.items,
        })).collect::<Vec<_>>(),
        "entries": page.entries.iter().map(|entry| json!({
            "entitlement": entry.entitlement.to_string(),
            "counter": entry.counter,
            "round": entry.round,
            "print": entry.print,
            "code": entry.code,
            "sealed": hex(&entry.sealed),
        })).collect::<Vec<_>>(),
    })
}

/// Papers that must be refused, and how.
fn refused(good: &[u8]) -> Vec<Value> {
    let changed = |at: usize, bit: u8| {
        let mut bytes = good.to_vec();
        bytes[at] ^= bit;
        bytes
    };
    let longer = [good, &[0]].concat();
    let returns = lease::sign_returns(&server_key(), &returns());
    let rows = [
        ("a bit of the signature", changed(good.len() - 1, 1)),
        ("a bit of an entry", changed(good.len() - 80, 1)),
        ("a bit of the key's id", changed(10, 1)),
        ("another kind of paper", returns),
        ("cut in the middle", good[..good.len() / 2].to_vec()),
        ("a byte more", longer),
        ("nothing", Vec::new()),
        ("signed by another", lease::sign_bundle(&SigningKey::from_seed(&[0x63; 32]), &page())),
    ];
    let verdict = |bytes: &[u8]| match lease::verify_bundle(bytes, &ring(&server_key())) {
        Ok(_) => panic!("a spoilt page must not be read"),
        Err(Fault::Foreign { .. }) => "foreign",
        Err(Fault::Malformed) => "malformed",
        Err(Fault::Forged { .. }) => "forged",
    };
    rows.iter().map(|(name, bytes)| json!({ "name": name, "signed": hex(bytes), "verdict": verdict(bytes) })).collect()
}

fn returns() -> Returns {
    let lease =
        |number: u8| (EntitlementId::random([number; 16]), Fence { epoch: 3, counter: u64::from(number) * 300 });
    Returns { device: DeviceId::random([3; 16]), seq: 70_000, leases: vec![lease(1), lease(2), lease(200)] }
}

fn table() -> TablePage {
    let held = |number: u8, claimed| Held {
        entitlement: EntitlementId::random([number; 16]),
        fence: Fence { epoch: 2, counter: u64::from(number) },
        claimed,
    };
    TablePage {
        device: DeviceId::random([3; 16]),
        epoch: 4,
        seen: Head { size: 70_000, root: [1; 32] },
        chain: Head { size: 8, root: [2; 32] },
        page: 0,
        pages: 2,
        table: vec![held(1, Claimed::Open), held(2, Claimed::Closed), held(30, Claimed::Redeemed)],
    }
}

#[test]
fn the_committed_papers_are_the_ones_we_sign() {
    let bundle = lease::sign_bundle(&server_key(), &page());
    let (returns, table) = (returns(), table());
    let claimed = |held: &Held| match held.claimed {
        Claimed::Open => "open",
        Claimed::Closed => "closed",
        Claimed::Redeemed => "redeemed",
    };
    committed(
        "papers.json",
        &json!({
            "about": "Bundles, returns and lease tables, signed. Made by tests/suite/paper_vectors.rs.",
            "device_seed": hex(&[0x61; 32]),
            "server_seed": hex(&[0x62; 32]),
            "server_key": hex(&server_key().verifying_key().to_bytes()),
            "bundle": { "page": page_json(&page()), "signed": hex(&bundle) },
            "refused_bundles": refused(&bundle),
            "returns": {
                "device": returns.device.to_string(),
                "seq": returns.seq,
                "leases": returns.leases.iter().map(|(id, fence)| json!([id.to_string(), [fence.epoch, fence.counter]])).collect::<Vec<_>>(),
                "signed": hex(&lease::sign_returns(&device_key(), &returns)),
            },
            "table": {
                "device": table.device.to_string(),
                "epoch": table.epoch,
                "seen": [table.seen.size, hex(&table.seen.root)],
                "chain": [table.chain.size, hex(&table.chain.root)],
                "page": table.page,
                "pages": table.pages,
                "table": table.table.iter().map(|held| json!({
                    "entitlement": held.entitlement.to_string(),
                    "fence": [held.fence.epoch, held.fence.counter],
                    "claimed": claimed(held),
                })).collect::<Vec<_>>(),
                "signed": hex(&lease::sign_table(&device_key(), &table)),
            },
        }),
    );
}

fn reply() -> Reply {
    Reply {
        device: DeviceId::random([3; 16]),
        nonce: [2; 16],
        epoch: 4,
        server_time: at(1_796_515_200_000),
        cover: Head { size: 70_000, root: [4; 32] },
        missing: 2,
        standing: Standing::Revoked,
        forked: true,
        resync: true,
        ack: Some((12, [5; 32])),
        asks: [Ask::Revoke, Ask::Hold, Ask::Release].map(|ask| (EntitlementId::random([6; 16]), ask)).to_vec(),
        brake: Brake { packages: Some(40), hours: None },
        paused: vec![(RoundId::random([8; 16]), "jalan putus".into())],
    }
}

fn reply_json(reply: &Reply) -> Value {
    let ask = |ask: &Ask| match ask {
        Ask::Revoke => "revoke",
        Ask::Hold => "hold",
        Ask::Release => "release",
    };
    let standing = match reply.standing {
        Standing::Active => "active",
        Standing::Revoked => "revoked",
        Standing::WrittenOff => "written_off",
    };
    json!({
        "device": reply.device.to_string(),
        "nonce": hex(&reply.nonce),
        "epoch": reply.epoch,
        "server_time": reply.server_time.millis(),
        "cover": [reply.cover.size, hex(&reply.cover.root)],
        "missing": reply.missing,
        "standing": standing,
        "forked": reply.forked,
        "resync": reply.resync,
        "ack": reply.ack.map(|(seq, hash)| json!([seq, hex(&hash)])),
        "asks": reply.asks.iter().map(|(id, one)| json!([id.to_string(), ask(one)])).collect::<Vec<_>>(),
        "brake": { "packages": reply.brake.packages, "hours": reply.brake.hours },
        "paused": reply.paused.iter().map(|(round, why)| json!([round.to_string(), why])).collect::<Vec<_>>(),
    })
}

#[test]
fn the_committed_calls_are_the_ones_we_make() {
    let bare = Reply { standing: Standing::Active, ack: None, asks: Vec::new(), paused: Vec::new(), ..reply() };
    let parcel = Parcel {
        nonce: [2; 16],
        batch: vec![1, 2, 3],
        returns: vec![vec![4; 30]],
        holds: vec![(EntitlementId::random([6; 16]), Fence { epoch: 3, counter: 9 })],
        pages: vec![vec![5; 3], vec![6; 3]],
        details: vec![
            Detail {
                redemption: RedemptionId::random([1; 16]),
                salt: Some([7; 16]),
                name: "SITI CONTOH".into(),
                paper_reason: String::new(),
            },
            Detail {
                redemption: RedemptionId::random([2; 16]),
                salt: None,
                name: String::new(),
                paper_reason: "tertinggal".into(),
            },
        ],
        tried: [Some(EntitlementId::random([6; 16])), None]
            .map(|entitlement| Tried {
                id: AttemptId::random([9; 16]),
                at_ms: 1_796_515_200_000,
                verdict: "already_redeemed".into(),
                entitlement,
                operator: UserId::random([4; 16]),
            })
            .to_vec(),
        seen: Head { size: 70_000, root: [1; 32] },
        signed: 300,
        proof: vec![12; 4],
    };
    let replies: Vec<Value> = [reply(), bare]
        .iter()
        .map(|one| json!({ "reply": reply_json(one), "signed": hex(&sign_reply(&server_key(), one)) }))
        .collect();
    committed(
        "calls.json",
        &json!({
            "about": "What a sync brings, and the server's signed reply. Made by tests/suite/paper_vectors.rs.",
            "server_seed": hex(&[0x62; 32]),
            "replies": replies,
            "parcel": {
                "nonce": hex(&parcel.nonce),
                "batch": hex(&parcel.batch),
                "returns": parcel.returns.iter().map(|one| hex(one)).collect::<Vec<_>>(),
                "holds": parcel.holds.iter().map(|(id, fence)| json!([id.to_string(), [fence.epoch, fence.counter]])).collect::<Vec<_>>(),
                "pages": parcel.pages.iter().map(|one| hex(one)).collect::<Vec<_>>(),
                "details": parcel.details.iter().map(|one| json!({
                    "redemption": one.redemption.to_string(),
                    "salt": one.salt.map(|salt| hex(&salt)).unwrap_or_default(),
                    "name": one.name,
                    "paper_reason": one.paper_reason,
                })).collect::<Vec<_>>(),
                "tried": parcel.tried.iter().map(|one| json!({
                    "id": one.id.to_string(),
                    "at_ms": one.at_ms,
                    "verdict": one.verdict,
                    "entitlement": one.entitlement.map(|id| id.to_string()),
                    "operator": one.operator.to_string(),
                })).collect::<Vec<_>>(),
                "seen": [parcel.seen.size, hex(&parcel.seen.root)],
                "signed": parcel.signed,
                "proof": hex(&parcel.proof),
                "encoded": hex(&parcel.encode()),
            },
        }),
    );
}

#[test]
fn the_committed_typed_codes_are_read_as_we_read_them() {
    let good: Vec<String> = (0_u8..12)
        .map(|n| {
            TypedCode::draw(std::array::from_fn(|at| n.wrapping_mul(37).wrapping_add(u8::try_from(at).unwrap() * 11)))
                .to_string()
        })
        .collect();
    let mut texts: Vec<String> = good.clone();
    for code in &good {
        texts.push(code.to_lowercase().replace('-', " "));
        texts.push(code.replace('0', "O").replace('1', "l"));
        let mut swapped: Vec<char> = code.chars().filter(|sign| *sign != '-').collect();
        swapped.swap(2, 3);
        texts.push(swapped.iter().collect());
        texts.push(code[..code.len() - 1].to_owned());
        texts.push(format!("{code}0"));
    }
    texts.extend(
        ["", "----------", "UUUUUUUUUU", "7KQ4-M2XP-9D", "ſſſſſſſſſſ", "\u{2003}0000000000"].map(str::to_owned),
    );
    let rows: Vec<Value> = texts
        .iter()
        .map(|text| {
            let read = match TypedCode::parse(text) {
                Ok(code) => code.canonical().to_owned(),
                Err(salur::domain::voucher::TypedCodeFault::NotACode) => "not_a_code".into(),
                Err(salur::domain::voucher::TypedCodeFault::Slip) => "slip".into(),
            };
            json!([text, read])
        })
        .collect();
    committed(
        "typed_codes.json",
        &json!({ "about": "What people type, and what it is read as. Made by tests/suite/paper_vectors.rs.", "codes": rows }),
    );
}

/// The same rows that the phones are held to (assets/scanner/screen/quantity.test.ts).
#[test]
fn a_quantity_has_the_same_words_on_the_server_as_on_a_phone() {
    use salur::domain::package::{Unit, in_packs};
    let rows: Vec<serde_json::Value> = serde_json::from_str(include_str!("../vectors/quantities.json")).unwrap();
    assert!(rows.len() > 10);
    for row in rows {
        let number = |name: &str| row[name].as_i64().unwrap();
        let word = |name: &str| row[name].as_str().unwrap();
        let unit = Unit::parse(word("unit")).unwrap();
        let said = in_packs(number("quantity"), (number("pack_size"), word("pack_name")), unit);
        assert_eq!(said, word("said"), "{row}");
    }
}
