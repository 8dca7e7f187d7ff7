//! Money and quantities: integers only, never floats.
//!
//! An amount is counted in the minor unit of its currency. The rupiah has none in use, so Rp500.000 is
//! `500000`. Arithmetic that can overflow says so instead of wrapping.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in the minor unit of the programme's currency. Never negative.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Money(i64);

/// A number that cannot be an amount, or a sum beyond what fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotMoney;

impl fmt::Display for NotMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an amount of money (a whole number from 0 to 9,000,000,000,000,000)")
    }
}

impl std::error::Error for NotMoney {}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount: nine thousand million million, exact in JavaScript's numbers too.
    pub const MAX: Self = Self(9_000_000_000_000_000);

    /// The amount of so many minor units.
    pub const fn new(minor: i64) -> Result<Self, NotMoney> {
        if minor < 0 || minor > Self::MAX.0 { Err(NotMoney) } else { Ok(Self(minor)) }
    }

    /// The count of minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// The sum, or an error beyond `MAX`.
    pub fn plus(self, other: Self) -> Result<Self, NotMoney> {
        Self::new(self.0.checked_add(other.0).ok_or(NotMoney)?)
    }

    /// What is left, or an error when there is less than `other`.
    pub fn minus(self, other: Self) -> Result<Self, NotMoney> {
        Self::new(self.0.checked_sub(other.0).ok_or(NotMoney)?)
    }

    /// So many times the amount.
    pub fn times(self, count: i64) -> Result<Self, NotMoney> {
        Self::new(self.0.checked_mul(count).ok_or(NotMoney)?)
    }
}

impl TryFrom<i64> for Money {
    type Error = NotMoney;
    fn try_from(minor: i64) -> Result<Self, NotMoney> {
        Self::new(minor)
    }
}

impl From<Money> for i64 {
    fn from(money: Money) -> Self {
        money.0
    }
}

/// The rupiah way: `Rp500.000`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rp{}", grouped(self.0))
    }
}

/// A whole number with a dot between each three digits, as Indonesian writes it: `1.234.567`.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// A share in tenths of a per cent, rounded half up; what is not all of it never looks like all of it. Nothing where
/// there is no whole.
#[must_use]
pub fn share(part: i64, whole: i64) -> Option<String> {
    if whole <= 0 {
        return None;
    }
    let (exact, whole_wide) = (i128::from(part) * 1_000, i128::from(whole));
    let mut tenths = (exact * 2 + whole_wide).div_euclid(whole_wide * 2);
    if part < whole {
        tenths = tenths.min(999);
    }
    let sign = if tenths < 0 { "-" } else { "" };
    Some(format!("{sign}{},{}", tenths.abs() / 10, tenths.abs() % 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rupiah_are_grouped_with_dots() {
        assert_eq!(Money(500_000).to_string(), "Rp500.000");
        assert_eq!(Money(3_000_000_000).to_string(), "Rp3.000.000.000");
        assert_eq!(Money(0).to_string(), "Rp0");
        assert_eq!(grouped(-1234), "-1.234");
        assert_eq!(grouped(999), "999");
    }

    #[test]
    fn a_sum_beyond_the_largest_amount_is_refused() {
        assert_eq!(Money::MAX.plus(Money(1)), Err(NotMoney));
        assert_eq!(Money(1).minus(Money(2)), Err(NotMoney));
        assert_eq!(Money::MAX.times(i64::MAX), Err(NotMoney));
    }

    #[test]
    fn a_share_is_rounded_half_up_and_whole_only_when_it_is_all() {
        let said = |part, whole| share(part, whole).unwrap();
        assert_eq!((said(3_854, 100_000), said(1_466, 10_000)), ("3,9".into(), "14,7".into()));
        assert_eq!((said(1, 3), said(2, 3), said(1, 2_000)), ("33,3".into(), "66,7".into(), "0,1".into()));
        assert_eq!((said(9_999, 10_000), said(1, 1), said(0, 5)), ("99,9".into(), "100,0".into(), "0,0".into()));
        assert_eq!((share(1, 0), said(-1, 3)), (None, "-33,3".into()));
    }
}
