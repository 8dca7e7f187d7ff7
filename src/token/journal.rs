//! A device's journal as a file: its receipts in batches, and under its signature which there are and how its
//! chain ends. Somebody else may carry it: whoever takes it in believes each receipt by its own signature.

use sha2::{Digest, Sha256};

use super::cbor::{self, Writer};
use super::cose::{Fault, PAYLOAD_BYTES_MAX, sign_payload, verify_payload};
use super::key::{KeyRing, SigningKey};
use super::lease::{fields, head, unwrap, wrap};
use super::receipt::id;
use super::sync::Batch;
use crate::domain::id::{DeviceId, Identifier};
use crate::domain::lease::Head;

/// The longest file that is looked at: some hundred thousand receipts.
pub const FILE_BYTES_MAX: usize = 64 << 20;

const FORMAT: u64 = 1;
const KIND: u64 = 5;
/// What the file begins with, so that a person who opens it knows what it is.
const MAGIC: &[u8] = b"SALUR-JOURNAL-1\n";

/// A journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFile {
    /// Whose.
    pub device: DeviceId,
    /// How many receipts the device has signed, and the hash of the newest.
    pub chain: Head,
    /// Encoded batches.
    pub batches: Vec<Vec<u8>>,
}

fn digest(batches: &[Vec<u8>]) -> [u8; 32] {
    let mut sum = Sha256::new();
    for batch in batches {
        sum.update(Sha256::digest(batch));
    }
    sum.finalize().into()
}

/// Writes the file.
#[must_use]
pub fn write(key: &SigningKey, file: &JournalFile) -> Vec<u8> {
    let mut w = Writer::default();
    w.map(4).uint(0).uint(FORMAT).uint(1).bytes(file.device.bytes());
    w.uint(2).array(2).uint(file.chain.size).bytes(&file.chain.root).uint(3).bytes(&digest(&file.batches));
    let signed = sign_payload(key, &wrap(KIND, &w.finish()));
    let mut w = Writer::default();
    w.array(2).bytes(&signed).array(file.batches.len());
    for batch in &file.batches {
        w.bytes(batch);
    }
    [MAGIC, &w.finish()].concat()
}

/// Reads a file for somebody who does not know the device's key: only its form is looked at, and that the
/// batches are the ones that are named.
pub fn read(bytes: &[u8]) -> Result<JournalFile, Fault> {
    take_apart(bytes).map(|(file, _)| file)
}

/// Reads a file for somebody who knows the device's key.
pub fn verify(bytes: &[u8], ring: &KeyRing) -> Result<JournalFile, Fault> {
    let (file, signed) = take_apart(bytes)?;
    verify_payload(&signed, ring)?;
    Ok(file)
}

fn take_apart(bytes: &[u8]) -> Result<(JournalFile, Vec<u8>), Fault> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Fault::Malformed);
    }
    let rest = bytes.strip_prefix(MAGIC).ok_or(Fault::Foreign { kid: None })?;
    parts(rest).ok_or(Fault::Malformed)
}

fn parts(bytes: &[u8]) -> Option<(JournalFile, Vec<u8>)> {
    let value = cbor::read(bytes)?;
    let [signed, batches] = value.as_array()?.as_slice() else { return None };
    let signed = signed.as_bytes().filter(|signed| signed.len() <= PAYLOAD_BYTES_MAX)?.to_vec();
    let batches: Vec<Vec<u8>> =
        batches.as_array()?.iter().map(|one| one.as_bytes().map(<[u8]>::to_vec)).collect::<Option<_>>()?;
    let envelope = super::cose::Envelope::read(&signed, PAYLOAD_BYTES_MAX).ok()?;
    let inner = unwrap(KIND, envelope.payload())?;
    let value = cbor::read(&inner)?;
    let find = fields(&value)?;
    let file = JournalFile { device: id(find(1)?)?, chain: head(find(2)?)?, batches };
    if cbor::as_array(find(3)?)? != digest(&file.batches) {
        return None;
    }
    // Every batch must be readable, and of this device.
    let own = |batch: &Vec<u8>| Batch::decode(batch).is_ok_and(|batch| batch.device == file.device);
    file.batches.iter().all(own).then_some((file, signed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::KeyId;

    fn key() -> SigningKey {
        SigningKey::from_seed(&[3; 32])
    }

    fn file() -> JournalFile {
        let device = DeviceId::random([1; 16]);
        let batch = Batch {
            device,
            kid: KeyId::from_bytes([1; 4]),
            point: 1,
            seen: Head { size: 0, root: [0; 32] },
            operators: Vec::new(),
            rounds: Vec::new(),
            items: vec![vec![0x80]],
        };
        JournalFile { device, chain: Head { size: 1, root: [7; 32] }, batches: vec![batch.encode()] }
    }

    #[test]
    fn a_journal_reads_back_and_every_changed_bit_is_refused() {
        let ring = KeyRing::of([key().verifying_key()]).unwrap();
        let bytes = write(&key(), &file());
        assert_eq!(verify(&bytes, &ring), Ok(file()));
        assert_eq!(read(&bytes), Ok(file()));
        for place in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[place / 8] ^= 1 << (place % 8);
            assert!(verify(&changed, &ring).is_err(), "bit {place}");
        }
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_journal_with_a_batch_torn_out_is_not_the_whole() {
        let two = JournalFile { batches: vec![file().batches[0].clone(), file().batches[0].clone()], ..file() };
        let bytes = write(&key(), &two);
        let (whole, signed) = take_apart(&bytes).unwrap();
        let mut w = Writer::default();
        w.array(2).bytes(&signed).array(1).bytes(&whole.batches[0]);
        assert_eq!(read(&[MAGIC, &w.finish()].concat()), Err(Fault::Malformed));
    }
}
