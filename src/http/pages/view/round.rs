//! Rounds: the list, and one round with its budget, its points and its vouchers.

use askama::Template;

use super::frame::{Frame, Place};
use super::home::RoundCard;
use super::pause::Pauses;
use crate::domain::time::Language;

/// `/rounds`
#[derive(Debug, Template)]
#[template(path = "rounds.html", config = "assets/pages/askama.toml")]
pub struct Rounds {
    /// Surroundings.
    pub frame: Frame,
    /// The rounds.
    pub rows: Vec<RoundCard>,
    /// Whether to offer the way to reconciliation.
    pub may_reconcile: bool,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// A programme's budget, in minor units.
#[derive(Debug, Clone, Copy, Default)]
pub struct BudgetFigures {
    /// The ceiling.
    pub ceiling: i64,
    /// The value of live entitlements.
    pub committed: i64,
    /// The value handed over.
    pub realised: i64,
    /// What is left.
    pub remaining: i64,
}

impl BudgetFigures {
    /// A part of the ceiling on a scale of 0 to 1000, for a bar's width.
    #[must_use]
    pub fn scaled(&self, part: &i64) -> i64 {
        let ceiling = i128::from(self.ceiling.max(1));
        i64::try_from(i128::from(*part) * 1000 / ceiling).unwrap_or(0).clamp(0, 1000)
    }

    /// A part of the ceiling as a share in words: `41,2 %`.
    #[must_use]
    pub fn share(&self, part: &i64) -> String {
        share(*part, self.ceiling)
    }
}

/// A share in per cent with one decimal, the Indonesian way; 100 % is all of it.
#[must_use]
pub fn share(part: i64, whole: i64) -> String {
    crate::domain::money::share(part, whole).map_or_else(|| "–".to_owned(), |share| format!("{share} %"))
}

/// `/rounds/{id}`
#[derive(Debug, Template)]
#[template(path = "round.html", config = "assets/pages/askama.toml")]
pub struct Round {
    /// Surroundings.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The programme's name.
    pub programme: String,
    /// The budget's account code.
    pub account_code: String,
    /// From when to when, in words.
    pub window: String,
    /// The code of its state.
    pub state: String,
    /// By which number its books were closed and up to when they count, in words.
    pub closed: Option<String>,
    /// What a household receives, a text a line.
    pub items: Vec<String>,
    /// What a package is worth.
    pub package_value: i64,
    /// The programme's budget.
    pub budget: BudgetFigures,
    /// Approved households of the round that have no entitlement yet.
    pub waiting: i64,
    /// What issuing to these would commit.
    pub waiting_value: i64,
    /// Whether this person may issue.
    pub may_issue: bool,
    /// Whether there is something to end, and this person may.
    pub may_end: bool,
    /// Whether this person may print.
    pub may_print: bool,
    /// Whether to offer the way to reconciliation.
    pub may_reconcile: bool,
    /// Ways to the books that this person may see: address, and the key of its words.
    pub books: Vec<(String, &'static str)>,
    /// The points.
    pub points: Vec<RoundPoint>,
    /// The programme's id.
    pub programme_id: String,
    /// Its pauses.
    pub pauses: Pauses,
    /// Why the programme above it stands still.
    pub programme_paused: Option<String>,
    /// Whether to offer the list of vouchers.
    pub may_see_households: bool,
    /// Whether this person may see the documents of the round.
    pub may_see_documents: bool,
    /// Whether this person may see where the bundles of vouchers are.
    pub may_see_custody: bool,
}

/// A point of the round.
#[derive(Debug, Clone)]
pub struct RoundPoint {
    /// Its id.
    pub id: String,
    /// Its own window in words, where it differs.
    pub window: Option<String>,
    /// Whether it stands still.
    pub paused: bool,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Entitlements issued.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
    /// Not yet collected.
    pub open: i64,
}

impl Round {
    /// Whether the ceiling does not cover what is waiting.
    #[must_use]
    pub const fn over_budget(&self) -> bool {
        self.waiting_value > self.budget.remaining
    }

    /// Issued, redeemed and open over all points.
    #[must_use]
    pub fn totals(&self) -> (i64, i64, i64) {
        self.points
            .iter()
            .fold((0, 0, 0), |sum, point| (sum.0 + point.issued, sum.1 + point.redeemed, sum.2 + point.open))
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let point = |code: &str, name: &str, issued, redeemed| RoundPoint {
            id: "0190-t".into(),
            window: (redeemed == 0).then(|| "15-12-2026 00.00 WITA – 05-01-2027 00.00 WITA".into()),
            paused: redeemed == 0,
            code: code.into(),
            name: name.into(),
            issued,
            redeemed,
            open: issued - redeemed,
        };
        Self {
            frame: Frame::sample(language, "issuer", Place::Rounds),
            id: "0190-r".into(),
            name: "Tahap 1 / 2026".into(),
            programme: "Bantuan Pangan Lansia 2026".into(),
            account_code: "5.1.06.02.01.0001".into(),
            window: "1–20 Desember 2026".into(),
            state: "open".into(),
            closed: Some("030/PTP".into()),
            items: vec![
                "Beras premium 15 kg".into(),
                "Minyak goreng 4 l".into(),
                "Telur 2 piring".into(),
                "Gula pasir 3 kg".into(),
            ],
            package_value: 500_000,
            budget: BudgetFigures {
                ceiling: 3_000_000_000,
                committed: 294_000_000,
                realised: 206_000_000,
                remaining: 2_500_000_000,
            },
            waiting: 12,
            waiting_value: 6_000_000,
            programme_id: "0190-p".into(),
            pauses: Pauses::sample("round", true),
            programme_paused: None,
            may_see_households: true,
            may_see_documents: true,
            may_see_custody: true,
            may_issue: true,
            may_end: true,
            may_print: true,
            may_reconcile: false,
            books: vec![("/rounds/0190-r/stock".into(), "ledger-stock")],
            points: vec![
                point("TGR-01", "Kantor Camat Tenggarong", 420, 251),
                point("KTB-01", "Kantor Camat Kota Bangun", 331, 161),
                point("TBG-01", "Balai Desa Muara Ritan, Tabang", 249, 0),
            ],
        }
    }
}

impl Rounds {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let round = |n: i64, state: &str, issued, redeemed| RoundCard {
            id: format!("0190-r{n}"),
            name: format!("Tahap {n} / 2026"),
            programme: "Bantuan Pangan Lansia 2026".into(),
            window: "1–20 Desember 2026".into(),
            state: state.into(),
            closed: (state == "sealed").then(|| "030/PTP".into()),
            issued,
            redeemed,
        };
        Self {
            frame: Frame::sample(language, "finance", Place::Rounds),
            rows: vec![round(1, "open", 1_000, 412), round(2, "planned", 0, 0), round(3, "planned", 0, 0)],
            may_reconcile: true,
            next: None,
        }
    }
}
