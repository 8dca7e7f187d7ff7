//! The facts outside the database: a file that only ever grows, which a restore of the database never touches.
//!
//! ```text
//! facts.log = frame …      frame = length (4, big endian) ‖ record ‖ root (32)
//! root of the first frame = SHA-256(32 zeros ‖ record), of every next one SHA-256(root before ‖ record)
//! ```
//!
//! A record begins with the 16 bytes of the fact's id; what else stands in it is the business of whoever wrote it.
//! A fact counts as stored once [`Outside::store`] has come back: written and forced to the disk, together with all
//! others that waited meanwhile (one `fsync` for all of them). A frame that a crash cut short is taken away by the next
//! writer; nobody was told of it.
//!
//! Several servers of one installation share the folder: a lock on the file makes them write one after the other, and
//! each reads first what the others have added.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use crate::domain::lease::Head;

/// The longest record.
const RECORD_BYTES_MAX: usize = 64 * 1024;
/// How many bytes of a frame are not its record.
const FRAME_BYTES: u64 = 4 + 32;
/// The name of the file.
const FILE: &str = "facts.log";
/// How many ids of stored facts are remembered, so that one that two servers owe is written once. One that is
/// written twice does no harm.
const REMEMBERED_MAX: usize = 100_000;

/// The id of a fact.
pub type FactId = [u8; 16];

/// Why the facts cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The disk, or the folder.
    #[error("the facts in {path}: {why}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        why: io::Error,
    },
    /// The disk would not confirm what was written. Nothing more is stored until the server is started again.
    #[error("the facts in {path} could not be forced to the disk: {why}")]
    Unforced {
        /// The file.
        path: String,
        /// What the system said.
        why: io::Error,
    },
    /// A frame in the middle does not fit the one before it.
    #[error("the facts in {path} are broken at fact {at}: somebody changed them, or the disk did")]
    Broken {
        /// The file.
        path: String,
        /// Which fact, counted from 1.
        at: u64,
    },
    /// There are fewer facts than the database remembers.
    #[error("the facts in {path} end after {found}, and the database remembers {expected}: bring the folder back")]
    Short {
        /// The file.
        path: String,
        /// How many there are.
        found: u64,
        /// How many there were.
        expected: u64,
    },
    /// A record that is empty or too long.
    #[error("a fact of {0} bytes cannot be stored")]
    Size(usize),
}

/// A place in the file: how many facts lie before it, what they come to, and how many bytes they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// The facts before it.
    pub head: Head,
    /// Where the next frame begins.
    pub bytes: u64,
}

struct Inner {
    file: File,
    mark: Mark,
    remembered: HashSet<FactId>,
}

/// Facts that are stored by one write.
#[derive(Default)]
struct Batch {
    outcome: OnceLock<Result<(), String>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<(FactId, Vec<u8>)>,
    /// The batch that the waiting facts are.
    batch: Arc<Batch>,
    writing: bool,
    /// Why nothing is stored any more: what a disk failed to force may be lost though it can still be read.
    broken: Option<String>,
}

