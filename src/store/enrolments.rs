//! Invitations to devices that are not there yet, and who may open the names on a device.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::devices::{at_most, brake_of};
use super::error::Error;
use super::pool::Write;
use super::schema::{device_operators, enrolments, users};
use super::types::time;
use crate::domain::id::{AgencyId, AuditId, DeviceId, PointId, UserId};
use crate::domain::lease::brake::Brake;
use crate::domain::time::Timestamp;

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Its id.
    pub id: AuditId,
    /// For a device of this agency.
    pub agency: AgencyId,
    /// At this point.
    pub point: PointId,
    /// What people will call it.
    pub name: String,
    /// How far it may go without contact.
    pub brake: Brake,
    /// Who invited it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when the code can be typed.
    pub code_expires_at: Timestamp,
    /// Until when the QR is good.
    pub expires_at: Timestamp,
    /// The device that took it, if one did.
    pub device: Option<DeviceId>,
}

type Row = (
    AuditId,
    AgencyId,
    PointId,
    String,
    Vec<u8>,
    Vec<u8>,
    Option<i32>,
    Option<i32>,
    UserId,
    i64,
    i64,
    i64,
    Option<DeviceId>,
);

fn check(row: Row) -> Result<Enrolment, Error> {
    let (id, agency, point, name, _, _, packages, hours, created_by, created_at, code_expires_at, expires_at, device) =
        row;
    Ok(Enrolment {
        id,
        agency,
        point,
        name,
        brake: brake_of(packages, hours)?,
        created_by,
        created_at: time(created_at)?,
        code_expires_at: time(code_expires_at)?,
        expires_at: time(expires_at)?,
        device,
    })
}

/// Keeps an invitation, with the digests of its code and of the secret in its QR.
pub fn insert(tx: &mut Write<'_>, one: &Enrolment, code: [u8; 32], secret: [u8; 32]) -> Result<(), Error> {
    diesel::insert_into(enrolments::table)
        .values((
            enrolments::id.eq(one.id),
            enrolments::agency_id.eq(one.agency),
            enrolments::point_id.eq(one.point),
            enrolments::name.eq(&one.name),
            enrolments::code_hash.eq(code.to_vec()),
            enrolments::secret_hash.eq(secret.to_vec()),
            enrolments::brake_packages.eq(at_most(one.brake.packages)),
            enrolments::brake_hours.eq(at_most(one.brake.hours)),
            enrolments::created_by.eq(one.created_by),
            enrolments::created_at.eq(one.created_at.millis()),
            enrolments::code_expires_at.eq(one.code_expires_at.millis()),
            enrolments::expires_at.eq(one.expires_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The invitation that this code or secret belongs to, while it can be used.
pub fn by_code(conn: &mut Conn, digest: [u8; 32], now: Timestamp) -> Result<Option<Enrolment>, Error> {
    let digest = digest.to_vec();
    let typed = enrolments::code_hash.eq(digest.clone()).and(enrolments::code_expires_at.gt(now.millis()));
    let scanned = enrolments::secret_hash.eq(digest).and(enrolments::expires_at.gt(now.millis()));
    enrolments::table.filter(typed.or(scanned)).first::<Row>(conn).optional()?.map(check).transpose()
}

/// Gives the invitation to a device; false when another was first.
pub fn take(tx: &mut Write<'_>, id: AuditId, device: DeviceId) -> Result<bool, Error> {
    let count = diesel::update(enrolments::table.find(id).filter(enrolments::device_id.is_null()))
        .set(enrolments::device_id.eq(device))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Lets a person open the names on a device.
pub fn let_operate(tx: &mut Write<'_>, device: DeviceId, user: UserId, at: Timestamp) -> Result<(), Error> {
    on_each!(&mut **tx, inner => diesel::insert_into(device_operators::table)
        .values((
            device_operators::device_id.eq(device),
            device_operators::user_id.eq(user),
            device_operators::granted_at.eq(at.millis()),
        ))
        .on_conflict((device_operators::device_id, device_operators::user_id))
        .do_nothing()
        .execute(inner))?;
    Ok(())
}

/// Who may open the names on a device: ids and names.
pub fn operators_of(conn: &mut Conn, device: DeviceId) -> Result<Vec<(UserId, String)>, Error> {
    Ok(device_operators::table
        .inner_join(users::table.on(users::id.eq(device_operators::user_id)))
        .filter(device_operators::device_id.eq(device))
        .order(users::name)
        .select((users::id, users::name))
        .load(conn)?)
}

/// Who invited a device.
pub fn inviter_of(conn: &mut Conn, device: DeviceId) -> Result<Option<UserId>, Error> {
    Ok(enrolments::table
        .filter(enrolments::device_id.eq(device))
        .select(enrolments::created_by)
        .first(conn)
        .optional()?)
}

/// Ends every invitation that is open: after a restore nobody can say which were used.
pub fn end_all(tx: &mut Write<'_>, at: Timestamp) -> Result<(), Error> {
    diesel::update(enrolments::table.filter(enrolments::expires_at.gt(at.millis())))
        .set((enrolments::expires_at.eq(at.millis()), enrolments::code_expires_at.eq(at.millis())))
        .execute(&mut **tx)?;
    Ok(())
}
