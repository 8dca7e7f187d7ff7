//! Tables out, as a workbook: every cell a text, so that no NIK loses a digit and nothing is a formula.

use rust_xlsxwriter::{Format, Workbook};

/// The longest name of a sheet, in characters.
const SHEET_MAX: usize = 31;

/// A table as a workbook of one sheet: the headings in bold, then the rows. Every cell is a text and is
/// formatted as one, so that a number typed over it later stays a text too.
pub fn table_to_xlsx(sheet: &str, headings: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, String> {
    let broken = |error: rust_xlsxwriter::XlsxError| error.to_string();
    let mut book = Workbook::new();
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_bold().set_num_format("@");
    let page = book.add_worksheet_with_constant_memory().map_err(broken)?;
    let name: String = sheet.chars().filter(|sign| !"[]:*?/\\'".contains(*sign)).take(SHEET_MAX).collect();
    page.set_name(if name.is_empty() { "Data" } else { &name }).map_err(broken)?;
    page.set_freeze_panes(1, 0).map_err(broken)?;
    for column in 0..headings.len() {
        let column = u16::try_from(column).map_err(|error| error.to_string())?;
        page.set_column_width(column, 18).map_err(broken)?;
        page.set_column_format(column, &text).map_err(broken)?;
    }
    let mut write = |row: usize, cells: &mut dyn Iterator<Item = &str>, format: &Format| -> Result<(), String> {
        let row = u32::try_from(row).map_err(|error| error.to_string())?;
        for (column, cell) in cells.enumerate() {
            let column = u16::try_from(column).map_err(|error| error.to_string())?;
            page.write_string_with_format(row, column, cell, format).map_err(broken)?;
        }
        Ok(())
    };
    write(0, &mut headings.iter().copied(), &bold)?;
    for (place, cells) in rows.iter().enumerate() {
        write(place + 1, &mut cells.iter().map(String::as_str), &text)?;
    }
    book.save_to_buffer().map_err(broken)
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
        assert!(book.worksheet_formula("SK 1 xy").unwrap().used_cells().next().is_none());
    }
}
