//! The web: the JSON API, the pages and their assets.

pub mod assets;
mod error;
mod guard;
mod layers;
pub mod pages;
mod state;

pub use error::Problem;
pub use guard::Caller;
pub use state::State;
