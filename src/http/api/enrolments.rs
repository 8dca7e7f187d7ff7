//! Devices with a key of their own: inviting one, taking it in, what it may ask of itself, and its operators.

use actix_web::web::{Data, Json, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::ProblemBody;
use super::devices::{BrakeBody, standing_word};
use super::leases::{RoundBody, nonce_of};
use crate::domain::role::Role;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{NewEnrolment, SelfView};
use crate::token::{KeyId, VerifyingKey};

pub(super) fn b64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Bytes as base64url without padding.
pub(super) fn bytes_of(field: &'static str, text: &str) -> Result<Vec<u8>, Problem> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| Problem::bad_request("bad_body", format!("{field}: base64url")))
}

/// A device that is to be invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEnrolmentBody {
    /// What people will call it.
    name: String,
    /// Where it will stand.
    point_id: Uuid,
    /// How far it may go without contact.
    #[serde(default)]
    brake: BrakeBody,
}

/// An invitation. Its secrets are shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnrolmentBody {
    id: Uuid,
    name: String,
    point_id: Uuid,
    /// To be typed on the device: `7KQ4-M2XP-9D`.
    code: String,
    /// To be shown as a QR: an address, with the secret behind its `#`.
    text: String,
    code_expires_at: String,
    expires_at: String,
}

/// Invite a device to a point.
#[utoipa::path(tag = "devices", request_body = NewEnrolmentBody, responses(
    (status = 201, body = EnrolmentBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/enrolments")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    request: HttpRequest,
    body: Json<NewEnrolmentBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let new = NewEnrolment { name: body.name, point: body.point_id.into(), brake: body.brake.into() };
    let made = state.act(&caller, move |office, actor| office.create_enrolment(actor, &new)).await?;
    // Without a public address of its own, the installation is where this call found it.
    let address = made.text.starts_with('/').then(|| state.address_for(&request)).flatten();
    Ok(HttpResponse::Created().json(EnrolmentBody {
        id: made.id.uuid(),
        name: made.name,
        point_id: made.point.uuid(),
        code: made.code.to_string(),
        text: format!("{}{}", address.unwrap_or_default(), made.text),
        code_expires_at: made.code_expires_at.iso(API_ZONE),
        expires_at: made.expires_at.iso(API_ZONE),
    }))
}

/// A device that wants to be taken in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnrolBody {
    /// The typed code, or what stands behind `enrol=` in the QR.
    code: String,
    /// Its Ed25519 public key, 32 bytes in base64url.
    public_key: String,
    /// How well it keeps the private half: `hardware`, `webcrypto` or `software`.
    tier: String,
    /// Its signature, 64 bytes in base64url, over three lines: `salur-enrolment-1`, the code in upper case without
    /// dashes and blanks, the public key as sent.
    proof: String,
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceKeyBody)]
pub(super) struct KeyBody {
    kid: String,
    /// 32 bytes in base64url.
    x: String,
}

fn key_bodies(keys: &[VerifyingKey]) -> Vec<KeyBody> {
    keys.iter().map(|key| KeyBody { kid: key.id().to_string(), x: b64(&key.to_bytes()) }).collect()
}

/// Public keys by what they sign.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeysBody {
    /// Vouchers.
    issuer: Vec<KeyBody>,
    /// Bundles of leases, and replies.
    server: Vec<KeyBody>,
}

/// The log of facts outside the database.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeadBody {
    pub(super) size: u64,
    /// 32 bytes in base64url.
    pub(super) root: String,
}

/// A device's agency.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgencyOfDevice {
    id: Uuid,
    code: String,
    name: String,
    zone: String,
}

/// A device's point.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PointOfDevice {
    id: Uuid,
    number: i32,
    code: String,
    name: String,
}

/// Who may open the names on a device.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OperatorOfDevice {
    user: Uuid,
    name: String,
}

/// A device as it may know itself.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SelfBody {
    device: Uuid,
    number: i32,
    name: String,
    kid: String,
    /// What it calls with; given once, at its enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    agency: AgencyOfDevice,
    point: PointOfDevice,
    epoch: u32,
    server_time: String,
    /// `active`, `revoked` or `written_off`.
    standing: &'static str,
    forked: bool,
    recovering: bool,
    missing: u32,
    open_leases: u64,
    received: i64,
    highest: i64,
    brake: BrakeBody,
    cover: HeadBody,
    keys: KeysBody,
    /// Names under which the installation prints: for reading the text of a QR.
    hosts: Vec<String>,
    operators: Vec<OperatorOfDevice>,
    rounds: Vec<RoundBody>,
    /// What the server signed about all this, in base64url.
    reply: String,
}

