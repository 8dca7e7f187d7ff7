//! Signing in and out, and access tokens.

use std::net::IpAddr;

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

use data_encoding::{BASE32_NOPAD, HEXLOWER};

use super::actor::Who;
use super::line::{Job, Line};
use super::seen::Used;
use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{DeviceId, SignInId, TokenId, UserId};
use crate::domain::password::is_predictable;
use crate::domain::role::{Action, Role};
use crate::domain::sealed::Field;
use crate::domain::time::Timestamp;
use crate::store::access::Bearer;
use crate::store::{self, Location, Write};
use crate::vault::{hash_secret, new_secret};

/// A working day: who signs in in the morning is not thrown out in the queue.
const SIGN_IN_MILLIS: i64 = 12 * 60 * 60 * 1_000;

/// The longest password that is looked at, so that nobody can make the server hash a book.
pub(super) const PASSWORD_MAX: usize = 200;

/// The shortest password that is taken.
const PASSWORD_MIN: usize = 10;

/// The digest of a token of which somebody asks whom it stands for.
pub(super) struct Asked([u8; 32]);

impl Job for Asked {
    type Thing = ();

    fn touches(&self) -> Vec<()> {
        Vec::new()
    }
}

/// The line of those who ask; nobody hears anything where the question failed and may not fail again.
pub(super) type Bearing = Line<Asked, Option<Result<Option<Bearer>, Error>>>;

/// Somebody tries to sign in.
#[derive(Clone, Default)]
pub struct SignInTry {
    /// What they typed as their name.
    pub username: String,
    /// What they typed as their password.
    pub password: String,
    /// The one-time code or a recovery code; empty where none is set up.
    pub code: String,
    /// Where they are.
    pub from: Option<IpAddr>,
    /// Whether the browser bears the mark of an earlier sign-in of this name.
    pub known: bool,
}

impl std::fmt::Debug for SignInTry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignInTry(…)")
    }
}

/// What somebody guesses at who has got so far already: that is counted for the account, wherever they are. What is
/// tried in a browser that signed in before is counted by itself, so that nobody else makes its owner wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Guessed {
    /// The one-time code, beside the right password.
    Code(UserId, bool),
    /// The password, from within a sign-in.
    Password(UserId),
    /// An identity number in full, by searching for it, of somebody who may see none.
    Nik(UserId),
}

/// A live token as listed.
#[derive(Debug, Clone)]
pub struct TokenView {
    /// Its id.
    pub id: TokenId,
    /// Whom it stands for.
    pub user: UserId,
    /// The device it stands for as well.
    pub device: Option<DeviceId>,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
}

impl From<store::access::LiveToken> for TokenView {
    fn from(one: store::access::LiveToken) -> Self {
        let store::access::LiveToken { id, user, device, name, created_at, expires_at, used_at } = one;
        Self { id, user, device, name, created_at, expires_at, used_at }
    }
}

/// A hash that no password has. It is checked in the place of that of a person who does not exist, so that
/// every try costs exactly one check and nobody learns from the time taken who has an account.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

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

