//! Sealing what a device shows of a household: AES-256-GCM, since a browser has it.
//!
//! ```text
//! sealed = nonce (12) ‖ ciphertext ‖ tag (16)
//! ```

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use super::seal::Fault;

/// The bytes of a nonce.
const NONCE: usize = 12;

/// Seals names under a device's key. `nonce` is drawn for this value alone; `place` says of which device and
/// entitlement it is, so that it cannot be moved to another.
pub fn seal_names(key: &[u8; 32], nonce: [u8; NONCE], place: &[u8], plain: &[u8]) -> Result<Vec<u8>, Fault> {
    let cipher = Aes256Gcm::new(key.into());
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place }).map_err(|_| Fault::TooLong)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal_names`] sealed, for the same place.
pub fn open_names(key: &[u8; 32], place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(Fault::NotSealed)?;
    let cipher = Aes256Gcm::new(key.into());
    let plain = cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place }).map_err(|_| Fault::Broken)?;
    Ok(Zeroizing::new(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_open_only_with_their_key_and_at_their_place() {
        let sealed = seal_names(&[1; 32], [2; 12], b"device and right", b"SITI A.").unwrap();
        assert_eq!(open_names(&[1; 32], b"device and right", &sealed).unwrap().as_slice(), b"SITI A.");
        assert!(open_names(&[3; 32], b"device and right", &sealed).is_err());
        assert!(open_names(&[1; 32], b"another right", &sealed).is_err());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(open_names(&[1; 32], b"device and right", &changed).is_err());
        }
        assert!(open_names(&[1; 32], b"", &[0; 5]).is_err());
    }
}
