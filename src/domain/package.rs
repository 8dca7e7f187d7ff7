//! What a household receives: a package of items with units, quantities and prices that add up.
//!
//! Quantities are integers of the item's base unit (grams, millilitres, pieces). People count in packs
//! (kilograms, litres, trays), so an item also knows its pack: 15 kg of rice is 15,000 g in packs of 1,000 g.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{PackageId, ProgrammeId};
use super::money::{Money, grouped};

/// The base unit in which an item is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Grams.
    Gram,
    /// Millilitres.
    Millilitre,
    /// Pieces.
    Piece,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 3] = [Self::Gram, Self::Millilitre, Self::Piece];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gram => "gram",
            Self::Millilitre => "millilitre",
            Self::Piece => "piece",
        }
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gram => "gram",
            Self::Millilitre => "mililiter",
            Self::Piece => "butir/buah",
        }
    }

    /// Behind a figure.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Gram => "g",
            Self::Millilitre => "ml",
            Self::Piece => "butir",
        }
    }

    /// The unit with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == code)
    }
}

/// So many base units as people count them: `525 kg`, `524,5 kg`, `500 g`; `3 piring 5 butir` where no decimals say it
/// exactly. Nothing is rounded.
#[must_use]
pub fn in_packs(quantity: i64, (pack_size, pack_name): (i64, &str), unit: Unit) -> String {
    let size = pack_size.max(1);
    match packs(quantity, size) {
        _ if quantity != 0 && quantity / size == 0 => format!("{} {}", grouped(quantity), unit.sign()),
        Some(packs) => format!("{packs} {pack_name}"),
        None => {
            let rest = grouped((quantity % size).abs());
            format!("{} {pack_name} {rest} {}", grouped(quantity / size), unit.sign())
        }
    }
}

/// So many base units in packs, `524,5`, where at most three decimals say it exactly.
#[must_use]
pub fn packs(quantity: i64, pack_size: i64) -> Option<String> {
    let size = pack_size.max(1);
    let (whole, rest) = (quantity / size, i128::from((quantity % size).abs()));
    if rest == 0 {
        return Some(grouped(whole));
    }
    let thousandths = rest * 1_000;
    if thousandths % i128::from(size) != 0 {
        return None;
    }
    let decimals = format!("{:03}", thousandths / i128::from(size));
    let sign = if quantity < 0 && whole == 0 { "-" } else { "" };
    Some(format!("{sign}{},{}", grouped(whole), decimals.trim_end_matches('0')))
}

/// One line of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Item {
    /// Short code, unique in the package: `beras`.
    pub code: String,
    /// What people call it: `Beras premium`.
    pub name: String,
    /// The base unit.
    pub unit: Unit,
    /// How many base units a household receives.
    pub quantity: i64,
    /// What people count it in: `kg`, `l`, `piring`.
    pub pack_name: String,
    /// How many base units make a pack.
    pub pack_size: i64,
    /// The price of one pack.
    #[schema(value_type = i64)]
    pub pack_price_minor: Money,
}

impl Item {
    /// The price of the whole line.
    pub fn amount(&self) -> Result<Money, PackageFault> {
        if self.quantity <= 0 || self.pack_size <= 0 || self.quantity % self.pack_size != 0 {
            return Err(PackageFault::NotWholePacks { item: self.name.clone() });
        }
        self.pack_price_minor.times(self.quantity / self.pack_size).map_err(|_| PackageFault::TooDear)
    }

    /// What so much of it is worth: its share of the whole line, rounded down to whole units.
    pub fn worth(&self, quantity: i64) -> Result<Money, PackageFault> {
        let part = i128::from(self.amount()?.minor()) * i128::from(quantity) / i128::from(self.quantity);
        let part = i64::try_from(part).map_err(|_| PackageFault::TooDear)?;
        Money::new(part).map_err(|_| PackageFault::TooDear)
    }

    /// The line as a person reads it: `Beras premium 15 kg`.
    #[must_use]
    pub fn label(&self) -> String {
        self.label_of(self.quantity)
    }

    /// The line for another quantity, such as what was really given.
    #[must_use]
    pub fn label_of(&self, quantity: i64) -> String {
        format!("{} {}", self.name, self.said(quantity))
    }

    /// So much of it as people count it, without its name: `15 kg`.
    #[must_use]
    pub fn said(&self, quantity: i64) -> String {
        in_packs(quantity, (self.pack_size, &self.pack_name), self.unit)
    }
}

