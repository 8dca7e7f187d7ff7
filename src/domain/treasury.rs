//! What suppliers ask for and what the treasury pays, held against what was delivered.

use serde::{Deserialize, Serialize};

/// The value of so many base units at a price a pack, or nothing when they are no whole packs or too dear.
#[must_use]
pub fn value_of(quantity: i64, pack_size: i64, pack_price_minor: i64) -> Option<i64> {
    if quantity < 0 || pack_size <= 0 || quantity % pack_size != 0 {
        return None;
    }
    (quantity / pack_size).checked_mul(pack_price_minor).filter(|value| *value <= super::money::Money::MAX.minor())
}

/// A number as it is compared: letters and digits alone, in capitals, so that `INV 07/2026` and `inv-07-2026`
/// are one invoice.
#[must_use]
pub fn number_key(number: &str) -> String {
    number.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// How a line of a payments file fits what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// It names an invoice and pays what is still due.
    Matched,
    /// It names an invoice, and the sum is another one.
    SumDiffers,
    /// It names no invoice that is known.
    Unmatched,
    /// A payment with this number is known, or stands in the file before.
    Twice,
    /// A payment with this number is known, or stands in the file before, with another date or amount.
    Contradicts,
    /// It cannot be read.
    Unreadable,
}

impl Fit {
    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::SumDiffers => "sum_differs",
            Self::Unmatched => "unmatched",
            Self::Twice => "twice",
            Self::Contradicts => "contradicts",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether a line that fits so keeps its whole file out.
    #[must_use]
    pub const fn bars(self) -> bool {
        matches!(self, Self::Contradicts | Self::Unreadable)
    }

    /// How a payment fits an invoice of which so much is due; `None` when no invoice is meant.
    #[must_use]
    pub const fn of(amount_minor: i64, due_minor: Option<i64>) -> Self {
        match due_minor {
            None => Self::Unmatched,
            Some(due) if due == amount_minor => Self::Matched,
            Some(_) => Self::SumDiffers,
        }
    }
}

/// An amount as people write it: `Rp 1.500.000`, `1500000`, `1.500.000,00`. Cents that are not nothing are
/// refused, for the rupiah has none in use.
#[must_use]
pub fn amount(text: &str) -> Option<i64> {
    let text = text.trim();
    let text =
        text.strip_prefix("Rp").or_else(|| text.strip_prefix("rp")).unwrap_or(text).trim_start_matches('.').trim();
    let (whole, cents) = match text.rsplit_once(',') {
        Some((whole, cents)) if cents.len() <= 2 => (whole, cents),
        Some(_) => return None,
        // What a spreadsheet gives for a number.
        None => match text.rsplit_once('.') {
            Some((whole, cents)) if cents.len() <= 2 && !whole.contains('.') => (whole, cents),
            _ => (text, ""),
        },
    };
    if !cents.bytes().all(|digit| digit == b'0') {
        return None;
    }
    let groups: Vec<&str> = whole.split('.').collect();
    let grouped = groups.len() == 1 || groups.iter().skip(1).all(|group| group.len() == 3);
    let digits: String = groups.concat();
    if !grouped || digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|value| *value <= super::money::Money::MAX.minor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_and_spreadsheets_write_them() {
        for (text, value) in [
            ("1500000", 1_500_000),
            ("Rp 1.500.000", 1_500_000),
            ("Rp1.500.000,00", 1_500_000),
            ("rp. 500", 500),
            ("1500000.0", 1_500_000),
            ("0", 0),
            ("9000000000000000", 9_000_000_000_000_000),
        ] {
            assert_eq!(amount(text), Some(value), "{text}");
        }
        for text in ["", "Rp", "1,5", "1.50.000", "-5", "1e6", "1.500.000,50", "9007199254740993", "9000000000000001"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_number_written_otherwise_is_the_same() {
        assert_eq!(number_key("INV 07/2026"), number_key(" inv-07-2026"));
        assert_ne!(number_key("INV 07/2026"), number_key("INV 08/2026"));
    }

    #[test]
    fn a_value_is_of_whole_packs() {
        assert_eq!(value_of(15_000, 1_000, 16_000), Some(240_000));
        assert_eq!(value_of(15_001, 1_000, 16_000), None);
        assert_eq!(value_of(-1_000, 1_000, 16_000), None);
        assert_eq!(value_of(i64::MAX - i64::MAX % 10, 10, 1_000), None);
    }

    #[test]
    fn a_payment_fits_an_invoice_or_not() {
        assert_eq!(Fit::of(5, Some(5)), Fit::Matched);
        assert_eq!(Fit::of(5, Some(6)), Fit::SumDiffers);
        assert_eq!(Fit::of(5, None), Fit::Unmatched);
    }
}
