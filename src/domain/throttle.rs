//! How long one who guesses has to wait.
//!
//! The count is kept for a name *and* the place where the guesses come from, so that a stranger elsewhere
//! cannot keep anybody from signing in; and the wait ends by itself, so that nobody is ever locked out.

/// So many wrong passwords are nobody's business: people mistype.
pub const FREE: u32 = 5;

/// The longest wait.
pub const WAIT_SECONDS_MAX: u32 = 15 * 60;

/// How many seconds to wait after so many failures in a row: none for the first few, then one second,
/// doubled with each.
#[must_use]
pub const fn wait_seconds(failures: u32) -> u32 {
    match failures.checked_sub(FREE) {
        None => 0,
        Some(beyond) if beyond < 10 => {
            let wait = 1 << beyond;
            if wait < WAIT_SECONDS_MAX { wait } else { WAIT_SECONDS_MAX }
        }
        Some(_) => WAIT_SECONDS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_never_beyond_a_quarter_of_an_hour() {
        assert_eq!((0..9).map(wait_seconds).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!((wait_seconds(14), wait_seconds(15), wait_seconds(u32::MAX)), (512, 900, 900));
        assert!((0..40).all(|failures| wait_seconds(failures) <= wait_seconds(failures + 1)));
    }
}
