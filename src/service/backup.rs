//! A backup: the database as of one moment, checked, with a manifest that says what it is and what its bytes
//! come to. Neither the key file nor the facts outside are in it: the one must lie elsewhere, and the others
//! must be newer than any backup.

use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::lease::announce_life;
use super::{Error, Office, complete};
use crate::clock::{Clock, Entropy};
use crate::domain::time::{Timestamp, Zone};
use crate::store::{self, Location, Pool};
use crate::vault::Vault;

/// The name of the manifest in a backup's folder.
const MANIFEST: &str = "manifest.json";
/// What the database is called in it.
const SQLITE: &str = "salur.db";
const POSTGRES: &str = "salur.dump";
const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this file.
    pub format: u32,
    /// The program that made it.
    pub version: String,
    /// When.
    pub made_at: String,
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// The file with the database.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

fn broken(what: &str, fault: &dyn std::fmt::Display) -> Error {
    Error::Broken(format!("{what}: {fault}"))
}

/// Makes a backup in a new folder. It gets its name only when it is whole, checked and on disk.
pub fn make(location: &Location, folder: &Path, at: Timestamp) -> Result<Manifest, Error> {
    if folder.exists() {
        return Err(Error::Broken(format!("{} is there already: a backup gets a folder of its own", folder.display())));
    }
    let mut part = folder.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    // What an interrupted try left is no backup.
    if part.exists() {
        fs::remove_dir_all(&part).map_err(|fault| broken(&part.display().to_string(), &fault))?;
    }
    fs::create_dir_all(&part).map_err(|fault| broken(&part.display().to_string(), &fault))?;
    let made = fill(location, &part, at).and_then(|manifest| {
        fs::rename(&part, folder).map_err(|fault| broken(&folder.display().to_string(), &fault))?;
        sync_folder(folder.parent())?;
        Ok(manifest)
    });
    if made.is_err() {
        drop(fs::remove_dir_all(&part));
    }
    made
}

fn fill(location: &Location, part: &Path, at: Timestamp) -> Result<Manifest, Error> {
    let (engine, name) = match location {
        Location::Sqlite(_) => ("sqlite", SQLITE),
        Location::Postgres(_) => ("postgres", POSTGRES),
    };
    let file = part.join(name);
    match location {
        Location::Sqlite(_) => {
            let path = file.to_str().ok_or_else(|| Error::Broken("the path is not UTF-8".into()))?;
            store::backup::copy_into(location, path)?;
            store::backup::check(path)?;
            // The check may have left files of its own beside the copy; closed, they are empty.
            for end in ["-wal", "-shm"] {
                drop(fs::remove_file(format!("{path}{end}")));
            }
        }
        Location::Postgres(url) => {
            run(postgres("pg_dump", url)
                .args(["--format=custom", "--no-owner", "--no-privileges", "--file"])
                .arg(&file))?;
            run(Command::new("pg_restore").arg("--list").arg(&file))?;
        }
    }
    let (bytes, sha256) = digest(&file)?;
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: at.iso(Zone::default()),
        engine: engine.to_owned(),
        file: name.to_owned(),
        bytes,
        sha256,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|fault| broken(MANIFEST, &fault))?;
    let mut out = fs::File::create(part.join(MANIFEST)).map_err(|fault| broken(MANIFEST, &fault))?;
    out.write_all(&text).and_then(|()| out.sync_all()).map_err(|fault| broken(MANIFEST, &fault))?;
    fs::File::open(&file).and_then(|file| file.sync_all()).map_err(|fault| broken(name, &fault))?;
    sync_folder(Some(part))?;
    Ok(manifest)
}

fn sync_folder(folder: Option<&Path>) -> Result<(), Error> {
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|fault| broken(&folder.display().to_string(), &fault))
}

fn digest(file: &Path) -> Result<(u64, String), Error> {
    let failed = |fault: std::io::Error| broken(&file.display().to_string(), &fault);
    let mut input = fs::File::open(file).map_err(failed)?;
    let (mut sum, mut bytes, mut buffer) = (Sha256::new(), 0_u64, vec![0; 1 << 16]);
    loop {
        let read = input.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok((bytes, data_encoding::HEXLOWER.encode(&sum.finalize())));
        }
        bytes += read as u64;
        sum.update(buffer.get(..read).unwrap_or_default());
    }
}

