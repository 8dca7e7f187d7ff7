//! Two accounts of one person are no two persons. Whoever makes accounts could make themselves a second one, so that of
//! each account that agrees to what others began another person than its maker says: I know whose this is.

use std::collections::HashMap;

use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{Identifier, UserId};
use crate::domain::programme::Rules;
use crate::domain::role::{Action, Role};
use crate::domain::time::Timestamp;
use crate::store::users::Origin;
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
    /// Whether the one who asks may confirm it: neither itself nor anybody behind it, and confirmed themselves.
    pub may_confirm: bool,
}

impl Office {
    /// The accounts of the agency that agree to what others began and that nobody has confirmed.
    pub fn unconfirmed(&self, actor: &Actor) -> Result<Vec<UnconfirmedView>, Error> {
        actor.must(Action::ConfirmUsers)?;
        self.pool.read(|conn| waiting(conn, actor))
    }

    /// Confirms that an account is somebody's whom the actor knows: not the actor's own, and not one behind which they
    /// stand. Who confirms is confirmed themselves, or a second self would confirm the third.
    pub fn confirm_user(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        actor.must(Action::ConfirmUsers)?;
        self.pool.write("user_confirm", |tx| {
            self.must_be_of_agency(tx, actor, id)?;
            if is_behind(tx, actor.user, id)? {
                return Err(Refusal::SamePerson.into());
            }
            if !is_confirmed(tx, actor.user)? {
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
            self.must_be_of_agency(tx, actor, id)?;
            self.confirm(tx, actor, id, "console")
        })
    }

    /// Lets the accounts of an agency work again before anybody confirms them, at the console of the server: one person
    /// alone could otherwise end the rule, make themselves a second account and begin it again.
    pub fn waive_confirmation_at_console(&self, actor: &Actor) -> Result<(), Error> {
        actor.must(Action::ManageUsers)?;
        let rules = Rules { confirm_accounts: false, ..self.agency(actor, actor.agency)?.rules };
        self.pool.write("rules", |tx| self.choose_rules(tx, actor, rules))
    }

    fn must_be_of_agency(&self, tx: &mut Write<'_>, actor: &Actor, id: UserId) -> Result<(), Error> {
        let user = store::users::find(tx, id)?.ok_or(Refusal::NotFound("user"))?;
        actor.must_own(user.agency, "user")
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

fn is_confirmed(conn: &mut Conn, id: UserId) -> Result<bool, Error> {
    Ok(store::users::origin(conn, id)?.is_some_and(|origin| origin.confirmed_at.is_some()))
}

/// Whether a person may be the one whose account this is: it is theirs, or they made it, or made who made it, up to
/// somebody of whom another person has said that they are somebody of their own.
fn is_behind(conn: &mut Conn, person: UserId, account: UserId) -> Result<bool, Error> {
    let origin = store::users::origin(conn, account)?.into_iter().map(|origin| (account, String::new(), origin));
    Ok(stands_behind(person, account, &ancestry(conn, origin.collect())?))
}

/// Where accounts come from, and the accounts behind them; by account.
type Ancestry = HashMap<UserId, (String, Origin)>;

/// These accounts and those who made them, one question a generation: the makers of all of them at once, then those of
/// the makers whom nobody has confirmed.
fn ancestry(conn: &mut Conn, accounts: Vec<(UserId, String, Origin)>) -> Result<Ancestry, Error> {
    let mut known = Ancestry::new();
    let mut found = accounts;
    while !found.is_empty() {
        for (id, name, origin) in std::mem::take(&mut found) {
            known.insert(id, (name, origin));
        }
        let open = known.values().filter(|(_, origin)| origin.confirmed_at.is_none());
        let mut asked: Vec<UserId> =
            open.filter_map(|(_, origin)| origin.made_by).filter(|maker| !known.contains_key(maker)).collect();
        asked.sort_unstable();
        asked.dedup();
        if !asked.is_empty() {
            found = store::users::origins(conn, &asked)?;
        }
    }
    Ok(known)
}

fn stands_behind(person: UserId, account: UserId, known: &Ancestry) -> bool {
    let mut at = account;
    loop {
        if at == person {
            return true;
        }
        match known.get(&at) {
            Some((_, Origin { confirmed_at: None, made_by: Some(maker), .. })) => at = *maker,
            _ => return false,
        }
    }
}

/// The accounts that wait, as the actor sees them.
pub(super) fn waiting(conn: &mut Conn, actor: &Actor) -> Result<Vec<UnconfirmedView>, Error> {
    let confirms = actor.role.may(Action::ConfirmUsers) && is_confirmed(conn, actor.user)?;
    let found = store::users::unconfirmed(conn, actor.agency, super::PAGE_MAX)?;
    let accounts = found.iter().map(|(user, origin)| (user.id, user.name.clone(), *origin)).collect();
    let known = ancestry(conn, accounts)?;
    let views = found.into_iter().map(|(user, origin)| UnconfirmedView {
        may_confirm: confirms && !stands_behind(actor.user, user.id, &known),
        made_by: origin.made_by.and_then(|maker| known.get(&maker)).map(|(name, _)| name.clone()),
        id: user.id,
        username: user.username,
        name: user.name,
        role: user.role,
        made_at: origin.made_at,
    });
    Ok(views.collect())
}
