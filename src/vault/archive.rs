//! Sealing a whole file, such as a copy of the database, piece by piece: it may be larger than memory.
//!
//! ```text
//! file  = "SALUR-SEALED-1\n" ‖ salt (32) ‖ piece … piece
//! key   = HKDF-SHA256(salt, the archive key of the master key, info "salur 1 archive")
//! piece = XChaCha20-Poly1305(key, nonce, at most 65,536 bytes, authenticated besides: magic ‖ salt)
//! nonce = 0 (19) ‖ number of the piece, from 0 (4, big endian) ‖ 1 for the last piece, else 0
//! ```
//!
//! Every file has a key of its own, so a nonce is never used twice. Number and end are in the nonce: a piece that is
//! moved, left out or added, and a file that is cut short, do not open. The last piece alone may be short; it is empty
//! only in a file of nothing.

use std::io::{self, Read, Write};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use super::seal::Vault;

const MAGIC: &[u8; 15] = b"SALUR-SEALED-1\n";
const SALT: usize = 32;
const PIECE: usize = 65_536;
const TAG: usize = 16;

/// Why a file is not sealed or not opened.
#[derive(Debug, Error)]
pub enum ArchiveFault {
    /// It does not begin as a sealed file does.
    #[error("not a sealed file of Salur")]
    NotSealed,
    /// Sealed under another key file, altered or cut short. Which, cannot be told.
    #[error("it is sealed under another key file, or it was altered or cut short")]
    Broken,
    /// More pieces than can be numbered: 256 TiB.
    #[error("too long to be sealed")]
    TooLong,
    /// The disk.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

struct Pieces {
    cipher: XChaCha20Poly1305,
    head: Vec<u8>,
    number: u32,
}

impl Pieces {
    fn of(root: &[u8; 32], salt: &[u8]) -> Result<Self, ArchiveFault> {
        let mut key = Zeroizing::new([0_u8; 32]);
        let expanded = Hkdf::<Sha256>::new(Some(salt), root).expand(b"salur 1 archive", &mut *key);
        expanded.map_err(|_| ArchiveFault::Broken)?;
        let head = [MAGIC.as_slice(), salt].concat();
        Ok(Self { cipher: XChaCha20Poly1305::new((&*key).into()), head, number: 0 })
    }

    fn nonce(&mut self, last: bool) -> Result<XNonce, ArchiveFault> {
        let mut nonce = [0_u8; 24];
        for (place, byte) in nonce.iter_mut().skip(19).zip(self.number.to_be_bytes()) {
            *place = byte;
        }
        if let Some(end) = nonce.last_mut() {
            *end = u8::from(last);
        }
        self.number = self.number.checked_add(1).ok_or(ArchiveFault::TooLong)?;
        Ok(XNonce::from(nonce))
    }

    fn seal(&mut self, plain: &[u8], last: bool) -> Result<Vec<u8>, ArchiveFault> {
        let nonce = self.nonce(last)?;
        let payload = Payload { msg: plain, aad: &self.head };
        self.cipher.encrypt(&nonce, payload).map_err(|_| ArchiveFault::TooLong)
    }

    fn open(&mut self, sealed: &[u8], last: bool) -> Result<Zeroizing<Vec<u8>>, ArchiveFault> {
        let nonce = self.nonce(last)?;
        let payload = Payload { msg: sealed, aad: &self.head };
        self.cipher.decrypt(&nonce, payload).map(Zeroizing::new).map_err(|_| ArchiveFault::Broken)
    }
}

/// Reads until the buffer is full or nothing is left; says how much it is.
fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut full = 0;
    while let Some(rest) = buffer.get_mut(full..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => full += read,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(full)
}

/// Hands over piece after piece of what is read, each with the word whether it is the last.
fn each(
    input: &mut dyn Read,
    size: usize,
    mut piece: impl FnMut(&[u8], bool) -> Result<(), ArchiveFault>,
) -> Result<(), ArchiveFault> {
    let (mut now, mut next) = (Zeroizing::new(vec![0_u8; size]), Zeroizing::new(vec![0_u8; size]));
    let mut length = fill(input, &mut now)?;
    loop {
        let further = if length == size { fill(input, &mut next)? } else { 0 };
        piece(now.get(..length).unwrap_or_default(), further == 0)?;
        if further == 0 {
            return Ok(());
        }
        std::mem::swap(&mut now, &mut next);
        length = further;
    }
}

impl Vault {
    /// Seals all that is read. `salt` is drawn for this file alone.
    pub fn seal_archive(
        &self,
        salt: [u8; SALT],
        input: &mut dyn Read,
        output: &mut dyn Write,
    ) -> Result<(), ArchiveFault> {
        let mut pieces = Pieces::of(self.archive_key(), &salt)?;
        output.write_all(&pieces.head)?;
        each(input, PIECE, |plain, last| Ok(output.write_all(&pieces.seal(plain, last)?)?))
    }

