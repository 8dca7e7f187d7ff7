//! Ed25519 keys: the private one that signs, the public one that checks, their short id, and the ring
//! of those that may have signed.
//!
//! A key has one purpose for life. Nothing in the bytes of a key says which, so the caller keeps the
//! purpose beside it and builds one [`KeyRing`] a purpose: issuer keys check vouchers, device keys
//! check receipts, and neither ring ever holds the other's.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

/// The short name of a key: the first four bytes of the SHA-256 of its public half.
///
/// Four bytes keep a voucher small. They are a name, not a proof: a [`KeyRing`] refuses a second key
/// of the same id, and whoever enrols one draws another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

/// A text that is not a key id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a key id (expected 6 characters of base64url)")]
pub struct NotAKeyId;

impl KeyId {
    /// The id of these four bytes, as read from a token or a column.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The four bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0
    }
}

/// The `kid` of the JWKS: base64url without padding.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl FromStr for KeyId {
    type Err = NotAKeyId;

    fn from_str(text: &str) -> Result<Self, NotAKeyId> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NotAKeyId)?;
        bytes.try_into().map(Self).map_err(|_| NotAKeyId)
    }
}

/// What a key may sign. A key never serves two purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Vouchers.
    Issuer,
    /// Receipts of one scanner or desk.
    Device,
    /// Checkpoints of the log.
    Log,
    /// Cosignatures of a witness under a checkpoint.
    Witness,
    /// Grants and replies of the server to its devices.
    Server,
}

/// A text that is not a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a purpose of a key (expected issuer, device, log, witness or server)")]
pub struct NotAPurpose;

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [Self::Issuer, Self::Device, Self::Log, Self::Witness, Self::Server];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::Device => "device",
            Self::Log => "log",
            Self::Witness => "witness",
            Self::Server => "server",
        }
    }

    /// Reads the stable code.
    pub fn parse(code: &str) -> Result<Self, NotAPurpose> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == code).ok_or(NotAPurpose)
    }
}

/// A private key. It is wiped from memory when dropped, and its debug form shows only its id.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key that grows from these 32 bytes, drawn at random by the caller or opened by the vault.
    /// The caller wipes its own copy.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The private key itself. There is one reason to ask for it: to seal it at rest.
    #[must_use]
    pub fn danger_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// The id of the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.verifying_key().id()
    }

    /// Signs a message as it is (RFC 8032). Vouchers and receipts go through [`super::sign`] and
    /// [`super::sign_payload`]; this is for formats with a signature line of their own.
    #[must_use]
    pub fn sign_message(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, …)", self.id())
    }
}

/// Why a public key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// Not a point of the curve, a point of small order, or not 32 bytes of base64url.
    #[error("not an Ed25519 public key")]
    NotAKey,
    /// A JWK of another type or curve.
    #[error("not an Ed25519 key for signatures (expected kty OKP, crv Ed25519, use sig, alg EdDSA)")]
    OtherType,
    /// A JWK whose `kid` is not the id of its key.
    #[error("the kid is not that of the key")]
    OtherId,
    /// Two different keys with one id.
    #[error("another key already has the id {0}")]
    IdTaken(KeyId),
}

/// A public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Reads the 32 bytes of a public key; one under which anybody could sign is refused.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyFault> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyFault::NotAKey)?;
        if key.is_weak() { Err(KeyFault::NotAKey) } else { Ok(Self(key)) }
    }

    /// The 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The id of the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let digest: [u8; 32] = Sha256::digest(self.0.as_bytes()).into();
        let [a, b, c, d, ..] = digest;
        KeyId([a, b, c, d])
    }

    /// What people compare by eye: the first 16 bytes of the SHA-256 of the key, in eight groups of four.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest: [u8; 32] = Sha256::digest(self.0.as_bytes()).into();
        let groups = digest.chunks(2).take(8).map(|pair| data_encoding::HEXUPPER.encode(pair));
        groups.collect::<Vec<_>>().join(" ")
    }

    /// Whether this is the key's signature of the message, by the strict rules that leave one
    /// signature no second form.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

/// The keys that may have signed a thing, by id.
///
/// A retired key stays in the ring: it signs nothing new, and what it signed stays good. A key that
/// was compromised is left out, and its vouchers then read as foreign.
#[derive(Debug, Clone, Default)]
pub struct KeyRing(BTreeMap<KeyId, VerifyingKey>);

impl KeyRing {
    /// A ring without keys, to which every signature is foreign.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// A ring of these keys.
    pub fn of(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, KeyFault> {
        let mut ring = Self::new();
        for key in keys {
            ring.add(key)?;
        }
        Ok(ring)
    }

    /// Adds a key. Adding it again changes nothing; a different key of the same id is refused, for
    /// then a token could not say which of the two signed it.
    pub fn add(&mut self, key: VerifyingKey) -> Result<(), KeyFault> {
        let id = key.id();
        if *self.0.entry(id).or_insert(key) == key { Ok(()) } else { Err(KeyFault::IdTaken(id)) }
    }

    /// The key of this id.
    #[must_use]
    pub fn get(&self, id: KeyId) -> Option<&VerifyingKey> {
        self.0.get(&id)
    }

    /// Every key, in the order of the ids.
    pub fn keys(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_id_of_its_public_half() {
        // RFC 8032, section 7.1, test 1.
        let seed = data_encoding::HEXLOWER
            .decode(b"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
            .unwrap();
        let key = SigningKey::from_seed(&seed.try_into().unwrap());
        let public = key.verifying_key();
        assert_eq!(BASE64URL_NOPAD.encode(&public.to_bytes()), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.id().to_bytes().as_slice(), &Sha256::digest(public.to_bytes())[..4]);
        assert_eq!(public.fingerprint(), "21FE 31DF A154 A261 626B F854 046F D227");
        assert_eq!(key.id().to_string().parse(), Ok(key.id()));
        assert_eq!("".parse::<KeyId>(), Err(NotAKeyId));
        assert_eq!("AAAAAAAA".parse::<KeyId>(), Err(NotAKeyId));
    }

    #[test]
    fn a_private_key_does_not_show_itself() {
        let key = SigningKey::from_seed(&[7; 32]);
        assert_eq!(format!("{key:?}"), format!("SigningKey({}, …)", key.id()));
        assert_eq!(*key.danger_seed(), [7; 32]);
    }

    #[test]
    fn a_key_under_which_anybody_can_sign_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(VerifyingKey::from_bytes(&identity), Err(KeyFault::NotAKey));
        assert_eq!(VerifyingKey::from_bytes(&[0; 32]), Err(KeyFault::NotAKey));
    }

    #[test]
    fn a_ring_takes_a_key_twice_but_never_two_keys_of_one_id() {
        let key = SigningKey::from_seed(&[1; 32]).verifying_key();
        let mut ring = KeyRing::of([key, key]).unwrap();
        assert_eq!(ring.keys().count(), 1);
        // A real collision takes 2^32 tries; put one in by hand.
        let other = SigningKey::from_seed(&[2; 32]).verifying_key();
        ring.0.insert(other.id(), key);
        assert_eq!(ring.add(other), Err(KeyFault::IdTaken(other.id())));
    }

    #[test]
    fn a_purpose_reads_back_from_its_code() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::parse(purpose.as_str()), Ok(purpose));
        }
        assert_eq!(Purpose::parse("Issuer"), Err(NotAPurpose));
    }
}
