//! A witness: it remembers how far it has seen each log, and cosigns what follows from that.
//!
//! It lives in a folder of its own, far from the installation it watches, and needs no database: a key, the
//! logs it knows, and one small file a log with the size and the root.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

use crate::clock::{Clock, Entropy};
use crate::token::SigningKey;
use crate::transparency::witness::{Refused, Request, Seen};
use crate::transparency::{Checkpoint, Manner, NoteKey, Signature};

/// The name of the key's file in the witness's folder.
const KEY: &str = "witness.key";
/// The name of the file of known logs: one verifier key a line.
const LOGS: &str = "logs";

/// What a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200: the cosignature, as a line.
    Cosigned(String),
    /// Anything else.
    Refused(Refused),
}

/// A witness in its folder.
pub struct Witness {
    folder: PathBuf,
    name: String,
    key: SigningKey,
    logs: Vec<NoteKey>,
    /// One request at a time compares with what was seen and puts the new in its place.
    seen: Mutex<BTreeMap<String, Seen>>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Witness({}, {} logs)", self.name, self.logs.len())
    }
}

fn failed(path: &Path, fault: &io::Error) -> String {
    format!("{}: {fault}", path.display())
}

fn keep(path: &Path, text: &str, new: bool) -> io::Result<()> {
    let unfinished = path.with_extension("part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if new && path.exists() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    let mut file = options.open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

impl Witness {
    /// Makes a witness of this name in an empty folder: draws its key. Gives the verifier key that logs need.
    pub fn found(folder: &Path, name: &str, entropy: &dyn Entropy) -> Result<NoteKey, String> {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        if !entropy.fill(&mut *seed) {
            return Err("no randomness to be had".into());
        }
        let key = SigningKey::from_seed(&seed);
        let public = NoteKey::new(name, Manner::Witness, key.verifying_key())
            .ok_or("the name of a witness has no spaces and no plus signs, such as bpk.example.go.id/saksi-1")?;
        fs::create_dir_all(folder).map_err(|fault| failed(folder, &fault))?;
        let path = folder.join(KEY);
        let text = format!("{name}\n{}\n", BASE64.encode(&*seed));
        keep(&path, &text, true).map_err(|fault| failed(&path, &fault))?;
        Ok(public)
    }

    /// Opens the witness in this folder.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let path = folder.join(KEY);
        let text = fs::read_to_string(&path).map_err(|fault| failed(&path, &fault))?;
        let broken = || format!("{}: not the key of a witness", path.display());
        let (name, seed) = text.trim_end().split_once('\n').ok_or_else(broken)?;
        let seed: [u8; 32] =
            BASE64.decode(seed.as_bytes()).ok().and_then(|seed| seed.try_into().ok()).ok_or_else(broken)?;
        let path = folder.join(LOGS);
        let known = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => String::new(),
            Err(fault) => return Err(failed(&path, &fault)),
        };
        let mut logs = Vec::new();
        for line in known.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            logs.push(NoteKey::parse(line).ok_or_else(|| format!("{}: not the key of a log: {line}", path.display()))?);
        }
        let mut witness = Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
            key: SigningKey::from_seed(&seed),
            logs,
            seen: Mutex::default(),
        };
        let origins: Vec<String> = witness.logs.iter().map(|log| log.name().to_owned()).collect();
        for origin in origins {
            if let Some(seen) = witness.read_seen(&origin)? {
                witness.seen.get_mut().unwrap_or_else(PoisonError::into_inner).insert(origin, seen);
            }
        }
        Ok(witness)
    }

    /// Adds a log to those that the witness in this folder knows.
    pub fn know(folder: &Path, log: &NoteKey) -> Result<(), String> {
        let path = folder.join(LOGS);
        let known = fs::read_to_string(&path).unwrap_or_default();
        if known.lines().any(|line| line.trim() == log.to_string()) {
            return Ok(());
        }
        keep(&path, &format!("{known}{log}\n"), false).map_err(|fault| failed(&path, &fault))
    }

    /// The verifier key of the witness.
    #[must_use]
    pub fn public(&self) -> Option<NoteKey> {
        NoteKey::new(&self.name, Manner::Witness, self.key.verifying_key())
    }

    /// The logs it knows, and how many leaves it has seen of each.
    #[must_use]
    pub fn logs(&self) -> Vec<(String, u64)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.logs.iter().map(|log| (log.name().to_owned(), seen.get(log.name()).map_or(0, |seen| seen.size))).collect()
    }

    /// Answers a request. What was seen is on disk before the cosignature is given.
    pub fn answer(&self, body: &str, clock: &dyn Clock) -> Result<Answer, String> {
        let Some(request) = Request::parse(body) else { return Ok(Answer::Refused(Refused::Malformed)) };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match request.decide(&self.logs, |origin| seen.get(origin).copied()) {
            Err(refused) => Ok(Answer::Refused(refused)),
            Ok((head, now)) => {
                let path = self.path_of(&head.origin);
                keep(&path, &head.to_string(), false).map_err(|fault| failed(&path, &fault))?;
                seen.insert(head.origin, now);
                let time = u64::try_from(clock.now().millis() / 1_000).unwrap_or(0);
                let line = Signature::of_witness(&self.name, &self.key, time, &request.checkpoint.text);
                Ok(Answer::Cosigned(line.to_string()))
            }
        }
    }

    fn path_of(&self, origin: &str) -> PathBuf {
        let name = HEXLOWER.encode(&Sha256::digest(origin.as_bytes())[..8]);
        self.folder.join(format!("seen-{name}"))
    }

    /// What was seen of a log: the text of its newest checkpoint.
    fn read_seen(&self, origin: &str) -> Result<Option<Seen>, String> {
        let path = self.path_of(origin);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(failed(&path, &fault)),
        };
        match Checkpoint::parse(&text) {
            Some(head) if head.origin == origin => Ok(Some(Seen { size: head.size, root: head.root })),
            _ => Err(format!("{}: not the head of {origin}", path.display())),
        }
    }
}
