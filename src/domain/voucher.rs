//! The paper and the code that people type from it.
//!
//! A typed code is nine random signs and a check sign, over the 32 signs of Crockford's alphabet (no I,
//! L, O, U), written `7KQ4-M2XP-9D`. It stands for the entitlement in the database or in a device's
//! lease; it carries no signature. The check sign is a weighted sum in the field of 32 elements, so it
//! catches every single wrong sign and every swap of two.

use std::fmt;

/// Crockford's alphabet: position is value.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many signs are random.
const RANDOM_SIGNS: usize = 9;

/// A code that a person can type, in canonical form (ten signs, no dashes).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypedCode([u8; RANDOM_SIGNS + 1]);

/// What was typed is no code, or one with a slip in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedCodeFault {
    /// Not ten signs of the alphabet.
    NotACode,
    /// Ten signs whose last does not fit the others.
    Slip,
}

impl TypedCode {
    /// A code from random bytes.
    #[must_use]
    pub fn draw(random: [u8; RANDOM_SIGNS]) -> Self {
        let mut values = [0_u8; RANDOM_SIGNS];
        for (value, byte) in values.iter_mut().zip(random) {
            *value = byte & 31;
        }
        let mut signs = [0_u8; RANDOM_SIGNS + 1];
        for (sign, value) in signs.iter_mut().zip(values) {
            *sign = SIGNS[usize::from(value)];
        }
        signs[RANDOM_SIGNS] = SIGNS[usize::from(check_value(values))];
        Self(signs)
    }

    /// Reads what a person typed: any case, with or without dashes and spaces, O for 0, I and L for 1.
    pub fn parse(text: &str) -> Result<Self, TypedCodeFault> {
        let mut values = [0_u8; RANDOM_SIGNS + 1];
        let mut count = 0;
        for sign in text.chars() {
            if sign.is_whitespace() || sign == '-' {
                continue;
            }
            let sign = match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = SIGNS.iter().position(|known| char::from(*known) == sign).ok_or(TypedCodeFault::NotACode)?;
            let place = values.get_mut(count).ok_or(TypedCodeFault::NotACode)?;
            *place = u8::try_from(value).map_err(|_| TypedCodeFault::NotACode)?;
            count += 1;
        }
        if count != RANDOM_SIGNS + 1 {
            return Err(TypedCodeFault::NotACode);
        }
        let mut random = [0_u8; RANDOM_SIGNS];
        random.copy_from_slice(&values[..RANDOM_SIGNS]);
        if check_value(random) != values[RANDOM_SIGNS] {
            return Err(TypedCodeFault::Slip);
        }
        Ok(Self::draw(random))
    }

    /// The ten signs without dashes, as stored and compared.
    #[must_use]
    pub fn canonical(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// In groups, as printed: `7KQ4-M2XP-9D`.
impl fmt::Display for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signs = self.canonical();
        write!(f, "{}-{}-{}", &signs[..4], &signs[4..8], &signs[8..])
    }
}

impl fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedCode(…)")
    }
}

/// Twice a value in the field of 32 elements (polynomial x⁵ + x² + 1).
const fn double(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 0b10_0000 == 0 { shifted } else { (shifted ^ 0b10_0101) & 31 }
}

/// Horner's sum Σ 2^(9−i)·vᵢ: weights differ at every place and none is the check sign's own 1.
fn check_value(values: [u8; RANDOM_SIGNS]) -> u8 {
    values.into_iter().fold(0, |sum, value| double(sum ^ value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = TypedCode::draw([7, 19, 23, 4, 20, 2, 29, 22, 9]);
        let printed = code.to_string();
        assert_eq!(printed.len(), 12);
        assert_eq!(TypedCode::parse(&printed), Ok(code));
        assert_eq!(TypedCode::parse(&printed.to_lowercase().replace('-', " ")), Ok(code));
        assert_eq!(TypedCode::parse(code.canonical()), Ok(code));
        let zeros = TypedCode::draw([0; 9]);
        assert_eq!(TypedCode::parse("oooo-OOOO-oo"), Ok(zeros));
    }

    #[test]
    fn every_wrong_sign_and_every_swap_is_caught() {
        let code = TypedCode::draw([1, 2, 3, 4, 5, 6, 7, 8, 30]);
        let signs: Vec<char> = code.canonical().chars().collect();
        for place in 0..signs.len() {
            for other in SIGNS.iter().map(|sign| char::from(*sign)) {
                if other != signs[place] {
                    let mut wrong = signs.clone();
                    wrong[place] = other;
                    let text: String = wrong.into_iter().collect();
                    assert_eq!(TypedCode::parse(&text), Err(TypedCodeFault::Slip));
                }
            }
            for with in place + 1..signs.len() {
                if signs[place] != signs[with] {
                    let mut swapped = signs.clone();
                    swapped.swap(place, with);
                    let text: String = swapped.into_iter().collect();
                    assert_eq!(TypedCode::parse(&text), Err(TypedCodeFault::Slip));
                }
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "7KQ4", "7KQ4-M2XP-9DX", "7KQ4-M2XP-9U", "ééééééééé", "\0\0\0\0\0\0\0\0\0\0"] {
            assert_eq!(TypedCode::parse(text), Err(TypedCodeFault::NotACode), "{text:?}");
        }
    }
}
