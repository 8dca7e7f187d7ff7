//! What the server says to one device at the end of a call, under its own signature: its epoch and its time,
//! how far the log outside covers the device's receipts, and what the office wants done.
//!
//! The device has drawn `nonce` for the call that this answers, so an old reply cannot be played to it again.

use super::cbor::{self, Value, Writer};
use super::cose::{Fault, sign_payload, verify_payload};
use super::key::{KeyId, KeyRing, SigningKey};
use super::lease::{fields, head, time, unwrap, wrap};
use super::receipt::id;
use crate::domain::id::{DeviceId, EntitlementId, Identifier, RoundId};
use crate::domain::lease::brake::Brake;
use crate::domain::lease::office::Standing;
use crate::domain::lease::{Ask, Head};
use crate::domain::time::Timestamp;

/// The nonce of a call that brought none: its reply is no contact.
pub const NO_NONCE: [u8; 16] = [0; 16];

/// How many wishes of the office a reply carries at most; the rest goes into the next.
pub const ASKS_MAX: usize = 1_000;

const FORMAT: u64 = 1;
const KIND: u64 = 4;

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// For whom.
    pub device: DeviceId,
    /// Which call it answers.
    pub nonce: [u8; 16],
    /// The server's epoch.
    pub epoch: u32,
    /// The server's time.
    pub server_time: Timestamp,
    /// The log outside, as it is now.
    pub cover: Head,
    /// How many devices still owe an answer in this epoch.
    pub missing: u32,
    /// How the office stands to the device.
    pub standing: Standing,
    /// Two receipts took one place in the device's chain.
    pub forked: bool,
    /// The server waits for this device's answer in this epoch.
    pub resync: bool,
    /// Receipts up to this place are covered, and the hash of the one there.
    pub ack: Option<(u64, [u8; 32])>,
    /// What the office wants done.
    pub asks: Vec<(EntitlementId, Ask)>,
    /// How far the device may go without contact.
    pub brake: Brake,
    /// Rounds that stand still at the device's point, and why.
    pub paused: Vec<(RoundId, String)>,
}

impl Reply {
    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.map(14).uint(0).uint(FORMAT).uint(1).bytes(self.device.bytes()).uint(2).bytes(&self.nonce);
        w.uint(3).uint(u64::from(self.epoch)).uint(4).int(self.server_time.millis());
        w.uint(5).array(2).uint(self.cover.size).bytes(&self.cover.root).uint(6).uint(u64::from(self.missing));
        w.uint(7).uint(match self.standing {
            Standing::Active => 0,
            Standing::Revoked => 1,
            Standing::WrittenOff => 2,
        });
        w.uint(8).boolean(self.forked).uint(9).boolean(self.resync).uint(10);
        match &self.ack {
            None => w.array(0),
            Some((seq, hash)) => w.array(2).uint(*seq).bytes(hash),
        };
        w.uint(11).array(self.asks.len());
        for (entitlement, ask) in &self.asks {
            let ask = match ask {
                Ask::Revoke => 0,
                Ask::Hold => 1,
                Ask::Release => 2,
            };
            w.array(2).bytes(entitlement.bytes()).uint(ask);
        }
        w.uint(12).array(2);
        for most in [self.brake.packages, self.brake.hours] {
            w.array(usize::from(most.is_some()));
            if let Some(most) = most {
                w.uint(u64::from(most));
            }
        }
        w.uint(13).array(self.paused.len());
        for (round, reason) in &self.paused {
            w.array(2).bytes(round.bytes()).text(reason);
        }
        w.finish()
    }

    fn of_value(value: &Value<'_>) -> Option<Self> {
        let find = fields(value)?;
        let most = |value: &Value<'_>| match value.as_array()?.as_slice() {
            [] => Some(None),
            [most] => cbor::as_u32(most).map(Some),
            _ => None,
        };
        let ask = |value: &Value<'_>| {
            let [entitlement, ask] = value.as_array()?.as_slice() else { return None };
            let ask = match cbor::as_u64(ask)? {
                0 => Ask::Revoke,
                1 => Ask::Hold,
                2 => Ask::Release,
                _ => return None,
            };
            Some((id(entitlement)?, ask))
        };
        let paused = |value: &Value<'_>| {
            let [round, reason] = value.as_array()?.as_slice() else { return None };
            Some((id(round)?, reason.as_text()?.to_owned()))
        };
        let [packages, hours] = find(12)?.as_array()?.as_slice() else { return None };
        Some(Self {
            device: id(find(1)?)?,
            nonce: cbor::as_array(find(2)?)?,
            epoch: cbor::as_u32(find(3)?)?,
            server_time: time(find(4)?)?,
            cover: head(find(5)?)?,
            missing: cbor::as_u32(find(6)?)?,
            standing: match cbor::as_u64(find(7)?)? {
                0 => Standing::Active,
                1 => Standing::Revoked,
                2 => Standing::WrittenOff,
                _ => return None,
            },
            forked: find(8)?.as_bool()?,
            resync: find(9)?.as_bool()?,
            ack: match find(10)?.as_array()?.as_slice() {
                [] => None,
                [seq, hash] => Some((cbor::as_u64(seq)?, cbor::as_array(hash)?)),
                _ => return None,
            },
            asks: find(11)?.as_array()?.iter().map(ask).collect::<Option<_>>()?,
            brake: Brake { packages: most(packages)?, hours: most(hours)? },
            paused: find(13)?.as_array()?.iter().map(paused).collect::<Option<_>>()?,
        })
    }
}

