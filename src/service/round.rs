//! Rounds with their windows and sessions.

use super::entry::{exists, text};
use super::{Actor, Error, Office, Refusal, programme};
use crate::domain::audit::Event;
use crate::domain::id::{PackageId, PointId, ProgrammeId, RoundId, SessionId};
use crate::domain::package::Package;
use crate::domain::programme::{Programme, Round, Session};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::store::{self, Conn};
use crate::transparency::{Kind, Leaf};

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

pub(super) fn owned_round(conn: &mut Conn, actor: &Actor, id: RoundId) -> Result<(Round, Programme), Error> {
    let round = store::rounds::find(conn, id)?.ok_or(Refusal::NotFound("round"))?;
    let programme = store::programmes::find(conn, round.programme)?.ok_or(Refusal::NotFound("round"))?;
    actor.must_own(programme.agency, "round")?;
    Ok((round, programme))
}

impl Office {
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
            programme::owned_programme(tx, actor, new.programme)?;
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
            let leaf = Leaf { round: Some(round.id), ..self.leaf_of(actor, Kind::Policy) };
            super::log::append(tx, &Leaf { word: Some("round".to_owned()), ..leaf })?;
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
}
