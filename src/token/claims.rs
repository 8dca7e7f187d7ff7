//! What a voucher says: which entitlement it names, and the three numbers a desk needs without network.

use thiserror::Error;

use super::cbor::{self, Value, Writer};
use crate::domain::id::{EntitlementId, Identifier};

/// The registered claim `cti`: the id of the token, here of the entitlement.
const CTI: i64 = 7;
/// The private claim that holds the three numbers.
const NUMBERS: i64 = -65_537;

/// The claims of a voucher. They are all it carries: whoever finds one learns nothing of a person.
///
/// The numbers are small in practice. With a point number up to 65,535, a round up to 255 and a print
/// up to 23 the signed token has at most 112 bytes, so that its QR text under a host name of 30
/// characters fits version 8 at level M.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claims {
    /// The entitlement, 128 random bits: the only thing that anything is looked up by.
    pub entitlement: EntitlementId,
    /// The number of the round in its programme.
    pub round: u32,
    /// The number of the distribution point.
    pub point: u32,
    /// Which print of the voucher this is: 1, 2, 3 … Only the newest is good.
    pub print: u32,
}

/// Bytes that are not the claims of a voucher in their one encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not the claims of a voucher")]
pub struct NotClaims;

impl Claims {
    /// The one encoding of these claims: a map of `cti` and the private claim, 28 to 40 bytes.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.map(2).int(CTI).bytes(self.entitlement.bytes()).int(NUMBERS).array(3);
        for number in [self.round, self.point, self.print] {
            writer.uint(u64::from(number));
        }
        writer.finish()
    }

    /// Reads claims; any encoding but the one of [`Claims::to_cbor`] is refused, as is any further claim.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, NotClaims> {
        let claims = cbor::read(bytes).as_ref().and_then(Self::of_value).ok_or(NotClaims)?;
        if claims.to_cbor() == bytes { Ok(claims) } else { Err(NotClaims) }
    }

    /// What the value says, whatever its encoding was.
    fn of_value(value: &Value<'_>) -> Option<Self> {
        let [(_, cti), (_, numbers)] = value.as_map()?.as_slice() else { return None };
        let [round, point, print] = numbers.as_array()?.as_slice() else { return None };
        Some(Self {
            entitlement: EntitlementId::from_bytes(cbor::as_array(cti)?),
            round: cbor::as_u32(round)?,
            point: cbor::as_u32(point)?,
            print: cbor::as_u32(print)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use coset::CborSerializable;
    use proptest::prelude::*;

    use super::*;

    fn claims() -> impl Strategy<Value = Claims> {
        (any::<[u8; 16]>(), any::<[u32; 3]>()).prop_map(|(id, [round, point, print])| Claims {
            entitlement: EntitlementId::random(id),
            round,
            point,
            print,
        })
    }

    #[test]
    fn claims_have_the_encoding_that_is_written_down() {
        let claims = Claims { entitlement: EntitlementId::random([0xab; 16]), round: 1, point: 300, print: 2 };
        let hex = data_encoding::HEXLOWER.encode(&claims.to_cbor());
        assert_eq!(hex, format!("a20750{}3a00010000830119012c02", "ab".repeat(16)));
    }

    proptest! {
        #[test]
        fn claims_survive_the_round_trip_and_a_cwt_library_reads_them(claims in claims()) {
            let bytes = claims.to_cbor();
            prop_assert_eq!(Claims::from_cbor(&bytes), Ok(claims));
            let cwt = coset::cwt::ClaimsSet::from_slice(&bytes).unwrap();
            prop_assert_eq!(cwt.cwt_id, Some(claims.entitlement.bytes().to_vec()));
        }

        #[test]
        fn any_bytes_are_claims_in_one_encoding_or_refused(bytes: Vec<u8>) {
            if let Ok(claims) = Claims::from_cbor(&bytes) {
                prop_assert_eq!(claims.to_cbor(), bytes);
            }
        }

        #[test]
        fn a_changed_bit_changes_the_claims_or_is_refused(claims in claims(), at: prop::sample::Index, bit in 0_u8..8) {
            let mut bytes = claims.to_cbor();
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
            prop_assert_ne!(Claims::from_cbor(&bytes), Ok(claims));
        }
    }
}
