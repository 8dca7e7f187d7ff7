//! The device's own file: an SQLite database that nothing but this program opens, one process at a time.
//!
//! It is kept apart from the office's database on purpose: none of its tables, pools or migrations are here,
//! and none of these are there. So this one module, and no other of the room, knows diesel.
//!
//! What assumption A1 asks for is set on opening and read back: full synchronisation, a write-ahead log, an
//! exclusive lock. Whatever the disk refuses ends in [`Fault::Storage`], after which the caller must stop:
//! nobody knows what was kept until the file is opened again.

mod leases;
mod receipts;
mod tables;

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Fault;
use crate::domain::id::DeviceId;
use crate::domain::lease::brake::{Brake, Clock};
use crate::domain::lease::device::{Core, Stopped};
use crate::domain::lease::message::Head;
use crate::domain::time::Timestamp;

use tables::{core, journal, papers, slots};

pub use leases::{
    Entry, Round, all_slots, entry, entry_by_code, round, save_entry, save_round, save_slot, slot, told, untold,
};
pub use receipts::{
    Attempt, Kept, add_attempt, add_receipt, answered, carried_batches, carry, delivered, forget_attempts, mark_shown,
    receipt, receipt_at, receipts_after, tell_again, unanswered, unconfirmed, waiting_attempts,
};

/// The form of the file that this program writes.
const FORM: i32 = 1;

const SCHEMA: &str = "
CREATE TABLE core (
  one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, device_id BLOB NOT NULL, epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL, head_hash BLOB NOT NULL, covered INTEGER NOT NULL, seen_size INTEGER NOT NULL,
  seen_root BLOB NOT NULL, time_hwm INTEGER NOT NULL, clock_was_reset INTEGER NOT NULL, contact_at INTEGER NOT NULL,
  handed_out INTEGER NOT NULL, brake_packages INTEGER, brake_hours INTEGER, stopped TEXT
) STRICT;
CREATE TABLE slots (
  entitlement_id BLOB PRIMARY KEY, hwm_epoch INTEGER NOT NULL, hwm_counter INTEGER NOT NULL, lease TEXT NOT NULL,
  lease_epoch INTEGER NOT NULL, lease_counter INTEGER NOT NULL, redemption_id BLOB, ends_at INTEGER NOT NULL,
  held INTEGER NOT NULL, untold INTEGER NOT NULL
) STRICT;
CREATE INDEX slots_untold ON slots (entitlement_id) WHERE untold = 1;
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY, redemption_id BLOB NOT NULL UNIQUE, entitlement_id BLOB NOT NULL UNIQUE, hash BLOB NOT NULL,
  signed BLOB NOT NULL, claimed_at INTEGER NOT NULL, shown INTEGER NOT NULL, answer TEXT, detail BLOB
) STRICT;
CREATE INDEX journal_unanswered ON journal (seq) WHERE answer IS NULL;
CREATE TABLE attempts (
  attempt_id BLOB PRIMARY KEY, at INTEGER NOT NULL, verdict TEXT NOT NULL, entitlement_id BLOB, operator_id BLOB NOT NULL
) STRICT;
CREATE TABLE entries (
  entitlement_id BLOB PRIMARY KEY, round_id BLOB NOT NULL, print_no INTEGER NOT NULL, typed_code TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX entries_typed_code ON entries (typed_code);
CREATE TABLE rounds (round_id BLOB PRIMARY KEY, begins_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, content TEXT NOT NULL) STRICT;
CREATE TABLE papers (name TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
CREATE TABLE carried (hash BLOB PRIMARY KEY, batch BLOB NOT NULL) STRICT;
";

/// How many of each there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Leases that can be used.
    pub open: u64,
    /// Leases that the office holds back.
    pub held: u64,
    /// Leases that were given up.
    pub closed: u64,
    /// Leases that were used.
    pub redeemed: u64,
    /// Returns and holds that the server has not heard of.
    pub untold: u64,
    /// Receipts that the server has not answered.
    pub unsynced: u64,
    /// Receipts of handouts that perhaps were never shown.
    pub unconfirmed: u64,
}

/// A connection, or the open transaction on it, as the rest of this room hands it around.
pub type Transaction = SqliteConnection;

/// The open file.
pub struct File {
    conn: SqliteConnection,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("File")
    }
}

