//! Identity numbers where none belong: typed into a remark, a reason, the name of a file. What lies open for search may
//! hold none, so they are found there and hidden, or refused.

use std::borrow::Cow;
use std::ops::Range;

use super::Nik;

/// Whether a text holds what can be a NIK or a No. KK.
#[must_use]
pub fn holds_number(text: &str) -> bool {
    !numbers(text).is_empty()
}

/// The text with the middle of each such number hidden: `6402 **** **** 0001`.
#[must_use]
pub fn hide_numbers(text: &str) -> Cow<'_, str> {
    let found = numbers(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    // The end of one may be the beginning of another.
    let hidden = hide(text, &found);
    Cow::Owned(hide_numbers(&hidden).into_owned())
}

fn hide(text: &str, found: &[Range<usize>]) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut digit = 0;
    for (place, sign) in text.char_indices() {
        if found.iter().any(|one| one.start == place) {
            digit = 0;
        }
        let within = sign.is_ascii_digit() && found.iter().any(|one| one.contains(&place));
        hidden.push(if within && (4..12).contains(&digit) { '*' } else { sign });
        digit += usize::from(within);
    }
    hidden
}

/// Where they stand: sixteen digits on end that begin with a province, or in groups and with a day of birth as well,
/// for any list of short numbers looks like groups.
fn numbers(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    if bytes.iter().filter(|sign| sign.is_ascii_digit()).count() < 16 {
        return Vec::new();
    }
    let groups = groups(bytes);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = groups.get(at) {
        let taken = number_from(text, groups.get(at..).unwrap_or_default());
        found.extend(taken.map(|(last, _)| first.start..last));
        at += taken.map_or(1, |(_, groups)| groups);
    }
    found
}

/// Where the number that begins with the first group ends, and of how many groups it is.
fn number_from(text: &str, groups: &[Range<usize>]) -> Option<(usize, usize)> {
    let mut digits = String::with_capacity(16);
    let mut end = groups.first()?.start;
    for (count, group) in groups.iter().enumerate() {
        // One sign between two groups, as people write them.
        if count > 0 && group.start != end + 1 {
            return None;
        }
        digits.push_str(text.get(group.clone())?);
        end = group.end;
        if digits.len() < 16 {
            continue;
        }
        let nik = Nik::parse(&digits).ok()?;
        let alone = count == 0;
        return (nik.province_is_known() && (alone || nik.birth_hint().is_some())).then_some((end, count + 1));
    }
    None
}

/// The runs of digits.
fn groups(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (place, _) in bytes.iter().enumerate().filter(|(_, sign)| sign.is_ascii_digit()) {
        match groups.last_mut().filter(|last| last.end == place) {
            Some(last) => last.end = place + 1,
            None => groups.push(place..place + 1),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_written_and_its_middle_hidden() {
        for (text, hidden) in [
            ("NIK 6402990101500001 sama", "NIK 6402********0001 sama"),
            ("6402990101500001", "6402********0001"),
            ("RT 002 6402.9901.0150.0001.", "RT 002 6402.****.****.0001."),
            ("640299-010150-0001/KK6402994101490777", "6402**-******-0001/KK6402********0777"),
            ("6402990101506402 990101 500001", "6402********6402 ****** **0001"),
            ("64 02 99 01 01 50 00 01", "64 02 ** ** ** ** 00 01"),
        ] {
            assert!(holds_number(text), "{text}");
            assert_eq!(hide_numbers(text), hidden);
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "",
            "0812 3456 7890 dan 0813 1111 2222",
            "931032612345678 tanggal 12-01-2026",
            "64029901015000017",
            "9999990101500001",
            "kupon 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
            "6402,99010150,0001 juta".get(..10).unwrap(),
            "640299010150é0001",
        ] {
            assert!(!holds_number(text), "{text}");
            assert_eq!(hide_numbers(text), text);
        }
    }
}
