//! Issuer keys: one a round, made when the round is first issued, sealed at rest, published as a key set.

use std::sync::PoisonError;

use super::{Error, Office};
use crate::domain::audit::Event;
use crate::domain::id::RoundId;
use crate::store::keys::Key;
use crate::store::{self, Conn, Write};
use crate::token::{Jwks, KeyId, KeyRing, Purpose, SigningKey, VerifyingKey};

impl Office {
    /// The key set for whoever wants to check vouchers and receipts: issuer and device keys, also those
    /// that have stopped signing, since what they signed stays good.
    pub fn key_set(&self) -> Result<Jwks, Error> {
        let ring = self.pool.read(|conn| -> Result<_, Error> {
            let mut ring = Vec::new();
            for key in store::keys::all(conn)? {
                ring.push(public(&key)?);
            }
            Ok(ring)
        })?;
        Ok(Jwks::of(&ring))
    }

    /// The key that signs a round's vouchers, made on first use.
    pub(super) fn issuer_key(
        &self,
        tx: &mut Write<'_>,
        who: (Option<crate::domain::id::AgencyId>, Option<crate::domain::id::UserId>),
        round: RoundId,
    ) -> Result<SigningKey, Error> {
        if let Some(key) = self.find_issuer_key(tx, round)? {
            return Ok(key);
        }
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
            };
            store::keys::insert(tx, &kept, self.now())?;
            let leaf = super::log::key_leaf(self.now(), kept.public_key, purpose.as_str());
            super::log::append(tx, &crate::transparency::Leaf { round, ..leaf })?;
            return Ok(key);
        }
    }

    /// The key that signs a round's vouchers, if the round was issued.
    pub(super) fn find_issuer_key(&self, conn: &mut Conn, round: RoundId) -> Result<Option<SigningKey>, Error> {
        let Some(key) = store::keys::issuer_of(conn, round)? else { return Ok(None) };
        let seed = self.vault.open_key(key.kid, &key.private_key)?;
        Ok(Some(SigningKey::from_seed(&seed)))
    }

    /// Reads the public issuer keys anew: at the start, and when a voucher names one that is not known.
    pub(super) fn reload_issuers(&self) -> Result<(), Error> {
        let mut ring = KeyRing::new();
        for key in self.pool.read(store::keys::all)? {
            if key.purpose == Purpose::Issuer.as_str() {
                ring.add(public(&key)?).map_err(|fault| Error::Broken(fault.to_string()))?;
            }
        }
        *self.issuers.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    pub(super) fn issuers(&self) -> KeyRing {
        self.issuers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn public(key: &Key) -> Result<VerifyingKey, Error> {
    let verifying = VerifyingKey::from_bytes(&key.public_key).map_err(|fault| Error::Broken(fault.to_string()))?;
    if verifying.id() == KeyId::from_bytes(key.kid) {
        Ok(verifying)
    } else {
        Err(Error::Broken("a key in the database does not fit its id".into()))
    }
}
