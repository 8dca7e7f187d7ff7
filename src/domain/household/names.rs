//! Names as they are compared: two spellings of one person fold to the same text.

use super::text::{is_late, plain_word};

/// A name folded so that usual spellings of it are the same: without titles, degrees, ALM. and what stands
/// behind BIN or BINTI; ABD is ABDUL; M, MUH and MOCH are MUHAMMAD; old spellings (OE, DJ, TJ) and
/// doubled letters are new and single. For comparing alone: what is shown is the name as given.
#[must_use]
pub fn fold_person(name: &str) -> String {
    // Degrees stand behind a comma: "SITI AMINAH, S.PD".
    let bare = match name.split_once(',') {
        Some((before, _)) if before.chars().any(char::is_alphabetic) => before,
        _ => name,
    };
    let marks = ['\'', '`', '\u{2018}', '\u{2019}', '\u{2bc}'];
    let plain = if bare.contains(marks) { plain_word(&bare.replace(marks, "")) } else { plain_word(bare) };
    let mut folded = String::with_capacity(plain.len());
    for word in plain.split(' ') {
        if matches!(word, "BIN" | "BINTI" | "BT" | "BTI") && !folded.is_empty() {
            break;
        }
        if is_late(word) || (folded.is_empty() && is_title(word)) {
            continue;
        }
        if !folded.is_empty() {
            folded.push(' ');
        }
        match word {
            "M" | "MUH" | "MUHD" | "MUHAMAD" | "MUHAMMAD" | "MUHAMMED" | "MOH" | "MOHD" | "MOHAMAD" | "MOHAMMAD"
            | "MOCH" | "MOCHAMAD" | "MOCHAMMAD" | "MUCH" | "MUCHAMAD" | "MUCHAMMAD" | "MHD" => {
                folded.push_str("MUHAMAD")
            }
            "ABD" | "ABDL" | "ABDUL" => folded.push_str("ABDUL"),
            other => fold_spelling(other, &mut folded),
        }
    }
    if folded.is_empty() { plain } else { folded }
}

fn is_title(word: &str) -> bool {
    matches!(
        word,
        "H" | "HJ"
            | "HAJI"
            | "HAJJAH"
            | "KH"
            | "UST"
            | "USTADZ"
            | "USTAZ"
            | "DRS"
            | "DRA"
            | "DR"
            | "IR"
            | "PROF"
            | "BPK"
            | "BAPAK"
            | "IBU"
            | "SDR"
            | "SDRI"
            | "TN"
            | "NY"
            | "NN"
    )
}

fn fold_spelling(word: &str, out: &mut String) {
    let mut letters = word.chars().peekable();
    let mut last = None;
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let letter = match (letter, next) {
            ('O', Some('E')) => {
                letters.next();
                'U'
            }
            ('D', Some('J')) => {
                letters.next();
                'J'
            }
            ('T', Some('J')) => {
                letters.next();
                'C'
            }
            (letter, _) => letter,
        };
        if last != Some(letter) {
            out.push(letter);
        }
        last = Some(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_person_fold_to_the_same() {
        for (a, b) in [
            ("ABDUL HAMID ", "ABD. HAMID"),
            ("MUHAMMAD YUSRAN", "M. Yusran"),
            ("MUH YUSRAN", "H. Moch. Yusran (Alm)"),
            ("HJ. NORLIANI", "Norliani"),
            ("SITI AMINAH BINTI AHMAD", "Siti  Aminah"),
            ("SITI AMINAH, S.Pd", "SITI AMINAH"),
            ("SOEPARDJO", "Suparjo"),
            ("NUR'AINI", "NURAINI"),
            ("TJANDRA", "CANDRA"),
            ("ROCHMAT", "Rochmat"),
        ] {
            assert_eq!(fold_person(a), fold_person(b));
        }
        assert_ne!(fold_person("SITI AMINAH"), fold_person("SITI MAEMUNAH"));
        assert_eq!(fold_person("H."), "H");
        assert_eq!(fold_person("BIN"), "BIN");
    }
}
