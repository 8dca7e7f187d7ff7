//! Devices: scanners and desks.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{DeviceView, NewDevice};

/// A device.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeviceBody {
    id: Uuid,
    number: i32,
    name: String,
    point_id: Uuid,
    /// The id of its key.
    kid: String,
    /// How many receipts it has signed.
    receipts: i64,
    last_contact_at: Option<String>,
    revoked_at: Option<String>,
}

impl From<DeviceView> for DeviceBody {
    fn from(device: DeviceView) -> Self {
        Self {
            id: device.id.uuid(),
            number: device.number,
            name: device.name,
            point_id: device.point.uuid(),
            kid: device.kid,
            receipts: device.receipts,
            last_contact_at: device.last_contact_at.map(|at| at.iso(API_ZONE)),
            revoked_at: device.revoked_at.map(|at| at.iso(API_ZONE)),
        }
    }
}

/// A desk that is to be added.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewDeviceBody {
    name: String,
    point_id: Uuid,
}

/// The devices of the caller's agency.
#[utoipa::path(tag = "devices", params(Paging), responses((status = 200, body = Page<DeviceBody>), (status = 403, body = ProblemBody)))]
#[get("/devices")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<DeviceBody>>, Problem> {
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found = state.act(&caller, move |office, actor| office.devices(actor, after, limit)).await?;
    Ok(Json(Page::of(found.into_iter().map(DeviceBody::from).collect(), limit, |one| one.id.to_string())))
}

/// Add a desk whose key the server holds.
#[utoipa::path(tag = "devices", request_body = NewDeviceBody, responses(
    (status = 201, body = DeviceBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/devices")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewDeviceBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let new = NewDevice { name: body.name, point: body.point_id.into() };
    let made = state.act(&caller, move |office, actor| office.create_device(actor, &new)).await?;
    Ok(HttpResponse::Created().json(DeviceBody::from(made)))
}

/// One device.
#[utoipa::path(tag = "devices", responses((status = 200, body = DeviceBody), (status = 404, body = ProblemBody)))]
#[get("/devices/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<DeviceBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.device(actor, id)).await?;
    Ok(Json(found.into()))
}

/// Revoke a device: it signs no receipt from then on.
#[utoipa::path(tag = "devices", responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[delete("/devices/{id}")]
pub(super) async fn revoke(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    state.act(&caller, move |office, actor| office.revoke_device(actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