/// Reads a backup's manifest and compares it with what lies beside it.
fn examine(folder: &Path) -> Result<Manifest, Error> {
    let text = fs::read(folder.join(MANIFEST)).map_err(|fault| broken(&folder.display().to_string(), &fault))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|fault| broken(MANIFEST, &fault))?;
    let known = [("sqlite", SQLITE), ("postgres", POSTGRES)];
    if manifest.format != FORMAT || !known.contains(&(manifest.engine.as_str(), manifest.file.as_str())) {
        return Err(Error::Broken(format!("{MANIFEST} is of another kind than this program writes")));
    }
    let (bytes, sha256) = digest(&folder.join(&manifest.file))?;
    if (bytes, &sha256) != (manifest.bytes, &manifest.sha256) {
        return Err(Error::Broken(format!("{} is not what the manifest says: the backup is damaged", manifest.file)));
    }
    Ok(manifest)
}

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
    let restored = unpack(folder, &manifest, to)?;
    let missing = {
        let pool = Pool::open(&restored, 2)?;
        pool.read(store::migrate)?;
        complete(&pool)?;
        let Premises { vault, clock, entropy, host, facts } = with;
        let why = format!("dari cadangan {}", manifest.made_at);
        Office::open_in(pool.clone(), vault, clock, entropy, host, &facts, Some((epoch, &why)))?;
        pool.read(store::leases::office)?.missing
    };
    // Only now does the database get its name: cut short before, it would be one that forgot and does not know it.
    settle(&restored, to)?;
    Ok(Restored { manifest, epoch, missing })
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
    if free { Ok(()) } else { Err(super::Refusal::NotEmpty.into()) }
}

/// Puts the database of a backup where there is none. For SQLite that is beside its place, under the name that
/// is answered, until it is done with.
fn unpack(folder: &Path, manifest: &Manifest, to: &Location) -> Result<Location, Error> {
    match to {
        Location::Sqlite(path) => {
            let part = format!("{path}.restoring");
            for end in ["", "-wal", "-shm"] {
                drop(fs::remove_file(format!("{part}{end}")));
            }
            fs::copy(folder.join(&manifest.file), &part).map_err(|fault| broken(&part, &fault))?;
            fs::File::open(&part).and_then(|file| file.sync_all()).map_err(|fault| broken(&part, &fault))?;
            store::backup::check(&part)?;
            Ok(Location::Sqlite(part))
        }
        Location::Postgres(url) => {
            run(postgres("pg_restore", url)
                .args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"])
                .arg(folder.join(&manifest.file)))?;
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

/// One of PostgreSQL's own programs, for this database. The password goes by the environment: arguments can be
/// read by everybody on the machine.
fn postgres(program: &str, url: &str) -> Command {
    let mut command = Command::new(program);
    match password_of(url) {
        Some((bare, password)) => command.env("PGPASSWORD", password).arg(format!("--dbname={bare}")),
        None => command.arg(format!("--dbname={url}")),
    };
    command
}

/// A URL without its password, and the password, when there is one before the host.
fn password_of(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let (user, host) = rest.rsplit_once('@')?;
    let (user, password) = user.split_once(':')?;
    Some((format!("{scheme}://{user}@{host}"), unescape(password)))
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let code = behind
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|two| data_encoding::HEXLOWER_PERMISSIVE.decode(two).ok());
        match code {
            Some(code) => {
                bytes.extend(code);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn run(command: &mut Command) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let said = command.stdin(Stdio::null()).output().map_err(|fault| {
        Error::Broken(format!("{program} cannot be run ({fault}): PostgreSQL's own programs are needed for this"))
    })?;
    if said.status.success() {
        return Ok(());
    }
    Err(Error::Broken(format!("{program}: {}", String::from_utf8_lossy(&said.stderr).trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_the_address() {
        let split = |url| password_of(url).map(|(bare, password)| format!("{bare} {password}"));
        assert_eq!(split("postgres://a:s%40f%25@h:5/d?x=1").as_deref(), Some("postgres://a@h:5/d?x=1 s@f%"));
        assert_eq!(split("postgres://a@h/d"), None);
        assert_eq!(split("postgres:///d"), None);
    }
}
