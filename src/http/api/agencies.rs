//! Agencies.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id};
use crate::domain::programme::Agency;
use crate::domain::time::Zone;
use crate::http::{Caller, Problem, State};
use crate::service::NewAgency;

/// An agency.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgencyBody {
    id: Uuid,
    code: String,
    government: String,
    name: String,
    address: String,
    hotline: String,
    /// `WIB`, `WITA` or `WIT`.
    zone: String,
}

impl From<Agency> for AgencyBody {
    fn from(agency: Agency) -> Self {
        Self {
            id: agency.id.uuid(),
            code: agency.code,
            government: agency.government,
            name: agency.name,
            address: agency.address,
            hotline: agency.hotline,
            zone: agency.zone.label().to_owned(),
        }
    }
}

/// An agency that is to be added, with its first administrator.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewAgencyBody {
    code: String,
    government: String,
    name: String,
    #[serde(default)]
    address: String,
    hotline: String,
    /// `WIB`, `WITA` (unless told) or `WIT`.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    zone: Zone,
    admin_username: String,
    admin_name: String,
    admin_password: String,
}

/// The caller's agency.
#[utoipa::path(tag = "agencies", params(Paging), responses((status = 200, body = Page<AgencyBody>)))]
#[get("/agencies")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<AgencyBody>>, Problem> {
    let found = state.act(&caller, |office, actor| office.agencies(actor)).await?;
    let found = found.into_iter().map(AgencyBody::from).collect();
    Page::part(found, &query, |one| one.id.to_string()).map(Json)
}

/// Add an agency with its first administrator.
#[utoipa::path(tag = "agencies", request_body = NewAgencyBody, responses(
    (status = 201, body = AgencyBody), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
#[post("/agencies")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewAgencyBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let made = state
        .act(&caller, move |office, actor| {
            let new = NewAgency {
                code: body.code,
                government: body.government,
                name: body.name,
                address: body.address,
                hotline: body.hotline,
                zone: body.zone,
            };
            office.create_agency(actor, &new, (&body.admin_username, &body.admin_name, &body.admin_password))
        })
        .await?;
    Ok(HttpResponse::Created().json(AgencyBody::from(made)))
}

/// One agency.
#[utoipa::path(tag = "agencies", responses((status = 200, body = AgencyBody), (status = 404, body = ProblemBody)))]
#[get("/agencies/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<AgencyBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.agency(actor, id)).await?;
    Ok(Json(found.into()))
}
