//! `salur restore`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::must_be_there;
use super::{Desk, Fault, Surroundings};
use crate::service::backup::{self, Premises, Restored};
use crate::store::Location;
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
        must_be_there(&self.backup)?;
        let key = config.read_key()?;
        let location: Location = config.database_url.parse()?;
        let vault = Vault::new(&key).map_err(|fault| Fault::Broken(fault.to_string()))?;
        let Surroundings { clock, entropy } = desk.surroundings.clone();
        let (host, facts, scratch) = (config.host(), config.facts.clone(), config.backup_scratch.clone());
        let log = super::log_desk(&config)?;
        let with = Premises { vault, clock, entropy, host, facts, scratch, log };
        let Restored { manifest, epoch, missing, log } = backup::restore(&self.backup, &location, with)?;
        let values = [("epoch", Value::from(epoch)), ("missing", Value::from(missing))];
        let signed = log.outside.unwrap_or(log.here);
        let told = match log.outside {
            None if log.here > 0 => "restore-log-lost",
            _ if log.is_behind() => "restore-log-behind",
            _ => "restore-log-whole",
        };
        let about = [("here", Value::from(log.here)), ("signed", Value::from(signed))];
        let text = format!("{}\n{}", desk.words.with("restore-done", &values), desk.words.with(told, &about));
        let log = json!({ "leaves": log.here, "signed": log.outside, "behind": log.is_behind() });
        let value = json!({ "epoch": epoch, "missing": missing, "log": log, "manifest": manifest });
        desk.output.say(&text, &value)
    }
}
