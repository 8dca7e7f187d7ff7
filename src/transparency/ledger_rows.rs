//! The rows of the database held against the log, one by one: sums can agree where two rows were exchanged.

use std::collections::{HashMap, HashSet};

use data_encoding::HEXLOWER;

use super::{Ledger, Wrong, wrong};
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, Identifier, RoundId, UserId};

/// A right as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightRow {
    /// Its id.
    pub id: EntitlementId,
    /// Its round.
    pub round: RoundId,
    /// The number of its point.
    pub point: u32,
    /// Its state.
    pub state: State,
    /// What it is worth.
    pub value: i64,
    /// Whose it is, as its leaf would say it; nothing for an exception.
    pub household: Option<[u8; 16]>,
}

impl RightRow {
    /// The headings of a table of them.
    pub const HEADINGS: &str = "entitlement,round,point,state,value_minor,household";

    /// As a line of it.
    #[must_use]
    pub fn line(&self) -> String {
        let household = self.household.map(|household| HEXLOWER.encode(&household)).unwrap_or_default();
        let state = self.state.as_str();
        format!("{},{},{},{state},{},{household}", self.id, self.round, self.point, self.value)
    }

    /// Such a line read again.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, round, point, state, value, household] = cells.as_slice() else { return None };
        let household = match *household {
            "" => None,
            hex => Some(HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()?),
        };
        Some(Self {
            id: id.parse().ok()?,
            round: round.parse().ok()?,
            point: point.parse().ok()?,
            state: State::parse(state)?,
            value: value.parse().ok()?,
            household,
        })
    }
}

/// A person, key or close as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfficeRow {
    /// A person and their role.
    Person(UserId, String),
    /// A public key of the office, and for what it was made.
    Key([u8; 32], String),
    /// A close, and the hash that follows from what is kept of it.
    Close([u8; 16], [u8; 32]),
}

impl OfficeRow {
    /// The headings of a table of them.
    pub const HEADINGS: &str = "what,id,says";

    /// As a line of it.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Person(person, role) => format!("role,{},{role}", HEXLOWER.encode(person.bytes())),
            Self::Key(key, purpose) => format!("key,{},{purpose}", HEXLOWER.encode(key)),
            Self::Close(id, hash) => format!("close,{},{}", HEXLOWER.encode(id), HEXLOWER.encode(hash)),
        }
    }

    /// Such a line read again.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let (what, rest) = line.split_once(',')?;
        let (id, says) = rest.split_once(',')?;
        let id = HEXLOWER.decode(id.as_bytes()).ok()?;
        Some(match what {
            "role" => Self::Person(UserId::random(id.try_into().ok()?), says.to_owned()),
            "key" => Self::Key(id.try_into().ok()?, says.to_owned()),
            "close" => Self::Close(id.try_into().ok()?, HEXLOWER.decode(says.as_bytes()).ok()?.try_into().ok()?),
            _ => return None,
        })
    }
}

impl Ledger {
    /// Whether the log says who this is.
    #[must_use]
    pub fn knows(&self, person: UserId) -> bool {
        self.roles.contains_key(&person)
    }

    /// What is wrong with a right in the database, and the newest leaf about it.
    #[must_use]
    pub fn differs(&self, row: &RightRow) -> Option<(Option<u64>, Wrong)> {
        let Some(right) = self.rights.get(&row.id) else {
            return Some((None, wrong("V9", format!("the right {} is in the database alone", row.id))));
        };
        let same = [
            ("round", right.round == row.round),
            ("point", right.point == row.point),
            ("state", right.state == row.state),
            ("value", right.value == row.value),
            ("household", right.household.is_none() || right.household == row.household),
        ];
        let (what, _) = same.iter().find(|(_, same)| !same)?;
        let told = format!("the right {} has another {what} in the database than in the log", row.id);
        Some((Some(right.last), wrong("V9", told)))
    }

    /// The rights of the log that are not among these: each with the newest leaf about it.
    #[must_use]
    pub fn missing(&self, seen: &HashSet<EntitlementId>) -> Vec<(u64, Wrong)> {
        let gone = self.rights.iter().filter(|(id, _)| !seen.contains(id));
        let mut gone: Vec<(u64, Wrong)> = gone
            .map(|(id, right)| (right.last, wrong("V9", format!("the right {id} is not in the database"))))
            .collect();
        gone.sort_by_key(|(last, _)| *last);
        gone
    }

