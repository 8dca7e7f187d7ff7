//! A file whose columns somebody has to point out.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// `/intakes/parked/{id}`
#[derive(Debug, Template)]
#[template(path = "mapping.html", config = "assets/pages/askama.toml")]
pub struct Mapping {
    /// Surroundings.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file_name: String,
    /// Why it could not be read by itself, in words.
    pub error: Option<String>,
    /// The sheets to choose from; none for a text file.
    pub sheets: Vec<Choice>,
    /// The sheet that is shown.
    pub sheet: String,
    /// The rows to choose the headings from.
    pub first_rows: Vec<FirstRow>,
    /// The row in which the headings stand, as far as it is known.
    pub header_row: Option<u32>,
    /// The headings of that row.
    pub headings: Vec<Heading>,
    /// The village of all rows.
    pub village: String,
    /// The sub-district of all rows.
    pub sub_district: String,
    /// Whether ids are to be made up.
    pub make_ids: bool,
}

/// One of the first rows, masked.
#[derive(Debug, Clone)]
pub struct FirstRow {
    /// Its number in the file.
    pub number: u32,
    /// Its cells in one line.
    pub text: String,
    /// Whether the headings are taken from it.
    pub chosen: bool,
}

/// A heading and what it may be.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Its place in the row.
    pub place: usize,
    /// As it stands there.
    pub text: String,
    /// Values below it, masked.
    pub samples: Vec<String>,
    /// The columns to choose from.
    pub columns: Vec<Choice>,
    /// Whether it is recognised beyond doubt.
    pub sure: bool,
    /// What it corrects, in words, when it does; then there is nothing to choose.
    pub corrects: Option<String>,
}

impl Mapping {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let columns = |chosen: &str| {
            [("", "–"), ("nik", "NIK"), ("nama_penerima", "Nama")]
                .map(|(value, label)| Choice { chosen: value == chosen, ..Choice::new(value, label) })
                .to_vec()
        };
        let heading = |place, text: &str, sample: &str, chosen: &str| Heading {
            place,
            text: text.into(),
            samples: vec![sample.into()],
            columns: columns(chosen),
            sure: false,
            corrects: None,
        };
        Self {
            frame: Frame::sample(language, "registrar", Place::Intakes),
            id: "0190-i3".into(),
            file_name: "daftar-desa.xlsx".into(),
            error: Some("…".into()),
            sheets: vec![Choice::new("Sheet1", "Sheet1"), Choice::new("RT 02", "RT 02")],
            sheet: "Sheet1".into(),
            first_rows: vec![
                FirstRow { number: 1, text: "DAFTAR LANSIA".into(), chosen: false },
                FirstRow { number: 3, text: "NO · NAMA · NO KTP".into(), chosen: true },
            ],
            header_row: Some(3),
            headings: vec![
                heading(1, "NAMA", "Xxxxx", "nama_penerima"),
                Heading { sure: true, ..heading(2, "NIK", "6402********0001", "nik") },
                Heading { corrects: Some("NIK".into()), ..heading(3, "NIK_perbaikan", "…", "") },
            ],
            village: "LOA IPUH".into(),
            sub_district: String::new(),
            make_ids: true,
        }
    }
}
