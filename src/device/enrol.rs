//! How a device comes to be: a key of its own, a one-time code, and what the server answers to both.
//!
//! The key is durable before the server hears of it. So when the answer is lost, or the power goes, the same
//! code with the same key leads to the same device again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use super::identity::{self, IDENTITY, Identity, Lock, Place, Secret, encode};
use super::journal::File;
use super::line::{Body, Line};
use super::{Device, Fault};
use crate::clock::{Clock, Entropy};
use crate::domain::id::{DeviceId, Identifier};
use crate::domain::lease::brake::Brake;
use crate::domain::lease::device::Core;
use crate::domain::lease::message::Head;
use crate::domain::sealed::{Field, Sealed};
use crate::domain::time::{Timestamp, Zone};
use crate::token::SigningKey;

/// What a person says when a device is enrolled.
#[derive(Debug)]
pub struct Enrolment<'a> {
    /// Where the server is.
    pub server: &'a str,
    /// The one-time code, typed or scanned.
    pub code: &'a str,
    /// What locks its key.
    pub secret: &'a Secret,
}

/// A key that the server may have heard of.
#[derive(Debug, Serialize, Deserialize)]
struct Begun {
    code: String,
    lock: Lock,
    kid: String,
    sealed_key: String,
}

#[derive(Debug, Deserialize)]
struct Key {
    x: String,
}

