//! Birth dates in all the forms in which people write them. The day comes first; the month comes first
//! only where the NIK proves it.

use jiff::civil::Date;

use crate::domain::household::{BirthHint, plain_word};

/// A date that was read, and what had to be assumed for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadDate {
    pub(super) date: Date,
    /// It was the serial number of a spreadsheet.
    pub(super) from_serial: bool,
    /// The month stood first, as the NIK proves.
    pub(super) month_first: bool,
    /// The year had two digits and nothing proves its century.
    pub(super) century_assumed: bool,
}

impl ReadDate {
    const fn plain(date: Date) -> Self {
        Self { date, from_serial: false, month_first: false, century_assumed: false }
    }
}

/// Why a text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateFault {
    /// Year, month or day is zero, as programs write for "none".
    Zero,
    Unreadable,
}

/// A word or a number of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Number { value: i32, digits: usize },
    Month(i32),
}

/// Reads a birth date. `hint` is what the NIK says, and decides between two ways to read.
pub(super) fn read_date(text: &str, hint: Option<BirthHint>, today: Date) -> Result<ReadDate, DateFault> {
    let text = text.trim().trim_start_matches('\'');
    // Place and date share a column in many lists: "Tenggarong, 12-05-1951".
    if let Some((_, behind)) = text.rsplit_once(',')
        && let Ok(read) = read_parts(behind, hint, today)
    {
        return Ok(read);
    }
    read_parts(text, hint, today)
}

fn read_parts(text: &str, hint: Option<BirthHint>, today: Date) -> Result<ReadDate, DateFault> {
    let parts = parts(day_part(text))?;
    match parts.as_slice() {
        [Part::Number { value, digits }] => one_number(*value, *digits, hint),
        [Part::Number { value: a, digits }, Part::Number { value: b, .. }, Part::Number { value: c, digits: last }] => {
            three_numbers((*a, *digits), *b, (*c, *last), hint, today)
        }
        [Part::Number { value: day, .. }, Part::Month(month), Part::Number { value: year, digits }]
        | [Part::Month(month), Part::Number { value: day, .. }, Part::Number { value: year, digits }] => {
            if *day == 0 || (*year == 0 && *digits > 2) {
                return Err(DateFault::Zero);
            }
            let (year, assumed) = full_year(*year, *digits, today)?;
            let date = date(year, *month, *day).ok_or(DateFault::Unreadable)?;
            Ok(ReadDate { century_assumed: assumed && !proven(date, hint, today), ..ReadDate::plain(date) })
        }
        _ => Err(DateFault::Unreadable),
    }
}

/// The text without a time behind it.
fn day_part(text: &str) -> &str {
    let end = text.find(':').map_or(text.len(), |colon| {
        let before = text.get(..colon).unwrap_or_default();
        before.rfind([' ', 'T', 't']).unwrap_or(0)
    });
    text.get(..end).unwrap_or_default().trim()
}

