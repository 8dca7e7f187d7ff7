//! What is on record of one household, for the page that shows its whole history.
//!
//! Nothing here is found by walking a long table: programmes and rounds are few and asked for first, and what a
//! household has in each of them lies under both ids.

mod list;
mod round;

use std::collections::HashMap;

use diesel::prelude::*;

pub use list::{
    Decision, Listing, Standing, Substitution, Suspicion, Version, decisions_on, listings_of, standings,
    substitutions_of, suspicions_on, versions_of,
};
pub use round::{
    Handout, Pause, Right, Trace, Try, Window, handouts_of, pauses_of, rights_of, traces_of, tries_of, windows_of,
};

use super::conn::Conn;
use super::error::Error;
use super::households::{Household, Row};
use super::schema::{agencies, devices, households, intakes, points, programmes, users};
use crate::domain::id::{AgencyId, DeviceId, HouseholdId, IntakeId, PointId, ProgrammeId, UserId};
use crate::domain::sealed::BlindIndex;

/// Households of any agency with the same NIK or family card, this one left out, with the name of the agency.
pub fn twins_of(
    conn: &mut Conn,
    household: HouseholdId,
    nik: Option<BlindIndex>,
    family_card: Option<BlindIndex>,
) -> Result<Vec<(Household, String)>, Error> {
    let everywhere: Vec<(AgencyId, String)> = agencies::table.select((agencies::id, agencies::name)).load(conn)?;
    let mut found = Vec::new();
    for (agency, name) in everywhere {
        let mut rows: Vec<Row> = Vec::new();
        // Two questions in place of one with OR: each has an index.
        if let Some(nik) = nik {
            rows.extend(
                households::table
                    .filter(households::agency_id.eq(agency))
                    .filter(households::nik_index.eq(nik.0.to_vec()))
                    .limit(20)
                    .load::<Row>(conn)?,
            );
        }
        if let Some(card) = family_card {
            rows.extend(
                households::table
                    .filter(households::agency_id.eq(agency))
                    .filter(households::family_card_index.eq(card.0.to_vec()))
                    .limit(20)
                    .load::<Row>(conn)?,
            );
        }
        for row in rows {
            let twin = row.check()?;
            let known = found.iter().any(|(one, _): &(Household, String)| one.id == twin.id);
            if twin.id != household && !known {
                found.push((twin, name.clone()));
            }
        }
    }
    Ok(found)
}

/// Names for ids, for whatever a history mentions.
#[derive(Debug, Default)]
pub struct Names {
    /// Of people.
    pub users: HashMap<UserId, String>,
    /// Of points, by code.
    pub points: HashMap<PointId, String>,
    /// Of devices.
    pub devices: HashMap<DeviceId, String>,
    /// Of files.
    pub intakes: HashMap<IntakeId, String>,
    /// Of programmes.
    pub programmes: HashMap<ProgrammeId, String>,
}

/// The names of an agency's points and programmes, and of these people, devices and files.
pub fn names(
    conn: &mut Conn,
    agency: AgencyId,
    people: &[UserId],
    machines: &[DeviceId],
    files: &[IntakeId],
) -> Result<Names, Error> {
    let pairs = |pairs: Vec<(UserId, String)>| pairs.into_iter().collect();
    Ok(Names {
        users: pairs(users::table.filter(users::id.eq_any(people)).select((users::id, users::name)).load(conn)?),
        points: points::table
            .filter(points::agency_id.eq(agency))
            .select((points::id, points::code))
            .load::<(PointId, String)>(conn)?
            .into_iter()
            .collect(),
        devices: devices::table
            .filter(devices::id.eq_any(machines))
            .select((devices::id, devices::name))
            .load::<(DeviceId, String)>(conn)?
            .into_iter()
            .collect(),
        intakes: intakes::table
            .filter(intakes::id.eq_any(files))
            .select((intakes::id, intakes::file_name))
            .load::<(IntakeId, String)>(conn)?
            .into_iter()
            .collect(),
        programmes: programmes::table
            .filter(programmes::agency_id.eq(agency))
            .select((programmes::id, programmes::name))
            .load::<(ProgrammeId, String)>(conn)?
            .into_iter()
            .collect(),
    })
}
