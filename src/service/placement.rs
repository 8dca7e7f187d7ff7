//! Placing the approved households of a programme on point, session and desk, and moving one of them.

use std::collections::BTreeMap;

use super::entry::{text, within};
use super::point::owned_point;
use super::programme::owned_programme;
use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::entitlement::State;
use crate::domain::household::fold_name;
use crate::domain::id::{EntitlementId, HouseholdId, ProgrammeId};
use crate::domain::placement::{Candidate, Plan, Site, Spot, Unplaced, plan};
use crate::domain::programme::{Point, Programme};
use crate::domain::role::Action;
use crate::store::{self, Conn, Write};
use crate::transparency::{Kind, Leaf};

/// How many households without a place are named; all are counted.
const NAMED_AT_MOST: usize = 500;

/// What placing came to, or would come to.
#[derive(Debug, Clone)]
pub struct Placement {
    /// The programme.
    pub programme: Programme,
    /// Households that got a place, or another one than before.
    pub moved: i64,
    /// Households that stay where they are.
    pub stayed: i64,
    /// Households that a person placed, which this never moves.
    pub by_hand: i64,
    /// Households without a place.
    pub unplaced: i64,
    /// The first of these, with the reason.
    pub named: Vec<UnplacedHousehold>,
    /// What the points then look like, by number.
    pub points: Vec<PointSeats>,
    /// Whether it was written.
    pub written: bool,
}

/// A household that could not be placed.
#[derive(Debug, Clone)]
pub struct UnplacedHousehold {
    /// Its id.
    pub id: HouseholdId,
    /// Its key in the source.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// RT, village and sub-district.
    pub address: String,
    /// Why.
    pub reason: Unplaced,
}

/// A point with its sessions.
#[derive(Debug, Clone)]
pub struct PointSeats {
    /// The point.
    pub point: Point,
    /// How many households collect there.
    pub households: i64,
    /// Its sessions by number, each with how many sit at which desk.
    pub sessions: Vec<(i32, Vec<(i32, i64)>)>,
}

/// Where a household is to be moved by hand.
#[derive(Debug, Clone)]
pub struct Move {
    /// In which programme.
    pub programme: ProgrammeId,
    /// To which spot.
    pub spot: Spot,
    /// Why.
    pub reason: String,
}

/// What a move came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// The rights that went along, with the number of the print that is good from now on. Where it rose, the
    /// paper has to be printed again.
    pub rights: Vec<(EntitlementId, i32)>,
    /// Whether a reprint is due.
    pub reprint_due: bool,
}

impl Office {
    /// Places approved households. Whoever has a place keeps it, unless `everybody` is to be placed anew;
    /// whoever was placed by hand keeps it always. With `dry_run` nothing is written. Rights that were
    /// issued stay where they are: this is for the rounds to come.
    pub fn place_households(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        everybody: bool,
        dry_run: bool,
    ) -> Result<Placement, Error> {
        actor.must(Action::Place)?;
        let placement = if dry_run {
            self.pool.read_snapshot(|conn| {
                let programme = owned_programme(conn, actor, programme)?;
                let (plan, before) = self.plan(conn, actor, programme.id, everybody)?;
                self.shown(conn, actor, programme, &plan, &before, false)
            })?
        } else {
            self.pool.write("placement", |tx| {
                let programme = owned_programme(tx, actor, programme)?;
                store::turns::own(tx, &programme.id)?;
                let (plan, before) = self.plan(tx, actor, programme.id, everybody)?;
                for (spot, households) in changes(&plan, &before) {
                    if store::placements::place(tx, programme.id, spot, &households)? != households.len() {
                        // Somebody was decided on or placed by hand meanwhile: plan again.
                        return Err(store::Error::Raced.into());
                    }
                }
                let shown = self.shown(tx, actor, programme, &plan, &before, true)?;
                let detail = format!("{} placed, {} without a place", shown.moved, shown.unplaced);
                self.record(tx, actor.who(), Event::HouseholdsPlaced, shown.programme.id, detail)?;
                Ok::<_, Error>(shown)
            })?
        };
        if !placement.named.is_empty() {
            let detail = format!("{} without a place", placement.named.len());
            self.record_look(actor, Event::HouseholdsViewed, placement.programme.id, detail)?;
        }
        Ok(placement)
    }

    fn plan(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        programme: ProgrammeId,
        everybody: bool,
    ) -> Result<(Plan, Before), Error> {
        let served = store::points::villages_of_agency(conn, actor.agency)?;
        let sites: Vec<Site> = store::points::of_agency(conn, actor.agency)?
            .into_iter()
            .map(|point| Site {
                point: point.id,
                sub_district: fold_name(&point.sub_district),
                villages: served.iter().filter(|(at, _)| *at == point.id).map(|(_, code)| code.clone()).collect(),
                desks: point.desks,
                session_size: point.session_size,
            })
            .collect();
        let mut before = Before::default();
        let mut candidates: Vec<Candidate> = Vec::new();
        for placed in store::placements::approved(conn, programme)? {
            let stays = placed.spot.filter(|_| placed.by_hand || !everybody);
            if let Some(spot) = placed.spot {
                before.spots.insert(placed.candidate.household, spot);
            }
            before.by_hand += i64::from(placed.by_hand);
            before.staying += i64::from(stays.is_some());
            candidates.push(Candidate { stays, ..placed.candidate });
        }
        Ok((plan(&sites, candidates), before))
    }

