//! The log's leaves, tiles and signed heads.
//!
//! A leaf is added in the transaction of its event and has no number yet, so that no transaction ever waits
//! for another one's commit because of the log. The one sequencer numbers what was committed, in the order
//! in which it was added: whatever waited for another transaction's lock was added after it.

use std::collections::{HashMap, VecDeque};

use diesel::prelude::*;
#[cfg(feature = "postgres")]
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Binary, Nullable};
#[cfg(feature = "postgres")]
use diesel::{
    pg::Pg,
    sql_types::{Array, BigInt},
};

use super::conn::{Conn, on_each};
use super::error::{Error, corrupt};
use super::pool::Write;
use super::rows::{columns, rows, write};
use super::schema::{entitlements, log_checkpoints, log_leaves, log_salts, log_tiles};
use super::types::{fixed, time};
use crate::domain::id::{DeviceId, EntitlementId, HouseholdId, RedemptionId, UserId};
use crate::domain::time::Timestamp;

/// The advisory lock that makes one sequencer of several servers on PostgreSQL. Any number will do that no
/// id happens to end in.
#[cfg(feature = "postgres")]
const TURN: i64 = 0x5341_4c55_525f_4c4f;

/// A leaf that is to be added: its bytes, and what it is found by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewLeaf {
    /// The entry, in its one encoding.
    pub entry: Vec<u8>,
    /// The salt of a digest in it.
    pub salt: Option<[u8; 16]>,
    /// The right it is about.
    pub entitlement: Option<EntitlementId>,
    /// The device it is about.
    pub device: Option<DeviceId>,
    /// Who did it.
    pub actor: Option<UserId>,
    /// The redemption.
    pub redemption: Option<RedemptionId>,
    /// What else it is about.
    pub subject: Option<[u8; 16]>,
}

columns! { /// Leaves that are to be added.
Leaves of one: NewLeaf {
    entry: Vec<u8> as Binary = one.entry.clone();
    entitlement: Option<EntitlementId> as Nullable<Binary> = one.entitlement;
    device: Option<DeviceId> as Nullable<Binary> = one.device;
    actor: Option<UserId> as Nullable<Binary> = one.actor;
    redemption: Option<RedemptionId> as Nullable<Binary> = one.redemption;
    subject: Option<Vec<u8>> as Nullable<Binary> = one.subject.map(|subject| subject.to_vec());
} }

rows! {
    // One writer at a time: the next number is the one after the highest.
    Leaves: "INSERT INTO log_leaves (serial, entry, entitlement_id, device_id, actor_id, redemption_id, subject) \
        VALUES ((SELECT COALESCE(MAX(serial), 0) + 1 FROM log_leaves), {}, {}, {}, {}, {}, {})";
}

#[cfg(feature = "postgres")]
impl QueryFragment<Pg> for Leaves {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO log_leaves (entry, entitlement_id, device_id, actor_id, redemption_id, subject) SELECT * FROM ");
        self.unnest(&mut out)?;
        out.push_sql(" AS l");
        Ok(())
    }
}

#[cfg(feature = "postgres")]
impl RunQueryDsl<PgConnection> for Leaves {}

/// Leaves of which some are salted: their numbers are asked for.
#[cfg(feature = "postgres")]
#[derive(QueryId)]
struct Numbered(Leaves);

#[cfg(feature = "postgres")]
impl QueryFragment<Pg> for Numbered {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" RETURNING serial");
        Ok(())
    }
}

#[cfg(feature = "postgres")]
impl Query for Numbered {
    type SqlType = BigInt;
}

#[cfg(feature = "postgres")]
impl RunQueryDsl<PgConnection> for Numbered {}

