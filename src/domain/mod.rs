//! What aid distribution is, in types: programmes, households, entitlements, vouchers, redemptions,
//! budgets and roles, with the states they pass through and the rules that decide.
//!
//! Everything here is pure. There is no I/O, no clock and no randomness: a caller hands in the time,
//! the drawn bytes and the facts, and gets a decision back. That is what lets the rules be tested
//! exhaustively and simulated by seed. This room mentions no other room of the house.

pub mod audit;
pub mod budget;
pub mod case;
pub mod closing;
pub mod custody;
pub mod document;
pub mod entitlement;
pub mod exception;
pub mod household;
pub mod id;
pub mod intake;
pub mod job;
pub mod lease;
pub mod money;
pub mod package;
pub mod password;
pub mod pause;
pub mod place;
pub mod placement;
pub mod programme;
pub mod reconcile;
pub mod redemption;
pub mod role;
pub mod said;
pub mod sealed;
pub mod spot_check;
pub mod stock;
pub mod terbilang;
pub mod throttle;
pub mod time;
pub mod treasury;
pub mod verval;
pub mod voucher;
