//! A proof in a file (C2SP tlog-proof): that an entry stands in the log at its place, with the checkpoint
//! it is proved against. It can be checked for ever, without the log and without a network.

use std::fmt;

use data_encoding::BASE64;

use super::checkpoint::{Checkpoint, Fault};
use super::note::{Note, NoteKey};
use super::tree::{Hash, includes, leaf_hash};

const HEAD: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^63 leaves has no longer proof.
const HASHES_MAX: usize = 63;

/// A proof that an entry stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What goes with it: here the entry itself, so that one file is enough.
    pub extra: Option<Vec<u8>>,
    /// The place of the entry.
    pub index: u64,
    /// From the sibling of the leaf upward.
    pub hashes: Vec<Hash>,
    /// The checkpoint, signed by the log and perhaps by witnesses.
    pub checkpoint: Note,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", BASE64.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl Proof {
    /// Reads a proof; whether it holds is for [`Proof::check`] to say.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        if lines.next()? != HEAD {
            return None;
        }
        let mut line = lines.next()?;
        let mut extra = None;
        if let Some(encoded) = line.strip_prefix("extra ") {
            extra = Some(BASE64.decode(encoded.as_bytes()).ok()?);
            line = lines.next()?;
        }
        let number = line.strip_prefix("index ")?;
        let index: u64 = number.parse().ok()?;
        let hash = |line: &str| BASE64.decode(line.as_bytes()).ok()?.try_into().ok();
        let hashes: Vec<Hash> = lines.map(hash).collect::<Option<_>>()?;
        let whole = index.to_string() == number && hashes.len() <= HASHES_MAX;
        Note::parse(checkpoint).filter(|_| whole).map(|checkpoint| Self { extra, index, hashes, checkpoint })
    }

    /// Checks that this entry stands at the place, in a tree whose head the log's key signed.
    pub fn check(&self, entry: &[u8], log: &NoteKey) -> Result<bool, Fault> {
        let head = Checkpoint::of(&self.checkpoint, log)?;
        Ok(includes(self.index, head.size, &leaf_hash(entry), &self.hashes, &head.root))
    }
}

#[cfg(test)]
mod tests {
    use super::super::note::Manner;
    use super::super::tree::{Edge, node_hash};
    use super::*;
    use crate::token::SigningKey;

    #[test]
    fn a_proof_is_read_back_and_holds_for_its_entry_alone() {
        let (one, other) = (leaf_hash(b"one"), leaf_hash(b"other"));
        let key = SigningKey::from_seed(&[5; 32]);
        let head = Checkpoint { origin: "a.example/log".into(), size: 2, root: node_hash(&one, &other) };
        assert_eq!(head.root, Edge::over([&one, &other]).root());
        let log = NoteKey::new(&head.origin, Manner::Log, key.verifying_key()).unwrap();
        for extra in [None, Some(b"one".to_vec())] {
            let proof = Proof { extra, index: 0, hashes: vec![other], checkpoint: head.sign(&key) };
            let read = Proof::parse(&proof.to_string()).unwrap();
            assert_eq!(read, proof);
            assert_eq!(read.check(b"one", &log), Ok(true));
            assert_eq!(read.check(b"two", &log), Ok(false));
            assert_eq!(Proof { index: 1, ..read }.check(b"one", &log), Ok(false));
        }
        let stranger =
            NoteKey::new(&head.origin, Manner::Log, SigningKey::from_seed(&[6; 32]).verifying_key()).unwrap();
        let proof = Proof { extra: None, index: 0, hashes: vec![other], checkpoint: head.sign(&key) };
        assert_eq!(proof.check(b"one", &stranger), Err(Fault::Unsigned));
        assert_eq!(Proof::parse(&proof.to_string().replace("index 0", "index 00")), None);
    }
}
