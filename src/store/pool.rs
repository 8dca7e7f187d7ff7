//! The pool of connections, and the two ways to use one: read, or write in a named transaction.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::r2d2::{HandleError, ManageConnection, Pool as R2d2Pool, PooledConnection};

use super::conn::{self, Conn, Location};
use super::error::{Error, Transient};
use super::standby;

/// How often a transaction is done again when another one was in the way.
const TRIES: u32 = 20;

/// Whether the database is away. A pool asks for it many times a second: it is said once when it went, and once when
/// it is back.
#[derive(Debug, Clone, Default)]
struct Away(Arc<AtomicBool>);

impl Away {
    fn is_back(&self) {
        if self.0.swap(false, Ordering::SeqCst) {
            tracing::warn!("the database is back");
        }
    }
}

impl HandleError<Error> for Away {
    fn handle_error(&self, error: Error) {
        if !self.0.swap(true, Ordering::SeqCst) {
            tracing::error!(%error, "the database is away");
        }
    }
}

#[derive(Debug)]
struct Manager {
    location: Location,
    /// A standby must confirm every commit; looked at with every new connection.
    standby: Arc<AtomicBool>,
    away: Away,
    doubt: Doubt,
}

/// How long a connection is taken to be sound on which all went well. Asking each time would double the round trips of
/// whoever asks little.
const SOUND_FOR: Duration = Duration::from_secs(1);

/// So long after a transaction found the disk full it is taken to be full still.
const FULL_FOR: Duration = Duration::from_secs(15);

/// A connection, and when it was last seen to be sound.
struct Held {
    conn: Conn,
    sound: Option<Instant>,
}

/// When something failed on a connection. It may be the database that went away, and all connections with it: each
/// that was seen to be sound before that is asked before it is used again.
#[derive(Clone, Default, Debug)]
struct Doubt(Arc<Mutex<Option<Instant>>>);

impl Doubt {
    fn rises(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn reaches(&self, sound: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|failed| failed >= sound)
    }
}

impl ManageConnection for Manager {
    type Connection = Held;
    type Error = Error;

    fn connect(&self) -> Result<Held, Error> {
        let mut conn = conn::open(&self.location)?;
        self.standby.store(standby::is_configured(&mut conn)?, Ordering::SeqCst);
        self.away.is_back();
        Ok(Held { conn, sound: Some(Instant::now()) })
    }

    fn is_valid(&self, held: &mut Held) -> Result<(), Error> {
        use diesel::RunQueryDsl;
        if held.sound.is_none_or(|at| at.elapsed() > SOUND_FOR || self.doubt.reaches(at)) {
            diesel::sql_query("SELECT 1").execute(&mut held.conn)?;
        }
        Ok(())
    }

    fn has_broken(&self, held: &mut Held) -> bool {
        // A connection that is left inside a transaction must never be used by somebody else.
        <Conn as Connection>::TransactionManager::is_broken_transaction_manager(&mut held.conn)
    }
}

/// A pool of connections to one database. Cloning it shares it.
#[derive(Clone)]
pub struct Pool {
    inner: R2d2Pool<Manager>,
    location: Location,
    /// SQLite has one writer at a time. Waiting for it here, in order, is fair and costs nothing; waiting
    /// in SQLite's busy handler means sleeping and trying again, and the unlucky wait for ever.
    writer: Option<Arc<Mutex<()>>>,
    standby: Arc<AtomicBool>,
    /// The last transaction that ended did not commit: it was refused, or nothing can be written any more.
    uncommitted: Arc<AtomicBool>,
    /// When a transaction last found the disk full.
    full: Doubt,
    doubt: Doubt,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({})", self.location)
    }
}

