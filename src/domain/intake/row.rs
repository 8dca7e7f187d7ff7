//! A row as it stands in a file, before anything is made of it.

use std::fmt;

use super::Column;

/// What a cell was in the file. A NIK that was a number has lost its 16th digit, though it may not look so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellForm {
    /// A text.
    Text,
    /// A number of a workbook.
    Number,
    /// A date of a workbook, given here as `yyyy-mm-dd`.
    Date,
}

/// One cell of a row, as it stood in the file.
#[derive(Clone, PartialEq, Eq)]
pub struct RawCell {
    /// Where it belongs.
    pub column: Column,
    /// What stands in it, as text.
    pub text: String,
    /// What it was.
    pub form: CellForm,
}

/// One row of a file, with a cell for every known column that the file has.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRow {
    /// The number of the row in the file, as a spreadsheet program shows it; for a text file, the line.
    pub number: u32,
    /// Its cells.
    pub cells: Vec<RawCell>,
}

impl RawRow {
    /// The cell of a column, when the file has that column.
    #[must_use]
    pub fn cell(&self, column: Column) -> Option<&RawCell> {
        self.cells.iter().find(|cell| cell.column == column)
    }
}

/// Says nothing of the content, which is personal.
impl fmt::Debug for RawCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: …", self.column.heading())
    }
}

/// Says nothing of the content, which is personal.
impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRow {} of {} cells", self.number, self.cells.len())
    }
}
