//! Substitutions: proposals, and the form for one.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use super::suspicion::One;
use super::verval::Tabs;
use crate::domain::time::Language;

/// `/programmes/{id}/substitutions`
#[derive(Debug, Template)]
#[template(path = "substitutions.html", config = "assets/pages/askama.toml")]
pub struct Substitutions {
    /// Surroundings.
    pub frame: Frame,
    /// The parts of verification.
    pub tabs: Tabs,
    /// The state that is shown, if not all.
    pub state: Option<String>,
    /// The proposals, newest first.
    pub rows: Vec<SubstitutionRow>,
    /// The address of the next page.
    pub next: Option<String>,
    /// Whether this person may decide.
    pub may_decide: bool,
    /// Whether this person may propose.
    pub may_propose: bool,
    /// The household that is to be replaced, its id, reasons and reserves to choose from.
    pub form: Option<Proposal>,
    /// Why the last act was refused, in words.
    pub error: Option<String>,
}

/// What the form of a proposal shows.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The id of the household that is to be replaced.
    pub old_id: String,
    /// That household.
    pub old: One,
    /// Reasons to choose.
    pub reasons: Vec<Choice>,
    /// The reserve, near ones first.
    pub reserves: Vec<Choice>,
}

/// A proposal in the list.
#[derive(Debug, Clone)]
pub struct SubstitutionRow {
    /// Its id.
    pub id: String,
    /// The code of its state.
    pub state: String,
    /// Whose place becomes free.
    pub old: One,
    /// Who takes it.
    pub new: One,
    /// The code of the reason.
    pub reason: String,
    /// Number of the statement.
    pub statement_no: String,
    /// Its date, in words.
    pub statement_date: String,
    /// The remark.
    pub note: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When, in words.
    pub proposed_at: String,
    /// Who decided and when, in words.
    pub decided: Option<String>,
    /// Whether this person may decide on it.
    pub open: bool,
}

impl Substitutions {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let one = |n: i64, name: &str, standing: &str| One {
            name: name.into(),
            source_id: format!("P3KE-{n:06}"),
            nik_masked: format!("6402 **** **** {n:04}"),
            place: "RT 014, LOA IPUH, TENGGARONG".into(),
            standing: standing.into(),
            paper: standing == "approved",
        };
        let row = |id: &str, state: &str| SubstitutionRow {
            id: id.into(),
            state: state.into(),
            old: one(1, "ABDUL HAMID", "approved"),
            new: one(2, "RUSMINI", "reserve"),
            reason: "deceased".into(),
            statement_no: "7/SPTJM/2026".into(),
            statement_date: "20 November 2026".into(),
            note: "Ahli waris tidak ada".into(),
            proposed_by: "Rahmat Hidayat".into(),
            proposed_at: "24-11-2026 09.12 WITA".into(),
            decided: (state != "proposed").then(|| "Dewi Lestari, 24-11-2026 10.00 WITA".into()),
            open: state == "proposed",
        };
        Self {
            frame: Frame::sample(language, "verifier", Place::Verval),
            tabs: Tabs::sample("substitutions"),
            state: None,
            rows: vec![row("0190-b2", "proposed"), row("0190-b1", "approved")],
            next: Some("/programmes/0190-p/substitutions?after=0190-b1".into()),
            may_decide: true,
            may_propose: false,
            form: None,
            error: None,
        }
    }

    /// A sample with the form of a registrar.
    #[must_use]
    pub fn sample_form(language: Language) -> Self {
        let listed = Self::sample(language);
        let old = listed.rows.first().map(|row| row.old.clone());
        Self {
            form: old.map(|old| Proposal {
                old_id: "0190-h1".into(),
                old,
                reasons: vec![Choice::new("deceased", "meninggal")],
                reserves: vec![Choice::new("0190-h2", "RUSMINI – RT 014, LOA IPUH")],
            }),
            may_decide: false,
            may_propose: true,
            rows: Vec::new(),
            next: None,
            ..listed
        }
    }
}

impl SubstitutionRow {
    /// The two, each under the key of its label.
    #[must_use]
    pub const fn sides(&self) -> [(&'static str, &One); 2] {
        [("substitutions-old", &self.old), ("substitutions-new", &self.new)]
    }
}
