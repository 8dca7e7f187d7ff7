//! The log as a timeline: of a right, a device or a person.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/log`, `/entitlements/{id}/log`, `/households/{id}/log`, `/devices/{id}/log`, `/users/{id}/log`
#[derive(Debug, Template)]
#[template(path = "log_history.html", config = "assets/pages/askama.toml")]
pub struct LogHistory {
    /// Surroundings.
    pub frame: Frame,
    /// What it is the history of: `entitlement`, `household`, `device`, `user`; or one `leaf`.
    pub about: &'static str,
    /// Its id.
    pub id: String,
    /// The events, the oldest first.
    pub rows: Vec<LogRow>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// One event.
#[derive(Debug, Clone)]
pub struct LogRow {
    /// Its place in the log; empty for the moment in which it has none.
    pub index: String,
    /// When.
    pub at: String,
    /// The code of what happened.
    pub kind: &'static str,
    /// Who did it.
    pub who: String,
    /// The rest, in short texts.
    pub details: Vec<String>,
    /// The right, to go to its own history.
    pub entitlement: Option<String>,
    /// The redemption, to go to its receipt and proof.
    pub redemption: Option<String>,
}

impl LogHistory {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |index: &str, kind| LogRow {
            index: index.into(),
            at: "07-12-2026 09.12".into(),
            kind,
            who: "Siti Aminah".into(),
            details: vec!["TGR-01".into(), "Rp 500.000".into()],
            entitlement: Some("0190-e".into()),
            redemption: (kind == "redeem").then(|| "0190-r".into()),
        };
        Self {
            frame: Frame::sample(language, "auditor", Place::Rounds),
            about: "entitlement",
            id: "0190-e".into(),
            rows: vec![row("417", "issue"), row("1042", "redeem"), row("", "revoke")],
            next: Some("/entitlements/0190-e/log?after=1042".into()),
        }
    }
}
