//! What an auditor runs: the whole log read again, and everything that can be told from it told.
//!
//! Every entry is hashed and held against the tiles and the signed heads; every leaf is replayed against the
//! rules of the ledger; every signed receipt that is there is checked under the key that the log itself gave
//! its device, and held against its leaf; the books of the database, and its rights, redemptions, people, keys and closes
//! one by one, are held against those of the log. It needs
//! no database and no server, and says of each fault at which leaf it shows first.
//!
//! What it shows: V1, V2, V5, V6, V9, V10 and V11 by the ledger, V7 by the tree, V8 by the heads; V4 in part, since
//! a receipt that never came is in no log; V12 because no time decides anything in the replay. V3 is about a
//! device's own disk and cannot be told from here.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64;

use super::books::Books;
use super::receipts::{Found, Receipts, Task, check_receipts};
use super::rows;
use super::source::Source;
use crate::domain::id::RoundId;
use crate::token::receipt_hash;
use crate::transparency::tile::{Level, Rim, Tile, entries_in, hash_bytes, hashes_in};
use crate::transparency::tree::{Edge, Hash, leaf_hash};
use crate::transparency::{Checkpoint, Kind, Leaf, Ledger, Note, NoteKey, PaperHead, Signed, Sums, day_named};

/// The most faults that are told one by one; further ones are counted.
const FAULTS_MAX: usize = 100;
/// How many receipts are handed to a worker together.
const TASK: usize = 256;

/// What an auditor brings.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The log's key as the auditor knows it; without it the key is taken from the log, and the report says so.
    pub key: Option<NoteKey>,
    /// Notes that were saved earlier, each with the name of its file.
    pub saved: Vec<(String, String)>,
    /// Heads that were typed from paper.
    pub paper: Vec<PaperHead>,
    /// The witnesses whose cosignatures count.
    pub witnesses: Vec<NoteKey>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The leaf at which it shows first; none when it is about no leaf in particular.
    pub index: Option<u64>,
    /// In a sentence.
    pub what: String,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The name of the log.
    pub origin: String,
    /// How many leaves its head says it has.
    pub size: u64,
    /// The root that its head says it has.
    pub root: Hash,
    /// The log's verifier key.
    pub key: String,
    /// Whether that key came with the log and not from the auditor.
    pub key_from_log: bool,
    /// What is wrong, by leaf; at most a hundred are told.
    pub faults: Vec<Fault>,
    /// How many faults there are in all.
    pub fault_count: u64,
    /// How many leaves of each kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// How many signed receipts were checked.
    pub receipts: u64,
    /// How many handouts have no signed receipt here, because this source holds none.
    pub receipts_absent: u64,
    /// How many earlier heads the tree was held against.
    pub heads: u64,
    /// Which witnesses cosigned the head, and when, in seconds since 1970.
    pub cosigned: Vec<(String, u64)>,
    /// Whether the books of the database were there to be compared.
    pub books: bool,
    /// How many rights of the database were held against the log.
    pub rights: u64,
    /// Rights by state.
    pub states: BTreeMap<&'static str, i64>,
    /// The sums of each round.
    pub rounds: BTreeMap<RoundId, Sums>,
}

impl Report {
    fn fault(&mut self, index: Option<u64>, what: impl Into<String>) {
        self.fault_count += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault { index, what: what.into() });
        }
    }

    fn all(&mut self, faults: Vec<Fault>) {
        faults.into_iter().for_each(|fault| self.fault(fault.index, fault.what));
    }

    /// The first leaf at which something is wrong.
    #[must_use]
    pub fn first_wrong(&self) -> Option<u64> {
        self.faults.iter().filter_map(|fault| fault.index).min()
    }
}

/// A head that the tree must have had at a size.
enum Expected {
    Root(Hash),
    Paper(PaperHead),
}

