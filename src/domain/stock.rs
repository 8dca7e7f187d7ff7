//! Goods: what came to a place, what left it, and what must be there.
//!
//! At every place and for every item, at every moment:
//!
//! ```text
//! received + corrected = handed over + damaged + lost + returned + moved + remaining
//! ```
//!
//! Quantities are whole base units of the item. What is left is never stored: it follows from the moves, and
//! the moves out of a desk are the redemptions themselves. So `remaining` can fall below nothing: more was
//! handed over than is on record as arrived. That is shown, and never made to fit.

use serde::{Deserialize, Serialize};

/// The most base units that one line may name: sums stay exact in a spreadsheet's numbers.
pub const QUANTITY_MAX: i64 = 1_000_000_000_000;

/// One item at one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Balance {
    /// What arrived, good or damaged.
    pub received: i64,
    /// What was added, or taken off when negative, by two people who found the books wrong.
    pub corrected: i64,
    /// What households took.
    pub handed_over: i64,
    /// What arrived damaged or was damaged here.
    pub damaged: i64,
    /// What is gone.
    pub lost: i64,
    /// What went back: from a point to the warehouse, from the warehouse to a supplier.
    pub returned: i64,
    /// What went on to a point.
    pub moved: i64,
    /// What must be there and be good.
    pub remaining: i64,
}

/// What happens to an item at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// So much arrived, counted.
    Arrived {
        /// Good.
        good: i64,
        /// Damaged.
        damaged: i64,
    },
    /// The books were corrected.
    Corrected(i64),
    /// Households took it.
    HandedOver(i64),
    /// It was damaged here.
    Damaged(i64),
    /// It is gone.
    Lost(i64),
    /// It went back.
    Returned(i64),
    /// It went on to a point.
    Moved(i64),
}

/// Why something cannot happen to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockFault {
    /// Nothing, less than nothing, or more than can be counted.
    Quantity,
    /// More than is there.
    NotThere {
        /// How much is.
        remaining: i64,
    },
}

impl Balance {
    /// The balance after something happened. What is not there cannot leave, except into a household's hands,
    /// for that has happened already.
    pub fn after(self, change: Move) -> Result<Self, StockFault> {
        let counts = |quantity: i64| (1..=QUANTITY_MAX).contains(&quantity);
        let (fits, leaves) = match change {
            Move::Arrived { good, damaged } => (good >= 0 && damaged >= 0 && counts(good.saturating_add(damaged)), 0),
            Move::Corrected(by) => (counts(by.saturating_abs()), by.min(0).saturating_neg()),
            Move::HandedOver(quantity) => (counts(quantity), 0),
            Move::Damaged(quantity) | Move::Lost(quantity) | Move::Returned(quantity) | Move::Moved(quantity) => {
                (counts(quantity), quantity)
            }
        };
        if !fits {
            return Err(StockFault::Quantity);
        }
        if leaves > 0 && leaves > self.remaining {
            return Err(StockFault::NotThere { remaining: self.remaining });
        }
        Ok(self.with(change))
    }

    /// The balance with something that did happen, or the sum of many such.
    #[must_use]
    pub const fn with(mut self, change: Move) -> Self {
        match change {
            Move::Arrived { good, damaged } => {
                self.received += good + damaged;
                self.damaged += damaged;
                self.remaining += good;
            }
            Move::Corrected(by) => {
                self.corrected += by;
                self.remaining += by;
            }
            Move::HandedOver(quantity) => {
                self.handed_over += quantity;
                self.remaining -= quantity;
            }
            Move::Damaged(quantity) => {
                self.damaged += quantity;
                self.remaining -= quantity;
            }
            Move::Lost(quantity) => {
                self.lost += quantity;
                self.remaining -= quantity;
            }
            Move::Returned(quantity) => {
                self.returned += quantity;
                self.remaining -= quantity;
            }
            Move::Moved(quantity) => {
                self.moved += quantity;
                self.remaining -= quantity;
            }
        }
        self
    }

    /// Whether the equation holds.
    #[must_use]
    pub const fn closes(&self) -> bool {
        self.received + self.corrected
            == self.handed_over + self.damaged + self.lost + self.returned + self.moved + self.remaining
    }

    /// Both together: an item over several places. What goes from one of them to another stands on both sides.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            received: self.received + other.received,
            corrected: self.corrected + other.corrected,
            handed_over: self.handed_over + other.handed_over,
            damaged: self.damaged + other.damaged,
            lost: self.lost + other.lost,
            returned: self.returned + other.returned,
            moved: self.moved + other.moved,
            remaining: self.remaining + other.remaining,
        }
    }
}

