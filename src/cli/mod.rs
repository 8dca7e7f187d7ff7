//! The terminal: the same services as the web, one file a command.
//!
//! What a command found goes to standard output, everything else to standard error. It exits with 0 when
//! it is done, 1 when the office said no, 2 for wrong usage and 3 when something is broken.

mod audit;
mod backup;
mod demo;
mod device;
mod devices;
mod doctor;
mod import;
mod issue;
mod keys;
mod migrate;
mod openapi;
mod output;
mod print;
mod progress;
mod receipts;
mod report;
mod restore;
mod secure;
mod serve;
mod tokens;
mod users;
mod verify;
mod witness;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};

use crate::clock::{Clock, Entropy};
use crate::config::{Blame, Config, File, Secret, Unusable};
use crate::domain::time::Language;
use crate::pdf::emblem::Emblem;
use crate::pdf::stationery::Stationery;
use crate::pdf::typeface::Typeface;
use crate::refusals;
use crate::service::{Error, LogDesk, Office, WitnessAt};
use crate::store::{self, Location, Pool};
use crate::telemetry;
use crate::transparency::NoteKey;
use crate::vault::Vault;
use crate::words::{Value as Word, Words};

use output::Output;

/// Signed QR vouchers for aid distribution points.
#[derive(Debug, Parser)]
#[command(name = "salur", version, about, after_help = "Example: salur demo --dir demo && salur serve --dir demo")]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where the installation is, and how to answer.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The installation's folder: database, key file and salur.toml lie there
    #[arg(long, global = true, default_value = ".", env = "SALUR_DIR")]
    dir: PathBuf,
    /// sqlite://FILE or postgres://… in place of the file in the folder
    #[arg(long, global = true, env = "SALUR_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The key file, in place of the one in the folder
    #[arg(long, global = true, env = "SALUR_KEY_FILE")]
    key_file: Option<PathBuf>,
    /// How the world reaches the installation, such as https://salur.example.go.id
    #[arg(long, global = true, env = "SALUR_PUBLIC_URL")]
    public_url: Option<String>,
    /// Earlier public addresses: what was printed under them stays good
    #[arg(long, global = true, env = "SALUR_FORMER_URLS", value_delimiter = ',', value_name = "URL")]
    former_urls: Option<Vec<String>>,
    /// The agency's emblem for its paper, PNG or JPEG
    #[arg(long, global = true, env = "SALUR_EMBLEM", value_name = "FILE")]
    emblem: Option<PathBuf>,
    /// A typeface (TTF) for names that the built-in ones cannot print
    #[arg(long, global = true, env = "SALUR_FONT", value_name = "FILE")]
    font: Option<PathBuf>,
    /// Administrators, issuers and finance set up one-time codes before they work
    #[arg(long, global = true, env = "SALUR_REQUIRE_TOTP", num_args = 0..=1, default_missing_value = "true")]
    require_totp: Option<bool>,
    /// Addresses of our own proxies, whose X-Forwarded-For is believed
    #[arg(long, global = true, env = "SALUR_TRUSTED_PROXIES", value_delimiter = ',', value_name = "ADDRESS")]
    trusted_proxies: Option<Vec<std::net::IpAddr>>,
    /// How many years personal data are kept after a household's last round
    #[arg(long, global = true, env = "SALUR_RETENTION_YEARS", value_name = "YEARS")]
    retention_years: Option<u16>,
    /// Where the passphrase of the key file lies
    #[arg(long, global = true, env = "SALUR_PASSPHRASE_FILE", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The passphrase itself: from the environment, for an argument is seen by every user of the machine
    #[arg(long, global = true, env = "SALUR_PASSPHRASE", hide = true, hide_env_values = true)]
    passphrase: Option<String>,
    /// Where systemd puts credentials
    #[arg(long, global = true, env = "CREDENTIALS_DIRECTORY", hide = true)]
    credentials: Option<PathBuf>,
    /// The folder for what no restore of the database may touch, shared by all servers of the installation
    #[arg(long, global = true, env = "SALUR_FACTS_DIR", value_name = "DIR")]
    facts_dir: Option<PathBuf>,
    /// The guard file of the log, best on another disk than the database
    #[arg(long, global = true, env = "SALUR_LOG_GUARD", value_name = "FILE")]
    log_guard: Option<PathBuf>,
    /// Hours from one backup to the next that the server makes by itself; 0 for none
    #[arg(long, global = true, env = "SALUR_BACKUP_HOURS", value_name = "HOURS")]
    backup_hours: Option<u16>,
    /// The folder for backups, best on another disk
    #[arg(long, global = true, env = "SALUR_BACKUP_DIR", value_name = "DIR")]
    backup_dir: Option<PathBuf>,
    /// How many of the server's own backups are kept
    #[arg(long, global = true, env = "SALUR_BACKUP_KEEP", value_name = "COUNT")]
    backup_keep: Option<u16>,
    /// For whom this is done, where more than one person could do it
    #[arg(long = "as", global = true, env = "SALUR_AS", value_name = "USERNAME")]
    person: Option<String>,
    /// Answer in JSON, for machines
    #[arg(long, global = true)]
    json: bool,
    /// Speak English
    #[arg(long, global = true)]
    english: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Import(import::Import),
    Issue(issue::Issue),
    Print(print::Print),
    Verify(verify::Verify),
    Report(report::Report),
    Receipts(receipts::Receipts),
    Keys(keys::Keys),
    Users(users::Users),
    Tokens(tokens::Tokens),
    Devices(devices::Devices),
    Device(device::Device),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Migrate(migrate::Migrate),
    Openapi(openapi::Openapi),
    Doctor(doctor::Doctor),
    Audit(audit::Audit),
    Witness(witness::Witness),
}

