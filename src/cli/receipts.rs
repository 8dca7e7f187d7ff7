//! `salur receipts`

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Desk, Fault};
use crate::domain::role::Action;

/// Check receipts
#[derive(Debug, Args)]
pub(super) struct Receipts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check every device's chain of receipts: signatures, numbers without gaps, each pointing to the one before
    #[command(after_help = "Example: salur receipts check --as auditor --dir demo")]
    Check,
}

impl Receipts {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let What::Check = self.what;
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
