//! `salur device`: a desk without a browser, on a file of its own.

mod run;
mod say;

use std::path::PathBuf;
use std::sync::Mutex;

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use super::output::{read_file, unwritable, write_file};
use super::{Desk, Fault};
use crate::device::enrol::{Enrolment, enrol};
use crate::device::identity::Secret;
use crate::device::line::{Http, Line};
use crate::device::redeem::Wish;
use crate::device::talk::{self, Scope};
use crate::device::{self, Device as Unit};
use crate::domain::id::{EntitlementId, Identifier, RedemptionId, RoundId};
use crate::domain::redemption::{CollectorKind, Given};
use crate::service::Refusal;
use crate::vault::MasterKey;

/// Work as a device: enrol, take leases, redeem also without network, sync, give back
#[derive(Debug, Args)]
#[command(
    after_help = "Example: salur device enrol --server https://salur.example.go.id --code 7KQ4-M2XP-9D --dir meja1\n\
                  With SALUR_DEVICE_PASSPHRASE set, the device's key is locked by it, and by a key file in the folder otherwise."
)]
pub(super) struct Device {
    /// A passphrase that locks the device's key, in place of the key file in the folder
    #[arg(long, global = true, env = "SALUR_DEVICE_PASSPHRASE", hide_env_values = true, hide = true)]
    passphrase: Option<String>,
    /// Where the server is: needed to enrol, and afterwards only when it has moved
    #[arg(long, global = true, env = "SALUR_SERVER", value_name = "URL")]
    server: Option<String>,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Become a device, with a one-time code of the office
    #[command(
        after_help = "Example: salur device enrol --server https://salur.example.go.id --code 7KQ4-M2XP-9D --dir meja1"
    )]
    Enrol {
        /// The code, or the text of the QR
        #[arg(long)]
        code: String,
    },
    /// Sign in on the device; the password comes from standard input
    #[command(after_help = "Example: salur device operator tgr-01 --dir meja1 < sandi.txt")]
    Operator {
        /// The name with which the person signs in
        username: String,
    },
    /// Take leases: of the whole point, or of what is named
    #[command(after_help = "Example: salur device lease --session 2 --dir meja1")]
    Lease {
        /// Of one round
        #[arg(long)]
        round: Option<RoundId>,
        /// Of one session
        #[arg(long)]
        session: Option<i64>,
        /// Of one desk
        #[arg(long)]
        desk: Option<i64>,
        /// At most so many
        #[arg(long)]
        limit: Option<u64>,
        /// These entitlements alone
        entitlements: Vec<EntitlementId>,
    },
    /// Hand one package over, with or without network
    #[command(after_help = "Example: salur device redeem 7KQ4-M2XP-9D --dir meja1")]
    Redeem(Redeem),
    /// Say what a voucher is worth here; changes no right
    #[command(after_help = "Example: salur device verify 7KQ4-M2XP-9D --dir meja1")]
    Verify {
        /// The text of the QR, or the typed code
        code: String,
    },
    /// Say what the device holds, and what the server has not heard
    #[command(after_help = "Example: salur device status --dir meja1")]
    Status,
    /// Tell the server everything, and hear what it says
    #[command(after_help = "Example: salur device sync --dir meja1")]
    Sync,
    /// Give leases back: every open one, or these
    #[command(after_help = "Example: salur device return --dir meja1")]
    Return {
        /// These entitlements alone
        entitlements: Vec<EntitlementId>,
    },
    /// The signed receipts as a file that somebody else may carry
    #[command(after_help = "Example: salur device journal export -o meja1.jurnal --dir meja1")]
    Journal {
        #[command(subcommand)]
        what: Journal,
    },
    /// Set the device's time by the clock of the machine, when it once stood ahead; later receipts say so
    #[command(after_help = "Example: salur device set-time --dir meja1")]
    SetTime,
    /// Read codes from standard input, one a line, and answer each with one line; sync in the background
    #[command(after_help = "Example: salur device run --dir meja1")]
    Run(run::Run),
}

