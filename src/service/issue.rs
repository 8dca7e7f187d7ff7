//! Issuing: approved households become entitlements, and the budget is committed, or nothing happens.

use std::collections::HashMap;

use super::{Actor, Error, Office, Refusal, programme};
use crate::domain::audit::Event;
use crate::domain::budget::BudgetExceeded;
use crate::domain::entitlement::{Entitlement, Fence, Marks, StandsFor, State};
use crate::domain::id::{EntitlementId, PointId, RoundId};
use crate::domain::money::Money;
use crate::domain::programme::Round;
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::voucher::TypedCode;
use crate::store::beneficiaries::Awaiting;
use crate::store::{self, Write};
use crate::transparency::{Kind, Leaf};

/// The epoch before any restore.
const FIRST_EPOCH: u32 = 1;

/// How many entitlements are drawn and written together.
const BATCH: i64 = 1_000;

/// What an issue came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issued {
    /// How many entitlements were made: households that had one in this round got no second.
    pub issued: i64,
    /// The value of all live entitlements of the round.
    pub committed: Money,
}

impl Office {
    /// Issues a round to every approved household that has no entitlement in it yet, within one
    /// transaction, and then puts the vouchers into bundles, ready to be printed. `progress` is told how many were made so far, and of how many.
    pub fn issue(&self, actor: &Actor, round: RoundId, progress: &dyn Fn(i64, i64)) -> Result<Issued, Error> {
        actor.must(Action::Issue)?;
        let now = self.now();
        let issued = self.pool.write("issue", |tx| {
            let (round, programme) = programme::owned_round(tx, actor, round)?;
            // A household that is moved by hand meanwhile waits, so that its right is issued where it is.
            store::turns::own(tx, &programme.id)?;
            // From here on another issue of this round waits, and then finds nothing left to do.
            store::rounds::mark_issued(tx, round.id, round.issued_at.unwrap_or(now))?;
            super::stock::must_not_be_closed(tx, round.id, None)?;
            let package = store::packages::find(tx, round.package)?.ok_or(Refusal::NotFound("package"))?;
            let count = store::beneficiaries::count_awaiting(tx, round.programme, round.id, &package.code)?;
            self.issuer_key(tx, actor.who(), round.id)?;
            self.commit(tx, round.programme, package.value, count)?;
            let leaf = self.leaf_of(actor, Kind::Issue);
            let mut made = 0;
            let mut after = None;
            while made < count {
                let batch = store::beneficiaries::awaiting(tx, round.programme, round.id, &package.code, after, BATCH)?;
                let Some(last) = batch.last() else { break };
                after = Some(last.household);
                let mut drawn = Vec::with_capacity(batch.len());
                for awaiting in &batch {
                    drawn.push(self.draw_entitlement(round.id, *awaiting, package.value)?);
                }
                made += i64::try_from(drawn.len()).unwrap_or(i64::MAX);
                self.insert_entitlements(tx, actor, drawn, &leaf)?;
                progress(made, count);
            }
            if made != count {
                // Households were approved or taken back meanwhile: the sum committed would be wrong.
                return Err(store::Error::Raced.into());
            }
            let committed = committed_in(tx, round.id)?;
            self.record(tx, actor.who(), Event::RoundIssued, round.id, format!("{made}"))?;
            Ok::<_, Error>(Issued { issued: made, committed })
        })?;
        self.reload_issuers()?;
        self.bundle_loose(actor, round)?;
        Ok(issued)
    }

    /// Issues a round to one more household, within a transaction that made its place free.
    pub(super) fn issue_one(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        round: &Round,
        awaiting: Awaiting,
    ) -> Result<EntitlementId, Error> {
        let package = store::packages::find(tx, round.package)?.ok_or(Refusal::NotFound("package"))?;
        self.issuer_key(tx, actor.who(), round.id)?;
        self.commit(tx, round.programme, package.value, 1)?;
        let drawn = self.draw_entitlement(round.id, awaiting, package.value)?;
        let (id, household) = (drawn.id, drawn.household);
        let point = drawn.point;
        self.insert_entitlements(tx, actor, vec![drawn], &self.leaf_of(actor, Kind::Issue))?;
        self.record(tx, actor.who(), Event::RoundIssued, round.id, format!("1 in place of another: {household}"))?;
        self.bundle_up(tx, actor, (round.id, round.number), point)?;
        Ok(id)
    }

