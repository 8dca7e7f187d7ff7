//! Facts as they are written outside the database: all that a restored server must know again.
//!
//! A fact begins with 16 bytes of its own, so that it is known when it comes twice; behind them stands one
//! array, whose first number says what the fact is.

use super::cbor::{self, Value, Writer};
use super::lease::time;
use super::receipt::id;
use crate::domain::id::{AgencyId, DeviceId, EntitlementId, Identifier, PointId};
use crate::domain::lease::brake::Brake;
use crate::domain::lease::evidence::Conflict;
use crate::domain::lease::office::Keeper;
use crate::domain::time::Timestamp;

/// A device as it was enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// Which.
    pub device: DeviceId,
    /// In which agency.
    pub agency: AgencyId,
    /// Its number there.
    pub number: u32,
    /// What people call it.
    pub name: String,
    /// For which point.
    pub point: PointId,
    /// Who keeps its journal.
    pub keeper: Keeper,
    /// In which epoch.
    pub epoch: u32,
    /// How well its key is kept.
    pub tier: String,
    /// Its public key.
    pub public_key: [u8; 32],
    /// Its private key, sealed, where the server holds it.
    pub key: Option<Vec<u8>>,
    /// The digest of its token.
    pub token_hash: Option<[u8; 32]>,
    /// The key that opens the names in its leases, sealed.
    pub names_key: Option<Vec<u8>>,
    /// How far it goes without contact.
    pub brake: Brake,
    /// When.
    pub at: Timestamp,
}

/// A receipt with what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// As signed.
    pub receipt: Vec<u8>,
    /// When the server had it.
    pub received_at: Timestamp,
    /// The digest of the request, for a desk of the server's own.
    pub request_hash: Option<[u8; 32]>,
    /// The collector's name, sealed, and the salt of its digest.
    pub name: Option<(Vec<u8>, [u8; 16])>,
    /// Why the paper was not shown.
    pub paper_reason: Option<String>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    /// A life of the server began.
    Epoch(u32, Timestamp),
    /// A device was enrolled.
    Enrolled(Box<Enrolled>),
    /// A device has another token.
    Token(DeviceId, [u8; 32]),
    /// A device may have no more leases.
    Barred(DeviceId, Timestamp),
    /// A device was given up.
    WrittenOff(DeviceId, Timestamp),
    /// An entitlement was taken away.
    Revoked(EntitlementId, String),
    /// An entitlement ended unused.
    Expired(EntitlementId),
    /// A receipt that is the redemption.
    Redeemed(Kept),
    /// A receipt that is not.
    Conflict(Kept, Conflict),
    /// The key that signs grants and replies: its id, its public half, its private half sealed.
    ServerKey([u8; 32], Vec<u8>, Timestamp),
    /// The key that signs the heads of the log, in the same way, and the name of the log.
    LogKey([u8; 32], Vec<u8>, String, Timestamp),
}

impl Outside {
    /// Writes the fact with its id.
    #[must_use]
    pub fn record(&self, own: &[u8; 16]) -> Vec<u8> {
        let mut w = Writer::default();
        match self {
            Self::Epoch(epoch, at) => drop(w.array(3).uint(0).uint(u64::from(*epoch)).int(at.millis())),
            Self::Enrolled(one) => write_enrolled(&mut w, one),
            Self::Barred(device, at) => drop(w.array(3).uint(2).bytes(device.bytes()).int(at.millis())),
            Self::WrittenOff(device, at) => drop(w.array(3).uint(3).bytes(device.bytes()).int(at.millis())),
            Self::Revoked(one, reason) => drop(w.array(3).uint(4).bytes(one.bytes()).text(reason)),
            Self::Expired(one) => drop(w.array(2).uint(5).bytes(one.bytes())),
            Self::Redeemed(kept) => {
                w.array(7).uint(6);
                write_kept(&mut w, kept);
            }
            Self::Conflict(kept, why) => {
                w.array(8).uint(7);
                write_kept(&mut w, kept);
                w.text(why.as_str());
            }
            Self::ServerKey(public, sealed, at) => {
                w.array(4).uint(8).bytes(public).bytes(sealed).int(at.millis());
            }
            Self::LogKey(public, sealed, origin, at) => {
                w.array(5).uint(10).bytes(public).bytes(sealed).text(origin).int(at.millis());
            }
            Self::Token(device, hash) => drop(w.array(3).uint(9).bytes(device.bytes()).bytes(hash)),
        }
        [own.as_slice(), &w.finish()].concat()
    }

