//! Replacing keys: one person asks, another agrees. What an old key signed stays good, unless the key may be in
//! other hands: then nothing that it signed is, and the vouchers on paper are printed again.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::Serialize;

use super::entry::text;
use super::keys::public;
use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, KeyRequestId, RoundId};
use crate::domain::role::Action;
use crate::domain::time::{Timestamp, Zone};
use crate::store::key_requests::KeyRequest;
pub use crate::store::key_requests::KeyRequest as KeyRequestView;
use crate::store::keys::Key;
use crate::store::{self, Conn};
use crate::token::{Jwks, KeyId, KeyList, ListedKey, Purpose, sign_key_list};
use crate::transparency::Leaf;

/// A key as the office sees it.
#[derive(Debug, Clone)]
pub struct KeyView {
    /// Its id.
    pub kid: KeyId,
    /// What it signs.
    pub purpose: String,
    /// The round whose vouchers it signs.
    pub round: Option<RoundId>,
    /// What people compare by eye.
    pub fingerprint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stopped signing.
    pub retired_at: Option<Timestamp>,
    /// Since when it may be in other hands.
    pub compromised_since: Option<Timestamp>,
}

/// A voucher that has to be printed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reissue {
    /// Its entitlement.
    pub entitlement: EntitlementId,
    /// The code of its point.
    pub point: String,
    /// The newest print.
    pub print_no: i32,
    /// Its state.
    pub state: State,
}

/// The public keys of the installation with a version that grows with every change of them.
#[derive(Debug, Clone, Serialize)]
pub struct VersionedKeySet {
    /// How often the set has changed.
    pub version: i64,
    /// The SHA-256 of the keys' JSON, in hexadecimal: what paper and log can name.
    pub sha256: String,
    /// The keys.
    pub keys: Jwks,
    /// The list with purposes and ends, signed by the server's key.
    pub signed: String,
}

impl Office {
    /// The keys of the agency's rounds, oldest first.
    pub fn keys(&self, actor: &Actor) -> Result<Vec<KeyView>, Error> {
        actor.must(Action::RotateKeys)?;
        self.pool.read(|conn| {
            let mut found = Vec::new();
            for key in store::keys::all(conn)? {
                if owns(conn, actor, &key)? {
                    found.push(view(&key)?);
                }
            }
            Ok(found)
        })
    }

    /// Asks that a key be replaced; when it may be in other hands, since when.
    pub fn request_key(
        &self,
        actor: &Actor,
        kid: KeyId,
        compromised_since: Option<Timestamp>,
        reason: &str,
    ) -> Result<KeyRequestView, Error> {
        actor.must(Action::RotateKeys)?;
        let reason = text("reason", reason, 200)?;
        if compromised_since.is_some_and(|since| since > self.now()) {
            return Err(Refusal::Invalid { field: "compromised_since", why: "a time that has been".into() }.into());
        }
        self.pool.write("key_request", |tx| {
            owned_key(tx, actor, kid)?;
            let request = KeyRequest {
                id: self.new_id(KeyRequestId::by_time)?,
                agency: actor.agency,
                kid: kid.to_bytes(),
                compromised_since,
                reason: reason.clone(),
                requested_by: actor.user,
                requested_at: self.now(),
                approved_by: None,
            };
            store::key_requests::insert(tx, &request)?;
            let what = if compromised_since.is_some() { "compromised" } else { "rotation" };
            self.record(tx, actor.who(), Event::KeyRequested, kid, what)?;
            Ok(request)
        })
    }

    /// What has been asked, the newest first.
    pub fn key_requests(&self, actor: &Actor) -> Result<Vec<KeyRequestView>, Error> {
        actor.must(Action::RotateKeys)?;
        Ok(self.pool.read(|conn| store::key_requests::list(conn, actor.agency, super::PAGE_MAX))?)
    }

    /// Agrees to what another person asked: the key signs no more, and the round gets a new one.
    pub fn approve_key(&self, actor: &Actor, id: KeyRequestId) -> Result<KeyView, Error> {
        actor.must(Action::RotateKeys)?;
        let fresh = self.pool.write("key_rotate", |tx| {
            let request = store::key_requests::find(tx, id)?.ok_or(Refusal::NotFound("key_request"))?;
            actor.must_own(request.agency, "key_request")?;
            if request.approved_by.is_some() {
                return Err(Refusal::AlreadyDecided.into());
            }
            if request.requested_by == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            let kid = KeyId::from_bytes(request.kid);
            let key = owned_key(tx, actor, kid)?;
            let round = key.round.ok_or(Refusal::NotFound("key"))?;
            if !store::keys::retire(tx, request.kid, request.compromised_since, self.now())? {
                return Err(Refusal::AlreadyDecided.into());
            }
            // A key that had been replaced before needs no second successor.
            let fresh = match self.find_issuer_key(tx, round)? {
                Some(fresh) => fresh,
                None => self.new_issuer_key(tx, actor.who(), round)?,
            };
            if !store::key_requests::approve(tx, id, actor.user, fresh.id().to_bytes(), self.now())? {
                return Err(Refusal::AlreadyDecided.into());
            }
            let word = if request.compromised_since.is_some() { "compromised" } else { "retired" };
            let leaf = super::log::key_leaf(self.now(), key.public_key, word, Some(round));
            super::log::append(tx, &Leaf { actor: Some(actor.user), agency: Some(actor.agency), ..leaf })?;
            let event = if request.compromised_since.is_some() { Event::KeyCompromised } else { Event::KeyRotated };
            self.record(tx, actor.who(), event, kid, fresh.id().to_string())?;
            store::keys::find(tx, fresh.id().to_bytes())?.ok_or_else(|| Error::Broken("a new key is not there".into()))
        })?;
        self.reload_issuers()?;
        view(&fresh)
    }

