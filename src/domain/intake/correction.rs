//! What verification put right, beside what stood there before.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Column;

/// A value that another column of the file put right: `NIK_perbaikan` beside `NIK`. The household carries
/// the corrected value; this keeps both. They are personal data and are sealed as such.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The column that was put right.
    pub column: Column,
    /// What stood there before; empty when nothing did.
    pub original: String,
    /// What stands in the column of corrections.
    pub corrected: String,
}

/// Says which column, never what stands there.
impl fmt::Debug for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} corrected", self.column.heading())
    }
}
