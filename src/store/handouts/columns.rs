//! The rows of a group by their columns, as both engines bind them.

use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};

use super::*;
use crate::domain::id::{AgencyId, AttemptId, PointId, RoundId, UserId};
use crate::store::rows::columns;

fn epoch(number: u32) -> Result<i32, Error> {
    i32::try_from(number).map_err(corrupt)
}

fn counter(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(corrupt)
}

/// The new end of a device's chain.
pub(super) struct End<'a> {
    pub(super) device: &'a devices::Device,
    pub(super) at: Timestamp,
}

columns! { /// What an entitlement becomes, and what it must still be.
Rights of one: Handout {
    epoch: i32 as Integer = epoch(one.now.fence.epoch)?;
    counter: i64 as BigInt = counter(one.now.fence.counter)?;
    id: EntitlementId as Binary = one.was.id;
    was_state: &'static str as Text = one.was.state.as_str();
    was_epoch: i32 as Integer = epoch(one.was.fence.epoch)?;
    was_counter: i64 as BigInt = counter(one.was.fence.counter)?;
    was_print: i32 as Integer = one.was.print_no;
    was_hold_taken: bool as Bool = one.was.marks.hold_taken;
    was_replaced: bool as Bool = one.was.marks.replaced;
    was_holder: Option<DeviceId> as Nullable<Binary> = one.was.holder;
    was_held: Option<String> as Nullable<Text> = one.was.held_reason.clone();
    was_requested: Option<String> as Nullable<Text> = one.was.marks.revoke_requested.clone();
    was_doubt: Option<DeviceId> as Nullable<Binary> = one.was.marks.doubt;
} }

columns! { /// Redemptions with their receipts.
Redemptions of one: Redemption {
    id: RedemptionId as Binary = one.id;
    entitlement: EntitlementId as Binary = one.entitlement;
    round: RoundId as Binary = one.round;
    point: PointId as Binary = one.point;
    device: DeviceId as Binary = one.device;
    operator: UserId as Binary = one.operator;
    seq: i64 as BigInt = one.seq;
    number: String as Text = one.number.clone();
    collector: &'static str as Text = one.collector.as_str();
    relation: Option<String> as Nullable<Text> = one.relation.clone();
    name: Option<Vec<u8>> as Nullable<Binary> =
        one.collector_name.as_ref().map(|(name, _)| name.ciphertext().to_vec());
    salt: Option<Vec<u8>> as Nullable<Binary> = one.collector_name.as_ref().map(|(_, salt)| salt.to_vec());
    id_seen: bool as Bool = one.id_seen;
    paper: &'static str as Text = one.paper.as_str();
    paper_reason: Option<String> as Nullable<Text> = one.paper_reason.clone();
    short: bool as Bool = one.short.is_some();
    value: i64 as BigInt = one.value.minor();
    scanned_at: i64 as BigInt = one.scanned_at.millis();
    received_at: i64 as BigInt = one.received_at.millis();
    day: String as Text = one.day.clone();
    request_hash: Vec<u8> as Binary = one.request_hash.to_vec();
    receipt: Vec<u8> as Binary = one.receipt.clone();
    receipt_hash: Vec<u8> as Binary = one.receipt_hash.to_vec();
} }

columns! { /// Facts that are owed.
Facts of one: Owed {
    id: Vec<u8> as Binary = one.0.to_vec();
    record: Vec<u8> as Binary = one.1.clone();
} }

columns! { /// New ends of chains.
Ends of one: End<'a> {
    seq: i64 as BigInt = one.device.seq;
    head: Vec<u8> as Binary = one.device.head.to_vec();
    at: i64 as BigInt = one.at.millis();
    id: DeviceId as Binary = one.device.id;
} }

columns! { /// Attempts.
Attempts of one: Attempt {
    id: AttemptId as Binary = one.id;
    at: i64 as BigInt = one.at.millis();
    agency: AgencyId as Binary = one.agency;
    kind: &'static str as Text = one.kind.as_str();
    outcome: &'static str as Text = one.outcome;
    user: UserId as Binary = one.user;
    device: Option<DeviceId> as Nullable<Binary> = one.device;
    point: Option<PointId> as Nullable<Binary> = one.point;
    entitlement: Option<EntitlementId> as Nullable<Binary> = one.entitlement;
    redemption: Option<RedemptionId> as Nullable<Binary> = one.redemption;
    print_no: Option<i32> as Nullable<Integer> = one.print_no;
} }
