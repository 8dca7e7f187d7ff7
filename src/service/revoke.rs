//! Taking an entitlement away, and printing its paper again.

use super::lease::Revoking;
use super::{Actor, Error, Office, Refusal, entry};
use crate::domain::audit::Event;
use crate::domain::custody::Cause;
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::id::EntitlementId;
use crate::domain::role::Action;
use crate::domain::voucher::TypedCode;
use crate::store::{self, Conn, Write};

fn owned(conn: &mut Conn, actor: &Actor, id: EntitlementId) -> Result<Entitlement, Error> {
    let (entitlement, agency) = store::entitlements::find(conn, id)?.ok_or(Refusal::NotFound("entitlement"))?;
    actor.must_own(agency, "entitlement")?;
    Ok(entitlement)
}

impl Office {
    /// Revokes an entitlement and gives its value back to what remains of the budget. One that a device holds, or
    /// may hold, is only asked for; the entitlement that is returned says which.
    pub fn revoke_entitlement(&self, actor: &Actor, id: EntitlementId, reason: &str) -> Result<Entitlement, Error> {
        actor.must(Action::Revoke)?;
        let reason = entry::text("reason", reason, 200)?;
        let now = self.pool.write("entitlement_revoke", |tx| {
            let entitlement = owned(tx, actor, id)?;
            super::stock::must_be_open(tx, actor, entitlement.round, None)?;
            match self.revoke_step(tx, actor.who(), &entitlement, &reason, false)? {
                Revoking::Done | Revoking::Requested => owned(tx, actor, id),
                Revoking::Is(state) => Err(Refusal::NotAvailable(state).into()),
            }
        })?;
        self.close_gap()?;
        Ok(now)
    }

    /// Revokes an entitlement within a transaction and gives its value back, if it is still available;
    /// otherwise nothing is changed, and the answer is its state. The caller closes the gap of facts.
    pub(super) fn revoke_in(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        entitlement: &Entitlement,
        reason: &str,
    ) -> Result<Option<State>, Error> {
        match self.revoke_step(tx, actor.who(), entitlement, reason, true)? {
            Revoking::Done => Ok(None),
            Revoking::Requested => Ok(Some(entitlement.state)),
            Revoking::Is(state) => Ok(Some(state)),
        }
    }

    /// A typed code that stands on no paper yet.
    pub(super) fn draw_typed_code(&self, conn: &mut Conn) -> Result<TypedCode, Error> {
        loop {
            let code = TypedCode::draw(self.draw()?);
            if store::entitlements::by_typed_code(conn, code)?.is_none() {
                return Ok(code);
            }
        }
    }

    /// Makes the next print of a voucher, with another typed code, the only good one. Returns its number. Where
    /// somebody asked for it, the one who makes it agrees to that, and must be another person; otherwise the cause
    /// and what became of the old sheet are as told here, and the register says that nobody else agreed.
    pub fn reprint(
        &self,
        actor: &Actor,
        id: EntitlementId,
        (cause, reason): (Cause, &str),
        sheet_kept: bool,
    ) -> Result<i32, Error> {
        actor.must(Action::Issue)?;
        let reason = entry::text("reason", reason, 200)?;
        self.pool.write("voucher_reprint", |tx| {
            // Held first: of two who print at once each replaces the code that it finds.
            store::entitlements::hold(tx, id)?;
            let entitlement = owned(tx, actor, id)?;
            let code = self.draw_typed_code(tx)?;
            let print_no =
                store::entitlements::next_print(tx, id, code)?.ok_or(Refusal::NotAvailable(entitlement.state))?;
            store::former_codes::keep(tx, entitlement.typed_code, id, entitlement.print_no)?;
            self.record_reprint(tx, actor, (id, entitlement.round), print_no, (cause, &reason, sheet_kept))?;
            self.record(tx, actor.who(), Event::VoucherReprinted, id, format!("{print_no}: {reason}"))?;
            Ok(print_no)
        })
    }
}
