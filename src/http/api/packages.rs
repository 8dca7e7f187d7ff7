//! Packages and their items.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::package::{Item, Package};
use crate::http::{Caller, Problem, State};
use crate::service::NewPackage;

/// One version of a package.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PackageBody {
    id: Uuid,
    programme_id: Uuid,
    code: String,
    version: i32,
    name: String,
    items: Vec<Item>,
    value_minor: i64,
}

impl From<Package> for PackageBody {
    fn from(package: Package) -> Self {
        Self {
            id: package.id.uuid(),
            programme_id: package.programme.uuid(),
            code: package.code,
            version: package.version,
            name: package.name,
            items: package.items,
            value_minor: package.value.minor(),
        }
    }
}

/// A version of a package that is to be added. Its value is the sum of its items.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewPackageBody {
    programme_id: Uuid,
    code: String,
    name: String,
    items: Vec<Item>,
}

/// The package versions of a programme, or of all.
#[utoipa::path(tag = "packages", params(Paging), responses((status = 200, body = Page<PackageBody>)))]
#[get("/packages")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<PackageBody>>, Problem> {
    let programme = maybe_id(query.programme.as_deref())?;
    let found = state.act(&caller, move |office, actor| office.packages(actor, programme)).await?;
    let found = found.into_iter().map(PackageBody::from).collect();
    Page::part(found, &query, |one| one.id.to_string()).map(Json)
}

/// Add a version of a package.
#[utoipa::path(tag = "packages", request_body = NewPackageBody, responses(
    (status = 201, body = PackageBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/packages")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewPackageBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let made = state
        .act(&caller, move |office, actor| {
            office.create_package(
                actor,
                &NewPackage {
                    programme: body.programme_id.into(),
                    code: body.code,
                    name: body.name,
                    items: body.items,
                },
            )
        })
        .await?;
    Ok(HttpResponse::Created().json(PackageBody::from(made)))
}

/// One version of a package.
#[utoipa::path(tag = "packages", responses((status = 200, body = PackageBody), (status = 404, body = ProblemBody)))]
#[get("/packages/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<PackageBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.package(actor, id)).await?;
    Ok(Json(found.into()))
}
