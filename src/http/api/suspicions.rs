//! Households that may be the same, and how that is decided.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use super::decisions::BeneficiaryBody;
use crate::domain::id::ProgrammeId;
use crate::domain::verval::{Kind, SuspicionState};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::SuspicionView;

/// Two households that may be one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SuspicionBody {
    id: Uuid,
    kind: Kind,
    state: SuspicionState,
    first: BeneficiaryBody,
    other: BeneficiaryBody,
    found_at: String,
    decided_by: Option<String>,
    decided_at: Option<String>,
    note: String,
}

impl From<SuspicionView> for SuspicionBody {
    fn from(view: SuspicionView) -> Self {
        let (decided_by, decided_at) = view.decided.unzip();
        Self {
            id: view.id.uuid(),
            kind: view.kind,
            state: view.state,
            first: view.first.into(),
            other: view.other.into(),
            found_at: view.found_at.iso(API_ZONE),
            decided_by,
            decided_at: decided_at.map(|at| at.iso(API_ZONE)),
            note: view.note,
        }
    }
}

/// Which pairs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct SuspicionQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go on after this one.
    after: Option<String>,
    /// Only those of this state.
    state: Option<SuspicionState>,
    /// Only those that this raised.
    kind: Option<Kind>,
}

/// What a search came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchedBody {
    /// How many new questions there are.
    found: i64,
}

/// How a question is answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerBody {
    /// `different`: both stay. `first_kept`, `other_kept`: the one stays, the other is not eligible (duplicate).
    state: SuspicionState,
    /// What was seen.
    #[serde(default)]
    note: String,
}

/// What an answer came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnsweredBody {
    state: SuspicionState,
    /// Whether the one that does not stay holds a voucher of a round that has not closed. It stays good; a
    /// coordinator can revoke it.
    live_paper: bool,
}

/// Pairs of households of a programme that may be one, in the order in which they were found. The look is on
/// record.
#[utoipa::path(tag = "verval", params(SuspicionQuery), responses(
    (status = 200, body = Page<SuspicionBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/suspicions")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<SuspicionQuery>,
) -> Result<Json<Page<SuspicionBody>>, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let SuspicionQuery { limit, after, state: wanted, kind } = query.into_inner();
    let after = maybe_id(after.as_deref())?;
    let (found, _) = state
        .act(&caller, move |office, actor| office.suspicions(actor, programme, (wanted, kind), after, limit))
        .await?;
    let items = found.into_iter().map(SuspicionBody::from).collect();
    Ok(Json(Page::of(items, limit, |one| one.id.to_string())))
}

/// Compare the whole list of a programme with itself. A pair that was decided is never asked about again.
#[utoipa::path(tag = "verval", responses(
    (status = 201, body = SearchedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/programmes/{id}/suspicions")]
pub(super) async fn search(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.search_duplicates(actor, programme)).await?;
    Ok(HttpResponse::Created().json(SearchedBody { found }))
}

/// Decide whether two households are one.
#[utoipa::path(tag = "verval", request_body = AnswerBody, responses(
    (status = 200, body = AnsweredBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`already_decided`, or `wrong_standing` of the one that is to stay", body = ProblemBody)))]
#[post("/suspicions/{id}/decide")]
pub(super) async fn decide(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<AnswerBody>,
) -> Result<Json<AnsweredBody>, Problem> {
    let suspicion = id(&path)?;
    let AnswerBody { state: answer, note } = body.into_inner();
    let (_, live_paper) =
        state.act(&caller, move |office, actor| office.decide_suspicion(actor, suspicion, answer, &note)).await?;
    Ok(Json(AnsweredBody { state: answer, live_paper }))
}
