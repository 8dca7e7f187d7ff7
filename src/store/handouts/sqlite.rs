//! The group row by row.

use super::columns::{Attempts, End, Ends, Facts, Redemptions, Rights};
use super::*;
use crate::store::log::Leaves;
use crate::store::rows::{rows, write};

rows! {
    Rights: "UPDATE entitlements SET state = 'redeemed', fence_epoch = {}, fence_counter = {}, holder_id = NULL, \
        held_reason = NULL, revoked_reason = NULL, revoke_requested = NULL, hold_taken = FALSE, release_owed = FALSE, \
        doubt_id = NULL WHERE id = {} AND state = {} AND fence_epoch = {} AND fence_counter = {} AND print_no = {} \
        AND hold_taken = {} AND replaced = {} AND holder_id IS {} AND held_reason IS {} AND revoke_requested IS {} \
        AND doubt_id IS {}";
    Redemptions: "INSERT INTO redemptions (id, entitlement_id, round_id, point_id, device_id, operator_id, seq, number, \
        collector_kind, collector_relation, collector_name_sealed, collector_name_salt, id_seen, paper, paper_reason, \
        short, value_minor, scanned_at, received_at, day, request_hash, receipt, receipt_hash) \
        VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})";
    Facts: "INSERT INTO owed_facts (id, record) VALUES ({}, {})";
    Ends: "UPDATE devices SET seq = {}, head_hash = {}, last_contact_at = {} WHERE id = {}";
    Attempts: "INSERT INTO attempts (id, at, agency_id, kind, outcome, user_id, device_id, point_id, entitlement_id, \
        redemption_id, print_no) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})";
}

pub(super) fn keep(
    inner: &mut SqliteConnection,
    handouts: &[Handout],
    ends: &[End<'_>],
    attempts: &[Attempt],
) -> Result<(), Error> {
    let count = handouts.len();
    if write(inner, &Rights::of(handouts.iter())?, count)? != count {
        return Err(Error::Raced);
    }
    let redemptions = Redemptions::of(handouts.iter().map(|one| &one.redemption))?;
    write(inner, &redemptions, count).map_err(|error| asked_again(error.into()))?;
    write(inner, &Facts::of(handouts.iter().map(|one| &one.owed))?, count)?;
    write(inner, &Leaves::of(handouts.iter().map(|one| &one.leaf))?, count)?;
    write(inner, &Ends::of(ends.iter())?, ends.len())?;
    note(inner, attempts)
}

pub(super) fn note(inner: &mut SqliteConnection, attempts: &[Attempt]) -> Result<(), Error> {
    write(inner, &Attempts::of(attempts.iter())?, attempts.len())?;
    Ok(())
}
