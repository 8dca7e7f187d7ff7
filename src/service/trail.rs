//! The trail as the person in charge of data protection reads it: who did what, who looked at whom, what went
//! out; and the report that the law asks for within three days of a breach.

use std::collections::{BTreeMap, BTreeSet};

use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::{Event, Kind};
use crate::domain::id::{AuditId, DeviceId, EntitlementId, HouseholdId, UserId};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::store::audit::{self, Line, Wanted};
use crate::store::{self, Conn};
use crate::transparency::{Kind as LeafKind, Leaf};

/// The most lines that one report counts.
const REPORT_LINES_MAX: i64 = 20_000;

/// What is looked for in the trail.
#[derive(Debug, Clone, Default)]
pub struct TrailWanted {
    /// Only this kind of line.
    pub kind: Option<Kind>,
    /// Only what this person did.
    pub user: Option<UserId>,
    /// Only what was done to this: an id or a code.
    pub object: Option<String>,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Go on after this line.
    pub after: Option<AuditId>,
    /// At most so many.
    pub limit: Option<i64>,
}

/// A line of the trail.
#[derive(Debug, Clone)]
pub struct TrailLine {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who, by name.
    pub by: Option<String>,
    /// Who, by id.
    pub user: Option<UserId>,
    /// The code of what was done.
    pub event: String,
    /// To what.
    pub object: String,
    /// Counts and reasons.
    pub detail: String,
    /// From where.
    pub address: String,
}

/// What may have come into other hands: what, whose, when, by whom and from where.
#[derive(Debug, Clone)]
pub struct BreachReport {
    /// From when on.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether there are more lines than one report counts: then `since` has to be later.
    pub cut: bool,
    /// Looks and exports, the newest first.
    pub lines: Vec<TrailLine>,
    /// How often each thing was done.
    pub counts: BTreeMap<String, u64>,
    /// The households that were looked at one by one, by their key in the source.
    pub households: Vec<String>,
    /// The network addresses from which it was done.
    pub addresses: BTreeSet<String>,
    /// The device that is out of the office's hands, by name, if the report is about one.
    pub device: Option<String>,
    /// What lay on it in that time: names, and codes that can be redeemed at its point.
    pub held: Vec<HeldOnDevice>,
}

/// A voucher that lay on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldOnDevice {
    /// The voucher.
    pub entitlement: EntitlementId,
    /// The household, by its key in the source.
    pub household: String,
    /// The round, by its name.
    pub round: String,
    /// From when on.
    pub since: Timestamp,
    /// When the device gave it back; without one it is there still, for all that is known here.
    pub until: Option<Timestamp>,
}

/// What a breach may have been of.
#[derive(Debug, Clone, Copy, Default)]
pub struct BreachOf {
    /// This account; every account unless told.
    pub user: Option<UserId>,
    /// This device, which was lost or copied: then the report is of what lay on it, and of nothing else.
    pub device: Option<DeviceId>,
}

fn codes(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.as_str()).collect()
}

fn wanted(kind: Option<Kind>) -> Wanted {
    match kind {
        None => Wanted::default(),
        Some(Kind::Look) => Wanted { only: Some(codes(&Event::LOOKS)), ..Wanted::default() },
        Some(Kind::Export) => Wanted { only: Some(codes(&Event::EXPORTS)), ..Wanted::default() },
        Some(Kind::Act) => Wanted { but: [codes(&Event::LOOKS), codes(&Event::EXPORTS)].concat(), ..Wanted::default() },
    }
}

fn named(conn: &mut Conn, lines: Vec<Line>) -> Result<Vec<TrailLine>, Error> {
    let mut names: BTreeMap<UserId, Option<String>> = BTreeMap::new();
    for user in lines.iter().filter_map(|line| line.user) {
        if let std::collections::btree_map::Entry::Vacant(place) = names.entry(user) {
            place.insert(store::users::find(conn, user)?.map(|user| user.name));
        }
    }
    Ok(lines
        .into_iter()
        .map(|line| TrailLine {
            by: line.user.and_then(|user| names.get(&user).cloned().flatten()),
            id: line.id,
            at: line.at,
            user: line.user,
            event: line.event,
            object: line.object,
            detail: line.detail,
            address: line.address,
        })
        .collect())
}

impl Office {
    /// Lines of the agency's trail, the newest first. That it was read is on record too.
    pub fn trail(&self, actor: &Actor, what: &TrailWanted) -> Result<Vec<TrailLine>, Error> {
        actor.must(Action::ReadTrail)?;
        let wanted = Wanted {
            user: what.user,
            object: what.object.clone().filter(|object| !object.is_empty()),
            since: what.since,
            until: what.until,
            before: what.after,
            ..wanted(what.kind)
        };
        let lines = self.pool.read(|conn| -> Result<_, Error> {
            let found = audit::list(conn, actor.agency, &wanted, page(what.limit))?;
            named(conn, found)
        })?;
        let kind = what.kind.map_or("all", Kind::as_str);
        self.record_look(actor, Event::TrailRead, kind, String::new())?;
        Ok(lines)
    }

