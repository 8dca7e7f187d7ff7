//! Distribution points.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{places, point_villages, points};
use crate::domain::id::{AgencyId, PointId};
use crate::domain::programme::Point;
use crate::domain::time::Timestamp;

pub(super) type Row = (PointId, AgencyId, i32, String, String, String, i64, i32, i32, Option<String>);

pub(super) fn check(
    (id, agency, number, code, name, sub_district, _, desks, session_size, paused_reason): Row,
) -> Point {
    Point { id, agency, number, code, name, sub_district, desks, session_size, paused_reason }
}

/// Adds a point.
pub fn insert(tx: &mut Write<'_>, point: &Point, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(points::table)
        .values((
            points::id.eq(point.id),
            points::agency_id.eq(point.agency),
            points::number.eq(point.number),
            points::code.eq(&point.code),
            points::name.eq(&point.name),
            points::sub_district.eq(&point.sub_district),
            points::created_at.eq(at.millis()),
            points::desks.eq(point.desks),
            points::session_size.eq(point.session_size),
            points::paused_reason.eq(&point.paused_reason),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The point with this id.
pub fn find(conn: &mut Conn, id: PointId) -> Result<Option<Point>, Error> {
    Ok(points::table.find(id).first::<Row>(conn).optional()?.map(check))
}

/// The point with this code.
pub fn by_code(conn: &mut Conn, agency: AgencyId, code: &str) -> Result<Option<Point>, Error> {
    // PostgreSQL takes no such sign, and no code has one.
    if code.contains('\0') {
        return Ok(None);
    }
    let found = points::table.filter(points::agency_id.eq(agency)).filter(points::code.eq(code));
    Ok(found.first::<Row>(conn).optional()?.map(check))
}

/// The next free number in an agency.
pub fn next_number(conn: &mut Conn, agency: AgencyId) -> Result<i32, Error> {
    let highest: Option<i32> =
        points::table.filter(points::agency_id.eq(agency)).select(diesel::dsl::max(points::number)).first(conn)?;
    Ok(highest.unwrap_or(0) + 1)
}

/// All points of an agency, by number.
pub fn of_agency(conn: &mut Conn, agency: AgencyId) -> Result<Vec<Point>, Error> {
    let rows = points::table.filter(points::agency_id.eq(agency)).order(points::number).load::<Row>(conn)?;
    Ok(rows.into_iter().map(check).collect())
}

/// Changes what may change of a point: its name, sub-district, desks and session size.
pub fn update(tx: &mut Write<'_>, point: &Point) -> Result<(), Error> {
    diesel::update(points::table.find(point.id))
        .set((
            points::name.eq(&point.name),
            points::sub_district.eq(&point.sub_district),
            points::desks.eq(point.desks),
            points::session_size.eq(point.session_size),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Which point of an agency serves which village, by its official code.
pub fn villages_of_agency(conn: &mut Conn, agency: AgencyId) -> Result<Vec<(PointId, String)>, Error> {
    Ok(point_villages::table
        .inner_join(points::table.on(points::id.eq(point_villages::point_id)))
        .filter(points::agency_id.eq(agency))
        .order((points::number, point_villages::village_code))
        .select((points::id, point_villages::village_code))
        .load(conn)?)
}

/// Sets which villages a point serves.
pub fn set_villages(tx: &mut Write<'_>, point: PointId, codes: &[String]) -> Result<(), Error> {
    diesel::delete(point_villages::table.filter(point_villages::point_id.eq(point))).execute(&mut **tx)?;
    for code in codes {
        diesel::insert_into(point_villages::table)
            .values((point_villages::point_id.eq(point), point_villages::village_code.eq(code)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The official villages of an agency: code, village, sub-district; in the order of their codes.
pub fn official_villages(conn: &mut Conn, agency: AgencyId) -> Result<Vec<(String, String, String)>, Error> {
    Ok(places::table
        .filter(places::agency_id.eq(agency))
        .order(places::code)
        .select((places::code, places::village, places::sub_district))
        .load(conn)?)
}

/// The number of every point: what stands for it in tokens and in the log.
pub fn numbers(conn: &mut Conn) -> Result<Vec<(PointId, i32)>, Error> {
    Ok(points::table.select((points::id, points::number)).load(conn)?)
}
