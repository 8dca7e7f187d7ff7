//! The form of a package: its lines, and what they add up to.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::package::Unit;
use crate::domain::time::Language;

/// `/programmes/{id}/package`
#[derive(Debug, Template)]
#[template(path = "package.html", config = "assets/pages/askama.toml")]
pub struct PackageForm {
    /// Surroundings.
    pub frame: Frame,
    /// The programme's id.
    pub programme: String,
    /// Its name.
    pub programme_name: String,
    /// The package's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The version that saving makes.
    pub version: i64,
    /// The lines, with empty ones at the end.
    pub lines: Vec<Line>,
    /// What the lines add up to.
    pub sum: i64,
    /// Why it was not saved.
    pub error: Option<String>,
}

/// A line as typed.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of the base unit.
    pub unit: String,
    /// How many packs.
    pub packs: String,
    /// What a pack is called.
    pub pack_name: String,
    /// How many base units a pack has.
    pub pack_size: String,
    /// What a pack costs.
    pub price: String,
    /// What the line comes to; nothing while it cannot be said.
    pub amount: Option<i64>,
}

impl PackageForm {
    /// The units to choose from, with that of the line chosen.
    #[must_use]
    pub fn units(&self, line: &Line) -> Vec<Choice> {
        let choice = |unit: Unit| Choice {
            value: unit.as_str().to_owned(),
            label: self.frame.of_list("unit", unit.as_str()),
            chosen: unit.as_str() == line.unit,
        };
        Unit::ALL.into_iter().map(choice).collect()
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let line = Line {
            code: "beras".into(),
            name: "Beras premium".into(),
            unit: "gram".into(),
            packs: "15".into(),
            pack_name: "kg".into(),
            pack_size: "1000".into(),
            price: "16.000".into(),
            amount: Some(240_000),
        };
        Self {
            frame: Frame::sample(language, "admin", Place::Programmes),
            programme: "0190-p".into(),
            programme_name: "Bantuan Sembako".into(),
            code: "SEMBAKO-A".into(),
            name: "Paket Sembako A".into(),
            version: 2,
            lines: vec![line, Line::default(), Line::default()],
            sum: 240_000,
            error: Some("x".into()),
        }
    }
}
