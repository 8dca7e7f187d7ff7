//! The words between a log and a witness (C2SP tlog-witness): one request, and what a witness says to it.
//!
//! A witness keeps of each log its size and root, and nothing else. It cosigns a checkpoint when the log's
//! key signed it and a proof shows that the tree still begins with all that the witness saw before.

use std::fmt;

use data_encoding::BASE64;

use super::checkpoint::Checkpoint;
use super::note::{Note, NoteKey};
use super::tree::{Hash, is_consistent};

/// The longest proof that is looked at.
const HASHES_MAX: usize = 63;

/// What a log asks of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The size of the checkpoint that the witness cosigned last.
    pub old_size: u64,
    /// That the new tree begins with the old one.
    pub proof: Vec<Hash>,
    /// The new checkpoint.
    pub checkpoint: Note,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        for hash in &self.proof {
            writeln!(f, "{}", BASE64.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// What a witness keeps of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How many leaves its tree had.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Why a witness does not cosign; each has a status of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// 400: not a request, or the old size is larger than the new one.
    #[error("not a request to cosign")]
    Malformed,
    /// 404: a log that the witness does not know.
    #[error("the log is not known here")]
    UnknownLog,
    /// 403: the log's key did not sign the checkpoint.
    #[error("the log's key did not sign it")]
    Unsigned,
    /// 409: the witness last saw this size; ask again from there.
    #[error("the newest checkpoint seen here has {0} leaves")]
    OtherSize(u64),
    /// 422: the new tree does not begin with the old one.
    #[error("the tree does not begin with the one seen before")]
    Inconsistent,
}

impl Refused {
    /// The status of the answer.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::UnknownLog => 404,
            Self::Unsigned => 403,
            Self::OtherSize(_) => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl Request {
    /// Reads a request.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let number = lines.next()?.strip_prefix("old ")?;
        let old_size: u64 = number.parse().ok()?;
        let hash = |line: &str| BASE64.decode(line.as_bytes()).ok()?.try_into().ok();
        let proof: Vec<Hash> = lines.map(hash).collect::<Option<_>>()?;
        let whole = old_size.to_string() == number && proof.len() <= HASHES_MAX;
        Note::parse(checkpoint).filter(|_| whole).map(|checkpoint| Self { old_size, proof, checkpoint })
    }

    /// What a witness that knows these logs and has seen so much of this one decides: what it has seen from now
    /// on, or why it does not cosign.
    pub fn decide(
        &self,
        logs: &[NoteKey],
        seen: impl FnOnce(&str) -> Option<Seen>,
    ) -> Result<(Checkpoint, Seen), Refused> {
        let claimed = Checkpoint::parse(&self.checkpoint.text).ok_or(Refused::Malformed)?;
        let mut known = logs.iter().filter(|log| log.name() == claimed.origin).peekable();
        if known.peek().is_none() {
            return Err(Refused::UnknownLog);
        }
        let taken = known.find_map(|log| Checkpoint::of(&self.checkpoint, log).ok());
        let head = taken.ok_or(Refused::Unsigned)?;
        if self.old_size > head.size {
            return Err(Refused::Malformed);
        }
        let before = seen(&head.origin);
        let (size, root) = before.map_or_else(|| (0, super::tree::empty_root()), |before| (before.size, before.root));
        if self.old_size != size {
            return Err(Refused::OtherSize(size));
        }
        if size == head.size && root != head.root {
            return Err(Refused::OtherSize(size));
        }
        if !is_consistent((size, &root), (head.size, &head.root), &self.proof) {
            return Err(Refused::Inconsistent);
        }
        let now = Seen { size: head.size, root: head.root };
        Ok((head, now))
    }
}

#[cfg(test)]
mod tests {
    use super::super::note::Manner;
    use super::super::tree::{Edge, leaf_hash};
    use super::*;
    use crate::token::SigningKey;

    fn head(leaves: u64, fork: bool) -> Checkpoint {
        let hashes: Vec<Hash> = (0..leaves).map(|leaf| leaf_hash(&[leaf as u8, u8::from(fork)])).collect();
        Checkpoint { origin: "log.example".into(), size: leaves, root: Edge::over(&hashes).root() }
    }

    #[test]
    fn a_witness_follows_a_log_and_no_fork_of_it() {
        let key = SigningKey::from_seed(&[1; 32]);
        let logs = [NoteKey::new("log.example", Manner::Log, key.verifying_key()).unwrap()];
        let ask = |old_size, proof: Vec<Hash>, head: &Checkpoint| {
            Request::parse(&Request { old_size, proof, checkpoint: head.sign(&key) }.to_string()).unwrap()
        };
        let first = ask(0, vec![], &head(1, false)).decide(&logs, |_| None).unwrap().1;
        assert_eq!(first.size, 1);
        let seen = |_: &str| Some(first);
        // One leaf and then two: the second leaf is the whole proof.
        let second = vec![leaf_hash(&[1, 0])];
        assert_eq!(ask(1, second.clone(), &head(2, false)).decide(&logs, seen).unwrap().1.size, 2);
        assert_eq!(ask(1, second.clone(), &head(2, true)).decide(&logs, seen), Err(Refused::Inconsistent));
        assert_eq!(ask(0, vec![], &head(2, false)).decide(&logs, seen), Err(Refused::OtherSize(1)));
        assert_eq!(
            ask(1, vec![], &head(1, true)).decide(&logs, seen),
            Err(Refused::OtherSize(1)),
            "a fork of one size"
        );
        assert_eq!(ask(1, vec![], &head(1, false)).decide(&logs, seen).unwrap().1, first, "the same again");
        assert_eq!(ask(3, vec![], &head(2, false)).decide(&logs, seen), Err(Refused::Malformed));
        let stranger = head(2, false).sign(&SigningKey::from_seed(&[2; 32]));
        let forged = Request { old_size: 1, proof: second, checkpoint: stranger };
        assert_eq!(forged.decide(&logs, seen), Err(Refused::Unsigned));
        assert_eq!(forged.decide(&[], seen), Err(Refused::UnknownLog));
    }
}