    /// Opens a sealed file. What was written before a fault is worth nothing.
    pub fn open_archive(&self, input: &mut dyn Read, output: &mut dyn Write) -> Result<(), ArchiveFault> {
        let mut head = [0_u8; MAGIC.len() + SALT];
        if fill(input, &mut head)? < head.len() || !head.starts_with(MAGIC) {
            return Err(ArchiveFault::NotSealed);
        }
        let salt = head.get(MAGIC.len()..).unwrap_or_default();
        let mut pieces = Pieces::of(self.archive_key(), salt)?;
        each(input, PIECE + TAG, |sealed, last| {
            // An empty last piece belongs to a file of nothing: behind others it was put there.
            let first = pieces.number == 0;
            let plain = pieces.open(sealed, last)?;
            if plain.is_empty() && !first {
                return Err(ArchiveFault::Broken);
            }
            Ok(output.write_all(&plain)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vault::MasterKey;

    fn vault(byte: u8) -> Vault {
        Vault::new(&MasterKey::from_random([byte; 32])).unwrap()
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        vault(1).seal_archive([5; SALT], &mut &*plain, &mut out).unwrap();
        out
    }

    fn opened(vault: &Vault, mut sealed: &[u8]) -> Result<Vec<u8>, ArchiveFault> {
        let mut out = Vec::new();
        vault.open_archive(&mut sealed, &mut out).map(|()| out)
    }

    #[test]
    fn files_of_every_awkward_length_come_back() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7] {
            let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let file = sealed(&plain);
            assert_eq!(file.len(), MAGIC.len() + SALT + length + length.div_ceil(PIECE).max(1) * TAG);
            assert!(opened(&vault(1), &file).unwrap() == plain, "{length}");
            assert!(matches!(opened(&vault(2), &file), Err(ArchiveFault::Broken)), "another key file");
        }
    }

    #[test]
    fn pieces_that_are_cut_off_moved_or_doubled_do_not_open() {
        let (head, piece) = (MAGIC.len() + SALT, PIECE + TAG);
        let file = sealed(&vec![7; 3 * PIECE]);
        let at = |number: usize| &file[head + number * piece..head + (number + 1) * piece];
        let of = |pieces: &[usize]| {
            let body: Vec<&[u8]> = pieces.iter().map(|number| at(*number)).collect();
            [&file[..head], &body.concat()].concat()
        };
        assert!(opened(&vault(1), &of(&[0, 1, 2])).is_ok());
        for wrong in [&[0, 1][..], &[0], &[], &[1, 0, 2], &[0, 1, 1, 2], &[0, 1, 2, 2], &[1, 2]] {
            assert!(opened(&vault(1), &of(wrong)).is_err(), "{wrong:?}");
        }
        for length in [0, 10, head - 1, head, head + 1, file.len() - 1] {
            assert!(opened(&vault(1), &file[..length]).is_err(), "{length}");
        }
        // Without its first piece's number an empty end behind a whole file would be believed.
        let longer = [file.as_slice(), &[0; TAG]].concat();
        assert!(opened(&vault(1), &longer).is_err());
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let file = sealed(b"a short one");
        for bit in 0..file.len() * 8 {
            let mut changed = file.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(opened(&vault(1), &changed).is_err(), "bit {bit}");
        }
    }

    /// What lies in a cupboard must open for ever: these bytes pin the form. They were made by a program of another
    /// language, with libsodium, from the description at the head of this file.
    #[test]
    fn what_an_earlier_version_sealed_still_opens() {
        let digest: [u8; 32] = <Sha256 as sha2::Digest>::digest(sealed(&vec![9; PIECE + 3])).into();
        assert_eq!(data_encoding::HEXLOWER.encode(&digest[..8]), SEALED_ONCE);
    }

    const SEALED_ONCE: &str = "fc14cede128ee135";

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>, tail: Vec<u8>) {
            prop_assert!(opened(&vault(1), &bytes).is_err());
            prop_assert!(opened(&vault(1), &[MAGIC.as_slice(), &tail].concat()).is_err());
        }
    }
}
