//! After a restore: whom the server waits for. And what is at stake on devices that are silent.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::ProblemBody;
use super::enrolments::{HeadBody, b64};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};

/// A device that still owes an answer, and what that blocks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MissingBody {
    device: Uuid,
    number: i32,
    name: String,
    /// Its point's code.
    point: String,
    /// The newest epoch in which it answered.
    answered: u32,
    last_contact_at: Option<String>,
    /// Leases that this server believes to be with it.
    leases: u64,
    /// Entitlements of its point that are free as far as this server knows; it may hold any of them.
    point_available: i64,
    /// What those are worth.
    value_minor: i64,
}

/// How far a recovery is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecoveryBody {
    epoch: u32,
    /// Whether nothing is granted or redeemed.
    recovering: bool,
    /// Why the server has to be restored properly first, if it has.
    behind: Option<String>,
    /// How many devices of the installation still owe an answer.
    missing: u32,
    facts: HeadBody,
    /// Those of the caller's agency.
    devices: Vec<MissingBody>,
}

/// How far a recovery is, and whom it waits for.
#[utoipa::path(tag = "devices", responses((status = 200, body = RecoveryBody), (status = 403, body = ProblemBody)))]
#[get("/recovery")]
pub(super) async fn get(state: Data<State>, caller: Caller) -> Result<Json<RecoveryBody>, Problem> {
    let view = state.act(&caller, |office, actor| office.recovery(actor)).await?;
    let devices = view.devices.into_iter().map(|one| MissingBody {
        device: one.device.id.uuid(),
        number: one.device.number,
        point: one.point,
        answered: one.device.answered,
        last_contact_at: one.device.last_contact_at.map(|at| at.iso(API_ZONE)),
        leases: one.leases,
        point_available: one.free,
        value_minor: one.free_value_minor,
        name: one.device.name,
    });
    Ok(Json(RecoveryBody {
        epoch: view.epoch,
        recovering: view.recovering,
        behind: view.behind,
        missing: view.missing,
        facts: HeadBody { size: view.facts.size, root: b64(&view.facts.root) },
        devices: devices.collect(),
    }))
}

/// Since when a device must have been silent.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct ExposureQuery {
    /// For at least so many hours; 0 for all that is out now.
    #[serde(default)]
    silent_hours: u32,
}

/// A device that is silent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SilentBody {
    device: Uuid,
    number: i32,
    name: String,
    /// Its point's code.
    point: String,
    last_contact_at: Option<String>,
    packages: u64,
    value_minor: i64,
}

/// What is at stake.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExposureBody {
    silent_hours: u32,
    at: String,
    packages: u64,
    value_minor: i64,
    devices: Vec<SilentBody>,
}

/// Packages and money on leases of devices that have been silent for so many hours.
#[utoipa::path(tag = "devices", params(ExposureQuery), responses((status = 200, body = ExposureBody), (status = 403, body = ProblemBody)))]
#[get("/exposure")]
pub(super) async fn exposure(
    state: Data<State>,
    caller: Caller,
    query: Query<ExposureQuery>,
) -> Result<Json<ExposureBody>, Problem> {
    let hours = query.silent_hours.min(100_000);
    let view = state.act(&caller, move |office, actor| office.exposure(actor, hours)).await?;
    let devices = view.devices.into_iter().map(|one| SilentBody {
        device: one.device.id.uuid(),
        number: one.device.number,
        point: one.point,
        last_contact_at: one.device.last_contact_at.map(|at| at.iso(API_ZONE)),
        packages: one.out.packages,
        value_minor: one.out.value.minor(),
        name: one.device.name,
    });
    Ok(Json(ExposureBody {
        silent_hours: view.silent_hours,
        at: view.at.iso(API_ZONE),
        packages: view.total.packages,
        value_minor: view.total.value.minor(),
        devices: devices.collect(),
    }))
}
