//! Keys and their replacement.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/keys`
#[derive(Debug, Template)]
#[template(path = "keys.html", config = "assets/pages/askama.toml")]
pub struct Keys {
    /// Surroundings.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// The fingerprint of the key that signs the list of keys.
    pub list_fingerprint: String,
    /// The keys of the agency's rounds, the newest first.
    pub rows: Vec<KeyRow>,
    /// What waits for a second person.
    pub requests: Vec<RequestRow>,
}

/// A key.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// Its id.
    pub kid: String,
    /// What people compare by eye.
    pub fingerprint: String,
    /// The name of its round, and the address of its print page.
    pub round: Option<(String, String)>,
    /// When it was made.
    pub made: String,
    /// How many days ago.
    pub age_days: i64,
    /// `live`, `retired` or `compromised`.
    pub state: &'static str,
    /// Since when it signs no more, or may be in other hands.
    pub since: Option<String>,
    /// How many vouchers have to be printed again, in words: more than fit on a page are `500+`.
    pub spoilt: Option<String>,
}

/// A wish to replace a key.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// Its id.
    pub id: String,
    /// The key.
    pub kid: String,
    /// Why.
    pub reason: String,
    /// When it was asked.
    pub asked: String,
    /// Since when the key may be in other hands.
    pub compromised_since: Option<String>,
    /// Whether who reads asked it: then another must agree.
    pub own: bool,
}

impl Keys {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |kid: &str, state: &'static str, spoilt: Option<&str>| KeyRow {
            kid: kid.into(),
            fingerprint: "21FE 31DF A154 A261 626B F854 046F D227".into(),
            round: Some(("Tahap 1 / 2026".into(), "/rounds/0190-a/print".into())),
            made: "07-12-2026 09.12 WITA".into(),
            age_days: 12,
            state,
            since: (state != "live").then(|| "08-12-2026 10.00 WITA".into()),
            spoilt: spoilt.map(str::to_owned),
        };
        let request = |own| RequestRow {
            id: "0190-b".into(),
            kid: "If4x3w".into(),
            reason: "laptop hilang".into(),
            asked: "08-12-2026 09.00 WITA".into(),
            compromised_since: Some("07-12-2026 20.00 WITA".into()),
            own,
        };
        Self {
            frame: Frame::sample(language, "admin", Place::Keys),
            error: None,
            list_fingerprint: "A154 A261 626B F854 21FE 31DF 046F D227".into(),
            rows: vec![
                row("If4x3w", "live", None),
                row("q1w2e3", "retired", None),
                row("zzzzzz", "compromised", Some("37")),
            ],
            requests: vec![request(true), request(false)],
        }
    }
}
