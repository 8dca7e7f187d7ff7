//! What a file looks like, for a person who points out its columns.

use crate::domain::intake::{Column, FileFault};

use super::{Choice, FileKind, Source};

/// What a file looks like. All samples are masked: they show shapes, not persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// What the file is.
    pub kind: FileKind,
    /// Its visible sheets with something in them, in its order. A text file has one, without a name.
    pub sheets: Vec<SheetSurvey>,
}

/// What one sheet looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetSurvey {
    /// Its name; empty for a text file.
    pub name: String,
    /// The row in which the headings seem to stand, counted from 1. Nothing, when no row looks like it.
    pub header_row: Option<u32>,
    /// The headings of that row, place by place, also the empty ones with something below them.
    pub headings: Vec<HeadingSurvey>,
    /// The first rows that are not blank, masked, to choose the headings from.
    pub first_rows: Vec<SampleRow>,
    /// The village that the letterhead seems to name.
    pub village: Option<String>,
    /// The sub-district that the letterhead seems to name.
    pub sub_district: Option<String>,
    /// The RT that the letterhead seems to name, as three digits.
    pub rt: Option<String>,
}

/// A heading and what it seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadingSurvey {
    /// Its place in the row, counted from 0.
    pub place: usize,
    /// The heading as it stands there, of two rows when cells are merged.
    pub text: String,
    /// Which column it seems to be.
    pub guess: Option<Column>,
    /// Whether that is beyond doubt.
    pub sure: bool,
    /// Whether it corrects another column, as `NIK_perbaikan` does.
    pub corrects: bool,
    /// Up to three values below it, masked.
    pub samples: Vec<String>,
}

/// One of the first rows of a sheet, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRow {
    /// Its number, counted from 1.
    pub number: u32,
    /// Its cells.
    pub cells: Vec<String>,
}

/// Looks at a file without reading its list. `choice` can name a sheet and the row of its headings; its
/// columns are not looked at.
pub fn survey(_file_name: &str, _source: impl Into<Source>, _choice: &Choice) -> Result<Survey, FileFault> {
    Err(FileFault::NoHeader)
}
