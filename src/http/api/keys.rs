//! Keys: what there is, asking for another, agreeing to it, and what has to be printed again.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::time::Timestamp;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{KeyRequestView, KeyView};
use crate::token::KeyId;

/// A key that signs, or signed, the vouchers of a round.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyBody {
    kid: String,
    purpose: String,
    round_id: Option<Uuid>,
    /// Eight groups of four, to be compared by eye.
    fingerprint: String,
    created_at: String,
    retired_at: Option<String>,
    /// Since when it may be in other hands: nothing that it signed is good any more.
    compromised_since: Option<String>,
}

impl From<KeyView> for KeyBody {
    fn from(key: KeyView) -> Self {
        Self {
            kid: key.kid.to_string(),
            purpose: key.purpose,
            round_id: key.round.map(|round| round.uuid()),
            fingerprint: key.fingerprint,
            created_at: key.created_at.iso(API_ZONE),
            retired_at: key.retired_at.map(|at| at.iso(API_ZONE)),
            compromised_since: key.compromised_since.map(|at| at.iso(API_ZONE)),
        }
    }
}

/// The keys of the agency's rounds, oldest first.
#[utoipa::path(tag = "keys", responses((status = 200, body = Page<KeyBody>), (status = 403, body = ProblemBody)))]
#[get("/keys")]
pub(super) async fn list(state: Data<State>, caller: Caller) -> Result<Json<Page<KeyBody>>, Problem> {
    let found = state.act(&caller, |office, actor| office.keys(actor)).await?;
    Ok(Json(Page { items: found.into_iter().map(KeyBody::from).collect(), next: None }))
}

/// What is asked to be done with a key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKeyRequest {
    /// The id of the key as the key set shows it.
    kid: String,
    /// Since when it may be in other hands; left out when it is only to be replaced.
    compromised_since: Option<String>,
    reason: String,
}

/// A request to replace a key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyRequestBody {
    id: Uuid,
    kid: String,
    compromised_since: Option<String>,
    reason: String,
    requested_by: Uuid,
    requested_at: String,
    approved_by: Option<Uuid>,
}

impl From<KeyRequestView> for KeyRequestBody {
    fn from(one: KeyRequestView) -> Self {
        Self {
            id: one.id.uuid(),
            kid: KeyId::from_bytes(one.kid).to_string(),
            compromised_since: one.compromised_since.map(|at| at.iso(API_ZONE)),
            reason: one.reason,
            requested_by: one.requested_by.uuid(),
            requested_at: one.requested_at.iso(API_ZONE),
            approved_by: one.approved_by.map(|user| user.uuid()),
        }
    }
}

/// Ask that a key be replaced. Another person agrees.
#[utoipa::path(tag = "keys", request_body = NewKeyRequest, responses((status = 201, body = KeyRequestBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/key-requests")]
pub(super) async fn request(
    state: Data<State>,
    caller: Caller,
    body: Json<NewKeyRequest>,
) -> Result<HttpResponse, Problem> {
    let NewKeyRequest { kid, compromised_since, reason } = body.into_inner();
    let since = match compromised_since.as_deref() {
        None => None,
        Some(text) => Some(Timestamp::parse(text).map_err(|_| Problem::bad_request("bad_body", "compromised_since"))?),
    };
    // A text that is no key id names nothing, once it is known that the caller may ask at all.
    let kid: Option<KeyId> = kid.parse().ok();
    let made = state
        .act(&caller, move |office, actor| {
            actor.must(crate::domain::role::Action::RotateKeys)?;
            let kid = kid.ok_or(crate::service::Refusal::NotFound("key"))?;
            office.request_key(actor, kid, since, &reason)
        })
        .await?;
    Ok(HttpResponse::Created().json(KeyRequestBody::from(made)))
}

/// What has been asked, the newest first.
#[utoipa::path(tag = "keys", responses((status = 200, body = Page<KeyRequestBody>), (status = 403, body = ProblemBody)))]
#[get("/key-requests")]
pub(super) async fn requests(state: Data<State>, caller: Caller) -> Result<Json<Page<KeyRequestBody>>, Problem> {
    let found = state.act(&caller, |office, actor| office.key_requests(actor)).await?;
    Ok(Json(Page { items: found.into_iter().map(KeyRequestBody::from).collect(), next: None }))
}

/// Agree to what another person asked. The answer is the round's new key.
#[utoipa::path(tag = "keys", responses((status = 200, body = KeyBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
#[post("/key-requests/{id}/approve")]
pub(super) async fn approve(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<KeyBody>, Problem> {
    let id = id(&path)?;
    let fresh = state.act(&caller, move |office, actor| office.approve_key(actor, id)).await?;
    Ok(Json(fresh.into()))
}

/// A voucher that has to be printed again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReissueBody {
    entitlement_id: Uuid,
    point: String,
    print_no: i32,
    state: String,
}

/// The vouchers that a compromised key has spoilt; none for a key that is not.
#[utoipa::path(tag = "keys", params(Paging), responses((status = 200, body = Page<ReissueBody>),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/keys/{kid}/vouchers")]
pub(super) async fn vouchers(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<Paging>,
) -> Result<Json<Page<ReissueBody>>, Problem> {
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let kid: Option<KeyId> = path.parse().ok();
    let found = state
        .act(&caller, move |office, actor| {
            actor.must(crate::domain::role::Action::RotateKeys)?;
            let kid = kid.ok_or(crate::service::Refusal::NotFound("key"))?;
            office.to_reissue(actor, kid, after, limit)
        })
        .await?;
    let items = found.into_iter().map(|one| ReissueBody {
        entitlement_id: one.entitlement.uuid(),
        point: one.point,
        print_no: one.print_no,
        state: one.state.as_str().to_owned(),
    });
    Ok(Json(Page::of(items.collect(), limit, |one: &ReissueBody| one.entitlement_id.to_string())))
}
