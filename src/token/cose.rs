//! The envelope: COSE_Sign1 (RFC 9052) under Ed25519, with exactly one encoding for each content.
//!
//! ```text
//! 18([ << {1: -8, 4: kid} >>, {}, payload, signature ])
//! ```
//!
//! The algorithm and the key's id are in the protected header, which is signed; the other header is
//! empty, for nothing in it would be. We write algorithm −8 (EdDSA), which every library knows, and
//! accept −19 (Ed25519, its newer number) for the same keys. What was read is written again and must
//! give the same bytes: so a voucher cannot be altered into a second token that looks different and
//! checks the same.
//!
//! Nothing here may be trusted before the signature holds. What a forged voucher claims is handed out
//! only as evidence.

use coset::iana::{Algorithm, EnumI64};
use coset::{CoseSign1, HeaderBuilder, RegisteredLabelWithPrivate, TaggedCborSerializable};
use thiserror::Error;

use super::cbor::Writer;
use super::claims::Claims;
use super::key::{KeyId, KeyRing, SigningKey};
use crate::domain::id::EntitlementId;

/// The longest voucher that is looked at; ours have at most 121 bytes, but 512 characters fit this many.
pub const TOKEN_BYTES_MAX: usize = 320;

/// The longest signed payload that is looked at, envelope included.
pub const PAYLOAD_BYTES_MAX: usize = 65_536;

/// What is wrong with something signed, in the words of the verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// It is not of this installation: another prefix, or a good form under a key we do not know.
    #[error("not of this installation")]
    Foreign {
        /// The unknown key, when there was one.
        kid: Option<KeyId>,
    },
    /// It has our prefix, and is not in the one form that we write.
    #[error("not readable")]
    Malformed,
    /// It names a key of ours, which did not sign it. What it claims is evidence, never a fact.
    #[error("not genuine: the key {kid} did not sign it")]
    Forged {
        /// The key it names.
        kid: KeyId,
        /// The entitlement it claims; none where only a bare payload was to be read.
        entitlement: Option<EntitlementId>,
    },
}

impl Fault {
    /// The verdict: `foreign`, `malformed` or `forged`.
    #[must_use]
    pub const fn verdict(&self) -> &'static str {
        match self {
            Self::Foreign { .. } => "foreign",
            Self::Malformed => "malformed",
            Self::Forged { .. } => "forged",
        }
    }
}

/// A voucher whose signature holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// What it says.
    pub claims: Claims,
    /// The key that signed it.
    pub kid: KeyId,
}

/// Signs a voucher: 109 to 121 bytes. The same key and claims always give the same bytes.
#[must_use]
pub fn sign(key: &SigningKey, claims: &Claims) -> Vec<u8> {
    sign_payload(key, &claims.to_cbor())
}

/// Checks a voucher against the issuer keys.
///
/// The order of the checks is the order of the verdicts: a form that is not ours is `malformed`, a key
/// we do not know `foreign`, claims that are not a voucher's `malformed`, a bad signature `forged`.
pub fn verify(bytes: &[u8], ring: &KeyRing) -> Result<Verified, Fault> {
    let envelope = Envelope::read(bytes, TOKEN_BYTES_MAX)?;
    let (kid, claims) = envelope.check(ring, |payload| {
        let claims = Claims::from_cbor(payload).map_err(|_| Fault::Malformed)?;
        Ok((claims, Some(claims.entitlement)))
    })?;
    Ok(Verified { claims, kid })
}

/// Signs any payload in the same envelope, as a device does with a receipt.
#[must_use]
pub fn sign_payload(key: &SigningKey, payload: &[u8]) -> Vec<u8> {
    let protected = HeaderBuilder::new().algorithm(Algorithm::EdDSA).key_id(key.id().to_bytes().to_vec()).build();
    let signed = coset::CoseSign1Builder::new()
        .protected(protected)
        .payload(payload.to_vec())
        .create_signature(b"", |message| key.sign_message(message).to_vec())
        .build();
    encode(Algorithm::EdDSA, key.id(), payload, &signed.signature)
}