#[derive(Debug, Args)]
struct Redeem {
    /// The text of the QR, or the typed code
    code: String,
    /// The id of this wish: the same again is the same handout
    #[arg(long)]
    id: Option<RedemptionId>,
    /// Ask no server
    #[arg(long)]
    offline: bool,
    /// Who stands there
    #[arg(long, default_value = "self", value_parser = collector)]
    collector: CollectorKind,
    /// The collector's name, if it is not the recipient
    #[arg(long)]
    name: Option<String>,
    /// How they belong together
    #[arg(long)]
    relation: Option<String>,
    /// No proof of identity was seen
    #[arg(long)]
    no_id_seen: bool,
    /// What was given, when it was not everything: CODE=QUANTITY, one for each item
    #[arg(long = "item", value_parser = given)]
    items: Vec<Given>,
}

#[derive(Debug, Subcommand)]
enum Journal {
    /// Write it
    #[command(after_help = "Example: salur device journal export -o meja1.jurnal --dir meja1")]
    Export {
        /// Where to
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Take another device's along: the next sync delivers it
    #[command(after_help = "Example: salur device journal import meja1.jurnal --dir meja2")]
    Import {
        /// The file
        file: PathBuf,
    },
}

fn collector(text: &str) -> Result<CollectorKind, String> {
    CollectorKind::parse(text).ok_or_else(|| "self, proxy or substitute".to_owned())
}

fn given(text: &str) -> Result<Given, String> {
    let parts = text.split_once('=').and_then(|(code, quantity)| Some((code, quantity.parse::<i64>().ok()?)));
    let (code, quantity) = parts.ok_or("CODE=QUANTITY, such as beras=15000")?;
    Ok(Given { code: code.to_owned(), quantity })
}

impl From<device::Fault> for Fault {
    fn from(fault: device::Fault) -> Self {
        use device::Fault as F;
        let code = fault.code().to_owned();
        let is_refusal = fault.is_refusal();
        let (key, named) = match fault {
            F::NotEnrolled => ("device-fault-not-enrolled", Vec::new()),
            F::Exists => ("device-fault-exists", Vec::new()),
            F::NoOperator => ("device-fault-no-operator", Vec::new()),
            F::Refused { code, detail } => ("device-fault-refused", vec![("code", code), ("detail", detail)]),
            F::Handout(fault) => return Self::Office(Refusal::Handout(fault).into()),
            F::Unfit { field, why } => return Self::Office(Refusal::Invalid { field, why: why.into() }.into()),
            F::InUse => ("device-fault-in-use", Vec::new()),
            F::Moved => ("device-fault-moved", Vec::new()),
            F::Storage(why) => ("device-fault-storage", vec![("why", why)]),
            F::Damaged(why) => ("device-fault-damaged", vec![("why", why)]),
            F::Locked(why) => ("device-fault-locked", vec![("why", why)]),
            F::Unreachable(why) => ("device-fault-unreachable", vec![("why", why)]),
            F::Unbelievable(why) => ("device-fault-unbelievable", vec![("why", why)]),
        };
        if is_refusal { Self::Denied(code, key, named) } else { Self::Unable(key, named) }
    }
}

impl Device {
    fn file(desk: &Desk<'_>) -> PathBuf {
        desk.place.dir.join("device.db")
    }

    fn key_file(desk: &Desk<'_>) -> PathBuf {
        desk.place.key_file.clone().unwrap_or_else(|| desk.place.dir.join("device.key"))
    }

    fn secret(&self, desk: &Desk<'_>) -> Result<Secret, Fault> {
        if let Some(passphrase) = &self.passphrase {
            return Ok(Secret::Passphrase(Zeroizing::new(passphrase.clone())));
        }
        let path = Self::key_file(desk);
        let text = std::fs::read_to_string(&path).map_err(|fault| {
            Fault::Unable("cli-unreadable", vec![("path", path.display().to_string()), ("why", fault.to_string())])
        })?;
        Ok(Secret::KeyFile(Zeroizing::new(text)))
    }

