//! A group of redemptions in one transaction: read together, decided one after the other by `domain`, kept together.
//!
//! Each is decided for itself: a refusal is one caller's answer and nobody else's. Where the database or the program
//! fails, nothing of the group remains, and each of it is done again alone, so that the one that cannot be done fails
//! alone. Nobody is answered before the commit, and before the facts of the group are outside.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Claim, File, Outcome, Reading, Seen, number, request_hash};
use crate::domain::entitlement::Fence;
use crate::domain::exception::{hand_out_of, part};
use crate::domain::id::{AgencyId, DeviceId, EntitlementId, Identifier, PointId, ProgrammeId, RedemptionId};
use crate::domain::lease::evidence::Known;
use crate::domain::lease::office::Office as Standing;
use crate::domain::lease::server::{self, Answer, Facts as LeaseFacts, Input, Refused};
use crate::domain::money::Money;
use crate::domain::package::Package;
use crate::domain::redemption::{Handout as Given, HandoutFault, Verdict};
use crate::domain::sealed::Field;
use crate::domain::time::Timestamp;
use crate::outside::FactId;
use crate::service::exception::holds;
use crate::service::lease::kept_fact;
use crate::service::line::{Job, Line};
use crate::service::log;
use crate::service::{Actor, Error, Office, Refusal};
use crate::store::attempts::Kind;
use crate::store::devices::Device;
use crate::store::handouts::{Desk, Handout, Made};
use crate::store::redemptions::Redemption;
use crate::store::{self, Write};
use crate::token::fact::Outside;
use crate::token::receipt::in_protocol;
use crate::token::{ReceiptBody, receipt_hash, sign_receipt};

/// A desk clock that differs by more than this from the server's is put on the receipt.
const CLOCK_DOUBT_MILLIS: i64 = 5 * 60 * 1_000;

/// The line of those who want to redeem.
pub(in crate::service) type Redeeming = Line<Wish, Result<Outcome, Error>>;

/// One wish to redeem, as far as it can be understood without the database.
#[derive(Debug, Clone)]
pub(in crate::service) struct Wish {
    pub(super) actor: Actor,
    pub(super) device: DeviceId,
    pub(super) point: PointId,
    pub(super) claim: Claim,
    pub(super) reading: Reading,
    /// The key that signed the paper, of which nobody knows yet whether it is still good.
    pub(super) kid: Option<[u8; 4]>,
}

impl Job for Wish {
    type Thing = [u8; 16];

    fn touches(&self) -> Vec<[u8; 16]> {
        let entitlement = self.reading.evidence().0.map(|id| *id.bytes());
        std::iter::once(*self.claim.id.bytes()).chain(entitlement).collect()
    }
}

/// A handout that was made now, with all that its receipt shows.
#[derive(Debug)]
pub(in crate::service) struct Fresh {
    pub(super) found: File,
    pub(super) package: Arc<Package>,
    pub(super) flags: Vec<String>,
    pub(super) desk: Device,
    pub(super) redemption: Redemption,
    /// The fact that is owed for it, until it is stored.
    pub(super) owed: Option<(FactId, Vec<u8>)>,
}

/// What is known of a group before anything is decided.
struct Group {
    office: Standing,
    made: HashMap<RedemptionId, Made>,
    /// Ids under which a device has brought a receipt.
    brought: HashSet<RedemptionId>,
    files: HashMap<EntitlementId, File>,
    desks: HashMap<DeviceId, Desk>,
    compromised: Vec<[u8; 4]>,
    now: Timestamp,
}

impl Office {
    /// Does a group, and says when the next one may begin.
    pub(super) fn redeem_group(&self, wishes: &[Wish], next: &dyn Fn()) -> Vec<Result<Outcome, Error>> {
        let mut outcomes = match self.try_group(wishes) {
            Ok(outcomes) => outcomes,
            Err(error) if wishes.len() == 1 => vec![Err(error)],
            Err(error) if error.of_all().is_some() => wishes.iter().filter_map(|_| error.of_all()).map(Err).collect(),
            Err(error) => {
                tracing::warn!(%error, count = wishes.len(), "a group of redemptions failed: each is done alone");
                self.each_alone(wishes)
            }
        };
        next();
        // Rule 13: no redemption lives in the database alone when the screen turns green. One write for all; where it
        // fails, each caller tries it for its own and hears why.
        let owed: Vec<_> = outcomes.iter().filter_map(owed_of).cloned().collect();
        if self.store_owed(owed).is_ok() {
            for outcome in &mut outcomes {
                if let Ok(Outcome::New(fresh)) = outcome {
                    fresh.owed = None;
                }
            }
        }
        outcomes
    }

