//! Redemptions: the one handout of an entitlement, with its signed receipt.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::{devices, points, redemption_items, redemptions};
use super::types::{fixed, money, time, word};
use crate::domain::id::{DeviceId, EntitlementId, PointId, RedemptionId, RoundId, UserId};
use crate::domain::money::Money;
use crate::domain::redemption::{CollectorKind, First, Given, Paper};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// A redemption as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    /// Its id, chosen by the caller.
    pub id: RedemptionId,
    /// What was redeemed.
    pub entitlement: EntitlementId,
    /// In which round.
    pub round: RoundId,
    /// Where.
    pub point: PointId,
    /// On which device.
    pub device: DeviceId,
    /// By whom.
    pub operator: UserId,
    /// Its place in the device's chain.
    pub seq: i64,
    /// The receipt's number.
    pub number: String,
    /// Who stood at the desk.
    pub collector: CollectorKind,
    /// How they belong to the recipient.
    pub relation: Option<String>,
    /// Their name, sealed, and the salt of its digest in the receipt.
    pub collector_name: Option<(Sealed, [u8; 16])>,
    /// Whether an identity card was seen.
    pub id_seen: bool,
    /// What became of the paper.
    pub paper: Paper,
    /// Why it was not shown.
    pub paper_reason: Option<String>,
    /// What was given, when it was less than the package.
    pub short: Option<Vec<Given>>,
    /// The value of what was given.
    pub value: Money,
    /// When the desk says it scanned.
    pub scanned_at: Timestamp,
    /// When the server took it.
    pub received_at: Timestamp,
    /// The day of that in the agency's zone.
    pub day: String,
    /// Digest of what was asked for, to tell a retry from another request with the same id.
    pub request_hash: [u8; 32],
    /// The signed receipt.
    pub receipt: Vec<u8>,
    /// Its hash, to which the device's next receipt points.
    pub receipt_hash: [u8; 32],
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = redemptions)]
struct Row {
    id: RedemptionId,
    entitlement_id: EntitlementId,
    round_id: RoundId,
    point_id: PointId,
    device_id: DeviceId,
    operator_id: UserId,
    seq: i64,
    number: String,
    collector_kind: String,
    collector_relation: Option<String>,
    collector_name_sealed: Option<Vec<u8>>,
    collector_name_salt: Option<Vec<u8>>,
    id_seen: bool,
    paper: String,
    paper_reason: Option<String>,
    short: bool,
    value_minor: i64,
    scanned_at: i64,
    received_at: i64,
    day: String,
    request_hash: Vec<u8>,
    receipt: Vec<u8>,
    receipt_hash: Vec<u8>,
}

impl Row {
    fn check(self, short: Option<Vec<Given>>) -> Result<Redemption, Error> {
        let collector_name = match (self.collector_name_sealed, self.collector_name_salt) {
            (Some(name), Some(salt)) => Some((Sealed::from_ciphertext(name), fixed(salt, "a salt")?)),
            _ => None,
        };
        Ok(Redemption {
            id: self.id,
            entitlement: self.entitlement_id,
            round: self.round_id,
            point: self.point_id,
            device: self.device_id,
            operator: self.operator_id,
            seq: self.seq,
            number: self.number,
            collector: word(CollectorKind::parse(&self.collector_kind), "collector", &self.collector_kind)?,
            relation: self.collector_relation,
            collector_name,
            id_seen: self.id_seen,
            paper: word(Paper::parse(&self.paper), "paper", &self.paper)?,
            paper_reason: self.paper_reason,
            short,
            value: money(self.value_minor)?,
            scanned_at: time(self.scanned_at)?,
            received_at: time(self.received_at)?,
            day: self.day,
            request_hash: fixed(self.request_hash, "a request hash")?,
            receipt: self.receipt,
            receipt_hash: fixed(self.receipt_hash, "a receipt hash")?,
        })
    }
}

/// Keeps a redemption with its receipt.
pub fn insert(tx: &mut Write<'_>, redemption: &Redemption) -> Result<(), Error> {
    let one = redemption.clone();
    let (name, salt) =
        one.collector_name.map_or((None, None), |(name, salt)| (Some(name.ciphertext().to_vec()), Some(salt.to_vec())));
    let row = Row {
        id: one.id,
        entitlement_id: one.entitlement,
        round_id: one.round,
        point_id: one.point,
        device_id: one.device,
        operator_id: one.operator,
        seq: one.seq,
        number: one.number,
        collector_kind: one.collector.as_str().to_owned(),
        collector_relation: one.relation,
        collector_name_sealed: name,
        collector_name_salt: salt,
        id_seen: one.id_seen,
        paper: one.paper.as_str().to_owned(),
        paper_reason: one.paper_reason,
        short: one.short.is_some(),
        value_minor: one.value.minor(),
        scanned_at: one.scanned_at.millis(),
        received_at: one.received_at.millis(),
        day: one.day,
        request_hash: one.request_hash.to_vec(),
        receipt: one.receipt,
        receipt_hash: one.receipt_hash.to_vec(),
    };
    on_each!(&mut **tx, inner => diesel::insert_into(redemptions::table).values(row).execute(inner))?;
    insert_items(tx, redemption)
}