    /// The vouchers that a compromised key has spoilt: those of its round that can still be redeemed. Printing
    /// them again is enough: the new paper bears the new key's signature, the old reads as foreign.
    pub fn to_reissue(
        &self,
        actor: &Actor,
        kid: KeyId,
        after: Option<EntitlementId>,
        limit: Option<i64>,
    ) -> Result<Vec<Reissue>, Error> {
        actor.must(Action::RotateKeys)?;
        self.pool.read(|conn| {
            let key = owned_key(conn, actor, kid)?;
            if key.compromised_since.is_none() {
                return Ok(Vec::new());
            }
            let round = key.round.ok_or(Refusal::NotFound("key"))?;
            let points = store::points::of_agency(conn, actor.agency)?;
            let live = store::entitlements::redeemable(conn, round, after, page(limit))?;
            Ok(live
                .into_iter()
                .map(|(entitlement, point, print_no, state)| Reissue {
                    entitlement,
                    point: points.iter().find(|one| one.id == point).map(|one| one.code.clone()).unwrap_or_default(),
                    print_no,
                    state,
                })
                .collect())
        })
    }

    /// The public keys with the version of their set. The version counts keys made, retired and compromised, so
    /// that two servers on one database always say the same.
    pub fn versioned_key_set(&self) -> Result<VersionedKeySet, Error> {
        // First, for it may be made only now.
        let signer = self.server_key()?;
        let all = self.pool.read(store::keys::all)?;
        let changes =
            all.iter().map(|key| 1 + i64::from(key.retired_at.is_some()) + i64::from(key.compromised_since.is_some()));
        let list = KeyList { version: changes.sum(), keys: all.iter().map(listed).collect::<Result<_, _>>()? };
        let signed =
            sign_key_list(&list, &signer).ok_or_else(|| Error::Broken("the list of keys is no JSON".into()))?;
        // A key in other hands is published in the list alone, where it says so.
        let believed = all.iter().filter(|key| key.compromised_since.is_none()).map(public);
        let (version, keys) = (list.version, Jwks::of(&believed.collect::<Result<Vec<_>, _>>()?));
        let json = serde_json::to_vec(&keys).map_err(|fault| Error::Broken(fault.to_string()))?;
        let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(&json).into();
        Ok(VersionedKeySet { version, sha256: HEXLOWER.encode(&digest), keys, signed })
    }

    /// The fingerprint of the key that signs the list of keys, to be written down and compared.
    pub fn list_fingerprint(&self, actor: &Actor) -> Result<String, Error> {
        actor.must(Action::RotateKeys)?;
        Ok(self.server_key()?.verifying_key().fingerprint())
    }
}

fn listed(key: &Key) -> Result<ListedKey, Error> {
    let purpose = Purpose::parse(&key.purpose).map_err(|fault| Error::Broken(fault.to_string()))?;
    let shown = |at: Timestamp| at.iso(Zone::default());
    let public = public(key)?;
    Ok(ListedKey {
        kid: KeyId::from_bytes(key.kid).to_string(),
        x: BASE64URL_NOPAD.encode(&public.to_bytes()),
        purpose,
        fingerprint: public.fingerprint(),
        valid_from: shown(key.created_at),
        retired: key.retired_at.map(shown),
        compromised_since: key.compromised_since.map(shown),
    })
}

fn view(key: &Key) -> Result<KeyView, Error> {
    Ok(KeyView {
        kid: KeyId::from_bytes(key.kid),
        purpose: key.purpose.clone(),
        round: key.round,
        fingerprint: public(key)?.fingerprint(),
        created_at: key.created_at,
        retired_at: key.retired_at,
        compromised_since: key.compromised_since,
    })
}

/// Whether a key signs for a round of the actor's agency.
fn owns(conn: &mut Conn, actor: &Actor, key: &Key) -> Result<bool, Error> {
    let Some(round) = key.round else { return Ok(false) };
    let Some(round) = store::rounds::find(conn, round)? else { return Ok(false) };
    let programme = store::programmes::find(conn, round.programme)?;
    Ok(programme.is_some_and(|programme| programme.agency == actor.agency))
}

fn owned_key(conn: &mut Conn, actor: &Actor, kid: KeyId) -> Result<Key, Error> {
    let key = store::keys::find(conn, kid.to_bytes())?.ok_or(Refusal::NotFound("key"))?;
    if owns(conn, actor, &key)? { Ok(key) } else { Err(Refusal::NotFound("key").into()) }
}
