//! A document as a workbook: a sheet a table, what identifies people as text, figures as numbers, and at the
//! head of each sheet what the paper says there too.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError};

use super::sheet_name;
use crate::domain::document::{Cell, Document, Table};

/// The workbook of a document. `hash` is the line that says of what content it is. The error is a sentence for
/// the log.
pub fn document_to_xlsx(document: &Document, hash: &str) -> Result<Vec<u8>, String> {
    build(document, hash).map_err(|error| error.to_string())
}

fn build(document: &Document, hash: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let look = Look::new();
    let mut named = Vec::new();
    for (number, table) in (1..).zip(document.tables()) {
        let sheet = book.add_worksheet();
        // A table without a caption is all that the document is about.
        let name = document.kind.name();
        let otherwise = if number == 1 { name.to_owned() } else { format!("{name} {number}") };
        sheet.set_name(unlike(sheet_name(&table.caption, &sheet_name(&otherwise, "Data")), &mut named))?;
        write_sheet(sheet, document, &table.apart(), hash, &look)?;
    }
    book.save_to_buffer()
}

/// A name that no sheet has yet: captions that are long may begin alike.
fn unlike(name: String, taken: &mut Vec<String>) -> String {
    let mut own = name.clone();
    let mut number = 2;
    while taken.contains(&own.to_lowercase()) {
        let end = format!(" {number}");
        own = name.chars().take(super::NAME_MAX - end.len()).chain(end.chars()).collect();
        number += 1;
    }
    taken.push(own.to_lowercase());
    own
}

/// The formats in use.
struct Look {
    bold: Format,
    head: Format,
    text: Format,
    number: Format,
    share: Format,
    figure: Format,
    total: Format,
}

impl Look {
    fn new() -> Self {
        let framed = || Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        Self {
            bold: Format::new().set_bold(),
            head: framed().set_bold().set_text_wrap().set_align(FormatAlign::Center),
            text: framed().set_num_format("@").set_text_wrap(),
            number: framed().set_num_format("0").set_align(FormatAlign::Center),
            share: framed().set_num_format("0.0"),
            figure: framed().set_num_format("#,##0"),
            total: framed().set_num_format("#,##0").set_bold(),
        }
    }
}

fn write_sheet(
    sheet: &mut Worksheet,
    document: &Document,
    table: &Table,
    hash: &str,
    look: &Look,
) -> Result<(), XlsxError> {
    let mut row = 0;
    let mut line = |sheet: &mut Worksheet, text: &str, format: Option<&Format>| {
        match format {
            Some(format) => sheet.write_string_with_format(row, 0, text, format)?,
            None => sheet.write_string(row, 0, text)?,
        };
        row += 1;
        Ok::<_, XlsxError>(row)
    };
    for text in &document.letterhead {
        line(sheet, text, None)?;
    }
    line(sheet, &document.title, Some(&look.bold))?;
    line(sheet, &format!("Nomor: {}", document.number), None)?;
    for fact in &document.facts {
        line(sheet, &format!("{}: {}", fact.label, fact.value), None)?;
    }
    line(sheet, &document.cut_off, Some(&look.bold))?;
    let mut row = line(sheet, hash, None)? + 1;

    for (place, column) in (0_u16..).zip(&table.columns) {
        sheet.set_column_width(place, (f64::from(column.weight) * 0.55).max(6.0))?;
        sheet.write_string_with_format(row, place, &column.title, &look.head)?;
    }
    row += 1;
    sheet.set_freeze_panes(row, 0)?;
    let first = row;
    for cells in &table.rows {
        for ((place, cell), column) in (0_u16..).zip(cells).zip(&table.columns) {
            match share(cell).filter(|_| column.title.contains('%')) {
                Some(share) => sheet.write_number_with_format(row, place, share, &look.share)?,
                None => write_cell(sheet, row, place, cell, look, &look.figure)?,
            };
        }
        row += 1;
    }
    if let Some(total) = &table.total {
        sheet.write_string_with_format(row, 0, &total.label, &look.bold)?;
        for (place, cell) in &total.figures {
            let place = u16::try_from(*place).unwrap_or(u16::MAX);
            // A sum that a spreadsheet works out again, with the result that the paper says.
            match cell.figure().filter(|_| row > first) {
                Some(figure) => {
                    let column = rust_xlsxwriter::utility::column_number_to_name(place);
                    let sum = Formula::new(format!("=SUM({column}{}:{column}{row})", first + 1));
                    sheet.write_formula_with_format(row, place, sum.set_result(figure.to_string()), &look.total)?;
                }
                None => drop(write_cell(sheet, row, place, cell, look, &look.total)?),
            }
        }
    }
    sheet.set_landscape();
    sheet.set_paper_size(9);
    Ok(())
}

