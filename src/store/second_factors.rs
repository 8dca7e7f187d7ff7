//! The second factors of people, and their recovery codes. Secrets are sealed, codes are digests.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{recovery_codes, second_factors};
use super::types::maybe_time;
use crate::domain::id::UserId;
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// A person's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The shared secret, sealed.
    pub secret: Sealed,
    /// Since when it counts; before, it is only being set up.
    pub confirmed_at: Option<Timestamp>,
}

/// The second factor of a person.
pub fn find(conn: &mut Conn, user: UserId) -> Result<Option<SecondFactor>, Error> {
    second_factors::table
        .find(user)
        .select((second_factors::secret_sealed, second_factors::confirmed_at))
        .first::<(Vec<u8>, Option<i64>)>(conn)
        .optional()?
        .map(|(secret, confirmed_at)| {
            Ok(SecondFactor { secret: Sealed::from_ciphertext(secret), confirmed_at: maybe_time(confirmed_at)? })
        })
        .transpose()
}

/// Whether a person has a second factor that counts.
pub fn is_confirmed(conn: &mut Conn, user: UserId) -> Result<bool, Error> {
    Ok(find(conn, user)?.is_some_and(|factor| factor.confirmed_at.is_some()))
}

/// Of these people, those who have one that counts.
pub fn confirmed_of(conn: &mut Conn, users: &[UserId]) -> Result<Vec<UserId>, Error> {
    Ok(second_factors::table
        .filter(second_factors::user_id.eq_any(users))
        .filter(second_factors::confirmed_at.is_not_null())
        .select(second_factors::user_id)
        .load(conn)?)
}

/// Begins anew: what was there before is gone, and what is there now counts only once confirmed.
pub fn begin(tx: &mut Write<'_>, user: UserId, secret: &Sealed, at: Timestamp) -> Result<(), Error> {
    remove(tx, user)?;
    diesel::insert_into(second_factors::table)
        .values((
            second_factors::user_id.eq(user),
            second_factors::secret_sealed.eq(secret.ciphertext().to_vec()),
            second_factors::created_at.eq(at.millis()),
            second_factors::step.eq(0),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Makes it count, with these recovery codes; false when it counts already or there is none.
pub fn confirm(tx: &mut Write<'_>, user: UserId, codes: &[[u8; 32]], at: Timestamp) -> Result<bool, Error> {
    let waiting = second_factors::table.find(user).filter(second_factors::confirmed_at.is_null());
    let count = diesel::update(waiting).set(second_factors::confirmed_at.eq(at.millis())).execute(&mut **tx)?;
    for code in codes {
        diesel::insert_into(recovery_codes::table)
            .values((recovery_codes::user_id.eq(user), recovery_codes::code_hash.eq(code.to_vec())))
            .execute(&mut **tx)?;
    }
    Ok(count == 1)
}

/// Takes the code of a step; false when one of this step or a later one was taken before.
pub fn take_step(tx: &mut Write<'_>, user: UserId, step: i64) -> Result<bool, Error> {
    let count = diesel::update(second_factors::table.find(user).filter(second_factors::step.lt(step)))
        .set(second_factors::step.eq(step))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Takes a recovery code; false when there is none such that is unused.
pub fn take_recovery_code(tx: &mut Write<'_>, user: UserId, code: [u8; 32], at: Timestamp) -> Result<bool, Error> {
    let unused = recovery_codes::table.find((user, code.to_vec())).filter(recovery_codes::used_at.is_null());
    let count = diesel::update(unused).set(recovery_codes::used_at.eq(at.millis())).execute(&mut **tx)?;
    Ok(count == 1)
}

/// How many recovery codes are left.
pub fn codes_left(conn: &mut Conn, user: UserId) -> Result<i64, Error> {
    Ok(recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(conn)?)
}

/// Takes the second factor of a person away; false when there was none.
pub fn remove(tx: &mut Write<'_>, user: UserId) -> Result<bool, Error> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(&mut **tx)?;
    Ok(diesel::delete(second_factors::table.find(user)).execute(&mut **tx)? == 1)
}