/// The clock and the randomness of this run.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws random bytes.
    pub entropy: Arc<dyn Entropy>,
}

/// What a sentence names.
type Named = Vec<(&'static str, String)>;

/// How a command ends when it is not done.
#[derive(Debug)]
enum Fault {
    /// The office said no, or it failed.
    Office(Error),
    /// Somebody said no: the stable code, the id of the sentence, and what it names.
    Denied(String, &'static str, Named),
    /// The command was not used as it can be: the id of the sentence, and what it names.
    Usage(&'static str, Named),
    /// Settings, files or the network are not as they must be: the id of the sentence, and what it names.
    Unable(&'static str, Named),
    /// The same, in words that are not ours.
    Broken(String),
    /// The command found what it looked for to be wrong; it has said so already.
    Wrong,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Office(error)
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        Self::Office(error.into())
    }
}

impl From<Unusable> for Fault {
    fn from(fault: Unusable) -> Self {
        match fault.blame {
            Blame::Usage => Self::Usage(fault.key, fault.named),
            Blame::InTheWay => Self::Denied("exists".into(), fault.key, fault.named),
            Blame::Broken => Self::Unable(fault.key, fault.named),
        }
    }
}

impl Fault {
    /// There is no such thing as a command names.
    fn nothing(key: &'static str, name: &str) -> Self {
        Self::Denied("not_found".into(), key, vec![("name", name.to_owned())])
    }
}

/// What every command works with.
struct Desk<'a> {
    place: Place,
    surroundings: &'a Surroundings,
    words: Words,
    output: Output,
}

/// How an office is opened.
type Opening = fn(Pool, Vault, Arc<dyn Clock>, Arc<dyn Entropy>, Option<String>, &Path) -> Result<Office, Error>;

impl Desk<'_> {
    fn config(&self, listen: Option<String>) -> Result<Config, Fault> {
        let place = self.place.clone();
        let config = Config::gather(
            &place.dir,
            File {
                database_url: place.database_url,
                listen,
                public_url: place.public_url,
                former_urls: place.former_urls,
                key_file: place.key_file,
                emblem: place.emblem,
                font: place.font,
                require_totp: place.require_totp,
                trusted_proxies: place.trusted_proxies,
                retention_years: place.retention_years,
                passphrase_file: place.passphrase_file,
                passphrase: place.passphrase.map(|text| Secret(text.into())),
                credentials: place.credentials,
                facts_dir: place.facts_dir,
                log_guard: place.log_guard,
                witnesses: Vec::new(),
                backup_hours: place.backup_hours,
                backup_dir: place.backup_dir,
                backup_keep: place.backup_keep,
            },
        )?;
        // A location that cannot be is refused before anything is read or written.
        match config.database_url.parse::<Location>() {
            Ok(_) => Ok(config),
            Err(_) => Err(Fault::Usage("cli-database-url", Vec::new())),
        }
    }

    fn pool(config: &Config, size: u32) -> Result<Pool, Fault> {
        let location: Location = config.database_url.parse()?;
        if let Location::Sqlite(path) = &location
            && !std::path::Path::new(path).exists()
        {
            return Err(Fault::Unable("cli-no-database", vec![("path", path.clone())]));
        }
        Ok(Pool::open(&location, size)?)
    }

    fn office(&self) -> Result<Office, Fault> {
        self.office_of(&self.config(None)?, 4)
    }

    /// The office as it was found, for the auditor: nothing is put back that is missing in the database.
    fn office_to_audit(&self) -> Result<Office, Fault> {
        self.open_office(&self.config(None)?, 4, Office::open_to_audit)
    }

    fn office_of(&self, config: &Config, size: u32) -> Result<Office, Fault> {
        self.open_office(config, size, Office::open)
    }

    fn open_office(&self, config: &Config, size: u32, open: Opening) -> Result<Office, Fault> {
        // The key first: without it nothing can be opened, and the sentence says where it should be.
        let key = config.read_key()?;
        let pool = Self::pool(config, size)?;
        let vault = Vault::new(&key).map_err(|fault| Fault::Broken(fault.to_string()))?;
        let Surroundings { clock, entropy } = self.surroundings.clone();
        Ok(open(pool, vault, clock, entropy, config.host(), &config.facts)?
            .with_former_hosts(config.former_hosts())
            .with_stationery(stationery(config)?)
            .with_second_factor_required(config.require_totp)
            .with_retention_years(config.retention_years)
            .with_log(log_desk(config)?))
    }

    fn said(&self, key: &str, named: &Named) -> String {
        let values: Vec<(&str, Word<'_>)> =
            named.iter().map(|(name, text)| (*name, Word::from(text.as_str()))).collect();
        self.words.with(key, &values)
    }

    fn person(&self) -> Option<&str> {
        self.place.person.as_deref()
    }
}

/// Where the guard file of the log lies, and who its witnesses are.
fn log_desk(config: &Config) -> Result<LogDesk, Fault> {
    let mut witnesses = Vec::with_capacity(config.witnesses.len());
    for line in &config.witnesses {
        let parsed = line
            .trim()
            .split_once(' ')
            .and_then(|(url, key)| Some(WitnessAt { url: url.to_owned(), key: NoteKey::parse(key.trim())? }));
        let is_address = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        witnesses.push(
            parsed
                .filter(|witness| is_address(&witness.url))
                .ok_or_else(|| Fault::Usage("cli-witness-line", vec![("line", line.clone())]))?,
        );
    }
    Ok(LogDesk::new(config.log_guard.clone(), witnesses))
}

/// Reads the emblem and the typeface that the settings name.
fn stationery(config: &Config) -> Result<Stationery, Fault> {
    let named = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let emblem = Config::read_named(config.emblem.as_deref())?
        .map(|bytes| Emblem::read(&bytes).map_err(|why| Fault::Broken(format!("{}: {why}", named(&config.emblem)))))
        .transpose()?;
    let typeface = Config::read_named(config.font.as_deref())?
        .map(|bytes| Typeface::read(bytes).map_err(|why| Fault::Broken(format!("{}: {why}", named(&config.font)))))
        .transpose()?;
    Ok(Stationery { emblem, typeface })
}

/// Runs a command, and says how it ended.
#[must_use]
pub fn run(cli: Cli, surroundings: &Surroundings) -> ExitCode {
    let serving = matches!(cli.command, Command::Serve(_) | Command::Witness(_));
    telemetry::start_logs(if serving { "info,actix_server=warn" } else { "warn" });
    let language = if cli.place.english { Language::En } else { Language::Id };
    let desk = Desk {
        output: Output { json: cli.place.json },
        words: Words::for_language(language),
        place: cli.place,
        surroundings,
    };
    let result = match cli.command {
        Command::Serve(command) => command.run(&desk),
        Command::Demo(command) => command.run(&desk),
        Command::Import(command) => command.run(&desk),
        Command::Issue(command) => command.run(&desk),
        Command::Print(command) => command.run(&desk),
        Command::Verify(command) => command.run(&desk),
        Command::Report(command) => command.run(&desk),
        Command::Receipts(command) => command.run(&desk),
        Command::Keys(command) => command.run(&desk),
        Command::Users(command) => command.run(&desk),
        Command::Tokens(command) => command.run(&desk),
        Command::Devices(command) => command.run(&desk),
        Command::Device(command) => command.run(&desk),
        Command::Backup(command) => command.run(&desk),
        Command::Restore(command) => command.run(&desk),
        Command::Migrate(command) => command.run(&desk),
        Command::Openapi(command) => command.run(&desk),
        Command::Doctor(command) => command.run(&desk),
        Command::Audit(command) => command.run(&desk),
        Command::Witness(command) => command.run(&desk),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Fault::Wrong) => ExitCode::from(1),
        Err(Fault::Office(Error::Refused(refusal))) => {
            desk.output.complain(refusals::code(&refusal), &refusals::sentence(&refusal, desk.words));
            ExitCode::from(1)
        }
        Err(Fault::Office(error)) => {
            desk.output.complain("broken", &error.to_string());
            ExitCode::from(3)
        }
        Err(Fault::Denied(code, key, named)) => {
            desk.output.complain(&code, &desk.said(key, &named));
            ExitCode::from(1)
        }
        Err(Fault::Usage(key, named)) => {
            desk.output.complain("usage", &desk.said(key, &named));
            ExitCode::from(2)
        }
        Err(Fault::Unable(key, named)) => {
            desk.output.complain("broken", &desk.said(key, &named));
            ExitCode::from(3)
        }
        Err(Fault::Broken(why)) => {
            desk.output.complain("broken", &why);
            ExitCode::from(3)
        }
    }
}
