//! The rights, people, keys and closes of the database beside the log, so that an auditor can hold each against it.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use super::verify::Fault;
use crate::domain::id::Identifier;
use crate::domain::sealed::Field;
use crate::service::closing::seal;
use crate::service::{Error, Office};
use crate::store::{self, Conn};
use crate::transparency::{Ledger, OfficeRow, RightRow};

/// How many rights are read together.
const BATCH: i64 = 10_000;

/// What writing one came to.
pub(super) type Written<T> = Result<io::Result<T>, Error>;

impl Office {
    /// Writes every right as a line.
    pub(super) fn write_rights(&self, conn: &mut Conn, out: &mut impl Write) -> Written<()> {
        let numbers: BTreeMap<_, _> = store::points::numbers(conn)?.into_iter().collect();
        let mut after = None;
        let mut text = format!("{}\n", RightRow::HEADINGS);
        loop {
            let batch = store::entitlements::standings(conn, after, BATCH)?;
            for (id, round, point, state, value, household) in &batch {
                let household =
                    household.map(|one| self.vault.blind_index(Field::HouseholdInRound, &format!("{round} {one}")).0);
                let point = numbers.get(point).and_then(|number| u32::try_from(*number).ok()).unwrap_or(0);
                let row = RightRow { id: *id, round: *round, point, state: *state, value: *value, household };
                text.push_str(&row.line());
                text.push('\n');
            }
            if let Err(fault) = out.write_all(text.as_bytes()) {
                return Ok(Err(fault));
            }
            text.clear();
            match batch.last() {
                Some((last, ..)) => after = Some(*last),
                None => return Ok(out.flush()),
            }
        }
    }
}

/// The people, keys and closes as a table.
pub(super) fn office_rows(conn: &mut Conn) -> Result<String, Error> {
    let mut rows = Vec::new();
    for (person, role) in store::users::roles(conn)? {
        rows.push(OfficeRow::Person(person, role));
    }
    for key in store::keys::all(conn)? {
        rows.push(OfficeRow::Key(key.public_key, key.purpose));
    }
    for round in store::rounds::all(conn)? {
        for one in store::closings::of_round(conn, round)? {
            rows.push(OfficeRow::Close(*one.id.bytes(), seal::of_what_is_kept(&one)?));
        }
    }
    let lines = rows.iter().map(|row| format!("{}\n", row.line()));
    Ok(format!("{}\n{}", OfficeRow::HEADINGS, lines.collect::<String>()))
}

/// Holds a table of rights against the log; how many there were, and what is wrong.
pub(super) fn check_rights(lines: impl Iterator<Item = io::Result<String>>, ledger: &Ledger) -> (u64, Vec<Fault>) {
    let (mut seen, mut faults, mut count) = (HashSet::new(), Vec::new(), 0);
    for line in lines.skip(1) {
        let Some(row) = line.ok().as_deref().and_then(RightRow::of_line) else {
            faults.push(Fault { index: None, what: "rights.csv cannot be read from here on".into() });
            return (count, faults);
        };
        count += 1;
        if let Some((index, wrong)) = ledger.differs(&row) {
            faults.push(Fault { index, what: wrong.to_string() });
        }
        if !seen.insert(row.id) {
            faults.push(Fault { index: None, what: format!("V9: the right {} is in the database twice", row.id) });
        }
    }
    let missing = ledger.missing(&seen);
    faults.extend(missing.into_iter().map(|(index, wrong)| Fault { index: Some(index), what: wrong.to_string() }));
    (count, faults)
}

/// Holds the people, keys and closes against the log.
pub(super) fn check_office(lines: impl Iterator<Item = io::Result<String>>, ledger: &Ledger) -> Vec<Fault> {
    let mut rows = Vec::new();
    for line in lines.skip(1) {
        match line.ok().as_deref().and_then(OfficeRow::of_line) {
            Some(row) => rows.push(row),
            None => return vec![Fault { index: None, what: "office.csv cannot be read from here on".into() }],
        }
    }
    let wrong = ledger.office_differs(&rows);
    wrong.into_iter().map(|(index, wrong)| Fault { index, what: wrong.to_string() }).collect()
}
