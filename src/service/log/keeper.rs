//! The keeper: numbers leaves, grows the tree, signs its head.
//!
//! In this order, so that a crash between any two steps leaves nothing wrong: leaves are numbered and their
//! tiles written in one transaction; what was committed is written outside the database too; the head is signed
//! over it; the files outside get it, then the guard file, then the database, and from then on it is published.
//! A head outside that never reached the database is signed again at the next start, over the same leaves.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;

use super::ask::{WitnessAt, Witnesses};
use super::guard::Guard;
use super::mirror::tile_bytes;
use super::reinstate::rim_of;
use crate::service::{Error, Office, Refusal};
use crate::store::log::Head;
use crate::store::{self, Conn, Write};
use crate::token::fact::Outside;
use crate::token::{Purpose, SigningKey};
use crate::transparency::tile::{Level, Reader, Tile, Torn, hash_bytes, hashes_in};
use crate::transparency::tree::{Hash, leaf_hash};
use crate::transparency::{Checkpoint, Manner, Note, NoteKey};

/// How often the keeper looks for leaves that wait. Half a second and the signing stay under the second that
/// is promised.
const LOOKS_EVERY: Duration = Duration::from_millis(400);
/// How many leaves are numbered in one transaction: others wait for it on SQLite.
const BATCH: i64 = 1_000;
/// After so many transactions a head is signed, also while leaves keep coming.
const BATCHES_PER_HEAD: u32 = 20;

/// Under which name the installation keeps the origin of its log.
const ORIGIN: &str = "log_origin";

/// Names the log.
pub(in crate::service) fn set_origin(tx: &mut Write<'_>, origin: &str) -> Result<(), Error> {
    Ok(store::installation::set(tx, ORIGIN, origin)?)
}

/// What the office knows of its log besides the database.
#[derive(Default)]
pub struct Desk {
    pub(super) guard: Option<Guard>,
    pub(super) witnesses: Vec<WitnessAt>,
    key: OnceLock<Arc<LogKey>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk(guard: {:?}, {} witnesses)", self.guard, self.witnesses.len())
    }
}

impl Desk {
    /// The desk of an installation whose guard file lies here, and that asks these witnesses.
    #[must_use]
    pub fn new(guard: PathBuf, witnesses: Vec<WitnessAt>) -> Self {
        Self { guard: Some(Guard::at(guard)), witnesses, key: OnceLock::new() }
    }
}

/// A head as it was signed, where there is one.
type SignedHead = Option<(Checkpoint, Note)>;

/// The key that signs heads, and the name of the log.
pub(super) struct LogKey {
    pub(super) origin: String,
    key: SigningKey,
}

impl LogKey {
    pub(super) fn public(&self) -> Result<NoteKey, Error> {
        NoteKey::new(&self.origin, Manner::Log, self.key.verifying_key())
            .ok_or_else(|| Error::Broken("the name of the log is none".into()))
    }
}

/// A torn tile is a fault of the database.
impl From<Torn> for Error {
    fn from(torn: Torn) -> Self {
        Self::Broken(format!("the log's tiles in the database: {torn}"))
    }
}

/// Reads the tree of this size from the database.
pub(super) fn reader(conn: &mut Conn, size: u64) -> Reader<impl FnMut(Tile) -> Result<Vec<Hash>, Error> + '_> {
    Reader::new(size, move |tile: Tile| {
        let Level::Hashes(level) = tile.level else { return Err(Torn(tile).into()) };
        let mut bytes = store::log::tile(conn, level, tile.number)?;
        // A tile that has grown since begins with what it was.
        bytes.truncate(usize::from(tile.width) * 32);
        hashes_in(&bytes).ok_or_else(|| Torn(tile).into())
    })
}

impl Office {
    /// The same office with its log's guard file and witnesses.
    #[must_use]
    pub fn with_log(self, desk: Desk) -> Self {
        Self { log: Arc::new(desk), ..self }
    }

    /// The log's key, made on first use, and the log's name, which never changes after.
    pub(super) fn log_key(&self) -> Result<Arc<LogKey>, Error> {
        if let Some(known) = self.log.key.get() {
            return Ok(known.clone());
        }
        let found = match self.pool.read(|conn| self.find_log_key(conn))? {
            Some(found) => found,
            None => self.pool.write("log_key", |tx| {
                store::log::take_turn(tx)?;
                if let Some(found) = self.find_log_key(tx)? {
                    return Ok(found);
                }
                let key = self.new_key(tx, Purpose::Log, None)?;
                let name = HEXLOWER.encode(&key.verifying_key().to_bytes()[..6]);
                let origin = match &self.host {
                    Some(host) => format!("{}/api/v1/log", host.to_lowercase()),
                    None => format!("salur.invalid/{name}"),
                };
                set_origin(tx, &origin)?;
                let kept = store::keys::find(tx, key.id().to_bytes())?;
                let kept = kept.ok_or_else(|| Error::Broken("a new key is not there".into()))?;
                // A backup that is older than the key shall not make the log another one.
                let sealed = kept.private_key.ciphertext().to_vec();
                self.owe(tx, &Outside::LogKey(kept.public_key, sealed, origin.clone(), kept.created_at))?;
                Ok::<_, Error>(LogKey { origin, key })
            })?,
        };
        self.close_gap()?;
        Ok(self.log.key.get_or_init(|| Arc::new(found)).clone())
    }

