//! What people enter in forms and calls, checked before anything is done with it.

use jiff::civil::Date;

use super::{Error, Refusal};
use crate::domain::household::holds_number;
use crate::store;

/// What lies open holds no such number.
fn number_refused(field: &'static str) -> Error {
    Refusal::Invalid { field, why: "no NIK and no No. KK in full".into() }.into()
}

/// A text that has to be there, trimmed, and no longer than `max` characters. It lies open, so it holds no NIK and no
/// No. KK; a document may have a number like one.
pub(super) fn text(field: &'static str, value: &str, max: usize) -> Result<String, Error> {
    let text = any_text(field, value, max)?;
    let of_a_document = field.ends_with("_no") || matches!(field, "number" | "account_code" | "price_evidence");
    if !of_a_document && holds_number(&text) {
        return Err(number_refused(field));
    }
    Ok(text)
}

/// The same for a text that is sealed, or signed by somebody else: whatever it holds.
pub(super) fn any_text(field: &'static str, value: &str, max: usize) -> Result<String, Error> {
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
    if holds_number(value) {
        return Err(number_refused("code"));
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

/// The date of something that was: of this century, and not of a year to come. A slip of the hand in a year stays in
/// the books for ever.
pub(super) fn must_be_near(field: &'static str, day: Date, today: Date) -> Result<(), Error> {
    if (2_000..=today.year() + 1).contains(&day.year()) {
        return Ok(());
    }
    let why = format!("a year from 2000 to {}", today.year() + 1);
    Err(Refusal::Invalid { field, why }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_of_what_was_is_neither_of_another_century_nor_far_ahead() {
        let today: Date = "2026-11-28".parse().unwrap();
        let near = |day: &str| must_be_near("dated_on", day.parse().unwrap(), today).is_ok();
        assert!(near("2026-11-20") && near("2025-12-31") && near("2027-01-01"));
        assert!(!near("0026-11-05") && !near("1999-12-31") && !near("2036-11-20"));
    }

    #[test]
    fn a_text_is_one_line_within_its_bounds() {
        for bad in ["", "   ", "dua\nbaris", "lonceng\u{7}", "nol\0", &"x".repeat(201)] {
            assert!(text("reason", bad, 200).is_err(), "{bad:?}");
        }
        assert_eq!(text_or_empty("note", "", 200).unwrap(), "");
        assert!(text_or_empty("note", "dua\nbaris", 200).is_err());
        assert_eq!(text("reason", &"é".repeat(200), 200).unwrap().chars().count(), 200, "signs, not bytes");
    }

    #[test]
    fn a_text_that_lies_open_holds_no_identity_number_and_the_number_of_a_document_may_look_like_one() {
        let refused = |field| text(field, "lihat NIK 6402990101500001", 200).is_err();
        assert!(refused("reason") && refused("name") && refused("note"));
        assert!(!refused("document_no") && !refused("number"));
        assert_eq!(text("reason", " KTP hilang, NIK akhir 0001 ", 200).unwrap(), "KTP hilang, NIK akhir 0001");
        assert!(text_or_empty("note", "6402 9901 0150 0001", 200).is_err());
        assert!(code("6402990101500001").is_err() && code("5.1.06.02.01.0001").is_ok());
        assert!(any_text("detail", "6402990101500001", 200).is_ok());
    }
}
