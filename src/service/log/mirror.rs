//! The log outside the database: its tiles and bundles as files, beside the facts that no restore touches.
//!
//! ```text
//! facts/log/checkpoint    the newest head that was signed here: what lies below is all that it covers
//! facts/log/vkey          the log's public key
//! facts/log/tile/…        hashes and entries, in the layout of C2SP tlog-tiles
//! ```
//!
//! Nothing is signed before what it covers lies here and is forced to the disk. So a database that was set back finds
//! here what it forgot; and the folder can be served by any web server, copied, and checked as it lies.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::guard::{Guard, Turn};
use crate::service::{Error, Office};
use crate::store::{self, Conn};
use crate::transparency::tile::{FULL, Level, Tile, bundle_bytes, entries_in};
use crate::transparency::{Checkpoint, Note};

/// The name of the folder among the facts.
const FOLDER: &str = "log";

/// The folder of one log.
#[derive(Debug, Clone)]
pub(super) struct Mirror {
    folder: PathBuf,
    head: Guard,
}

fn failed(path: &Path, fault: &io::Error) -> Error {
    Error::Broken(format!("the log outside the database, {}: {fault}", path.display()))
}

/// The kinds of tiles that a tree of this size has.
fn levels(size: u64) -> impl Iterator<Item = Level> {
    std::iter::once(Level::Entries).chain((0..Tile::levels(size)).map(Level::Hashes))
}

impl Mirror {
    /// The log beside these facts.
    pub(super) fn beside(facts: &Path) -> Self {
        let folder = facts.parent().unwrap_or(facts).join(FOLDER);
        Self { head: Guard::at(folder.join("checkpoint")), folder }
    }

    /// Where it lies.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits until no other process writes here.
    pub(super) fn take_turn(&self) -> Result<Turn, Error> {
        fs::create_dir_all(&self.folder).map_err(|fault| failed(&self.folder, &fault))?;
        self.head.take_turn()
    }

    /// The newest head that was signed; everything that it covers lies here.
    pub(super) fn head(&self) -> Result<Option<(Checkpoint, Note)>, Error> {
        self.head.read()
    }

    /// The entries of a bundle of the tree whose head lies here.
    pub(super) fn entries(&self, bundle: Tile) -> Result<Vec<Vec<u8>>, Error> {
        let path = self.folder.join(bundle.to_string());
        let bytes = fs::read(&path).map_err(|fault| failed(&path, &fault))?;
        let entries = entries_in(&bytes).filter(|entries| entries.len() == usize::from(bundle.width));
        let entries = entries.ok_or_else(|| Error::Broken(format!("{} is not the bundle it was", path.display())))?;
        Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
    }

    /// Lets the tree grow from one size to another: what is new is on the disk when this returns, and nothing says
    /// so yet.
    pub(super) fn grow(
        &self,
        (old, new): (u64, u64),
        vkey: &str,
        mut bytes_of: impl FnMut(Tile) -> Result<Vec<u8>, Error>,
    ) -> Result<(), Error> {
        let mut folders = BTreeSet::new();
        let path = self.folder.join("vkey");
        if !path.exists() {
            put(&path, format!("{vkey}\n").as_bytes()).map_err(|fault| failed(&path, &fault))?;
            folders.insert(self.folder.clone());
        }
        for level in levels(new) {
            for tile in Tile::at(level, new).filter(|tile| Tile::of(level, tile.number, old) != Some(*tile)) {
                let path = self.folder.join(tile.to_string());
                put(&path, &bytes_of(tile)?).map_err(|fault| failed(&path, &fault))?;
                folders
                    .extend(path.ancestors().skip(1).take_while(|up| up.starts_with(&self.folder)).map(PathBuf::from));
            }
        }
        let force = |folder: &PathBuf| File::open(folder).and_then(|open| open.sync_all());
        folders.iter().try_for_each(|folder| force(folder).map_err(|fault| failed(folder, &fault)))
    }

    /// Puts the signed head of a tree that lies here in place of the one before, and takes away the partial tiles that
    /// neither of the two has.
    pub(super) fn publish(&self, old: u64, new: u64, note: &Note) -> Result<(), Error> {
        self.head.write(note)?;
        for level in levels(old) {
            let Some(before) = Tile::at(level, old).last().filter(|tile| tile.width < FULL) else { continue };
            let now = Tile::of(level, before.number, new);
            let path = self.folder.join(before.to_string());
            let Some(partial) = path.parent() else { continue };
            let kept = [Some(before.width), now.map(|tile| tile.width)];
            let is_kept = |name: &str| kept.contains(&name.parse().ok());
            // What cannot be taken away is in nobody's way.
            for entry in fs::read_dir(partial).into_iter().flatten().flatten() {
                if now.is_none_or(|tile| tile.width == FULL) || !is_kept(&entry.file_name().to_string_lossy()) {
                    drop(fs::remove_file(entry.path()));
                }
            }
            drop(fs::remove_dir(partial));
        }
        Ok(())
    }

