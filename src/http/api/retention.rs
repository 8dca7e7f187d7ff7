//! What has had its time, and what keeps it.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, ProblemBody, id};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{ErasureAsked, LegalHoldView};

/// What is due.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RetentionBody {
    /// For how many years personal data are kept.
    years: i64,
    /// Households whose last round closed before this are due.
    before: String,
    /// How many households are due.
    due: i64,
    /// Whether a legal hold stands: then nothing is erased.
    held: bool,
    /// What one person has asked to be erased, until another agrees.
    asked: Option<ErasureBody>,
}

/// What one person has asked to be erased.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErasureBody {
    asked_by: Uuid,
    asked_at: String,
    /// How many households were due then.
    count: i64,
}

impl From<ErasureAsked> for ErasureBody {
    fn from(asked: ErasureAsked) -> Self {
        Self { asked_by: asked.by.uuid(), asked_at: asked.at.iso(API_ZONE), count: asked.count }
    }
}

/// How many households' personal data have had their time.
#[utoipa::path(tag = "retention", responses((status = 200, body = RetentionBody), (status = 403, body = ProblemBody)))]
#[get("/retention")]
pub(super) async fn get(state: Data<State>, caller: Caller) -> Result<Json<RetentionBody>, Problem> {
    let found = state.act(&caller, |office, actor| office.retention(actor)).await?;
    let before = found.before.iso(API_ZONE);
    Ok(Json(RetentionBody {
        years: found.years,
        before,
        due: found.due,
        held: found.held,
        asked: found.asked.map(Into::into),
    }))
}

/// How many the person was shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EraseBody {
    expected: i64,
}

/// How many households were erased.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErasedBody {
    erased: i64,
}

/// Ask that the personal data that have had their time be erased. Another administrator agrees.
#[utoipa::path(tag = "retention", request_body = EraseBody, responses((status = 201, body = ErasureBody),
    (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
#[post("/retention/erasures")]
pub(super) async fn ask(state: Data<State>, caller: Caller, body: Json<EraseBody>) -> Result<HttpResponse, Problem> {
    let expected = body.expected;
    let asked = state.act(&caller, move |office, actor| office.ask_erasure(actor, expected)).await?;
    Ok(HttpResponse::Created().json(ErasureBody::from(asked)))
}

/// Agree to what another administrator asked: the personal data are erased. Sums, receipts and the trail stay.
#[utoipa::path(tag = "retention", request_body = EraseBody, responses((status = 200, body = ErasedBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
#[post("/retention/erasures/agree")]
pub(super) async fn erase(
    state: Data<State>,
    caller: Caller,
    body: Json<EraseBody>,
) -> Result<Json<ErasedBody>, Problem> {
    let expected = body.expected;
    let erased = state.act(&caller, move |office, actor| office.agree_erasure(actor, expected)).await?;
    Ok(Json(ErasedBody { erased }))
}

/// A legal hold.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LegalHoldBody {
    id: Uuid,
    document_no: String,
    reason: String,
    set_by: Uuid,
    set_at: String,
    lifted_at: Option<String>,
}

impl From<LegalHoldView> for LegalHoldBody {
    fn from(hold: LegalHoldView) -> Self {
        Self {
            id: hold.id.uuid(),
            document_no: hold.document_no,
            reason: hold.reason,
            set_by: hold.set_by.uuid(),
            set_at: hold.set_at.iso(API_ZONE),
            lifted_at: hold.lifted_at.map(|at| at.iso(API_ZONE)),
        }
    }
}

/// Legal holds, the newest first.
#[utoipa::path(tag = "retention", responses((status = 200, body = Page<LegalHoldBody>), (status = 403, body = ProblemBody)))]
#[get("/legal-holds")]
pub(super) async fn holds(state: Data<State>, caller: Caller) -> Result<Json<Page<LegalHoldBody>>, Problem> {
    let found = state.act(&caller, |office, actor| office.legal_holds(actor)).await?;
    Ok(Json(Page { items: found.into_iter().map(LegalHoldBody::from).collect(), next: None }))
}

/// A legal hold that is to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLegalHold {
    /// The number of the letter that orders it.
    document_no: String,
    reason: String,
}

/// Set a legal hold: nothing of the agency is erased while it stands.
#[utoipa::path(tag = "retention", request_body = NewLegalHold, responses((status = 201, body = LegalHoldBody),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/legal-holds")]
pub(super) async fn set(state: Data<State>, caller: Caller, body: Json<NewLegalHold>) -> Result<HttpResponse, Problem> {
    let NewLegalHold { document_no, reason } = body.into_inner();
    let hold = state.act(&caller, move |office, actor| office.set_legal_hold(actor, &document_no, &reason)).await?;
    Ok(HttpResponse::Created().json(LegalHoldBody::from(hold)))
}

/// Lift a legal hold.
#[utoipa::path(tag = "retention", responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/legal-holds/{id}/lift")]
pub(super) async fn lift(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    state.act(&caller, move |office, actor| office.lift_legal_hold(actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
