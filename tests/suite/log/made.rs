//! A log made in memory: an office with its people and devices, rights issued, and handouts with real signed
//! receipts. What a test spoils of it is known to the leaf.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use data_encoding::BASE64;
use salur::domain::entitlement::Fence;
use salur::domain::id::{AgencyId, DeviceId, EntitlementId, Identifier as _, RedemptionId, RoundId, UserId};
use salur::domain::time::Timestamp;
use salur::token::{FIRST_PREV_HASH, ReceiptBody, SigningKey, receipt_hash, sign_receipt};
use salur::transparency::tile::{Level, Rim, Tile, bundle_bytes, hash_bytes};
use salur::transparency::tree::{Edge, leaf_hash};
use salur::transparency::{Checkpoint, Kind, Leaf, Manner, NoteKey};

/// How many devices hand out in turn.
const DEVICES: u64 = 7;
/// After how many leaves a head was signed and saved.
pub(crate) const HEAD_EVERY: u64 = 500;
pub(crate) const VALUE: i64 = 500_000;
const BEGIN: i64 = 1_796_515_200_000;
const ORIGIN: &str = "test.example/log";

/// A log: its entries, and the signed receipts by their leaves.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) receipts: BTreeMap<u64, (RedemptionId, Vec<u8>)>,
}

fn id(kind: u8, number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[0] = kind;
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}

pub(crate) fn log_key() -> SigningKey {
    SigningKey::from_seed(&[77; 32])
}

fn device_key(number: u64) -> SigningKey {
    SigningKey::from_seed(&[u8::try_from(number).unwrap() + 1; 32])
}

