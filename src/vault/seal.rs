//! Sealing and opening: XChaCha20-Poly1305, with the place of the value authenticated beside it.
//!
//! ```text
//! ciphertext = version ‖ nonce (24) ‖ what XChaCha20-Poly1305 gives
//! authenticated besides = version ‖ name of the field ‖ 0 ‖ id of the record
//! ```
//!
//! So a sealed value cannot be moved to another column or another record, not even by somebody who may
//! write to the database. The nonce is long enough to be drawn at random for every value, by the caller.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use super::key_file::MasterKey;
use crate::domain::sealed::{BlindIndex, Field, Sealed};

/// 24 bytes drawn at random, never used for a second value.
pub type Nonce = [u8; 24];

/// The longest value that is sealed. The largest there is is a document of ten thousand lines and as many handouts
/// beside them, some five million bytes.
pub const PLAIN_BYTES_MAX: usize = 1 << 24;

/// The first byte of every ciphertext of this form.
const VERSION: u8 = 1;
/// Version and nonce.
const HEAD: usize = 1 + 24;

/// Why a value is not sealed or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// The value has more than [`PLAIN_BYTES_MAX`] bytes.
    #[error("too long to be sealed")]
    TooLong,
    /// Too short for a sealed value, or of a form that this version does not know.
    #[error("not a sealed value")]
    NotSealed,
    /// Sealed under another key, for another field or record, or altered since. Which, cannot be told.
    #[error("the seal is broken, or it is that of another key, field or record")]
    Broken,
    /// The keys could not be derived.
    #[error("the keys could not be derived from the master key")]
    NoSubkey,
}

/// The keys that seal and open. They are wiped from memory when dropped.
pub struct Vault {
    fields: XChaCha20Poly1305,
    signing_keys: XChaCha20Poly1305,
    index: Zeroizing<[u8; 64]>,
    archives: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// The vault of a master key. Each use has a key of its own (HKDF-SHA256), so that what is learned
    /// about one tells nothing of the others.
    pub fn new(master: &MasterKey) -> Result<Self, Fault> {
        let root = Hkdf::<Sha256>::new(None, master.danger_bytes());
        let cipher = |info: &[u8]| -> Result<XChaCha20Poly1305, Fault> {
            let key: Zeroizing<[u8; 32]> = subkey(&root, info)?;
            Ok(XChaCha20Poly1305::new((&*key).into()))
        };
        Ok(Self {
            fields: cipher(b"salur 1 fields")?,
            signing_keys: cipher(b"salur 1 signing keys")?,
            index: subkey(&root, b"salur 1 blind index")?,
            archives: subkey(&root, b"salur 1 archives")?,
        })
    }

    /// From what each sealed file has its key.
    pub(super) fn archive_key(&self) -> &[u8; 32] {
        &self.archives
    }

    /// Seals a personal value for its field and record. `nonce` is drawn for this value alone.
    pub fn seal(&self, field: Field, record: &[u8; 16], nonce: Nonce, plain: &[u8]) -> Result<Sealed, Fault> {
        seal_with(&self.fields, &place(field.as_str(), record), nonce, plain)
    }

    /// Opens a personal value of this field and record. What it gives is wiped when dropped.
    pub fn open(&self, field: Field, record: &[u8; 16], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Fault> {
        open_with(&self.fields, &place(field.as_str(), record), sealed)
    }

    /// Seals the seed of a private signing key under the id of the key.
    pub fn seal_key(&self, kid: [u8; 4], nonce: Nonce, seed: &[u8; 32]) -> Result<Sealed, Fault> {
        seal_with(&self.signing_keys, &place("signing_key", &kid), nonce, seed)
    }

    /// Opens the seed of a private signing key.
    pub fn open_key(&self, kid: [u8; 4], sealed: &Sealed) -> Result<Zeroizing<[u8; 32]>, Fault> {
        let plain = open_with(&self.signing_keys, &place("signing_key", &kid), sealed)?;
        let seed: &[u8; 32] = plain.as_slice().try_into().map_err(|_| Fault::NotSealed)?;
        Ok(Zeroizing::new(*seed))
    }

    /// The blind index of a value: equal for equal values of one field, and without the key it says
    /// nothing. The caller normalises first (digits only, one case), or the same number would have two.
    #[must_use]
    pub fn blind_index(&self, field: Field, normalised: &str) -> BlindIndex {
        let mut mac = Hmac::<Sha256>::new((&*self.index).into());
        mac.update(field.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(normalised.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut index = [0; 16];
        index.copy_from_slice(&digest[..16]);
        BlindIndex(index)
    }
}

fn subkey<const N: usize>(root: &Hkdf<Sha256>, info: &[u8]) -> Result<Zeroizing<[u8; N]>, Fault> {
    let mut key = Zeroizing::new([0; N]);
    root.expand(info, &mut *key).map_err(|_| Fault::NoSubkey)?;
    Ok(key)
}

/// Where a value belongs. Names hold no zero byte, so no two places look alike.
fn place(name: &str, record: &[u8]) -> Vec<u8> {
    [&[VERSION], name.as_bytes(), &[0], record].concat()
}

fn seal_with(cipher: &XChaCha20Poly1305, place: &[u8], nonce: Nonce, plain: &[u8]) -> Result<Sealed, Fault> {
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(Fault::TooLong);
    }
    let body = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place }).map_err(|_| Fault::TooLong)?;
    Ok(Sealed::from_ciphertext([&[VERSION], nonce.as_slice(), body.as_slice()].concat()))
}