    /// Reads a record; `None` when it holds no fact that this version knows.
    #[must_use]
    pub fn read(record: &[u8]) -> Option<Self> {
        let value = cbor::read(record.get(16..)?)?;
        let [kind, rest @ ..] = value.as_array()?.as_slice() else { return None };
        match (cbor::as_u64(kind)?, rest) {
            (0, [epoch, at]) => Some(Self::Epoch(cbor::as_u32(epoch)?, time(at)?)),
            (1, rest) => Some(Self::Enrolled(Box::new(read_enrolled(rest)?))),
            (2, [device, at]) => Some(Self::Barred(id(device)?, time(at)?)),
            (3, [device, at]) => Some(Self::WrittenOff(id(device)?, time(at)?)),
            (4, [one, reason]) => Some(Self::Revoked(id(one)?, reason.as_text()?.to_owned())),
            (5, [one]) => Some(Self::Expired(id(one)?)),
            (6, rest) => Some(Self::Redeemed(read_kept(rest)?)),
            (7, [kept @ .., why]) => Some(Self::Conflict(read_kept(kept)?, Conflict::parse(why.as_text()?)?)),
            (8, [public, sealed, at]) => {
                Some(Self::ServerKey(cbor::as_array(public)?, sealed.as_bytes()?.to_vec(), time(at)?))
            }
            (10, [public, sealed, origin, at]) => Some(Self::LogKey(
                cbor::as_array(public)?,
                sealed.as_bytes()?.to_vec(),
                origin.as_text()?.to_owned(),
                time(at)?,
            )),
            (9, [device, hash]) => Some(Self::Token(id(device)?, cbor::as_array(hash)?)),
            _ => None,
        }
    }
}

/// What may be absent is a byte string that may be empty.
fn absent(bytes: Option<&[u8]>) -> &[u8] {
    bytes.unwrap_or_default()
}

fn present(value: &Value<'_>) -> Option<Option<Vec<u8>>> {
    value.as_bytes().map(|bytes| (!bytes.is_empty()).then(|| bytes.to_vec()))
}

fn present_array<const N: usize>(value: &Value<'_>) -> Option<Option<[u8; N]>> {
    match present(value)? {
        None => Some(None),
        Some(bytes) => Some(Some(bytes.try_into().ok()?)),
    }
}

fn write_kept(w: &mut Writer, kept: &Kept) {
    w.bytes(&kept.receipt).int(kept.received_at.millis());
    w.bytes(absent(kept.request_hash.as_ref().map(<[u8; 32]>::as_slice)));
    w.bytes(absent(kept.name.as_ref().map(|(sealed, _)| sealed.as_slice())));
    w.bytes(absent(kept.name.as_ref().map(|(_, salt)| salt.as_slice())));
    w.text(kept.paper_reason.as_deref().unwrap_or_default());
}

