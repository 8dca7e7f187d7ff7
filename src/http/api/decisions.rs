//! Verification: the households of a programme by name by address, and decisions on them.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use super::lists::ListBody;
use crate::domain::household::Vulnerability;
use crate::domain::id::ProgrammeId;
use crate::domain::verval::{Reason, Standing};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{BnbaFilter, BnbaFlag, BnbaView, Decided, DecisionView, ListStanding, NewDecision, Whom};

/// A household of a programme. Its NIK is masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BeneficiaryBody {
    household_id: Uuid,
    source_id: String,
    name: String,
    nik_masked: Option<String>,
    rt: String,
    village: String,
    sub_district: String,
    decile: Option<i32>,
    civil_match: Option<bool>,
    categories: String,
    standing: Standing,
    reason: Option<Reason>,
    evidence: String,
    decided_by: String,
    point: Option<String>,
    suspected: bool,
    /// Whether it holds a voucher of a round that has not closed.
    live_paper: bool,
}

impl From<BnbaView> for BeneficiaryBody {
    fn from(view: BnbaView) -> Self {
        Self {
            household_id: view.id.uuid(),
            source_id: view.source_id,
            name: view.name,
            nik_masked: view.nik_masked,
            rt: view.rt,
            village: view.village,
            sub_district: view.sub_district,
            decile: view.decile,
            civil_match: view.civil_match,
            categories: view.categories,
            standing: view.standing,
            reason: view.reason,
            evidence: view.evidence,
            decided_by: view.decided_by,
            point: view.point,
            suspected: view.suspected,
            live_paper: view.live_paper,
        }
    }
}

/// Which households of a programme. Nothing given means all of them.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FilterBody {
    sub_district: Option<String>,
    village: Option<String>,
    standing: Option<Standing>,
    decile: Option<i32>,
    category: Option<Vulnerability>,
    /// `says_deceased`, `no_nik`, `not_matched`, `suspected`, `live_paper`, `not_in_list`, `left_list` or
    /// `unplaced`.
    flag: Option<String>,
}

impl FilterBody {
    fn filter(self) -> Result<BnbaFilter, Problem> {
        let flag = match self.flag {
            None => None,
            Some(code) => Some(BnbaFlag::parse(&code).ok_or_else(|| Problem::bad_request("bad_query", "flag"))?),
        };
        Ok(BnbaFilter {
            sub_district: self.sub_district,
            village: self.village,
            standing: self.standing,
            decile: self.decile,
            category: self.category,
            flag,
        })
    }
}

/// A page of the households of a programme.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct BeneficiaryQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go on after this household.
    after: Option<String>,
    /// Only those of this sub-district.
    sub_district: Option<String>,
    /// Only those of this village.
    village: Option<String>,
    /// Only those of this standing.
    standing: Option<Standing>,
    /// Only those of this decile.
    decile: Option<i32>,
    /// Only those of this category.
    category: Option<Vulnerability>,
    /// Only those with this oddity: `says_deceased`, `no_nik`, `not_matched`, `suspected`, `live_paper`,
    /// `not_in_list`, `left_list` or `unplaced`.
    flag: Option<String>,
}

/// A page of the households of a programme, and how many match in all.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BeneficiariesBody {
    items: Vec<BeneficiaryBody>,
    next: Option<String>,
    /// How many match, over all pages.
    total: i64,
}

/// A decision on households: on these, or on all that match a filter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDecisionBody {
    /// On these households.
    households: Option<Vec<Uuid>>,
    /// On all that match, if they are as many as `expected` says.
    filter: Option<FilterBody>,
    /// How many match the filter.
    expected: Option<i64>,
    standing: Standing,
    /// Due beside `not_eligible`, and nowhere else.
    reason: Option<Reason>,
    /// The number of a letter, who said so. Due where the reason is `other`.
    #[serde(default)]
    evidence: String,
}

impl NewDecisionBody {
    fn parts(self) -> Result<(Whom, NewDecision), Problem> {
        let new = NewDecision { standing: self.standing, reason: self.reason, evidence: self.evidence };
        let whom = match (self.households, self.filter, self.expected) {
            (Some(ids), None, None) => Whom::These(ids.into_iter().map(Into::into).collect()),
            (None, Some(filter), Some(expected)) => Whom::Matching { filter: filter.filter()?, expected },
            _ => return Err(Problem::bad_request("bad_body", "households, or filter and expected")),
        };
        Ok((whom, new))
    }
}

/// What a decision came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecidedBody {
    decided: i64,
    /// On these the same stood already.
    unchanged: i64,
    /// Not approved now, and holding a voucher of a round that has not closed. The voucher stays good; a
    /// coordinator can revoke it.
    live_papers: Vec<Uuid>,
}