    fn shown(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        programme: Programme,
        plan: &Plan,
        before: &Before,
        written: bool,
    ) -> Result<Placement, Error> {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let moved = count(changes(plan, before).values().map(Vec::len).sum());
        let mut named = Vec::new();
        for (id, reason) in plan.unplaced.iter().take(NAMED_AT_MOST) {
            let household = store::households::find(conn, *id)?.ok_or(Refusal::NotFound("household"))?;
            named.push(UnplacedHousehold {
                id: *id,
                address: super::household::place(&household),
                source_id: household.source_id,
                name: household.name,
                reason: *reason,
            });
        }
        let points = store::points::of_agency(conn, actor.agency)?;
        Ok(Placement {
            programme,
            moved,
            stayed: before.staying + count(plan.placed.len()) - moved,
            by_hand: before.by_hand,
            unplaced: count(plan.unplaced.len()),
            named,
            points: points.into_iter().filter_map(|point| seats(plan, point)).collect(),
            written,
        })
    }

    /// Moves one household by hand. Its available rights go along; at another point the paper has to be
    /// printed again. Refused while a right of it is with a device, or was redeemed in a round that is not
    /// over: what has been handed over stays where it was.
    pub fn move_household(&self, actor: &Actor, household: HouseholdId, to: &Move) -> Result<Moved, Error> {
        actor.must(Action::Place)?;
        within("session_no", to.spot.session_no, 1, 9_999)?;
        within("desk_no", to.spot.desk_no, 1, 99)?;
        let reason = text("reason", &to.reason, 200)?;
        self.pool.write("household_move", |tx| {
            let programme = owned_programme(tx, actor, to.programme)?;
            let point = owned_point(tx, actor, to.spot.point)?;
            if to.spot.desk_no > point.desks {
                let why = format!("the point has {} desk(s)", point.desks);
                return Err(Refusal::Invalid { field: "desk_no", why }.into());
            }
            // An issue under way would give a right at the old place after we looked.
            store::turns::own(tx, &programme.id)?;
            if !store::placements::place_by_hand(tx, programme.id, household, to.spot)? {
                return Err(Refusal::NotFound("household").into());
            }
            let moved = self.move_rights(tx, actor, programme.id, household, to.spot)?;
            for (id, _) in &moved.rights {
                let leaf = Leaf { word: Some("place".to_owned()), ..self.leaf_of(actor, Kind::Policy) };
                let point_no = u32::try_from(point.number).ok();
                super::log::append(tx, &Leaf { entitlement: Some(*id), point: point_no, ..leaf })?;
            }
            let detail = format!("{} session {} desk {}: {reason}", point.code, to.spot.session_no, to.spot.desk_no);
            self.record(tx, actor.who(), Event::HouseholdsPlaced, household, detail)?;
            Ok(moved)
        })
    }

    fn move_rights(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        programme: ProgrammeId,
        household: HouseholdId,
        to: Spot,
    ) -> Result<Moved, Error> {
        let mut moved = Moved::default();
        for (id, round) in store::placements::rights_of(tx, programme, household)? {
            let (right, _) = store::entitlements::find(tx, id)?.ok_or(Refusal::NotFound("entitlement"))?;
            match right.state {
                State::Available => {
                    // As with any other print: neither the paper nor its code is good from then on.
                    let code = if right.point == to.point { None } else { Some(self.draw_typed_code(tx)?) };
                    let print_no = store::placements::move_right(tx, id, right.point, to, code)?;
                    // Redeemed or lent between the look and the change: decide again.
                    let print_no = print_no.ok_or(store::Error::Raced)?;
                    if print_no != right.print_no {
                        store::former_codes::keep(tx, right.typed_code, id, right.print_no)?;
                        moved.reprint_due = true;
                        let round = store::rounds::find(tx, round)?.ok_or(Refusal::NotFound("round"))?;
                        self.bundle_up(tx, actor, (round.id, round.number), to.point)?;
                    }
                    moved.rights.push((id, print_no));
                }
                State::Leased | State::Unresolved => return Err(Refusal::NotAvailable(right.state).into()),
                State::Redeemed => {
                    let round = store::rounds::find(tx, round)?.ok_or(Refusal::NotFound("round"))?;
                    let window = store::point_windows::at(tx, &round, right.point)?;
                    if self.now() < window.closes_at {
                        return Err(Refusal::NotAvailable(right.state).into());
                    }
                }
                State::Revoked | State::Expired => {}
            }
        }
        Ok(moved)
    }
}

/// How households were placed before.
#[derive(Debug, Clone, Default)]
struct Before {
    spots: BTreeMap<HouseholdId, Spot>,
    by_hand: i64,
    staying: i64,
}

/// What is to be written: the households that come to each spot and were not there.
fn changes(plan: &Plan, before: &Before) -> BTreeMap<Spot, Vec<HouseholdId>> {
    let mut changes: BTreeMap<Spot, Vec<HouseholdId>> = BTreeMap::new();
    for (household, spot) in plan.placed.iter().filter(|(household, spot)| before.spots.get(household) != Some(spot)) {
        changes.entry(*spot).or_default().push(*household);
    }
    changes
}

fn seats(plan: &Plan, point: Point) -> Option<PointSeats> {
    let mut sessions: Vec<(i32, Vec<(i32, i64)>)> = Vec::new();
    let mut households = 0;
    for (spot, count) in plan.seats.iter().filter(|(spot, _)| spot.point == point.id) {
        households += count;
        match sessions.last_mut() {
            Some((session, desks)) if *session == spot.session_no => desks.push((spot.desk_no, *count)),
            _ => sessions.push((spot.session_no, vec![(spot.desk_no, *count)])),
        }
    }
    (households > 0).then_some(PointSeats { point, households, sessions })
}
