//! A document as a file: on paper, as a workbook, as a plain table, or the very bytes whose hash it carries.

use super::super::{Actor, Error, Office};
use super::{DocumentView, short_hash};
use crate::domain::document::{Cell, Document};
use crate::domain::id::{DocumentId, Identifier};
use crate::pdf::document as page;
use crate::service::print::printed;
use crate::spreadsheet::{ByteOrderMark, document_to_xlsx, table_to_csv};

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileForm {
    /// Paper.
    Pdf,
    /// A workbook, a sheet a table.
    Xlsx,
    /// The first table.
    Csv,
    /// What was hashed.
    Json,
}

impl Office {
    /// A document as a file, and the name that suits it. The look is on record.
    pub fn document_file(&self, actor: &Actor, id: DocumentId, form: FileForm) -> Result<(String, Vec<u8>), Error> {
        let view = self.document(actor, id)?;
        let (ending, bytes) = match form {
            FileForm::Pdf => ("pdf", self.pdf(&view)?),
            FileForm::Xlsx => ("xlsx", xlsx(&view)?),
            FileForm::Csv => ("csv", csv(&view.document)),
            FileForm::Json => ("json", view.content),
        };
        let name: String =
            view.document.number.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
        Ok((format!("{name}.{ending}"), bytes))
    }

    fn pdf(&self, view: &DocumentView) -> Result<Vec<u8>, Error> {
        // Printed again it is the same file to the last byte: its date is when it was made, its id its own.
        let issue = page::Issue {
            short_hash: &short_hash(&view.hash),
            made_at: view.made_at,
            zone: view.zone,
            document_id: *view.id.bytes(),
            stationery: self.stationery.clone(),
        };
        printed(page::render(&view.document, &issue))
    }
}

fn xlsx(view: &DocumentView) -> Result<Vec<u8>, Error> {
    let hash = format!("SHA-256 {}", data_encoding::HEXLOWER.encode(&view.hash));
    document_to_xlsx(&view.document, &hash).map_err(Error::Broken)
}

fn csv(document: &Document) -> Vec<u8> {
    let Some(table) = document.tables().next() else {
        return table_to_csv(&["dokumen"], [[document.number.as_str()]], ByteOrderMark::With);
    };
    let headings: Vec<&str> = table.columns.iter().map(|column| column.title.as_str()).collect();
    let mut rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(plain).collect()).collect();
    if let Some(total) = &table.total {
        let mut row = vec![String::new(); table.columns.len()];
        if let Some(first) = row.first_mut() {
            total.label.clone_into(first);
        }
        for (place, cell) in &total.figures {
            if let Some(into) = row.get_mut(*place) {
                *into = plain(cell);
            }
        }
        rows.push(row);
    }
    table_to_csv(&headings, rows, ByteOrderMark::With)
}

/// A cell as a program reads it: figures without dots, no line break, nothing where people write.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Goods(text) => text.replace('\n', " / "),
        Cell::Count(number) | Cell::Rupiah(number) => number.to_string(),
        Cell::Sign(_) | Cell::Tick | Cell::Blank => String::new(),
    }
}
