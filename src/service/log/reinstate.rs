//! Putting back into a database that was set back what the log outside still holds, so that the same tree goes on:
//! never a smaller one, and never another.
//!
//! It is looked through first and written only when it is the tree whose head was signed here; then bundle by bundle,
//! each of which leaves a whole tree that is a little larger. One that is cut short goes on where it stopped.

use super::keeper::{LogKey, check_against, log_lost, set_lost};
use crate::service::{Error, Office, Refusal};
use crate::store::log::Head;
use crate::store::{self, Conn};
use crate::transparency::tile::{FULL, Level, Rim, Tile, hash_bytes, hashes_in};
use crate::transparency::tree::leaf_hash;
use crate::transparency::{Checkpoint, Leaf};

/// Under which name the database remembers for which head outside it has begun a life already.
const HEEDED: &str = "log_outside";

/// How far the log here and the log outside are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogStanding {
    /// The leaves that are numbered here.
    pub here: u64,
    /// The leaves of the largest head that was ever signed here; none when none is known.
    pub outside: Option<u64>,
}

impl LogStanding {
    /// Whether leaves that were signed are missing here.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.outside.is_some_and(|outside| outside > self.here)
    }
}

impl Office {
    /// How far the log is, here and outside.
    pub fn log_standing(&self) -> Result<LogStanding, Error> {
        // First outside: what is signed meanwhile is in the database before.
        let outside = self.guarded_note()?.map(|(head, _)| head.size);
        Ok(LogStanding { here: self.pool.read(store::log::size)?, outside })
    }

    /// Looks whether the log can go on: the heads outside can be read, are this log's, and the tree here begins with each
    /// of them. How many leaves are numbered.
    pub fn check_log(&self) -> Result<u64, Error> {
        let (guarded, outside) = self.signed_heads()?;
        let before: Vec<Checkpoint> = [guarded, outside].into_iter().flatten().map(|(head, _)| head).collect();
        self.pool.read_snapshot(|conn| {
            if before.is_empty() && log_lost(conn)? {
                return Err(Refusal::LogLost.into());
            }
            let size = store::log::size(conn)?;
            check_against(conn, size, &before)?;
            Ok(size)
        })
    }

    /// Why the database must have been set back, when the log outside says so and no life was begun for it yet.
    pub(in crate::service) fn log_says_set_back(&self) -> Result<Option<String>, Error> {
        let Some((head, _)) = self.mirror().head()? else { return Ok(None) };
        let (here, heeded) = self
            .pool
            .read(|conn| Ok::<_, Error>((store::log::size(conn)?, store::installation::get(conn, HEEDED)?)))?;
        let new = head.size > here && heeded != Some(head.to_string());
        Ok(new.then(|| format!("log di luar basis data berisi {} catatan, basis data {here}", head.size)))
    }

    /// Puts back what the log outside holds beyond the database's, and remembers that this head was heeded. What cannot
    /// be put back is said, and keeps the log from being published.
    pub(in crate::service) fn reinstate_log(&self) -> Result<(), Error> {
        let mirror = self.mirror();
        let _turn = mirror.take_turn()?;
        let Some((head, note)) = mirror.head()? else {
            // A database that was set back, and had signed heads: how many came after its newest nobody knows.
            let lost = self.guarded()?.is_none() && self.pool.read(store::log::newest_head)?.is_some();
            return self.pool.write("log_lost", |tx| set_lost(tx, lost));
        };
        match self.put_back_to(&head, &note.to_string()) {
            Ok(0) => {}
            Ok(count) => tracing::warn!(count, size = head.size, "the log was put back from outside the database"),
            Err(error) => tracing::error!(%error, size = head.size, "the log could not be put back from outside"),
        }
        self.pool.write("log_outside", |tx| Ok(store::installation::set(tx, HEEDED, &head.to_string())?))
    }

    fn put_back_to(&self, head: &Checkpoint, note: &str) -> Result<u64, Error> {
        let begin = self.pool.read(store::log::size)?;
        if begin >= head.size {
            return Ok(0);
        }
        let known = self.pool.read(|conn| self.find_log_key(conn))?;
        if known.is_none_or(|key: LogKey| key.origin != head.origin) {
            return Err(Error::Broken(format!("the log outside, {}, is not that of this database", head.origin)));
        }
        let mut rim = self.pool.read(|conn| rim_of(conn, begin))?;
        for bundle in bundles_from(begin, head.size) {
            for entry in self.entries_behind(begin, bundle)? {
                rim.push(leaf_hash(&entry), |_, _, _| ());
            }
        }
        if rim.root() != head.root {
            return Err(Refusal::LogForked { size: begin }.into());
        }
        for bundle in bundles_from(begin, head.size) {
            self.pool.write("log_reinstate", |tx| {
                store::log::take_turn(tx)?;
                let size = store::log::size(tx)?;
                let mut rim = rim_of(tx, size)?;
                let mut full: Vec<(u8, u64, Vec<u8>)> = Vec::new();
                let mut back = Vec::new();
                for entry in self.entries_behind(size, bundle)? {
                    rim.push(leaf_hash(&entry), |level, number, hashes| full.push((level, number, hash_bytes(hashes))));
                    let leaf = Leaf::decode(&entry);
                    let leaf = leaf.ok_or_else(|| Error::Broken("a leaf of the log outside is none".into()))?;
                    back.push(super::row(&leaf, None));
                }
                store::log::reinstate(tx, size, &back)?;
                for (level, number, bytes) in &full {
                    store::log::keep_tile(tx, *level, *number, bytes)?;
                }
                for (level, number, hashes) in rim.partial() {
                    store::log::keep_tile(tx, level, number, &hash_bytes(hashes))?;
                }
                Ok::<_, Error>(())
            })?;
        }
        let now = self.now();
        self.pool.write("log_head", |tx| {
            let size = store::log::size(tx)?;
            check_against(tx, size, std::slice::from_ref(head))?;
            let kept = Head { size: head.size, root: head.root, note: note.to_owned(), signed_at: now };
            Ok::<_, Error>(store::log::keep_head(tx, &kept)?)
        })?;
        Ok(head.size - begin)
    }

    /// The entries of a bundle outside that come after so many leaves.
    fn entries_behind(&self, size: u64, bundle: Tile) -> Result<Vec<Vec<u8>>, Error> {
        let known = size.saturating_sub(bundle.number * u64::from(FULL));
        let mut entries = self.mirror().entries(bundle)?;
        entries.drain(..usize::try_from(known).unwrap_or(usize::MAX).min(entries.len()));
        Ok(entries)
    }
}

/// The bundles that hold the leaves from one place up to another.
fn bundles_from(begin: u64, end: u64) -> impl Iterator<Item = Tile> {
    Tile::at(Level::Entries, end).skip_while(move |bundle| (bundle.number + 1) * u64::from(FULL) <= begin)
}

/// The right edge of the tree of this size, from the database.
pub(super) fn rim_of(conn: &mut Conn, size: u64) -> Result<Rim, Error> {
    let rim = Rim::load(size, |level, number| {
        let bytes = store::log::tile(conn, level, number)?;
        Ok::<_, Error>(hashes_in(&bytes).unwrap_or_default())
    })?;
    if rim.is_whole() {
        Ok(rim)
    } else {
        Err(Error::Broken("the last tiles of the log are not as wide as the log is long".into()))
    }
}