    /// The name of the log, if it has one yet.
    pub(super) fn find_origin(&self) -> Result<Option<String>, Error> {
        Ok(self.pool.read(|conn| store::installation::get(conn, ORIGIN))?)
    }

    pub(super) fn find_log_key(&self, conn: &mut Conn) -> Result<Option<LogKey>, Error> {
        let log = Purpose::Log.as_str();
        let key = store::keys::all(conn)?.into_iter().rfind(|key| key.purpose == log && key.retired_at.is_none());
        let (Some(key), Some(origin)) = (key, store::installation::get(conn, ORIGIN)?) else { return Ok(None) };
        let seed = self.vault.open_key(key.kid, &key.private_key)?;
        Ok(Some(LogKey { origin, key: SigningKey::from_seed(&seed) }))
    }

    /// The log's public key as a verifier key.
    pub fn log_public_key(&self) -> Result<NoteKey, Error> {
        self.log_key()?.public()
    }

    /// Numbers the leaves that wait, grows the tree and signs its head. Gives the head as it is then. Refuses
    /// when the tree does not begin with the newest head that was ever signed here.
    pub fn keep_log(&self) -> Result<Head, Error> {
        let key = self.log_key()?;
        let mirror = self.mirror();
        let _turns = (self.log.guard.as_ref().map(Guard::take_turn).transpose()?, mirror.take_turn()?);
        let (guarded, outside) = self.signed_heads()?;
        let mut before: Vec<Checkpoint> =
            [&guarded, &outside].into_iter().flatten().map(|(head, _)| head.clone()).collect();
        // Without any file, as at a server that is new beside others, the database's own word is better than none. One
        // that was set back is older than its word.
        if before.is_empty() {
            if self.pool.read(log_lost)? {
                return Err(Refusal::LogLost.into());
            }
            before.extend(self.pool.read(store::log::newest_head)?.map(|head| Checkpoint {
                origin: key.origin.clone(),
                size: head.size,
                root: head.root,
            }));
        }
        for _ in 0..BATCHES_PER_HEAD {
            if !self.pool.read(store::log::is_waiting)? {
                break;
            }
            self.number_leaves(&before)?;
        }
        let now = self.now();
        let (newest, head) = self.pool.read_snapshot(|conn| {
            let size = store::log::size(conn)?;
            check_against(conn, size, &before)?;
            let root = reader(conn, size).root_at(size)?;
            Ok::<_, Error>((store::log::newest_head(conn)?, (size, root)))
        })?;
        let has_it = |file: &SignedHead| file.as_ref().is_some_and(|(known, _)| known.size == head.0);
        let files_have_it = (self.log.guard.is_none() || has_it(&guarded)) && has_it(&outside);
        if let Some(newest) = newest.filter(|newest| (newest.size, newest.root) == head && files_have_it) {
            return Ok(newest);
        }
        let old = outside.map_or(0, |(known, _)| known.size);
        mirror.grow((old, head.0), &key.public()?.to_string(), |tile| {
            self.pool.read(|conn| tile_bytes(conn, tile))?.ok_or_else(|| Torn(tile).into())
        })?;
        let checkpoint = Checkpoint { origin: key.origin.clone(), size: head.0, root: head.1 };
        let note = checkpoint.sign(&key.key);
        mirror.publish(old, head.0, &note)?;
        if let Some(guard) = &self.log.guard {
            guard.write(&note)?;
        }
        let signed = Head { size: head.0, root: head.1, note: note.to_string(), signed_at: now };
        let kept = self.pool.write("log_head", |tx| store::log::keep_head(tx, &signed))?;
        if !kept {
            return Err(Refusal::LogForked { size: head.0 }.into());
        }
        Ok(signed)
    }

    /// The newest heads that were signed here, from outside the database: that of the guard file, and that of the
    /// log outside.
    pub(super) fn signed_heads(&self) -> Result<(SignedHead, SignedHead), Error> {
        let guarded = self.log.guard.as_ref().map_or(Ok(None), Guard::read)?;
        let outside = self.mirror().head()?;
        for (head, _) in [&guarded, &outside].into_iter().flatten() {
            if head.origin != self.log_key()?.origin {
                return Err(Error::Broken(format!(
                    "the head outside the database is that of another log, {}",
                    head.origin
                )));
            }
        }
        Ok((guarded, outside))
    }

    /// The newest head that was signed here, from outside the database.
    pub(super) fn guarded(&self) -> Result<Option<Checkpoint>, Error> {
        Ok(self.guarded_note()?.map(|(head, _)| head))
    }

    /// The same, as it was signed.
    pub(super) fn guarded_note(&self) -> Result<SignedHead, Error> {
        let (guarded, outside) = self.signed_heads()?;
        Ok(guarded.into_iter().chain(outside).max_by_key(|(head, _)| head.size))
    }

