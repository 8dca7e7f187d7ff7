//! People who sign in.

use askama::Template;

use super::account::Session;
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
    /// The rounds for which somebody can be invited.
    pub rounds: Vec<Choice>,
    /// The points an operator can stand at.
    pub points: Vec<Choice>,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// The people.
    pub rows: Vec<UserRow>,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// `/users/{id}`
#[derive(Debug, Template)]
#[template(path = "user.html", config = "assets/pages/askama.toml")]
pub struct UserPage {
    /// Surroundings.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// The id.
    pub id: String,
    /// The name as shown.
    pub name: String,
    /// The name to sign in with.
    pub username: String,
    /// The code of the role.
    pub role: String,
    /// Whether this person can sign in now.
    pub active: bool,
    /// Whether the account is open, be it past its end.
    pub open: bool,
    /// When the account ends by itself.
    pub ends: Option<String>,
    /// Whether one-time codes are set up.
    pub second_factor: bool,
    /// Whether the reader may change the account.
    pub may_change: bool,
    /// Live sign-ins.
    pub sessions: Vec<Session>,
}

impl UserPage {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "admin", Place::Users),
            error: None,
            id: "0190-a".into(),
            name: "Siti Aminah".into(),
            username: "siti.aminah".into(),
            role: "issuer".into(),
            active: true,
            open: true,
            ends: Some("21-12-2026 17.00 WITA".into()),
            second_factor: true,
            may_change: true,
            sessions: Session::samples(),
        }
    }
}

/// An invitation with its code, shown once.
#[derive(Debug, Template)]
#[template(path = "invited.html", config = "assets/pages/askama.toml")]
pub struct InvitedPage {
    /// Surroundings.
    pub frame: Frame,
    /// Who is invited.
    pub name: String,
    /// The code of the role.
    pub role: String,
    /// The code to type.
    pub code: String,
    /// The QR as SVG.
    pub svg: String,
    /// Until when it can be taken.
    pub until: String,
    /// When the account will end by itself.
    pub ends: Option<String>,
}

impl InvitedPage {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "admin", Place::Users),
            name: "Siti Aminah".into(),
            role: "operator".into(),
            code: "salur_aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4qa".into(),
            svg: crate::pdf::qr::svg("HTTPS://SALUR.EXAMPLE/JOIN/X").unwrap_or_default(),
            until: "14-12-2026 09.12 WITA".into(),
            ends: Some("03-01-2027 17.00 WITA".into()),
        }
    }
}

/// A person.
#[derive(Debug, Clone)]
pub struct UserRow {
    /// The id.
    pub id: String,
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
            id: "0190-a".into(),
            name: name.into(),
            username: name.to_lowercase().replace(' ', "."),
            role: role.into(),
            point: point.map(Into::into),
            active,
        };
        Self {
            frame: Frame::sample(language, "admin", Place::Users),
            may_create: true,
            rounds: vec![Choice::new("0190-r", "Tahap 1")],
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