fn open_with(cipher: &XChaCha20Poly1305, place: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let (head, body) = sealed.ciphertext().split_at_checked(HEAD).ok_or(Fault::NotSealed)?;
    let (&version, nonce) = head.split_first().ok_or(Fault::NotSealed)?;
    if version != VERSION {
        return Err(Fault::NotSealed);
    }
    let nonce: Nonce = nonce.try_into().map_err(|_| Fault::NotSealed)?;
    let plain = cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: place });
    plain.map(Zeroizing::new).map_err(|_| Fault::Broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RECORD: [u8; 16] = [1; 16];
    const NIK: &[u8] = b"6402990101700001";
    const SEALED_ONCE: &str = "01020202020202020202020202020202020202020202020202\
        bf8ec23e820484189c56d6db470d670efa7964c990f706546e8f47e512b2a067";
    const INDEXED_ONCE: &str = "867bb11ea7e73c41a766aaf838798d81";

    fn vault(byte: u8) -> Vault {
        Vault::new(&MasterKey::from_random([byte; 32])).unwrap()
    }

    fn sealed() -> Sealed {
        vault(1).seal(Field::Nik, &RECORD, [2; 24], NIK).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_where_it_belongs_and_nowhere_else() {
        let vault = vault(1);
        assert_eq!(vault.open(Field::Nik, &RECORD, &sealed()).unwrap().as_slice(), NIK);
        assert_eq!(vault.open(Field::FamilyCard, &RECORD, &sealed()), Err(Fault::Broken));
        assert_eq!(vault.open(Field::Nik, &[2; 16], &sealed()), Err(Fault::Broken));
        assert_eq!(self::vault(2).open(Field::Nik, &RECORD, &sealed()), Err(Fault::Broken));
    }

    #[test]
    fn every_changed_bit_of_a_sealed_value_is_refused() {
        for place in 0..sealed().ciphertext().len() * 8 {
            let mut bytes = sealed().ciphertext().to_vec();
            bytes[place / 8] ^= 1 << (place % 8);
            assert!(vault(1).open(Field::Nik, &RECORD, &Sealed::from_ciphertext(bytes)).is_err(), "bit {place}");
        }
    }

    #[test]
    fn a_signing_key_is_sealed_under_its_own_id_and_key() {
        let vault = vault(1);
        let sealed = vault.seal_key(*b"kid1", [3; 24], &[9; 32]).unwrap();
        assert_eq!(*vault.open_key(*b"kid1", &sealed).unwrap(), [9; 32]);
        assert_eq!(vault.open_key(*b"kid2", &sealed), Err(Fault::Broken));
        assert!(vault.open(Field::Nik, &RECORD, &sealed).is_err());
        assert_eq!(self::vault(2).open_key(*b"kid1", &sealed), Err(Fault::Broken));
    }

    #[test]
    fn a_blind_index_is_the_same_for_the_same_value_of_the_same_field_and_key_alone() {
        let index = vault(1).blind_index(Field::Nik, "6402990101700001");
        assert_eq!(index, vault(1).blind_index(Field::Nik, "6402990101700001"));
        assert_ne!(index, vault(1).blind_index(Field::Nik, "6402990101700002"));
        assert_ne!(index, vault(1).blind_index(Field::FamilyCard, "6402990101700001"));
        assert_ne!(index, vault(2).blind_index(Field::Nik, "6402990101700001"));
    }

    /// What is at rest must open for ever: these bytes pin the way it is sealed. (The way itself was once
    /// compared with a program that uses other libraries.)
    #[test]
    fn what_an_earlier_version_sealed_still_opens() {
        let hex = data_encoding::HEXLOWER.encode(sealed().ciphertext());
        assert_eq!(hex, SEALED_ONCE);
        let index = vault(1).blind_index(Field::Nik, "6402990101700001");
        assert_eq!(data_encoding::HEXLOWER.encode(&index.0), INDEXED_ONCE);
    }

    #[test]
    fn nothing_shows_in_debug_output() {
        assert_eq!(format!("{:?} {:?}", vault(1), sealed()), "Vault(…) Sealed(…)");
    }

    #[test]
    fn a_value_without_end_is_not_sealed() {
        let long = vec![0; PLAIN_BYTES_MAX + 1];
        assert_eq!(vault(1).seal(Field::IntakeRow, &RECORD, [0; 24], &long), Err(Fault::TooLong));
    }

    proptest! {
        #[test]
        fn any_value_survives_the_round_trip(master: [u8; 32], nonce: [u8; 24], record: [u8; 16], plain: Vec<u8>) {
            let vault = Vault::new(&MasterKey::from_random(master)).unwrap();
            let sealed = vault.seal(Field::Address, &record, nonce, &plain).unwrap();
            prop_assert_eq!(sealed.ciphertext().len(), HEAD + plain.len() + 16);
            let opened = vault.open(Field::Address, &record, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
            let sealed = Sealed::from_ciphertext(bytes);
            prop_assert!(vault(1).open(Field::Nik, &RECORD, &sealed).is_err());
            prop_assert!(vault(1).open_key([0; 4], &sealed).is_err());
        }
    }
}
