//! `salur restore`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Desk, Fault};
use crate::service::backup::Sealing;
use crate::service::{Office, backup, complete};
use crate::store::{self, Location, Pool};
use crate::vault::Vault;
use crate::words::Value;

/// Put a backup in the place of a database that is gone, as a new life of the server
#[derive(Debug, Args)]
#[command(after_help = "Example: salur restore /media/disk/salur-2026-12-07 --dir salur\n\
                  Nothing is granted or redeemed afterwards until every device has answered, or was given up by two persons.\n\
                  The key file and the facts outside must be in their places; a database that is there is never overwritten.")]
pub(super) struct Restore {
    /// The folder that `salur backup` made
    backup: PathBuf,
}

impl Restore {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let config = desk.config(None)?;
        let key = config.read_key()?;
        // The facts come first: without them nobody knows which lives of the server there were, and whom to wait for.
        if !config.facts.is_dir() {
            return Err(Fault::Broken(format!(
                "the facts outside are not at {}: bring the folder back, or name it with --facts-dir",
                config.facts.display()
            )));
        }
        let manifest = backup::examine(&self.backup)?;
        let location: Location = config.database_url.parse()?;
        let vault = Vault::new(&key).map_err(|fault| Fault::Broken(fault.to_string()))?;
        let sealing = Sealing { vault: &vault, scratch: &config.backup_scratch };
        let restored = backup::unpack(&self.backup, &manifest, &location, sealing)?;
        let (epoch, missing) = {
            let pool = Pool::open(&restored, 2)?;
            pool.read(store::migrate)?;
            complete(&pool)?;
            let (clock, entropy) = (desk.surroundings.clock.clone(), desk.surroundings.entropy.clone());
            let office = Office::open(pool.clone(), vault, clock, entropy, config.host(), &config.facts)?;
            let epoch = office.begin_recovery(&format!("dari cadangan {}", manifest.made_at))?;
            (epoch, pool.read(store::leases::office)?.missing)
        };
        // Only now does the database get its name: cut short before, it would be one that forgot and does not know it.
        backup::settle(&restored, &location)?;
        let values = [("epoch", Value::from(epoch)), ("missing", Value::from(missing))];
        let value = json!({ "epoch": epoch, "missing": missing, "manifest": manifest });
        desk.output.say(&desk.words.with("restore-done", &values), &value)
    }
}
