//! The master key, and the text it is kept as: one line that can also be printed, put in a safe and
//! typed again. Four check characters tell a mistyped line from a right one.
//!
//! ```text
//! # Kunci induk Salur. Simpan baik-baik …
//! SALUR-KEY-1 <the key in Base32> <check>
//! ```

use std::fmt;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

/// The first word of the line: what it is, and in which form.
const KIND: &str = "SALUR-KEY-1";

/// What stands above the line, for whoever finds the file.
const COMMENT: &str = "\
# Kunci induk Salur. Simpan baik-baik dan rahasiakan: tanpa kunci ini data pribadi dan kunci tanda tangan tidak dapat dibuka lagi.
# Master key of Salur. Keep it, and keep it secret: without it the personal data and the signing keys can never be opened again.
";

/// The key from which the vault's keys are derived. It is wiped from memory when dropped.
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Why a key file is refused. No message shows any of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFileFault {
    /// Only comments and empty lines.
    #[error("the key file has no key in it: a line that begins with {KIND} is expected")]
    Empty,
    /// More than one line beside the comments.
    #[error("the key file has more than one line beside the comments: exactly one key is expected")]
    SeveralLines,
    /// The line begins with something else.
    #[error("the key file is of another kind: its line must begin with {KIND}")]
    OtherKind,
    /// Not three words.
    #[error("the line of the key file must have three words: {KIND}, the key, and 4 check characters")]
    Incomplete,
    /// The key is not 52 characters of Base32.
    #[error("the key in the key file is not 52 characters of A to Z and 2 to 7: one may be missing or mistyped")]
    NotBase32,
    /// Not the passphrase of this file, or the file was altered since. Which, cannot be told.
    #[error("the passphrase does not open the key file")]
    WrongPassphrase,
    /// The file asks for a passphrase and none was given.
    #[error("the key file asks for a passphrase: give it with SALUR_PASSPHRASE_FILE or SALUR_PASSPHRASE")]
    NoPassphrase,
    /// A passphrase that is too short to guard a key.
    #[error("a passphrase for a key has 16 characters or more")]
    ShortPassphrase,
    /// The check characters are those of another key.
    #[error("the check characters of the key file do not fit its key: a character is mistyped")]
    Mistyped,
}

impl MasterKey {
    /// The key of 32 bytes that the caller drew at random.
    #[must_use]
    pub fn from_random(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// The text of the key file, comment and all.
    #[must_use]
    pub fn to_file(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(BASE32_NOPAD.encode(&*self.0));
        Zeroizing::new(format!("{COMMENT}{KIND} {} {}\n", *key, self.check()))
    }

    /// Reads the text of a key file: in any case, with any comments (`#`) and empty lines around it.
    pub fn from_file(text: &str) -> Result<Self, KeyFileFault> {
        let text = text.trim_start_matches('\u{feff}');
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let line = lines.next().ok_or(KeyFileFault::Empty)?;
        if lines.next().is_some() {
            return Err(KeyFileFault::SeveralLines);
        }
        let mut words = line.split_whitespace();
        if !words.next().is_some_and(|kind| kind.eq_ignore_ascii_case(KIND)) {
            return Err(KeyFileFault::OtherKind);
        }
        let (Some(key), Some(check), None) = (words.next(), words.next(), words.next()) else {
            return Err(KeyFileFault::Incomplete);
        };
        let upper = Zeroizing::new(key.to_ascii_uppercase());
        let bytes = Zeroizing::new(BASE32_NOPAD.decode(upper.as_bytes()).map_err(|_| KeyFileFault::NotBase32)?);
        let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyFileFault::NotBase32)?;
        let key = Self(Zeroizing::new(*bytes));
        if key.check().eq_ignore_ascii_case(check) { Ok(key) } else { Err(KeyFileFault::Mistyped) }
    }

    /// Four characters over the kind and the key: of 1,048,576 mistyped lines about one goes unseen.
    fn check(&self) -> String {
        let digest: [u8; 32] = Sha256::new().chain_update(KIND).chain_update(self.0.as_slice()).finalize().into();
        let mut check = BASE32_NOPAD.encode(&digest[..5]);
        check.truncate(4);
        check
    }

    /// The key itself, for the vault to derive from.
    pub(super) fn danger_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line() -> String {
        MasterKey::from_random([7; 32]).to_file().lines().last().unwrap().to_owned()
    }

    #[test]
    fn a_key_file_reads_back_also_in_lower_case_and_without_its_comment() {
        let file = MasterKey::from_random([7; 32]).to_file();
        assert!(file.starts_with("# Kunci induk Salur."));
        for text in [file.to_string(), line(), line().to_lowercase(), format!("\u{feff}{}\r\n\r\n", file.as_str())] {
            assert_eq!(*MasterKey::from_file(&text).unwrap().0, [7; 32]);
        }
    }

    #[test]
    fn a_mistyped_key_file_is_refused_with_a_clear_sentence() {
        let line = line();
        let parts: Vec<_> = line.split(' ').collect();
        for (text, fault) in [
            (String::new(), KeyFileFault::Empty),
            ("# only a comment\n".into(), KeyFileFault::Empty),
            (format!("{line}\n{line}"), KeyFileFault::SeveralLines),
            (line.replace("KEY-1", "KEY-2"), KeyFileFault::OtherKind),
            (format!("{} {}", parts[0], parts[1]), KeyFileFault::Incomplete),
            (format!("{line} X"), KeyFileFault::Incomplete),
            (format!("{} {} {}", parts[0], &parts[1][1..], parts[2]), KeyFileFault::NotBase32),
            (format!("{} {} AAAA", parts[0], parts[1]), KeyFileFault::Mistyped),
        ] {
            assert_eq!(MasterKey::from_file(&text).unwrap_err(), fault, "{text}");
        }
        assert!(KeyFileFault::Mistyped.to_string().contains("a character is mistyped"));
    }

    #[test]
    fn one_wrong_character_never_passes() {
        let line = line();
        for at in KIND.len() + 1..line.len() {
            for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567 018".chars() {
                let changed = format!("{}{sign}{}", &line[..at], &line[at + 1..]);
                assert!(changed == line || MasterKey::from_file(&changed).is_err(), "{changed}");
            }
        }
    }

    #[test]
    fn the_key_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", MasterKey::from_random([7; 32])), "MasterKey(…)");
    }

    proptest! {
        #[test]
        fn any_key_reads_back(key: [u8; 32]) {
            let file = MasterKey::from_random(key).to_file();
            prop_assert_eq!(*MasterKey::from_file(&file).unwrap().0, key);
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text: String, tail in "SALUR-KEY-1 [A-Z2-7]{50,54} [A-Z2-7]{3,5}") {
            prop_assert!(MasterKey::from_file(&text).is_err());
            let _ = MasterKey::from_file(&tail);
        }
    }
}