    /// What a breach may have shown: every look and export between two moments, of one account or of all.
    pub fn breach_report(
        &self,
        actor: &Actor,
        since: Timestamp,
        until: Timestamp,
        of: BreachOf,
    ) -> Result<BreachReport, Error> {
        actor.must(Action::ReadTrail)?;
        if until <= since {
            return Err(Refusal::Invalid { field: "until", why: "a time after the first".into() }.into());
        }
        let only = [codes(&Event::LOOKS), codes(&Event::EXPORTS)].concat();
        let wanted = Wanted {
            only: Some(only),
            user: of.user,
            object: of.device.map(|device| device.to_string()),
            since: Some(since),
            until: Some(until),
            ..Wanted::default()
        };
        let (lines, mut households, device, held) = self.pool.read(|conn| -> Result<_, Error> {
            let found = audit::list(conn, actor.agency, &wanted, REPORT_LINES_MAX)?;
            let ids: BTreeSet<HouseholdId> = found
                .iter()
                .filter(|line| line.event.starts_with("household."))
                .filter_map(|line| line.object.parse().ok())
                .collect();
            let mut households = Vec::new();
            for id in ids {
                households.extend(store::households::find(conn, id)?.map(|one| one.source_id));
            }
            let (device, held) = match of.device {
                None => (None, Vec::new()),
                Some(id) => {
                    let device = store::devices::find(conn, id)?.ok_or(Refusal::NotFound("device"))?;
                    actor.must_own(device.agency, "device")?;
                    (Some(device.name), held_on(conn, id, since, until)?)
                }
            };
            Ok((named(conn, found)?, households, device, held))
        })?;
        households.extend(held.iter().map(|one| one.household.clone()));
        households.sort();
        households.dedup();
        let mut counts = BTreeMap::new();
        for line in &lines {
            *counts.entry(line.event.clone()).or_insert(0) += 1;
        }
        self.record_look(
            actor,
            Event::BreachReported,
            match of {
                BreachOf { device: Some(device), .. } => device.to_string(),
                BreachOf { user: Some(user), .. } => user.to_string(),
                BreachOf { .. } => "all".to_owned(),
            },
            format!("{}..{}", since.millis(), until.millis()),
        )?;
        Ok(BreachReport {
            since,
            until,
            made_at: self.now(),
            cut: i64::try_from(lines.len()).unwrap_or(i64::MAX) >= REPORT_LINES_MAX,
            addresses: lines.iter().map(|line| line.address.clone()).filter(|one| !one.is_empty()).collect(),
            lines,
            counts,
            households,
            device,
            held,
        })
    }
}

/// The leaves of a device that are read together.
const LEAVES: i64 = 1_000;

/// What lay on a device between two moments, by the log: each right that it was lent before the end and had not given
/// back before the beginning. A handout is no proof that the household is off it, and neither is a write-off: only what
/// the device itself gave back is.
fn held_on(conn: &mut Conn, device: DeviceId, since: Timestamp, until: Timestamp) -> Result<Vec<HeldOnDevice>, Error> {
    let mut spans: BTreeMap<EntitlementId, (i64, Option<i64>)> = BTreeMap::new();
    let mut after = None;
    loop {
        let placed = store::log::of_device(conn, device, after, LEAVES)?;
        let Some((last, _)) = placed.last() else { break };
        after = Some(*last);
        for (_, entry) in placed {
            let leaf = Leaf::decode(&entry).ok_or_else(|| Error::Broken("a leaf of the log is none".into()))?;
            let Some(id) = leaf.entitlement else { continue };
            match leaf.kind {
                LeafKind::Grant => {
                    // Lent again after it was given back: what lay there before did so as well.
                    let span = spans.entry(id).or_insert((leaf.at_ms, None));
                    span.1 = None;
                }
                LeafKind::Return => {
                    if let Some(span) = spans.get_mut(&id) {
                        span.1 = Some(leaf.at_ms);
                    }
                }
                _ => {}
            }
        }
    }
    spans.retain(|_, (from, end)| *from < until.millis() && end.is_none_or(|end| end >= since.millis()));
    let ids: Vec<EntitlementId> = spans.keys().copied().collect();
    let mut held = Vec::new();
    for some in ids.chunks(500) {
        for (entitlement, household, round) in store::entitlements::whose(conn, some)? {
            let Some((from, end)) = spans.get(&entitlement) else { continue };
            let (since, until) = (moment_of(*from)?, end.map(moment_of).transpose()?);
            held.push(HeldOnDevice { entitlement, household, round, since, until });
        }
    }
    held.sort_by(|one, other| one.household.cmp(&other.household));
    Ok(held)
}

fn moment_of(millis: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millis(millis).map_err(|_| Error::Broken("a leaf of the log has no time".into()))
}
