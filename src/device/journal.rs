//! The device's own file: an SQLite database that nothing but this program opens, one process at a time.
//!
//! It is kept apart from the office's database on purpose: none of its tables, pools or migrations are here,
//! and none of these are there. So this one file, and no other of the room, knows diesel.
//!
//! What assumption A1 asks for is set on opening and read back: full synchronisation, a write-ahead log, an
//! exclusive lock. Whatever the disk refuses ends in [`Fault::Storage`], after which the caller must stop:
//! nobody knows what was kept until the file is opened again.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Fault;
use crate::domain::entitlement::Fence;
use crate::domain::id::{AttemptId, DeviceId, EntitlementId, RedemptionId, RoundId, UserId};
use crate::domain::lease::brake::{Brake, Clock};
use crate::domain::lease::device::{Core, Lease, Slot, Stopped};
use crate::domain::lease::message::Head;
use crate::domain::time::Timestamp;

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

diesel::table! {
    core (one) {
        one -> Integer,
        version -> BigInt,
        device_id -> Binary,
        epoch -> BigInt,
        seq -> BigInt,
        head_hash -> Binary,
        covered -> BigInt,
        seen_size -> BigInt,
        seen_root -> Binary,
        time_hwm -> BigInt,
        clock_was_reset -> Bool,
        contact_at -> BigInt,
        handed_out -> BigInt,
        brake_packages -> Nullable<BigInt>,
        brake_hours -> Nullable<BigInt>,
        stopped -> Nullable<Text>,
    }
}

diesel::table! {
    slots (entitlement_id) {
        entitlement_id -> Binary,
        hwm_epoch -> BigInt,
        hwm_counter -> BigInt,
        lease -> Text,
        lease_epoch -> BigInt,
        lease_counter -> BigInt,
        redemption_id -> Nullable<Binary>,
        ends_at -> BigInt,
        held -> Bool,
        untold -> Bool,
    }
}

diesel::table! {
    journal (seq) {
        seq -> BigInt,
        redemption_id -> Binary,
        entitlement_id -> Binary,
        hash -> Binary,
        signed -> Binary,
        claimed_at -> BigInt,
        shown -> Bool,
        answer -> Nullable<Text>,
        detail -> Nullable<Binary>,
    }
}

diesel::table! {
    attempts (attempt_id) {
        attempt_id -> Binary,
        at -> BigInt,
        verdict -> Text,
        entitlement_id -> Nullable<Binary>,
        operator_id -> Binary,
    }
}

diesel::table! {
    entries (entitlement_id) {
        entitlement_id -> Binary,
        round_id -> Binary,
        print_no -> BigInt,
        typed_code -> Text,
        sealed -> Binary,
    }
}

diesel::table! {
    rounds (round_id) {
        round_id -> Binary,
        begins_at -> BigInt,
        ends_at -> BigInt,
        content -> Text,
    }
}

diesel::table! {
    papers (name) {
        name -> Text,
        content -> Text,
    }
}

diesel::table! {
    carried (hash) {
        hash -> Binary,
        batch -> Binary,
    }
}

/// A receipt as the device keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its place in the chain.
    pub seq: u64,
    /// The wish that it fulfils.
    pub redemption: RedemptionId,
    /// What was handed out.
    pub entitlement: EntitlementId,
    /// The hash of the signed receipt.
    pub hash: [u8; 32],
    /// The signed receipt.
    pub signed: Vec<u8>,
    /// When, by the device's clock.
    pub claimed_at: Timestamp,
    /// The screen turned green. Not set in the receipt's own transaction: while it is missing, nobody can
    /// say whether the goods went out.
    pub shown: bool,
    /// What the server last said to it.
    pub answer: Option<String>,
    /// What the receipt holds only as a digest, sealed.
    pub detail: Option<Vec<u8>>,
}

/// A scan that did not end in a handout, until the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Drawn for it.
    pub id: AttemptId,
    /// When, by the device's clock.
    pub at: Timestamp,
    /// What the screen said.
    pub verdict: String,
    /// What the voucher named.
    pub entitlement: Option<EntitlementId>,
    /// Who stood there.
    pub operator: UserId,
}

/// What a lease says of its entitlement besides the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What.
    pub entitlement: EntitlementId,
    /// Its round.
    pub round: RoundId,
    /// The newest print.
    pub print: u32,
    /// What people type.
    pub code: String,
    /// Name and the like, under the operator's PIN.
    pub sealed: Vec<u8>,
}

