//! Settings of an installation: a flag, then `SALUR_*` in the environment, then `salur.toml`.
//!
//! This file knows where things lie in the installation's folder. Nothing else does.

use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::vault::{KeyFileFault, MasterKey};

/// What `salur.toml` may say. Every member may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// `sqlite://FILE` or `postgres://…`.
    pub database_url: Option<String>,
    /// Address and port to listen on.
    pub listen: Option<String>,
    /// How the world reaches the installation: `https://salur.example.go.id`.
    pub public_url: Option<String>,
    /// Earlier public addresses: what was printed under them stays good.
    pub former_urls: Option<Vec<String>>,
    /// Where the key file lies.
    pub key_file: Option<PathBuf>,
    /// The agency's emblem for its paper: a PNG or JPEG file.
    pub emblem: Option<PathBuf>,
    /// The typeface for names that the built-in ones cannot set: a TTF file.
    pub font: Option<PathBuf>,
    /// Whether administrators, issuers and finance must set up one-time codes before they work.
    pub require_totp: Option<bool>,
    /// The addresses of our own proxies, whose word on a caller's address is believed.
    pub trusted_proxies: Option<Vec<IpAddr>>,
    /// How many years personal data are kept after the last round of a household closed.
    pub retention_years: Option<u16>,
    /// Where the passphrase of the key file lies.
    pub passphrase_file: Option<PathBuf>,
    /// The passphrase itself, from the environment alone.
    #[serde(skip)]
    pub passphrase: Option<Secret>,
    /// Where systemd puts credentials; from the environment alone.
    #[serde(skip)]
    pub credentials: Option<PathBuf>,
    /// The folder for what no restore of the database may touch: best on another disk.
    pub facts_dir: Option<PathBuf>,
    /// Where the guard file of the log lies: best on another disk than the database.
    pub log_guard: Option<PathBuf>,
    /// The witnesses of the log, each an address and a key with a space between.
    #[serde(default)]
    pub witnesses: Vec<String>,
    /// Hours from one backup to the next that the server makes by itself; none without it.
    pub backup_hours: Option<u16>,
    /// The folder for backups: best on another disk.
    pub backup_dir: Option<PathBuf>,
    /// How many backups are kept.
    pub backup_keep: Option<u16>,
}

/// A text that shows itself in no log.
#[derive(Clone)]
pub struct Secret(pub zeroize::Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The settings of one run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database is.
    pub database_url: String,
    /// Where the key file lies.
    pub key_file: PathBuf,
    /// Address and port to listen on.
    pub listen: String,
    /// How the world reaches the installation.
    pub public_url: Option<String>,
    /// Earlier public addresses.
    pub former_urls: Vec<String>,
    /// The agency's emblem.
    pub emblem: Option<PathBuf>,
    /// The typeface for names that the built-in ones cannot set.
    pub font: Option<PathBuf>,
    /// Where print jobs put what they make.
    pub jobs: PathBuf,
    /// Where the passphrase of the key file lies.
    pub passphrase_file: Option<PathBuf>,
    /// The passphrase of the key file.
    pub passphrase: Option<Secret>,
    /// Where backups go and are looked for.
    pub backups: PathBuf,
    /// Hours from one backup to the next that the server makes by itself.
    pub backup_hours: Option<u16>,
    /// How many of them are kept.
    pub backup_keep: u16,
    /// Where the plain text of a sealed backup lies while it is made or opened.
    pub backup_scratch: PathBuf,
    /// Whether administrators, issuers and finance must set up one-time codes before they work.
    pub require_totp: bool,
    /// The addresses of our own proxies.
    pub trusted_proxies: Vec<IpAddr>,
    /// How many years personal data are kept after the last round of a household closed.
    pub retention_years: Option<u16>,
    /// Where the facts lie that no restore of the database touches.
    pub facts: PathBuf,
    /// The newest head of the log that was signed here, outside the database.
    pub log_guard: PathBuf,
    /// The witnesses of the log, each an address and a key with a space between.
    pub witnesses: Vec<String>,
}

/// Settings that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} {named:?}")]
pub struct Unusable {
    /// The id of the sentence that says which and why.
    pub key: &'static str,
    /// What the sentence names.
    pub named: Vec<(&'static str, String)>,
    /// What that is.
    pub blame: Blame,
}

/// Why settings cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// They were written wrongly.
    Usage,
    /// Something is there that is not overwritten.
    InTheWay,
    /// What they name is not as it must be.
    Broken,
}

/// Written wrongly.
fn mistaken(key: &'static str, named: Vec<(&'static str, String)>) -> Unusable {
    Unusable { key, named, blame: Blame::Usage }
}

