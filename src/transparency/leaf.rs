//! The leaf: one event, as it stands in the log for ever.
//!
//! Deterministic CBOR: a map with whole numbers as keys, in order; what is absent has no key. A leaf names
//! no person and holds no free text: people and households are ids that say nothing outside the database,
//! and what could be guessed (a reason that somebody typed, the hash of a file) is there as
//! SHA-256(salt ‖ value). The salt lies in the database, and deleting it is the erasure; the tree still
//! verifies. Of a receipt the leaf holds the hash and the figures; the signed text is the auditor's to see.

use sha2::{Digest, Sha256};

use crate::domain::entitlement::Fence;
use crate::domain::id::{AgencyId, DeviceId, EntitlementId, Identifier, RedemptionId, RoundId, UserId};
use crate::domain::time::Timestamp;
use crate::token::cbor::{self, Value, Writer};

/// The number of this format, in every leaf.
const FORMAT: u64 = 1;

/// How many lines of goods a leaf may have, as many as a package.
const ITEMS_MAX: usize = 64;

/// How many rights of a household a leaf may name.
const RIGHTS_MAX: usize = 64;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

kinds! {
    /// A household got its right in a round: entitlement, round, point, value, and what stands for the household there.
    Issue = "issue",
    /// A device got the right to redeem an entitlement: entitlement, device, fence.
    Grant = "grant",
    /// It was handed over: the figures of the receipt, and its hash.
    Redeem = "redeem",
    /// A device gave the right back: entitlement, device, fence.
    Return = "return",
    /// An entitlement, or without one a device, was taken away.
    Revoke = "revoke",
    /// What a lost device held must be decided by a person: entitlement, device.
    WriteOff = "write_off",
    /// An entitlement ended because nobody came.
    Expire = "expire",
    /// A device got its key: device, point, public key.
    Enrol = "enrol",
    /// A key was made, or with the word `retired` stopped signing: purpose, public key.
    Key = "key",
    /// A person got a role: subject, word.
    Role = "role",
    /// The frame was set: an agency (with the hours of its zone), a round, a window, a pause.
    Policy = "policy",
    /// A file of households was applied: salted hash, number of rows.
    Import = "import",
    /// A point, a day or a round was closed with its totals.
    Close = "close",
    /// A new right that stands for an earlier one: entitlement, the earlier one, why, value, items, who proposed it.
    Exception = "exception",
    /// Something that must not happen happened, and is on record.
    Conflict = "conflict",
}

impl Kind {
    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == code)
    }
}

/// One event. Which members are there follows from its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// What happened.
    pub kind: Kind,
    /// When the server took it, in milliseconds since 1970. It orders nothing: the place in the log does.
    pub at_ms: i64,
    /// Who did it, by the id that stands for the person.
    pub actor: Option<UserId>,
    /// In which agency.
    pub agency: Option<AgencyId>,
    /// Which right it is about.
    pub entitlement: Option<EntitlementId>,
    /// In which round.
    pub round: Option<RoundId>,
    /// The number of the point.
    pub point: Option<u32>,
    /// The device.
    pub device: Option<DeviceId>,
    /// The numbered right to redeem.
    pub fence: Option<Fence>,
    /// The place in the device's chain of receipts.
    pub seq: Option<u64>,
    /// What the receipt says of the one before it.
    pub prev_hash: Option<[u8; 32]>,
    /// The hash of the signed receipt.
    pub receipt_hash: Option<[u8; 32]>,
    /// When the device says it happened.
    pub claimed_at_ms: Option<i64>,
    /// The redemption.
    pub redemption: Option<RedemptionId>,
    /// What it is worth, in the minor unit.
    pub value_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// What was given: code and quantity in base units.
    pub items: Vec<(String, i64)>,
    /// Who collected, by its code.
    pub collector: Option<String>,
    /// What it is about, where it is none of the above: a person, an intake, an agency.
    pub subject: Option<[u8; 16]>,
    /// A public key.
    pub public_key: Option<[u8; 32]>,
    /// A code of a closed list: a role, the purpose of a key, what a policy is about.
    pub word: Option<String>,
    /// [`salted`] digest of what could be guessed; of a closing, the hash of its figures as it is on the paper.
    pub digest: Option<[u8; 32]>,
    /// A number: rows of an import, handouts of a closing, the hours of a zone, an epoch; of a handout, the day on
    /// which it counts, in days since 1970.
    pub count: Option<i64>,
    /// The earlier right for which an exception stands.
    pub link: Option<EntitlementId>,
    /// Rights of the same household whose handouts a case took back: an exception owes what they gave.
    pub reversed: Vec<EntitlementId>,
}

