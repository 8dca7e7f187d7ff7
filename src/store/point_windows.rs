//! Windows of a round that differ at a point.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::point_windows;
use super::types::time;
use crate::domain::id::{PointId, RoundId, UserId};
use crate::domain::programme::{PointWindow, Round, Window};

type Row = (RoundId, PointId, i64, i64, String, UserId, i64);

fn check((round, point, opens_at, closes_at, reason, set_by, set_at): Row) -> Result<PointWindow, Error> {
    let window = Window { opens_at: time(opens_at)?, closes_at: time(closes_at)? };
    Ok(PointWindow { round, point, window, reason, set_by, set_at: time(set_at)? })
}

/// Sets the window of a round at a point, in place of an earlier one.
pub fn put(tx: &mut Write<'_>, new: &PointWindow) -> Result<(), Error> {
    on_each!(&mut **tx, inner => {
        let values = (
            point_windows::opens_at.eq(new.window.opens_at.millis()),
            point_windows::closes_at.eq(new.window.closes_at.millis()),
            point_windows::reason.eq(&new.reason),
            point_windows::set_by.eq(new.set_by),
            point_windows::set_at.eq(new.set_at.millis()),
        );
        diesel::insert_into(point_windows::table)
            .values((point_windows::round_id.eq(new.round), point_windows::point_id.eq(new.point), values))
            .on_conflict((point_windows::round_id, point_windows::point_id))
            .do_update()
            .set(values)
            .execute(inner)
    })?;
    Ok(())
}

/// The windows that differ in a round.
pub fn of_round(conn: &mut Conn, round: RoundId) -> Result<Vec<PointWindow>, Error> {
    point_windows::table
        .filter(point_windows::round_id.eq(round))
        .order(point_windows::point_id)
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// The window that counts for a round at a point: the point's own, else the round's.
pub fn at(conn: &mut Conn, round: &Round, point: PointId) -> Result<Window, Error> {
    let own = point_windows::table.find((round.id, point)).first::<Row>(conn).optional()?;
    Ok(own.map(check).transpose()?.map_or_else(|| round.window(), |own| own.window))
}
