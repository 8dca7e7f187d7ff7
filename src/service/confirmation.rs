//! Two accounts of one person are no two persons. Whoever makes accounts could make themselves a second one, so that of
//! each account that agrees to what others began another person than its maker says: I know whose this is.

use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{Identifier, UserId};
use crate::domain::role::{Action, Role};
use crate::domain::time::Timestamp;
use crate::store::{self, Conn, Write};
use crate::transparency::{Kind, Leaf};

/// An account that nobody has confirmed.
#[derive(Debug, Clone)]
pub struct UnconfirmedView {
    /// The account.
    pub id: UserId,
    /// What is typed to sign in.
    pub username: String,
    /// The name that its maker gave it.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The name of who made it, as far as that is known.
    pub made_by: Option<String>,
    /// When.
    pub made_at: Timestamp,
    /// Whether the one who asks may confirm it: neither its maker nor itself.
    pub may_confirm: bool,
}

impl Office {
    /// The accounts of the agency that agree to what others began and that nobody has confirmed.
    pub fn unconfirmed(&self, actor: &Actor) -> Result<Vec<UnconfirmedView>, Error> {
        actor.must(Action::ConfirmUsers)?;
        self.pool.read(|conn| waiting(conn, actor))
    }

    /// Confirms that an account is somebody's whom the actor knows: not the actor's own, and not one they made. Who
    /// confirms is confirmed themselves, or a second self would confirm the third.
    pub fn confirm_user(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        actor.must(Action::ConfirmUsers)?;
        self.pool.write("user_confirm", |tx| {
            let origin = self.origin_of(tx, actor, id)?;
            if id == actor.user || origin.made_by == Some(actor.user) {
                return Err(Refusal::SamePerson.into());
            }
            let own = store::users::origin(tx, actor.user)?;
            if own.is_none_or(|own| own.confirmed_at.is_none()) {
                return Err(Refusal::AwaitsConfirmation.into());
            }
            self.confirm(tx, actor, id, "")
        })
    }

    /// The same at the console of the server, for an office in which nobody else could: whoever keeps the server stands
    /// beside whoever makes the accounts, and it is on record that it was there.
    pub fn confirm_user_at_console(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        actor.must(Action::ManageUsers)?;
        self.pool.write("user_confirm", |tx| {
            self.origin_of(tx, actor, id)?;
            self.confirm(tx, actor, id, "console")
        })
    }

    fn origin_of(&self, tx: &mut Write<'_>, actor: &Actor, id: UserId) -> Result<store::users::Origin, Error> {
        let user = store::users::find(tx, id)?.ok_or(Refusal::NotFound("user"))?;
        actor.must_own(user.agency, "user")?;
        Ok(store::users::origin(tx, id)?.ok_or(Refusal::NotFound("user"))?)
    }

    fn confirm(&self, tx: &mut Write<'_>, actor: &Actor, id: UserId, where_: &str) -> Result<(), Error> {
        if !store::users::confirm(tx, id, actor.user, self.now())? {
            return Err(Refusal::AlreadyDecided.into());
        }
        let word = Some("account_confirmed".to_owned());
        let leaf = Leaf { word, subject: Some(*id.bytes()), ..self.leaf_of(actor, Kind::Policy) };
        super::log::append(tx, &leaf)?;
        self.record(tx, actor.who(), Event::UserConfirmed, id, where_)
    }

    /// An account that waits in an agency that lets none work before does nothing else.
    pub(super) fn await_confirmation(&self, actor: Actor) -> Result<Actor, Error> {
        let unconfirmed =
            actor.role.checks() && self.pool.read(|conn| store::users::must_be_confirmed(conn, actor.user))?;
        Ok(Actor { unconfirmed, ..actor })
    }
}

/// The accounts that wait, as the actor sees them.
pub(super) fn waiting(conn: &mut Conn, actor: &Actor) -> Result<Vec<UnconfirmedView>, Error> {
    let found = store::users::unconfirmed(conn, actor.agency, super::PAGE_MAX)?;
    found
        .into_iter()
        .map(|(user, origin)| {
            let maker = match origin.made_by {
                Some(maker) => store::users::find(conn, maker)?.map(|maker| maker.name),
                None => None,
            };
            Ok(UnconfirmedView {
                may_confirm: actor.role.may(Action::ConfirmUsers)
                    && user.id != actor.user
                    && origin.made_by != Some(actor.user),
                id: user.id,
                username: user.username,
                name: user.name,
                role: user.role,
                made_by: maker,
                made_at: origin.made_at,
            })
        })
        .collect()
}
