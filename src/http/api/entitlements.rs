//! Entitlements: taking one away, and printing its paper again.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{ProblemBody, id};
use crate::domain::custody::Cause;
use crate::http::{Caller, Problem, State};

/// Why something is done.
#[derive(Deserialize, ToSchema)]
pub(super) struct ReasonBody {
    pub(super) reason: String,
}

/// Why a voucher is printed again, where nobody asked for it; of what was asked for, the request says it.
#[derive(Deserialize, ToSchema)]
pub(super) struct ReprintNowBody {
    reason: String,
    /// What kind of reason; `other` unless told.
    #[serde(default)]
    cause: Option<Cause>,
    /// Whether the old sheet is back in the office.
    #[serde(default)]
    sheet_kept: bool,
}

/// A fresh print.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PrintBody {
    /// The only print that is good from now on.
    print_no: i32,
}

/// A revocation that is asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevokingBody {
    /// `requested`: a device holds the right, or may hold it; it is revoked once that device has answered.
    revoke: &'static str,
    /// `leased`, `available` …
    state: crate::domain::entitlement::State,
}

/// Revoke an entitlement. Its value goes back to what remains of the budget. One that a device holds, or may hold, is
/// only asked for.
#[utoipa::path(tag = "entitlements", request_body = ReasonBody, responses(
    (status = 204), (status = 202, body = RevokingBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`not_available`", body = ProblemBody)))]
#[post("/entitlements/{id}/revoke")]
pub(super) async fn revoke(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ReasonBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let now = state.act(&caller, move |office, actor| office.revoke_entitlement(actor, id, &body.reason)).await?;
    if now.marks.revoke_requested.is_some() {
        return Ok(HttpResponse::Accepted().json(RevokingBody { revoke: "requested", state: now.state }));
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Make a new print of a voucher; older papers answer `superseded` from then on. Where somebody asked for it, this agrees, and
/// takes another person.
#[utoipa::path(tag = "entitlements", request_body = ReprintNowBody, responses(
    (status = 201, body = PrintBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`not_available`", body = ProblemBody)))]
#[post("/entitlements/{id}/reprint")]
pub(super) async fn reprint(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ReprintNowBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let ReprintNowBody { reason, cause, sheet_kept } = body.into_inner();
    let cause = cause.unwrap_or(Cause::Other);
    let made = move |office: &crate::service::Office, actor: &crate::service::Actor| {
        office.reprint(actor, id, (cause, &reason), sheet_kept)
    };
    let print_no = state.act(&caller, made).await?;
    Ok(HttpResponse::Created().json(PrintBody { print_no }))
}
