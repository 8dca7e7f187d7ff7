//! Who acts.

use super::error::{Error, Refusal};
use crate::domain::id::{AgencyId, DeviceId, PointId, UserId};
use crate::domain::role::{Action, Role};

/// A person who is signed in, and the device at which they stand, if at one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their one role.
    pub role: Role,
    /// Their agency: they see and change nothing outside it.
    pub agency: AgencyId,
    /// The point at which they stand: their device's, or their own.
    pub point: Option<PointId>,
    /// The device.
    pub device: Option<DeviceId>,
}

impl Actor {
    /// Refuses what the actor's role may not do.
    pub fn must(&self, action: Action) -> Result<(), Error> {
        if self.role.may(action) { Ok(()) } else { Err(Refusal::Forbidden(action).into()) }
    }

    /// Refuses what belongs to another agency, in the same words as what does not exist.
    pub(super) fn must_own(&self, agency: AgencyId, what: &'static str) -> Result<(), Error> {
        if self.agency == agency { Ok(()) } else { Err(Refusal::NotFound(what).into()) }
    }

    /// For the audit trail.
    pub(super) const fn who(&self) -> (Option<AgencyId>, Option<UserId>) {
        (Some(self.agency), Some(self.user))
    }
}
