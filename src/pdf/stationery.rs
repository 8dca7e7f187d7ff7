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
    /// The text as paper can say it: a sign that no face has stands there by its number, `[U+1F600]`, so that what
    /// nobody can change any more can be printed, and nothing is left out silently.
    #[must_use]
    pub fn readable(&self, text: &str) -> String {
        let line = |line: &str| {
            let mut said = line.to_owned();
            while let Some(sign) = self.lacks(&said) {
                // A face of the installation's own may lack even a plain sign beside one that it has.
                let away = |one: &char| *one == sign || sign.is_ascii() && font::win_ansi(*one).is_none();
                let strange: Vec<char> = said.chars().filter(away).filter(|one| !one.is_ascii()).collect();
                if strange.is_empty() {
                    said.retain(|one| one != sign);
                }
                for one in strange {
                    said = said.replace(one, &format!("[U+{:04X}]", u32::from(one)));
                }
            }
            said
        };
        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    }

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
