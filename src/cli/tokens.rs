//! `salur tokens`

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Desk, Fault};
use crate::domain::id::{DeviceId, TokenId};
use crate::domain::role::Action;

/// Access tokens for programs and devices
#[derive(Debug, Args)]
#[command(after_help = "Example: salur tokens create --user keuangan --name 'laporan malam' --days 365 --dir demo")]
pub(super) struct Tokens {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a token that stands for a person and, for an operator, a device. It is shown once
    #[command(
        after_help = "Example: salur tokens create --user petugas-tgr-01 --device 0199… --name 'scanner 1' --dir demo"
    )]
    Create {
        /// Whom it stands for
        #[arg(long)]
        user: String,
        /// The device it stands for as well
        #[arg(long)]
        device: Option<DeviceId>,
        /// What it is for
        #[arg(long)]
        name: String,
        /// After how many days it ends by itself; never unless told
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=3_660))]
        days: Option<u16>,
    },
    /// End a token
    #[command(after_help = "Example: salur tokens revoke 0199… --dir demo")]
    Revoke {
        /// Its id
        id: TokenId,
    },
}

impl Tokens {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::ManageUsers)?;
        match &self.what {
            What::Create { user, device, name, days } => {
                let owner = office.user_named(&actor, user)?.ok_or_else(|| Fault::nothing("cli-no-user", user))?;
                let ends = days.map(|days| office.now().plus_millis(i64::from(days) * 86_400_000));
                let made = office.create_token_at_console(&actor, owner.id, *device, name, ends)?;
                desk.output.say(&made.secret, &json!({ "id": made.id, "token": made.secret }))
            }
            What::Revoke { id } => {
                office.revoke_token(&actor, *id)?;
                desk.output.say("Token dicabut.", &json!({ "id": id }))
            }
        }
    }
}
