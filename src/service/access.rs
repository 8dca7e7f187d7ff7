//! Signing in and out, and access tokens.

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{DeviceId, TokenId, UserId};
use crate::domain::role::{Action, Role};
use crate::store::{self, Write};
use crate::vault::{hash_secret, new_secret};

/// A working day: who signs in in the morning is not thrown out in the queue.
const SIGN_IN_MILLIS: i64 = 12 * 60 * 60 * 1_000;

/// The longest password that is looked at, so that nobody can make the server hash a book.
const PASSWORD_MAX: usize = 200;

/// The shortest password that is taken.
const PASSWORD_MIN: usize = 10;

/// A fresh sign-in. The secret exists here and in the browser; the database keeps a digest.
#[derive(Clone)]
pub struct SignedIn {
    /// What the browser carries in its cookie.
    pub secret: String,
    /// What every form carries.
    pub csrf: String,
    /// Who it is.
    pub actor: Actor,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedIn({})", self.actor.user)
    }
}

/// A fresh token. Its secret is shown once.
#[derive(Clone)]
pub struct NewToken {
    /// Its id, by which it is revoked.
    pub id: TokenId,
    /// What a caller sends as its bearer.
    pub secret: String,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewToken({})", self.id)
    }
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| Error::Broken(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Office {
    /// Hashes a new password, after checking that it is one.
    pub(super) fn hash_password(&self, password: &str) -> Result<String, Error> {
        let length = password.chars().count();
        if length < PASSWORD_MIN || password.len() > PASSWORD_MAX {
            return Err(Refusal::Invalid {
                field: "password",
                why: format!("a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters"),
            }
            .into());
        }
        let salt: [u8; 16] = self.draw()?;
        let hash = hasher()?
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|error| Error::Broken(error.to_string()))?;
        Ok(hash.to_string())
    }

    /// Whose name and password these are. A refused try is on record.
    pub(super) fn check_password(&self, username: &str, password: &str) -> Result<store::users::User, Error> {
        let refused = || Error::from(Refusal::BadCredentials);
        if password.len() > PASSWORD_MAX || username.len() > super::people::USERNAME_MAX {
            return Err(refused());
        }
        let found = self.pool.read(|conn| store::users::credentials(conn, username.trim()))?;
        // A user that does not exist costs the same time as a wrong password.
        let hash = match &found {
            Some((_, hash)) => hash.clone(),
            None => self.hash_password("a password that nobody has")?,
        };
        let parsed = PasswordHash::new(&hash).map_err(|error| Error::Broken(error.to_string()))?;
        let right = hasher()?.verify_password(password.as_bytes(), &parsed).is_ok();
        match found {
            Some((user, _)) if right && user.enabled => Ok(user),
            found => {
                let user = found.map(|(user, _)| user);
                self.pool.write("sign_in_refused", |tx| {
                    let who = (user.as_ref().map(|user| user.agency), user.as_ref().map(|user| user.id));
                    self.record(tx, who, Event::SignInRefused, "", "")
                })?;
                Err(refused())
            }
        }
    }

    /// Signs a person in. An operator also takes the first desk of their point.
    pub fn sign_in(&self, username: &str, password: &str) -> Result<SignedIn, Error> {
        let user = self.check_password(username, password)?;
        let device = match (user.role, user.point) {
            (Role::Operator, Some(point)) => {
                let devices = self.pool.read(|conn| store::devices::at_point(conn, point))?;
                devices.into_iter().find(|device| device.key.is_some()).map(|device| device.id)
            }
            _ => None,
        };
        let secret = new_secret(self.draw()?);
        let csrf = new_secret(self.draw()?);
        let sign_in = store::access::SignIn { user: user.id, device, csrf: csrf.clone() };
        let now = self.now();
        self.pool.write("sign_in", |tx| {
            store::access::insert_sign_in(tx, hash_secret(&secret), &sign_in, now, now.plus_millis(SIGN_IN_MILLIS))?;
            self.record(tx, (Some(user.agency), Some(user.id)), Event::SignedIn, user.id, "")
        })?;
        let actor = self.actor(user.id, device)?;
        Ok(SignedIn { secret, csrf, actor })
    }

    /// Who a cookie stands for, and what their forms must carry.
    pub fn who_signed_in(&self, secret: &str) -> Result<(Actor, String), Error> {
        let now = self.now();
        let found = self.pool.read(|conn| store::access::find_sign_in(conn, hash_secret(secret), now))?;
        let sign_in = found.ok_or(Refusal::NotSignedIn)?;
        Ok((self.actor(sign_in.user, sign_in.device)?, sign_in.csrf))
    }

    /// Who a bearer token stands for.
    pub fn who_bears(&self, secret: &str) -> Result<Actor, Error> {
        let found = self.pool.read(|conn| store::access::find_token(conn, hash_secret(secret)))?;
        let (user, device) = found.ok_or(Refusal::NotSignedIn)?;
        self.actor(user, device)
    }

    /// Loads who acts; an account or device that was closed meanwhile acts no more.
    pub(super) fn actor(&self, user: UserId, device: Option<DeviceId>) -> Result<Actor, Error> {
        self.pool.read(|conn| {
            let user = store::users::find(conn, user)?.filter(|user| user.enabled).ok_or(Refusal::NotSignedIn)?;
            let device = match device {
                Some(id) => store::devices::find(conn, id)?,
                None => None,
            };
            if device.as_ref().is_some_and(|device| device.revoked_at.is_some()) {
                return Err(Refusal::DeviceRevoked.into());
            }
            Ok(Actor {
                user: user.id,
                name: user.name,
                role: user.role,
                agency: user.agency,
                point: device.as_ref().map(|device| device.point).or(user.point),
                device: device.map(|device| device.id),
            })
        })
    }

    /// Ends a sign-in.
    pub fn sign_out(&self, actor: &Actor, secret: &str) -> Result<(), Error> {
        let now = self.now();
        self.pool.write("sign_out", |tx| {
            store::access::end_sign_in(tx, hash_secret(secret), now)?;
            self.record(tx, actor.who(), Event::SignedOut, actor.user, "")
        })
    }

    /// Makes a token that stands for a person of the actor's agency and, for an operator, a device.
    pub fn create_token(
        &self,
        actor: &Actor,
        user: UserId,
        device: Option<DeviceId>,
        name: &str,
    ) -> Result<NewToken, Error> {
        actor.must(Action::ManageUsers)?;
        self.pool.write("token_create", |tx| {
            let owner = store::users::find(tx, user)?.ok_or(Refusal::NotFound("user"))?;
            actor.must_own(owner.agency, "user")?;
            if let Some(device) = device {
                let device = store::devices::find(tx, device)?.ok_or(Refusal::NotFound("device"))?;
                actor.must_own(device.agency, "device")?;
            }
            self.insert_token(tx, actor, user, device, name)
        })
    }

    pub(super) fn insert_token(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        user: UserId,
        device: Option<DeviceId>,
        name: &str,
    ) -> Result<NewToken, Error> {
        let secret = new_secret(self.draw()?);
        let id = self.new_id(TokenId::by_time)?;
        let token = store::access::Token { id, user, device, name: name.chars().take(60).collect() };
        store::access::insert_token(tx, hash_secret(&secret), &token, self.now())?;
        self.record(tx, actor.who(), Event::TokenCreated, id, "")?;
        Ok(NewToken { id, secret })
    }

    /// Ends a token.
    pub fn revoke_token(&self, actor: &Actor, id: TokenId) -> Result<(), Error> {
        actor.must(Action::ManageUsers)?;
        self.pool.write("token_revoke", |tx| {
            let owner = store::access::owner_of(tx, id)?.ok_or(Refusal::NotFound("token"))?;
            let owner = store::users::find(tx, owner)?.ok_or(Refusal::NotFound("token"))?;
            actor.must_own(owner.agency, "token")?;
            if !store::access::revoke_token(tx, id, self.now())? {
                return Err(Refusal::NotFound("token").into());
            }
            self.record(tx, actor.who(), Event::TokenRevoked, id, "")
        })
    }
}

