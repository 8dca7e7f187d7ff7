//! What reaches the office of a device on other roads than its own sync: incidents that people write down at its
//! desk, the list of its courier, and its journal in other hands.

use actix_web::web::{Bytes, Data, Json};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, ProblemBody};
use super::leases::{RunBody, SYNC_MAX};
use crate::domain::case::{CaseKind, reference};
use crate::domain::time::Timestamp;
use crate::http::{Caller, Problem, State};
use crate::service::DeviceReport;

/// What people at a desk wrote down. It changes no entitlement: it opens a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportBody {
    /// A UUID that the device drew; the same report again names the same case.
    id: Uuid,
    kind: CaseKind,
    /// The user who wrote it.
    operator: Uuid,
    /// The second person; due with `reversal`.
    #[serde(default)]
    witness: Option<Uuid>,
    /// The handout it is about; due with `reversal`. The handout stays on record.
    #[serde(default)]
    redemption_id: Option<Uuid>,
    #[serde(default)]
    entitlement_id: Option<Uuid>,
    /// The number of the receipt, as the device shows it.
    #[serde(default)]
    number: String,
    /// What happened.
    text: String,
    /// When, by the device's clock: milliseconds since 1970.
    at_ms: i64,
}

/// The case that was opened for a report.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportedBody {
    id: Uuid,
    /// What people call it: `K-1A2B3C4D`.
    reference: String,
}

/// Report an incident at the desk of the device that calls.
#[utoipa::path(tag = "devices", request_body = ReportBody, responses(
    (status = 201, body = ReportedBody), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/devices/me/reports")]
pub(super) async fn report(
    state: Data<State>,
    caller: Caller,
    body: Json<ReportBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let at = Timestamp::from_millis(body.at_ms).map_err(|_| Problem::bad_request("bad_body", "at_ms: a time"))?;
    let report = DeviceReport {
        id: body.id,
        kind: body.kind,
        operator: body.operator.into(),
        witness: body.witness.map(Into::into),
        redemption: body.redemption_id.map(Into::into),
        entitlement: body.entitlement_id.map(Into::into),
        number: body.number,
        text: body.text,
        at,
    };
    let case = state.device(&caller, move |office, device| office.take_report(device, &report)).await?;
    Ok(HttpResponse::Created().json(ReportedBody { id: case.uuid(), reference: reference(case) }))
}

/// The rights at the calling device's point whose package is to be brought home.
#[utoipa::path(tag = "devices", responses((status = 200, body = Page<Uuid>), (status = 401, body = ProblemBody)))]
#[get("/devices/me/home-deliveries")]
pub(super) async fn home_deliveries(state: Data<State>, caller: Caller) -> Result<Json<Page<Uuid>>, Problem> {
    let found = state.device(&caller, |office, device| office.home_deliveries(device)).await?;
    Ok(Json(Page::whole(found.into_iter().map(|one| one.uuid()).collect())))
}

/// What became of a journal that somebody brought.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JournalBody {
    items: Vec<RunBody>,
}

/// Take in the file into which a device wrote its journal. Whoever brings it is believed nothing: each receipt is
/// believed by its device's signature, and the same file again changes nothing.
#[utoipa::path(tag = "devices", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = JournalBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/journals")]
pub(super) async fn journal(
    state: Data<State>,
    caller: Caller,
    body: Result<Bytes, actix_web::Error>,
) -> Result<Json<JournalBody>, Problem> {
    let bytes = body.map_err(|_| Problem::too_large(SYNC_MAX))?;
    let runs = state.act(&caller, move |office, actor| office.take_journal(actor, &bytes)).await?;
    Ok(Json(JournalBody { items: runs.into_iter().map(Into::into).collect() }))
}
