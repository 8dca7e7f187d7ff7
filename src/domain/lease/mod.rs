//! The lease protocol: how an entitlement is redeemed at most once, also by desks without network.
//!
//! A **lease** is the right to redeem one entitlement. The server holds it, or exactly one device does;
//! no clock ever moves it. A **fence** numbers the leases of an entitlement and is never used twice; an
//! **epoch** numbers the lives of the server and grows with every restore. What the parties tell each
//! other is in [`message`]; what each does about it is one pure `step` a side:
//!
//! | side | state, a row each | step |
//! |---|---|---|
//! | server | [`office::Office`], [`office::Member`] (a device), [`office::Row`] (an entitlement) | [`server::step`], [`recovery::step`] after a restore |
//! | device | [`device::Core`], [`device::Slot`] (an entitlement) | [`device::step`] for a slot, [`contact::step`] for the core alone |
//!
//! A step takes the rows as they were read and gives back the rows as they shall be. Whoever runs it
//! holds to three things, and the rules of the protocol stand on them:
//!
//! 1. The rows are replaced only if they still are what was read (compare and set, one transaction);
//!    otherwise the step is done again from what is there now.
//! 2. The new rows are durable **before** any output is acted upon: a message sent, a screen turned green.
//! 3. A [`office::Fact`] of the step is stored outside the database after the commit and before anybody
//!    hears of the output (assumption A4).
//!
//! # The fourteen rules, and where each lives
//!
//! | rule | in short | branch |
//! |---|---|---|
//! | 1 | redeem only from `open`; durable, then green | [`device::step`] on `Redeem` |
//! | 2 | the device remembers the highest fence of each entitlement | [`device::step`] on `Install` |
//! | 3 | return and receipt count only with the exact current fence | [`server::step`] on `Return`, `Receipt` |
//! | 4 | time never moves a lease | no input of [`server`] does; [`device::step`] refuses after `ends_at` |
//! | 5 | a device closes durably before it returns | [`device::step`] on `Close` |
//! | 6 | a write-off makes `unresolved`, never `available` | [`recovery::step`] on `WriteOff` |
//! | 7 | revoking a leased entitlement is a request | [`server::step`] on `Revoke` |
//! | 8 | after a restore nothing is granted until every device answered | [`office::Office::recovering`] |
//! | 9 | a device in epoch n refuses grants of older epochs | [`device::step`] on `Install` |
//! | 10 | answers of older epochs, and second answers, are ignored | [`office::Member::owes_answer`], [`recovery::counts`] |
//! | 11 | enrolments are outside facts | [`office::Fact::Enrolled`] |
//! | 12 | a journal is kept until the covered log holds it | [`contact::step`] on `Ack` |
//! | 13 | the server's own desk keeps its journal outside | [`server::step`] on `RedeemHere` |
//! | 14 | receipts are chained, their ids random | [`evidence::in_chain`], and whoever draws the id |

pub mod brake;
pub mod contact;
pub mod device;
pub mod evidence;
pub mod exposure;
pub mod message;
pub mod office;
pub mod recovery;
pub mod scan;
pub mod server;
#[cfg(test)]
mod tests;

pub use message::{Ack, Ask, Bundle, Claimed, Grant, Head, Held, Receipt, ResyncAnswer, ResyncRequest, Return};
