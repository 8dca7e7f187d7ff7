//! Devices: scanners, and desks in a browser whose key the server holds. Each has a chain of receipts.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::devices;
use super::types::{fixed, maybe_time};
use crate::domain::id::{AgencyId, DeviceId, PointId};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its agency.
    pub agency: AgencyId,
    /// A small number, never used for another device of the agency; it begins every receipt number.
    pub number: i32,
    /// What people call it: `Meja 1`.
    pub name: String,
    /// Where it stands.
    pub point: PointId,
    /// The id of its key.
    pub kid: [u8; 4],
    /// Its public key.
    pub public_key: [u8; 32],
    /// Its private key, sealed, when the server holds it.
    pub key: Option<Sealed>,
    /// How many receipts it has signed.
    pub seq: i64,
    /// The hash of the newest of them.
    pub head: [u8; 32],
    /// When it last spoke to the server.
    pub last_contact_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Queryable)]
struct Row {
    id: DeviceId,
    agency_id: AgencyId,
    number: i32,
    name: String,
    point_id: PointId,
    kid: Vec<u8>,
    public_key: Vec<u8>,
    key_sealed: Option<Vec<u8>>,
    seq: i64,
    head_hash: Vec<u8>,
    _created_at: i64,
    last_contact_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl Row {
    fn check(self) -> Result<Device, Error> {
        Ok(Device {
            id: self.id,
            agency: self.agency_id,
            number: self.number,
            name: self.name,
            point: self.point_id,
            kid: fixed(self.kid, "a key id")?,
            public_key: fixed(self.public_key, "a public key")?,
            key: self.key_sealed.map(Sealed::from_ciphertext),
            seq: self.seq,
            head: fixed(self.head_hash, "a receipt hash")?,
            last_contact_at: maybe_time(self.last_contact_at)?,
            revoked_at: maybe_time(self.revoked_at)?,
        })
    }
}

/// Adds a device.
pub fn insert(tx: &mut Write<'_>, device: &Device, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(devices::table)
        .values((
            devices::id.eq(device.id),
            devices::agency_id.eq(device.agency),
            devices::number.eq(device.number),
            devices::name.eq(&device.name),
            devices::point_id.eq(device.point),
            devices::kid.eq(device.kid.to_vec()),
            devices::public_key.eq(device.public_key.to_vec()),
            devices::key_sealed.eq(device.key.as_ref().map(|key| key.ciphertext().to_vec())),
            devices::seq.eq(device.seq),
            devices::head_hash.eq(device.head.to_vec()),
            devices::created_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The device with this id.
pub fn find(conn: &mut Conn, id: DeviceId) -> Result<Option<Device>, Error> {
    devices::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// The next free number in an agency.
pub fn next_number(conn: &mut Conn, agency: AgencyId) -> Result<i32, Error> {
    let highest: Option<i32> =
        devices::table.filter(devices::agency_id.eq(agency)).select(diesel::dsl::max(devices::number)).first(conn)?;
    Ok(highest.unwrap_or(0) + 1)
}

/// The live devices at a point, by number.
pub fn at_point(conn: &mut Conn, point: PointId) -> Result<Vec<Device>, Error> {
    devices::table
        .filter(devices::point_id.eq(point))
        .filter(devices::revoked_at.is_null())
        .order(devices::number)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// The devices of an agency, in the order of their ids.
pub fn list(conn: &mut Conn, agency: AgencyId, after: Option<DeviceId>, limit: i64) -> Result<Vec<Device>, Error> {
    let mut query = devices::table.filter(devices::agency_id.eq(agency)).into_boxed();
    if let Some(after) = after {
        query = query.filter(devices::id.gt(after));
    }
    query.order(devices::id).limit(limit).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// Takes the next place in a device's chain: its sequence number, and the hash that it must point to.
/// `None` when the device is revoked. On PostgreSQL this holds the device's row until the commit, so
/// that two receipts of one device can never take the same place.
pub fn take_place(tx: &mut Write<'_>, id: DeviceId, at: Timestamp) -> Result<Option<(i64, [u8; 32])>, Error> {
    let row = diesel::update(devices::table.find(id).filter(devices::revoked_at.is_null()))
        .set((devices::seq.eq(devices::seq + 1), devices::last_contact_at.eq(at.millis())))
        .returning((devices::seq, devices::head_hash))
        .get_result::<(i64, Vec<u8>)>(&mut **tx)
        .optional()?;
    row.map(|(seq, head)| Ok((seq, fixed(head, "a receipt hash")?))).transpose()
}

/// Makes a receipt the newest of its device.
pub fn set_head(tx: &mut Write<'_>, id: DeviceId, head: [u8; 32]) -> Result<(), Error> {
    diesel::update(devices::table.find(id)).set(devices::head_hash.eq(head.to_vec())).execute(&mut **tx)?;
    Ok(())
}

/// Revokes a device; false when it was revoked before.
pub fn revoke(tx: &mut Write<'_>, id: DeviceId, at: Timestamp) -> Result<bool, Error> {
    let count = diesel::update(devices::table.find(id).filter(devices::revoked_at.is_null()))
        .set(devices::revoked_at.eq(at.millis()))
        .execute(&mut **tx)?;
    Ok(count == 1)
}
