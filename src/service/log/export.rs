//! The log as a folder: what is published, and for the auditor the signed receipts and the books beside it.
//!
//! ```text
//! checkpoint          the signed head                      vkey             the log's public key
//! tile/…              hashes and entries, as over HTTP     checkpoints.csv  every head that was signed
//! receipts.csv        each signed receipt, by its leaf     books.csv        the sums of the database
//! rights.csv          each right as the database has it    office.csv       people, keys and closes
//! ```
//!
//! Everything is of one moment. The first four can be put on any web server; the receipts are for the auditor,
//! since a receipt can hold what a proxy said of themselves.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use data_encoding::BASE64;

use super::books::Books;
use super::rows::office_rows;
use crate::domain::audit::Event;
use crate::domain::role::Action;
use crate::service::{Actor, Error, Office, Refusal};
use crate::store::log::{About, Head};
use crate::store::redemptions::Signed;
use crate::store::{self, Conn};
use crate::transparency::tile::{FULL, Level, Tile, bundle_bytes};
use crate::transparency::{DISPLACED, Kind, Leaf, day_named};

/// How often the export begins again because the log grew while it began.
const TRIES: u32 = 50;
/// How many heads are read together.
const HEADS: i64 = 1_000;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Leaves.
    pub leaves: u64,
    /// Signed receipts.
    pub receipts: u64,
    /// Heads.
    pub checkpoints: u64,
}

fn failed(path: &Path, fault: &io::Error) -> Error {
    Error::Broken(format!("{} cannot be written: {fault}", path.display()))
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    let write = || -> io::Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut part = path.clone().into_os_string();
        part.push(".part");
        fs::write(&part, bytes)?;
        fs::rename(&part, &path)
    };
    write().map_err(|fault| failed(&path, &fault))
}

impl Office {
    /// Writes the log into a folder, with receipts and books for the auditor. `progress` is told how many leaves
    /// are written, and of how many.
    pub fn export_log(&self, actor: &Actor, folder: &Path, progress: &dyn Fn(u64, u64)) -> Result<Exported, Error> {
        actor.must(Action::ReadLog)?;
        let done = self.write_out(folder, progress)?;
        self.record_look(actor, Event::LogExported, "log", format!("{} leaves", done.leaves))?;
        Ok(done)
    }

    fn write_out(&self, folder: &Path, progress: &dyn Fn(u64, u64)) -> Result<Exported, Error> {
        let vkey = self.log_public_key()?.to_string();
        must_be_ours(folder, &vkey)?;
        put(folder, "vkey", format!("{vkey}\n").as_bytes())?;
        for _ in 0..TRIES {
            match self.keep_log() {
                Err(Error::Refused(refusal))
                    if matches!(*refusal, Refusal::LogBehind { .. } | Refusal::LogForked { .. } | Refusal::LogLost) =>
                {
                    return self.export_refused(folder, progress);
                }
                other => drop(other?),
            }
            let done = self.pool.read_snapshot(|conn| {
                let head = store::log::newest_head(conn)?;
                let size = store::log::size(conn)?;
                match head.filter(|head| head.size == size) {
                    Some(head) if !store::log::is_waiting(conn)? => {
                        write_all(self, conn, &head, folder, progress).map(Some)
                    }
                    _ => Ok::<_, Error>(None),
                }
            })?;
            if let Some(done) = done {
                return Ok(done);
            }
        }
        Err(store::Error::Busy("the log grew faster than it could be read".into()).into())
    }
}

impl Office {
    /// Writes what there is of a log that is not published any more, under the head that was signed last: so that
    /// whoever checks it is told where it stops being the one that was signed.
    fn export_refused(&self, folder: &Path, progress: &dyn Fn(u64, u64)) -> Result<Exported, Error> {
        let guarded = self.guarded_note()?;
        let now = self.now();
        self.pool.read_snapshot(|conn| {
            let signed = guarded.map(|(head, note)| Head {
                size: head.size,
                root: head.root,
                note: note.to_string(),
                signed_at: now,
            });
            let head = signed.map_or_else(|| store::log::newest_head(conn), |head| Ok(Some(head)))?;
            let head = head.ok_or_else(|| Error::Broken("a log without a head".into()))?;
            write_all(self, conn, &head, folder, progress)
        })
    }
}

/// What an auditor keeps of one log is evidence: the files of another are never put over it, nor among anything else.
fn must_be_ours(folder: &Path, vkey: &str) -> Result<(), Error> {
    let refused = |why: &str| Error::from(Refusal::Invalid { field: "folder", why: why.into() });
    match fs::read_to_string(folder.join("vkey")) {
        Ok(there) if there.trim() == vkey => Ok(()),
        Ok(_) => Err(refused("the log of another installation lies there")),
        Err(_) if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) => {
            Err(refused("a new or empty folder, or one of this log"))
        }
        Err(_) => Ok(()),
    }
}

