//! `salur receipts`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::output::read_file;
use super::{Desk, Fault};
use crate::domain::role::Action;

/// Check receipts, and take those that a device wrote into a file
#[derive(Debug, Args)]
#[command(after_help = "Example: salur receipts check --as auditor --dir demo")]
pub(super) struct Receipts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check every device's chain of receipts: signatures, numbers without gaps, each pointing to the one before
    #[command(after_help = "Example: salur receipts check --as auditor --dir demo")]
    Check,
    /// Take the journal of a device from a file that it wrote
    #[command(after_help = "Example: salur receipts take meja1.jurnal --as coordinator --dir demo")]
    Take {
        /// The file
        file: PathBuf,
    },
}

impl Receipts {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        if let What::Take { file } = &self.what {
            return take(desk, file);
        }
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::ReadDevices)?;
        let checked = office.check_chains(&actor)?;
        let text = match checked.faults.as_slice() {
            [] => format!("{} tanda terima pada {} perangkat: semua rantai utuh.", checked.receipts, checked.devices),
            faults => format!("TIDAK UTUH: {}", faults.join("; ")),
        };
        let value = json!({ "devices": checked.devices, "receipts": checked.receipts, "faults": checked.faults });
        desk.output.say(&text, &value)?;
        if checked.faults.is_empty() { Ok(()) } else { Err(Fault::Wrong) }
    }
}

fn take(desk: &Desk<'_>, file: &Path) -> Result<(), Fault> {
    let office = desk.office()?;
    let actor = office.console_actor(desk.person(), Action::ManageDevices)?;
    let bytes = read_file(file)?;
    let runs = office.take_journal(&actor, &bytes)?;
    let count = |answers: &[&str]| {
        runs.iter().filter(|run| answers.contains(&run.answer)).map(|run| run.count as u64).sum::<u64>()
    };
    let (taken, known) = (count(&["taken", "settled"]), count(&["known"]));
    let (conflicts, bad) = (count(&["conflict"]), count(&["bad"]));
    let values = [("taken", taken), ("known", known), ("conflicts", conflicts), ("bad", bad)]
        .map(|(name, number)| (name, crate::words::Value::from(number)));
    let value = json!({ "taken": taken, "known": known, "conflicts": conflicts, "bad": bad });
    desk.output.say(&desk.words.with("receipts-taken", &values), &value)
}
