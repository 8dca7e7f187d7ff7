//! Scanners and desks.

use askama::Template;

use super::frame::{Frame, Place};
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
        }
    }
}
