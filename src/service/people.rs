//! People with an account.

use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::id::{AgencyId, Identifier, PointId, UserId};
use crate::domain::programme::Agency;
use crate::domain::role::{Action, Role};
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::users::User;
use crate::transparency::{Kind, Leaf};

/// The longest user name.
pub const USERNAME_MAX: usize = 60;

/// A person who is to get an account.
#[derive(Clone)]
pub struct NewUser {
    /// What they type to sign in.
    pub username: String,
    /// Their name.
    pub name: String,
    /// Their one role.
    pub role: Role,
    /// Their first password.
    pub password: String,
    /// Where they work, for an operator.
    pub point: Option<PointId>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewUser({}, {})", self.username, self.role)
    }
}

/// What is to change about an account; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserChange {
    /// Open or closed.
    pub enabled: Option<bool>,
    /// When it ends by itself; `Some(None)` for never.
    pub expires_at: Option<Option<Timestamp>>,
    /// Takes one-time codes away, for one who has lost telephone and recovery codes.
    pub reset_second_factor: bool,
}

/// A user name that can be.
pub(super) fn username(text: &str) -> Result<String, Error> {
    let username = text.trim().to_owned();
    let fits = username.chars().all(|sign| sign.is_ascii_alphanumeric() || ".-_@".contains(sign));
    if username.is_empty() || username.len() > USERNAME_MAX || !fits {
        let why = format!("1 to {USERNAME_MAX} letters, digits or . - _ @");
        return Err(Refusal::Invalid { field: "username", why }.into());
    }
    Ok(username)
}

impl Office {
    /// Gives a person an account in the actor's agency.
    pub fn create_user(&self, actor: &Actor, new: &NewUser) -> Result<User, Error> {
        actor.must(Action::ManageUsers)?;
        let agency = self.agency_of(actor.agency)?;
        let about = [&new.username, &new.name, &agency.code, &agency.name, &agency.government, &agency.address];
        let hash = self.hash_password(&new.password, &about.map(String::as_str))?;
        self.insert_person(actor, new, &hash)
    }

    /// The same, for a password that was hashed already.
    pub(super) fn insert_person(&self, actor: &Actor, new: &NewUser, hash: &str) -> Result<User, Error> {
        let username = username(&new.username)?;
        let name = super::entry::text("name", &new.name, 120)?;
        if new.role == Role::Operator && new.point.is_none() {
            return Err(Refusal::Invalid { field: "point_id", why: "an operator works at a point".into() }.into());
        }
        self.pool.write("user_create", |tx| {
            if let Some(point) = new.point {
                let point = store::points::find(tx, point)?.ok_or(Refusal::NotFound("point"))?;
                actor.must_own(point.agency, "point")?;
            }
            if store::users::credentials(tx, &username)?.is_some() {
                return Err(Refusal::Exists(username.clone()).into());
            }
            let user = User {
                id: self.new_id(UserId::by_time)?,
                agency: actor.agency,
                username: username.clone(),
                name: name.clone(),
                role: new.role,
                point: new.point,
                enabled: true,
                expires_at: None,
            };
            store::users::insert(tx, &user, hash, Some(actor.user), self.now())?;
            self.record(tx, actor.who(), Event::UserCreated, user.id, new.role.as_str())?;
            let role = (user.agency, user.id, user.role);
            super::log::append(tx, &super::log::role_leaf(self.now(), Some(actor.user), role))?;
            Ok(user)
        })
    }

    /// The agency of this id, which an account names.
    pub(super) fn agency_of(&self, id: AgencyId) -> Result<Agency, Error> {
        Ok(self.pool.read(|conn| store::agencies::find(conn, id))?.ok_or(Refusal::NotFound("agency"))?)
    }

    /// The person of the actor's agency who signs in with this name.
    pub fn user_named(&self, actor: &Actor, username: &str) -> Result<Option<User>, Error> {
        actor.must(Action::ReadUsers)?;
        let found = self.pool.read(|conn| store::users::credentials(conn, username))?;
        Ok(found.map(|(user, _)| user).filter(|user| user.agency == actor.agency))
    }

    /// People of the actor's agency.
    pub fn users(&self, actor: &Actor, after: Option<UserId>, limit: Option<i64>) -> Result<Vec<User>, Error> {
        actor.must(Action::ReadUsers)?;
        Ok(self.pool.read(|conn| store::users::list(conn, actor.agency, after, page(limit)))?)
    }