#[derive(Debug, Deserialize)]
struct Keys {
    issuer: Vec<Key>,
    server: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Agency {
    name: String,
    zone: Zone,
}

#[derive(Debug, Deserialize)]
struct Limits {
    packages: Option<u32>,
    hours: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Cover {
    size: u64,
    root: String,
}

#[derive(Debug, Deserialize)]
struct Enrolled {
    device: DeviceId,
    number: i64,
    name: String,
    token: String,
    agency: Agency,
    point: Place,
    epoch: u32,
    server_time: String,
    brake: Limits,
    cover: Cover,
    keys: Keys,
    hosts: Vec<String>,
}

/// The code that is in a scanned text, or was typed: upper case, without dashes and blanks.
fn bare(code: &str) -> String {
    let code = code.rsplit_once("enrol=").map_or(code, |(_, code)| code);
    code.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').collect::<String>().to_ascii_uppercase()
}

fn begun_path(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".enrolling");
    path.into()
}

/// Enrols a device in this file.
pub fn enrol(
    path: &Path,
    new: &Enrolment<'_>,
    line: &dyn Line,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Device, Fault> {
    match File::open(path) {
        Ok(_) => return Err(Fault::Exists),
        Err(Fault::NotEnrolled) => {}
        Err(fault) => return Err(fault),
    }
    let code = bare(new.code);
    let (begun, key) = begin(path, &code, new.secret, &*entropy)?;
    let public = encode(&key.verifying_key().to_bytes());
    let proof = key.sign_message(format!("salur-enrolment-1\n{code}\n{public}").as_bytes());
    let call = json!({ "code": code, "public_key": public, "tier": "software", "proof": encode(&proof) });
    let said = line.call(None, "/devices/enrol", Body::Json(call))?.well()?;
    let said: Enrolled = serde_json::from_value(said)
        .map_err(|fault| Fault::Unbelievable(format!("the answer to the code: {fault}")))?;
    let file = settle(path, new, begun, said, &*entropy)?;
    // The key is in the device's own file now.
    std::fs::remove_file(begun_path(path)).map_err(|fault| Fault::Storage(fault.to_string()))?;
    Device::of(file, new.secret, clock, entropy)
}

/// The key of an enrolment that was begun before, or a new one, on disk.
fn begin(path: &Path, code: &str, secret: &Secret, entropy: &dyn Entropy) -> Result<(Begun, SigningKey), Fault> {
    let begun_path = begun_path(path);
    if let Ok(text) = std::fs::read_to_string(&begun_path)
        && let Ok(begun) = serde_json::from_str::<Begun>(&text)
        && begun.code == code
    {
        let vault = begun.lock.open(secret)?;
        let kid: crate::token::KeyId = begun.kid.parse().map_err(|_| Fault::Damaged("the id of its key".into()))?;
        let sealed = Sealed::from_ciphertext(identity::decode(&begun.sealed_key)?);
        let seed = vault.open_key(kid.to_bytes(), &sealed).map_err(|fault| Fault::Locked(fault.to_string()))?;
        return Ok((begun, SigningKey::from_seed(&seed)));
    }
    let lock = match secret {
        Secret::KeyFile(_) => Lock::KeyFile,
        Secret::Passphrase(_) => Lock::Passphrase { salt: encode(&draw::<16>(entropy)?) },
    };
    let vault = lock.open(secret)?;
    let seed = Zeroizing::new(draw::<32>(entropy)?);
    let key = SigningKey::from_seed(&seed);
    let sealed =
        vault.seal_key(key.id().to_bytes(), draw(entropy)?, &seed).map_err(|fault| Fault::Locked(fault.to_string()))?;
    let begun =
        Begun { code: code.to_owned(), lock, kid: key.id().to_string(), sealed_key: encode(sealed.ciphertext()) };
    let text = serde_json::to_string(&begun).map_err(|fault| Fault::Damaged(fault.to_string()))?;
    write_durably(&begun_path, text.as_bytes()).map_err(|fault| Fault::Storage(fault.to_string()))?;
    Ok((begun, key))
}

/// Keeps what the server answered.
fn settle(
    path: &Path,
    new: &Enrolment<'_>,
    begun: Begun,
    said: Enrolled,
    entropy: &dyn Entropy,
) -> Result<File, Fault> {
    let wrong = |what: &str| Fault::Unbelievable(format!("the answer to the code: {what}"));
    let vault = begun.lock.open(new.secret)?;
    let token = vault
        .seal(Field::DeviceToken, said.device.bytes(), draw(entropy)?, said.token.as_bytes())
        .map_err(|fault| Fault::Locked(fault.to_string()))?;
    let keys = |keys: Vec<Key>| keys.into_iter().map(|key| key.x).collect::<Vec<_>>();
    let identity = Identity {
        server: new.server.trim_end_matches('/').to_owned(),
        device: said.device,
        number: said.number,
        name: said.name,
        agency: said.agency.name,
        zone: said.agency.zone,
        point: said.point,
        kid: begun.kid,
        hosts: said.hosts,
        issuer_keys: keys(said.keys.issuer),
        server_keys: keys(said.keys.server),
        lock: begun.lock,
        sealed_key: begun.sealed_key,
        sealed_token: encode(token.ciphertext()),
    };
    // Nothing is kept that could not be used.
    identity::ring(&identity.issuer_keys).map_err(|fault| wrong(&fault.to_string()))?;
    if identity::ring(&identity.server_keys).map_err(|fault| wrong(&fault.to_string()))?.keys().count() == 0 {
        return Err(wrong("no key of the server"));
    }
    let at = Timestamp::parse(&said.server_time).map_err(|_| wrong("no time"))?;
    let brake = Brake { packages: said.brake.packages, hours: said.brake.hours };
    let root = identity::decode(&said.cover.root)?.try_into().map_err(|_| wrong("no log"))?;
    let core =
        Core { seen: Head { size: said.cover.size, root }, ..Core::enrolled(said.device, said.epoch, brake, at) };
    // What a power cut left of an earlier try was never a device.
    if path.exists() {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut part = path.as_os_str().to_owned();
            part.push(end);
            match std::fs::remove_file(&part) {
                Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Fault::Storage(fault.to_string()));
                }
                _ => {}
            }
        }
    }
    File::create(path, &core, &[(IDENTITY, &identity.text()?)])
}

fn draw<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    if entropy.fill(&mut bytes) {
        Ok(bytes)
    } else {
        Err(Fault::Storage("the system's source of randomness failed".into()))
    }
}

/// Writes a file that only its owner reads, in one piece and down to the disk.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}
