//! The whole group as one statement: each column is an array, and `unnest` makes rows of them again.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text};

use super::*;
use crate::domain::id::Identifier as _;
use crate::domain::id::{AgencyId, AttemptId, PointId, RoundId, UserId};

fn epoch(number: u32) -> Result<i32, Error> {
    i32::try_from(number).map_err(corrupt)
}

fn counter(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(corrupt)
}

macro_rules! columns {
    ($(#[$doc:meta])* $name:ident of $one:ident: $from:ty { $($field:ident: $rust:ty as $sql:ty = $value:expr;)* }) => {
        $(#[$doc])*
        struct $name { $($field: Vec<$rust>,)* }

        impl $name {
            fn of<'a>(all: impl Iterator<Item = &'a $from> + Clone) -> Result<Self, Error> {
                Ok(Self { $($field: all.clone().map(|$one| Ok($value)).collect::<Result<_, Error>>()?,)* })
            }

            /// `unnest($1, $2 …)`
            fn unnest<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                let mut before = "unnest(";
                $(
                    out.push_sql(before);
                    out.push_bind_param::<Array<$sql>, _>(&self.$field)?;
                    before = ", ";
                )*
                let _ = before;
                out.push_sql(")");
                Ok(())
            }
        }
    };
}

columns! { Rights of one: Handout {
    id: EntitlementId as Binary = one.was.id;
    epoch: i32 as Integer = epoch(one.now.fence.epoch)?;
    counter: i64 as BigInt = counter(one.now.fence.counter)?;
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

columns! { Redemptions of one: Redemption {
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

columns! { Facts of one: Owed {
    id: Vec<u8> as Binary = one.0.to_vec();
    record: Vec<u8> as Binary = one.1.clone();
} }

columns! { Leaves of one: NewLeaf {
    entry: Vec<u8> as Binary = one.entry.clone();
    entitlement: Option<EntitlementId> as Nullable<Binary> = one.entitlement;
    device: Option<DeviceId> as Nullable<Binary> = one.device;
    actor: Option<UserId> as Nullable<Binary> = one.actor;
    redemption: Option<RedemptionId> as Nullable<Binary> = one.redemption;
    subject: Option<Vec<u8>> as Nullable<Binary> = one.subject.map(|subject| subject.to_vec());
} }

columns! { Ends of one: devices::Device {
    id: Vec<u8> as Binary = one.id.bytes().to_vec();
    seq: i64 as BigInt = one.seq;
    head: Vec<u8> as Binary = one.head.to_vec();
} }

columns! { Attempts of one: Attempt {
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

#[derive(QueryId)]
struct Group {
    rights: Rights,
    redemptions: Redemptions,
    facts: Facts,
    leaves: Leaves,
    ends: Ends,
    attempts: Attempts,
    at: i64,
}

impl QueryFragment<Pg> for Group {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let group = self;
        out.push_sql(
            "WITH taken AS (UPDATE entitlements AS e SET state = 'redeemed', fence_epoch = n.epoch, \
             fence_counter = n.counter, holder_id = NULL, held_reason = NULL, revoked_reason = NULL, \
             revoke_requested = NULL, hold_taken = FALSE, release_owed = FALSE, doubt_id = NULL FROM ",
        );
        group.rights.unnest(&mut out)?;
        out.push_sql(
            " AS n (id, epoch, counter, was_state, was_epoch, was_counter, was_print, was_hold_taken, \
             was_replaced, was_holder, was_held, was_requested, was_doubt) \
             WHERE e.id = n.id AND e.state = n.was_state AND e.fence_epoch = n.was_epoch \
             AND e.fence_counter = n.was_counter AND e.print_no = n.was_print \
             AND e.hold_taken = n.was_hold_taken AND e.replaced = n.was_replaced \
             AND e.holder_id IS NOT DISTINCT FROM n.was_holder \
             AND e.held_reason IS NOT DISTINCT FROM n.was_held \
             AND e.revoke_requested IS NOT DISTINCT FROM n.was_requested \
             AND e.doubt_id IS NOT DISTINCT FROM n.was_doubt RETURNING e.id), \
             made AS (INSERT INTO redemptions (id, entitlement_id, round_id, point_id, device_id, operator_id, seq, number, \
             collector_kind, collector_relation, collector_name_sealed, collector_name_salt, id_seen, paper, \
             paper_reason, short, value_minor, scanned_at, received_at, day, request_hash, receipt, receipt_hash) \
             SELECT * FROM ",
        );
        group.redemptions.unnest(&mut out)?;
        out.push_sql(" AS r), owed AS (INSERT INTO owed_facts (id, record) SELECT * FROM ");
        group.facts.unnest(&mut out)?;
        out.push_sql(
            " AS f), logged AS (INSERT INTO log_leaves (entry, entitlement_id, device_id, actor_id, redemption_id, subject) \
             SELECT * FROM ",
        );
        group.leaves.unnest(&mut out)?;
        out.push_sql(" AS l), ended AS (UPDATE devices AS d SET seq = n.seq, head_hash = n.head, last_contact_at = ");
        out.push_bind_param::<BigInt, _>(&group.at)?;
        out.push_sql(" FROM ");
        group.ends.unnest(&mut out)?;
        out.push_sql(
            " AS n (id, seq, head) WHERE d.id = n.id), tried AS (INSERT INTO attempts (id, at, agency_id, kind, \
             outcome, user_id, device_id, point_id, entitlement_id, redemption_id, print_no) SELECT * FROM ",
        );
        group.attempts.unnest(&mut out)?;
        out.push_sql(" AS t) SELECT count(*) FROM taken");
        Ok(())
    }
}

impl Query for Group {
    type SqlType = BigInt;
}

impl RunQueryDsl<PgConnection> for Group {}

pub(super) fn keep(
    inner: &mut PgConnection,
    handouts: &[Handout],
    desks: &[&devices::Device],
    attempts: &[Attempt],
    at: Timestamp,
) -> Result<(), Error> {
    // Everybody changes them in this order, so that two groups never wait for each other.
    let mut in_order: Vec<&Handout> = handouts.iter().collect();
    in_order.sort_unstable_by_key(|one| one.was.id);
    let group = Group {
        rights: Rights::of(in_order.iter().copied())?,
        redemptions: Redemptions::of(handouts.iter().map(|one| &one.redemption))?,
        facts: Facts::of(handouts.iter().map(|one| &one.owed))?,
        leaves: Leaves::of(handouts.iter().map(|one| &one.leaf))?,
        ends: Ends::of(desks.iter().copied())?,
        attempts: Attempts::of(attempts.iter())?,
        at: at.millis(),
    };
    let taken: i64 = group.get_result(inner).map_err(|error| asked_again(error.into()))?;
    if usize::try_from(taken) != Ok(handouts.len()) {
        return Err(Error::Raced);
    }
    for one in handouts {
        kept::insert_items(inner, &one.redemption)?;
    }
    Ok(())
}
