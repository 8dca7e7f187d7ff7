//! A household (KPM) as an office knows it: who, where, in which state of verification.
//!
//! The key of a household is the source's id (P3KE, DTSEN …) within the agency. NIK and No. KK are
//! attributes: both can be missing, and both can name another district than the one lived in, because
//! they were first issued there. What is personal here never prints itself: `Debug` shows a masked
//! number, or nothing. Reading cells of a spreadsheet into these types is the work of `intake`.

use std::fmt;
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Longest source id, in characters.
pub const SOURCE_ID_MAX: usize = 64;
/// Longest name, in characters.
pub const NAME_MAX: usize = 120;
/// Longest address, in characters.
pub const ADDRESS_MAX: usize = 200;
/// Longest name of a village or sub-district, in characters.
pub const PLACE_MAX: usize = 80;
/// Longest relation to the head of the family, in characters.
pub const RELATION_MAX: usize = 60;
/// Longest code of a point or a package, in characters.
pub const CODE_MAX: usize = 32;
/// Longest note, in characters.
pub const NOTE_MAX: usize = 500;

/// Why a text is no NIK and no family-card number. Both are 16 digits and suffer the same damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NikFault {
    /// There is nothing.
    Empty,
    /// A spreadsheet made a number of it and wrote `6,40299E+15`. The digits are gone.
    Scientific,
    /// It has signs that are no digits, such as the letter O for a zero.
    Letters,
    /// It has so many digits and not 16.
    Length(usize),
    /// It ends with `0000`, which is never issued: a spreadsheet lost the last digits.
    Zeroed,
}

impl fmt::Display for NikFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no number"),
            Self::Scientific => f.write_str("a spreadsheet turned the number into scientific notation"),
            Self::Letters => f.write_str("there are signs that are no digits"),
            Self::Length(digits) => write!(f, "there are {digits} digits, and 16 are due"),
            Self::Zeroed => f.write_str("the number ends with 0000, which is never issued"),
        }
    }
}

impl std::error::Error for NikFault {}

/// The digits of a number as people type it: without spaces, dots, dashes, an apostrophe in front, signs
/// that cannot be seen, or the `.0` that a program added. Other signs stay, so that they can be refused.
#[must_use]
pub fn bare_number(text: &str) -> String {
    let visible: String = text.chars().filter(|sign| !is_hidden(*sign) && !sign.is_whitespace()).collect();
    let whole = match visible.rsplit_once(['.', ',']) {
        Some((whole, rest))
            if !rest.is_empty()
                && rest.bytes().all(|digit| digit == b'0')
                && whole.len() == 16
                && whole.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            whole
        }
        _ => &visible,
    };
    whole
        .chars()
        .filter(|sign| {
            !matches!(sign, '.' | '-' | '\u{2010}'..='\u{2015}' | '\'' | '`' | '\u{2018}' | '\u{2019}' | '"')
        })
        .collect()
}

/// Whether a text is a number in scientific notation: `6,40299E+15`, `6.4e15`.
#[must_use]
pub fn is_scientific(text: &str) -> bool {
    let text = text.trim().trim_start_matches('\'');
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let digits = |part: &str| part.bytes().any(|sign| sign.is_ascii_digit());
    digits(mantissa)
        && digits(exponent)
        && mantissa.bytes().all(|sign| sign.is_ascii_digit() || matches!(sign, b'.' | b',' | b'-' | b'+'))
        && exponent.bytes().all(|sign| sign.is_ascii_digit())
}

