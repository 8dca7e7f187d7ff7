//! Households, masked.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id};
use super::intakes::IntakeBody;
use crate::domain::intake::Column;
use crate::http::{Caller, Problem, State};
use crate::service::{HouseholdView, SearchWanted};

/// A household. Its NIK is masked; No. KK, street and birth date are not shown here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HouseholdBody {
    id: Uuid,
    source_id: String,
    name: String,
    nik_masked: Option<String>,
    place: String,
    village: String,
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
            village: household.village,
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

/// What to list, and where to go on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct HouseholdQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go on after this: the `next` of the page before.
    after: Option<String>,
    /// Words of a name in any order, also half of one. Never a part of a NIK, and no voucher: an address ends up
    /// in the logs of others. For those there is `POST /households/searches`.
    q: Option<String>,
    /// Only those of this village.
    village: Option<String>,
}

/// What is looked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchBody {
    /// Words of a name, a village, the last four digits of a NIK or all sixteen, a voucher's code.
    #[serde(default)]
    q: String,
    /// Only those of this village.
    #[serde(default)]
    village: String,
    /// At most so many; 50 unless told, 500 at most.
    limit: Option<i64>,
    /// Go on after this: the `next` of the page before.
    after: Option<String>,
}

/// Households of the caller's agency, masked. The look is on record.
#[utoipa::path(tag = "households", params(HouseholdQuery), responses((status = 200, body = Page<HouseholdBody>), (status = 403, body = ProblemBody)))]
#[get("/households")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<HouseholdQuery>,
) -> Result<Json<Page<HouseholdBody>>, Problem> {
    let query = query.into_inner();
    // An address ends up in histories and logs of others: no NIK in it, and no part of one.
    if query.q.as_ref().is_some_and(|q| has_number(q)) {
        return Err(Problem::bad_request("bad_query", "q: NIK; POST /households/searches"));
    }
    let wanted = SearchWanted {
        text: query.q.unwrap_or_default(),
        village: query.village.unwrap_or_default(),
        after: query.after,
        limit: query.limit,
    };
    found(&state, &caller, wanted).await
}

/// Search households by what does not belong into an address. The look is on record.
#[utoipa::path(tag = "households", request_body = SearchBody, responses((status = 200, body = Page<HouseholdBody>),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/households/searches")]
pub(super) async fn search(
    state: Data<State>,
    caller: Caller,
    body: Json<SearchBody>,
) -> Result<Json<Page<HouseholdBody>>, Problem> {
    let SearchBody { q, village, limit, after } = body.into_inner();
    let wanted = SearchWanted { text: q, village, after, limit: Some(limit.unwrap_or(50)) };
    found(&state, &caller, wanted).await
}

async fn found(state: &State, caller: &Caller, wanted: SearchWanted) -> Result<Json<Page<HouseholdBody>>, Problem> {
    let found = state.act(caller, move |office, actor| office.search_households(actor, &wanted)).await?;
    let items = found.households.into_iter().map(HouseholdBody::from).collect();
    Ok(Json(Page { items, next: found.next }))
}

/// Whether four digits stand together, or many in all.
fn has_number(text: &str) -> bool {
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    digits(text) > 6 || text.split(|sign: char| !sign.is_ascii_digit()).any(|run| run.len() >= 4)
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
