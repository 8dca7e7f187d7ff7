//! Verifying and redeeming: the one place where an entitlement becomes a handout.
//!
//! The code is read and its signature checked before any lock is taken. Then everything happens in one
//! write transaction: the facts are read, `domain` judges, the entitlement is changed only if it is still
//! as it was judged, the receipt takes the next place in the device's chain and is signed, and the attempt
//! is kept. If the change finds the entitlement otherwise, all of it is done again from the facts. Only
//! after the commit does a caller hear that a package may be handed over.

mod reading;
mod receipt;
mod views;

use sha2::{Digest, Sha256};

pub(super) use reading::Reading;
pub use receipt::ReceiptView;
pub use views::{DeskToday, Seen, VoucherView};

use super::lease::kept_fact;
use super::{Actor, Error, Office, Refusal};
use crate::domain::entitlement::{Entitlement, Fence};
use crate::domain::id::{AttemptId, DeviceId, EntitlementId, Identifier, PointId, RedemptionId};
use crate::domain::lease::office::{Office as LeaseOffice, Row as LeaseRow};
use crate::domain::lease::server::{self, Answer, Facts as LeaseFacts, Input, Refused};
use crate::domain::pause::Stops;
use crate::domain::programme::{Point, Programme, Round, Window};
use crate::domain::redemption::{
    Collector, Facts, Given, Handout, HandoutFault, Paper, Shown, Verdict, hand_out, judge,
};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::time::{Timestamp, Zone};
use crate::outside::FactId;
use crate::store::attempts::{Attempt, Kind};
use crate::store::devices::Device;
use crate::store::redemptions::Redemption;
use crate::store::{self, Conn, Write};
use crate::token::fact::Outside;
use crate::token::{self, KeyRing, ReceiptBody, SigningKey, receipt_hash, sign_receipt};
use crate::transparency::Leaf;

/// A desk clock that differs by more than this from the server's is put on the receipt.
const CLOCK_DOUBT_MILLIS: i64 = 5 * 60 * 1_000;

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

/// What the facts of one entitlement are.
pub(super) struct File {
    pub(super) entitlement: Entitlement,
    pub(super) round: Round,
    pub(super) programme: Programme,
    /// The point at which it can be redeemed.
    pub(super) point: Point,
    /// The window that counts at that point.
    pub(super) window: Window,
}

