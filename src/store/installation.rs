//! Facts about the installation as a whole, by name.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::installation;

/// The fact of this name.
pub fn get(conn: &mut Conn, name: &str) -> Result<Option<String>, Error> {
    Ok(installation::table.find(name).select(installation::value).first(conn).optional()?)
}

/// The facts of these two names, as they stood in one moment.
pub(super) fn get_two(conn: &mut Conn, names: [&str; 2]) -> Result<[Option<String>; 2], Error> {
    let rows: Vec<(String, String)> = installation::table
        .filter(installation::name.eq(names[0]).or(installation::name.eq(names[1])))
        .select((installation::name, installation::value))
        .load(conn)?;
    let mut found = [None, None];
    for (name, value) in rows {
        found[usize::from(name != names[0])] = Some(value);
    }
    Ok(found)
}

/// Sets the fact of this name.
pub fn set(tx: &mut Write<'_>, name: &str, value: &str) -> Result<(), Error> {
    on_each!(&mut **tx, inner => diesel::insert_into(installation::table)
        .values((installation::name.eq(name), installation::value.eq(value)))
        .on_conflict(installation::name)
        .do_update()
        .set(installation::value.eq(value))
        .execute(inner))?;
    Ok(())
}
