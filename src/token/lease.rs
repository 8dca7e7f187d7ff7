//! Leases, returns and answers in writing: what server and device sign for each other.
//!
//! Each is a payload in the same envelope as a voucher, with one encoding. A bundle of thousands is some
//! pages, and each page is signed and good for itself, so that half a bundle is half the leases. What a desk
//! must see of a household besides the typed code is in the sealed part of an entry, which only the
//! operator's PIN opens: this room does not look into it.

use super::cbor::{self, Value, Writer};
use super::cose::{Fault, sign_payload, verify_payload};
use super::key::{KeyId, KeyRing, SigningKey};
use super::receipt::id;
use crate::domain::entitlement::Fence;
use crate::domain::id::{DeviceId, EntitlementId, Identifier, RoundId};
use crate::domain::lease::{Bundle, Claimed, Grant, Head, Held, Return};
use crate::domain::time::Timestamp;

/// How many leases a page holds at most: with entries of the greatest length it still can be read.
pub const PAGE_LEASES_MAX: usize = 300;

/// The greatest length of an entry in writing.
pub const ENTRY_BYTES_MAX: usize = 200;

/// How many lines of a lease table a page of an answer holds at most.
pub const PAGE_LINES_MAX: usize = 1_500;

const FORMAT: u64 = 1;

/// One lease of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What may be redeemed.
    pub entitlement: EntitlementId,
    /// The lease's number within the bundle's epoch.
    pub counter: u64,
    /// The place of its round in the bundle.
    pub round: u32,
    /// The newest print; older papers are superseded.
    pub print: u32,
    /// What people type: ten signs.
    pub code: String,
    /// Name, RT, the last four of the NIK, year of birth: ciphertext, opened by the operator's PIN.
    pub sealed: Vec<u8>,
}

/// A round of which a bundle holds leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedRound {
    /// Which.
    pub round: RoundId,
    /// From when its vouchers are good.
    pub begins_at: Timestamp,
    /// When the leases end for the device.
    pub ends_at: Timestamp,
    /// The package: the code of each item and its quantity.
    pub items: Vec<(String, i64)>,
}

/// A page of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundlePage {
    /// For whom.
    pub device: DeviceId,
    /// The server's epoch.
    pub epoch: u32,
    /// The server's time.
    pub server_time: Timestamp,
    /// How much of the log the server knew.
    pub cover: Head,
    /// The rounds that its entries speak of.
    pub rounds: Vec<LeasedRound>,
    /// The leases.
    pub entries: Vec<Entry>,
}

impl BundlePage {
    /// What the protocol sees of it; `None` when an entry speaks of a round that the page does not hold.
    #[must_use]
    pub fn bundle(&self) -> Option<Bundle> {
        let grants = self.entries.iter().map(|entry| {
            let round = self.rounds.get(usize::try_from(entry.round).ok()?)?;
            let fence = Fence { epoch: self.epoch, counter: entry.counter };
            Some(Grant { entitlement: entry.entitlement, fence, ends_at: round.ends_at })
        });
        let grants = grants.collect::<Option<_>>()?;
        let Self { device, epoch, server_time, cover, .. } = *self;
        Some(Bundle { device, epoch, server_time, cover, grants })
    }

    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.map(7).uint(0).uint(FORMAT).uint(1).bytes(self.device.bytes()).uint(2).uint(u64::from(self.epoch));
        w.uint(3).int(self.server_time.millis()).uint(4).array(2).uint(self.cover.size).bytes(&self.cover.root);
        w.uint(5).array(self.rounds.len());
        for round in &self.rounds {
            w.array(4).bytes(round.round.bytes()).int(round.begins_at.millis()).int(round.ends_at.millis());
            w.array(round.items.len());
            for (code, quantity) in &round.items {
                w.array(2).text(code).int(*quantity);
            }
        }
        w.uint(6).array(self.entries.len());
        for entry in &self.entries {
            w.array(6).bytes(entry.entitlement.bytes()).uint(entry.counter).uint(u64::from(entry.round));
            w.uint(u64::from(entry.print)).text(&entry.code).bytes(&entry.sealed);
        }
        w.finish()
    }

    fn of_value(value: &Value<'_>) -> Option<Self> {
        let find = fields(value)?;
        Some(Self {
            device: id(find(1)?)?,
            epoch: cbor::as_u32(find(2)?)?,
            server_time: time(find(3)?)?,
            cover: head(find(4)?)?,
            rounds: find(5)?.as_array()?.iter().map(leased_round).collect::<Option<_>>()?,
            entries: find(6)?.as_array()?.iter().map(entry).collect::<Option<_>>()?,
        })
    }
}

