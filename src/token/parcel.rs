//! All that a device brings to one sync: its receipts, the leases it gives back, what it holds back, pages of
//! its answer after a restore, and what the receipts keep only as a digest. The parcel itself is not signed:
//! everything in it that decides anything is.

use super::cbor::{self, Value, Writer};
use super::cose::Fault;
use super::receipt::id;
use crate::domain::entitlement::Fence;
use crate::domain::id::{AttemptId, EntitlementId, Identifier, RedemptionId, UserId};
use crate::domain::lease::Head;

/// How many lines each list of a parcel holds at most; the rest goes into the next.
pub const PARCEL_LINES_MAX: usize = 10_000;

const FORMAT: u64 = 1;

/// What a receipt holds only as a digest, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Of which receipt.
    pub redemption: RedemptionId,
    /// The salt of the name's digest; none without a name.
    pub salt: Option<[u8; 16]>,
    /// The collector's name; empty when there is none.
    pub name: String,
    /// Why the paper was not shown; empty when it was.
    pub paper_reason: String,
}

/// A scan that did not end in a handout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Drawn by the device, so that a repeated parcel is recognised.
    pub id: AttemptId,
    /// When, by the device's clock, in milliseconds since 1970.
    pub at_ms: i64,
    /// What the screen said.
    pub verdict: String,
    /// What the voucher named.
    pub entitlement: Option<EntitlementId>,
    /// Who stood there.
    pub operator: UserId,
}

/// A parcel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parcel {
    /// Drawn for this call; the reply repeats it.
    pub nonce: [u8; 16],
    /// An encoded [`Batch`](super::sync::Batch), or nothing.
    pub batch: Vec<u8>,
    /// Signed [`Returns`](super::lease::Returns).
    pub returns: Vec<Vec<u8>>,
    /// Leases that are held back, as the office asked.
    pub holds: Vec<(EntitlementId, Fence)>,
    /// Signed [`TablePage`](super::lease::TablePage)s.
    pub pages: Vec<Vec<u8>>,
    /// What goes with receipts of the batch.
    pub details: Vec<Detail>,
    /// Scans that did not end in a handout.
    pub tried: Vec<Tried>,
    /// The largest log outside that the device has seen.
    pub seen: Head,
    /// How many receipts the device has signed.
    pub signed: u64,
    /// The signed [`Reply`](super::reply::Reply) from which it knows that log, once the server has shown a shorter one;
    /// nothing otherwise.
    pub proof: Vec<u8>,
}