fn self_body(view: SelfView, token: Option<String>) -> SelfBody {
    let device = view.device;
    SelfBody {
        device: device.id.uuid(),
        number: device.number,
        kid: KeyId::from_bytes(device.kid).to_string(),
        token,
        agency: AgencyOfDevice {
            id: view.agency.id.uuid(),
            code: view.agency.code,
            name: view.agency.name,
            zone: view.agency.zone.label().to_owned(),
        },
        point: PointOfDevice {
            id: view.point.id.uuid(),
            number: view.point.number,
            code: view.point.code,
            name: view.point.name,
        },
        epoch: view.epoch,
        server_time: view.server_time.iso(API_ZONE),
        standing: standing_word(device.standing()),
        forked: device.forked,
        recovering: view.missing > 0,
        missing: view.missing,
        open_leases: view.open_leases,
        received: device.received,
        highest: device.highest,
        brake: device.brake.into(),
        cover: HeadBody { size: view.cover.size, root: b64(&view.cover.root) },
        keys: KeysBody { issuer: key_bodies(&view.issuer_keys), server: key_bodies(&view.server_keys) },
        hosts: view.hosts,
        operators: view
            .operators
            .into_iter()
            .map(|(user, name)| OperatorOfDevice { user: user.uuid(), name })
            .collect(),
        rounds: view.rounds.into_iter().map(Into::into).collect(),
        reply: b64(&view.reply),
        name: device.name,
    }
}

/// Take a device in: nobody is signed in, the code and the key speak. The same code with the same key again gives the
/// same device another token.
#[utoipa::path(tag = "devices", request_body = EnrolBody, responses(
    (status = 201, body = SelfBody), (status = 200, description = "taken in before", body = SelfBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`exists`", body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)))]
#[post("/devices/enrol")]
pub(super) async fn enrol(state: Data<State>, caller: Caller, body: Json<EnrolBody>) -> Result<HttpResponse, Problem> {
    state.limit_enrolment(&caller)?;
    let body = body.into_inner();
    let (public_key, proof) = (bytes_of("public_key", &body.public_key)?, bytes_of("proof", &body.proof)?);
    let made =
        state.anybody(&caller, move |office| office.enrol_device(&body.code, &public_key, &body.tier, &proof)).await?;
    let mut answer = if made.again { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(answer.json(self_body(made.device, Some(made.token))))
}

/// What a device asks of itself.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct SelfQuery {
    /// 16 bytes in base64url, drawn for this call; the reply repeats them.
    nonce: Option<String>,
}

/// What a device may know of itself.
#[utoipa::path(tag = "devices", params(SelfQuery), responses((status = 200, body = SelfBody), (status = 401, body = ProblemBody)))]
#[get("/devices/me")]
pub(super) async fn me(state: Data<State>, caller: Caller, query: Query<SelfQuery>) -> Result<Json<SelfBody>, Problem> {
    let nonce = nonce_of(query.nonce.as_deref())?;
    let view = state.device(&caller, move |office, device| office.device_self(device, nonce)).await?;
    Ok(Json(self_body(view, None)))
}

/// An operator who signs in on a device for the first time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorCredentials {
    username: String,
    password: String,
}

/// An operator who may open the names on a device.
#[derive(Serialize, ToSchema)]
pub(super) struct OperatorBody {
    user: Uuid,
    username: String,
    name: String,
    role: Role,
    /// The device's key for the names, 32 bytes in base64url, to be kept under the operator's PIN and never bare.
    names_key: String,
    /// What the office wants of that PIN.
    pin: PinBody,
}

/// What the PIN of an operator on a device is like.
#[derive(Serialize, ToSchema)]
pub(super) struct PinBody {
    /// How many digits it has.
    signs: i32,
    /// How many wrong ones in a row lock it.
    tries: i32,
}

/// Let an operator open the names on the device that calls.
#[utoipa::path(tag = "devices", request_body = OperatorCredentials, responses(
    (status = 201, body = OperatorBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 429, body = ProblemBody)))]
#[post("/devices/me/operators")]
pub(super) async fn admit_operator(
    state: Data<State>,
    caller: Caller,
    body: Json<OperatorCredentials>,
) -> Result<HttpResponse, Problem> {
    let OperatorCredentials { username, password } = body.into_inner();
    let guess = state.limit_operator(&caller, &username)?;
    let ended = state.device(&caller, move |office, device| office.admit_operator(device, &username, &password)).await;
    state.sign_in_ended(guess, &ended);
    let made = ended?;
    Ok(HttpResponse::Created().json(OperatorBody {
        user: made.user.uuid(),
        username: made.username,
        name: made.name,
        role: made.role,
        names_key: b64(&made.names_key),
        pin: PinBody { signs: made.pin.0, tries: made.pin.1 },
    }))
}
