//! Invitations to take an account. Of the code only a digest is kept.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::invitations;
use super::types::{maybe_time, time, word};
use crate::domain::id::{AgencyId, Identifier, InvitationId, PointId, UserId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Into which agency.
    pub agency: AgencyId,
    /// The name of who is invited.
    pub name: String,
    /// The role they will have.
    pub role: Role,
    /// The point at which they will work.
    pub point: Option<PointId>,
    /// Who invited them.
    pub invited_by: UserId,
    /// Until when it can be taken.
    pub expires_at: Timestamp,
    /// When the account will end by itself.
    pub account_expires_at: Option<Timestamp>,
}

type Row = (InvitationId, AgencyId, String, String, Option<PointId>, UserId, i64, Option<i64>);

fn check(
    (id, agency, name, role, point, invited_by, expires_at, account_expires_at): Row,
) -> Result<Invitation, Error> {
    Ok(Invitation {
        id,
        agency,
        name,
        role: word(Role::parse(&role), "role", &role)?,
        point,
        invited_by,
        expires_at: time(expires_at)?,
        account_expires_at: maybe_time(account_expires_at)?,
    })
}

/// Adds an invitation.
pub fn insert(tx: &mut Write<'_>, new: &Invitation, secret_hash: [u8; 32], at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(new.id),
            invitations::secret_hash.eq(secret_hash.to_vec()),
            invitations::agency_id.eq(new.agency),
            invitations::name.eq(&new.name),
            invitations::role.eq(new.role.as_str()),
            invitations::point_id.eq(new.point),
            invitations::invited_by.eq(new.invited_by),
            invitations::created_at.eq(at.millis()),
            invitations::expires_at.eq(new.expires_at.millis()),
            invitations::account_expires_at.eq(new.account_expires_at.map(Timestamp::millis)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

macro_rules! open {
    ($now:expr) => {
        invitations::table
            .filter(invitations::used_at.is_null())
            .filter(invitations::expires_at.gt($now.millis()))
            .select((
                invitations::id,
                invitations::agency_id,
                invitations::name,
                invitations::role,
                invitations::point_id,
                invitations::invited_by,
                invitations::expires_at,
                invitations::account_expires_at,
            ))
    };
}

/// The invitation with this code, if it can still be taken.
pub fn find_open(conn: &mut Conn, secret_hash: [u8; 32], now: Timestamp) -> Result<Option<Invitation>, Error> {
    let row = open!(now).filter(invitations::secret_hash.eq(secret_hash.to_vec())).first::<Row>(conn).optional()?;
    row.map(check).transpose()
}

/// The invitations of an agency that can still be taken, in the order of their ids.
pub fn list_open(
    conn: &mut Conn,
    agency: AgencyId,
    now: Timestamp,
    after: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<Invitation>, Error> {
    open!(now)
        .filter(invitations::agency_id.eq(agency))
        .filter(invitations::id.gt(after.unwrap_or(InvitationId::from_bytes([0; 16]))))
        .order(invitations::id)
        .limit(limit)
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// Takes an invitation, for this person or, to withdraw it, for nobody; false when it was taken before.
pub fn take(tx: &mut Write<'_>, id: InvitationId, user: Option<UserId>, at: Timestamp) -> Result<bool, Error> {
    let count = diesel::update(invitations::table.find(id).filter(invitations::used_at.is_null()))
        .set((invitations::used_at.eq(at.millis()), invitations::user_id.eq(user)))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// The agency of an invitation.
pub fn agency_of(conn: &mut Conn, id: InvitationId) -> Result<Option<AgencyId>, Error> {
    Ok(invitations::table.find(id).select(invitations::agency_id).first(conn).optional()?)
}
