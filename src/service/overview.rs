//! Rounds at a glance: how far each is, and what an issue would commit. Counts alone, nothing personal,
//! so whoever may see a round may see them.

use super::{Actor, Error, Office, Refusal, programme};
use crate::domain::budget::Budget;
use crate::domain::entitlement::State;
use crate::domain::id::{PointId, RoundId};
use crate::domain::money::Money;
use crate::domain::package::Package;
use crate::domain::programme::{Programme, Round};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::store::{self, Conn};

/// Where a round stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not begun.
    Planned,
    /// Vouchers are good now.
    Open,
    /// Stopped for the time being.
    Paused,
    /// Over.
    Closed,
}

impl Phase {
    fn of(round: &Round, programme: &Programme, now: Timestamp) -> Self {
        if now >= round.closes_at {
            Self::Closed
        } else if round.paused_reason.is_some() || programme.paused_reason.is_some() {
            Self::Paused
        } else if now < round.opens_at {
            Self::Planned
        } else {
            Self::Open
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }
}

/// A round in a list.
#[derive(Debug, Clone)]
pub struct RoundOverview {
    /// The round.
    pub round: Round,
    /// The programme's name.
    pub programme: String,
    /// Where it stands.
    pub phase: Phase,
    /// Entitlements issued.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
    /// The number of its close and up to when that counts, once its books are closed.
    pub closed: Option<(String, Timestamp)>,
}

/// A point of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointOverview {
    /// Its id.
    pub id: PointId,
    /// Whether it stands still.
    pub paused: bool,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Entitlements issued.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
    /// Not yet collected.
    pub open: i64,
}

/// One round with all that stands on its page.
#[derive(Debug, Clone)]
pub struct RoundSheet {
    /// The round.
    pub round: Round,
    /// Its programme.
    pub programme: Programme,
    /// What a household receives.
    pub package: Package,
    /// Where it stands.
    pub phase: Phase,
    /// The programme's budget.
    pub budget: Budget,
    /// Approved households without an entitlement in this round.
    pub waiting: i64,
    /// What issuing to them would commit; nothing when that is more than can be counted.
    pub waiting_value: Option<Money>,
    /// Its points, in the order of their numbers.
    pub points: Vec<PointOverview>,
    /// The number of its close and up to when that counts, once its books are closed.
    pub closed: Option<(String, Timestamp)>,
}

impl Office {
    /// The rounds of the actor's agency with their counts.
    pub fn round_overviews(&self, actor: &Actor) -> Result<Vec<RoundOverview>, Error> {
        actor.must(Action::ReadProgrammes)?;
        let now = self.now();
        self.pool.read(|conn| {
            let mut found = Vec::new();
            for programme in store::programmes::list(conn, actor.agency, None, super::PAGE_MAX)? {
                for round in store::rounds::of_programme(conn, programme.id)? {
                    let (issued, redeemed) = counts(conn, round.id)?;
                    let phase = Phase::of(&round, &programme, now);
                    let closed = store::afterwards::round_closed(conn, round.id)?;
                    let programme = programme.name.clone();
                    found.push(RoundOverview { round, programme, phase, issued, redeemed, closed });
                }
            }
            Ok(found)
        })
    }

    /// One round with its budget, what waits, and its points, all of one moment.
    pub fn round_sheet(&self, actor: &Actor, id: RoundId) -> Result<RoundSheet, Error> {
        actor.must(Action::ReadProgrammes)?;
        let now = self.now();
        self.pool.read_snapshot(|conn| {
            let (round, programme) = programme::owned_round(conn, actor, id)?;
            let package = store::packages::find(conn, round.package)?
                .ok_or_else(|| Error::Broken("a round without its package".into()))?;
            let waiting = store::beneficiaries::count_awaiting(conn, programme.id, round.id, &package.code)?;
            Ok(RoundSheet {
                phase: Phase::of(&round, &programme, now),
                budget: super::budget::budget_of(conn, &programme)?,
                waiting,
                waiting_value: package.value.times(waiting).ok(),
                points: points(conn, &round)?,
                closed: store::afterwards::round_closed(conn, round.id)?,
                round,
                programme,
                package,
            })
        })
    }

    /// The number of the close of a whole round and up to when that counts, once its books are closed.
    pub fn round_closed(&self, actor: &Actor, id: RoundId) -> Result<Option<(String, Timestamp)>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, id)?;
            Ok(store::afterwards::round_closed(conn, round.id)?)
        })
    }
}

/// Issued and redeemed.
fn counts(conn: &mut Conn, round: RoundId) -> Result<(i64, i64), Error> {
    let lines = store::reconcile::by_point_and_state(conn, round)?;
    let redeemed = lines.iter().filter(|line| line.1 == State::Redeemed).map(|line| line.2).sum();
    Ok((lines.iter().map(|line| line.2).sum(), redeemed))
}

/// The points of a round: where it has rights, and where households of its programme are placed, so that
/// windows and sessions can be set before anything is issued.
fn points(conn: &mut Conn, round: &Round) -> Result<Vec<PointOverview>, Error> {
    let lines = store::reconcile::by_point_and_state(conn, round.id)?;
    let placed = store::placements::points_of(conn, round.programme)?;
    let mut found = placed;
    for id in lines.iter().map(|line| line.0) {
        if found.iter().all(|point| point.id != id) {
            found.push(store::points::find(conn, id)?.ok_or(Refusal::NotFound("point"))?);
        }
    }
    found.sort_by_key(|point| point.number);
    Ok(found
        .into_iter()
        .map(|point| {
            let count = |wanted: fn(State) -> bool| {
                lines.iter().filter(|line| line.0 == point.id && wanted(line.1)).map(|line| line.2).sum()
            };
            PointOverview {
                issued: count(|_| true),
                redeemed: count(|state| state == State::Redeemed),
                open: count(State::is_live),
                id: point.id,
                paused: point.paused_reason.is_some(),
                code: point.code,
                name: point.name,
            }
        })
        .collect())
}
