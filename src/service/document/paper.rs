//! A document as a file: on paper, as a workbook, as a plain table, or the very bytes whose hash it carries.

use super::super::{Actor, Error, Office, Refusal};
use super::{DocumentView, short_hash};
use crate::domain::document::{Cell, Document, Table};
use crate::domain::id::{DocumentId, Identifier};
use crate::pdf::{document as page, printable};
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

impl FileForm {
    /// What a browser calls it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

impl Office {
    /// A document as a file, and the name that suits it. The look is on record.
    pub fn document_file(&self, actor: &Actor, id: DocumentId, form: FileForm) -> Result<(String, Vec<u8>), Error> {
        self.view_file(self.document(actor, id)?, form)
    }

    /// The same of a document that was read already.
    pub(in crate::service) fn view_file(&self, view: DocumentView, form: FileForm) -> Result<(String, Vec<u8>), Error> {
        let (ending, bytes) = match form {
            FileForm::Pdf => ("pdf", self.pdf(&view)?),
            FileForm::Xlsx => ("xlsx", xlsx(&view)?),
            FileForm::Csv => ("csv", csv(&view.document)),
            FileForm::Json => ("json", view.content),
        };
        Ok((format!("{}.{ending}", file_name(&view.document)), bytes))
    }

    /// One table of a document as a file, counted from 1. The look is on record.
    pub fn document_table(&self, actor: &Actor, id: DocumentId, number: usize) -> Result<(String, Vec<u8>), Error> {
        table_file(&self.document(actor, id)?.document, number)
    }

    /// The tables of a document behind its first one, each as a file.
    pub(super) fn further_tables(&self, actor: &Actor, id: DocumentId) -> Result<Vec<(String, Vec<u8>)>, Error> {
        Ok(further_files(&self.document(actor, id)?.document))
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
        printed(page::render(&printable::readable(&view.document, &self.stationery), &issue))
    }
}

/// One table of a document as a file, counted from 1.
pub(in crate::service) fn table_file(document: &Document, number: usize) -> Result<(String, Vec<u8>), Error> {
    let table = number.checked_sub(1).and_then(|place| document.tables().nth(place));
    let table = table.ok_or(Refusal::NotFound("table"))?;
    Ok((format!("{}-{number}.csv", file_name(document)), table_csv(table)))
}

/// The tables of a document behind its first one, each as a file.
pub(in crate::service) fn further_files(document: &Document) -> Vec<(String, Vec<u8>)> {
    let name = file_name(document);
    let further = (2..).zip(document.tables().skip(1));
    further.map(|(number, table)| (format!("{name}-{number}.csv"), table_csv(table))).collect()
}

fn xlsx(view: &DocumentView) -> Result<Vec<u8>, Error> {
    let hash = format!("SHA-256 {}", data_encoding::HEXLOWER.encode(&view.hash));
    document_to_xlsx(&view.document, &hash).map_err(Error::Broken)
}

/// A number as the name of a file.
fn file_name(document: &Document) -> String {
    document.number.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect()
}

fn csv(document: &Document) -> Vec<u8> {
    match document.tables().next() {
        Some(table) => table_csv(table),
        None => table_to_csv(&["dokumen"], [[document.number.as_str()]], ByteOrderMark::With),
    }
}

fn table_csv(table: &Table) -> Vec<u8> {
    let table = table.apart();
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
        Cell::Text(text) | Cell::Goods(text) | Cell::Coded(text, _) => text.replace('\n', " / "),
        Cell::Number(number) | Cell::Count(number) | Cell::Rupiah(number) | Cell::Measure(_, number) => {
            number.to_string()
        }
        Cell::Sign(_) | Cell::Tick | Cell::Blank => String::new(),
    }
}
