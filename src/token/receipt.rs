//! The receipt: what a device signs, and stores durably, before it shows that a package may be handed
//! over.
//!
//! The receipts of one device form a chain. Each carries a number without gaps and the hash of the one
//! before it, so that a device that was copied or set back shows itself as soon as two of its receipts
//! meet. The body names no person: the collector's name is there as a salted digest, and the salt stays
//! in the database, where deleting it is the erasure.
//!
//! The signature says that the device said so. Whether the device held the entitlement, whether the
//! chain has a gap, and whether the key belongs to the device that is named is for others to decide.

use sha2::{Digest, Sha256};

use super::cbor::{self, Value, Writer};
use super::cose::{self, Envelope, Fault};
use super::key::{KeyId, KeyRing, SigningKey};
use crate::domain::entitlement::Fence;
use crate::domain::id::{DeviceId, EntitlementId, Identifier, RedemptionId, RoundId, UserId};
use crate::domain::lease;
use crate::domain::time::Timestamp;

/// The longest signed receipt that is looked at. 32 items with codes of 60 characters fit well.
pub const RECEIPT_BYTES_MAX: usize = 16_384;

/// What the first receipt of a device has in place of the hash of the one before it.
pub const FIRST_PREV_HASH: [u8; 32] = [0; 32];

/// The number of this format, in every body.
const FORMAT: u64 = 1;

/// One handout, as the device that allowed it puts it on record. Plain data: the texts hold the stable
/// codes of the domain, and whoever reads a body parses them there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptBody {
    /// The redemption, chosen by the caller, so that a retry is recognised.
    pub redemption: RedemptionId,
    /// What was redeemed.
    pub entitlement: EntitlementId,
    /// The lease under which it was.
    pub fence: Fence,
    /// The device that signs.
    pub device: DeviceId,
    /// The place in the device's chain: 1, 2, 3 …
    pub seq: u64,
    /// The [`hash`] of the device's receipt before this one, or [`FIRST_PREV_HASH`].
    pub prev_hash: [u8; 32],
    /// Who stood at the desk.
    pub operator: UserId,
    /// The number of the distribution point.
    pub point: u32,
    /// The round.
    pub round: RoundId,
    /// Which print of the voucher was shown.
    pub print: u32,
    /// When it happened by the device's clock, in milliseconds since 1970. It may be any number: a wrong
    /// clock is evidence too, and decides nothing.
    pub claimed_at_ms: i64,
    /// When the server had it, in milliseconds since 1970; none where the device signs without network.
    pub received_at_ms: Option<i64>,
    /// Who collected: `self`, `proxy`, `substitute`.
    pub collector: String,
    /// How a proxy belongs to the household.
    pub relation: Option<String>,
    /// Whether a proof of identity was seen.
    pub id_seen: bool,
    /// The salted digest of the collector's name.
    pub name_digest: Option<[u8; 32]>,
    /// What became of the paper: `seen`, `lost`, `not_delivered`.
    pub paper: String,
    /// What was given: the code of each item and its quantity in base units.
    pub items: Vec<(String, i64)>,
    /// What it was worth, in the minor unit of the currency.
    pub value_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// What was unusual, as stable codes: a clock set back, another session.
    pub flags: Vec<String>,
}