    /// Does one after the other. Once the database does not answer, nobody waits for it any more.
    fn each_alone(&self, wishes: &[Wish]) -> Vec<Result<Outcome, Error>> {
        let mut outcomes: Vec<Result<Outcome, Error>> = Vec::with_capacity(wishes.len());
        for wish in wishes {
            let gone = outcomes.last().and_then(|last| last.as_ref().err()?.of_all());
            outcomes.push(match gone {
                Some(error) => Err(error),
                None => self.try_group(std::slice::from_ref(wish)).and_then(|mut one| one.remove(0)),
            });
        }
        outcomes
    }

    /// Does a group in one transaction, or nothing of it.
    pub(super) fn try_group(&self, wishes: &[Wish]) -> Result<Vec<Result<Outcome, Error>>, Error> {
        let whole = || self.pool.write("redeem", |tx| self.redeem_in(tx, wishes));
        // A panic has rolled the transaction back by the time it comes here.
        catch_unwind(AssertUnwindSafe(whole))
            .unwrap_or_else(|_| Err(Error::Broken("the program failed while it redeemed".into())))
    }

    fn redeem_in(&self, tx: &mut Write<'_>, wishes: &[Wish]) -> Result<Vec<Result<Outcome, Error>>, Error> {
        let mut group = self.gather_group(tx, wishes)?;
        let mut outcomes = Vec::with_capacity(wishes.len());
        let (mut handouts, mut attempts) = (Vec::new(), Vec::with_capacity(wishes.len()));
        for wish in wishes {
            let compromised = wish.kid.is_some_and(|kid| group.compromised.contains(&kid));
            let stranger = Reading::refused(Verdict::Foreign);
            let reading = if compromised { &stranger } else { &wish.reading };
            let outcome = match self.decide_one(tx, &mut group, wish, reading, &mut handouts) {
                // One whose desk has moved since it said where it stands asks again: that is one attempt.
                Err(error @ Error::Store(store::Error::Raced)) => {
                    outcomes.push(Err(error));
                    continue;
                }
                Err(Error::Refused(refusal)) => Outcome::Barred(*refusal),
                decided => decided?,
            };
            let word = outcome.word();
            attempts.push(self.attempt(&wish.actor, Kind::Redeem, word, reading.evidence(), Some(wish.claim.id))?);
            outcomes.push(Ok(outcome));
        }
        let used: HashSet<DeviceId> = handouts.iter().map(|one: &Handout| one.redemption.device).collect();
        let desks: Vec<&Device> =
            group.desks.values().map(|desk| &desk.device).filter(|device| used.contains(&device.id)).collect();
        // Before this a group changes nothing.
        store::handouts::keep(tx, &handouts, &desks, &attempts, group.now)?;
        // What was not given is not realised. If it is owed, it needs a right and a commitment of its own. Programmes are
        // released in the order of their ids, the same for everybody.
        let mut rests: BTreeMap<ProgrammeId, Money> = BTreeMap::new();
        for one in handouts.iter().filter(|one| one.redemption.short.is_some()) {
            let rest = rests.entry(group.files[&one.was.id].programme.id).or_default();
            let not_given = one.was.value.minus(one.redemption.value).unwrap_or_default();
            *rest = rest.plus(not_given).map_err(|fault| Error::Broken(fault.to_string()))?;
        }
        for (programme, rest) in rests {
            store::programmes::release(tx, programme, rest)?;
        }
        self.make_fresh(&mut group, handouts, &mut outcomes)?;
        Ok(outcomes)
    }

    /// Reads all that the group is decided by.
    fn gather_group(&self, tx: &mut Write<'_>, wishes: &[Wish]) -> Result<Group, Error> {
        // Whoever pauses waits for the handouts under way, and these for whoever pauses.
        let agencies: BTreeSet<AgencyId> = wishes.iter().map(|wish| wish.actor.agency).collect();
        let office = Self::standing_with(tx, &agencies.into_iter().collect::<Vec<_>>())?;
        // Before anything else is read: what waits here for another server must see what that one did.
        let devices: BTreeSet<DeviceId> = wishes.iter().map(|wish| wish.device).collect();
        let desks = store::handouts::hold_desks(tx, &devices.into_iter().collect::<Vec<_>>())?;
        let ids: Vec<RedemptionId> = wishes.iter().map(|wish| wish.claim.id).collect();
        let made = store::handouts::made(tx, &ids)?;
        let brought = store::handouts::brought(tx, &ids)?.into_iter().collect();
        let named: Vec<EntitlementId> = wishes
            .iter()
            .filter_map(|wish| match wish.reading {
                Reading::Names { entitlement, .. } => Some(entitlement),
                Reading::Refused { .. } => None,
            })
            .collect();
        let files = store::handouts::files(tx, &named)?;
        // Two desks do not both see the last package, where that counts.
        let counted = files.values().filter(|found| found.agency.rules.stop_when_empty);
        for programme in counted.map(|found| found.programme.id).collect::<BTreeSet<_>>() {
            store::stock::hold(tx, programme)?;
        }
        let compromised = store::keys::compromised(tx)?;
        Ok(Group { office, made, brought, files, desks, compromised, now: self.now() })
    }

