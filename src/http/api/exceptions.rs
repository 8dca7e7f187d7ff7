//! Exceptions: what a household is still owed, proposed by one person and decided by another.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use crate::domain::entitlement::State as EntitlementState;
use crate::domain::exception::{Cause, Standing};
use crate::domain::id::{CaseId, EntitlementId, ExceptionId, RoundId};
use crate::domain::redemption::Given;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::refusals;
use crate::service::{ExceptionView, FamilyMemberView, FamilyView, NewException, Refusal};

/// An exception.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExceptionBody {
    id: Uuid,
    round_id: Uuid,
    /// The first right of the household in the round.
    first_entitlement_id: Uuid,
    /// The right after which it is owed.
    follows_entitlement_id: Uuid,
    cause: Cause,
    case_id: Option<Uuid>,
    reason: String,
    household: String,
    /// The point's code.
    point: String,
    /// What it holds, in base units.
    items: Vec<Given>,
    value_minor: i64,
    state: Standing,
    proposed_by: String,
    /// ISO 8601 with offset.
    proposed_at: String,
    decided_by: Option<String>,
    decided_at: Option<String>,
    note: String,
    /// The entitlement that came of it, with a voucher of its own.
    entitlement_id: Option<Uuid>,
    /// Where that stands.
    entitlement_state: Option<EntitlementState>,
}

impl From<ExceptionView> for ExceptionBody {
    fn from(view: ExceptionView) -> Self {
        let one = view.exception;
        Self {
            id: one.id.uuid(),
            round_id: one.round.uuid(),
            first_entitlement_id: one.first.uuid(),
            follows_entitlement_id: one.follows.uuid(),
            cause: one.cause,
            case_id: one.case.map(|case| case.uuid()),
            reason: view.reason,
            household: view.household,
            point: view.point,
            items: one.lines,
            value_minor: one.value.minor(),
            state: one.standing,
            proposed_by: view.proposed_by,
            proposed_at: one.proposed.1.iso(API_ZONE),
            decided_by: view.decided_by,
            decided_at: one.decided.map(|(_, at)| at.iso(API_ZONE)),
            note: view.note,
            entitlement_id: one.entitlement.map(|id| id.uuid()),
            entitlement_state: view.state,
        }
    }
}

/// One right of a household in a round.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FamilyRightBody {
    entitlement_id: Uuid,
    state: EntitlementState,
    /// Whether it is an exception.
    exception: bool,
    /// What it holds, as people read it.
    holds: Vec<String>,
    /// What its handout gave; null when there was none.
    gave: Option<Vec<String>>,
    /// A case decided that its handout does not count.
    reversed: bool,
}

impl From<FamilyMemberView> for FamilyRightBody {
    fn from(one: FamilyMemberView) -> Self {
        Self {
            entitlement_id: one.entitlement.uuid(),
            state: one.state,
            exception: one.exception,
            holds: one.holds,
            gave: one.gave,
            reversed: one.reversed,
        }
    }
}

/// What a household has and is owed in a round.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FamilyBody {
    first_entitlement_id: Uuid,
    round_id: Uuid,
    household: String,
    nik_masked: Option<String>,
    /// The point's code.
    point: String,
    /// The rights, as they were issued.
    rights: Vec<FamilyRightBody>,
    /// Why something is owed; null when nothing is.
    cause: Option<Cause>,
    /// What is owed, in base units.
    owed: Vec<Given>,
    /// Why nothing can be proposed: `nothing_owed`, `still_good`, `exception_open` or `replaced`.
    why_not: Option<String>,
    /// What was proposed and decided, oldest first.
    exceptions: Vec<ExceptionBody>,
}

impl From<FamilyView> for FamilyBody {
    fn from(view: FamilyView) -> Self {
        let why_not = view.owed.as_ref().err().map(|why| refusals::code(&Refusal::NothingOwed(*why)).to_owned());
        let owed = view.owed.ok();
        Self {
            first_entitlement_id: view.first.uuid(),
            round_id: view.round.id.uuid(),
            household: view.household,
            nik_masked: view.nik_masked,
            point: view.point,
            rights: view.members.into_iter().map(Into::into).collect(),
            cause: owed.as_ref().map(|owed| owed.cause),
            owed: owed.map(|owed| owed.lines).unwrap_or_default(),
            why_not,
            exceptions: view.exceptions.into_iter().map(Into::into).collect(),
        }
    }
}

