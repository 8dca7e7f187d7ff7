//! Two persons give a device up.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::write_offs;
use super::types::{maybe_time, time};
use crate::domain::id::{DeviceId, UserId};
use crate::domain::time::Timestamp;

/// A wish to give a device up, and whether another person agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOff {
    /// Which device.
    pub device: DeviceId,
    /// Who asked.
    pub asked_by: UserId,
    /// When.
    pub asked_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Who agreed, and when.
    pub agreed: Option<(UserId, Timestamp)>,
    /// How many entitlements became unresolved.
    pub unresolved: Option<i64>,
}

type Row = (DeviceId, UserId, i64, String, Option<UserId>, Option<i64>, Option<i64>);

fn check((device, asked_by, asked_at, reason, agreed_by, agreed_at, unresolved): Row) -> Result<WriteOff, Error> {
    Ok(WriteOff {
        device,
        asked_by,
        asked_at: time(asked_at)?,
        reason,
        agreed: agreed_by.zip(maybe_time(agreed_at)?),
        unresolved,
    })
}

/// Keeps that somebody asked; a second wish for the same device is refused by its key.
pub fn ask(tx: &mut Write<'_>, one: &WriteOff) -> Result<(), Error> {
    diesel::insert_into(write_offs::table)
        .values((
            write_offs::device_id.eq(one.device),
            write_offs::asked_by.eq(one.asked_by),
            write_offs::asked_at.eq(one.asked_at.millis()),
            write_offs::reason.eq(&one.reason),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// What was asked about a device.
pub fn of(conn: &mut Conn, device: DeviceId) -> Result<Option<WriteOff>, Error> {
    write_offs::table.find(device).first::<Row>(conn).optional()?.map(check).transpose()
}

/// Keeps that another person agreed; false when somebody had.
pub fn agree(tx: &mut Write<'_>, device: DeviceId, by: UserId, at: Timestamp, unresolved: i64) -> Result<bool, Error> {
    let count = diesel::update(write_offs::table.find(device).filter(write_offs::agreed_by.is_null()))
        .set((
            write_offs::agreed_by.eq(by),
            write_offs::agreed_at.eq(at.millis()),
            write_offs::unresolved.eq(unresolved),
        ))
        .execute(&mut **tx)?;
    Ok(count == 1)
}
