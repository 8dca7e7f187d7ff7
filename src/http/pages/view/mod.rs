//! What each page shows, as plain structs of ready texts and whole numbers.
//!
//! A view asks nobody anything: a handler fills it, `render` turns it into HTML. Each has a `sample`, and
//! the tests render every sample in both languages.

pub mod desk;
pub mod device;
pub mod frame;
pub mod home;
pub mod household;
pub mod intake;
pub mod print;
pub mod problem;
pub mod receipt;
pub mod reconciliation;
pub mod round;
pub mod sign_in;
pub mod user;
pub mod voucher;

pub use frame::{Choice, Frame, Person, Place};

#[cfg(test)]
mod tests;
