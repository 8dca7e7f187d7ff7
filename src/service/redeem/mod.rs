//! Verifying and redeeming: the one place where an entitlement becomes a handout.
//!
//! The code is read and its signature checked before any lock is taken. Then all who wait are done in one
//! write transaction (`line`, `group`): the facts are read, `domain` judges each, the entitlement is changed
//! only if it is still as it was judged, the receipt takes the next place in the device's chain and is
//! signed, and the attempt is kept. If the change finds an entitlement otherwise, all of it is done again
//! from the facts. Only after the commit does a caller hear that a package may be handed over.

mod group;
mod reading;
mod receipt;
#[cfg(test)]
mod tests;
mod views;

use std::sync::Arc;

use sha2::{Digest, Sha256};

pub(super) use crate::store::handouts::File;
pub(super) use group::Redeeming;
use group::{Fresh, Wish};
pub(super) use reading::Reading;
pub use receipt::ReceiptView;
pub use views::{DeskToday, Seen, VoucherView};

use super::line::{Job, Line};
use super::{Actor, Error, Office, Refusal};
use crate::domain::id::{AttemptId, EntitlementId, PointId, RedemptionId};
use crate::domain::package::Package;
use crate::domain::pause::Stops;
use crate::domain::programme::Point;
use crate::domain::redemption::{Collector, Facts, Given, HandoutFault, Paper, Shown, Verdict, judge};
use crate::domain::role::Action;
use crate::domain::said::unfit_words;
use crate::domain::time::Timestamp;
use crate::store::attempts::{Attempt, Kind};
use crate::store::devices::Device;
use crate::store::{self, Conn};

/// How often a wish is decided that finds things otherwise than they were read, while the rest of its group does not.
const TRIES: u32 = 3;

/// How a caller names what is to be redeemed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By the QR's text or the typed code.
    Code(String),
    /// By its id, found by name at the desk: the paper is lost or never came.
    Entitlement(EntitlementId),
}

/// A wish to redeem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Chosen by the caller, and the same on every retry.
    pub id: RedemptionId,
    /// What is to be redeemed.
    pub named: Named,
    /// Who stands there.
    pub collector: Collector,
    /// What became of the paper.
    pub paper: Paper,
    /// Why it is not shown.
    pub paper_reason: Option<String>,
    /// What is given, when it is not everything.
    pub items: Option<Vec<Given>>,
    /// When the desk scanned, by its own clock.
    pub scanned_at: Option<Timestamp>,
}

/// A redemption that stands.
#[derive(Debug, Clone)]
pub struct Redeemed {
    /// Its receipt.
    pub receipt: ReceiptView,
    /// Whether it had been made before, by the same request.
    pub replayed: bool,
}

impl File {
    /// The file of this entitlement, where there is one.
    pub(super) fn open(conn: &mut Conn, id: EntitlementId) -> Result<Option<Self>, Error> {
        Ok(store::handouts::files(conn, &[id])?.remove(&id))
    }

    /// What stands still.
    pub(super) fn stops(&self) -> Stops<'_> {
        Stops {
            programme: self.programme.paused_reason.as_deref(),
            round: self.round.paused_reason.as_deref(),
            point: self.point.paused_reason.as_deref(),
        }
    }

    /// What a paper that names it is worth.
    pub(super) fn judge(&self, shown: Shown, at_point: Option<PointId>, now: Timestamp) -> Verdict {
        judge(&Facts { entitlement: &self.entitlement, window: self.window, stops: self.stops(), shown, at_point, now })
    }
}

/// An attempt that waits to be kept with others.
pub(super) struct Noted(Attempt);

impl Job for Noted {
    type Thing = ();

    fn touches(&self) -> Vec<()> {
        Vec::new()
    }
}

/// The line of attempts.
pub(super) type Noting = Line<Noted, Option<Result<(), Error>>>;

