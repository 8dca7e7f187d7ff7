//! Lending rights to a device: a whole point, a desk, a time slot, or single ones by hand or by their code.

use std::collections::{BTreeMap, HashSet};

use super::super::exception::contents;
use super::super::redeem::{File, Reading, Seen};
use super::super::{Error, Office, Refusal};
use super::DeviceCaller;
use crate::domain::audit::Event;
use crate::domain::entitlement::Entitlement;
use crate::domain::exception::lent_as;
use crate::domain::id::{AgencyId, EntitlementId, Identifier, PointId, RoundId};
use crate::domain::lease::office::Standing;
use crate::domain::lease::server::{self, Answer, Facts, Input};
use crate::domain::lease::{Grant, Head};
use crate::domain::package::Package;
use crate::domain::pause::Stops;
use crate::domain::programme::{Programme, Round, Window};
use crate::domain::redemption::{Shown, Verdict};
use crate::domain::sealed::Field;
use crate::store::devices::Device;
use crate::store::households::Household;
use crate::store::leases::Scope;
use crate::store::{self, Conn};
use crate::token::lease::{BundlePage, Entry, LeasedRound, PAGE_LEASES_MAX, sign_bundle};
use crate::token::names::{Names, masked_name};
use crate::vault::seal_names;

/// How many leases one call gives at most.
pub(super) const LEASES_MAX: i64 = 5_000;
/// How many, when the device does not say.
const LEASES_USUAL: i64 = 1_000;
/// How many are lent in one transaction, so that desks do not wait.
const CHUNK: i64 = 500;

/// What a device wants to have.
#[derive(Debug, Clone, Default)]
pub struct LeaseWish {
    /// Of this round alone.
    pub round: Option<RoundId>,
    /// Of this time slot alone.
    pub session_no: Option<i32>,
    /// Of this desk alone.
    pub desk_no: Option<i32>,
    /// These alone.
    pub entitlements: Option<Vec<EntitlementId>>,
    /// The one that this paper names.
    pub code: Option<String>,
    /// At most so many.
    pub limit: Option<i64>,
    /// Go on after this one.
    pub after: Option<EntitlementId>,
    /// Drawn for this call.
    pub nonce: Option<[u8; 16]>,
}

/// One that was named and is not lent, and why.
#[derive(Debug, Clone)]
pub struct NotLeased {
    /// Which, when it is known.
    pub entitlement: Option<EntitlementId>,
    /// A verdict, or `revoke_requested`.
    pub why: &'static str,
    /// What goes with the verdict.
    pub seen: Option<Seen>,
}

/// A round that is not over at a point.
#[derive(Debug, Clone)]
pub(super) struct OpenRound {
    pub(super) round: Round,
    programme: Programme,
    package: Package,
    window: Window,
    pub(super) paused: Option<String>,
}

/// A round of which a device may have leases, with what is handed out in it.
#[derive(Debug, Clone)]
pub struct LeasedRoundView {
    /// The round.
    pub round: Round,
    /// What is handed out.
    pub package: Package,
    /// The window at the device's point.
    pub window: Window,
    /// ISO 4217.
    pub currency: String,
    /// Why it stands still, when it does.
    pub paused: Option<String>,
}

impl From<OpenRound> for LeasedRoundView {
    fn from(open: OpenRound) -> Self {
        Self {
            currency: open.programme.currency,
            round: open.round,
            package: open.package,
            window: open.window,
            paused: open.paused,
        }
    }
}

/// What a device is lent.
#[derive(Debug, Clone)]
pub struct LeaseAnswer {
    /// Signed pages of the bundle.
    pub pages: Vec<Vec<u8>>,
    /// How many leases are in them.
    pub granted: usize,
    /// Of those that were named, which are not in them.
    pub refused: Vec<NotLeased>,
    /// Where to go on; none at the end.
    pub next: Option<EntitlementId>,
    /// The rounds that are not over at the point.
    pub rounds: Vec<LeasedRoundView>,
    /// The signed reply.
    pub reply: Vec<u8>,
}

