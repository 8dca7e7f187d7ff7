//! Migrations: the same names in the same order for both databases, compiled into the binary.

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
    on_each!(conn, inner => inner.run_pending_migrations(migrations).map(|done| done.len()).map_err(failed))
}

/// How many steps the database is behind this program.
pub fn pending(conn: &mut Conn) -> Result<usize, Error> {
    let migrations = of(conn);
    on_each!(conn, inner => inner.pending_migrations(migrations).map(|steps| steps.len()).map_err(failed))
}

/// Takes every step back. Everything is lost: for the test that the way down works.
pub fn revert_all(conn: &mut Conn) -> Result<usize, Error> {
    let migrations = of(conn);
    on_each!(conn, inner => inner.revert_all_migrations(migrations).map(|done| done.len()).map_err(failed))
}
