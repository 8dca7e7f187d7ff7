//! Names as they are looked for: the same folding of spelling for what is kept and for what is typed.
//!
//! The same person stands in one list as `HJ. SITI NOERHAJATI`, in the next as `St. Nur Hayati binti Abd. Hamid`.
//! So every word of a name is brought to one spelling: titles and `BIN` go, short forms are written out, old
//! spelling (OE, DJ, TJ, J for Y) becomes new, and letters that clerks take for one another become one. What
//! comes out is for comparing alone and never shown. A typed word finds every word that begins with it.

use super::{fold_name, fold_person, is_hidden};

/// Changes whenever the folding does: what an installation keeps is then folded again.
pub const FOLDING: &str = "2";

/// How many words of a name count, with the parts of hyphened ones.
const WORDS_MAX: usize = 32;
/// How many typed words count.
const TYPED_MAX: usize = 8;
/// How many letters of a word count.
const LETTERS_MAX: usize = 24;

/// The sign before a village among the words of a household; no word of a name begins with it.
pub const PLACE_SIGN: char = '@';
/// The sign before the whole name as it is compared, among the words of a household.
const PERSON_SIGN: char = '=';

/// What stands beside a name and is none.
const TITLES: &[&str] = &[
    "H",
    "HJ",
    "HJH",
    "HAJI",
    "HAJJAH",
    "HAJAH",
    "KH",
    "ALM",
    "ALMH",
    "ALMARHUM",
    "ALMARHUMAH",
    "BIN",
    "BINTI",
    "BT",
    "BTE",
    "BINTE",
    "NY",
    "NYONYA",
    "TN",
    "TUAN",
    "SDR",
    "SDRI",
    "DRS",
    "DRA",
    "IR",
];

/// Short forms, and what they stand for. A single M. is Muhammad to every clerk.
const SHORT: &[(&str, &str)] = &[
    ("M", "MUHAMAD"),
    ("MUH", "MUHAMAD"),
    ("MUHD", "MUHAMAD"),
    ("MUCH", "MUHAMAD"),
    ("MHD", "MUHAMAD"),
    ("MHMD", "MUHAMAD"),
    ("MOH", "MUHAMAD"),
    ("MOHD", "MUHAMAD"),
    ("MOCH", "MUHAMAD"),
    ("MUHAMMED", "MUHAMAD"),
    ("MOHAMMED", "MUHAMAD"),
    ("MOHAMED", "MUHAMAD"),
    ("ABD", "ABDUL"),
    ("ABDUR", "ABDUL"),
    ("ABDUS", "ABDUL"),
    ("ABDL", "ABDUL"),
    ("ACH", "AHMAD"),
    ("ACHM", "AHMAD"),
    ("AHM", "AHMAD"),
    ("AHMED", "AHMAD"),
    ("ST", "SITI"),
];

/// Beginnings that are written together with the next word as often as apart.
const APART: &[(&str, &str)] = &[("ABDUL", "ABDUL"), ("ABDU", "ABDUL"), ("NUR", "NUR"), ("SRI", "SRI")];

/// The words by which a name is found, sorted, each once. A hyphened word counts as one and as its parts.
#[must_use]
pub fn search_words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in plain_words(name, true) {
        folded(&word, &mut words);
    }
    words.truncate(WORDS_MAX);
    words.sort_unstable();
    words.dedup();
    words
}

/// The word under which a household's village is kept beside the words of its name.
#[must_use]
pub fn place_word(village_folded: &str) -> Option<String> {
    (!village_folded.is_empty()).then(|| format!("{PLACE_SIGN}{village_folded}"))
}

/// The word under which the whole name of a household is kept, so that another spelling of it is found: `=MUHAMAD
/// YUSRAN` for `Moch. Yusran` too.
#[must_use]
pub fn person_word(name: &str) -> Option<String> {
    let folded = fold_person(name);
    (!folded.is_empty()).then(|| format!("{PERSON_SIGN}{folded}"))
}