impl From<diesel::result::Error> for Fault {
    fn from(error: diesel::result::Error) -> Self {
        let said = error.to_string();
        if said.contains("database is locked") { Self::InUse } else { Self::Storage(said) }
    }
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

impl File {
    /// Makes the file of a device that was just enrolled. An existing one is never written over.
    pub fn create(path: &Path, core: &Core, papers: &[(&str, &str)]) -> Result<Self, Fault> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(_) => {}
            Err(fault) if fault.kind() == std::io::ErrorKind::AlreadyExists => return Err(Fault::Exists),
            Err(fault) => return Err(Fault::Storage(format!("{}: {fault}", path.display()))),
        }
        let mut file = Self::connect(path)?;
        file.write(|tx| {
            tx.batch_execute(SCHEMA)?;
            tx.batch_execute(&format!("PRAGMA user_version = {FORM}"))?;
            insert_core(tx, core)?;
            for (name, content) in papers {
                set_paper(tx, name, content)?;
            }
            Ok(())
        })?;
        // The name of the file must be as durable as what stands in it.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|fault| Fault::Storage(format!("{}: {fault}", folder.display())))?;
        Ok(file)
    }

    /// Opens the file, and looks whether it is whole.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        if !path.exists() {
            return Err(Fault::NotEnrolled);
        }
        let mut file = Self::connect(path)?;
        let said = |file: &mut Self, sql: &str| -> Result<String, Fault> {
            Ok(diesel::sql_query(sql).get_result::<Said>(&mut file.conn)?.said)
        };
        let form = said(&mut file, "SELECT CAST(user_version AS TEXT) AS said FROM pragma_user_version")?;
        if form == "0" {
            // The power went while it was made: nobody has heard of this device yet.
            return Err(Fault::NotEnrolled);
        }
        if form != FORM.to_string() {
            return Err(Fault::Damaged(format!("the file is of form {form}, this program writes form {FORM}")));
        }
        let whole = said(&mut file, "SELECT quick_check AS said FROM pragma_quick_check LIMIT 1")?;
        if whole == "ok" { Ok(file) } else { Err(Fault::Damaged(whole)) }
    }

    fn connect(path: &Path) -> Result<Self, Fault> {
        let path = path.to_str().ok_or_else(|| Fault::Storage("the path is not UTF-8".into()))?;
        let mut conn = SqliteConnection::establish(path).map_err(|fault| Fault::Storage(fault.to_string()))?;
        // The lock comes before the first look, and stays until the process ends.
        conn.batch_execute(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA busy_timeout = 500;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             BEGIN IMMEDIATE; COMMIT;",
        )?;
        for (pragma, wanted) in [("journal_mode", "wal"), ("synchronous", "2"), ("locking_mode", "exclusive")] {
            // `locking_mode` has no table-valued form.
            let found = match pragma {
                "locking_mode" => conn_pragma(&mut conn)?,
                _ => {
                    let sql = format!("SELECT CAST({pragma} AS TEXT) AS said FROM pragma_{pragma}");
                    diesel::sql_query(sql).get_result::<Said>(&mut conn)?.said
                }
            };
            if found != wanted {
                return Err(Fault::Storage(format!("SQLite answers {found} for {pragma}, and must answer {wanted}")));
            }
        }
        Ok(Self { conn })
    }

    /// Runs `f` in one transaction. When it fails, nothing of it remains.
    pub fn write<T>(&mut self, f: impl FnOnce(&mut Transaction) -> Result<T, Fault>) -> Result<T, Fault> {
        self.conn.immediate_transaction(f)
    }

    /// For reading.
    pub const fn read(&mut self) -> &mut Transaction {
        &mut self.conn
    }
}

#[derive(QueryableByName)]
struct LockingMode {
    #[diesel(sql_type = Text)]
    locking_mode: String,
}

fn conn_pragma(conn: &mut Transaction) -> Result<String, Fault> {
    Ok(diesel::sql_query("PRAGMA locking_mode").get_result::<LockingMode>(conn)?.locking_mode)
}

fn damaged(what: &str) -> Fault {
    Fault::Damaged(what.to_owned())
}

