//! Keeping the database in order: its write-ahead log, and what an older version of the program did not keep, the words
//! by which households are found.
//!
//! It goes some households at a time, each batch in a transaction of its own, and may be cut short: what is done
//! stays done, and the next start does the rest.

use super::{Error, Office};
use crate::domain::household::Nik;
use crate::domain::household::search::FOLDING;
use crate::domain::id::{HouseholdId, Identifier};
use crate::domain::sealed::{BlindIndex, Field};
use crate::store::{self, Pool};

/// How many households are taken together.
const BATCH: i64 = 1_000;

/// Under which name the installation remembers by which folding its words were made.
const FOLDED: &str = "search_folding";
/// Under which name it remembers that every NIK has the index of its tail.
const TAILS: &str = "nik_tails";

/// Brings what is kept for searching to this program's folding; done at once where it is of this folding.
pub fn complete(pool: &Pool) -> Result<(), Error> {
    if pool.read(|conn| store::installation::get(conn, FOLDED))?.as_deref() == Some(FOLDING) {
        return Ok(());
    }
    let mut after = None;
    loop {
        let mut batch = pool.read(|conn| store::search::sweep(conn, after, BATCH))?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        pool.write("search_words", |tx| {
            for household in &mut batch {
                store::search::refold_village(tx, household)?;
            }
            store::search::renew_words(tx, &batch)
        })?;
    }
    pool.write("search_words_done", |tx| Ok::<_, Error>(store::installation::set(tx, FOLDED, FOLDING)?))
}

impl Office {
    /// Brings what the database has in its write-ahead log to its place, where it has one.
    pub fn shorten_wal(&self) -> Result<(), Error> {
        Ok(self.pool.shorten_wal()?)
    }

    /// Indexes the tails of those NIK that an older version left without one.
    pub(super) fn complete_tails(&self) -> Result<(), Error> {
        if self.pool.read(|conn| store::installation::get(conn, TAILS))?.is_some() {
            return Ok(());
        }
        loop {
            let batch = self.pool.read(|conn| store::search::without_tail(conn, BATCH))?;
            if batch.is_empty() {
                break;
            }
            let mut tails: Vec<(HouseholdId, BlindIndex)> = Vec::with_capacity(batch.len());
            for (id, sealed) in batch {
                let opened = self.vault.open(Field::Nik, id.bytes(), &sealed)?;
                let nik = Nik::parse(&String::from_utf8_lossy(&opened))
                    .map_err(|_| Error::Broken("a NIK in the database is none".into()))?;
                tails.push((id, self.vault.blind_index(Field::NikTail, nik.tail())));
            }
            self.pool.write("nik_tails", |tx| {
                tails.iter().try_for_each(|(id, tail)| store::search::set_tail(tx, *id, *tail))
            })?;
        }
        self.pool.write("nik_tails_done", |tx| Ok::<_, Error>(store::installation::set(tx, TAILS, "1")?))
    }
}
