//! What the device says, to a person and to a machine.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::super::output::line;
use super::super::{Desk, Fault};
use crate::device::identity::Identity;
use crate::device::redeem::Outcome;
use crate::device::scan::Scan;
use crate::device::sync::Synced;
use crate::device::talk::Leased;
use crate::device::{self, Device};
use crate::domain::time::{Timestamp, Zone};
use crate::words::{Value as Word, Words};

/// The device, for a moment.
pub(super) fn held(unit: &Mutex<Device>) -> MutexGuard<'_, Device> {
    unit.lock().unwrap_or_else(PoisonError::into_inner)
}

fn number(value: u64) -> Word<'static> {
    Word::from(value)
}

fn moment(desk: &Desk<'_>, unit: &Identity, at: Timestamp) -> String {
    if desk.output.json { at.iso(unit.zone) } else { at.short(unit.zone) }
}

pub(super) fn enrolled(desk: &Desk<'_>, unit: &Identity) -> Result<(), Fault> {
    let text = desk.words.with(
        "device-is-enrolled",
        &[("name", Word::from(unit.name.clone())), ("point", Word::from(unit.point.name.clone()))],
    );
    let value = json!({ "device_id": unit.device, "number": unit.number, "name": unit.name, "kid": unit.kid,
        "point": unit.point.code });
    desk.output.say(&text, &value)
}

pub(super) fn leased(desk: &Desk<'_>, done: &Leased) -> Result<(), Fault> {
    let counts = [("installed", number(done.installed)), ("known", number(done.known))];
    let mut text = desk.words.with("device-leased", &counts);
    for (entitlement, why) in &done.refused {
        text.push_str(&format!("\n{entitlement}: {why}"));
    }
    let refused: Vec<_> = done.refused.iter().map(|(of, why)| json!({ "entitlement_id": of, "why": why })).collect();
    desk.output.say(&text, &json!({ "installed": done.installed, "known": done.known, "refused": refused }))
}

/// Why, where the verdict's own sentence does not say it.
fn reason(words: Words, scan: &Scan) -> String {
    let own = [
        "brake_packages",
        "brake_hours",
        "stopped_revoked",
        "stopped_forked",
        "server_recovering",
        "revoke_requested",
        "server_refused",
    ];
    match scan.reason {
        Some(code) if own.contains(&code) => words.of("device-reason", code),
        _ => words.of("verdict-do", scan.verdict.as_str()),
    }
}

fn scan_json(desk: &Desk<'_>, zone: Zone, scan: &Scan) -> Value {
    json!({
        "verdict": scan.verdict,
        "reason": scan.reason,
        "detail": reason(desk.words, scan),
        "entitlement_id": scan.entitlement,
        "first": scan.first.as_ref().map(|first| json!({
            "redemption_id": first.redemption, "seq": first.seq, "at": first.claimed_at.iso(zone), "shown": first.shown
        })),
    })
}

pub(super) fn scan(desk: &Desk<'_>, zone: Zone, scan: &Scan) -> Result<(), Fault> {
    let mut text = format!("{}. {}", desk.words.of("verdict", scan.verdict.as_str()), reason(desk.words, scan));
    if let Some(first) = &scan.first
        && !first.shown
    {
        // The power went between the receipt and the screen.
        text.push_str(". ");
        text.push_str(&desk.words.get("device-unconfirmed-one"));
    }
    desk.output.say(&text, &scan_json(desk, zone, scan))
}

