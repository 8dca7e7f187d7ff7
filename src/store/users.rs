//! People who sign in.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::users;
use super::types::word;
use crate::domain::id::{AgencyId, PointId, UserId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their agency.
    pub agency: AgencyId,
    /// What they type to sign in.
    pub username: String,
    /// Their name.
    pub name: String,
    /// Their one role.
    pub role: Role,
    /// The point at which they work, if at one.
    pub point: Option<PointId>,
    /// Whether the account still works.
    pub enabled: bool,
}

type Row = (UserId, AgencyId, String, String, String, Option<PointId>, Option<i64>);

const COLUMNS: (
    users::id,
    users::agency_id,
    users::username,
    users::name,
    users::role,
    users::point_id,
    users::disabled_at,
) = (users::id, users::agency_id, users::username, users::name, users::role, users::point_id, users::disabled_at);

fn check((id, agency, username, name, role, point, disabled_at): Row) -> Result<User, Error> {
    let role = word(Role::parse(&role), "role", &role)?;
    Ok(User { id, agency, username, name, role, point, enabled: disabled_at.is_none() })
}

/// Adds a person.
pub fn insert(tx: &mut Write<'_>, user: &User, password_hash: &str, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id),
            users::agency_id.eq(user.agency),
            users::username.eq(&user.username),
            users::name.eq(&user.name),
            users::role.eq(user.role.as_str()),
            users::password_hash.eq(password_hash),
            users::point_id.eq(user.point),
            users::created_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The person with this id.
pub fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, Error> {
    users::table.find(id).select(COLUMNS).first::<Row>(conn).optional()?.map(check).transpose()
}

/// The person with this user name, and the hash of their password.
pub fn credentials(conn: &mut Conn, username: &str) -> Result<Option<(User, String)>, Error> {
    let row = users::table
        .filter(users::username.eq(username))
        .select((COLUMNS, users::password_hash))
        .first::<(Row, String)>(conn)
        .optional()?;
    row.map(|(row, hash)| Ok((check(row)?, hash))).transpose()
}

/// The people of an agency, in the order of their ids.
pub fn list(conn: &mut Conn, agency: AgencyId, after: Option<UserId>, limit: i64) -> Result<Vec<User>, Error> {
    let mut query = users::table.filter(users::agency_id.eq(agency)).select(COLUMNS).into_boxed();
    if let Some(after) = after {
        query = query.filter(users::id.gt(after));
    }
    query.order(users::id).limit(limit).load::<Row>(conn)?.into_iter().map(check).collect()
}
