//! Distribution points.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id};
use crate::http::{Caller, Problem, State};
use crate::service::{NewPoint, PointChange, PointSheet};

/// A distribution point.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PointBody {
    id: Uuid,
    /// The small number that stands in a voucher's token.
    number: i32,
    code: String,
    name: String,
    sub_district: String,
    /// How many desks stand side by side.
    desks: i32,
    /// How many households a session takes, over all desks.
    session_size: i32,
    /// The official codes of the villages that it serves.
    villages: Vec<String>,
    /// Why it stands still, when it does.
    paused_reason: Option<String>,
}

impl From<PointSheet> for PointBody {
    fn from(PointSheet { point, villages }: PointSheet) -> Self {
        Self {
            id: point.id.uuid(),
            number: point.number,
            code: point.code,
            name: point.name,
            sub_district: point.sub_district,
            desks: point.desks,
            session_size: point.session_size,
            villages,
            paused_reason: point.paused_reason,
        }
    }
}

/// A point that is to be added.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewPointBody {
    code: String,
    name: String,
    sub_district: String,
    /// 1 unless told.
    desks: Option<i32>,
    /// 30 to 50; 40 unless told.
    session_size: Option<i32>,
    #[serde(default)]
    villages: Vec<String>,
}

/// What is to be changed of a point; what is absent stays.
#[derive(Deserialize, ToSchema)]
pub(super) struct PointChangeBody {
    name: Option<String>,
    sub_district: Option<String>,
    desks: Option<i32>,
    session_size: Option<i32>,
    villages: Option<Vec<String>>,
}

/// The points of the caller's agency.
#[utoipa::path(tag = "points", params(Paging), responses((status = 200, body = Page<PointBody>)))]
#[get("/points")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<PointBody>>, Problem> {
    let found = state.act(&caller, |office, actor| office.point_sheets(actor)).await?;
    let found = found.into_iter().map(PointBody::from).collect();
    Page::part(found, &query, |one| one.id.to_string()).map(Json)
}

/// Add a point.
#[utoipa::path(tag = "points", request_body = NewPointBody, responses(
    (status = 201, body = PointBody), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/points")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewPointBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let new = NewPoint {
        code: body.code,
        name: body.name,
        sub_district: body.sub_district,
        desks: body.desks,
        session_size: body.session_size,
        villages: body.villages,
    };
    let made = state
        .act(&caller, move |office, actor| {
            let made = office.create_point(actor, &new)?;
            office.point_sheet(actor, made.id)
        })
        .await?;
    Ok(HttpResponse::Created().json(PointBody::from(made)))
}

/// One point.
#[utoipa::path(tag = "points", responses((status = 200, body = PointBody), (status = 404, body = ProblemBody)))]
#[get("/points/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<PointBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.point_sheet(actor, id)).await?;
    Ok(Json(found.into()))
}

/// Change a point. Its code and its number stay, for they stand on paper.
#[utoipa::path(tag = "points", request_body = PointChangeBody, responses(
    (status = 200, body = PointBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[patch("/points/{id}")]
pub(super) async fn change(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<PointChangeBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let body = body.into_inner();
    let change = PointChange {
        name: body.name,
        sub_district: body.sub_district,
        desks: body.desks,
        session_size: body.session_size,
        villages: body.villages,
    };
    let changed = state.act(&caller, move |office, actor| office.change_point(actor, id, &change)).await?;
    Ok(HttpResponse::Ok().json(PointBody::from(changed)))
}
