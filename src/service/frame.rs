//! What never changes once it is there, remembered so that it is not read for every handout: a version of a package,
//! the key of a desk. What may change (a pause, a window, who stands where) is never remembered.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Error, Refusal};
use crate::domain::id::{DeviceId, PackageId};
use crate::domain::package::Package;
use crate::store::devices::Device;
use crate::store::{self, Conn};
use crate::token::SigningKey;
use crate::vault::Vault;

/// How many of a kind are remembered. All are forgotten beyond that: it costs reading them again.
const REMEMBERED_MAX: usize = 4_096;

type Shelf<K, V> = RwLock<HashMap<K, Arc<V>>>;

/// See the head of the file.
#[derive(Default)]
pub(super) struct Frame {
    packages: Shelf<PackageId, Package>,
    desk_keys: Shelf<(DeviceId, [u8; 32]), SigningKey>,
}

fn remember<K: Eq + Hash, V>(
    shelf: &Shelf<K, V>,
    key: K,
    read: impl FnOnce() -> Result<V, Error>,
) -> Result<Arc<V>, Error> {
    if let Some(known) = shelf.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(Arc::clone(known));
    }
    let value = Arc::new(read()?);
    let mut shelf = shelf.write().unwrap_or_else(PoisonError::into_inner);
    if shelf.len() >= REMEMBERED_MAX {
        shelf.clear();
    }
    shelf.insert(key, Arc::clone(&value));
    Ok(value)
}

impl Frame {
    /// A version of a package: another content is another version.
    pub(super) fn package(&self, conn: &mut Conn, id: PackageId) -> Result<Arc<Package>, Error> {
        remember(&self.packages, id, || {
            store::packages::find(conn, id)?.ok_or_else(|| Refusal::NotFound("package").into())
        })
    }

    /// The key with which a desk signs, opened; it must be the one whose public half everybody knows.
    pub(super) fn desk_key(&self, vault: &Vault, desk: &Device) -> Result<Arc<SigningKey>, Error> {
        remember(&self.desk_keys, (desk.id, desk.public_key), || {
            let sealed = desk.key.as_ref().ok_or(Refusal::NoDevice)?;
            let key = SigningKey::from_seed(&*vault.open_key(desk.kid, sealed)?);
            if key.verifying_key().to_bytes() == desk.public_key {
                Ok(key)
            } else {
                Err(Error::Broken("the key of a desk does not fit its public half".into()))
            }
        })
    }
}
