//! Sign-ins and access tokens. Only digests of their secrets are kept.

use std::collections::HashMap;

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{agencies, devices, sign_ins, tokens, users};
use super::types::{fixed, maybe_time, time};
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

/// So long after a use it is written down at the latest: nobody is idle for that.
const WRITTEN_MILLIS: i64 = 2 * 60_000;

/// Whether a sign-in that was seen then, or began then and was never seen, still lives under its agency's rule.
fn is_fresh(seen_at: Option<i64>, created_at: i64, idle_minutes: i32, now: Timestamp) -> bool {
    let idle = i64::from(idle_minutes).saturating_mul(60_000).saturating_add(WRITTEN_MILLIS);
    now.millis().saturating_sub(seen_at.unwrap_or(created_at)) < idle
}

/// The sign-in with this secret, if it still lives.
pub fn find_sign_in(conn: &mut Conn, secret_hash: [u8; 32], now: Timestamp) -> Result<Option<SignIn>, Error> {
    type Found = (Option<SignInId>, UserId, Option<DeviceId>, String, String, Option<i64>, i64, i32);
    let row = sign_ins::table
        .inner_join(users::table.on(users::id.eq(sign_ins::user_id)))
        .inner_join(agencies::table.on(agencies::id.eq(users::agency_id)))
        .filter(sign_ins::secret_hash.eq(secret_hash.to_vec()))
        .filter(sign_ins::ended_at.is_null())
        .filter(sign_ins::expires_at.gt(now.millis()))
        .select((
            sign_ins::id,
            sign_ins::user_id,
            sign_ins::device_id,
            sign_ins::csrf,
            sign_ins::address,
            sign_ins::seen_at,
            sign_ins::created_at,
            agencies::idle_minutes,
        ))
        .first::<Found>(conn)
        .optional()?;
    Ok(row
        .filter(|(_, _, _, _, _, seen, created, idle)| is_fresh(*seen, *created, *idle, now))
        .map(|(id, user, device, csrf, address, ..)| SignIn { id, user, device, csrf, address }))
}

/// Writes down that a sign-in was used.
pub fn sign_in_seen(tx: &mut Write<'_>, secret_hash: &[u8; 32], at_millis: i64) -> Result<(), Error> {
    diesel::update(sign_ins::table.find(secret_hash.as_slice()))
        .set(sign_ins::seen_at.eq(at_millis))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes down that a token was used.
pub fn token_used(tx: &mut Write<'_>, secret_hash: &[u8; 32], at_millis: i64) -> Result<(), Error> {
    diesel::update(tokens::table.filter(tokens::secret_hash.eq(secret_hash.as_slice())))
        .set(tokens::used_at.eq(at_millis))
        .execute(&mut **tx)?;
    Ok(())
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
    /// When it was used last, as far as that is written down.
    pub seen_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// The live sign-ins of a person, the newest first.
pub fn sign_ins_of(conn: &mut Conn, user: UserId, now: Timestamp, limit: i64) -> Result<Vec<LiveSignIn>, Error> {
    type Found = (SignInId, Option<DeviceId>, String, i64, Option<i64>, i64, i32);
    sign_ins::table
        .inner_join(users::table.on(users::id.eq(sign_ins::user_id)))
        .inner_join(agencies::table.on(agencies::id.eq(users::agency_id)))
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
            sign_ins::seen_at,
            sign_ins::expires_at,
            agencies::idle_minutes,
        ))
        .load::<Found>(conn)?
        .into_iter()
        .filter(|(_, _, _, created_at, seen_at, _, idle)| is_fresh(*seen_at, *created_at, *idle, now))
        .map(|(id, device, address, created_at, seen_at, expires_at, _)| {
            let (created_at, seen_at, expires_at) = (time(created_at)?, maybe_time(seen_at)?, time(expires_at)?);
            Ok(LiveSignIn { id, user, device, address, created_at, seen_at, expires_at })
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
    now: Timestamp,
    after: Option<TokenId>,
    limit: i64,
) -> Result<Vec<LiveToken>, Error> {
    type Found = (TokenId, UserId, Option<DeviceId>, String, i64, Option<i64>, Option<i64>);
    tokens::table
        .inner_join(users::table.on(users::id.eq(tokens::user_id)))
        .filter(users::agency_id.eq(agency))
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::expires_at.is_null().or(tokens::expires_at.gt(now.millis())))
        .filter(tokens::id.gt(after.unwrap_or(TokenId::from_bytes([0; 16]))))
        .order(tokens::id)
        .limit(limit)
        .select((
            tokens::id,
            tokens::user_id,
            tokens::device_id,
            tokens::name,
            tokens::created_at,
            tokens::expires_at,
            tokens::used_at,
        ))
        .load::<Found>(conn)?
        .into_iter()
        .map(|(id, user, device, name, created_at, expires_at, used_at)| {
            let (expires_at, used_at) = (maybe_time(expires_at)?, maybe_time(used_at)?);
            Ok(LiveToken { id, user, device, name, created_at: time(created_at)?, expires_at, used_at })
        })
        .collect()
}

/// A live token as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveToken {
    /// Its id.
    pub id: TokenId,
    /// Whom it stands for.
    pub user: UserId,
    /// The device it stands for as well, if any.
    pub device: Option<DeviceId>,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, as far as that is written down.
    pub used_at: Option<Timestamp>,
}

/// An access token as it is made.
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
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
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
            tokens::expires_at.eq(token.expires_at.map(Timestamp::millis)),
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
    ($now:expr) => {
        tokens::table
            .inner_join(users::table.on(users::id.eq(tokens::user_id)))
            .left_join(devices::table.on(devices::id.nullable().eq(tokens::device_id)))
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::expires_at.is_null().or(tokens::expires_at.gt($now.millis())))
            .select((
                tokens::secret_hash,
                super::users::COLUMNS,
                (devices::id, devices::point_id, devices::revoked_at).nullable(),
            ))
    };
}

/// Whom the tokens with these secrets stand for, those of them that still work.
pub fn bearers(conn: &mut Conn, hashes: &[[u8; 32]], now: Timestamp) -> Result<HashMap<[u8; 32], Bearer>, Error> {
    type Row = (Vec<u8>, super::users::Row, Option<StoodAt>);
    let mut rows: Vec<Row> = Vec::with_capacity(hashes.len());
    match conn {
        Conn::Sqlite(inner) => {
            for hash in hashes {
                let of_it = bearers!(now).filter(tokens::secret_hash.eq(hash.as_slice()));
                rows.extend(of_it.first::<Row>(inner).optional()?);
            }
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            let hashes: Vec<&[u8]> = hashes.iter().map(<[u8; 32]>::as_slice).collect();
            rows = bearers!(now).filter(tokens::secret_hash.eq_any(hashes)).load(inner)?;
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
