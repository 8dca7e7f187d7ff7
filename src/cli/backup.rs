//! `salur backup`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::must_be_there;
use super::{Desk, Fault};
use crate::domain::id::AuditId;
use crate::service::backup::{self, Proof, Sealing};
use crate::store::Location;
use crate::vault::Vault;
use crate::words::Value;

/// Write a checked copy of the database into a new folder, while the server works; or look through one that is there
#[derive(Debug, Args)]
#[command(after_help = "Examples: salur backup --sealed --output /media/disk/salur-2026-12-07 --dir salur\n          \
                        salur backup --verify /media/disk/salur-2026-12-07 --dir salur\n\
                        The key file and the facts outside are not in it: keep the one in a safe place, and the others apart from the backups.\n\
                        The server makes sealed ones by itself: salur serve --backup-hours 6 --backup-dir /media/disk")]
pub(super) struct Backup {
    /// The folder to make
    #[arg(short, long, required_unless_present = "verify", conflicts_with = "verify")]
    output: Option<PathBuf>,
    /// Seal it, so that it opens with the key file alone; it is opened again before it counts
    #[arg(long, conflicts_with = "verify")]
    sealed: bool,
    /// Open the backup in this folder and look through it; nothing of the installation is changed
    #[arg(long, value_name = "FOLDER")]
    verify: Option<PathBuf>,
}

impl Backup {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let config = desk.config(None)?;
        let now = desk.surroundings.clock.now();
        let vault = || -> Result<Vault, Fault> {
            Vault::new(&config.read_key()?).map_err(|fault| Fault::Broken(fault.to_string()))
        };
        let scratch = config.backup_scratch.as_path();
        let location: Location = config.database_url.parse()?;
        let server = Some(&location);
        if let Some(folder) = &self.verify {
            must_be_there(folder)?;
            let (manifest, proof) = backup::verify(folder, Sealing { vault: &vault()?, scratch, server }, now)?;
            let text = desk.words.with("backup-verified", &[("what", Value::from(found(&proof)))]);
            return desk.output.say(&text, &json!({ "folder": folder, "manifest": manifest, "proof": proof }));
        }
        let Some(output) = &self.output else { return Err(Fault::Usage("cli-no-output", Vec::new())) };
        let pool = Desk::pool(&config, 1)?;
        let (mut salt, mut drawn) = ([0; 32], [0; 10]);
        if !desk.surroundings.entropy.fill(&mut salt) || !desk.surroundings.entropy.fill(&mut drawn) {
            return Err(Fault::Broken("no randomness to be had".into()));
        }
        let made = if self.sealed {
            backup::make(&location, output, now, Some((Sealing { vault: &vault()?, scratch, server }, salt)))?
        } else {
            backup::make(&location, output, now, None)?
        };
        // A copy takes every name out of the house.
        backup::record_taken(&pool, AuditId::by_time(now, drawn), now, &made)?;
        let size = Value::from(made.bytes);
        let folder = Value::from(output.display().to_string());
        let text = desk.words.with("backup-made", &[("folder", folder), ("bytes", size)]);
        desk.output.say(&text, &json!({ "folder": output, "manifest": made }))
    }
}

/// What was counted, for a person to compare.
fn found(proof: &Proof) -> String {
    proof.counts.map_or_else(
        || "pg_restore".to_owned(),
        |counts| format!("{} KPM, {} hak, {} penebusan", counts.households, counts.entitlements, counts.redemptions),
    )
}
