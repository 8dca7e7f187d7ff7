//! Reprints that were asked for and agreed to, and notes on why a household has not come.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{absences, entitlements, households, points, reprints};
use super::types::{maybe_time, time, word};
use crate::domain::custody::Cause;
use crate::domain::document::AbsenceReason;
use crate::domain::id::{AbsenceId, EntitlementId, ReprintId, RoundId, UserId};
use crate::domain::time::Timestamp;

/// A reprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reprint {
    /// Its id.
    pub id: ReprintId,
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// The round.
    pub round: RoundId,
    /// The print that it replaces.
    pub old_print_no: i32,
    /// The print that came of it, once somebody agreed.
    pub new_print_no: Option<i32>,
    /// What kind of reason.
    pub cause: Cause,
    /// The reason in words.
    pub reason: String,
    /// Whether the old sheet is back in the office.
    pub sheet_kept: bool,
    /// Who asked.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Timestamp,
    /// Who agreed: another person, or nobody yet.
    pub approved_by: Option<UserId>,
    /// When the new print was made.
    pub approved_at: Option<Timestamp>,
}

type Row = (
    ReprintId,
    EntitlementId,
    RoundId,
    i32,
    Option<i32>,
    String,
    String,
    bool,
    UserId,
    i64,
    Option<UserId>,
    Option<i64>,
);

fn check(row: Row) -> Result<Reprint, Error> {
    let (id, entitlement, round, old, new, cause, reason, sheet_kept, requested_by, requested_at, by, at) = row;
    Ok(Reprint {
        id,
        entitlement,
        round,
        old_print_no: old,
        new_print_no: new,
        cause: word(Cause::parse(&cause), "cause of a reprint", &cause)?,
        reason,
        sheet_kept,
        requested_by,
        requested_at: time(requested_at)?,
        approved_by: by,
        approved_at: maybe_time(at)?,
    })
}

/// Adds a reprint.
pub fn insert(tx: &mut Write<'_>, one: &Reprint) -> Result<(), Error> {
    diesel::insert_into(reprints::table)
        .values((
            reprints::id.eq(one.id),
            reprints::entitlement_id.eq(one.entitlement),
            reprints::round_id.eq(one.round),
            reprints::old_print_no.eq(one.old_print_no),
            reprints::new_print_no.eq(one.new_print_no),
            reprints::cause.eq(one.cause.as_str()),
            reprints::reason.eq(&one.reason),
            reprints::sheet_kept.eq(one.sheet_kept),
            reprints::requested_by.eq(one.requested_by),
            reprints::requested_at.eq(one.requested_at.millis()),
            reprints::approved_by.eq(one.approved_by),
            reprints::approved_at.eq(one.approved_at.map(Timestamp::millis)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The reprint of an entitlement that was asked for and not made yet.
pub fn open_of(conn: &mut Conn, entitlement: EntitlementId) -> Result<Option<Reprint>, Error> {
    reprints::table
        .filter(reprints::entitlement_id.eq(entitlement))
        .filter(reprints::new_print_no.is_null())
        .order(reprints::id)
        .first::<Row>(conn)
        .optional()?
        .map(check)
        .transpose()
}

/// Records that a reprint was made; false when it had been already.
pub fn approve(tx: &mut Write<'_>, id: ReprintId, print_no: i32, by: UserId, at: Timestamp) -> Result<bool, Error> {
    let open = reprints::table.find(id).filter(reprints::new_print_no.is_null());
    let count = diesel::update(open)
        .set((reprints::new_print_no.eq(print_no), reprints::approved_by.eq(by), reprints::approved_at.eq(at.millis())))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// A reprint with the household's name and the point's code.
pub type Named = (Reprint, String, String);

/// The reprints of a round that were asked for by a moment, oldest first.
pub fn of_round(conn: &mut Conn, round: RoundId, cut_off: Timestamp) -> Result<Vec<Named>, Error> {
    reprints::table
        .inner_join(entitlements::table.on(entitlements::id.eq(reprints::entitlement_id)))
        .inner_join(households::table.on(households::id.eq(entitlements::household_id)))
        .inner_join(points::table.on(points::id.eq(entitlements::point_id)))
        .filter(reprints::round_id.eq(round))
        .filter(reprints::requested_at.le(cut_off.millis()))
        .order(reprints::id)
        .select((reprints::all_columns, households::name, points::code))
        .load::<(Row, String, String)>(conn)?
        .into_iter()
        .map(|(row, name, point)| Ok((check(row)?, name, point)))
        .collect()
}

/// A note on why a household has not come.
#[derive(Debug, Clone)]
pub struct Absence {
    /// Its id.
    pub id: AbsenceId,
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// Why.
    pub reason: AbsenceReason,
    /// What follows.
    pub follow_up: String,
    /// Who noted it.
    pub noted_by: UserId,
    /// When.
    pub noted_at: Timestamp,
}

/// Adds a note.
pub fn insert_absence(tx: &mut Write<'_>, one: &Absence) -> Result<(), Error> {
    diesel::insert_into(absences::table)
        .values((
            absences::id.eq(one.id),
            absences::entitlement_id.eq(one.entitlement),
            absences::reason.eq(one.reason.as_str()),
            absences::follow_up.eq(&one.follow_up),
            absences::noted_by.eq(one.noted_by),
            absences::noted_at.eq(one.noted_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}