/// A word that was typed: the beginnings, any of which a word of the name may have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedWord {
    /// One beginning, or a short form written out beside it.
    pub beginnings: Vec<String>,
}

impl TypedWord {
    /// Whether one of these words begins so.
    #[must_use]
    pub fn matches(&self, words: &[String]) -> bool {
        self.beginnings.iter().any(|beginning| words.iter().any(|word| word.starts_with(beginning.as_str())))
    }
}

/// What was typed to find a name.
#[must_use]
pub fn typed_words(text: &str) -> Vec<TypedWord> {
    let mut typed: Vec<TypedWord> = Vec::new();
    for word in plain_words(text, false) {
        let mut parts = Vec::new();
        folded(&word, &mut parts);
        let short = SHORT.iter().any(|(short, _)| *short == word);
        for part in parts {
            let mut beginnings = vec![loose_end(part)];
            let as_typed = letters(&word);
            // Whoever types MOH may mean Muhammad or the beginning of another name.
            if short && !beginnings.iter().any(|one| as_typed.starts_with(one.as_str())) {
                beginnings.push(as_typed);
            }
            if let Some(wider) =
                beginnings.iter().position(|one| beginnings.iter().any(|o| one != o && o.starts_with(one)))
            {
                beginnings = vec![beginnings.swap_remove(wider)];
            }
            let one = TypedWord { beginnings };
            if !typed.contains(&one) {
                typed.push(one);
            }
        }
    }
    typed.truncate(TYPED_MAX);
    typed
}

/// The words of a village in the same folding, to be compared with what was typed.
#[must_use]
pub fn village_words(village_folded: &str) -> Vec<String> {
    village_folded.split(' ').map(letters).collect()
}

/// Words in capitals without titles; a name of titles alone keeps them. `kept` also gives the parts of
/// hyphened words.
fn plain_words(text: &str, kept: bool) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for chunk in text.split(|sign: char| !(sign.is_alphanumeric() || is_joint(sign) || is_hidden(sign))) {
        let parts: Vec<String> = chunk
            .split(is_hyphen)
            .map(|part| part.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_uppercase).collect())
            .filter(|part: &String| !part.is_empty())
            .collect();
        match parts.as_slice() {
            [] => {}
            [one] => words.push(one.clone()),
            several => {
                words.push(several.concat());
                if kept {
                    words.extend(several.iter().cloned());
                }
            }
        }
    }
    let named: Vec<String> = words.iter().filter(|word| !TITLES.contains(&word.as_str())).cloned().collect();
    if named.is_empty() { words } else { named }
}

const fn is_hyphen(sign: char) -> bool {
    matches!(sign, '-' | '\u{2010}'..='\u{2015}')
}

const fn is_joint(sign: char) -> bool {
    is_hyphen(sign) || matches!(sign, '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{2bc}')
}

/// Folds one plain word into one or two.
fn folded(word: &str, into: &mut Vec<String>) {
    if let Some((_, long)) = SHORT.iter().find(|(short, _)| *short == word) {
        into.push((*long).to_owned());
        return;
    }
    let spelled = letters(word);
    for (beginning, alone) in APART {
        // ABDURRAHMAN and ABDUSSAMAD have lent the L of ABDUL the letter that follows it.
        let lent = |rest: &&str| *beginning != "ABDU" || rest.starts_with(['R', 'S']);
        if let Some(rest) = spelled.strip_prefix(beginning).filter(|rest| !rest.is_empty()).filter(lent) {
            into.push((*alone).to_owned());
            into.push(soft(rest));
            return;
        }
    }
    into.push(soft(&spelled));
}

