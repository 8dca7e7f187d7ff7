//! Putting a backup in the place of a database that is gone, as a new life of the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::lease::announce_life;
use super::super::{Error, LogDesk, LogStanding, Office, Refusal, complete};
use super::{Manifest, Scratch, Sealing, broken, examine, open_as, open_into, restore_dump, sync_folder};
use crate::clock::{Clock, Entropy};
use crate::store::{self, Location, Pool};
use crate::vault::Vault;

/// What an office needs besides its database.
#[derive(Debug)]
pub struct Premises {
    /// The vault.
    pub vault: Vault,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// The host in the text of a QR.
    pub host: Option<String>,
    /// Where the facts outside lie.
    pub facts: PathBuf,
    /// Where a sealed backup is opened meanwhile.
    pub scratch: PathBuf,
    /// What is known of the log besides the database.
    pub log: LogDesk,
}

/// What a restore came to.
#[derive(Debug)]
pub struct Restored {
    /// What was put back.
    pub manifest: Manifest,
    /// The epoch of the life that began.
    pub epoch: u32,
    /// How many devices owe an answer in it.
    pub missing: u32,
    /// How far the log is: what was signed is put back from outside.
    pub log: LogStanding,
}

/// Puts a backup in the place of a database that is gone, as a new life of the server.
pub fn restore(folder: &Path, to: &Location, with: Premises) -> Result<Restored, Error> {
    // The facts come first: without them nobody knows which lives of the server there were, and whom to wait for.
    if !with.facts.is_dir() {
        return Err(Error::Broken(format!(
            "the facts outside are not at {}: bring the folder back, or name it with --facts-dir",
            with.facts.display()
        )));
    }
    let manifest = examine(folder)?;
    must_be_free(&manifest, to)?;
    let epoch = announce_life(&with.facts, &*with.clock, &*with.entropy)?;
    let restored = unpack(folder, &manifest, to, Sealing { vault: &with.vault, scratch: &with.scratch, server: None })?;
    let (missing, log) = {
        let pool = Pool::open(&restored, 2)?;
        pool.read(store::migrate)?;
        complete(&pool)?;
        let Premises { vault, clock, entropy, host, facts, log, .. } = with;
        let why = format!("dari cadangan {}", manifest.made_at);
        let office = Office::open_in(pool.clone(), vault, clock, entropy, host, &facts, Some((epoch, &why)))?;
        (pool.read(store::leases::office)?.missing, office.with_log(log).log_standing()?)
    };
    // Only now does the database get its name: cut short before, it would be one that forgot and does not know it.
    settle(&restored, to)?;
    Ok(Restored { manifest, epoch, missing, log })
}

/// Refuses to put a database where there is one, or one of another engine.
fn must_be_free(manifest: &Manifest, to: &Location) -> Result<(), Error> {
    let free = match (to, manifest.engine.as_str()) {
        (Location::Sqlite(path), "sqlite") => !Path::new(path).exists(),
        (Location::Postgres(_), "postgres") => Pool::open(to, 1)?.read(store::backup::tables)? == 0,
        (_, engine) => {
            return Err(Error::Broken(format!("the backup is of {engine}, and the database is another")));
        }
    };
    if free { Ok(()) } else { Err(Refusal::NotEmpty.into()) }
}

/// Puts the database of a backup where there is none. For SQLite that is beside its place, under the name that
/// is answered, until it is done with.
fn unpack(folder: &Path, manifest: &Manifest, to: &Location, sealing: Sealing<'_>) -> Result<Location, Error> {
    match to {
        Location::Sqlite(path) => {
            let part = format!("{path}.restoring");
            let clear = || {
                for end in ["", "-wal", "-shm"] {
                    drop(fs::remove_file(format!("{part}{end}")));
                }
            };
            clear();
            let put = || -> Result<(), Error> {
                open_as(folder, manifest, Path::new(&part), sealing.vault)?;
                fs::File::open(&part).and_then(|file| file.sync_all()).map_err(|fault| broken(&part, &fault))?;
                Ok(store::backup::check(&part)?)
            };
            // What came out of the seal as far as it was good is no database, and shows names.
            put().inspect_err(|_| clear())?;
            Ok(Location::Sqlite(part))
        }
        Location::Postgres(url) => {
            let scratch = Scratch::new(sealing.scratch)?;
            restore_dump(url, &open_into(folder, manifest, &scratch.0, sealing.vault)?)?;
            Ok(to.clone())
        }
    }
}

/// Gives a restored database its name, once nobody has it open.
fn settle(restored: &Location, to: &Location) -> Result<(), Error> {
    let (Location::Sqlite(part), Location::Sqlite(path)) = (restored, to) else { return Ok(()) };
    // What is left in the write-ahead log would be lost by the renaming.
    store::backup::fold(part)?;
    if fs::metadata(format!("{part}-wal")).is_ok_and(|wal| wal.len() > 0) {
        return Err(Error::Broken(format!("{part} is still in use")));
    }
    fs::File::open(part).and_then(|file| file.sync_all()).map_err(|fault| broken(part, &fault))?;
    fs::rename(part, path).map_err(|fault| broken(path, &fault))?;
    sync_folder(Path::new(path).parent())
}