type Lent = (Entitlement, Household, Grant);

impl Office {
    /// Rounds of an agency that are issued and not over at a point.
    pub(super) fn open_rounds(
        &self,
        conn: &mut Conn,
        agency: AgencyId,
        point: PointId,
    ) -> Result<Vec<OpenRound>, Error> {
        let now = self.now();
        let place = store::points::find(conn, point)?.ok_or(Refusal::NotFound("point"))?;
        let mut open = Vec::new();
        for programme in store::programmes::list(conn, agency, None, super::super::PAGE_MAX)? {
            for round in store::rounds::of_programme(conn, programme.id)? {
                let window = store::point_windows::at(conn, &round, point)?;
                if round.issued_at.is_none() || now >= window.closes_at {
                    continue;
                }
                let stops = Stops {
                    programme: programme.paused_reason.as_deref(),
                    round: round.paused_reason.as_deref(),
                    point: place.paused_reason.as_deref(),
                };
                let paused = stops.told().map(str::to_owned);
                let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
                open.extend(Self::exceptions_at(conn, &round, &programme, &package, (point, window, &paused))?);
                open.push(OpenRound { round, programme: programme.clone(), package, window, paused });
            }
        }
        Ok(open)
    }

    /// The exceptions of a round that wait at a point or are out from there, each a round of its own to a device.
    fn exceptions_at(
        conn: &mut Conn,
        round: &Round,
        programme: &Programme,
        package: &Package,
        (point, window, paused): (PointId, Window, &Option<String>),
    ) -> Result<Vec<OpenRound>, Error> {
        let mut open = Vec::new();
        for one in store::exceptions::open_at(conn, round.id, point)? {
            let name = format!("{} · jatah pengecualian", round.name);
            open.push(OpenRound {
                round: Round { id: lent_as(one.id), name, ..round.clone() },
                programme: programme.clone(),
                package: contents(conn, &one, package.clone())?,
                window,
                paused: paused.clone(),
            });
        }
        Ok(open)
    }

    /// Lends rights to a device. The same wish again gives the same leases again: the bundle may have been lost.
    pub fn lease(&self, caller: &DeviceCaller, wish: &LeaseWish) -> Result<LeaseAnswer, Error> {
        let too_many =
            |count: usize| Refusal::TooMany { count: i64::try_from(count).unwrap_or(i64::MAX), max: LEASES_MAX };
        if let Some(named) = wish.entitlements.as_ref().filter(|named| named.len() > 5_000) {
            return Err(too_many(named.len()).into());
        }
        let mut refused = Vec::new();
        let mut named = wish.entitlements.clone();
        if let Some(code) = &wish.code {
            match self.read_paper(caller, code)? {
                Ok(id) => named.get_or_insert_default().push(id),
                Err(not) => {
                    refused.push(not);
                    named.get_or_insert_default();
                }
            }
        }
        let device = self.pool.read(|conn| store::devices::find(conn, caller.device))?;
        must_receive(&device.ok_or(Refusal::NotFound("device"))?)?;
        let rounds = self.pool.read(|conn| self.open_rounds(conn, caller.agency, caller.point))?;
        let lendable = |open: &&OpenRound| open.paused.is_none() && wish.round.is_none_or(|one| one == open.round.id);
        let scope = Scope {
            rounds: rounds.iter().filter(lendable).map(|open| open.round.id).collect(),
            session_no: wish.session_no,
            desk_no: wish.desk_no,
            named: named.clone(),
        };
        let limit = wish.limit.unwrap_or(LEASES_USUAL).clamp(1, LEASES_MAX);
        let (lent, next) = self.lend(caller, &scope, &rounds, wish.after, limit)?;
        let pages = self.bundle(caller, &rounds, &lent)?;
        if let Some(named) = named.filter(|_| wish.after.is_none() && next.is_none()) {
            let got: HashSet<_> = lent.iter().map(|(one, ..)| one.id).collect();
            for id in named.into_iter().filter(|id| !got.contains(id)) {
                refused.push(self.why_not_leased(caller, id, Shown::NoPrint)?);
            }
        }
        Ok(LeaseAnswer {
            granted: lent.len(),
            pages,
            refused,
            next,
            rounds: rounds.into_iter().map(Into::into).collect(),
            reply: self.reply(caller, wish.nonce)?,
        })
    }

