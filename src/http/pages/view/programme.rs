//! Programmes: the list with their budgets, and one with all that belongs to it.

use askama::Template;

use super::fields::Fields;
use super::frame::{Frame, Place};
use super::home::RoundCard;
use super::pause::Pauses;
use super::round::BudgetFigures;
use crate::domain::time::Language;

/// `/programmes`
#[derive(Debug, Template)]
#[template(path = "programmes.html", config = "assets/pages/askama.toml")]
pub struct Programmes {
    /// Surroundings.
    pub frame: Frame,
    /// The programmes.
    pub rows: Vec<ProgrammeRow>,
    /// Whether this person may add one.
    pub may_create: bool,
    /// Why it was not added.
    pub error: Option<String>,
    /// What was typed.
    pub typed: Fields,
}

/// A programme with its budget.
#[derive(Debug, Clone)]
pub struct ProgrammeRow {
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether it stands still.
    pub paused: bool,
    /// Its budget.
    pub budget: BudgetFigures,
}

/// The sums over programmes.
#[must_use]
pub fn totals(rows: &[ProgrammeRow]) -> BudgetFigures {
    rows.iter().fold(BudgetFigures::default(), |sum, row| BudgetFigures {
        ceiling: sum.ceiling + row.budget.ceiling,
        committed: sum.committed + row.budget.committed,
        realised: sum.realised + row.budget.realised,
        remaining: sum.remaining + row.budget.remaining,
    })
}

impl Programmes {
    /// The sums over all rows.
    #[must_use]
    pub fn totals(&self) -> BudgetFigures {
        totals(&self.rows)
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "admin", Place::Programmes),
            rows: sample_rows(),
            may_create: true,
            error: Some("x".into()),
            typed: Fields::with([("code", "\"><b>".into())]),
        }
    }
}

/// Rows for samples.
#[must_use]
pub fn sample_rows() -> Vec<ProgrammeRow> {
    let row = |code: &str, paused, ceiling, committed, realised| ProgrammeRow {
        id: "0190-p".into(),
        code: code.into(),
        name: "Bantuan Sembako".into(),
        paused,
        budget: BudgetFigures { ceiling, committed, realised, remaining: ceiling - committed - realised },
    };
    vec![
        row("SEMBAKO-2026", false, 3_000_000_000, 294_000_000, 206_000_000),
        row("LANSIA-2026", true, 500_000_000, 0, 0),
    ]
}

/// `/programmes/{id}`
#[derive(Debug, Template)]
#[template(path = "programme.html", config = "assets/pages/askama.toml")]
pub struct Programme {
    /// Surroundings.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The budget's account code.
    pub account_code: String,
    /// What the budget calls it.
    pub account_name: String,
    /// The decree, and its date in words.
    pub decree: String,
    /// Its budget.
    pub budget: BudgetFigures,
    /// What is to be done until vouchers can be printed.
    pub path: Vec<SetupStep>,
    /// Its package versions, the newest of a code first.
    pub packages: Vec<PackageRow>,
    /// Its rounds.
    pub rounds: Vec<RoundCard>,
    /// Its ceilings, the first one first.
    pub revisions: Vec<RevisionRow>,
    /// Its pauses.
    pub pauses: Pauses,
    /// Whether this person may change it.
    pub may_manage: bool,
    /// Whether this person may place households.
    pub may_place: bool,
    /// Whether this person may see households.
    pub may_see_households: bool,
    /// Why a revision was not accepted.
    pub error: Option<String>,
    /// What was typed.
    pub typed: Fields,
}

/// A step on the way to the first voucher. Its words are `setup-CODE` and `setup-why-CODE`.
#[derive(Debug, Clone)]
pub struct SetupStep {
    /// The code of its words.
    pub code: &'static str,
    /// The code of the role that does it.
    pub role: &'static str,
    /// How many there are, when it is begun.
    pub count: i64,
    /// Whether it is done.
    pub done: bool,
    /// Where it is done, for whom may.
    pub href: Option<String>,
}

