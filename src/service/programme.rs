//! Programmes.

use jiff::civil::Date;

use super::entry::{code, exists, text, text_or_empty};
use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::id::ProgrammeId;
use crate::domain::money::Money;
use crate::domain::programme::Programme;
use crate::domain::role::Action;
use crate::store::{self, Conn};

pub(super) use super::round::owned_round;

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
    /// ISO 4217; the rupiah unless told.
    pub currency: Option<String>,
    /// The ceiling.
    pub ceiling: Money,
}

/// Sums of all programmes are added up, printed and said in rupiah.
const CURRENCY: &str = "IDR";

pub(super) fn owned_programme(conn: &mut Conn, actor: &Actor, id: ProgrammeId) -> Result<Programme, Error> {
    let programme = store::programmes::find(conn, id)?.ok_or(Refusal::NotFound("programme"))?;
    actor.must_own(programme.agency, "programme")?;
    Ok(programme)
}

impl Office {
    /// Adds a programme with its budget.
    pub fn create_programme(&self, actor: &Actor, new: &NewProgramme) -> Result<Programme, Error> {
        actor.must(Action::ManageProgrammes)?;
        if new.currency.as_deref().is_some_and(|other| other != CURRENCY) {
            return Err(Refusal::Invalid { field: "currency", why: "IDR only".into() }.into());
        }
        let programme = Programme {
            id: self.new_id(ProgrammeId::by_time)?,
            agency: actor.agency,
            code: code(&new.code)?,
            name: text("name", &new.name, 80)?,
            account_code: text_or_empty("account_code", &new.account_code, 60)?,
            account_name: text_or_empty("account_name", &new.account_name, 160)?,
            decree_no: text_or_empty("decree_no", &new.decree_no, 80)?,
            decree_date: new.decree_date,
            currency: CURRENCY.into(),
            ceiling: new.ceiling,
            obligated: Money::ZERO,
            paused_reason: None,
        };
        self.pool.write("programme_create", |tx| {
            store::programmes::insert(tx, &programme, self.now()).map_err(exists(&programme.code))?;
            self.first_ceiling(tx, actor, &programme)?;
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

    /// Loads what belongs to one programme, or to all of the agency's.
    pub(super) fn of_programmes<T>(
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
