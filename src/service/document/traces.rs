//! What the trail says of entitlements: where one stood at a cut-off, and the lines of the register.

use std::collections::BTreeMap;

use super::super::Error;
use super::super::verval::REPLACED;
use crate::domain::audit::Event;
use crate::domain::case::reference;
use crate::domain::document::{Entry, Happening, Occasion, Standing};
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, UserId};
use crate::domain::programme::Round;
use crate::domain::time::Timestamp;
use crate::store::evidence::{self, Evidence, Trace};
use crate::store::exceptions::TakenBack;
use crate::store::{self, Conn};

/// The events of the trail that change where an entitlement stands, and the reprints; by their places.
pub(super) const EVENTS: [Event; 4] =
    [Event::EntitlementRevoked, Event::EntitlementHeld, Event::HoldLifted, Event::VoucherReprinted];
const REVOKED: usize = 0;
const HELD: usize = 1;
const LIFTED: usize = 2;
const REPRINTED: usize = 3;

/// Where an entitlement without a handout stood at the cut-off. What it is now decides which way to look; the
/// trail says whether it was so already. What the trail does not know was so from the beginning.
pub(super) fn standing(one: &Evidence, traces: &[&Trace], round: &Round, cut_off: Timestamp) -> Standing {
    let known = |event: usize| traces.iter().any(|trace| trace.event == event);
    if one.state == State::Revoked {
        let by_then = traces.iter().any(|trace| trace.event == REVOKED && trace.at <= cut_off);
        if by_then || !known(REVOKED) {
            return Standing::Revoked(one.revoked_reason.clone().unwrap_or_default());
        }
    }
    let last = traces.iter().rfind(|trace| matches!(trace.event, HELD | LIFTED) && trace.at <= cut_off);
    match (last, &one.held_reason) {
        (Some(trace), _) if trace.event == HELD => return Standing::Held(held_reason(&trace.detail).to_owned()),
        (None, Some(reason)) if !known(HELD) => return Standing::Held(reason.clone()),
        _ => {}
    }
    if one.state == State::Expired && round.closes_at <= cut_off { Standing::Expired } else { Standing::Open }
}

/// Why a voucher is held: the trail says first whether that is in force already.
fn held_reason(detail: &str) -> &str {
    match detail.split_once(": ") {
        Some(("effective" | "requested", reason)) => reason,
        _ => detail,
    }
}

/// The register's lines, oldest first.
pub(super) fn entries(
    conn: &mut Conn,
    occasion: &Occasion,
    found: &[Evidence],
    traces: &[Trace],
    taken_back: &[TakenBack],
) -> Result<Vec<Entry>, Error> {
    let by_id: BTreeMap<EntitlementId, &Evidence> = found.iter().map(|one| (one.id, one)).collect();
    let reprints = store::reprints::of_round(conn, occasion.round.id, occasion.cut_off)?;
    let reprints: Vec<_> = reprints.into_iter().filter(|(one, ..)| by_id.contains_key(&one.entitlement)).collect();
    let substituted = store::substitutions::approved(conn, occasion.programme.id)?;
    let people: Vec<_> = reprints
        .iter()
        .flat_map(|(one, ..)| [Some(one.requested_by), one.approved_by])
        .flatten()
        .chain(substituted.iter().map(|(_, proposed_by, _)| *proposed_by))
        .chain(taken_back.iter().flat_map(|one| [one.proposed_by, one.decided_by]).flatten())
        .collect();
    let people = evidence::names(conn, &people)?;
    let mut entries = Vec::new();
    for trace in traces.iter().filter(|trace| trace.at <= occasion.cut_off) {
        let Some(one) = by_id.get(&trace.entitlement) else { continue };
        let happening = match trace.event {
            REVOKED => Happening::Revoked,
            HELD => Happening::Held,
            LIFTED => Happening::Released,
            _ => {
                // Those that were asked for and agreed to stand among the reprints, with both names.
                let print_no = trace.detail.split(':').next().and_then(|number| number.parse().ok());
                if reprints
                    .iter()
                    .any(|(made, ..)| made.entitlement == trace.entitlement && made.new_print_no == print_no)
                {
                    continue;
                }
                Happening::Reprinted
            }
        };
        let reason = if trace.event == REPRINTED {
            trace.detail.split_once(": ").map_or(trace.detail.as_str(), |(_, reason)| reason)
        } else {
            held_reason(&trace.detail)
        };
        // A voucher that a substitution took away was asked for by who proposed that, and agreed to by who approved it.
        let asked = substituted.iter().rfind(|(old, _, at)| {
            trace.event == REVOKED && trace.detail.starts_with(REPLACED) && *old == one.household.id && *at <= trace.at
        });
        let asker = asked.and_then(|(_, by, _)| people.get(by).cloned());
        let (requested_by, approved_by) = match asker {
            Some(asker) => (asker, trace.by.clone()),
            None => (trace.by.clone(), String::new()),
        };
        entries.push(Entry {
            at: trace.at,
            entitlement: trace.entitlement,
            name: one.household.name.clone(),
            point: one.point.clone(),
            happening,
            reason: reason.to_owned(),
            requested_by,
            approved_by,
            evidence: "jejak audit".to_owned(),
        });
    }
    for (one, name, point) in reprints {
        let made = one.approved_at.filter(|at| *at <= occasion.cut_off).zip(one.new_print_no);
        let person = |id| people.get(&id).cloned().unwrap_or_default();
        let sheet = if one.sheet_kept { "lembar lama ditarik" } else { "lembar lama tidak kembali" };
        entries.push(Entry {
            at: made.map_or(one.requested_at, |(at, _)| at),
            entitlement: one.entitlement,
            name,
            point,
            happening: if made.is_some() { Happening::Reprinted } else { Happening::ReprintAsked },
            reason: format!("{}: {}", one.cause.word(), one.reason),
            requested_by: person(one.requested_by),
            approved_by: made.and(one.approved_by).map(person).unwrap_or_default(),
            evidence: match made {
                Some((_, print_no)) => format!("cetak {} diganti cetak {print_no}; {sheet}", one.old_print_no),
                None => format!("cetak {}; {sheet}", one.old_print_no),
            },
        });
    }
    for back in taken_back {
        let Some(one) = by_id.get(&back.entitlement) else { continue };
        let person = |id: Option<UserId>| id.and_then(|id| people.get(&id)).cloned().unwrap_or_default();
        let receipt = one.handout.as_ref().map(|handout| handout.number.clone()).unwrap_or_default();
        entries.push(Entry {
            at: Timestamp::from_millis(back.decided_at).unwrap_or(occasion.cut_off),
            entitlement: back.entitlement,
            name: one.household.name.clone(),
            point: one.point.clone(),
            happening: Happening::TakenBack,
            reason: format!("kejadian {}", reference(back.case)),
            requested_by: person(back.proposed_by),
            approved_by: person(back.decided_by),
            evidence: format!("tanda terima {receipt}"),
        });
    }
    entries.sort_by_key(|entry| (entry.at, entry.entitlement));
    Ok(entries)
}
