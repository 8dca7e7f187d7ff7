//! What the device has signed, what it refused, and what it carries for others, until the server has it.

use diesel::prelude::*;

use super::tables::{attempts, carried, journal};
use super::{Transaction, hash, number, signed, time};
use crate::device::Fault;
use crate::domain::id::{AttemptId, EntitlementId, RedemptionId, UserId};
use crate::domain::time::Timestamp;

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

/// Takes a batch of another device along to the server.
pub fn carry(tx: &mut Transaction, digest: &[u8; 32], batch: &[u8]) -> Result<(), Fault> {
    diesel::replace_into(carried::table)
        .values((carried::hash.eq(digest.to_vec()), carried::batch.eq(batch)))
        .execute(tx)?;
    Ok(())
}

/// A batch of another device: its digest and its content.
type Carried = (Vec<u8>, Vec<u8>);

/// The batches of other devices that wait for the server.
pub fn carried_batches(conn: &mut Transaction) -> Result<Vec<Carried>, Fault> {
    Ok(carried::table.load(conn)?)
}

/// A carried batch has arrived.
pub fn delivered(tx: &mut Transaction, digest: &[u8]) -> Result<(), Fault> {
    diesel::delete(carried::table.find(digest.to_vec())).execute(tx)?;
    Ok(())
}
