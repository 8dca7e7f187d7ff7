//! The document in which the public keys are published: JWKS (RFC 7517) with Ed25519 keys (RFC 8037).

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::key::{KeyFault, KeyRing, VerifyingKey};

/// The published public keys: what stands at `/.well-known/jwks.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Jwks {
    /// The keys, in any order.
    pub keys: Vec<Jwk>,
}

/// One published public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Jwk {
    /// The id, base64url of its four bytes.
    pub kid: String,
    /// Always `OKP`.
    pub kty: String,
    /// Always `Ed25519`.
    pub crv: String,
    /// The public key, base64url.
    pub x: String,
    /// Always `EdDSA`.
    pub alg: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: String,
}

impl Jwk {
    /// The key in its published form.
    #[must_use]
    pub fn of(key: &VerifyingKey) -> Self {
        Self {
            kid: key.id().to_string(),
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            x: BASE64URL_NOPAD.encode(&key.to_bytes()),
            alg: "EdDSA".into(),
            usage: "sig".into(),
        }
    }

    /// The key, checked: type and curve are right, and the id is its own.
    pub fn key(&self) -> Result<VerifyingKey, KeyFault> {
        if (self.kty.as_str(), self.crv.as_str()) != ("OKP", "Ed25519")
            || (self.alg.as_str(), self.usage.as_str()) != ("EdDSA", "sig")
        {
            return Err(KeyFault::OtherType);
        }
        let x = BASE64URL_NOPAD.decode(self.x.as_bytes()).map_err(|_| KeyFault::NotAKey)?;
        let bytes: [u8; 32] = x.try_into().map_err(|_| KeyFault::NotAKey)?;
        let key = VerifyingKey::from_bytes(&bytes)?;
        if key.id().to_string() == self.kid { Ok(key) } else { Err(KeyFault::OtherId) }
    }
}

impl Jwks {
    /// The document of these keys.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a VerifyingKey>) -> Self {
        Self { keys: keys.into_iter().map(Jwk::of).collect() }
    }

    /// A ring of the keys of the document; one key that is not in order refuses it all.
    pub fn ring(&self) -> Result<KeyRing, KeyFault> {
        let keys: Result<Vec<_>, _> = self.keys.iter().map(Jwk::key).collect();
        KeyRing::of(keys?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::SigningKey;

    #[test]
    fn published_keys_read_back_and_a_wrong_one_is_refused() {
        let keys = [SigningKey::from_seed(&[1; 32]).verifying_key(), SigningKey::from_seed(&[2; 32]).verifying_key()];
        let published = Jwks::of(&keys);
        let json = serde_json::to_string(&published).unwrap();
        assert!(json.contains(r#""use":"sig""#));
        let read: Jwks = serde_json::from_str(&json).unwrap();
        assert_eq!(read.ring().unwrap().get(keys[1].id()), Some(&keys[1]));

        let mut other = published.clone();
        other.keys[0].kid = published.keys[1].kid.clone();
        assert_eq!(other.ring().unwrap_err(), KeyFault::OtherId);
        other.keys[0].crv = "X25519".into();
        assert_eq!(other.ring().unwrap_err(), KeyFault::OtherType);
    }
}