impl Pool {
    /// Opens a pool of at most `size` connections; fails at once when the database cannot be reached.
    pub fn open(location: &Location, size: u32) -> Result<Self, Error> {
        let standby = Arc::new(AtomicBool::new(standby::is_configured(&mut conn::open(location)?)?));
        let away = Away::default();
        let doubt = Doubt::default();
        let inner = R2d2Pool::builder()
            .error_handler(Box::new(away.clone()))
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(15))
            .test_on_check_out(matches!(location, Location::Postgres(_)))
            .build_unchecked(Manager {
                location: location.clone(),
                standby: standby.clone(),
                away,
                doubt: doubt.clone(),
            });
        let writer = matches!(location, Location::Sqlite(_)).then(|| Arc::new(Mutex::new(())));
        Ok(Self {
            inner,
            location: location.clone(),
            writer,
            standby,
            uncommitted: Arc::default(),
            full: Doubt::default(),
            doubt,
        })
    }

    /// Where the database is.
    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// Whether there is reason to ask if anything can be written at all: the last transaction did not commit, and none
    /// is under way that would answer it.
    #[must_use]
    pub fn may_be_unable_to_write(&self) -> bool {
        let writing =
            self.writer.as_ref().is_some_and(|writer| matches!(writer.try_lock(), Err(TryLockError::WouldBlock)));
        !writing && self.uncommitted.load(Ordering::SeqCst)
    }

    /// Whether a transaction found the disk full a short while ago: a small one may still find room where a large one
    /// does not.
    #[must_use]
    pub fn was_full(&self) -> bool {
        Instant::now().checked_sub(FULL_FOR).is_some_and(|since| self.full.reaches(since))
    }

    /// How many connections are open, and how many of them nobody uses.
    #[must_use]
    pub fn connections(&self) -> (u32, u32) {
        let state = self.inner.state();
        (state.connections, state.idle_connections)
    }

    fn get(&self) -> Result<PooledConnection<Manager>, Error> {
        self.inner
            .get()
            .map_err(|error| Error::Unreachable { location: self.location.to_string(), why: error.to_string() })
    }

    /// Uses a connection, and takes it to be sound if all went well.
    fn using<T, E>(&self, held: &mut Held, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        held.sound = None;
        let result = f(&mut held.conn);
        match &result {
            Ok(_) => held.sound = Some(Instant::now()),
            Err(_) => self.doubt.rises(),
        }
        result
    }

    /// Runs `f` on a connection, for reading.
    pub fn read<T, E: From<Error>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        self.using(&mut *self.get()?, f)
    }

    /// Runs `f` on a connection that sees one moment of the database, for reading books that must close.
    pub fn read_snapshot<T, E: From<Error>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let mut held = self.begun(|conn| match conn {
            Conn::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN DEFERRED"),
            #[cfg(feature = "postgres")]
            Conn::Postgres(inner) => AnsiTransactionManager::begin_transaction_sql(
                inner,
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        })?;
        self.using(&mut held, |conn| {
            let result = f(conn);
            <Conn as Connection>::TransactionManager::rollback_transaction(conn).map_err(Error::from)?;
            result
        })
    }

    /// Brings what SQLite has in its write-ahead log into the database; nothing to do elsewhere. Called now and then, so
    /// that no transaction has to do it on its way, with whoever redeems waiting.
    pub fn shorten_wal(&self) -> Result<(), Error> {
        let Some(writer) = &self.writer else { return Ok(()) };
        let shorten = |held: &mut Held| {
            self.using(held, |conn| conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)").map_err(Error::from))
        };
        // Most of it while others write, and then the rest while nobody does: only a log of which nothing is left is
        // begun anew. The turn is taken before a connection, as every writer does it.
        shorten(&mut *self.get()?)?;
        let _turn = writer.lock().unwrap_or_else(PoisonError::into_inner);
        shorten(&mut *self.get()?)
    }

    /// A connection on which a transaction has begun. Where the one that was taken to be sound is not, nothing is done
    /// yet, and another that is asked first takes its place.
    fn begun(&self, begin: impl Fn(&mut Conn) -> QueryResult<()>) -> Result<PooledConnection<Manager>, Error> {
        let begin = |held: &mut Held| self.using(held, |conn| begin(conn).map_err(Error::from));
        let mut held = self.get()?;
        match begin(&mut held) {
            Err(Error::Database(_)) => drop(held),
            result => return result.map(|()| held),
        }
        let mut held = self.get()?;
        begin(&mut held)?;
        Ok(held)
    }

    /// Runs `f` in a write transaction whose lock is taken up front, and commits what it did. When `f`
    /// fails, nothing of it remains. When another transaction was in the way, the whole of it is done
    /// again, a bounded number of times; so `f` must have no effect but on the database.
    pub fn write<T, E>(&self, name: &'static str, mut f: impl FnMut(&mut Write<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error> + Transient,
    {
        let mut tries = 1;
        loop {
            let result = self.write_once(&mut f);
            self.uncommitted.store(result.is_err(), Ordering::SeqCst);
            if result.as_ref().is_err_and(Transient::is_full) {
                self.full.rises();
            }
            match result {
                Err(error) if error.is_transient() && tries < TRIES => {
                    metrics::counter!("salur_store_retries_total", "transaction" => name).increment(1);
                    tracing::debug!(transaction = name, tries, "done again: another transaction was in the way");
                    backoff(tries);
                    tries += 1;
                }
                result => return result,
            }
        }
    }

    fn write_once<T, E: From<Error>>(&self, f: &mut impl FnMut(&mut Write<'_>) -> Result<T, E>) -> Result<T, E> {
        // A panic while writing rolled its transaction back, so a poisoned lock guards nothing broken.
        let _turn = self.writer.as_ref().map(|writer| writer.lock().unwrap_or_else(PoisonError::into_inner));
        let mut held = self.begun(begin)?;
        self.using(&mut held, |conn| {
            // Rolls back on every way out that is not a commit, also when `f` panics.
            let mut open = Open { conn, done: false };
            let value = f(&mut Write { conn: open.conn })?;
            open.done = true;
            let began = Instant::now();
            <Conn as Connection>::TransactionManager::commit_transaction(open.conn).map_err(Error::from)?;
            self.confirm(open.conn)?;
            // What the disk takes, and the standby's where there is one.
            metrics::histogram!("salur_store_commit_seconds").record(began.elapsed());
            Ok(value)
        })
    }

    /// What is committed counts only once the standby has it, where there is one.
    fn confirm(&self, conn: &mut Conn) -> Result<(), Error> {
        if !self.standby.load(Ordering::SeqCst) {
            return Ok(());
        }
        let place = standby::reached(conn)?;
        for tries in 1..=standby::ASKED_MAX {
            if standby::has(conn, &place)? {
                return Ok(());
            }
            backoff(tries);
        }
        Err(Error::Unconfirmed)
    }
}

fn begin(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE"),
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => AnsiTransactionManager::begin_transaction(inner),
    }
}

