//! `salur import`

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{Desk, Fault};
use crate::domain::id::{IntakeId, ProgrammeId};
use crate::domain::intake::Outcome;
use crate::domain::role::Action;
use crate::domain::time::Language;
use crate::service::{IntakeView, RowView};

/// Check a file of households, or apply one that another person checked
#[derive(Debug, Args)]
#[command(after_help = "Example: salur import penerima.csv --programme 0199… --dir demo
         salur import --apply 0199… --dir demo")]
pub(super) struct Import {
    /// The file (.csv or .xlsx): a dry run, which changes nothing
    #[arg(required_unless_present = "apply", conflicts_with = "apply", requires = "programme")]
    file: Option<PathBuf>,
    /// For which programme
    #[arg(long)]
    programme: Option<ProgrammeId>,
    /// Apply an intake that another person uploaded
    #[arg(long, value_name = "INTAKE")]
    apply: Option<IntakeId>,
}

impl Import {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        if let Some(id) = self.apply {
            let actor = office.console_actor(desk.person(), Action::ApplyIntake)?;
            let intake = office.apply_intake(&actor, id)?;
            let text = format!("Diterapkan: {} baru, {} berubah.", intake.counts.new, intake.counts.changed);
            return desk.output.say(&text, &body(&intake, &[]));
        }
        let (Some(file), Some(programme)) = (&self.file, self.programme) else { return Ok(()) };
        let actor = office.console_actor(desk.person(), Action::UploadIntake)?;
        let bytes = std::fs::read(file)
            .map_err(|fault| Fault::Broken(format!("{} cannot be read: {fault}", file.display())))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let intake = office.upload_intake(&actor, programme, &name, bytes)?;
        let rejected = office.intake_rows(&actor, intake.id, Some(Outcome::Rejected), None, Some(20))?;
        desk.output.say(&report(desk, &intake, &rejected), &body(&intake, &rejected))
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
