//! The one handout on a device: decided, signed and stored in one transaction, and only then shown.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::journal::{self, Kept, Transaction};
use super::scan::{self, Read, Scan, Written};
use super::{Device, Fault};
use crate::domain::id::{AttemptId, Identifier, RedemptionId, UserId};
use crate::domain::lease::device::{self, Input, Output};
use crate::domain::lease::scan::{Shown, Why};
use crate::domain::package::Item;
use crate::domain::redemption::{CollectorKind, Given, HandoutFault, Paper, Verdict, hand_out};
use crate::domain::said::unfit_words;
use crate::domain::sealed::Field;
use crate::domain::time::Timestamp;
use crate::token::{self, ReceiptBody, SigningKey};
use crate::vault::Vault;

/// What the operator wishes.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Drawn for this one wish, and kept for its retries.
    pub id: RedemptionId,
    /// The text of the QR, or the typed code.
    pub code: String,
    /// Who stands there.
    pub collector: CollectorKind,
    /// Their name, if it is not the recipient.
    pub collector_name: Option<String>,
    /// How they belong together.
    pub relation: Option<String>,
    /// Whether a proof of identity was seen.
    pub id_seen: bool,
    /// What was given, when it was not everything.
    pub given: Option<Vec<Given>>,
}

impl Wish {
    /// The plainest: the recipient in person, everything given.
    #[must_use]
    pub fn plain(id: RedemptionId, code: &str) -> Self {
        Self {
            id,
            code: code.to_owned(),
            collector: CollectorKind::Oneself,
            collector_name: None,
            relation: None,
            id_seen: true,
            given: None,
        }
    }
}

/// How a wish ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Green. `again`: the same wish had its green before, and this is no second handout.
    Green {
        /// The receipt, durable.
        kept: Kept,
        /// What is handed over: code and quantity.
        items: Vec<(String, i64)>,
        /// Whether it is the same wish again.
        again: bool,
        /// What was unusual.
        flags: Vec<String>,
    },
    /// Not green.
    Refused(Scan),
}

impl Outcome {
    /// What the screen says.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Green { .. } => Verdict::Valid,
            Self::Refused(scan) => scan.verdict,
        }
    }
}

/// What a receipt holds only as a digest, until the server has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Detail {
    pub(super) salt: Vec<u8>,
    pub(super) name: String,
}

/// What a round's leases hand out, as [`super::install`] stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What people call it.
    pub name: String,
    /// What a package is worth.
    pub value_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// The lines of the package; where the server did not say packs and prices, only code and quantity.
    pub items: Vec<(String, i64)>,
    /// The lines with packs and prices.
    pub lines: Vec<Item>,
}

impl Content {
    pub(super) fn of(round: &journal::Round) -> Result<Self, Fault> {
        serde_json::from_str(&round.content).map_err(|fault| Fault::Damaged(fault.to_string()))
    }
}

struct Signed {
    body: ReceiptBody,
    bytes: Vec<u8>,
}

/// What goes into the receipt besides the protocol.
struct Pen<'a> {
    key: &'a SigningKey,
    identity: &'a Identity,
    operator: UserId,
    wish: &'a Wish,
    print: u32,
    name_digest: Option<[u8; 32]>,
    round: crate::domain::id::RoundId,
    items: Vec<(String, i64)>,
    value_minor: i64,
    currency: &'a str,
}