/// Signs a reply with the server's key.
#[must_use]
pub fn sign_reply(key: &SigningKey, reply: &Reply) -> Vec<u8> {
    sign_payload(key, &wrap(KIND, &reply.encode()))
}

/// Reads it again, if one of these keys signed it and it is in the one encoding.
pub fn verify_reply(bytes: &[u8], ring: &KeyRing) -> Result<(KeyId, Reply), Fault> {
    let (kid, payload) = verify_payload(bytes, ring)?;
    let inner = unwrap(KIND, &payload).ok_or(Fault::Malformed)?;
    let reply = cbor::read(&inner).and_then(|value| Reply::of_value(&value)).ok_or(Fault::Malformed)?;
    if wrap(KIND, &reply.encode()) == payload { Ok((kid, reply)) } else { Err(Fault::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::VerifyingKey;

    fn key() -> SigningKey {
        SigningKey::from_seed(&[5; 32])
    }

    fn reply() -> Reply {
        Reply {
            device: DeviceId::random([1; 16]),
            nonce: [2; 16],
            epoch: 3,
            server_time: Timestamp::from_millis(1_796_515_200_000).unwrap(),
            cover: Head { size: 70_000, root: [4; 32] },
            missing: 2,
            standing: Standing::Revoked,
            forked: true,
            resync: true,
            ack: Some((12, [5; 32])),
            asks: vec![(EntitlementId::random([6; 16]), Ask::Revoke), (EntitlementId::random([7; 16]), Ask::Release)],
            brake: Brake { packages: Some(40), hours: None },
            paused: vec![(RoundId::random([8; 16]), "jalan putus".into())],
        }
    }

    #[test]
    fn a_reply_reads_back_and_every_changed_bit_is_refused() {
        let ring = KeyRing::of([key().verifying_key()]).unwrap();
        let bare = Reply { ack: None, asks: Vec::new(), paused: Vec::new(), ..reply() };
        for one in [reply(), bare] {
            let signed = sign_reply(&key(), &one);
            assert_eq!(verify_reply(&signed, &ring), Ok((key().id(), one)));
            for place in 0..signed.len() * 8 {
                let mut changed = signed.clone();
                changed[place / 8] ^= 1 << (place % 8);
                assert!(verify_reply(&changed, &ring).is_err(), "bit {place}");
            }
        }
    }

    #[test]
    fn a_full_reply_can_still_be_read() {
        let ring: [VerifyingKey; 1] = [key().verifying_key()];
        let ask = (EntitlementId::random([6; 16]), Ask::Hold);
        let full = Reply { asks: vec![ask; ASKS_MAX], ..reply() };
        assert!(verify_reply(&sign_reply(&key(), &full), &KeyRing::of(ring).unwrap()).is_ok());
    }
}
