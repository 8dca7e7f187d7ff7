//! The paper after it was printed: bundles and their ways, reprints that are asked for, and why a household
//! has not come.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, ProblemBody, id};
use crate::domain::custody::{Cause, Step, Whereabouts};
use crate::domain::document::AbsenceReason;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{BundleView, NewStep, ReprintView};

/// Where the vouchers of a bundle are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhereaboutsBody {
    /// All of them.
    vouchers: i32,
    /// In the office: they never went out.
    in_office: i32,
    /// With an RT or village officer.
    out: i32,
    /// With their households, as was recorded.
    delivered: i32,
    /// With their households, as nobody recorded and a desk has seen.
    proven: i32,
    /// Back in the office.
    returned: i32,
}

impl From<Whereabouts> for WhereaboutsBody {
    fn from(there: Whereabouts) -> Self {
        let places = there.places();
        Self {
            vouchers: there.vouchers,
            in_office: places.in_office,
            out: places.out,
            delivered: places.delivered,
            proven: places.proven,
            returned: places.returned,
        }
    }
}

/// A step of a bundle.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepBody {
    step: Step,
    vouchers: i32,
    holder: String,
    note: String,
    recorded_by: String,
    /// ISO 8601 with offset.
    recorded_at: String,
}

/// The vouchers of one point, village and RT that go out together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BundleBody {
    id: Uuid,
    /// The code on its head, to be scanned or typed.
    code: String,
    number: i32,
    point: String,
    village: String,
    rt: String,
    first_serial: i32,
    last_serial: i32,
    whereabouts: WhereaboutsBody,
    steps: Vec<StepBody>,
}

impl From<BundleView> for BundleBody {
    fn from(view: BundleView) -> Self {
        Self {
            id: view.bundle.id.uuid(),
            code: view.bundle.code,
            number: view.bundle.number,
            point: view.point,
            village: view.bundle.village,
            rt: view.bundle.rt,
            first_serial: view.bundle.first_serial,
            last_serial: view.bundle.last_serial,
            whereabouts: view.whereabouts.into(),
            steps: view
                .steps
                .into_iter()
                .map(|(taken, by)| StepBody {
                    step: taken.step,
                    vouchers: taken.vouchers,
                    holder: taken.holder,
                    note: taken.note,
                    recorded_by: by,
                    recorded_at: taken.recorded_at.iso(API_ZONE),
                })
                .collect(),
        }
    }
}

/// How many bundles were made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PreparedBody {
    bundles: i64,
}

/// What is recorded of a bundle.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewStepBody {
    step: Step,
    /// How many vouchers; handing on takes all of them.
    #[serde(default)]
    vouchers: i32,
    /// To whom, or from whom; due when the bundle is handed on.
    #[serde(default)]
    holder: String,
    #[serde(default)]
    note: String,
}

/// Why another print is wanted.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewReprintBody {
    cause: Cause,
    reason: String,
    /// Whether the old sheet is back in the office.
    #[serde(default)]
    sheet_kept: bool,
}

/// A reprint that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RequestedBody {
    id: Uuid,
}

/// A reprint.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReprintBody {
    id: Uuid,
    entitlement_id: Uuid,
    household: String,
    point: String,
    cause: Cause,
    reason: String,
    sheet_kept: bool,
    old_print_no: i32,
    /// Null until somebody who issues makes it.
    new_print_no: Option<i32>,
    requested_by: String,
    /// ISO 8601 with offset.
    requested_at: String,
    /// Null while nobody has agreed, and where one person did it alone.
    approved_by: Option<String>,
    approved_at: Option<String>,
}