/// A version of a package.
#[derive(Debug, Clone)]
pub struct PackageRow {
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Its lines in words.
    pub items: String,
    /// Its value.
    pub value: i64,
}

/// One ceiling.
#[derive(Debug, Clone)]
pub struct RevisionRow {
    /// 0 is the first.
    pub number: i64,
    /// The ceiling.
    pub ceiling: i64,
    /// Against the one before; nothing for the first.
    pub change: Option<i64>,
    /// The document and its date.
    pub document: String,
    /// Why.
    pub reason: String,
    /// When it was entered.
    pub at: String,
}

impl RevisionRow {
    /// The change with its sign.
    #[must_use]
    pub fn signed(&self) -> String {
        match self.change {
            None => "–".into(),
            Some(change) if change < 0 => format!("−Rp{}", crate::domain::money::grouped(-change)),
            Some(change) => format!("+Rp{}", crate::domain::money::grouped(change)),
        }
    }
}

impl Programme {
    /// Whether everything is done that comes before the first voucher.
    #[must_use]
    pub fn is_set_up(&self) -> bool {
        self.path.iter().all(|step| step.done)
    }

    /// The step that comes next.
    #[must_use]
    pub fn next_step(&self) -> Option<&SetupStep> {
        self.path.iter().find(|step| !step.done)
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let step = |code, role, count, href: Option<&str>| SetupStep {
            code,
            role,
            count,
            done: count > 0,
            href: href.map(str::to_owned),
        };
        Self {
            frame: Frame::sample(language, "admin", Place::Programmes),
            id: "0190-p".into(),
            code: "SEMBAKO-2026".into(),
            name: "Bantuan Sembako".into(),
            account_code: "5.1.06.02.02.0001".into(),
            account_name: "Belanja Bantuan Sosial Barang yang Direncanakan kepada Keluarga".into(),
            decree: "400.9/12/2026, 2 Januari 2026".into(),
            budget: BudgetFigures {
                ceiling: 3_000_000_000,
                committed: 294_000_000,
                realised: 206_000_000,
                remaining: 2_500_000_000,
            },
            path: vec![
                step("package", "admin", 1, None),
                step("points", "admin", 27, Some("/points")),
                step("list", "registrar", 0, Some("/intakes")),
                step("place", "coordinator", 0, Some("/programmes/0190-p/placement")),
                step("round", "admin", 1, Some("/programmes/0190-p/round")),
                step("issue", "issuer", 0, Some("/rounds")),
            ],
            packages: vec![PackageRow {
                id: "0190-k".into(),
                code: "SEMBAKO-A".into(),
                version: 2,
                name: "Paket Sembako A".into(),
                items: "Beras premium 15 kg · Minyak goreng 4 l".into(),
                value: 500_000,
            }],
            rounds: vec![RoundCard {
                id: "0190-r".into(),
                name: "Tahap 1 / 2026".into(),
                programme: String::new(),
                window: "1–20 Desember 2026".into(),
                state: "open".into(),
                closed: None,
                issued: 1_000,
                redeemed: 412,
            }],
            revisions: vec![
                RevisionRow {
                    number: 0,
                    ceiling: 2_500_000_000,
                    change: None,
                    document: "DPA/1/2026".into(),
                    reason: String::new(),
                    at: "02-01-2026 08.00 WITA".into(),
                },
                RevisionRow {
                    number: 1,
                    ceiling: 3_000_000_000,
                    change: Some(500_000_000),
                    document: "DPPA/12/2026, 1 September 2026".into(),
                    reason: "perubahan APBD".into(),
                    at: "02-09-2026 08.00 WITA".into(),
                },
            ],
            pauses: Pauses::sample("programme", false),
            may_manage: true,
            may_place: true,
            may_see_households: true,
            error: None,
            typed: Fields::default(),
        }
    }
}