/// One letter for all that clerks write for one sound.
fn letters(word: &str) -> String {
    let signs: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(word.len());
    let mut at = 0;
    while let Some(&sign) = signs.get(at) {
        let next = signs.get(at + 1).copied().unwrap_or(' ');
        let (letter, taken) = match (sign, next) {
            // Old spelling, and signs that are said alike.
            ('O', 'E') => ('U', 2),
            ('D', 'J') => ('J', 2),
            ('T', 'J') => ('C', 2),
            ('S', 'J' | 'Y' | 'H') => ('S', 2),
            ('K', 'H') => ('H', 2),
            ('C', 'H') => (ch(&signs, at), 2),
            ('P', 'H') => ('P', 2),
            ('T', 'H') => ('T', 2),
            ('D', 'H') => ('D', 2),
            ('O', _) => ('U', 1),
            ('Y' | 'Z', _) => ('J', 1),
            ('F' | 'V', _) => ('P', 1),
            ('Q', _) => ('K', 1),
            ('É' | 'È' | 'Ê' | 'Ë', _) => ('E', 1),
            ('Á' | 'À' | 'Â' | 'Ä', _) => ('A', 1),
            (other, _) => (other, 1),
        };
        if !out.ends_with(letter) {
            out.push(letter);
        }
        at += taken;
    }
    out.chars().take(LETTERS_MAX).collect()
}

/// ACHMAD and CHAIRUL have an H, CHANDRA a C, CHRISTINA a K.
fn ch(signs: &[char], at: usize) -> char {
    let rest: String = signs.iter().skip(at + 2).take(2).collect();
    match rest.as_str() {
        _ if rest.starts_with('R') && at == 0 => 'K',
        "AI" | "OI" | "AL" | "AD" | "OT" | "US" => 'H',
        _ if at == 0 => 'C',
        _ => 'H',
    }
}

/// What is heard or not: SUPRIYADI is SUPRIADI, and FATIMAH is FATIMA.
fn soft(spelled: &str) -> String {
    let signs: Vec<char> = spelled.chars().collect();
    let mut out = String::with_capacity(spelled.len());
    for (at, &sign) in signs.iter().enumerate() {
        let after = at.checked_sub(1).and_then(|before| signs.get(before)).copied().unwrap_or(' ');
        let before = signs.get(at + 1).copied().unwrap_or(' ');
        let glide = sign == 'J' && after == 'I' && is_vowel(before);
        let breath = sign == 'H' && at + 1 == signs.len() && at >= 4 && is_vowel(after);
        if !glide && !breath {
            out.push(sign);
        }
    }
    out
}

const fn is_vowel(sign: char) -> bool {
    matches!(sign, 'A' | 'E' | 'I' | 'O' | 'U')
}

/// A word may have been typed half: a J after an I is lost before the vowel that is still to come.
fn loose_end(mut word: String) -> String {
    if word.len() > 2 && word.ends_with("IJ") {
        word.pop();
    }
    word
}