/// Reads a log and tells what is so. `progress` is told how many leaves were read, and of how many. An error
/// is a log that could not be read; a log in which something is wrong is a report.
pub fn verify(source: &Source, wanted: &Wanted, progress: &dyn Fn(u64, u64)) -> Result<Report, String> {
    let mut report = Report::default();
    let head = read_head(source, wanted, &mut report)?;
    let mut heads = read_heads(source, wanted, &head, &mut report)?;
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let (give, take) = sync_channel::<Vec<Task>>(workers * 4);
    let take = Arc::new(Mutex::new(take));
    let wrong = Mutex::new(Vec::new());
    let ledger = std::thread::scope(|scope| {
        for _ in 0..workers {
            let (take, wrong) = (take.clone(), &wrong);
            scope.spawn(move || check_receipts(&take, wrong));
        }
        let walk = Walk { source, head: &head, heads: &mut heads, report: &mut report, progress, torn: None };
        walk.run(give)
    })?;
    report.all(wrong.into_inner().unwrap_or_else(PoisonError::into_inner));
    match source.read("books.csv")? {
        None => {}
        Some(bytes) => match Books::from_csv(&bytes) {
            Ok(books) => {
                report.books = true;
                for what in books.differences(&Books::of(&ledger)) {
                    report.fault(None, format!("V9: {what}"));
                }
            }
            Err(why) => report.fault(None, format!("books.csv: {why}")),
        },
    }
    let mut of_rows = Vec::new();
    if let Some(lines) = source.lines("rights.csv")? {
        (report.rights, of_rows) = rows::check_rights(lines, &ledger);
    }
    if let Some(lines) = source.lines("office.csv")? {
        of_rows.extend(rows::check_office(lines, &ledger));
    }
    // Where leaves are missing or others, rows differ for that reason: the leaf to look at is the one told already.
    let torn = report.faults.iter().any(|fault| fault.what.starts_with("V7") || fault.what.starts_with("V8"));
    report.all(of_rows.into_iter().map(|fault| Fault { index: fault.index.filter(|_| !torn), ..fault }).collect());
    report.states = ledger.states();
    report.rounds = ledger.rounds().clone();
    report.kinds = Kind::ALL.iter().map(|kind| (kind.as_str(), ledger.count(*kind))).collect();
    report.faults.sort();
    Ok(report)
}

fn read_head(source: &Source, wanted: &Wanted, report: &mut Report) -> Result<Checkpoint, String> {
    let text = source.text("checkpoint")?.ok_or("there is no file `checkpoint`: this is not the folder of a log")?;
    let note = Note::parse(&text).ok_or("the file `checkpoint` is not a signed head")?;
    let key = match &wanted.key {
        Some(key) => key.clone(),
        None => {
            report.key_from_log = true;
            let text = source.text("vkey")?.ok_or("the log brings no key; name it with --key")?;
            NoteKey::parse(text.trim()).ok_or("the file `vkey` is not the key of a log")?
        }
    };
    let head = Checkpoint::of(&note, &key).map_err(|fault| format!("the head of the log: {fault}"))?;
    for witness in &wanted.witnesses {
        match witness.check(&note) {
            Signed::Good(at) => report.cosigned.push((witness.name().to_owned(), at)),
            Signed::Absent => report.fault(None, format!("V8: the witness {} did not cosign the head", witness.name())),
            Signed::Broken => report.fault(None, format!("V8: the cosignature of {} does not hold", witness.name())),
        }
    }
    (report.origin, report.size, report.root) = (head.origin.clone(), head.size, head.root);
    report.key = key.to_string();
    Ok(head)
}

/// The heads that the tree must have had, by size.
fn read_heads(
    source: &Source,
    wanted: &Wanted,
    head: &Checkpoint,
    report: &mut Report,
) -> Result<BTreeMap<u64, Vec<(String, Expected)>>, String> {
    let mut heads: BTreeMap<u64, Vec<(String, Expected)>> = BTreeMap::new();
    let key = NoteKey::parse(&report.key).ok_or("the key of the log")?;
    let mut add = |name: String, text: &str, report: &mut Report| {
        let read = Note::parse(text).ok_or_else(|| "it is not a signed head".to_owned());
        match read.and_then(|note| Checkpoint::of(&note, &key).map_err(|fault| fault.to_string())) {
            Ok(saved) if saved.size > head.size => report.fault(
                Some(head.size),
                format!("V8: {name} has {} leaves, and the log has {}: it has shrunk", saved.size, head.size),
            ),
            Ok(saved) => heads.entry(saved.size).or_default().push((name, Expected::Root(saved.root))),
            Err(why) => report.fault(None, format!("V8: {name}: {why}")),
        }
    };
    for (name, text) in &wanted.saved {
        add(name.clone(), text, report);
    }
    for line in source.lines("checkpoints.csv")?.into_iter().flatten().skip(1) {
        let line = line.map_err(|fault| format!("checkpoints.csv: {fault}"))?;
        let (size, note) = line.split_once(',').unwrap_or_default();
        let note = BASE64.decode(note.as_bytes()).ok().and_then(|note| String::from_utf8(note).ok());
        add(format!("the head of {size} leaves"), &note.unwrap_or_default(), report);
    }
    for paper in &wanted.paper {
        let name = format!("the head on paper of {} leaves", paper.size);
        if paper.size > head.size {
            report.fault(Some(head.size), format!("V8: {name}: the log has only {}: it has shrunk", head.size));
        } else {
            heads.entry(paper.size).or_default().push((name, Expected::Paper(paper.clone())));
        }
    }
    heads.entry(head.size).or_default().push(("the head of the log".to_owned(), Expected::Root(head.root)));
    Ok(heads)
}

