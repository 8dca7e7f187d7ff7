//! Points: the list, and one with its villages.

use askama::Template;

use super::fields::Fields;
use super::frame::{Frame, Place};
use super::pause::Pauses;
use crate::domain::time::Language;

/// `/points`
#[derive(Debug, Template)]
#[template(path = "points.html", config = "assets/pages/askama.toml")]
pub struct Points {
    /// Surroundings.
    pub frame: Frame,
    /// The points.
    pub rows: Vec<PointRow>,
    /// Whether this person may add one.
    pub may_manage: bool,
    /// Why it was not added.
    pub error: Option<String>,
    /// What was typed.
    pub typed: Fields,
}

/// A point in a list.
#[derive(Debug, Clone)]
pub struct PointRow {
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its sub-district.
    pub sub_district: String,
    /// How many desks.
    pub desks: i64,
    /// How many households a session takes.
    pub session_size: i64,
    /// How many villages it serves.
    pub villages: i64,
    /// Whether it stands still.
    pub paused: bool,
}

impl Points {
    /// Desks and villages over all points.
    #[must_use]
    pub fn totals(&self) -> (i64, i64) {
        self.rows.iter().fold((0, 0), |sum, row| (sum.0 + row.desks, sum.1 + row.villages))
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "admin", Place::Points),
            rows: vec![PointRow {
                id: "0190-t".into(),
                code: "TGR-01".into(),
                name: "Kantor Camat Tenggarong".into(),
                sub_district: "TENGGARONG".into(),
                desks: 2,
                session_size: 40,
                villages: 3,
                paused: true,
            }],
            may_manage: true,
            error: None,
            typed: Fields::default(),
        }
    }
}

/// `/points/{id}`
#[derive(Debug, Template)]
#[template(path = "point.html", config = "assets/pages/askama.toml")]
pub struct Point {
    /// Surroundings.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its sub-district.
    pub sub_district: String,
    /// How many desks.
    pub desks: String,
    /// How many households a session takes.
    pub session_size: String,
    /// Official villages of its sub-district, and those that it serves.
    pub villages: Vec<VillageRow>,
    /// Its pauses.
    pub pauses: Pauses,
    /// Whether this person may change it.
    pub may_manage: bool,
    /// Why a change was not accepted.
    pub error: Option<String>,
}

/// A village that may be served.
#[derive(Debug, Clone)]
pub struct VillageRow {
    /// Its official code.
    pub code: String,
    /// Its name, or nothing when the official list does not know it.
    pub name: String,
    /// Whether this point serves it.
    pub served: bool,
    /// The code of another point that serves it.
    pub elsewhere: Option<String>,
}

impl Point {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let village = |code: &str, name: &str, served, elsewhere: Option<&str>| VillageRow {
            code: code.into(),
            name: name.into(),
            served,
            elsewhere: elsewhere.map(str::to_owned),
        };
        Self {
            frame: Frame::sample(language, "admin", Place::Points),
            id: "0190-t".into(),
            code: "TGR-01".into(),
            name: "Kantor Camat Tenggarong".into(),
            sub_district: "TENGGARONG".into(),
            desks: "2".into(),
            session_size: "40".into(),
            villages: vec![
                village("64.02.06.1002", "LOA IPUH", true, None),
                village("64.02.06.1004", "TIMBAU", false, Some("TGR-02")),
                village("64.02.06.1009", "", false, None),
            ],
            pauses: Pauses::sample("point", true),
            may_manage: true,
            error: Some("x".into()),
        }
    }
}
