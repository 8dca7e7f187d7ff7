//! Taking an invitation.

use askama::Template;

use super::frame::Frame;
use crate::domain::time::Language;

/// `/join`
#[derive(Debug, Template)]
#[template(path = "join.html", config = "assets/pages/askama.toml")]
pub struct Join {
    /// Surroundings.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// The code, as scanned or typed.
    pub code: String,
    /// Who is invited, and the code of the role, when the code is good.
    pub invited: Option<(String, String)>,
    /// The name that was typed.
    pub username: String,
}

impl Join {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::public(language, "/join"),
            error: None,
            code: "salur_sample".into(),
            invited: Some(("Siti Aminah".into(), "operator".into())),
            username: String::new(),
        }
    }
}