fn write_all(
    office: &Office,
    conn: &mut Conn,
    head: &Head,
    folder: &Path,
    progress: &dyn Fn(u64, u64),
) -> Result<Exported, Error> {
    let mut exported = Exported { leaves: head.size, ..Exported::default() };
    let path = folder.join("receipts.csv");
    fs::create_dir_all(folder).map_err(|fault| failed(folder, &fault))?;
    let file = File::create(&path).map_err(|fault| failed(&path, &fault))?;
    let mut receipts = BufWriter::new(file);
    writeln!(receipts, "leaf,redemption,day,value_minor,entitlement,operator,collector,receipt")
        .map_err(|fault| failed(&path, &fault))?;
    for tile in Tile::at(Level::Entries, head.size) {
        let first = tile.number * u64::from(FULL);
        let entries = store::log::entries(conn, first, u64::from(tile.width))?;
        let bytes = bundle_bytes(&entries).ok_or_else(|| Error::Broken("an entry of the log is too long".into()))?;
        put(folder, &tile.to_string(), &bytes)?;
        exported.receipts += write_receipts(conn, first, &entries, &mut receipts, &path)?;
        progress(first + u64::from(tile.width), head.size);
    }
    receipts.flush().map_err(|fault| failed(&path, &fault))?;
    for level in 0..Tile::levels(head.size) {
        for tile in Tile::at(Level::Hashes(level), head.size) {
            let mut bytes = store::log::tile(conn, level, tile.number)?;
            bytes.truncate(usize::from(tile.width) * 32);
            put(folder, &tile.to_string(), &bytes)?;
        }
    }
    put(folder, "books.csv", &Books::read(conn)?.to_csv()?)?;
    put(folder, "office.csv", office_rows(conn)?.as_bytes())?;
    let path = folder.join("rights.csv");
    let rights = File::create(&path).map_err(|fault| failed(&path, &fault))?;
    office.write_rights(conn, &mut BufWriter::new(rights))?.map_err(|fault| failed(&path, &fault))?;
    let mut heads = String::from("size,note\n");
    let mut after = 0;
    loop {
        let batch = store::log::heads(conn, after, HEADS)?;
        let Some(last) = batch.last() else { break };
        after = last.size;
        for one in &batch {
            heads.push_str(&format!("{},{}\n", one.size, BASE64.encode(one.note.as_bytes())));
            exported.checkpoints += 1;
        }
    }
    put(folder, "checkpoints.csv", heads.as_bytes())?;
    // Last: a folder without a head is one whose writing was cut short.
    put(folder, "checkpoint", head.note.as_bytes())?;
    Ok(exported)
}

/// The receipts of a bundle: those that the database has, whether or not they are what the leaf says.
fn write_receipts(
    conn: &mut Conn,
    first: u64,
    entries: &[Vec<u8>],
    out: &mut impl Write,
    path: &Path,
) -> Result<u64, Error> {
    let mut wanted = Vec::new();
    for (index, entry) in (first..).zip(entries) {
        let leaf = Leaf::decode(entry).filter(|leaf| leaf.kind == Kind::Redeem);
        if let Some((id, leaf)) = leaf.and_then(|leaf| Some((leaf.redemption?, leaf))) {
            wanted.push((index, leaf, id));
        }
    }
    let ids: Vec<_> = wanted.iter().map(|(_, _, id)| *id).collect();
    let found: HashMap<_, _> = store::redemptions::signed(conn, &ids)?.into_iter().collect();
    let mut count = 0;
    for (index, leaf, id) in wanted {
        let row = match found.get(&id) {
            Some(row) => Some(row.clone()),
            None => displaced(conn, &leaf)?,
        };
        if let Some(Signed { day, value_minor, entitlement, operator, collector, receipt }) = row {
            let receipt = BASE64.encode(&receipt);
            writeln!(out, "{index},{id},{day},{value_minor},{entitlement},{operator},{collector},{receipt}")
                .map_err(|fault| failed(path, &fault))?;
            count += 1;
        }
    }
    Ok(count)
}

/// The receipt of a handout that gave way to another after a restore: it is kept as a conflict, and a leaf says so. One
/// that no leaf speaks of was taken away.
fn displaced(conn: &mut Conn, handout: &Leaf) -> Result<Option<Signed>, Error> {
    let (Some(right), Some(hash), Some(operator)) = (handout.entitlement, handout.receipt_hash, handout.actor) else {
        return Ok(None);
    };
    let about = store::log::history(conn, About::Entitlement(right), None, i64::MAX)?;
    let gave_way = about.iter().filter_map(|(_, entry)| Leaf::decode(entry)).any(|leaf| {
        leaf.kind == Kind::Conflict
            && leaf.word.as_deref() == Some(DISPLACED)
            && leaf.redemption == handout.redemption
            && leaf.receipt_hash == Some(hash)
    });
    if !gave_way {
        return Ok(None);
    }
    Ok(store::received::find(conn, hash)?.map(|received| Signed {
        day: day_named(handout),
        value_minor: handout.value_minor.unwrap_or(0),
        entitlement: right,
        operator,
        collector: handout.collector.clone().unwrap_or_default(),
        receipt: received.receipt,
    }))
}
