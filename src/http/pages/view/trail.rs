//! The trail, and the report on a breach.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// `/trail`
#[derive(Debug, Template)]
#[template(path = "trail.html", config = "assets/pages/askama.toml")]
pub struct Trail {
    /// Surroundings.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// The kinds of line to choose from.
    pub kinds: Vec<Choice>,
    /// The people to choose from.
    pub people: Vec<Choice>,
    /// The devices to choose from, where one was lost.
    pub devices: Vec<Choice>,
    /// Only what was done to this.
    pub object: String,
    /// The lines of this page.
    pub rows: Vec<TrailRow>,
    /// The `after` of the next page, with what was chosen.
    pub next: Option<String>,
}

/// A line.
#[derive(Debug, Clone)]
pub struct TrailRow {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// What was done, in words.
    pub said: String,
    /// The code of it.
    pub event: String,
    /// To what.
    pub object: String,
    /// Counts and reasons.
    pub detail: String,
    /// From where.
    pub address: String,
}

/// The report on a breach.
#[derive(Debug, Template)]
#[template(path = "breach.html", config = "assets/pages/askama.toml")]
pub struct Breach {
    /// Surroundings.
    pub frame: Frame,
    /// From when to when, and when it was made.
    pub window: String,
    /// When it was made.
    pub made: String,
    /// Whether there are more lines than one report counts.
    pub cut: bool,
    /// How often each thing was done: in words, its code, how often.
    pub counts: Vec<(String, String, i64)>,
    /// The households, by their key in the source.
    pub households: Vec<String>,
    /// From where.
    pub addresses: Vec<String>,
    /// The lines.
    pub rows: Vec<TrailRow>,
    /// The device that the report is about.
    pub device: Option<String>,
    /// What lay on it.
    pub held: Vec<HeldRow>,
}

/// A voucher that lay on a device.
#[derive(Debug, Clone)]
pub struct HeldRow {
    /// The household, by its key in the source.
    pub household: String,
    /// The round.
    pub round: String,
    /// From when on.
    pub since: String,
    /// Until when, if it came back.
    pub until: Option<String>,
}

fn sample_rows() -> Vec<TrailRow> {
    vec![TrailRow {
        at: "07-12-2026 09.12 WITA".into(),
        by: "Siti Aminah".into(),
        said: "NIK dibuka".into(),
        event: "household.unmasked".into(),
        object: "01900000-0000-7000-8000-000000000000".into(),
        detail: "NIK ganda dengan desa sebelah".into(),
        address: "10.6.2.14".into(),
    }]
}

impl Trail {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let frame = Frame::sample(language, "auditor", Place::Trail);
        Self {
            error: None,
            kinds: ["act", "look", "export"]
                .into_iter()
                .map(|kind| Choice::new(kind, frame.of_list("trail-kind", kind)))
                .collect(),
            people: vec![Choice::new("0190-a", "Siti Aminah")],
            devices: vec![Choice::new("0190-d", "Meja 1")],
            object: String::new(),
            rows: sample_rows(),
            next: Some("after=0190".into()),
            frame,
        }
    }
}

impl Breach {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "admin", Place::Trail),
            window: "07-12-2026 00.00 WITA – 08-12-2026 00.00 WITA".into(),
            made: "08-12-2026 09.12 WITA".into(),
            cut: true,
            counts: vec![("Data keluarga dilihat".into(), "household.viewed".into(), 12)],
            households: vec!["DEMO-000001".into()],
            addresses: vec!["10.6.2.14".into()],
            rows: sample_rows(),
            device: Some("Meja 1".into()),
            held: vec![HeldRow {
                household: "DEMO-000001".into(),
                round: "Tahap 1".into(),
                since: "07-12-2026 07.30 WITA".into(),
                until: None,
            }],
        }
    }
}
