//! What becomes of an exception when the right for which it stands turns up: two packages never go out unnoticed.

use super::super::actor::Who;
use super::super::{Error, Office};
use crate::domain::case::CaseKind;
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::exception::Cause;
use crate::domain::id::AgencyId;
use crate::store::lease_evidence::Finding;
use crate::store::redemptions::Redemption;
use crate::store::{self, Conn, Write};

impl Office {
    /// What follows when a receipt was written down, of `was` as it stood before: a right that was lost with a device
    /// and comes back redeemed takes away what was approved in its place; where that was handed over too, or is handed
    /// over after all, two packages went out for one, which is one incident that names both.
    pub(in crate::service) fn settle_exceptions(
        &self,
        tx: &mut Write<'_>,
        agency: AgencyId,
        was: &Entitlement,
        made: &Redemption,
    ) -> Result<(), Error> {
        if was.state == State::Unresolved || was.stands_for.is_some() {
            // Whoever approves another exception at this moment comes before or after.
            store::entitlements::hold(tx, was.first())?;
        }
        if was.state == State::Unresolved {
            for later in self.approved_after(tx, was)? {
                match later.state {
                    State::Redeemed => self.paid_twice(tx, was, &made.number, &later)?,
                    State::Available | State::Leased => {
                        let reason = "hak semula ternyata sudah diserahkan";
                        self.revoke_step(tx, (Some(agency), None), &later, reason, false)?;
                    }
                    State::Revoked | State::Unresolved | State::Expired => {}
                }
            }
        }
        let behind = if was.stands_for.is_some() { store::exceptions::behind(tx, was.id)? } else { None };
        if let Some(behind) = behind.filter(|behind| behind.cause == Cause::Unresolved)
            && let Some((before, _)) = store::entitlements::find(tx, behind.follows)?
            && before.state == State::Redeemed
        {
            self.paid_twice(tx, &before, &made.number, was)?;
        }
        Ok(())
    }

    /// A right that was given up turns out to be with a device all the same: what was approved in its place stands, so
    /// the device is asked to give it back and not to use it.
    pub(in crate::service) fn recall_replaced(
        &self,
        tx: &mut Write<'_>,
        who: Who,
        was: &Entitlement,
    ) -> Result<(), Error> {
        store::entitlements::hold(tx, was.first())?;
        let stands = |one: &Entitlement| !matches!(one.state, State::Revoked | State::Expired);
        if self.approved_after(tx, was)?.iter().any(stands)
            && let Some((now, _)) = store::entitlements::find(tx, was.id)?
        {
            self.revoke_step(tx, who, &now, "diganti dengan jatah pengecualian", false)?;
        }
        Ok(())
    }

    /// The exceptions that were issued after a right of the same household and round.
    pub(in crate::service) fn approved_after(
        &self,
        conn: &mut Conn,
        one: &Entitlement,
    ) -> Result<Vec<Entitlement>, Error> {
        let number = one.stands_for.map_or(0, |stands| stands.number);
        let mut family = store::entitlements::family(conn, one.first())?;
        family.retain(|other| other.stands_for.is_some_and(|stands| stands.number > number));
        Ok(family)
    }

    /// One incident of two packages for one right, however often it is told.
    fn paid_twice(
        &self,
        tx: &mut Write<'_>,
        lost: &Entitlement,
        number: &str,
        other: &Entitlement,
    ) -> Result<(), Error> {
        let mut numbers = vec![number.to_owned()];
        for id in [lost.id, other.id] {
            numbers.extend(store::redemptions::first_of(tx, id)?.map(|first| first.number));
        }
        numbers.sort_unstable();
        numbers.dedup();
        let numbers = numbers.join(", ");
        self.find_out(
            tx,
            &Finding {
                at: self.now(),
                kind: "double_handout".to_owned(),
                device: None,
                entitlement: Some(lost.id),
                seq: None,
                detail: numbers.clone(),
                bytes: None,
            },
        )?;
        let detail = format!(
            "Hak yang hilang bersama perangkatnya ternyata sudah diserahkan, dan jatah pengecualian penggantinya juga: {numbers}."
        );
        let key = format!("double_handout:{}", lost.id);
        self.case_of(tx, lost, CaseKind::DoubleHandout, key, &detail, None, &numbers)
    }
}
