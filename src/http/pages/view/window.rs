//! A new round, and a round at one of its points: window and sessions.

use askama::Template;

use super::fields::Fields;
use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// `/programmes/{id}/round`
#[derive(Debug, Template)]
#[template(path = "round_new.html", config = "assets/pages/askama.toml")]
pub struct NewRound {
    /// Surroundings.
    pub frame: Frame,
    /// The programme's id.
    pub programme: String,
    /// Its name.
    pub programme_name: String,
    /// The package versions, the newest of a code first.
    pub packages: Vec<Choice>,
    /// The number that is next.
    pub number: i64,
    /// Why it was not made.
    pub error: Option<String>,
    /// What was typed.
    pub typed: Fields,
}

impl NewRound {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "admin", Place::Rounds),
            programme: "0190-p".into(),
            programme_name: "Bantuan Sembako".into(),
            packages: vec![Choice::new("0190-k", "SEMBAKO-A versi 2 = Rp500.000")],
            number: 2,
            error: Some("x".into()),
            typed: Fields::default(),
        }
    }
}

/// `/rounds/{id}/points/{point}`
#[derive(Debug, Template)]
#[template(path = "round_at.html", config = "assets/pages/askama.toml")]
pub struct RoundAt {
    /// Surroundings.
    pub frame: Frame,
    /// The round's id.
    pub round: String,
    /// Its name.
    pub round_name: String,
    /// The point's id.
    pub point: String,
    /// Its code and name.
    pub point_name: String,
    /// The round's window in words.
    pub round_window: String,
    /// The window at this point in words and why, where it differs.
    pub own_window: Option<(String, String)>,
    /// The window as a browser's field wants it.
    pub opens: String,
    /// The same for its end.
    pub closes: String,
    /// The sessions.
    pub sessions: Vec<SessionRow>,
    /// The day before which a layout should begin.
    pub first_day: String,
    /// Whether this person may set the window.
    pub may_extend: bool,
    /// Whether this person may set the sessions.
    pub may_place: bool,
    /// Why something was not accepted.
    pub error: Option<String>,
}

/// A session.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Its number.
    pub number: i64,
    /// When, in words.
    pub when: String,
    /// As a browser's field wants it.
    pub starts: String,
    /// The same for its end.
    pub ends: String,
}

impl RoundAt {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "coordinator", Place::Rounds),
            round: "0190-r".into(),
            round_name: "Tahap 1 / 2026".into(),
            point: "0190-t".into(),
            point_name: "TBG-01 · Kantor Camat Tabang".into(),
            round_window: "01-12-2026 00.00 WITA – 21-12-2026 00.00 WITA".into(),
            own_window: Some(("15-12-2026 00.00 WITA – 05-01-2027 00.00 WITA".into(), "air tinggi".into())),
            opens: "2026-12-15T00:00".into(),
            closes: "2027-01-05T00:00".into(),
            sessions: vec![SessionRow {
                number: 1,
                when: "Selasa, 15 Desember 2026, 08.00–10.00 WITA".into(),
                starts: "2026-12-15T08:00".into(),
                ends: "2026-12-15T10:00".into(),
            }],
            first_day: "2026-12-15".into(),
            may_extend: true,
            may_place: true,
            error: Some("x".into()),
        }
    }
}
