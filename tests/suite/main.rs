//! The integration tests: one binary that uses the crate as anybody outside would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod token_vectors;
