//! Holding entitlements back, and letting them go.

use diesel::prelude::*;

use super::error::Error;
use super::pool::Write;
use super::schema::entitlements;
use crate::domain::entitlement::State;
use crate::domain::id::EntitlementId;

/// Holds an entitlement that is available or with a device, and not held yet; false when it is neither.
/// With a device it is a request: it comes into force when the right is back.
pub fn hold(tx: &mut Write<'_>, id: EntitlementId, reason: &str) -> Result<bool, Error> {
    let count = diesel::update(
        entitlements::table
            .find(id)
            .filter(entitlements::state.eq_any([State::Available.as_str(), State::Leased.as_str()]))
            .filter(entitlements::held_reason.is_null()),
    )
    .set(entitlements::held_reason.eq(reason))
    .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Lets a held entitlement go; false when it is not held, or has ended.
pub fn release(tx: &mut Write<'_>, id: EntitlementId) -> Result<bool, Error> {
    let count = diesel::update(
        entitlements::table
            .find(id)
            .filter(entitlements::state.eq_any([State::Available.as_str(), State::Leased.as_str()]))
            .filter(entitlements::held_reason.is_not_null()),
    )
    .set(entitlements::held_reason.eq(None::<String>))
    .execute(&mut **tx)?;
    Ok(count == 1)
}