    /// What comes of one wish. It changes nothing but the group: the place in the desk's chain is taken there.
    fn decide_one(
        &self,
        tx: &mut Write<'_>,
        group: &mut Group,
        wish: &Wish,
        reading: &Reading,
        handouts: &mut Vec<Handout>,
    ) -> Result<Outcome, Error> {
        let Wish { actor, claim, .. } = wish;
        let Group { office, made, brought, files, desks, now, .. } = group;
        // By what the paper names, whatever became of its key since: a retry asks for the same.
        let request_hash = request_hash(claim, &wish.reading);
        if let Some(known) = made.get(&claim.id) {
            let same = known.request_hash == request_hash && known.device == wish.device;
            return Ok(if same { Outcome::Replayed } else { Outcome::IdReused });
        }
        let only = |verdict| Ok(Outcome::Refused(Box::new(Seen::only(verdict))));
        let (id, shown) = match reading {
            Reading::Refused { verdict, .. } => return only(*verdict),
            Reading::Names { entitlement, shown } => (*entitlement, *shown),
        };
        let Some(file) = files.get(&id) else { return only(Verdict::Unknown) };
        // Another agency's voucher is a stranger here: nothing of it is shown.
        if file.programme.agency != actor.agency {
            return only(Verdict::Foreign);
        }
        let verdict = file.judge(shown, actor.point, *now);
        if verdict != Verdict::Valid {
            return Ok(Outcome::Refused(Box::new(self.seen(tx, verdict, file)?)));
        }
        let package = self.frame.package(tx, file.round.package)?;
        let holds = holds(tx, &file.entitlement)?;
        let right = (holds.as_deref(), file.entitlement.value);
        let given = match hand_out_of(&package.items, right, claim.items.as_deref()) {
            Ok(given) => given,
            Err(fault) => return Ok(Outcome::WrongItems(fault)),
        };
        // Nothing at all is no handout: the household goes home with its right.
        if let Some(first) = given.given.first()
            && given.given.iter().all(|line| line.quantity == 0)
        {
            return Ok(Outcome::WrongItems(HandoutFault::Quantity { code: first.code.clone() }));
        }
        let package = holds.map_or(package.clone(), |lines| Arc::new(part(&package, &lines)));
        if file.agency.rules.stop_when_empty {
            let also = self.given_at(tx, files, file, handouts)?;
            if let Some(item) = self.used_up(tx, &package, file.point.id, &also)? {
                return Ok(Outcome::Empty(item));
            }
        }
        if office.recovering() {
            return Err(Refusal::Recovering(office.missing).into());
        }
        let desk = desks.get_mut(&wish.device).ok_or(Refusal::NotFound("device"))?;
        if desk.device.revoked_at.is_some() {
            return Err(Refusal::DeviceRevoked.into());
        }
        let row = store::leases::row(tx, &file.entitlement)?;
        let fence = row.next_fence(*office);
        let (body, redemption) = self.sign(wish, &desk.device, file, fence, given, request_hash, *now)?;

        // The online path through the lease protocol: for the time of this transaction the server holds the right, and
        // redeems under the next fence in the desk's own chain.
        let receipt = in_protocol(&body, &redemption.receipt);
        let mut known = Known::default();
        if desk.astray || brought.contains(&claim.id) {
            known = store::received::known(tx, &receipt)?;
        }
        known.before = (receipt.seq > 1).then_some(receipt.prev_hash);
        let facts = LeaseFacts { office: *office, member: desk.device.member(), row };
        let step = server::step(&facts, &Input::RedeemHere { receipt, known });
        match step.answer {
            Answer::Taken { .. } if step.evidence.is_empty() => {}
            Answer::Refused(Refused::Barred) => return Err(Refusal::DeviceRevoked.into()),
            Answer::Refused(Refused::OtherFence) if known.same_id.is_some() => return Err(Refusal::IdReused.into()),
            // It was judged by what the desk was a moment ago.
            _ => return Err(store::Error::Raced.into()),
        }
        desk.device.seq = redemption.seq;
        desk.device.head = redemption.receipt_hash;
        let owed = self.fact(&Outside::Redeemed(kept_fact(&redemption)))?;
        let leaf = log::row(&log::redeem_leaf(&body, actor.agency, &redemption, file.point.number), None);
        handouts.push(Handout { was: file.entitlement.clone(), now: step.row, redemption, owed, leaf });
        Ok(Outcome::Taken(package, body.flags))
    }

