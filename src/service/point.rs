//! Distribution points: where they lie, what they offer, and which villages they serve.

use super::entry::{code, exists, text, within};
use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::household::village_code;
use crate::domain::id::PointId;
use crate::domain::programme::Point;
use crate::domain::role::Action;
use crate::store::{self, Conn, Write};

/// Sessions are made for so many households: fewer waste a day, more make a crowd.
const SESSION_SIZES: (i32, i32) = (30, 50);
/// How many households a session takes unless told.
const SESSION_SIZE: i32 = 40;
/// How many desks a point may have.
const DESKS_MAX: i32 = 20;
/// How many villages a point may serve.
const VILLAGES_MAX: usize = 300;

/// A point that is to be added.
#[derive(Debug, Clone, Default)]
pub struct NewPoint {
    /// Short code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The sub-district.
    pub sub_district: String,
    /// How many desks stand side by side; one unless told.
    pub desks: Option<i32>,
    /// How many households a session takes, over all desks; 30 to 50.
    pub session_size: Option<i32>,
    /// The official codes of the villages that it serves.
    pub villages: Vec<String>,
}

/// What is to be changed of a point; what is nothing stays.
#[derive(Debug, Clone, Default)]
pub struct PointChange {
    /// Its name.
    pub name: Option<String>,
    /// The sub-district.
    pub sub_district: Option<String>,
    /// How many desks.
    pub desks: Option<i32>,
    /// How many households a session takes.
    pub session_size: Option<i32>,
    /// The villages that it serves.
    pub villages: Option<Vec<String>>,
}

/// A point with the villages that it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointSheet {
    /// The point.
    pub point: Point,
    /// The official codes of its villages.
    pub villages: Vec<String>,
}

/// A village that a point may be said to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VillageChoice {
    /// Its official code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its sub-district.
    pub sub_district: String,
    /// The code of the point that serves it, if one does.
    pub served_by: Option<String>,
}

pub(super) fn owned_point(conn: &mut Conn, actor: &Actor, id: PointId) -> Result<Point, Error> {
    let point = store::points::find(conn, id)?.ok_or(Refusal::NotFound("point"))?;
    actor.must_own(point.agency, "point")?;
    Ok(point)
}

/// Village codes as they are kept: with dots, sorted, each once.
fn villages(written: &[String]) -> Result<Vec<String>, Error> {
    let invalid = |why: String| Error::from(Refusal::Invalid { field: "villages", why });
    let mut codes = Vec::with_capacity(written.len());
    for text in written {
        let code = village_code(text);
        codes.push(code.ok_or_else(|| {
            let shown: String = text.chars().filter(|sign| !sign.is_control()).take(30).collect();
            invalid(format!("{shown} is no village code, such as 64.02.06.1002"))
        })?);
    }
    codes.sort();
    codes.dedup();
    if codes.len() > VILLAGES_MAX { Err(invalid(format!("at most {VILLAGES_MAX}"))) } else { Ok(codes) }
}

fn session_size(value: i32) -> Result<i32, Error> {
    within("session_size", value, SESSION_SIZES.0, SESSION_SIZES.1)
}

impl Office {
    /// Adds a point.
    pub fn create_point(&self, actor: &Actor, new: &NewPoint) -> Result<Point, Error> {
        actor.must(Action::ManageProgrammes)?;
        let code = code(&new.code)?;
        let name = text("name", &new.name, 80)?;
        let sub_district = text("sub_district", &new.sub_district, 60)?;
        let desks = within("desks", new.desks.unwrap_or(1), 1, DESKS_MAX)?;
        let session_size = session_size(new.session_size.unwrap_or(SESSION_SIZE))?;
        let villages = villages(&new.villages)?;
        self.pool.write("point_create", |tx| {
            // Two people who give one village to two points at once do it one after the other.
            store::turns::own(tx, &actor.agency)?;
            let point = Point {
                id: self.new_id(PointId::by_time)?,
                agency: actor.agency,
                number: store::points::next_number(tx, actor.agency)?,
                code: code.clone(),
                name: name.clone(),
                sub_district: sub_district.clone(),
                desks,
                session_size,
                paused_reason: None,
            };
            store::points::insert(tx, &point, self.now()).map_err(exists(&point.code))?;
            self.serve(tx, &point, &villages)?;
            self.record(tx, actor.who(), Event::PointCreated, point.id, "")?;
            Ok(point)
        })
    }