fn sixteen_digits(text: &str) -> Result<[u8; 16], NikFault> {
    if is_scientific(text) {
        return Err(NikFault::Scientific);
    }
    let bare = bare_number(text);
    if bare.is_empty() {
        return Err(NikFault::Empty);
    }
    if !bare.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(NikFault::Letters);
    }
    let digits: [u8; 16] = bare.as_bytes().try_into().map_err(|_| NikFault::Length(bare.len()))?;
    if digits.ends_with(b"0000") { Err(NikFault::Zeroed) } else { Ok(digits) }
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// Reads the number as people type it; see [`bare_number`] for what is overlooked.
            pub fn parse(text: &str) -> Result<Self, NikFault> {
                sixteen_digits(text).map(Self)
            }

            /// The 16 digits in the clear, to be sealed or compared, never to be shown.
            #[must_use]
            pub fn digits(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }

            /// What may be shown: `6402 **** **** 0001`.
            #[must_use]
            pub fn masked(&self) -> String {
                let digits = self.digits();
                let part = |range| digits.get(range).unwrap_or_default();
                format!("{} **** **** {}", part(0..4), part(12..16))
            }

            /// The last four digits.
            #[must_use]
            pub fn tail(&self) -> &str {
                self.digits().get(12..).unwrap_or_default()
            }

            /// Province and regency of first registration: the first four digits.
            #[must_use]
            pub fn regency(&self) -> &str {
                self.digits().get(..4).unwrap_or_default()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.masked())
            }
        }

        impl TryFrom<String> for $name {
            type Error = NikFault;
            fn try_from(text: String) -> Result<Self, NikFault> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> Self {
                number.digits().to_owned()
            }
        }
    )* };
}

numbers! {
    /// A national identity number (NIK): region of first registration, day of birth (women plus 40),
    /// month, year, and a sequence that starts at 0001. It stays for life, and may contradict the true
    /// birth date and still be good, so only its length, digits and end are checked.
    Nik;
    /// A family-card number (No. KK), of the same shape. It keeps the region where the card was first made.
    FamilyCard;
}

/// The birth date that a NIK carries. It has no century.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BirthHint {
    /// Day of the month.
    pub day: u8,
    /// Month, 1 to 12.
    pub month: u8,
    /// Year without its century, 0 to 99.
    pub year: u8,
}

impl BirthHint {
    /// Whether a date is one that this hint can mean.
    #[must_use]
    pub fn agrees(self, date: Date) -> bool {
        date.day().unsigned_abs() == self.day
            && date.month().unsigned_abs() == self.month
            && date.year().rem_euclid(100).unsigned_abs() == u16::from(self.year)
    }
}

/// Codes of the provinces, as Kemendagri writes them.
const PROVINCES: [u8; 38] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 51, 52, 53, 61, 62, 63, 64, 65, 71, 72, 73, 74, 75,
    76, 81, 82, 91, 92, 93, 94, 95, 96,
];

impl Nik {
    /// The two digits at a place, as a number.
    fn two(&self, place: usize) -> u8 {
        let digit = |place: usize| self.0.get(place).map_or(0, |digit| digit.wrapping_sub(b'0'));
        digit(place) * 10 + digit(place + 1)
    }

    /// The birth date in it, or nothing when no such day exists.
    #[must_use]
    pub fn birth_hint(&self) -> Option<BirthHint> {
        let day = self.two(6) % 40;
        let (month, year) = (self.two(8), self.two(10));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 29,
            _ => 0,
        };
        // 72 to 79 would fold onto a day as well, but women have 41 to 71.
        (self.two(6) <= 71 && (1..=days).contains(&day)).then_some(BirthHint { day, month, year })
    }

    /// The sex in it, or nothing when its day does not exist.
    #[must_use]
    pub fn sex_hint(&self) -> Option<Sex> {
        match self.two(6) {
            1..=31 => Some(Sex::Male),
            41..=71 => Some(Sex::Female),
            _ => None,
        }
    }

    /// Whether its first two digits are a province.
    #[must_use]
    pub fn province_is_known(&self) -> bool {
        // 97 was in use for a short time when Papua was first divided.
        PROVINCES.contains(&self.two(0)) || self.two(0) == 97
    }
}

