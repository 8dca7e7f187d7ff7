//! HTTPS on a local network: a certificate that was given, or one under an authority of the installation's own.
//!
//! A phone opens camera and offline storage only over HTTPS, and a warehouse has no public name. So `serve --tls`
//! can make an authority that is good for the names of this one server and for nothing else (name constraints,
//! RFC 5280), sign one certificate with it, and forget its key: it is never written down, so nobody can ever sign
//! a second certificate under it. When the names change, a new root goes onto the phones.

use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::domain::time::{Timestamp, Zone};

/// How long such a certificate is good. The root's key is gone, so it is as long as phones accept (825 days).
const DAYS_GOOD: i64 = 800;
const DAY_MS: i64 = 86_400_000;

/// Why there is no HTTPS.
#[derive(Debug, Error)]
pub enum TlsFault {
    /// The authority could not be made.
    #[error("the local authority could not be made: {0}")]
    Authority(#[from] rcgen::Error),
    /// A certificate or key that cannot be read or does not fit.
    #[error("the certificate or its key cannot be used: {0}")]
    Unusable(String),
    /// There is nothing to name the server by.
    #[error("no name to put into the certificate: say which with --tls-name HOST or --tls-name ADDRESS")]
    Nameless,
}

/// An authority of one certificate.
#[derive(Debug)]
pub struct Local {
    /// The root that goes onto the phones, as PEM.
    pub root: String,
    /// The server's certificate with the root behind it, as PEM.
    pub chain: String,
    /// The server's key, as PEM.
    pub key: String,
}

/// Makes an authority for these names and addresses and signs the one certificate.
pub fn local(names: &[String], now: Timestamp) -> Result<Local, TlsFault> {
    let first = names.first().ok_or(TlsFault::Nameless)?;
    let (from, until) = (day(now.plus_millis(-DAY_MS)), day(now.plus_millis(DAYS_GOOD * DAY_MS)));
    let permitted = names.iter().map(|name| match name.parse::<IpAddr>() {
        Ok(address @ IpAddr::V4(_)) => GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 32)),
        Ok(address @ IpAddr::V6(_)) => GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 128)),
        Err(_) => GeneralSubtree::DnsName(name.clone()),
    });
    let mut root = CertificateParams::new(Vec::<String>::new())?;
    root.distinguished_name.push(DnType::CommonName, format!("Salur {first}"));
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    root.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted.collect(), excluded_subtrees: Vec::new() });
    root.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
    root.not_after = rcgen::date_time_ymd(until.0, until.1, until.2);
    let root_key = KeyPair::generate()?;
    let root_pem = root.self_signed(&root_key)?.pem();

    let mut leaf = CertificateParams::new(names.to_vec())?;
    leaf.distinguished_name.push(DnType::CommonName, first.clone());
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    leaf.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
    leaf.not_after = rcgen::date_time_ymd(until.0, until.1, until.2);
    let key = KeyPair::generate()?;
    // The issuer takes the root's key, and with it the key goes at the end of this function.
    let issuer = Issuer::new(root, root_key);
    let chain = leaf.signed_by(&key, &issuer)?.pem() + &root_pem;
    Ok(Local { root: root_pem, chain, key: key.serialize_pem() })
}

/// Year, month and day, as the certificate library wants them.
fn day(at: Timestamp) -> (i32, u8, u8) {
    let date = at.date(Zone::Wib);
    let part = |value: i8| u8::try_from(value).unwrap_or(1);
    (i32::from(date.year()), part(date.month()), part(date.day()))
}

/// What the server needs of a certificate chain and its key, both PEM.
pub fn config(chain: &[u8], key: &[u8]) -> Result<ServerConfig, TlsFault> {
    let unusable = |fault: &dyn std::fmt::Display| TlsFault::Unusable(fault.to_string());
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(|fault| unusable(&fault))?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|fault| unusable(&fault))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|fault| unusable(&fault))
}

/// The fingerprint that a person compares on the phone: SHA-256 of the first certificate, in pairs.
pub fn fingerprint(pem: &[u8]) -> Result<String, TlsFault> {
    let unusable = |fault: rustls::pki_types::pem::Error| TlsFault::Unusable(fault.to_string());
    let der = CertificateDer::from_pem_slice(pem).map_err(unusable)?;
    Ok(Sha256::digest(&der).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_796_515_200_000).unwrap()
    }

    #[test]
    fn a_local_authority_names_only_this_server_and_serves() {
        let made = local(&["gudang.lan".into(), "192.168.7.2".into()], now()).unwrap();
        assert!(config(made.chain.as_bytes(), made.key.as_bytes()).is_ok());
        assert_eq!(made.chain.matches("BEGIN CERTIFICATE").count(), 2);
        assert!(made.chain.ends_with(&made.root), "the root comes last in the chain");
        assert_eq!(fingerprint(made.root.as_bytes()).unwrap().len(), 95);
        let again = local(&["gudang.lan".into()], now()).unwrap();
        assert!(config(made.chain.as_bytes(), again.key.as_bytes()).is_err(), "a key of another certificate");
    }

    #[test]
    fn what_is_no_certificate_is_said() {
        assert!(matches!(local(&[], now()), Err(TlsFault::Nameless)));
        assert!(matches!(config(b"none", b"none"), Err(TlsFault::Unusable(_))));
    }
}
