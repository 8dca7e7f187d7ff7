//! Devices: scanners and desks.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use super::entitlements::ReasonBody;
use crate::domain::entitlement::{Entitlement, State as EntitlementState};
use crate::domain::lease::brake::Brake;
use crate::domain::lease::office::{Keeper, Standing};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{DeviceSheet, NewDevice, WriteOffView};
use crate::token::KeyId;

/// How far a device goes without contact.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BrakeBody {
    /// At most so many packages.
    pub(super) packages: Option<u32>,
    /// At most so many hours.
    pub(super) hours: Option<u32>,
}

impl From<Brake> for BrakeBody {
    fn from(brake: Brake) -> Self {
        Self { packages: brake.packages, hours: brake.hours }
    }
}

impl From<BrakeBody> for Brake {
    fn from(body: BrakeBody) -> Self {
        Self { packages: body.packages, hours: body.hours }
    }
}

/// A wish to give a device up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WriteOffBody {
    asked_by: Uuid,
    asked_at: String,
    reason: String,
    open_leases: u64,
    /// Whether another person agreed.
    agreed: bool,
    /// How many entitlements became unresolved.
    unresolved: Option<i64>,
}

impl From<WriteOffView> for WriteOffBody {
    fn from(asked: WriteOffView) -> Self {
        Self {
            asked_by: asked.asked_by.uuid(),
            asked_at: asked.asked_at.iso(API_ZONE),
            reason: asked.reason,
            open_leases: asked.open_leases,
            agreed: asked.agreed,
            unresolved: asked.unresolved,
        }
    }
}

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
    enrolled_at: String,
    /// `server` for a desk in a browser, `itself` for a device with a key and a journal of its own.
    keeper: &'static str,
    /// How well its key is kept: `hardware`, `webcrypto`, `software`, `server`.
    tier: String,
    /// `active`, `revoked` or `written_off`.
    standing: &'static str,
    /// Two receipts took one place in its chain: a copy exists, or it was set back.
    forked: bool,
    /// The highest place of its chain that a receipt has come for.
    highest: i64,
    /// How many places of its chain a receipt has come for.
    received: i64,
    /// How many receipts it has signed, as far as is known, that have not come.
    unsynced: i64,
    open_leases: u64,
    open_value_minor: i64,
    /// Whether the server waits for its answer after a restore.
    owes_answer: bool,
    brake: BrakeBody,
    write_off: Option<WriteOffBody>,
}

pub(super) const fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Active => "active",
        Standing::Revoked => "revoked",
        Standing::WrittenOff => "written_off",
    }
}

