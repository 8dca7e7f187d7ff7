//! The end of a round: what nobody came for ends by a person's act, never by a clock, and its value goes back to the
//! budget. What a device holds stays with it until it comes back; then the same act ends that, too.

use std::collections::HashMap;

use super::super::programme::owned_round;
use super::super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::id::{PointId, RoundId};
use crate::domain::lease::office::Right;
use crate::domain::lease::server::{Answer, Input, Refused};
use crate::domain::role::Action;
use crate::store::{self, Write};

/// How many are ended in one transaction, so that desks do not wait.
const CHUNK: i64 = 200;

/// What the end of a round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ended {
    /// How many entitlements ended unused by this.
    pub expired: i64,
    /// How many are with devices, or may be: they end when they have come back and this is done again.
    pub out: i64,
    /// How many are free at points whose window is still open.
    pub open: i64,
}

impl Office {
    /// Ends what is free of a round at every point whose window is over.
    pub fn expire_round(&self, actor: &Actor, round: RoundId) -> Result<Ended, Error> {
        actor.must(Action::ClosePeriod)?;
        let (round, _) = self.pool.read(|conn| owned_round(conn, actor, round))?;
        let (round, who) = (&round, actor.who());
        let mut ended = Ended::default();
        let mut over: HashMap<PointId, bool> = HashMap::new();
        let mut after = None;
        loop {
            let (some, open, last) = self.pool.write("expire", |tx| {
                let office = Self::standing(tx)?;
                if office.recovering() {
                    return Err(Refusal::Recovering(office.missing).into());
                }
                let free = store::leases::of_round_in(tx, round.id, State::Available, after, CHUNK)?;
                let (mut some, mut open) = (0, 0);
                for one in &free {
                    let is_over = match over.get(&one.point) {
                        Some(over) => *over,
                        None => {
                            let window = store::point_windows::at(tx, round, one.point)?;
                            let is_over = self.now() >= window.closes_at;
                            over.insert(one.point, is_over);
                            is_over
                        }
                    };
                    if !is_over {
                        open += 1;
                        continue;
                    }
                    let step = self.step_alone(tx, one, &Input::Expire)?;
                    match step.answer {
                        Answer::Done => some += 1,
                        Answer::Refused(Refused::Is(_)) => {}
                        other => return Err(Error::Broken(format!("an end was answered with {other:?}"))),
                    }
                    self.apply(tx, who, one, &step, None)?;
                }
                if some > 0 {
                    self.record(tx, who, Event::RoundExpired, round.id, some.to_string())?;
                }
                Ok::<_, Error>((some, open, free.last().map(|one| one.id)))
            })?;
            ended.expired += some;
            ended.open += open;
            let Some(last) = last else { break };
            after = Some(last);
        }
        self.close_gap()?;
        let states = self.pool.read(|conn| store::reconcile::by_point_and_state(conn, round.id))?;
        let out = |state: &State| matches!(state, State::Leased | State::Unresolved);
        ended.out = states.iter().filter(|line| out(&line.1)).map(|line| line.2).sum();
        Ok(ended)
    }

    /// What the end of an entitlement, or its return from there, means for the budget: ending releases its value; a
    /// device that shows that it had it all the same takes it again, whatever has been promised since.
    pub(super) fn settle_budget(&self, tx: &mut Write<'_>, was: &Entitlement, now: Right) -> Result<(), Error> {
        let change = match (was.state, now) {
            (State::Expired, Right::Expired | Right::Revoked) => return Ok(()),
            (State::Expired, _) => store::programmes::obligate_again,
            (before, Right::Expired) if before.is_live() => store::programmes::release,
            _ => return Ok(()),
        };
        let round = store::rounds::find(tx, was.round)?.ok_or(Refusal::NotFound("round"))?;
        Ok(change(tx, round.programme, was.value)?)
    }
}