/// A round that leases speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Which.
    pub round: RoundId,
    /// From when its vouchers are good.
    pub begins_at: Timestamp,
    /// When its leases end for the device.
    pub ends_at: Timestamp,
    /// Its package and value, as JSON: see [`super::install`].
    pub content: String,
}

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

#[derive(Queryable)]
struct SlotRow {
    entitlement: EntitlementId,
    hwm_epoch: i64,
    hwm_counter: i64,
    lease: String,
    lease_epoch: i64,
    lease_counter: i64,
    redemption: Option<RedemptionId>,
    ends_at: i64,
    held: bool,
    untold: bool,
}

impl SlotRow {
    fn check(self) -> Result<(EntitlementId, Slot), Fault> {
        let fence = |epoch, counter| -> Result<Fence, Fault> {
            Ok(Fence { epoch: number(epoch, "an epoch")?, counter: number(counter, "a counter")? })
        };
        let at = fence(self.lease_epoch, self.lease_counter)?;
        let lease = match (self.lease.as_str(), self.redemption) {
            ("none", None) => Lease::None,
            ("open", None) => Lease::Open(at),
            ("closed", None) => Lease::Closed(at),
            ("redeemed", Some(redemption)) => Lease::Redeemed(at, redemption),
            (other, _) => return Err(Fault::Damaged(format!("a lease that is {other}"))),
        };
        let hwm = fence(self.hwm_epoch, self.hwm_counter)?;
        Ok((self.entitlement, Slot { hwm, lease, ends_at: time(self.ends_at)?, held: self.held }))
    }
}

/// What the device has of an entitlement, and whether the server must still be told of it.
pub fn slot(conn: &mut Transaction, of: EntitlementId) -> Result<(Slot, bool), Fault> {
    let Some(row) = slots::table.find(of).first::<SlotRow>(conn).optional()? else {
        return Ok((Slot::default(), false));
    };
    let untold = row.untold;
    Ok((row.check()?.1, untold))
}

/// Every slot.
pub fn all_slots(conn: &mut Transaction) -> Result<Vec<(EntitlementId, Slot)>, Fault> {
    slots::table.load::<SlotRow>(conn)?.into_iter().map(SlotRow::check).collect()
}

/// The slots of which the server has not heard what it must.
pub fn untold(conn: &mut Transaction) -> Result<Vec<(EntitlementId, Slot)>, Fault> {
    slots::table.filter(slots::untold.eq(true)).load::<SlotRow>(conn)?.into_iter().map(SlotRow::check).collect()
}

/// Replaces a slot. `untold`: it was closed or held back, and the server must be told.
pub fn save_slot(tx: &mut Transaction, of: EntitlementId, slot: &Slot, untold: bool) -> Result<(), Fault> {
    let (name, fence, redemption) = match slot.lease {
        Lease::None => ("none", Fence::default(), None),
        Lease::Open(fence) => ("open", fence, None),
        Lease::Closed(fence) => ("closed", fence, None),
        Lease::Redeemed(fence, redemption) => ("redeemed", fence, Some(redemption)),
    };
    diesel::replace_into(slots::table)
        .values((
            slots::entitlement_id.eq(of),
            slots::hwm_epoch.eq(i64::from(slot.hwm.epoch)),
            slots::hwm_counter.eq(signed(slot.hwm.counter)),
            slots::lease.eq(name),
            slots::lease_epoch.eq(i64::from(fence.epoch)),
            slots::lease_counter.eq(signed(fence.counter)),
            slots::redemption_id.eq(redemption),
            slots::ends_at.eq(slot.ends_at.millis()),
            slots::held.eq(slot.held),
            slots::untold.eq(untold),
        ))
        .execute(tx)?;
    Ok(())
}

/// The server has heard that this lease was closed or held back.
pub fn told(tx: &mut Transaction, of: EntitlementId, fence: Fence) -> Result<(), Fault> {
    diesel::update(
        slots::table
            .find(of)
            .filter(slots::lease_epoch.eq(i64::from(fence.epoch)))
            .filter(slots::lease_counter.eq(signed(fence.counter))),
    )
    .set(slots::untold.eq(false))
    .execute(tx)?;
    Ok(())
}

#[derive(Queryable)]
struct KeptRow {
    seq: i64,
    redemption: RedemptionId,
    entitlement: EntitlementId,
    hash: Vec<u8>,
    signed: Vec<u8>,
    claimed_at: i64,
    shown: bool,
    answer: Option<String>,
    detail: Option<Vec<u8>>,
}