impl File {
    /// Loads what goes with an entitlement.
    pub(super) fn open(conn: &mut Conn, entitlement: Entitlement) -> Result<Self, Error> {
        let round = store::rounds::find(conn, entitlement.round)?.ok_or(Refusal::NotFound("round"))?;
        let programme = store::programmes::find(conn, round.programme)?.ok_or(Refusal::NotFound("programme"))?;
        let point = store::points::find(conn, entitlement.point)?.ok_or(Refusal::NotFound("point"))?;
        let window = store::point_windows::at(conn, &round, point.id)?;
        Ok(Self { entitlement, round, programme, point, window })
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

enum Outcome {
    /// Made now; the fact that is owed for it.
    New(FactId, Vec<u8>),
    Replayed,
    IdReused,
    Refused(Box<Seen>),
    WrongItems(HandoutFault),
    /// The item that the point has no whole package of, where the agency lets no desk go on then.
    Empty(String),
}

impl Office {
    /// Says what a voucher is worth at the actor's point. Changes no entitlement; the attempt is kept.
    pub fn verify(&self, actor: &Actor, code: &str) -> Result<Seen, Error> {
        actor.must(Action::Verify)?;
        let reading = self.read_code(actor, code)?;
        let seen = self.pool.write("verify", |tx| {
            let seen = match &reading {
                Reading::Refused { verdict, .. } => Seen::only(*verdict),
                Reading::Names { entitlement, shown } => match self.open_file(tx, actor, *entitlement)? {
                    Ok(file) => {
                        let verdict = self.judge(actor, &file, *shown);
                        self.seen(tx, verdict, &file)?
                    }
                    Err(verdict) => Seen::only(verdict),
                },
            };
            self.keep_attempt(tx, actor, Kind::Verify, seen.verdict.as_str(), reading.evidence(), None)?;
            Ok::<_, Error>(seen)
        })?;
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
        let reading = match &claim.named {
            Named::Code(code) => self.read_code(actor, code)?,
            Named::Entitlement(id) => Reading::Names { entitlement: *id, shown: Shown::NoPrint },
        };
        let outcome = self.pool.write("redeem", |tx| {
            let outcome = self.redeem_in(tx, actor, (device, point), claim, &reading)?;
            let word = match &outcome {
                Outcome::New(..) => Verdict::Valid.as_str(),
                Outcome::Replayed => "replayed",
                Outcome::IdReused => "id_reused",
                Outcome::Refused(seen) => seen.verdict.as_str(),
                Outcome::WrongItems(_) => "invalid_items",
                Outcome::Empty(_) => "point_empty",
            };
            self.keep_attempt(tx, actor, Kind::Redeem, word, reading.evidence(), Some(claim.id))?;
            Ok::<_, Error>((outcome, word))
        })?;
        count("redeem", outcome.1);
        // Rule 13: no redemption lives in the database alone when the screen turns green.
        let replayed = match outcome.0 {
            Outcome::New(id, record) => {
                self.keep_outside(vec![(id, record)])?;
                false
            }
            Outcome::Replayed => {
                self.close_gap()?;
                true
            }
            Outcome::IdReused => return Err(Refusal::IdReused.into()),
            Outcome::Refused(seen) => return Err(Refusal::Verdict(seen).into()),
            Outcome::WrongItems(fault) => return Err(Refusal::Handout(fault).into()),
            Outcome::Empty(item) => return Err(Refusal::PointEmpty(item).into()),
        };
        Ok(Redeemed { receipt: self.load_receipt(claim.id)?, replayed })
    }

    fn redeem_in(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        (device, point): (DeviceId, PointId),
        claim: &Claim,
        reading: &Reading,
    ) -> Result<Outcome, Error> {
        // Whoever pauses waits for the handouts under way, and these for whoever pauses.
        store::turns::share(tx, &actor.agency)?;
        let request_hash = request_hash(claim, reading);
        if let Some(known) = store::redemptions::find(tx, claim.id)? {
            let same = known.request_hash == request_hash && known.device == device;
            return Ok(if same { Outcome::Replayed } else { Outcome::IdReused });
        }
        let (id, shown) = match reading {
            Reading::Refused { verdict, .. } => return Ok(Outcome::Refused(Box::new(Seen::only(*verdict)))),
            Reading::Names { entitlement, shown } => (*entitlement, *shown),
        };
        let file = match self.open_file(tx, actor, id)? {
            Ok(file) => file,
            Err(verdict) => return Ok(Outcome::Refused(Box::new(Seen::only(verdict)))),
        };
        let verdict = self.judge(actor, &file, shown);
        if verdict != Verdict::Valid {
            return Ok(Outcome::Refused(Box::new(self.seen(tx, verdict, &file)?)));
        }
        let package = store::packages::find(tx, file.round.package)?.ok_or(Refusal::NotFound("package"))?;
        let handout = match hand_out(&package.items, claim.items.as_deref()) {
            Ok(handout) => handout,
            Err(fault) => return Ok(Outcome::WrongItems(fault)),
        };

        let agency = store::agencies::find(tx, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
        if agency.rules.stop_when_empty {
            // Two desks do not both see the last package.
            store::stock::hold(tx, file.programme.id)?;
            if let Some(item) = self.used_up(tx, &file.round, point)? {
                return Ok(Outcome::Empty(item));
            }
        }

        let office = Self::standing(tx)?;
        if office.recovering() {
            return Err(Refusal::Recovering(office.missing).into());
        }
        let row = store::leases::row(tx, &file.entitlement)?;
        let fence = row.next_fence(office);
        let (redemption, leaf) =
            self.sign(tx, actor, (device, point), claim, &file, fence, handout, request_hash, agency.zone)?;
        self.take_here(tx, actor, &file, office, row, &redemption)?;
        store::redemptions::insert(tx, &redemption).map_err(|error| match error {
            // The same request, or another with the same id, was first: look again.
            store::Error::Unique(_) => store::Error::Raced,
            other => other,
        })?;
        if redemption.short.is_some() {
            // What was not given is not realised. If it is owed, it needs a right and a commitment of its own.
            let rest = file.entitlement.value.minus(redemption.value).unwrap_or_default();
            store::programmes::release(tx, file.programme.id, rest)?;
        }
        let (id, record) = self.owe(tx, &Outside::Redeemed(kept_fact(&redemption)))?;
        super::log::append(tx, &leaf)?;
        Ok(Outcome::New(id, record))
    }

    /// The online path through the lease protocol: for the time of this transaction the server holds the right, and
    /// redeems under the next fence in the desk's own chain.
    fn take_here(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        file: &File,
        office: LeaseOffice,
        row: LeaseRow,
        redemption: &Redemption,
    ) -> Result<(), Error> {
        let device = store::devices::find(tx, redemption.device)?.ok_or(Refusal::NotFound("device"))?;
        let ring = KeyRing::of([Self::device_key(&device)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
        let (_, body) = token::verify_receipt(&redemption.receipt, &ring)
            .map_err(|fault| Error::Broken(format!("a receipt of its own desk does not verify: {fault}")))?;
        let receipt = token::receipt::in_protocol(&body, &redemption.receipt);
        let mut known = store::received::known(tx, &receipt)?;
        known.before = (receipt.seq > 1).then_some(receipt.prev_hash);
        // The place in the chain was taken in this transaction: the device as it was before that speaks.
        let mut member = device.member();
        member.highest = receipt.seq.saturating_sub(1);
        member.received = member.highest;
        let step = server::step(&LeaseFacts { office, member, row }, &Input::RedeemHere { receipt, known });
        match step.answer {
            Answer::Taken { .. } => self.apply(tx, actor.who(), &file.entitlement, &step, None),
            Answer::Refused(Refused::Barred) => Err(Refusal::DeviceRevoked.into()),
            Answer::Refused(Refused::OtherFence) if known.same_id.is_some() => Err(Refusal::IdReused.into()),
            // What was judged good a moment ago is not any more: look again.
            _ => Err(store::Error::Raced.into()),
        }
    }

    /// Takes the next place in the device's chain and signs the receipt for it; with it goes its leaf of the log.
    #[allow(clippy::too_many_arguments)]
    fn sign(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        (device, point): (DeviceId, PointId),
        claim: &Claim,
        file: &File,
        fence: Fence,
        handout: Handout,
        request_hash: [u8; 32],
        zone: Zone,
    ) -> Result<(Redemption, Leaf), Error> {
        let now = self.now();
        let (seq, prev_hash) = store::devices::take_place(tx, device, now)?.ok_or(Refusal::DeviceRevoked)?;
        let device = store::devices::find(tx, device)?.ok_or(Refusal::NotFound("device"))?;
        let place = store::points::find(tx, point)?.ok_or(Refusal::NotFound("point"))?;
        let scanned_at = claim.scanned_at.unwrap_or(now);
        let mut flags = Vec::new();
        if (scanned_at.millis() - now.millis()).abs() > CLOCK_DOUBT_MILLIS {
            flags.push("clock_doubt".to_owned());
        }
        if !claim.collector.id_seen {
            flags.push("no_id_seen".to_owned());
        }
        let collector_name = match &claim.collector.name {
            None => None,
            Some(name) => {
                let salt: [u8; 16] = self.draw()?;
                let sealed = self.vault.seal(Field::CollectorName, claim.id.bytes(), self.draw()?, name.as_bytes())?;
                let digest: [u8; 32] = Sha256::new().chain_update(salt).chain_update(name.as_bytes()).finalize().into();
                Some((sealed, salt, digest))
            }
        };
        let print_no = file.entitlement.print_no;
        let body = ReceiptBody {
            redemption: claim.id,
            entitlement: file.entitlement.id,
            fence,
            device: device.id,
            seq: u64::try_from(seq).unwrap_or(0),
            prev_hash,
            operator: actor.user,
            point: u32::try_from(place.number).unwrap_or(0),
            round: file.round.id,
            print: u32::try_from(print_no).unwrap_or(0),
            claimed_at_ms: scanned_at.millis(),
            received_at_ms: Some(now.millis()),
            collector: claim.collector.kind.as_str().to_owned(),
            relation: claim.collector.relation.clone(),
            id_seen: claim.collector.id_seen,
            name_digest: collector_name.as_ref().map(|(_, _, digest)| *digest),
            paper: claim.paper.as_str().to_owned(),
            items: handout.given.iter().map(|given| (given.code.clone(), given.quantity)).collect(),
            value_minor: handout.value.minor(),
            currency: file.programme.currency.clone(),
            flags,
        };
        let receipt = sign_receipt(&self.signing_key(&device)?, &body)
            .map_err(|fault| Error::Broken(format!("the receipt cannot be signed: {fault}")))?;
        let receipt_hash = receipt_hash(&receipt);
        store::devices::set_head(tx, device.id, receipt_hash)?;
        let redemption = Redemption {
            id: claim.id,
            entitlement: file.entitlement.id,
            round: file.round.id,
            point,
            device: device.id,
            operator: actor.user,
            seq,
            number: number(&place, &device, seq),
            collector: claim.collector.kind,
            relation: claim.collector.relation.clone(),
            collector_name: collector_name.map(|(sealed, salt, _)| (sealed, salt)),
            id_seen: claim.collector.id_seen,
            paper: claim.paper,
            paper_reason: claim.paper_reason.clone(),
            short: handout.short.then_some(handout.given),
            value: handout.value,
            scanned_at,
            received_at: now,
            day: now.date(zone).to_string(),
            request_hash,
            receipt,
            receipt_hash,
        };
        let leaf = super::log::redeem_leaf(&body, actor.agency, &redemption, place.number);
        Ok((redemption, leaf))
    }

    fn signing_key(&self, device: &Device) -> Result<SigningKey, Error> {
        let sealed = device.key.as_ref().ok_or(Refusal::NoDevice)?;
        Ok(SigningKey::from_seed(&*self.vault.open_key(device.kid, sealed)?))
    }

    /// Loads what the decision needs, or the verdict on what is not there for this actor.
    fn open_file(&self, conn: &mut Conn, actor: &Actor, id: EntitlementId) -> Result<Result<File, Verdict>, Error> {
        let Some((entitlement, agency)) = store::entitlements::find(conn, id)? else {
            return Ok(Err(Verdict::Unknown));
        };
        // Another agency's voucher is a stranger here: nothing of it is shown.
        if agency != actor.agency {
            return Ok(Err(Verdict::Foreign));
        }
        Ok(Ok(File::open(conn, entitlement)?))
    }

    fn judge(&self, actor: &Actor, file: &File, shown: Shown) -> Verdict {
        file.judge(shown, actor.point, self.now())
    }

    fn keep_attempt(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        kind: Kind,
        outcome: &'static str,
        evidence: (Option<EntitlementId>, Option<i32>),
        redemption: Option<RedemptionId>,
    ) -> Result<(), Error> {
        let attempt = Attempt {
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
        };
        Ok(store::attempts::insert(tx, &attempt)?)
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
    let fits = |text: &Option<String>, max: usize| {
        text.as_ref().is_none_or(|text| text.chars().count() <= max && !text.chars().any(char::is_control))
    };
    if !fits(&claim.collector.name, 120) {
        return Err(invalid("collector.name", "at most 120 characters on one line"));
    }
    if !fits(&claim.collector.relation, 60) {
        return Err(invalid("collector.relation", "at most 60 characters on one line"));
    }
    if !fits(&claim.paper_reason, 200) {
        return Err(invalid("reason", "at most 200 characters on one line"));
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
