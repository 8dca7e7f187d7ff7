//! A page for what went wrong: what, where, what to do.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// Shown in place of the page that was asked for.
#[derive(Debug, Template)]
#[template(path = "problem.html", config = "assets/pages/askama.toml")]
pub struct Problem {
    /// Surroundings.
    pub frame: Frame,
    /// The HTTP status.
    pub status: u16,
    /// The stable code of the reason.
    pub code: String,
    /// What happened, in a few words.
    pub title: String,
    /// One sentence: what, where.
    pub detail: String,
    /// What to do now.
    pub advice: Option<String>,
    /// Where the button leads.
    pub back: String,
}

impl Problem {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let frame = Frame::sample(language, "issuer", Place::Rounds);
        Self {
            title: frame.t("problem-not-found"),
            detail: frame.t("problem-not-found-detail"),
            advice: Some(frame.t("problem-not-found-advice")),
            frame,
            status: 404,
            code: "not_found".into(),
            back: "/rounds".into(),
        }
    }
}
