//! The books as the database has them, in the words of the ledger, so that both can be held side by side.

use std::collections::BTreeMap;

use crate::domain::entitlement::State;
use crate::domain::id::RoundId;
use crate::service::Error;
use crate::store::{self, Conn};
use crate::transparency::{Ledger, Sums};

/// One sum: of a round, of one of its points, or of one of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// The point of this number.
    Point(u32),
}

/// What is summed up: rounds and points by state, and days by handouts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Books {
    pub(super) sums: BTreeMap<(RoundId, Part), Sums>,
    pub(super) days: BTreeMap<(RoundId, String), (i64, i64)>,
}

/// The headings of the file.
const HEADINGS: [&str; 9] =
    ["round", "point", "day", "issued", "redeemed", "revoked", "expired", "realised_minor", "committed_minor"];

impl Books {
    /// The books that follow from the log.
    pub(super) fn of(ledger: &Ledger) -> Self {
        let mut sums = BTreeMap::new();
        for (round, sum) in ledger.rounds() {
            sums.insert((*round, Part::Whole), *sum);
        }
        for ((round, point), sum) in ledger.points() {
            sums.insert((*round, Part::Point(*point)), *sum);
        }
        Self { sums, days: ledger.days().clone() }
    }

    /// The books as they follow from the rights and redemptions in the database.
    pub(super) fn read(conn: &mut Conn) -> Result<Self, Error> {
        let mut books = Self::default();
        let numbers: BTreeMap<_, _> = store::points::numbers(conn)?.into_iter().collect();
        for round in store::rounds::all(conn)? {
            for (point, state, count, value) in store::reconcile::by_point_and_state(conn, round)? {
                let number = numbers.get(&point).and_then(|number| u32::try_from(*number).ok()).unwrap_or(0);
                for part in [Part::Whole, Part::Point(number)] {
                    let sums = books.sums.entry((round, part)).or_default();
                    sums.issued += count;
                    match state {
                        State::Revoked => sums.revoked += count,
                        State::Expired => sums.expired += count,
                        // Handouts are counted from the redemptions: a right that says so alone is no handout.
                        State::Redeemed => {}
                        State::Available | State::Leased | State::Unresolved => sums.committed_minor += value,
                    }
                }
            }
            for line in store::reconcile::handed(conn, round)? {
                let number = numbers.get(&line.point).and_then(|number| u32::try_from(*number).ok()).unwrap_or(0);
                for part in [Part::Whole, Part::Point(number)] {
                    let sums = books.sums.entry((round, part)).or_default();
                    sums.redeemed += line.count;
                    sums.realised_minor += line.value;
                }
                let day = books.days.entry((round, line.day)).or_default();
                *day = (day.0 + line.count, day.1 + line.value);
            }
        }
        Ok(books)
    }

    /// As a table for people and programs.
    pub(super) fn to_csv(&self) -> Result<Vec<u8>, Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let broken = |fault: csv::Error| Error::Broken(fault.to_string());
        writer.write_record(HEADINGS).map_err(broken)?;
        for ((round, part), sums) in &self.sums {
            let point = match part {
                Part::Whole => String::new(),
                Part::Point(number) => number.to_string(),
            };
            let figures =
                [sums.issued, sums.redeemed, sums.revoked, sums.expired, sums.realised_minor, sums.committed_minor];
            let mut record = vec![round.to_string(), point, String::new()];
            record.extend(figures.map(|figure| figure.to_string()));
            writer.write_record(&record).map_err(broken)?;
        }
        for ((round, day), (redeemed, value)) in &self.days {
            let (redeemed, value) = (redeemed.to_string(), value.to_string());
            let record = [&round.to_string(), "", day, "0", &redeemed, "0", "0", &value, "0"];
            writer.write_record(record).map_err(broken)?;
        }
        writer.into_inner().map_err(|fault| Error::Broken(fault.to_string()))
    }

    /// Reads such a table; a sentence when it is none.
    pub(super) fn from_csv(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = csv::Reader::from_reader(bytes);
        let headings = reader.headers().map_err(|fault| fault.to_string())?;
        if headings.iter().ne(HEADINGS) {
            return Err("its headings are not those of the books".into());
        }
        let mut books = Self::default();
        for record in reader.records() {
            let record = record.map_err(|fault| fault.to_string())?;
            let cell = |place: usize| record.get(place).unwrap_or_default();
            let figure = |place: usize| cell(place).parse::<i64>().map_err(|_| format!("{:?} is no sum", cell(place)));
            let round: RoundId = cell(0).parse().map_err(|_| format!("{:?} is no round", cell(0)))?;
            if !cell(2).is_empty() {
                books.days.insert((round, cell(2).to_owned()), (figure(4)?, figure(7)?));
                continue;
            }
            let part = match cell(1) {
                "" => Part::Whole,
                number => Part::Point(number.parse().map_err(|_| format!("{number:?} is no point"))?),
            };
            let sums = Sums {
                issued: figure(3)?,
                redeemed: figure(4)?,
                revoked: figure(5)?,
                expired: figure(6)?,
                realised_minor: figure(7)?,
                committed_minor: figure(8)?,
            };
            books.sums.insert((round, part), sums);
        }
        Ok(books)
    }

    /// Where these differ from other books, each in a sentence.
    pub(super) fn differences(&self, log: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let keys: std::collections::BTreeSet<_> = self.sums.keys().chain(log.sums.keys()).collect();
        for key in keys {
            let (here, there) =
                (self.sums.get(key).copied().unwrap_or_default(), log.sums.get(key).copied().unwrap_or_default());
            let place = match key.1 {
                Part::Whole => format!("round {}", key.0),
                Part::Point(number) => format!("round {}, point {number}", key.0),
            };
            for (what, one, other) in [
                ("issued", here.issued, there.issued),
                ("redeemed", here.redeemed, there.redeemed),
                ("revoked", here.revoked, there.revoked),
                ("expired", here.expired, there.expired),
                ("realised_minor", here.realised_minor, there.realised_minor),
                ("committed_minor", here.committed_minor, there.committed_minor),
            ] {
                if one != other {
                    found.push(format!("{place}: {what} is {one} in the books and {other} in the log"));
                }
            }
        }
        let keys: std::collections::BTreeSet<_> = self.days.keys().chain(log.days.keys()).collect();
        for key in keys {
            let (here, there) =
                (self.days.get(key).copied().unwrap_or_default(), log.days.get(key).copied().unwrap_or_default());
            if here != there {
                found.push(format!(
                    "round {}, day {}: {} worth {} in the books and {} worth {} in the log",
                    key.0, key.1, here.0, here.1, there.0, there.1
                ));
            }
        }
        found
    }
}
