//! Signed notes (C2SP signed-note) and cosignatures (C2SP tlog-cosignature, Ed25519): text, and under it
//! lines of signatures of which each names its key.
//!
//! A key that signs checkpoints of the log and one that cosigns them as a witness are told apart by the
//! type byte in their ids, so neither's signature can pass for the other's.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

use crate::token::{SigningKey, VerifyingKey};

/// The most signatures that are looked at under a note, and the longest note.
pub const SIGNATURES_MAX: usize = 64;
/// The longest note that is read.
pub const NOTE_BYTES_MAX: usize = 32 * 1024;

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Ed25519 over the text: the log.
    Log,
    /// Ed25519 over a time and the text: a witness.
    Witness,
}

impl Manner {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }
}

/// A public key under the name by which notes call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    manner: Manner,
    key: VerifyingKey,
}

/// `log.example+2b3c4d5e+AaBb…`: the verifier key of the specification.
impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = [&[self.manner.byte()], self.key.to_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, HEXLOWER.encode(&self.id()), BASE64.encode(&material))
    }
}

impl NoteKey {
    /// A key under a name without spaces and plus signs; `None` when the name is none.
    #[must_use]
    pub fn new(name: &str, manner: Manner, key: VerifyingKey) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), manner, key })
    }

    /// Reads a verifier key; `None` when it is none, or its id is not that of its name and key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, material) = rest.split_once('+')?;
        let material = BASE64.decode(material.as_bytes()).ok()?;
        let (&kind, key) = material.split_first()?;
        let manner = [Manner::Log, Manner::Witness].into_iter().find(|manner| manner.byte() == kind)?;
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let read = Self::new(name, manner, key)?;
        (HEXLOWER.encode(&read.id()) == id).then_some(read)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The four bytes by which a signature names the key: they depend on name, manner and key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, self.manner, &self.key)
    }

    /// What this key's signature under the note says; the note is not to be trusted when it is `Broken`.
    #[must_use]
    pub fn check(&self, note: &Note) -> Signed {
        let ours = |signature: &&Signature| signature.name == self.name && signature.id == self.id();
        let mut told = Signed::Absent;
        for signature in note.signatures.iter().filter(ours) {
            match self.check_one(&note.text, &signature.bytes) {
                Some(at) => told = Signed::Good(at),
                None => return Signed::Broken,
            }
        }
        told
    }

    fn check_one(&self, text: &str, bytes: &[u8]) -> Option<u64> {
        match self.manner {
            Manner::Log => self.key.verifies(text.as_bytes(), bytes).then_some(0),
            Manner::Witness => {
                let (time, signature) = bytes.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                self.key.verifies(cosigned(time, text).as_bytes(), signature).then_some(time)
            }
        }
    }
}

/// What a key's signature under a note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// There is none.
    Absent,
    /// It is the key's; of a witness, with the time in seconds since 1970.
    Good(u64),
    /// It names the key and is not its signature.
    Broken,
}

fn key_id(name: &str, manner: Manner, key: &VerifyingKey) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', manner.byte()])
        .chain_update(key.to_bytes())
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|sign| sign.is_whitespace() || sign.is_control() || sign == '+')
}

/// One line under a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The id of the key.
    pub id: [u8; 4],
    /// What the key made.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// The log's signature of a text that ends in a line break.
    #[must_use]
    pub fn of_log(name: &str, key: &SigningKey, text: &str) -> Self {
        let id = key_id(name, Manner::Log, &key.verifying_key());
        Self { name: name.to_owned(), id, bytes: key.sign_message(text.as_bytes()).to_vec() }
    }

    /// A witness's cosignature of the text of a checkpoint, at this time in seconds since 1970.
    #[must_use]
    pub fn of_witness(name: &str, key: &SigningKey, time: u64, text: &str) -> Self {
        let id = key_id(name, Manner::Witness, &key.verifying_key());
        let signature = key.sign_message(cosigned(time, text).as_bytes());
        Self { name: name.to_owned(), id, bytes: [time.to_be_bytes().as_slice(), &signature].concat() }
    }

    /// Reads a line.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = BASE64.decode(encoded.as_bytes()).ok()?;
        let (id, bytes) = bytes.split_first_chunk::<4>()?;
        is_name(name).then(|| Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.bytes].concat();
        writeln!(f, "— {} {}", self.name, BASE64.encode(&bytes))
    }
}

