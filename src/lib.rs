//! Salur: signed QR vouchers for aid distribution points.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod clock;
pub mod domain;
pub mod pdf;
pub mod service;
pub mod spreadsheet;
pub mod store;
pub mod token;
pub mod vault;
pub mod http;
pub mod words;
