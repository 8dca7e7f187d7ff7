//! The log from which nothing can vanish: a Merkle tree over every event, in the formats of C2SP.
//!
//! What the office did stands here as leaves, one an event, numbered without a gap. Who holds an earlier
//! checkpoint can tell whether a later tree still begins with all that the earlier one held; who holds a
//! receipt can be shown that it is in there. Nothing here reads a clock, draws a random number or opens a
//! file, and nothing here decides: it says what is so.
//!
//! | file | what it knows |
//! |---|---|
//! | `tree` | the hashes of RFC 6962, roots, and the checking of proofs |
//! | `tile` | tiles and bundles (tlog-tiles): names, bytes, growing, and making proofs |
//! | `note` | signed notes (signed-note) and cosignatures (tlog-cosignature, Ed25519) |
//! | `checkpoint` | the signed head of the tree (tlog-checkpoint), also as a line on paper |
//! | `proof` | a proof in a file (tlog-proof) |
//! | `witness` | the words between a log and a witness (tlog-witness) |
//! | `leaf` | one event: which members it has, and its one encoding |
//! | `chain` | the receipts of a device, one after the other |
//! | `sums` | what the leaves add up to |
//! | `ledger` | replaying the leaves: the rules that the office must have kept |
//!
//! # Why no crate
//!
//! `tlog_tiles` and `signed_note` (BSD-3-Clause) know these formats and are what our tests read our log with,
//! as an independent client. They are not in the program: they sign with ed25519-dalek 2 and hash with sha2
//! 0.10, where the rest of the program has 3 and 0.11, so there would be two implementations of Ed25519 in one
//! binary and two kinds of keys; and they know neither cosignatures, the witness protocol nor proofs in files.

pub mod chain;
pub mod checkpoint;
pub mod leaf;
pub mod ledger;
pub mod note;
pub mod proof;
pub mod sums;
pub mod tile;
pub mod tree;
pub mod witness;

pub use chain::Chain;
pub use checkpoint::{Checkpoint, PaperHead};
pub use leaf::{Kind, Leaf, salted};
pub use ledger::{DISPLACED, Ledger, OfficeRow, RightRow, Wrong};
pub use note::{Manner, Note, NoteKey, Signature, Signed};
pub use proof::Proof;
pub use sums::{Sums, day_named};
