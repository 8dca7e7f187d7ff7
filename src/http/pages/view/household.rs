//! Households, masked.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// `/households`
#[derive(Debug, Template)]
#[template(path = "households.html", config = "assets/pages/askama.toml")]
pub struct Households {
    /// Surroundings.
    pub frame: Frame,
    /// What was searched for.
    pub q: String,
    /// In which village.
    pub village: String,
    /// The villages to choose from.
    pub villages: Vec<Choice>,
    /// Whether this is a page after the first.
    pub begun: bool,
    /// The households of this page.
    pub rows: Vec<HouseholdRow>,
    /// How many there are in all, when that was counted.
    pub total: Option<i64>,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// A household.
#[derive(Debug, Clone)]
pub struct HouseholdRow {
    /// Its id.
    pub id: String,
    /// The source's id.
    pub source_id: String,
    /// Its head.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, village, sub-district.
    pub address: String,
    /// The point's code.
    pub point: String,
}

impl Households {
    /// What was looked for, in one text.
    #[must_use]
    pub fn looked_for(&self) -> &str {
        if self.q.is_empty() { &self.village } else { &self.q }
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |n: i64, name: &str, point: &str| HouseholdRow {
            id: format!("0190-h{n}"),
            source_id: format!("DEMO-{n:06}"),
            name: name.into(),
            nik_masked: format!("6402 **** **** {n:04}"),
            address: "RT 014, Loa Ipuh, Tenggarong".into(),
            point: point.into(),
        };
        Self {
            frame: Frame::sample(language, "registrar", Place::Households),
            q: "mar".into(),
            village: "LOA IPUH".into(),
            villages: vec![
                Choice { chosen: true, ..Choice::new("LOA IPUH", "LOA IPUH") },
                Choice::new("TIMBAU", "TIMBAU"),
            ],
            begun: false,
            rows: vec![row(1, "MARIAM", "TGR-01"), row(2, "MARDIANA", "TGR-01"), row(3, "SUMARNI", "KTB-01")],
            total: Some(1_003),
            next: Some("DEMO-000003".into()),
        }
    }
}