/// The walk over all leaves.
struct Walk<'a> {
    source: &'a Source,
    head: &'a Checkpoint,
    heads: &'a mut BTreeMap<u64, Vec<(String, Expected)>>,
    report: &'a mut Report,
    progress: &'a dyn Fn(u64, u64),
    /// The first leaf that is not the one whose hash is in its tile: from there on no head can agree.
    torn: Option<u64>,
}

impl Walk<'_> {
    fn run(mut self, give: SyncSender<Vec<Task>>) -> Result<Ledger, String> {
        let (mut ledger, mut rim, mut edge) = (Ledger::default(), Rim::default(), Edge::default());
        let mut receipts = Receipts::of_lines(self.source.lines("receipts.csv")?.map(|lines| lines.skip(1)));
        let mut tasks = Vec::with_capacity(TASK);
        // The last size at which a head agreed with the tree: what is wrong is not before it.
        let mut good = 0;
        self.check_heads(0, &edge, &mut good);
        for bundle in Tile::at(Level::Entries, self.head.size) {
            let first = bundle.number * 256;
            let bytes = self.source.tile(bundle)?.unwrap_or_default();
            let entries = entries_in(&bytes).unwrap_or_default();
            if entries.len() != usize::from(bundle.width) {
                let end = first + u64::try_from(entries.len()).unwrap_or(0);
                self.torn.get_or_insert(end);
                self.report.fault(Some(end), format!("V7: {bundle} does not hold {} entries", bundle.width));
            }
            let tile = Tile { level: Level::Hashes(0), ..bundle };
            let kept = self.hashes(tile)?;
            let mut told = false;
            for (index, entry) in (first..).zip(entries) {
                let hash = leaf_hash(entry);
                let place = usize::try_from(index - first).unwrap_or(usize::MAX);
                if !told && kept.get(place) != Some(&hash) {
                    told = true;
                    self.torn.get_or_insert(index);
                    let what = if kept.is_empty() { "is not there, or holds no hashes" } else { "holds another hash" };
                    self.report.fault(Some(index), format!("V7: leaf {index}: {tile} {what}"));
                }
                edge.push(hash);
                let mut full = Vec::new();
                rim.push(hash, |level, number, hashes| full.push((level, number, hashes.to_vec())));
                for (level, number, hashes) in full {
                    self.check_tile(level, number, &hashes)?;
                }
                self.replay(index, entry, &mut ledger, &mut receipts, &mut tasks);
                self.check_heads(index + 1, &edge, &mut good);
            }
            if !told && kept.len() != usize::from(tile.width) {
                let end = first + u64::try_from(kept.len()).unwrap_or(0).min(u64::from(tile.width));
                self.report.fault(Some(end), format!("V7: {tile} does not hold {} hashes", tile.width));
            }
            if tasks.len() >= TASK {
                drop(give.send(std::mem::take(&mut tasks)));
            }
            (self.progress)(first + u64::from(bundle.width), self.head.size);
        }
        let rest: Vec<_> = rim.partial().map(|(level, number, hashes)| (level, number, hashes.to_vec())).collect();
        // The last tiles of a log that is shorter than its head says have other widths than these.
        for (level, number, hashes) in rest.into_iter().filter(|_| edge.size() == self.head.size) {
            self.check_tile(level, number, &hashes)?;
        }
        drop(give.send(tasks));
        if edge.size() != self.head.size {
            let what = format!("V7: the log says it has {} leaves, and there are {}", self.head.size, edge.size());
            self.report.fault(Some(edge.size()), what);
        }
        for (leaf, wrong) in ledger.gaps() {
            self.report.fault(Some(leaf), wrong.to_string());
        }
        if let Some(more) = receipts.take_rest() {
            self.report.fault(Some(more), "V4: a receipt in the database that belongs to no leaf");
        }
        Ok(ledger)
    }

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, String> {
        Ok(self.source.tile(tile)?.and_then(|bytes| hashes_in(&bytes)).unwrap_or_default())
    }

    /// Holds a tile above the leaves against the hashes that follow from them. Level 0 was held leaf by leaf.
    fn check_tile(&mut self, level: u8, number: u64, hashes: &[Hash]) -> Result<(), String> {
        if level == 0 {
            return Ok(());
        }
        let width = u16::try_from(hashes.len()).unwrap_or(u16::MAX);
        let tile = Tile { level: Level::Hashes(level), number, width };
        let kept = self.source.tile(tile)?.unwrap_or_default();
        let due = hash_bytes(hashes);
        if kept == due {
            return Ok(());
        }
        let place =
            kept.iter().zip(&due).position(|(one, other)| one != other).unwrap_or(kept.len().min(due.len())) / 32;
        let place = u64::try_from(place).unwrap_or(0).min(u64::from(width) - 1);
        let span = 1_u64.checked_shl(8 * u32::from(level)).unwrap_or(u64::MAX);
        let index = (number * 256 + place).saturating_mul(span);
        // What follows from a leaf that was told already is not told again.
        if self.torn.is_none_or(|torn| torn >= index.saturating_add(span)) {
            self.report
                .fault(Some(index), format!("V7: hash {place} of {tile} is not that of the leaves from {index} on"));
        }
        Ok(())
    }

    fn check_heads(&mut self, size: u64, edge: &Edge, good: &mut u64) {
        let Some(expected) = self.heads.remove(&size) else { return };
        let root = edge.root();
        for (name, expected) in expected {
            self.report.heads += 1;
            let same = match expected {
                Expected::Root(expected) => expected == root,
                Expected::Paper(paper) => paper.is_of(&root),
            };
            if same {
                *good = size;
            } else {
                let index = self.torn.unwrap_or(*good).max(*good);
                let what = format!(
                    "V8: the tree is not the one of {name}: a leaf from {index} to {} is another",
                    size.saturating_sub(1)
                );
                self.report.fault(Some(index), what);
            }
        }
    }

    fn replay<L: Iterator<Item = std::io::Result<String>>>(
        &mut self,
        index: u64,
        entry: &[u8],
        ledger: &mut Ledger,
        receipts: &mut Receipts<L>,
        tasks: &mut Vec<Task>,
    ) {
        let Some(leaf) = Leaf::decode(entry) else {
            self.report.fault(Some(index), "leaf: it cannot be read");
            return;
        };
        ledger.at(index);
        if let Err(wrong) = ledger.take(&leaf) {
            self.report.fault(Some(index), wrong.to_string());
        }
        if leaf.kind != Kind::Redeem {
            return;
        }
        match receipts.of(index) {
            Found::NoneHere => self.report.receipts_absent += 1,
            Found::Missing => self.report.fault(Some(index), "V4: its receipt is not in the database"),
            Found::Unreadable => self.report.fault(Some(index), "receipts.csv cannot be read from here on"),
            Found::Here(line) => {
                if leaf.redemption.map(|id| id.to_string()).as_deref() != Some(&line.redemption) {
                    self.report.fault(Some(index), format!("V4: the receipt beside it is that of {}", line.redemption));
                    return;
                }
                if leaf.value_minor != Some(line.value) {
                    let what =
                        format!("V9: {} in the database, {} in the log", line.value, leaf.value_minor.unwrap_or(0));
                    self.report.fault(Some(index), what);
                }
                if let Some(what) = line.differs(&leaf, ledger) {
                    self.report.fault(Some(index), what);
                }
                let day = day_named(&leaf);
                if day != line.day {
                    self.report.fault(Some(index), format!("V9: on {} in the database, on {day} in the log", line.day));
                }
                if leaf.receipt_hash != Some(receipt_hash(&line.signed)) {
                    self.report.fault(Some(index), "V6: the signed receipt is not the one that the leaf names");
                    return;
                }
                if let Some(chain) = leaf.device.and_then(|device| ledger.chain_of(device)) {
                    self.report.receipts += 1;
                    let odd = ledger.is_odd(&leaf);
                    tasks.push(Task { index, key: chain.key, signed: line.signed, leaf, odd });
                }
            }
        }
    }
}