    /// Lends in the order of the ids, some at a time.
    fn lend(
        &self,
        caller: &DeviceCaller,
        scope: &Scope,
        rounds: &[OpenRound],
        mut after: Option<EntitlementId>,
        limit: i64,
    ) -> Result<(Vec<Lent>, Option<EntitlementId>), Error> {
        let mut lent = Vec::new();
        loop {
            let left = limit - i64::try_from(lent.len()).unwrap_or(limit);
            let chunk = left.min(CHUNK);
            let (some, last, whole) = self.pool.write("lease", |tx| {
                let office = Self::standing(tx)?;
                let now = self.now();
                let device = store::devices::hear(tx, caller.device, now)?.ok_or(Refusal::NotFound("device"))?;
                must_receive(&device)?;
                if office.recovering() {
                    return Err(Refusal::Recovering(office.missing).into());
                }
                let member = device.member();
                let found = store::leases::wanted(tx, device.id, device.point, scope, after, chunk)?;
                let (count, last) = (found.len(), found.last().map(|(one, _)| one.id));
                let mut some = Vec::with_capacity(count);
                let mut fresh = 0;
                for (one, household) in found {
                    let Some(open) = open_for(rounds, &one) else { continue };
                    let row = store::leases::row(tx, &one)?;
                    let input = Input::Grant { ends_at: open.window.closes_at };
                    let step = server::step(&Facts { office, member, row }, &input);
                    if let Answer::Granted(grant) = step.answer {
                        fresh += i32::from(step.row != row);
                        self.apply(tx, (Some(caller.agency), None), &one, &step, None)?;
                        some.push((one, household, grant));
                    }
                }
                if fresh > 0 {
                    self.record(tx, (Some(caller.agency), None), Event::LeasesGranted, device.id, fresh.to_string())?;
                }
                Ok::<_, Error>((some, last, i64::try_from(count).unwrap_or(0) < chunk))
            })?;
            lent.extend(some);
            after = last.or(after);
            if whole {
                return Ok((lent, None));
            }
            if i64::try_from(lent.len()).unwrap_or(limit) >= limit {
                return Ok((lent, after));
            }
        }
    }

    /// Writes and signs the pages of a bundle. Each is good for itself.
    fn bundle(&self, caller: &DeviceCaller, rounds: &[OpenRound], lent: &[Lent]) -> Result<Vec<Vec<u8>>, Error> {
        let key = self.server_key()?;
        let cover: Head = self.cover()?;
        let now = self.now();
        let device = self.pool.read(|conn| store::devices::find(conn, caller.device))?;
        let device = device.ok_or(Refusal::NotFound("device"))?;
        let names_key = self.names_key(&device)?;
        let mut pages = Vec::new();
        for part in lent.chunks(PAGE_LEASES_MAX) {
            let Some((_, _, first)) = part.first() else { continue };
            let mut places: BTreeMap<RoundId, u32> = BTreeMap::new();
            let mut page = BundlePage {
                device: device.id,
                epoch: first.fence.epoch,
                server_time: now,
                cover,
                rounds: Vec::new(),
                entries: Vec::with_capacity(part.len()),
            };
            for (one, household, grant) in part {
                let Some(open) = open_for(rounds, one) else { continue };
                let next = u32::try_from(page.rounds.len()).unwrap_or(0);
                let place = *places.entry(open.round.id).or_insert(next);
                if place == next {
                    page.rounds.push(LeasedRound {
                        round: open.round.id,
                        begins_at: open.window.opens_at,
                        ends_at: grant.ends_at,
                        items: open.package.items.iter().map(|item| (item.code.clone(), item.quantity)).collect(),
                    });
                }
                page.entries.push(Entry {
                    entitlement: one.id,
                    counter: grant.fence.counter,
                    round: place,
                    print: u32::try_from(one.print_no).unwrap_or(0),
                    code: one.typed_code.canonical().to_owned(),
                    sealed: self.sealed_names(&names_key, &device, one, household)?,
                });
            }
            pages.push(sign_bundle(&key, &page));
        }
        Ok(pages)
    }

