//! Who acts.

use std::net::IpAddr;

use super::error::{Error, Refusal};
use crate::domain::id::{AgencyId, DeviceId, PointId, UserId};
use crate::domain::role::{Action, Role};
use crate::store::users::User;

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
    /// Whether they have yet to set up one-time codes before they may do anything else.
    pub confined: bool,
    /// Whether another person has yet to confirm whose account it is before it may do anything else.
    pub unconfirmed: bool,
    /// Where they act from; nowhere at the console of the server itself.
    pub from: Option<IpAddr>,
}

/// Who stands in the trail, and from where they acted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Who {
    pub(super) agency: Option<AgencyId>,
    pub(super) user: Option<UserId>,
    pub(super) from: Option<IpAddr>,
}

/// Somebody, or the program itself, of whom no address is known.
impl From<(Option<AgencyId>, Option<UserId>)> for Who {
    fn from((agency, user): (Option<AgencyId>, Option<UserId>)) -> Self {
        Self { agency, user, from: None }
    }
}

impl Actor {
    /// The person of this account, as at the console of the server.
    pub(super) fn of(user: &User) -> Self {
        Self {
            user: user.id,
            name: user.name.clone(),
            role: user.role,
            agency: user.agency,
            point: user.point,
            device: None,
            confined: false,
            unconfirmed: false,
            from: None,
        }
    }

    /// Refuses what the actor's role may not do.
    pub fn must(&self, action: Action) -> Result<(), Error> {
        if !self.role.may(action) {
            return Err(Refusal::Forbidden(action).into());
        }
        if self.confined && !Role::may_before_second_factor(action) {
            return Err(Refusal::SecondFactorDue.into());
        }
        if self.unconfirmed && !Role::may_before_second_factor(action) {
            return Err(Refusal::AwaitsConfirmation.into());
        }
        Ok(())
    }

    /// Refuses what belongs to another agency, in the same words as what does not exist.
    pub(super) fn must_own(&self, agency: AgencyId, what: &'static str) -> Result<(), Error> {
        if self.agency == agency { Ok(()) } else { Err(Refusal::NotFound(what).into()) }
    }

    /// For the audit trail.
    pub(super) const fn who(&self) -> Who {
        Who { agency: Some(self.agency), user: Some(self.user), from: self.from }
    }
}
