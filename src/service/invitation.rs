//! Invitations: an administrator names who is to come, with which role and until when; who holds the code
//! chooses a user name and a password, once.

use super::actor::Who;
use super::entry::text;
use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::id::{InvitationId, PointId, RoundId, UserId};
use crate::domain::role::{Action, Role};
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::invitations::Invitation;
use crate::store::users::User;
use crate::vault::{hash_secret, new_secret};

/// How long a code can be taken: paper on which it stands is lost before long.
const OPEN_MILLIS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// How long an account goes on after the round for which it was given: late reports are written then.
const AFTER_ROUND_MILLIS: i64 = 14 * 24 * 60 * 60 * 1_000;

/// Somebody who is to be invited.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Their name.
    pub name: String,
    /// Their one role.
    pub role: Role,
    /// Where they will work, for an operator.
    pub point: Option<PointId>,
    /// The round for which they come: the account ends a fortnight after it closes.
    pub round: Option<RoundId>,
}

/// An invitation with its code, which is shown once.
#[derive(Clone)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The code.
    pub code: String,
}

impl std::fmt::Debug for Invited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invited({})", self.invitation.id)
    }
}

/// One who takes an invitation.
#[derive(Clone)]
pub struct Accepted {
    /// The code.
    pub code: String,
    /// What they will type to sign in.
    pub username: String,
    /// Their password.
    pub password: String,
}

impl std::fmt::Debug for Accepted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Accepted({})", self.username)
    }
}

impl Office {
    /// Invites somebody into the actor's agency.
    pub fn invite(&self, actor: &Actor, new: &NewInvitation) -> Result<Invited, Error> {
        actor.must(Action::ManageUsers)?;
        let name = text("name", &new.name, 120)?;
        if new.role == Role::Operator && new.point.is_none() {
            return Err(Refusal::Invalid { field: "point_id", why: "an operator works at a point".into() }.into());
        }
        let code = new_secret(self.draw()?);
        let invitation = self.pool.write("invitation_create", |tx| {
            if let Some(point) = new.point {
                let point = store::points::find(tx, point)?.ok_or(Refusal::NotFound("point"))?;
                actor.must_own(point.agency, "point")?;
            }
            let account_expires_at = match new.round {
                None => None,
                Some(round) => {
                    Some(super::round::owned_round(tx, actor, round)?.0.closes_at.plus_millis(AFTER_ROUND_MILLIS))
                }
            };
            let invitation = Invitation {
                id: self.new_id(InvitationId::by_time)?,
                agency: actor.agency,
                name: name.clone(),
                role: new.role,
                point: new.point,
                invited_by: actor.user,
                expires_at: self.now().plus_millis(OPEN_MILLIS),
                account_expires_at,
            };
            store::invitations::insert(tx, &invitation, hash_secret(&code), self.now())?;
            self.record(tx, actor.who(), Event::InvitationCreated, invitation.id, new.role.as_str())?;
            Ok::<_, Error>(invitation)
        })?;
        Ok(Invited { invitation, code })
    }

    /// The invitations of the agency that can still be taken.
    pub fn invitations(
        &self,
        actor: &Actor,
        after: Option<InvitationId>,
        limit: Option<i64>,
    ) -> Result<Vec<Invitation>, Error> {
        actor.must(Action::ManageUsers)?;
        let now = self.now();
        Ok(self.pool.read(|conn| store::invitations::list_open(conn, actor.agency, now, after, page(limit)))?)
    }

    /// Withdraws an invitation.
    pub fn withdraw_invitation(&self, actor: &Actor, id: InvitationId) -> Result<(), Error> {
        actor.must(Action::ManageUsers)?;
        self.pool.write("invitation_withdraw", |tx| {
            let agency = store::invitations::agency_of(tx, id)?.ok_or(Refusal::NotFound("invitation"))?;
            actor.must_own(agency, "invitation")?;
            if !store::invitations::take(tx, id, None, self.now())? {
                return Err(Refusal::NotFound("invitation").into());
            }
            self.record(tx, actor.who(), Event::InvitationWithdrawn, id, "")
        })
    }

    /// The invitation behind a code, for the page that greets who holds it.
    pub fn invitation(&self, code: &str) -> Result<Invitation, Error> {
        let now = self.now();
        let found = self.pool.read(|conn| store::invitations::find_open(conn, hash_secret(code.trim()), now))?;
        Ok(found.ok_or(Refusal::NotFound("invitation"))?)
    }

    /// Makes an account of an invitation. The code is good once.
    pub fn accept_invitation(&self, given: &Accepted, from: Option<std::net::IpAddr>) -> Result<User, Error> {
        // Before the slow hash: whoever has no code makes the server do nothing.
        let invitation = self.invitation(&given.code)?;
        let username = super::people::username(&given.username)?;
        let agency = self.agency_of(invitation.agency)?;
        let about = [&username, &invitation.name, &agency.code, &agency.name, &agency.government, &agency.address];
        let hash = self.hash_password(&given.password, &about.map(String::as_str))?;
        let now: Timestamp = self.now();
        self.pool.write("invitation_accept", |tx| {
            let invitation = store::invitations::find_open(tx, hash_secret(given.code.trim()), now)?
                .ok_or(Refusal::NotFound("invitation"))?;
            if store::users::credentials(tx, &username)?.is_some() {
                return Err(Refusal::Exists(username.clone()).into());
            }
            let user = User {
                id: self.new_id(UserId::by_time)?,
                agency: invitation.agency,
                username: username.clone(),
                name: invitation.name.clone(),
                role: invitation.role,
                point: invitation.point,
                enabled: true,
                expires_at: invitation.account_expires_at,
            };
            store::users::insert(tx, &user, &hash, Some(invitation.invited_by), now)?;
            let role = (user.agency, user.id, user.role);
            super::log::append(tx, &super::log::role_leaf(now, Some(invitation.invited_by), role))?;
            if !store::invitations::take(tx, invitation.id, Some(user.id), now)? {
                return Err(Refusal::NotFound("invitation").into());
            }
            let who = Who { agency: Some(user.agency), user: Some(user.id), from };
            self.record(
                tx,
                who,
                Event::InvitationAccepted,
                invitation.id,
                format!("{}, invited by {}", user.role, invitation.invited_by),
            )?;
            Ok(user)
        })
    }
}
