//! The vectors of the voucher token: QR texts with the verdict that every reader must reach.
//!
//! The file is written by this test from fixed seeds and committed; the test fails when the two differ.
//! To write it anew after a change that was meant, run it with `SALUR_WRITE_VECTORS=1`. The scanner's
//! TypeScript reads the same file.

use std::path::Path;

use ciborium::Value;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use salur::domain::id::EntitlementId;
use salur::token::{self, Claims, Jwks, KeyRing, SigningKey};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vectors {
    about: String,
    /// The names under which this installation prints.
    hosts: Vec<String>,
    /// The keys it knows.
    jwks: Jwks,
    /// The seeds they grow from, in the same order: known to all, good for nothing but this file.
    seeds: Vec<String>,
    vectors: Vec<Vector>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vector {
    name: String,
    text: String,
    /// `valid` (the signature holds; the entitlement decides the rest), or the refusal.
    verdict: String,
    /// What a valid voucher says; for a forged one the claimed entitlement and key.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    entitlement: Option<String>,
    /// Round, point and print.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    numbers: Option<[u32; 3]>,
}

const HOST: &str = "salur.example.go.id";
const FORMER_HOST: &str = "bansos.example.go.id";

fn issuer() -> SigningKey {
    SigningKey::from_seed(&[0x51; 32])
}

fn retired() -> SigningKey {
    SigningKey::from_seed(&[0x52; 32])
}

fn stranger() -> SigningKey {
    SigningKey::from_seed(&[0x53; 32])
}

fn claims() -> Claims {
    let id = std::array::from_fn(|at| 0xa0 + u8::try_from(at).unwrap());
    Claims { entitlement: EntitlementId::random(id), round: 1, point: 12, print: 1 }
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn header(algorithm: i64, key: &SigningKey) -> Vec<u8> {
    let kid = Value::Bytes(key.id().to_bytes().to_vec());
    cbor(&Value::Map(vec![(1.into(), algorithm.into()), (4.into(), kid)]))
}

/// An envelope with any parts, properly signed: what a clever sender would try.
fn envelope(key: &SigningKey, protected: Vec<u8>, unprotected: Vec<(Value, Value)>, payload: Vec<u8>) -> Vec<u8> {
    let (protected, payload) = (Value::Bytes(protected), Value::Bytes(payload));
    let message = Value::Array(vec!["Signature1".into(), protected.clone(), Value::Bytes(Vec::new()), payload.clone()]);
    let signature = Value::Bytes(key.sign_message(&cbor(&message)).to_vec());
    cbor(&Value::Tag(18, Box::new(Value::Array(vec![protected, Value::Map(unprotected), payload, signature]))))
}

fn good(name: &str, text: String, key: &SigningKey, claims: Claims) -> Vector {
    Vector {
        name: name.into(),
        text,
        verdict: "valid".into(),
        kid: Some(key.id().to_string()),
        entitlement: Some(claims.entitlement.to_string()),
        numbers: Some([claims.round, claims.point, claims.print]),
    }
}

fn bad(verdict: &str, name: &str, text: String) -> Vector {
    Vector { name: name.into(), text, verdict: verdict.into(), kid: None, entitlement: None, numbers: None }
}

fn forged(name: &str, token: &[u8], entitlement: EntitlementId) -> Vector {
    Vector {
        kid: Some(issuer().id().to_string()),
        entitlement: Some(entitlement.to_string()),
        ..bad("forged", name, link(token))
    }
}

fn link(token: &[u8]) -> String {
    token::qr_text(Some(HOST), token)
}

fn accepted() -> Vec<Vector> {
    let (key, claims) = (issuer(), claims());
    let token = token::sign(&key, &claims);
    let wide = Claims { round: 24, point: 65_536, print: 256, ..claims };
    let widest = Claims { round: u32::MAX, point: u32::MAX, print: u32::MAX, ..claims };
    let newer = envelope(&key, header(-19, &key), Vec::new(), claims.to_cbor());
    vec![
        good("a link", link(&token), &key, claims),
        good("a link in lower case", link(&token).to_lowercase(), &key, claims),
        good("a link under a former host", token::qr_text(Some(FORMER_HOST), &token), &key, claims),
        good("without an address", token::qr_text(None, &token), &key, claims),
        good("white space around", format!(" \t{}\r\n", token::qr_text(None, &token)), &key, claims),
        good("numbers of two to five bytes", link(&token::sign(&key, &wide)), &key, wide),
        good("the largest numbers", link(&token::sign(&key, &widest)), &key, widest),
        good("signed by a retired key", link(&token::sign(&retired(), &claims)), &retired(), claims),
        good("algorithm -19", link(&newer), &key, claims),
    ]
}

fn foreign() -> Vec<Vector> {
    let body = BASE32_NOPAD.encode(&token::sign(&issuer(), &claims()));
    let strange = token::sign(&stranger(), &claims());
    let other_cwt = envelope(&stranger(), header(-8, &stranger()), Vec::new(), cbor(&Value::Map(Vec::new())));
    let rows = [
        ("a key that is not ours", link(&strange)),
        ("a key that is not ours, with other claims", link(&other_cwt)),
        ("another host with a voucher of ours", format!("HTTPS://OTHER.EXAMPLE.COM/V/{body}")),
        ("another host with anything", "https://other.example.com/v/menu?table=4".into()),
        ("a host that begins like ours", format!("HTTPS://SALUR.EXAMPLE.GO.ID.EXAMPLE.COM/V/{body}")),
        ("plain http", format!("HTTP://SALUR.EXAMPLE.GO.ID/V/{body}")),
        ("another path", format!("HTTPS://SALUR.EXAMPLE.GO.ID/X/{body}")),
        ("no prefix", body.clone()),
        ("a no-break space before", format!("\u{a0}SALUR:{body}")),
        ("a byte order mark before", format!("\u{feff}SALUR:{body}")),
        ("a long s in the prefix", format!("\u{17f}ALUR:{body}")),
        ("nothing", String::new()),
    ];
    rows.into_iter().map(|(name, text)| bad("foreign", name, text)).collect()
}

fn forgeries() -> Vec<Vector> {
    let token = token::sign(&issuer(), &claims());
    let end = token.len();
    let flipped = |at: usize, bit: u8| {
        let mut changed = token.clone();
        changed[at] ^= bit;
        changed
    };
    let mut swapped = token.clone();
    swapped[end - 64..].copy_from_slice(&token::sign(&stranger(), &claims())[end - 64..]);
    let mut zeros = token.clone();
    zeros[end - 64..].fill(0);
    // S plus the order of the group: the same signature to a lax reader.
    let order = HEXLOWER.decode(b"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut second_form = token.clone();
    let mut carry = 0;
    for (byte, more) in second_form[end - 32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    let id = claims().entitlement;
    let mut other = [0; 16];
    other.copy_from_slice(id.uuid().as_bytes());
    other[15] ^= 1;
    vec![
        forged("one bit of the signature", &flipped(end - 1, 1), id),
        forged("one bit of the entitlement", &flipped(33, 1), EntitlementId::random(other)),
        forged("another print number", &flipped(end - 67, 2), id),
        forged("signed by another key", &swapped, id),
        forged("a signature of zeros", &zeros, id),
        forged("a second form of the signature", &second_form, id),
    ]
}

fn malformed() -> Vec<Vector> {
    let key = issuer();
    let good = claims().to_cbor();
    let token = token::sign(&key, &claims());
    let id = Value::Bytes(claims().entitlement.uuid().as_bytes().to_vec());
    let numbers = |list: &[i64]| Value::Array(list.iter().map(|number| Value::from(*number)).collect());
    let sealed = |pairs: Vec<(Value, Value)>| envelope(&key, header(-8, &key), vec![], cbor(&Value::Map(pairs)));
    let with_header = |protected| envelope(&key, protected, vec![], good.clone());
    let kid = || Value::Bytes(key.id().to_bytes().to_vec());
    // The round written with two bytes where one will do, and a map without a length.
    let long_int = {
        let mut bytes = good.clone();
        let at = bytes.len() - 3;
        bytes.splice(at..=at, [0x18, 0x01]);
        envelope(&key, header(-8, &key), vec![], bytes)
    };
    let endless = {
        let mut bytes = good.clone();
        bytes[0] = 0xbf;
        bytes.push(0xff);
        envelope(&key, header(-8, &key), vec![], bytes)
    };
    let long_header = {
        let mut bytes = header(-8, &key);
        bytes.splice(1..2, [0x18, 0x01]);
        with_header(bytes)
    };
    let long_tag = [&[0xd8, 18], &token[1..]].concat();
    let swapped = cbor(&Value::Map(vec![(4.into(), kid()), (1.into(), (-8).into())]));
    let extra = cbor(&Value::Map(vec![(1.into(), (-8).into()), (3.into(), 61.into()), (4.into(), kid())]));
    let no_kid = cbor(&Value::Map(vec![(1.into(), (-8).into())]));
    let outside = envelope(&key, header(-8, &key), vec![(4.into(), kid())], good.clone());
    let (cti, private) = (Value::from(7), Value::from(-65_537));
    let one = || numbers(&[1, 12, 1]);
    let rows = [
        ("trailing byte", [token.as_slice(), &[0]].concat()),
        ("cut short", token[..token.len() - 1].to_vec()),
        ("no tag", token[1..].to_vec()),
        ("a tag in two bytes", long_tag),
        ("another tag", [&[0xd1], &token[1..]].concat()),
        ("non-empty unprotected header", outside),
        ("algorithm -7", with_header(header(-7, &key))),
        ("an algorithm that nobody registered", with_header(header(-9_999, &key))),
        ("header in another order", with_header(swapped)),
        ("one header more", with_header(extra)),
        ("no key id", with_header(no_kid)),
        ("an integer of the header in two bytes", long_header),
        ("an integer of the claims in two bytes", long_int),
        ("claims without a length", endless),
        ("claims in another order", sealed(vec![(private.clone(), one()), (cti.clone(), id.clone())])),
        ("one claim more", sealed(vec![(4.into(), 1.into()), (cti.clone(), id.clone()), (private.clone(), one())])),
        ("a number missing", sealed(vec![(cti.clone(), id.clone()), (private.clone(), numbers(&[1, 12]))])),
        ("a negative number", sealed(vec![(cti.clone(), id.clone()), (private.clone(), numbers(&[1, -12, 1]))])),
        ("a number beyond 32 bits", sealed(vec![(cti.clone(), id), (private.clone(), numbers(&[1, 1 << 32, 1]))])),
        ("an entitlement of 15 bytes", sealed(vec![(cti, Value::Bytes(vec![1; 15])), (private, one())])),
        ("bytes without meaning", vec![0xff; 40]),
    ];
    let body = BASE32_NOPAD.encode(&token);
    let padded = format!("{}6", &body[..body.len() - 1]);
    let texts = [
        ("nothing behind the prefix", "SALUR:".to_owned()),
        ("a sign that Base32 has not", format!("SALUR:{}1", &body[1..])),
        ("padding", format!("SALUR:{body}=")),
        ("a space inside", format!("SALUR:{} {}", &body[..8], &body[8..])),
        ("a query behind", format!("{}?a=1", link(&token))),
        ("left-over bits that are set", format!("SALUR:{padded}")),
        ("more than 512 characters", format!("SALUR:{}", "A".repeat(512))),
    ];
    let rows = rows.into_iter().map(|(name, token)| (name, link(&token))).chain(texts);
    rows.map(|(name, text)| bad("malformed", name, text)).collect()
}

fn vectors() -> Vectors {
    let keys = [issuer(), retired()];
    Vectors {
        about: "QR texts and the verdict every reader must reach. Made by tests/suite/token_vectors.rs.".into(),
        hosts: vec![HOST.into(), FORMER_HOST.into()],
        jwks: Jwks::of(&keys.each_ref().map(SigningKey::verifying_key)),
        seeds: keys.iter().map(|key| HEXLOWER.encode(&*key.danger_seed())).collect(),
        vectors: [accepted(), foreign(), forgeries(), malformed()].into_iter().flatten().collect(),
    }
}

fn read_by(vector: &Vector, hosts: &[String], ring: &KeyRing) -> Vector {
    let text = vector.text.clone();
    match token::read(&text, hosts, ring) {
        Ok(read) => Vector {
            kid: Some(read.kid.to_string()),
            entitlement: Some(read.claims.entitlement.to_string()),
            numbers: Some([read.claims.round, read.claims.point, read.claims.print]),
            ..bad("valid", &vector.name, text)
        },
        Err(fault) => {
            let (kid, entitlement) = match fault {
                token::Fault::Forged { kid, entitlement } => (Some(kid), entitlement),
                token::Fault::Foreign { .. } | token::Fault::Malformed => (None, None),
            };
            Vector {
                kid: kid.map(|kid| kid.to_string()),
                entitlement: entitlement.map(|id| id.to_string()),
                ..bad(fault.verdict(), &vector.name, text)
            }
        }
    }
}

#[test]
fn the_committed_vectors_are_the_ones_we_make_and_read_with_their_verdicts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/token.json");
    let made = serde_json::to_string_pretty(&vectors()).unwrap() + "\n";
    if std::env::var_os("SALUR_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, made, "tests/vectors/token.json differs; SALUR_WRITE_VECTORS=1 writes it anew");

    let read: Vectors = serde_json::from_str(&committed).unwrap();
    let ring = read.jwks.ring().unwrap();
    for vector in &read.vectors {
        assert_eq!(read_by(vector, &read.hosts, &ring), *vector);
    }
    let names: std::collections::BTreeSet<_> = read.vectors.iter().map(|vector| &vector.name).collect();
    assert_eq!(names.len(), read.vectors.len(), "every vector has a name of its own");
}
