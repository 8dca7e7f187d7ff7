//! Views of lists that people keep for themselves.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::saved_filters;
use crate::domain::id::{SavedFilterId, UserId};
use crate::domain::time::Timestamp;

/// A view that was kept: id, name, address.
pub type Kept = (SavedFilterId, String, String);

/// What a person keeps of a list, by name.
pub fn of_user(conn: &mut Conn, user: UserId, page: &str) -> Result<Vec<Kept>, Error> {
    Ok(saved_filters::table
        .filter(saved_filters::user_id.eq(user))
        .filter(saved_filters::page.eq(page))
        .order(saved_filters::name)
        .select((saved_filters::id, saved_filters::name, saved_filters::query))
        .load(conn)?)
}

/// Keeps a view.
pub fn insert(tx: &mut Write<'_>, user: UserId, page: &str, kept: &Kept, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(saved_filters::table)
        .values((
            saved_filters::id.eq(kept.0),
            saved_filters::user_id.eq(user),
            saved_filters::page.eq(page),
            saved_filters::name.eq(&kept.1),
            saved_filters::query.eq(&kept.2),
            saved_filters::created_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets a view of this person; whether there was one.
pub fn remove(tx: &mut Write<'_>, user: UserId, id: SavedFilterId) -> Result<bool, Error> {
    let of_them = saved_filters::table.find(id).filter(saved_filters::user_id.eq(user));
    Ok(diesel::delete(of_them).execute(&mut **tx)? == 1)
}
