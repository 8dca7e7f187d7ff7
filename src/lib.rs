//! Salur: signed QR vouchers for aid distribution points.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod pdf;
pub mod refusals;
pub mod service;
pub mod spreadsheet;
pub mod store;
pub mod telemetry;
pub mod token;
pub mod vault;
pub mod words;
