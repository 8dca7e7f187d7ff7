//! Cases: whatever a person must decide.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use crate::domain::case::{CaseKind, CaseState, CaseStep, Outcome, Posting};
use crate::domain::id::CaseId;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{CaseFilter, CaseView, NewCase, NewCaseStep};

/// A case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseBody {
    id: Uuid,
    /// What people call it: `K-1A2B3C4D`.
    reference: String,
    kind: CaseKind,
    state: CaseState,
    round_id: Option<Uuid>,
    /// The point's code.
    point: Option<String>,
    entitlement_id: Option<Uuid>,
    device_id: Option<Uuid>,
    /// What happened.
    detail: String,
    /// Numbers of receipts and documents.
    evidence: String,
    /// Null where the program opened it.
    opened_by: Option<String>,
    /// ISO 8601 with offset.
    opened_at: String,
    owner: Option<String>,
    age_days: i64,
    outcome: Option<Outcome>,
    /// The loss that the decision posts, in minor units.
    loss_minor: i64,
    /// Packages that left the point besides those redeemed.
    extra_packages: i64,
    proposed_by: Option<String>,
    decided_by: Option<String>,
    closed_at: Option<String>,
    /// What was done, oldest first; empty in a listing.
    steps: Vec<CaseStepBody>,
}

/// A step of a case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseStepBody {
    step: String,
    text: String,
    taken_by: Option<String>,
    taken_at: String,
}

impl From<CaseView> for CaseBody {
    fn from(view: CaseView) -> Self {
        let case = view.case;
        Self {
            id: case.id.uuid(),
            reference: case.reference(),
            kind: case.kind,
            state: case.state,
            round_id: case.round.map(|id| id.uuid()),
            point: view.point,
            entitlement_id: case.entitlement.map(|id| id.uuid()),
            device_id: case.device.map(|id| id.uuid()),
            detail: view.detail,
            evidence: case.evidence,
            opened_by: view.opened_by,
            opened_at: case.opened_at.iso(API_ZONE),
            owner: view.owner,
            age_days: view.age_days,
            outcome: case.outcome,
            loss_minor: case.posting.loss_minor,
            extra_packages: case.posting.extra_packages,
            proposed_by: view.proposed_by,
            decided_by: view.decided_by,
            closed_at: case.closed.map(|(_, at)| at.iso(API_ZONE)),
            steps: view
                .steps
                .into_iter()
                .map(|(done, text, taken_by, at)| CaseStepBody {
                    step: done,
                    text,
                    taken_by,
                    taken_at: at.iso(API_ZONE),
                })
                .collect(),
        }
    }
}

/// Which cases to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go back in time behind this one.
    after: Option<String>,
    /// Only those of this state.
    state: Option<CaseState>,
    /// Only those that are not closed.
    #[serde(default)]
    unclosed: bool,
    /// Only those of this kind.
    kind: Option<CaseKind>,
    /// Only those of this round.
    round: Option<String>,
}

/// A case that somebody reports.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCaseBody {
    kind: CaseKind,
    /// What happened.
    detail: String,
    /// Numbers of receipts and documents.
    #[serde(default)]
    evidence: String,
    #[serde(default)]
    round_id: Option<Uuid>,
    #[serde(default)]
    point_id: Option<Uuid>,
    #[serde(default)]
    entitlement_id: Option<Uuid>,
}

/// What was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenedBody {
    id: Uuid,
}

/// What a person does about a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCaseStepBody {
    step: CaseStep,
    /// Due for all but `take` and `agree`.
    #[serde(default)]
    text: String,
    /// Due with `propose`.
    #[serde(default)]
    outcome: Option<Outcome>,
    /// The loss that the decision posts.
    #[serde(default)]
    loss_minor: i64,
    /// Packages that left the point besides those redeemed: a second handout.
    #[serde(default)]
    extra_packages: i64,
}

/// Where a case stands after a step.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseStateBody {
    state: CaseState,
}

/// The cases of the agency, newest first. The look is on record.
#[utoipa::path(tag = "cases", params(CaseQuery), responses(
    (status = 200, body = Page<CaseBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/cases")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<CaseQuery>,
) -> Result<Json<Page<CaseBody>>, Problem> {
    let CaseQuery { limit, after, state: wanted, unclosed, kind, round } = query.into_inner();
    let before = maybe_id(after.as_deref())?;
    let filter = CaseFilter { state: wanted, unclosed, kind, round: maybe_id(round.as_deref())? };
    let found = state.act(&caller, move |office, actor| office.cases(actor, &filter, before, limit)).await?;
    let items = found.into_iter().map(CaseBody::from).collect();
    Ok(Json(Page::of(items, limit, |one| one.id.to_string())))
}

/// Report a case. It stays for ever; who decides it are two other steps.
#[utoipa::path(tag = "cases", request_body = NewCaseBody, responses(
    (status = 201, body = OpenedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/cases")]
pub(super) async fn report(
    state: Data<State>,
    caller: Caller,
    body: Json<NewCaseBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let new = NewCase {
        kind: body.kind,
        key: None,
        round: body.round_id.map(Into::into),
        point: body.point_id.map(Into::into),
        entitlement: body.entitlement_id.map(Into::into),
        device: None,
        detail: body.detail,
        evidence: body.evidence,
    };
    let opened = state.act(&caller, move |office, actor| office.report_case(actor, &new)).await?;
    Ok(HttpResponse::Created().json(OpenedBody { id: opened.uuid() }))
}

/// A case with all that was done about it. The look is on record.
#[utoipa::path(tag = "cases", responses(
    (status = 200, body = CaseBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/cases/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<CaseBody>, Problem> {
    let case: CaseId = id(&path)?;
    Ok(Json(state.act(&caller, move |office, actor| office.case(actor, case)).await?.into()))
}

/// Do something about a case: note, take, propose a decision, agree to one or not, close it with what was posted.
#[utoipa::path(tag = "cases", request_body = NewCaseStepBody, responses(
    (status = 200, body = CaseStateBody), (status = 403, description = "Also for who proposed it", body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`wrong_step`", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/cases/{id}/steps")]
pub(super) async fn step(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewCaseStepBody>,
) -> Result<Json<CaseStateBody>, Problem> {
    let case: CaseId = id(&path)?;
    let body = body.into_inner();
    let new = NewCaseStep {
        step: body.step,
        text: body.text,
        outcome: body.outcome,
        posting: Posting { loss_minor: body.loss_minor, extra_packages: body.extra_packages },
    };
    let state = state.act(&caller, move |office, actor| office.step_case(actor, case, &new)).await?;
    Ok(Json(CaseStateBody { state }))
}