/// A proposal that a household gets what it is still owed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewExceptionBody {
    /// Why, in words.
    reason: String,
    /// The case from which it follows; after a reversal it is found without being named.
    #[serde(default)]
    case_id: Option<Uuid>,
    /// What is to be given, in base units, when it is not all that is owed.
    #[serde(default)]
    items: Option<Vec<Given>>,
}

/// The proposal that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExceptionProposedBody {
    id: Uuid,
}

/// A decision on a proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionDecisionBody {
    approve: bool,
    /// Why; due when it is not approved.
    #[serde(default)]
    note: String,
}

/// What came of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExceptionDecidedBody {
    /// The new entitlement, when it was approved.
    entitlement_id: Option<Uuid>,
}

/// Which exceptions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go back in time behind this one.
    after: Option<String>,
    /// Only those of this state.
    state: Option<Standing>,
}

/// What the household of an entitlement has and is owed in its round. The look is on record.
#[utoipa::path(tag = "exceptions", responses(
    (status = 200, body = FamilyBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/entitlements/{id}/exceptions")]
pub(super) async fn family(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<FamilyBody>, Problem> {
    let entitlement: EntitlementId = id(&path)?;
    let view = state.act(&caller, move |office, actor| office.exception_family(actor, entitlement)).await?;
    Ok(Json(view.into()))
}

/// Propose that a household gets what it is still owed after a short handout, a reversal, or the loss of a device. The
/// entitlement itself never re-opens: nothing changes until another person approves a new one.
#[utoipa::path(tag = "exceptions", request_body = NewExceptionBody, responses(
    (status = 201, body = ExceptionProposedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`nothing_owed`, `still_good`, `exception_open`, `replaced`, `round_over` or `period_closed`", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/entitlements/{id}/exceptions")]
pub(super) async fn propose(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewExceptionBody>,
) -> Result<HttpResponse, Problem> {
    let entitlement: EntitlementId = id(&path)?;
    let NewExceptionBody { reason, case_id, items } = body.into_inner();
    let new = NewException { reason, case: case_id.map(CaseId::from), items };
    let made = state.act(&caller, move |office, actor| office.propose_exception(actor, entitlement, &new)).await?;
    Ok(HttpResponse::Created().json(ExceptionProposedBody { id: made.uuid() }))
}

/// The exceptions of a round, newest first. The look is on record.
#[utoipa::path(tag = "exceptions", params(ExceptionQuery), responses(
    (status = 200, body = Page<ExceptionBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/exceptions")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<ExceptionQuery>,
) -> Result<Json<Page<ExceptionBody>>, Problem> {
    let round: RoundId = id(&path)?;
    let ExceptionQuery { limit, after, state: standing } = query.into_inner();
    let before = maybe_id(after.as_deref())?;
    let found =
        state.act(&caller, move |office, actor| office.exceptions(actor, round, standing, before, limit)).await?;
    let items = found.into_iter().map(ExceptionBody::from).collect();
    Ok(Json(Page::of(items, limit, |one| one.id.to_string())))
}

/// One exception.
#[utoipa::path(tag = "exceptions", responses(
    (status = 200, body = ExceptionBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/exceptions/{id}")]
pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<ExceptionBody>, Problem> {
    let one: ExceptionId = id(&path)?;
    let view = state.act(&caller, move |office, actor| office.exception(actor, one)).await?;
    Ok(Json(view.into()))
}

/// Approve what another person proposed, or do not. Approved, it is an entitlement with a voucher of its own, for which
/// the budget is committed.
#[utoipa::path(tag = "exceptions", request_body = ExceptionDecisionBody, responses(
    (status = 200, body = ExceptionDecidedBody),
    (status = 403, description = "Also for who proposed it, entered the household or handed something over to it", body = ProblemBody),
    (status = 404, body = ProblemBody),
    (status = 409, description = "`already_decided`, `owed_changed`, `budget_exceeded`, `round_over` or `period_closed`, and what a proposal is refused for", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/exceptions/{id}/decision")]
pub(super) async fn decide(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ExceptionDecisionBody>,
) -> Result<Json<ExceptionDecidedBody>, Problem> {
    let one: ExceptionId = id(&path)?;
    let ExceptionDecisionBody { approve, note } = body.into_inner();
    let made = state.act(&caller, move |office, actor| office.decide_exception(actor, one, approve, &note)).await?;
    Ok(Json(ExceptionDecidedBody { entitlement_id: made.map(|id| id.uuid()) }))
}
