//! What has had its time.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/retention`
#[derive(Debug, Template)]
#[template(path = "retention.html", config = "assets/pages/askama.toml")]
pub struct Retention {
    /// Surroundings.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// For how many years personal data are kept.
    pub years: i64,
    /// Households whose last round closed before this are due.
    pub before: String,
    /// How many are due.
    pub due: i64,
    /// What one person has asked.
    pub asked: Option<AskedRow>,
    /// Legal holds that stand.
    pub holds: Vec<HoldRow>,
}

/// What one person has asked to be erased.
#[derive(Debug, Clone)]
pub struct AskedRow {
    /// When.
    pub at: String,
    /// How many households.
    pub count: i64,
    /// Whether who reads asked it: then another must agree.
    pub own: bool,
}

/// A legal hold that stands.
#[derive(Debug, Clone)]
pub struct HoldRow {
    /// Its id.
    pub id: String,
    /// The number of the letter.
    pub document_no: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: String,
}

impl Retention {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "admin", Place::Users),
            error: None,
            years: 10,
            before: "07-12-2016 09.12 WITA".into(),
            due: 1_204,
            asked: Some(AskedRow { at: "07-12-2026 09.12 WITA".into(), count: 1_204, own: false }),
            holds: Vec::new(),
        }
    }

    /// A sample under a legal hold.
    #[must_use]
    pub fn sample_held(language: Language) -> Self {
        let hold = HoldRow {
            id: "0190-a".into(),
            document_no: "180/1/2026".into(),
            reason: "pemeriksaan".into(),
            since: "01-12-2026 08.00 WITA".into(),
        };
        let asked = Some(AskedRow { at: "07-12-2026 09.12 WITA".into(), count: 3, own: true });
        Self { holds: vec![hold], asked, error: Some("x".into()), ..Self::sample(language) }
    }
}
