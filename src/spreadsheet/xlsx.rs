//! Workbooks of Excel since 2007, through calamine. Their archive has been weighed before.

use std::borrow::Cow;
use std::io::BufReader;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx};

use crate::domain::intake::{CellForm, FileFault};

use super::book::{Book, Cell, Each};
use super::zip_weight::damaged;
use super::{FileKind, Source};

/// Most cells of a row: Excel has no more columns.
const CELLS_MAX: u32 = 16_384;

/// A workbook.
pub(super) struct XlsxBook {
    book: Xlsx<BufReader<Source>>,
}

impl XlsxBook {
    pub(super) fn new(source: Source) -> Result<Self, FileFault> {
        let book = Xlsx::new(BufReader::new(source)).map_err(|error| match error {
            calamine::XlsxError::Password => FileFault::Protected,
            _ => FileFault::Damaged,
        })?;
        Ok(Self { book })
    }
}

impl Book for XlsxBook {
    fn kind(&self) -> FileKind {
        FileKind::Xlsx
    }

    fn sheets(&self) -> Vec<String> {
        self.book
            .sheets_metadata()
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
            .map(|sheet| sheet.name.clone())
            .collect()
    }

    fn walk(&mut self, sheet: &str, each: &mut Each<'_>) -> Result<(), FileFault> {
        let mut cells = self.book.worksheet_cells_reader(sheet).map_err(damaged)?;
        let (mut below, mut of_row) = (0, 0_u32);
        while let Some(found) = cells.next_cell().map_err(damaged)? {
            let (row, place) = found.get_position();
            // A row that goes on for ever keeps its reader busy for ever.
            of_row = if row == below { of_row + 1 } else { 1 };
            below = row;
            if of_row > CELLS_MAX {
                return Err(FileFault::Damaged);
            }
            let cell = cell(found.get_value());
            if !cell.is_blank() && !each(row.saturating_add(1), place as usize, cell)? {
                break;
            }
        }
        Ok(())
    }
}

/// The text of a cell, and what it was. A number is written in full, never in scientific notation.
fn cell<'a>(value: &'a DataRef<'_>) -> Cell<'a> {
    let owned = |text: String, form| Cell { text: Cow::Owned(text), form };
    let text = |text: &'a str| Cell { text: Cow::Borrowed(text), form: CellForm::Text };
    match value {
        DataRef::Empty => text(""),
        DataRef::String(found) => text(found),
        DataRef::SharedString(found) => text(found),
        DataRef::Bool(true) => text("TRUE"),
        DataRef::Bool(false) => text("FALSE"),
        DataRef::Int(number) => owned(number.to_string(), CellForm::Number),
        DataRef::Float(number) => owned(number.to_string(), CellForm::Number),
        DataRef::DateTime(moment) if moment.is_datetime() && moment.as_f64() >= 1.0 => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            owned(format!("{year:04}-{month:02}-{day:02}"), CellForm::Date)
        }
        DataRef::DateTime(moment) => owned(moment.as_f64().to_string(), CellForm::Number),
        DataRef::DateTimeIso(found) => Cell { text: Cow::Borrowed(found), form: CellForm::Date },
        DataRef::DurationIso(found) => text(found),
        DataRef::Error(error) => owned(error.to_string(), CellForm::Text),
    }
}
