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
}
