//! What an installation brings to its paper: an emblem for the letterhead, and a typeface for names that
//! the built-in faces cannot set.

use super::emblem::Emblem;
use super::typeface::Typeface;

/// The paper's own things; both may be missing. Cloning it shares them.
#[derive(Debug, Clone, Default)]
pub struct Stationery {
    /// The agency's emblem.
    pub emblem: Option<Emblem>,
    /// The typeface for what the built-in faces lack.
    pub typeface: Option<Typeface>,
}