/// Leases that a device gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returns {
    /// Who.
    pub device: DeviceId,
    /// How many receipts it had signed.
    pub seq: u64,
    /// Which leases.
    pub leases: Vec<(EntitlementId, Fence)>,
}

impl Returns {
    /// One by one, as the protocol takes them.
    pub fn each(&self) -> impl Iterator<Item = Return> + '_ {
        let (device, seq) = (self.device, self.seq);
        self.leases.iter().map(move |&(entitlement, fence)| Return { device, entitlement, fence, seq })
    }

    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.map(4).uint(0).uint(FORMAT).uint(1).bytes(self.device.bytes()).uint(2).uint(self.seq);
        w.uint(3).array(self.leases.len());
        for (entitlement, fence) in &self.leases {
            w.array(3).bytes(entitlement.bytes()).uint(u64::from(fence.epoch)).uint(fence.counter);
        }
        w.finish()
    }

    fn of_value(value: &Value<'_>) -> Option<Self> {
        let find = fields(value)?;
        let lease = |value: &Value<'_>| {
            let [entitlement, epoch, counter] = value.as_array()?.as_slice() else { return None };
            Some((id(entitlement)?, fence(epoch, counter)?))
        };
        Some(Self {
            device: id(find(1)?)?,
            seq: cbor::as_u64(find(2)?)?,
            leases: find(3)?.as_array()?.iter().map(lease).collect::<Option<_>>()?,
        })
    }
}

/// A page of an answer to a resync. It counts when all its pages are there; the journal travels as any sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePage {
    /// Who.
    pub device: DeviceId,
    /// In which epoch it answers.
    pub epoch: u32,
    /// How much of the log it has seen.
    pub seen: Head,
    /// How many receipts it has signed, and the hash of the newest: the journal must reach so far.
    pub chain: Head,
    /// Which page, from 0.
    pub page: u32,
    /// How many pages.
    pub pages: u32,
    /// Its lines.
    pub table: Vec<Held>,
}

impl TablePage {
    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.map(8).uint(0).uint(FORMAT).uint(1).bytes(self.device.bytes()).uint(2).uint(u64::from(self.epoch));
        w.uint(3).array(2).uint(self.seen.size).bytes(&self.seen.root);
        w.uint(4).array(2).uint(self.chain.size).bytes(&self.chain.root);
        w.uint(5).uint(u64::from(self.page)).uint(6).uint(u64::from(self.pages)).uint(7).array(self.table.len());
        for held in &self.table {
            let claimed = match held.claimed {
                Claimed::Open => 0,
                Claimed::Closed => 1,
                Claimed::Redeemed => 2,
            };
            w.array(4).bytes(held.entitlement.bytes()).uint(u64::from(held.fence.epoch)).uint(held.fence.counter);
            w.uint(claimed);
        }
        w.finish()
    }

    fn of_value(value: &Value<'_>) -> Option<Self> {
        let find = fields(value)?;
        let held = |value: &Value<'_>| {
            let [entitlement, epoch, counter, claimed] = value.as_array()?.as_slice() else { return None };
            let claimed = match cbor::as_u64(claimed)? {
                0 => Claimed::Open,
                1 => Claimed::Closed,
                2 => Claimed::Redeemed,
                _ => return None,
            };
            Some(Held { entitlement: id(entitlement)?, fence: fence(epoch, counter)?, claimed })
        };
        Some(Self {
            device: id(find(1)?)?,
            epoch: cbor::as_u32(find(2)?)?,
            seen: head(find(3)?)?,
            chain: head(find(4)?)?,
            page: cbor::as_u32(find(5)?)?,
            pages: cbor::as_u32(find(6)?)?,
            table: find(7)?.as_array()?.iter().map(held).collect::<Option<_>>()?,
        })
    }
}