impl Parcel {
    /// The one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.map(if self.proof.is_empty() { 10 } else { 11 })
            .uint(0)
            .uint(FORMAT)
            .uint(1)
            .bytes(&self.nonce)
            .uint(2)
            .bytes(&self.batch);
        w.uint(3).array(self.returns.len());
        for signed in &self.returns {
            w.bytes(signed);
        }
        w.uint(4).array(self.holds.len());
        for (entitlement, fence) in &self.holds {
            w.array(3).bytes(entitlement.bytes()).uint(u64::from(fence.epoch)).uint(fence.counter);
        }
        w.uint(5).array(self.pages.len());
        for signed in &self.pages {
            w.bytes(signed);
        }
        w.uint(6).array(self.details.len());
        for detail in &self.details {
            w.array(4).bytes(detail.redemption.bytes());
            w.bytes(detail.salt.as_ref().map_or(&[], <[u8; 16]>::as_slice));
            w.text(&detail.name).text(&detail.paper_reason);
        }
        w.uint(7).array(self.tried.len());
        for tried in &self.tried {
            w.array(5).bytes(tried.id.bytes()).int(tried.at_ms).text(&tried.verdict);
            w.bytes(tried.entitlement.as_ref().map_or(&[], |one| one.bytes().as_slice()));
            w.bytes(tried.operator.bytes());
        }
        w.uint(8).array(2).uint(self.seen.size).bytes(&self.seen.root).uint(9).uint(self.signed);
        if !self.proof.is_empty() {
            w.uint(10).bytes(&self.proof);
        }
        w.finish()
    }

    /// Reads a parcel; what is in it is believed only as far as it is signed.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let parcel = cbor::read(bytes).and_then(|value| Self::of_value(&value)).ok_or(Fault::Malformed)?;
        if parcel.encode() == bytes { Ok(parcel) } else { Err(Fault::Malformed) }
    }

    fn of_value(value: &Value<'_>) -> Option<Self> {
        let find = super::lease::fields(value)?;
        let list = |key: u64| find(key)?.as_array().filter(|list| list.len() <= PARCEL_LINES_MAX);
        let signed = |value: &Value<'_>| value.as_bytes().map(<[u8]>::to_vec);
        let held = |value: &Value<'_>| {
            let [entitlement, epoch, counter] = value.as_array()?.as_slice() else { return None };
            Some((id(entitlement)?, super::lease::fence(epoch, counter)?))
        };
        let detail = |value: &Value<'_>| {
            let [redemption, salt, name, reason] = value.as_array()?.as_slice() else { return None };
            let salt = salt.as_bytes()?;
            Some(Detail {
                redemption: id(redemption)?,
                salt: if salt.is_empty() { None } else { Some(salt.try_into().ok()?) },
                name: name.as_text()?.to_owned(),
                paper_reason: reason.as_text()?.to_owned(),
            })
        };
        let tried = |value: &Value<'_>| {
            let [own, at, verdict, entitlement, operator] = value.as_array()?.as_slice() else { return None };
            Some(Tried {
                id: id(own)?,
                at_ms: cbor::as_i64(at)?,
                verdict: verdict.as_text()?.to_owned(),
                entitlement: if entitlement.as_bytes()?.is_empty() { None } else { Some(id(entitlement)?) },
                operator: id(operator)?,
            })
        };
        Some(Self {
            nonce: cbor::as_array(find(1)?)?,
            batch: find(2)?.as_bytes()?.to_vec(),
            returns: list(3)?.iter().map(signed).collect::<Option<_>>()?,
            holds: list(4)?.iter().map(held).collect::<Option<_>>()?,
            pages: list(5)?.iter().map(signed).collect::<Option<_>>()?,
            details: list(6)?.iter().map(detail).collect::<Option<_>>()?,
            tried: list(7)?.iter().map(tried).collect::<Option<_>>()?,
            seen: super::lease::head(find(8)?)?,
            signed: cbor::as_u64(find(9)?)?,
            proof: find(10).and_then(Value::as_bytes).map(<[u8]>::to_vec).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parcel() -> Parcel {
        Parcel {
            nonce: [1; 16],
            batch: vec![2; 30],
            returns: vec![vec![3; 40]],
            holds: vec![(EntitlementId::random([4; 16]), Fence { epoch: 1, counter: 9 })],
            pages: vec![vec![5; 9], Vec::new()],
            details: vec![Detail {
                redemption: RedemptionId::random([6; 16]),
                salt: Some([7; 16]),
                name: "Siti".into(),
                paper_reason: String::new(),
            }],
            tried: vec![Tried {
                id: AttemptId::random([8; 16]),
                at_ms: -5,
                verdict: "held".into(),
                entitlement: None,
                operator: UserId::random([9; 16]),
            }],
            seen: Head { size: 7, root: [10; 32] },
            signed: 12,
            proof: vec![11; 6],
        }
    }

    #[test]
    fn a_parcel_reads_back() {
        for one in [parcel(), Parcel::default()] {
            assert_eq!(Parcel::decode(&one.encode()), Ok(one));
        }
    }

    #[test]
    fn a_parcel_cut_short_or_with_too_many_lines_is_refused() {
        let bytes = parcel().encode();
        for end in 0..bytes.len() {
            assert!(Parcel::decode(&bytes[..end]).is_err());
        }
        let many = Parcel { returns: vec![Vec::new(); PARCEL_LINES_MAX + 1], ..parcel() };
        assert!(Parcel::decode(&many.encode()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>, at: prop::sample::Index) {
            let _ = Parcel::decode(&bytes);
            let mut spliced = parcel().encode();
            let at = at.index(spliced.len());
            spliced.splice(at..at, bytes);
            if let Ok(read) = Parcel::decode(&spliced) {
                prop_assert_eq!(read.encode(), spliced);
            }
        }
    }
}
