//! SQL: the one room that knows diesel and the shape of the tables.
//!
//! Plain functions, connection first, domain types in and out; one aggregate a file. A function that
//! changes something takes a [`Write`], which exists only inside [`Pool::write`], so that no change can
//! happen outside a named transaction whose lock was taken up front. No rule is decided here: a
//! conditional change reports whether it found the row as the caller believed it to be.

mod conn;
mod error;
mod migrate;
mod pool;
mod rows;
pub mod saved_filters;
pub mod schema;
mod standby;
mod types;

pub mod access;
pub mod afterwards;
pub mod agencies;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod beneficiaries;
pub mod bnba;
pub mod budget_revisions;
pub mod bundles;
pub mod cases;
pub mod closings;
pub mod contracts;
pub mod decisions;
pub mod devices;
pub mod documents;
pub mod enrolments;
pub mod entitlements;
pub mod erasures;
pub mod evidence;
pub mod exceptions;
pub mod former_codes;
pub mod goods;
pub mod handouts;
pub mod history;
pub mod household_versions;
pub mod households;
pub mod installation;
pub mod intakes;
pub mod invitations;
pub mod jobs;
pub mod key_requests;
pub mod keys;
pub mod lease_evidence;
pub mod leases;
pub mod legal_holds;
pub mod lists;
pub mod log;
pub mod overlaps;
pub mod owed_facts;
pub mod packages;
pub mod parked_uploads;
pub mod pauses;
pub mod placements;
pub mod places;
pub mod point_windows;
pub mod points;
pub mod programmes;
pub mod received;
pub mod reconcile;
pub mod redemptions;
pub mod reprints;
pub mod resync_pages;
pub mod rounds;
pub mod search;
pub mod second_factors;
pub mod spot_checks;
pub mod stock;
pub mod substitutions;
pub mod suspicions;
pub mod treasury;
pub mod turns;
pub mod users;
pub mod withdrawals;
pub mod write_offs;

pub use conn::{Conn, Location, engine};
pub use error::{Error, Transient};
pub use migrate::{migrate, pending, revert_all};
pub use pool::{Pool, Write};
