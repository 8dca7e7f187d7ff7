//! The lease protocol, explored exhaustively: every order of messages, losses, repetitions, restores, write-offs
//! and revocations in a small world, with the product's own machines in it. Then the same with one rule taken
//! out at a time: each must be missed.
//!
//! `make model` (or `cargo test --release --test model -- --ignored`) explores the large worlds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod explore;
#[path = "../world/mod.rs"]
mod world;

use explore::{Scope, explore};
use world::Rule;

/// Leases, returns, re-grants, one restore of a backup taken at any moment, receipts covered at any moment.
fn small() -> Scope {
    Scope { grants: 2, restores: 1, backups: 1, covers: 1, ..Scope::default() }
}

#[test]
fn the_protocol_holds_in_a_small_world() {
    let found = explore(small(), None, Some(260_000));
    println!("{found}");
    assert!(found.failures.is_empty(), "{found}");
}
