//! The lease protocol, explored exhaustively: every order of messages, losses, repetitions, restores, write-offs
//! and revocations in a small world, with the product's own machines in it. Then the same with one rule taken
//! out at a time: each must be missed.
//!
//! `make model` (or `cargo test --release --test model -- --ignored`) explores the large worlds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod explore;
#[path = "../world/mod.rs"]
mod world;

use explore::{Found, Scope, explore};
use world::Rule;

const NOTHING: Scope = Scope {
    devices: 2,
    entitlements: 1,
    grants: 0,
    returns: 0,
    backups: 0,
    restores: 0,
    covers: 0,
    revocations: 0,
    write_offs: 0,
    late: false,
    own_desk: false,
    copies: 0,
};

/// Each rule, and a world in which it cannot be done without.
const RULES: [(Rule, Scope); 14] = [
    (Rule::DurableThenGreen, Scope { grants: 1, ..NOTHING }),
    (Rule::HighWaterMark, Scope { grants: 2, returns: 1, ..NOTHING }),
    (Rule::ExactFence, Scope { grants: 3, returns: 1, ..NOTHING }),
    (Rule::NoTimedReassignment, Scope { grants: 2, ..NOTHING }),
    (Rule::CloseThenReturn, Scope { grants: 2, returns: 1, ..NOTHING }),
    (Rule::WriteOffIsUnresolved, Scope { grants: 2, write_offs: 1, ..NOTHING }),
    (Rule::RevokeIsARequest, Scope { grants: 1, revocations: 1, ..NOTHING }),
    (Rule::WaitForEveryDevice, Scope { grants: 2, restores: 1, ..NOTHING }),
    (Rule::RefuseOldGrants, Scope { grants: 2, restores: 1, ..NOTHING }),
    (Rule::IgnoreOldAnswers, Scope { devices: 1, grants: 1, restores: 2, own_desk: true, ..NOTHING }),
    (Rule::EnrolmentsOutside, Scope { grants: 1, restores: 1, late: true, own_desk: true, ..NOTHING }),
    (Rule::KeepUntilCovered, Scope { grants: 1, restores: 1, ..NOTHING }),
    (Rule::OwnDeskOutside, Scope { restores: 1, own_desk: true, ..NOTHING }),
    (Rule::RandomIds, Scope { grants: 1, copies: 1, ..NOTHING }),
];

/// Worlds that are seen to the last state in every test run.
const SMALL: [(&str, Scope); 7] = [
    ("restore", Scope { grants: 3, returns: 2, restores: 1, backups: 1, covers: 1, ..NOTHING }),
    ("write-off", Scope { grants: 2, returns: 1, restores: 1, backups: 1, write_offs: 1, own_desk: true, ..NOTHING }),
    ("revocation", Scope { grants: 2, returns: 2, restores: 1, backups: 1, revocations: 1, ..NOTHING }),
    (
        "late, own desk",
        Scope { grants: 2, returns: 1, restores: 1, backups: 1, covers: 1, late: true, own_desk: true, ..NOTHING },
    ),
    ("two restores", Scope { grants: 2, returns: 1, restores: 2, backups: 1, ..NOTHING }),
    ("two entitlements", Scope { entitlements: 2, grants: 2, returns: 1, restores: 1, ..NOTHING }),
    ("copies", Scope { entitlements: 2, grants: 2, returns: 1, copies: 1, ..NOTHING }),
];

fn holds(name: &str, scope: Scope, most: Option<usize>) -> Found {
    let found = explore(scope, None, most);
    println!("{name}: {found}");
    assert!(found.failures.is_empty(), "{name}: {found}");
    found
}

#[test]
fn the_protocol_holds_in_every_small_world() {
    let states: usize = SMALL.into_iter().map(|(name, scope)| holds(name, scope, Some(1_000_000)).states).sum();
    println!("{states} states together");
}

/// The large worlds: minutes, in release.
const LARGE: [(&str, Scope); 4] = [
    (
        "everything",
        Scope {
            grants: 2,
            returns: 1,
            restores: 1,
            backups: 1,
            covers: 1,
            revocations: 1,
            write_offs: 1,
            late: true,
            own_desk: true,
            ..NOTHING
        },
    ),
    ("two restores", Scope { grants: 3, returns: 2, restores: 2, backups: 1, write_offs: 1, ..NOTHING }),
    ("two entitlements", Scope { entitlements: 2, grants: 3, returns: 1, restores: 1, backups: 1, ..NOTHING }),
    ("copies", Scope { entitlements: 2, grants: 2, returns: 1, covers: 1, restores: 1, copies: 1, ..NOTHING }),
];

#[test]
#[ignore = "some minutes in release: make model"]
fn the_protocol_holds_in_every_large_world() {
    let most = std::env::var("STATES").ok().and_then(|states| states.parse().ok()).unwrap_or(20_000_000);
    let states: usize = LARGE.into_iter().map(|(name, scope)| holds(name, scope, Some(most)).states).sum();
    println!("{states} states together");
}

#[test]
fn every_rule_is_missed_when_it_is_taken_out() {
    for (rule, scope) in RULES {
        let found = explore(scope, Some(rule), Some(2_000_000));
        let number = rule as u8;
        let Some((name, steps)) = found.shortest() else { panic!("nobody missed rule {number} ({rule:?}): {found}") };
        println!("without rule {number:2} ({rule:?}): {name}, in {steps} steps, after {} states", found.states);
    }
}
