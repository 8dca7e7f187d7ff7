//! Documents of a round: those that were made, and making one.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use super::ledger::SavedViews;
use crate::domain::document::{AbsenceReason, Kind};
use crate::domain::time::Language;

/// `/rounds/{id}/documents`
#[derive(Debug, Template)]
#[template(path = "documents.html", config = "assets/pages/askama.toml")]
pub struct Documents {
    /// Surroundings.
    pub frame: Frame,
    /// The round's id.
    pub round_id: String,
    /// The round's name.
    pub round: String,
    /// The programme's name.
    pub programme: String,
    /// Why something did not work.
    pub error: Option<String>,
    /// Whether this person may make documents.
    pub may_make: bool,
    /// Whether this person may note why a household has not come.
    pub may_note: bool,
    /// The points of the round.
    pub points: Vec<Choice>,
    /// The kind that is shown, or all.
    pub kind: String,
    /// The documents.
    pub rows: Vec<DocumentRow>,
    /// The `after` of the next page.
    pub next: Option<String>,
    /// The views of the list that this person keeps.
    pub saved: SavedViews,
}

/// A document that was made.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    /// Its id.
    pub id: String,
    /// The code of its kind.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// The point's code.
    pub point: Option<String>,
    /// The session.
    pub session: Option<i64>,
    /// Its cut-off, in words.
    pub cut_off: String,
    /// How many lines it has.
    pub lines: i64,
    /// The first signs of its hash.
    pub hash: String,
    /// Who made it.
    pub made_by: String,
    /// When, in words.
    pub made_at: String,
}

impl Documents {
    /// The kinds to choose from.
    #[must_use]
    pub fn kinds(&self) -> Vec<Choice> {
        Kind::ALL
            .into_iter()
            .filter(|kind| kind.is_made())
            .map(|kind| Choice {
                value: kind.as_str().to_owned(),
                label: self.frame.of_list("document", kind.as_str()),
                chosen: kind.as_str() == self.kind,
            })
            .collect()
    }

    /// The reasons to choose from.
    #[must_use]
    pub fn reasons(&self) -> Vec<Choice> {
        AbsenceReason::ALL
            .into_iter()
            .map(|reason| Choice::new(reason.as_str(), self.frame.of_list("absence", reason.as_str())))
            .collect()
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |kind: Kind, serial: i32, point: Option<&str>, lines| DocumentRow {
            id: format!("0190-d{serial}"),
            kind: kind.as_str().into(),
            number: crate::domain::document::number(serial, kind, "DINSOS", "LANSIA-26", 1, 2026),
            point: point.map(str::to_owned),
            session: None,
            cut_off: "23-11-2026 16.00 WITA".into(),
            lines,
            hash: "4be1 90c2 77ad 0153".into(),
            made_by: "Rina Marlina".into(),
            made_at: "23-11-2026 16.02 WITA".into(),
        };
        Self {
            frame: Frame::sample(language, "coordinator", Place::Rounds),
            round_id: "0190-r".into(),
            round: "Tahap 1 / 2026".into(),
            programme: "Bantuan Pangan Lansia 2026".into(),
            error: None,
            may_make: true,
            may_note: true,
            points: vec![Choice::new("TGR-01", "TGR-01 · Kantor Camat Tenggarong")],
            kind: String::new(),
            rows: vec![
                row(Kind::Handover, 1, Some("TGR-01"), 6),
                row(Kind::ReceiptList, 1, Some("TGR-01"), 251),
                row(Kind::Register, 2, None, 14),
            ],
            next: Some("0190-d1".into()),
            saved: SavedViews { page: Some("documents"), here: "/rounds/0190-r/documents".into(), kept: Vec::new() },
        }
    }
}