impl Pen<'_> {
    fn sign(&self, receipt: &crate::domain::lease::Receipt) -> Result<Signed, token::Fault> {
        let mut flags = Vec::new();
        if receipt.flags.clock_back {
            flags.push("clock_back".to_owned());
        }
        if receipt.flags.clock_reset {
            flags.push("clock_reset".to_owned());
        }
        let body = ReceiptBody {
            redemption: receipt.redemption,
            entitlement: receipt.entitlement,
            fence: receipt.fence,
            device: receipt.device,
            seq: receipt.seq,
            prev_hash: receipt.prev_hash,
            operator: self.operator,
            point: self.identity.point.number,
            round: self.round,
            print: self.print,
            claimed_at_ms: receipt.claimed_at.millis(),
            received_at_ms: None,
            collector: self.wish.collector.as_str().to_owned(),
            relation: self.wish.relation.clone(),
            id_seen: self.wish.id_seen,
            name_digest: self.name_digest,
            paper: Paper::Seen.as_str().to_owned(),
            items: self.items.clone(),
            value_minor: self.value_minor,
            currency: self.currency.to_owned(),
            flags,
        };
        let bytes = token::sign_receipt(self.key, &body)?;
        Ok(Signed { body, bytes })
    }
}

impl Device {
    /// Redeems, if this device has the right. Whatever this answers is durable before it is answered.
    pub fn redeem(&mut self, wish: &Wish) -> Result<Outcome, Fault> {
        if let Some((field, why)) = unfit_words(wish.collector_name.as_deref(), wish.relation.as_deref(), None) {
            return Err(Fault::Unfit { field, why });
        }
        self.sound()?;
        let operator = self.operator_id()?;
        let wall = self.now();
        let attempt = AttemptId::by_time(wall, self.draw()?);
        let (salt, nonce) = (self.draw::<16>()?, self.draw::<24>()?);
        let Self { file, identity, key, issuers, vault, .. } = self;
        let done = file.write(|tx| {
            let found = match scan::read(tx, &wish.code, &identity.hosts, issuers)? {
                Ok(found) => found,
                Err(scan) => return refused(tx, scan, attempt, wall, operator),
            };
            let desk = Desk { identity, key, vault, operator, wall, salt, nonce };
            match desk.redeem(tx, wish, found)? {
                Outcome::Refused(scan) => refused(tx, scan, attempt, wall, operator),
                green => Ok(green),
            }
        });
        self.guard(done)
    }

    /// The screen turned green: from here on the operator is known to have seen it.
    pub fn shown(&mut self, wish: RedemptionId) -> Result<(), Fault> {
        let done = self.file.write(|tx| journal::mark_shown(tx, wish));
        self.guard(done)
    }

    /// Handouts that are recorded, and of which nobody can say whether they were shown: the power went between.
    pub fn unconfirmed(&mut self) -> Result<Vec<Kept>, Fault> {
        journal::unconfirmed(self.file.read())
    }
}

fn refused(
    tx: &mut Transaction,
    scan: Scan,
    attempt: AttemptId,
    at: Timestamp,
    operator: UserId,
) -> Result<Outcome, Fault> {
    scan::note(tx, &scan, attempt, at, Some(operator))?;
    Ok(Outcome::Refused(scan))
}

/// All that stands around one wish.
struct Desk<'a> {
    identity: &'a Identity,
    key: &'a SigningKey,
    vault: &'a Vault,
    operator: UserId,
    wall: Timestamp,
    salt: [u8; 16],
    nonce: [u8; 24],
}