impl From<Decided> for DecidedBody {
    fn from(decided: Decided) -> Self {
        Self {
            decided: decided.decided,
            unchanged: decided.unchanged,
            live_papers: decided.live_papers.into_iter().map(|one| one.uuid()).collect(),
        }
    }
}

/// A decision that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionBody {
    programme_id: Uuid,
    standing: Standing,
    reason: Option<Reason>,
    evidence: String,
    /// The file that said so, when one did.
    intake_id: Option<Uuid>,
    decided_by: String,
    decided_at: String,
}

impl From<DecisionView> for DecisionBody {
    fn from(view: DecisionView) -> Self {
        Self {
            programme_id: view.programme.uuid(),
            standing: view.standing,
            reason: view.reason,
            evidence: view.evidence,
            intake_id: view.intake.map(|intake| intake.uuid()),
            decided_by: view.by,
            decided_at: view.at.iso(API_ZONE),
        }
    }
}

/// How the list of a programme stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListStandingBody {
    /// The newest version that a decree fixed; null while none has.
    newest_list: Option<ListBody>,
    approved: i64,
    reserve: i64,
    not_eligible: i64,
    undecided: i64,
    /// Approved, and not in the newest list.
    not_in_list: i64,
    /// In the newest list, and not approved any more.
    left_list: i64,
    /// Not approved, and holding a voucher of a round that has not closed.
    live_papers: i64,
    open_suspicions: i64,
    open_substitutions: i64,
    /// Approved, and without a point.
    unplaced: i64,
}

impl From<ListStanding> for ListStandingBody {
    fn from(standing: ListStanding) -> Self {
        Self {
            newest_list: standing.newest.map(ListBody::bare),
            approved: standing.approved,
            reserve: standing.reserve,
            not_eligible: standing.not_eligible,
            undecided: standing.undecided,
            not_in_list: standing.not_in_list,
            left_list: standing.left_list,
            live_papers: standing.live_papers,
            open_suspicions: standing.open_suspicions,
            open_substitutions: standing.open_substitutions,
            unplaced: standing.unplaced,
        }
    }
}

/// The households of a programme by name by address, masked, sorted by sub-district, village, RT and name.
/// The look is on record.
#[utoipa::path(tag = "verval", params(BeneficiaryQuery), responses(
    (status = 200, body = BeneficiariesBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/beneficiaries")]
pub(super) async fn beneficiaries(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<BeneficiaryQuery>,
) -> Result<Json<BeneficiariesBody>, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let BeneficiaryQuery { limit, after, sub_district, village, standing, decile, category, flag } = query.into_inner();
    let after = maybe_id(after.as_deref())?;
    let filter = FilterBody { sub_district, village, standing, decile, category, flag }.filter()?;
    let (found, total) =
        state.act(&caller, move |office, actor| office.bnba(actor, programme, &filter, after, limit)).await?;
    let items: Vec<BeneficiaryBody> = found.into_iter().map(BeneficiaryBody::from).collect();
    let Page { items, next } = Page::of(items, limit, |one| one.household_id.to_string());
    Ok(Json(BeneficiariesBody { items, next, total }))
}

/// Decide on households: on all of them, or on none. No voucher is touched by it.
#[utoipa::path(tag = "verval", request_body = NewDecisionBody, responses(
    (status = 201, body = DecidedBody),
    (status = 403, description = "Also `same_person`: who entered a household does not decide on it", body = ProblemBody),
    (status = 404, body = ProblemBody),
    (status = 409, description = "`count_changed`: another number matches than `expected` says", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/programmes/{id}/decisions")]
pub(super) async fn decide(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewDecisionBody>,
) -> Result<HttpResponse, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let (whom, new) = body.into_inner().parts()?;
    let decided = state.act(&caller, move |office, actor| office.decide(actor, programme, &whom, &new)).await?;
    Ok(HttpResponse::Created().json(DecidedBody::from(decided)))
}

/// The decisions on a household, in all programmes of the agency, oldest first. The look is on record.
#[utoipa::path(tag = "verval", responses(
    (status = 200, body = Page<DecisionBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/households/{id}/decisions")]
pub(super) async fn of_household(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<DecisionBody>>, Problem> {
    let household = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.verval_history(actor, household)).await?;
    Ok(Json(Page::whole(found.decisions.into_iter().map(DecisionBody::from).collect())))
}

/// How the list of a programme stands, against the newest decree and the open questions.
#[utoipa::path(tag = "verval", responses(
    (status = 200, body = ListStandingBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/standing")]
pub(super) async fn list_standing(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<ListStandingBody>, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let standing = state.act(&caller, move |office, actor| office.list_standing(actor, programme)).await?;
    Ok(Json(standing.into()))
}
