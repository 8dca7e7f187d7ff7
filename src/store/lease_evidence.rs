//! What a person has to look at about leases: forks, broken signatures, claims that cannot be.

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::lease_evidence;
use super::types::time;
use crate::domain::id::{AuditId, DeviceId, EntitlementId, Identifier};
use crate::domain::time::Timestamp;

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// When it came to light.
    pub at: Timestamp,
    /// What it is, as a stable code: `fork`, `altered`, `stale_claim` …
    pub kind: String,
    /// The device of which it speaks.
    pub device: Option<DeviceId>,
    /// The entitlement of which it speaks, if it is one.
    pub entitlement: Option<EntitlementId>,
    /// The place in the device's chain.
    pub seq: Option<i64>,
    /// More words.
    pub detail: String,
    /// What was sent.
    pub bytes: Option<Vec<u8>>,
}

/// Keeps it, once: a repeated message is no second finding. False when it was known.
pub fn insert(tx: &mut Write<'_>, id: AuditId, one: &Finding) -> Result<bool, Error> {
    let digest = Sha256::new()
        .chain_update(one.kind.as_bytes())
        .chain_update([0])
        .chain_update(one.device.map_or([0; 16], |device| *device.bytes()))
        .chain_update(one.entitlement.map_or([0; 16], |entitlement| *entitlement.bytes()))
        .chain_update(one.seq.unwrap_or(0).to_be_bytes())
        .chain_update(one.bytes.as_deref().unwrap_or_default())
        .finalize();
    let count = on_each!(&mut **tx, inner => diesel::insert_into(lease_evidence::table)
        .values((
            lease_evidence::id.eq(id),
            lease_evidence::at.eq(one.at.millis()),
            lease_evidence::kind.eq(&one.kind),
            lease_evidence::device_id.eq(one.device),
            lease_evidence::entitlement_id.eq(one.entitlement),
            lease_evidence::seq.eq(one.seq),
            lease_evidence::detail.eq(&one.detail),
            lease_evidence::bytes.eq(&one.bytes),
            lease_evidence::digest.eq(digest.to_vec()),
        ))
        .on_conflict(lease_evidence::digest)
        .do_nothing()
        .execute(inner))?;
    Ok(count == 1)
}

type Row = (i64, String, Option<DeviceId>, Option<EntitlementId>, Option<i64>, String, Option<Vec<u8>>);

/// What was found about a device, newest first.
pub fn of_device(conn: &mut Conn, device: DeviceId, limit: i64) -> Result<Vec<Finding>, Error> {
    lease_evidence::table
        .filter(lease_evidence::device_id.eq(device))
        .order(lease_evidence::id.desc())
        .limit(limit)
        .select((
            lease_evidence::at,
            lease_evidence::kind,
            lease_evidence::device_id,
            lease_evidence::entitlement_id,
            lease_evidence::seq,
            lease_evidence::detail,
            lease_evidence::bytes,
        ))
        .load::<Row>(conn)?
        .into_iter()
        .map(|(at, kind, device, entitlement, seq, detail, bytes)| {
            Ok(Finding { at: time(at)?, kind, device, entitlement, seq, detail, bytes })
        })
        .collect()
}
