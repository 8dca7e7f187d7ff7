//! The list of an installation's public keys: what each may sign, since when, and until when it is to be believed. It
//! is signed by the server's key, as a JWS in its compact form (RFC 7515, EdDSA), so that any library can check it.
//!
//! The version grows with every change. The list has no date: two servers on one database give the same bytes.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::key::{Purpose, SigningKey, VerifyingKey};

/// The longest list that is looked at.
pub const KEY_LIST_CHARS_MAX: usize = 4 << 20;

/// What the header says that it is: no other thing that the server signs says so.
const TYPE: &str = "salur-keys+jws";

/// One key of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedKey {
    /// Its id.
    pub kid: String,
    /// The public key, base64url.
    pub x: String,
    /// What it may sign, and nothing else.
    pub purpose: Purpose,
    /// What people compare by eye.
    pub fingerprint: String,
    /// When it was made.
    pub valid_from: String,
    /// When it stopped signing; what it signed before stays good.
    pub retired: Option<String>,
    /// Since when it may be in other hands: nothing that it signed is good any more.
    pub compromised_since: Option<String>,
}

impl ListedKey {
    /// The key itself, when id and fingerprint are its own.
    #[must_use]
    pub fn key(&self) -> Option<VerifyingKey> {
        let bytes: [u8; 32] = BASE64URL_NOPAD.decode(self.x.as_bytes()).ok()?.try_into().ok()?;
        let key = VerifyingKey::from_bytes(&bytes).ok()?;
        (key.id().to_string() == self.kid && key.fingerprint() == self.fingerprint).then_some(key)
    }
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyList {
    /// How often it has changed.
    pub version: i64,
    /// The keys, oldest first.
    pub keys: Vec<ListedKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// Why a list is not believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListFault {
    /// Not three parts of base64url with the JSON that belongs there.
    #[error("not a signed list of keys")]
    NotAList,
    /// Another algorithm or another kind of thing.
    #[error("signed, but not a list of keys under Ed25519")]
    OtherKind,
    /// A key whose id or fingerprint is not its own, or that is there twice.
    #[error("the key {0} of the list is not in order")]
    Key(String),
    /// The key that signs is not in it as a server's key, or it is in other hands.
    #[error("the key {0} that signs the list may not sign it")]
    Signer(String),
    /// The signature.
    #[error("the signature of the list does not hold: it was changed")]
    Forged,
    /// Compared with an earlier list: the version fell, or one version has two contents.
    #[error("the version went from {0} to {1}: an older list, or another under the same number")]
    Version(i64, i64),
    /// Compared with an earlier list: what stood there is gone or different.
    #[error("the key {0} of the earlier list is gone, or something that was said of it")]
    Rewritten(String),
}

/// Signs a list.
#[must_use]
pub fn sign_key_list(list: &KeyList, key: &SigningKey) -> Option<String> {
    let header = Header { alg: "EdDSA".into(), typ: TYPE.into(), kid: key.id().to_string() };
    let part = |json: Vec<u8>| BASE64URL_NOPAD.encode(&json);
    let signed = format!("{}.{}", part(serde_json::to_vec(&header).ok()?), part(serde_json::to_vec(list).ok()?));
    let signature = BASE64URL_NOPAD.encode(&key.sign_message(signed.as_bytes()));
    Some(format!("{signed}.{signature}"))
}

/// Reads a list and checks it; says which key signed it. Whether that key is the installation's, only its fingerprint
/// on paper can say.
pub fn read_key_list(text: &str) -> Result<(KeyList, VerifyingKey), ListFault> {
    let text = text.trim();
    let (signed, signature) = text.rsplit_once('.').ok_or(ListFault::NotAList)?;
    let (header, payload) = signed.split_once('.').ok_or(ListFault::NotAList)?;
    if text.len() > KEY_LIST_CHARS_MAX {
        return Err(ListFault::NotAList);
    }
    let part = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| ListFault::NotAList);
    let header: Header = serde_json::from_slice(&part(header)?).map_err(|_| ListFault::NotAList)?;
    if (header.alg.as_str(), header.typ.as_str()) != ("EdDSA", TYPE) {
        return Err(ListFault::OtherKind);
    }
    let list: KeyList = serde_json::from_slice(&part(payload)?).map_err(|_| ListFault::NotAList)?;
    let mut ids = std::collections::BTreeSet::new();
    for one in &list.keys {
        if one.key().is_none() || !ids.insert(&one.kid) {
            return Err(ListFault::Key(one.kid.clone()));
        }
    }
    let may =
        |one: &&ListedKey| one.kid == header.kid && one.purpose == Purpose::Server && one.compromised_since.is_none();
    let signer = list.keys.iter().find(may).and_then(ListedKey::key);
    let signer = signer.ok_or_else(|| ListFault::Signer(header.kid.clone()))?;
    if !signer.verifies(signed.as_bytes(), &part(signature)?) {
        return Err(ListFault::Forged);
    }
    Ok((list, signer))
}

