//! Printing the vouchers of a round.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;
use crate::words::Value;

/// `/rounds/{id}/print`
#[derive(Debug, Template)]
#[template(path = "print.html", config = "assets/pages/askama.toml")]
pub struct Print {
    /// Surroundings.
    pub frame: Frame,
    /// The round's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The programme's name.
    pub programme: String,
    /// Points with vouchers to print.
    pub points: Vec<Choice>,
    /// How vouchers can lie on the paper.
    pub layouts: Vec<Choice>,
    /// The newest print jobs of the round.
    pub jobs: Vec<JobRow>,
}

/// A print job.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Its id.
    pub id: String,
    /// When it was asked for.
    pub asked_at: String,
    /// The code of the only point, if one was named.
    pub point: Option<String>,
    /// The layout's name.
    pub layout: String,
    /// The code of its state.
    pub state: String,
    /// Whether there is something left to do.
    pub open: bool,
    /// Whether the result can be fetched.
    pub fetchable: bool,
    /// Whether it failed.
    pub failed: bool,
    /// Vouchers printed.
    pub done: i64,
    /// Vouchers to print.
    pub total: i64,
    /// Files so far.
    pub parts: i64,
    /// Why it failed.
    pub reason: Option<String>,
}

impl Print {
    /// Whether there is work under way, so that the page is worth reading again.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.jobs.iter().any(|job| job.open)
    }

    /// `3.000 dari 12.000 kupon`
    #[must_use]
    pub fn progress(&self, job: &JobRow) -> String {
        let number = |number: i64| Value::from(self.frame.number(number));
        self.frame.words.with("print-of", &[("done", number(job.done)), ("total", number(job.total))])
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let frame = Frame::sample(language, "issuer", Place::Rounds);
        let job = |n: i64, state: &str, done: i64| JobRow {
            id: format!("0199aa11-0000-7000-8000-{n:012}"),
            asked_at: "24-11-2026 09.12 WITA".into(),
            point: (n == 2).then(|| "TGR-01".into()),
            layout: "a4x4".into(),
            state: state.into(),
            open: state == "running",
            fetchable: state == "done",
            failed: state == "failed",
            done,
            total: 12_000,
            parts: done / 1_000,
            reason: (state == "failed").then(|| "P3KE-00012 NAMA (TGR-01/0012), name".into()),
        };
        Self {
            frame,
            id: "0199aa11-0000-7000-8000-000000000001".into(),
            name: "Tahap 1 / 2026".into(),
            programme: "Bantuan Sembako".into(),
            points: vec![Choice::new("TGR-01", "TGR-01 Kantor Camat Tenggarong (80)")],
            layouts: vec![Choice { chosen: true, ..Choice::new("a4x4", "A4, 4 × A6") }, Choice::new("a6", "A6")],
            jobs: vec![
                job(1, "running", 3_000),
                job(2, "done", 12_000),
                job(3, "failed", 1_000),
                job(4, "cancelled", 0),
            ],
        }
    }
}
