//! The list of a programme as decrees fixed it: versions, annexes, and what changed between two.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id};
use crate::domain::id::{ListId, ProgrammeId};
use crate::domain::time::Language;
use crate::domain::verval::{Reason, Standing};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{Difference, DifferenceLine, ListView, MemberView, difference_csv};
use crate::words::Words;

/// A version of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListBody {
    id: Uuid,
    programme_id: Uuid,
    /// 1, 2, 3 …
    number: i32,
    decree_no: String,
    decree_date: String,
    /// How many households it names.
    households: i64,
    /// Who recorded it, where that is told.
    fixed_by: Option<String>,
    fixed_at: String,
}

impl ListBody {
    pub(super) fn bare(list: crate::service::FixedList) -> Self {
        Self {
            id: list.id.uuid(),
            programme_id: list.programme.uuid(),
            number: list.number,
            decree_no: list.decree_no,
            decree_date: list.decree_date.to_string(),
            households: list.households,
            fixed_by: None,
            fixed_at: list.fixed_at.iso(API_ZONE),
        }
    }
}

impl From<ListView> for ListBody {
    fn from(list: ListView) -> Self {
        Self {
            id: list.id.uuid(),
            programme_id: list.programme.uuid(),
            number: list.number,
            decree_no: list.decree_no,
            decree_date: list.decree_date.to_string(),
            households: list.households,
            fixed_by: Some(list.fixed_by),
            fixed_at: list.fixed_at.iso(API_ZONE),
        }
    }
}

/// The decree that fixes the list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewListBody {
    /// Its number.
    decree_no: String,
    /// Its date, `2026-11-24`.
    #[schema(value_type = String, format = Date)]
    decree_date: Date,
}

/// A household that a version names. Its NIK is masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberBody {
    source_id: String,
    name: String,
    nik_masked: Option<String>,
    place: String,
    decile: Option<i32>,
    categories: String,
    /// Where it was to collect when the list was fixed.
    point: Option<String>,
}

impl From<MemberView> for MemberBody {
    fn from(view: MemberView) -> Self {
        Self {
            source_id: view.source_id,
            name: view.name,
            nik_masked: view.nik_masked,
            place: view.place,
            decile: view.decile,
            categories: view.categories,
            point: view.point,
        }
    }
}

/// A household in which two versions differ.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DifferenceLineBody {
    household_id: Uuid,
    source_id: String,
    name: String,
    nik_masked: Option<String>,
    place: String,
    point_before: Option<String>,
    point: Option<String>,
    /// The newest decision on it when the newer version was fixed.
    standing: Option<Standing>,
    reason: Option<Reason>,
    evidence: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<String>,
}

impl From<DifferenceLine> for DifferenceLineBody {
    fn from(line: DifferenceLine) -> Self {
        let decision = line.decision;
        Self {
            household_id: line.id.uuid(),
            source_id: line.source_id,
            name: line.name,
            nik_masked: line.nik_masked,
            place: line.place,
            point_before: line.point_before,
            point: line.point,
            standing: decision.as_ref().map(|one| one.standing),
            reason: decision.as_ref().and_then(|one| one.reason),
            evidence: decision.as_ref().map(|one| one.evidence.clone()),
            decided_by: decision.as_ref().map(|one| one.by.clone()),
            decided_at: decision.as_ref().map(|one| one.at.iso(API_ZONE)),
        }
    }
}

/// What changed from one version to another.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DifferenceBody {
    from: ListBody,
    to: ListBody,
    /// How many households both name.
    kept: i64,
    added: Vec<DifferenceLineBody>,
    removed: Vec<DifferenceLineBody>,
    moved: Vec<DifferenceLineBody>,
}

impl From<Difference> for DifferenceBody {
    fn from(difference: Difference) -> Self {
        let lines = |lines: Vec<DifferenceLine>| lines.into_iter().map(DifferenceLineBody::from).collect();
        Self {
            kept: difference.kept(),
            from: difference.from.into(),
            to: difference.to.into(),
            added: lines(difference.added),
            removed: lines(difference.removed),
            moved: lines(difference.moved),
        }
    }
}

/// With which version to compare.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct DifferenceQuery {
    /// The older version.
    #[param(value_type = Uuid)]
    from: String,
}

/// Where to go on among the households of a version.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go on behind so many. A version never changes, so none is skipped and none comes twice.
    after: Option<i64>,
}

