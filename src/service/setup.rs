//! How far a programme is set up: what is there, and what is missing. Counts alone.

use super::budget::budget_of;
use super::programme::owned_programme;
use super::{Actor, Error, Office};
use crate::domain::budget::Budget;
use crate::domain::id::ProgrammeId;
use crate::domain::programme::Programme;
use crate::domain::role::Action;
use crate::store;

/// What there is of a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Setup {
    /// Package versions.
    pub packages: i64,
    /// Points of the agency.
    pub points: i64,
    /// Approved households.
    pub approved: i64,
    /// Of these, placed at a point.
    pub placed: i64,
    /// Rounds.
    pub rounds: i64,
    /// Rounds that were issued.
    pub issued: i64,
}

impl Office {
    /// How far a programme is set up.
    pub fn setup(&self, actor: &Actor, programme: ProgrammeId) -> Result<Setup, Error> {
        actor.must(Action::ReadProgrammes)?;
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.pool.read(|conn| {
            owned_programme(conn, actor, programme)?;
            let (approved, placed) = store::placements::count(conn, programme)?;
            let rounds = store::rounds::of_programme(conn, programme)?;
            Ok(Setup {
                packages: count(store::packages::of_programme(conn, programme)?.len()),
                points: count(store::points::of_agency(conn, actor.agency)?.len()),
                approved,
                placed,
                rounds: count(rounds.len()),
                issued: count(rounds.iter().filter(|round| round.issued_at.is_some()).count()),
            })
        })
    }

    /// The programmes of the actor's agency with their budgets, all of one moment.
    pub fn programme_budgets(&self, actor: &Actor) -> Result<Vec<(Programme, Budget)>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read_snapshot(|conn| {
            let found = store::programmes::list(conn, actor.agency, None, super::PAGE_MAX)?;
            found.into_iter().map(|one| budget_of(conn, &one).map(|budget| (one, budget))).collect()
        })
    }
}
