//! People who sign in.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// `/users`
#[derive(Debug, Template)]
#[template(path = "users.html", config = "assets/pages/askama.toml")]
pub struct Users {
    /// Surroundings.
    pub frame: Frame,
    /// Whether this person may add people.
    pub may_create: bool,
    /// The points an operator can stand at.
    pub points: Vec<Choice>,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// The people.
    pub rows: Vec<UserRow>,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// A person.
#[derive(Debug, Clone)]
pub struct UserRow {
    /// The name as shown.
    pub name: String,
    /// The name to sign in with.
    pub username: String,
    /// The code of the role.
    pub role: String,
    /// The point of an operator.
    pub point: Option<String>,
    /// Whether this person can sign in.
    pub active: bool,
}

impl Users {
    /// The roles that can be given: code and words.
    #[must_use]
    pub fn roles(&self) -> Vec<Choice> {
        ["registrar", "verifier", "issuer", "coordinator", "operator", "storekeeper", "finance", "auditor", "admin"]
            .into_iter()
            .map(|role| Choice::new(role, self.frame.of_list("role", role)))
            .collect()
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |name: &str, role: &str, point: Option<&str>, active| UserRow {
            name: name.into(),
            username: name.to_lowercase().replace(' ', "."),
            role: role.into(),
            point: point.map(Into::into),
            active,
        };
        Self {
            frame: Frame::sample(language, "admin", Place::Users),
            may_create: true,
            points: vec![
                Choice::new("0190-a", "TGR-01 · Kantor Camat Tenggarong"),
                Choice::new("0190-b", "KTB-01 · Kantor Camat Kota Bangun"),
            ],
            error: None,
            rows: vec![
                row("Rahmat Hidayat", "registrar", None, true),
                row("Siti Aminah", "operator", Some("TGR-01"), true),
                row("Bambang Setiawan", "finance", None, false),
            ],
            next: None,
        }
    }
}
