//! One connection, to SQLite or to PostgreSQL, chosen by the scheme of the location.

use std::fmt;
use std::str::FromStr;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::error::Error;

/// A connection to either database. The same statements run on both.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// Embedded, the default.
    Sqlite(SqliteConnection),
    /// When several servers serve one district or a province.
    #[cfg(feature = "postgres")]
    Postgres(PgConnection),
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.engine())
    }
}

impl Conn {
    /// The engine's name.
    #[must_use]
    pub const fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "postgres",
        }
    }
}

/// Runs one body on whichever engine it is, for the few statements that the derive cannot express.
macro_rules! on_each {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($inner) => $body,
            #[cfg(feature = "postgres")]
            $crate::store::Conn::Postgres($inner) => $body,
        }
    };
}
pub(super) use on_each;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file.
    Sqlite(String),
    /// A URL that libpq understands.
    Postgres(String),
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            if path.is_empty() || path.contains(":memory:") {
                return Err(Error::Location("sqlite:// needs a file, such as sqlite://salur.db".into()));
            }
            return Ok(Self::Sqlite(path.to_owned()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(Error::Location(
            "the database location must begin with sqlite:// or postgres:// (SALUR_DATABASE_URL)".into(),
        ))
    }
}

/// Without the password, fit for a log or a screen.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{path}"),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                let plain = rest.split_once('?').map_or(rest, |(before, _)| before);
                let host = plain.rsplit_once('@').map_or(plain, |(_, host)| host);
                write!(f, "{scheme}://{host}")
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The oldest SQLite that keeps what it confirmed: earlier ones can lose a reset write-ahead log.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

#[derive(QueryableByName)]
struct SqliteVersion {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// Opens a connection and sets what must hold on each one.
pub(super) fn open(location: &Location) -> Result<Conn, Error> {
    let unreachable =
        |why: String| Error::Unreachable { location: location.to_string(), why: why.trim().replace('\n', " ") };
    match location {
        Location::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(path).map_err(|error| unreachable(error.to_string()))?;
            // The time to wait for a lock comes first, since setting the journal mode may need one. The write-ahead log
            // is brought in by a server's own hand every second; where nobody does, it may grow to some 40 MB. Who writes
            // much at once, as an issue does, finds the pages of the indexes again in 8 MiB and not in the usual 2.
            conn.batch_execute(
                "PRAGMA busy_timeout = 10000;
                 PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA wal_autocheckpoint = 10000;
                 PRAGMA cache_size = -8192;
                 PRAGMA foreign_keys = ON;",
            )
            .map_err(|error| unreachable(error.to_string()))?;
            let found: SqliteVersion = diesel::sql_query("SELECT sqlite_version() AS version").get_result(&mut conn)?;
            check_sqlite_version(&found.version)?;
            Ok(Conn::Sqlite(conn))
        }
        #[cfg(feature = "postgres")]
        Location::Postgres(url) => {
            let mut conn = PgConnection::establish(url).map_err(|error| unreachable(error.to_string()))?;
            // What an administrator may have set lower for other programs must not weaken a receipt.
            conn.batch_execute(
                "DO $$ BEGIN IF current_setting('synchronous_commit') = 'off' THEN SET synchronous_commit = on; END IF; END $$;
                 SET default_transaction_isolation = 'read committed';
                 -- A small table that is read whole where `by_key` forbids it looks dear, and compiling its plan is.
                 SET jit = off;",
            )
            .map_err(|error| unreachable(error.to_string()))?;
            Ok(Conn::Postgres(conn))
        }
        #[cfg(not(feature = "postgres"))]
        Location::Postgres(_) => Err(Error::Location("this build knows SQLite alone".into())),
    }
}

/// The engine behind a connection, and its version.
pub fn engine(conn: &mut Conn) -> Result<String, Error> {
    match conn {
        Conn::Sqlite(inner) => {
            let found: SqliteVersion = diesel::sql_query("SELECT sqlite_version() AS version").get_result(inner)?;
            Ok(format!("SQLite {}", found.version))
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            let found: SqliteVersion =
                diesel::sql_query("SELECT current_setting('server_version') AS version").get_result(inner)?;
            Ok(format!("PostgreSQL {}", found.version))
        }
    }
}

fn check_sqlite_version(found: &str) -> Result<(), Error> {
    let mut parts = found.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let version = (next(), next(), next());
    if version < OLDEST_SQLITE {
        let (major, minor, patch) = OLDEST_SQLITE;
        return Err(Error::Version(format!(
            "SQLite {found} can lose data after a crash; {major}.{minor}.{patch} or newer is needed"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_told_by_its_scheme() {
        assert!(matches!("sqlite://a.db".parse::<Location>(), Ok(Location::Sqlite(path)) if path == "a.db"));
        assert!(matches!("postgres://u:p@h/d".parse::<Location>(), Ok(Location::Postgres(_))));
        for wrong in ["salur.db", "mysql://x", "sqlite://", "sqlite://:memory:", ""] {
            assert!(wrong.parse::<Location>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_location_never_shows_its_password() {
        let location: Location = "postgres://user:s3cret@db.example:5432/salur?password=s3cret".parse().unwrap();
        assert_eq!(location.to_string(), "postgres://db.example:5432/salur");
    }

    #[test]
    fn an_sqlite_that_can_lose_data_is_refused() {
        assert!(check_sqlite_version("3.40.1").is_err());
        assert!(check_sqlite_version("3.51.2").is_err());
        assert!(check_sqlite_version("3.51.3").is_ok());
        assert!(check_sqlite_version("4.0.0").is_ok());
    }

    #[test]
    fn every_connection_is_durable_and_checks_its_keys() {
        #[derive(QueryableByName)]
        struct Setting {
            #[diesel(sql_type = diesel::sql_types::Text)]
            value: String,
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db").display().to_string();
        let Conn::Sqlite(mut conn) = open(&Location::Sqlite(path)).unwrap() else { panic!("not SQLite") };
        for (pragma, expected) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
            let sql = format!("SELECT CAST({pragma} AS TEXT) AS value FROM pragma_{pragma}");
            let found: Setting = diesel::sql_query(sql).get_result(&mut conn).unwrap();
            assert_eq!(found.value, expected, "{pragma}");
        }
    }
}
