//! Sign-ins as their owner and the administrator see them, and how they end.

use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{DeviceId, SignInId, UserId};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::store;
use crate::vault::hash_secret;

/// A live sign-in.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// Its id.
    pub id: SignInId,
    /// The desk they took, if any.
    pub device: Option<DeviceId>,
    /// Where it was begun.
    pub address: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was used last, as far as that is written down.
    pub seen_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Office {
    /// The live sign-ins of a person: one's own, or for an administrator anybody's of the agency. `secret` is that
    /// of the sign-in that asks, if one does.
    pub fn live_sign_ins(
        &self,
        actor: &Actor,
        of: Option<UserId>,
        secret: Option<&str>,
    ) -> Result<Vec<SessionView>, Error> {
        let user = self.whose_account(actor, of)?;
        let now = self.now();
        self.pool.read(|conn| {
            let asking = match secret {
                Some(secret) => store::access::find_sign_in(conn, hash_secret(secret), now)?.and_then(|one| one.id),
                None => None,
            };
            let found = store::access::sign_ins_of(conn, user, now, super::PAGE_MAX)?;
            Ok(found
                .into_iter()
                .map(|one| SessionView {
                    current: Some(one.id) == asking,
                    id: one.id,
                    device: one.device,
                    address: one.address,
                    created_at: one.created_at,
                    seen_at: one.seen_at,
                    expires_at: one.expires_at,
                })
                .collect())
        })
    }

    /// Whose account is meant: the actor's own, or one that an administrator may look after.
    fn whose_account(&self, actor: &Actor, of: Option<UserId>) -> Result<UserId, Error> {
        match of.filter(|user| *user != actor.user) {
            None => {
                actor.must(Action::SecureAccount)?;
                Ok(actor.user)
            }
            Some(user) => {
                actor.must(Action::ManageUsers)?;
                let user = self.pool.read(|conn| store::users::find(conn, user))?.ok_or(Refusal::NotFound("user"))?;
                actor.must_own(user.agency, "user")?;
                Ok(user.id)
            }
        }
    }

    /// Ends a sign-in: one's own, or for an administrator anybody's of the agency.
    pub fn revoke_session(&self, actor: &Actor, id: SignInId) -> Result<(), Error> {
        actor.must(Action::SecureAccount)?;
        let owner =
            self.pool.read(|conn| store::access::sign_in_owner(conn, id))?.ok_or(Refusal::NotFound("session"))?;
        // Somebody else's session is not there for one who is no administrator.
        if owner != actor.user {
            actor.must(Action::ManageUsers).map_err(|_| Error::from(Refusal::NotFound("session")))?;
            let owner = self.pool.read(|conn| store::users::find(conn, owner))?.ok_or(Refusal::NotFound("session"))?;
            actor.must_own(owner.agency, "session")?;
        }
        self.pool.write("session_revoke", |tx| {
            if !store::access::end_sign_in_by_id(tx, id, self.now())? {
                return Err(Refusal::NotFound("session").into());
            }
            self.record(tx, actor.who(), Event::SessionRevoked, owner, "")
        })
    }
}