impl Office {
    /// Who acts at the console of the server itself, where the database and the key file lie open anyway:
    /// the person named, or the only one whose role may do this. That somebody acted for them there is on
    /// record.
    pub fn console_actor(&self, username: Option<&str>, action: Action) -> Result<Actor, Error> {
        let user = self.pool.read(|conn| -> Result<_, Error> {
            if let Some(username) = username {
                let found = store::users::credentials(conn, username)?.map(|(user, _)| user);
                return Ok(found.filter(|user| user.enabled).ok_or(Refusal::NotFound("user"))?);
            }
            let mut able = Vec::new();
            for agency in store::agencies::list(conn)? {
                able.extend(store::users::list(conn, agency.id, None, super::PAGE_MAX)?);
            }
            able.retain(|user| user.enabled && user.role.may(action));
            match (able.pop(), able.is_empty()) {
                (Some(user), true) => Ok(user),
                _ => {
                    Err(Refusal::Invalid { field: "--as", why: "name the person for whom this is done".into() }.into())
                }
            }
        })?;
        let actor = self.actor(user.id, None)?;
        actor.must(action)?;
        self.pool
            .write("console", |tx| self.record(tx, actor.who(), Event::ActedAtConsole, format!("{action:?}"), ""))?;
        Ok(actor)
    }
}
