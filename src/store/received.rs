//! Every receipt that ever came from a device with a journal of its own, also those that redeem nothing.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{device_receipts, redemptions};
use super::types::{fixed, time, word};
use crate::domain::id::{DeviceId, EntitlementId, RedemptionId};
use crate::domain::lease::Receipt;
use crate::domain::lease::evidence::{Conflict, Known};
use crate::domain::lease::message::NO_RECEIPT;
use crate::domain::time::Timestamp;

/// A receipt as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its hash.
    pub hash: [u8; 32],
    /// The device that signed it.
    pub device: DeviceId,
    /// Its place in the device's chain.
    pub seq: i64,
    /// Whether it was the first that came for this place.
    pub first_there: bool,
    /// The receipt before it, as it says.
    pub prev_hash: [u8; 32],
    /// Its id.
    pub redemption: RedemptionId,
    /// What was handed out.
    pub entitlement: EntitlementId,
    /// Why it is not the redemption, when it is not.
    pub conflict: Option<Conflict>,
    /// The signed receipt.
    pub receipt: Vec<u8>,
    /// When the server had it.
    pub received_at: Timestamp,
}

type Row = (Vec<u8>, DeviceId, i64, bool, Vec<u8>, RedemptionId, EntitlementId, Option<String>, Vec<u8>, i64);

fn check(row: Row) -> Result<Received, Error> {
    let (hash, device, seq, first_there, prev_hash, redemption, entitlement, conflict, receipt, received_at) = row;
    let conflict = conflict.map(|why| word(Conflict::parse(&why), "conflict", &why)).transpose()?;
    Ok(Received {
        hash: fixed(hash, "a receipt hash")?,
        device,
        seq,
        first_there,
        prev_hash: fixed(prev_hash, "a receipt hash")?,
        redemption,
        entitlement,
        conflict,
        receipt,
        received_at: time(received_at)?,
    })
}

