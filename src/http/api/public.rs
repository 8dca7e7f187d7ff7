//! Calls that need no sign-in: the key set, and how the server is.

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

/// The process lives.
#[utoipa::path(tag = "public", responses((status = 200, description = "It lives")))]
#[get("/healthz")]
pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// The database answers.
#[utoipa::path(tag = "public", responses((status = 200, description = "It can work"), (status = 503, description = "It cannot")))]
#[get("/readyz")]
pub(super) async fn ready(state: Data<State>, caller: Caller) -> Result<HttpResponse, Problem> {
    state.anybody(&caller, |office| office.ready()).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}

/// What has been counted, for Prometheus. No personal data, no ids.
#[utoipa::path(tag = "public", responses((status = 200, content_type = "text/plain")))]
#[get("/metrics")]
pub(super) async fn metrics(state: Data<State>) -> HttpResponse {
    let counted = state.metrics.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(counted.unwrap_or_default())
}
