//! Programmes and their budgets.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::money::Money;
use crate::domain::programme::Programme;
use crate::http::{Caller, Problem, State};
use crate::service::NewProgramme;

/// A programme.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProgrammeBody {
    id: Uuid,
    code: String,
    name: String,
    account_code: String,
    account_name: String,
    decree_no: String,
    decree_date: Option<String>,
    currency: String,
    ceiling_minor: i64,
    /// Committed and realised together.
    obligated_minor: i64,
    /// Why it stands still, when it does.
    paused_reason: Option<String>,
}

impl From<Programme> for ProgrammeBody {
    fn from(programme: Programme) -> Self {
        Self {
            id: programme.id.uuid(),
            code: programme.code,
            name: programme.name,
            account_code: programme.account_code,
            account_name: programme.account_name,
            decree_no: programme.decree_no,
            decree_date: programme.decree_date.map(|date| date.to_string()),
            currency: programme.currency,
            ceiling_minor: programme.ceiling.minor(),
            obligated_minor: programme.obligated.minor(),
            paused_reason: programme.paused_reason,
        }
    }
}

/// A programme that is to be added.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewProgrammeBody {
    code: String,
    name: String,
    #[serde(default)]
    account_code: String,
    #[serde(default)]
    account_name: String,
    #[serde(default)]
    decree_no: String,
    /// `2026-12-07`.
    #[schema(value_type = Option<String>, format = Date)]
    decree_date: Option<Date>,
    /// ISO 4217: `IDR`, and no other.
    currency: Option<String>,
    #[schema(value_type = i64)]
    ceiling_minor: Money,
}

/// The programmes of the caller's agency.
#[utoipa::path(tag = "programmes", params(Paging), responses((status = 200, body = Page<ProgrammeBody>)))]
#[get("/programmes")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<ProgrammeBody>>, Problem> {
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found = state.act(&caller, move |office, actor| office.programmes(actor, after, limit)).await?;
    Ok(Json(Page::of(found.into_iter().map(ProgrammeBody::from).collect(), limit, |one| one.id.to_string())))
}

/// Add a programme with its ceiling.
#[utoipa::path(tag = "programmes", request_body = NewProgrammeBody, responses(
    (status = 201, body = ProgrammeBody), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
#[post("/programmes")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewProgrammeBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let made = state
        .act(&caller, move |office, actor| {
            office.create_programme(
                actor,
                &NewProgramme {
                    code: body.code,
                    name: body.name,
                    account_code: body.account_code,
                    account_name: body.account_name,
                    decree_no: body.decree_no,
                    decree_date: body.decree_date,
                    currency: body.currency,
                    ceiling: body.ceiling_minor,
                },
            )
        })
        .await?;
    Ok(HttpResponse::Created().json(ProgrammeBody::from(made)))
}

/// One programme.
#[utoipa::path(tag = "programmes", responses((status = 200, body = ProgrammeBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}")]
pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<ProgrammeBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.programme(actor, id)).await?;
    Ok(Json(found.into()))
}