/// Keeps a receipt.
pub fn insert(tx: &mut Write<'_>, one: &Received) -> Result<(), Error> {
    diesel::insert_into(device_receipts::table)
        .values((
            device_receipts::hash.eq(one.hash.to_vec()),
            device_receipts::device_id.eq(one.device),
            device_receipts::seq.eq(one.seq),
            device_receipts::first_there.eq(one.first_there),
            device_receipts::prev_hash.eq(one.prev_hash.to_vec()),
            device_receipts::redemption_id.eq(one.redemption),
            device_receipts::entitlement_id.eq(one.entitlement),
            device_receipts::conflict.eq(one.conflict.map(Conflict::as_str)),
            device_receipts::receipt.eq(&one.receipt),
            device_receipts::received_at.eq(one.received_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The receipt with this hash.
pub fn find(conn: &mut Conn, hash: [u8; 32]) -> Result<Option<Received>, Error> {
    device_receipts::table.find(hash.to_vec()).first::<Row>(conn).optional()?.map(check).transpose()
}

/// The hashes of the receipts with this id, whoever signed them.
fn with_id(conn: &mut Conn, id: RedemptionId) -> Result<Vec<[u8; 32]>, Error> {
    let mut hashes: Vec<Vec<u8>> = device_receipts::table
        .filter(device_receipts::redemption_id.eq(id))
        .order((device_receipts::received_at, device_receipts::hash))
        .select(device_receipts::hash)
        .load(conn)?;
    let online: Option<Vec<u8>> =
        redemptions::table.find(id).select(redemptions::receipt_hash).first(conn).optional()?;
    hashes.extend(online);
    hashes.into_iter().map(|hash| fixed(hash, "a receipt hash")).collect()
}

/// What is kept around a receipt's place in its device's chain.
pub fn known(conn: &mut Conn, receipt: &Receipt) -> Result<Known, Error> {
    let same = with_id(conn, receipt.redemption)?;
    let seq = i64::try_from(receipt.seq).unwrap_or(i64::MAX);
    let around: Vec<(i64, Vec<u8>, Vec<u8>)> = device_receipts::table
        .filter(device_receipts::device_id.eq(receipt.device))
        .filter(device_receipts::seq.between(seq.saturating_sub(1), seq.saturating_add(1)))
        .filter(device_receipts::first_there.eq(true))
        .select((device_receipts::seq, device_receipts::hash, device_receipts::prev_hash))
        .load(conn)?;
    // The very same receipt counts before another with its id.
    let same_id = same.iter().copied().find(|hash| *hash == receipt.hash).or_else(|| same.first().copied());
    let mut known = Known { same_id, ..Known::default() };
    for (place, hash, prev_hash) in around {
        match place.cmp(&seq) {
            std::cmp::Ordering::Less => known.before = Some(fixed(hash, "a receipt hash")?),
            std::cmp::Ordering::Equal => known.at_seq = Some(fixed(hash, "a receipt hash")?),
            std::cmp::Ordering::Greater => known.after = Some(fixed(prev_hash, "a receipt hash")?),
        }
    }
    Ok(known)
}

/// How far the chain of a device is here without a gap, each receipt pointing to the one before it: the last place
/// and the hash of the receipt there. Where a copy of the device has signed the next, the chain ends.
pub fn unbroken(conn: &mut Conn, device: DeviceId) -> Result<Option<(u64, [u8; 32])>, Error> {
    const BATCH: i64 = 2_000;
    let mut end: Option<(u64, [u8; 32])> = None;
    loop {
        let after = end.map_or(0, |(seq, _)| i64::try_from(seq).unwrap_or(i64::MAX));
        let next: Vec<(i64, Vec<u8>, Vec<u8>)> = device_receipts::table
            .filter(device_receipts::device_id.eq(device))
            .filter(device_receipts::seq.gt(after))
            .filter(device_receipts::first_there.eq(true))
            .order(device_receipts::seq)
            .limit(BATCH)
            .select((device_receipts::seq, device_receipts::hash, device_receipts::prev_hash))
            .load(conn)?;
        let full = i64::try_from(next.len()).unwrap_or(0) == BATCH;
        for (seq, hash, prev_hash) in next {
            let (last, head) = end.unwrap_or((0, NO_RECEIPT));
            if u64::try_from(seq) != Ok(last + 1) || prev_hash != head {
                return Ok(end);
            }
            end = Some((u64::try_from(seq).unwrap_or(0), fixed(hash, "a receipt hash")?));
        }
        if !full {
            return Ok(end);
        }
    }
}

/// A device's receipts, those that came first for their place, in the order of its chain.
pub fn chain_of(conn: &mut Conn, device: DeviceId, after: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    Ok(device_receipts::table
        .filter(device_receipts::device_id.eq(device))
        .filter(device_receipts::seq.gt(after))
        .filter(device_receipts::first_there.eq(true))
        .order(device_receipts::seq)
        .limit(limit)
        .select((device_receipts::seq, device_receipts::receipt))
        .load(conn)?)
}

/// A device's newest receipts that are not the redemption of anything.
pub fn conflicts_of(conn: &mut Conn, device: DeviceId, limit: i64) -> Result<Vec<Received>, Error> {
    device_receipts::table
        .filter(device_receipts::device_id.eq(device))
        .filter(device_receipts::conflict.is_not_null())
        .order((device_receipts::received_at.desc(), device_receipts::hash))
        .limit(limit)
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// How many redemptions were signed at places of a device's chain that were taken before.
pub fn count_beside(conn: &mut Conn, device: DeviceId) -> Result<i64, Error> {
    Ok(redemptions::table
        .filter(redemptions::device_id.eq(device))
        .filter(redemptions::seq.lt(0))
        .count()
        .get_result(conn)?)
}

/// Whether a redemption stands at this place of a device's chain.
pub fn place_is_taken(conn: &mut Conn, device: DeviceId, seq: i64) -> Result<bool, Error> {
    let count: i64 = redemptions::table
        .filter(redemptions::device_id.eq(device))
        .filter(redemptions::seq.eq(seq))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// The hash of the first receipt at this place of a device's chain.
pub fn hash_at(conn: &mut Conn, device: DeviceId, seq: i64) -> Result<Option<[u8; 32]>, Error> {
    let hash: Option<Vec<u8>> = device_receipts::table
        .filter(device_receipts::device_id.eq(device))
        .filter(device_receipts::seq.eq(seq))
        .filter(device_receipts::first_there.eq(true))
        .select(device_receipts::hash)
        .first(conn)
        .optional()?;
    hash.map(|hash| fixed(hash, "a receipt hash")).transpose()
}

/// Makes a receipt a conflict that a restored database called the redemption.
pub fn set_conflict(tx: &mut Write<'_>, hash: [u8; 32], why: Conflict) -> Result<(), Error> {
    diesel::update(device_receipts::table.find(hash.to_vec()))
        .set(device_receipts::conflict.eq(why.as_str()))
        .execute(&mut **tx)?;
    Ok(())
}