struct Open<'a> {
    conn: &'a mut Conn,
    done: bool,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.done
            && let Err(error) = <Conn as Connection>::TransactionManager::rollback_transaction(self.conn)
        {
            // The pool throws a connection away that is left inside a transaction.
            tracing::warn!(%error, "a transaction could not be rolled back");
        }
    }
}

/// A few milliseconds, longer with each try. There is no event to wait for: the other transaction is in
/// another process, or on another machine.
#[allow(clippy::disallowed_methods)]
fn backoff(tries: u32) {
    std::thread::sleep(Duration::from_millis(u64::from(tries.min(10)) * 2));
}

/// An open write transaction. It reads like any connection, and is what changing functions ask for.
pub struct Write<'a> {
    conn: &'a mut Conn,
}

impl fmt::Debug for Write<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Write")
    }
}

impl Deref for Write<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl DerefMut for Write<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_write_ahead_log_is_begun_anew_once_it_was_brought_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db").display().to_string();
        let pool = Pool::open(&Location::Sqlite(path.clone()), 2).unwrap();
        let write = |sql: &str| pool.write("test", |tx| Ok::<_, Error>(tx.batch_execute(sql)?)).unwrap();
        write("CREATE TABLE pages (content BLOB NOT NULL)");
        let long = |shortened: bool| {
            for _ in 0..20 {
                write("INSERT INTO pages VALUES (randomblob(40000))");
            }
            if shortened {
                pool.shorten_wal().unwrap();
            }
            std::fs::metadata(format!("{path}-wal")).unwrap().len()
        };
        let once = long(true);
        for _ in 0..5 {
            assert!(long(true) < 2 * once, "what was brought in is written over");
        }
        let more = (0..5).map(|_| long(false)).max().unwrap();
        assert!(more > 3 * once, "without it, it grows: {once} to {more}");
    }
}
