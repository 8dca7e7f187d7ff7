//! A new life of the server on a restored database: everything from outside is put back, and then nothing is granted
//! until every device with a journal of its own has said what it holds, or was given up.

use std::path::Path;

use super::super::{Actor, Error, Office, Refusal, entry, log};
use super::office_turn;
use super::reply::unbroken;
use super::sync::{PageAnswer, ResyncState};
use crate::clock::{Clock, Entropy};
use crate::domain::audit::Event;
use crate::domain::id::{AuditId, DeviceId, EntitlementId, Identifier};
use crate::domain::lease::evidence::BadItem;
use crate::domain::lease::office::Right;
use crate::domain::lease::recovery::{self, Input};
use crate::domain::lease::server::Facts;
use crate::domain::lease::{Head, Held, ResyncAnswer};
use crate::domain::role::Action;
use crate::outside;
use crate::store;
use crate::store::devices::Device;
use crate::token::fact::Outside;
use crate::token::lease::{TablePage, verify_table};
use crate::token::{Fault, KeyRing};
use crate::transparency::{Kind, Leaf};

/// What stands for `behind` while the facts are being put back.
pub(super) const UNDER_WAY: &str = "pemulihan sedang berjalan";
/// How many pages an answer has at most.
const PAGES_MAX: u32 = 10_000;
/// How many rows are read together.
const BATCH: i64 = 1_000;

/// A device that still owes an answer, and what that blocks.
#[derive(Debug, Clone)]
pub struct MissingDevice {
    /// The device.
    pub device: Device,
    /// Its point's code.
    pub point: String,
    /// How many leases this server believes to be with it.
    pub leases: u64,
    /// How many entitlements of its point are free as far as this server knows, of which it may hold any.
    pub free: i64,
    /// What those are worth together, in the minor unit.
    pub free_value_minor: i64,
}

/// How far a recovery is.
#[derive(Debug, Clone)]
pub struct RecoveryView {
    /// The server's epoch.
    pub epoch: u32,
    /// Whether nothing is granted or redeemed.
    pub recovering: bool,
    /// Why the server has to be restored properly first, if it has.
    pub behind: Option<String>,
    /// How many devices still owe an answer.
    pub missing: u32,
    /// The facts outside.
    pub facts: Head,
    /// The devices of the actor's agency that still owe one.
    pub devices: Vec<MissingDevice>,
}

/// The newest epoch that stands outside.
fn newest_life(facts: &outside::Outside) -> Result<u32, Error> {
    let mut newest = 0;
    facts.read_all(|_, record| {
        if let Some(Outside::Epoch(epoch, _)) = Outside::read(record) {
            newest = newest.max(epoch);
        }
    })?;
    Ok(newest)
}

