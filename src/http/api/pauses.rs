//! Pauses of programmes, rounds and points.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::pause::{Pause, Subject};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};

/// A pause, standing or over.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PauseBody {
    id: Uuid,
    /// `programme`, `round` or `point`.
    scope: String,
    object_id: Uuid,
    letter_no: String,
    reason: String,
    paused_by: Uuid,
    paused_at: String,
    /// The letter that lifted it; null while it stands.
    resumed_letter_no: Option<String>,
    resumed_by: Option<Uuid>,
    resumed_at: Option<String>,
}

impl From<Pause> for PauseBody {
    fn from(pause: Pause) -> Self {
        Self {
            id: pause.id.uuid(),
            scope: pause.subject.scope().to_owned(),
            object_id: Uuid::from_bytes(pause.subject.bytes()),
            letter_no: pause.letter_no,
            reason: pause.reason,
            paused_by: pause.paused_by.uuid(),
            paused_at: pause.paused_at.iso(API_ZONE),
            resumed_by: pause.resumed.as_ref().map(|end| end.by.uuid()),
            resumed_at: pause.resumed.as_ref().map(|end| end.at.iso(API_ZONE)),
            resumed_letter_no: pause.resumed.map(|end| end.letter_no),
        }
    }
}

/// What a pause stops.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PauseScope)]
pub(super) enum ScopeBody {
    /// A whole programme.
    Programme,
    /// One round.
    Round,
    /// One point.
    Point,
}

/// A pause that is to begin.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewPauseBody {
    scope: ScopeBody,
    /// The id of the programme, round or point.
    object_id: Uuid,
    /// The number of the letter that orders it.
    letter_no: String,
    reason: String,
}

/// The letter that lifts a pause.
#[derive(Deserialize, ToSchema)]
pub(super) struct ResumeBody {
    letter_no: String,
}

/// The pauses of the caller's agency, standing and over.
#[utoipa::path(tag = "pauses", params(Paging), responses((status = 200, body = Page<PauseBody>)))]
#[get("/pauses")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<PauseBody>>, Problem> {
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found = state.act(&caller, move |office, actor| office.pauses(actor, after, limit)).await?;
    Ok(Json(Page::of(found.into_iter().map(PauseBody::from).collect(), limit, |one| one.id.to_string())))
}

/// Pause a programme, a round or a point: from this answer on every desk says `paused`, with the reason and
/// the letter.
#[utoipa::path(tag = "pauses", request_body = NewPauseBody, responses(
    (status = 201, body = PauseBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`already_paused`", body = ProblemBody)))]
#[post("/pauses")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewPauseBody>,
) -> Result<HttpResponse, Problem> {
    let subject = match body.scope {
        ScopeBody::Programme => Subject::Programme(body.object_id.into()),
        ScopeBody::Round => Subject::Round(body.object_id.into()),
        ScopeBody::Point => Subject::Point(body.object_id.into()),
    };
    let made =
        state.act(&caller, move |office, actor| office.pause(actor, subject, &body.letter_no, &body.reason)).await?;
    Ok(HttpResponse::Created().json(PauseBody::from(made)))
}

/// Resume what a pause stopped. The pause is kept.
#[utoipa::path(tag = "pauses", request_body = ResumeBody, responses(
    (status = 200, body = PauseBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`already_resumed`", body = ProblemBody)))]
#[post("/pauses/{id}/resume")]
pub(super) async fn resume(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ResumeBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let ended = state.act(&caller, move |office, actor| office.resume(actor, id, &body.letter_no)).await?;
    Ok(HttpResponse::Ok().json(PauseBody::from(ended)))
}
