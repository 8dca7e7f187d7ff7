//! Signing in.

use askama::Template;

use super::frame::Frame;
use crate::domain::time::Language;

/// `/sign-in`
#[derive(Debug, Template)]
#[template(path = "sign_in.html", config = "assets/pages/askama.toml")]
pub struct SignIn {
    /// Surroundings.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// The name that was typed, so that it need not be typed again.
    pub username: String,
    /// Where to go afterwards: a path of this site.
    pub next: String,
}

impl SignIn {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let frame = Frame::public(language, "/sign-in");
        let error = Some(frame.t("sign-in-wrong"));
        Self { frame, error, username: "petugas-tgr-01".into(), next: "/desk".into() }
    }
}