/// A text with the signatures under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is signed: whole lines.
    pub text: String,
    /// The signatures, of known and unknown keys.
    pub signatures: Vec<Signature>,
}

impl Note {
    /// Reads a note. Whether a signature is good is for [`NoteKey::check`] to say.
    #[must_use]
    pub fn parse(note: &str) -> Option<Self> {
        if note.len() > NOTE_BYTES_MAX || note.chars().any(|sign| sign < ' ' && sign != '\n') {
            return None;
        }
        let (text, lines) = note.rsplit_once("\n\n")?;
        let lines = lines.strip_suffix('\n')?;
        let signatures: Vec<Signature> = lines.split('\n').map(Signature::parse).collect::<Option<_>>()?;
        (!text.is_empty() && signatures.len() <= SIGNATURES_MAX).then(|| Self { text: format!("{text}\n"), signatures })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| signature.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the specification of signed notes, with the key that its text gives elsewhere.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NEUMANN: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_of_another_program_verifies_and_a_changed_one_does_not() {
        let key = NoteKey::parse(PETER).unwrap();
        assert_eq!(key.to_string(), PETER);
        let note = Note::parse(NEUMANN).unwrap();
        assert_eq!(note.to_string(), NEUMANN);
        assert_eq!(key.check(&note), Signed::Good(0));
        let changed = Note { text: note.text.replace("answer", "cause"), ..note.clone() };
        assert_eq!(key.check(&changed), Signed::Broken);
        let unnamed =
            Note { signatures: vec![Signature { name: "Peter".into(), ..note.signatures[0].clone() }], ..note };
        assert_eq!(key.check(&unnamed), Signed::Absent);
        assert_eq!(NoteKey::parse(&PETER.replace("c74f", "c74e")), None);
    }

    #[test]
    fn the_log_and_a_witness_sign_the_same_text_and_neither_passes_for_the_other() {
        let (log, witness) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let signatures =
            vec![Signature::of_log("sofa", &log, text), Signature::of_witness("w1", &witness, 1_679_315_147, text)];
        let note = Note::parse(&Note { text: text.into(), signatures }.to_string()).unwrap();
        let key = |name, manner, key: &SigningKey| NoteKey::new(name, manner, key.verifying_key()).unwrap();
        assert_eq!(key("sofa", Manner::Log, &log).check(&note), Signed::Good(0));
        assert_eq!(key("w1", Manner::Witness, &witness).check(&note), Signed::Good(1_679_315_147));
        assert_eq!(key("w1", Manner::Log, &witness).check(&note), Signed::Absent);
        assert_eq!(key("sofa", Manner::Witness, &log).check(&note), Signed::Absent);
        // The time is signed too.
        let mut later = note.clone();
        later.signatures[1].bytes[7] ^= 1;
        assert_eq!(key("w1", Manner::Witness, &witness).check(&later), Signed::Broken);
    }

    #[test]
    fn the_cosignature_of_the_specification_is_understood() {
        let line = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
        let read = Signature::parse(line).unwrap();
        assert_eq!(read.to_string().trim_end(), line);
        assert_eq!((read.bytes.len(), u64::from_be_bytes(read.bytes[..8].try_into().unwrap())), (72, 1_679_315_147));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for wrong in [
            "",
            "a\n",
            "a\n\n",
            "a\n\nb\n",
            "a\n\n— x\n",
            "a\n\n— x AAAA",
            "a\t\n\n— x AAAAAAAA\n",
            "a\n\n— x+y AAAAAAAA\n",
        ] {
            assert_eq!(Note::parse(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text: String) {
            let _ = (Note::parse(&text), Note::parse(&format!("{text}\n\n— a AAAAAAAA\n")), NoteKey::parse(&text));
        }
    }
}