impl ReceiptBody {
    /// The one encoding: a map with whole numbers as keys, in order; what is absent has no key.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let optional = [self.received_at_ms.is_some(), self.relation.is_some(), self.name_digest.is_some()];
        let pairs = 19 + optional.into_iter().filter(|present| *present).count();
        let mut w = Writer::default();
        w.map(pairs).uint(0).uint(FORMAT);
        w.uint(1).bytes(self.redemption.bytes());
        w.uint(2).bytes(self.entitlement.bytes());
        w.uint(3).array(2).uint(u64::from(self.fence.epoch)).uint(self.fence.counter);
        w.uint(4).bytes(self.device.bytes());
        w.uint(5).uint(self.seq);
        w.uint(6).bytes(&self.prev_hash);
        w.uint(7).bytes(self.operator.bytes());
        w.uint(8).uint(u64::from(self.point));
        w.uint(9).bytes(self.round.bytes());
        w.uint(10).uint(u64::from(self.print));
        w.uint(11).int(self.claimed_at_ms);
        if let Some(at) = self.received_at_ms {
            w.uint(12).int(at);
        }
        w.uint(13).text(&self.collector);
        if let Some(relation) = &self.relation {
            w.uint(14).text(relation);
        }
        w.uint(15).boolean(self.id_seen);
        if let Some(digest) = &self.name_digest {
            w.uint(16).bytes(digest);
        }
        w.uint(17).text(&self.paper);
        w.uint(18).array(self.items.len());
        for (code, quantity) in &self.items {
            w.array(2).text(code).int(*quantity);
        }
        w.uint(19).int(self.value_minor);
        w.uint(20).text(&self.currency);
        w.uint(21).array(self.flags.len());
        for flag in &self.flags {
            w.text(flag);
        }
        w.finish()
    }

    /// Reads a body; any encoding but the one of [`ReceiptBody::encode`] is `malformed`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let value = cbor::read(bytes).ok_or(Fault::Malformed)?;
        let body = Self::of_value(&value).ok_or(Fault::Malformed)?;
        if body.encode() == bytes { Ok(body) } else { Err(Fault::Malformed) }
    }

    /// What the value says, whatever its encoding was.
    fn of_value(value: &Value<'_>) -> Option<Self> {
        let pairs = value.as_map()?;
        let find = |key: u64| pairs.iter().find(|(name, _)| cbor::as_u64(name) == Some(key)).map(|(_, value)| value);
        let text = |key| find(key)?.as_text().map(str::to_owned);
        if cbor::as_u64(find(0)?)? != FORMAT {
            return None;
        }
        let [epoch, counter] = find(3)?.as_array()?.as_slice() else { return None };
        Some(Self {
            redemption: id(find(1)?)?,
            entitlement: id(find(2)?)?,
            fence: Fence { epoch: cbor::as_u32(epoch)?, counter: cbor::as_u64(counter)? },
            device: id(find(4)?)?,
            seq: cbor::as_u64(find(5)?)?,
            prev_hash: cbor::as_array(find(6)?)?,
            operator: id(find(7)?)?,
            point: cbor::as_u32(find(8)?)?,
            round: id(find(9)?)?,
            print: cbor::as_u32(find(10)?)?,
            claimed_at_ms: cbor::as_i64(find(11)?)?,
            // A value of the wrong type reads as absent here, and then fails the comparison of all bytes.
            received_at_ms: find(12).and_then(cbor::as_i64),
            collector: text(13)?,
            relation: text(14),
            id_seen: find(15)?.as_bool()?,
            name_digest: find(16).and_then(cbor::as_array),
            paper: text(17)?,
            items: find(18)?.as_array()?.iter().map(item).collect::<Option<_>>()?,
            value_minor: cbor::as_i64(find(19)?)?,
            currency: text(20)?,
            flags: find(21)?.as_array()?.iter().map(|flag| flag.as_text().map(str::to_owned)).collect::<Option<_>>()?,
        })
    }
}

pub(super) fn id<I: Identifier>(value: &Value<'_>) -> Option<I> {
    cbor::as_array(value).map(I::from_bytes)
}

pub(super) fn item(value: &Value<'_>) -> Option<(String, i64)> {
    let [code, quantity] = value.as_array()?.as_slice() else { return None };
    Some((code.as_text()?.to_owned(), cbor::as_i64(quantity)?))
}

/// What the lease protocol sees of a signed receipt. A claimed time that is no time counts as none.
#[must_use]
pub fn in_protocol(body: &ReceiptBody, signed: &[u8]) -> lease::Receipt {
    let flagged = |flag: &str| body.flags.iter().any(|known| known == flag);
    lease::Receipt {
        redemption: body.redemption,
        entitlement: body.entitlement,
        fence: body.fence,
        device: body.device,
        seq: body.seq,
        prev_hash: body.prev_hash,
        hash: hash(signed),
        claimed_at: Timestamp::from_millis(body.claimed_at_ms).unwrap_or_default(),
        flags: lease::message::Flags { clock_back: flagged("clock_back"), clock_reset: flagged("clock_reset") },
    }
}

