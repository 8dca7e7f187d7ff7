//! NIK and No. KK: sixteen digits that never print themselves in full.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Sex, is_hidden};

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
    if text.bytes().all(|digit| digit.is_ascii_digit()) {
        return text.to_owned();
    }
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
    if let Ok(digits) = <[u8; 16]>::try_from(text.as_bytes())
        && digits.iter().all(u8::is_ascii_digit)
        && !digits.ends_with(b"0000")
    {
        return Ok(digits);
    }
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