/// Checks a signed payload against the keys of one purpose. Gives the key that signed and the payload,
/// whose own encoding is for the caller to check.
pub fn verify_payload(bytes: &[u8], ring: &KeyRing) -> Result<(KeyId, Vec<u8>), Fault> {
    Envelope::read(bytes, PAYLOAD_BYTES_MAX)?.check(ring, |payload| Ok((payload.to_vec(), None)))
}

/// The envelope around a payload and a signature that somebody else made: whether it holds is not known yet.
pub(super) fn envelope(kid: KeyId, payload: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    encode(Algorithm::EdDSA, kid, payload, signature)
}

/// The one encoding of an envelope.
fn encode(algorithm: Algorithm, kid: KeyId, payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut protected = Writer::default();
    protected.map(2).int(1).int(algorithm.to_i64()).int(4).bytes(&kid.to_bytes());
    let mut writer = Writer::default();
    writer.tag(18).array(4).bytes(&protected.finish()).map(0).bytes(payload).bytes(signature);
    writer.finish()
}

/// An envelope in our form, of which nothing is believed yet.
pub(super) struct Envelope {
    kid: KeyId,
    signed: CoseSign1,
}

impl Envelope {
    /// Takes an envelope apart: at most `bytes_max` long, and in the one encoding.
    pub(super) fn read(bytes: &[u8], bytes_max: usize) -> Result<Self, Fault> {
        if bytes.len() > bytes_max {
            return Err(Fault::Malformed);
        }
        let signed = CoseSign1::from_tagged_slice(bytes).map_err(|_| Fault::Malformed)?;
        let header = &signed.protected.header;
        let algorithm = match header.alg {
            Some(RegisteredLabelWithPrivate::Assigned(known @ (Algorithm::EdDSA | Algorithm::Ed25519))) => known,
            _ => return Err(Fault::Malformed),
        };
        let kid = KeyId::from_bytes(header.key_id.as_slice().try_into().map_err(|_| Fault::Malformed)?);
        let payload = signed.payload.as_deref().ok_or(Fault::Malformed)?;
        // Whatever else there was, in either header or behind the end, is missing from this.
        if signed.signature.len() != 64 || encode(algorithm, kid, payload, &signed.signature) != bytes {
            return Err(Fault::Malformed);
        }
        Ok(Self { kid, signed })
    }

    /// What lies in it, unchecked.
    pub(super) fn payload(&self) -> &[u8] {
        self.signed.payload.as_deref().unwrap_or_default()
    }

    /// Finds the key, lets `read` understand the payload, and checks the signature. `read` gives what it
    /// understood and the entitlement that is named in it.
    pub(super) fn check<T>(
        self,
        ring: &KeyRing,
        read: impl FnOnce(&[u8]) -> Result<(T, Option<EntitlementId>), Fault>,
    ) -> Result<(KeyId, T), Fault> {
        let Self { kid, signed } = self;
        let key = ring.get(kid).ok_or(Fault::Foreign { kid: Some(kid) })?;
        let (content, entitlement) = read(signed.payload.as_deref().unwrap_or_default())?;
        signed
            .verify_signature(b"", |signature, message| if key.verifies(message, signature) { Ok(()) } else { Err(()) })
            .map_err(|()| Fault::Forged { kid, entitlement })?;
        Ok((kid, content))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed(&[7; 32])
    }

    fn ring() -> KeyRing {
        KeyRing::of([key().verifying_key(), SigningKey::from_seed(&[8; 32]).verifying_key()]).unwrap()
    }

    fn claims(point: u32) -> Claims {
        Claims { entitlement: EntitlementId::random([0x5a; 16]), round: 1, point, print: 1 }
    }

    #[test]
    fn a_voucher_is_small_and_reads_back() {
        let widest = Claims { round: 65_535, point: 65_535, print: 255, ..claims(0) };
        for claims in [claims(1), widest] {
            let token = sign(&key(), &claims);
            assert!(token.len() <= 116, "{} bytes", token.len());
            assert_eq!(verify(&token, &ring()), Ok(Verified { claims, kid: key().id() }));
        }
        assert_eq!(sign(&key(), &claims(1)).len(), 109);
    }

