//! Pages of a device's answer after a restore, until all of them are there.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::resync_pages;
use crate::domain::id::DeviceId;

/// Keeps a page, as signed; a later one takes the place of an earlier one.
pub fn put(tx: &mut Write<'_>, device: DeviceId, epoch: u32, page: u32, signed: &[u8]) -> Result<(), Error> {
    let (epoch, page) = (i32::try_from(epoch).unwrap_or(i32::MAX), i32::try_from(page).unwrap_or(i32::MAX));
    on_each!(&mut **tx, inner => diesel::insert_into(resync_pages::table)
        .values((
            resync_pages::device_id.eq(device),
            resync_pages::epoch.eq(epoch),
            resync_pages::page.eq(page),
            resync_pages::signed.eq(signed),
        ))
        .on_conflict((resync_pages::device_id, resync_pages::epoch, resync_pages::page))
        .do_update()
        .set(resync_pages::signed.eq(signed))
        .execute(inner))?;
    Ok(())
}

/// The pages of a device's answer in this epoch, in order.
pub fn of(conn: &mut Conn, device: DeviceId, epoch: u32) -> Result<Vec<Vec<u8>>, Error> {
    Ok(resync_pages::table
        .filter(resync_pages::device_id.eq(device))
        .filter(resync_pages::epoch.eq(i32::try_from(epoch).unwrap_or(i32::MAX)))
        .order(resync_pages::page)
        .select(resync_pages::signed)
        .load(conn)?)
}

/// Throws the pages of a device away: they were taken, or are of an older answer.
pub fn clear(tx: &mut Write<'_>, device: DeviceId) -> Result<(), Error> {
    diesel::delete(resync_pages::table.filter(resync_pages::device_id.eq(device))).execute(&mut **tx)?;
    Ok(())
}
