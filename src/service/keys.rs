//! Issuer keys: one a round, made when the round is first issued, sealed at rest, published as a key set.

use std::sync::{Arc, PoisonError};

use super::actor::Who;
use super::{Error, Office};
use crate::domain::audit::Event;
use crate::domain::id::RoundId;
use crate::store::keys::Key;
use crate::store::{self, Conn, Write};
use crate::token::fact::Outside;
use crate::token::{Jwks, KeyId, KeyRing, Purpose, SigningKey, VerifyingKey};

impl Office {
    /// The key set for whoever wants to check vouchers and receipts: issuer and device keys, also those
    /// that have stopped signing, since what they signed stays good.
    pub fn key_set(&self) -> Result<Jwks, Error> {
        let ring = self.pool.read(|conn| -> Result<_, Error> {
            let mut ring = Vec::new();
            // A key in other hands is published no more: what it signs is nobody's word.
            for key in store::keys::all(conn)?.iter().filter(|key| key.compromised_since.is_none()) {
                ring.push(public(key)?);
            }
            Ok(ring)
        })?;
        Ok(Jwks::of(&ring))
    }

    /// The key that signs a round's vouchers, made on first use.
    pub(super) fn issuer_key(&self, tx: &mut Write<'_>, who: Who, round: RoundId) -> Result<SigningKey, Error> {
        if let Some(key) = self.find_issuer_key(tx, round)? {
            return Ok(key);
        }
        self.new_issuer_key(tx, who, round)
    }

    /// A new key for a round's vouchers; the one before has been retired.
    pub(super) fn new_issuer_key(&self, tx: &mut Write<'_>, who: Who, round: RoundId) -> Result<SigningKey, Error> {
        let key = self.new_key(tx, Purpose::Issuer, Some(round))?;
        self.record(tx, who, Event::KeyCreated, key.id(), Purpose::Issuer.as_str())?;
        Ok(key)
    }

    /// Makes a key, keeps it sealed and puts it on the log.
    pub(super) fn new_key(
        &self,
        tx: &mut Write<'_>,
        purpose: Purpose,
        round: Option<RoundId>,
    ) -> Result<SigningKey, Error> {
        let taken: Vec<[u8; 4]> = store::keys::all(tx)?.into_iter().map(|key| key.kid).collect();
        loop {
            let seed = zeroize::Zeroizing::new(self.draw::<32>()?);
            let key = SigningKey::from_seed(&seed);
            let kid = key.id().to_bytes();
            // Four bytes name a key; the rare one whose name is taken is drawn again.
            if taken.contains(&kid) {
                continue;
            }
            let kept = Key {
                kid,
                purpose: purpose.as_str().to_owned(),
                round,
                public_key: key.verifying_key().to_bytes(),
                private_key: self.vault.seal_key(kid, self.draw()?, &seed)?,
                retired_at: None,
                compromised_since: None,
                created_at: self.now(),
            };
            store::keys::insert(tx, &kept)?;
            let leaf = super::log::key_leaf(self.now(), kept.public_key, purpose.as_str(), round);
            super::log::append(tx, &leaf)?;
            return Ok(key);
        }
    }

    /// The key that signs a round's vouchers, if the round was issued.
    pub(super) fn find_issuer_key(&self, conn: &mut Conn, round: RoundId) -> Result<Option<SigningKey>, Error> {
        let Some(key) = store::keys::issuer_of(conn, round)? else { return Ok(None) };
        let seed = self.vault.open_key(key.kid, &key.private_key)?;
        Ok(Some(SigningKey::from_seed(&seed)))
    }

    /// The key that signs grants and replies, made on first use.
    pub(super) fn server_key(&self) -> Result<SigningKey, Error> {
        if let Some(key) = self.pool.read(store::keys::server)? {
            return Ok(SigningKey::from_seed(&*self.vault.open_key(key.kid, &key.private_key)?));
        }
        let made = self.pool.write("server_key", |tx| {
            if let Some(key) = store::keys::server(tx)? {
                return Ok(SigningKey::from_seed(&*self.vault.open_key(key.kid, &key.private_key)?));
            }
            let seed = zeroize::Zeroizing::new(self.draw::<32>()?);
            let key = SigningKey::from_seed(&seed);
            let kid = key.id().to_bytes();
            let sealed = self.vault.seal_key(kid, self.draw()?, &seed)?;
            let now = self.now();
            let kept = Key {
                kid,
                purpose: Purpose::Server.as_str().to_owned(),
                round: None,
                public_key: key.verifying_key().to_bytes(),
                private_key: sealed.clone(),
                retired_at: None,
                compromised_since: None,
                created_at: now,
            };
            store::keys::insert(tx, &kept)?;
            super::log::append(tx, &super::log::key_leaf(now, kept.public_key, Purpose::Server.as_str(), None))?;
            self.record(tx, (None, None), Event::KeyCreated, key.id(), Purpose::Server.as_str())?;
            self.owe(tx, &Outside::ServerKey(kept.public_key, sealed.ciphertext().to_vec(), now))?;
            Ok::<_, Error>(key)
        })?;
        self.close_gap()?;
        Ok(made)
    }

    /// The public keys of this purpose, also those that have stopped signing.
    pub(super) fn public_keys(&self, purpose: Purpose) -> Result<Vec<VerifyingKey>, Error> {
        let keys = self.pool.read(store::keys::all)?;
        keys.iter().filter(|key| key.purpose == purpose.as_str()).map(public).collect()
    }

    /// Reads the public issuer keys anew: at the start, and when a voucher names one that is not known.
    pub(super) fn reload_issuers(&self) -> Result<(), Error> {
        let mut ring = KeyRing::new();
        for key in self.pool.read(store::keys::all)? {
            if key.purpose == Purpose::Issuer.as_str() && key.compromised_since.is_none() {
                ring.add(public(&key)?).map_err(|fault| Error::Broken(fault.to_string()))?;
            }
        }
        *self.issuers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    pub(super) fn issuers(&self) -> Arc<KeyRing> {
        Arc::clone(&self.issuers.read().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn public(key: &Key) -> Result<VerifyingKey, Error> {
    let verifying = VerifyingKey::from_bytes(&key.public_key).map_err(|fault| Error::Broken(fault.to_string()))?;
    if verifying.id() == KeyId::from_bytes(key.kid) {
        Ok(verifying)
    } else {
        Err(Error::Broken("a key in the database does not fit its id".into()))
    }
}
