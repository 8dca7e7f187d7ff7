//! Salur: signed QR vouchers for aid distribution points.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod domain;
pub mod spreadsheet;
