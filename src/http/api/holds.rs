//! Entitlements as an office sees them, and holding one back.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use super::entitlements::ReasonBody;
use crate::domain::entitlement::{Entitlement, State as Standing};
use crate::http::{Caller, Problem, State};
use crate::service::Chosen;

/// An entitlement with its hold.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldBody {
    entitlement_id: Uuid,
    state: Standing,
    /// `none`, `effective`, or `requested`: a device has the right and cannot know of it yet.
    hold: String,
    /// Why it is held, when it is.
    reason: Option<String>,
}

impl From<Entitlement> for HoldBody {
    fn from(one: Entitlement) -> Self {
        Self {
            entitlement_id: one.id.uuid(),
            state: one.state,
            hold: one.hold().as_str().to_owned(),
            reason: one.held_reason,
        }
    }
}

/// An entitlement as an office sees it: masked, and without the codes that redeem it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntitlementBody {
    id: Uuid,
    round_id: Uuid,
    household_id: Uuid,
    household: String,
    nik_masked: Option<String>,
    address: String,
    /// The point's code.
    point: String,
    session_no: i32,
    desk_no: i32,
    print_no: i32,
    state: Standing,
    hold: String,
    held_reason: Option<String>,
    revoked_reason: Option<String>,
}

fn body(
    one: Entitlement,
    household: String,
    nik_masked: Option<String>,
    address: String,
    point: String,
) -> EntitlementBody {
    EntitlementBody {
        id: one.id.uuid(),
        round_id: one.round.uuid(),
        household_id: one.household.uuid(),
        household,
        nik_masked,
        address,
        point,
        session_no: one.session_no,
        desk_no: one.desk_no,
        print_no: one.print_no,
        state: one.state,
        hold: one.hold().as_str().to_owned(),
        held_reason: one.held_reason,
        revoked_reason: one.revoked_reason,
    }
}

/// Which entitlements to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go on after this: the `next` of the page before.
    after: Option<String>,
    /// The id of a point.
    point: Option<String>,
    /// `available`, `leased`, `redeemed` …
    state: Option<String>,
    /// Only those that are held, in force or asked for.
    #[serde(default)]
    held: bool,
}

/// Entitlements of a round, masked and without codes.
#[utoipa::path(tag = "entitlements", params(Filter), responses(
    (status = 200, body = Page<EntitlementBody>), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/entitlements")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<Filter>,
) -> Result<Json<Page<EntitlementBody>>, Problem> {
    let round = id(&path)?;
    let wanted = query.state.as_deref();
    let known = wanted.map(|word| Standing::parse(word).ok_or_else(|| Problem::bad_request("bad_query", "state")));
    let chosen = Chosen { point: maybe_id(query.point.as_deref())?, state: known.transpose()?, held: query.held };
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found =
        state.act(&caller, move |office, actor| office.entitlements(actor, round, &chosen, after, limit)).await?;
    let items = found.into_iter().map(|one| {
        let (household, nik, address) = (one.household, one.nik_masked, one.address);
        body(one.entitlement, household, nik, address, one.point)
    });
    Ok(Json(Page::of(items.collect(), limit, |one: &EntitlementBody| one.id.to_string())))
}

/// One entitlement, masked.
#[utoipa::path(tag = "entitlements", responses(
    (status = 200, body = EntitlementBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/entitlements/{id}")]
pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<EntitlementBody>, Problem> {
    let id = id(&path)?;
    let one = state.act(&caller, move |office, actor| office.entitlement(actor, id)).await?;
    Ok(Json(body(one.entitlement, one.household, one.nik_masked, one.address, one.point.code)))
}

/// Hold an entitlement back. With a device that may be offline it is only asked for, and in force once the
/// right is back.
#[utoipa::path(tag = "entitlements", request_body = ReasonBody, responses(
    (status = 200, body = HoldBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`already_held`, `not_available`", body = ProblemBody)))]
#[post("/entitlements/{id}/hold")]
pub(super) async fn hold(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ReasonBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let held = state.act(&caller, move |office, actor| office.hold(actor, id, &body.reason)).await?;
    Ok(HttpResponse::Ok().json(HoldBody::from(held)))
}

/// Let a held entitlement go.
#[utoipa::path(tag = "entitlements", request_body = ReasonBody, responses(
    (status = 200, body = HoldBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`not_held`", body = ProblemBody)))]
#[post("/entitlements/{id}/release")]
pub(super) async fn release(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ReasonBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let free = state.act(&caller, move |office, actor| office.release(actor, id, &body.reason)).await?;
    Ok(HttpResponse::Ok().json(HoldBody::from(free)))
}
