//! Receipts on their way to the server, small enough for a bad line.
//!
//! A batch says once what its receipts share (device, key, point, operators, rounds with their packages);
//! an item is the rest, with the signature. [`Batch::unpack`] puts the signed receipt together again, byte
//! for byte, and believes nothing of it: whoever wants to believe it calls
//! [`verify`](super::receipt::verify). Each item is a byte string of its own and carries its `prev_hash`,
//! so that a spoilt one says nothing about the next. A receipt that does not fit the short form travels as
//! it is.

use super::cbor::{self, Value, Writer};
use super::cose::{self, Fault};
use super::key::{KeyId, KeyRing};
use super::receipt::{self, ReceiptBody, id, item};
use crate::domain::entitlement::Fence;
use crate::domain::id::{DeviceId, Identifier, RoundId, UserId};
use crate::domain::lease::Head;
use crate::domain::redemption::{CollectorKind, Paper};

/// How many items a batch holds at most; the rest goes into the next.
pub const BATCH_ITEMS_MAX: usize = 10_000;

const FORMAT: u64 = 1;

/// A round, with what a full handout in it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullHandout {
    /// Which round.
    pub round: RoundId,
    /// Its package: the code of each item and its quantity in base units.
    pub items: Vec<(String, i64)>,
    /// What it is worth, in the minor unit.
    pub value_minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// What the receipts of a batch share, and the receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Whose receipts they are.
    pub device: DeviceId,
    /// The key that signed them.
    pub kid: KeyId,
    /// The number of the point.
    pub point: u32,
    /// How much of the log the device has seen (V8).
    pub seen: Head,
    /// Who stood at the device.
    pub operators: Vec<UserId>,
    /// What was handed out.
    pub rounds: Vec<FullHandout>,
    /// The items, each for itself.
    pub items: Vec<Vec<u8>>,
}

impl Batch {
    /// Adds a signed receipt. `ring` holds the device's key; what it does not hold is refused here already.
    pub fn push(&mut self, signed: &[u8], ring: &KeyRing) -> Result<(), Fault> {
        let (_, body) = receipt::verify(signed, ring)?;
        let short = self.shorten(&body, signed).filter(|item| self.unpack(item).is_ok_and(|again| again == signed));
        self.items.push(short.unwrap_or_else(|| {
            let mut w = Writer::default();
            w.bytes(signed);
            w.finish()
        }));
        Ok(())
    }

    fn shorten(&self, body: &ReceiptBody, signed: &[u8]) -> Option<Vec<u8>> {
        let operator = self.operators.iter().position(|known| *known == body.operator)?;
        let round = self.rounds.iter().position(|known| known.round == body.round)?;
        let collector = CollectorKind::ALL.iter().position(|kind| kind.as_str() == body.collector)?;
        let paper = Paper::ALL.iter().position(|paper| paper.as_str() == body.paper)?;
        let full = self.rounds.get(round)?;
        let signature = signed.get(signed.len().checked_sub(64)?..)?;
        let mut w = Writer::default();
        w.array(16).bytes(body.redemption.bytes()).bytes(body.entitlement.bytes());
        w.uint(u64::from(body.fence.epoch)).uint(body.fence.counter).uint(body.seq).bytes(&body.prev_hash);
        w.uint(operator as u64).uint(round as u64).uint(u64::from(body.print)).int(body.claimed_at_ms);
        w.uint((collector as u64) | u64::from(body.id_seen) << 2 | (paper as u64) << 3);
        w.text(body.relation.as_deref().unwrap_or_default());
        w.bytes(body.name_digest.as_ref().map_or(&[], <[u8; 32]>::as_slice));
        if body.items == full.items && body.value_minor == full.value_minor {
            w.array(0);
        } else {
            w.array(2).int(body.value_minor).array(body.items.len());
            for (code, quantity) in &body.items {
                w.array(2).text(code).int(*quantity);
            }
        }
        w.array(body.flags.len());
        for flag in &body.flags {
            w.text(flag);
        }
        w.bytes(signature);
        Some(w.finish())
    }

    /// The signed receipt of an item, as its device wrote it, if nothing was altered on the way.
    pub fn unpack(&self, item: &[u8]) -> Result<Vec<u8>, Fault> {
        let value = cbor::read(item).ok_or(Fault::Malformed)?;
        if let Some(signed) = value.as_bytes() {
            return Ok(signed.to_vec());
        }
        let (body, signature) = self.lengthen(&value).ok_or(Fault::Malformed)?;
        Ok(cose::envelope(self.kid, &body.encode(), &signature))
    }

