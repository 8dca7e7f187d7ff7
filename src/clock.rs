//! The clock and the source of randomness, built once in `main` and handed down.
//!
//! Everything below asks these two for the time and for random bytes, so that a test can hold the time
//! still and a simulator can replay a seed. No other file may read the system's clock or its randomness.

use std::fmt;

use crate::domain::time::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Draws random bytes.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Fills the buffer; false when the source failed, in which case nothing may be built on the buffer.
    fn fill(&self, buffer: &mut [u8]) -> bool;
}

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        let millis = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
        Timestamp::from_millis(millis).unwrap_or_default()
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[allow(clippy::disallowed_methods)]
    fn fill(&self, buffer: &mut [u8]) -> bool {
        getrandom::fill(buffer).is_ok()
    }
}