/// A word in capitals, with all that is neither letter nor digit as single spaces.
pub(super) fn plain_word(text: &str) -> String {
    let mut word = String::with_capacity(text.len());
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

/// Sex, as the civil registry writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Laki-laki.
    Male,
    /// Perempuan.
    Female,
}

impl Sex {
    /// Reads `L`, `P` and the words for them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match plain_word(text).as_str() {
            "L" | "LK" | "LAKI" | "LAKI LAKI" | "LAKILAKI" | "PRIA" | "MALE" => Some(Self::Male),
            "P" | "PR" | "PEREMPUAN" | "WANITA" | "FEMALE" => Some(Self::Female),
            _ => None,
        }
    }

    /// The letter on cards and lists: `L` or `P`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Male => "L",
            Self::Female => "P",
        }
    }
}

/// What verification and validation (verval) found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Eligibility {
    /// LAYAK.
    Eligible,
    /// TIDAK LAYAK.
    NotEligible,
    /// Nothing yet.
    #[default]
    Undecided,
}

impl Eligibility {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Eligible, Self::NotEligible, Self::Undecided];

    /// Reads `LAYAK`, `TIDAK LAYAK` or nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match plain_word(text).as_str() {
            "LAYAK" | "ELIGIBLE" => Some(Self::Eligible),
            "TIDAK LAYAK" | "TDK LAYAK" | "NOT ELIGIBLE" => Some(Self::NotEligible),
            "" | "BELUM" | "BELUM DIPUTUSKAN" | "UNDECIDED" => Some(Self::Undecided),
            _ => None,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::NotEligible => "not_eligible",
            Self::Undecided => "undecided",
        }
    }

    /// The state of a stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }
}

/// Why somebody may need a delivery to the house, or a place at the front of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vulnerability {
    /// LANSIA.
    Elderly,
    /// DISABILITAS.
    Disabled,
    /// SAKIT.
    Ill,
    /// HAMIL.
    Pregnant,
    /// TINGGAL SENDIRI.
    LivesAlone,
}

impl Vulnerability {
    /// Every category.
    pub const ALL: [Self; 5] = [Self::Elderly, Self::Disabled, Self::Ill, Self::Pregnant, Self::LivesAlone];

    /// Reads one word of the column.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match plain_word(text).as_str() {
            "LANSIA" | "LANJUT USIA" => Some(Self::Elderly),
            "DISABILITAS" | "DIFABEL" => Some(Self::Disabled),
            "SAKIT" | "SAKIT MENAHUN" | "SAKIT KRONIS" => Some(Self::Ill),
            "HAMIL" | "IBU HAMIL" => Some(Self::Pregnant),
            "SENDIRI" | "TINGGAL SENDIRI" | "HIDUP SENDIRI" => Some(Self::LivesAlone),
            _ => None,
        }
    }

    /// The word in lists.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Elderly => "LANSIA",
            Self::Disabled => "DISABILITAS",
            Self::Ill => "SAKIT",
            Self::Pregnant => "HAMIL",
            Self::LivesAlone => "TINGGAL SENDIRI",
        }
    }
}

/// What is known of a household. `intake::check` is what makes one from a row, and what keeps its bounds:
/// texts are trimmed, hold no sign that cannot be seen, and are no longer than the `…_MAX` of this file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    /// The id in the source: the household's key within its agency.
    pub source_id: String,
    /// No. KK, when known.
    pub family_card: Option<FamilyCard>,
    /// NIK of the recipient, or nothing: TANPA NIK, a village letter is due at the desk.
    pub nik: Option<Nik>,
    /// The name as written in the source.
    pub name: String,
    /// Sex, when known.
    pub sex: Option<Sex>,
    /// Birth date, when known.
    pub birth_date: Option<Date>,
    /// Relation to the head of the family, free text.
    pub relation: String,
    /// Street or hamlet.
    pub address: String,
    /// RT as a text of three digits, or empty.
    pub rt: String,
    /// Code of the village of residence as Kemendagri writes it, `64.02.06.1002`, or empty.
    pub village_code: String,
    /// Village (desa or kelurahan) of residence.
    pub village: String,
    /// Sub-district (kecamatan) of residence.
    pub sub_district: String,
    /// Decile of welfare, 1 (poorest) to 10.
    pub decile: Option<u8>,
    /// Whether the civil registry knows the NIK and the name (padan).
    pub civil_match: Option<bool>,
    /// What verification found.
    pub eligibility: Eligibility,
    /// Categories of vulnerability, sorted, each once.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Code of the distribution point, or empty: not yet placed.
    pub point_code: String,
    /// Session at the point.
    pub session_no: Option<u16>,
    /// Code of the package, or empty: whatever the round gives.
    pub package_code: String,
    /// Remark of the source.
    pub note: String,
}

