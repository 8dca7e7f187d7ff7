//! `salur issue`

use clap::Args;
use serde_json::json;

use super::progress::Progress;
use super::{Desk, Fault};
use crate::domain::id::RoundId;
use crate::domain::role::Action;

/// Issue a round: approved households become entitlements, within the budget or not at all
#[derive(Debug, Args)]
#[command(after_help = "Example: salur issue --round 0199… --dir demo")]
pub(super) struct Issue {
    /// The round
    #[arg(long)]
    round: RoundId,
}

impl Issue {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::Issue)?;
        let progress = Progress::new();
        let issued = office.issue(&actor, self.round, &|done, all| {
            progress.tell("terbit", u64::try_from(done).unwrap_or(0), u64::try_from(all).unwrap_or(0));
        })?;
        drop(progress);
        let text = format!("Diterbitkan: {} hak; terikat {}.", issued.issued, issued.committed);
        desk.output.say(&text, &json!({ "issued": issued.issued, "committed_minor": issued.committed.minor() }))
    }
}
