//! Sign-ins and access tokens. Only digests of their secrets are kept.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{sign_ins, tokens};
use crate::domain::id::{DeviceId, TokenId, UserId};
use crate::domain::time::Timestamp;

/// Who a live sign-in stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The person.
    pub user: UserId,
    /// The desk they took, if any.
    pub device: Option<DeviceId>,
    /// What every form of theirs must carry.
    pub csrf: String,
}

/// Keeps a new sign-in.
pub fn insert_sign_in(
    tx: &mut Write<'_>,
    secret_hash: [u8; 32],
    sign_in: &SignIn,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    diesel::insert_into(sign_ins::table)
        .values((
            sign_ins::secret_hash.eq(secret_hash.to_vec()),
            sign_ins::user_id.eq(sign_in.user),
            sign_ins::device_id.eq(sign_in.device),
            sign_ins::csrf.eq(&sign_in.csrf),
            sign_ins::created_at.eq(at.millis()),
            sign_ins::expires_at.eq(expires_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The sign-in with this secret, if it still lives.
pub fn find_sign_in(conn: &mut Conn, secret_hash: [u8; 32], now: Timestamp) -> Result<Option<SignIn>, Error> {
    let row = sign_ins::table
        .find(secret_hash.to_vec())
        .filter(sign_ins::ended_at.is_null())
        .filter(sign_ins::expires_at.gt(now.millis()))
        .select((sign_ins::user_id, sign_ins::device_id, sign_ins::csrf))
        .first::<(UserId, Option<DeviceId>, String)>(conn)
        .optional()?;
    Ok(row.map(|(user, device, csrf)| SignIn { user, device, csrf }))
}

/// Ends a sign-in.
pub fn end_sign_in(tx: &mut Write<'_>, secret_hash: [u8; 32], at: Timestamp) -> Result<(), Error> {
    diesel::update(sign_ins::table.find(secret_hash.to_vec()))
        .set(sign_ins::ended_at.eq(at.millis()))
        .execute(&mut **tx)?;
    Ok(())
}

/// An access token as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whom it stands for.
    pub user: UserId,
    /// The device it stands for as well, if any.
    pub device: Option<DeviceId>,
    /// What it is for.
    pub name: String,
}

/// Keeps a new token.
pub fn insert_token(tx: &mut Write<'_>, secret_hash: [u8; 32], token: &Token, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(tokens::table)
        .values((
            tokens::id.eq(token.id),
            tokens::secret_hash.eq(secret_hash.to_vec()),
            tokens::user_id.eq(token.user),
            tokens::device_id.eq(token.device),
            tokens::name.eq(&token.name),
            tokens::created_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Whom the token with this secret stands for, if it still works.
pub fn find_token(conn: &mut Conn, secret_hash: [u8; 32]) -> Result<Option<(UserId, Option<DeviceId>)>, Error> {
    Ok(tokens::table
        .filter(tokens::secret_hash.eq(secret_hash.to_vec()))
        .filter(tokens::revoked_at.is_null())
        .select((tokens::user_id, tokens::device_id))
        .first(conn)
        .optional()?)
}

/// Ends a token; false when there is no such live token of that person.
pub fn revoke_token(tx: &mut Write<'_>, id: TokenId, at: Timestamp) -> Result<bool, Error> {
    let count = diesel::update(tokens::table.find(id).filter(tokens::revoked_at.is_null()))
        .set(tokens::revoked_at.eq(at.millis()))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Whom a token stands for, live or not.
pub fn owner_of(conn: &mut Conn, id: TokenId) -> Result<Option<UserId>, Error> {
    Ok(tokens::table.find(id).select(tokens::user_id).first(conn).optional()?)
}
