//! A plain table as a workbook of one sheet.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::{sheet_name, text_format, write_texts};

/// A table as a workbook of one sheet: the headings in bold, then the rows. Every cell is a text and is
/// formatted as one, so that a number typed over it later stays a text too. The error is a sentence for the log.
pub fn table_to_xlsx(sheet: &str, headings: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, String> {
    build(sheet, headings, rows).map_err(|error| error.to_string())
}

fn build(name: &str, headings: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (text, bold) = (text_format(), text_format().set_bold());
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(name, "Data"))?;
    sheet.set_freeze_panes(1, 0)?;
    for (place, _) in (0_u16..).zip(headings) {
        sheet.set_column_width(place, 18)?;
        sheet.set_column_format(place, &text)?;
    }
    write_texts(sheet, 0, headings.iter().copied(), &bold)?;
    for (row, cells) in (1_u32..).zip(rows) {
        write_texts(sheet, row, cells.iter().map(String::as_str), &text)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, Xlsx};

    use super::*;

    #[test]
    fn every_cell_is_a_text() {
        let rows = vec![vec!["6402995205510001".to_owned(), "=1+1".to_owned()], vec!["014".to_owned(), String::new()]];
        let bytes = table_to_xlsx("SK [1]: x/y", &["nik", "nama"], &rows).unwrap();
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["SK 1 xy"]);
        let range = book.worksheet_range("SK 1 xy").unwrap();
        assert_eq!(range.get((1, 0)), Some(&Data::String("6402995205510001".into())));
        assert_eq!(range.get((1, 1)), Some(&Data::String("=1+1".into())));
        assert_eq!(range.get((2, 0)), Some(&Data::String("014".into())));
        assert_eq!(super::super::sheet_name("[]", "Data"), "Data");
        assert!(book.worksheet_formula("SK 1 xy").unwrap().used_cells().next().is_none());
    }
}
