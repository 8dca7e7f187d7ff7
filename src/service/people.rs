//! People with an account.

use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::id::{PointId, UserId};
use crate::domain::role::{Action, Role};
use crate::store;
use crate::store::users::User;

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

impl Office {
    /// Gives a person an account in the actor's agency.
    pub fn create_user(&self, actor: &Actor, new: &NewUser) -> Result<User, Error> {
        actor.must(Action::ManageUsers)?;
        let username = new.username.trim().to_owned();
        let fits = username.chars().all(|sign| sign.is_ascii_alphanumeric() || ".-_@".contains(sign));
        if username.is_empty() || username.len() > USERNAME_MAX || !fits {
            return Err(Refusal::Invalid {
                field: "username",
                why: format!("1 to {USERNAME_MAX} letters, digits or . - _ @"),
            }
            .into());
        }
        let name = super::entry::text("name", &new.name, 120)?;
        if new.role == Role::Operator && new.point.is_none() {
            return Err(Refusal::Invalid { field: "point_id", why: "an operator works at a point".into() }.into());
        }
        let hash = self.hash_password(&new.password)?;
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
            };
            store::users::insert(tx, &user, &hash, self.now())?;
            self.record(tx, actor.who(), Event::UserCreated, user.id, new.role.as_str())?;
            let role = (user.agency, user.id, user.role);
            super::log::append(tx, &super::log::role_leaf(self.now(), Some(actor.user), role))?;
            Ok(user)
        })
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
}
