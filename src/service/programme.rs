//! Agencies, programmes, packages, points and rounds.

use jiff::civil::Date;

use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::id::{AgencyId, PackageId, PointId, ProgrammeId, RoundId, SessionId, UserId};
use crate::domain::money::Money;
use crate::domain::package::{self, Item, Package};
use crate::domain::programme::{Agency, Point, Programme, Round, Session};
use crate::domain::role::{Action, Role};
use crate::domain::time::{Timestamp, Zone};
use crate::store::users::User;
use crate::store::{self, Conn};

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

/// A programme that is to be added.
#[derive(Debug, Clone)]
pub struct NewProgramme {
    /// Short code, unique in the agency.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Account code, as in the DPA.
    pub account_code: String,
    /// Account name, as in the DPA.
    pub account_name: String,
    /// Number of the decree.
    pub decree_no: String,
    /// Its date.
    pub decree_date: Option<Date>,
    /// The ceiling.
    pub ceiling: Money,
}

/// A version of a package that is to be added.
#[derive(Debug, Clone)]
pub struct NewPackage {
    /// The programme.
    pub programme: ProgrammeId,
    /// Short code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its lines.
    pub items: Vec<Item>,
}

/// A point that is to be added.
#[derive(Debug, Clone)]
pub struct NewPoint {
    /// Short code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The sub-district.
    pub sub_district: String,
}

/// A round that is to be added.
#[derive(Debug, Clone)]
pub struct NewRound {
    /// The programme.
    pub programme: ProgrammeId,
    /// 1, 2, 3 …
    pub number: i32,
    /// Its name.
    pub name: String,
    /// The package version.
    pub package: PackageId,
    /// From when a voucher is good.
    pub opens_at: Timestamp,
    /// Until when.
    pub closes_at: Timestamp,
    /// Its time slots.
    pub sessions: Vec<NewSession>,
}

/// A time slot that is to be added.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The point.
    pub point: PointId,
    /// 1, 2, 3 …
    pub number: i32,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// A text that has to be there, trimmed, and no longer than `max` characters.
pub(super) fn text(field: &'static str, value: &str, max: usize) -> Result<String, Error> {
    let value = value.trim();
    let length = value.chars().count();
    if length == 0 || length > max || value.chars().any(char::is_control) {
        return Err(Refusal::Invalid { field, why: format!("1 to {max} characters on one line") }.into());
    }
    Ok(value.to_owned())
}

/// A text that may be empty.
pub(super) fn text_or_empty(field: &'static str, value: &str, max: usize) -> Result<String, Error> {
    if value.trim().is_empty() { Ok(String::new()) } else { text(field, value, max) }
}

/// A short code: letters, digits, dash, dot.
fn code(value: &str) -> Result<String, Error> {
    let value = value.trim();
    let fits = value.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-' || sign == '.');
    if value.is_empty() || value.len() > 30 || !fits {
        let why = "1 to 30 letters, digits, dashes or dots".into();
        return Err(Refusal::Invalid { field: "code", why }.into());
    }
    Ok(value.to_owned())
}

/// Turns a violated key into a refusal that names what exists.
fn exists(what: &str) -> impl FnOnce(store::Error) -> Error {
    let what = what.to_owned();
    move |error| match error {
        store::Error::Unique(_) => Refusal::Exists(what).into(),
        other => other.into(),
    }
}

pub(super) fn owned_programme(conn: &mut Conn, actor: &Actor, id: ProgrammeId) -> Result<Programme, Error> {
    let programme = store::programmes::find(conn, id)?.ok_or(Refusal::NotFound("programme"))?;
    actor.must_own(programme.agency, "programme")?;
    Ok(programme)
}

pub(super) fn owned_round(conn: &mut Conn, actor: &Actor, id: RoundId) -> Result<(Round, Programme), Error> {
    let round = store::rounds::find(conn, id)?.ok_or(Refusal::NotFound("round"))?;
    let programme = store::programmes::find(conn, round.programme)?.ok_or(Refusal::NotFound("round"))?;
    actor.must_own(programme.agency, "round")?;
    Ok((round, programme))
}

impl Office {
    /// Sets up an installation: the first agency and its administrator. Refused where there is one.
    pub fn found(&self, new: &NewAgency, admin: (&str, &str, &str)) -> Result<Actor, Error> {
        let (username, name, password) = admin;
        let hash = self.hash_password(password)?;
        let name = text("name", name, 120)?;
        self.pool.write("found", |tx| {
            if !store::agencies::list(tx)?.is_empty() {
                return Err(Refusal::NotEmpty.into());
            }
            let agency = self.insert_agency(tx, (None, None), new)?;
            let user = User {
                id: self.new_id(UserId::by_time)?,
                agency: agency.id,
                username: text("username", username, super::people::USERNAME_MAX)?,
                name: name.clone(),
                role: Role::Admin,
                point: None,
                enabled: true,
            };
            store::users::insert(tx, &user, &hash, self.now())?;
            Ok(Actor { user: user.id, name: user.name, role: user.role, agency: agency.id, point: None, device: None })
        })
    }