/// Written well, and not so in the world.
fn unable(key: &'static str, path: &Path, why: &dyn std::fmt::Display) -> Unusable {
    Unusable { key, named: vec![("path", path.display().to_string()), ("why", why.to_string())], blame: Blame::Broken }
}

/// The name of the database in the installation's folder.
const DATABASE: &str = "salur.db";
/// The name of the key file in it.
const KEY_FILE: &str = "salur.key";
/// The name of the passphrase among systemd's credentials.
const PASSPHRASE: &str = "salur.passphrase";
/// The name of the folder for print jobs in it.
const JOBS: &str = "jobs";
/// The name of the folder for backups in it.
const BACKUPS: &str = "backups";
/// The name of the folder in which the plain text of one lies meanwhile.
const BACKUP_SCRATCH: &str = "backup.scratch";
/// How many backups are kept unless told.
const BACKUPS_KEPT: u16 = 30;
/// The name of the folder for the facts outside the database.
const FACTS: &str = "facts";
/// The name of the guard file of the log in it.
const LOG_GUARD: &str = "log.guard";
/// The name of the settings in it.
const SETTINGS: &str = "salur.toml";

impl Config {
    /// Gathers the settings. What was given by flag or environment goes before the file.
    pub fn gather(dir: &Path, given: File) -> Result<Self, Unusable> {
        let path = dir.join(SETTINGS);
        let file = match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text)
                .map_err(|fault| Unusable { blame: Blame::Usage, ..unable("cli-settings", &path, &fault) })?,
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => File::default(),
            Err(fault) => return Err(unable("cli-unreadable", &path, &fault)),
        };
        let public_url = given.public_url.or(file.public_url);
        let former_urls = given.former_urls.or(file.former_urls).unwrap_or_default();
        for url in public_url.iter().chain(&former_urls) {
            host_of(url)?;
        }
        // What systemd hands over is taken where nothing else was said.
        let credentials = given.credentials.clone();
        let credential = |name: &str| credentials.as_ref().map(|folder| folder.join(name)).filter(|at| at.exists());
        Ok(Self {
            database_url: given
                .database_url
                .or(file.database_url)
                .unwrap_or_else(|| format!("sqlite://{}", dir.join(DATABASE).display())),
            key_file: given.key_file.or(file.key_file).or(credential(KEY_FILE)).unwrap_or_else(|| dir.join(KEY_FILE)),
            passphrase_file: given.passphrase_file.or(file.passphrase_file).or(credential(PASSPHRASE)),
            passphrase: given.passphrase,
            listen: given.listen.or(file.listen).unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            public_url,
            former_urls,
            // What a person writes into the settings is looked for beside them.
            emblem: given.emblem.or(file.emblem.map(|path| dir.join(path))),
            font: given.font.or(file.font.map(|path| dir.join(path))),
            jobs: dir.join(JOBS),
            backups: given
                .backup_dir
                .or(file.backup_dir.map(|path| dir.join(path)))
                .unwrap_or_else(|| dir.join(BACKUPS)),
            backup_hours: given.backup_hours.or(file.backup_hours).filter(|hours| *hours > 0),
            backup_keep: given.backup_keep.or(file.backup_keep).unwrap_or(BACKUPS_KEPT).max(1),
            backup_scratch: dir.join(BACKUP_SCRATCH),
            require_totp: given.require_totp.or(file.require_totp).unwrap_or(false),
            retention_years: match given.retention_years.or(file.retention_years) {
                Some(0) => return Err(mistaken("cli-retention-years", Vec::new())),
                years => years,
            },
            trusted_proxies: given.trusted_proxies.or(file.trusted_proxies).unwrap_or_default(),
            facts: given.facts_dir.or(file.facts_dir.map(|path| dir.join(path))).unwrap_or_else(|| dir.join(FACTS)),
            log_guard: given
                .log_guard
                .or(file.log_guard.map(|path| dir.join(path)))
                .unwrap_or_else(|| dir.join(LOG_GUARD)),
            witnesses: if given.witnesses.is_empty() { file.witnesses } else { given.witnesses },
        })
    }

    /// The host in the text of a QR.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        self.public_url.as_deref().and_then(|url| host_of(url).ok())
    }

    /// The hosts in the texts of QRs that were printed earlier.
    #[must_use]
    pub fn former_hosts(&self) -> Vec<String> {
        self.former_urls.iter().filter_map(|url| host_of(url).ok()).collect()
    }

    /// Whether the world reaches the installation over HTTPS.
    #[must_use]
    pub fn https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Reads the key file.
    pub fn read_key(&self) -> Result<MasterKey, Unusable> {
        let path = &self.key_file;
        let text = fs::read_to_string(path).map_err(|fault| unable("cli-no-key-file", path, &fault))?;
        let wrong = |fault: KeyFileFault| unable(key_file_sentence(fault), path, &fault);
        if !MasterKey::wants_passphrase(&text) {
            return MasterKey::from_file(&text).map_err(wrong);
        }
        let passphrase = self.read_passphrase()?.ok_or_else(|| wrong(KeyFileFault::NoPassphrase))?;
        MasterKey::from_sealed_file(&text, &passphrase.0).map_err(wrong)
    }

    fn read_passphrase(&self) -> Result<Option<Secret>, Unusable> {
        let Some(path) = &self.passphrase_file else { return Ok(self.passphrase.clone()) };
        let text = fs::read_to_string(path).map_err(|fault| unable("cli-unreadable", path, &fault))?;
        Ok(Some(Secret(text.into())))
    }

    /// Reads a file that the settings name, such as the emblem; `None` when they name none.
    pub fn read_named(path: Option<&Path>) -> Result<Option<Vec<u8>>, Unusable> {
        let Some(path) = path else { return Ok(None) };
        let failed = |fault: std::io::Error| match fault.kind() {
            std::io::ErrorKind::NotFound => mistaken("cli-no-file", vec![("path", path.display().to_string())]),
            _ => unable("cli-unreadable", path, &fault),
        };
        fs::read(path).map(Some).map_err(failed)
    }

    /// Writes a new key file that only its owner may read; never over an old one.
    pub fn write_key(&self, key: &MasterKey) -> Result<(), Unusable> {
        let failed = |fault: std::io::Error| match fault.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Unusable { blame: Blame::InTheWay, ..unable("cli-key-file-there", &self.key_file, &fault) }
            }
            _ => unable("cli-unwritable", &self.key_file, &fault),
        };
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.key_file).map_err(failed)?;
        file.write_all(key.to_file().as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)
    }
}

