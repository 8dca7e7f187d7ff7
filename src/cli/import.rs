//! `salur import`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::output::read_file;
use super::progress::Progress;
use super::{Desk, Fault};
use crate::domain::id::{IntakeId, ProgrammeId};
use crate::domain::intake::{Column, Outcome};
use crate::domain::role::Action;
use crate::domain::time::Language;
use crate::service::{IntakeView, RowFilter, RowView};
use crate::spreadsheet::Choice;

/// Check a file of households, or apply one that another person checked
#[derive(Debug, Args)]
#[command(after_help = "Example: salur import penerima.csv --programme 0199… --dir demo
         salur import --apply 0199… --dir demo
         salur import --places daftar-desa.csv --dir demo")]
pub(super) struct Import {
    /// The file (.csv, .xlsx, .xls or .ods): a dry run, which changes nothing
    #[arg(required_unless_present_any = ["apply", "places"], conflicts_with_all = ["apply", "places"], requires = "programme")]
    file: Option<PathBuf>,
    /// For which programme
    #[arg(long)]
    programme: Option<ProgrammeId>,
    /// Apply an intake that another person uploaded
    #[arg(long, value_name = "INTAKE")]
    apply: Option<IntakeId>,
    /// Load the official list of villages (kode_desa, desa_kelurahan, kecamatan) in place of the one there
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    places: Option<PathBuf>,
    /// How many villages go with it, where the file lacks some that are known
    #[arg(long, value_name = "COUNT", requires = "places")]
    removes: Option<usize>,
    /// The sheet of a workbook
    #[arg(long)]
    sheet: Option<String>,
    /// The row in which the headings stand, counted from 1
    #[arg(long, value_name = "ROW")]
    header_row: Option<u32>,
    /// Which place (counted from 0) holds which column, such as 0=id_sumber,3=nik
    #[arg(long, value_name = "PLACE=COLUMN", value_delimiter = ',', value_parser = column)]
    columns: Vec<(usize, Column)>,
    /// The village of all rows, for a list without that column
    #[arg(long)]
    village: Option<String>,
    /// The sub-district of all rows, for a list without that column
    #[arg(long)]
    sub_district: Option<String>,
    /// The list has no ids: make them up from the NIK
    #[arg(long)]
    make_ids: bool,
}

fn column(text: &str) -> Result<(usize, Column), String> {
    let (place, name) = text.split_once('=').ok_or("expected PLACE=COLUMN, such as 3=nik")?;
    let column = Column::ALL.iter().find(|column| column.heading() == name.trim());
    let column = column.ok_or_else(|| format!("no column is called {name}"))?;
    Ok((place.trim().parse().map_err(|_| format!("{place} is no place"))?, *column))
}

fn read(file: &Path) -> Result<(String, Vec<u8>), Fault> {
    let bytes = read_file(file)?;
    Ok((file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(), bytes))
}

impl Import {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        if let Some(id) = self.apply {
            let actor = office.console_actor(desk.person(), Action::ApplyIntake)?;
            let progress = Progress::new();
            let intake = office.apply_intake(&actor, id, &|done, all| progress.tell("terapkan", done, all))?;
            drop(progress);
            let text = format!("Diterapkan: {} baru, {} berubah.", intake.counts.new, intake.counts.changed);
            return desk.output.say(&text, &body(&intake, &[]));
        }
        if let Some(file) = &self.places {
            let actor = office.console_actor(desk.person(), Action::ManagePlaces)?;
            let (name, bytes) = read(file)?;
            let loaded = office.load_places(&actor, &name, bytes, self.removes)?;
            let text = format!(
                "Daftar desa dimuat: {} desa/kelurahan di {} kecamatan (sebelumnya {}).",
                loaded.villages, loaded.sub_districts, loaded.before
            );
            let facts =
                json!({ "villages": loaded.villages, "sub_districts": loaded.sub_districts, "before": loaded.before });
            return desk.output.say(&text, &facts);
        }
        let (Some(file), Some(programme)) = (&self.file, self.programme) else { return Ok(()) };
        let actor = office.console_actor(desk.person(), Action::UploadIntake)?;
        let (name, bytes) = read(file)?;
        let intake = office.upload_intake(&actor, programme, &name, bytes, &self.choice())?;
        let rejected = RowFilter { outcome: Some(Outcome::Rejected), ..RowFilter::default() };
        let rejected = office.intake_rows(&actor, intake.id, &rejected, None, Some(20))?;
        desk.output.say(&report(desk, &intake, &rejected), &body(&intake, &rejected))
    }
}

impl Import {
    fn choice(&self) -> Choice {
        Choice {
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            columns: (!self.columns.is_empty()).then(|| self.columns.clone()),
            village: self.village.clone(),
            sub_district: self.sub_district.clone(),
            make_ids: self.make_ids,
            ..Choice::default()
        }
    }
}

fn report(desk: &Desk<'_>, intake: &IntakeView, rejected: &[RowView]) -> String {
    let counts = &intake.counts;
    let mut text = format!(
        "Uji coba {}: {} baru, {} berubah, {} sama, {} ditolak; {} dengan peringatan. Belum ada yang berubah.\n",
        intake.file_name, counts.new, counts.changed, counts.same, counts.rejected, counts.warnings
    );
    for row in rejected {
        let reasons: Vec<&str> = row
            .findings
            .iter()
            .map(|finding| if desk.words.language() == Language::En { &finding.message_en } else { &finding.message })
            .map(String::as_str)
            .collect();
        text.push_str(&format!("  baris {} ({}): {}\n", row.number, row.source_id, reasons.join(" ")));
    }
    if !intake.ignored_columns.is_empty() {
        text.push_str(&format!("  kolom yang ditinggalkan: {}\n", intake.ignored_columns.join(", ")));
    }
    text.push_str(&format!("Verifikator menyetujui dengan: salur import --apply {}", intake.id));
    text
}

fn body(intake: &IntakeView, rejected: &[RowView]) -> Value {
    json!({
        "id": intake.id,
        "counts": intake.counts,
        "ignored_columns": intake.ignored_columns,
        "applied": intake.applied_at.is_some(),
        "rejected": rejected.iter().map(|row| json!({
            "number": row.number,
            "source_id": row.source_id,
            "findings": row.findings,
        })).collect::<Vec<_>>(),
    })
}