    /// One person of the actor's agency.
    pub fn user(&self, actor: &Actor, id: UserId) -> Result<User, Error> {
        actor.must(Action::ReadUsers)?;
        let user = self.pool.read(|conn| store::users::find(conn, id))?.ok_or(Refusal::NotFound("user"))?;
        actor.must_own(user.agency, "user")?;
        Ok(user)
    }

    /// Opens or closes an account, sets its end, or takes its one-time codes away. Whoever leaves is out at once:
    /// their sign-ins and tokens end with the account, and do not come back with it.
    pub fn change_user(&self, actor: &Actor, id: UserId, change: UserChange) -> Result<User, Error> {
        actor.must(Action::ManageUsers)?;
        // One's own are taken away with a code, or by another administrator: a sign-in left open is not enough.
        if change.reset_second_factor && id == actor.user {
            return Err(Refusal::SamePerson.into());
        }
        let now = self.now();
        self.pool.write("user_change", |tx| {
            let user = store::users::find(tx, id)?.ok_or(Refusal::NotFound("user"))?;
            actor.must_own(user.agency, "user")?;
            let enabled = change.enabled.unwrap_or(user.enabled);
            let expires_at = change.expires_at.unwrap_or(user.expires_at);
            let ends = !enabled || expires_at.is_some();
            if ends && user.role == Role::Admin && store::users::count_open(tx, user.agency, Role::Admin)? <= 1 {
                return Err(Refusal::LastAdmin.into());
            }
            let mut said = Vec::new();
            if enabled != user.enabled {
                said.push(if enabled { "opened".to_owned() } else { "closed".to_owned() });
            }
            if expires_at != user.expires_at {
                said.push(expires_at.map_or("ends never".to_owned(), |end| format!("ends {}", end.millis())));
            }
            if enabled != user.enabled || expires_at != user.expires_at {
                store::users::change(tx, id, (!enabled).then_some(now), expires_at)?;
                let word = Some(if enabled { "account_open" } else { "account_closed" }.to_owned());
                let leaf = Leaf { word, subject: Some(*id.bytes()), ..self.leaf_of(actor, Kind::Policy) };
                super::log::append(tx, &leaf)?;
            }
            let changed = User { enabled, expires_at, ..user };
            if !changed.works(now) {
                let (sign_ins, tokens) =
                    (store::access::end_sign_ins_of(tx, id, None, now)?, store::access::revoke_tokens_of(tx, id, now)?);
                said.push(format!("sign-ins ended {sign_ins}, tokens {tokens}"));
            }
            if change.reset_second_factor && store::second_factors::remove(tx, id)? {
                store::access::end_sign_ins_of(tx, id, None, now)?;
                self.record(tx, actor.who(), Event::FactorRemoved, id, "reset")?;
            }
            if !said.is_empty() {
                self.record(tx, actor.who(), Event::UserChanged, id, said.join(", "))?;
            }
            Ok(changed)
        })
    }

    /// Sets the actor's own password; every other sign-in of theirs ends.
    pub fn change_password(&self, actor: &Actor, old: &str, new: &str, secret: Option<&str>) -> Result<(), Error> {
        actor.must(Action::SecureAccount)?;
        self.must_know_password(actor.user, old, "password")?;
        let agency = self.agency_of(actor.agency)?;
        let user = self.pool.read(|conn| store::users::find(conn, actor.user))?.ok_or(Refusal::NotSignedIn)?;
        let about = [&user.username, &user.name, &agency.code, &agency.name, &agency.government, &agency.address];
        let hash = self.hash_password(new, &about.map(String::as_str))?;
        let now = self.now();
        self.pool.write("password_change", |tx| {
            let asking = match secret {
                Some(secret) => store::access::find_sign_in(tx, crate::vault::hash_secret(secret), now)?,
                None => None,
            };
            store::users::set_password(tx, actor.user, &hash)?;
            store::access::end_sign_ins_of(tx, actor.user, asking.and_then(|one| one.id), now)?;
            self.record(tx, actor.who(), Event::PasswordChanged, actor.user, "")
        })
    }

    /// Which of these people have one-time codes.
    pub fn with_second_factor(&self, actor: &Actor, users: &[UserId]) -> Result<Vec<UserId>, Error> {
        actor.must(Action::ReadUsers)?;
        Ok(self.pool.read(|conn| store::second_factors::confirmed_of(conn, users))?)
    }
}
