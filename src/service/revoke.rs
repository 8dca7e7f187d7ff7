//! Taking an entitlement away, and printing its paper again.

use super::{Actor, Error, Office, Refusal, entry, programme};
use crate::domain::audit::Event;
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::id::EntitlementId;
use crate::domain::role::Action;
use crate::store::{self, Conn, Write};
use crate::transparency::{Kind, Leaf};

fn owned(conn: &mut Conn, actor: &Actor, id: EntitlementId) -> Result<Entitlement, Error> {
    let (entitlement, agency) = store::entitlements::find(conn, id)?.ok_or(Refusal::NotFound("entitlement"))?;
    actor.must_own(agency, "entitlement")?;
    Ok(entitlement)
}

impl Office {
    /// Revokes an available entitlement and gives its value back to what remains of the budget.
    pub fn revoke_entitlement(&self, actor: &Actor, id: EntitlementId, reason: &str) -> Result<(), Error> {
        actor.must(Action::Revoke)?;
        let reason = entry::text("reason", reason, 200)?;
        self.pool.write("entitlement_revoke", |tx| {
            let entitlement = owned(tx, actor, id)?;
            match self.revoke_in(tx, actor, &entitlement, &reason)? {
                None => Ok(()),
                Some(state) => Err(Refusal::NotAvailable(state).into()),
            }
        })
    }

    /// Revokes an entitlement within a transaction and gives its value back, if it is still available;
    /// otherwise nothing is changed, and the answer is its state.
    pub(super) fn revoke_in(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        entitlement: &Entitlement,
        reason: &str,
    ) -> Result<Option<State>, Error> {
        let id = entitlement.id;
        if !store::entitlements::revoke(tx, id, reason)? {
            // Read again: it may have been redeemed between the look and the change.
            return Ok(Some(owned(tx, actor, id)?.state));
        }
        let (round, _) = programme::owned_round(tx, actor, entitlement.round)?;
        store::programmes::release(tx, round.programme, entitlement.value)?;
        self.record(tx, actor.who(), Event::EntitlementRevoked, id, reason)?;
        let leaf = Leaf { entitlement: Some(id), round: Some(round.id), ..self.leaf_of(actor, Kind::Revoke) };
        self.append_salted(tx, &leaf, reason.as_bytes())?;
        Ok(None)
    }

    /// Makes the next print of a voucher the only good one. Returns its number. Where somebody asked for it, the
    /// one who makes it agrees to that, and must be another person.
    pub fn reprint(&self, actor: &Actor, id: EntitlementId, reason: &str) -> Result<i32, Error> {
        actor.must(Action::Issue)?;
        let reason = entry::text("reason", reason, 200)?;
        self.pool.write("voucher_reprint", |tx| {
            let entitlement = owned(tx, actor, id)?;
            let print_no = store::entitlements::next_print(tx, id)?.ok_or(Refusal::NotAvailable(entitlement.state))?;
            self.record_reprint(tx, actor, (id, entitlement.round), print_no, &reason)?;
            self.record(tx, actor.who(), Event::VoucherReprinted, id, format!("{print_no}: {reason}"))?;
            Ok(print_no)
        })
    }
}
