//! Signing keys of the installation. Private halves are sealed.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::keys;
use super::types::{fixed, maybe_time, time};
use crate::domain::id::RoundId;
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// A key as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub kid: [u8; 4],
    /// What it signs: `issuer`, `log` …
    pub purpose: String,
    /// The round whose vouchers it signs, for an issuer key.
    pub round: Option<RoundId>,
    /// The public half.
    pub public_key: [u8; 32],
    /// The private half, sealed.
    pub private_key: Sealed,
    /// When it stopped signing, if it did.
    pub retired_at: Option<Timestamp>,
    /// Since when it may have been in other hands: nothing that it signed is good any more.
    pub compromised_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

type Row = (Vec<u8>, String, Option<RoundId>, Vec<u8>, Vec<u8>, i64, Option<i64>, Option<i64>);

fn check(row: Row) -> Result<Key, Error> {
    let (kid, purpose, round, public_key, private_key, created_at, retired_at, compromised_since) = row;
    Ok(Key {
        kid: fixed(kid, "a key id")?,
        purpose,
        round,
        public_key: fixed(public_key, "a public key")?,
        private_key: Sealed::from_ciphertext(private_key),
        retired_at: maybe_time(retired_at)?,
        compromised_since: maybe_time(compromised_since)?,
        created_at: time(created_at)?,
    })
}

/// Adds a key.
pub fn insert(tx: &mut Write<'_>, key: &Key) -> Result<(), Error> {
    diesel::insert_into(keys::table)
        .values((
            keys::kid.eq(key.kid.to_vec()),
            keys::purpose.eq(&key.purpose),
            keys::round_id.eq(key.round),
            keys::public_key.eq(key.public_key.to_vec()),
            keys::key_sealed.eq(key.private_key.ciphertext().to_vec()),
            keys::created_at.eq(key.created_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The key that signs a round's vouchers now.
pub fn issuer_of(conn: &mut Conn, round: RoundId) -> Result<Option<Key>, Error> {
    keys::table
        .filter(keys::purpose.eq("issuer"))
        .filter(keys::round_id.eq(round))
        .filter(keys::retired_at.is_null())
        .first::<Row>(conn)
        .optional()?
        .map(check)
        .transpose()
}

/// Every key, oldest first; retired ones too, since what they signed stays good.
pub fn all(conn: &mut Conn) -> Result<Vec<Key>, Error> {
    keys::table.order((keys::created_at, keys::kid)).load::<Row>(conn)?.into_iter().map(check).collect()
}

/// The key of this id.
pub fn find(conn: &mut Conn, kid: [u8; 4]) -> Result<Option<Key>, Error> {
    keys::table.find(kid.to_vec()).first::<Row>(conn).optional()?.map(check).transpose()
}

/// The ids of all keys that were declared to be in other hands.
pub fn compromised(conn: &mut Conn) -> Result<Vec<[u8; 4]>, Error> {
    let kids: Vec<Vec<u8>> = keys::table.filter(keys::compromised_since.is_not_null()).select(keys::kid).load(conn)?;
    kids.into_iter().map(|kid| fixed(kid, "a key id")).collect()
}

/// Whether this key was declared to be in other hands.
pub fn is_compromised(conn: &mut Conn, kid: [u8; 4]) -> Result<bool, Error> {
    let known = keys::table.find(kid.to_vec()).filter(keys::compromised_since.is_not_null());
    Ok(known.count().get_result::<i64>(conn)? > 0)
}

/// Lets a key sign no more, and when it may be in other hands, nothing that it signed be good; false when it
/// signed no more already and nothing new is known of it.
pub fn retire(
    tx: &mut Write<'_>,
    kid: [u8; 4],
    compromised_since: Option<Timestamp>,
    at: Timestamp,
) -> Result<bool, Error> {
    let retired = diesel::update(keys::table.find(kid.to_vec()).filter(keys::retired_at.is_null()))
        .set(keys::retired_at.eq(at.millis()))
        .execute(&mut **tx)?;
    let compromised = match compromised_since {
        None => 0,
        Some(since) => diesel::update(keys::table.find(kid.to_vec()).filter(keys::compromised_since.is_null()))
            .set(keys::compromised_since.eq(since.millis()))
            .execute(&mut **tx)?,
    };
    Ok(retired + compromised > 0)
}

/// The key that signs grants and replies: the newest of them.
pub fn server(conn: &mut Conn) -> Result<Option<Key>, Error> {
    keys::table
        .filter(keys::purpose.eq("server"))
        .filter(keys::retired_at.is_null())
        .order((keys::created_at.desc(), keys::kid))
        .first::<Row>(conn)
        .optional()?
        .map(check)
        .transpose()
}
