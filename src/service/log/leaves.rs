//! What a leaf of each event says.

use crate::domain::entitlement::Entitlement;
use crate::domain::id::{AgencyId, DeviceId, Identifier, RoundId, UserId};
use crate::domain::lease::office::{Hold, Right, Row};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::service::{Error, Office};
use crate::store::lease_evidence::Finding;
use crate::store::redemptions::Redemption;
use crate::store::{self, Write};
use crate::token::ReceiptBody;
use crate::transparency::{Kind, Leaf};

/// A person got their role.
pub(in crate::service) fn role_leaf(
    at: Timestamp,
    by: Option<UserId>,
    (agency, user, role): (AgencyId, UserId, Role),
) -> Leaf {
    Leaf {
        actor: by,
        agency: Some(agency),
        subject: Some(*user.bytes()),
        word: Some(role.as_str().to_owned()),
        ..Leaf::new(Kind::Role, at)
    }
}

/// A key was made, or stopped signing; the word is its purpose, or why it stopped.
pub(in crate::service) fn key_leaf(at: Timestamp, public_key: [u8; 32], word: &str, round: Option<RoundId>) -> Leaf {
    Leaf { public_key: Some(public_key), word: Some(word.to_owned()), round, ..Leaf::new(Kind::Key, at) }
}

/// A device got its key.
pub(in crate::service) fn enrol_leaf(leaf: Leaf, device: DeviceId, point: i32, public_key: [u8; 32]) -> Leaf {
    Leaf { device: Some(device), point: u32::try_from(point).ok(), public_key: Some(public_key), ..leaf }
}

/// What the log holds of a receipt: its figures and its hash, and nothing that anybody said.
pub(in crate::service) fn receipt_leaf(
    kind: Kind,
    body: &ReceiptBody,
    agency: AgencyId,
    received_at: Timestamp,
    hash: [u8; 32],
) -> Leaf {
    Leaf {
        actor: Some(body.operator),
        agency: Some(agency),
        entitlement: Some(body.entitlement),
        round: Some(body.round),
        point: Some(body.point),
        device: Some(body.device),
        fence: Some(body.fence),
        seq: Some(body.seq),
        prev_hash: Some(body.prev_hash),
        receipt_hash: Some(hash),
        claimed_at_ms: Some(body.claimed_at_ms),
        redemption: Some(body.redemption),
        value_minor: Some(body.value_minor),
        currency: Some(body.currency.clone()),
        items: body.items.clone(),
        collector: Some(body.collector.clone()),
        ..Leaf::new(kind, received_at)
    }
}

/// The same of a receipt that is the redemption of its right, with the figures that count: where the device says
/// otherwise, that is on the log as something odd.
pub(in crate::service) fn redeem_leaf(body: &ReceiptBody, agency: AgencyId, counted: &Redemption, point: i32) -> Leaf {
    Leaf {
        round: Some(counted.round),
        point: u32::try_from(point).ok(),
        value_minor: Some(counted.value.minor()),
        count: days_since_1970(&counted.day),
        ..receipt_leaf(Kind::Redeem, body, agency, counted.received_at, counted.receipt_hash)
    }
}

/// A day as it is written, `2026-12-07`, in days since 1970.
fn days_since_1970(day: &str) -> Option<i64> {
    let day: jiff::civil::Date = day.parse().ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from(epoch.until((jiff::Unit::Day, day)).ok()?.get_days()))
}

/// A handout that stands in the log was missing in the database, and was put back from outside.
pub(in crate::service) fn put_back_leaf(handout: &Leaf, at: Timestamp) -> Leaf {
    Leaf {
        entitlement: handout.entitlement,
        round: handout.round,
        redemption: handout.redemption,
        device: handout.device,
        word: Some("put_back".to_owned()),
        ..Leaf::new(Kind::Conflict, at)
    }
}

/// Something was put on record for a person to look at.
pub(in crate::service) fn finding_leaf(finding: &Finding) -> Leaf {
    Leaf {
        device: finding.device,
        entitlement: finding.entitlement,
        seq: finding.seq.and_then(|seq| u64::try_from(seq).ok()),
        word: Some(finding.kind.clone()),
        ..Leaf::new(Kind::Conflict, finding.at)
    }
}

/// How a right went from one row to another. That it was handed over is told by its receipt.
pub(in crate::service) fn step_leaves(base: &Leaf, one: &Entitlement, before: &Row, after: &Row) -> Vec<Leaf> {
    let about = |kind| Leaf { kind, entitlement: Some(one.id), round: Some(one.round), ..base.clone() };
    let policy = |word: &str| Leaf { word: Some(word.to_owned()), ..about(Kind::Policy) };
    let mut leaves = Vec::new();
    if after.revoke_requested && !before.revoke_requested {
        leaves.push(policy("revoke_requested"));
    }
    if after.hold != before.hold && !matches!(after.right, Right::Redeemed(_)) {
        leaves.push(policy(match after.hold {
            Hold::No => "release",
            Hold::Requested => "hold_requested",
            Hold::Effective => "hold",
        }));
    }
    if (before.right, before.fence) == (after.right, after.fence) {
        return leaves;
    }
    if let Right::Leased(device) = before.right {
        let given_up = after.right == Right::Unresolved(device);
        if !given_up && !matches!(after.right, Right::Leased(_) | Right::Redeemed(_)) {
            leaves.push(Leaf { device: Some(device), fence: Some(before.fence), ..about(Kind::Return) });
        }
    }
    match after.right {
        Right::Leased(device) => {
            leaves.push(Leaf { device: Some(device), fence: Some(after.fence), ..about(Kind::Grant) });
        }
        Right::Unresolved(device) => leaves.push(Leaf { device: Some(device), ..about(Kind::WriteOff) }),
        Right::Revoked => leaves.push(about(Kind::Revoke)),
        Right::Expired => leaves.push(about(Kind::Expire)),
        Right::Available | Right::Redeemed(_) => {}
    }
    leaves
}

impl Office {
    /// Adds a leaf of what a restored database is told again, unless the log has it already; false when it has.
    pub(in crate::service) fn append_again(&self, tx: &mut Write<'_>, leaf: &Leaf) -> Result<bool, Error> {
        let told = |known: &Leaf| {
            (known.kind, known.entitlement, known.device) == (leaf.kind, leaf.entitlement, leaf.device)
                && (known.receipt_hash, known.public_key, &known.word)
                    == (leaf.receipt_hash, leaf.public_key, &leaf.word)
        };
        let about = match (leaf.entitlement, leaf.device) {
            (Some(id), _) => store::log::About::Entitlement(id),
            (None, Some(id)) => store::log::About::Device(id),
            (None, None) => return super::append(tx, leaf).map(|()| true),
        };
        let known = store::log::history(tx, about, None, i64::MAX)?;
        if known.iter().filter_map(|(_, entry)| Leaf::decode(entry)).any(|known| told(&known)) {
            return Ok(false);
        }
        super::append(tx, leaf).map(|()| true)
    }
}