/// The sentence about a key file that is there.
const fn key_file_sentence(fault: KeyFileFault) -> &'static str {
    match fault {
        KeyFileFault::NoPassphrase => "cli-key-file-passphrase",
        KeyFileFault::WrongPassphrase => "cli-key-file-wrong-passphrase",
        KeyFileFault::ShortPassphrase => "cli-passphrase-short",
        _ => "cli-key-file-damaged",
    }
}

/// The host of a public address: at most 30 characters, so that the QR stays small.
fn host_of(url: &str) -> Result<String, Unusable> {
    let wrong = |key| mistaken(key, vec![("url", url.to_owned())]);
    let rest =
        url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or_else(|| wrong("cli-url-scheme"))?;
    let host = rest.trim_end_matches('/');
    let fits = host.chars().all(|sign| sign.is_ascii_alphanumeric() || ".-:".contains(sign));
    if host.is_empty() || !fits {
        return Err(wrong("cli-url-host"));
    }
    if host.len() > 30 {
        return Err(wrong("cli-url-long"));
    }
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SETTINGS), "listen = \"0.0.0.0:9\"\npublic_url = \"https://a.id\"\n").unwrap();
        let config =
            Config::gather(folder.path(), File { listen: Some("1.2.3.4:5".into()), ..File::default() }).unwrap();
        assert_eq!(config.listen, "1.2.3.4:5");
        assert_eq!((config.host().as_deref(), config.https()), (Some("a.id"), true));
        assert!(config.database_url.ends_with("/salur.db"));
    }

    #[test]
    fn settings_that_cannot_be_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SETTINGS), "lsten = \"x\"\n").unwrap();
        assert!(Config::gather(folder.path(), File::default()).unwrap_err().to_string().contains("salur.toml"));
        for url in ["salur.id", "https://", "https://a.id/x", "https://a-very-long-host-name.example.go.id"] {
            assert!(host_of(url).is_err(), "{url}");
        }
    }

    #[test]
    fn former_addresses_are_hosts_as_the_present_one_is() {
        let folder = tempfile::tempdir().unwrap();
        let text = "former_urls = [\"https://lama.id\", \"https://tua.id/\"]\n";
        fs::write(folder.path().join(SETTINGS), text).unwrap();
        let config = Config::gather(folder.path(), File::default()).unwrap();
        assert_eq!((config.host(), config.former_hosts()), (None, vec!["lama.id".to_owned(), "tua.id".to_owned()]));
        let given = File { former_urls: Some(vec!["lama.id".into()]), ..File::default() };
        assert!(Config::gather(folder.path(), given).unwrap_err().blame == Blame::Usage);
    }

    #[test]
    fn a_key_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::gather(folder.path(), File::default()).unwrap();
        let key = MasterKey::from_random([7; 32]);
        config.write_key(&key).unwrap();
        assert!(config.write_key(&key).is_err());
        assert!(config.read_key().is_ok());
    }
}
