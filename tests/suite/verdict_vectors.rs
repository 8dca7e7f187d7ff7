//! The vectors of the verdict: what a scan comes to on a device, for every mix of what it knows.
//!
//! Made from `domain::lease::scan::judge` itself; the scanner's TypeScript must come to the same word and the same
//! reason in every row. All verdicts that a device can give by itself must occur.

use std::collections::BTreeSet;

use salur::domain::entitlement::Fence;
use salur::domain::id::{DeviceId, Identifier, RedemptionId};
use salur::domain::lease::brake::Brake;
use salur::domain::lease::device::{Core, Lease, Slot};
use salur::domain::lease::scan::{Known, Shown, judge};
use salur::domain::time::Timestamp;
use serde_json::{Value, json};

use super::paper_vectors::committed;

const OWN_POINT: u32 = 7;
const BEGINS: i64 = 1_000;
const ENDS: i64 = 2_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

#[test]
fn the_committed_verdicts_are_the_ones_a_device_gives() {
    let fence = Fence { epoch: 1, counter: 5 };
    let leases = [
        ("none", Lease::None),
        ("open", Lease::Open(fence)),
        ("closed", Lease::Closed(fence)),
        ("redeemed", Lease::Redeemed(fence, RedemptionId::from_bytes([9; 16]))),
    ];
    let shown = [
        (json!({ "is": "qr", "print": 1, "point": OWN_POINT }), Shown::Qr { print: 1, point: OWN_POINT }),
        (json!({ "is": "qr", "print": 2, "point": OWN_POINT }), Shown::Qr { print: 2, point: OWN_POINT }),
        (json!({ "is": "qr", "print": 3, "point": 8 }), Shown::Qr { print: 3, point: 8 }),
        (json!({ "is": "typed" }), Shown::Typed),
    ];
    let mut rows = Vec::new();
    let mut met = BTreeSet::new();
    for (name, lease) in leases {
        for held in [false, true] {
            for paused in [None, Some(false), Some(true)] {
                for (told, shown) in &shown {
                    for (seen, wall) in [(0, 999), (0, 1_500), (0, 2_000), (2_500, 1_500)] {
                        let mut core = Core::enrolled(DeviceId::from_bytes([1; 16]), 1, Brake::default(), at(seen));
                        core.clock.time_hwm = at(seen);
                        let slot = Slot { hwm: fence, lease, ends_at: at(ENDS), held };
                        let known = paused.map(|paused| Known { print: 2, begins_at: at(BEGINS), paused });
                        let why = judge(&core, &slot, known.as_ref(), *shown, OWN_POINT, at(wall)).err();
                        let verdict = why.map_or("valid", |why| why.verdict().as_str());
                        met.insert(verdict);
                        rows.push(json!([name, held, paused, told, seen, wall, verdict, why.map(|why| why.code())]));
                    }
                }
            }
        }
    }
    let all: BTreeSet<_> = [
        "valid",
        "already_redeemed",
        "superseded",
        "held",
        "paused",
        "not_yet_valid",
        "expired",
        "wrong_point",
        "not_ready",
    ]
    .into();
    assert_eq!(met, all);
    let columns: Value =
        json!(["lease", "held", "paused (null: nothing came with it)", "shown", "seen", "wall", "verdict", "why"]);
    committed(
        "verdicts.json",
        &json!({
            "about": "What a scan comes to on a device. Made by tests/suite/verdict_vectors.rs.",
            "own_point": OWN_POINT, "begins_at": BEGINS, "ends_at": ENDS, "print": 2, "columns": columns, "rows": rows,
        }),
    );
}
