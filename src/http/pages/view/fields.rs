//! What somebody typed into a form: to be read, and to be shown again when it was not accepted.

use std::fmt;

/// The fields of a form, in the order in which they stand there. A name may stand more than once.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Fields(Vec<(String, String)>);

/// Shows nothing of what was typed.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fields({})", self.0.len())
    }
}

impl Fields {
    /// Fields with these values.
    #[must_use]
    pub fn with<const N: usize>(fields: [(&str, String); N]) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The text of a field; empty when it is not there.
    #[must_use]
    pub fn of(&self, name: &str) -> &str {
        self.0.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value.trim())
    }

    /// All texts of a name that stands more than once.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(one, _)| one == name).map(|(_, value)| value.trim())
    }

    /// All of them, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        self.of(name) == "yes"
    }
}
