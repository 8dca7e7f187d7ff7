//! Decrees, the versions of the list that they fixed, and what changed between two.

use askama::Template;

use super::frame::{Frame, Place};
use super::verval::Tabs;
use crate::domain::time::Language;

/// `/programmes/{id}/lists`
#[derive(Debug, Template)]
#[template(path = "lists.html", config = "assets/pages/askama.toml")]
pub struct Lists {
    /// Surroundings.
    pub frame: Frame,
    /// The parts of verification.
    pub tabs: Tabs,
    /// The versions, newest first.
    pub rows: Vec<ListLine>,
    /// Whether this person may record a decree.
    pub may_fix: bool,
    /// How many households would be fixed, how many are undecided, how many pairs are open.
    pub approved: i64,
    /// Not decided yet.
    pub undecided: i64,
    /// Open suspicions.
    pub suspicions: i64,
    /// Why the last decree was refused, in words.
    pub error: Option<String>,
}

/// A version in the list of versions.
#[derive(Debug, Clone)]
pub struct ListLine {
    /// Its id.
    pub id: String,
    /// 1, 2, 3 …
    pub number: i64,
    /// Number of the decree.
    pub decree_no: String,
    /// Its date, in words.
    pub decree_date: String,
    /// How many households it names.
    pub households: i64,
    /// Who recorded it and when, in words.
    pub fixed: String,
    /// The version before: its number and its id.
    pub before: Option<(i64, String)>,
}

/// `/lists/{id}`
#[derive(Debug, Template)]
#[template(path = "list.html", config = "assets/pages/askama.toml")]
pub struct ListPage {
    /// Surroundings.
    pub frame: Frame,
    /// The parts of verification.
    pub tabs: Tabs,
    /// The version.
    pub list: ListLine,
    /// How many of its households live in each sub-district.
    pub places: Vec<(String, i64)>,
    /// The households of this page.
    pub rows: Vec<MemberRow>,
    /// The number behind which the next page begins.
    pub next: Option<String>,
}

/// A household of a version.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// Its place in the annex.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// The source's id.
    pub source_id: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, village, sub-district.
    pub place: String,
    /// Decile, or a dash.
    pub decile: String,
    /// Vulnerabilities.
    pub categories: String,
    /// The point's code, or a dash.
    pub point: String,
}

/// `/lists/{id}/difference`
#[derive(Debug, Template)]
#[template(path = "list_difference.html", config = "assets/pages/askama.toml")]
pub struct DifferencePage {
    /// Surroundings.
    pub frame: Frame,
    /// The parts of verification.
    pub tabs: Tabs,
    /// The older version.
    pub from: ListLine,
    /// The newer version.
    pub to: ListLine,
    /// How many households both name.
    pub kept: i64,
    /// The three parts: code, how many in all, the first of them.
    pub parts: Vec<(&'static str, i64, Vec<ChangeRow>)>,
    /// How many rows of a part are shown at most.
    pub shown: i64,
}

/// A household in which two versions differ.
#[derive(Debug, Clone)]
pub struct ChangeRow {
    /// Its name.
    pub name: String,
    /// The source's id.
    pub source_id: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, village, sub-district.
    pub place: String,
    /// Its point in the older version, or a dash.
    pub before: String,
    /// Its point in the newer version, or a dash.
    pub after: String,
    /// What was decided, why, by whom and when, in words.
    pub decision: String,
    /// The note beside.
    pub evidence: String,
}

impl ListLine {
    fn sample(number: i64) -> Self {
        Self {
            id: format!("0190-l{number}"),
            number,
            decree_no: format!("460/{}/2026", 100 + number),
            decree_date: "24 November 2026".into(),
            households: 950 + number,
            fixed: "Dewi Lestari, 24-11-2026 09.12 WITA".into(),
            before: (number > 1).then(|| (number - 1, format!("0190-l{}", number - 1))),
        }
    }
}

impl Lists {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "verifier", Place::Verval),
            tabs: Tabs::sample("lists"),
            rows: vec![ListLine::sample(2), ListLine::sample(1)],
            may_fix: true,
            approved: 980,
            undecided: 20,
            suspicions: 3,
            error: None,
        }
    }
}

impl ListPage {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |number: i64, name: &str| MemberRow {
            number,
            name: name.into(),
            source_id: format!("P3KE-{number:06}"),
            nik_masked: format!("6402 **** **** {number:04}"),
            place: "RT 014, LOA IPUH, TENGGARONG".into(),
            decile: "1".into(),
            categories: "LANSIA".into(),
            point: "TGR-01".into(),
        };
        Self {
            frame: Frame::sample(language, "auditor", Place::Verval),
            tabs: Tabs::sample("lists"),
            list: ListLine::sample(2),
            places: vec![("TENGGARONG".into(), 700), ("LOA KULU".into(), 252)],
            rows: vec![row(1, "RUSMINI"), row(2, "ABDUL HAMID")],
            next: Some("50".into()),
        }
    }
}

impl DifferencePage {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |name: &str, before: &str, after: &str| ChangeRow {
            name: name.into(),
            source_id: "P3KE-000007".into(),
            nik_masked: "6402 **** **** 0007".into(),
            place: "RT 014, LOA IPUH, TENGGARONG".into(),
            before: before.into(),
            after: after.into(),
            decision: "tidak layak: meninggal – Dewi Lestari, 24-11-2026".into(),
            evidence: "Surat Lurah 12/2026".into(),
        };
        Self {
            frame: Frame::sample(language, "auditor", Place::Verval),
            tabs: Tabs::sample("lists"),
            from: ListLine::sample(1),
            to: ListLine::sample(2),
            kept: 949,
            parts: vec![
                ("added", 2, vec![row("RUSMINI", "–", "TGR-01")]),
                ("removed", 1, vec![row("ABDUL HAMID", "TGR-01", "–")]),
                ("moved", 0, Vec::new()),
            ],
            shown: 1,
        }
    }
}

impl DifferencePage {
    /// The key of a part's heading.
    #[must_use]
    pub fn part_key(&self, part: &str) -> &'static str {
        match part {
            "added" => "difference-added",
            "removed" => "difference-removed",
            _ => "difference-moved",
        }
    }
}
