//! Sizes, and that nothing altered, exchanged or cut is read.

use super::*;
use crate::token::PAYLOAD_BYTES_MAX;

fn key() -> SigningKey {
    SigningKey::from_seed(&[21; 32])
}

fn ring() -> KeyRing {
    KeyRing::of([key().verifying_key()]).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// As wide as a large programme makes it: a sealed part for 60 bytes of name, RT, digits and year.
fn page(entries: usize) -> BundlePage {
    let entry = Entry {
        entitlement: EntitlementId::random([2; 16]),
        counter: 70_000,
        round: 0,
        print: 3,
        code: "7KQ4M2XP9D".into(),
        sealed: vec![7; 24 + 16 + 60],
    };
    BundlePage {
        device: DeviceId::random([3; 16]),
        epoch: 300,
        server_time: at(1_796_515_200_000),
        cover: Head { size: 70_000, root: [1; 32] },
        rounds: vec![LeasedRound {
            round: RoundId::random([5; 16]),
            begins_at: at(1_796_515_200_000),
            ends_at: at(1_796_555_200_000),
            items: vec![("beras".into(), 15_000), ("gula".into(), 3_000)],
        }],
        entries: vec![entry; entries],
    }
}

fn returns() -> Returns {
    let leases = vec![(EntitlementId::random([2; 16]), Fence { epoch: 300, counter: 70_000 }); 3];
    Returns { device: DeviceId::random([3; 16]), seq: 70_000, leases }
}

fn table(lines: usize) -> TablePage {
    let fence = Fence { epoch: u32::MAX, counter: u64::MAX };
    let held = Held { entitlement: EntitlementId::random([2; 16]), fence, claimed: Claimed::Redeemed };
    TablePage {
        device: DeviceId::random([3; 16]),
        epoch: 300,
        seen: Head { size: 70_000, root: [1; 32] },
        chain: Head { size: 70_000, root: [2; 32] },
        page: 0,
        pages: 1,
        table: vec![held; lines],
    }
}

#[test]
fn a_lease_takes_less_than_200_bytes_and_a_full_page_can_be_read() {
    let each = (sign_bundle(&key(), &page(200)).len() - sign_bundle(&key(), &page(100)).len()) / 100;
    println!("{each} bytes a lease");
    assert!(each <= 150, "{each} bytes");
    let mut wide = page(PAGE_LEASES_MAX);
    for entry in &mut wide.entries {
        entry.sealed = vec![7; ENTRY_BYTES_MAX - (each - 100)];
    }
    let signed = sign_bundle(&key(), &wide);
    assert!(signed.len() <= PAYLOAD_BYTES_MAX, "{} bytes", signed.len());
    assert_eq!(verify_bundle(&signed, &ring()), Ok((key().id(), wide)));
    let signed = sign_table(&key(), &table(PAGE_LINES_MAX));
    assert!(signed.len() <= PAYLOAD_BYTES_MAX, "{} bytes", signed.len());
    assert!(verify_table(&signed, &ring()).is_ok());
}

#[test]
fn each_paper_reads_back_and_is_no_other() {
    let (bundle, back, answer) =
        (sign_bundle(&key(), &page(2)), sign_returns(&key(), &returns()), sign_table(&key(), &table(2)));
    assert_eq!(verify_bundle(&bundle, &ring()), Ok((key().id(), page(2))));
    assert_eq!(verify_returns(&back, &ring()), Ok((key().id(), returns())));
    assert_eq!(verify_table(&answer, &ring()), Ok((key().id(), table(2))));
    assert_eq!(verify_returns(&bundle, &ring()), Err(Fault::Malformed));
    assert_eq!(verify_table(&back, &ring()), Err(Fault::Malformed));
    assert_eq!(verify_bundle(&answer, &ring()), Err(Fault::Malformed));
    let grants = page(2).bundle().unwrap().grants;
    assert_eq!((grants.len(), grants[0].fence), (2, Fence { epoch: 300, counter: 70_000 }));
    let mut lost = page(1);
    lost.entries[0].round = 1;
    assert_eq!(lost.bundle(), None);
    assert_eq!(returns().each().count(), 3);
}

#[test]
fn an_altered_a_cut_and_a_strange_paper_are_refused() {
    let signed = sign_bundle(&key(), &page(2));
    for place in 0..signed.len() * 8 {
        let mut changed = signed.clone();
        changed[place / 8] ^= 1 << (place % 8);
        assert!(verify_bundle(&changed, &ring()).is_err(), "bit {place}");
    }
    assert_eq!(verify_bundle(&signed[..signed.len() / 2], &ring()), Err(Fault::Malformed));
    let stranger = SigningKey::from_seed(&[22; 32]);
    let strange = sign_returns(&stranger, &returns());
    assert_eq!(verify_returns(&strange, &ring()), Err(Fault::Foreign { kid: Some(stranger.id()) }));
}