/// One version of a package. A version that a round has used is never changed: a new one is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// The programme it belongs to.
    pub programme: ProgrammeId,
    /// Short code, the same over all versions: `SEMBAKO-A`.
    pub code: String,
    /// 1, 2, 3 …
    pub version: i32,
    /// Its name on paper.
    pub name: String,
    /// Its lines.
    pub items: Vec<Item>,
    /// The sum of its lines.
    pub value: Money,
}

/// Why a package cannot be as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageFault {
    /// It has no line, or more than 32.
    LineCount,
    /// Two lines have the same code.
    TwiceTheSame {
        /// The code.
        code: String,
    },
    /// A quantity that is not a whole number of packs.
    NotWholePacks {
        /// The item.
        item: String,
    },
    /// A line without a code, a name or the name of its pack, or one over 60 characters.
    Unnamed,
    /// The value is beyond what fits.
    TooDear,
}

impl fmt::Display for PackageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineCount => f.write_str("a package has 1 to 32 items"),
            Self::TwiceTheSame { code } => write!(f, "the item code {code} stands twice"),
            Self::NotWholePacks { item } => {
                write!(f, "the quantity of {item} is not a positive whole number of packs")
            }
            Self::Unnamed => f.write_str("each item needs a code, a name and a pack name of at most 60 characters"),
            Self::TooDear => f.write_str("the package is worth more than can be counted"),
        }
    }
}

impl std::error::Error for PackageFault {}

/// Checks the lines of a package and adds them up.
pub fn value_of(items: &[Item]) -> Result<Money, PackageFault> {
    if items.is_empty() || items.len() > 32 {
        return Err(PackageFault::LineCount);
    }
    let mut sum = Money::ZERO;
    for (place, item) in items.iter().enumerate() {
        let named = |text: &str| !text.trim().is_empty() && text.chars().count() <= 60;
        if !(named(&item.code) && named(&item.name) && named(&item.pack_name)) {
            return Err(PackageFault::Unnamed);
        }
        if items[..place].iter().any(|other| other.code == item.code) {
            return Err(PackageFault::TwiceTheSame { code: item.code.clone() });
        }
        sum = sum.plus(item.amount()?).map_err(|_| PackageFault::TooDear)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(code: &str, quantity: i64, pack_size: i64, price: i64) -> Item {
        Item {
            code: code.into(),
            name: code.into(),
            unit: Unit::Gram,
            quantity,
            pack_name: "kg".into(),
            pack_size,
            pack_price_minor: Money::new(price).unwrap(),
        }
    }

    #[test]
    fn a_package_is_worth_the_sum_of_its_lines() {
        let lines = [item("beras", 15_000, 1_000, 16_000), item("gula", 3_000, 1_000, 18_500)];
        assert_eq!(value_of(&lines).unwrap().minor(), 295_500);
        assert_eq!(lines[0].label(), "beras 15 kg");
        assert_eq!(lines[0].label_of(14_500), "beras 14,5 kg");
    }

    #[test]
    fn a_quantity_is_said_in_packs_and_loses_nothing() {
        let said = |quantity| in_packs(quantity, (1_000, "kg"), Unit::Gram);
        assert_eq!(said(1_525_000), "1.525 kg");
        assert_eq!((said(524_500), said(500), said(0)), ("524,5 kg".into(), "500 g".into(), "0 kg".into()));
        assert_eq!((said(-629_000), said(-1_500), said(-500)), ("-629 kg".into(), "-1,5 kg".into(), "-500 g".into()));
        assert_eq!((said(9_850), said(1_234_567)), ("9,85 kg".into(), "1.234,567 kg".into()));
        assert_eq!(in_packs(95, (30, "piring"), Unit::Piece), "3 piring 5 butir", "no decimals say a third");
        assert_eq!((packs(75, 30), packs(-500, 1_000)), (Some("2,5".into()), Some("-0,5".into())));
        assert_eq!(in_packs(i64::MIN + 1, (0, "x"), Unit::Piece), "-9.223.372.036.854.775.807 x");
    }

    #[test]
    fn a_package_that_does_not_add_up_is_refused() {
        assert_eq!(value_of(&[]), Err(PackageFault::LineCount));
        assert!(matches!(value_of(&[item("a", 1_500, 1_000, 1)]), Err(PackageFault::NotWholePacks { .. })));
        assert!(matches!(value_of(&[item("a", 1, 1, 1), item("a", 1, 1, 1)]), Err(PackageFault::TwiceTheSame { .. })));
        assert_eq!(value_of(&[item("a", 1_000_000, 1, 9_000_000_000_000_000)]), Err(PackageFault::TooDear));
    }
}