/// Signs a receipt with the device's key. A body that would be longer than [`RECEIPT_BYTES_MAX`] is
/// `malformed`: nobody would read it, so nothing may be handed out on it.
pub fn sign(key: &SigningKey, body: &ReceiptBody) -> Result<Vec<u8>, Fault> {
    let bytes = cose::sign_payload(key, &body.encode());
    if bytes.len() > RECEIPT_BYTES_MAX { Err(Fault::Malformed) } else { Ok(bytes) }
}

/// Checks a receipt against the keys of the devices, also of retired ones. That the key is the one of
/// the device named in the body is for the caller to compare.
pub fn verify(bytes: &[u8], ring: &KeyRing) -> Result<(KeyId, ReceiptBody), Fault> {
    Envelope::read(bytes, RECEIPT_BYTES_MAX)?.check(ring, |payload| {
        let body = ReceiptBody::decode(payload)?;
        let entitlement = body.entitlement;
        Ok((body, Some(entitlement)))
    })
}

/// What a receipt says, without any belief in it: to look up what is kept under its id.
#[must_use]
pub fn peek(bytes: &[u8]) -> Option<ReceiptBody> {
    let envelope = Envelope::read(bytes, RECEIPT_BYTES_MAX).ok()?;
    ReceiptBody::decode(envelope.payload()).ok()
}

