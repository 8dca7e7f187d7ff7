//! The log, for anybody: the signed head, the tiles, the key, and the proof of a receipt. And its history of a
//! right, a device or a person, for whoever audits.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::state::API_ZONE;
use crate::domain::id::{DeviceId, EntitlementId, RedemptionId, UserId};
use crate::domain::time::Timestamp;
use crate::http::{Caller, Problem, State};
use crate::service::{About, HistoryLine};

const TEXT: &str = "text/plain; charset=utf-8";

fn text(body: String) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, TEXT)).insert_header((CACHE_CONTROL, "no-cache")).body(body)
}

/// The signed head of the log (C2SP tlog-checkpoint), at most a second behind.
#[utoipa::path(tag = "log", responses(
    (status = 200, body = String, content_type = "text/plain"),
    (status = 503, description = "log_behind, log_forked: the database is not the one whose log was signed"),
))]
#[get("/log/checkpoint")]
pub(super) async fn checkpoint(state: Data<State>, caller: Caller) -> Result<HttpResponse, Problem> {
    state.limit_log_reader(&caller)?;
    state.anybody(&caller, |office| office.log_checkpoint()).await.map(text)
}

/// The log's public key as a verifier key (C2SP signed-note). An auditor gets it once, on paper.
#[utoipa::path(tag = "log", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/log/vkey")]
pub(super) async fn key(state: Data<State>, caller: Caller) -> Result<HttpResponse, Problem> {
    state.limit_log_reader(&caller)?;
    state.anybody(&caller, |office| Ok(format!("{}\n", office.log_public_key()?))).await.map(text)
}

/// A tile of hashes or a bundle of entries (C2SP tlog-tiles): `0/x001/234`, `entries/000.p/17`.
#[utoipa::path(tag = "log", params(("path" = String, Path)), responses(
    (status = 200, content_type = "application/octet-stream"),
    (status = 404, description = "The log has no such tile yet"),
))]
#[get("/log/tile/{path:.*}")]
pub(super) async fn tile(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    state.limit_log_reader(&caller)?;
    let bytes = state.anybody(&caller, move |office| office.log_tile(&format!("tile/{path}"))).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(bytes))
}

/// The proof that a redemption is in the log (C2SP tlog-proof), with its leaf as the extra data.
#[utoipa::path(tag = "log", params(("id" = Uuid, Path)), responses(
    (status = 200, body = String, content_type = "text/plain"),
    (status = 404, description = "No such redemption"),
))]
#[get("/redemptions/{id}/proof")]
pub(super) async fn proof(state: Data<State>, caller: Caller, id: Path<RedemptionId>) -> Result<HttpResponse, Problem> {
    state.limit_stranger(&caller)?;
    let id = id.into_inner();
    let proof = state.anybody(&caller, move |office| office.log_proof(id)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, TEXT))
        .insert_header(("content-disposition", format!("attachment; filename=\"{id}.tlog-proof\"")))
        .body(proof.to_string()))
}

/// Where to go on.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(super) struct Paging {
    /// How many at most.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<i64>,
}

/// A page of a history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryPage {
    /// The leaves, the oldest first.
    items: Vec<LeafView>,
    /// For the next page; null at the end.
    next: Option<u64>,
}

/// A leaf of the log. What its kind does not have is left out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LeafView {
    /// Its place in the log; null for the moment in which it has none yet.
    index: Option<u64>,
    /// What happened.
    kind: &'static str,
    /// When the server took it.
    at: String,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entitlement_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_id: Option<Uuid>,
    /// The number of the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    point_number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<Uuid>,
    /// The place in the device's chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redemption_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_minor: Option<i64>,
    /// SHA-256 of the signed receipt, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_hash: Option<String>,
    /// A role, the purpose of a key, what a policy is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    word: Option<String>,
}

fn view(line: HistoryLine) -> LeafView {
    let leaf = line.leaf;
    LeafView {
        index: line.index,
        kind: leaf.kind.as_str(),
        at: Timestamp::from_millis(leaf.at_ms).unwrap_or_default().iso(API_ZONE),
        user_id: leaf.actor.map(UserId::uuid),
        entitlement_id: leaf.entitlement.map(EntitlementId::uuid),
        round_id: leaf.round.map(crate::domain::id::RoundId::uuid),
        point_number: leaf.point,
        device_id: leaf.device.map(DeviceId::uuid),
        seq: leaf.seq,
        redemption_id: leaf.redemption.map(RedemptionId::uuid),
        value_minor: leaf.value_minor,
        receipt_hash: leaf.receipt_hash.map(|hash| HEXLOWER.encode(&hash)),
        word: leaf.word,
    }
}

async fn history(state: &State, caller: &Caller, about: About, paging: Paging) -> Result<Json<HistoryPage>, Problem> {
    let wanted = paging.limit;
    let found =
        state.act(caller, move |office, actor| office.log_history(actor, about, paging.after, paging.limit)).await?;
    let full = found.len() >= usize::try_from(wanted.unwrap_or(100).clamp(1, 500)).unwrap_or(100);
    let next = found.last().filter(|_| full).and_then(|line| line.index);
    Ok(Json(HistoryPage { items: found.into_iter().map(view).collect(), next }))
}

/// What the log holds about an entitlement.
#[utoipa::path(tag = "log", params(("id" = Uuid, Path), Paging), responses((status = 200, body = HistoryPage)))]
#[get("/entitlements/{id}/log")]
pub(super) async fn entitlement_history(
    state: Data<State>,
    caller: Caller,
    id: Path<EntitlementId>,
    paging: Query<Paging>,
) -> Result<Json<HistoryPage>, Problem> {
    history(&state, &caller, About::Entitlement(id.into_inner()), paging.into_inner()).await
}

/// What the log holds about a device.
#[utoipa::path(tag = "log", params(("id" = Uuid, Path), Paging), responses((status = 200, body = HistoryPage)))]
#[get("/devices/{id}/log")]
pub(super) async fn device_history(
    state: Data<State>,
    caller: Caller,
    id: Path<DeviceId>,
    paging: Query<Paging>,
) -> Result<Json<HistoryPage>, Problem> {
    history(&state, &caller, About::Device(id.into_inner()), paging.into_inner()).await
}

/// What the log holds that a person did.
#[utoipa::path(tag = "log", params(("id" = Uuid, Path), Paging), responses((status = 200, body = HistoryPage)))]
#[get("/users/{id}/log")]
pub(super) async fn user_history(
    state: Data<State>,
    caller: Caller,
    id: Path<UserId>,
    paging: Query<Paging>,
) -> Result<Json<HistoryPage>, Problem> {
    history(&state, &caller, About::Actor(id.into_inner()), paging.into_inner()).await
}