/// Tells outside that another life of the server begins, before its database is put back: a restore that is cut short
/// anywhere leaves a database that does not know of this life, so whoever opens it begins a recovery. Returns its epoch.
pub(in crate::service) fn announce_life(facts: &Path, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<u32, Error> {
    let facts = outside::Outside::open(facts, outside::Mark::default(), |_, _| ())?;
    // A restore is always after some life, also of one that nobody wrote down.
    let epoch = newest_life(&facts)?.max(1) + 1;
    let mut drawn = [0; 10];
    if !entropy.fill(&mut drawn) {
        return Err(Error::Broken("no randomness to be had".into()));
    }
    let id = *AuditId::by_time(clock.now(), drawn).bytes();
    facts.store(vec![(id, Outside::Epoch(epoch, clock.now()).record(&id))])?;
    Ok(epoch)
}

impl Office {
    /// Begins a new life on a restored database: a new epoch, stored outside before it is used, and everything that
    /// stands outside put back. Returns the epoch.
    pub fn begin_recovery(&self, why: &str) -> Result<u32, Error> {
        let kept = self.pool.read(store::leases::office)?.epoch;
        let epoch = newest_life(&self.ledger.outside)?.max(kept) + 1;
        self.store_directly(&[Outside::Epoch(epoch, self.now())])?;
        self.begin_life(epoch, why)?;
        Ok(epoch)
    }

    /// Begins the life whose epoch stands outside already.
    pub(super) fn begin_life(&self, epoch: u32, why: &str) -> Result<(), Error> {
        let kept = self.pool.read(store::leases::office)?.epoch;
        if epoch <= kept {
            return Err(Error::Broken(format!("epoch {epoch} is not after {kept}, which the database remembers")));
        }
        let now = self.now();
        self.pool.write("recovery", |tx| {
            store::turns::own(tx, &office_turn())?;
            store::leases::set_epoch(tx, epoch)?;
            store::leases::set_behind(tx, UNDER_WAY)?;
            store::enrolments::end_all(tx, now)?;
            let leaf =
                Leaf { word: Some("epoch".to_owned()), count: Some(epoch.into()), ..Leaf::new(Kind::Policy, now) };
            log::append(tx, &leaf)?;
            self.record(tx, (None, None), Event::RecoveryBegun, epoch, why)
        })?;
        // The log first: what is told again must know what was told already.
        self.recall_log_key()?;
        self.reinstate_log()?;
        self.recall_everything()?;
        self.pool.write("recovery_recalled", |tx| {
            store::turns::own(tx, &office_turn())?;
            store::leases::set_epoch(tx, epoch)?;
            self.settle(tx)
        })?;
        self.remember_mark()
    }

    /// Begins a recovery by hand, when a device has seen more than this server: it stops the handouts of every agency
    /// until all devices have answered, so two persons ask for it, at the console of the server.
    pub fn begin_recovery_by_hand(&self, actor: &Actor, other: &Actor, reason: &str) -> Result<u32, Error> {
        actor.must(Action::ManageUsers)?;
        other.must(Action::ReadDevices)?;
        if actor.user == other.user {
            return Err(Refusal::SamePerson.into());
        }
        let reason = entry::text("reason", reason, 200)?;
        self.begin_recovery(&format!("diminta oleh {} dan {}: {reason}", actor.name, other.name))
    }

    /// How far a recovery is, and whom it waits for.
    pub fn recovery(&self, actor: &Actor) -> Result<RecoveryView, Error> {
        actor.must(Action::ReadDevices)?;
        let facts = self.cover()?;
        self.pool.read(|conn| {
            let office = store::leases::office(conn)?;
            let missing = if office.recovering() { store::devices::missing(conn, office.epoch)? } else { Vec::new() };
            let mut devices = Vec::new();
            for device in missing.into_iter().filter(|device| device.agency == actor.agency) {
                let point = store::points::find(conn, device.point)?.ok_or(Refusal::NotFound("point"))?;
                let (free, free_value_minor) = store::leases::free_at(conn, device.point)?;
                let leases = store::leases::count_open(conn, device.id)?;
                devices.push(MissingDevice { device, point: point.code, leases, free, free_value_minor });
            }
            Ok(RecoveryView {
                epoch: office.epoch,
                recovering: office.recovering(),
                behind: store::leases::behind(conn)?,
                missing: office.missing,
                facts,
                devices,
            })
        })
    }

    /// Keeps pages of a device's answer, as far as they can be believed.
    pub(super) fn keep_pages(
        &self,
        device: &Device,
        signed: &[Vec<u8>],
        ring: &KeyRing,
    ) -> Result<Vec<PageAnswer>, Error> {
        let mut answers = Vec::with_capacity(signed.len());
        for bytes in signed {
            let spoilt = |why: BadItem| PageAnswer { page: None, answer: "bad", why: Some(why.as_str()) };
            let page = match verify_table(bytes, ring) {
                Ok((_, page)) if page.device == device.id => page,
                Ok(_) => {
                    self.keep_spoilt(device, BadItem::OtherDevice, bytes)?;
                    answers.push(spoilt(BadItem::OtherDevice));
                    continue;
                }
                Err(fault) => {
                    let why = match fault {
                        Fault::Malformed => BadItem::Malformed,
                        Fault::Forged { .. } => BadItem::Altered,
                        Fault::Foreign { .. } => BadItem::OtherInstallation,
                    };
                    self.keep_spoilt(device, why, bytes)?;
                    answers.push(spoilt(why));
                    continue;
                }
            };
            if page.page >= page.pages || page.pages > PAGES_MAX {
                answers.push(spoilt(BadItem::Malformed));
                continue;
            }
            let kept = self.pool.write("resync_page", |tx| {
                let office = Self::standing(tx)?;
                let member = store::devices::hold_still(tx, device.id)?.ok_or(Refusal::NotFound("device"))?.member();
                // Rule 10: of this epoch, and while the answer is owed.
                let counts = page.epoch == office.epoch && member.owes_answer(office.epoch);
                if counts {
                    store::resync_pages::put(tx, device.id, page.epoch, page.page, bytes)?;
                }
                Ok::<_, Error>(counts)
            })?;
            let why = (!kept).then_some("does_not_count");
            let answer = if kept { "kept" } else { "ignored" };
            answers.push(PageAnswer { page: Some(page.page), answer, why });
        }
        Ok(answers)
    }

    /// Takes a device's answer when all of it is here: its journal, receipt by receipt, has come before; now its table
    /// and the mark, in one transaction. Says what is missing otherwise.
    pub(super) fn take_answer(&self, id: DeviceId) -> Result<Option<ResyncState>, Error> {
        let state = self.pool.write("resync", |tx| {
            let office = Self::standing(tx)?;
            let device = store::devices::hold_still(tx, id)?.ok_or(Refusal::NotFound("device"))?;
            if !device.member().owes_answer(office.epoch) {
                return Ok(None);
            }
            let ring = KeyRing::of([Self::device_key(&device)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
            let mut pages: Vec<TablePage> = Vec::new();
            for bytes in store::resync_pages::of(tx, id, office.epoch)? {
                let (_, page) = verify_table(&bytes, &ring).map_err(|fault| Error::Broken(fault.to_string()))?;
                pages.push(page);
            }
            let journal_upto = unbroken(tx, &device)?.map_or(0, |(seq, _)| seq);
            let waiting = |pages_missing| Some(ResyncState { epoch: office.epoch, pages_missing, journal_upto });
            let Some(last) = pages.last() else { return Ok(waiting(None)) };
            let (count, chain, seen) = (last.pages, last.chain, last.seen);
            let alike = |page: &&TablePage| page.pages == count && page.chain == chain;
            let here: Vec<u32> = pages.iter().filter(alike).map(|page| page.page).collect();
            let absent: Vec<u32> = (0..count).filter(|number| !here.contains(number)).collect();
            if !absent.is_empty() || journal_upto < chain.size {
                return Ok(waiting(Some(absent)));
            }
            let table: Vec<Held> = pages.iter().filter(alike).flat_map(|page| page.table.iter().copied()).collect();
            let answer = ResyncAnswer { device: id, epoch: office.epoch, table, journal: Vec::new(), seen };
            if !recovery::counts(office, &device.member(), &answer) {
                return Ok(waiting(None));
            }
            self.report_all(tx, &device, office, &answer)?;
            store::devices::set_member(tx, &recovery::answered(device.member(), office), self.now())?;
            store::resync_pages::clear(tx, id)?;
            self.settle(tx)?;
            Ok::<_, Error>(None)
        })?;
        self.close_gap()?;
        Ok(state)
    }

    fn report_all(
        &self,
        tx: &mut store::Write<'_>,
        device: &Device,
        office: crate::domain::lease::office::Office,
        answer: &ResyncAnswer,
    ) -> Result<(), Error> {
        let member = device.member();
        let report = |tx: &mut store::Write<'_>, id: EntitlementId, said: Option<Held>| -> Result<(), Error> {
            let found = store::entitlements::find(tx, id)?.filter(|(_, agency)| *agency == device.agency);
            let Some((one, agency)) = found else { return Ok(()) };
            let row = store::leases::row(tx, &one)?;
            let step = recovery::step(&Facts { office, member, row }, &Input::Report(said));
            self.apply(tx, (Some(agency), None), &one, &step, None)
        };
        let mut said: std::collections::HashSet<EntitlementId> = std::collections::HashSet::new();
        for held in &answer.table {
            if said.insert(held.entitlement) {
                report(tx, held.entitlement, Some(*held))?;
            }
        }
        let mut after = None;
        loop {
            let batch = store::leases::held_by(tx, device.id, after, BATCH)?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = Some(last.id);
            for one in batch.iter().filter(|one| !said.contains(&one.id)) {
                if store::leases::row(tx, one)?.right == Right::Leased(device.id) {
                    report(tx, one.id, None)?;
                }
            }
        }
    }
}
