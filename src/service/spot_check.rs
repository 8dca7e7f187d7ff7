//! Uji petik: a sample that anyone can draw again, the sheet for the field, what was found, and what that says.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Actor, Error, Office, Refusal, entry, programme};
use crate::domain::audit::Event;
use crate::domain::id::{EntitlementId, Identifier, RoundId, SpotCheckId};
use crate::domain::role::Action;
use crate::domain::spot_check::{Estimate, Found, estimate};
use crate::domain::time::Zone;
use crate::store::spot_checks::{Line, SpotCheck};
use crate::store::{self, Conn};

/// The largest sample.
const SIZE_MAX: i32 = 1_000;

/// One voucher of a sample.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SpotCheckLine {
    /// 1, 2, 3 …
    pub position: i32,
    /// A name for the entitlement on paper, which opens nothing.
    pub reference: String,
    /// The recipient.
    pub name: String,
    /// RT and village.
    pub place: String,
    /// The point's code.
    pub point: String,
    /// The receipt's number.
    pub receipt: String,
    /// The day of the handout.
    pub day: String,
    /// What was found.
    pub found: Found,
    /// A remark.
    pub note: String,
}

/// A sample on a screen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SpotCheckView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: SpotCheckId,
    /// The round.
    #[schema(value_type = String, format = Uuid)]
    pub round_id: RoundId,
    /// What it was drawn with: the vouchers with the smallest `SHA-256(seed ‖ id)`.
    pub seed: String,
    /// Of how many redeemed vouchers.
    pub population: i64,
    /// How many were drawn.
    pub size: i32,
    /// When, ISO 8601.
    pub drawn_at: String,
    /// The share of answers that are not what the books say, with its 95 % Wilson interval; null while nobody
    /// answered.
    pub estimate: Option<Estimate>,
    /// Drawn and not asked or not met.
    pub unanswered: i64,
    /// The vouchers, in the order in which they were drawn.
    pub lines: Vec<SpotCheckLine>,
}

/// The sample that a seed draws.
fn draw(seed: &str, all: Vec<EntitlementId>, size: usize) -> Vec<EntitlementId> {
    let mut keyed: Vec<([u8; 32], EntitlementId)> = all
        .into_iter()
        .map(|id| (Sha256::new().chain_update(seed.as_bytes()).chain_update(id.bytes()).finalize().into(), id))
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().take(size).map(|(_, id)| id).collect()
}

impl Office {
    /// Draws a sample of a round's redeemed vouchers. The seed is drawn too, and kept; so nobody chooses who is
    /// asked, and anyone can check that nobody did.
    pub fn draw_spot_check(&self, actor: &Actor, round: RoundId, size: i32) -> Result<SpotCheckView, Error> {
        actor.must(Action::SpotCheck)?;
        let size = entry::within("size", size, 1, SIZE_MAX)?;
        let now = self.now();
        self.pool.write("spot_check", |tx| {
            let (round, _) = programme::owned_round(tx, actor, round)?;
            let all = store::spot_checks::redeemed(tx, round.id)?;
            if all.is_empty() {
                return Err(Refusal::Invalid { field: "round", why: "nothing was handed over yet".into() }.into());
            }
            let population = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let seed = data_encoding::HEXLOWER.encode(&self.draw::<8>()?);
            let drawn = draw(&seed, all, usize::try_from(size).unwrap_or(1));
            let one = SpotCheck {
                id: self.new_id(SpotCheckId::by_time)?,
                round: round.id,
                seed,
                population,
                size: i32::try_from(drawn.len()).unwrap_or(size),
                drawn_by: actor.user,
                drawn_at: now,
            };
            store::spot_checks::insert(tx, &one, &drawn)?;
            self.record(tx, actor.who(), Event::SampleDrawn, one.id, one.seed.clone())?;
            view(tx, actor, one)
        })
    }

    /// The samples of a round, newest first. The look is on record.
    pub fn spot_checks(&self, actor: &Actor, round: RoundId) -> Result<Vec<SpotCheckView>, Error> {
        actor.must(Action::ReadSpotChecks)?;
        let views = self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let found = store::spot_checks::of_round(conn, round.id)?;
            found.into_iter().map(|one| view(conn, actor, one)).collect::<Result<Vec<_>, Error>>()
        })?;
        self.record_look(actor, Event::HouseholdsViewed, round, format!("spot checks {}", views.len()))?;
        Ok(views)
    }

    /// Enters what was found at a door.
    pub fn enter_spot_check(
        &self,
        actor: &Actor,
        id: SpotCheckId,
        position: i32,
        found: Found,
        note: &str,
    ) -> Result<SpotCheckView, Error> {
        actor.must(Action::SpotCheck)?;
        let note = entry::text_or_empty("note", note, 200)?;
        let now = self.now();
        self.pool.write("spot_check_entry", |tx| {
            let (one, agency) = store::spot_checks::find(tx, id)?.ok_or(Refusal::NotFound("spot_check"))?;
            actor.must_own(agency, "spot_check")?;
            if !store::spot_checks::enter(tx, (id, position), found, &note, (actor.user, now))? {
                return Err(Refusal::NotFound("line").into());
            }
            self.record(tx, actor.who(), Event::SampleEntered, id, format!("{position} {}", found.as_str()))?;
            view(tx, actor, one)
        })
    }
}

pub(super) fn view(conn: &mut Conn, actor: &Actor, one: SpotCheck) -> Result<SpotCheckView, Error> {
    let zone = store::agencies::find(conn, actor.agency)?.map_or(Zone::default(), |agency| agency.zone);
    let lines = store::spot_checks::lines(conn, one.id)?;
    let count =
        |wanted: fn(&Line) -> bool| i64::try_from(lines.iter().filter(|line| wanted(line)).count()).unwrap_or(i64::MAX);
    let answered = count(|line| line.found.is_answered());
    Ok(SpotCheckView {
        id: one.id,
        round_id: one.round,
        seed: one.seed,
        population: one.population,
        size: one.size,
        drawn_at: one.drawn_at.iso(zone),
        estimate: estimate(count(|line| line.found.is_bad()), answered),
        unanswered: i64::from(one.size) - answered,
        lines: lines
            .into_iter()
            .map(|line| SpotCheckLine {
                position: line.position,
                reference: crate::domain::document::reference(line.entitlement),
                name: line.name,
                place: if line.rt.is_empty() { line.village } else { format!("RT {}, {}", line.rt, line.village) },
                point: line.point,
                receipt: line.receipt,
                day: line.day,
                found: line.found,
                note: line.note,
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_whatever_order_the_list_has_and_another_seed_another() {
        let all: Vec<EntitlementId> = (0..200_u8).map(|byte| EntitlementId::random([byte; 16])).collect();
        let turned: Vec<EntitlementId> = all.iter().rev().copied().collect();
        let first = draw("a", all.clone(), 20);
        assert_eq!(first, draw("a", turned, 20));
        assert_ne!(first, draw("b", all.clone(), 20));
        assert_eq!(draw("a", all, 500).len(), 200);
    }
}
