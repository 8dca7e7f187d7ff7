//! Agencies, and the founding of an installation.

use super::actor::Who;
use super::entry::{code, exists, text, text_or_empty};
use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{AgencyId, UserId};
use crate::domain::programme::{Agency, Rules};
use crate::domain::role::{Action, Role};
use crate::domain::time::Zone;
use crate::store;
use crate::store::users::User;
use crate::transparency::{Kind, Leaf};

/// An agency that is to be added, with its first administrator.
#[derive(Debug, Clone)]
pub struct NewAgency {
    /// Short code.
    pub code: String,
    /// The government it belongs to.
    pub government: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Where complaints go.
    pub hotline: String,
    /// Its time zone.
    pub zone: Zone,
}

impl Office {
    /// Sets up an installation: the first agency and its administrator. Refused where there is one.
    pub fn found(&self, new: &NewAgency, admin: (&str, &str, &str)) -> Result<Actor, Error> {
        let (username, name, password) = admin;
        let hash = self.hash_password(password, &[username, name, &new.code, &new.name, &new.government])?;
        self.found_with(new, (username, name), &hash)
    }

    /// The same, for a password that was hashed already.
    pub(super) fn found_with(&self, new: &NewAgency, admin: (&str, &str), hash: &str) -> Result<Actor, Error> {
        let (username, name) = admin;
        let name = text("name", name, 120)?;
        self.pool.write("found", |tx| {
            if !store::agencies::list(tx)?.is_empty() {
                return Err(Refusal::NotEmpty.into());
            }
            let agency = self.insert_agency(tx, Who::default(), new)?;
            let user = User {
                id: self.new_id(UserId::by_time)?,
                agency: agency.id,
                username: text("username", username, super::people::USERNAME_MAX)?,
                name: name.clone(),
                role: Role::Admin,
                point: None,
                enabled: true,
                expires_at: None,
            };
            store::users::insert(tx, &user, hash, None, self.now())?;
            let role = (user.agency, user.id, user.role);
            super::log::append(tx, &super::log::role_leaf(self.now(), None, role))?;
            Ok(Actor::of(&user))
        })
    }

    /// Adds an agency with its first administrator; its programmes are its own from then on.
    pub fn create_agency(&self, actor: &Actor, new: &NewAgency, admin: (&str, &str, &str)) -> Result<Agency, Error> {
        actor.must(Action::ManageAgencies)?;
        let (username, name, password) = admin;
        let hash = self.hash_password(password, &[username, name, &new.code, &new.name, &new.government])?;
        let name = text("admin_name", name, 120)?;
        let username = text("admin_username", username, super::people::USERNAME_MAX)?;
        self.pool.write("agency_create", |tx| {
            if store::users::credentials(tx, &username)?.is_some() {
                return Err(Refusal::Exists(username.clone()).into());
            }
            let agency = self.insert_agency(tx, actor.who(), new)?;
            let user = User {
                id: self.new_id(UserId::by_time)?,
                agency: agency.id,
                username: username.clone(),
                name: name.clone(),
                role: Role::Admin,
                point: None,
                enabled: true,
                expires_at: None,
            };
            store::users::insert(tx, &user, &hash, None, self.now())?;
            let role = (user.agency, user.id, user.role);
            super::log::append(tx, &super::log::role_leaf(self.now(), Some(actor.user), role))?;
            Ok(agency)
        })
    }

    fn insert_agency(&self, tx: &mut store::Write<'_>, who: Who, new: &NewAgency) -> Result<Agency, Error> {
        let agency = Agency {
            id: self.new_id(AgencyId::by_time)?,
            code: code(&new.code)?,
            government: text("government", &new.government, 80)?,
            name: text("name", &new.name, 80)?,
            address: text_or_empty("address", &new.address, 160)?,
            hotline: text("hotline", &new.hotline, 40)?,
            zone: new.zone,
            rules: Rules::default(),
        };
        store::agencies::insert(tx, &agency, self.now()).map_err(exists(&agency.code))?;
        self.record(tx, who, Event::AgencyCreated, agency.id, "")?;
        let leaf = Leaf { actor: who.user, agency: Some(agency.id), ..Leaf::new(Kind::Policy, self.now()) };
        // The hours of the zone: without them nobody could tell from the log on which day something happened.
        let zone = Some(i64::from(agency.zone.hours()));
        super::log::append(tx, &Leaf { word: Some("agency".to_owned()), count: zone, ..leaf })?;
        Ok(agency)
    }

    /// The agencies of the installation and where complaints go, for everybody to read.
    pub fn hotlines(&self) -> Result<Vec<(String, String)>, Error> {
        let found = self.pool.read(store::agencies::list)?;
        Ok(found.into_iter().map(|agency| (agency.name, agency.hotline)).collect())
    }

    /// The agencies that the actor may see: their own.
    pub fn agencies(&self, actor: &Actor) -> Result<Vec<Agency>, Error> {
        Ok(vec![self.agency(actor, actor.agency)?])
    }

    /// One agency.
    pub fn agency(&self, actor: &Actor, id: AgencyId) -> Result<Agency, Error> {
        actor.must(Action::ReadProgrammes)?;
        actor.must_own(id, "agency")?;
        Ok(self.pool.read(|conn| store::agencies::find(conn, id))?.ok_or(Refusal::NotFound("agency"))?)
    }
}
