//! The paper on its way from the printer to the households: bundles, the hands they pass through, and sheets
//! that are printed again.

use serde::{Deserialize, Serialize};

/// A step of a bundle on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The whole bundle went to the RT or a village officer.
    Handed,
    /// So many vouchers of it reached their households.
    Delivered,
    /// So many came back to the office.
    Returned,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 3] = [Self::Handed, Self::Delivered, Self::Returned];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handed => "handed",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        }
    }

    /// The step with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == code)
    }
}

/// Where the vouchers of a bundle are. Handed on counts once, whole; the other two add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// How many vouchers it has.
    pub vouchers: i32,
    /// How many went to the RT or a village officer: none or all of them.
    pub handed: i32,
    /// How many reached their households.
    pub delivered: i32,
    /// How many came back.
    pub returned: i32,
    /// How many a desk has seen: of these everybody knows that they reached their households, whatever was recorded.
    pub seen: i32,
}

/// Each voucher of a bundle in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Places {
    /// In the office.
    pub in_office: i32,
    /// With an officer.
    pub out: i32,
    /// With their households, as was recorded.
    pub delivered: i32,
    /// With their households, as nobody recorded and a desk has seen.
    pub proven: i32,
    /// Back.
    pub returned: i32,
}

/// A step that cannot follow on those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepFault {
    /// It went out before.
    HandedBefore,
    /// It lies in the office still.
    NotHandedYet,
    /// More than are out with the officer.
    TooMany {
        /// How many are.
        out: i32,
    },
}

impl Whereabouts {
    /// How many are with the officer, neither delivered nor back.
    #[must_use]
    pub const fn out(&self) -> i32 {
        self.handed - self.delivered - self.returned
    }

    /// How many lie in the office and never went out.
    #[must_use]
    pub const fn in_office(&self) -> i32 {
        self.vouchers - self.handed
    }

    /// Where each voucher is by all that is known. What a desk has seen beyond what was recorded is taken off what is
    /// with an officer, then off what lies in the office, and last off what came back.
    #[must_use]
    pub fn places(&self) -> Places {
        let mut left = (self.seen - self.delivered).max(0);
        let proven = left.min(self.vouchers - self.delivered);
        let mut take = |from: i32| {
            let taken = left.min(from).max(0);
            left -= taken;
            from - taken
        };
        let out = take(self.out());
        let in_office = take(self.in_office());
        let returned = take(self.returned);
        Places { in_office, out, delivered: self.delivered, proven, returned }
    }

    /// After a step with so many vouchers; for handing on, all of them whatever is said.
    pub const fn after(mut self, step: Step, vouchers: i32) -> Result<Self, StepFault> {
        match step {
            Step::Handed if self.handed > 0 => return Err(StepFault::HandedBefore),
            Step::Handed => self.handed = self.vouchers,
            Step::Delivered | Step::Returned if self.handed == 0 => return Err(StepFault::NotHandedYet),
            Step::Delivered | Step::Returned if vouchers < 1 || vouchers > self.out() => {
                return Err(StepFault::TooMany { out: self.out() });
            }
            Step::Delivered => self.delivered += vouchers,
            Step::Returned => self.returned += vouchers,
        }
        Ok(self)
    }
}

/// Why a voucher is printed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The printer spoilt the sheet.
    Spoilt,
    /// It was damaged later.
    Damaged,
    /// It was lost.
    Lost,
    /// What stands on it is wrong, or the household was moved to another point.
    Corrected,
    /// None of these; the explanation says what.
    Other,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 5] = [Self::Spoilt, Self::Damaged, Self::Lost, Self::Corrected, Self::Other];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spoilt => "spoilt",
            Self::Damaged => "damaged",
            Self::Lost => "lost",
            Self::Corrected => "corrected",
            Self::Other => "other",
        }
    }

    /// The cause with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == code)
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Spoilt => "rusak saat dicetak",
            Self::Damaged => "rusak",
            Self::Lost => "hilang",
            Self::Corrected => "perbaikan data",
            Self::Other => "sebab lain",
        }
    }
}

/// The code that stands on a bundle's head, to be scanned or typed: round, number, and a check digit, so that
/// a slip names no other bundle.
#[must_use]
pub fn bundle_code(round: i32, number: i32) -> String {
    let digits = format!("{round}{number:04}");
    format!("B{round}-{number:04}-{}", check_digit(&digits))
}

/// The Luhn digit over these digits.
fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|sign| sign.to_digit(10))
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { (digit * 2) / 10 + (digit * 2) % 10 } else { digit })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_goes_out_once_and_no_more_come_back_than_went_out() {
        let bundle = Whereabouts { vouchers: 12, ..Whereabouts::default() };
        assert_eq!(bundle.after(Step::Delivered, 1), Err(StepFault::NotHandedYet));
        let out = bundle.after(Step::Handed, 0).unwrap();
        assert_eq!((out.out(), out.in_office()), (12, 0));
        assert_eq!(out.after(Step::Handed, 0), Err(StepFault::HandedBefore));
        let later = out.after(Step::Delivered, 10).unwrap();
        assert_eq!(later.after(Step::Returned, 3), Err(StepFault::TooMany { out: 2 }));
        assert_eq!(later.after(Step::Returned, 0), Err(StepFault::TooMany { out: 2 }));
        assert_eq!(later.after(Step::Returned, 2).unwrap().out(), 0);
    }

    #[test]
    fn what_a_desk_has_seen_is_no_longer_in_the_office() {
        let at = |handed, delivered, returned, seen| {
            let there = Whereabouts { vouchers: 12, handed, delivered, returned, seen }.places();
            assert_eq!(there.in_office + there.out + there.delivered + there.proven + there.returned, 12, "{there:?}");
            there
        };
        assert_eq!(at(0, 0, 0, 0).in_office, 12);
        let never_recorded = at(0, 0, 0, 7);
        assert_eq!((never_recorded.in_office, never_recorded.proven, never_recorded.delivered), (5, 7, 0));
        let out = at(12, 4, 1, 6);
        assert_eq!((out.out, out.delivered, out.proven, out.returned), (5, 4, 2, 1));
        assert_eq!(at(12, 9, 3, 5).proven, 0, "what was recorded is not proven twice");
        let came_back_and_went = at(12, 0, 12, 3);
        assert_eq!((came_back_and_went.returned, came_back_and_went.proven), (9, 3));
        assert_eq!(at(12, 12, 0, 12).delivered, 12);
    }

    #[test]
    fn a_slip_of_one_digit_names_no_other_bundle() {
        let code = bundle_code(1, 417);
        assert_eq!(code, "B1-0417-4");
        for (place, slip) in (0..4).flat_map(|place| ('0'..='9').map(move |slip| (place, slip))) {
            let mut digits: Vec<char> = "0417".chars().collect();
            if std::mem::replace(&mut digits[place], slip) == slip {
                continue;
            }
            let other: i32 = digits.iter().collect::<String>().parse().unwrap();
            assert_ne!(bundle_code(1, other).chars().last(), code.chars().last(), "{other}");
        }
    }
}