    /// What is wrong with the people, keys and closes in the database.
    #[must_use]
    pub fn office_differs(&self, rows: &[OfficeRow]) -> Vec<(Option<u64>, Wrong)> {
        let mut found = Vec::new();
        let (mut people, mut keys, mut closes) = (HashMap::new(), HashMap::new(), HashMap::new());
        for row in rows {
            match row {
                OfficeRow::Person(id, role) => drop(people.insert(*id, role)),
                OfficeRow::Key(key, purpose) => drop(keys.insert(*key, purpose)),
                OfficeRow::Close(id, hash) => drop(closes.insert(*id, *hash)),
            }
        }
        let mut told = |index, rule, what: String| found.push((index, wrong(rule, what)));
        for (id, role) in &people {
            match self.roles.get(id) {
                Some(known) if known == *role => {}
                Some(known) => told(None, "V11", format!("{id} is {role} in the database and {known} in the log")),
                None => told(None, "V11", format!("{id}, {role}, is in the database alone")),
            }
        }
        for (id, role) in self.roles.iter().filter(|(id, _)| !people.contains_key(id)) {
            told(None, "V11", format!("{id}, {role}, is not in the database"));
        }
        for (key, purpose) in &keys {
            match self.keys.get(key) {
                Some(known) if known == *purpose => {}
                _ => told(None, "V6", format!("the key {} is not the log's of that purpose", HEXLOWER.encode(key))),
            }
        }
        for key in self.keys.keys().filter(|key| !keys.contains_key(*key)) {
            told(None, "V6", format!("the key {} is not in the database", HEXLOWER.encode(key)));
        }
        for (id, hash) in &closes {
            match self.closes.get(id) {
                Some((known, _)) if known == hash => {}
                Some((_, leaf)) => {
                    told(
                        Some(*leaf),
                        "V9",
                        format!("the close {} is another than the one closed", HEXLOWER.encode(id)),
                    );
                }
                None => told(None, "V9", format!("the close {} is in the database alone", HEXLOWER.encode(id))),
            }
        }
        for (id, (_, leaf)) in self.closes.iter().filter(|(id, _)| !closes.contains_key(*id)) {
            told(Some(*leaf), "V9", format!("the close {} is not in the database", HEXLOWER.encode(id)));
        }
        found.sort_by(|one, other| (one.0, &one.1.what).cmp(&(other.0, &other.1.what)));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AgencyId;
    use crate::domain::time::Timestamp;
    use crate::transparency::{Kind, Leaf};

    fn leaf(kind: Kind) -> Leaf {
        Leaf::new(kind, Timestamp::from_millis(1_796_515_200_000).unwrap())
    }

    /// A round, an issuer, a key, a right and a close: leaves 0 to 6.
    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        let round = Some(RoundId::random([2; 16]));
        let agency = Some(AgencyId::random([1; 16]));
        let role =
            |person: u8, role: &str| Leaf { subject: Some([person; 16]), word: Some(role.into()), ..leaf(Kind::Role) };
        let leaves = [
            Leaf { word: Some("agency".into()), agency, count: Some(8), ..leaf(Kind::Policy) },
            Leaf { word: Some("round".into()), agency, round, ..leaf(Kind::Policy) },
            role(3, "issuer"),
            role(4, "finance"),
            Leaf { public_key: Some([5; 32]), word: Some("issuer".into()), ..leaf(Kind::Key) },
            Leaf {
                entitlement: Some(EntitlementId::random([6; 16])),
                round,
                point: Some(1),
                value_minor: Some(500_000),
                subject: Some([7; 16]),
                actor: Some(UserId::random([3; 16])),
                ..leaf(Kind::Issue)
            },
            Leaf {
                subject: Some([8; 16]),
                digest: Some([9; 32]),
                actor: Some(UserId::random([4; 16])),
                ..leaf(Kind::Close)
            },
        ];
        for (index, leaf) in (0..).zip(&leaves) {
            ledger.at(index);
            ledger.take(leaf).unwrap();
        }
        ledger
    }

    fn right() -> RightRow {
        RightRow {
            id: EntitlementId::random([6; 16]),
            round: RoundId::random([2; 16]),
            point: 1,
            state: State::Available,
            value: 500_000,
            household: Some([7; 16]),
        }
    }

    #[test]
    fn whatever_is_changed_of_a_right_is_told_with_its_newest_leaf() {
        let ledger = ledger();
        assert_eq!(ledger.differs(&right()), None);
        assert_eq!(RightRow::of_line(&right().line()), Some(right()));
        let changes: [fn(&mut RightRow); 5] = [
            |row| row.round = RoundId::random([0; 16]),
            |row| row.point = 2,
            |row| row.state = State::Redeemed,
            |row| row.value -= 1,
            |row| row.household = Some([0; 16]),
        ];
        for change in changes {
            let mut row = right();
            change(&mut row);
            assert_eq!(ledger.differs(&row).unwrap().0, Some(5), "{row:?}");
        }
        let unknown = RightRow { id: EntitlementId::random([0; 16]), ..right() };
        assert_eq!(ledger.differs(&unknown).unwrap().0, None);
        assert_eq!(ledger.missing(&HashSet::new()).len(), 1);
        assert_eq!(ledger.missing(&[right().id].into()).len(), 0);
    }

    #[test]
    fn people_keys_and_closes_are_those_of_the_log() {
        let ledger = ledger();
        let whole = vec![
            OfficeRow::Person(UserId::random([3; 16]), "issuer".into()),
            OfficeRow::Person(UserId::random([4; 16]), "finance".into()),
            OfficeRow::Key([5; 32], "issuer".into()),
            OfficeRow::Close([8; 16], [9; 32]),
        ];
        assert_eq!(ledger.office_differs(&whole), []);
        for row in &whole {
            assert_eq!(OfficeRow::of_line(&row.line()).as_ref(), Some(row));
        }
        let other = [
            OfficeRow::Person(UserId::random([3; 16]), "finance".into()),
            OfficeRow::Person(UserId::random([4; 16]), "issuer".into()),
            OfficeRow::Key([5; 32], "log".into()),
            OfficeRow::Close([8; 16], [0; 32]),
        ];
        for (at, other) in other.into_iter().enumerate() {
            let mut rows = whole.clone();
            rows[at] = other;
            assert_eq!(ledger.office_differs(&rows).len(), 1, "{rows:?}");
            rows.remove(at);
            assert_eq!(ledger.office_differs(&rows).len(), 1, "{rows:?}");
        }
        for more in [
            OfficeRow::Person(UserId::random([1; 16]), "issuer".into()),
            OfficeRow::Key([1; 32], "issuer".into()),
            OfficeRow::Close([1; 16], [9; 32]),
        ] {
            let rows: Vec<OfficeRow> = whole.iter().cloned().chain([more]).collect();
            assert_eq!(ledger.office_differs(&rows).len(), 1, "{rows:?}");
        }
    }
}
