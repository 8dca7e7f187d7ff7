//! The access report: how much personal data each account looked at and took out, which accounts nobody has confirmed,
//! who invited whom, and which tokens live and when they were used last.

use std::collections::BTreeMap;

use super::confirmation::{UnconfirmedView, waiting};
use super::entry::within;
use super::{Actor, Error, Office, TokenView};
use crate::domain::audit::Event;
use crate::domain::id::UserId;
use crate::domain::role::{Action, Role};
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::invitations::Invitation;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What one account did with personal data.
#[derive(Debug, Clone)]
pub struct PersonAccess {
    /// The account.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Whether it is open.
    pub enabled: bool,
    /// Looks at personal data.
    pub looks: i64,
    /// Identity numbers in full: looks at a household's, and documents that went out with them.
    pub unmasked: i64,
    /// Files and lists that went out.
    pub exports: i64,
    /// How often it was told to wait because it took too much at once.
    pub limited: i64,
    /// When it did any of this last.
    pub last_at: Option<Timestamp>,
}

/// Who looked at what, and whose accounts they are.
#[derive(Debug, Clone)]
pub struct AccessReport {
    /// From when on.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Each account that did something, most exports first.
    pub people: Vec<PersonAccess>,
    /// Accounts that agree to what others began and that nobody but their maker knows of.
    pub unconfirmed: Vec<UnconfirmedView>,
    /// Invitations that can still be taken, with the name of who invited.
    pub invitations: Vec<(Invitation, String)>,
    /// Live tokens, with the name of whom each stands for.
    pub tokens: Vec<(TokenView, String)>,
}

impl Office {
    /// How personal data was used in the last so many days, for who answers for it.
    pub fn access_report(&self, actor: &Actor, days: i32) -> Result<AccessReport, Error> {
        actor.must(Action::ReadTrail)?;
        within("days", days, 1, 366)?;
        let until = self.now();
        let since = until.plus_millis(-i64::from(days) * DAY_MILLIS);
        let report = self.pool.read(|conn| -> Result<_, Error> {
            let mut people = BTreeMap::new();
            for user in everybody(conn, actor)? {
                people.insert(
                    user.id,
                    PersonAccess {
                        id: user.id,
                        name: user.name,
                        role: user.role,
                        enabled: user.enabled,
                        looks: 0,
                        unmasked: 0,
                        exports: 0,
                        limited: 0,
                        last_at: None,
                    },
                );
            }
            for (user, event, count, last) in store::audit::counts(conn, actor.agency, since, until)? {
                let Some(one) = people.get_mut(&user) else { continue };
                let of = |events: &[Event]| events.iter().any(|each| each.as_str() == event);
                let (looks, exports) = (of(&Event::LOOKS), of(&Event::EXPORTS));
                let limited = event == Event::LimitReached.as_str();
                if !looks && !exports && !limited {
                    continue;
                }
                one.looks += if looks { count } else { 0 };
                one.exports += if exports { count } else { 0 };
                one.limited += if limited { count } else { 0 };
                one.unmasked += if of(&[Event::HouseholdUnmasked, Event::DocumentUnmasked]) { count } else { 0 };
                one.last_at = one.last_at.max(Some(last));
            }
            let name_of = |id: &UserId| people.get(id).map_or_else(|| "–".to_owned(), |one| one.name.clone());
            let mut invitations = Vec::new();
            for one in store::invitations::list_open(conn, actor.agency, until, None, super::PAGE_MAX)? {
                let by = name_of(&one.invited_by);
                invitations.push((one, by));
            }
            let mut tokens = Vec::new();
            for one in store::access::tokens_of_agency(conn, actor.agency, until, None, super::PAGE_MAX)? {
                let by = name_of(&one.user);
                tokens.push((TokenView::from(one), by));
            }
            let unconfirmed = waiting(conn, actor)?;
            let mut people: Vec<PersonAccess> = people.into_values().filter(|one| one.last_at.is_some()).collect();
            people.sort_by_key(|one| std::cmp::Reverse((one.exports, one.looks)));
            Ok(AccessReport { since, until, people, unconfirmed, invitations, tokens })
        })?;
        self.record_look(actor, Event::TrailRead, "access", days.to_string())?;
        Ok(report)
    }

    /// Puts on record that an account was told to wait.
    pub fn limit_reached(&self, actor: &Actor, what: &str) -> Result<(), Error> {
        self.record_look(actor, Event::LimitReached, actor.user, what.to_owned())
    }
}

/// Every account of the actor's agency.
fn everybody(conn: &mut store::Conn, actor: &Actor) -> Result<Vec<store::users::User>, Error> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|one: &store::users::User| one.id);
        let some = store::users::list(conn, actor.agency, after, super::PAGE_MAX)?;
        let last = i64::try_from(some.len()).unwrap_or(0) < super::PAGE_MAX;
        all.extend(some);
        if last {
            return Ok(all);
        }
    }
}
