//! Scanners and desks.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// `/devices`
#[derive(Debug, Template)]
#[template(path = "devices.html", config = "assets/pages/askama.toml")]
pub struct Devices {
    /// Surroundings.
    pub frame: Frame,
    /// The devices.
    pub rows: Vec<DeviceRow>,
    /// The `after` of the next page.
    pub next: Option<String>,
    /// Whether the form for a new scanner is shown.
    pub may_enrol: bool,
    /// Where it may stand.
    pub points: Vec<Choice>,
    /// What was wrong with the form, in words.
    pub error: Option<String>,
    /// The invitation that was just made. It is shown this once.
    pub enrolment: Option<Invitation>,
}

/// What a new scanner is enrolled with.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// What people call it.
    pub name: String,
    /// To be typed.
    pub code: String,
    /// The QR as an image in the page; empty when there is none.
    pub qr: String,
    /// Until when the typed code is good, in words.
    pub code_until: String,
    /// Until when the QR is good, in words.
    pub until: String,
}

/// A device.
#[derive(Debug, Clone)]
pub struct DeviceRow {
    /// Its name, such as the desk it stands on.
    pub name: String,
    /// Code and name of its point.
    pub point: String,
    /// The operator, if one is bound to it.
    pub operator: Option<String>,
    /// The start of its key's hash, to compare by eye.
    pub key_mark: String,
    /// When it was last heard of, in words.
    pub last_seen: Option<String>,
    /// Whether it may still be used.
    pub active: bool,
}

impl Devices {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |name: &str, point: &str, last_seen: Option<&str>, active: bool| DeviceRow {
            name: name.into(),
            point: point.into(),
            operator: active.then(|| "Siti Aminah".into()),
            key_mark: "a1b2 c3d4".into(),
            last_seen: last_seen.map(Into::into),
            active,
        };
        Self {
            frame: Frame::sample(language, "coordinator", Place::Devices),
            rows: vec![
                row("Meja 1", "TGR-01 · Kantor Camat Tenggarong", Some("07-12-2026 09.12"), true),
                row("Meja 1", "KTB-01 · Kantor Camat Kota Bangun", None, true),
                row("Meja 2", "TGR-01 · Kantor Camat Tenggarong", Some("01-12-2026 16.40"), false),
            ],
            next: None,
            may_enrol: true,
            points: vec![Choice::new("1", "TGR-01 · Kantor Camat Tenggarong")],
            error: None,
            enrolment: Some(Invitation {
                name: "HP gudang 1".into(),
                code: "7KQ4-M2XP-9D".into(),
                qr: String::new(),
                code_until: "07-12-2026 09.42".into(),
                until: "08-12-2026 09.12".into(),
            }),
        }
    }
}
