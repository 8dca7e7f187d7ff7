//! What an installation brings to its paper: an emblem for the letterhead, and a typeface for names that
//! the built-in faces cannot set.

use super::Fault;
use super::emblem::Emblem;
use super::font;
use super::ink::Ink;
use super::typeface::{Letters, Typeface};

/// The paper's own things; both may be missing. Cloning it shares them.
#[derive(Debug, Clone, Default)]
pub struct Stationery {
    /// The agency's emblem.
    pub emblem: Option<Emblem>,
    /// The typeface for what the built-in faces lack.
    pub typeface: Option<Typeface>,
}

impl Stationery {
    /// The first sign of a text that cannot go on paper, if there is one.
    #[must_use]
    pub fn lacks(&self, text: &str) -> Option<char> {
        // What the built-in faces have is nearly everything, and quickly found.
        font::printable(text).err()?;
        match Ink::new(self.typeface.as_ref().map(Letters::new).as_ref()).check(text, &String::new) {
            Err(Fault::Unprintable { character, .. }) => Some(character),
            _ => None,
        }
    }
}