    /// Changes a point. Its code and number stay: they stand on paper. Who is placed there stays too.
    pub fn change_point(&self, actor: &Actor, id: PointId, change: &PointChange) -> Result<PointSheet, Error> {
        actor.must(Action::ManageProgrammes)?;
        let name = change.name.as_deref().map(|name| text("name", name, 80)).transpose()?;
        let place = change.sub_district.as_deref().map(|place| text("sub_district", place, 60)).transpose()?;
        let desks = change.desks.map(|desks| within("desks", desks, 1, DESKS_MAX)).transpose()?;
        let session_size = change.session_size.map(session_size).transpose()?;
        let villages = change.villages.as_deref().map(villages).transpose()?;
        self.pool.write("point_change", |tx| {
            store::turns::own(tx, &actor.agency)?;
            let mut point = owned_point(tx, actor, id)?;
            point.name = name.clone().unwrap_or(point.name);
            point.sub_district = place.clone().unwrap_or(point.sub_district);
            point.desks = desks.unwrap_or(point.desks);
            point.session_size = session_size.unwrap_or(point.session_size);
            store::points::update(tx, &point)?;
            if let Some(villages) = &villages {
                self.serve(tx, &point, villages)?;
            }
            self.record(tx, actor.who(), Event::PointChanged, point.id, "")?;
            sheet(tx, point)
        })
    }

    /// Says which villages a point serves; refused when another point of the agency serves one of them.
    fn serve(&self, tx: &mut Write<'_>, point: &Point, codes: &[String]) -> Result<(), Error> {
        let taken = store::points::villages_of_agency(tx, point.agency)?;
        let by_another = |code: &&String| taken.iter().any(|(other, one)| *other != point.id && one == *code);
        if let Some(code) = codes.iter().find(by_another) {
            let why = format!("{code}: served by another point");
            return Err(Refusal::Invalid { field: "villages", why }.into());
        }
        Ok(store::points::set_villages(tx, point.id, codes)?)
    }

    /// The points of the actor's agency, by number.
    pub fn points(&self, actor: &Actor) -> Result<Vec<Point>, Error> {
        actor.must(Action::ReadProgrammes)?;
        Ok(self.pool.read(|conn| store::points::of_agency(conn, actor.agency))?)
    }

    /// The same with the villages that each serves.
    pub fn point_sheets(&self, actor: &Actor) -> Result<Vec<PointSheet>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let served = store::points::villages_of_agency(conn, actor.agency)?;
            let of = |point: PointId| served.iter().filter(move |(at, _)| *at == point).map(|(_, code)| code.clone());
            let points = store::points::of_agency(conn, actor.agency)?;
            Ok(points.into_iter().map(|point| PointSheet { villages: of(point.id).collect(), point }).collect())
        })
    }

    /// One point.
    pub fn point(&self, actor: &Actor, id: PointId) -> Result<Point, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| owned_point(conn, actor, id))
    }

    /// One point with the villages that it serves.
    pub fn point_sheet(&self, actor: &Actor, id: PointId) -> Result<PointSheet, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let point = owned_point(conn, actor, id)?;
            sheet(conn, point)
        })
    }

    /// The official villages of the agency, and which point serves each.
    pub fn village_choices(&self, actor: &Actor) -> Result<Vec<VillageChoice>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let served = store::points::villages_of_agency(conn, actor.agency)?;
            let points = store::points::of_agency(conn, actor.agency)?;
            let served_by = |code: &str| {
                let (at, _) = served.iter().find(|(_, one)| one == code)?;
                Some(points.iter().find(|point| point.id == *at)?.code.clone())
            };
            let official = store::points::official_villages(conn, actor.agency)?;
            Ok(official
                .into_iter()
                .map(|(code, name, sub_district)| VillageChoice {
                    served_by: served_by(&code),
                    code,
                    name,
                    sub_district,
                })
                .collect())
        })
    }
}

fn sheet(conn: &mut Conn, point: Point) -> Result<PointSheet, Error> {
    let served = store::points::villages_of_agency(conn, point.agency)?;
    let villages = served.into_iter().filter(|(at, _)| *at == point.id).map(|(_, code)| code).collect();
    Ok(PointSheet { point, villages })
}
