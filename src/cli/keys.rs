//! `salur keys`

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Desk, Fault};

/// Show the public keys that sign vouchers
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The key set, as it is published under /.well-known/jwks.json
    #[command(after_help = "Example: salur keys list --json --dir demo")]
    List,
}

impl Keys {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let What::List = self.what;
        let set = desk.office()?.key_set()?;
        let lines: Vec<String> = set.keys.iter().map(|key| format!("{}  {}", key.kid, key.x)).collect();
        desk.output.say(&lines.join("\n"), &json!(set))
    }
}
