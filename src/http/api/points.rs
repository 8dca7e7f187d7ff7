//! Distribution points.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, ProblemBody, id};
use crate::domain::programme::Point;
use crate::http::{Caller, Problem, State};
use crate::service::NewPoint;

/// A distribution point.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PointBody {
    id: Uuid,
    /// The small number that stands in a voucher's token.
    number: i32,
    code: String,
    name: String,
    sub_district: String,
}

impl From<Point> for PointBody {
    fn from(point: Point) -> Self {
        Self {
            id: point.id.uuid(),
            number: point.number,
            code: point.code,
            name: point.name,
            sub_district: point.sub_district,
        }
    }
}

/// A point that is to be added.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewPointBody {
    code: String,
    name: String,
    sub_district: String,
}

/// The points of the caller's agency.
#[utoipa::path(tag = "points", responses((status = 200, body = Page<PointBody>)))]
#[get("/points")]
pub(super) async fn list(state: Data<State>, caller: Caller) -> Result<Json<Page<PointBody>>, Problem> {
    let found = state.act(&caller, |office, actor| office.points(actor)).await?;
    Ok(Json(Page::whole(found.into_iter().map(Into::into).collect())))
}

/// Add a point.
#[utoipa::path(tag = "points", request_body = NewPointBody, responses(
    (status = 201, body = PointBody), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
#[post("/points")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewPointBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let new = NewPoint { code: body.code, name: body.name, sub_district: body.sub_district, ..NewPoint::default() };
    let made = state.act(&caller, move |office, actor| office.create_point(actor, &new)).await?;
    Ok(HttpResponse::Created().json(PointBody::from(made)))
}

/// One point.
#[utoipa::path(tag = "points", responses((status = 200, body = PointBody), (status = 404, body = ProblemBody)))]
#[get("/points/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<PointBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.point(actor, id)).await?;
    Ok(Json(found.into()))
}