/// Adds leaves, in this order.
pub fn append(tx: &mut Write<'_>, new: &[NewLeaf]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let leaves = Leaves::of(new.iter())?;
    let salted = new.iter().any(|leaf| leaf.salt.is_some());
    let serials: Vec<i64> = match &mut **tx {
        Conn::Sqlite(inner) => {
            write(inner, &leaves, new.len())?;
            if !salted {
                return Ok(());
            }
            let newest = log_leaves::table.select(log_leaves::serial).order(log_leaves::serial.desc());
            let mut serials: Vec<i64> = newest.limit(i64::try_from(new.len()).map_err(corrupt)?).load(inner)?;
            serials.reverse();
            serials
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) if salted => Numbered(leaves).get_results(inner)?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            leaves.execute(inner)?;
            return Ok(());
        }
    };
    for (serial, salt) in serials.iter().zip(new).filter_map(|(serial, leaf)| Some((*serial, leaf.salt?))) {
        diesel::insert_into(log_salts::table)
            .values((log_salts::leaf_serial.eq(serial), log_salts::salt.eq(salt.to_vec())))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// A leaf about something else, whose salt is there.
#[derive(Debug, Clone)]
pub struct Salted {
    /// In which order it was added.
    pub serial: i64,
    /// The entry.
    pub entry: Vec<u8>,
    /// What it is about.
    pub subject: [u8; 16],
    /// The salt of its digest.
    pub salt: [u8; 16],
}

/// Such leaves, in the order in which they were added.
pub fn salted_subjects(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Salted>, Error> {
    type Found = (i64, Vec<u8>, Option<Vec<u8>>, Vec<u8>);
    let found: Vec<Found> = log_leaves::table
        .inner_join(log_salts::table.on(log_salts::leaf_serial.eq(log_leaves::serial)))
        .filter(log_leaves::serial.gt(after))
        .filter(log_leaves::subject.is_not_null())
        .order(log_leaves::serial)
        .limit(limit)
        .select((log_leaves::serial, log_leaves::entry, log_leaves::subject, log_salts::salt))
        .load(conn)?;
    found
        .into_iter()
        .map(|(serial, entry, subject, salt)| {
            Ok(Salted {
                serial,
                entry,
                subject: fixed(subject.unwrap_or_default(), "a subject")?,
                salt: fixed(salt, "a salt")?,
            })
        })
        .collect()
}

/// Whether a leaf waits for its number.
pub fn is_waiting(conn: &mut Conn) -> Result<bool, Error> {
    let one: Option<i64> =
        log_leaves::table.filter(log_leaves::leaf_index.is_null()).select(log_leaves::serial).first(conn).optional()?;
    Ok(one.is_some())
}

/// Makes the caller the only sequencer until the commit.
pub fn take_turn(tx: &mut Write<'_>) -> Result<(), Error> {
    match &mut **tx {
        Conn::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => {
            diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(TURN).execute(inner)?;
        }
    }
    Ok(())
}

/// How many leaves have a number.
pub fn size(conn: &mut Conn) -> Result<u64, Error> {
    let highest: Option<Option<i64>> = log_leaves::table
        .filter(log_leaves::leaf_index.is_not_null())
        .order(log_leaves::leaf_index.desc())
        .select(log_leaves::leaf_index)
        .first(conn)
        .optional()?;
    u64::try_from(highest.flatten().map_or(0, |index| index + 1)).map_err(corrupt)
}

/// Numbers the next leaves that wait, at most so many, from `size` on; gives their entries in order.
pub fn number(tx: &mut Write<'_>, size: u64, most: i64) -> Result<Vec<Vec<u8>>, Error> {
    let from = i64::try_from(size).map_err(corrupt)?;
    let waiting: Vec<(i64, Vec<u8>)> = log_leaves::table
        .filter(log_leaves::leaf_index.is_null())
        .order(log_leaves::serial)
        .limit(most)
        .select((log_leaves::serial, log_leaves::entry))
        .load(&mut **tx)?;
    let (serials, entries): (Vec<i64>, Vec<Vec<u8>>) = waiting.into_iter().unzip();
    let numbered = match &mut **tx {
        Conn::Sqlite(inner) => (from..)
            .zip(&serials)
            .map(|(index, serial)| {
                diesel::update(log_leaves::table.find(*serial).filter(log_leaves::leaf_index.is_null()))
                    .set(log_leaves::leaf_index.eq(index))
                    .execute(inner)
            })
            .sum::<QueryResult<usize>>()?,
        // One round trip for all of them.
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => diesel::sql_query(
            "UPDATE log_leaves AS l SET leaf_index = $1 + n.at - 1 \
             FROM unnest($2) WITH ORDINALITY AS n (serial, at) WHERE l.serial = n.serial AND l.leaf_index IS NULL",
        )
        .bind::<BigInt, _>(from)
        .bind::<Array<BigInt>, _>(&serials)
        .execute(inner)?,
    };
    if numbered == serials.len() { Ok(entries) } else { Err(Error::Raced) }
}

/// Puts leaves back that were numbered from `size` on before the database was set back. One that waits here for its
/// number gets it; any other is added.
pub fn reinstate(tx: &mut Write<'_>, size: u64, leaves: &[NewLeaf]) -> Result<(), Error> {
    let from = i64::try_from(size).map_err(corrupt)?;
    // What waited was numbered in this order, so most are found here at once.
    let mut next: HashMap<Vec<u8>, VecDeque<i64>> = HashMap::new();
    let waiting = log_leaves::table.filter(log_leaves::leaf_index.is_null());
    let first: Vec<(i64, Vec<u8>)> = waiting
        .order(log_leaves::serial)
        .limit(i64::try_from(leaves.len()).map_err(corrupt)?)
        .select((log_leaves::serial, log_leaves::entry))
        .load(&mut **tx)?;
    for (serial, entry) in first {
        next.entry(entry).or_default().push_back(serial);
    }
    for (index, leaf) in (from..).zip(leaves) {
        let serial = match next.get_mut(&leaf.entry).and_then(VecDeque::pop_front) {
            Some(serial) => serial,
            None => {
                let same = waiting.filter(log_leaves::entry.eq(&leaf.entry)).order(log_leaves::serial);
                let same = same.select(log_leaves::serial);
                match same.first(&mut **tx).optional()? {
                    Some(serial) => serial,
                    None => {
                        append(tx, std::slice::from_ref(leaf))?;
                        same.first(&mut **tx)?
                    }
                }
            }
        };
        diesel::update(log_leaves::table.find(serial)).set(log_leaves::leaf_index.eq(index)).execute(&mut **tx)?;
    }
    Ok(())
}

/// The entries of a range of the log, in order.
pub fn entries(conn: &mut Conn, from: u64, count: u64) -> Result<Vec<Vec<u8>>, Error> {
    let from = i64::try_from(from).map_err(corrupt)?;
    let until = from.saturating_add(i64::try_from(count).map_err(corrupt)?);
    Ok(log_leaves::table
        .filter(log_leaves::leaf_index.ge(from))
        .filter(log_leaves::leaf_index.lt(until))
        .order(log_leaves::leaf_index)
        .select(log_leaves::entry)
        .load(conn)?)
}

/// A leaf where it stands: its place, if it has one yet, and its entry.
pub type Placed = (Option<i64>, Vec<u8>);

/// The leaf of a redemption: its place, if it has one yet, and its entry.
pub fn of_redemption(conn: &mut Conn, id: RedemptionId) -> Result<Option<Placed>, Error> {
    Ok(log_leaves::table
        .filter(log_leaves::redemption_id.eq(id))
        .order(log_leaves::serial)
        .select((log_leaves::leaf_index, log_leaves::entry))
        .first(conn)
        .optional()?)
}

/// What leaves are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A right.
    Entitlement(EntitlementId),
    /// All rights of a household: the log itself knows no households.
    Household(HouseholdId),
    /// A device.
    Device(DeviceId),
    /// What a person did.
    Actor(UserId),
}

/// The leaves about something, the oldest first, after one of them.
pub fn history(conn: &mut Conn, about: About, after: Option<i64>, limit: i64) -> Result<Vec<Placed>, Error> {
    let mut query = log_leaves::table.into_boxed();
    query = match about {
        About::Entitlement(id) => query.filter(log_leaves::entitlement_id.eq(id)),
        About::Household(id) => {
            let rights = entitlements::table.filter(entitlements::household_id.eq(id));
            query.filter(log_leaves::entitlement_id.eq_any(rights.select(entitlements::id.nullable())))
        }
        About::Device(id) => query.filter(log_leaves::device_id.eq(id)),
        About::Actor(id) => query.filter(log_leaves::actor_id.eq(id)),
    };
    if let Some(after) = after {
        query = query.filter(log_leaves::leaf_index.gt(after));
    }
    let found = query.order(log_leaves::serial).limit(limit);
    Ok(found.select((log_leaves::leaf_index, log_leaves::entry)).load(conn)?)
}

/// The leaves about a device in the order in which they were written, also those that have no place yet: where each was
/// written, and its entry.
pub fn of_device(
    conn: &mut Conn,
    device: DeviceId,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    Ok(log_leaves::table
        .filter(log_leaves::device_id.eq(device))
        .filter(log_leaves::serial.gt(after.unwrap_or(-1)))
        .order(log_leaves::serial)
        .limit(limit)
        .select((log_leaves::serial, log_leaves::entry))
        .load(conn)?)
}

/// The hashes of a tile; none when there is no such tile.
pub fn tile(conn: &mut Conn, level: u8, number: u64) -> Result<Vec<u8>, Error> {
    let number = i64::try_from(number).map_err(corrupt)?;
    let found = log_tiles::table.find((i32::from(level), number)).select(log_tiles::hashes).first(conn).optional()?;
    Ok(found.unwrap_or_default())
}

/// Keeps a tile in place of what it was before it grew.
pub fn keep_tile(tx: &mut Write<'_>, level: u8, number: u64, hashes: &[u8]) -> Result<(), Error> {
    let key = (
        log_tiles::level.eq(i32::from(level)),
        log_tiles::number.eq(i64::try_from(number).map_err(corrupt)?),
        log_tiles::hashes.eq(hashes),
    );
    on_each!(&mut **tx, inner => diesel::insert_into(log_tiles::table)
        .values(key)
        .on_conflict((log_tiles::level, log_tiles::number))
        .do_update()
        .set(log_tiles::hashes.eq(hashes))
        .execute(inner))?;
    Ok(())
}

/// A head of the tree that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: [u8; 32],
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub signed_at: Timestamp,
}

