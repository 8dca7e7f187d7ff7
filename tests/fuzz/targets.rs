//! The parsers, good inputs for each, and what must hold of whatever they accept.

use std::hint::black_box;

use salur::config;
use salur::domain::entitlement::Fence;
use salur::domain::household::{FamilyCard, Nik, hide_numbers, holds_number};
use salur::domain::id::{DeviceId, EntitlementId, RedemptionId, RoundId, UserId};
use salur::domain::lease::Head;
use salur::domain::time::Timestamp;
use salur::domain::voucher::TypedCode;
use salur::spreadsheet::{self, Choice};
use salur::token::journal::{self, JournalFile};
use salur::token::lease::{self, BundlePage, Entry, LeasedRound, Returns, TablePage};
use salur::token::parcel::Parcel;
use salur::token::reply::verify_reply;
use salur::token::sync::{Batch, FullHandout};
use salur::token::{self, Claims, KeyRing, ReceiptBody, SigningKey};
use salur::transparency::tile::Tile;
use salur::transparency::{Checkpoint, Leaf, Note, NoteKey, Proof};
use salur::vault::{MasterKey, one_time_matches, recovery_normal};

/// A parser.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// Panics when the parser breaks, or accepts what it must not.
    pub(crate) parse: fn(&[u8]),
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// The most inputs in one run of the tests, for slow parsers.
    pub(crate) inputs_max: u64,
}

const HOSTS: [&str; 1] = ["salur.example.go.id"];

fn key() -> SigningKey {
    SigningKey::from_seed(&[0x51; 32])
}

fn ring() -> KeyRing {
    KeyRing::of([key().verifying_key()]).unwrap()
}

fn claims(number: u8) -> Claims {
    Claims { entitlement: EntitlementId::random([number; 16]), round: 1, point: 12, print: u32::from(number) + 1 }
}

fn tokens() -> Vec<Vec<u8>> {
    [0, 1, 200].map(|number| token::sign(&key(), &claims(number))).to_vec()
}

fn receipt(seq: u64) -> ReceiptBody {
    ReceiptBody {
        redemption: RedemptionId::random([2; 16]),
        entitlement: EntitlementId::random([3; 16]),
        fence: Fence { epoch: 1, counter: 7 },
        device: DeviceId::random([4; 16]),
        seq,
        prev_hash: [5; 32],
        operator: UserId::random([6; 16]),
        point: 12,
        round: RoundId::random([7; 16]),
        print: 1,
        claimed_at_ms: 1_800_000_000_000,
        received_at_ms: (seq == 1).then_some(1_800_000_000_500),
        collector: "proxy".to_owned(),
        relation: Some("anak".to_owned()),
        id_seen: true,
        name_digest: Some([8; 32]),
        paper: "seen".to_owned(),
        items: vec![("beras".to_owned(), 10_000)],
        value_minor: 500_000,
        currency: "IDR".to_owned(),
        flags: vec!["session_other".to_owned()],
    }
}