/// The hash of a signed receipt, signature and all: the `prev_hash` of the device's next one.
#[must_use]
pub fn hash(signed: &[u8]) -> [u8; 32] {
    Sha256::digest(signed).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed(&[11; 32])
    }

    fn ring() -> KeyRing {
        KeyRing::of([key().verifying_key()]).unwrap()
    }

    fn body() -> ReceiptBody {
        ReceiptBody {
            redemption: RedemptionId::random([1; 16]),
            entitlement: EntitlementId::random([2; 16]),
            fence: Fence { epoch: 1, counter: 42 },
            device: DeviceId::random([3; 16]),
            seq: 1,
            prev_hash: FIRST_PREV_HASH,
            operator: UserId::random([4; 16]),
            point: 12,
            round: RoundId::random([5; 16]),
            print: 1,
            claimed_at_ms: 1_796_515_200_000,
            received_at_ms: Some(1_796_515_200_120),
            collector: "proxy".into(),
            relation: Some("anak".into()),
            id_seen: true,
            name_digest: Some([6; 32]),
            paper: "seen".into(),
            items: vec![("beras".into(), 15_000), ("gula".into(), 3_000)],
            value_minor: 500_000,
            currency: "IDR".into(),
            flags: vec!["other_session".into()],
        }
    }

    #[test]
    fn a_receipt_reads_back_and_chains_to_the_next() {
        let first = sign(&key(), &body()).unwrap();
        let next = ReceiptBody { seq: 2, prev_hash: hash(&first), ..body() };
        let second = sign(&key(), &next).unwrap();
        assert_eq!(verify(&first, &ring()), Ok((key().id(), body())));
        assert_eq!(verify(&second, &ring()), Ok((key().id(), next)));
        assert_ne!(hash(&first), hash(&second));
    }

    #[test]
    fn what_is_absent_is_not_written_and_reads_back_absent() {
        let bare = ReceiptBody { received_at_ms: None, relation: None, name_digest: None, ..body() };
        assert!(bare.encode().len() < body().encode().len());
        assert_eq!(ReceiptBody::decode(&bare.encode()), Ok(bare));
    }

    #[test]
    fn every_changed_bit_of_a_receipt_is_refused() {
        let signed = sign(&key(), &body()).unwrap();
        for place in 0..signed.len() * 8 {
            let mut changed = signed.clone();
            changed[place / 8] ^= 1 << (place % 8);
            assert!(verify(&changed, &ring()).is_err(), "bit {place}");
        }
    }

    #[test]
    fn a_body_with_one_key_more_or_an_absent_value_written_as_null_is_refused() {
        let bytes = body().encode();
        let mut value: ciborium::Value = ciborium::from_reader(bytes.as_slice()).unwrap();
        value.as_map_mut().unwrap().push((22.into(), ciborium::Value::Null));
        let mut more = Vec::new();
        ciborium::into_writer(&value, &mut more).unwrap();
        assert_eq!(ReceiptBody::decode(&more), Err(Fault::Malformed));

        let mut value: ciborium::Value = ciborium::from_reader(bytes.as_slice()).unwrap();
        value.as_map_mut().unwrap()[14].1 = ciborium::Value::Null;
        let mut null = Vec::new();
        ciborium::into_writer(&value, &mut null).unwrap();
        assert_eq!(ReceiptBody::decode(&null), Err(Fault::Malformed));
    }

    #[test]
    fn a_receipt_that_nobody_would_read_is_not_signed() {
        let long = ReceiptBody { flags: vec!["x".repeat(RECEIPT_BYTES_MAX)], ..body() };
        assert_eq!(sign(&key(), &long), Err(Fault::Malformed));
        let wide = ReceiptBody { items: vec![("x".repeat(240), i64::MAX); 32], ..body() };
        assert!(verify(&sign(&key(), &wide).unwrap(), &ring()).is_ok());
    }

    #[test]
    fn a_forged_receipt_says_which_entitlement_it_claims() {
        let thief = SigningKey::from_seed(&[12; 32]);
        let mut forged = sign(&key(), &body()).unwrap();
        let theirs = sign(&thief, &body()).unwrap();
        let at = forged.len() - 64;
        forged[at..].copy_from_slice(&theirs[at..]);
        let fault = Fault::Forged { kid: key().id(), entitlement: Some(body().entitlement) };
        assert_eq!(verify(&forged, &ring()), Err(fault));
        assert_eq!(verify(&theirs, &ring()), Err(Fault::Foreign { kid: Some(thief.id()) }));
    }

    #[test]
    fn a_voucher_is_no_receipt_and_a_receipt_is_no_voucher() {
        let claims = crate::token::Claims { entitlement: body().entitlement, round: 1, point: 1, print: 1 };
        assert_eq!(verify(&cose::sign(&key(), &claims), &ring()), Err(Fault::Malformed));
        assert_eq!(cose::verify(&sign(&key(), &body()).unwrap(), &ring()), Err(Fault::Malformed));
    }

    proptest! {
        #[test]
        fn any_receipt_reads_back(
            numbers: (u32, u64, u64, u32, u32),
            times: (i64, Option<i64>),
            texts: (String, Option<String>, String, String),
            rest: (bool, Option<[u8; 32]>, i64),
            items in prop::collection::vec((".{0,20}", any::<i64>()), 0..5),
            flags in prop::collection::vec("[a-z_]{0,20}", 0..4),
        ) {
            let (epoch, counter, seq, point, print) = numbers;
            let (claimed_at_ms, received_at_ms) = times;
            let (collector, relation, paper, currency) = texts;
            let (id_seen, name_digest, value_minor) = rest;
            let body = ReceiptBody {
                fence: Fence { epoch, counter }, seq, point, print, claimed_at_ms, received_at_ms, collector, relation,
                paper, currency, id_seen, name_digest, value_minor, items, flags, ..body()
            };
            prop_assert_eq!(ReceiptBody::decode(&body.encode()).unwrap(), body.clone());
            prop_assert_eq!(verify(&sign(&key(), &body).unwrap(), &ring()).unwrap().1, body);
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>, at: prop::sample::Index) {
            prop_assert!(verify(&bytes, &ring()).is_err());
            let _ = ReceiptBody::decode(&bytes);
            let mut spliced = body().encode();
            let at = at.index(spliced.len());
            spliced.splice(at..at, bytes);
            if let Ok(read) = ReceiptBody::decode(&spliced) {
                prop_assert_eq!(read.encode(), spliced);
            }
        }
    }
}
