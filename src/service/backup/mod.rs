//! A backup: the database as of one moment, checked, with a manifest that says what it is and what its bytes
//! come to. Neither the key file nor the facts outside are in it: the one must lie elsewhere, and the others
//! must be newer than any backup.
//!
//! A sealed one opens with the key file alone, which a restore needs anyway. It gets its name only after it was
//! opened again and looked through; what lies unsealed meanwhile lies beside the database, never beside the backups.

mod restore;
mod trial;

use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Error;
use crate::domain::audit::Event;
use crate::domain::id::AuditId;
use crate::domain::time::{Timestamp, Zone};
use crate::store::backup::Counts;
use crate::store::{self, Location, Pool};
use crate::vault::Vault;

pub use restore::{Premises, Restored, restore};
use trial::Trial;

/// The name of the manifest in a backup's folder.
const MANIFEST: &str = "manifest.json";
/// What the database is called in it.
const SQLITE: &str = "salur.db";
const POSTGRES: &str = "salur.dump";
/// What stands behind the name of a sealed one.
const SEALED: &str = ".sealed";
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
    /// What was found when it was opened again, where that was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// What was found when a backup was opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// When.
    pub at: String,
    /// How many rows of what matters most; nothing where the copy was read through and not restored, because the role
    /// may make no database (PostgreSQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
}

impl Manifest {
    /// Whether it opens with the key file alone.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.file.ends_with(SEALED)
    }
}

/// By what a backup is sealed and opened, and where its plain text may lie meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Sealing<'a> {
    /// The installation's.
    pub vault: &'a Vault,
    /// A folder that is made and removed, on the database's own disk.
    pub scratch: &'a Path,
    /// The database server on which a dump is restored on trial; a file of SQLite needs none.
    pub server: Option<&'a Location>,
}

fn broken(what: &str, fault: &dyn std::fmt::Display) -> Error {
    Error::Broken(format!("{what}: {fault}"))
}

/// Makes a backup in a new folder. It gets its name only when it is whole, checked and on disk. With a sealing, and a
/// salt drawn for it alone, it is sealed, and opened again before it counts.
pub fn make(
    location: &Location,
    folder: &Path,
    at: Timestamp,
    sealing: Option<(Sealing<'_>, [u8; 32])>,
) -> Result<Manifest, Error> {
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
    private_folder(&part)?;
    let made = match sealing {
        None => copy(location, &part).and_then(|file| manifest_of(location, &part, file, at)),
        Some((sealing, salt)) => fill_sealed(location, &part, at, sealing, salt),
    };
    let made = made.and_then(|manifest| {
        write_manifest(&part, &manifest)?;
        fs::rename(&part, folder).map_err(|fault| broken(&folder.display().to_string(), &fault))?;
        sync_folder(folder.parent())?;
        Ok(manifest)
    });
    if made.is_err() {
        drop(fs::remove_dir_all(&part));
    }
    made
}

/// A folder that only its owner may look into.
fn private_folder(folder: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|fault| broken(&folder.display().to_string(), &fault))
}

/// A file that is its owner's alone: names of households lie open in a database, and hashes of passwords. One that is
/// there stays as it is; SQLite gives the files beside it the same rights.
pub(super) fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A folder for plain text that is gone when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(folder: &Path) -> Result<Self, Error> {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(|fault| broken(&folder.display().to_string(), &fault))?;
        }
        private_folder(folder)?;
        Ok(Self(folder.to_owned()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Copies the database into a folder and checks the copy; says what it is called.
fn copy(location: &Location, folder: &Path) -> Result<&'static str, Error> {
    match location {
        Location::Sqlite(_) => {
            let file = folder.join(SQLITE);
            let path = file.to_str().ok_or_else(|| Error::Broken("the path is not UTF-8".into()))?;
            store::backup::copy_into(location, path)?;
            check_sqlite(path)?;
            Ok(SQLITE)
        }
        Location::Postgres(url) => {
            let file = folder.join(POSTGRES);
            run(postgres("pg_dump", url)
                .args(["--format=custom", "--no-owner", "--no-privileges", "--file"])
                .arg(&file))?;
            run(Command::new("pg_restore").arg("--list").arg(&file))?;
            Ok(POSTGRES)
        }
    }
}

fn check_sqlite(path: &str) -> Result<(), Error> {
    store::backup::check(path)?;
    // The check may have left files of its own beside the copy; closed, they are empty.
    for end in ["-wal", "-shm"] {
        drop(fs::remove_file(format!("{path}{end}")));
    }
    Ok(())
}

fn manifest_of(location: &Location, folder: &Path, file: &str, at: Timestamp) -> Result<Manifest, Error> {
    let (bytes, sha256) = digest(&folder.join(file))?;
    Ok(Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: at.iso(Zone::default()),
        engine: match location {
            Location::Sqlite(_) => "sqlite".to_owned(),
            Location::Postgres(_) => "postgres".to_owned(),
        },
        file: file.to_owned(),
        bytes,
        sha256,
        proof: None,
    })
}

fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<(), Error> {
    let text = serde_json::to_vec_pretty(manifest).map_err(|fault| broken(MANIFEST, &fault))?;
    let mut out = fs::File::create(folder.join(MANIFEST)).map_err(|fault| broken(MANIFEST, &fault))?;
    out.write_all(&text).and_then(|()| out.sync_all()).map_err(|fault| broken(MANIFEST, &fault))?;
    let synced = fs::File::open(folder.join(&manifest.file)).and_then(|file| file.sync_all());
    synced.map_err(|fault| broken(&manifest.file, &fault))?;
    sync_folder(Some(folder))
}

fn fill_sealed(
    location: &Location,
    part: &Path,
    at: Timestamp,
    sealing: Sealing<'_>,
    salt: [u8; 32],
) -> Result<Manifest, Error> {
    let (name, plain) = {
        let scratch = Scratch::new(sealing.scratch)?;
        let name = copy(location, &scratch.0)?;
        let failed = |fault: std::io::Error| broken(name, &fault);
        let mut input = fs::File::open(scratch.0.join(name)).map_err(failed)?;
        let mut output = fs::File::create(part.join(format!("{name}{SEALED}"))).map_err(failed)?;
        sealing.vault.seal_archive(salt, &mut input, &mut output).map_err(|fault| broken(name, &fault))?;
        output.sync_all().map_err(failed)?;
        (name, digest(&scratch.0.join(name))?)
    };
    let mut manifest = manifest_of(location, part, &format!("{name}{SEALED}"), at)?;
    let (proof, opened) = prove(part, &manifest, sealing, at)?;
    if opened != plain {
        return Err(Error::Broken(format!("{name} does not come out of its seal as it went in")));
    }
    manifest.proof = Some(proof);
    Ok(manifest)
}

/// Opens a backup in a folder of its own and looks through it: its bytes are those of the manifest, every page, index
/// and reference is whole, it is of this program's version, and this key file opens the signing keys in it. A dump of
/// PostgreSQL is restored into a database of its own on the same server, which is removed again; where the role may
/// make none, every byte is read as for a restore, and none is restored.
pub fn verify(folder: &Path, sealing: Sealing<'_>, at: Timestamp) -> Result<(Manifest, Proof), Error> {
    let manifest = examine(folder)?;
    let (proof, _) = prove(folder, &manifest, sealing, at)?;
    Ok((manifest, proof))
}

fn prove(
    folder: &Path,
    manifest: &Manifest,
    sealing: Sealing<'_>,
    at: Timestamp,
) -> Result<(Proof, (u64, String)), Error> {
    let scratch = Scratch::new(sealing.scratch)?;
    let opened = open_into(folder, manifest, &scratch.0, sealing.vault)?;
    let plain = digest(&opened)?;
    let counts = match (manifest.engine.as_str(), sealing.server) {
        ("sqlite", _) => {
            let path = opened.to_str().ok_or_else(|| Error::Broken("the path is not UTF-8".into()))?;
            check_sqlite(path)?;
            Some(look_through(&Location::Sqlite(path.to_owned()), sealing.vault)?)
        }
        (_, Some(server @ Location::Postgres(url))) if store::backup::may_create_databases(server)? => {
            let trial = Trial::begin(server, url, at)?;
            restore_dump(trial.url(), &opened)?;
            Some(look_through(&Location::Postgres(trial.url().to_owned()), sealing.vault)?)
        }
        _ => {
            run(Command::new("pg_restore").args(["--file=/dev/null"]).arg(&opened))?;
            None
        }
    };
    Ok((Proof { at: at.iso(Zone::default()), counts }, plain))
}

