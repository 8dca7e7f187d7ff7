//! Texts as people write them into spreadsheets: tidied for keeping, folded for searching.

use std::fmt;
use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization as _;

/// Whether a sign has no shape of its own, but changes what stands around it or hides between letters:
/// zero-width signs, marks and overrides of writing direction, the byte-order mark, the soft hyphen.
#[must_use]
pub const fn is_hidden(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// A text made fit to keep and to print, and what had to be done to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Tidied {
    /// The text: trimmed, every run of white space one space, without hidden and control characters.
    pub text: String,
    /// Hidden or control characters were taken out.
    pub stripped: bool,
    /// It holds the sign that stands for what could not be read, so letters are missing.
    pub broken: bool,
}

impl fmt::Debug for Tidied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tidied").field("stripped", &self.stripped).field("broken", &self.broken).finish_non_exhaustive()
    }
}

/// Makes a text fit to keep. Line breaks and tabs count as white space; other control characters go.
#[must_use]
pub fn tidy(raw: &str) -> Tidied {
    if is_tidy(raw) {
        return Tidied { text: raw.to_owned(), stripped: false, broken: false };
    }
    let mut tidied = Tidied { text: String::with_capacity(raw.len()), stripped: false, broken: false };
    // A letter and its accent, which some keyboards send as two signs, are one.
    for sign in raw.nfc() {
        if sign.is_whitespace() {
            if !tidied.text.is_empty() && !tidied.text.ends_with(' ') {
                tidied.text.push(' ');
            }
        } else if sign.is_control() || is_hidden(sign) {
            tidied.stripped = true;
        } else {
            tidied.broken |= sign == char::REPLACEMENT_CHARACTER;
            tidied.text.push(sign);
        }
    }
    tidied.text.truncate(tidied.text.trim_end().len());
    tidied
}

/// Whether there is nothing to do, as in nearly all cells: plain signs with single spaces within.
pub(in crate::domain) fn is_tidy(raw: &str) -> bool {
    let mut before = b' ';
    for byte in raw.bytes() {
        if !(b' '..=b'~').contains(&byte) || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    raw.is_empty() || before != b' '
}

/// A name as it is searched and compared: capitals, single spaces, no punctuation, without the titles
/// H., HJ., HAJI, HAJJAH in front and without ALM. or ALMH. anywhere. `HJ. Nur'aini ` is `NURAINI`.
#[must_use]
pub fn fold_name(name: &str) -> String {
    let joined: String =
        name.chars().filter(|sign| !matches!(sign, '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{2bc}')).collect();
    let plain = plain_word(&joined);
    let mut folded = String::with_capacity(plain.len());
    for word in plain.split(' ') {
        let title = folded.is_empty() && matches!(word, "H" | "HJ" | "HAJI" | "HAJJAH");
        if !title && !is_late(word) {
            if !folded.is_empty() {
                folded.push(' ');
            }
            let _ = folded.write_str(word);
        }
    }
    if folded.is_empty() { plain } else { folded }
}

pub(super) fn is_late(word: &str) -> bool {
    matches!(word, "ALM" | "ALMH" | "ALMARHUM" | "ALMARHUMAH")
}

/// Whether a name carries ALM. or ALMH.: the person has probably died.
#[must_use]
pub fn name_says_deceased(name: &str) -> bool {
    // Nearly all names are plain and hold no such letters: they are not folded for it.
    if name.is_ascii() && !name.as_bytes().windows(3).any(|three| three.eq_ignore_ascii_case(b"ALM")) {
        return false;
    }
    plain_word(name).split(' ').any(is_late)
}

/// Reads a village code of Kemendagri, with its dots or as ten digits, and writes it with dots. The last
/// group begins with 1 for a kelurahan and 2 for a desa, which a code of BPS seldom does.
#[must_use]
pub fn village_code(text: &str) -> Option<String> {
    let text = text.trim();
    // As we write it ourselves.
    let ours =
        |(place, sign): (usize, u8)| if matches!(place, 2 | 5 | 8) { sign == b'.' } else { sign.is_ascii_digit() };
    if text.len() == 13 && text.bytes().enumerate().all(ours) && matches!(text.as_bytes().get(9), Some(b'1' | b'2')) {
        return Some(text.to_owned());
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let dotted = || {
        let groups: Vec<&str> = text.split('.').map(str::trim).collect();
        groups.iter().map(|group| group.len()).eq([2, 2, 2, 4])
    };
    let whole = digits.len() == 10 && (text == digits || dotted());
    let kind = digits.as_bytes().get(6).copied();
    if !whole || !matches!(kind, Some(b'1' | b'2')) {
        return None;
    }
    let part = |range| digits.get(range).unwrap_or_default();
    Some(format!("{}.{}.{}.{}", part(0..2), part(2..4), part(4..6), part(6..10)))
}

/// A word in capitals, with all that is neither letter nor digit as single spaces.
pub(in crate::domain) fn plain_word(text: &str) -> String {
    let mut word = String::with_capacity(text.len());
    if text.is_ascii() {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() {
                word.push(char::from(byte.to_ascii_uppercase()));
            } else if !word.is_empty() && !word.ends_with(' ') {
                word.push(' ');
            }
        }
        word.truncate(word.trim_end().len());
        return word;
    }
    for sign in text.chars().flat_map(char::to_uppercase) {
        if sign.is_alphanumeric() {
            word.push(sign);
        } else if !word.is_empty() && !word.ends_with(' ') && !is_hidden(sign) {
            word.push(' ');
        }
    }
    word.truncate(word.trim_end().len());
    word
}
