//! One-time codes: setting them up, passing with one, and what to do without the telephone.

use zeroize::Zeroizing;

use super::access::Guessed;
use super::actor::Who;
use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{Identifier, UserId};
use crate::domain::role::Action;
use crate::domain::sealed::{Field, Sealed};
use crate::store::users::User;
use crate::store::{self, Conn};
use crate::vault::{
    OneTimeSecret, hash_secret, one_time_matches, one_time_typed, one_time_uri, recovery_code, recovery_normal,
};

/// How many recovery codes a person is given.
const RECOVERY_CODES: usize = 10;

/// What a person scans or types into their app. It is shown until it is confirmed.
#[derive(Clone)]
pub struct FactorBegun {
    /// The secret as it is typed.
    pub secret: String,
    /// The text of the QR.
    pub uri: String,
}

impl std::fmt::Debug for FactorBegun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorBegun(…)")
    }
}

/// How a person's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorView {
    /// Whether it counts.
    pub confirmed: bool,
    /// Recovery codes that are left.
    pub codes_left: i64,
    /// Whether this person's role is asked to have one.
    pub advised: bool,
}

impl Office {
    /// Whether the code lets this person in; one who has set nothing up needs none. What is taken is taken in a
    /// transaction of its own, so that of two who come with the same code one passes.
    pub(super) fn pass_second_factor(&self, user: &User, code: &str, who: Who, known: bool) -> Result<bool, Error> {
        let factor = self.pool.read(|conn| store::second_factors::find(conn, user.id))?;
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else { return Ok(true) };
        let secret = self.open_factor(user.id, &factor.secret)?;
        self.guess(Guessed::Code(user.id, known), || self.take_code(user, &secret, code, who))
    }

    fn take_code(&self, user: &User, secret: &OneTimeSecret, code: &str, who: Who) -> Result<bool, Error> {
        if let Some(step) = one_time_matches(secret, code, self.now().millis()) {
            return self.pool.write("one_time_code", |tx| Ok(store::second_factors::take_step(tx, user.id, step)?));
        }
        let Some(code) = recovery_normal(code) else { return Ok(false) };
        self.pool.write("recovery_code", |tx| {
            let taken = store::second_factors::take_recovery_code(tx, user.id, hash_secret(&code), self.now())?;
            if taken {
                self.record(tx, who, Event::RecoveryUsed, user.id, "")?;
            }
            Ok(taken)
        })
    }

    fn open_factor(&self, user: UserId, sealed: &Sealed) -> Result<Zeroizing<OneTimeSecret>, Error> {
        let opened = self.vault.open(Field::SecondFactor, user.bytes(), sealed)?;
        let secret = opened.as_slice().try_into().map_err(|_| Error::Broken("a second factor is none".into()))?;
        Ok(Zeroizing::new(secret))
    }

    /// How the actor's own second factor stands.
    pub fn factor(&self, actor: &Actor) -> Result<FactorView, Error> {
        actor.must(Action::SecureAccount)?;
        self.pool.read(|conn| {
            Ok(FactorView {
                confirmed: store::second_factors::is_confirmed(conn, actor.user)?,
                codes_left: store::second_factors::codes_left(conn, actor.user)?,
                advised: actor.role.needs_second_factor(),
            })
        })
    }

    /// Begins to set one-time codes up for the actor: a new secret, which counts once a code of it has come back.
    /// One who has them already takes them away first, with a code. Whoever finds a sign-in left open would shut its
    /// owner out: the password is asked for again.
    pub fn begin_factor(&self, actor: &Actor, password: &str) -> Result<FactorBegun, Error> {
        actor.must(Action::SecureAccount)?;
        self.must_know_password(actor.user, password, "password")?;
        let secret = Zeroizing::new(self.draw::<20>()?);
        let sealed = self.vault.seal(Field::SecondFactor, actor.user.bytes(), self.draw()?, secret.as_slice())?;
        let username = self.pool.write("factor_begin", |tx| {
            if store::second_factors::is_confirmed(tx, actor.user)? {
                return Err(Refusal::Exists("2FA".into()).into());
            }
            store::second_factors::begin(tx, actor.user, &sealed, self.now())?;
            self.record(tx, actor.who(), Event::FactorBegun, actor.user, "")?;
            username(tx, actor.user)
        })?;
        Ok(FactorBegun { secret: one_time_typed(&secret), uri: one_time_uri(&secret, &username) })
    }

    /// What the actor began to set up, to be shown again until it is confirmed.
    pub fn factor_begun(&self, actor: &Actor) -> Result<Option<FactorBegun>, Error> {
        actor.must(Action::SecureAccount)?;
        let (factor, username) = self.pool.read(|conn| -> Result<_, Error> {
            Ok((store::second_factors::find(conn, actor.user)?, username(conn, actor.user)?))
        })?;
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_none()) else { return Ok(None) };
        let secret = self.open_factor(actor.user, &factor.secret)?;
        Ok(Some(FactorBegun { secret: one_time_typed(&secret), uri: one_time_uri(&secret, &username) }))
    }

    /// Makes one-time codes count, and gives the recovery codes, which are shown this once.
    pub fn confirm_factor(&self, actor: &Actor, code: &str) -> Result<Vec<String>, Error> {
        actor.must(Action::SecureAccount)?;
        let codes = (0..RECOVERY_CODES).map(|_| Ok(recovery_code(self.draw()?))).collect::<Result<Vec<_>, Error>>()?;
        let hashes: Vec<[u8; 32]> =
            codes.iter().filter_map(|code| recovery_normal(code)).map(|code| hash_secret(&code)).collect();
        self.pool.write("factor_confirm", |tx| {
            let factor = store::second_factors::find(tx, actor.user)?.ok_or(Refusal::NotFound("second_factor"))?;
            let secret = self.open_factor(actor.user, &factor.secret)?;
            let step = one_time_matches(&secret, code, self.now().millis()).ok_or(Refusal::WrongCode)?;
            if !store::second_factors::confirm(tx, actor.user, &hashes, self.now())? {
                return Err(Refusal::AlreadyDecided.into());
            }
            store::second_factors::take_step(tx, actor.user, step)?;
            self.record(tx, actor.who(), Event::FactorConfirmed, actor.user, "")
        })?;
        Ok(codes)
    }

    /// Takes the actor's own one-time codes away; the password alone does not do it, a code is needed.
    pub fn remove_factor(&self, actor: &Actor, code: &str) -> Result<(), Error> {
        actor.must(Action::SecureAccount)?;
        let user = self.pool.read(|conn| store::users::find(conn, actor.user))?.ok_or(Refusal::NotSignedIn)?;
        if !self.pass_second_factor(&user, code, actor.who(), true)? {
            return Err(Refusal::WrongCode.into());
        }
        self.pool.write("factor_remove", |tx| {
            if !store::second_factors::remove(tx, actor.user)? {
                return Err(Refusal::NotFound("second_factor").into());
            }
            self.record(tx, actor.who(), Event::FactorRemoved, actor.user, "")
        })
    }
}

fn username(conn: &mut Conn, user: UserId) -> Result<String, Error> {
    Ok(store::users::find(conn, user)?.ok_or(Refusal::NotSignedIn)?.username)
}
