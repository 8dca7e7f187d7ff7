//! Accounts that another person than their maker confirms, and the access report.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::access::TokenListed;
use super::body::{Page, ProblemBody, id};
use crate::domain::role::Role;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{PersonAccess, UnconfirmedView};

/// An account that agrees to what others began and that nobody but its maker knows of.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnconfirmedBody {
    id: Uuid,
    username: String,
    name: String,
    role: Role,
    /// Who made it, by name, as far as that is known.
    made_by: Option<String>,
    made_at: String,
    /// Whether the caller may confirm it: it is not theirs, and they did not make it.
    may_confirm: bool,
}

impl From<UnconfirmedView> for UnconfirmedBody {
    fn from(one: UnconfirmedView) -> Self {
        Self {
            id: one.id.uuid(),
            username: one.username,
            name: one.name,
            role: one.role,
            made_by: one.made_by,
            made_at: one.made_at.iso(API_ZONE),
            may_confirm: one.may_confirm,
        }
    }
}

/// Accounts that nobody but their maker knows of.
#[utoipa::path(tag = "users", responses((status = 200, body = Page<UnconfirmedBody>), (status = 403, body = ProblemBody)))]
#[get("/unconfirmed-users")]
pub(super) async fn list(state: Data<State>, caller: Caller) -> Result<Json<Page<UnconfirmedBody>>, Problem> {
    let found = state.act(&caller, |office, actor| office.unconfirmed(actor)).await?;
    Ok(Json(Page { items: found.into_iter().map(UnconfirmedBody::from).collect(), next: None }))
}

/// Confirm that an account is somebody's whom the caller knows. Neither its maker nor its owner may.
#[utoipa::path(tag = "users", responses((status = 204), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
#[post("/users/{id}/confirm")]
pub(super) async fn confirm(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    state.act(&caller, move |office, actor| office.confirm_user(actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Of how many days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    /// 1 to 366; 30 unless told.
    days: Option<i32>,
}

/// What one account did with personal data.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonAccessBody {
    id: Uuid,
    name: String,
    role: Role,
    enabled: bool,
    /// Looks at personal data.
    looks: i64,
    /// Of these, identity numbers in full.
    unmasked: i64,
    /// Files and lists that went out.
    exports: i64,
    /// How often it was told to wait because it took too much at once.
    limited: i64,
    last_at: Option<String>,
}

impl From<PersonAccess> for PersonAccessBody {
    fn from(one: PersonAccess) -> Self {
        Self {
            id: one.id.uuid(),
            name: one.name,
            role: one.role,
            enabled: one.enabled,
            looks: one.looks,
            unmasked: one.unmasked,
            exports: one.exports,
            limited: one.limited,
            last_at: one.last_at.map(|at| at.iso(API_ZONE)),
        }
    }
}

/// An invitation that can still be taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenInvitation {
    id: Uuid,
    name: String,
    role: Role,
    /// Who invited, by name.
    invited_by: String,
    expires_at: String,
}

/// Who looked at what, and whose accounts they are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessReportBody {
    since: String,
    until: String,
    /// Each account that did something, most exports first.
    people: Vec<PersonAccessBody>,
    /// Accounts that agree to what others began and that nobody but their maker knows of.
    unconfirmed: Vec<UnconfirmedBody>,
    invitations: Vec<OpenInvitation>,
    tokens: Vec<TokenListed>,
}

/// How personal data was used: looks and exports of each account, accounts nobody confirmed, open invitations, live tokens.
#[utoipa::path(tag = "trail", params(Days), responses((status = 200, body = AccessReportBody),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[get("/access-report")]
pub(super) async fn report(
    state: Data<State>,
    caller: Caller,
    query: Query<Days>,
) -> Result<Json<AccessReportBody>, Problem> {
    let days = query.days.unwrap_or(30);
    let found = state.act(&caller, move |office, actor| office.access_report(actor, days)).await?;
    let invitations = found.invitations.into_iter().map(|(one, by)| OpenInvitation {
        id: one.id.uuid(),
        name: one.name,
        role: one.role,
        invited_by: by,
        expires_at: one.expires_at.iso(API_ZONE),
    });
    Ok(Json(AccessReportBody {
        since: found.since.iso(API_ZONE),
        until: found.until.iso(API_ZONE),
        people: found.people.into_iter().map(PersonAccessBody::from).collect(),
        unconfirmed: found.unconfirmed.into_iter().map(UnconfirmedBody::from).collect(),
        invitations: invitations.collect(),
        tokens: found.tokens.into_iter().map(|(one, _)| TokenListed::from(one)).collect(),
    }))
}
