//! Taking turns, for what two transactions must not do at once though they change different rows.
//!
//! SQLite has one writer at a time, so there is nothing to do. On PostgreSQL each statement sees what was
//! committed before it began; a stop that is committed between the look and the handout would be missed.
//! So whoever hands out shares a turn that whoever stops takes for itself: the stop waits for the
//! handouts under way, and is acknowledged after them; every later handout sees it. These are advisory
//! locks, apart from all locks on rows, and each transaction takes one of them before it writes: no circle.

use diesel::prelude::*;
#[cfg(feature = "postgres")]
use diesel::sql_types::{BigInt, Bool, Text};

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use crate::domain::id::Identifier;

#[cfg(feature = "postgres")]
#[declare_sql_function]
extern "SQL" {
    // They answer nothing at all; of the texts that this says they do, none is ever read.
    fn pg_advisory_xact_lock_shared(key: BigInt) -> Nullable<Text>;
    fn pg_advisory_xact_lock(key: BigInt) -> Nullable<Text>;
    fn set_config(name: Text, value: Text, until_commit: Bool) -> Text;
}

/// Shares the turn of this thing until the commit: with others who share it, not with one who owns it.
pub fn share(tx: &mut Write<'_>, of: &impl Identifier) -> Result<(), Error> {
    match &mut **tx {
        Conn::Sqlite(_) => {
            let _ = key(of);
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            diesel::select(pg_advisory_xact_lock_shared(key(of))).execute(inner)?;
        }
    }
    Ok(())
}

/// Shares the turns of these two things, of the first one first, for a transaction whose statements all go by their keys:
/// on PostgreSQL they keep one plan each until the commit. Planning them anew for every voucher cost more than doing them.
/// The plan goes by an index even if it was made when the tables were empty: it is kept while they grow.
pub fn share_both(tx: &mut Write<'_>, first: &impl Identifier, then: &impl Identifier) -> Result<(), Error> {
    match &mut **tx {
        Conn::Sqlite(_) => {
            let _ = (key(first), key(then));
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            let one_plan = set_config("plan_cache_mode", "force_generic_plan", true);
            let by_key = set_config("enable_seqscan", "off", true);
            let (one, other) = (pg_advisory_xact_lock_shared(key(first)), pg_advisory_xact_lock_shared(key(then)));
            let turns = (one, other, one_plan, by_key);
            diesel::select(turns).execute(inner)?;
        }
    }
    Ok(())
}

/// Takes the turn of this thing until the commit, alone.
pub fn own(tx: &mut Write<'_>, of: &impl Identifier) -> Result<(), Error> {
    match &mut **tx {
        Conn::Sqlite(_) => {
            let _ = key(of);
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            diesel::select(pg_advisory_xact_lock(key(of))).execute(inner)?;
        }
    }
    Ok(())
}

/// The last half of an id is drawn, so two things seldom share a turn; if they do, they wait.
fn key(of: &impl Identifier) -> i64 {
    let [.., a, b, c, d, e, f, g, h] = *of.bytes();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}
