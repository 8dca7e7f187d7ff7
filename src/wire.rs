//! Calls to other servers: HTTP, with TLS when the address says so, and the authorities that the system trusts.

use std::sync::Arc;

/// The settings of a caller; whoever calls adds how long it waits.
#[must_use]
pub fn caller() -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    ureq::Agent::config_builder().http_status_as_error(false).tls_config(tls())
}

/// Through the library that asks the system itself whom it trusts.
fn tls() -> ureq::tls::TlsConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ureq::tls::TlsConfig::builder()
        .provider(ureq::tls::TlsProvider::Rustls)
        .root_certs(ureq::tls::RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(provider)
        .build()
}
