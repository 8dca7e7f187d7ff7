//! Substitutions: a reserve household takes the place of another.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use super::decisions::BeneficiaryBody;
use crate::domain::id::{ProgrammeId, SubstitutionId};
use crate::domain::verval::{Reason, SubstitutionState};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{NewSubstitution, SubstitutionView};

/// A proposal that one household takes the place of another.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubstitutionBody {
    id: Uuid,
    state: SubstitutionState,
    old: BeneficiaryBody,
    new: BeneficiaryBody,
    reason: Reason,
    statement_no: String,
    statement_date: String,
    note: String,
    proposed_by: String,
    proposed_at: String,
    decided_by: Option<String>,
    decided_at: Option<String>,
}

impl From<SubstitutionView> for SubstitutionBody {
    fn from(view: SubstitutionView) -> Self {
        let (decided_by, decided_at) = view.decided.unzip();
        let one = view.substitution;
        Self {
            id: one.id.uuid(),
            state: one.state,
            old: view.old.into(),
            new: view.new.into(),
            reason: one.reason,
            statement_no: one.statement_no,
            statement_date: one.statement_date.to_string(),
            note: one.note,
            proposed_by: view.proposed_by,
            proposed_at: one.proposed_at.iso(API_ZONE),
            decided_by,
            decided_at: decided_at.map(|at| at.iso(API_ZONE)),
        }
    }
}

/// A substitution that somebody proposes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSubstitutionBody {
    /// Whose place becomes free: approved.
    old_household_id: Uuid,
    /// Who takes it: in reserve.
    new_household_id: Uuid,
    reason: Reason,
    /// Number of the statement (SPTJM).
    statement_no: String,
    /// Its date, `2026-11-24`.
    #[schema(value_type = String, format = Date)]
    statement_date: Date,
    #[serde(default)]
    note: String,
}

/// A proposal that was kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProposedBody {
    id: Uuid,
}

/// What an approved substitution came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReplacedBody {
    /// The entitlements of the replaced household that were revoked.
    revoked: Vec<Uuid>,
    /// The entitlements that the other household got in their place.
    issued: Vec<Uuid>,
    /// How many vouchers of rounds that have not closed had been redeemed before; nobody gets a second package
    /// for them.
    redeemed: i64,
}

/// Why a proposal is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefusedBody {
    reason: String,
}

/// Which proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct SubstitutionQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go back in time behind this one.
    after: Option<String>,
    /// Only those of this state.
    state: Option<SubstitutionState>,
}

/// The substitutions of a programme, newest first. The look is on record.
#[utoipa::path(tag = "verval", params(SubstitutionQuery), responses(
    (status = 200, body = Page<SubstitutionBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/substitutions")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<SubstitutionQuery>,
) -> Result<Json<Page<SubstitutionBody>>, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let SubstitutionQuery { limit, after, state: wanted } = query.into_inner();
    let before = maybe_id(after.as_deref())?;
    let found =
        state.act(&caller, move |office, actor| office.substitutions(actor, programme, wanted, before, limit)).await?;
    let items = found.into_iter().map(SubstitutionBody::from).collect();
    Ok(Json(Page::of(items, limit, |one| one.id.to_string())))
}

/// Propose that a reserve household takes the place of an approved one.
#[utoipa::path(tag = "verval", request_body = NewSubstitutionBody, responses(
    (status = 201, body = ProposedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`wrong_standing`, or `exists`: one of the two is part of another proposal", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/programmes/{id}/substitutions")]
pub(super) async fn propose(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewSubstitutionBody>,
) -> Result<HttpResponse, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let body = body.into_inner();
    let new = NewSubstitution {
        old: body.old_household_id.into(),
        new: body.new_household_id.into(),
        reason: body.reason,
        statement_no: body.statement_no,
        statement_date: body.statement_date,
        note: body.note,
    };
    let made = state.act(&caller, move |office, actor| office.propose_substitution(actor, programme, &new)).await?;
    Ok(HttpResponse::Created().json(ProposedBody { id: made.uuid() }))
}

/// Approve a substitution that another person proposed: the voucher of the one is revoked and the other gets an
/// entitlement, in one go.
#[utoipa::path(tag = "verval", responses(
    (status = 200, body = ReplacedBody), (status = 403, description = "Also for who proposed it", body = ProblemBody),
    (status = 404, body = ProblemBody),
    (status = 409, description = "`already_decided`, `wrong_standing`, `budget_exceeded`, or `paper_away`: a device holds the voucher", body = ProblemBody)))]
#[post("/substitutions/{id}/approve")]
pub(super) async fn approve(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<ReplacedBody>, Problem> {
    let one: SubstitutionId = id(&path)?;
    let replaced = state.act(&caller, move |office, actor| office.approve_substitution(actor, one)).await?;
    let uuids = |ids: Vec<crate::domain::id::EntitlementId>| ids.into_iter().map(|one| one.uuid()).collect();
    Ok(Json(ReplacedBody {
        revoked: uuids(replaced.revoked),
        issued: uuids(replaced.issued),
        redeemed: replaced.redeemed,
    }))
}

/// Refuse a substitution that another person proposed.
#[utoipa::path(tag = "verval", request_body = RefusedBody, responses(
    (status = 204), (status = 403, description = "Also for who proposed it", body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`already_decided`", body = ProblemBody)))]
#[post("/substitutions/{id}/refuse")]
pub(super) async fn refuse(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<RefusedBody>,
) -> Result<HttpResponse, Problem> {
    let one: SubstitutionId = id(&path)?;
    let why = body.into_inner().reason;
    state.act(&caller, move |office, actor| office.refuse_substitution(actor, one, &why)).await?;
    Ok(HttpResponse::NoContent().finish())
}