    /// What the desk must see of a household, readable with a PIN of the device alone.
    fn sealed_names(
        &self,
        key: &[u8; 32],
        device: &Device,
        one: &Entitlement,
        household: &Household,
    ) -> Result<Vec<u8>, Error> {
        let birth_year = match &household.birth_date {
            None => None,
            Some(sealed) => {
                let opened = self.vault.open(Field::BirthDate, household.id.bytes(), sealed)?;
                let date = String::from_utf8_lossy(&opened).parse::<jiff::civil::Date>().ok();
                date.and_then(|date| u32::try_from(date.year()).ok())
            }
        };
        let nik_tail = match &household.nik {
            None => String::new(),
            Some((sealed, _)) => {
                let opened = self.vault.open(Field::Nik, household.id.bytes(), sealed)?;
                let digits = String::from_utf8_lossy(&opened).into_owned();
                digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().to_owned()
            }
        };
        let names = Names { name: masked_name(&household.name), rt: household.rt.clone(), nik_tail, birth_year };
        let place = [device.id.bytes().as_slice(), one.id.bytes()].concat();
        Ok(seal_names(key, self.draw()?, &place, &names.encode())?)
    }

    /// The entitlement that a paper names, if its newest print does.
    fn read_paper(&self, caller: &DeviceCaller, code: &str) -> Result<Result<EntitlementId, NotLeased>, Error> {
        Ok(match self.read_plain(code)? {
            Reading::Refused { verdict, claimed } => {
                Err(NotLeased { entitlement: claimed, why: verdict.as_str(), seen: None })
            }
            Reading::Names { entitlement, shown } => {
                let not = self.why_not_leased(caller, entitlement, shown)?;
                // Whether it can be lent is decided when it is; here the paper alone counts.
                let paper = [Verdict::Superseded, Verdict::Foreign, Verdict::Unknown].map(Verdict::as_str);
                if paper.contains(&not.why) { Err(not) } else { Ok(entitlement) }
            }
        })
    }

    fn why_not_leased(&self, caller: &DeviceCaller, id: EntitlementId, shown: Shown) -> Result<NotLeased, Error> {
        self.pool.read(|conn| {
            let only = |verdict: Verdict| NotLeased { entitlement: Some(id), why: verdict.as_str(), seen: None };
            let Some(file) = File::open(conn, id)? else { return Ok(only(Verdict::Unknown)) };
            if file.programme.agency != caller.agency {
                return Ok(only(Verdict::Foreign));
            }
            let asked = file.entitlement.marks.revoke_requested.is_some();
            let verdict = file.judge(shown, Some(caller.point), self.now());
            let why = match verdict {
                Verdict::Valid | Verdict::NotYetValid | Verdict::LeasedElsewhere if asked => "revoke_requested",
                other => other.as_str(),
            };
            let seen = self.seen(conn, verdict, &file)?;
            Ok(NotLeased { entitlement: Some(id), why, seen: Some(seen) })
        })
    }
}

/// What a device is told of a right that it gets: its round, or for an exception what that holds. One that was approved
/// since the rounds were read is not lent yet.
fn open_for<'a>(rounds: &'a [OpenRound], one: &Entitlement) -> Option<&'a OpenRound> {
    let named = if one.stands_for.is_some() { lent_as(one.id) } else { one.round };
    rounds.iter().find(|open| open.round.id == named)
}

/// Refuses a device that may have no more leases, and says why.
fn must_receive(device: &Device) -> Result<(), Error> {
    match device.standing() {
        Standing::Active if device.forked => Err(Refusal::DeviceForked.into()),
        Standing::Active => Ok(()),
        Standing::Revoked | Standing::WrittenOff => Err(Refusal::DeviceRevoked.into()),
    }
}
