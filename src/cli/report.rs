//! `salur report`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::write_file;
use super::{Desk, Fault};
use crate::domain::id::RoundId;
use crate::domain::role::Action;
use crate::service::reconciliation_csv;

/// Write a round's reconciliation as CSV, and say whether the books close
#[derive(Debug, Args)]
#[command(after_help = "Example: salur report --round 0199… -o rekonsiliasi.csv --as finance --dir demo")]
pub(super) struct Report {
    /// The round
    #[arg(long)]
    round: RoundId,
    /// The file
    #[arg(short, long)]
    output: Option<PathBuf>,
}

impl Report {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::ReadReconciliation)?;
        let books = office.reconciliation(&actor, self.round)?;
        if let Some(path) = &self.output {
            write_file(path, &reconciliation_csv(&books))?;
        }
        let faults = books.faults();
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
                format!("TIDAK COCOK: {}", faults.join("; "))
            }
        );
        let value = json!({
            "ceiling_minor": books.budget.ceiling,
            "committed_minor": books.budget.committed,
            "realised_minor": books.budget.realised,
            "remaining_minor": remaining,
            "issued": books.issued,
            "closes": faults.is_empty(),
            "faults": faults,
        });
        desk.output.say(&text, &value)?;
        if books.faults().is_empty() { Ok(()) } else { Err(Fault::Wrong) }
    }
}