fn number<T: TryFrom<i64>>(value: i64, what: &str) -> Result<T, Fault> {
    T::try_from(value).map_err(|_| Fault::Damaged(format!("{what} {value}")))
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn time(millis: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_millis(millis).map_err(|_| Fault::Damaged(format!("the time {millis}")))
}

fn hash(bytes: Vec<u8>) -> Result<[u8; 32], Fault> {
    bytes.try_into().map_err(|_| damaged("a hash that is not 32 bytes long"))
}

#[derive(Queryable)]
struct CoreRow {
    _one: i32,
    version: i64,
    device: DeviceId,
    epoch: i64,
    seq: i64,
    head_hash: Vec<u8>,
    covered: i64,
    seen_size: i64,
    seen_root: Vec<u8>,
    time_hwm: i64,
    clock_was_reset: bool,
    contact_at: i64,
    handed_out: i64,
    brake_packages: Option<i64>,
    brake_hours: Option<i64>,
    stopped: Option<String>,
}

/// The device's core, and the number of the version that was read.
pub fn read_core(conn: &mut Transaction) -> Result<(Core, i64), Fault> {
    let row: CoreRow = core::table.first(conn)?;
    let stopped = match row.stopped.as_deref() {
        None => None,
        Some("revoked") => Some(Stopped::Revoked),
        Some("forked") => Some(Stopped::Forked),
        Some(other) => return Err(Fault::Damaged(format!("stopped: {other}"))),
    };
    let limit = |value: Option<i64>| value.map(|value| number(value, "a brake")).transpose();
    let found = Core {
        device: row.device,
        epoch: number(row.epoch, "the epoch")?,
        seq: number(row.seq, "the sequence number")?,
        head_hash: hash(row.head_hash)?,
        covered: number(row.covered, "the covered number")?,
        seen: Head { size: number(row.seen_size, "the size of the log")?, root: hash(row.seen_root)? },
        clock: Clock { time_hwm: time(row.time_hwm)?, was_reset: row.clock_was_reset },
        contact_at: time(row.contact_at)?,
        handed_out: number(row.handed_out, "the count of handouts")?,
        brake: Brake { packages: limit(row.brake_packages)?, hours: limit(row.brake_hours)? },
        stopped,
    };
    Ok((found, row.version))
}

macro_rules! core_columns {
    ($core:expr) => {
        (
            core::device_id.eq($core.device),
            core::epoch.eq(i64::from($core.epoch)),
            core::seq.eq(signed($core.seq)),
            core::head_hash.eq($core.head_hash.to_vec()),
            core::covered.eq(signed($core.covered)),
            core::seen_size.eq(signed($core.seen.size)),
            core::seen_root.eq($core.seen.root.to_vec()),
            core::time_hwm.eq($core.clock.time_hwm.millis()),
            core::clock_was_reset.eq($core.clock.was_reset),
            core::contact_at.eq($core.contact_at.millis()),
            core::handed_out.eq(i64::from($core.handed_out)),
            core::brake_packages.eq($core.brake.packages.map(i64::from)),
            core::brake_hours.eq($core.brake.hours.map(i64::from)),
            core::stopped.eq($core.stopped.map(|why| match why {
                Stopped::Revoked => "revoked",
                Stopped::Forked => "forked",
            })),
        )
    };
}

fn insert_core(tx: &mut Transaction, value: &Core) -> Result<(), Fault> {
    diesel::insert_into(core::table)
        .values((core::one.eq(1), core::version.eq(0), core_columns!(value)))
        .execute(tx)?;
    Ok(())
}

/// Replaces the core, if it still is the version that was read.
pub fn save_core(tx: &mut Transaction, value: &Core, read: i64) -> Result<(), Fault> {
    let done = diesel::update(core::table.filter(core::version.eq(read)))
        .set((core::version.eq(read + 1), core_columns!(value)))
        .execute(tx)?;
    if done == 1 { Ok(()) } else { Err(Fault::Moved) }
}

/// Keeps a paper of the device: who it is, whom it believes.
pub fn set_paper(tx: &mut Transaction, name: &str, content: &str) -> Result<(), Fault> {
    diesel::replace_into(papers::table).values((papers::name.eq(name), papers::content.eq(content))).execute(tx)?;
    Ok(())
}

/// A paper of the device.
pub fn paper(conn: &mut Transaction, name: &str) -> Result<Option<String>, Fault> {
    Ok(papers::table.find(name).select(papers::content).first(conn).optional()?)
}

/// How many of each there are.
pub fn counts(conn: &mut Transaction) -> Result<Counts, Fault> {
    let lease = |conn: &mut Transaction, name: &str| -> Result<u64, Fault> {
        number(slots::table.filter(slots::lease.eq(name.to_owned())).count().get_result(conn)?, "a count")
    };
    let open = slots::table.filter(slots::lease.eq("open"));
    Ok(Counts {
        open: lease(conn, "open")?,
        held: number(open.filter(slots::held.eq(true)).count().get_result(conn)?, "a count")?,
        closed: lease(conn, "closed")?,
        redeemed: lease(conn, "redeemed")?,
        untold: number(slots::table.filter(slots::untold.eq(true)).count().get_result(conn)?, "a count")?,
        unsynced: number(journal::table.filter(journal::answer.is_null()).count().get_result(conn)?, "a count")?,
        unconfirmed: number(journal::table.filter(journal::shown.eq(false)).count().get_result(conn)?, "a count")?,
    })
}
