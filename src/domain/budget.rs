//! The budget of a programme: what may be spent, what is promised, what was handed over.
//!
//! `remaining = ceiling − committed − realised`, always. Issuing commits, redeeming turns committed into
//! realised, revoking and expiring release. So a programme need only keep one sum, `obligated =
//! committed + realised`: redemptions leave it alone and do not queue up behind each other for it.

use jiff::civil::Date;

use super::id::{ProgrammeId, UserId};
use super::money::{Money, NotMoney};
use super::time::Timestamp;

/// A programme's budget at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The ceiling (pagu).
    pub ceiling: Money,
    /// The value of live entitlements.
    pub committed: Money,
    /// The value handed over.
    pub realised: Money,
}

impl Budget {
    /// Derives the budget from what the programme keeps and the sum of its receipts.
    pub fn of(ceiling: Money, obligated: Money, realised: Money) -> Result<Self, NotMoney> {
        Ok(Self { ceiling, committed: obligated.minus(realised)?, realised })
    }

    /// What can still be committed.
    pub fn remaining(&self) -> Result<Money, NotMoney> {
        self.ceiling.minus(self.committed)?.minus(self.realised)
    }
}

/// A refusal to commit: the ceiling does not cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetExceeded {
    /// What was to be committed.
    pub needed: Money,
    /// What was left.
    pub remaining: Money,
}

/// One ceiling of a programme, with the document that sets it. Number 0 is the first, written when the
/// programme was made; a later one never changes an earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The programme.
    pub programme: ProgrammeId,
    /// 0, 1, 2 …
    pub number: i32,
    /// The ceiling from then on.
    pub ceiling: Money,
    /// The number of the document: DPA, DPPA, decree.
    pub document_no: String,
    /// Its date.
    pub document_date: Option<Date>,
    /// Why.
    pub reason: String,
    /// Who entered it.
    pub revised_by: UserId,
    /// When.
    pub revised_at: Timestamp,
}

/// A refusal to revise: the ceiling would lie below what is committed and handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BelowObligated {
    /// The ceiling that was asked for.
    pub ceiling: Money,
    /// What is obligated: committed and realised together.
    pub obligated: Money,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_closes() {
        let rp = |n| Money::new(n).unwrap();
        let budget = Budget::of(rp(1_000), rp(700), rp(200)).unwrap();
        assert_eq!(budget.committed, rp(500));
        assert_eq!(budget.remaining(), Ok(rp(300)));
        assert_eq!(Budget::of(rp(1), rp(1), rp(2)), Err(NotMoney));
    }
}
