//! What people enter in forms and calls, checked before anything is done with it.

use jiff::civil::Date;

use super::{Error, Refusal};
use crate::store;

/// A text that has to be there, trimmed, and no longer than `max` characters.
pub(super) fn text(field: &'static str, value: &str, max: usize) -> Result<String, Error> {
    let value = value.trim();
    let length = value.chars().count();
    if length == 0 || length > max || value.chars().any(char::is_control) {
        return Err(Refusal::Invalid { field, why: format!("1 to {max} characters on one line") }.into());
    }
    Ok(value.to_owned())
}

/// A text that may be empty.
pub(super) fn text_or_empty(field: &'static str, value: &str, max: usize) -> Result<String, Error> {
    if value.trim().is_empty() { Ok(String::new()) } else { text(field, value, max) }
}

/// A short code: letters, digits, dash, dot.
pub(super) fn code(value: &str) -> Result<String, Error> {
    let value = value.trim();
    let fits = value.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-' || sign == '.');
    if value.is_empty() || value.len() > 30 || !fits {
        let why = "1 to 30 letters, digits, dashes or dots".into();
        return Err(Refusal::Invalid { field: "code", why }.into());
    }
    Ok(value.to_owned())
}

/// Turns a violated key into a refusal that names what exists.
pub(super) fn exists(what: &str) -> impl FnOnce(store::Error) -> Error {
    let what = what.to_owned();
    move |error| match error {
        store::Error::Unique(_) => Refusal::Exists(what).into(),
        other => other.into(),
    }
}

/// A whole number within bounds.
pub(super) fn within(field: &'static str, value: i32, least: i32, most: i32) -> Result<i32, Error> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(Refusal::Invalid { field, why: format!("a whole number from {least} to {most}") }.into())
    }
}

/// The date of a document: there has to be one.
pub(super) fn date(field: &'static str, value: Option<Date>) -> Result<Date, Error> {
    value.ok_or_else(|| Refusal::Invalid { field, why: "a date".into() }.into())
}
