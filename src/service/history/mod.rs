//! The history of one household: everything that is on record of it, in the order of time.

mod event;

use std::collections::{BTreeSet, HashMap};

pub use event::{Change, HistoryEvent, What};

use event::changes;

use super::{Actor, Error, HouseholdView, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::entitlement::State;
use crate::domain::household::Particulars;
use crate::domain::id::{EntitlementId, HouseholdId, Identifier, IntakeId, ProgrammeId, RedemptionId, UserId};
use crate::domain::money::Money;
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::time::{Timestamp, Zone};
use crate::store::history::{self, Names, Right, Version};
use crate::store::households::Household;
use crate::store::{self, Conn};

/// How many scans and how many lines of the trail are shown at most.
const LINES_MAX: i64 = 200;

/// A household with its whole history.
#[derive(Debug, Clone)]
pub struct History {
    /// The household.
    pub household: HouseholdView,
    /// `L` or `P`.
    pub sex: Option<String>,
    /// Relation to the head of the family.
    pub relation: String,
    /// Vulnerabilities.
    pub vulnerabilities: Vec<String>,
    /// Remark of the source.
    pub note: String,
    /// Where it stands in each programme of the agency.
    pub standings: Vec<StandingView>,
    /// What it has in each round, the newest first.
    pub rights: Vec<RightView>,
    /// What the same person or family has elsewhere.
    pub overlaps: Vec<Overlap>,
    /// What happened, the newest first.
    pub events: Vec<HistoryEvent>,
    /// The zone in which to read its times.
    pub zone: Zone,
}

/// A household in a programme.
#[derive(Debug, Clone)]
pub struct StandingView {
    /// The programme's name.
    pub programme: String,
    /// The code of what was decided.
    pub standing: String,
    /// Why.
    pub reason: String,
    /// The code of its point.
    pub point: Option<String>,
    /// Session.
    pub session_no: i32,
    /// Desk.
    pub desk_no: i32,
    /// Whether a person placed it there.
    pub by_hand: bool,
}

/// What a household has in a round.
#[derive(Debug, Clone)]
pub struct RightView {
    /// Its id.
    pub id: EntitlementId,
    /// The round's name.
    pub round: String,
    /// The programme's name.
    pub programme: String,
    /// The code of its point.
    pub point: String,
    /// What it is worth.
    pub value: Money,
    /// Where it stands; held back shows as such.
    pub state: State,
    /// Why it is held back.
    pub held: Option<String>,
    /// The newest print.
    pub print_no: i32,
    /// The code beside the QR, for those who may see codes.
    pub typed_code: Option<String>,
    /// When it was handed over, and the receipt, for those who may see receipts.
    pub redeemed: Option<(Timestamp, Option<RedemptionId>)>,
}

/// The same NIK or family card in another programme, of this agency or another.
#[derive(Debug, Clone)]
pub struct Overlap {
    /// The agency's name.
    pub agency: String,
    /// The programme's name; nothing when no programme has decided on it yet.
    pub programme: Option<String>,
    /// The code of what was decided.
    pub standing: String,
    /// Whether it is the same NIK, and not the family card alone.
    pub same_nik: bool,
    /// The household, when it is one of this agency.
    pub household: Option<HouseholdId>,
}

/// Events of the trail that are about one voucher.
const TRACED: [&str; 7] = [
    "voucher.reprinted",
    "entitlement.held",
    "hold.lifted",
    "entitlement.revoked",
    "exception.proposed",
    "exception.approved",
    "exception.declined",
];

impl Office {
    /// One household with all that is on record of it. The look is on record too.
    pub fn household_history(&self, actor: &Actor, id: HouseholdId) -> Result<History, Error> {
        actor.must(Action::ReadHouseholds)?;
        let history = self.pool.read_snapshot(|conn| {
            let household = store::households::find(conn, id)?.ok_or(Refusal::NotFound("household"))?;
            actor.must_own(household.agency, "household")?;
            self.gather(conn, actor, household)
        })?;
        self.record_look(actor, Event::HouseholdsViewed, id, "history".to_owned())?;
        Ok(history)
    }

    fn gather(&self, conn: &mut Conn, actor: &Actor, household: Household) -> Result<History, Error> {
        let zone = store::agencies::find(conn, actor.agency)?.ok_or(Refusal::NotFound("agency"))?.zone;
        let rights = history::rights_of(conn, actor.agency, household.id)?;
        let handouts = history::handouts_of(conn, &rights.iter().map(|right| right.id).collect::<Vec<_>>())?;
        let mut timeline = Timeline::default();
        self.list_side(conn, actor, &household, &mut timeline)?;
        round_side(conn, &rights, &handouts, &mut timeline)?;
        let names = timeline.names(conn, actor)?;
        let standings: Vec<StandingView> = history::standings(conn, &[household.id])?
            .into_iter()
            .filter(|(_, one)| one.agency == actor.agency)
            .map(|(_, one)| StandingView {
                programme: one.programme_name,
                standing: one.standing,
                reason: one.reason,
                point: one.point.and_then(|point| names.points.get(&point).cloned()),
                session_no: one.session_no,
                desk_no: one.desk_no,
                by_hand: one.placed_by_hand,
            })
            .collect();
        let may_see_codes = actor.role.may(Action::ReadVouchers);
        let may_see_receipts = actor.role.may(Action::ReadRedemptions);
        let rights = rights
            .into_iter()
            .map(|right| RightView {
                redeemed: handouts
                    .iter()
                    .find(|one| one.entitlement == right.id)
                    .map(|one| (one.at, may_see_receipts.then_some(one.id))),
                programme: named(&names.programmes, right.programme),
                point: named(&names.points, right.point),
                typed_code: may_see_codes.then_some(right.typed_code),
                id: right.id,
                round: right.round_name,
                value: right.value,
                state: right.state,
                held: right.held_reason,
                print_no: right.print_no,
            })
            .collect();
        let overlaps = overlaps(conn, actor, &household)?;
        let events = timeline.events(&names);
        Ok(History {
            sex: household.sex.clone(),
            relation: household.relation.clone(),
            vulnerabilities: household
                .vulnerabilities
                .split('|')
                .filter(|one| !one.is_empty())
                .map(str::to_owned)
                .collect(),
            note: household.note.clone(),
            household: self.household_view(household)?,
            standings,
            rights,
            overlaps,
            events,
            zone,
        })
    }

    /// What happened on the way to the list.
    fn list_side(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        household: &Household,
        timeline: &mut Timeline,
    ) -> Result<(), Error> {
        let (id, agency) = (household.id, actor.agency);
        let versions = history::versions_of(conn, id)?;
        if versions.is_empty() {
            let entered = store::households::entered_at(conn, id)?;
            timeline.add(entered, Some(household.entered_by), None, |_| What::Entered);
        }
        let mut before: Option<Particulars> = None;
        for version in versions {
            let now = self.open_version(id, &version)?;
            let fields = before.as_ref().map(|before| changes(before, &now));
            let (intake, row) = (version.intake, version.row);
            timeline.files.insert(intake);
            timeline.add(version.at, Some(version.by), None, move |names| {
                let file = named(&names.intakes, intake);
                match fields {
                    None => What::CameFrom { file, row },
                    Some(fields) => What::Changed { file, row, fields },
                }
            });
            before = Some(now);
        }
        for one in history::decisions_on(conn, id)? {
            timeline.add(one.at, Some(one.by), Some(one.programme), move |_| What::Decided {
                standing: one.standing,
                reason: one.reason,
                evidence: one.evidence,
            });
        }
        for one in history::suspicions_on(conn, agency, id)? {
            let other = name_of(conn, agency, one.other)?;
            let (kind, like) = (one.kind, other.clone());
            timeline.add(one.at, None, Some(one.programme), move |_| What::Suspected { kind, other: like });
            if let Some((at, by)) = one.decided {
                timeline.add(at, Some(by), Some(one.programme), move |_| What::SuspicionDecided {
                    state: one.state,
                    other,
                    note: one.note,
                });
            }
        }
        for one in history::substitutions_of(conn, agency, id)? {
            let goes = one.old == id;
            let other = name_of(conn, agency, if goes { one.new } else { one.old })?;
            let say = |state: String| What::Substitution {
                state,
                goes,
                other: other.clone(),
                reason: one.reason.clone(),
                statement_no: one.statement_no.clone(),
            };
            let (proposed, decided) = (say("proposed".to_owned()), say(one.state.clone()));
            timeline.add(one.at, Some(one.by), Some(one.programme), move |_| proposed);
            if let Some((at, by)) = one.decided {
                timeline.add(at, Some(by), Some(one.programme), move |_| decided);
            }
        }
        for one in history::listings_of(conn, agency, id)? {
            timeline.add(one.at, Some(one.by), Some(one.programme), move |_| What::Listed {
                number: one.number,
                decree_no: one.decree_no,
                decree_date: one.decree_date,
            });
        }
        Ok(())
    }

    fn open_version(&self, household: HouseholdId, version: &Version) -> Result<Particulars, Error> {
        let plain = self.vault.open(Field::HouseholdVersion, household.bytes(), &version.particulars)?;
        serde_json::from_slice(&plain).map_err(|error| Error::Broken(error.to_string()))
    }
}

/// What happened in the rounds.
fn round_side(
    conn: &mut Conn,
    rights: &[Right],
    handouts: &[history::Handout],
    timeline: &mut Timeline,
) -> Result<(), Error> {
    let ids: Vec<EntitlementId> = rights.iter().map(|right| right.id).collect();
    let rounds: HashMap<EntitlementId, (ProgrammeId, String)> =
        rights.iter().map(|right| (right.id, (right.programme, right.round_name.clone()))).collect();
    let of = |id: EntitlementId| rounds.get(&id).cloned();
    for right in rights {
        let point = right.point;
        timeline.add_in(right.issued_at, Some(right.issued_by), of(right.id), move |names| What::Issued {
            point: named(&names.points, point),
            print_no: 1,
        });
    }
    let objects: Vec<String> = ids.iter().map(ToString::to_string).collect();
    for one in history::traces_of(conn, &objects, &TRACED, LINES_MAX)? {
        let of = one.object.parse().ok().and_then(of);
        // What goes with an exception is codes, and stands on its own page in words.
        let detail = if one.event.starts_with("exception.") { String::new() } else { one.detail };
        timeline.add_in(one.at, one.by, of, move |_| What::Traced { event: one.event, detail });
    }
    for one in history::tries_of(conn, &ids, LINES_MAX)? {
        // A handout says more than the try that became it.
        if one.redeem && one.outcome == "valid" {
            continue;
        }
        timeline.machines.extend(one.device);
        timeline.add_in(one.at, Some(one.by), of(one.entitlement), move |names| What::Tried {
            redeem: one.redeem,
            outcome: one.outcome,
            point: one.point.map(|point| named(&names.points, point)),
            device: one.device.map(|device| named(&names.devices, device)),
        });
    }
    for one in handouts.iter().cloned() {
        let short = one.short && store::exceptions::fell_short(conn, one.entitlement)?;
        timeline.machines.insert(one.device);
        timeline.add_in(one.at, Some(one.by), of(one.entitlement), move |names| What::HandedOver {
            point: named(&names.points, one.point),
            device: named(&names.devices, one.device),
            collector: one.collector,
            relation: one.relation,
            number: one.number,
            short,
        });
    }
    let stopped: BTreeSet<[u8; 16]> = rights
        .iter()
        .flat_map(|right| [*right.programme.bytes(), *right.round.bytes(), *right.point.bytes()])
        .collect();
    for one in history::pauses_of(conn, &Vec::from_iter(stopped))? {
        let of = rights
            .iter()
            .find(|right| *right.round.bytes() == one.object || *right.programme.bytes() == one.object)
            .map(|right| (right.programme, right.round_name.clone()));
        let scope = one.scope.clone();
        timeline.add_in(one.begun.1, Some(one.begun.0), of.clone(), move |_| What::Paused {
            scope,
            letter_no: one.letter_no,
            reason: one.reason,
        });
        if let Some((letter_no, by, at)) = one.ended {
            timeline.add_in(at, by, of, move |_| What::Resumed { scope: one.scope, letter_no });
        }
    }
    let in_rounds: Vec<_> = rights.iter().map(|right| right.round).collect();
    for (round, point, closes_at, reason, by, at) in history::windows_of(conn, &in_rounds)? {
        let Some(right) = rights.iter().find(|right| right.round == round && right.point == point) else { continue };
        timeline.add_in(at, Some(by), of(right.id), move |names| What::WindowChanged {
            point: named(&names.points, point),
            closes_at,
            reason,
        });
    }
    Ok(())
}

type Tell = Box<dyn FnOnce(&Names) -> What>;

/// When, who, in which programme and round, and what.
type Line = (Timestamp, Option<UserId>, Option<(ProgrammeId, String)>, Tell);

/// Events while they are gathered; names are looked up once, at the end.
#[derive(Default)]
struct Timeline {
    lines: Vec<Line>,
    files: BTreeSet<IntakeId>,
    machines: BTreeSet<crate::domain::id::DeviceId>,
}

impl Timeline {
    fn add(
        &mut self,
        at: Timestamp,
        by: Option<UserId>,
        of: Option<ProgrammeId>,
        tell: impl FnOnce(&Names) -> What + 'static,
    ) {
        self.add_in(at, by, of.map(|programme| (programme, String::new())), tell);
    }

    fn add_in(
        &mut self,
        at: Timestamp,
        by: Option<UserId>,
        of: Option<(ProgrammeId, String)>,
        tell: impl FnOnce(&Names) -> What + 'static,
    ) {
        self.lines.push((at, by, of, Box::new(tell)));
    }

    fn names(&self, conn: &mut Conn, actor: &Actor) -> Result<Names, Error> {
        let people: BTreeSet<UserId> = self.lines.iter().filter_map(|line| line.1).collect();
        Ok(history::names(
            conn,
            actor.agency,
            &Vec::from_iter(people),
            &self.machines.iter().copied().collect::<Vec<_>>(),
            &self.files.iter().copied().collect::<Vec<_>>(),
        )?)
    }

    /// The newest first; what happened in the same moment stays in the order in which it was gathered, turned round.
    fn events(self, names: &Names) -> Vec<HistoryEvent> {
        let mut events: Vec<HistoryEvent> = self
            .lines
            .into_iter()
            .map(|(at, by, of, tell)| HistoryEvent {
                at,
                by: by.and_then(|by| names.users.get(&by).cloned()),
                of: of.map(|(programme, round)| match (named(&names.programmes, programme), round) {
                    (programme, round) if round.is_empty() => programme,
                    (programme, round) => format!("{programme}, {round}"),
                }),
                what: tell(names),
            })
            .collect();
        events.sort_by_key(|event| event.at);
        events.reverse();
        events
    }
}

fn named<K: std::hash::Hash + Eq>(names: &HashMap<K, String>, key: K) -> String {
    names.get(&key).cloned().unwrap_or_else(|| "–".to_owned())
}

/// The name of a household of this agency.
fn name_of(conn: &mut Conn, agency: crate::domain::id::AgencyId, id: HouseholdId) -> Result<String, Error> {
    let found = store::households::find(conn, id)?.filter(|one| one.agency == agency);
    Ok(found.map_or_else(|| "–".to_owned(), |one| one.name))
}

fn overlaps(conn: &mut Conn, actor: &Actor, household: &Household) -> Result<Vec<Overlap>, Error> {
    let nik = household.nik.as_ref().map(|(_, index)| *index);
    let card = household.family_card.as_ref().map(|(_, index)| *index);
    let twins = history::twins_of(conn, household.id, nik, card)?;
    let ids: Vec<HouseholdId> = twins.iter().map(|(twin, _)| twin.id).collect();
    let standings = history::standings(conn, &ids)?;
    let mut overlaps = Vec::new();
    for (twin, agency) in twins {
        let same_nik = nik.is_some() && twin.nik.as_ref().map(|(_, index)| *index) == nik;
        let own = (twin.agency == actor.agency).then_some(twin.id);
        let mut known = false;
        for (_, one) in standings.iter().filter(|(id, _)| *id == twin.id) {
            known = true;
            overlaps.push(Overlap {
                agency: agency.clone(),
                programme: Some(one.programme_name.clone()),
                standing: one.standing.clone(),
                same_nik,
                household: own,
            });
        }
        if !known {
            overlaps.push(Overlap { agency, programme: None, standing: String::new(), same_nik, household: own });
        }
    }
    Ok(overlaps)
}
