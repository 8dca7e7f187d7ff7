//! What the device has of each entitlement, and what came with its lease.

use diesel::prelude::*;

use super::tables::{entries, rounds, slots};
use super::{Transaction, number, signed, time};
use crate::device::Fault;
use crate::domain::entitlement::Fence;
use crate::domain::id::{EntitlementId, RedemptionId, RoundId};
use crate::domain::lease::device::{Lease, Slot};
use crate::domain::time::Timestamp;

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
    /// Its package and value, as JSON: see [`crate::device::install`].
    pub content: String,
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