impl KeptRow {
    fn check(self) -> Result<Kept, Fault> {
        let Self { redemption, entitlement, signed, shown, answer, detail, .. } = self;
        let seq = number(self.seq, "a sequence number")?;
        let claimed_at = time(self.claimed_at)?;
        Ok(Kept { seq, redemption, entitlement, hash: hash(self.hash)?, signed, claimed_at, shown, answer, detail })
    }
}

/// Adds a receipt. Its place, its wish and its entitlement are each taken once.
pub fn add_receipt(tx: &mut Transaction, kept: &Kept) -> Result<(), Fault> {
    diesel::insert_into(journal::table)
        .values((
            journal::seq.eq(signed(kept.seq)),
            journal::redemption_id.eq(kept.redemption),
            journal::entitlement_id.eq(kept.entitlement),
            journal::hash.eq(kept.hash.to_vec()),
            journal::signed.eq(&kept.signed),
            journal::claimed_at.eq(kept.claimed_at.millis()),
            journal::shown.eq(kept.shown),
            journal::answer.eq(&kept.answer),
            journal::detail.eq(&kept.detail),
        ))
        .execute(tx)?;
    Ok(())
}

/// The receipt of a wish.
pub fn receipt(conn: &mut Transaction, of: RedemptionId) -> Result<Option<Kept>, Fault> {
    let row = journal::table.filter(journal::redemption_id.eq(of)).first::<KeptRow>(conn).optional()?;
    row.map(KeptRow::check).transpose()
}

/// The receipt at a place.
pub fn receipt_at(conn: &mut Transaction, seq: u64) -> Result<Option<Kept>, Fault> {
    journal::table.find(signed(seq)).first::<KeptRow>(conn).optional()?.map(KeptRow::check).transpose()
}

/// The receipts behind a place, at most so many, by place.
pub fn receipts_after(conn: &mut Transaction, seq: u64, most: i64) -> Result<Vec<Kept>, Fault> {
    let found = journal::table.filter(journal::seq.gt(signed(seq))).order(journal::seq).limit(most);
    found.load::<KeptRow>(conn)?.into_iter().map(KeptRow::check).collect()
}

/// The receipts that the server has not answered, at most so many, by place.
pub fn unanswered(conn: &mut Transaction, most: i64) -> Result<Vec<Kept>, Fault> {
    let found = journal::table.filter(journal::answer.is_null()).order(journal::seq).limit(most);
    found.load::<KeptRow>(conn)?.into_iter().map(KeptRow::check).collect()
}

/// The receipts of handouts that perhaps were never shown.
pub fn unconfirmed(conn: &mut Transaction) -> Result<Vec<Kept>, Fault> {
    let found = journal::table.filter(journal::shown.eq(false)).order(journal::seq).limit(100);
    found.load::<KeptRow>(conn)?.into_iter().map(KeptRow::check).collect()
}

/// The screen turned green for this wish.
pub fn mark_shown(tx: &mut Transaction, of: RedemptionId) -> Result<(), Fault> {
    diesel::update(journal::table.filter(journal::redemption_id.eq(of))).set(journal::shown.eq(true)).execute(tx)?;
    Ok(())
}

/// What the server said to a receipt.
pub fn answered(tx: &mut Transaction, hash: &[u8; 32], answer: &str) -> Result<(), Fault> {
    diesel::update(journal::table.filter(journal::hash.eq(hash.to_vec())))
        .set((journal::answer.eq(answer), journal::detail.eq(None::<Vec<u8>>)))
        .execute(tx)?;
    Ok(())
}

/// After a restore of the server every receipt that is not covered is told anew.
pub fn tell_again(tx: &mut Transaction, covered: u64) -> Result<(), Fault> {
    diesel::update(journal::table.filter(journal::seq.gt(signed(covered))))
        .set(journal::answer.eq(None::<String>))
        .execute(tx)?;
    Ok(())
}

/// How many scans that ended in no handout are kept for the server; the oldest go first.
const ATTEMPTS_MAX: i64 = 20_000;

