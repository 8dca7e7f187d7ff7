//! Where an auditor reads a log: a folder, or an installation over HTTP.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::time::Duration;

use crate::transparency::tile::{FULL, Tile};

/// The longest thing that is read in one piece over the network: a full bundle of the longest entries.
const BYTES_MAX: u64 = 32 << 20;

/// A log to be read.
#[derive(Debug, Clone)]
pub enum Source {
    /// A folder, as `audit export` writes it.
    Folder(PathBuf),
    /// An installation's address.
    Url(String, ureq::Agent),
}

impl Source {
    /// A folder, or an address when it begins as one.
    #[must_use]
    pub fn of(place: &str) -> Self {
        if place.starts_with("https://") || place.starts_with("http://") {
            let agent = crate::wire::caller().timeout_global(Some(Duration::from_secs(60))).build();
            return Self::Url(place.trim_end_matches('/').to_owned(), agent.into());
        }
        Self::Folder(PathBuf::from(place))
    }

    /// What has this name in the log; nothing when there is no such thing.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match self {
            Self::Folder(folder) => match fs::read(folder.join(name)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(fault) => Err(format!("{}: {fault}", folder.join(name).display())),
            },
            Self::Url(base, agent) => {
                let url = format!("{base}/api/v1/log/{name}");
                let mut answer = agent.get(&url).call().map_err(|fault| format!("{url}: {fault}"))?;
                match answer.status().as_u16() {
                    200 => {
                        let body = answer.body_mut().with_config().limit(BYTES_MAX).read_to_vec();
                        body.map(Some).map_err(|fault| format!("{url}: {fault}"))
                    }
                    404 => Ok(None),
                    status => Err(format!("{url} answers {status}")),
                }
            }
        }
    }

    /// A tile; where its partial form was taken away because it has grown, the beginning of the whole one.
    pub(super) fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, String> {
        let found = self.read(&tile.to_string())?;
        if found.is_some() || tile.width == FULL {
            return Ok(found);
        }
        let whole = self.read(&Tile { width: FULL, ..tile }.to_string())?;
        Ok(whole.and_then(|bytes| tile.beginning_of(&bytes)))
    }

    /// The same, as text.
    pub fn text(&self, name: &str) -> Result<Option<String>, String> {
        let bytes = self.read(name)?;
        bytes.map(|bytes| String::from_utf8(bytes).map_err(|_| format!("{name} is no text"))).transpose()
    }

    /// The lines of a file that is only in a folder, and may be long.
    pub(super) fn lines(&self, name: &str) -> Result<Option<impl Iterator<Item = io::Result<String>> + use<>>, String> {
        match self {
            Self::Folder(folder) => match fs::File::open(folder.join(name)) {
                Ok(file) => Ok(Some(BufReader::with_capacity(1 << 16, file).lines())),
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(fault) => Err(format!("{}: {fault}", folder.join(name).display())),
            },
            Self::Url(..) => Ok(None),
        }
    }
}
