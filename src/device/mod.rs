//! A device without a screen of its own: the device's side of the lease protocol on a file of its own.
//!
//! It enrols, takes leases, redeems without network, syncs and gives back. It serves a laptop without a
//! browser, the tests and the load generator. Each step of [`crate::domain::lease::device`] is stored as a
//! whole (core, slot and receipt in one transaction, replaced only if they still are what was read) before
//! anything follows from it: a line on the terminal, a message to the server.
//!
//! Online and offline are one path. A scan of what the device has no lease of asks the server for that one
//! lease, installs it, and redeems from it like any other; without network the verdict is `not_ready`.
//!
//! It knows nothing of the office's database, and the office nothing of its file. It draws no time and no
//! randomness but through what it is given, and what it has learned of the server it has checked: bundles and
//! replies by the server's key, vouchers by the issuer's.
//!
//! | file | what it knows |
//! |---|---|
//! | `journal` | the file: the only one here that knows SQL |
//! | `identity` | who the device is, whom it believes, how its key is locked |
//! | `enrol` | how it comes to be |
//! | `scan` | a code and what it is worth |
//! | `redeem` | the one handout |
//! | `install` | pages of leases in, leases out |
//! | `sync` | what is told, and what a reply changes |
//! | `talk` | the conversation with the server, call by call |
//! | `line` | the wire |
//! | `export` | the journal as a file that somebody else may carry |

pub mod enrol;
pub mod export;
pub mod identity;
pub mod install;
pub mod journal;
pub mod line;
pub mod redeem;
pub mod scan;
pub mod sync;
pub mod talk;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::clock::{Clock, Entropy};
use crate::domain::id::{EntitlementId, UserId};
use crate::domain::lease::brake::Brake;
use crate::domain::lease::contact;
use crate::domain::lease::device::{self, Core, Input, Output, Step, Stopped};
use crate::domain::redemption::HandoutFault;
use crate::domain::time::Timestamp;
use crate::token::{KeyRing, SigningKey};
use crate::vault::Vault;

use identity::{Identity, Operator, Secret};
use journal::File;

/// Why the device cannot do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no device here.
    #[error("there is no device here yet: enrol it with `salur device enrol`")]
    NotEnrolled,
    /// A device is here already.
    #[error("there is a device here already; a second one needs a folder of its own")]
    Exists,
    /// Another process has the file.
    #[error("another process works with this device")]
    InUse,
    /// The disk does not keep what it should: stop, and look at what was kept.
    #[error("the device's file cannot be written or read, so nothing is handed out: {0}")]
    Storage(String),
    /// The file holds what no version of this program writes.
    #[error("the device's file is damaged: {0}")]
    Damaged(String),
    /// The rows changed between reading and writing.
    #[error("the device was changed by somebody else meanwhile")]
    Moved,
    /// The key that locks the device's own is missing or another.
    #[error("the device's key cannot be opened: {0}")]
    Locked(String),
    /// Nobody has signed in on the device.
    #[error("no operator has signed in on this device: `salur device operator`")]
    NoOperator,
    /// The server cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server says no.
    #[error("the server refuses ({code}): {detail}")]
    Refused {
        /// The stable code.
        code: String,
        /// Its sentence.
        detail: String,
    },
    /// What is to be handed over is not what the package holds.
    #[error("these items cannot be handed over: {0:?}")]
    Handout(HandoutFault),
    /// What is wished cannot be signed.
    #[error("{field}: {why}")]
    Unfit {
        /// Which part of the wish.
        field: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// What came from the server or from a file is not what it should be.
    #[error("{0}")]
    Unbelievable(String),
}

impl Fault {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NotEnrolled => "not_enrolled",
            Self::Exists => "exists",
            Self::InUse => "in_use",
            Self::Storage(_) => "storage",
            Self::Damaged(_) => "damaged",
            Self::Moved => "moved",
            Self::Locked(_) => "locked",
            Self::NoOperator => "no_operator",
            Self::Unreachable(_) => "unreachable",
            Self::Refused { code, .. } => code,
            Self::Handout(_) => "invalid_items",
            Self::Unfit { .. } => "invalid",
            Self::Unbelievable(_) => "unbelievable",
        }
    }

    /// Whether the office said no (and nothing is broken).
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::Handout(_)
                | Self::Unfit { .. }
                | Self::Exists
                | Self::NotEnrolled
                | Self::NoOperator
        )
    }
}

/// An enrolled device, open.
pub struct Device {
    file: File,
    identity: Identity,
    key: SigningKey,
    own: KeyRing,
    issuers: KeyRing,
    servers: KeyRing,
    token: Zeroizing<String>,
    vault: Vault,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// What the disk refused: from then on nobody knows what was kept.
    spoilt: Option<Fault>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({})", self.identity.device)
    }
}