/// What came of a wish to redeem.
#[derive(Debug)]
pub(in crate::service) enum Outcome {
    /// It is decided; what was taken is kept with the group. The package, and what the receipt is marked with.
    Taken(Arc<Package>, Vec<String>),
    /// Made now.
    New(Box<Fresh>),
    Replayed,
    IdReused,
    Refused(Box<Seen>),
    /// The office or the desk may not hand out at all now.
    Barred(Refusal),
    WrongItems(HandoutFault),
    /// The item that the point has no whole package of, where the agency lets no desk go on then.
    Empty(String),
}

impl Outcome {
    /// As the attempt is kept and counted.
    const fn word(&self) -> &'static str {
        match self {
            Self::Taken(..) | Self::New(_) => Verdict::Valid.as_str(),
            Self::Replayed => "replayed",
            Self::IdReused => "id_reused",
            Self::Refused(seen) => seen.verdict.as_str(),
            Self::Barred(Refusal::Recovering(_)) => "recovering",
            Self::Barred(Refusal::DeviceRevoked) => "device_revoked",
            Self::Barred(Refusal::IdReused) => "id_reused",
            Self::Barred(_) => "not_allowed",
            Self::WrongItems(_) => "invalid_items",
            Self::Empty(_) => "point_empty",
        }
    }
}

impl Office {
    /// Says what a voucher is worth at the actor's point. Changes no entitlement; the attempt is kept.
    pub fn verify(&self, actor: &Actor, code: &str) -> Result<Seen, Error> {
        actor.must(Action::Verify)?;
        let reading = self.read_code(actor, code)?;
        let seen = match &reading {
            Reading::Refused { verdict, .. } => Seen::only(*verdict),
            Reading::Names { entitlement, shown } => self.pool.read_snapshot(|conn| {
                let Some(file) = File::open(conn, *entitlement)? else { return Ok(Seen::only(Verdict::Unknown)) };
                // Another agency's voucher is a stranger here: nothing of it is shown.
                if file.programme.agency != actor.agency {
                    return Ok(Seen::only(Verdict::Foreign));
                }
                self.seen(conn, file.judge(*shown, actor.point, self.now()), &file)
            })?,
        };
        self.note(self.attempt(actor, Kind::Verify, seen.verdict.as_str(), reading.evidence(), None)?)?;
        count("verify", seen.verdict.as_str());
        Ok(seen)
    }

    /// A fresh id for a hand-over, for a desk whose page cannot choose one itself.
    pub fn new_redemption_id(&self) -> Result<RedemptionId, Error> {
        Ok(RedemptionId::random(self.draw()?))
    }

    /// Redeems. The answer to a repeated request is the receipt of the first; every refusal is kept.
    pub fn redeem(&self, actor: &Actor, claim: &Claim) -> Result<Redeemed, Error> {
        actor.must(Action::Redeem)?;
        let (Some(device), Some(point)) = (actor.device, actor.point) else { return Err(Refusal::NoDevice.into()) };
        check_claim(claim)?;
        let (reading, kid) = match &claim.named {
            Named::Code(code) => self.read_unasked(actor, code)?,
            Named::Entitlement(id) => (Reading::Names { entitlement: *id, shown: Shown::NoPrint }, None),
        };
        let wish = Wish { actor: actor.clone(), device, point, claim: claim.clone(), reading, kid };
        let mut tries = 1;
        let outcome = loop {
            let outcome = match self.redeeming.join(wish.clone(), |wishes, next| self.redeem_group(&wishes, next)) {
                Some(outcome) => outcome,
                // Whoever led the group is gone; whether it was committed, the database knows.
                None => self.redeem_group(std::slice::from_ref(&wish), &|| ()).remove(0),
            };
            match outcome {
                // What was judged good a moment ago is not any more: look again, with whoever waits now.
                Err(Error::Store(store::Error::Raced)) if tries < TRIES => tries += 1,
                Err(error @ Error::Store(store::Error::Raced)) => {
                    self.note(self.attempt(actor, Kind::Redeem, "raced", wish.reading.evidence(), Some(claim.id))?)?;
                    return Err(error);
                }
                outcome => break outcome?,
            }
        };
        count("redeem", outcome.word());
        match outcome {
            Outcome::New(mut fresh) => {
                self.keep_outside(fresh.owed.take().into_iter().collect())?;
                Ok(Redeemed { receipt: self.receipt_of(actor, claim, *fresh)?, replayed: false })
            }
            Outcome::Replayed => {
                self.close_gap()?;
                Ok(Redeemed { receipt: self.load_receipt(claim.id)?, replayed: true })
            }
            Outcome::IdReused => Err(Refusal::IdReused.into()),
            Outcome::Barred(refusal) => Err(refusal.into()),
            Outcome::Refused(seen) => Err(Refusal::Verdict(seen).into()),
            Outcome::WrongItems(fault) => Err(Refusal::Handout(fault).into()),
            Outcome::Empty(item) => Err(Refusal::PointEmpty(item).into()),
            Outcome::Taken(..) => Err(Error::Broken("a handout that was not made".into())),
        }
    }

