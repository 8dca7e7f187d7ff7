//! `salur devices`

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Desk, Fault};
use crate::domain::id::DeviceId;
use crate::domain::role::Action;
use crate::service::NewDevice;

/// Desks and scanners
#[derive(Debug, Args)]
#[command(after_help = "Example: salur devices list --as admin --dir demo")]
pub(super) struct Devices {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them
    #[command(after_help = "Example: salur devices list --as admin --dir demo")]
    List,
    /// Add a desk whose key the server holds
    #[command(after_help = "Example: salur devices add --point TGR-01 --name 'Meja 2' --as admin --dir demo")]
    Add {
        /// The code of the point at which it stands
        #[arg(long)]
        point: String,
        /// What people call it
        #[arg(long)]
        name: String,
    },
    /// Revoke one: it signs no receipt from then on
    #[command(after_help = "Example: salur devices revoke 0199… --as coordinator --dir demo")]
    Revoke {
        /// Its id
        id: DeviceId,
    },
    /// Begin a recovery because a device has seen more than this server: nothing is handed out until all have answered
    #[command(
        after_help = "Example: salur devices recover --as admin --agreed-by coordinator --reason \"basis data lama terpasang\" --dir demo"
    )]
    Recover {
        /// Who else wants it: somebody who may see devices
        #[arg(long)]
        agreed_by: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

impl Devices {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::ManageDevices)?;
        match &self.what {
            What::List => {
                let found = office.devices(&actor, None, Some(500))?;
                let lines: Vec<String> = found
                    .iter()
                    .map(|one| format!("{:03} {:<16} {} {} tanda terima", one.number, one.name, one.id, one.receipts))
                    .collect();
                let value: Vec<_> = found
                    .iter()
                    .map(|one| {
                        json!({ "id": one.id, "number": one.number, "name": one.name, "kid": one.kid,
                                       "receipts": one.receipts, "revoked": one.revoked_at.is_some() })
                    })
                    .collect();
                desk.output.say(&lines.join("\n"), &json!(value))
            }
            What::Add { point, name } => {
                let found = office.points(&actor)?.into_iter().find(|one| one.code == *point);
                let point = found.ok_or_else(|| Fault::nothing("cli-no-point", point))?.id;
                let made = office.create_device(&actor, &NewDevice { name: name.clone(), point })?;
                desk.output
                    .say(&format!("{}", made.id), &json!({ "id": made.id, "number": made.number, "kid": made.kid }))
            }
            What::Revoke { id } => {
                office.revoke_device(&actor, *id)?;
                desk.output.say("Perangkat dicabut.", &json!({ "id": id }))
            }
            What::Recover { agreed_by, reason } => {
                let other = office.console_actor(Some(agreed_by), Action::ReadDevices)?;
                let epoch = office.begin_recovery_by_hand(&actor, &other, reason)?;
                desk.output.say(&format!("Pemulihan dimulai: epoch {epoch}."), &json!({ "epoch": epoch }))
            }
        }
    }
}