/// Writes a cell. A text is written as text, so that none is ever a formula.
fn write_cell<'s>(
    sheet: &'s mut Worksheet,
    row: u32,
    place: u16,
    cell: &Cell,
    look: &Look,
    figure: &Format,
) -> Result<&'s mut Worksheet, XlsxError> {
    match cell {
        Cell::Text(said) | Cell::Goods(said) | Cell::Coded(said, _) => {
            sheet.write_string_with_format(row, place, said, &look.text)
        }
        // What money can be is exact in a double.
        #[allow(clippy::cast_precision_loss)]
        Cell::Number(number) => sheet.write_number_with_format(row, place, *number as f64, &look.number),
        #[allow(clippy::cast_precision_loss)]
        Cell::Count(number) | Cell::Rupiah(number) | Cell::Measure(_, number) => {
            sheet.write_number_with_format(row, place, *number as f64, figure)
        }
        Cell::Sign(_) | Cell::Tick | Cell::Blank => sheet.write_blank(row, place, &look.text),
    }
}

/// A share in per cent, as a number that a spreadsheet can sort.
fn share(cell: &Cell) -> Option<f64> {
    let Cell::Goods(said) = cell else { return None };
    said.replace(',', ".").parse().ok()
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, Xlsx};

    use super::*;
    use crate::domain::document::Kind;

    #[test]
    fn no_two_sheets_are_called_alike_however_long_their_captions() {
        let mut taken = Vec::new();
        let long = "Realisasi per titik dan kecamat".to_owned();
        let names = [(); 3].map(|()| unlike(long.clone(), &mut taken));
        assert_eq!(names[1], "Realisasi per titik dan kecam 2");
        assert!(names.iter().all(|name| name.chars().count() <= 31) && names[1] != names[2], "{names:?}");
    }

    #[test]
    fn a_nik_is_text_and_nothing_but_the_sum_is_a_formula_which_agrees() {
        let mut table = Table::new("", &[("Nama", 40), ("NIK", 30), ("Nilai (Rp)", 20), ("Tahun lahir", 10)]);
        let (name, nik) = (Cell::text("=HYPERLINK(\"x\")"), Cell::text("6402990101480001"));
        table.rows.push(vec![name, nik, Cell::Rupiah(500_000), Cell::Number(1948)]);
        table.total("Jumlah", &[2]);
        let document = Document {
            kind: Kind::ReceiptList,
            number: "001/DTT".into(),
            letterhead: vec!["DINAS".into()],
            title: "DAFTAR".into(),
            facts: Vec::new(),
            cut_off: "Data s.d. …".into(),
            blocks: [table.clone(), table.clone(), table].map(crate::domain::document::Block::Table).to_vec(),
            signatures: Vec::new(),
        };
        let bytes = document_to_xlsx(&document, "SHA-256 00").unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["Daftar tanda terima", "Daftar tanda terima 2", "Daftar tanda terima 3"]);
        let sheet = book.worksheet_range("Daftar tanda terima").unwrap();
        let cells: Vec<&Data> = sheet.used_cells().map(|(_, _, cell)| cell).collect();
        assert!(cells.contains(&&Data::String("6402990101480001".into())));
        assert!(cells.contains(&&Data::String("=HYPERLINK(\"x\")".into())));
        assert_eq!(cells.iter().filter(|cell| ***cell == Data::Float(500_000.0)).count(), 2, "the line and the sum");
        assert!(cells.contains(&&Data::Float(1948.0)), "a year is a number");
        let formulas = book.worksheet_formula("Daftar tanda terima").unwrap();
        let sums: Vec<&String> = formulas.used_cells().map(|(_, _, cell)| cell).collect();
        assert_eq!(sums.len(), 1, "the sum alone: {sums:?}");
        assert!(sums[0].starts_with("SUM(C"), "{sums:?}");
        assert!(cells.contains(&&Data::String("SHA-256 00".into())));
    }
}
