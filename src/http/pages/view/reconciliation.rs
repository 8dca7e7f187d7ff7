//! A round's books: budget, entitlements, goods, points and days, each with the sum that must close.

use askama::Template;

use super::frame::{Frame, Place};
use super::round::{BudgetFigures, share};
use crate::domain::time::Language;

/// `/rounds/{id}/reconciliation`
#[derive(Debug, Template)]
#[template(path = "reconciliation.html", config = "assets/pages/askama.toml")]
pub struct Reconciliation {
    /// Surroundings.
    pub frame: Frame,
    /// The round's id.
    pub round_id: String,
    /// The round's name.
    pub round: String,
    /// The programme's name.
    pub programme: String,
    /// The budget's account code.
    pub account_code: String,
    /// When the books were read, in words.
    pub as_of: String,
    /// By which number the books were closed and up to when that counts, in words.
    pub closed: Option<String>,
    /// The programme's budget.
    pub budget: BudgetFigures,
    /// The round's part of what is committed.
    pub round_committed: i64,
    /// The round's part of what is realised.
    pub round_realised: i64,
    /// Entitlements issued in the round.
    pub issued: i64,
    /// What they were promised.
    pub issued_value: i64,
    /// How many handouts gave less than was promised, and how much those households were still owed.
    pub short: (i64, i64),
    /// By state.
    pub states: Vec<StateRow>,
    /// By item.
    pub items: Vec<ItemRow>,
    /// By point.
    pub points: Vec<PointRow>,
    /// By day.
    pub days: Vec<DayRow>,
    /// Sums that do not close, in words; empty when the books close.
    pub faults: Vec<String>,
}

/// Entitlements in a state.
#[derive(Debug, Clone)]
pub struct StateRow {
    /// The code of the state.
    pub state: String,
    /// How many.
    pub count: i64,
    /// Their value.
    pub value: i64,
}

/// An item over the whole round, as people count it.
#[derive(Debug, Clone)]
pub struct ItemRow {
    /// What it is.
    pub name: String,
    /// Promised: `15.000 kg`.
    pub issued: String,
    /// Handed over.
    pub handed_over: String,
    /// Still owed to households that have been.
    pub short: String,
}

/// A point.
#[derive(Debug, Clone)]
pub struct PointRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Issued.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
    /// Of these, by a proxy.
    pub by_proxy: i64,
    /// Revoked or expired.
    pub released: i64,
    /// All others.
    pub open: i64,
    /// The value handed over.
    pub realised: i64,
}

/// A day.
#[derive(Debug, Clone)]
pub struct DayRow {
    /// The day in words.
    pub day: String,
    /// Redeemed on it.
    pub redeemed: i64,
    /// The value handed over.
    pub realised: i64,
}

/// A bar of the drawing: where it starts, how wide its two parts are, what it says.
#[derive(Debug, Clone)]
pub struct Bar {
    /// The upper edge.
    pub top: i64,
    /// The height at which its words stand.
    pub baseline: i64,
    /// The width of all that is issued.
    pub whole: i64,
    /// The width of what is redeemed.
    pub part: i64,
    /// The point's code.
    pub label: String,
    /// The share redeemed.
    pub share: String,
}

impl Reconciliation {
    /// The sums of the points.
    #[must_use]
    pub fn point_total(&self) -> PointRow {
        let sum = |number: fn(&PointRow) -> i64| self.points.iter().map(number).sum();
        PointRow {
            code: String::new(),
            name: String::new(),
            issued: sum(|row| row.issued),
            redeemed: sum(|row| row.redeemed),
            by_proxy: sum(|row| row.by_proxy),
            released: sum(|row| row.released),
            open: sum(|row| row.open),
            realised: sum(|row| row.realised),
        }
    }

    /// Count and value over all states and what was given short.
    #[must_use]
    pub fn state_total(&self) -> (i64, i64) {
        self.states.iter().fold((0, self.short.1), |sum, row| (sum.0 + row.count, sum.1 + row.value))
    }

    /// Count and value over all days.
    #[must_use]
    pub fn day_total(&self) -> (i64, i64) {
        self.days.iter().fold((0, 0), |sum, row| (sum.0 + row.redeemed, sum.1 + row.realised))
    }

    /// The share of a point that is redeemed.
    #[must_use]
    pub fn share(&self, part: &i64, whole: &i64) -> String {
        share(*part, *whole)
    }

    /// One bar a point; the longest is 320 wide.
    #[must_use]
    pub fn bars(&self) -> Vec<Bar> {
        let longest = self.points.iter().map(|row| row.issued).max().unwrap_or(0).max(1);
        let width = |count: i64| count.max(0).saturating_mul(210) / longest;
        self.points
            .iter()
            .zip(0_i64..)
            .map(|(row, place)| Bar {
                top: place * 30,
                baseline: place * 30 + 17,
                whole: width(row.issued),
                part: width(row.redeemed),
                label: row.code.clone(),
                share: share(row.redeemed, row.issued),
            })
            .collect()
    }

    /// The height of the drawing.
    #[must_use]
    pub fn drawing_height(&self) -> usize {
        self.points.len() * 30
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let state = |state: &str, count: i64| StateRow { state: state.into(), count, value: count * 500_000 };
        let point = |code: &str, name: &str, issued: i64, redeemed: i64, by_proxy, released| PointRow {
            code: code.into(),
            name: name.into(),
            issued,
            redeemed,
            by_proxy,
            released,
            open: issued - redeemed - released,
            realised: redeemed * 500_000,
        };
        let item = |name: &str, issued: &str, handed: &str| ItemRow {
            name: name.into(),
            issued: issued.into(),
            handed_over: handed.into(),
            short: "0".into(),
        };
        let day = |day: &str, redeemed: i64| DayRow { day: day.into(), redeemed, realised: redeemed * 500_000 };
        Self {
            frame: Frame::sample(language, "finance", Place::Rounds),
            round_id: "0190-r".into(),
            round: "Tahap 1 / 2026".into(),
            programme: "Bantuan Pangan Lansia 2026".into(),
            account_code: "5.1.06.02.01.0001".into(),
            closed: Some("030/PTP".into()),
            as_of: "Senin, 7 Desember 2026, 16.00 WITA".into(),
            budget: BudgetFigures {
                ceiling: 3_000_000_000,
                committed: 293_000_000,
                realised: 206_000_000,
                remaining: 2_501_000_000,
            },
            round_committed: 293_000_000,
            round_realised: 206_000_000,
            issued: 1_000,
            issued_value: 500_000_000,
            short: (1, 16_000),
            states: vec![
                state("available", 586),
                state("leased", 0),
                StateRow { value: 412 * 500_000 - 16_000, ..state("redeemed", 412) },
                state("revoked", 2),
                state("unresolved", 0),
                state("expired", 0),
            ],
            items: vec![
                item("Beras premium", "15.000 kg", "6.180 kg"),
                item("Minyak goreng", "4.000 l", "1.648 l"),
                item("Telur", "2.000 piring", "824 piring"),
                item("Gula pasir", "3.000 kg", "1.236 kg"),
            ],
            points: vec![
                point("TGR-01", "Kantor Camat Tenggarong", 420, 251, 31, 2),
                point("KTB-01", "Kantor Camat Kota Bangun", 331, 161, 12, 0),
                point("TBG-01", "Balai Desa Muara Ritan, Tabang", 249, 0, 0, 0),
            ],
            days: vec![day("Sabtu, 5 Desember 2026", 161), day("Senin, 7 Desember 2026", 251)],
            faults: Vec::new(),
        }
    }
}