    /// Adds an agency with its first administrator; its programmes are its own from then on.
    pub fn create_agency(&self, actor: &Actor, new: &NewAgency, admin: (&str, &str, &str)) -> Result<Agency, Error> {
        actor.must(Action::ManageAgencies)?;
        let (username, name, password) = admin;
        let hash = self.hash_password(password)?;
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
            };
            store::users::insert(tx, &user, &hash, self.now())?;
            Ok(agency)
        })
    }

    fn insert_agency(
        &self,
        tx: &mut store::Write<'_>,
        who: (Option<AgencyId>, Option<UserId>),
        new: &NewAgency,
    ) -> Result<Agency, Error> {
        let agency = Agency {
            id: self.new_id(AgencyId::by_time)?,
            code: code(&new.code)?,
            government: text("government", &new.government, 80)?,
            name: text("name", &new.name, 80)?,
            address: text_or_empty("address", &new.address, 160)?,
            hotline: text("hotline", &new.hotline, 40)?,
            zone: new.zone,
        };
        store::agencies::insert(tx, &agency, self.now()).map_err(exists(&agency.code))?;
        self.record(tx, who, Event::AgencyCreated, agency.id, "")?;
        Ok(agency)
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

    /// Adds a programme with its budget.
    pub fn create_programme(&self, actor: &Actor, new: &NewProgramme) -> Result<Programme, Error> {
        actor.must(Action::ManageProgrammes)?;
        let programme = Programme {
            id: self.new_id(ProgrammeId::by_time)?,
            agency: actor.agency,
            code: code(&new.code)?,
            name: text("name", &new.name, 80)?,
            account_code: text_or_empty("account_code", &new.account_code, 60)?,
            account_name: text_or_empty("account_name", &new.account_name, 160)?,
            decree_no: text_or_empty("decree_no", &new.decree_no, 80)?,
            decree_date: new.decree_date,
            currency: "IDR".into(),
            ceiling: new.ceiling,
            obligated: Money::ZERO,
            paused_reason: None,
        };
        self.pool.write("programme_create", |tx| {
            store::programmes::insert(tx, &programme, self.now()).map_err(exists(&programme.code))?;
            self.record(tx, actor.who(), Event::ProgrammeCreated, programme.id, "")
        })?;
        Ok(programme)
    }

    /// The programmes of the actor's agency.
    pub fn programmes(
        &self,
        actor: &Actor,
        after: Option<ProgrammeId>,
        limit: Option<i64>,
    ) -> Result<Vec<Programme>, Error> {
        actor.must(Action::ReadProgrammes)?;
        Ok(self.pool.read(|conn| store::programmes::list(conn, actor.agency, after, page(limit)))?)
    }

    /// One programme.
    pub fn programme(&self, actor: &Actor, id: ProgrammeId) -> Result<Programme, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| owned_programme(conn, actor, id))
    }

    /// Adds a version of a package.
    pub fn create_package(&self, actor: &Actor, new: &NewPackage) -> Result<Package, Error> {
        actor.must(Action::ManageProgrammes)?;
        let value = package::value_of(&new.items).map_err(Refusal::Package)?;
        let code = code(&new.code)?;
        let name = text("name", &new.name, 80)?;
        self.pool.write("package_create", |tx| {
            owned_programme(tx, actor, new.programme)?;
            let package = Package {
                id: self.new_id(PackageId::by_time)?,
                programme: new.programme,
                code: code.clone(),
                version: store::packages::newest_version(tx, new.programme, &code)? + 1,
                name: name.clone(),
                items: new.items.clone(),
                value,
            };
            store::packages::insert(tx, &package, self.now()).map_err(exists(&package.code))?;
            self.record(tx, actor.who(), Event::PackageCreated, package.id, "")?;
            Ok(package)
        })
    }

    /// The package versions of one programme, or of all the agency's.
    pub fn packages(&self, actor: &Actor, programme: Option<ProgrammeId>) -> Result<Vec<Package>, Error> {
        self.of_programmes(actor, programme, store::packages::of_programme)
    }

    /// One package version.
    pub fn package(&self, actor: &Actor, id: PackageId) -> Result<Package, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let package = store::packages::find(conn, id)?.ok_or(Refusal::NotFound("package"))?;
            let owned = owned_programme(conn, actor, package.programme);
            owned.map_err(|_| Refusal::NotFound("package"))?;
            Ok(package)
        })
    }

    /// Adds a point.
    pub fn create_point(&self, actor: &Actor, new: &NewPoint) -> Result<Point, Error> {
        actor.must(Action::ManageProgrammes)?;
        let code = code(&new.code)?;
        let name = text("name", &new.name, 80)?;
        let sub_district = text("sub_district", &new.sub_district, 60)?;
        self.pool.write("point_create", |tx| {
            let point = Point {
                id: self.new_id(PointId::by_time)?,
                agency: actor.agency,
                number: store::points::next_number(tx, actor.agency)?,
                code: code.clone(),
                name: name.clone(),
                sub_district: sub_district.clone(),
                desks: 1,
                session_size: 40,
                paused_reason: None,
            };
            store::points::insert(tx, &point, self.now()).map_err(exists(&point.code))?;
            self.record(tx, actor.who(), Event::PointCreated, point.id, "")?;
            Ok(point)
        })
    }

    /// The points of the actor's agency, by number.
    pub fn points(&self, actor: &Actor) -> Result<Vec<Point>, Error> {
        actor.must(Action::ReadProgrammes)?;
        Ok(self.pool.read(|conn| store::points::of_agency(conn, actor.agency))?)
    }

    /// One point.
    pub fn point(&self, actor: &Actor, id: PointId) -> Result<Point, Error> {
        actor.must(Action::ReadProgrammes)?;
        let point = self.pool.read(|conn| store::points::find(conn, id))?.ok_or(Refusal::NotFound("point"))?;
        actor.must_own(point.agency, "point")?;
        Ok(point)
    }

    /// Adds a round with its sessions.
    pub fn create_round(&self, actor: &Actor, new: &NewRound) -> Result<Round, Error> {
        actor.must(Action::ManageProgrammes)?;
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.into() });
        if new.opens_at >= new.closes_at {
            return Err(invalid("closes_at", "a round closes after it opens"));
        }
        if !(1..=9_999).contains(&new.number) {
            return Err(invalid("number", "a whole number from 1 to 9999"));
        }
        if new.sessions.len() > 10_000 || new.sessions.iter().any(|slot| slot.starts_at >= slot.ends_at) {
            return Err(invalid("sessions", "at most 10,000, each ending after it starts"));
        }
        let name = text("name", &new.name, 60)?;
        self.pool.write("round_create", |tx| {
            owned_programme(tx, actor, new.programme)?;
            let package = store::packages::find(tx, new.package)?.ok_or(Refusal::NotFound("package"))?;
            if package.programme != new.programme {
                return Err(Refusal::NotFound("package").into());
            }
            let round = Round {
                id: self.new_id(RoundId::by_time)?,
                programme: new.programme,
                number: new.number,
                name: name.clone(),
                package: new.package,
                opens_at: new.opens_at,
                closes_at: new.closes_at,
                issued_at: None,
                paused_reason: None,
            };
            store::rounds::insert(tx, &round, self.now()).map_err(exists(&format!("round {}", round.number)))?;
            for slot in &new.sessions {
                let point = store::points::find(tx, slot.point)?.ok_or(Refusal::NotFound("point"))?;
                actor.must_own(point.agency, "point")?;
                let session = Session {
                    id: self.new_id(SessionId::by_time)?,
                    round: round.id,
                    point: slot.point,
                    number: slot.number,
                    starts_at: slot.starts_at,
                    ends_at: slot.ends_at,
                };
                store::rounds::insert_session(tx, &session).map_err(exists("session"))?;
            }
            self.record(tx, actor.who(), Event::RoundCreated, round.id, "")?;
            Ok(round)
        })
    }

    /// The rounds of one programme, or of all the agency's.
    pub fn rounds(&self, actor: &Actor, programme: Option<ProgrammeId>) -> Result<Vec<Round>, Error> {
        self.of_programmes(actor, programme, store::rounds::of_programme)
    }

    /// One round with its programme and its package.
    pub fn round(&self, actor: &Actor, id: RoundId) -> Result<(Round, Programme, Package), Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let (round, programme) = owned_round(conn, actor, id)?;
            let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
            Ok((round, programme, package))
        })
    }

    fn of_programmes<T>(
        &self,
        actor: &Actor,
        programme: Option<ProgrammeId>,
        load: fn(&mut Conn, ProgrammeId) -> Result<Vec<T>, store::Error>,
    ) -> Result<Vec<T>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let programmes = match programme {
                Some(id) => vec![owned_programme(conn, actor, id)?],
                None => store::programmes::list(conn, actor.agency, None, super::PAGE_MAX)?,
            };
            let mut all = Vec::new();
            for one in programmes {
                all.extend(load(conn, one.id)?);
            }
            Ok(all)
        })
    }
}
