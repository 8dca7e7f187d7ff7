//! The suite: the program from outside, through its command line and its HTTP API, on the database that
//! `SALUR_TEST_DB` names (`sqlite`, the default, or `postgres`, which the harness starts by itself).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authority;
mod crash;
mod documents;
mod frame;
mod guesses;
mod harness;
mod intake;
mod jobs;
mod log;
mod openapi;
mod paper;
mod placing;
mod privacy;
mod rush;
mod schema;
mod search;
mod stops;
mod story;
mod token_vectors;
mod verval;