    fn number_leaves(&self, before: &[Checkpoint]) -> Result<(), Error> {
        self.pool.write("log_number", |tx| {
            store::log::take_turn(tx)?;
            let size = store::log::size(tx)?;
            check_against(tx, size, before)?;
            let mut rim = rim_of(tx, size)?;
            let mut full: Vec<(u8, u64, Vec<u8>)> = Vec::new();
            for entry in store::log::number(tx, size, BATCH)? {
                rim.push(leaf_hash(&entry), |level, number, hashes| full.push((level, number, hash_bytes(hashes))));
            }
            for (level, number, bytes) in &full {
                store::log::keep_tile(tx, *level, *number, bytes)?;
            }
            for (level, number, hashes) in rim.partial() {
                store::log::keep_tile(tx, level, number, &hash_bytes(hashes))?;
            }
            Ok(())
        })
    }
}

/// Under which name the database remembers that it was set back while nothing outside said how far the log was signed.
const LOST: &str = "log_lost";

/// Whether it does.
pub(super) fn log_lost(conn: &mut Conn) -> Result<bool, Error> {
    Ok(store::installation::get(conn, LOST)?.is_some_and(|lost| lost == "yes"))
}

/// Remembers it, or that another log has begun.
pub(super) fn set_lost(tx: &mut store::Write<'_>, lost: bool) -> Result<(), Error> {
    Ok(store::installation::set(tx, LOST, if lost { "yes" } else { "no" })?)
}

/// Refuses a tree that does not begin with the heads that were signed before.
pub(super) fn check_against(conn: &mut Conn, size: u64, before: &[Checkpoint]) -> Result<(), Error> {
    for before in before {
        if size < before.size {
            return Err(Refusal::LogBehind { signed: before.size, here: size }.into());
        }
        if reader(conn, size).root_at(before.size)? != before.root {
            return Err(Refusal::LogForked { size: before.size }.into());
        }
    }
    Ok(())
}

/// The keeper of a server, in a thread of its own; and beside it the one who asks the witnesses.
#[derive(Debug)]
pub struct LogKeeper {
    stop: Arc<Stop>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

#[derive(Debug, Default)]
pub(super) struct Stop {
    said: AtomicBool,
    rung: Mutex<()>,
    bell: Condvar,
}

impl Stop {
    pub(super) fn is_said(&self) -> bool {
        self.said.load(Ordering::Relaxed)
    }

    /// Waits a while, or until it is time to stop.
    pub(super) fn wait(&self, time: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.bell.wait_timeout_while(rung, time, |()| !self.is_said()));
    }
}

impl LogKeeper {
    /// Begins to keep the log.
    #[must_use]
    pub fn start(office: &Office) -> Self {
        let stop = Arc::new(Stop::default());
        let (keeper, flag) = (office.clone(), stop.clone());
        let keeping = std::thread::Builder::new().name("log-keeper".to_owned()).spawn(move || {
            let mut told = false;
            while !flag.is_said() {
                match keeper.keep_if_needed() {
                    Ok(()) => {
                        metrics::gauge!("salur_log_refused").set(0.0);
                        told = false;
                    }
                    Err(error) => {
                        metrics::gauge!("salur_log_refused").set(1.0);
                        // Once, and not twice a second for as long as it lasts.
                        if !told {
                            tracing::error!(%error, "the log is not published any further");
                        }
                        told = true;
                    }
                }
                flag.wait(LOOKS_EVERY);
            }
        });
        let mut threads: Vec<_> = keeping.into_iter().collect();
        if !office.log.witnesses.is_empty() {
            let (asker, flag) = (office.clone(), stop.clone());
            let asking = std::thread::Builder::new()
                .name("log-witnesses".to_owned())
                .spawn(move || Witnesses::new(&asker).ask_until(&flag));
            threads.extend(asking);
        }
        Self { stop, threads }
    }

    /// Ends after the step under way; what waits is numbered and signed first.
    pub fn stop(self, office: &Office) {
        self.stop.said.store(true, Ordering::Relaxed);
        self.stop.bell.notify_all();
        for thread in self.threads {
            let _ = thread.join();
        }
        if let Err(error) = office.keep_log() {
            tracing::warn!(%error, "the log was left with leaves that wait");
        }
    }
}

impl Office {
    /// Keeps the log when there is something to do: looking for that is all an idle server does.
    fn keep_if_needed(&self) -> Result<(), Error> {
        let (waiting, newest) =
            self.pool.read(|conn| Ok::<_, Error>((store::log::is_waiting(conn)?, store::log::newest_head(conn)?)))?;
        let published = newest.as_ref().map(|head| head.size);
        let (guarded, outside) = self.signed_heads()?;
        let lags = |file: &SignedHead| file.as_ref().map(|(head, _)| head.size) != published;
        if waiting || published.is_none() || (self.log.guard.is_some() && lags(&guarded)) || lags(&outside) {
            self.keep_log()?;
        }
        Ok(())
    }
}
