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
    /// Whether it puts right what stands in the cell of the same column, as `NIK_perbaikan` does.
    pub corrects: bool,
}

impl RawCell {
    /// A text that was typed.
    #[must_use]
    pub const fn typed(column: Column, text: String) -> Self {
        Self { column, text, form: CellForm::Text, corrects: false }
    }
}

/// One row of a file, with a cell for every known column that the file has.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRow {
    /// The number of the row in the file, as a spreadsheet program shows it; for a text file, the line.
    pub number: u32,
    /// Its cells, in the order of [`Rows::headings`](crate::spreadsheet::Rows::headings): as given in the
    /// file, so that it can be written again with the reason beside it.
    pub cells: Vec<RawCell>,
    /// The row stands for a family of which the file has members, but no head.
    pub headless: bool,
}

impl RawRow {
    /// A row by itself.
    #[must_use]
    pub const fn new(number: u32, cells: Vec<RawCell>) -> Self {
        Self { number, cells, headless: false }
    }

    /// The original cell of a column, when the file has that column.
    #[must_use]
    pub fn cell(&self, column: Column) -> Option<&RawCell> {
        // Most files are of our template, where a cell stands at the place of its column.
        match self.cells.get(column as usize) {
            Some(cell) if cell.column == column && !cell.corrects => Some(cell),
            _ => self.cells.iter().find(|cell| cell.column == column && !cell.corrects),
        }
    }

    /// The cell that puts a column right, when something stands in it.
    #[must_use]
    pub fn correction(&self, column: Column) -> Option<&RawCell> {
        self.cells.iter().find(|cell| cell.column == column && cell.corrects && !cell.text.trim().is_empty())
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
