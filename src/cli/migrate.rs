//! `salur migrate`

use clap::Args;
use serde_json::json;

use super::{Desk, Fault};
use crate::service::complete;
use crate::store;

/// Bring the database to this program's version
#[derive(Debug, Args)]
#[command(after_help = "Example: salur migrate --dir salur")]
pub(super) struct Migrate {}

impl Migrate {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let config = desk.config(None)?;
        let pool = Desk::pool(&config, 1)?;
        let steps = pool.read(store::migrate)?;
        complete(&pool)?;
        desk.output.say(&format!("{steps} langkah dijalankan."), &json!({ "steps": steps }))
    }
}
