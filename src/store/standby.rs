//! A synchronous standby, and whether it really has what was committed.
//!
//! PostgreSQL answers a commit whose wait for the standby was cancelled (by an administrator, or at a shutdown)
//! with success and a mere warning. Nobody may rely on that: so where a standby is configured, a commit counts
//! only once the standby says itself that it has it on disk.

use diesel::RunQueryDsl;
use diesel::sql_types::{Bool, Text};

use super::conn::Conn;
use super::error::Error;

/// How often the standby is asked, with a pause in between, before a commit counts as unconfirmed.
pub(super) const ASKED_MAX: u32 = 100;

#[derive(diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

#[derive(diesel::QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    place: String,
}

/// Whether commits on this connection wait for a standby. A role that may not see the standby's progress is
/// refused: it could never confirm anything.
pub(super) fn is_configured(conn: &mut Conn) -> Result<bool, Error> {
    match conn {
        Conn::Sqlite(_) => Ok(false),
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            let waits: Answer = diesel::sql_query(
                "SELECT current_setting('synchronous_standby_names') <> '' \
                 AND current_setting('synchronous_commit') NOT IN ('off', 'local') AS answer",
            )
            .get_result(inner)?;
            if !waits.answer {
                return Ok(false);
            }
            let sees: Answer =
                diesel::sql_query("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS answer")
                    .get_result(inner)?;
            if sees.answer {
                return Ok(true);
            }
            Err(Error::Location(
                "a synchronous standby is configured, and this role cannot see what it has confirmed: \
                 GRANT pg_read_all_stats to the role of Salur"
                    .into(),
            ))
        }
    }
}

/// How far the log of writes is on this machine's disk: what was committed on this connection lies before it. Not how
/// far it was written in memory: what others began and nobody has flushed is not sent to the standby either, and
/// waiting for it would be waiting for them.
pub(super) fn reached(conn: &mut Conn) -> Result<String, Error> {
    match conn {
        Conn::Sqlite(_) => Ok(String::new()),
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            let sql = "SELECT CAST(pg_current_wal_flush_lsn() AS TEXT) AS place";
            Ok(diesel::sql_query(sql).get_result::<Place>(inner)?.place)
        }
    }
}

/// Whether a synchronous standby has everything up to there on disk.
pub(super) fn has(conn: &mut Conn, place: &str) -> Result<bool, Error> {
    match conn {
        Conn::Sqlite(_) => Ok(place.is_empty()),
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            let sql = "SELECT EXISTS (SELECT 1 FROM pg_stat_replication \
                       WHERE sync_state IN ('sync', 'quorum') AND flush_lsn >= CAST($1 AS pg_lsn)) AS answer";
            Ok(diesel::sql_query(sql).bind::<Text, _>(place).get_result::<Answer>(inner)?.answer)
        }
    }
}
