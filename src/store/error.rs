//! What can go wrong in a database, sorted by what can be done about it.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another transaction was in the way: the same work may succeed if it is done again from its start.
    #[error("another transaction was in the way: {0}")]
    Busy(String),
    /// A conditional change found the row changed since it was read: decide again.
    #[error("the record was changed by another transaction meanwhile")]
    Raced,
    /// It is committed here, and the standby has not confirmed that it has it: nobody may rely on it yet. Asked again
    /// with the same id, it is answered once the standby has it.
    #[error("the standby has not confirmed what was written: ask again")]
    Unconfirmed,
    /// A row with the same key exists.
    #[error("a record with the same {0} exists")]
    Unique(String),
    /// No connection could be had.
    #[error("the database {location} cannot be reached: {why}")]
    Unreachable {
        /// Where it should be, without a password.
        location: String,
        /// What the database or the system said.
        why: String,
    },
    /// The database location cannot be understood.
    #[error("{0}")]
    Location(String),
    /// A row holds what no version of this program writes.
    #[error("the database holds something that it should not: {0}")]
    Corrupt(String),
    /// The database is of another version than this program.
    #[error("{0}")]
    Version(String),
    /// The disk of the database is full: nothing can be kept.
    #[error("the disk of the database is full: {0}")]
    Full(String),
    /// A text holds what the database keeps in no text: the sign 0.
    #[error("a text that holds the sign 0: {0}")]
    NoText(String),
    /// Anything else the database said.
    #[error("the database refused: {0}")]
    Database(#[source] Diesel),
}

/// Errors that say whether the whole transaction is worth doing again.
pub trait Transient {
    /// True when another try from the start may succeed.
    fn is_transient(&self) -> bool;

    /// True when the disk is full.
    fn is_full(&self) -> bool;
}

impl Error {
    /// The database closed the connection in the middle of something.
    #[must_use]
    pub const fn hung_up(&self) -> bool {
        matches!(self, Self::Database(Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection, _)))
    }
}

impl Transient for Error {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Raced)
    }

    fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        let Diesel::DatabaseError(kind, info) = &error else {
            return Self::Database(error);
        };
        let message = info.message();
        match kind {
            DatabaseErrorKind::UniqueViolation => Self::Unique(unique_key(info.constraint_name(), message)),
            DatabaseErrorKind::SerializationFailure => Self::Busy(message.to_owned()),
            // SQLite answers busy, and PostgreSQL a deadlock, as an unknown kind.
            _ if ["database is locked", "database table is locked", "deadlock detected"]
                .iter()
                .any(|text| message.contains(text)) =>
            {
                Self::Busy(message.to_owned())
            }
            // SQLite and PostgreSQL, and what the system says to either.
            _ if ["disk is full", "No space left on device"].iter().any(|text| message.contains(text)) => {
                Self::Full(message.to_owned())
            }
            _ if message.contains("invalid byte sequence for encoding") => Self::NoText(message.to_owned()),
            _ => Self::Database(error),
        }
    }
}

/// The key that was violated: PostgreSQL names the constraint, SQLite only the columns.
fn unique_key(constraint: Option<&str>, message: &str) -> String {
    constraint
        .map(str::to_owned)
        .or_else(|| message.strip_prefix("UNIQUE constraint failed: ").map(str::to_owned))
        .unwrap_or_else(|| "key".to_owned())
}

/// Shorthand for values that fail their check on load.
pub(super) fn corrupt(what: impl std::fmt::Display) -> Error {
    Error::Corrupt(what.to_string())
}