type HeadRow = (i64, Vec<u8>, String, i64);

fn head((size, root, note, signed_at): HeadRow) -> Result<Head, Error> {
    Ok(Head {
        size: u64::try_from(size).map_err(corrupt)?,
        root: fixed(root, "a root")?,
        note,
        signed_at: time(signed_at)?,
    })
}

/// The newest head.
pub fn newest_head(conn: &mut Conn) -> Result<Option<Head>, Error> {
    log_checkpoints::table.order(log_checkpoints::size.desc()).first::<HeadRow>(conn).optional()?.map(head).transpose()
}

/// The newest head that was signed before this moment: what a day's minutes state.
pub fn head_before(conn: &mut Conn, moment: Timestamp) -> Result<Option<Head>, Error> {
    log_checkpoints::table
        .filter(log_checkpoints::signed_at.lt(moment.millis()))
        .order(log_checkpoints::size.desc())
        .first::<HeadRow>(conn)
        .optional()?
        .map(head)
        .transpose()
}

/// Heads in the order of their sizes, after one of them.
pub fn heads(conn: &mut Conn, after: u64, limit: i64) -> Result<Vec<Head>, Error> {
    log_checkpoints::table
        .filter(log_checkpoints::size.gt(i64::try_from(after).map_err(corrupt)?))
        .order(log_checkpoints::size)
        .limit(limit)
        .load::<HeadRow>(conn)?
        .into_iter()
        .map(head)
        .collect()
}