    #[test]
    fn another_library_writes_the_same_envelope() {
        let token = sign(&key(), &claims(12));
        let read = CoseSign1::from_tagged_slice(&token).unwrap();
        assert_eq!(read.to_tagged_vec().unwrap(), token);
    }

    #[test]
    fn the_newer_number_of_the_algorithm_is_accepted() {
        let header = HeaderBuilder::new().algorithm(Algorithm::Ed25519).key_id(key().id().to_bytes().to_vec()).build();
        let token = coset::CoseSign1Builder::new()
            .protected(header)
            .payload(claims(1).to_cbor())
            .create_signature(b"", |message| key().sign_message(message).to_vec())
            .build()
            .to_tagged_vec()
            .unwrap();
        assert_eq!(verify(&token, &ring()).unwrap().claims, claims(1));
    }

    #[test]
    fn every_changed_bit_is_refused_and_a_forgery_says_what_it_claims() {
        let token = sign(&key(), &claims(300));
        let mut verdicts = std::collections::BTreeSet::new();
        for place in 0..token.len() * 8 {
            let mut changed = token.clone();
            changed[place / 8] ^= 1 << (place % 8);
            let fault = verify(&changed, &ring()).expect_err("a changed token must not pass");
            if let Fault::Forged { kid, entitlement } = fault {
                assert_eq!(kid, key().id());
                assert!(entitlement.is_some());
            }
            verdicts.insert(fault.verdict());
        }
        assert_eq!(verdicts.into_iter().collect::<Vec<_>>(), ["foreign", "forged", "malformed"]);
    }

    #[test]
    fn a_voucher_signed_by_another_key_under_our_name_is_forged() {
        let thief = SigningKey::from_seed(&[9; 32]);
        let ours = sign(&key(), &claims(1));
        let theirs = sign(&thief, &claims(1));
        assert_eq!(verify(&theirs, &ring()), Err(Fault::Foreign { kid: Some(thief.id()) }));
        let mut mixed = ours;
        let at = mixed.len() - 64;
        mixed[at..].copy_from_slice(&theirs[at..]);
        let forged = Fault::Forged { kid: key().id(), entitlement: Some(claims(1).entitlement) };
        assert_eq!(verify(&mixed, &ring()), Err(forged));
    }

    #[test]
    fn what_is_too_long_is_not_looked_at() {
        let long = sign_payload(&key(), &[0; TOKEN_BYTES_MAX]);
        assert_eq!(verify(&long, &ring()), Err(Fault::Malformed));
        assert_eq!(verify_payload(&long, &ring()).unwrap().1.len(), TOKEN_BYTES_MAX);
        assert_eq!(verify_payload(&sign_payload(&key(), &[0; PAYLOAD_BYTES_MAX]), &ring()), Err(Fault::Malformed));
    }

    proptest! {
        #[test]
        fn any_voucher_reads_back(seed: [u8; 32], id: [u8; 16], numbers: [u32; 3]) {
            let [round, point, print] = numbers;
            let claims = Claims { entitlement: EntitlementId::random(id), round, point, print };
            let key = SigningKey::from_seed(&seed);
            let ring = KeyRing::of([key.verifying_key()]).unwrap();
            prop_assert_eq!(verify(&sign(&key, &claims), &ring), Ok(Verified { claims, kid: key.id() }));
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
            prop_assert!(verify(&bytes, &ring()).is_err());
            prop_assert!(verify_payload(&bytes, &ring()).is_err());
        }

        #[test]
        fn bytes_put_in_or_taken_out_are_refused(at: prop::sample::Index, new: Vec<u8>, gone in 0..4_usize) {
            let token = sign(&key(), &claims(9));
            let at = at.index(token.len());
            let end = (at + gone).min(token.len());
            let mut changed = token.clone();
            changed.splice(at..end, new);
            prop_assert!(changed == token || verify(&changed, &ring()).is_err());
        }
    }
}