/// The digest of a value that could be guessed without the salt.
#[must_use]
pub fn salted(salt: &[u8; 16], value: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(value).finalize().into()
}

impl Leaf {
    /// A leaf with nothing but its kind and time.
    #[must_use]
    pub const fn new(kind: Kind, at: Timestamp) -> Self {
        Self {
            kind,
            at_ms: at.millis(),
            actor: None,
            agency: None,
            entitlement: None,
            round: None,
            point: None,
            device: None,
            fence: None,
            seq: None,
            prev_hash: None,
            receipt_hash: None,
            claimed_at_ms: None,
            redemption: None,
            value_minor: None,
            currency: None,
            items: Vec::new(),
            collector: None,
            subject: None,
            public_key: None,
            word: None,
            digest: None,
            count: None,
            link: None,
            reversed: Vec::new(),
        }
    }

    /// The one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Pairs::default();
        w.key(0).uint(FORMAT);
        w.key(1).text(self.kind.as_str());
        w.key(2).int(self.at_ms);
        w.id(3, self.actor.as_ref());
        w.id(4, self.agency.as_ref());
        w.id(5, self.entitlement.as_ref());
        w.id(6, self.round.as_ref());
        if let Some(point) = self.point {
            w.key(7).uint(u64::from(point));
        }
        w.id(8, self.device.as_ref());
        if let Some(fence) = self.fence {
            w.key(9).array(2).uint(u64::from(fence.epoch)).uint(fence.counter);
        }
        if let Some(seq) = self.seq {
            w.key(10).uint(seq);
        }
        w.bytes(11, self.prev_hash.as_ref().map(<[u8; 32]>::as_slice));
        w.bytes(12, self.receipt_hash.as_ref().map(<[u8; 32]>::as_slice));
        w.int(13, self.claimed_at_ms);
        w.id(14, self.redemption.as_ref());
        w.int(15, self.value_minor);
        w.text(16, self.currency.as_ref());
        if !self.items.is_empty() {
            let items = w.key(17).array(self.items.len());
            for (code, quantity) in &self.items {
                items.array(2).text(code).int(*quantity);
            }
        }
        w.text(18, self.collector.as_ref());
        w.bytes(19, self.subject.as_ref().map(<[u8; 16]>::as_slice));
        w.bytes(20, self.public_key.as_ref().map(<[u8; 32]>::as_slice));
        w.text(21, self.word.as_ref());
        w.bytes(22, self.digest.as_ref().map(<[u8; 32]>::as_slice));
        w.int(23, self.count);
        w.id(24, self.link.as_ref());
        if !self.reversed.is_empty() {
            let rights = w.key(25).array(self.reversed.len());
            for right in &self.reversed {
                rights.bytes(right.bytes());
            }
        }
        w.finish()
    }

    /// Reads a leaf; `None` for any encoding but the one of [`Leaf::encode`].
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let value = cbor::read(bytes)?;
        let pairs = value.as_map()?;
        let find = |key: u64| pairs.iter().find(|(name, _)| cbor::as_u64(name) == Some(key)).map(|(_, value)| value);
        let text = |key| find(key)?.as_text().map(str::to_owned);
        if cbor::as_u64(find(0)?)? != FORMAT {
            return None;
        }
        // A value of the wrong type reads as absent here, and then fails the comparison of all bytes.
        let leaf = Self {
            kind: Kind::parse(find(1)?.as_text()?)?,
            at_ms: cbor::as_i64(find(2)?)?,
            actor: find(3).and_then(id),
            agency: find(4).and_then(id),
            entitlement: find(5).and_then(id),
            round: find(6).and_then(id),
            point: find(7).and_then(cbor::as_u32),
            device: find(8).and_then(id),
            fence: find(9).and_then(fence),
            seq: find(10).and_then(cbor::as_u64),
            prev_hash: find(11).and_then(cbor::as_array),
            receipt_hash: find(12).and_then(cbor::as_array),
            claimed_at_ms: find(13).and_then(cbor::as_i64),
            redemption: find(14).and_then(id),
            value_minor: find(15).and_then(cbor::as_i64),
            currency: text(16),
            items: find(17).map_or(Some(Vec::new()), items)?,
            collector: text(18),
            subject: find(19).and_then(cbor::as_array),
            public_key: find(20).and_then(cbor::as_array),
            word: text(21),
            digest: find(22).and_then(cbor::as_array),
            count: find(23).and_then(cbor::as_i64),
            link: find(24).and_then(id),
            reversed: find(25).map_or(Some(Vec::new()), ids)?,
        };
        (leaf.encode() == bytes).then_some(leaf)
    }
}

fn id<I: Identifier>(value: &Value<'_>) -> Option<I> {
    cbor::as_array(value).map(I::from_bytes)
}

