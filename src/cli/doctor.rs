//! `salur doctor`

use clap::Args;
use serde_json::json;

use super::{Desk, Fault};

/// Check that the installation can work: settings, key file, database and its version, randomness
#[derive(Debug, Args)]
#[command(after_help = "Example: salur doctor --dir salur")]
pub(super) struct Doctor {}

impl Doctor {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let config = desk.config(None)?;
        let office = desk.office_of(&config, 1)?;
        office.ready()?;
        let keys = office.key_set()?.keys.len();
        let text = format!("Baik: berkas kunci cocok, basis data terbaca dan sesuai versi, {keys} kunci penerbit.");
        desk.output.say(&text, &json!({ "ready": true, "issuer_keys": keys }))
    }
}