fn read_kept(rest: &[Value<'_>]) -> Option<Kept> {
    let [receipt, received_at, request_hash, name, salt, paper_reason] = rest else { return None };
    let paper_reason = paper_reason.as_text()?;
    Some(Kept {
        receipt: receipt.as_bytes()?.to_vec(),
        received_at: time(received_at)?,
        request_hash: present_array(request_hash)?,
        name: present(name)?.zip(present_array(salt)?),
        paper_reason: (!paper_reason.is_empty()).then(|| paper_reason.to_owned()),
    })
}

fn write_enrolled(w: &mut Writer, one: &Enrolled) {
    let most = |number: Option<u32>| number.map_or(-1, i64::from);
    w.array(16).uint(1).bytes(one.device.bytes()).bytes(one.agency.bytes()).uint(u64::from(one.number));
    w.text(&one.name).bytes(one.point.bytes()).boolean(one.keeper == Keeper::Itself).uint(u64::from(one.epoch));
    w.text(&one.tier).bytes(&one.public_key).bytes(absent(one.key.as_deref()));
    w.bytes(absent(one.token_hash.as_ref().map(<[u8; 32]>::as_slice))).bytes(absent(one.names_key.as_deref()));
    w.int(most(one.brake.packages)).int(most(one.brake.hours)).int(one.at.millis());
}

fn read_enrolled(rest: &[Value<'_>]) -> Option<Enrolled> {
    let [
        device,
        agency,
        number,
        name,
        point,
        itself,
        epoch,
        tier,
        public_key,
        key,
        token_hash,
        names_key,
        packages,
        hours,
        at,
    ] = rest
    else {
        return None;
    };
    let most = |value: &Value<'_>| cbor::as_i64(value).map(|number| u32::try_from(number).ok());
    Some(Enrolled {
        device: id(device)?,
        agency: id(agency)?,
        number: cbor::as_u32(number)?,
        name: name.as_text()?.to_owned(),
        point: id(point)?,
        keeper: if itself.as_bool()? { Keeper::Itself } else { Keeper::Server },
        epoch: cbor::as_u32(epoch)?,
        tier: tier.as_text()?.to_owned(),
        public_key: cbor::as_array(public_key)?,
        key: present(key)?,
        token_hash: present_array(token_hash)?,
        names_key: present(names_key)?,
        brake: Brake { packages: most(packages)?, hours: most(hours)? },
        at: time(at)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_reads_back() {
        let at = Timestamp::from_millis(1_796_515_200_000).unwrap();
        let device = DeviceId::random([1; 16]);
        let kept = Kept {
            receipt: vec![1; 300],
            received_at: at,
            request_hash: None,
            name: None,
            paper_reason: Some("hilang".into()),
        };
        let full = Kept {
            request_hash: Some([2; 32]),
            name: Some((vec![3; 40], [4; 16])),
            paper_reason: None,
            ..kept.clone()
        };
        let enrolled = Enrolled {
            device,
            agency: AgencyId::random([5; 16]),
            number: 7,
            name: "Pemindai 1".into(),
            point: PointId::random([6; 16]),
            keeper: Keeper::Itself,
            epoch: 2,
            tier: "webcrypto".into(),
            public_key: [7; 32],
            key: None,
            token_hash: Some([8; 32]),
            names_key: Some(vec![9; 73]),
            brake: Brake { packages: Some(40), hours: None },
            at,
        };
        let facts = [
            Outside::Epoch(2, at),
            Outside::Enrolled(Box::new(enrolled)),
            Outside::Token(device, [3; 32]),
            Outside::Barred(device, at),
            Outside::WrittenOff(device, at),
            Outside::Revoked(EntitlementId::random([2; 16]), "pindah".into()),
            Outside::Expired(EntitlementId::random([2; 16])),
            Outside::Redeemed(kept),
            Outside::Conflict(full, Conflict::OtherFence),
            Outside::ServerKey([1; 32], vec![2; 73], at),
            Outside::LogKey([1; 32], vec![2; 73], "salur.example/api/v1/log".into(), at),
        ];
        for fact in facts {
            let record = fact.record(&[9; 16]);
            assert_eq!(record[..16], [9; 16]);
            assert_eq!(Outside::read(&record), Some(fact));
            assert_eq!(Outside::read(&record[..record.len() - 1]), None);
        }
    }
}
