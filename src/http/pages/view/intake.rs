//! Files of households: upload, and which there are.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// `/intakes`
#[derive(Debug, Template)]
#[template(path = "intakes.html", config = "assets/pages/askama.toml")]
pub struct Intakes {
    /// Surroundings.
    pub frame: Frame,
    /// Whether this person may upload.
    pub may_upload: bool,
    /// Programmes to upload for.
    pub programmes: Vec<Choice>,
    /// Why the last file was refused, in words.
    pub error: Option<String>,
    /// The files, newest first.
    pub rows: Vec<IntakeLine>,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// A file in the list.
#[derive(Debug, Clone)]
pub struct IntakeLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub file_name: String,
    /// The programme's name.
    pub programme: String,
    /// Who uploaded it.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: String,
    /// The code of its state.
    pub state: String,
    /// Its counts.
    pub counts: IntakeCounts,
}

/// Each row is in exactly one of the first four; warnings are counted besides.
#[derive(Debug, Clone, Copy, Default)]
pub struct IntakeCounts {
    /// Not known before.
    pub new: i64,
    /// Known, with other data.
    pub changed: i64,
    /// Known and equal.
    pub same: i64,
    /// Cannot be taken.
    pub rejected: i64,
    /// Rows with a warning.
    pub warnings: i64,
}

impl IntakeCounts {
    /// All rows.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.new + self.changed + self.same + self.rejected
    }

    /// Outcome codes with their counts.
    #[must_use]
    pub const fn by_outcome(&self) -> [(&'static str, i64); 4] {
        [("new", self.new), ("changed", self.changed), ("same", self.same), ("rejected", self.rejected)]
    }
}

impl Intakes {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "registrar", Place::Intakes),
            may_upload: true,
            programmes: vec![Choice::new("0190-p", "Bantuan Pangan Lansia 2026")],
            error: None,
            rows: vec![
                IntakeLine {
                    id: "0190-i2".into(),
                    file_name: "penerima-tenggarong.xlsx".into(),
                    programme: "Bantuan Pangan Lansia 2026".into(),
                    uploaded_by: "Rahmat Hidayat".into(),
                    uploaded_at: "23-11-2026 09.12".into(),
                    state: "waiting".into(),
                    counts: IntakeCounts { new: 812, changed: 14, same: 3, rejected: 6, warnings: 21 },
                },
                IntakeLine {
                    id: "0190-i1".into(),
                    file_name: "penerima-contoh.csv".into(),
                    programme: "Bantuan Pangan Lansia 2026".into(),
                    uploaded_by: "Rahmat Hidayat".into(),
                    uploaded_at: "20-11-2026 14.40".into(),
                    state: "applied".into(),
                    counts: IntakeCounts { new: 10, ..IntakeCounts::default() },
                },
            ],
            next: Some("0190-i1".into()),
        }
    }
}
