//! One's own account: one-time codes and password.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ProblemBody;
use crate::http::{Caller, Problem, State};

/// How one's own one-time codes stand.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FactorBody {
    /// Whether they are set up.
    confirmed: bool,
    /// Recovery codes that are left.
    recovery_codes_left: i64,
    /// Whether one's role is asked to have them.
    advised: bool,
}

/// How one's own one-time codes stand.
#[utoipa::path(tag = "account", responses((status = 200, body = FactorBody), (status = 401, body = ProblemBody)))]
#[get("/account/second-factor")]
pub(super) async fn factor(state: Data<State>, caller: Caller) -> Result<Json<FactorBody>, Problem> {
    let factor = state.act(&caller, |office, actor| office.factor(actor)).await?;
    Ok(Json(FactorBody {
        confirmed: factor.confirmed,
        recovery_codes_left: factor.codes_left,
        advised: factor.advised,
    }))
}

/// What an authenticator app takes in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FactorBegunBody {
    /// The secret as it is typed: Base32.
    secret: String,
    /// The text of the QR: `otpauth://totp/…`.
    uri: String,
}

/// One's own password once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnPassword {
    password: String,
}

/// Begin to set one-time codes up, with one's own password. They count once a code has come back.
#[utoipa::path(tag = "account", request_body = OwnPassword, responses((status = 201, body = FactorBegunBody),
    (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody),
    (status = 429, body = ProblemBody)))]
#[post("/account/second-factor")]
pub(super) async fn begin(
    state: Data<State>,
    caller: Caller,
    body: Json<OwnPassword>,
) -> Result<HttpResponse, Problem> {
    let own = body.into_inner();
    let begun = state.act(&caller, move |office, actor| office.begin_factor(actor, &own.password)).await?;
    Ok(HttpResponse::Created().json(FactorBegunBody { secret: begun.secret, uri: begun.uri }))
}

/// A one-time code, or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeBody {
    code: String,
}

/// Ten codes, each good once in the place of a one-time code. They are shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// Confirm one-time codes with the first of them.
#[utoipa::path(tag = "account", request_body = CodeBody, responses((status = 200, body = RecoveryCodes),
    (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/account/second-factor/confirm")]
pub(super) async fn confirm(
    state: Data<State>,
    caller: Caller,
    body: Json<CodeBody>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let code = body.into_inner().code;
    let recovery_codes = state.act(&caller, move |office, actor| office.confirm_factor(actor, &code)).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Take one's own one-time codes away, with a code.
#[utoipa::path(tag = "account", request_body = CodeBody, responses((status = 204), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)))]
#[post("/account/second-factor/remove")]
pub(super) async fn remove(state: Data<State>, caller: Caller, body: Json<CodeBody>) -> Result<HttpResponse, Problem> {
    let code = body.into_inner().code;
    state.act(&caller, move |office, actor| office.remove_factor(actor, &code)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A new password, and the one before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    old: String,
    new: String,
}

/// Set one's own password. Every other sign-in of one's own ends.
#[utoipa::path(tag = "account", request_body = PasswordBody, responses((status = 204), (status = 422, body = ProblemBody),
    (status = 429, body = ProblemBody)))]
#[put("/account/password")]
pub(super) async fn password(
    state: Data<State>,
    caller: Caller,
    body: Json<PasswordBody>,
) -> Result<HttpResponse, Problem> {
    let PasswordBody { old, new } = body.into_inner();
    let secret = caller.cookie_secret().map(str::to_owned);
    state.act(&caller, move |office, actor| office.change_password(actor, &old, &new, secret.as_deref())).await?;
    Ok(HttpResponse::NoContent().finish())
}
