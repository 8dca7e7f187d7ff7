//! The whole group as one statement: each column is an array, and `unnest` makes rows of them again.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;

use super::columns::{Attempts, End, Ends, Facts, Redemptions, Rights};
use super::*;
use crate::store::log::Leaves;

impl QueryFragment<Pg> for Attempts {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO attempts (id, at, agency_id, kind, outcome, user_id, device_id, point_id, entitlement_id, \
             redemption_id, print_no) SELECT * FROM ",
        );
        self.unnest(&mut out)?;
        out.push_sql(" AS t");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for Attempts {}

pub(super) fn note(inner: &mut PgConnection, attempts: &[Attempt]) -> Result<(), Error> {
    Attempts::of(attempts.iter())?.execute(inner)?;
    Ok(())
}

#[derive(QueryId)]
struct Group {
    rights: Rights,
    redemptions: Redemptions,
    facts: Facts,
    leaves: Leaves,
    ends: Ends,
    attempts: Attempts,
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
            " AS n (epoch, counter, id, was_state, was_epoch, was_counter, was_print, was_hold_taken, \
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
        out.push_sql(" AS f), logged AS (");
        group.leaves.walk_ast(out.reborrow())?;
        out.push_sql(
            "), ended AS (UPDATE devices AS d SET seq = n.seq, head_hash = n.head, last_contact_at = n.at FROM ",
        );
        group.ends.unnest(&mut out)?;
        out.push_sql(" AS n (seq, head, at, id) WHERE d.id = n.id), tried AS (");
        group.attempts.walk_ast(out.reborrow())?;
        out.push_sql(") SELECT count(*) FROM taken");
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
    ends: &[End<'_>],
    attempts: &[Attempt],
) -> Result<(), Error> {
    // Everybody changes them in this order, so that two groups never wait for each other.
    let mut in_order: Vec<&Handout> = handouts.iter().collect();
    in_order.sort_unstable_by_key(|one| one.was.id);
    let group = Group {
        rights: Rights::of(in_order.iter().copied())?,
        redemptions: Redemptions::of(handouts.iter().map(|one| &one.redemption))?,
        facts: Facts::of(handouts.iter().map(|one| &one.owed))?,
        leaves: Leaves::of(handouts.iter().map(|one| &one.leaf))?,
        ends: Ends::of(ends.iter())?,
        attempts: Attempts::of(attempts.iter())?,
    };
    let taken: i64 = group.get_result(inner).map_err(|error| asked_again(error.into()))?;
    if usize::try_from(taken) != Ok(handouts.len()) {
        return Err(Error::Raced);
    }
    Ok(())
}