    /// Issues what a household is owed as an exception, with a value and a leaf of its own: the budget is committed as
    /// for any other right.
    pub(super) fn issue_exception(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        (round, of): (&Round, &Entitlement),
        stands_for: StandsFor,
        value: Money,
        leaf: &Leaf,
    ) -> Result<EntitlementId, Error> {
        self.issuer_key(tx, actor.who(), round.id)?;
        self.commit(tx, round.programme, value, 1)?;
        let awaiting =
            Awaiting { household: of.household, point: of.point, session_no: of.session_no, desk_no: of.desk_no };
        let drawn = Entitlement { stands_for: Some(stands_for), ..self.draw_entitlement(round.id, awaiting, value)? };
        let id = drawn.id;
        self.insert_entitlements(tx, actor, vec![drawn], leaf)?;
        self.bundle_up(tx, actor, (round.id, round.number), of.point)?;
        Ok(id)
    }

    /// Takes the value of `count` packages from the ceiling, or refuses and says what is left.
    fn commit(
        &self,
        tx: &mut Write<'_>,
        programme: crate::domain::id::ProgrammeId,
        value: Money,
        count: i64,
    ) -> Result<(), Error> {
        let exceeded = |needed, remaining| Error::from(Refusal::Budget(BudgetExceeded { needed, remaining }));
        let mut tries = 3;
        loop {
            tries -= 1;
            let needed = value.times(count);
            if let Ok(needed) = needed
                && store::programmes::obligate(tx, programme, needed)?
            {
                return Ok(());
            }
            // Read after it was refused: another may have revised the ceiling meanwhile, and then there is enough.
            let found = store::programmes::find(tx, programme)?.ok_or(Refusal::NotFound("programme"))?;
            let remaining = found.ceiling.minus(found.obligated).unwrap_or(Money::ZERO);
            let needed = needed.map_err(|_| exceeded(Money::MAX, remaining))?;
            if tries == 0 || remaining < needed {
                return Err(exceeded(needed, remaining));
            }
        }
    }

    fn draw_entitlement(&self, round: RoundId, awaiting: Awaiting, value: Money) -> Result<Entitlement, Error> {
        Ok(Entitlement {
            id: EntitlementId::random(self.draw()?),
            round,
            household: awaiting.household,
            point: awaiting.point,
            session_no: awaiting.session_no,
            desk_no: awaiting.desk_no,
            value,
            state: State::Available,
            fence: Fence { epoch: FIRST_EPOCH, counter: 0 },
            holder: None,
            print_no: 1,
            typed_code: TypedCode::draw(self.draw()?),
            held_reason: None,
            revoked_reason: None,
            marks: Marks::default(),
            stands_for: None,
        })
    }

    /// What stands in the log for the household of a first right: the same for no other household or round, so that
    /// whoever checks the log sees that none has two, and nobody sees who it is.
    fn household_in_round(&self, one: &Entitlement) -> [u8; 16] {
        self.vault.blind_index(Field::HouseholdInRound, &format!("{} {}", one.round, one.household)).0
    }

    /// Writes entitlements; those whose typed code was taken get another one and are written again.
    fn insert_entitlements(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        mut drawn: Vec<Entitlement>,
        leaf: &Leaf,
    ) -> Result<(), Error> {
        let now = self.now();
        let numbers: HashMap<PointId, i32> = store::points::numbers(tx)?.into_iter().collect();
        let leaves: Vec<Leaf> = drawn
            .iter()
            .map(|one| Leaf {
                entitlement: Some(one.id),
                round: Some(one.round),
                point: numbers.get(&one.point).and_then(|number| u32::try_from(*number).ok()),
                fence: Some(one.fence),
                value_minor: Some(one.value.minor()),
                subject: if one.stands_for.is_none() { Some(self.household_in_round(one)) } else { leaf.subject },
                ..leaf.clone()
            })
            .collect();
        while !drawn.is_empty() {
            if store::entitlements::insert(tx, &drawn, actor.user, now)? == drawn.len() {
                break;
            }
            let ids: Vec<EntitlementId> = drawn.iter().map(|one| one.id).collect();
            let written = store::entitlements::existing(tx, &ids)?;
            drawn.retain(|one| !written.contains(&one.id));
            for one in &mut drawn {
                one.typed_code = TypedCode::draw(self.draw()?);
            }
        }
        super::log::append_all(tx, &leaves)
    }
}

/// The value of a round's live entitlements.
fn committed_in(tx: &mut Write<'_>, round: RoundId) -> Result<Money, Error> {
    let sum = store::reconcile::by_point_and_state(tx, round)?
        .into_iter()
        .filter(|(_, state, _, _)| state.is_live())
        .map(|(_, _, _, value)| value)
        .sum();
    Money::new(sum).map_err(|fault| Error::Broken(fault.to_string()))
}
