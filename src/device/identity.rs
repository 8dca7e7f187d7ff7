//! Who the device is, whom it believes, and how its key is locked away.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Fault;
use super::journal::{self, File, Transaction};
use crate::domain::id::{DeviceId, Identifier, PointId, UserId};
use crate::domain::sealed::{Field, Sealed};
use crate::token::{KeyId, KeyRing, SigningKey, VerifyingKey};
use crate::vault::{MasterKey, Vault};

/// What opens the device's key.
pub enum Secret {
    /// The text of a key file.
    KeyFile(Zeroizing<String>),
    /// What a person types.
    Passphrase(Zeroizing<String>),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How the device's key is locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Lock {
    /// By a key file beside it.
    KeyFile,
    /// By a passphrase, stretched with Argon2id over this salt.
    Passphrase {
        /// Base64url.
        salt: String,
    },
}

impl Lock {
    /// The vault that this secret opens.
    pub fn open(&self, secret: &Secret) -> Result<Vault, Fault> {
        let locked = |why: &dyn std::fmt::Display| Fault::Locked(why.to_string());
        let master = match (self, secret) {
            (Self::KeyFile, Secret::KeyFile(text)) => MasterKey::from_file(text).map_err(|fault| locked(&fault))?,
            (Self::Passphrase { salt }, Secret::Passphrase(text)) => {
                let salt = decode(salt)?;
                MasterKey::from_random(*stretch(text.as_bytes(), &salt)?)
            }
            (Self::KeyFile, Secret::Passphrase(_)) => return Err(locked(&"a key file is needed, not a passphrase")),
            (Self::Passphrase { .. }, Secret::KeyFile(_)) => {
                return Err(locked(&"its passphrase is needed: SALUR_DEVICE_PASSPHRASE"));
            }
        };
        Vault::new(&master).map_err(|fault| locked(&fault))
    }
}

/// 32 bytes from what a person types: 19 MiB, two passes.
pub(super) fn stretch(secret: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let broken = |fault: argon2::Error| Fault::Locked(fault.to_string());
    let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(broken)?;
    let mut key = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(secret, salt, &mut *key).map_err(broken)?;
    Ok(key)
}

/// Where the device belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The point.
    pub id: PointId,
    /// Its number, as on the vouchers.
    pub number: u32,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Who the device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Where its server is: `https://salur.example.go.id`.
    pub server: String,
    /// Its id.
    pub device: DeviceId,
    /// Its number in the agency.
    pub number: i64,
    /// What people call it.
    pub name: String,
    /// The agency's name.
    pub agency: String,
    /// The agency's time zone.
    pub zone: crate::domain::time::Zone,
    /// Where it belongs.
    pub point: Place,
    /// The id of its key.
    pub kid: String,
    /// The names under which the installation prints.
    pub hosts: Vec<String>,
    /// Who signs vouchers: public keys, base64url.
    pub issuer_keys: Vec<String>,
    /// Who signs bundles and replies: public keys, base64url.
    pub server_keys: Vec<String>,
    /// How its key is locked.
    pub lock: Lock,
    /// Its private key, sealed.
    pub sealed_key: String,
    /// Its token, sealed.
    pub sealed_token: String,
}

/// Somebody who may work at the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// What they sign in with.
    pub username: String,
}

/// The name of the paper on which the identity stands.
pub(super) const IDENTITY: &str = "identity";
const OPERATOR: &str = "operator";

pub(super) fn decode(text: &str) -> Result<Vec<u8>, Fault> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|fault| Fault::Damaged(format!("base64url: {fault}")))
}

pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// A ring of public keys in base64url.
pub(super) fn ring(keys: &[String]) -> Result<KeyRing, Fault> {
    let mut ring = KeyRing::new();
    for key in keys {
        let bytes: [u8; 32] = decode(key)?.try_into().map_err(|_| Fault::Damaged("a key of another length".into()))?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|fault| Fault::Damaged(fault.to_string()))?;
        ring.add(key).map_err(|fault| Fault::Damaged(fault.to_string()))?;
    }
    Ok(ring)
}

impl Identity {
    pub(super) fn load(file: &mut File) -> Result<Self, Fault> {
        let text = journal::paper(file.read(), IDENTITY)?.ok_or_else(|| Fault::Damaged("it has no identity".into()))?;
        serde_json::from_str(&text).map_err(|fault| Fault::Damaged(fault.to_string()))
    }

    pub(super) fn text(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|fault| Fault::Damaged(fault.to_string()))
    }

    pub(super) fn open_key(&self, vault: &Vault) -> Result<SigningKey, Fault> {
        let kid: KeyId = self.kid.parse().map_err(|_| Fault::Damaged("the id of its key".into()))?;
        let sealed = Sealed::from_ciphertext(decode(&self.sealed_key)?);
        let seed = vault.open_key(kid.to_bytes(), &sealed).map_err(|fault| Fault::Locked(fault.to_string()))?;
        Ok(SigningKey::from_seed(&seed))
    }

    pub(super) fn open_token(&self, vault: &Vault) -> Result<Zeroizing<String>, Fault> {
        let sealed = Sealed::from_ciphertext(decode(&self.sealed_token)?);
        let plain = vault.open(Field::DeviceToken, self.device.bytes(), &sealed);
        let plain = plain.map_err(|fault| Fault::Locked(fault.to_string()))?;
        Ok(Zeroizing::new(String::from_utf8_lossy(&plain).into_owned()))
    }
}

/// Who stands at the device.
pub(super) fn current_operator(conn: &mut Transaction) -> Result<Option<Operator>, Fault> {
    let Some(text) = journal::paper(conn, OPERATOR)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|fault| Fault::Damaged(fault.to_string()))
}

/// Somebody begins to work at the device.
pub(super) fn set_operator(tx: &mut Transaction, operator: &Operator) -> Result<(), Fault> {
    let text = serde_json::to_string(operator).map_err(|fault| Fault::Damaged(fault.to_string()))?;
    journal::set_paper(tx, OPERATOR, &text)
}
