//! Workbooks out: the one place that writes XLSX. A list goes out as a plain table, a document with its head
//! and its sums, and for an intake the template and the rows to mend.
//!
//! What all of them hold to stands here: a text is written as a text, so that no NIK loses a digit and nothing
//! is ever a formula; columns of texts stay columns of texts for what is typed into them later; and all of it
//! is made in memory, because these are persons and a temporary file would stay behind; only a table of very many
//! rows passes through a file that has no name.

mod document;
mod intake;
mod table;

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

pub use self::document::document_to_xlsx;
pub use self::intake::{alasan_csv, alasan_xlsx, template_xlsx};
pub use self::table::TableBook;

/// The longest name of a sheet, in characters.
const NAME_MAX: usize = 31;
/// The most signs of a cell that are written; Excel's own bound is 32,767 UTF-16 units.
const CELL_MAX: usize = 8_000;

/// The format of a text: `@` keeps sixteen digits whole, and leading zeros where they are.
fn text_format() -> Format {
    Format::new().set_num_format("@")
}

/// A caption as the name of a sheet, or what stands in for it when nothing is left.
fn sheet_name(caption: &str, otherwise: &str) -> String {
    let name: String = caption.chars().filter(|sign| !"[]:*?/\\'".contains(*sign)).take(NAME_MAX).collect();
    if name.trim().is_empty() { otherwise.to_owned() } else { name }
}

/// Writes texts beside each other. Empty ones are left out: their column's format is enough.
fn write_texts<'a>(
    sheet: &mut Worksheet,
    row: u32,
    cells: impl Iterator<Item = &'a str>,
    format: &Format,
) -> Result<(), XlsxError> {
    for (place, cell) in (0_u16..).zip(cells) {
        if !cell.is_empty() {
            let bounded: String =
                if cell.len() > CELL_MAX { cell.chars().take(CELL_MAX).collect() } else { cell.to_owned() };
            sheet.write_string_with_format(row, place, bounded, format)?;
        }
    }
    Ok(())
}