    fn open(&self, desk: &Desk<'_>) -> Result<Mutex<Unit>, Fault> {
        if !Self::file(desk).exists() {
            return Err(device::Fault::NotEnrolled.into());
        }
        let (clock, entropy) = (desk.surroundings.clock.clone(), desk.surroundings.entropy.clone());
        Ok(Mutex::new(Unit::open(&Self::file(desk), &self.secret(desk)?, clock, entropy)?))
    }

    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        if let What::Enrol { code } = &self.what {
            let server = self.server.as_deref();
            let server = server.ok_or_else(|| Fault::Usage("cli-no-server", Vec::new()))?;
            return self.enrol(desk, server, code);
        }
        let unit = self.open(desk)?;
        let server = self.server.clone().unwrap_or_else(|| say::held(&unit).identity().server.clone());
        let line = Http::to(&server)?;
        match &self.what {
            What::Enrol { .. } => Ok(()),
            What::Operator { username } => {
                let password = super::users::read_password()?;
                let operator = talk::sign_on(&unit, &line, username, &password)?;
                desk.output.say(&operator.name, &json!({ "user_id": operator.user, "name": operator.name }))
            }
            What::Lease { round, session, desk: at, limit, entitlements } => {
                let (round, session, limit) = (*round, *session, *limit);
                let scope = Scope { round, session, desk: *at, entitlements: entitlements.clone(), limit };
                let done = talk::lease(&unit, &line, &scope)?;
                say::leased(desk, &done)
            }
            What::Redeem(redeem) => redeem.run(desk, &unit, &line),
            What::Verify { code } => {
                let scan = say::held(&unit).verify(code)?;
                let zone = say::held(&unit).identity().zone;
                say::scan(desk, zone, &scan)?;
                if scan.verdict == crate::domain::redemption::Verdict::Valid { Ok(()) } else { Err(Fault::Wrong) }
            }
            What::Status => say::status(desk, &unit),
            What::Sync => say::synced(desk, &talk::sync(&unit, &line)?),
            What::Return { entitlements } => {
                let which = (!entitlements.is_empty()).then_some(entitlements.as_slice());
                let closed = say::held(&unit).close(which)?;
                say::returned(desk, closed, talk::sync(&unit, &line))
            }
            What::Journal { what: Journal::Export { output } } => {
                let bytes = say::held(&unit).export()?;
                write_file(output, &bytes)?;
                desk.output.say(&output.display().to_string(), &json!({ "file": output, "bytes": bytes.len() }))
            }
            What::Journal { what: Journal::Import { file } } => {
                let bytes = read_file(file)?;
                let batches = say::held(&unit).carry(&bytes)?;
                desk.output.say(&desk.words.get("device-carried"), &json!({ "batches": batches }))
            }
            What::SetTime => {
                say::held(&unit).set_time()?;
                desk.output.say(&desk.words.get("device-time-set"), &json!({}))
            }
            What::Run(run) => run.run(desk, &unit, &line),
        }
    }

    fn enrol(&self, desk: &Desk<'_>, server: &str, code: &str) -> Result<(), Fault> {
        std::fs::create_dir_all(&desk.place.dir).map_err(|fault| unwritable(&desk.place.dir, &fault))?;
        let key_file = Self::key_file(desk);
        if self.passphrase.is_none() && !key_file.exists() {
            let key = MasterKey::from_random(super::demo::draw(desk.surroundings.entropy.as_ref())?);
            write_secret(&key_file, key.to_file().as_bytes())?;
        }
        let secret = self.secret(desk)?;
        let (clock, entropy) = (desk.surroundings.clock.clone(), desk.surroundings.entropy.clone());
        let new = Enrolment { server, code, secret: &secret };
        let unit = enrol(&Self::file(desk), &new, &Http::to(server)?, clock, entropy)?;
        say::enrolled(desk, unit.identity())
    }
}

fn write_secret(path: &std::path::Path, bytes: &[u8]) -> Result<(), Fault> {
    use std::io::Write as _;
    let failed = |fault: std::io::Error| unwritable(path, &fault);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

impl Redeem {
    fn run(&self, desk: &Desk<'_>, unit: &Mutex<Unit>, line: &Http) -> Result<(), Fault> {
        let id = match self.id {
            Some(id) => id,
            None => RedemptionId::from_bytes(super::demo::draw(desk.surroundings.entropy.as_ref())?),
        };
        let wish = Wish {
            collector: self.collector,
            collector_name: self.name.clone(),
            relation: self.relation.clone(),
            id_seen: !self.no_id_seen,
            given: (!self.items.is_empty()).then(|| self.items.clone()),
            ..Wish::plain(id, &self.code)
        };
        let line: Option<&dyn Line> = if self.offline { None } else { Some(line) };
        let outcome = talk::redeem(unit, line, &wish)?;
        say::outcome(desk, unit, &outcome)?;
        if matches!(outcome, device::redeem::Outcome::Green { .. }) { Ok(()) } else { Err(Fault::Wrong) }
    }
}
