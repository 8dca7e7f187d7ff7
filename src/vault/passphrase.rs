//! The key file of one who would rather remember a passphrase than guard a file: the same key, sealed under what
//! argon2id makes of the passphrase. Losing the passphrase loses the key.
//!
//! ```text
//! SALUR-KEY-P1 <salt> <nonce> <sealed key>      (each in Base32)
//! ```

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use super::key_file::{KeyFileFault, MasterKey};

/// The first word of the line.
pub(super) const KIND: &str = "SALUR-KEY-P1";

/// 64 MiB, three passes: about a second on a small server, once a start.
const MEMORY_KIB: u32 = 64 * 1_024;
const PASSES: u32 = 3;

/// The shortest passphrase that is taken: it alone guards the file against who has hours to try.
pub const PASSPHRASE_CHARS_MIN: usize = 16;

fn cipher(passphrase: &str, salt: &[u8]) -> Result<XChaCha20Poly1305, KeyFileFault> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|_| KeyFileFault::WrongPassphrase)?;
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.trim().as_bytes(), salt, &mut *key)
        .map_err(|_| KeyFileFault::WrongPassphrase)?;
    Ok(XChaCha20Poly1305::new((&*key).into()))
}

impl MasterKey {
    /// The text of a key file under a passphrase. Salt and nonce are drawn for this file alone.
    pub fn to_sealed_file(
        &self,
        passphrase: &str,
        salt: [u8; 16],
        nonce: [u8; 24],
    ) -> Result<Zeroizing<String>, KeyFileFault> {
        if passphrase.trim().chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(KeyFileFault::ShortPassphrase);
        }
        let payload = Payload { msg: self.danger_bytes(), aad: KIND.as_bytes() };
        let sealed = cipher(passphrase, &salt)?.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| KeyFileFault::WrongPassphrase)?;
        let word = |bytes: &[u8]| BASE32_NOPAD.encode(bytes);
        Ok(Zeroizing::new(format!("{KIND} {} {} {}\n", word(&salt), word(&nonce), word(&sealed))))
    }

    /// Whether the text of a key file asks for a passphrase.
    #[must_use]
    pub fn wants_passphrase(text: &str) -> bool {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        line.is_some_and(|line| line.split_whitespace().next().is_some_and(|kind| kind.eq_ignore_ascii_case(KIND)))
    }

    /// Reads the text of a key file under a passphrase.
    pub fn from_sealed_file(text: &str, passphrase: &str) -> Result<Self, KeyFileFault> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let words: Vec<Vec<u8>> = lines
            .flat_map(str::split_whitespace)
            .skip(1)
            .map(|word| BASE32_NOPAD.decode(word.to_ascii_uppercase().as_bytes()))
            .collect::<Result<_, _>>()
            .map_err(|_| KeyFileFault::NotBase32)?;
        let [salt, nonce, sealed] = words.as_slice() else { return Err(KeyFileFault::Incomplete) };
        let nonce: [u8; 24] = nonce.as_slice().try_into().map_err(|_| KeyFileFault::Incomplete)?;
        if salt.len() != 16 {
            return Err(KeyFileFault::Incomplete);
        }
        let payload = Payload { msg: sealed.as_slice(), aad: KIND.as_bytes() };
        let opened = cipher(passphrase, salt)?.decrypt(&XNonce::from(nonce), payload);
        let opened = Zeroizing::new(opened.map_err(|_| KeyFileFault::WrongPassphrase)?);
        let key: &[u8; 32] = opened.as_slice().try_into().map_err(|_| KeyFileFault::Incomplete)?;
        Ok(Self::from_random(*key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "kuda perahu hujan tiga belas";

    #[test]
    fn a_sealed_key_file_opens_with_its_passphrase_and_no_other() {
        let key = MasterKey::from_random([7; 32]);
        let file = key.to_sealed_file(PASSPHRASE, [1; 16], [2; 24]).unwrap();
        assert!(MasterKey::wants_passphrase(&file) && !MasterKey::wants_passphrase(&key.to_file()));
        let plain = BASE32_NOPAD.encode(&[7; 32]);
        assert!(!file.contains(&plain));
        assert_eq!(MasterKey::from_sealed_file(&file, PASSPHRASE).unwrap().danger_bytes(), [7; 32]);
        let wrong = MasterKey::from_sealed_file(&file, "kuda perahu hujan tiga belaz").unwrap_err();
        assert_eq!(wrong, KeyFileFault::WrongPassphrase);
        assert_eq!(MasterKey::from_sealed_file("SALUR-KEY-P1 AA", PASSPHRASE).unwrap_err(), KeyFileFault::Incomplete);
        assert_eq!(MasterKey::from_sealed_file("SALUR-KEY-P1 0 1 8", PASSPHRASE).unwrap_err(), KeyFileFault::NotBase32);
        assert_eq!(key.to_sealed_file("short", [1; 16], [2; 24]).unwrap_err(), KeyFileFault::ShortPassphrase);
    }
}