/// What a mark is a seal over: the name as it is counted, and what was drawn for it.
fn marked(username: &str, drawn: &[u8; 16]) -> String {
    format!("{}|{}", username.trim().to_lowercase(), HEXLOWER.encode(drawn))
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| Error::Broken(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Office {
    /// Hashes a new password, after checking that it is one, and more than what is known `about` its owner.
    pub(super) fn hash_password(&self, password: &str, about: &[&str]) -> Result<String, Error> {
        let length = password.chars().count();
        if length < PASSWORD_MIN || password.len() > PASSWORD_MAX {
            return Err(Refusal::Invalid {
                field: "password",
                why: format!("a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters"),
            }
            .into());
        }
        if is_predictable(password, about) {
            return Err(Refusal::GuessablePassword.into());
        }
        self.slow_hash(password)
    }

    /// Hashes a password that is taken as it is.
    pub(super) fn slow_hash(&self, password: &str) -> Result<String, Error> {
        let salt: [u8; 16] = self.draw()?;
        let hash = hasher()?
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|error| Error::Broken(error.to_string()))?;
        Ok(hash.to_string())
    }

    /// Whether this is the password of the hash. Each call is one run of argon2, and counted.
    pub(super) fn is_password(&self, password: &str, hash: &str) -> Result<bool, Error> {
        metrics::counter!("salur_password_checks_total").increment(1);
        let parsed = PasswordHash::new(hash).map_err(|error| Error::Broken(error.to_string()))?;
        Ok(hasher()?.verify_password(password.as_bytes(), &parsed).is_ok())
    }

    /// Runs a check of the actor's own password or code, unless there were too many wrong ones; counts how it ends.
    pub(super) fn guess(&self, what: Guessed, check: impl FnOnce() -> Result<bool, Error>) -> Result<bool, Error> {
        let now = self.now().millis();
        self.guessed.begin(what, now).map_err(|_| Refusal::TooManyTries)?;
        let right = check();
        match right {
            Ok(true) => self.guessed.succeeded(&what),
            Ok(false) => self.guessed.failed(&what),
            Err(_) => self.guessed.forgiven(&what),
        }
        right
    }

    /// Looks for an identity number for somebody who may see none: one that is not there is a wrong guess. One that is
    /// there sets nobody free, for whoever guesses knows one.
    pub(super) fn guess_number<T, N>(
        &self,
        actor: &Actor,
        search: impl FnOnce() -> Result<(Vec<T>, N), Error>,
    ) -> Result<(Vec<T>, N), Error> {
        let what = Guessed::Nik(actor.user);
        self.guessed.begin(what, self.now().millis()).map_err(Refusal::TooMuchAtOnce)?;
        let found = search();
        match &found {
            Ok((found, _)) if found.is_empty() => self.guessed.failed(&what),
            _ => self.guessed.forgiven(&what),
        }
        found
    }

    /// The actor's own password, asked for again before what whoever finds a sign-in left open must not do.
    pub(super) fn must_know_password(&self, user: UserId, given: &str, field: &'static str) -> Result<(), Error> {
        let kept = self.pool.read(|conn| store::users::password_hash(conn, user))?.ok_or(Refusal::NotSignedIn)?;
        let right =
            given.len() <= PASSWORD_MAX && self.guess(Guessed::Password(user), || self.is_password(given, &kept))?;
        if right {
            return Ok(());
        }
        Err(Refusal::Invalid { field, why: "the password as it is is another".into() }.into())
    }

    /// A mark for a browser in which somebody of this name signed in: it says so later, and opens nothing.
    pub fn mark_browser(&self, username: &str) -> Result<String, Error> {
        let drawn: [u8; 16] = self.draw()?;
        let seal = self.vault.blind_index(Field::KnownBrowser, &marked(username, &drawn));
        Ok(BASE32_NOPAD.encode(&[drawn, seal.0].concat()).to_lowercase())
    }

    /// Whether this is a mark that was given to a browser of this name.
    #[must_use]
    pub fn knows_browser(&self, username: &str, mark: &str) -> bool {
        let Ok(bytes) = BASE32_NOPAD.decode(mark.to_uppercase().as_bytes()) else { return false };
        let Some((drawn, seal)) = bytes.split_first_chunk::<16>() else { return false };
        let ours = self.vault.blind_index(Field::KnownBrowser, &marked(username, drawn));
        subtle::ConstantTimeEq::ct_eq(&ours.0[..], seal).into()
    }

    /// Whose name, password and one-time code these are. Whatever is wrong with the try, it is on record and
    /// refused with the same words after the same work.
    pub(super) fn prove(&self, given: &SignInTry) -> Result<store::users::User, Error> {
        let refused = || Error::from(Refusal::BadCredentials);
        if given.password.len() > PASSWORD_MAX || given.username.len() > super::people::USERNAME_MAX {
            return Err(refused());
        }
        let now = self.now();
        let found = self.pool.read(|conn| store::users::credentials(conn, given.username.trim()))?;
        let hash = found.as_ref().map_or(NOBODYS_HASH, |(_, hash)| hash);
        let right = self.is_password(&given.password, hash)?;
        let who = Who {
            agency: found.as_ref().map(|(user, _)| user.agency),
            user: found.as_ref().map(|(user, _)| user.id),
            from: given.from,
        };
        let user = found.map(|(user, _)| user).filter(|user| right && user.works(now));
        let passed = match &user {
            None => false,
            Some(user) => self.pass_second_factor(user, &given.code, who, given.known)?,
        };
        let Some(user) = user.filter(|_| passed) else {
            let detail = if right { "second factor, or a closed account" } else { "" };
            self.pool.write("sign_in_refused", |tx| self.record(tx, who, Event::SignInRefused, "", detail))?;
            return Err(refused());
        };
        Ok(user)
    }

    /// Signs a person in. An operator also takes the first desk of their point.
    pub fn sign_in(&self, given: &SignInTry) -> Result<SignedIn, Error> {
        let user = self.prove(given)?;
        let now = self.now();
        let who = Who { agency: Some(user.agency), user: Some(user.id), from: given.from };
        let device = match (user.role, user.point) {
            (Role::Operator, Some(point)) => {
                let devices = self.pool.read(|conn| store::devices::at_point(conn, point))?;
                devices.into_iter().find(|device| device.key.is_some()).map(|device| device.id)
            }
            _ => None,
        };
        let secret = new_secret(self.draw()?);
        let csrf = new_secret(self.draw()?);
        let id = self.new_id(SignInId::by_time)?;
        let address = given.from.map(|from| from.to_string()).unwrap_or_default();
        let sign_in = store::access::SignIn { id: Some(id), user: user.id, device, csrf: csrf.clone(), address };
        self.pool.write("sign_in", |tx| {
            store::access::insert_sign_in(tx, hash_secret(&secret), &sign_in, now, now.plus_millis(SIGN_IN_MILLIS))?;
            self.record(tx, who, Event::SignedIn, user.id, "")
        })?;
        let actor = self.confine(Actor { from: given.from, ..self.actor(user.id, device)? })?;
        Ok(SignedIn { secret, csrf, actor })
    }

    /// Who a cookie stands for, and what their forms must carry.
    pub fn who_signed_in(&self, secret: &str) -> Result<(Actor, String), Error> {
        let now = self.now();
        let found = self.pool.read(|conn| store::access::find_sign_in(conn, hash_secret(secret), now))?;
        let sign_in = found.ok_or(Refusal::NotSignedIn)?;
        self.seen.note(Used::SignIn(hash_secret(secret)), now);
        Ok((self.confine(self.actor(sign_in.user, sign_in.device)?)?, sign_in.csrf))
    }

    /// A person whose role must set up one-time codes first does nothing else before.
    fn confine(&self, actor: Actor) -> Result<Actor, Error> {
        let due = self.second_factor_required && actor.role.needs_second_factor();
        let confined = due && !self.pool.read(|conn| store::second_factors::is_confirmed(conn, actor.user))?;
        self.await_confirmation(Actor { confined, ..actor })
    }

    /// Who a bearer token stands for.
    pub fn who_bears(&self, secret: &str) -> Result<Actor, Error> {
        let hash = hash_secret(secret);
        let ask = |hashes: &[[u8; 32]]| {
            self.pool.read(|conn| Ok::<_, Error>(store::access::bearers(conn, hashes, self.now())?))
        };
        // Whoever comes while others are being asked about is asked about with the next: from a far database, that
        // takes as long as asking about one.
        let together = match self.pool.location() {
            Location::Sqlite(_) => None,
            Location::Postgres(_) => self.bearing.join(Asked(hash), |asked, next| {
                let hashes: Vec<[u8; 32]> = asked.iter().map(|one| one.0).collect();
                let found = ask(&hashes);
                next();
                let each = |hash| match &found {
                    Ok(found) => Some(Ok(found.get(hash).cloned())),
                    Err(error) => error.of_all().map(Err),
                };
                hashes.iter().map(each).collect()
            }),
        };
        let found = match together.flatten() {
            Some(found) => found?,
            None => ask(&[hash])?.remove(&hash),
        };
        let now = self.now();
        let (user, device) = found.filter(|(user, _)| user.works(now)).ok_or(Refusal::NotSignedIn)?;
        self.seen.note(Used::Token(hash), now);
        match device {
            None => self.await_confirmation(Actor::of(&user)),
            Some((_, _, Some(_))) => Err(Refusal::DeviceRevoked.into()),
            Some((device, point, None)) => Ok(Actor { point: Some(point), device: Some(device), ..Actor::of(&user) }),
        }
    }

    /// Loads who acts; an account or device that was closed meanwhile acts no more.
    pub(super) fn actor(&self, user: UserId, device: Option<DeviceId>) -> Result<Actor, Error> {
        let now = self.now();
        self.pool.read(|conn| {
            let user = store::users::find(conn, user)?.filter(|user| user.works(now)).ok_or(Refusal::NotSignedIn)?;
            let device = match device {
                Some(id) => store::devices::find(conn, id)?,
                None => None,
            };
            if device.as_ref().is_some_and(|device| device.revoked_at.is_some()) {
                return Err(Refusal::DeviceRevoked.into());
            }
            Ok(Actor {
                point: device.as_ref().map(|device| device.point).or(user.point),
                device: device.map(|device| device.id),
                ..Actor::of(&user)
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

    /// Makes a token that stands for the actor, or for an operator of the agency at a device. One for anybody else
    /// would let one person do what two are asked for: those are made at the console of the server.
    pub fn create_token(
        &self,
        actor: &Actor,
        user: UserId,
        device: Option<DeviceId>,
        name: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<NewToken, Error> {
        actor.must(Action::ManageUsers)?;
        let owner = self.pool.read(|conn| store::users::find(conn, user))?.ok_or(Refusal::NotFound("user"))?;
        actor.must_own(owner.agency, "user")?;
        let at_a_desk = owner.role == Role::Operator && device.is_some();
        if owner.id != actor.user && !at_a_desk {
            return Err(Refusal::TokenOfAnother.into());
        }
        self.create_token_at_console(actor, user, device, name, expires_at)
    }

    /// Makes a token for anybody of the actor's agency, at the console of the server itself, where the database and
    /// the key file lie open anyway.
    pub fn create_token_at_console(
        &self,
        actor: &Actor,
        user: UserId,
        device: Option<DeviceId>,
        name: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<NewToken, Error> {
        actor.must(Action::ManageUsers)?;
        if expires_at.is_some_and(|end| end <= self.now()) {
            return Err(Refusal::Invalid { field: "expires_at", why: "a time to come".into() }.into());
        }
        let name = super::entry::text("name", name, 60)?;
        self.pool.write("token_create", |tx| {
            let owner = store::users::find(tx, user)?.ok_or(Refusal::NotFound("user"))?;
            actor.must_own(owner.agency, "user")?;
            if let Some(device) = device {
                let device = store::devices::find(tx, device)?.ok_or(Refusal::NotFound("device"))?;
                actor.must_own(device.agency, "device")?;
            }
            self.insert_token(tx, actor, (user, device), &name, expires_at)
        })
    }

    pub(super) fn insert_token(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        (user, device): (UserId, Option<DeviceId>),
        name: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<NewToken, Error> {
        let secret = new_secret(self.draw()?);
        let id = self.new_id(TokenId::by_time)?;
        let token = store::access::Token { id, user, device, name: name.chars().take(60).collect(), expires_at };
        store::access::insert_token(tx, hash_secret(&secret), &token, self.now())?;
        self.record(tx, actor.who(), Event::TokenCreated, id, user.to_string())?;
        Ok(NewToken { id, secret })
    }

    /// The live tokens of the agency's people.
    pub fn tokens(&self, actor: &Actor, after: Option<TokenId>, limit: Option<i64>) -> Result<Vec<TokenView>, Error> {
        actor.must(Action::ManageUsers)?;
        let (now, limit) = (self.now(), super::page(limit));
        let found = self.pool.read(|conn| store::access::tokens_of_agency(conn, actor.agency, now, after, limit))?;
        Ok(found.into_iter().map(TokenView::from).collect())
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
                return Ok(found.filter(|user| user.works(self.now())).ok_or(Refusal::NotFound("user"))?);
            }
            let mut able = Vec::new();
            for agency in store::agencies::list(conn)? {
                able.extend(store::users::list(conn, agency.id, None, super::PAGE_MAX)?);
            }
            able.retain(|user| user.works(self.now()) && user.role.may(action));
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
