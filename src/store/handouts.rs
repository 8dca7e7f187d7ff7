//! Handouts that are decided together: what must be known of a group of them, read in a few statements, and all that
//! they change, kept by one.
//!
//! On PostgreSQL each statement is one round trip, whatever the size of the group. SQLite lies in the same process: there
//! the same is done one after the other, with statements that are prepared once.

mod columns;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::collections::HashMap;

use diesel::prelude::*;

use self::columns::End;
use super::attempts::Attempt;
use super::conn::Conn;
use super::error::{Error, corrupt};
use super::households::{self, Household};
use super::log::NewLeaf;
use super::owed_facts::Owed;
use super::pool::Write;
use super::redemptions::{self as kept, Redemption};
use super::schema::{
    agencies as agency_table, device_receipts, devices as device_table, entitlements, households as household_table,
    point_windows, points, programmes, redemptions, rounds,
};
use super::types::{fixed, time};
use super::{agencies, devices, entitlements as rights, points as places, programmes as lines, rounds as tahap};
use crate::domain::entitlement::Entitlement;
use crate::domain::id::{DeviceId, EntitlementId, RedemptionId};
use crate::domain::lease::office::{Hold, Right, Row};
use crate::domain::programme::{Agency, Point, Programme, Round, Window};
use crate::domain::time::Timestamp;

/// An entitlement with all that its redemption is judged by.
#[derive(Debug, Clone)]
pub struct File {
    /// The entitlement.
    pub entitlement: Entitlement,
    /// Whose it is.
    pub household: Household,
    /// Its round.
    pub round: Round,
    /// Its programme.
    pub programme: Programme,
    /// Whose programme it is, with what they chose.
    pub agency: Agency,
    /// Where it can be redeemed.
    pub point: Point,
    /// The window that counts there.
    pub window: Window,
}

type Own = (Option<i64>, Option<i64>);
type FileRow = (rights::Row, households::Row, tahap::Row, lines::Row, agencies::Row, places::Row, Own);

fn check((entitlement, household, round, programme, agency, point, own): FileRow) -> Result<File, Error> {
    let round = round.check()?;
    let window = match own {
        (Some(opens_at), Some(closes_at)) => Window { opens_at: time(opens_at)?, closes_at: time(closes_at)? },
        _ => round.window(),
    };
    Ok(File {
        entitlement: entitlement.check()?,
        household: household.check()?,
        round,
        programme: programme.check()?,
        agency: agency.check()?,
        point: places::check(point),
        window,
    })
}

macro_rules! files {
    () => {
        entitlements::table
            .inner_join(household_table::table.on(household_table::id.eq(entitlements::household_id)))
            .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
            .inner_join(programmes::table.on(programmes::id.eq(rounds::programme_id)))
            .inner_join(agency_table::table.on(agency_table::id.eq(programmes::agency_id)))
            .inner_join(points::table.on(points::id.eq(entitlements::point_id)))
            .left_join(
                point_windows::table.on(point_windows::round_id
                    .eq(entitlements::round_id)
                    .and(point_windows::point_id.eq(entitlements::point_id))),
            )
            .select((
                entitlements::all_columns,
                household_table::all_columns,
                rounds::all_columns,
                programmes::all_columns,
                agency_table::all_columns,
                points::all_columns,
                (point_windows::opens_at.nullable(), point_windows::closes_at.nullable()),
            ))
    };
}

/// These entitlements, those of them that there are.
pub fn files(conn: &mut Conn, ids: &[EntitlementId]) -> Result<HashMap<EntitlementId, File>, Error> {
    let mut rows: Vec<FileRow> = Vec::with_capacity(ids.len());
    match conn {
        Conn::Sqlite(inner) => {
            for id in ids {
                rows.extend(files!().filter(entitlements::id.eq(*id)).first::<FileRow>(inner).optional()?);
            }
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) if !ids.is_empty() => {
            rows = files!().filter(entitlements::id.eq_any(ids)).load(inner)?;
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => {}
    }
    rows.into_iter().map(|row| check(row).map(|file| (file.entitlement.id, file))).collect()
}

/// What is known of a redemption that was asked for before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Digest of what was asked for.
    pub request_hash: [u8; 32],
    /// By which device.
    pub device: DeviceId,
}

/// The redemptions with these ids, those that there are.
pub fn made(conn: &mut Conn, ids: &[RedemptionId]) -> Result<HashMap<RedemptionId, Made>, Error> {
    let columns = (redemptions::id, redemptions::request_hash, redemptions::device_id);
    let mut rows: Vec<(RedemptionId, Vec<u8>, DeviceId)> = Vec::new();
    match conn {
        Conn::Sqlite(inner) => {
            for id in ids {
                rows.extend(redemptions::table.find(*id).select(columns).first(inner).optional()?);
            }
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            rows = redemptions::table.filter(redemptions::id.eq_any(ids)).select(columns).load(inner)?;
        }
    }
    rows.into_iter()
        .map(|(id, hash, device)| Ok((id, Made { request_hash: fixed(hash, "a request hash")?, device })))
        .collect()
}