impl From<ReprintView> for ReprintBody {
    fn from(view: ReprintView) -> Self {
        let one = view.reprint;
        Self {
            id: one.id.uuid(),
            entitlement_id: one.entitlement.uuid(),
            household: view.name,
            point: view.point,
            cause: one.cause,
            reason: one.reason,
            sheet_kept: one.sheet_kept,
            old_print_no: one.old_print_no,
            new_print_no: one.new_print_no,
            requested_by: view.requested_by,
            requested_at: one.requested_at.iso(API_ZONE),
            approved_by: view.approved_by,
            approved_at: one.approved_at.map(|at| at.iso(API_ZONE)),
        }
    }
}

/// Why a household has not come.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewAbsenceBody {
    reason: AbsenceReason,
    /// What follows.
    #[serde(default)]
    follow_up: String,
}

/// The bundles of a round with their ways.
#[utoipa::path(tag = "custody", responses(
    (status = 200, body = Page<BundleBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/bundles")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<BundleBody>>, Problem> {
    let round = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.bundles(actor, round)).await?;
    Ok(Json(Page::whole(found.into_iter().map(Into::into).collect())))
}

/// Put every voucher that lies in no bundle into one: a bundle for each point, village and RT.
#[utoipa::path(tag = "custody", responses(
    (status = 200, body = PreparedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/rounds/{id}/bundles")]
pub(super) async fn prepare(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<PreparedBody>, Problem> {
    let round = id(&path)?;
    let bundles = state.act(&caller, move |office, actor| office.prepare_bundles(actor, round)).await?;
    Ok(Json(PreparedBody { bundles }))
}

/// Record where a bundle, or a part of it, went.
#[utoipa::path(tag = "custody", request_body = NewStepBody, responses(
    (status = 201, body = WhereaboutsBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/bundles/{id}/steps")]
pub(super) async fn step(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewStepBody>,
) -> Result<HttpResponse, Problem> {
    let bundle = id(&path)?;
    let NewStepBody { step, vouchers, holder, note } = body.into_inner();
    let new = NewStep { step, vouchers, holder, note };
    let there = state.act(&caller, move |office, actor| office.record_step(actor, bundle, &new)).await?;
    Ok(HttpResponse::Created().json(WhereaboutsBody::from(there)))
}

/// Ask for another print of a voucher. The voucher stays as it is until somebody who issues makes it.
#[utoipa::path(tag = "custody", request_body = NewReprintBody, responses(
    (status = 201, body = RequestedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`exists`: one was asked for, or `not_available`", body = ProblemBody)))]
#[post("/entitlements/{id}/reprint-requests")]
pub(super) async fn request_reprint(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewReprintBody>,
) -> Result<HttpResponse, Problem> {
    let entitlement = id(&path)?;
    let NewReprintBody { cause, reason, sheet_kept } = body.into_inner();
    let asked = move |office: &crate::service::Office, actor: &crate::service::Actor| {
        office.request_reprint(actor, entitlement, (cause, &reason), sheet_kept)
    };
    let made = state.act(&caller, asked).await?;
    Ok(HttpResponse::Created().json(RequestedBody { id: made.uuid() }))
}

/// The reprints of a round, oldest first.
#[utoipa::path(tag = "custody", responses(
    (status = 200, body = Page<ReprintBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/reprints")]
pub(super) async fn reprints(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<ReprintBody>>, Problem> {
    let round = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.reprints(actor, round)).await?;
    Ok(Json(Page::whole(found.into_iter().map(Into::into).collect())))
}

/// Note why a household has not come, and what follows. The newest note counts.
#[utoipa::path(tag = "custody", request_body = NewAbsenceBody, responses(
    (status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`not_available`: it was handed over or taken away", body = ProblemBody)))]
#[post("/entitlements/{id}/absences")]
pub(super) async fn note_absence(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewAbsenceBody>,
) -> Result<HttpResponse, Problem> {
    let entitlement = id(&path)?;
    let NewAbsenceBody { reason, follow_up } = body.into_inner();
    state.act(&caller, move |office, actor| office.note_absence(actor, entitlement, reason, &follow_up)).await?;
    Ok(HttpResponse::NoContent().finish())
}