impl Desk<'_> {
    fn redeem(&self, tx: &mut Transaction, wish: &Wish, found: Read) -> Result<Outcome, Fault> {
        let of = found.entitlement;
        let mut written = Written::about(tx, of)?;
        if let Some(kept) = journal::receipt(tx, wish.id)? {
            if kept.entitlement != of {
                return Err(Fault::Refused {
                    code: "id_reused".into(),
                    detail: "the id stands for another wish".into(),
                });
            }
            let items = written.round.as_ref().map(Content::of).transpose()?.map(|content| content.items);
            let items = items.unwrap_or_default();
            return Ok(Outcome::Green { kept, items, again: true, flags: Vec::new() });
        }
        if let Err(why) = written.judge(found.shown, self.identity.point.number, self.wall) {
            self.see(tx, &mut written)?;
            return scan::refusal(tx, of, why).map(Outcome::Refused);
        }
        let (Some(entry), Some(round)) = (&written.entry, &written.round) else {
            return Err(Fault::Damaged(format!("a lease of {of} without its round")));
        };
        let content = Content::of(round)?;
        let (items, value_minor) = self.given(wish, &content)?;
        let name = wish.collector_name.as_deref().filter(|_| wish.collector != CollectorKind::Oneself);
        let pen = Pen {
            key: self.key,
            identity: self.identity,
            operator: self.operator,
            wish,
            print: match found.shown {
                Shown::Qr { print, .. } => print,
                Shown::Typed => entry.print,
            },
            name_digest: name.map(|name| digest(&self.salt, name)),
            round: round.round,
            items,
            value_minor,
            currency: &content.currency,
        };
        let signed = RefCell::new(None);
        let seal = |receipt: &crate::domain::lease::Receipt| match pen.sign(receipt) {
            Ok(made) => {
                let hash = token::receipt_hash(&made.bytes);
                *signed.borrow_mut() = Some(made);
                hash
            }
            Err(_) => [0; 32],
        };
        let input = Input::Redeem { redemption: wish.id, wall: self.wall };
        let step = device::step(&written.core, &written.slot, of, &input, &seal);
        let receipt = match step.output {
            Output::Green(receipt) => receipt,
            Output::Refused(why) => {
                journal::save_core(tx, &step.core, written.version)?;
                return scan::refusal(tx, of, Why::Refused(why)).map(Outcome::Refused);
            }
            other => return Err(Fault::Damaged(format!("a wish ended in {other:?}"))),
        };
        let Some(Signed { body, bytes }) = signed.into_inner() else {
            return Err(Fault::Refused { code: "invalid".into(), detail: "the receipt would be too long".into() });
        };
        let kept = Kept {
            seq: receipt.seq,
            redemption: receipt.redemption,
            entitlement: of,
            hash: receipt.hash,
            signed: bytes,
            claimed_at: receipt.claimed_at,
            shown: false,
            answer: None,
            detail: name.map(|name| self.sealed_detail(wish.id, name)).transpose()?,
        };
        journal::save_core(tx, &step.core, written.version)?;
        journal::save_slot(tx, of, &step.slot, false)?;
        journal::add_receipt(tx, &kept)?;
        Ok(Outcome::Green { kept, items: body.items, again: false, flags: body.flags })
    }

    /// A refusal changes nothing but what the device has seen of the time.
    fn see(&self, tx: &mut Transaction, written: &mut Written) -> Result<(), Fault> {
        written.core.clock = written.core.clock.see(self.wall).0;
        journal::save_core(tx, &written.core, written.version)
    }

    fn given(&self, wish: &Wish, content: &Content) -> Result<(Vec<(String, i64)>, i64), Fault> {
        let Some(given) = &wish.given else { return Ok((content.items.clone(), content.value_minor)) };
        let handout = hand_out(&content.lines, Some(given)).map_err(Fault::Handout)?;
        // Nothing at all is no handout: the household goes home with its right.
        if let Some(first) = handout.given.first()
            && handout.given.iter().all(|line| line.quantity == 0)
        {
            return Err(Fault::Handout(HandoutFault::Quantity { code: first.code.clone() }));
        }
        let items = handout.given.into_iter().map(|given| (given.code, given.quantity)).collect();
        Ok((items, handout.value.minor()))
    }

    fn sealed_detail(&self, of: RedemptionId, name: &str) -> Result<Vec<u8>, Fault> {
        let detail = Detail { salt: self.salt.to_vec(), name: name.to_owned() };
        let text = serde_json::to_vec(&detail).map_err(|fault| Fault::Damaged(fault.to_string()))?;
        let sealed = self.vault.seal(Field::CollectorName, of.bytes(), self.nonce, &text);
        Ok(sealed.map_err(|fault| Fault::Locked(fault.to_string()))?.ciphertext().to_vec())
    }
}

fn digest(salt: &[u8; 16], name: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::new().chain_update(salt).chain_update(name.as_bytes()).finalize().into()
}