/// Whether a restored copy is of this program's version and of this key file; how much there is in it.
fn look_through(copy: &Location, vault: &Vault) -> Result<Counts, Error> {
    let pool = Pool::open(copy, 1)?;
    pool.read(|conn| -> Result<_, Error> {
        if store::pending(conn)? > 0 {
            return Err(Error::Broken("the copy is of another version than this program".into()));
        }
        for key in store::keys::all(conn)? {
            drop(vault.open_key(key.kid, &key.private_key)?);
        }
        Ok(store::backup::counts(conn)?)
    })
}

fn restore_dump(url: &str, dump: &Path) -> Result<(), Error> {
    run(postgres("pg_restore", url)
        .args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"])
        .arg(dump))
}

/// Puts into the trail that a copy of the database was made by hand.
pub fn record_taken(pool: &Pool, id: AuditId, at: Timestamp, manifest: &Manifest) -> Result<(), Error> {
    let kind = if manifest.is_sealed() { "sealed" } else { "open" };
    let entry = store::audit::Entry {
        id,
        at,
        agency: None,
        user: None,
        event: Event::BackupTaken,
        object: kind.to_owned(),
        detail: format!("{} {}", manifest.bytes, manifest.sha256),
        address: String::new(),
    };
    pool.write("backup_taken", |tx| Ok::<_, Error>(store::audit::insert(tx, &entry)?))
}

/// The plain copy of a backup in another folder.
fn open_into(folder: &Path, manifest: &Manifest, into: &Path, vault: &Vault) -> Result<PathBuf, Error> {
    let name = manifest.file.strip_suffix(SEALED).unwrap_or(&manifest.file);
    let plain = into.join(name);
    open_as(folder, manifest, &plain, vault)?;
    Ok(plain)
}

fn open_as(folder: &Path, manifest: &Manifest, plain: &Path, vault: &Vault) -> Result<(), Error> {
    let failed = |fault: std::io::Error| broken(&plain.display().to_string(), &fault);
    let kept = folder.join(&manifest.file);
    let mut input = fs::File::open(&kept).map_err(failed)?;
    let mut output = private_file(plain).map_err(failed)?;
    output.set_len(0).map_err(failed)?;
    if manifest.is_sealed() {
        vault.open_archive(&mut input, &mut output).map_err(|fault| broken(&manifest.file, &fault))?;
    } else {
        std::io::copy(&mut input, &mut output).map_err(failed)?;
    }
    output.sync_all().map_err(failed)
}

/// The backups in a folder, the newest first, each with its folder and when it was made.
#[must_use]
pub fn list(folder: &Path) -> Vec<(PathBuf, Manifest, Timestamp)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    // What is still being written has another name until it is whole.
    let whole = entries.filter(|path| path.extension().is_none_or(|end| end != "part"));
    let mut found: Vec<_> = whole
        .filter_map(|path| {
            let manifest: Manifest = serde_json::from_slice(&fs::read(path.join(MANIFEST)).ok()?).ok()?;
            let at = Timestamp::parse(&manifest.made_at).ok()?;
            Some((path, manifest, at))
        })
        .collect();
    found.sort_by_key(|(_, _, at)| std::cmp::Reverse(*at));
    found
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
    let plain = manifest.file.strip_suffix(SEALED).unwrap_or(&manifest.file);
    if manifest.format != FORMAT || !known.contains(&(manifest.engine.as_str(), plain)) {
        return Err(Error::Broken(format!("{MANIFEST} is of another kind than this program writes")));
    }
    let (bytes, sha256) = digest(&folder.join(&manifest.file))?;
    if (bytes, &sha256) != (manifest.bytes, &manifest.sha256) {
        return Err(Error::Broken(format!("{} is not what the manifest says: the backup is damaged", manifest.file)));
    }
    Ok(manifest)
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