fn ids<I: Identifier>(value: &Value<'_>) -> Option<Vec<I>> {
    value.as_array().filter(|ids| ids.len() <= RIGHTS_MAX)?.iter().map(id).collect()
}

fn fence(value: &Value<'_>) -> Option<Fence> {
    let [epoch, counter] = value.as_array()?.as_slice() else { return None };
    Some(Fence { epoch: cbor::as_u32(epoch)?, counter: cbor::as_u64(counter)? })
}

fn items(value: &Value<'_>) -> Option<Vec<(String, i64)>> {
    let lines = value.as_array().filter(|lines| lines.len() <= ITEMS_MAX)?;
    let item = |line: &Value<'_>| {
        let [code, quantity] = line.as_array()?.as_slice() else { return None };
        Some((code.as_text()?.to_owned(), cbor::as_i64(quantity)?))
    };
    lines.iter().map(item).collect()
}

/// A map that is counted while it is written.
#[derive(Default)]
struct Pairs {
    count: usize,
    body: Writer,
}

impl Pairs {
    fn key(&mut self, key: u64) -> &mut Writer {
        self.count += 1;
        self.body.uint(key)
    }

    fn id(&mut self, key: u64, id: Option<&impl Identifier>) {
        self.bytes(key, id.map(|id| id.bytes().as_slice()));
    }

    fn bytes(&mut self, key: u64, bytes: Option<&[u8]>) {
        if let Some(bytes) = bytes {
            self.key(key).bytes(bytes);
        }
    }

    fn int(&mut self, key: u64, number: Option<i64>) {
        if let Some(number) = number {
            self.key(key).int(number);
        }
    }

    fn text(&mut self, key: u64, text: Option<&String>) {
        if let Some(text) = text {
            self.key(key).text(text);
        }
    }

    fn finish(self) -> Vec<u8> {
        let mut head = Writer::default();
        head.map(self.count);
        [head.finish(), self.body.finish()].concat()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) fn full() -> Leaf {
        Leaf {
            actor: Some(UserId::random([1; 16])),
            agency: Some(AgencyId::random([2; 16])),
            entitlement: Some(EntitlementId::random([3; 16])),
            round: Some(RoundId::random([4; 16])),
            point: Some(12),
            device: Some(DeviceId::random([5; 16])),
            fence: Some(Fence { epoch: 1, counter: 9 }),
            seq: Some(417),
            prev_hash: Some([6; 32]),
            receipt_hash: Some([7; 32]),
            claimed_at_ms: Some(-5),
            redemption: Some(RedemptionId::random([8; 16])),
            value_minor: Some(500_000),
            currency: Some("IDR".into()),
            items: vec![("beras".into(), 15_000)],
            collector: Some("self".into()),
            subject: Some([9; 16]),
            public_key: Some([10; 32]),
            word: Some("issuer".into()),
            digest: Some([11; 32]),
            count: Some(8),
            link: Some(EntitlementId::random([12; 16])),
            ..Leaf::new(Kind::Redeem, Timestamp::from_millis(1_796_515_200_000).unwrap())
        }
    }

    #[test]
    fn a_leaf_reads_back_full_or_empty() {
        for kind in Kind::ALL {
            let bare = Leaf::new(*kind, Timestamp::default());
            assert_eq!(Leaf::decode(&bare.encode()), Some(bare));
            let full = Leaf { kind: *kind, ..full() };
            assert_eq!(Leaf::decode(&full.encode()), Some(full));
        }
    }

    #[test]
    fn a_leaf_in_another_encoding_or_with_more_in_it_is_none() {
        let mut value: ciborium::Value = ciborium::from_reader(full().encode().as_slice()).unwrap();
        value.as_map_mut().unwrap().push((25.into(), ciborium::Value::Bool(true)));
        let mut more = Vec::new();
        ciborium::into_writer(&value, &mut more).unwrap();
        assert_eq!(Leaf::decode(&more), None);
        let mut longer = full().encode();
        longer.push(0);
        assert_eq!(Leaf::decode(&longer), None);
    }

    #[test]
    fn what_can_be_guessed_is_not_found_without_the_salt() {
        assert_ne!(salted(&[1; 16], b"pindah"), salted(&[2; 16], b"pindah"));
        assert_eq!(salted(&[1; 16], b"pindah"), salted(&[1; 16], b"pindah"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>, at: prop::sample::Index, bit in 0_u8..8) {
            let _ = Leaf::decode(&bytes);
            let mut changed = full().encode();
            let at = at.index(changed.len());
            changed[at] ^= 1 << bit;
            prop_assert_ne!(Leaf::decode(&changed), Some(full()));
        }
    }
}