/// Shows the key alone: a log line must not tell where a poor person lives.
impl fmt::Debug for Particulars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Particulars")
            .field("source_id", &self.source_id)
            .field("nik", &self.nik)
            .finish_non_exhaustive()
    }
}

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
    let mut tidied = Tidied { text: String::with_capacity(raw.len()), stripped: false, broken: false };
    for sign in raw.chars() {
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

fn is_late(word: &str) -> bool {
    matches!(word, "ALM" | "ALMH" | "ALMARHUM" | "ALMARHUMAH")
}

/// Whether a name carries ALM. or ALMH.: the person has probably died.
#[must_use]
pub fn name_says_deceased(name: &str) -> bool {
    plain_word(name).split(' ').any(is_late)
}

/// Reads a village code of Kemendagri, with its dots or as ten digits, and writes it with dots. The last
/// group begins with 1 for a kelurahan and 2 for a desa, which a code of BPS seldom does.
#[must_use]
pub fn village_code(text: &str) -> Option<String> {
    let text = text.trim();
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_nik_is_read_as_people_type_it() {
        let nik = Nik::parse("6402995205510001").unwrap();
        for typed in [
            "'6402995205510001",
            " 6402 9952 0551 0001 ",
            "6402.9952.0551.0001",
            "640299-520551-0001",
            "6402995205510001.0",
            "6402995205510001,00",
            "\u{a0}6402995205510001\u{200b}",
            "\u{2019}6402995205510001",
        ] {
            assert_eq!(Nik::parse(typed), Ok(nik), "{typed:?}");
        }
        assert_eq!(nik.masked(), "6402 **** **** 0001");
        assert_eq!(nik.tail(), "0001");
        assert_eq!(format!("{nik:?}"), "6402 **** **** 0001");
    }

    #[test]
    fn a_damaged_nik_says_how_it_was_damaged() {
        for scientific in ["6,40299E+15", "6.40299e15", "6,4029952055E+15", "'6,4E+15", "6E15"] {
            assert_eq!(Nik::parse(scientific), Err(NikFault::Scientific), "{scientific}");
        }
        assert_eq!(Nik::parse("7308995907580000"), Err(NikFault::Zeroed));
        assert_eq!(Nik::parse("640299170855000"), Err(NikFault::Length(15)));
        assert_eq!(Nik::parse("64029952055100011"), Err(NikFault::Length(17)));
        assert_eq!(Nik::parse("64O2991402590010"), Err(NikFault::Letters));
        assert_eq!(Nik::parse("６４０２９９５２０５５１０００１"), Err(NikFault::Letters));
        assert_eq!(Nik::parse(" ' "), Err(NikFault::Empty));
        assert_eq!(FamilyCard::parse("6402990503190000"), Err(NikFault::Zeroed));
    }

    #[test]
    fn a_nik_carries_birth_date_and_sex_as_hints() {
        let woman = Nik::parse("6402995205510001").unwrap();
        let hint = woman.birth_hint().unwrap();
        assert_eq!(hint, BirthHint { day: 12, month: 5, year: 51 });
        assert!(hint.agrees(jiff::civil::date(1951, 5, 12)));
        assert!(!hint.agrees(jiff::civil::date(1951, 12, 5)));
        assert_eq!(woman.sex_hint(), Some(Sex::Female));
        assert_eq!(Nik::parse("6402990311480002").unwrap().sex_hint(), Some(Sex::Male));
        for impossible in
            ["6402993502510001", "6402990013510001", "6402997202510001", "6402993002510001", "6402998002510001"]
        {
            assert_eq!(Nik::parse(impossible).unwrap().birth_hint(), None, "{impossible}");
        }
        assert!(woman.province_is_known());
        assert!(!Nik::parse("0002995205510001").unwrap().province_is_known());
    }

    #[test]
    fn words_of_the_columns_are_read_in_their_usual_forms() {
        assert_eq!(Sex::parse("Laki-laki"), Some(Sex::Male));
        assert_eq!(Sex::parse(" PEREMPUAN "), Some(Sex::Female));
        assert_eq!(Sex::parse("X"), None);
        assert_eq!(Eligibility::parse("tidak  layak"), Some(Eligibility::NotEligible));
        assert_eq!(Eligibility::parse(""), Some(Eligibility::Undecided));
        assert_eq!(Eligibility::parse("mungkin"), None);
        assert_eq!(Vulnerability::parse("Lansia"), Some(Vulnerability::Elderly));
        for category in Vulnerability::ALL {
            assert_eq!(Vulnerability::parse(category.word()), Some(category));
        }
        for state in Eligibility::ALL {
            assert_eq!(Eligibility::from_code(state.as_str()), Some(state));
        }
    }

    #[test]
    fn names_fold_for_search() {
        assert_eq!(fold_name("HJ. Norliani"), "NORLIANI");
        assert_eq!(fold_name(" Yohanes   Lahang "), "YOHANES LAHANG");
        assert_eq!(fold_name("ABDUL HAMID (ALM.)"), "ABDUL HAMID");
        assert_eq!(fold_name("H. M. Nur'aini"), "M NURAINI");
        assert_eq!(fold_name("Hj."), "HJ");
        assert!(name_says_deceased("Abdul Hamid, almh"));
        assert!(!name_says_deceased("ALMIRA"));
    }

    #[test]
    fn hidden_signs_are_taken_out_and_reported() {
        let tidied = tidy("\u{202e}SITI\u{200b}  \tMAR\u{0}DIANA\n");
        assert_eq!((tidied.text.as_str(), tidied.stripped, tidied.broken), ("SITI MARDIANA", true, false));
        let tidied = tidy("  Jl.\u{a0}Contoh  ");
        assert_eq!((tidied.text.as_str(), tidied.stripped), ("Jl. Contoh", false));
        assert!(tidy("MARDI\u{fffd}NA").broken);
    }

    #[test]
    fn a_village_code_is_of_kemendagri() {
        assert_eq!(village_code("64.02.06.1002").as_deref(), Some("64.02.06.1002"));
        assert_eq!(village_code(" 6402062007 ").as_deref(), Some("64.02.06.2007"));
        for wrong in
            ["64.02.06.0002", "64.02.06", "6403090001", "64-02-06-1002", "64.020.6.1002", "", "640206100", "LOA IPUH"]
        {
            assert_eq!(village_code(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_breaks_the_readers(text in "\\PC{0,40}") {
            let _ = Nik::parse(&text);
            let _ = village_code(&text);
            let tidied = tidy(&text);
            prop_assert_eq!(tidy(&tidied.text).text, tidied.text);
            let folded = fold_name(&text);
            prop_assert!(!folded.contains("  "));
        }

        #[test]
        fn sixteen_digits_are_a_nik_unless_they_end_in_zeroes(digits in "[0-9]{16}") {
            match Nik::parse(&digits) {
                Ok(nik) => prop_assert_eq!(nik.digits(), digits.as_str()),
                Err(fault) => prop_assert!(fault == NikFault::Zeroed && digits.ends_with("0000")),
            }
        }
    }
}
