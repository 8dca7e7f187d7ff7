//! `salur backup`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Desk, Fault};
use crate::service::backup;
use crate::store::Location;

/// Write a checked copy of the database into a new folder, while the server works
#[derive(Debug, Args)]
#[command(after_help = "Example: salur backup --output /media/disk/salur-2026-12-07 --dir salur\n\
                  The key file and the facts outside are not in it: keep the one in a safe place, and the others apart from the backups.")]
pub(super) struct Backup {
    /// The folder to make
    #[arg(short, long)]
    output: PathBuf,
}

impl Backup {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let config = desk.config(None)?;
        let location: Location = config.database_url.parse()?;
        drop(Desk::pool(&config, 1)?);
        let made = backup::make(&location, &self.output, desk.surroundings.clock.now())?;
        let size = crate::words::Value::from(made.bytes);
        let folder = crate::words::Value::from(self.output.display().to_string());
        let text = desk.words.with("backup-made", &[("folder", folder), ("bytes", size)]);
        desk.output.say(&text, &json!({ "folder": self.output, "manifest": made }))
    }
}
