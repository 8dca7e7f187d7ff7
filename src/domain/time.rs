//! Points in time, days and the time zones of Indonesia.
//!
//! A moment is a count of milliseconds since 1970 in UTC. Nothing here reads a clock. The three zones
//! have had fixed offsets since 1988, so no time-zone database is needed.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// A text or number that is not a moment between the years 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATime;

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time (expected ISO 8601 with offset, such as 2026-12-07T08:00:00+08:00)")
    }
}

impl std::error::Error for NotATime {}

impl Timestamp {
    /// The moment so many milliseconds after the start of 1970.
    pub fn from_millis(millis: i64) -> Result<Self, NotATime> {
        if (0..=253_402_207_200_000).contains(&millis) { Ok(Self(millis)) } else { Err(NotATime) }
    }

    /// Milliseconds since the start of 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the start of 1970.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment so many milliseconds later (earlier, when negative); it stops at the ends.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads ISO 8601 with an offset (or `Z`).
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let moment: jiff::Timestamp = text.trim().parse().map_err(|_| NotATime)?;
        Self::from_millis(moment.as_millisecond())
    }

    fn civil(self, zone: Zone) -> jiff::civil::DateTime {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        zone.offset().to_datetime(moment)
    }

    /// The calendar day in a zone.
    #[must_use]
    pub fn date(self, zone: Zone) -> Date {
        self.civil(zone).date()
    }

    /// The calendar day and the clock in a zone, to the second: year, month, day, hour, minute, second.
    #[must_use]
    pub fn parts(self, zone: Zone) -> (i16, [u8; 5]) {
        let local = self.civil(zone);
        let parts = [local.month(), local.day(), local.hour(), local.minute(), local.second()];
        (local.year(), parts.map(|part| part.unsigned_abs()))
    }

    /// ISO 8601 with the zone's offset, to the second: `2026-12-07T08:00:00+08:00`.
    #[must_use]
    pub fn iso(self, zone: Zone) -> String {
        let local = self.civil(zone);
        format!(
            "{}T{:02}:{:02}:{:02}+{:02}:00",
            local.date(),
            local.hour(),
            local.minute(),
            local.second(),
            zone.hours()
        )
    }

    /// The clock the Indonesian way: `08.00`.
    #[must_use]
    pub fn clock(self, zone: Zone) -> String {
        let local = self.civil(zone);
        format!("{:02}.{:02}", local.hour(), local.minute())
    }

    /// Day and clock in figures: `07-12-2026 09.12`.
    #[must_use]
    pub fn short(self, zone: Zone) -> String {
        let day = self.date(zone);
        format!("{:02}-{:02}-{:04} {}", day.day(), day.month(), day.year(), self.clock(zone))
    }
}

/// The moment at which a day begins in a zone, `minutes` after midnight.
pub fn at(day: Date, minutes: i64, zone: Zone) -> Result<Timestamp, NotATime> {
    let midnight = day.to_datetime(jiff::civil::Time::midnight());
    let moment = zone.offset().to_timestamp(midnight).map_err(|_| NotATime)?;
    Timestamp::from_millis(moment.as_millisecond() + minutes * 60_000)
}

/// A time zone of Indonesia.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Zone {
    /// Western, UTC+7.
    Wib,
    /// Central, UTC+8: Kutai Kartanegara.
    #[default]
    Wita,
    /// Eastern, UTC+9.
    Wit,
}

impl Zone {
    /// How many hours it is ahead of UTC, all the year.
    #[must_use]
    pub const fn hours(self) -> i8 {
        match self {
            Self::Wib => 7,
            Self::Wita => 8,
            Self::Wit => 9,
        }
    }

    const fn offset(self) -> jiff::tz::Offset {
        jiff::tz::offset(self.hours())
    }

    /// The zone's short name, as printed after a clock time.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Wib => "WIB",
            Self::Wita => "WITA",
            Self::Wit => "WIT",
        }
    }
}

/// The language a text is written in. Indonesian comes first everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Bahasa Indonesia.
    #[default]
    Id,
    /// English.
    En,
}

const DAYS: [(&str, &str); 7] = [
    ("Senin", "Monday"),
    ("Selasa", "Tuesday"),
    ("Rabu", "Wednesday"),
    ("Kamis", "Thursday"),
    ("Jumat", "Friday"),
    ("Sabtu", "Saturday"),
    ("Minggu", "Sunday"),
];

const MONTHS: [(&str, &str); 12] = [
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
];

const fn pick(pair: (&'static str, &'static str), language: Language) -> &'static str {
    match language {
        Language::Id => pair.0,
        Language::En => pair.1,
    }
}

/// A day in words: `Senin, 7 Desember 2026`.
#[must_use]
pub fn long_date(day: Date, language: Language) -> String {
    let weekday = DAYS[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs() % 7)];
    format!("{}, {}", pick(weekday, language), plain_date(day, language))
}

/// A day without its weekday: `7 Desember 2026`.
#[must_use]
pub fn plain_date(day: Date, language: Language) -> String {
    let month = MONTHS[usize::from((day.month() - 1).unsigned_abs() % 12)];
    format!("{} {} {}", day.day(), pick(month, language), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_and_prints_with_its_offset() {
        let moment = Timestamp::parse("2026-12-07T08:00:00+08:00").unwrap();
        assert_eq!(moment.iso(Zone::Wita), "2026-12-07T08:00:00+08:00");
        assert_eq!(moment.clock(Zone::Wib), "07.00");
        assert_eq!(moment.short(Zone::Wita), "07-12-2026 08.00");
        assert_eq!(at(jiff::civil::date(2026, 12, 7), 480, Zone::Wita), Ok(moment));
    }

    #[test]
    fn a_day_is_written_the_indonesian_way() {
        let day = jiff::civil::date(2026, 11, 23);
        assert_eq!(long_date(day, Language::Id), "Senin, 23 November 2026");
        assert_eq!(long_date(day, Language::En), "Monday, 23 November 2026");
    }

    #[test]
    fn a_time_without_offset_is_refused() {
        assert_eq!(Timestamp::parse("2026-12-07T08:00:00"), Err(NotATime));
        assert_eq!(Timestamp::parse("-000001-01-01T00:00:00Z"), Err(NotATime));
    }
}
