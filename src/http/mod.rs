//! The web: the JSON API, the pages and their assets. Parse, ask the office, shape the answer; no rule and
//! no SQL. Every route stands in `api::routes`, `pages::routes` or `server`.

mod allowance;
mod api;
pub mod assets;
mod doors;
mod error;
mod guard;
mod guide;
mod layers;
mod openapi;
pub mod pages;
mod scanner;
mod server;
mod state;
mod telling;
pub mod tls;
mod unread;
mod witness;

pub use error::Problem;
pub use guard::Caller;
pub use guide::{Guide, serve_guide};
pub use openapi::openapi;
pub use server::serve;
pub use state::State;
pub use witness::serve as serve_witness;
