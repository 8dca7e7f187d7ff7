//! What a file of households would do: its rows with their reasons.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use super::intake::IntakeCounts;
use crate::domain::time::Language;
use crate::words::Value;

/// `/intakes/{id}`
#[derive(Debug, Template)]
#[template(path = "intake.html", config = "assets/pages/askama.toml")]
pub struct Intake {
    /// Surroundings.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file_name: String,
    /// The sheet that was read; empty for a text file.
    pub sheet: String,
    /// The programme's name.
    pub programme: String,
    /// Its id, once the list was applied and this person may go on with it.
    pub go_on: Option<String>,
    /// Not one row has a NIK: the list has no such column.
    pub without_nik: bool,
    /// Who uploaded it.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: String,
    /// The code of its state.
    pub state: String,
    /// While it is being applied: rows done, of how many.
    pub underway: Option<(i64, i64)>,
    /// It was to be applied, that failed, and nothing was changed.
    pub not_applied: bool,
    /// Who applied it and when, in words.
    pub decided: Option<String>,
    /// Its counts.
    pub counts: IntakeCounts,
    /// Headings that are not known.
    pub ignored: Vec<String>,
    /// Rows of family members that were left out.
    pub members_left_out: i64,
    /// Whether this person may apply it now.
    pub may_apply: bool,
    /// Whether this person uploaded it, and so may not.
    pub own: bool,
    /// Whether this person may have the rows as a file.
    pub may_download: bool,
    /// Whether this person may throw it away now.
    pub may_discard: bool,
    /// Spellings of places that wait for somebody to confirm what is meant.
    pub spellings: Vec<Spelling>,
    /// Whether this person may confirm them now.
    pub may_confirm: bool,
    /// What is shown of the rows.
    pub filter: RowsFilter,
    /// How many rows the filter lets through.
    pub found: i64,
    /// The rows of this page.
    pub rows: Vec<IntakeRow>,
    /// Path and query of the next page.
    pub next: Option<String>,
}

/// What is shown of the rows.
#[derive(Debug, Clone, Default)]
pub struct RowsFilter {
    /// The outcome, if not all.
    pub outcome: Option<String>,
    /// Only rows with a warning.
    pub warnings: bool,
    /// Kinds of findings, with how many rows.
    pub kinds: Vec<Choice>,
    /// Villages, with how many rows.
    pub villages: Vec<Choice>,
    /// The rest of the query without the outcome, for the links of the outcomes; begins with `&` unless empty.
    pub rest: String,
    /// Whether anything is filtered besides the outcome.
    pub narrowed: bool,
}

/// A spelling and what may be meant.
#[derive(Debug, Clone)]
pub struct Spelling {
    /// Its number on the page.
    pub number: usize,
    /// The sub-district as written.
    pub sub_district: String,
    /// The village as written; empty when the sub-district alone is asked about.
    pub village: String,
    /// How many rows write it.
    pub rows: i64,
    /// What may be meant, by code.
    pub candidates: Vec<Choice>,
}

impl Spelling {
    /// What is written, in one text.
    #[must_use]
    pub fn written(&self) -> String {
        if self.village.is_empty() {
            self.sub_district.clone()
        } else {
            format!("{}, {}", self.village, self.sub_district)
        }
    }
}

/// A row of the file.
#[derive(Debug, Clone)]
pub struct IntakeRow {
    /// Where it stands in the file.
    pub line: i64,
    /// The source's id.
    pub source_id: String,
    /// The head of the household.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, village, sub-district.
    pub address: String,
    /// The point's code.
    pub point: String,
    /// The code of the outcome.
    pub outcome: String,
    /// Why it is rejected, in words.
    pub errors: Vec<String>,
    /// What is odd, in words.
    pub warnings: Vec<String>,
    /// What changes on a household that is known.
    pub changes: Vec<Change>,
    /// What was put right in the row.
    pub corrections: Vec<Change>,
}

/// A value before and after.
#[derive(Debug, Clone)]
pub struct Change {
    /// What the column is called.
    pub column: String,
    /// What was there; empty for nothing.
    pub before: String,
    /// What is there then; empty for nothing.
    pub after: String,
}

impl Intake {
    /// `3.000 dari 6.000 baris`
    #[must_use]
    pub fn progress(&self, done: &i64, all: &i64) -> String {
        let number = |number: &i64| Value::from(self.frame.number(number));
        self.frame.words.with("applying-of", &[("done", number(done)), ("all", number(all))])
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let change = |column: &str, before: &str, after: &str| Change {
            column: column.into(),
            before: before.into(),
            after: after.into(),
        };
        let row = |line, name: &str, outcome: &str, errors: &[&str], warnings: &[&str]| IntakeRow {
            line,
            source_id: format!("P3KE-64030{line:04}"),
            name: name.into(),
            nik_masked: "6402 **** **** 0001".into(),
            address: "LOA IPUH, TENGGARONG".into(),
            point: "TGR-01".into(),
            outcome: outcome.into(),
            errors: errors.iter().map(|&reason| reason.into()).collect(),
            warnings: warnings.iter().map(|&reason| reason.into()).collect(),
            changes: Vec::new(),
            corrections: Vec::new(),
        };
        let mut changed = row(3, "ABDUL GANI BIN H. MUHAMMAD ARSYAD", "changed", &[], &[]);
        changed.changes = vec![change("alamat", "RT 012", "RT 014"), change("no_kk", "", "6402********0004")];
        let mut corrected = row(5, "SITI MARDIANA", "new", &[], &["kecamatan: disesuaikan"]);
        corrected.corrections = vec![change("kecamatan", "SAMBOJA", "SAMBOJA BARAT")];
        Self {
            frame: Frame::sample(language, "verifier", Place::Intakes),
            id: "0190-i2".into(),
            file_name: "penerima-tenggarong.xlsx".into(),
            sheet: "Sheet1".into(),
            programme: "Bantuan Pangan Lansia 2026".into(),
            go_on: None,
            without_nik: true,
            uploaded_by: "Rahmat Hidayat".into(),
            uploaded_at: "23-11-2026 09.12 WITA".into(),
            state: "waiting".into(),
            underway: None,
            not_applied: false,
            decided: None,
            counts: IntakeCounts { new: 812, changed: 14, same: 3, rejected: 6, warnings: 21 },
            ignored: vec!["Jenis Atap".into(), "Sumber Air Minum".into()],
            members_left_out: 120,
            may_apply: true,
            own: false,
            may_download: true,
            may_discard: false,
            spellings: vec![Spelling {
                number: 0,
                sub_district: "SEMBOJA".into(),
                village: String::new(),
                rows: 43,
                candidates: vec![Choice::new("64.02.13", "SAMBOJA")],
            }],
            may_confirm: true,
            filter: RowsFilter {
                kinds: vec![Choice::new("nik_length", "NIK harus 16 digit (6)")],
                villages: vec![Choice::new("LOA IPUH, TENGGARONG", "LOA IPUH, TENGGARONG (12)")],
                ..RowsFilter::default()
            },
            found: 835,
            rows: vec![
                row(2, "RUSMINI", "new", &[], &[]),
                changed,
                row(4, "MARIAM", "rejected", &["NIK 15 angka, harus 16: perbaiki di berkas sumber"], &[]),
                corrected,
            ],
            next: Some("/intakes/0190-i2?after=5".into()),
        }
    }
}
