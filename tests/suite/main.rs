//! The suite: the program from outside, through its command line and its HTTP API, on the database that
//! `SALUR_TEST_DB` names (`sqlite`, the default, or `postgres`, which the harness starts by itself).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod accounts;
mod authority;
mod backups;
mod bad_inputs;
mod cases;
mod close;
mod crash;
mod doctor;
mod documents;
mod exception_chains;
mod exceptions;
mod failover;
mod fleet;
mod foreign;
mod forgery;
mod frame;
mod guesses;
mod harness;
mod intake;
mod jobs;
mod key_rotation;
mod leases;
mod log;
mod openapi;
mod paper;
mod paper_vectors;
mod placing;
mod privacy;
mod retention;
mod rush;
mod schema;
mod sealed_backups;
mod search;
mod signatures;
mod stolen;
mod stops;
mod story;
mod sweep;
mod token_vectors;
mod trace_vectors;
mod verdict_vectors;
mod verval;