    /// Keeps an attempt that changes nothing else. Those who come together pay one commit.
    fn note(&self, attempt: Attempt) -> Result<(), Error> {
        let keep = |all: &[Attempt]| self.pool.write("verify", |tx| Ok::<_, Error>(store::handouts::note(tx, all)?));
        let together = self.noting.join(Noted(attempt.clone()), |all, next| {
            let all: Vec<Attempt> = all.into_iter().map(|one| one.0).collect();
            let kept = keep(&all);
            next();
            let each = || match &kept {
                Ok(()) => Some(Ok(())),
                Err(error) => error.of_all().map(Err),
            };
            all.iter().map(|_| each()).collect()
        });
        // Where it failed for another's sake, it is kept alone.
        together.flatten().unwrap_or_else(|| keep(&[attempt]))
    }

    /// An attempt as it is kept.
    fn attempt(
        &self,
        actor: &Actor,
        kind: Kind,
        outcome: &'static str,
        evidence: (Option<EntitlementId>, Option<i32>),
        redemption: Option<RedemptionId>,
    ) -> Result<Attempt, Error> {
        Ok(Attempt {
            id: self.new_id(AttemptId::by_time)?,
            at: self.now(),
            agency: actor.agency,
            kind,
            outcome,
            user: actor.user,
            device: actor.device,
            point: actor.point,
            entitlement: evidence.0,
            redemption,
            print_no: evidence.1,
        })
    }
}

/// The number people quote: point, device, place in the device's chain. No two receipts share one.
pub(super) fn number(point: &Point, device: &Device, seq: i64) -> String {
    format!("{}-{:03}-{seq:06}", point.code, device.number)
}

/// A digest of all that a request asks for. The code counts as what it names, never as its characters.
fn request_hash(claim: &Claim, reading: &Reading) -> [u8; 32] {
    let (entitlement, _) = reading.evidence();
    let asked = format!(
        "{entitlement:?} {:?} {:?} {:?} {:?} {:?}",
        claim.collector, claim.paper, claim.paper_reason, claim.items, claim.scanned_at
    );
    Sha256::digest(asked.as_bytes()).into()
}

fn check_claim(claim: &Claim) -> Result<(), Error> {
    let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.into() });
    let reason = claim.paper_reason.as_deref();
    if let Some((field, why)) =
        unfit_words(claim.collector.name.as_deref(), claim.collector.relation.as_deref(), reason)
    {
        return Err(invalid(field, why));
    }
    if claim.items.as_ref().is_some_and(|items| items.len() > 32) {
        return Err(invalid("items", "at most 32 lines"));
    }
    match (&claim.named, claim.paper) {
        (Named::Code(_), Paper::Seen) => Ok(()),
        (Named::Code(_), _) => Err(invalid("entitlement_id", "without the paper, name the entitlement by its id")),
        (Named::Entitlement(_), Paper::Seen) => Err(invalid("code", "the code of the paper that was seen")),
        (Named::Entitlement(_), _) => {
            let reason = claim.paper_reason.as_deref().unwrap_or("").trim();
            if reason.is_empty() { Err(invalid("reason", "say why the paper is not shown")) } else { Ok(()) }
        }
    }
}

fn count(kind: &'static str, outcome: &'static str) {
    metrics::counter!("salur_attempts_total", "kind" => kind, "outcome" => outcome).increment(1);
}