/// A log of so many leaves: the frame first, then a right and its handout by turns; a right at the end may
/// stay without.
pub(crate) fn made(leaves: usize) -> Made {
    let (agency, round) = (AgencyId::random(id(1, 0)), RoundId::random(id(2, 0)));
    let (issuer, operator) = (UserId::random(id(3, 0)), UserId::random(id(3, 1)));
    let new = |kind: Kind, number: usize| {
        let at = Timestamp::from_millis(BEGIN + i64::try_from(number).unwrap() * 7_000).unwrap();
        Leaf { agency: Some(agency), ..Leaf::new(kind, at) }
    };
    let mut made = Made { entries: Vec::with_capacity(leaves), receipts: BTreeMap::new() };
    made.entries.push(Leaf { word: Some("agency".into()), count: Some(8), ..new(Kind::Policy, 0) }.encode());
    made.entries.push(Leaf { word: Some("round".into()), round: Some(round), ..new(Kind::Policy, 0) }.encode());
    for (person, role) in [(issuer, "issuer"), (operator, "operator")] {
        let subject = Some(*person.bytes());
        made.entries.push(Leaf { subject, word: Some(role.into()), ..new(Kind::Role, 0) }.encode());
    }
    for number in 0..DEVICES {
        let public_key = Some(device_key(number).verifying_key().to_bytes());
        let device = Some(DeviceId::random(id(4, number)));
        made.entries.push(Leaf { device, point: Some(1), public_key, ..new(Kind::Enrol, 0) }.encode());
    }
    let mut chains = vec![(0_u64, FIRST_PREV_HASH); usize::try_from(DEVICES).unwrap()];
    let mut right = 0_u64;
    while made.entries.len() < leaves {
        let entitlement = EntitlementId::random(id(5, right));
        let issue = Leaf {
            actor: Some(issuer),
            entitlement: Some(entitlement),
            round: Some(round),
            point: Some(1),
            fence: Some(Fence { epoch: 1, counter: 0 }),
            value_minor: Some(VALUE),
            ..new(Kind::Issue, made.entries.len())
        };
        made.entries.push(issue.encode());
        if made.entries.len() == leaves {
            break;
        }
        let device = right % DEVICES;
        let chain = &mut chains[usize::try_from(device).unwrap()];
        let place = made.entries.len();
        let leaf = new(Kind::Redeem, place);
        let body = ReceiptBody {
            redemption: RedemptionId::random(id(6, right)),
            entitlement,
            fence: Fence { epoch: 1, counter: 1 },
            device: DeviceId::random(id(4, device)),
            seq: chain.0 + 1,
            prev_hash: chain.1,
            operator,
            point: 1,
            round,
            print: 1,
            claimed_at_ms: leaf.at_ms,
            received_at_ms: Some(leaf.at_ms),
            collector: "self".into(),
            relation: None,
            id_seen: true,
            name_digest: None,
            paper: "seen".into(),
            items: vec![("beras".into(), 15_000), ("gula".into(), 3_000)],
            value_minor: VALUE,
            currency: "IDR".into(),
            flags: vec![],
        };
        let signed = sign_receipt(&device_key(device), &body).unwrap();
        *chain = (body.seq, receipt_hash(&signed));
        let leaf = Leaf {
            actor: Some(operator),
            entitlement: Some(entitlement),
            round: Some(round),
            point: Some(1),
            device: Some(body.device),
            fence: Some(body.fence),
            seq: Some(body.seq),
            prev_hash: Some(body.prev_hash),
            receipt_hash: Some(chain.1),
            claimed_at_ms: Some(body.claimed_at_ms),
            redemption: Some(body.redemption),
            value_minor: Some(VALUE),
            currency: Some("IDR".into()),
            items: body.items.clone(),
            collector: Some("self".into()),
            count: Some((leaf.at_ms + 8 * 3_600_000).div_euclid(86_400_000)),
            ..leaf
        };
        made.entries.push(leaf.encode());
        made.receipts.insert(u64::try_from(place).unwrap(), (body.redemption, signed));
        right += 1;
    }
    made
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Writes entries as bundles.
pub(crate) fn put_bundles(folder: &Path, entries: &[Vec<u8>]) {
    for tile in Tile::at(Level::Entries, u64::try_from(entries.len()).unwrap()) {
        put_bundle(folder, tile, entries);
    }
}

/// Writes the entries of one bundle.
pub(crate) fn put_bundle(folder: &Path, tile: Tile, entries: &[Vec<u8>]) {
    let begin = usize::try_from(tile.number * 256).unwrap();
    let some = &entries[begin..(begin + usize::from(tile.width)).min(entries.len())];
    put(folder, &tile.to_string(), &bundle_bytes(some).unwrap());
}

/// Writes the hashes of entries as tiles.
pub(crate) fn put_hashes(folder: &Path, entries: &[Vec<u8>]) {
    let mut rim = Rim::default();
    for entry in entries {
        rim.push(leaf_hash(entry), |level, number, hashes| {
            let tile = Tile { level: Level::Hashes(level), number, width: 256 };
            put(folder, &tile.to_string(), &hash_bytes(hashes));
        });
    }
    for (level, number, hashes) in rim.partial() {
        let tile = Tile { level: Level::Hashes(level), number, width: u16::try_from(hashes.len()).unwrap() };
        put(folder, &tile.to_string(), &hash_bytes(hashes));
    }
}

/// Writes a log as a folder: with the heads that were signed as it grew, and its receipts.
pub(crate) fn put_log(folder: &Path, made: &Made, with_receipts: bool) {
    put_bundles(folder, &made.entries);
    put_hashes(folder, &made.entries);
    let key = log_key();
    let public = NoteKey::new(ORIGIN, Manner::Log, key.verifying_key()).unwrap();
    put(folder, "vkey", format!("{public}\n").as_bytes());
    let mut heads = String::from("size,note\n");
    let mut edge = Edge::default();
    let mut newest = String::new();
    for entry in &made.entries {
        edge.push(leaf_hash(entry));
        if edge.size() % HEAD_EVERY == 0 || edge.size() == made.entries.len() as u64 {
            newest = Checkpoint { origin: ORIGIN.into(), size: edge.size(), root: edge.root() }.sign(&key).to_string();
            heads.push_str(&format!("{},{}\n", edge.size(), BASE64.encode(newest.as_bytes())));
        }
    }
    put(folder, "checkpoints.csv", heads.as_bytes());
    put(folder, "checkpoint", newest.as_bytes());
    if with_receipts {
        let mut lines = String::from("leaf,redemption,day,value_minor,receipt\n");
        for (leaf, (redemption, signed)) in &made.receipts {
            let at = Leaf::decode(&made.entries[usize::try_from(*leaf).unwrap()]).unwrap().at_ms;
            let day = Timestamp::from_millis(at).unwrap().date(salur::domain::time::Zone::Wita);
            lines.push_str(&format!("{leaf},{redemption},{day},{VALUE},{}\n", BASE64.encode(signed)));
        }
        put(folder, "receipts.csv", lines.as_bytes());
    }
}