/// What was given, where it is less than the package, of a redemption that is kept already.
pub(super) fn insert_items(tx: &mut Write<'_>, redemption: &Redemption) -> Result<(), Error> {
    for given in redemption.short.iter().flatten() {
        diesel::insert_into(redemption_items::table)
            .values((
                redemption_items::redemption_id.eq(redemption.id),
                redemption_items::code.eq(&given.code),
                redemption_items::quantity.eq(given.quantity),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// What the handout of an entitlement was worth, if there was one.
pub fn worth_of(conn: &mut Conn, entitlement: EntitlementId) -> Result<Option<Money>, Error> {
    let worth: Option<i64> = redemptions::table
        .filter(redemptions::entitlement_id.eq(entitlement))
        .select(redemptions::value_minor)
        .first(conn)
        .optional()?;
    worth.map(money).transpose()
}

/// The redemption with this id.
pub fn find(conn: &mut Conn, id: RedemptionId) -> Result<Option<Redemption>, Error> {
    let Some(row) = redemptions::table.find(id).first::<Row>(conn).optional()? else { return Ok(None) };
    let short = if row.short {
        let lines = redemption_items::table
            .filter(redemption_items::redemption_id.eq(id))
            .order(redemption_items::code)
            .select((redemption_items::code, redemption_items::quantity))
            .load::<(String, i64)>(conn)?;
        Some(lines.into_iter().map(|(code, quantity)| Given { code, quantity }).collect())
    } else {
        None
    };
    row.check(short).map(Some)
}

/// When, where and to whom an entitlement was handed over.
pub fn first_of(conn: &mut Conn, entitlement: EntitlementId) -> Result<Option<First>, Error> {
    let row = redemptions::table
        .inner_join(points::table.on(points::id.eq(redemptions::point_id)))
        .inner_join(devices::table.on(devices::id.eq(redemptions::device_id)))
        .filter(redemptions::entitlement_id.eq(entitlement))
        .select((
            redemptions::id,
            redemptions::number,
            redemptions::received_at,
            points::code,
            points::name,
            devices::name,
            redemptions::collector_kind,
        ))
        .first::<(RedemptionId, String, i64, String, String, String, String)>(conn)
        .optional()?;
    row.map(|(id, number, at, point_code, point_name, desk, collector)| {
        Ok(First {
            id,
            number,
            redeemed_at: time(at)?,
            point_code,
            point_name,
            desk,
            collector: word(CollectorKind::parse(&collector), "collector", &collector)?,
        })
    })
    .transpose()
}

/// A device's receipts in the order of its chain: for whoever checks that nothing is missing.
pub fn chain_of(conn: &mut Conn, device: DeviceId, after: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    Ok(redemptions::table
        .filter(redemptions::device_id.eq(device))
        .filter(redemptions::seq.gt(after))
        .order(redemptions::seq)
        .limit(limit)
        .select((redemptions::seq, redemptions::receipt))
        .load(conn)?)
}

/// A device's redemptions whole, in the order of its chain.
pub fn whole_chain(conn: &mut Conn, device: DeviceId, after: i64, limit: i64) -> Result<Vec<Redemption>, Error> {
    let ids: Vec<RedemptionId> = redemptions::table
        .filter(redemptions::device_id.eq(device))
        .filter(redemptions::seq.gt(after))
        .order(redemptions::seq)
        .limit(limit)
        .select(redemptions::id)
        .load(conn)?;
    let mut whole = Vec::with_capacity(ids.len());
    for id in ids {
        whole.extend(find(conn, id)?);
    }
    Ok(whole)
}

/// Takes a redemption back that a restored database knows and the facts outside do not: its receipt is kept as a
/// conflict by then.
pub fn withdraw(tx: &mut Write<'_>, id: RedemptionId) -> Result<(), Error> {
    diesel::delete(redemption_items::table.filter(redemption_items::redemption_id.eq(id))).execute(&mut **tx)?;
    diesel::delete(redemptions::table.find(id)).execute(&mut **tx)?;
    Ok(())
}

/// The redemption whose receipt's hash begins so; none when several do.
pub fn by_receipt(conn: &mut Conn, prefix: &[u8]) -> Result<Option<RedemptionId>, Error> {
    let mut highest = prefix.to_vec();
    highest.resize(33, 0xff);
    let found: Vec<RedemptionId> = redemptions::table
        .filter(redemptions::receipt_hash.ge(prefix))
        .filter(redemptions::receipt_hash.lt(highest))
        .limit(2)
        .select(redemptions::id)
        .load(conn)?;
    Ok(match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

/// What a database holds of a redemption beside the log.
#[derive(Debug, Clone, Queryable)]
pub struct Signed {
    /// The day on which it counts.
    pub day: String,
    /// What it is worth.
    pub value_minor: i64,
    /// The right.
    pub entitlement: EntitlementId,
    /// Who handed over.
    pub operator: UserId,
    /// To whom, by its code.
    pub collector: String,
    /// The receipt.
    pub receipt: Vec<u8>,
}

/// The signed receipts of these redemptions.
pub fn signed(conn: &mut Conn, ids: &[RedemptionId]) -> Result<Vec<(RedemptionId, Signed)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let of_it = (
        redemptions::day,
        redemptions::value_minor,
        redemptions::entitlement_id,
        redemptions::operator_id,
        redemptions::collector_kind,
        redemptions::receipt,
    );
    Ok(redemptions::table.filter(redemptions::id.eq_any(ids)).select((redemptions::id, of_it)).load(conn)?)
}
