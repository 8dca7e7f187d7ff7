//! `salur report`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::output::write_file;
use super::{Desk, Fault};
use crate::domain::document::Kind;
use crate::domain::id::RoundId;
use crate::domain::role::Action;
use crate::service::{BooksForm, DocumentWanted, FileForm};

/// Write a round's reconciliation as PDF, workbook or CSV and say whether the books close, or make a document from its scans
#[derive(Debug, Args)]
#[command(after_help = "Examples: salur report --round 0199… -o rekonsiliasi.csv --as finance --dir demo\n\
    \x20         salur report --round 0199… --document handover --point TGR-01 -o bast.pdf --dir demo")]
pub(super) struct Report {
    /// The round
    #[arg(long)]
    round: RoundId,
    /// The file, which ends in .pdf, .xlsx or .csv; that of a document also in .json
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Make a document: receipt_list, handover, not_collected, proxy_list, substitution, home_delivery,
    /// prepared_list or register
    #[arg(long, value_name = "KIND", value_parser = kind)]
    document: Option<Kind>,
    /// The point with this code, for a document
    #[arg(long, requires = "document")]
    point: Option<String>,
    /// The session, for a list of one
    #[arg(long, requires = "point")]
    session: Option<i32>,
    /// The number of a shipment, for a surat jalan and its BAST
    #[arg(long, requires = "document")]
    shipment: Option<i32>,
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| Kind::ALL.map(Kind::as_str).join(", "))
}

fn form(path: &Path) -> Result<FileForm, Fault> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("pdf") => Ok(FileForm::Pdf),
        Some("xlsx") => Ok(FileForm::Xlsx),
        Some("csv") => Ok(FileForm::Csv),
        Some("json") => Ok(FileForm::Json),
        _ => Err(Fault::Usage("cli-file-ending", vec![("endings", ".pdf, .xlsx, .csv, .json".into())])),
    }
}

/// The books have no kept content of which a hash could be taken, so there is no JSON of them here.
fn books_form(path: &Path) -> Result<BooksForm, Fault> {
    match form(path) {
        Ok(FileForm::Csv) => Ok(BooksForm::Csv),
        Ok(FileForm::Xlsx) => Ok(BooksForm::Xlsx),
        Ok(FileForm::Pdf) => Ok(BooksForm::Pdf),
        _ => Err(Fault::Usage("cli-file-ending", vec![("endings", ".pdf, .xlsx, .csv".into())])),
    }
}

impl Report {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        if let Some(kind) = self.document {
            return self.make(desk, kind);
        }
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::ReadReconciliation)?;
        let books = match &self.output {
            None => office.reconciliation(&actor, self.round)?,
            Some(path) => {
                let (books, bytes) = office.reconciliation_file(&actor, self.round, books_form(path)?)?;
                write_file(path, &bytes)?;
                books
            }
        };
        let faults = books.faults();
        let said: Vec<String> = faults.iter().map(|one| desk.words.of("identity", one.as_str())).collect();
        let remaining = books.budget.remaining().unwrap_or_default();
        let text = format!(
            "Pagu {}; terikat {}; realisasi {}; sisa {}. Diterbitkan {}; {}",
            books.budget.ceiling,
            books.budget.committed,
            books.budget.realised,
            remaining,
            books.issued,
            if faults.is_empty() {
                "semua jumlah cocok.".to_owned()
            } else {
                format!("TIDAK COCOK: {}", said.join("; "))
            }
        );
        let value = json!({
            "ceiling_minor": books.budget.ceiling,
            "committed_minor": books.budget.committed,
            "realised_minor": books.budget.realised,
            "remaining_minor": remaining,
            "issued": books.issued,
            "closes": faults.is_empty(),
            "faults": faults.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
        });
        desk.output.say(&text, &value)?;
        if faults.is_empty() { Ok(()) } else { Err(Fault::Wrong) }
    }

    /// Makes a document, and writes it to the file if there is to be one.
    fn make(&self, desk: &Desk<'_>, kind: Kind) -> Result<(), Fault> {
        let form = self.output.as_deref().map(form).transpose()?;
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::MakeDocuments)?;
        let wanted = DocumentWanted {
            kind,
            point: self.point.clone(),
            session_no: self.session,
            cut_off: None,
            shipment_no: self.shipment,
        };
        let made = office.make_document(&actor, self.round, &wanted)?;
        let Some(id) = made.first().copied() else { return Err(Fault::Wrong) };
        let view = office.document(&actor, id)?;
        if let (Some(path), Some(form)) = (&self.output, form) {
            write_file(path, &office.document_file(&actor, id, form)?.1)?;
        }
        let hash = data_encoding::HEXLOWER.encode(&view.hash);
        let text = format!("{} {}, {} baris, sidik {hash}", kind.name(), view.document.number, view.document.lines());
        let value = json!({
            "id": id.to_string(), "number": view.document.number, "lines": view.document.lines(), "hash": hash,
        });
        desk.output.say(&text, &value)
    }
}