    /// Puts the same head with more signatures in place of itself.
    pub(super) fn cosign(&self, note: &Note) -> Result<(), Error> {
        let _turn = self.take_turn()?;
        match self.head()? {
            Some((_, known)) if known.text == note.text => self.head.write(note),
            _ => Ok(()),
        }
    }
}

/// Writes a file and forces it to the disk. One that a crash cut short is written again, for no head covers it.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What a tile or a bundle holds, from the database; nothing when it does not have so much.
pub(super) fn tile_bytes(conn: &mut Conn, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
    match tile.level {
        Level::Hashes(level) => {
            let mut bytes = store::log::tile(conn, level, tile.number)?;
            // A tile that has grown since begins with what it was.
            bytes.truncate(usize::from(tile.width) * 32);
            Ok(Some(bytes).filter(|bytes| bytes.len() == usize::from(tile.width) * 32))
        }
        Level::Entries => {
            let entries = store::log::entries(conn, tile.number * u64::from(FULL), u64::from(tile.width))?;
            if entries.len() != usize::from(tile.width) {
                return Ok(None);
            }
            bundle_bytes(&entries).map(Some).ok_or_else(|| Error::Broken("an entry of the log is too long".into()))
        }
    }
}

impl Office {
    /// Where the log lies outside the database.
    pub(super) fn mirror(&self) -> Mirror {
        Mirror::beside(self.facts_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(size: u64) -> impl FnMut(Tile) -> Result<Vec<u8>, Error> {
        move |tile| {
            let numbers = tile.number * 256..tile.number * 256 + u64::from(tile.width);
            assert!(tile.level != Level::Entries || numbers.end <= size);
            Ok(match tile.level {
                Level::Entries => bundle_bytes(&numbers.map(u64::to_be_bytes).collect::<Vec<_>>()).unwrap(),
                Level::Hashes(level) => vec![level; usize::from(tile.width) * 32],
            })
        }
    }

    fn note(size: u64) -> Note {
        let head = Checkpoint { origin: "log.example".into(), size, root: [1; 32] };
        head.sign(&crate::token::SigningKey::from_seed(&[1; 32]))
    }

    #[test]
    fn what_a_head_covers_lies_there_and_partial_tiles_do_not_pile_up() {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::beside(&folder.path().join("facts.log"));
        drop(mirror.take_turn().unwrap());
        assert_eq!(mirror.head().unwrap(), None);
        let mut old = 0;
        for new in [3, 200, 255, 256, 300, 301, 1_000, 1_024, 66_000, 66_001] {
            mirror.grow((old, new), "log.example+00000000+AA==", tree(new)).unwrap();
            mirror.publish(old, new, &note(new)).unwrap();
            for level in levels(new) {
                for tile in Tile::at(level, new) {
                    assert!(mirror.folder.join(tile.to_string()).exists(), "{tile} of {new}");
                }
            }
            let read: Vec<Vec<u8>> =
                Tile::at(Level::Entries, new).flat_map(|tile| mirror.entries(tile).unwrap()).collect();
            assert_eq!(read, (0..new).map(|number| number.to_be_bytes().to_vec()).collect::<Vec<_>>());
            assert_eq!(mirror.head().unwrap().map(|(head, _)| head.size), Some(new));
            old = new;
        }
        let mut partial = 0;
        let mut folders = vec![mirror.folder.clone()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                let in_partial = path.parent().is_some_and(|up| up.to_string_lossy().ends_with(".p"));
                partial += u32::from(path.is_file() && in_partial);
                folders.extend(path.is_dir().then_some(path));
            }
        }
        // Of the newest head and the one before: two of the entries, two of the lowest level, one of each above.
        assert_eq!(partial, 6);
    }

    #[test]
    fn a_bundle_that_is_not_what_it_was_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::beside(&folder.path().join("facts.log"));
        mirror.grow((0, 5), "k", tree(5)).unwrap();
        let tile = Tile { level: Level::Entries, number: 0, width: 5 };
        assert_eq!(mirror.entries(tile).unwrap().len(), 5);
        let path = mirror.folder.join(tile.to_string());
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(mirror.entries(tile).is_err());
        fs::remove_file(&path).unwrap();
        assert!(mirror.entries(tile).is_err());
    }
}