    fn lengthen(&self, value: &Value<'_>) -> Option<(ReceiptBody, [u8; 64])> {
        let [
            redemption,
            entitlement,
            epoch,
            counter,
            seq,
            prev,
            operator,
            round,
            print,
            at,
            who,
            relation,
            name,
            given,
            flags,
            signature,
        ] = value.as_array()?.as_slice()
        else {
            return None;
        };
        let place = |value: &Value<'_>| usize::try_from(cbor::as_u64(value)?).ok();
        let full = self.rounds.get(place(round)?)?;
        let who = place(who)?;
        let (items, value_minor) = match given.as_array()?.as_slice() {
            [] => (full.items.clone(), full.value_minor),
            [value, items] => (items.as_array()?.iter().map(item).collect::<Option<_>>()?, cbor::as_i64(value)?),
            _ => return None,
        };
        let relation = relation.as_text()?;
        let name = name.as_bytes()?;
        let body = ReceiptBody {
            redemption: id(redemption)?,
            entitlement: id(entitlement)?,
            fence: Fence { epoch: cbor::as_u32(epoch)?, counter: cbor::as_u64(counter)? },
            device: self.device,
            seq: cbor::as_u64(seq)?,
            prev_hash: cbor::as_array(prev)?,
            operator: *self.operators.get(place(operator)?)?,
            point: self.point,
            round: full.round,
            print: cbor::as_u32(print)?,
            claimed_at_ms: cbor::as_i64(at)?,
            received_at_ms: None,
            collector: CollectorKind::ALL.get(who & 3)?.as_str().to_owned(),
            relation: (!relation.is_empty()).then(|| relation.to_owned()),
            id_seen: who & 4 != 0,
            name_digest: if name.is_empty() { None } else { Some(name.try_into().ok()?) },
            paper: Paper::ALL.get(who >> 3)?.as_str().to_owned(),
            items,
            value_minor,
            currency: full.currency.clone(),
            flags: flags.as_array()?.iter().map(|flag| flag.as_text().map(str::to_owned)).collect::<Option<_>>()?,
        };
        Some((body, cbor::as_array(signature)?))
    }

    /// The whole batch. It is not signed: everything in it that matters is.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.map(8).uint(0).uint(FORMAT).uint(1).bytes(self.device.bytes()).uint(2).bytes(&self.kid.to_bytes());
        w.uint(3).uint(u64::from(self.point)).uint(4).array(2).uint(self.seen.size).bytes(&self.seen.root);
        w.uint(5).array(self.operators.len());
        for operator in &self.operators {
            w.bytes(operator.bytes());
        }
        w.uint(6).array(self.rounds.len());
        for full in &self.rounds {
            w.array(4).bytes(full.round.bytes()).int(full.value_minor).text(&full.currency).array(full.items.len());
            for (code, quantity) in &full.items {
                w.array(2).text(code).int(*quantity);
            }
        }
        w.uint(7).array(self.items.len());
        for item in &self.items {
            w.bytes(item);
        }
        w.finish()
    }

    /// Reads a batch; what its items are worth is not looked at.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let value = cbor::read(bytes).ok_or(Fault::Malformed)?;
        let batch = Self::of_value(&value).filter(|batch| batch.items.len() <= BATCH_ITEMS_MAX);
        batch.filter(|batch| batch.encode() == bytes).ok_or(Fault::Malformed)
    }

    fn of_value(value: &Value<'_>) -> Option<Self> {
        let pairs = value.as_map()?;
        let find = |key: u64| pairs.iter().find(|(name, _)| cbor::as_u64(name) == Some(key)).map(|(_, value)| value);
        if cbor::as_u64(find(0)?)? != FORMAT {
            return None;
        }
        let [size, root] = find(4)?.as_array()?.as_slice() else { return None };
        Some(Self {
            device: id(find(1)?)?,
            kid: KeyId::from_bytes(cbor::as_array(find(2)?)?),
            point: cbor::as_u32(find(3)?)?,
            seen: Head { size: cbor::as_u64(size)?, root: cbor::as_array(root)? },
            operators: find(5)?.as_array()?.iter().map(id).collect::<Option<_>>()?,
            rounds: find(6)?.as_array()?.iter().map(full_handout).collect::<Option<_>>()?,
            items: find(7)?
                .as_array()?
                .iter()
                .map(|item| item.as_bytes().map(<[u8]>::to_vec))
                .collect::<Option<_>>()?,
        })
    }
}

