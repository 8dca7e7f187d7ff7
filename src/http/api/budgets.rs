//! The ceiling of a programme: what it is, and its revisions.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, ProblemBody, id};
use crate::domain::budget::Revision;
use crate::domain::money::Money;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::NewRevision;

/// A programme's budget: `remaining = ceiling - committed - realised`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BudgetNowBody {
    currency: String,
    ceiling_minor: i64,
    committed_minor: i64,
    realised_minor: i64,
    remaining_minor: i64,
}

/// One ceiling of a programme. Number 0 is the one that it was made with.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevisionBody {
    number: i32,
    ceiling_minor: i64,
    document_no: String,
    document_date: Option<String>,
    reason: String,
    revised_by: Uuid,
    revised_at: String,
}

impl From<Revision> for RevisionBody {
    fn from(revision: Revision) -> Self {
        Self {
            number: revision.number,
            ceiling_minor: revision.ceiling.minor(),
            document_no: revision.document_no,
            document_date: revision.document_date.map(|date| date.to_string()),
            reason: revision.reason,
            revised_by: revision.revised_by.uuid(),
            revised_at: revision.revised_at.iso(API_ZONE),
        }
    }
}

/// A revision that is to be made.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewRevisionBody {
    #[schema(value_type = i64)]
    ceiling_minor: Money,
    /// The number of the document that sets it.
    document_no: String,
    /// `2026-12-07`.
    #[schema(value_type = String, format = Date)]
    document_date: Option<Date>,
    reason: String,
}

/// A programme's budget at this moment.
#[utoipa::path(tag = "programmes", responses(
    (status = 200, body = BudgetNowBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/budget")]
pub(super) async fn budget(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<BudgetNowBody>, Problem> {
    let id = id(&path)?;
    let (programme, budget) =
        state.act(&caller, move |office, actor| Ok((office.programme(actor, id)?, office.budget(actor, id)?))).await?;
    Ok(Json(BudgetNowBody {
        currency: programme.currency,
        ceiling_minor: budget.ceiling.minor(),
        committed_minor: budget.committed.minor(),
        realised_minor: budget.realised.minor(),
        remaining_minor: budget.remaining().unwrap_or_default().minor(),
    }))
}

/// All ceilings that a programme has had, the first one first.
#[utoipa::path(tag = "programmes", responses(
    (status = 200, body = Page<RevisionBody>), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/budget-revisions")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<RevisionBody>>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.budget_revisions(actor, id)).await?;
    Ok(Json(Page::whole(found.into_iter().map(Into::into).collect())))
}

/// Revise a ceiling, up or down, but never below what is committed and handed over.
#[utoipa::path(tag = "programmes", request_body = NewRevisionBody, responses(
    (status = 201, body = RevisionBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`ceiling_below_obligated`", body = ProblemBody)))]
#[post("/programmes/{id}/budget-revisions")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewRevisionBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let body = body.into_inner();
    let new = NewRevision {
        ceiling: body.ceiling_minor,
        document_no: body.document_no,
        document_date: body.document_date,
        reason: body.reason,
    };
    let made = state.act(&caller, move |office, actor| office.revise_budget(actor, id, &new)).await?;
    Ok(HttpResponse::Created().json(RevisionBody::from(made)))
}
