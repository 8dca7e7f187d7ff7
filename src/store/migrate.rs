//! Migrations: the same names in the same order for both databases, compiled into the binary.

use diesel::connection::SimpleConnection as _;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{Conn, on_each};
use super::error::Error;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

const fn of(conn: &Conn) -> EmbeddedMigrations {
    match conn {
        Conn::Sqlite(_) => SQLITE,
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => POSTGRES,
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Version(format!("the database could not be brought to this version: {error}"))
}

/// Brings the database to this program's version; returns how many steps that took.
pub fn migrate(conn: &mut Conn) -> Result<usize, Error> {
    let migrations = of(conn);
    unbound(
        conn,
        |conn| on_each!(conn, inner => inner.run_pending_migrations(migrations).map(|done| done.len()).map_err(failed)),
    )
}

/// Does something while SQLite holds no row by its foreign keys: a table that others refer to can be made anew only
/// so, and within a step, which is a transaction, they cannot be let go. A step that does it checks them itself.
fn unbound<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
    set_foreign_keys(conn, "OFF")?;
    let done = f(conn);
    // Whatever became of it, nobody gets this connection without them.
    set_foreign_keys(conn, "ON").and(done)
}

fn set_foreign_keys(conn: &mut Conn, to: &str) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(inner) => Ok(inner.batch_execute(&format!("PRAGMA foreign_keys = {to}"))?),
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => Ok(()),
    }
}

/// How many steps the database is behind this program.
pub fn pending(conn: &mut Conn) -> Result<usize, Error> {
    let migrations = of(conn);
    on_each!(conn, inner => inner.pending_migrations(migrations).map(|steps| steps.len()).map_err(failed))
}

/// Takes every step back. Everything is lost: for the test that the way down works.
pub fn revert_all(conn: &mut Conn) -> Result<usize, Error> {
    let migrations = of(conn);
    unbound(
        conn,
        |conn| on_each!(conn, inner => inner.revert_all_migrations(migrations).map(|done| done.len()).map_err(failed)),
    )
}