fn full_handout(value: &Value<'_>) -> Option<FullHandout> {
    let [round, value_minor, currency, items] = value.as_array()?.as_slice() else { return None };
    Some(FullHandout {
        round: id(round)?,
        items: items.as_array()?.iter().map(item).collect::<Option<_>>()?,
        value_minor: cbor::as_i64(value_minor)?,
        currency: currency.as_text()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{EntitlementId, RedemptionId};
    use crate::token::{FIRST_PREV_HASH, SigningKey};

    fn key() -> SigningKey {
        SigningKey::from_seed(&[11; 32])
    }

    fn ring() -> KeyRing {
        KeyRing::of([key().verifying_key()]).unwrap()
    }

    fn package() -> FullHandout {
        let items = ["beras", "minyak", "gula", "telur", "teh", "kecap", "sarden", "mie", "susu", "garam"];
        FullHandout {
            round: RoundId::random([5; 16]),
            items: items.into_iter().map(|code| (code.to_owned(), 15_000)).collect(),
            value_minor: 500_000,
            currency: "IDR".into(),
        }
    }

    fn empty() -> Batch {
        Batch {
            device: DeviceId::random([3; 16]),
            kid: key().id(),
            point: 12,
            seen: Head { size: 70_000, root: [1; 32] },
            operators: vec![UserId::random([4; 16])],
            rounds: vec![package()],
            items: Vec::new(),
        }
    }

    /// A receipt as wide as those of a large programme get: every number in its long form, a proxy's name.
    fn body(seq: u64, proxy: bool) -> ReceiptBody {
        ReceiptBody {
            redemption: RedemptionId::random([1; 16]),
            entitlement: EntitlementId::random([2; 16]),
            fence: Fence { epoch: 300, counter: 70_000 },
            device: DeviceId::random([3; 16]),
            seq,
            prev_hash: FIRST_PREV_HASH,
            operator: UserId::random([4; 16]),
            point: 12,
            round: RoundId::random([5; 16]),
            print: 3,
            claimed_at_ms: 1_796_515_200_000,
            received_at_ms: None,
            collector: if proxy { "proxy" } else { "self" }.into(),
            relation: proxy.then(|| "same_family_card".into()),
            id_seen: true,
            name_digest: proxy.then_some([6; 32]),
            paper: "seen".into(),
            items: package().items,
            value_minor: 500_000,
            currency: "IDR".into(),
            flags: if proxy { vec!["clock_back".into()] } else { Vec::new() },
        }
    }

    fn signed(body: &ReceiptBody) -> Vec<u8> {
        receipt::sign(&key(), body).unwrap()
    }

    #[test]
    fn a_redemption_takes_less_than_250_bytes_on_the_wire() {
        for (proxy, most) in [(false, 175), (true, 240)] {
            let mut batch = empty();
            for seq in 1..=1_000 {
                batch.push(&signed(&body(70_000 + seq, proxy)), &ring()).unwrap();
            }
            let each = batch.encode().len() / 1_000;
            println!("{each} bytes a redemption (proxy: {proxy}); {} signed", signed(&body(70_001, proxy)).len());
            assert!(each <= most, "{each} bytes");
        }
        let mut alone = empty();
        alone.push(&signed(&body(70_000, true)), &ring()).unwrap();
        println!("a batch of one: {} bytes", alone.encode().len());
    }

    #[test]
    fn a_receipt_comes_out_as_it_went_in_also_the_unusual_one() {
        let other = UserId::random([40; 16]);
        for body in [
            body(1, false),
            body(2, true),
            ReceiptBody { items: vec![("beras".into(), 3)], value_minor: 100, ..body(3, false) },
            ReceiptBody { operator: other, ..body(4, false) },
            ReceiptBody { relation: Some(String::new()), ..body(5, false) },
            ReceiptBody { received_at_ms: Some(7), ..body(6, false) },
            ReceiptBody { point: 13, ..body(7, false) },
            ReceiptBody { claimed_at_ms: i64::MIN, paper: "burnt".into(), ..body(8, false) },
        ] {
            let mut batch = empty();
            batch.push(&signed(&body), &ring()).unwrap();
            let read = Batch::decode(&batch.encode()).unwrap();
            assert_eq!(read.unpack(&read.items[0]), Ok(signed(&body)));
        }
    }

    #[test]
    fn a_spoilt_item_is_refused_for_itself_and_holds_up_no_other() {
        let mut batch = empty();
        for seq in 1..=3 {
            batch.push(&signed(&body(seq, true)), &ring()).unwrap();
        }
        let good = batch.clone();
        for bit in 0..good.items[1].len() * 8 {
            batch.items[1].clone_from(&good.items[1]);
            batch.items[1][bit / 8] ^= 1 << (bit % 8);
            let read = Batch::decode(&batch.encode()).unwrap();
            let fine = |at: usize| {
                let signed = read.unpack(&read.items[at]);
                signed.is_ok_and(|signed| receipt::verify(&signed, &ring()).is_ok())
            };
            assert_eq!((fine(0), fine(1), fine(2)), (true, false, true), "bit {bit}");
        }
        let whole = good.encode();
        for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
            assert_eq!(Batch::decode(&whole[..cut]), Err(Fault::Malformed));
        }
    }
}
