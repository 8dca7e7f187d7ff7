//! Taking turns, for what two transactions must not do at once though they change different rows.
//!
//! SQLite has one writer at a time, so there is nothing to do. On PostgreSQL each statement sees what was
//! committed before it began; a stop that is committed between the look and the handout would be missed.
//! So whoever hands out shares a turn that whoever stops takes for itself: the stop waits for the
//! handouts under way, and is acknowledged after them; every later handout sees it. These are advisory
//! locks, apart from all locks on rows, and each transaction takes one of them before it writes: no circle.

use diesel::prelude::*;
#[cfg(feature = "postgres")]
use diesel::sql_types::BigInt;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use crate::domain::id::Identifier;

/// Shares the turn of this thing until the commit: with others who share it, not with one who owns it.
pub fn share(tx: &mut Write<'_>, of: &impl Identifier) -> Result<(), Error> {
    take(tx, of, "SELECT pg_advisory_xact_lock_shared($1)")
}

/// Takes the turn of this thing until the commit, alone.
pub fn own(tx: &mut Write<'_>, of: &impl Identifier) -> Result<(), Error> {
    take(tx, of, "SELECT pg_advisory_xact_lock($1)")
}

fn take(tx: &mut Write<'_>, of: &impl Identifier, statement: &str) -> Result<(), Error> {
    match &mut **tx {
        Conn::Sqlite(_) => {
            let _ = (of, statement);
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            // The last half of an id is drawn, so two things seldom share a turn; if they do, they wait.
            let [.., a, b, c, d, e, f, g, h] = *of.bytes();
            let key = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
            diesel::sql_query(statement).bind::<BigInt, _>(key).execute(inner)?;
        }
    }
    Ok(())
}