impl Device {
    /// Opens the device in this file.
    pub fn open(path: &Path, secret: &Secret, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, Fault> {
        let file = File::open(path)?;
        Self::of(file, secret, clock, entropy)
    }

    fn of(mut file: File, secret: &Secret, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, Fault> {
        let identity = Identity::load(&mut file)?;
        let vault = identity.lock.open(secret)?;
        let key = identity.open_key(&vault)?;
        let token = identity.open_token(&vault)?;
        let ring = |keys: &[String]| identity::ring(keys);
        let own = KeyRing::of([key.verifying_key()]).map_err(|fault| Fault::Damaged(fault.to_string()))?;
        let (issuers, servers) = (ring(&identity.issuer_keys)?, ring(&identity.server_keys)?);
        Ok(Self { file, identity, key, own, issuers, servers, token, vault, clock, entropy, spoilt: None })
    }

    /// Who it is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Takes the server's word on who signs vouchers, and under which names they are printed.
    fn learn(&mut self, issuer_keys: Vec<String>, hosts: Vec<String>) -> Result<(), Fault> {
        if issuer_keys == self.identity.issuer_keys && hosts == self.identity.hosts {
            return Ok(());
        }
        let issuers = identity::ring(&issuer_keys)?;
        let identity = Identity { issuer_keys, hosts, ..self.identity.clone() };
        let text = identity.text()?;
        self.file.write(|tx| journal::set_paper(tx, identity::IDENTITY, &text))?;
        (self.identity, self.issuers) = (identity, issuers);
        Ok(())
    }

    /// What it knows of itself.
    pub fn core(&mut self) -> Result<Core, Fault> {
        Ok(journal::read_core(self.file.read())?.0)
    }

    /// How many leases, receipts and so on.
    pub fn counts(&mut self) -> Result<journal::Counts, Fault> {
        journal::counts(self.file.read())
    }

    /// Who stands at the device now.
    pub fn operator(&mut self) -> Result<Option<Operator>, Fault> {
        identity::current_operator(self.file.read())
    }

    fn operator_id(&mut self) -> Result<UserId, Fault> {
        Ok(self.operator()?.ok_or(Fault::NoOperator)?.user)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn draw<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        if self.entropy.fill(&mut bytes) {
            Ok(bytes)
        } else {
            Err(Fault::Storage("the system's source of randomness failed".into()))
        }
    }

    /// Remembers what the disk refused. Whatever is asked of the device afterwards is refused with it.
    fn guard<T>(&mut self, done: Result<T, Fault>) -> Result<T, Fault> {
        if let Err(fault @ (Fault::Storage(_) | Fault::Damaged(_))) = &done {
            self.spoilt.get_or_insert_with(|| fault.clone());
        }
        done
    }

    fn sound(&self) -> Result<(), Fault> {
        self.spoilt.clone().map_or(Ok(()), Err)
    }

    /// One step of the protocol about the device itself.
    fn contact(&mut self, input: &contact::Input) -> Result<contact::Output, Fault> {
        self.sound()?;
        let done = self.file.write(|tx| {
            let (core, version) = journal::read_core(tx)?;
            let (core, output) = contact::step(&core, input);
            journal::save_core(tx, &core, version)?;
            Ok(output)
        });
        self.guard(done)
    }

    /// A coordinator sets the device's time, as by the wall clock now.
    pub fn set_time(&mut self) -> Result<(), Fault> {
        let now = self.now();
        self.contact(&contact::Input::SetTime(now)).map(drop)
    }

    /// How far it goes without contact.
    pub fn brake(&mut self) -> Result<Brake, Fault> {
        Ok(self.core()?.brake)
    }
}

/// The stable code of why a device redeems no more.
#[must_use]
pub const fn stopped_code(why: Stopped) -> &'static str {
    device::Refused::Stopped(why).code()
}

/// A step inside a transaction: read, decide, replace. Redeeming has its own, which also stores the receipt.
fn take(tx: &mut journal::Transaction, of: EntitlementId, input: &Input) -> Result<Step, Fault> {
    let (core, version) = journal::read_core(tx)?;
    let (slot, untold) = journal::slot(tx, of)?;
    let no_seal = |_: &crate::domain::lease::Receipt| [0; 32];
    let step = device::step(&core, &slot, of, input, &no_seal);
    let untold = match step.output {
        Output::Return(_) | Output::HoldTaken(_) => true,
        Output::Installed | Output::Released => false,
        _ => untold,
    };
    journal::save_core(tx, &step.core, version)?;
    journal::save_slot(tx, of, &step.slot, untold)?;
    Ok(step)
}
