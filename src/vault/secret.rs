//! The secrets of API tokens and sign-in cookies. The holder has the text, the database a hash of it.
//!
//! The hash is a plain SHA-256: the secret is 256 random bits, so there is nothing to guess and no need
//! for a slow hash. Passwords, which people choose, are another matter and not dealt with here.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How a secret begins, so that a scanner of leaked secrets can recognise one.
const PREFIX: &str = "salur_";

/// The text of a new secret from 32 bytes that the caller drew at random: `salur_` and 52 characters.
/// It is shown once and never kept.
#[must_use]
pub fn new_secret(random: [u8; 32]) -> String {
    format!("{PREFIX}{}", BASE32_NOPAD.encode(&random).to_ascii_lowercase())
}

/// The hash of a secret, as it is kept and looked up. Any text has one; only that of a real secret is
/// found.
#[must_use]
pub fn hash_secret(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether two hashes are the same, in a time that does not tell how much of them is.
#[must_use]
pub fn same_hash(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognisable_and_its_hash_is_its_own() {
        let secret = new_secret([0xff; 32]);
        assert_eq!(secret, format!("salur_{}q", "7".repeat(51)));
        assert_ne!(hash_secret(&secret), hash_secret(&new_secret([0xfe; 32])));
        assert!(same_hash(&hash_secret(&secret), &hash_secret(&secret)));
        assert!(!same_hash(&hash_secret(&secret), &hash_secret("")));
        assert_eq!(data_encoding::HEXLOWER.encode(&hash_secret("abc"))[..8], *"ba7816bf");
    }
}
