//! Checkpoints (C2SP tlog-checkpoint): the log's signed word on how large its tree is and what its root is;
//! and the same on paper, for a witness without a network.

use std::fmt;

use data_encoding::{BASE32_NOPAD, BASE64};

use super::note::{Note, NoteKey, Signature, Signed};
use super::tree::Hash;
use crate::token::SigningKey;

/// The head of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is.
    pub origin: String,
    /// How many leaves its tree has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// The text that is signed: three lines.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, BASE64.encode(&self.root))
    }
}

/// Why a checkpoint is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not a note with the text of a checkpoint.
    #[error("not a checkpoint")]
    Malformed,
    /// Of another log.
    #[error("the checkpoint of another log")]
    OtherLog,
    /// Without a signature of the log's key.
    #[error("the log's key did not sign it")]
    Unsigned,
    /// With a line that names the log's key and is not its signature.
    #[error("the log's signature does not hold")]
    Forged,
}

impl Checkpoint {
    /// Reads the text of a checkpoint; lines after the third are let stand, as the specification says.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let number: u64 = size.parse().ok()?;
        let root = BASE64.decode(root.as_bytes()).ok()?.try_into().ok()?;
        let whole = !origin.is_empty() && number.to_string() == size && lines.all(|line| !line.is_empty());
        whole.then(|| Self { origin: origin.to_owned(), size: number, root })
    }

    /// Signs it with the log's key, whose name is the origin.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Note {
        let text = self.to_string();
        let signatures = vec![Signature::of_log(&self.origin, key, &text)];
        Note { text, signatures }
    }

    /// The checkpoint in a note that the log's key signed.
    pub fn of(note: &Note, log: &NoteKey) -> Result<Self, Fault> {
        let read = Self::parse(&note.text).ok_or(Fault::Malformed)?;
        if read.origin != log.name() {
            return Err(Fault::OtherLog);
        }
        match log.check(note) {
            Signed::Good(_) => Ok(read),
            Signed::Absent => Err(Fault::Unsigned),
            Signed::Broken => Err(Fault::Forged),
        }
    }

    /// The head as a line that can be typed from paper: the size, and the first 130 bits of the root in groups
    /// of four. Nobody finds two trees that agree in so many bits.
    #[must_use]
    pub fn line(&self) -> String {
        let root = BASE32_NOPAD.encode(&self.root);
        let groups: Vec<&str> =
            (0..LINE_SIGNS).step_by(4).filter_map(|at| root.get(at..(at + 4).min(LINE_SIGNS))).collect();
        format!("{} {}", self.size, groups.join("-"))
    }
}

/// How many signs of the root stand on paper, five bits each.
const LINE_SIGNS: usize = 26;

/// A head that somebody typed from paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperHead {
    /// How many leaves the tree had.
    pub size: u64,
    root: String,
}

impl PaperHead {
    /// Reads such a line, however its groups are set apart, in any case, and with 0, 1 and 8 for O, I and B.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (size, root) = line.trim().split_once(char::is_whitespace)?;
        let root: String = root.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').map(as_meant).collect();
        let good = root.len() == LINE_SIGNS && root.chars().all(|sign| matches!(sign, 'A'..='Z' | '2'..='7'));
        let digits: String = size.chars().filter(|sign| *sign != '.').collect();
        Some(Self { size: digits.parse().ok()?, root }).filter(|_| good)
    }

    /// Whether a tree of that size with this root is the one on the paper.
    #[must_use]
    pub fn is_of(&self, root: &Hash) -> bool {
        BASE32_NOPAD.encode(root).get(..LINE_SIGNS) == Some(&self.root)
    }
}

const fn as_meant(sign: char) -> char {
    match sign.to_ascii_uppercase() {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::note::Manner;
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "salur.example.go.id/api/v1/log".into(), size: 20_852_163, root: [7; 32] }
    }

    #[test]
    fn the_text_of_the_specification_is_read_and_written_the_same() {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let read = Checkpoint::parse(text).unwrap();
        assert_eq!((read.origin.as_str(), read.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(read.to_string(), text);
        for wrong in [
            "a\n1\n",
            "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
            "a\n1\nCsUY\n",
            "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        ] {
            assert_eq!(Checkpoint::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn only_the_key_of_the_log_makes_its_checkpoint() {
        let key = SigningKey::from_seed(&[3; 32]);
        let log = NoteKey::new(&checkpoint().origin, Manner::Log, key.verifying_key()).unwrap();
        let note = checkpoint().sign(&key);
        assert_eq!(Checkpoint::of(&Note::parse(&note.to_string()).unwrap(), &log), Ok(checkpoint()));
        let other = checkpoint().sign(&SigningKey::from_seed(&[4; 32]));
        assert_eq!(Checkpoint::of(&other, &log), Err(Fault::Unsigned));
        let grown = Checkpoint { size: 20_852_164, ..checkpoint() };
        let forged = Note { text: grown.to_string(), signatures: note.signatures };
        assert_eq!(Checkpoint::of(&forged, &log), Err(Fault::Forged));
    }

    #[test]
    fn a_line_on_paper_is_typed_back_and_knows_its_tree() {
        let line = checkpoint().line();
        let typed = PaperHead::parse(&line.to_lowercase().replace('-', " ").replace('o', "0")).unwrap();
        assert_eq!(typed.size, 20_852_163);
        assert!(typed.is_of(&[7; 32]));
        assert!(!typed.is_of(&[8; 32]));
        assert_eq!(PaperHead::parse(&line[..line.len() - 1]), None);
    }
}
