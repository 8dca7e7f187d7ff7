//! One's own account: one-time codes, password, sign-ins.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/account`
#[derive(Debug, Template)]
#[template(path = "account.html", config = "assets/pages/askama.toml")]
pub struct Account {
    /// Surroundings.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// Whether nothing else can be done before one-time codes are set up.
    pub due: bool,
    /// How one-time codes stand.
    pub factor: Factor,
    /// Live sign-ins.
    pub sessions: Vec<Session>,
}

/// How one-time codes stand.
#[derive(Debug, Clone)]
pub enum Factor {
    /// None; whether the role is asked to have them.
    Off {
        /// Whether it is.
        advised: bool,
    },
    /// Begun: what to scan or type.
    Begun {
        /// The QR as SVG.
        svg: String,
        /// The secret in groups of four.
        secret: String,
    },
    /// Just confirmed: the recovery codes, shown this once.
    Fresh(Vec<String>),
    /// Set up, with so many recovery codes left.
    On(i64),
}

/// A live sign-in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// When and where it was begun.
    pub begun: String,
    /// The network address.
    pub address: String,
    /// Whether it is this one.
    pub current: bool,
}

impl Session {
    fn sample(id: &str, current: bool) -> Self {
        Self { id: id.into(), begun: "07-12-2026 09.12 WITA".into(), address: "10.6.2.14".into(), current }
    }

    /// Samples for tests.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        vec![Self::sample("0190-a", true), Self::sample("0190-b", false)]
    }
}

impl Account {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let secret = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".into();
        let svg = crate::pdf::qr::svg("otpauth://totp/Salur:admin?secret=GEZDGNBV&issuer=Salur").unwrap_or_default();
        Self {
            frame: Frame::sample(language, "admin", Place::Home),
            error: None,
            due: true,
            factor: Factor::Begun { svg, secret },
            sessions: Session::samples(),
        }
    }
}
