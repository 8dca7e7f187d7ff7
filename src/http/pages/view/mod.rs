//! What each page shows, as plain structs of ready texts and whole numbers.
//!
//! A view asks nobody anything: a handler fills it, `render` turns it into HTML. Each has a `sample`, and
//! the tests render every sample in both languages.

pub mod account;
pub mod custody;
pub mod desk;
pub mod device;
pub mod document;
pub mod dry_run;
pub mod entitlement;
pub mod fields;
pub mod frame;
pub mod home;
pub mod household;
pub mod household_history;
pub mod intake;
pub mod join;
pub mod key;
pub mod ledger;
pub mod list;
pub mod log_history;
pub mod mapping;
pub mod package;
pub mod pause;
pub mod place;
pub mod placement;
pub mod point;
pub mod print;
pub mod privacy;
pub mod problem;
pub mod programme;
pub mod public_receipt;
pub mod receipt;
pub mod reconciliation;
pub mod retention;
pub mod round;
pub mod sign_in;
pub mod signature;
pub mod substitution;
pub mod suspicion;
pub mod trail;
pub mod user;
pub mod verval;
pub mod voucher;
pub mod window;

pub use frame::{Choice, Frame, Person, Place};

#[cfg(test)]
mod tests;
