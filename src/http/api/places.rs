//! The official list of villages, and what was confirmed about spellings.

use actix_multipart::Multipart;
use actix_web::web::{Data, Json, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Page, Paging, ProblemBody};
use super::upload::{Upload, read_upload};
use crate::domain::place::Village;
use crate::domain::role::Action;
use crate::http::{Caller, Problem, State};
use crate::service::{AliasView, PlacesLoaded};

/// A village.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaceBody {
    /// Its code, as Kemendagri writes it.
    code: String,
    village: String,
    sub_district: String,
}

impl PlaceBody {
    fn of(village: Village) -> Self {
        Self { code: village.code, village: village.name, sub_district: village.sub_district }
    }
}

/// What loading a list did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoadedBody {
    villages: usize,
    sub_districts: usize,
    /// How many villages were on the list that it took the place of.
    before: usize,
}

/// The villages of the caller's agency, in the order of their codes.
#[utoipa::path(tag = "places", params(Paging), responses((status = 200, body = Page<PlaceBody>), (status = 403, body = ProblemBody)))]
#[get("/places")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<PlaceBody>>, Problem> {
    let Paging { after, limit, .. } = query.into_inner();
    let found = state.act(&caller, move |office, actor| office.places(actor, after.as_deref(), limit)).await?;
    Ok(Json(Page::of(found.into_iter().map(PlaceBody::of).collect(), limit, |one| one.code.clone())))
}

/// Load the official list from a file with the columns `kode_desa`, `desa_kelurahan` and `kecamatan`, in the
/// field `file`. It takes the place of the list that was there. Where that names villages which the file lacks, the field
/// `removes` says how many of these go; without it nothing changes, and the answer is 409 `would_remove` with their names.
#[utoipa::path(tag = "places", responses((status = 201, body = LoadedBody), (status = 403, body = ProblemBody),
    (status = 409, description = "`would_remove`", body = ProblemBody),
    (status = 422, description = "The file is refused as a whole", body = ProblemBody)))]
#[post("/places")]
pub(super) async fn load(state: Data<State>, caller: Caller, form: Multipart) -> Result<HttpResponse, Problem> {
    state.act(&caller, |_, actor| actor.must(Action::ManagePlaces)).await?;
    let Upload { name, bytes, removes, .. } = read_upload(form).await?;
    let loaded = state.act(&caller, move |office, actor| office.load_places(actor, &name, bytes, removes)).await?;
    let PlacesLoaded { villages, sub_districts, before } = loaded;
    Ok(HttpResponse::Created().json(LoadedBody { villages, sub_districts, before }))
}

/// What somebody confirmed about a spelling.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AliasBody {
    sub_district: String,
    /// Empty when the sub-district alone is meant.
    village: String,
    code: String,
    /// The name of what is meant; null when the list does not have it any more.
    means: Option<String>,
    confirmed_by: String,
}

impl AliasBody {
    fn of(alias: AliasView) -> Self {
        let AliasView { sub_district, village, code, means, confirmed_by } = alias;
        Self { sub_district, village, code, means, confirmed_by }
    }
}

/// What was confirmed about spellings.
#[utoipa::path(tag = "places", responses((status = 200, body = Page<AliasBody>), (status = 403, body = ProblemBody)))]
#[get("/places/aliases")]
pub(super) async fn aliases(state: Data<State>, caller: Caller) -> Result<Json<Page<AliasBody>>, Problem> {
    let found = state.act(&caller, |office, actor| office.place_aliases(actor)).await?;
    Ok(Json(Page::whole(found.into_iter().map(AliasBody::of).collect())))
}

/// A spelling, as it was confirmed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgetBody {
    sub_district: String,
    #[serde(default)]
    village: String,
}

/// Forget what was confirmed about a spelling: it is asked again.
#[utoipa::path(tag = "places", responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/places/aliases/forget")]
pub(super) async fn forget(
    state: Data<State>,
    caller: Caller,
    body: Json<ForgetBody>,
) -> Result<HttpResponse, Problem> {
    let ForgetBody { sub_district, village } = body.into_inner();
    state.act(&caller, move |office, actor| office.forget_alias(actor, &sub_district, &village)).await?;
    Ok(HttpResponse::NoContent().finish())
}
