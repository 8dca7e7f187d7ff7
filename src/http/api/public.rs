//! Calls that need no sign-in: the key set, and how the server is.

use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get};

use crate::http::{Caller, Problem, State};
use crate::token::Jwks;

/// The public keys that sign vouchers (RFC 8037). Retired ones stay: what they signed is still good.
#[utoipa::path(tag = "public", responses((status = 200, body = Jwks)))]
#[get("/.well-known/jwks.json")]
pub(super) async fn key_set(state: Data<State>, caller: Caller) -> Result<Json<Jwks>, Problem> {
    state.anybody(&caller, |office| office.key_set()).await.map(Json)
}

/// The public keys with the version of their set, which grows with every change.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct VersionedKeys {
    version: i64,
    /// The SHA-256 of the keys' JSON, in hexadecimal.
    sha256: String,
    #[serde(flatten)]
    keys: Jwks,
    /// The list of keys with their purposes, beginnings and ends, also of those that are believed no more: a JWS
    /// (RFC 7515, compact, EdDSA) by the server's key. `salur keys verify` checks it.
    signed: String,
}

/// The public keys with the version of their set and its hash, which paper and log can name.
#[utoipa::path(tag = "public", responses((status = 200, body = VersionedKeys)))]
#[get("/.well-known/salur-keys.json")]
pub(super) async fn versioned_key_set(state: Data<State>, caller: Caller) -> Result<Json<VersionedKeys>, Problem> {
    let set = state.anybody(&caller, |office| office.versioned_key_set()).await?;
    Ok(Json(VersionedKeys { version: set.version, sha256: set.sha256, keys: set.keys, signed: set.signed }))
}

/// The process lives.
#[utoipa::path(tag = "public", responses((status = 200, description = "It lives")))]
#[get("/healthz")]
pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// Whoever asks how the server is does not wait longer: a proxy has long turned to another.
const ASKED_WITHIN: Duration = Duration::from_millis(1_500);

/// The database answers.
#[utoipa::path(tag = "public", responses((status = 200, description = "It can work"), (status = 503, description = "It cannot")))]
#[get("/readyz")]
pub(super) async fn ready(state: Data<State>, caller: Caller) -> Result<HttpResponse, Problem> {
    timeout(ASKED_WITHIN, state.anybody(&caller, |office| office.ready()))
        .await
        .unwrap_or_else(|_| Err(Problem::database_away(caller.language)))?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}

/// What has been counted, for Prometheus. No personal data, no ids.
#[utoipa::path(tag = "public", responses((status = 200, content_type = "text/plain")))]
#[get("/metrics")]
pub(super) async fn metrics(state: Data<State>, caller: Caller) -> HttpResponse {
    stand(&state, &caller).await;
    let counted = state.metrics.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(counted.unwrap_or_default())
}

/// Sets what stands now. With the database away the counts are still told, and that it is away.
async fn stand(state: &State, caller: &Caller) {
    let (open, idle) = state.office.connections();
    ::metrics::gauge!("salur_store_connections").set(open);
    ::metrics::gauge!("salur_store_connections_idle").set(idle);
    let found = timeout(ASKED_WITHIN, state.anybody(caller, |office| office.pulse())).await;
    let Ok(Ok(found)) = found else {
        ::metrics::gauge!("salur_ready").set(0);
        return;
    };
    ::metrics::gauge!("salur_ready").set(1);
    ::metrics::gauge!("salur_leased_entitlements").set(found.leased as f64);
    ::metrics::gauge!("salur_exposure_minor").set(found.exposure_minor as f64);
    ::metrics::gauge!("salur_exposure_silent_minor").set(found.silent_exposure_minor as f64);
    ::metrics::gauge!("salur_unsynced_receipts").set(found.unsynced as f64);
    ::metrics::gauge!("salur_devices_owing").set(found.owing);
}