impl From<DeviceSheet> for DeviceBody {
    fn from(sheet: DeviceSheet) -> Self {
        let device = sheet.device;
        let (highest, received, keeper) = match device.keeper {
            Keeper::Server => (device.seq, device.seq, "server"),
            Keeper::Itself => (device.highest, device.received, "itself"),
        };
        Self {
            id: device.id.uuid(),
            number: device.number,
            point_id: device.point.uuid(),
            kid: KeyId::from_bytes(device.kid).to_string(),
            receipts: received,
            last_contact_at: device.last_contact_at.map(|at| at.iso(API_ZONE)),
            revoked_at: device.revoked_at.map(|at| at.iso(API_ZONE)),
            enrolled_at: device.created_at.iso(API_ZONE),
            keeper,
            standing: standing_word(device.standing()),
            forked: device.forked,
            highest,
            received,
            unsynced: device.unsynced(),
            open_leases: sheet.out.packages,
            open_value_minor: sheet.out.value.minor(),
            owes_answer: sheet.owes_answer,
            brake: device.brake.into(),
            write_off: sheet.write_off.map(Into::into),
            name: device.name,
            tier: device.tier,
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
    let found = state.act(&caller, move |office, actor| office.device_sheets(actor, after, limit)).await?;
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
    let made = state
        .act(&caller, move |office, actor| {
            let made = office.create_device(actor, &new)?;
            office.device_sheet(actor, made.id)
        })
        .await?;
    Ok(HttpResponse::Created().json(DeviceBody::from(made)))
}

/// One device.
#[utoipa::path(tag = "devices", responses((status = 200, body = DeviceBody), (status = 404, body = ProblemBody)))]
#[get("/devices/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<DeviceBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.device_sheet(actor, id)).await?;
    Ok(Json(found.into()))
}

/// Revoke a device: it gets no more leases, and a desk signs no receipt from then on. What a device with a journal of
/// its own has, it still brings.
#[utoipa::path(tag = "devices", responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[delete("/devices/{id}")]
pub(super) async fn revoke(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    state.act(&caller, move |office, actor| office.revoke_device(actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An entitlement that a device has, or may have.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldBody {
    entitlement: Uuid,
    round_id: Uuid,
    point_id: Uuid,
    /// `leased`, or `unresolved` once the device was given up.
    state: EntitlementState,
    /// The lease: the epoch and the number in it.
    fence: [u64; 2],
    value_minor: i64,
    /// Why it is to be revoked, if it is.
    revoke_requested: Option<String>,
    /// Whether it is held back: `none`, `requested`, `effective`.
    hold: &'static str,
}

impl From<Entitlement> for HeldBody {
    fn from(one: Entitlement) -> Self {
        Self {
            entitlement: one.id.uuid(),
            round_id: one.round.uuid(),
            point_id: one.point.uuid(),
            state: one.state,
            fence: [u64::from(one.fence.epoch), one.fence.counter],
            value_minor: one.value.minor(),
            hold: one.hold().as_str(),
            revoke_requested: one.marks.revoke_requested,
        }
    }
}

/// What a device has, or may have, in the order of the ids. No names, and no codes that redeem.
#[utoipa::path(tag = "devices", params(Paging), responses(
    (status = 200, body = Page<HeldBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/devices/{id}/leases")]
pub(super) async fn leases(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<Paging>,
) -> Result<Json<Page<HeldBody>>, Problem> {
    let (id, after, limit) = (id(&path)?, maybe_id(query.after.as_deref())?, query.limit);
    let found = state.act(&caller, move |office, actor| office.device_leases(actor, id, after, limit)).await?;
    Ok(Json(Page::of(found.into_iter().map(HeldBody::from).collect(), limit, |one| one.entitlement.to_string())))
}

/// Set how far a device goes without contact. It hears of it at its next.
#[utoipa::path(tag = "devices", request_body = BrakeBody, responses(
    (status = 200, body = BrakeBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[put("/devices/{id}/brake")]
pub(super) async fn set_brake(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<BrakeBody>,
) -> Result<Json<BrakeBody>, Problem> {
    let id = id(&path)?;
    let brake = body.into_inner();
    state.act(&caller, move |office, actor| office.set_brake(actor, id, brake.into())).await?;
    Ok(Json(brake))
}

/// Ask that a device be given up. What it holds becomes unresolved once another person agrees.
#[utoipa::path(tag = "devices", request_body = ReasonBody, responses(
    (status = 201, body = WriteOffBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`exists`, `not_given_up`", body = ProblemBody)))]
#[post("/devices/{id}/write-off")]
pub(super) async fn ask_write_off(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ReasonBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let asked = state.act(&caller, move |office, actor| office.ask_write_off(actor, id, &body.reason)).await?;
    Ok(HttpResponse::Created().json(WriteOffBody::from(asked)))
}

/// What a write-off came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WrittenOffBody {
    /// How many entitlements became unresolved.
    unresolved: i64,
}

/// Agree that a device be given up; another person than the one who asked.
#[utoipa::path(tag = "devices", responses(
    (status = 200, body = WrittenOffBody), (status = 403, description = "`same_person`", body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`already_decided`", body = ProblemBody)))]
#[post("/devices/{id}/write-off/agree")]
pub(super) async fn agree_write_off(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<WrittenOffBody>, Problem> {
    let id = id(&path)?;
    let unresolved = state.act(&caller, move |office, actor| office.agree_write_off(actor, id)).await?;
    Ok(Json(WrittenOffBody { unresolved }))
}