/// The facts of one installation.
pub struct Outside {
    path: PathBuf,
    inner: Mutex<Inner>,
    queue: Mutex<Queue>,
    turn: Condvar,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outside({})", self.path.display())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outside {
    /// Opens the facts in a folder, which is made when it is not there. What lies before `from` was read before;
    /// `read` is given every record behind it.
    pub fn open(folder: &Path, from: Mark, mut read: impl FnMut(u64, &[u8])) -> Result<Self, Fault> {
        let path = folder.join(FILE);
        let failed = |why| Fault::Io { path: path.display().to_string(), why };
        fs::create_dir_all(folder).map_err(failed)?;
        let new = !path.exists();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        if new {
            // A file whose name is not on the disk yet would be lost with all that is in it.
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        let mut inner = Inner { file, mark: from, remembered: HashSet::new() };
        let length = inner.file.metadata().map_err(failed)?.len();
        if length < from.bytes {
            let found = count_frames(&path, length)?;
            let path = path.display().to_string();
            return Err(Fault::Short { path, found, expected: from.head.size });
        }
        inner.file.lock_shared().map_err(failed)?;
        let result = catch_up(&mut inner, &path, &mut read);
        inner.file.unlock().map_err(failed)?;
        result?;
        Ok(Self { path, inner: Mutex::new(inner), queue: Mutex::default(), turn: Condvar::new() })
    }

    /// How many facts there are, and what they come to; others' facts that came meanwhile are read.
    pub fn mark(&self) -> Result<Mark, Fault> {
        let mut inner = locked(&self.inner);
        let length = inner.file.metadata().map_err(|why| self.failed(why))?.len();
        if length > inner.mark.bytes {
            inner.file.lock_shared().map_err(|why| self.failed(why))?;
            let result = catch_up(&mut inner, &self.path, &mut |_, _| ());
            inner.file.unlock().map_err(|why| self.failed(why))?;
            result?;
        }
        Ok(inner.mark)
    }

    /// Where the facts lie.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Stores facts; when it comes back, they are on the disk. Callers that come together are stored together.
    pub fn store(&self, facts: Vec<(FactId, Vec<u8>)>) -> Result<(), Fault> {
        if let Some((_, long)) = facts.iter().find(|(_, record)| record.len() < 16 || record.len() > RECORD_BYTES_MAX) {
            return Err(Fault::Size(long.len()));
        }
        if facts.is_empty() {
            return Ok(());
        }
        let mut queue = locked(&self.queue);
        queue.waiting.extend(facts);
        let mine = Arc::clone(&queue.batch);
        loop {
            if let Some(outcome) = mine.outcome.get() {
                return outcome.clone().map_err(|why| self.failed(io::Error::other(why)));
            }
            if queue.writing {
                queue = self.turn.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let facts = std::mem::take(&mut queue.waiting);
            queue.batch = Arc::default();
            queue.writing = true;
            let broken = queue.broken.clone();
            drop(queue);
            let result = match broken {
                Some(why) => Err(self.failed(io::Error::other(why))),
                None => self.write(&facts),
            };
            queue = locked(&self.queue);
            queue.writing = false;
            if let Err(Fault::Unforced { .. }) = &result {
                queue.broken = result.as_ref().err().map(ToString::to_string);
            }
            // Nobody else sets it: this caller took the batch.
            let _ = mine.outcome.set(result.as_ref().copied().map_err(ToString::to_string));
            self.turn.notify_all();
            return result;
        }
    }

    fn failed(&self, why: io::Error) -> Fault {
        Fault::Io { path: self.path.display().to_string(), why }
    }

    fn write(&self, batch: &[(FactId, Vec<u8>)]) -> Result<(), Fault> {
        let mut inner = locked(&self.inner);
        inner.file.lock().map_err(|why| self.failed(why))?;
        let result = self.append(&mut inner, batch);
        let unlocked = inner.file.unlock().map_err(|why| self.failed(why));
        result.and(unlocked)
    }

    /// With the lock held: reads what others added, takes a frame away that was cut short, and adds its own.
    fn append(&self, inner: &mut Inner, batch: &[(FactId, Vec<u8>)]) -> Result<(), Fault> {
        catch_up(inner, &self.path, &mut |_, _| ())?;
        let length = inner.file.metadata().map_err(|why| self.failed(why))?.len();
        if length > inner.mark.bytes {
            inner.file.set_len(inner.mark.bytes).map_err(|why| self.failed(why))?;
        }
        let mut bytes = Vec::new();
        let mut mark = inner.mark;
        let mut ids = Vec::with_capacity(batch.len());
        for (id, record) in batch {
            if inner.remembered.contains(id) || ids.contains(id) {
                continue;
            }
            let length = u32::try_from(record.len()).map_err(|_| Fault::Size(record.len()))?;
            mark = after(mark, record);
            bytes.extend(length.to_be_bytes());
            bytes.extend(record);
            bytes.extend(mark.head.root);
            ids.push(*id);
        }
        inner.file.seek(SeekFrom::Start(inner.mark.bytes)).map_err(|why| self.failed(why))?;
        inner.file.write_all(&bytes).map_err(|why| self.failed(why))?;
        inner.file.sync_data().map_err(|why| Fault::Unforced { path: self.path.display().to_string(), why })?;
        inner.mark = mark;
        remember(&mut inner.remembered, ids);
        Ok(())
    }

    /// Reads every fact from the first on and checks that each fits the one before it.
    pub fn read_all(&self, mut read: impl FnMut(u64, &[u8])) -> Result<Head, Fault> {
        let mut fresh = Inner {
            file: File::open(&self.path).map_err(|why| self.failed(why))?,
            mark: Mark::default(),
            remembered: HashSet::new(),
        };
        fresh.file.lock_shared().map_err(|why| self.failed(why))?;
        catch_up(&mut fresh, &self.path, &mut read)?;
        Ok(fresh.mark.head)
    }
}

fn remember(remembered: &mut HashSet<FactId>, ids: impl IntoIterator<Item = FactId>) {
    if remembered.len() > REMEMBERED_MAX {
        remembered.clear();
    }
    remembered.extend(ids);
}

/// The place behind one more record.
fn after(mark: Mark, record: &[u8]) -> Mark {
    let root: [u8; 32] = Sha256::new().chain_update(mark.head.root).chain_update(record).finalize().into();
    let bytes = mark.bytes + FRAME_BYTES + record.len() as u64;
    Mark { head: Head { size: mark.head.size + 1, root }, bytes }
}

/// Reads the whole frames behind the mark. One that is not whole at the end is left alone.
fn catch_up(inner: &mut Inner, path: &Path, read: &mut impl FnMut(u64, &[u8])) -> Result<(), Fault> {
    let failed = |why| Fault::Io { path: path.display().to_string(), why };
    let length = inner.file.metadata().map_err(failed)?.len();
    inner.file.seek(SeekFrom::Start(inner.mark.bytes)).map_err(failed)?;
    let mut reader = BufReader::with_capacity(1 << 16, &inner.file);
    let mut mark = inner.mark;
    let mut ids = Vec::new();
    let mut record = Vec::new();
    while mark.bytes + FRAME_BYTES < length {
        let mut head = [0; 4];
        reader.read_exact(&mut head).map_err(failed)?;
        let size = u32::from_be_bytes(head);
        let broken = || Fault::Broken { path: path.display().to_string(), at: mark.head.size + 1 };
        let end = mark.bytes + FRAME_BYTES + u64::from(size);
        if end > length {
            break;
        }
        if usize::try_from(size).map_or(true, |size| !(16..=RECORD_BYTES_MAX).contains(&size)) {
            return Err(broken());
        }
        record.resize(size as usize, 0);
        reader.read_exact(&mut record).map_err(failed)?;
        let mut root = [0; 32];
        reader.read_exact(&mut root).map_err(failed)?;
        let next = after(mark, &record);
        if next.head.root != root {
            return Err(broken());
        }
        read(next.head.size, &record);
        if let Some(id) = record.first_chunk::<16>() {
            ids.push(*id);
        }
        if ids.len() >= 4_096 {
            remember(&mut inner.remembered, ids.drain(..));
        }
        mark = next;
    }
    remember(&mut inner.remembered, ids);
    inner.mark = mark;
    Ok(())
}

/// How many whole frames a file holds that is shorter than it should be.
fn count_frames(path: &Path, length: u64) -> Result<u64, Fault> {
    let failed = |why| Fault::Io { path: path.display().to_string(), why };
    let mut file = File::open(path).map_err(failed)?;
    let (mut at, mut count) = (0, 0);
    while at + FRAME_BYTES <= length {
        file.seek(SeekFrom::Start(at)).map_err(failed)?;
        let mut head = [0; 4];
        file.read_exact(&mut head).map_err(failed)?;
        at += FRAME_BYTES + u64::from(u32::from_be_bytes(head));
        count += u64::from(at <= length);
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u8, length: usize) -> (FactId, Vec<u8>) {
        let mut record = vec![number; 16];
        record.extend(vec![number; length]);
        ([number; 16], record)
    }

    fn all(outside: &Outside) -> Vec<u8> {
        let mut seen = Vec::new();
        outside.read_all(|_, record| seen.push(record[0])).unwrap();
        seen
    }

    #[test]
    fn facts_come_back_in_order_and_their_head_grows() {
        let folder = tempfile::tempdir().unwrap();
        let outside = Outside::open(folder.path(), Mark::default(), |_, _| ()).unwrap();
        outside.store(vec![record(1, 5), record(2, 0)]).unwrap();
        let first = outside.mark().unwrap();
        outside.store(vec![record(3, 900)]).unwrap();
        assert_eq!((first.head.size, outside.mark().unwrap().head.size), (2, 3));
        assert_eq!(all(&outside), [1, 2, 3]);
        let mut behind = Vec::new();
        let again = Outside::open(folder.path(), first, |size, record| behind.push((size, record[0]))).unwrap();
        assert_eq!(behind, [(3, 3)]);
        assert_eq!(again.mark().unwrap(), outside.mark().unwrap());
    }

    #[test]
    fn two_writers_share_one_file_and_a_fact_that_both_owe_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let one = Outside::open(folder.path(), Mark::default(), |_, _| ()).unwrap();
        let other = Outside::open(folder.path(), Mark::default(), |_, _| ()).unwrap();
        one.store(vec![record(1, 5)]).unwrap();
        other.store(vec![record(1, 5), record(2, 5)]).unwrap();
        one.store(vec![record(2, 5), record(3, 5)]).unwrap();
        assert_eq!(all(&one), [1, 2, 3]);
        assert_eq!(one.mark().unwrap(), other.mark().unwrap());
    }

    #[test]
    fn a_frame_cut_short_is_taken_away_and_a_changed_one_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let outside = Outside::open(folder.path(), Mark::default(), |_, _| ()).unwrap();
        outside.store(vec![record(1, 50), record(2, 50)]).unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in 1..80 {
            fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            let torn = Outside::open(folder.path(), Mark::default(), |_, _| ()).unwrap();
            torn.store(vec![record(3, 5)]).unwrap();
            assert_eq!(all(&torn), [1, 3], "cut by {cut}");
        }
        for place in [10, 60, 75] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert!(matches!(
                Outside::open(folder.path(), Mark::default(), |_, _| ()),
                Err(Fault::Broken { at: 1, .. })
            ));
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let from = outside.inner.lock().unwrap().mark;
        assert!(matches!(
            Outside::open(folder.path(), from, |_, _| ()),
            Err(Fault::Short { found: 1, expected: 2, .. })
        ));
    }

    #[test]
    fn many_who_come_together_all_find_their_facts_stored() {
        let folder = tempfile::tempdir().unwrap();
        let outside = Outside::open(folder.path(), Mark::default(), |_, _| ()).unwrap();
        std::thread::scope(|scope| {
            for number in 0..32_u8 {
                let outside = &outside;
                scope.spawn(move || {
                    outside.store(vec![record(number, 20)]).unwrap();
                    assert!(all(outside).contains(&number));
                });
            }
        });
        let mut seen = all(&outside);
        seen.sort_unstable();
        assert_eq!(seen, (0..32).collect::<Vec<_>>());
    }
}
