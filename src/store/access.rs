//! Sign-ins and access tokens. Only digests of their secrets are kept.

use std::collections::HashMap;

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{devices, sign_ins, tokens, users};
use super::types::{fixed, time};
use super::users::User;
use crate::domain::id::{AgencyId, DeviceId, Identifier, PointId, SignInId, TokenId, UserId};
use crate::domain::time::Timestamp;

/// Who a live sign-in stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Its id, by which it is listed and ended.
    pub id: Option<SignInId>,
    /// The person.
    pub user: UserId,
    /// The desk they took, if any.
    pub device: Option<DeviceId>,
    /// What every form of theirs must carry.
    pub csrf: String,
    /// Where it was begun.
    pub address: String,
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
            sign_ins::id.eq(sign_in.id),
            sign_ins::address.eq(&sign_in.address),
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
        .select((sign_ins::id, sign_ins::user_id, sign_ins::device_id, sign_ins::csrf, sign_ins::address))
        .first::<(Option<SignInId>, UserId, Option<DeviceId>, String, String)>(conn)
        .optional()?;
    Ok(row.map(|(id, user, device, csrf, address)| SignIn { id, user, device, csrf, address }))
}

/// Ends a sign-in.
pub fn end_sign_in(tx: &mut Write<'_>, secret_hash: [u8; 32], at: Timestamp) -> Result<(), Error> {
    diesel::update(sign_ins::table.find(secret_hash.to_vec()))
        .set(sign_ins::ended_at.eq(at.millis()))
        .execute(&mut **tx)?;
    Ok(())
}

/// A live sign-in as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSignIn {
    /// Its id.
    pub id: SignInId,
    /// Whose.
    pub user: UserId,
    /// The desk they took, if any.
    pub device: Option<DeviceId>,
    /// Where it was begun.
    pub address: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// The live sign-ins of a person, the newest first.
pub fn sign_ins_of(conn: &mut Conn, user: UserId, now: Timestamp, limit: i64) -> Result<Vec<LiveSignIn>, Error> {
    sign_ins::table
        .filter(sign_ins::user_id.eq(user))
        .filter(sign_ins::id.is_not_null())
        .filter(sign_ins::ended_at.is_null())
        .filter(sign_ins::expires_at.gt(now.millis()))
        .order(sign_ins::created_at.desc())
        .limit(limit)
        .select((
            sign_ins::id.assume_not_null(),
            sign_ins::device_id,
            sign_ins::address,
            sign_ins::created_at,
            sign_ins::expires_at,
        ))
        .load::<(SignInId, Option<DeviceId>, String, i64, i64)>(conn)?
        .into_iter()
        .map(|(id, device, address, created_at, expires_at)| {
            Ok(LiveSignIn { id, user, device, address, created_at: time(created_at)?, expires_at: time(expires_at)? })
        })
        .collect()
}

/// Whose sign-in this is.
pub fn sign_in_owner(conn: &mut Conn, id: SignInId) -> Result<Option<UserId>, Error> {
    Ok(sign_ins::table.filter(sign_ins::id.eq(id)).select(sign_ins::user_id).first(conn).optional()?)
}

/// Ends one sign-in by its id; false when it has ended already.
pub fn end_sign_in_by_id(tx: &mut Write<'_>, id: SignInId, at: Timestamp) -> Result<bool, Error> {
    let count = diesel::update(sign_ins::table.filter(sign_ins::id.eq(id)).filter(sign_ins::ended_at.is_null()))
        .set(sign_ins::ended_at.eq(at.millis()))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Ends every sign-in of a person but the one to be kept; returns how many.
pub fn end_sign_ins_of(tx: &mut Write<'_>, user: UserId, but: Option<SignInId>, at: Timestamp) -> Result<usize, Error> {
    let live = sign_ins::table.filter(sign_ins::user_id.eq(user)).filter(sign_ins::ended_at.is_null());
    let ended = sign_ins::ended_at.eq(at.millis());
    Ok(match but {
        Some(kept) => diesel::update(live.filter(sign_ins::id.is_null().or(sign_ins::id.ne(kept))))
            .set(ended)
            .execute(&mut **tx)?,
        None => diesel::update(live).set(ended).execute(&mut **tx)?,
    })
}

/// Ends every token of a person; returns how many.
pub fn revoke_tokens_of(tx: &mut Write<'_>, user: UserId, at: Timestamp) -> Result<usize, Error> {
    Ok(diesel::update(tokens::table.filter(tokens::user_id.eq(user)).filter(tokens::revoked_at.is_null()))
        .set(tokens::revoked_at.eq(at.millis()))
        .execute(&mut **tx)?)
}

/// The live tokens of an agency's people, in the order of their ids.
pub fn tokens_of_agency(
    conn: &mut Conn,
    agency: AgencyId,
    after: Option<TokenId>,
    limit: i64,
) -> Result<Vec<(Token, Timestamp)>, Error> {
    tokens::table
        .inner_join(users::table.on(users::id.eq(tokens::user_id)))
        .filter(users::agency_id.eq(agency))
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::id.gt(after.unwrap_or(TokenId::from_bytes([0; 16]))))
        .order(tokens::id)
        .limit(limit)
        .select((tokens::id, tokens::user_id, tokens::device_id, tokens::name, tokens::created_at))
        .load::<(TokenId, UserId, Option<DeviceId>, String, i64)>(conn)?
        .into_iter()
        .map(|(id, user, device, name, at)| Ok((Token { id, user, device, name }, time(at)?)))
        .collect()
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

/// A device as a caller stands at it: where it is, and when it was revoked, if it was.
pub type StoodAt = (DeviceId, PointId, Option<i64>);

/// The person whom a token stands for, and the device, if for one.
pub type Bearer = (User, Option<StoodAt>);

macro_rules! bearers {
    () => {
        tokens::table
            .inner_join(users::table.on(users::id.eq(tokens::user_id)))
            .left_join(devices::table.on(devices::id.nullable().eq(tokens::device_id)))
            .filter(tokens::revoked_at.is_null())
            .select((
                tokens::secret_hash,
                super::users::COLUMNS,
                (devices::id, devices::point_id, devices::revoked_at).nullable(),
            ))
    };
}

/// Whom the tokens with these secrets stand for, those of them that still work.
pub fn bearers(conn: &mut Conn, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], Bearer>, Error> {
    type Row = (Vec<u8>, super::users::Row, Option<StoodAt>);
    let mut rows: Vec<Row> = Vec::with_capacity(hashes.len());
    match conn {
        Conn::Sqlite(inner) => {
            for hash in hashes {
                let of_it = bearers!().filter(tokens::secret_hash.eq(hash.as_slice()));
                rows.extend(of_it.first::<Row>(inner).optional()?);
            }
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            let hashes: Vec<&[u8]> = hashes.iter().map(<[u8; 32]>::as_slice).collect();
            rows = bearers!().filter(tokens::secret_hash.eq_any(hashes)).load(inner)?;
        }
    }
    rows.into_iter()
        .map(|(hash, user, device)| Ok((fixed(hash, "a digest")?, (super::users::check(user)?, device))))
        .collect()
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
