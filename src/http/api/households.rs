//! Households, masked.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use super::intakes::IntakeBody;
use crate::domain::intake::Column;
use crate::http::{Caller, Problem, State};
use crate::service::HouseholdView;

/// A household. Its NIK is masked; No. KK, street and birth date are not shown here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HouseholdBody {
    id: Uuid,
    source_id: String,
    name: String,
    nik_masked: Option<String>,
    place: String,
    decile: Option<i32>,
    civil_match: Option<bool>,
}

impl From<HouseholdView> for HouseholdBody {
    fn from(household: HouseholdView) -> Self {
        Self {
            id: household.id.uuid(),
            source_id: household.source_id,
            name: household.name,
            nik_masked: household.nik_masked,
            place: household.place,
            decile: household.decile,
            civil_match: household.civil_match,
        }
    }
}

/// A household that is typed in. It goes the way of a file with one row: another person agrees.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewHouseholdBody {
    programme_id: Uuid,
    /// Values by the headings of the file of households: `id_sumber`, `nik`, `nama_penerima` …
    cells: BTreeMap<String, String>,
}

/// Households of the caller's agency, masked. The look is on record.
#[utoipa::path(tag = "households", params(Paging), responses((status = 200, body = Page<HouseholdBody>), (status = 403, body = ProblemBody)))]
#[get("/households")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<HouseholdBody>>, Problem> {
    let query = query.into_inner();
    // An address ends up in histories and logs of others: no NIK in it.
    if query.q.as_ref().is_some_and(|q| q.chars().filter(char::is_ascii_digit).count() > 6) {
        return Err(Problem::bad_request("bad_query", "q: NIK"));
    }
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found =
        state.act(&caller, move |office, actor| office.households(actor, query.q.as_deref(), after, limit)).await?;
    Ok(Json(Page::of(found.into_iter().map(HouseholdBody::from).collect(), limit, |one| one.id.to_string())))
}

/// Enter one household. The answer is its intake, for another person to apply.
#[utoipa::path(tag = "households", request_body = NewHouseholdBody, responses(
    (status = 201, body = IntakeBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/households")]
pub(super) async fn enter(
    state: Data<State>,
    caller: Caller,
    body: Json<NewHouseholdBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let cells = body
        .cells
        .into_iter()
        .map(|(heading, text)| match Column::parse_heading(&heading) {
            Some(column) => Ok((column, text)),
            None => Err(Problem::bad_request("bad_body", format!("cells.{heading}"))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let intake =
        state.act(&caller, move |office, actor| office.enter_household(actor, body.programme_id.into(), cells)).await?;
    Ok(HttpResponse::Created().json(IntakeBody::of(intake, Vec::new())))
}

/// One household, masked. The look is on record.
#[utoipa::path(tag = "households", responses((status = 200, body = HouseholdBody), (status = 404, body = ProblemBody)))]
#[get("/households/{id}")]
pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<HouseholdBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.household(actor, id)).await?;
    Ok(Json(found.into()))
}
