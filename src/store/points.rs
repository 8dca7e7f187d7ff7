//! Distribution points.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::points;
use crate::domain::id::{AgencyId, PointId};
use crate::domain::programme::Point;
use crate::domain::time::Timestamp;

type Row = (PointId, AgencyId, i32, String, String, String, i64, i32, i32, Option<String>);

fn check((id, agency, number, code, name, sub_district, _, desks, session_size, paused_reason): Row) -> Point {
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