/// One item over a whole programme: whether everything that suppliers brought is somewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Flow {
    /// What suppliers brought, good or damaged.
    pub delivered: i64,
    /// Corrections at all places.
    pub corrected: i64,
    /// What households took.
    pub handed_over: i64,
    /// Damaged anywhere.
    pub damaged: i64,
    /// Gone anywhere.
    pub lost: i64,
    /// Back to suppliers.
    pub returned: i64,
    /// On the way.
    pub on_the_way: i64,
    /// Sent and never arrived.
    pub short: i64,
    /// At all places.
    pub remaining: i64,
}

impl Flow {
    /// Whether nothing appeared and nothing vanished.
    #[must_use]
    pub const fn closes(&self) -> bool {
        self.delivered + self.corrected
            == self.handed_over
                + self.damaged
                + self.lost
                + self.returned
                + self.on_the_way
                + self.short
                + self.remaining
    }
}

/// What is entered about goods at a place, besides shipments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Damaged here.
    Damaged,
    /// Gone.
    Lost,
    /// Back to the supplier; from the warehouse alone.
    SupplierReturn,
    /// The books were wrong. It counts once a second person agreed.
    Corrected,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Damaged, Self::Lost, Self::SupplierReturn, Self::Corrected];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Lost => "lost",
            Self::SupplierReturn => "supplier_return",
            Self::Corrected => "corrected",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Damaged => "rusak",
            Self::Lost => "hilang",
            Self::SupplierReturn => "retur ke penyedia",
            Self::Corrected => "koreksi",
        }
    }

    /// What it does to a balance.
    #[must_use]
    pub const fn change(self, quantity: i64) -> Move {
        match self {
            Self::Damaged => Move::Damaged(quantity),
            Self::Lost => Move::Lost(quantity),
            Self::SupplierReturn => Move::Returned(quantity),
            Self::Corrected => Move::Corrected(quantity),
        }
    }
}

/// One item of a shipment, as it was counted when it arrived. The rest of what was sent is short.
pub const fn counted(sent: i64, good: i64, damaged: i64) -> Result<i64, StockFault> {
    if good < 0 || damaged < 0 {
        return Err(StockFault::Quantity);
    }
    match good.checked_add(damaged) {
        Some(arrived) if arrived <= sent => Ok(sent - arrived),
        _ => Err(StockFault::NotThere { remaining: sent }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moves() -> impl Strategy<Value = Move> {
        let quantity = -3..40_i64;
        prop_oneof![
            (quantity.clone(), quantity.clone()).prop_map(|(good, damaged)| Move::Arrived { good, damaged }),
            (-40..40_i64).prop_map(Move::Corrected),
            quantity.clone().prop_map(Move::HandedOver),
            quantity.clone().prop_map(Move::Damaged),
            quantity.clone().prop_map(Move::Lost),
            quantity.clone().prop_map(Move::Returned),
            quantity.prop_map(Move::Moved),
        ]
    }

    proptest! {
        #[test]
        fn the_equation_holds_after_every_move_and_only_households_take_what_is_not_there(
            moves in prop::collection::vec(moves(), 0..60)
        ) {
            let mut balance = Balance::default();
            for change in moves {
                let before = balance;
                match balance.after(change) {
                    Ok(next) => balance = next,
                    Err(_) => continue,
                }
                prop_assert!(balance.closes(), "{change:?}: {balance:?}");
                if balance.remaining < before.remaining.min(0) {
                    prop_assert!(matches!(change, Move::HandedOver(_)), "{change:?}");
                }
                prop_assert!([balance.received, balance.handed_over, balance.damaged, balance.lost, balance.returned, balance.moved]
                    .iter().all(|sum| *sum >= 0));
            }
        }

        #[test]
        fn what_was_sent_is_what_came_and_what_did_not(sent in 0..1_000_i64, good in -5..1_000_i64, damaged in -5..1_000_i64) {
            match counted(sent, good, damaged) {
                Ok(short) => prop_assert_eq!(good + damaged + short, sent),
                Err(_) => prop_assert!(good < 0 || damaged < 0 || good + damaged > sent),
            }
        }
    }

    #[test]
    fn a_balance_that_is_off_by_one_does_not_close() {
        let balance = Balance::default().after(Move::Arrived { good: 10, damaged: 2 }).unwrap();
        assert_eq!((balance.received, balance.damaged, balance.remaining), (12, 2, 10));
        assert!(!Balance { remaining: 9, ..balance }.closes());
        assert_eq!(balance.after(Move::Lost(11)), Err(StockFault::NotThere { remaining: 10 }));
        assert_eq!(balance.after(Move::Lost(-1)), Err(StockFault::Quantity));
        assert_eq!(balance.after(Move::Arrived { good: QUANTITY_MAX, damaged: 1 }), Err(StockFault::Quantity));
        assert_eq!(balance.after(Move::Arrived { good: i64::MAX, damaged: 1 }), Err(StockFault::Quantity));
        assert_eq!(balance.after(Move::HandedOver(11)).unwrap().remaining, -1);
    }
}
