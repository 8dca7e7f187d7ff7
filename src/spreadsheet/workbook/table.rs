//! A plain table as a workbook of one sheet.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::{sheet_name, text_format, write_texts};

/// A table of more rows is not held in memory while it is written. Its cells then pass through a file without a
/// name: nothing else can open it, and the system takes it back when the workbook is done or the program ends.
const HELD_MAX: u64 = 10_000;

/// A table as a workbook of one sheet, written row by row: the headings in bold, then the rows. Every cell is a
/// text and is formatted as one, so that a number typed over it later stays a text too. Errors are sentences for
/// the log.
pub struct TableBook {
    book: Workbook,
    text: Format,
    row: u32,
}

impl std::fmt::Debug for TableBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TableBook({})", self.row)
    }
}

impl TableBook {
    /// A table under these headings, of about so many rows.
    pub fn begin(name: &str, headings: &[&str], rows: u64) -> Result<Self, String> {
        Self::build(name, headings, rows).map_err(|error| error.to_string())
    }

    fn build(name: &str, headings: &[&str], rows: u64) -> Result<Self, XlsxError> {
        let mut book = Workbook::new();
        let (text, bold) = (text_format(), text_format().set_bold());
        let sheet = if rows > HELD_MAX { book.add_worksheet_with_constant_memory()? } else { book.add_worksheet() };
        sheet.set_name(sheet_name(name, "Data"))?;
        sheet.set_freeze_panes(1, 0)?;
        for (place, _) in (0_u16..).zip(headings) {
            sheet.set_column_width(place, 18)?;
            sheet.set_column_format(place, &text)?;
        }
        write_texts(sheet, 0, headings.iter().copied(), &bold)?;
        Ok(Self { book, text, row: 0 })
    }

    /// The next row.
    pub fn push(&mut self, cells: &[String]) -> Result<(), String> {
        self.row += 1;
        let sheet = self.book.worksheet_from_index(0).map_err(|error| error.to_string())?;
        let cells = cells.iter().map(String::as_str);
        write_texts(sheet, self.row, cells, &self.text).map_err(|error| error.to_string())
    }

    /// The workbook.
    pub fn finish(mut self) -> Result<Vec<u8>, String> {
        self.book.save_to_buffer().map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, Xlsx};

    use super::*;

    #[test]
    fn every_cell_is_a_text_however_many_rows_there_are() {
        let rows = [vec!["6402995205510001".to_owned(), "=1+1".to_owned()], vec!["014".to_owned(), String::new()]];
        for about in [2, HELD_MAX + 1] {
            let mut book = TableBook::begin("SK [1]: x/y", &["nik", "nama"], about).unwrap();
            rows.iter().for_each(|row| book.push(row).unwrap());
            let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(book.finish().unwrap())).unwrap();
            assert_eq!(book.sheet_names(), ["SK 1 xy"]);
            let range = book.worksheet_range("SK 1 xy").unwrap();
            assert_eq!(range.get((0, 1)), Some(&Data::String("nama".into())));
            assert_eq!(range.get((1, 0)), Some(&Data::String("6402995205510001".into())));
            assert_eq!(range.get((1, 1)), Some(&Data::String("=1+1".into())));
            assert_eq!(range.get((2, 0)), Some(&Data::String("014".into())));
            assert!(book.worksheet_formula("SK 1 xy").unwrap().used_cells().next().is_none());
        }
        assert_eq!(sheet_name("[]", "Data"), "Data");
    }
}