/// The numbers and months of a text. Words in front (a place, a day of the week) are read past.
fn parts(text: &str) -> Result<Vec<Part>, DateFault> {
    let mut parts = Vec::with_capacity(3);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_digit() {
            let end = rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(rest.len());
            let (number, behind) = rest.split_at(end);
            let value = number.parse().ok().filter(|_| number.len() <= 8).ok_or(DateFault::Unreadable)?;
            parts.push(Part::Number { value, digits: number.len() });
            rest = behind;
        } else if first.is_alphabetic() {
            let end = rest.find(|sign: char| !sign.is_alphabetic()).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            match month_named(word) {
                Some(month) => parts.push(Part::Month(month)),
                None if parts.is_empty() => {}
                None => return Err(DateFault::Unreadable),
            }
            rest = behind;
        } else {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    // The serial number of a workbook may carry the time of day as a fraction.
    if let [serial @ Part::Number { digits: 5, .. }, Part::Number { .. }] = parts.as_slice() {
        return Ok(vec![*serial]);
    }
    Ok(parts)
}

/// The month of a name or its short form, as Indonesians write them, and in English.
fn month_named(word: &str) -> Option<i32> {
    let month = match plain_word(word).as_str() {
        "JAN" | "JANUARI" | "JANUARY" => 1,
        "FEB" | "PEB" | "FEBRUARI" | "PEBRUARI" | "FEBUARI" | "PEBUARI" | "FEBRUARY" => 2,
        "MAR" | "MRT" | "MARET" | "MARCH" => 3,
        "APR" | "APRIL" => 4,
        "MEI" | "MAY" => 5,
        "JUN" | "JUNI" | "JUNE" => 6,
        "JUL" | "JULI" | "JULY" => 7,
        "AGU" | "AGT" | "AGS" | "AGST" | "AGUS" | "AGUST" | "AGUSTUS" | "AUG" | "AUGUST" => 8,
        "SEP" | "SEPT" | "SEPTEMBER" => 9,
        "OKT" | "OCT" | "OKTOBER" | "OCTOBER" => 10,
        "NOV" | "NOP" | "NOPEMBER" | "NOVEMBER" => 11,
        "DES" | "DEC" | "DESEMBER" | "DECEMBER" => 12,
        _ => return None,
    };
    Some(month)
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn agrees(date: Date, hint: Option<BirthHint>) -> bool {
    hint.is_some_and(|hint| hint.agrees(date))
}

/// Whether the NIK proves also the century: it names the same day, and that day of this century is to come.
fn proven(date: Date, hint: Option<BirthHint>, today: Date) -> bool {
    agrees(date, hint) && date.year() < 2000 && date.year() + 100 > today.year()
}

/// A year of two digits is of the last century: the recipient is the head of a family, no child. The NIK
/// has two digits as well, so it can only confirm them.
fn full_year(year: i32, digits: usize, today: Date) -> Result<(i32, bool), DateFault> {
    match digits {
        4 => Ok((year, false)),
        1 | 2 => {
            let this = i32::from(today.year());
            Ok((if this >= 2100 { this - this % 100 - 100 + year } else { 1900 + year }, true))
        }
        _ => Err(DateFault::Unreadable),
    }
}

/// Days since the end of 1899, the way spreadsheets count them, or eight digits without a sign between them.
/// Only five digits are a serial number, 1927 to 2173, so that a bare year is not mistaken for a date.
fn one_number(value: i32, digits: usize, hint: Option<BirthHint>) -> Result<ReadDate, DateFault> {
    match digits {
        _ if value == 0 => Err(DateFault::Zero),
        5 => {
            let days = jiff::Span::new().try_days(value).map_err(|_| DateFault::Unreadable)?;
            let date = jiff::civil::date(1899, 12, 30).checked_add(days).map_err(|_| DateFault::Unreadable)?;
            Ok(ReadDate { from_serial: true, ..ReadDate::plain(date) })
        }
        8 => {
            let century = |date: &Date| (1900..2100).contains(&date.year());
            let year_first = date(value / 10_000, value / 100 % 100, value % 100).filter(century);
            let day_first = date(value % 10_000, value / 10_000 % 100, value / 1_000_000).filter(century);
            let found = match (year_first, day_first) {
                (Some(_), Some(day_first)) if agrees(day_first, hint) => Some(day_first),
                (year_first, day_first) => year_first.or(day_first),
            };
            found.map(ReadDate::plain).ok_or(DateFault::Unreadable)
        }
        _ => Err(DateFault::Unreadable),
    }
}

fn three_numbers(
    (a, first): (i32, usize),
    b: i32,
    (c, last): (i32, usize),
    hint: Option<BirthHint>,
    today: Date,
) -> Result<ReadDate, DateFault> {
    if (first == 4 || last == 4) && [a, b, c].contains(&0) {
        return Err(DateFault::Zero);
    }
    if a == 0 && b == 0 {
        return Err(DateFault::Zero);
    }
    let (year, digits, month, day) = if first == 4 {
        (a, 4, b, c)
    } else if first <= 2 && last != 3 {
        (c, last, b, a)
    } else {
        return Err(DateFault::Unreadable);
    };
    let (year, assumed) = full_year(year, digits, today)?;
    let usual = date(year, month, day);
    let swapped = date(year, day, month);
    let (date, month_first) = match (usual, swapped) {
        (Some(usual), _) if agrees(usual, hint) => (usual, false),
        (_, Some(swapped)) if agrees(swapped, hint) => (swapped, true),
        (Some(usual), _) => (usual, false),
        // Never month first, unless the NIK proves it.
        (None, _) => return Err(DateFault::Unreadable),
    };
    Ok(ReadDate { month_first, century_assumed: assumed && !proven(date, hint, today), ..ReadDate::plain(date) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 23);

    fn read(text: &str, hint: Option<BirthHint>) -> Result<ReadDate, DateFault> {
        read_date(text, hint, TODAY)
    }

    #[test]
    fn a_date_is_read_in_every_form_in_which_it_is_written() {
        let hint = Some(BirthHint { day: 19, month: 7, year: 58 });
        for text in [
            "1958-07-19",
            "1958/07/19 0:00:00",
            "1958-07-19T00:00:00",
            "1958-07-19 00:00:00.000",
            "1958.07.19",
            "19/07/1958",
            "19-7-1958",
            "19.07.1958",
            "19 07 1958",
            "19/07/58",
            "19 Juli 1958",
            "19 JUL 58",
            "19-Jul-1958",
            "19 juli 1958",
            "Sabtu, 19 Juli 1958",
            "TENGGARONG, 19-07-1958",
            "Loa Kulu, 19 Juli 1958",
            "Tenggarong 19/07/1958",
            "Juli 19, 1958",
            "07/19/1958",
            "19071958",
            "19580719",
            " '19/07/1958",
            "19 / 07 / 1958",
            "19/07/1958 12:30:00 AM",
        ] {
            let found = read(text, hint).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
            assert_eq!(found.date, jiff::civil::date(1958, 7, 19), "{text}");
            assert_eq!(found.month_first, text == "07/19/1958", "{text}");
            assert!(!found.century_assumed, "{text}");
        }
    }

    #[test]
    fn months_have_their_indonesian_names_and_short_forms() {
        for (text, month) in [
            ("1 Januari 1960", 1),
            ("1 Pebruari 1960", 2),
            ("1 Peb 1960", 2),
            ("1 Maret 1960", 3),
            ("1 April 1960", 4),
            ("1 Mei 1960", 5),
            ("1 Juni 1960", 6),
            ("1 Juli 1960", 7),
            ("1 Agt 1960", 8),
            ("1 Agu 1960", 8),
            ("1 Agustus 1960", 8),
            ("1 Sept. 1960", 9),
            ("1 Okt 1960", 10),
            ("1 Nop 1960", 11),
            ("1 Nopember 1960", 11),
            ("1-Des-1960", 12),
        ] {
            assert_eq!(read(text, None).unwrap().date, jiff::civil::date(1960, month, 1), "{text}");
        }
    }

    #[test]
    fn the_month_comes_first_only_when_the_nik_proves_it() {
        let hint = Some(BirthHint { day: 12, month: 5, year: 51 });
        let found = read("05/12/1951", hint).unwrap();
        assert_eq!((found.date, found.month_first), (jiff::civil::date(1951, 5, 12), true));
        let found = read("05/12/1951", None).unwrap();
        assert_eq!((found.date, found.month_first), (jiff::civil::date(1951, 12, 5), false));
        // The NIK names neither: the day stays first.
        let other = Some(BirthHint { day: 1, month: 1, year: 51 });
        assert_eq!(read("05/12/1951", other).unwrap().date, jiff::civil::date(1951, 12, 5));
        assert_eq!(read("05/28/1951", hint), Err(DateFault::Unreadable));
        assert!(read("05/28/1951", Some(BirthHint { day: 28, month: 5, year: 51 })).unwrap().month_first);
        // A program that read day and month the wrong way round before.
        assert!(read("1951-12-05", hint).unwrap().month_first);
    }

    #[test]
    fn a_year_of_two_digits_is_of_the_last_century_and_is_assumed_unless_proven() {
        let hint = Some(BirthHint { day: 30, month: 9, year: 67 });
        let found = read("30/09/67", hint).unwrap();
        assert_eq!((found.date, found.century_assumed), (jiff::civil::date(1967, 9, 30), false));
        assert!(read("30/09/67", None).unwrap().century_assumed);
        let young = read("30/09/05", Some(BirthHint { day: 30, month: 9, year: 5 })).unwrap();
        assert_eq!((young.date.year(), young.century_assumed), (1905, true));
    }

    #[test]
    fn a_serial_number_is_a_date() {
        for text in ["20318", "20318.0", "20318,5"] {
            let found = read(text, None).unwrap();
            assert_eq!((found.date, found.from_serial), (jiff::civil::date(1955, 8, 17), true), "{text}");
        }
    }

    #[test]
    fn zeroes_are_no_date_and_neither_is_a_word() {
        for text in ["0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "0", "00-00-00", "1951-00-00", "0000-05-12"] {
            assert_eq!(read(text, None), Err(DateFault::Zero), "{text}");
        }
        for text in [
            "",
            "tidak tahu",
            "1951",
            "12/1951",
            "1951-13-45",
            "31/02/1951",
            "12 Foo 1951",
            "1/2/3/4",
            "123456789012",
            "12-05-951",
        ] {
            assert_eq!(read(text, None), Err(DateFault::Unreadable), "{text}");
        }
    }
}