/// The versions of a programme's list, newest first.
#[utoipa::path(tag = "lists", responses(
    (status = 200, body = Page<ListBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/lists")]
pub(super) async fn versions(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<ListBody>>, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.lists(actor, programme)).await?;
    Ok(Json(Page::whole(found.into_iter().map(ListBody::from).collect())))
}

/// Record the decree that fixes the list: whoever is approved now is named by the new version.
#[utoipa::path(tag = "lists", request_body = NewListBody, responses(
    (status = 201, body = ListBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`exists`: a version of this decree", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/programmes/{id}/lists")]
pub(super) async fn fix(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewListBody>,
) -> Result<HttpResponse, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let NewListBody { decree_no, decree_date } = body.into_inner();
    let list =
        state.act(&caller, move |office, actor| office.fix_list(actor, programme, &decree_no, decree_date)).await?;
    Ok(HttpResponse::Created().json(ListBody::from(list)))
}

/// One version.
#[utoipa::path(tag = "lists", responses((status = 200, body = ListBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/lists/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<ListBody>, Problem> {
    let list: ListId = id(&path)?;
    let (found, _) = state.act(&caller, move |office, actor| office.list(actor, list)).await?;
    Ok(Json(found.into()))
}

/// The households that a version names, masked, in the order of its annex. The look is on record.
#[utoipa::path(tag = "lists", params(MemberQuery), responses(
    (status = 200, body = Page<MemberBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/lists/{id}/households")]
pub(super) async fn members(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<MemberQuery>,
) -> Result<Json<Page<MemberBody>>, Problem> {
    let list: ListId = id(&path)?;
    let MemberQuery { limit, after } = query.into_inner();
    let skip = after.unwrap_or(0);
    let found = state.act(&caller, move |office, actor| office.list_members(actor, list, skip, limit)).await?;
    let end = skip.saturating_add(i64::try_from(found.len()).unwrap_or(i64::MAX));
    Ok(Json(Page::of(found.into_iter().map(MemberBody::from).collect(), limit, |_| end.to_string())))
}

async fn annex(state: &State, caller: &Caller, path: &str, workbook: bool) -> Result<HttpResponse, Problem> {
    let list: ListId = id(path)?;
    let bytes = state.act(caller, move |office, actor| office.annex(actor, list, workbook)).await?;
    let (kind, name) = if workbook {
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "lampiran-sk.xlsx")
    } else {
        ("text/csv; charset=utf-8", "lampiran-sk.csv")
    };
    Ok(file(kind, name, bytes))
}

fn file(kind: &str, name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("content-disposition", format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}

/// The annex of a decree as a table. NIK and No. KK are masked. The look is on record.
#[utoipa::path(tag = "lists", responses(
    (status = 200, content_type = "text/csv"), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/lists/{id}/annex.csv")]
pub(super) async fn annex_csv(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    annex(&state, &caller, &path, false).await
}

/// The same as a workbook, in which every cell is a text.
#[utoipa::path(tag = "lists", responses(
    (status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/lists/{id}/annex.xlsx")]
pub(super) async fn annex_xlsx(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    annex(&state, &caller, &path, true).await
}

async fn compared(state: &State, caller: &Caller, path: &str, from: &str) -> Result<Difference, Problem> {
    let (to, from): (ListId, ListId) = (id(path)?, id(from)?);
    state.act(caller, move |office, actor| office.list_difference(actor, to, from)).await
}

/// What changed from one version of a list to this one. The look is on record.
#[utoipa::path(tag = "lists", params(DifferenceQuery), responses(
    (status = 200, body = DifferenceBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/lists/{id}/difference")]
pub(super) async fn compare(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<DifferenceQuery>,
) -> Result<Json<DifferenceBody>, Problem> {
    Ok(Json(compared(&state, &caller, &path, &query.from).await?.into()))
}

/// The same as a table for a spreadsheet.
#[utoipa::path(tag = "lists", params(DifferenceQuery), responses(
    (status = 200, content_type = "text/csv"), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/lists/{id}/difference.csv")]
pub(super) async fn compare_csv(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<DifferenceQuery>,
) -> Result<HttpResponse, Problem> {
    let found = compared(&state, &caller, &path, &query.from).await?;
    let words = Words::for_language(Language::Id);
    let bytes = difference_csv(&found, &|list, code| words.of(list, code));
    Ok(file("text/csv; charset=utf-8", "perubahan-daftar.csv", bytes))
}
