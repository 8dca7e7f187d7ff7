//! Holding one entitlement back, and the file of one entitlement with its list.

use super::entry::text;
use super::programme::owned_round;
use super::redeem::Reading;
use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::id::{EntitlementId, RoundId};
use crate::domain::programme::{Point, Programme, Round, Window};
use crate::domain::redemption::First;
use crate::domain::role::Action;
use crate::store::entitlements::{Chosen, Sheet};
use crate::store::{self, Conn};

/// One entitlement as an office sees it: masked, without the codes that redeem it.
#[derive(Debug, Clone)]
pub struct EntitlementSheet {
    /// The entitlement.
    pub entitlement: Entitlement,
    /// The household's key in its source.
    pub source_id: String,
    /// The recipient's name.
    pub household: String,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// RT, village and sub-district; no street.
    pub address: String,
    /// Its point.
    pub point: Point,
    /// Its round.
    pub round: Round,
    /// Its programme.
    pub programme: Programme,
    /// The window that counts for it.
    pub window: Window,
    /// The handout, if it happened.
    pub first: Option<First>,
}

/// One entitlement in a list.
#[derive(Debug, Clone)]
pub struct EntitlementLine {
    /// The entitlement.
    pub entitlement: Entitlement,
    /// The recipient's name.
    pub household: String,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// RT, village and sub-district.
    pub address: String,
    /// The point's code.
    pub point: String,
}

pub(super) fn owned_entitlement(conn: &mut Conn, actor: &Actor, id: EntitlementId) -> Result<Entitlement, Error> {
    let (entitlement, agency) = store::entitlements::find(conn, id)?.ok_or(Refusal::NotFound("entitlement"))?;
    actor.must_own(agency, "entitlement")?;
    Ok(entitlement)
}

impl Office {
    /// Holds an entitlement back. With a device that may be offline it is only asked for; the entitlement
    /// that is returned says which ([`Entitlement::hold`]).
    pub fn hold(&self, actor: &Actor, id: EntitlementId, reason: &str) -> Result<Entitlement, Error> {
        actor.must(Action::Hold)?;
        let reason = text("reason", reason, 200)?;
        self.pool.write("entitlement_hold", |tx| {
            let was = owned_entitlement(tx, actor, id)?;
            if !matches!(was.state, State::Available | State::Leased) {
                return Err(Refusal::NotAvailable(was.state).into());
            }
            if was.held_reason.is_some() {
                return Err(Refusal::HeldAlready.into());
            }
            if !self.hold_step(tx, actor.who(), &was, Some(&reason))? {
                return Err(Refusal::NotAvailable(was.state).into());
            }
            let now = owned_entitlement(tx, actor, id)?;
            self.record(tx, actor.who(), Event::EntitlementHeld, id, format!("{}: {reason}", now.hold().as_str()))?;
            Ok(now)
        })
    }

    /// Lets a held entitlement go.
    pub fn release(&self, actor: &Actor, id: EntitlementId, reason: &str) -> Result<Entitlement, Error> {
        actor.must(Action::Hold)?;
        let reason = text("reason", reason, 200)?;
        self.pool.write("entitlement_release", |tx| {
            let was = owned_entitlement(tx, actor, id)?;
            let live = matches!(was.state, State::Available | State::Leased);
            if !live || was.held_reason.is_none() || !self.hold_step(tx, actor.who(), &was, None)? {
                return Err(Refusal::NotHeld.into());
            }
            let now = owned_entitlement(tx, actor, id)?;
            self.record(tx, actor.who(), Event::HoldLifted, id, reason.clone())?;
            Ok(now)
        })
    }

    /// One entitlement, masked. The look is on record.
    pub fn entitlement(&self, actor: &Actor, id: EntitlementId) -> Result<EntitlementSheet, Error> {
        actor.must(Action::ReadHouseholds)?;
        let sheet = self.pool.read(|conn| {
            let entitlement = owned_entitlement(conn, actor, id)?;
            let (round, programme) = owned_round(conn, actor, entitlement.round)?;
            let point = store::points::find(conn, entitlement.point)?.ok_or(Refusal::NotFound("point"))?;
            let household =
                store::households::find(conn, entitlement.household)?.ok_or(Refusal::NotFound("household"))?;
            Ok::<_, Error>(EntitlementSheet {
                nik_masked: self.nik_masked(&household)?,
                address: super::household::place(&household),
                source_id: household.source_id,
                household: household.name,
                window: store::point_windows::at(conn, &round, point.id)?,
                first: store::redemptions::first_of(conn, id)?,
                entitlement,
                point,
                round,
                programme,
            })
        })?;
        self.record_look(actor, Event::HouseholdsViewed, id, "entitlement".into())?;
        Ok(sheet)
    }

    /// The entitlement that a voucher's QR or typed code names.
    pub fn entitlement_of_code(&self, actor: &Actor, code: &str) -> Result<EntitlementId, Error> {
        actor.must(Action::ReadHouseholds)?;
        let Reading::Names { entitlement, .. } = self.read_code(actor, code)? else {
            return Err(Refusal::NotFound("entitlement").into());
        };
        self.pool.read(|conn| owned_entitlement(conn, actor, entitlement))?;
        Ok(entitlement)
    }

    /// Entitlements of a round, masked and without codes, in the order of their ids. The look is on record.
    pub fn entitlements(
        &self,
        actor: &Actor,
        round: RoundId,
        chosen: &Chosen,
        after: Option<EntitlementId>,
        limit: Option<i64>,
    ) -> Result<Vec<EntitlementLine>, Error> {
        actor.must(Action::ReadHouseholds)?;
        let lines = self.pool.read(|conn| {
            owned_round(conn, actor, round)?;
            let sheets = store::entitlements::list_chosen(conn, round, chosen, after, page(limit))?;
            sheets.into_iter().map(|sheet| self.line(sheet)).collect::<Result<Vec<_>, Error>>()
        })?;
        self.record_look(actor, Event::HouseholdsViewed, round, format!("{} entitlements", lines.len()))?;
        Ok(lines)
    }

    fn line(&self, sheet: Sheet) -> Result<EntitlementLine, Error> {
        Ok(EntitlementLine {
            nik_masked: self.nik_masked(&sheet.household)?,
            address: super::household::place(&sheet.household),
            household: sheet.household.name,
            point: sheet.point.1,
            entitlement: sheet.entitlement,
        })
    }
}