    /// What this group gives of a file's programme at its point, of which the database knows nothing yet.
    fn given_at(
        &self,
        tx: &mut Write<'_>,
        files: &HashMap<EntitlementId, File>,
        file: &File,
        handouts: &[Handout],
    ) -> Result<Vec<(String, i64)>, Error> {
        let mut all = Vec::new();
        for one in handouts.iter().filter(|one| one.redemption.point == file.point.id) {
            let Some(found) = files.get(&one.was.id).filter(|found| found.programme.id == file.programme.id) else {
                continue;
            };
            match &one.redemption.short {
                Some(given) => all.extend(given.iter().map(|given| (given.code.clone(), given.quantity))),
                None => {
                    let package = self.frame.package(tx, found.round.package)?;
                    all.extend(package.items.iter().map(|item| (item.code.clone(), item.quantity)));
                }
            }
        }
        Ok(all)
    }

    /// Makes out the receipt at the next place in the desk's chain and signs it.
    #[allow(clippy::too_many_arguments)]
    fn sign(
        &self,
        wish: &Wish,
        desk: &Device,
        file: &File,
        fence: Fence,
        given: Given,
        request_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<(ReceiptBody, Redemption), Error> {
        let Wish { actor, claim, .. } = wish;
        // It was judged to be the point at which the desk stands.
        if file.point.id != wish.point {
            return Err(store::Error::Raced.into());
        }
        let seq = desk.seq + 1;
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
        let body = ReceiptBody {
            redemption: claim.id,
            entitlement: file.entitlement.id,
            fence,
            device: desk.id,
            seq: u64::try_from(seq).unwrap_or(0),
            prev_hash: desk.head,
            operator: actor.user,
            point: u32::try_from(file.point.number).unwrap_or(0),
            round: file.round.id,
            print: u32::try_from(file.entitlement.print_no).unwrap_or(0),
            claimed_at_ms: scanned_at.millis(),
            received_at_ms: Some(now.millis()),
            collector: claim.collector.kind.as_str().to_owned(),
            relation: claim.collector.relation.clone(),
            id_seen: claim.collector.id_seen,
            name_digest: collector_name.as_ref().map(|(_, _, digest)| *digest),
            paper: claim.paper.as_str().to_owned(),
            items: given.given.iter().map(|given| (given.code.clone(), given.quantity)).collect(),
            value_minor: given.value.minor(),
            currency: file.programme.currency.clone(),
            flags,
        };
        let receipt = sign_receipt(&*self.frame.desk_key(&self.vault, desk)?, &body)
            .map_err(|fault| Error::Broken(format!("the receipt cannot be signed: {fault}")))?;
        let receipt_hash = receipt_hash(&receipt);
        let redemption = Redemption {
            id: claim.id,
            entitlement: file.entitlement.id,
            round: file.round.id,
            point: file.point.id,
            device: desk.id,
            operator: actor.user,
            seq,
            number: number(&file.point, desk, seq),
            collector: claim.collector.kind,
            relation: claim.collector.relation.clone(),
            collector_name: collector_name.map(|(sealed, salt, _)| (sealed, salt)),
            id_seen: claim.collector.id_seen,
            paper: claim.paper,
            paper_reason: claim.paper_reason.clone(),
            short: given.short.then_some(given.given),
            value: given.value,
            scanned_at,
            received_at: now,
            day: now.date(file.agency.zone).to_string(),
            request_hash,
            receipt,
            receipt_hash,
        };
        Ok((body, redemption))
    }

    /// Hands what was kept over to those who asked for it.
    fn make_fresh(
        &self,
        group: &mut Group,
        handouts: Vec<Handout>,
        outcomes: &mut [Result<Outcome, Error>],
    ) -> Result<(), Error> {
        let missing = || Error::Broken("a handout without its facts".into());
        let taken = outcomes.iter_mut().flatten().filter(|outcome| matches!(outcome, Outcome::Taken(..)));
        for (outcome, Handout { redemption, owed, .. }) in taken.zip(handouts) {
            let found = group.files.remove(&redemption.entitlement).ok_or_else(missing)?;
            let desk = group.desks.get(&redemption.device).ok_or_else(missing)?.device.clone();
            let Outcome::Taken(package, flags) = outcome else { return Err(missing()) };
            let (package, flags) = (Arc::clone(package), std::mem::take(flags));
            *outcome = Outcome::New(Box::new(Fresh { found, package, flags, desk, redemption, owed: Some(owed) }));
        }
        Ok(())
    }
}

fn owed_of(outcome: &Result<Outcome, Error>) -> Option<&(FactId, Vec<u8>)> {
    match outcome {
        Ok(Outcome::New(fresh)) => fresh.owed.as_ref(),
        _ => None,
    }
}