/// Whether a list can have come after an earlier one: no key is gone, and what was said of one is not taken back.
pub fn follows(earlier: &KeyList, later: &KeyList) -> Result<(), ListFault> {
    let versions = ListFault::Version(earlier.version, later.version);
    if later.version < earlier.version || (later.version == earlier.version && later != earlier) {
        return Err(versions);
    }
    let said = |before: &Option<String>, now: &Option<String>| before.is_none() || before == now;
    for before in &earlier.keys {
        let kept = later.keys.iter().any(|now| {
            (&now.kid, &now.x, now.purpose, &now.valid_from)
                == (&before.kid, &before.x, before.purpose, &before.valid_from)
                && said(&before.retired, &now.retired)
                && said(&before.compromised_since, &now.compromised_since)
        });
        if !kept {
            return Err(ListFault::Rewritten(before.kid.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listed(key: &SigningKey, purpose: Purpose) -> ListedKey {
        let public = key.verifying_key();
        ListedKey {
            kid: key.id().to_string(),
            x: BASE64URL_NOPAD.encode(&public.to_bytes()),
            purpose,
            fingerprint: public.fingerprint(),
            valid_from: "2026-12-07T01:12:00Z".into(),
            retired: None,
            compromised_since: None,
        }
    }

    fn server() -> SigningKey {
        SigningKey::from_seed(&[1; 32])
    }

    fn list() -> KeyList {
        let issuer = SigningKey::from_seed(&[2; 32]);
        KeyList { version: 2, keys: vec![listed(&server(), Purpose::Server), listed(&issuer, Purpose::Issuer)] }
    }

    #[test]
    fn a_list_reads_back_and_no_sign_of_it_can_be_changed() {
        let text = sign_key_list(&list(), &server()).unwrap();
        assert_eq!(read_key_list(&text), Ok((list(), server().verifying_key())));
        assert_eq!(sign_key_list(&list(), &server()).unwrap(), text, "the same list is the same bytes");
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(read_key_list(&changed).is_err(), "{at}");
        }
    }

    #[test]
    fn only_the_server_s_key_signs_it_and_not_after_it_is_in_other_hands() {
        let issuer = SigningKey::from_seed(&[2; 32]);
        let kid = issuer.id().to_string();
        let by_issuer = sign_key_list(&list(), &issuer).unwrap();
        assert_eq!(read_key_list(&by_issuer), Err(ListFault::Signer(kid)), "an issuer's key signs vouchers");
        let stranger = SigningKey::from_seed(&[9; 32]);
        assert!(matches!(read_key_list(&sign_key_list(&list(), &stranger).unwrap()), Err(ListFault::Signer(_))));
        let mut leaked = list();
        leaked.keys[0].compromised_since = Some("2026-12-08T00:00:00Z".into());
        assert!(matches!(read_key_list(&sign_key_list(&leaked, &server()).unwrap()), Err(ListFault::Signer(_))));
        let mut twice = list();
        twice.keys.push(twice.keys[1].clone());
        assert!(matches!(read_key_list(&sign_key_list(&twice, &server()).unwrap()), Err(ListFault::Key(_))));
        let mut other = list();
        other.keys[1].fingerprint = other.keys[0].fingerprint.clone();
        assert!(matches!(read_key_list(&sign_key_list(&other, &server()).unwrap()), Err(ListFault::Key(_))));
    }

    #[test]
    fn a_later_list_takes_nothing_back() {
        let before = list();
        let mut after = list();
        after.version = 3;
        after.keys[1].retired = Some("2026-12-09T00:00:00Z".into());
        assert_eq!(follows(&before, &before), Ok(()));
        assert_eq!(follows(&before, &after), Ok(()));
        assert_eq!(follows(&after, &before), Err(ListFault::Version(3, 2)));
        let mut silent = after.clone();
        silent.version = 4;
        silent.keys[1].retired = None;
        assert!(matches!(follows(&after, &silent), Err(ListFault::Rewritten(_))));
        silent.keys.pop();
        assert!(matches!(follows(&after, &silent), Err(ListFault::Rewritten(_))));
        let mut same = after.clone();
        same.keys[1].retired = None;
        assert_eq!(follows(&after, &same), Err(ListFault::Version(3, 3)));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_a_panic(text: String, parts in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,3}") {
            prop_assert!(read_key_list(&text).is_err());
            prop_assert!(read_key_list(&parts).is_err());
        }
    }
}