/// The beginning of the folded names that a text is the beginning of, to be listed first.
#[must_use]
pub fn typed_beginning(text: &str) -> String {
    fold_name(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(typed: &str, name: &str) -> bool {
        let words = search_words(name);
        let typed = typed_words(typed);
        !typed.is_empty() && typed.iter().all(|one| one.matches(&words))
    }

    #[test]
    fn titles_and_bin_do_not_stand_in_the_way() {
        for (typed, name) in [
            ("norliani", "HJ. NORLIANI"),
            ("Hj Norliani", "NORLIANI"),
            ("abdul hamid", "H. ABDUL HAMID (ALM.)"),
            ("siti bin ahmad", "SITI BINTI AHMAD"),
            ("ahmad siti", "SITI BINTI AHMAD"),
            ("haji", "HAJI"),
            ("kh hasan", "KH. HASAN"),
        ] {
            assert!(
                finds(typed, name),
                "{typed} should find {name}: {:?} {:?}",
                typed_words(typed),
                search_words(name)
            );
        }
        assert!(!finds("siti rahmah", "SITI BINTI AHMAD"));
    }

    #[test]
    fn short_forms_stand_for_the_long_ones_both_ways() {
        for (typed, name) in [
            ("muhammad yusran", "M. YUSRAN"),
            ("m yusran", "MUHAMMAD YUSRAN"),
            ("muh. yusran", "MOHAMAD YUSRAN"),
            ("moch yusran", "MUHAMMAD YUSRAN"),
            ("moh", "MOHRANI"),
            ("moh", "MUHAMMAD"),
            ("abdul hamid", "ABD. HAMID"),
            ("abd hamid", "ABDUL HAMID"),
            ("abdulhamid", "ABD. HAMID"),
            ("abdurrahman", "ABDUL RAHMAN"),
            ("abdul rahman", "ABDURRAHMAN"),
            ("siti aminah", "ST. AMINAH"),
            ("achmad", "AHMAD"),
            ("m", "MARIAM"),
        ] {
            assert!(
                finds(typed, name),
                "{typed} should find {name}: {:?} {:?}",
                typed_words(typed),
                search_words(name)
            );
        }
        assert!(!finds("muhammad", "MARIAM"));
    }

    #[test]
    fn spelling_old_and_new_is_one() {
        for (one, other) in [
            ("SOEKARNO", "SUKARNO"),
            ("DJOEMIATI", "JUMIATI"),
            ("TJAHJADI", "CAHYADI"),
            ("SOEPRIJADI", "SUPRIADI"),
            ("YOHANES", "JOHANNES"),
            ("AISJAH", "AISYAH"),
            ("SYAMSUDDIN", "SAMSUDIN"),
            ("NOORHAYATI", "NUR HAYATI"),
            ("NORHAYATI", "NURHAYATI"),
            ("NUR'AINI", "NURAINI"),
            ("NUR-AINI", "NUR AINI"),
            ("KHADIJAH", "HADIDJAH"),
            ("ARIFIN", "ARIPIN"),
            ("FAUZI", "FAUJI"),
            ("TAUFIQ", "TAUFIK"),
            ("FATIMAH", "FATIMA"),
            ("MARIYAM", "MARIAM"),
            ("CHRISTINA", "KRISTINA"),
            ("CHANDRA", "CANDRA"),
            ("CHAIRUL", "KHAIRUL"),
            ("SRI WAHYUNI", "SRIWAHYUNI"),
            ("MARTHA", "MARTA"),
        ] {
            assert!(finds(one, other), "{one} {other}: {:?} {:?}", typed_words(one), search_words(other));
            assert!(finds(other, one), "{other} {one}: {:?} {:?}", typed_words(other), search_words(one));
        }
        assert!(!finds("SUMARNI", "SUNARNI"));
    }

    #[test]
    fn the_beginning_of_a_word_finds_it() {
        for (typed, name) in
            [("rus", "RUSMINI"), ("sit mar", "SITI MARDIANA"), ("mar sit", "SITI MARDIANA"), ("hadij", "HADIJAH")]
        {
            assert!(finds(typed, name), "{typed} should find {name}");
        }
        assert!(!finds("mini", "RUSMINI"));
    }

    #[test]
    fn a_hostile_name_has_few_short_words() {
        let words = search_words(&"A'-B\u{202e}C ".repeat(400));
        assert!(words.len() <= WORDS_MAX);
        let words = search_words(&"X1Y2".repeat(100));
        assert!(words.iter().all(|word| word.chars().count() <= LETTERS_MAX));
        assert!(search_words(" -' ").is_empty() && typed_words("%_\\").is_empty());
    }

    #[test]
    fn a_village_is_recognised_by_any_of_its_words() {
        let typed = typed_words("Loa ipuh");
        assert!(typed.iter().all(|one| one.matches(&village_words("LOA IPUH"))));
        assert!(!typed[0].matches(&village_words("TIMBAU")));
        assert_eq!(place_word("LOA IPUH").as_deref(), Some("@LOA IPUH"));
        assert_eq!(place_word(""), None);
    }

    proptest! {
        #[test]
        fn every_name_is_found_by_itself(name in "[A-Z][A-Za-z'.-]{0,12}( [A-Z][A-Za-z'.-]{0,12}){0,3}") {
            let words = search_words(&name);
            prop_assert!(typed_words(&name).iter().all(|one| one.matches(&words)), "{:?} {:?}", typed_words(&name), words);
        }
    }
}