/// Keeps a scan that ended in no handout.
pub fn add_attempt(tx: &mut Transaction, attempt: &Attempt) -> Result<(), Fault> {
    let many: i64 = attempts::table.count().get_result(tx)?;
    if many >= ATTEMPTS_MAX {
        let oldest: Vec<AttemptId> =
            attempts::table.select(attempts::attempt_id).order(attempts::attempt_id).limit(1_000).load(tx)?;
        diesel::delete(attempts::table.filter(attempts::attempt_id.eq_any(oldest))).execute(tx)?;
    }
    diesel::insert_into(attempts::table)
        .values((
            attempts::attempt_id.eq(attempt.id),
            attempts::at.eq(attempt.at.millis()),
            attempts::verdict.eq(&attempt.verdict),
            attempts::entitlement_id.eq(attempt.entitlement),
            attempts::operator_id.eq(attempt.operator),
        ))
        .execute(tx)?;
    Ok(())
}

/// The scans that wait for the server, at most so many.
pub fn waiting_attempts(conn: &mut Transaction, most: i64) -> Result<Vec<Attempt>, Fault> {
    let found = attempts::table.order(attempts::attempt_id).limit(most);
    let rows: Vec<(AttemptId, i64, String, Option<EntitlementId>, UserId)> = found.load(conn)?;
    let check =
        |(id, at, verdict, entitlement, operator)| Ok(Attempt { id, at: time(at)?, verdict, entitlement, operator });
    rows.into_iter().map(check).collect()
}

/// The server has these scans.
pub fn forget_attempts(tx: &mut Transaction, ids: &[AttemptId]) -> Result<(), Fault> {
    for id in ids {
        diesel::delete(attempts::table.find(*id)).execute(tx)?;
    }
    Ok(())
}

/// Keeps what a lease says of its entitlement.
pub fn save_entry(tx: &mut Transaction, entry: &Entry) -> Result<(), Fault> {
    diesel::replace_into(entries::table)
        .values((
            entries::entitlement_id.eq(entry.entitlement),
            entries::round_id.eq(entry.round),
            entries::print_no.eq(i64::from(entry.print)),
            entries::typed_code.eq(&entry.code),
            entries::sealed.eq(&entry.sealed),
        ))
        .execute(tx)?;
    Ok(())
}

type EntryRow = (EntitlementId, RoundId, i64, String, Vec<u8>);

fn entry_of((entitlement, round, print, code, sealed): EntryRow) -> Result<Entry, Fault> {
    Ok(Entry { entitlement, round, print: number(print, "a print number")?, code, sealed })
}

/// What the lease of this entitlement says.
pub fn entry(conn: &mut Transaction, of: EntitlementId) -> Result<Option<Entry>, Fault> {
    entries::table.find(of).first::<EntryRow>(conn).optional()?.map(entry_of).transpose()
}

/// The entitlement that a typed code stands for.
pub fn entry_by_code(conn: &mut Transaction, code: &str) -> Result<Option<Entry>, Fault> {
    let found = entries::table.filter(entries::typed_code.eq(code)).first::<EntryRow>(conn).optional()?;
    found.map(entry_of).transpose()
}

/// Keeps a round.
pub fn save_round(tx: &mut Transaction, round: &Round) -> Result<(), Fault> {
    diesel::replace_into(rounds::table)
        .values((
            rounds::round_id.eq(round.round),
            rounds::begins_at.eq(round.begins_at.millis()),
            rounds::ends_at.eq(round.ends_at.millis()),
            rounds::content.eq(&round.content),
        ))
        .execute(tx)?;
    Ok(())
}

/// A round.
pub fn round(conn: &mut Transaction, of: RoundId) -> Result<Option<Round>, Fault> {
    let row = rounds::table.find(of).first::<(RoundId, i64, i64, String)>(conn).optional()?;
    row.map(|(round, begins_at, ends_at, content)| {
        Ok(Round { round, begins_at: time(begins_at)?, ends_at: time(ends_at)?, content })
    })
    .transpose()
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

/// Takes a batch of another device along to the server.
pub fn carry(tx: &mut Transaction, digest: &[u8; 32], batch: &[u8]) -> Result<(), Fault> {
    diesel::replace_into(carried::table)
        .values((carried::hash.eq(digest.to_vec()), carried::batch.eq(batch)))
        .execute(tx)?;
    Ok(())
}

/// The batches of other devices that wait for the server: digest and content.
pub fn carried_batches(conn: &mut Transaction) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Fault> {
    Ok(carried::table.load(conn)?)
}

/// A carried batch has arrived.
pub fn delivered(tx: &mut Transaction, digest: &[u8]) -> Result<(), Fault> {
    diesel::delete(carried::table.find(digest.to_vec())).execute(tx)?;
    Ok(())
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
