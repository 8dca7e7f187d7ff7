//! The first page after signing in: what to do next.

use askama::Template;

use super::frame::{Frame, Place};
use super::programme::{ProgrammeRow, sample_rows, totals};
use super::round::BudgetFigures;
use crate::domain::time::Language;

/// `/`
#[derive(Debug, Template)]
#[template(path = "home.html", config = "assets/pages/askama.toml")]
pub struct Home {
    /// Surroundings.
    pub frame: Frame,
    /// Whether this person should set up one-time codes and has not yet.
    pub advise: bool,
    /// Whether this person's account waits for another to confirm whose it is.
    pub waits: bool,
    /// How many accounts nobody but their maker knows of, for who can confirm them.
    pub unconfirmed: i64,
    /// What this person mostly does, the first one largest.
    pub steps: Vec<Step>,
    /// The rounds under way.
    pub rounds: Vec<RoundCard>,
    /// The programmes with their budgets, for who answers for them.
    pub rows: Vec<ProgrammeRow>,
}

/// A big next step. Its words are `step-CODE` and `step-CODE-why`.
#[derive(Debug, Clone)]
pub struct Step {
    /// The code of its words.
    pub code: &'static str,
    /// Where it leads.
    pub href: String,
}

/// A round at a glance.
#[derive(Debug, Clone)]
pub struct RoundCard {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The programme.
    pub programme: String,
    /// From when to when, in words.
    pub window: String,
    /// The code of its state.
    pub state: String,
    /// By which number its books were closed and up to when they count, in words.
    pub closed: Option<String>,
    /// Entitlements issued.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
}

impl Home {
    /// The steps of a role; `round` is the round under way, if there is one.
    #[must_use]
    pub fn steps_for(role: &str, round: Option<&str>) -> Vec<Step> {
        let step = |code, href: &str| Step { code, href: href.into() };
        let of_round = |code, tail: &str| Step {
            code,
            href: round.map_or_else(|| "/rounds".to_owned(), |id| format!("/rounds/{id}{tail}")),
        };
        match role {
            "registrar" => vec![step("upload", "/intakes"), step("households", "/households")],
            "verifier" => vec![step("approve", "/intakes"), step("households", "/households")],
            "issuer" => vec![of_round("issue", "")],
            "operator" => vec![step("desk", "/desk")],
            "coordinator" => {
                vec![step("vouchers", "/entitlements"), step("programmes", "/programmes"), step("devices", "/devices")]
            }
            "finance" => vec![
                of_round("glance", "/dashboard"),
                of_round("close", "/closings?point=&day="),
                of_round("reconcile", "/reconciliation"),
                step("money", "/programmes"),
                step("cases", "/cases"),
            ],
            "auditor" => vec![
                of_round("glance", "/dashboard"),
                of_round("reconcile", "/reconciliation"),
                step("cases", "/cases"),
                step("households", "/households"),
            ],
            "admin" => {
                vec![
                    step("programmes", "/programmes"),
                    step("points", "/points"),
                    step("users", "/users"),
                    step("devices", "/devices"),
                    of_round("reconcile", "/reconciliation"),
                ]
            }
            _ => vec![step("rounds", "/rounds")],
        }
    }

    /// The sums over all programmes.
    #[must_use]
    pub fn totals(&self) -> BudgetFigures {
        totals(&self.rows)
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self::sample_for(language, "issuer")
    }

    /// A sample for a role.
    #[must_use]
    pub fn sample_for(language: Language, role: &str) -> Self {
        Self {
            frame: Frame::sample(language, role, Place::Home),
            advise: role == "admin",
            waits: role == "verifier",
            unconfirmed: if role == "admin" { 2 } else { 0 },
            steps: Self::steps_for(role, Some("0190-r")),
            rounds: vec![RoundCard {
                id: "0190-r".into(),
                name: "Tahap 1 / 2026".into(),
                programme: "Bantuan Pangan Lansia".into(),
                window: "1–20 Desember 2026".into(),
                state: "open".into(),
                closed: Some("030/PTP".into()),
                issued: 1_000,
                redeemed: 412,
            }],
            rows: sample_rows(),
        }
    }
}
