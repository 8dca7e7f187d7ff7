//! Placing households: the preview, who has no place, moving one; and overlap with other programmes.

use askama::Template;

use super::fields::Fields;
use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// `/programmes/{id}/placement`
#[derive(Debug, Template)]
#[template(path = "placement.html", config = "assets/pages/askama.toml")]
pub struct Placement {
    /// Surroundings.
    pub frame: Frame,
    /// The programme's id.
    pub programme: String,
    /// Its name.
    pub programme_name: String,
    /// Whether also those are placed anew who have a place.
    pub everybody: bool,
    /// Households that get a place, or another one.
    pub moved: i64,
    /// Households that stay where they are.
    pub stayed: i64,
    /// Of these, placed by hand.
    pub by_hand: i64,
    /// Households without a place.
    pub unplaced: i64,
    /// The first of these.
    pub named: Vec<UnplacedRow>,
    /// The points as they would be.
    pub points: Vec<SeatsRow>,
}

/// A household without a place.
#[derive(Debug, Clone)]
pub struct UnplacedRow {
    /// Its id.
    pub id: String,
    /// Its key in the source.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// RT, village and sub-district.
    pub address: String,
    /// The code of the reason.
    pub reason: &'static str,
}

/// A point with its sessions.
#[derive(Debug, Clone)]
pub struct SeatsRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many households.
    pub households: i64,
    /// A session with how many, and a text of how many at which desk.
    pub sessions: Vec<(i64, i64, String)>,
}

impl Placement {
    /// Households and sessions over all points.
    #[must_use]
    pub fn totals(&self) -> (i64, usize) {
        self.points.iter().fold((0, 0), |sum, row| (sum.0 + row.households, sum.1 + row.sessions.len()))
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "coordinator", Place::Programmes),
            programme: "0190-p".into(),
            programme_name: "Bantuan Sembako".into(),
            everybody: false,
            moved: 57,
            stayed: 940,
            by_hand: 2,
            unplaced: 3,
            named: vec![UnplacedRow {
                id: "0190-h".into(),
                source_id: "CONTOH-000001".into(),
                name: "RUSMINI".into(),
                address: "RT 014, LOA IPUH, TENGGARONG".into(),
                reason: "several_points",
            }],
            points: vec![SeatsRow {
                code: "TGR-01".into(),
                name: "Kantor Camat Tenggarong".into(),
                households: 57,
                sessions: vec![(1, 40, "20 + 20".into()), (2, 17, "9 + 8".into())],
            }],
        }
    }
}

/// `/programmes/{id}/households/{household}/place`: the part of a page that moves one household.
#[derive(Debug, Clone, Default)]
pub struct MoveForm {
    /// The programme's id.
    pub programme: String,
    /// The household's id.
    pub household: String,
    /// Where to go back to.
    pub back: String,
    /// The points.
    pub points: Vec<Choice>,
    /// Its session now.
    pub session: String,
    /// Its desk now.
    pub desk: String,
    /// Whether a paper is out that may have to be printed again.
    pub paper_out: bool,
}

/// A page with this form alone.
#[derive(Debug, Template)]
#[template(path = "move.html", config = "assets/pages/askama.toml")]
pub struct MoveHousehold {
    /// Surroundings.
    pub frame: Frame,
    /// The recipient's name.
    pub name: String,
    /// RT, village and sub-district.
    pub address: String,
    /// The form.
    pub moving: MoveForm,
    /// Why it was not moved.
    pub error: Option<String>,
    /// What was typed.
    pub typed: Fields,
}

impl MoveForm {
    /// A sample for tests.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            programme: "0190-p".into(),
            household: "0190-h".into(),
            back: "/programmes/0190-p/placement".into(),
            points: vec![Choice::new("0190-t", "TGR-01 · Kantor Camat Tenggarong")],
            session: "1".into(),
            desk: "1".into(),
            paper_out: true,
        }
    }
}

impl MoveHousehold {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "coordinator", Place::Programmes),
            name: "RUSMINI".into(),
            address: "RT 014, LOA IPUH, TENGGARONG".into(),
            moving: MoveForm::sample(),
            error: Some("x".into()),
            typed: Fields::default(),
        }
    }
}

/// `/programmes/{id}/overlaps`
#[derive(Debug, Template)]
#[template(path = "overlaps.html", config = "assets/pages/askama.toml")]
pub struct Overlaps {
    /// Surroundings.
    pub frame: Frame,
    /// The programme's id.
    pub programme: String,
    /// Its name.
    pub programme_name: String,
    /// How many households overlap at all.
    pub households: i64,
    /// Programme, agency and how many households.
    pub programmes: Vec<(String, String, i64)>,
    /// The households.
    pub rows: Vec<OverlapRow>,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// A household that others help too.
#[derive(Debug, Clone)]
pub struct OverlapRow {
    /// Its key in the source.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, village and sub-district.
    pub address: String,
    /// The other programmes with their agencies.
    pub others: Vec<String>,
}

impl Overlaps {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "coordinator", Place::Programmes),
            programme: "0190-p".into(),
            programme_name: "Bantuan Sembako".into(),
            households: 12,
            programmes: vec![("Pangan Lokal".into(), "Dinas Ketahanan Pangan".into(), 12)],
            rows: vec![OverlapRow {
                source_id: "CONTOH-000001".into(),
                name: "RUSMINI".into(),
                nik_masked: "6402 **** **** 0001".into(),
                address: "RT 014, LOA IPUH, TENGGARONG".into(),
                others: vec!["Pangan Lokal – Dinas Ketahanan Pangan".into()],
            }],
            next: Some("0190-h".into()),
        }
    }
}
