//! People with an account.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{NewUser, User, UserChange};

/// A person with an account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserBody {
    id: Uuid,
    username: String,
    name: String,
    role: Role,
    point_id: Option<Uuid>,
    enabled: bool,
    /// When the account ends by itself, if it does.
    expires_at: Option<String>,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.uuid(),
            username: user.username,
            name: user.name,
            role: user.role,
            point_id: user.point.map(|point| point.uuid()),
            enabled: user.enabled,
            expires_at: user.expires_at.map(|end| end.iso(API_ZONE)),
        }
    }
}

/// A person who is to get an account.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewUserBody {
    username: String,
    name: String,
    role: Role,
    password: String,
    /// Where an operator works.
    point_id: Option<Uuid>,
}

/// People of the caller's agency.
#[utoipa::path(tag = "users", params(Paging), responses((status = 200, body = Page<UserBody>), (status = 403, body = ProblemBody)))]
#[get("/users")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<UserBody>>, Problem> {
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found = state.act(&caller, move |office, actor| office.users(actor, after, limit)).await?;
    Ok(Json(Page::of(found.into_iter().map(UserBody::from).collect(), limit, |user| user.id.to_string())))
}

/// Give a person an account.
#[utoipa::path(tag = "users", request_body = NewUserBody, responses(
    (status = 201, body = UserBody), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/users")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewUserBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let made = state
        .act(&caller, move |office, actor| {
            office.create_user(
                actor,
                &NewUser {
                    username: body.username,
                    name: body.name,
                    role: body.role,
                    password: body.password,
                    point: body.point_id.map(Into::into),
                },
            )
        })
        .await?;
    Ok(HttpResponse::Created().json(UserBody::from(made)))
}

/// One person.
#[utoipa::path(tag = "users", responses((status = 200, body = UserBody), (status = 404, body = ProblemBody)))]
#[get("/users/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<UserBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.user(actor, id)).await?;
    Ok(Json(found.into()))
}

/// What is to change about an account; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChangeBody {
    /// Open or closed. A closed account's sign-ins and tokens end at once.
    enabled: Option<bool>,
    /// When it ends by itself; an empty text for never.
    expires_at: Option<String>,
    /// Take one-time codes away, for one who has lost telephone and recovery codes.
    #[serde(default)]
    reset_second_factor: bool,
}

/// Open or close an account, set its end, or take its one-time codes away.
#[utoipa::path(tag = "users", request_body = UserChangeBody, responses(
    (status = 200, body = UserBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody)))]
#[patch("/users/{id}")]
pub(super) async fn change(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<UserChangeBody>,
) -> Result<Json<UserBody>, Problem> {
    let id = id(&path)?;
    let body = body.into_inner();
    let expires_at = match body.expires_at.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(text) => {
            let end = Timestamp::parse(text).map_err(|_| Problem::bad_request("bad_body", "expires_at"))?;
            Some(Some(end))
        }
    };
    let change = UserChange { enabled: body.enabled, expires_at, reset_second_factor: body.reset_second_factor };
    let changed = state.act(&caller, move |office, actor| office.change_user(actor, id, change)).await?;
    Ok(Json(changed.into()))
}
