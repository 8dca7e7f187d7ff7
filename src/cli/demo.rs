//! `salur demo`

use std::fs;

use clap::Args;
use serde_json::json;

use super::output::unwritable;
use super::progress::Progress;
use super::{Desk, Fault};
use crate::clock::Entropy;
use crate::config::Config;
use crate::service::{DEMO_PASSWORD, Demo as Made, DemoWanted, Office, prepare};
use crate::store::Location;
use crate::vault::{MasterKey, Vault};

/// Make a complete demonstration with invented people in a folder
#[derive(Debug, Args)]
#[command(after_help = "Example: salur demo --dir demo --households 1000 --seed 1")]
pub(super) struct Demo {
    /// How many households
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    households: u64,
    /// From which they are invented
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let config = desk.config(None)?;
        fs::create_dir_all(&desk.place.dir).map_err(|fault| unwritable(&desk.place.dir, &fault))?;
        let location: Location = config.database_url.parse()?;
        if let Location::Sqlite(path) = &location
            && fs::exists(path).unwrap_or(true)
        {
            return Err(Fault::Denied("not_empty".into(), "cli-demo-there", vec![("path", path.clone())]));
        }
        let key = new_key(desk.surroundings.entropy.as_ref())?;
        config.write_key(&key)?;
        let made = self.make(desk, &config, &key);
        if made.is_err() {
            // What was begun is of no use, and would stand in the way of the next try.
            drop(fs::remove_file(&config.key_file));
            if let Location::Sqlite(path) = &location {
                for end in ["", "-wal", "-shm"] {
                    drop(fs::remove_file(format!("{path}{end}")));
                }
            }
        }
        let made = made?;
        let mut value = json!(made);
        if let Some(members) = value.as_object_mut() {
            members.insert("database_url".into(), json!(config.database_url));
        }
        desk.output.say(&summary(&made, desk), &value)
    }

    fn make(&self, desk: &Desk<'_>, config: &Config, key: &MasterKey) -> Result<Made, Fault> {
        let pool = prepare(&config.database_url, 4)?;
        let vault = Vault::new(key).map_err(|fault| Fault::Broken(fault.to_string()))?;
        let clock = desk.surroundings.clock.clone();
        let office = Office::open(pool, vault, clock, desk.surroundings.entropy.clone(), config.host(), &config.facts)?;
        let progress = Progress::new();
        Ok(office.make_demo(DemoWanted { households: self.households, seed: self.seed }, &|what, done, all| {
            progress.tell(what, done, all);
        })?)
    }
}

/// Draws a master key.
pub(super) fn new_key(entropy: &dyn Entropy) -> Result<MasterKey, Fault> {
    draw(entropy).map(MasterKey::from_random)
}

/// Draws random bytes.
pub(super) fn draw<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], Fault> {
    let mut random = [0; N];
    if entropy.fill(&mut random) {
        Ok(random)
    } else {
        Err(Fault::Broken("the system has no randomness to give".into()))
    }
}

fn summary(made: &Made, desk: &Desk<'_>) -> String {
    let dir = desk.place.dir.display();
    let names: Vec<&str> = made.users.iter().map(|user| user.username.as_str()).collect();
    format!(
        "Peragaan dibuat di {dir}. Semua orang memakai kata sandi {DEMO_PASSWORD}\n  pengguna: {}\n  tahap 1: {}\nLanjut: salur serve --dir {dir}",
        names.join(", "),
        made.round_id
    )
}
