//! Invitations to take an account.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::role::Role;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{Accepted, NewInvitation};

/// An invitation that can still be taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvitationBody {
    id: Uuid,
    name: String,
    role: Role,
    point_id: Option<Uuid>,
    /// Until when it can be taken.
    expires_at: String,
    /// When the account will end by itself.
    account_expires_at: Option<String>,
    /// The code, in the answer to the call that made it and never again.
    code: Option<String>,
}

impl InvitationBody {
    fn of(one: crate::service::Invitation, code: Option<String>) -> Self {
        Self {
            id: one.id.uuid(),
            name: one.name,
            role: one.role,
            point_id: one.point.map(|point| point.uuid()),
            expires_at: one.expires_at.iso(API_ZONE),
            account_expires_at: one.account_expires_at.map(|end| end.iso(API_ZONE)),
            code,
        }
    }
}

/// Somebody who is to be invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInvitationBody {
    name: String,
    role: Role,
    /// Where an operator works.
    point_id: Option<Uuid>,
    /// The round for which they come: the account ends a fortnight after it closes.
    round_id: Option<Uuid>,
}

/// Invite somebody. The code is shown this once, and is good once, for seven days.
#[utoipa::path(tag = "users", request_body = NewInvitationBody, responses((status = 201, body = InvitationBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/invitations")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewInvitationBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let new = NewInvitation {
        name: body.name,
        role: body.role,
        point: body.point_id.map(Into::into),
        round: body.round_id.map(Into::into),
    };
    let made = state.act(&caller, move |office, actor| office.invite(actor, &new)).await?;
    Ok(HttpResponse::Created().json(InvitationBody::of(made.invitation, Some(made.code))))
}

/// Invitations that can still be taken.
#[utoipa::path(tag = "users", params(Paging), responses((status = 200, body = Page<InvitationBody>), (status = 403, body = ProblemBody)))]
#[get("/invitations")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<InvitationBody>>, Problem> {
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found = state.act(&caller, move |office, actor| office.invitations(actor, after, limit)).await?;
    let items = found.into_iter().map(|one| InvitationBody::of(one, None)).collect();
    Ok(Json(Page::of(items, limit, |one: &InvitationBody| one.id.to_string())))
}

/// Withdraw an invitation.
#[utoipa::path(tag = "users", responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[delete("/invitations/{id}")]
pub(super) async fn withdraw(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    state.act(&caller, move |office, actor| office.withdraw_invitation(actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// One who takes an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptBody {
    code: String,
    username: String,
    password: String,
}

/// Whose account was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AcceptedBody {
    id: Uuid,
    username: String,
    role: Role,
}

/// Take an invitation: choose a user name and a password. The code is good once.
#[utoipa::path(tag = "users", request_body = AcceptBody, responses((status = 201, body = AcceptedBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody),
    (status = 429, body = ProblemBody)))]
#[post("/invitations/accept")]
pub(super) async fn accept(
    state: Data<State>,
    caller: Caller,
    body: Json<AcceptBody>,
) -> Result<HttpResponse, Problem> {
    state.limit_stranger(&caller)?;
    let AcceptBody { code, username, password } = body.into_inner();
    let (given, from) = (Accepted { code, username, password }, Some(caller.address));
    let user = state.anybody(&caller, move |office| office.accept_invitation(&given, from)).await?;
    let made = AcceptedBody { id: user.id.uuid(), username: user.username, role: user.role };
    Ok(HttpResponse::Created().json(made))
}