fn batch() -> Batch {
    let mut batch = Batch {
        device: DeviceId::random([4; 16]),
        kid: key().verifying_key().id(),
        point: 12,
        seen: Head { size: 3, root: [9; 32] },
        operators: Vec::new(),
        rounds: vec![FullHandout {
            round: RoundId::random([7; 16]),
            items: vec![("beras".to_owned(), 10_000)],
            value_minor: 500_000,
            currency: "IDR".to_owned(),
        }],
        items: Vec::new(),
    };
    for seq in 1..3 {
        let signed = token::sign_receipt(&key(), &receipt(seq)).unwrap();
        batch.push(&signed, &ring()).unwrap();
    }
    batch
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) const TARGETS: [Target; 18] = [
    Target {
        name: "token",
        // Whatever verifies is one of the vouchers that were signed, byte for byte.
        parse: |bytes| {
            if token::verify(bytes, &ring()).is_ok() {
                assert!(tokens().iter().any(|one| one == bytes), "a token that nobody signed");
            }
        },
        seeds: tokens,
        inputs_max: u64::MAX,
    },
    Target {
        name: "qr_text",
        parse: |bytes| {
            if let Ok(read) = token::read(&text(bytes), &HOSTS, &ring()) {
                let real = [0, 1, 200].map(claims);
                assert!(real.contains(&read.claims), "a voucher that nobody signed");
            }
        },
        seeds: || {
            let of = |token: &Vec<u8>| [token::qr_text(None, token), token::qr_text(Some(HOSTS[0]), token)];
            tokens().iter().flat_map(of).map(String::into_bytes).collect()
        },
        inputs_max: u64::MAX,
    },
    Target {
        name: "claims",
        parse: |bytes| {
            if let Ok(read) = Claims::from_cbor(bytes) {
                assert_eq!(read.to_cbor(), bytes, "two encodings of the same claims");
            }
        },
        seeds: || [0, 1, 200].map(|number| claims(number).to_cbor()).to_vec(),
        inputs_max: u64::MAX,
    },
    Target {
        name: "receipt",
        parse: |bytes| {
            if let Ok(read) = ReceiptBody::decode(bytes) {
                assert_eq!(read.encode(), bytes, "two encodings of the same receipt");
            }
        },
        seeds: || vec![receipt(1).encode(), receipt(2).encode()],
        inputs_max: u64::MAX,
    },
    Target {
        name: "sync",
        parse: |bytes| {
            if let Ok(batch) = Batch::decode(bytes) {
                assert_eq!(batch.encode(), bytes, "two encodings of the same batch");
                batch.items.iter().for_each(|item| drop(batch.unpack(item)));
            }
        },
        seeds: || vec![batch().encode()],
        inputs_max: u64::MAX,
    },
    Target {
        name: "csv",
        parse: |bytes| sheet("rows.csv", bytes),
        seeds: || {
            vec![
                include_bytes!("../data/penerima-contoh.csv").to_vec(),
                include_bytes!("../data/penerima-kotor.csv").to_vec(),
                b"id_sumber;nama_penerima\nX-1;\"A. \"\"NAME\"\"\"\n".to_vec(),
            ]
        },
        inputs_max: 400,
    },
    Target {
        name: "xlsx",
        parse: |bytes| sheet("rows.xlsx", bytes),
        seeds: || vec![spreadsheet::template_xlsx().unwrap()],
        inputs_max: 60,
    },
    Target {
        name: "workbook_old",
        parse: |bytes| {
            sheet("rows.xls", bytes);
            sheet("rows.ods", bytes);
        },
        seeds: || {
            let mut compound = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
            compound.resize(1_536, 0);
            compound[30..34].copy_from_slice(&[9, 0, 6, 0]);
            vec![compound, b"PK\x03\x04".to_vec()]
        },
        inputs_max: 800,
    },
    Target {
        name: "config",
        parse: |bytes| drop(toml::from_str::<config::File>(&text(bytes))),
        seeds: || {
            vec![
                b"listen = \"127.0.0.1:8080\"\npublic_url = \"https://salur.example.go.id\"\nrequire_totp = true\n"
                    .to_vec(),
                b"trusted_proxies = [\"10.0.0.1\", \"::1\"]\nretention_years = 10\n".to_vec(),
            ]
        },
        inputs_max: u64::MAX,
    },
    Target {
        name: "key_file",
        // Four check characters let one wrong file in a million pass; the seeds are the only right ones here.
        parse: |bytes| drop(MasterKey::from_file(&text(bytes))),
        seeds: || vec![MasterKey::from_random([7; 32]).to_file().as_bytes().to_vec()],
        inputs_max: u64::MAX,
    },
    Target {
        name: "typed",
        parse: |bytes| {
            let text = text(bytes);
            let _ = black_box((
                TypedCode::parse(&text),
                Nik::parse(&text),
                FamilyCard::parse(&text),
                Timestamp::parse(&text),
            ));
            let _ = black_box((one_time_matches(&[7; 20], &text, 1_700_000_000_000), recovery_normal(&text)));
        },
        seeds: || {
            ["7KQ4-M2XP-9D", "6402990101700001", "2026-12-07T08:00:00+08:00", "050471", "abab-abab-abab-abab-abab"]
                .map(|text| text.as_bytes().to_vec())
                .to_vec()
        },
        inputs_max: u64::MAX,
    },
    Target {
        name: "jwks",
        parse: |bytes| {
            if let Ok(set) = serde_json::from_slice::<token::Jwks>(bytes) {
                drop(set.ring());
            }
        },
        seeds: || vec![serde_json::to_vec(&token::Jwks::of(&[key().verifying_key()])).unwrap()],
        inputs_max: u64::MAX,
    },
    Target {
        name: "journal",
        parse: |bytes| {
            if let Ok(file) = journal::read(bytes) {
                file.batches.iter().for_each(|one| assert!(Batch::decode(one).is_ok(), "a batch that is none"));
            }
        },
        seeds: || {
            let file = |count: usize| JournalFile {
                device: DeviceId::random([4; 16]),
                chain: Head { size: 2, root: [7; 32] },
                batches: vec![batch().encode(); count],
            };
            [0, 1, 3].map(|count| journal::write(&key(), &file(count))).to_vec()
        },
        inputs_max: u64::MAX,
    },
    Target {
        name: "lease_papers",
        // What is bent stands inside the signature, or nothing behind the signature would ever be looked at.
        parse: |bytes| {
            let signed = token::sign_payload(&key(), bytes);
            if let Ok((_, page)) = lease::verify_bundle(&signed, &ring()) {
                assert_eq!(lease::sign_bundle(&key(), &page), signed, "two encodings of the same bundle");
                drop(page.bundle());
            }
            if let Ok((_, back)) = lease::verify_returns(&signed, &ring()) {
                assert_eq!(lease::sign_returns(&key(), &back), signed, "two encodings of the same return");
            }
            drop(lease::verify_table(&signed, &ring()));
            drop(verify_reply(&signed, &ring()));
        },
        seeds: || {
            let payload = |signed: Vec<u8>| token::verify_payload(&signed, &ring()).unwrap().1;
            vec![
                payload(lease::sign_bundle(&key(), &bundle_page())),
                payload(lease::sign_returns(&key(), &returns())),
                payload(lease::sign_table(&key(), &table_page())),
            ]
        },
        inputs_max: u64::MAX,
    },
    Target {
        name: "parcel",
        parse: |bytes| {
            if let Ok(parcel) = Parcel::decode(bytes) {
                assert_eq!(parcel.encode(), bytes, "two encodings of the same parcel");
            }
        },
        seeds: || {
            let returns = vec![lease::sign_returns(&key(), &returns())];
            vec![
                Parcel::default().encode(),
                Parcel { nonce: [1; 16], batch: batch().encode(), returns, signed: 2, ..Parcel::default() }.encode(),
            ]
        },
        inputs_max: u64::MAX,
    },
    Target {
        name: "log_texts",
        parse: |bytes| {
            let text = text(bytes);
            if let Some(tile) = Tile::parse(&text) {
                assert_eq!(tile.to_string(), text, "two paths of the same tile");
            }
            if let Some(leaf) = Leaf::decode(bytes) {
                drop(black_box(leaf));
            }
            let _ =
                black_box((Note::parse(&text), Checkpoint::parse(&text), Proof::parse(&text), NoteKey::parse(&text)));
        },
        seeds: || {
            let hash = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
            [
                format!("salur.example.go.id\n17\n{hash}\n"),
                format!("salur.example.go.id\n17\n{hash}\n\n\u{2014} salur.example.go.id {hash}{hash}\n"),
                format!("c2sp.org/tlog-proof@v1\nindex 3\n{hash}\n\nsalur\n17\n{hash}\n\n\u{2014} salur {hash}\n"),
                "tile/0/x001/234".to_owned(),
                "tile/entries/000.p/17".to_owned(),
                format!("salur.example.go.id+01020304+{hash}"),
            ]
            .map(String::into_bytes)
            .to_vec()
        },
        inputs_max: u64::MAX,
    },
    Target {
        name: "payments",
        parse: |bytes| drop(spreadsheet::read_payments(bytes)),
        seeds: || {
            vec![
                b"nomor_sp2d,tanggal,penerima,uraian,nilai\n00123/SP2D/2026,2026-12-07,CV CONTOH,Beras,15000000\n"
                    .to_vec(),
                b"No SP2D;Tanggal SP2D;Nilai\n1;07/12/2026;Rp 1.500.000,00\n".to_vec(),
            ]
        },
        inputs_max: 400,
    },
    Target {
        name: "open_texts",
        parse: |bytes| {
            let text = text(bytes);
            let hidden = hide_numbers(&text);
            assert!(!holds_number(&hidden), "an identity number is left in an open text");
            assert_eq!(hidden.chars().count(), text.chars().count());
            assert_eq!(hidden == text, !holds_number(&text));
        },
        seeds: || {
            ["NIK 6402990101700001 sama", "6402990101706402 990101 700001", "64 02.99-01 01 70 00 01/6402990101700002"]
                .map(|text| text.as_bytes().to_vec())
                .to_vec()
        },
        inputs_max: u64::MAX,
    },
];

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn bundle_page() -> BundlePage {
    let entry = Entry {
        entitlement: EntitlementId::random([2; 16]),
        counter: 7,
        round: 0,
        print: 1,
        code: "7KQ4M2XP9D".to_owned(),
        sealed: vec![7; 60],
    };
    BundlePage {
        device: DeviceId::random([4; 16]),
        epoch: 1,
        server_time: at(1_796_515_200_000),
        cover: Head { size: 3, root: [9; 32] },
        rounds: vec![LeasedRound {
            round: RoundId::random([7; 16]),
            begins_at: at(1_796_515_200_000),
            ends_at: at(1_796_555_200_000),
            items: vec![("beras".to_owned(), 10_000)],
        }],
        entries: vec![entry; 2],
    }
}

fn returns() -> Returns {
    let leases = vec![(EntitlementId::random([2; 16]), Fence { epoch: 1, counter: 7 }); 2];
    Returns { device: DeviceId::random([4; 16]), seq: 9, leases }
}

fn table_page() -> TablePage {
    TablePage {
        device: DeviceId::random([4; 16]),
        epoch: 1,
        seen: Head { size: 3, root: [9; 32] },
        chain: Head { size: 2, root: [7; 32] },
        page: 0,
        pages: 1,
        table: Vec::new(),
    }
}

/// Reads a file to its end, as an upload does.
fn sheet(name: &str, bytes: &[u8]) {
    let choice = Choice::default();
    if let Ok(rows) = spreadsheet::open(name, bytes.to_vec(), &choice) {
        let read = rows.take(20_000).count();
        assert!(read <= 20_000);
    }
    drop(spreadsheet::survey(name, bytes.to_vec(), &choice));
}
