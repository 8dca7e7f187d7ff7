//! Reading what somebody typed: amounts, days and times as an office writes them.

use jiff::civil::Date;

use super::view::fields::Fields;
use crate::domain::money::Money;
use crate::domain::time::{Timestamp, Zone, at};
use crate::service::{Error, Refusal};

fn invalid(field: &'static str, why: &str) -> Error {
    Refusal::Invalid { field, why: why.into() }.into()
}

/// A whole number; dots between thousands are taken as such.
pub(super) fn whole(fields: &Fields, field: &'static str) -> Result<i64, Error> {
    plain(fields.of(field)).ok_or_else(|| invalid(field, "a whole number"))
}

/// A whole number that may stand for less than nothing; nothing typed is 0.
pub(super) fn count(fields: &Fields, name: &str, field: &'static str) -> Result<i64, Error> {
    let text = fields.of(name);
    if text.is_empty() { Ok(0) } else { signed(text).ok_or_else(|| invalid(field, "a whole number")) }
}

fn signed(text: &str) -> Option<i64> {
    match text.strip_prefix(['-', '−']) {
        Some(text) => plain(text).map(|number| -number),
        None => plain(text),
    }
}

/// How much of some goods, typed in packs as people count them (`525`, `1.200`, `2,5`), in base units; nothing
/// typed is 0. What does not come to whole base units is refused, never rounded.
pub(super) fn goods(fields: &Fields, name: &str, pack_size: i64) -> Result<i64, Error> {
    let text = fields.of(name);
    if text.is_empty() {
        return Ok(0);
    }
    packs(text, pack_size.max(1))
        .ok_or_else(|| invalid("quantity", "a quantity that comes to whole grams millilitres or pieces"))
}

fn packs(text: &str, size: i64) -> Option<i64> {
    let (whole, part) = text.split_once(',').unwrap_or((text, ""));
    let whole = signed(whole.trim())?.checked_mul(size)?;
    let part = part.trim_end_matches('0');
    if part.is_empty() {
        return Some(whole);
    }
    let scale = 10_i64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let fine = part.bytes().all(|sign| sign.is_ascii_digit()).then(|| part.parse::<i64>().ok())??.checked_mul(size)?;
    let fine = (fine % scale == 0).then_some(fine / scale)?;
    if text.starts_with(['-', '−']) { whole.checked_sub(fine) } else { whole.checked_add(fine) }
}

/// What was chosen or typed, if anything was.
pub(super) fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// What was chosen of a list.
pub(super) fn chosen<T>(field: &'static str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| invalid(field, "choose one of the list"))
}

/// The same, or nothing when the field is empty.
pub(super) fn maybe_small(fields: &Fields, field: &'static str) -> Result<Option<i32>, Error> {
    if fields.of(field).is_empty() { Ok(None) } else { small(fields, field).map(Some) }
}

/// A whole number that is not large.
pub(super) fn small(fields: &Fields, field: &'static str) -> Result<i32, Error> {
    i32::try_from(whole(fields, field)?).map_err(|_| invalid(field, "a whole number"))
}

/// `3.000.000`, `Rp3.000.000` or `3000000`.
pub(super) fn plain(text: &str) -> Option<i64> {
    let text = text.trim();
    let text =
        text.strip_prefix("Rp").or_else(|| text.strip_prefix("RP")).unwrap_or(text).trim_start_matches(['.', ' ']);
    let groups: Vec<&str> = text.split('.').collect();
    let grouped = groups.len() == 1 || groups.iter().skip(1).all(|group| group.len() == 3);
    let digits: String = groups.concat();
    (grouped && !digits.is_empty() && digits.bytes().all(|sign| sign.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// An amount of rupiah.
pub(super) fn rupiah(fields: &Fields, field: &'static str) -> Result<Money, Error> {
    let amount = plain(fields.of(field)).and_then(|amount| Money::new(amount).ok());
    amount.ok_or_else(|| invalid(field, "an amount such as 3.000.000"))
}

/// A day, or nothing when the field is empty.
pub(super) fn maybe_day(fields: &Fields, field: &'static str) -> Result<Option<Date>, Error> {
    if fields.of(field).is_empty() { Ok(None) } else { day(fields, field).map(Some) }
}

/// A day as a browser sends it: `2026-12-07`.
pub(super) fn day(fields: &Fields, field: &'static str) -> Result<Date, Error> {
    fields.of(field).parse().map_err(|_| invalid(field, "a day"))
}

/// A day and a time on the clock of the office, as a browser sends it: `2026-12-07T08:00`.
pub(super) fn moment(text: &str, field: &'static str, zone: Zone) -> Result<Timestamp, Error> {
    let wrong = || invalid(field, "a day and a time");
    let (day, clock) = text.trim().split_once('T').ok_or_else(wrong)?;
    at(day.parse().map_err(|_| wrong())?, minutes(clock).ok_or_else(wrong)?, zone).map_err(|_| wrong())
}

/// Minutes after midnight: `08:00`, `08.00`.
pub(super) fn minutes(clock: &str) -> Option<i64> {
    let (hour, minute) = clock.split_once([':', '.'])?;
    let minute = minute.get(..2)?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
}

/// A moment as a browser's field wants it.
pub(super) fn typed(moment: Timestamp, zone: Zone) -> String {
    moment.iso(zone).chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_an_office_writes_them() {
        for (text, amount) in
            [("3000000", 3_000_000), (" Rp3.000.000 ", 3_000_000), ("Rp. 500.000", 500_000), ("0", 0), ("1.000", 1_000)]
        {
            assert_eq!(plain(text), Some(amount), "{text}");
        }
        for text in ["", "Rp", "-1", "1,5", "1.5", "3.00.000", "seribu", "99999999999999999999"] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn goods_are_typed_in_packs_and_nothing_is_rounded() {
        for (text, size, units) in [
            ("525", 1_000, 525_000),
            ("1.200", 1_000, 1_200_000),
            ("2,5", 1_000, 2_500),
            ("-2,50", 1_000, -2_500),
            ("-0,5", 1_000, -500),
            ("2,5", 30, 75),
            ("0", 1_000, 0),
        ] {
            assert_eq!(packs(text, size), Some(units), "{text}");
        }
        for text in ["2.5", "0,0001", "1,5,0", "x", "1e3", "9223372036854775807", "2,x", ","] {
            assert_eq!(packs(text, 1_000), None, "{text}");
        }
        assert_eq!(packs("0,5", 1), None, "there is no half a piece");
    }

    #[test]
    fn a_time_is_that_of_the_office() {
        let read = moment("2026-12-07T08:00", "opens_at", Zone::Wita).unwrap();
        assert_eq!(read.iso(Zone::Wita), "2026-12-07T08:00:00+08:00");
        assert_eq!(typed(read, Zone::Wita), "2026-12-07T08:00");
        for text in ["", "2026-12-07", "2026-12-07T24:00", "2026-13-07T08:00", "x", "2026-12-07Té:00"] {
            assert!(moment(text, "opens_at", Zone::Wita).is_err(), "{text}");
        }
    }
}
