//! The guard file: the newest head that was signed here, outside the database.
//!
//! A backup that is restored knows nothing of what came after it. The file does, for it is not in the backup;
//! it lies in the installation's folder and should be kept apart from the database's disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::service::Error;
use crate::transparency::{Checkpoint, Note};

/// Where the newest head is kept.
#[derive(Debug, Clone)]
pub(super) struct Guard(PathBuf);

/// The right to write the file: one process at a time has it.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

fn failed(path: &Path, fault: &io::Error) -> Error {
    Error::Broken(format!("the guard file of the log, {}: {fault}", path.display()))
}

impl Guard {
    pub(super) const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where the file lies.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Waits until no other process numbers or signs.
    pub(super) fn take_turn(&self) -> Result<Turn, Error> {
        let path = self.0.with_extension("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|fault| failed(&path, &fault))?;
        file.lock().map_err(|fault| failed(&path, &fault))?;
        Ok(Turn(file))
    }

    /// The newest head, if one was ever signed. A file that is there and cannot be read is no absent one.
    pub(super) fn read(&self) -> Result<Option<(Checkpoint, Note)>, Error> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(failed(&self.0, &fault)),
        };
        let head = Note::parse(&text).and_then(|note| Some((Checkpoint::parse(&note.text)?, note)));
        head.map(Some)
            .ok_or_else(|| Error::Broken(format!("the guard file of the log, {}: not a checkpoint", self.0.display())))
    }

    /// Puts a head in place of the one before: on disk before this returns.
    pub(super) fn write(&self, note: &Note) -> Result<(), Error> {
        let put = || -> io::Result<()> {
            let unfinished = self.0.with_extension("new");
            let mut file = File::create(&unfinished)?;
            file.write_all(note.to_string().as_bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, &self.0)?;
            match self.0.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
                _ => Ok(()),
            }
        };
        put().map_err(|fault| failed(&self.0, &fault))
    }
}