/// Those of these ids under which a device has brought a receipt.
pub fn brought(conn: &mut Conn, ids: &[RedemptionId]) -> Result<Vec<RedemptionId>, Error> {
    let mut found = Vec::new();
    match conn {
        Conn::Sqlite(inner) => {
            for id in ids {
                let of_it = device_receipts::table.filter(device_receipts::redemption_id.eq(*id));
                found.extend(of_it.select(device_receipts::redemption_id).first::<RedemptionId>(inner).optional()?);
            }
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            found = device_receipts::table
                .filter(device_receipts::redemption_id.eq_any(ids))
                .select(device_receipts::redemption_id)
                .load(inner)?;
        }
    }
    Ok(found)
}

/// A device whose chain is about to grow.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The device; its chain ends where the last receipt was signed.
    pub device: devices::Device,
    /// A receipt is known of a place behind that.
    pub astray: bool,
}

macro_rules! astray {
    () => {
        device_table::table
            .filter(diesel::dsl::exists(
                device_receipts::table
                    .filter(device_receipts::device_id.eq(device_table::id))
                    .filter(device_receipts::seq.gt(device_table::seq))
                    .filter(device_receipts::first_there.eq(true)),
            ))
            .select(device_table::id)
    };
}

/// These devices, held still until the commit, so that no two receipts of one can take the same place. They are taken in
/// the order of their ids, the same for everybody.
pub fn hold_desks(tx: &mut Write<'_>, ids: &[DeviceId]) -> Result<HashMap<DeviceId, Desk>, Error> {
    let mut rows: Vec<devices::Row> = Vec::with_capacity(ids.len());
    let mut astray: Vec<DeviceId> = Vec::new();
    match &mut **tx {
        Conn::Sqlite(inner) => {
            for id in ids {
                rows.extend(device_table::table.find(*id).first(inner).optional()?);
                astray.extend(astray!().filter(device_table::id.eq(*id)).first::<DeviceId>(inner).optional()?);
            }
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            rows = device_table::table
                .filter(device_table::id.eq_any(ids))
                .order(device_table::id)
                .for_no_key_update()
                .load(inner)?;
            // A statement of its own, begun when all are held: the one that waits for them sees nothing newer than itself.
            astray = astray!().filter(device_table::id.eq_any(ids)).load(inner)?;
        }
    }
    rows.into_iter()
        .map(|row| {
            let device = row.check()?;
            Ok((device.id, Desk { astray: astray.contains(&device.id), device }))
        })
        .collect()
}

/// One handout: what it changes and what is kept of it.
#[derive(Debug)]
pub struct Handout {
    /// The entitlement as it was judged.
    pub was: Entitlement,
    /// The same as it shall be: redeemed.
    pub now: Row,
    /// The redemption with its receipt.
    pub redemption: Redemption,
    /// The fact that is owed for it.
    pub owed: Owed,
    /// Its leaf of the log.
    pub leaf: NewLeaf,
}

/// Keeps handouts, the new ends of the chains, and attempts. [`Error::Raced`] when an entitlement is not any more what it
/// was: then nothing counts, and all is to be decided again.
pub fn keep(
    tx: &mut Write<'_>,
    handouts: &[Handout],
    desks: &[&devices::Device],
    attempts: &[Attempt],
    at: Timestamp,
) -> Result<(), Error> {
    for one in handouts {
        // The statements below write this and nothing else.
        let plain = matches!(one.now.right, Right::Redeemed(_)) && one.now.hold == Hold::No && one.now.doubt.is_none();
        if !plain || one.now.revoke_requested || one.now.replaced != one.was.marks.replaced {
            return Err(corrupt("a redemption that does not leave its entitlement redeemed"));
        }
    }
    if handouts.is_empty() {
        return note(tx, attempts);
    }
    let ends: Vec<End<'_>> = desks.iter().map(|device| End { device, at }).collect();
    match &mut **tx {
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => postgres::keep(inner, handouts, &ends, attempts)?,
        Conn::Sqlite(inner) => sqlite::keep(inner, handouts, &ends, attempts)?,
    }
    handouts.iter().try_for_each(|one| kept::insert_items(tx, &one.redemption))
}

/// Keeps attempts.
pub fn note(tx: &mut Write<'_>, attempts: &[Attempt]) -> Result<(), Error> {
    match &mut **tx {
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => postgres::note(inner, attempts),
        Conn::Sqlite(inner) => sqlite::note(inner, attempts),
    }
}

/// The same request, or another with the same id, was first: look again.
fn asked_again(error: Error) -> Error {
    match error {
        Error::Unique(_) => Error::Raced,
        other => other,
    }
}