/// Says how a wish ended; the line of a green one is on its way before the receipt is marked as shown.
pub(super) fn outcome(desk: &Desk<'_>, unit: &Mutex<Device>, outcome: &Outcome) -> Result<(), Fault> {
    match outcome {
        Outcome::Refused(refused) => {
            let zone = held(unit).identity().zone;
            scan(desk, zone, refused)
        }
        Outcome::Green { kept, items, again, flags } => {
            let value = json!({ "verdict": outcome.verdict(), "redemption_id": kept.redemption,
                "entitlement_id": kept.entitlement, "seq": kept.seq, "again": again, "flags": flags,
                "items": items.iter().map(|(code, quantity)| json!({ "code": code, "quantity": quantity })).collect::<Vec<_>>() });
            let mut text = desk.words.of("verdict", "valid");
            for (code, quantity) in items {
                text.push_str(&format!(" | {code} {quantity}"));
            }
            if flags.iter().any(|flag| flag == "clock_back") {
                text.push_str(". ");
                text.push_str(&desk.words.get("device-set-clock"));
            }
            desk.output.say(&text, &value)?;
            Ok(held(unit).shown(kept.redemption)?)
        }
    }
}

pub(super) fn synced(desk: &Desk<'_>, done: &Synced) -> Result<(), Fault> {
    let counts =
        [("taken", number(done.taken)), ("conflicts", number(done.conflicts)), ("returned", number(done.returned))];
    let text = desk.words.with("device-synced", &counts);
    desk.output.say(&text, &json!(done))
}

/// The leases are closed, whatever became of the conversation: the next one tells it.
pub(super) fn returned(desk: &Desk<'_>, closed: u64, told: Result<Synced, device::Fault>) -> Result<(), Fault> {
    let text = desk.words.with("device-closed", &[("count", number(closed))]);
    match told {
        Ok(done) => desk.output.say(&text, &json!({ "closed": closed, "returned": done.returned, "told": true })),
        Err(device::Fault::Unreachable(_)) => {
            let text = format!("{text} {}", desk.words.get("device-told-later"));
            desk.output.say(&text, &json!({ "closed": closed, "returned": 0, "told": false }))
        }
        Err(fault) => Err(fault.into()),
    }
}

pub(super) fn status(desk: &Desk<'_>, unit: &Mutex<Device>) -> Result<(), Fault> {
    let mut unit = held(unit);
    let (core, counts, operator) = (unit.core()?, unit.counts()?, unit.operator()?);
    let identity = unit.identity().clone();
    let unconfirmed = unit.unconfirmed()?;
    let stopped = core.stopped.map(device::stopped_code);
    let value = json!({
        "device_id": identity.device, "number": identity.number, "name": identity.name, "point": identity.point.code,
        "server": identity.server, "operator": operator.as_ref().map(|one| one.username.clone()),
        "epoch": core.epoch, "seq": core.seq, "covered": core.covered, "contact_at": moment(desk, &identity, core.contact_at),
        "handed_out": core.handed_out, "brake": { "packages": core.brake.packages, "hours": core.brake.hours },
        "stopped": stopped, "counts": counts,
        "unconfirmed": unconfirmed.iter().map(|kept| json!({
            "redemption_id": kept.redemption, "entitlement_id": kept.entitlement, "seq": kept.seq })).collect::<Vec<_>>(),
        "head_hash": data_encoding::HEXLOWER.encode(&core.head_hash),
    });
    let mut text = desk.words.with(
        "device-status",
        &[
            ("name", Word::from(identity.name.clone())),
            ("point", Word::from(identity.point.name.clone())),
            ("open", number(counts.open)),
            ("redeemed", number(counts.redeemed)),
            ("unsynced", number(counts.unsynced)),
            ("contact", Word::from(moment(desk, &identity, core.contact_at))),
            ("head", Word::from(data_encoding::HEXLOWER.encode(&core.head_hash[..8]))),
        ],
    );
    if let Some(code) = stopped {
        text.push('\n');
        text.push_str(&desk.words.of("device-reason", code));
    }
    if counts.unconfirmed > 0 {
        text.push('\n');
        text.push_str(&desk.words.with("device-unconfirmed", &[("count", number(counts.unconfirmed))]));
    }
    desk.output.say(&text, &value)
}

/// A line of the running device that answers no code.
pub(super) fn notice(desk: &Desk<'_>, code: &str, text: &str) -> Result<(), Fault> {
    if desk.output.json { line(&json!({ "notice": code, "detail": text }).to_string()) } else { line(text) }
}
