//! A copy of the database as of one moment, while it is in use; and whether a copy is whole.

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryDsl, RunQueryDsl};

use super::conn::{self, Conn, Location, on_each};
use super::error::{Error, corrupt};

#[derive(diesel::QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

#[derive(diesel::QueryableByName)]
struct Folded {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

/// Writes a copy of an SQLite database into a new file: what was committed when it began, in one piece.
pub fn copy_into(location: &Location, file: &str) -> Result<(), Error> {
    let Conn::Sqlite(mut inner) = conn::open(location)? else {
        return Err(Error::Location("only an SQLite database is copied this way".into()));
    };
    diesel::sql_query("VACUUM INTO $1").bind::<Text, _>(file).execute(&mut inner)?;
    Ok(())
}

/// Whether an SQLite file is whole: every page, every index, every reference between two tables.
pub fn check(file: &str) -> Result<(), Error> {
    let Conn::Sqlite(mut inner) = conn::open(&Location::Sqlite(file.to_owned()))? else {
        return Err(Error::Location("only an SQLite database is checked this way".into()));
    };
    let whole: Said = diesel::sql_query("SELECT integrity_check AS said FROM pragma_integrity_check LIMIT 1")
        .get_result(&mut inner)?;
    if whole.said != "ok" {
        return Err(corrupt(whole.said));
    }
    let broken: Counted =
        diesel::sql_query("SELECT count(*) AS counted FROM pragma_foreign_key_check").get_result(&mut inner)?;
    if broken.counted == 0 { Ok(()) } else { Err(corrupt(format!("{} references lead nowhere", broken.counted))) }
}

/// Moves all that stands in the write-ahead log of an SQLite file into the file. Closing the last connection does that
/// too, but a pool may close its own a moment after it is gone.
pub fn fold(file: &str) -> Result<(), Error> {
    let Conn::Sqlite(mut inner) = conn::open(&Location::Sqlite(file.to_owned()))? else {
        return Err(Error::Location("only an SQLite database is folded this way".into()));
    };
    let done: Folded = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut inner)?;
    if done.busy == 0 { Ok(()) } else { Err(corrupt(format!("{file} is still in use"))) }
}

/// Whether the role of this address may make databases on its server.
pub fn may_create_databases(server: &Location) -> Result<bool, Error> {
    let mut conn = conn::open(server)?;
    let sql = "SELECT count(*) AS counted FROM pg_roles WHERE rolname = current_user AND (rolcreatedb OR rolsuper)";
    match &mut conn {
        Conn::Sqlite(_) => Ok(false),
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => Ok(diesel::sql_query(sql).get_result::<Counted>(inner)?.counted > 0),
    }
}

/// Makes an empty database on a server. The name is the program's own and goes into the statement as it is.
pub fn create_database(server: &Location, name: &str) -> Result<(), Error> {
    let mut conn = conn::open(server)?;
    on_each!(&mut conn, inner => diesel::sql_query(format!("CREATE DATABASE {name} TEMPLATE template0")).execute(inner))?;
    Ok(())
}

/// Removes such a database, with whoever is still connected to it.
pub fn drop_database(server: &Location, name: &str) -> Result<(), Error> {
    let mut conn = conn::open(server)?;
    on_each!(&mut conn, inner => diesel::sql_query(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).execute(inner))?;
    Ok(())
}

/// How many rows of what matters most there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Households.
    pub households: i64,
    /// Entitlements.
    pub entitlements: i64,
    /// Redemptions.
    pub redemptions: i64,
}

/// Counts what matters most.
pub fn counts(conn: &mut Conn) -> Result<Counts, Error> {
    use super::schema::{entitlements, households, redemptions};
    Ok(Counts {
        households: households::table.count().get_result(conn)?,
        entitlements: entitlements::table.count().get_result(conn)?,
        redemptions: redemptions::table.count().get_result(conn)?,
    })
}

/// How many tables there are.
pub fn tables(conn: &mut Conn) -> Result<i64, Error> {
    let sql = match conn {
        Conn::Sqlite(_) => "SELECT count(*) AS counted FROM sqlite_schema WHERE type = 'table'",
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => {
            "SELECT count(*) AS counted FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    let found: Counted = on_each!(conn, inner => diesel::sql_query(sql).get_result(inner))?;
    Ok(found.counted)
}