/// Forgets the heads of a log that has ended.
pub fn forget_heads(tx: &mut Write<'_>) -> Result<(), Error> {
    diesel::delete(log_checkpoints::table).execute(&mut **tx)?;
    Ok(())
}

/// Keeps a head; of a size that has one, its note is replaced when the root is the same (it got cosignatures).
/// False when that size has another root.
pub fn keep_head(tx: &mut Write<'_>, new: &Head) -> Result<bool, Error> {
    let size = i64::try_from(new.size).map_err(corrupt)?;
    let known = log_checkpoints::table.find(size).first::<HeadRow>(&mut **tx).optional()?.map(head).transpose()?;
    match known {
        None => {
            diesel::insert_into(log_checkpoints::table)
                .values((
                    log_checkpoints::size.eq(size),
                    log_checkpoints::root.eq(new.root.to_vec()),
                    log_checkpoints::note.eq(&new.note),
                    log_checkpoints::signed_at.eq(new.signed_at.millis()),
                ))
                .execute(&mut **tx)?;
            Ok(true)
        }
        Some(known) if known.root == new.root => {
            diesel::update(log_checkpoints::table.find(size))
                .set(log_checkpoints::note.eq(&new.note))
                .execute(&mut **tx)?;
            Ok(true)
        }
        Some(_) => Ok(false),
    }
}
