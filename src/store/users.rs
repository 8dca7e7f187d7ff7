//! People who sign in.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{agencies, users};
use super::types::{maybe_time, time, word};
use crate::domain::id::{AgencyId, PointId, UserId};
use crate::domain::role::{Action, Role};
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
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
}

pub(super) type Row = (UserId, AgencyId, String, String, String, Option<PointId>, Option<i64>, Option<i64>);

pub(super) const COLUMNS: (
    users::id,
    users::agency_id,
    users::username,
    users::name,
    users::role,
    users::point_id,
    users::disabled_at,
    users::expires_at,
) = (
    users::id,
    users::agency_id,
    users::username,
    users::name,
    users::role,
    users::point_id,
    users::disabled_at,
    users::expires_at,
);

pub(super) fn check((id, agency, username, name, role, point, disabled_at, expires_at): Row) -> Result<User, Error> {
    let role = word(Role::parse(&role), "role", &role)?;
    let expires_at = maybe_time(expires_at)?;
    Ok(User { id, agency, username, name, role, point, enabled: disabled_at.is_none(), expires_at })
}

impl User {
    /// Whether this person may come in at this time.
    #[must_use]
    pub fn works(&self, now: Timestamp) -> bool {
        self.enabled && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Adds a person. Whom nobody made is who began the agency, and vouches for it from the beginning.
pub fn insert(
    tx: &mut Write<'_>,
    user: &User,
    password_hash: &str,
    made_by: Option<UserId>,
    at: Timestamp,
) -> Result<(), Error> {
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
            users::expires_at.eq(user.expires_at.map(Timestamp::millis)),
            users::made_by.eq(made_by),
            users::confirmed_at.eq(made_by.is_none().then_some(at.millis())),
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

/// Opens or closes an account, and sets when it ends by itself.
pub fn change(
    tx: &mut Write<'_>,
    id: UserId,
    disabled_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
) -> Result<(), Error> {
    diesel::update(users::table.find(id))
        .set((
            users::disabled_at.eq(disabled_at.map(Timestamp::millis)),
            users::expires_at.eq(expires_at.map(Timestamp::millis)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Sets the hash of a password.
pub fn set_password(tx: &mut Write<'_>, id: UserId, password_hash: &str) -> Result<(), Error> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(password_hash)).execute(&mut **tx)?;
    Ok(())
}

/// The hash of a person's password.
pub fn password_hash(conn: &mut Conn, id: UserId) -> Result<Option<String>, Error> {
    Ok(users::table.find(id).select(users::password_hash).first(conn).optional()?)
}

/// Everybody's role, whether or not the account is open.
pub fn roles(conn: &mut Conn) -> Result<Vec<(UserId, String)>, Error> {
    Ok(users::table.order(users::id).select((users::id, users::role)).load(conn)?)
}

/// How many people of an agency have this role and an account that is open.
pub fn count_open(conn: &mut Conn, agency: AgencyId, role: Role) -> Result<i64, Error> {
    Ok(users::table
        .filter(users::agency_id.eq(agency))
        .filter(users::role.eq(role.as_str()))
        .filter(users::disabled_at.is_null())
        .count()
        .get_result(conn)?)
}

/// Where an account comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Who made it, if that is known.
    pub made_by: Option<UserId>,
    /// When.
    pub made_at: Timestamp,
    /// When another person confirmed whose it is.
    pub confirmed_at: Option<Timestamp>,
}

/// Where an account comes from.
pub fn origin(conn: &mut Conn, id: UserId) -> Result<Option<Origin>, Error> {
    let found = users::table.find(id).select((users::made_by, users::created_at, users::confirmed_at));
    let row = found.first::<(Option<UserId>, i64, Option<i64>)>(conn).optional()?;
    row.map(|(made_by, made_at, confirmed_at)| {
        Ok(Origin { made_by, made_at: time(made_at)?, confirmed_at: maybe_time(confirmed_at)? })
    })
    .transpose()
}

/// The names of these people, and where their accounts come from.
pub fn origins(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<(UserId, String, Origin)>, Error> {
    users::table
        .filter(users::id.eq_any(ids.to_vec()))
        .select((users::id, users::name, users::made_by, users::created_at, users::confirmed_at))
        .load::<(UserId, String, Option<UserId>, i64, Option<i64>)>(conn)?
        .into_iter()
        .map(|(id, name, made_by, made_at, confirmed_at)| {
            let origin = Origin { made_by, made_at: time(made_at)?, confirmed_at: maybe_time(confirmed_at)? };
            Ok((id, name, origin))
        })
        .collect()
}

/// Open accounts of an agency that check others and that nobody has confirmed, the oldest first.
pub fn unconfirmed(conn: &mut Conn, agency: AgencyId, limit: i64) -> Result<Vec<(User, Origin)>, Error> {
    let checking = Role::ALL.into_iter().filter(|role| role.checks()).map(Role::as_str);
    users::table
        .filter(users::agency_id.eq(agency))
        .filter(users::confirmed_at.is_null())
        .filter(users::disabled_at.is_null())
        .filter(users::role.eq_any(checking.collect::<Vec<_>>()))
        .order(users::id)
        .limit(limit)
        .select((COLUMNS, users::made_by, users::created_at))
        .load::<(Row, Option<UserId>, i64)>(conn)?
        .into_iter()
        .map(|(row, made_by, at)| Ok((check(row)?, Origin { made_by, made_at: time(at)?, confirmed_at: None })))
        .collect()
}

/// How many people of an agency who can confirm accounts are confirmed themselves.
pub fn confirmers(conn: &mut Conn, agency: AgencyId) -> Result<i64, Error> {
    let able = Role::ALL.into_iter().filter(|role| role.may(Action::ConfirmUsers)).map(Role::as_str);
    Ok(users::table
        .filter(users::agency_id.eq(agency))
        .filter(users::confirmed_at.is_not_null())
        .filter(users::disabled_at.is_null())
        .filter(users::role.eq_any(able.collect::<Vec<_>>()))
        .count()
        .get_result(conn)?)
}

/// Whether an account waits to be confirmed, in an agency that lets none work before.
pub fn must_be_confirmed(conn: &mut Conn, id: UserId) -> Result<bool, Error> {
    let waiting = users::table
        .inner_join(agencies::table.on(agencies::id.eq(users::agency_id)))
        .filter(users::id.eq(id))
        .filter(users::confirmed_at.is_null())
        .filter(agencies::confirm_accounts.eq(true))
        .count()
        .get_result::<i64>(conn)?;
    Ok(waiting > 0)
}

/// Confirms an account; false when it was confirmed before.
pub fn confirm(tx: &mut Write<'_>, id: UserId, by: UserId, at: Timestamp) -> Result<bool, Error> {
    let count = diesel::update(users::table.find(id).filter(users::confirmed_at.is_null()))
        .set((users::confirmed_by.eq(by), users::confirmed_at.eq(at.millis())))
        .execute(&mut **tx)?;
    Ok(count == 1)
}
