//! `salur users`

use std::io::{BufRead, IsTerminal};

use clap::{Args, Subcommand};
use serde_json::json;

use super::demo::new_key;
use super::output::unwritable;
use super::{Desk, Fault};
use crate::domain::role::{Action, Role};
use crate::domain::time::Zone;
use crate::service::{NewAgency, NewUser, Office, User, prepare};
use crate::vault::Vault;

/// People who sign in. Passwords are read from standard input, one line
#[derive(Debug, Args)]
#[command(
    after_help = "Example: echo 'a long password' | salur users add --username rina --name 'Rina' --role registrar --dir salur"
)]
pub(super) struct Users {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Begin a new installation: key file, database, the first agency and its administrator
    #[command(
        after_help = "Example: echo 'a long password' | salur users first --dir salur --username kepala --name 'Ibu Kepala' \\
         --agency-code DINSOS --agency 'Dinas Sosial' --government 'Pemerintah Kabupaten Kutai Kartanegara' --hotline 0541-000"
    )]
    First(First),
    /// Give a person an account
    #[command(
        after_help = "Example: echo 'a long password' | salur users add --username rina --name 'Rina' --role registrar --dir salur"
    )]
    Add(Add),
    /// Confirm whose an account is, where nobody else in the office could: beside whoever made it
    #[command(after_help = "Example: salur users confirm bendahara --dir salur")]
    Confirm {
        /// What they type to sign in
        username: String,
    },
    /// Let accounts work again that nobody confirmed: the rule that the office chose ends here alone, and on record
    #[command(after_help = "Example: salur users waive-confirmation --as kepala --dir salur")]
    WaiveConfirmation,
    /// List the people of an agency
    #[command(after_help = "Example: salur users list --dir salur")]
    List,
}

#[derive(Debug, Args)]
struct First {
    /// What the administrator types to sign in
    #[arg(long)]
    username: String,
    /// Their name
    #[arg(long)]
    name: String,
    /// Short code of the agency
    #[arg(long)]
    agency_code: String,
    /// Its name
    #[arg(long)]
    agency: String,
    /// The government it belongs to
    #[arg(long)]
    government: String,
    /// Its address
    #[arg(long, default_value = "")]
    address: String,
    /// Where complaints go
    #[arg(long)]
    hotline: String,
}

#[derive(Debug, Args)]
struct Add {
    /// What they type to sign in
    #[arg(long)]
    username: String,
    /// Their name
    #[arg(long)]
    name: String,
    /// admin, registrar, verifier, issuer, coordinator, operator, storekeeper, finance or auditor
    #[arg(long, value_parser = |text: &str| Role::parse(text).ok_or("no such role"))]
    role: Role,
    /// The code of the point at which an operator works
    #[arg(long)]
    point: Option<String>,
}

impl Users {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        match &self.what {
            What::First(first) => first.run(desk),
            What::Add(add) => add.run(desk),
            What::Confirm { username } => confirm(desk, username),
            What::WaiveConfirmation => waive(desk),
            What::List => list(desk),
        }
    }
}

impl First {
    fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let password = read_password()?;
        let config = desk.config(None)?;
        std::fs::create_dir_all(&desk.place.dir).map_err(|fault| unwritable(&desk.place.dir, &fault))?;
        let key = new_key(desk.surroundings.entropy.as_ref())?;
        config.write_key(&key)?;
        let pool = prepare(&config.database_url, 2)?;
        let vault = Vault::new(&key).map_err(|fault| Fault::Broken(fault.to_string()))?;
        let (clock, entropy) = (desk.surroundings.clock.clone(), desk.surroundings.entropy.clone());
        let office = Office::open(pool, vault, clock, entropy, config.host(), &config.facts)?;
        let agency = NewAgency {
            code: self.agency_code.clone(),
            government: self.government.clone(),
            name: self.agency.clone(),
            address: self.address.clone(),
            hotline: self.hotline.clone(),
            zone: Zone::Wita,
        };
        let admin = office.found(&agency, (&self.username, &self.name, &password))?;
        let text = format!(
            "Instalasi dibuat di {}. Simpan salinan {} di tempat aman: tanpa berkas itu data tidak dapat dibuka.",
            desk.place.dir.display(),
            config.key_file.display()
        );
        desk.output.say(&text, &json!({ "user_id": admin.user, "agency_id": admin.agency }))
    }
}

impl Add {
    fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::ManageUsers)?;
        let password = read_password()?;
        let point = match &self.point {
            None => None,
            Some(code) => {
                let found = office.points(&actor)?.into_iter().find(|point| point.code == *code);
                Some(found.ok_or_else(|| Fault::nothing("cli-no-point", code))?.id)
            }
        };
        let user = office.create_user(
            &actor,
            &NewUser { username: self.username.clone(), name: self.name.clone(), role: self.role, password, point },
        )?;
        desk.output.say(&format!("{} ({})", user.username, user.role), &json!({ "user_id": user.id }))
    }
}

fn confirm(desk: &Desk<'_>, username: &str) -> Result<(), Fault> {
    let office = desk.office()?;
    let actor = office.console_actor(desk.person(), Action::ManageUsers)?;
    let user = office.user_named(&actor, username)?.ok_or_else(|| Fault::nothing("cli-no-user", username))?;
    office.confirm_user_at_console(&actor, user.id)?;
    desk.output.say(&format!("{} ({})", user.username, user.role), &json!({ "user_id": user.id }))
}

fn waive(desk: &Desk<'_>) -> Result<(), Fault> {
    let office = desk.office()?;
    let actor = office.console_actor(desk.person(), Action::ManageUsers)?;
    office.waive_confirmation_at_console(&actor)?;
    desk.output.say("Akun baru bekerja tanpa dikonfirmasi.", &json!({ "confirm_accounts": false }))
}

fn list(desk: &Desk<'_>) -> Result<(), Fault> {
    let office = desk.office()?;
    let actor = office.console_actor(desk.person(), Action::ManageUsers)?;
    let mut users = Vec::new();
    loop {
        let page = office.users(&actor, users.last().map(|user: &User| user.id), Some(500))?;
        if page.is_empty() {
            break;
        }
        users.extend(page);
    }
    let lines: Vec<String> =
        users.iter().map(|user| format!("{:<24} {:<12} {}", user.username, user.role.as_str(), user.name)).collect();
    let value: Vec<_> = users
        .iter()
        .map(|user| json!({ "id": user.id, "username": user.username, "role": user.role, "enabled": user.enabled }))
        .collect();
    desk.output.say(&lines.join("\n"), &json!(value))
}

/// A password from standard input: never from an argument, where every user of the machine can read it.
pub(super) fn read_password() -> Result<String, Fault> {
    if std::io::stdin().is_terminal() {
        drop(std::io::Write::write_all(&mut std::io::stderr(), b"Kata sandi (terlihat di layar): "));
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|fault| Fault::Broken(format!("no password could be read from standard input: {fault}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
