//! Signatures that are nearly right, in the manner of Wycheproof: each is a known way in which a careless check of
//! Ed25519 lets something through. Whatever is accepted must be the one signature that the key made.

use data_encoding::HEXLOWER;
use salur::domain::id::EntitlementId;
use salur::token::{self, Claims, KeyRing, SigningKey, VerifyingKey};

/// The order of the group, little-endian.
const L: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// Points of small order, and encodings of them that are not canonical: as a public key or as the first half of a
/// signature each lets anybody sign for anybody where it is not refused.
const SMALL_ORDER: [&str; 12] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

fn bytes(hex: &str) -> [u8; 32] {
    HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

/// The sum of two numbers of 256 bits; what does not fit falls away.
fn plus(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut carry = 0_u16;
    let sum = one.iter().zip(other).map(|(a, b)| {
        carry = u16::from(*a) + u16::from(*b) + (carry >> 8);
        u8::try_from(carry & 0xff).unwrap()
    });
    sum.collect()
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[0x51; 32])
}

/// Each spoilt signature of a message, by name.
fn spoilt(good: &[u8; 64]) -> Vec<(String, Vec<u8>)> {
    let (r, s) = good.split_at(32);
    let of = |r: &[u8], s: &[u8]| [r, s].concat();
    let order = bytes(L);
    let mut all: Vec<(String, Vec<u8>)> = vec![
        ("empty".into(), Vec::new()),
        ("one byte short".into(), good[..63].to_vec()),
        ("one byte long".into(), [good.as_slice(), &[0]].concat()),
        ("twice".into(), good.repeat(2)),
        ("all zero".into(), vec![0; 64]),
        ("all ones".into(), vec![0xff; 64]),
        ("halves swapped".into(), of(s, r)),
        ("s is zero".into(), of(r, &[0; 32])),
        ("s is one".into(), of(r, &bytes(SMALL_ORDER[0]))),
        ("s is the order".into(), of(r, &order)),
        ("r is zero".into(), of(&[0; 32], s)),
        ("reversed".into(), good.iter().rev().copied().collect()),
    ];
    // The same scalar again and again: what a check that does not reduce, or does, lets through.
    let mut grown = s.to_vec();
    for times in 1..8 {
        grown = plus(&grown, &order);
        all.push((format!("s plus {times} times the order"), of(r, &grown)));
    }
    for high in [0x20, 0x40, 0x80] {
        let mut s = s.to_vec();
        s[31] |= high;
        all.push((format!("a high bit {high:#x} of s"), of(r, &s)));
    }
    let mut sign = r.to_vec();
    sign[31] ^= 0x80;
    all.push(("the sign of r".into(), of(&sign, s)));
    for point in SMALL_ORDER {
        all.push((format!("r of small order {point}"), of(&bytes(point), s)));
        all.push((format!("r of small order {point}, s zero"), of(&bytes(point), &[0; 32])));
    }
    for bit in 0..512 {
        let mut flipped = good.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        all.push((format!("bit {bit}"), flipped));
    }
    all
}

#[test]
fn only_the_one_signature_that_the_key_made_verifies() {
    let public = key().verifying_key();
    let message = b"a voucher";
    let good = key().sign_message(message);
    assert!(public.verifies(message, &good));
    let all = spoilt(&good);
    assert!(all.len() > 550, "{}", all.len());
    let passed: Vec<_> = all.iter().filter(|(_, signature)| public.verifies(message, signature)).collect();
    assert!(passed.is_empty(), "{passed:?}");
    for other in [b"a vouchor".as_slice(), b"", b"a voucher\0"] {
        assert!(!public.verifies(other, &good));
    }
}

#[test]
fn a_public_key_under_which_anybody_could_sign_is_none() {
    for point in SMALL_ORDER {
        assert!(VerifyingKey::from_bytes(&bytes(point)).is_err(), "{point}");
    }
}

#[test]
fn no_voucher_with_a_spoilt_signature_is_read() {
    let ring = KeyRing::of([key().verifying_key()]).unwrap();
    let claims = Claims { entitlement: EntitlementId::random([0xa0; 16]), round: 1, point: 12, print: 1 };
    let token = token::sign(&key(), &claims);
    assert!(token::verify(&token, &ring).is_ok());
    let (body, signature) = token.split_at(token.len() - 64);
    for (name, spoilt) in spoilt(signature.try_into().unwrap()) {
        assert!(token::verify(&[body, &spoilt].concat(), &ring).is_err(), "{name}");
    }
}