pub(super) fn fields<'a, 'b>(value: &'a Value<'b>) -> Option<impl Fn(u64) -> Option<&'a Value<'b>>> {
    let pairs = value.as_map()?;
    let find = move |key: u64| pairs.iter().find(|(name, _)| cbor::as_u64(name) == Some(key)).map(|(_, value)| value);
    (find(0).and_then(cbor::as_u64) == Some(FORMAT)).then_some(find)
}

pub(super) fn time(value: &Value<'_>) -> Option<Timestamp> {
    Timestamp::from_millis(cbor::as_i64(value)?).ok()
}

pub(super) fn head(value: &Value<'_>) -> Option<Head> {
    let [size, root] = value.as_array()?.as_slice() else { return None };
    Some(Head { size: cbor::as_u64(size)?, root: cbor::as_array(root)? })
}

pub(super) fn fence(epoch: &Value<'_>, counter: &Value<'_>) -> Option<Fence> {
    Some(Fence { epoch: cbor::as_u32(epoch)?, counter: cbor::as_u64(counter)? })
}

fn leased_round(value: &Value<'_>) -> Option<LeasedRound> {
    let [round, begins_at, ends_at, items] = value.as_array()?.as_slice() else { return None };
    Some(LeasedRound {
        round: id(round)?,
        begins_at: time(begins_at)?,
        ends_at: time(ends_at)?,
        items: items.as_array()?.iter().map(super::receipt::item).collect::<Option<_>>()?,
    })
}

fn entry(value: &Value<'_>) -> Option<Entry> {
    let [entitlement, counter, round, print, code, sealed] = value.as_array()?.as_slice() else { return None };
    Some(Entry {
        entitlement: id(entitlement)?,
        counter: cbor::as_u64(counter)?,
        round: cbor::as_u32(round)?,
        print: cbor::as_u32(print)?,
        code: code.as_text()?.to_owned(),
        sealed: sealed.as_bytes()?.to_vec(),
    })
}

macro_rules! signed {
    ($($(#[$doc:meta])* $kind:ident, $sign:ident, $verify:ident, $tag:literal;)*) => { $(
        $(#[$doc])*
        #[must_use]
        pub fn $sign(key: &SigningKey, body: &$kind) -> Vec<u8> {
            sign_payload(key, &wrap($tag, &body.encode()))
        }

        /// Reads it again, if one of these keys signed it and it is in the one encoding.
        pub fn $verify(bytes: &[u8], ring: &KeyRing) -> Result<(KeyId, $kind), Fault> {
            let (kid, payload) = verify_payload(bytes, ring)?;
            let inner = unwrap($tag, &payload).ok_or(Fault::Malformed)?;
            let body = cbor::read(&inner).and_then(|value| $kind::of_value(&value)).ok_or(Fault::Malformed)?;
            if wrap($tag, &body.encode()) == payload { Ok((kid, body)) } else { Err(Fault::Malformed) }
        }
    )* };
}

signed! {
    /// Signs a page of a bundle with the server's key.
    BundlePage, sign_bundle, verify_bundle, 1;
    /// Signs a return with the device's key.
    Returns, sign_returns, verify_returns, 2;
    /// Signs a page of an answer with the device's key.
    TablePage, sign_table, verify_table, 3;
}

/// What kind of paper this is stands inside the signature: one cannot be shown in place of another.
pub(super) fn wrap(kind: u64, body: &[u8]) -> Vec<u8> {
    let mut w = Writer::default();
    w.array(2).uint(kind).bytes(body);
    w.finish()
}

pub(super) fn unwrap(kind: u64, payload: &[u8]) -> Option<Vec<u8>> {
    let value = cbor::read(payload)?;
    let [said, body] = value.as_array()?.as_slice() else { return None };
    (cbor::as_u64(said) == Some(kind)).then(|| body.as_bytes().map(<[u8]>::to_vec)).flatten()
}

#[cfg(test)]
#[path = "lease_tests.rs"]
mod tests;
