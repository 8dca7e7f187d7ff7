//! The close of periods, their addenda, the round at a glance, and spot checks.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Page, ProblemBody, id, maybe_id};
use super::documents::{TableQuery, file, table};
use crate::domain::id::{ClosingId, RoundId, SpotCheckId};
use crate::domain::spot_check::Found;
use crate::http::{Caller, Problem, State};
use crate::service::{AddendumDue, ClosingView, Dashboard, FileForm, NewClosing, Office, SpotCheckView};

/// Which closes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct ClosingQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go back in time behind this one.
    after: Option<String>,
    /// Only those of this round.
    round: Option<String>,
}

/// A period that is to be closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewClosingBody {
    /// The point's code; the whole round when null.
    #[serde(default)]
    point: Option<String>,
    /// A day at that point, `2026-12-07`.
    #[serde(default)]
    day: Option<String>,
    /// Why what differs does; due when something differs.
    #[serde(default)]
    reason: String,
    /// The hash of another person's close that waits for a signature, and that this one is to take the place of.
    #[serde(default)]
    replaces: Option<String>,
}

/// How many patterns were found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PatternsBody {
    found: i64,
}

/// How many to draw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSpotCheckBody {
    size: i32,
}

/// What was found at a door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FoundBody {
    found: Found,
    #[serde(default)]
    note: String,
}

/// The closes of the agency and their addenda, newest first.
#[utoipa::path(tag = "closings", params(ClosingQuery), responses(
    (status = 200, body = Page<ClosingView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/closings")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<ClosingQuery>,
) -> Result<Json<Page<ClosingView>>, Problem> {
    let ClosingQuery { limit, after, round } = query.into_inner();
    let (before, round) = (maybe_id(after.as_deref())?, maybe_id(round.as_deref())?);
    let found = state.act(&caller, move |office, actor| office.closings(actor, round, before, limit)).await?;
    Ok(Json(Page::of(found, limit, |one| one.id.to_string())))
}

/// One close with the figures that it froze.
#[utoipa::path(tag = "closings", responses(
    (status = 200, body = ClosingView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/closings/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<ClosingView>, Problem> {
    let closing: ClosingId = id(&path)?;
    Ok(Json(state.act(&caller, move |office, actor| office.closing(actor, closing)).await?))
}

/// A close or an addendum as paper, with places to sign.
#[utoipa::path(tag = "closings", responses(
    (status = 200, content_type = "application/pdf"), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/closings/{id}.pdf")]
pub(super) async fn pdf(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    file(&state, &caller, &path, FileForm::Pdf, Office::closing_file).await
}

/// The same as a workbook: figures as numbers, all else as text.
#[utoipa::path(tag = "closings", responses(
    (status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/closings/{id}.xlsx")]
pub(super) async fn xlsx(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    file(&state, &caller, &path, FileForm::Xlsx, Office::closing_file).await
}

/// One of its tables.
#[utoipa::path(tag = "closings", params(TableQuery), responses(
    (status = 200, content_type = "text/csv"), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/closings/{id}.csv")]
pub(super) async fn csv(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<TableQuery>,
) -> Result<HttpResponse, Problem> {
    match query.table {
        Some(number) => table(&state, &caller, &path, number, Office::closing_table).await,
        None => file(&state, &caller, &path, FileForm::Csv, Office::closing_file).await,
    }
}

/// The very bytes of which a close's hash is the SHA-256.
#[utoipa::path(tag = "closings", responses(
    (status = 200, content_type = "application/json"), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/closings/{id}.json")]
pub(super) async fn json(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    file(&state, &caller, &path, FileForm::Json, Office::closing_file).await
}

/// The closes of a round after which something came that no addendum has.
#[utoipa::path(tag = "closings", responses(
    (status = 200, body = Page<AddendumDue>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/addenda")]
pub(super) async fn due(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<AddendumDue>>, Problem> {
    let round: RoundId = id(&path)?;
    Ok(Json(Page::whole(state.act(&caller, move |office, actor| office.addenda_due(actor, round)).await?)))
}

/// Make every addendum that is due in a round.
#[utoipa::path(tag = "closings", responses(
    (status = 201, body = Page<ClosingView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, description = "Nothing came after any close", body = ProblemBody)))]
#[post("/rounds/{id}/addenda")]
pub(super) async fn addenda(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let round: RoundId = id(&path)?;
    let made = state.act(&caller, move |office, actor| office.add_addenda(actor, round)).await?;
    Ok(HttpResponse::Created().json(Page::whole(made)))
}

/// Close a day at a point, a point, or the round. What differs needs a reason, and then a second signature.
#[utoipa::path(tag = "closings", request_body = NewClosingBody, responses(
    (status = 201, body = ClosingView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`exists`: it is closed; `awaiting_signature`: another person's close waits; `period_closed`; `unexplained`: something differs, and no reason is given", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/rounds/{id}/closings")]
pub(super) async fn close(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewClosingBody>,
) -> Result<HttpResponse, Problem> {
    let round: RoundId = id(&path)?;
    let NewClosingBody { point, day, reason, replaces } = body.into_inner();
    let new = NewClosing { point, day, reason, replaces };
    let made = state.act(&caller, move |office, actor| office.close_period(actor, round, &new)).await?;
    Ok(HttpResponse::Created().json(made))
}

/// What somebody signs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignBody {
    /// The hash of the close as it was read: one that was made again since is not signed.
    #[serde(default)]
    hash: Option<String>,
}

/// Sign, as a second person, for what differs.
#[utoipa::path(tag = "closings", request_body = SignBody, responses(
    (status = 200, body = ClosingView), (status = 403, description = "Also for who made it", body = ProblemBody),
    (status = 404, body = ProblemBody),
    (status = 409, description = "`wrong_step`, or `figures_changed`: something came meanwhile, make it again", body = ProblemBody)))]
#[post("/closings/{id}/sign")]
pub(super) async fn sign(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Option<Json<SignBody>>,
) -> Result<Json<ClosingView>, Problem> {
    let closing: ClosingId = id(&path)?;
    let hash = body.and_then(|body| body.into_inner().hash);
    let done = state.act(&caller, move |office, actor| office.sign_closing(actor, closing, hash.as_deref())).await?;
    Ok(Json(done))
}

/// Put what the server took after a close into an addendum with a number of its own.
#[utoipa::path(tag = "closings", responses(
    (status = 201, body = ClosingView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`wrong_step`", body = ProblemBody),
    (status = 422, description = "Nothing came after it", body = ProblemBody)))]
#[post("/closings/{id}/addenda")]
pub(super) async fn addendum(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let closing: ClosingId = id(&path)?;
    let made = state.act(&caller, move |office, actor| office.add_addendum(actor, closing)).await?;
    Ok(HttpResponse::Created().json(made))
}

/// Look for what no queue explains, and open a case for each.
#[utoipa::path(tag = "closings", responses(
    (status = 200, body = PatternsBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/rounds/{id}/pattern-checks")]
pub(super) async fn patterns(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<PatternsBody>, Problem> {
    let round: RoundId = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.check_patterns(actor, round)).await?;
    Ok(Json(PatternsBody { found }))
}

/// The round at a glance. The sums say of which moment they are.
#[utoipa::path(tag = "reconciliation", responses(
    (status = 200, body = Dashboard), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/dashboard")]
pub(super) async fn dashboard(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let round: RoundId = id(&path)?;
    let board = state.act(&caller, move |office, actor| office.dashboard(actor, round)).await?;
    Ok(HttpResponse::Ok().json(&*board))
}

/// The samples of a round, newest first. The look is on record.
#[utoipa::path(tag = "spot checks", responses(
    (status = 200, body = Page<SpotCheckView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/spot-checks")]
pub(super) async fn spot_checks(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<SpotCheckView>>, Problem> {
    let round: RoundId = id(&path)?;
    Ok(Json(Page::whole(state.act(&caller, move |office, actor| office.spot_checks(actor, round)).await?)))
}

/// Draw a sample of the redeemed vouchers of a round. The seed is kept, so that anyone can draw it again.
#[utoipa::path(tag = "spot checks", request_body = NewSpotCheckBody, responses(
    (status = 201, body = SpotCheckView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/rounds/{id}/spot-checks")]
pub(super) async fn draw(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewSpotCheckBody>,
) -> Result<HttpResponse, Problem> {
    let round: RoundId = id(&path)?;
    let size = body.into_inner().size;
    let made = state.act(&caller, move |office, actor| office.draw_spot_check(actor, round, size)).await?;
    Ok(HttpResponse::Created().json(made))
}

/// Enter what was found at a door. The estimate counts who was met and answered.
#[utoipa::path(tag = "spot checks", request_body = FoundBody, responses(
    (status = 200, body = SpotCheckView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[put("/spot-checks/{id}/lines/{position}")]
pub(super) async fn enter(
    state: Data<State>,
    caller: Caller,
    path: Path<(String, String)>,
    body: Json<FoundBody>,
) -> Result<Json<SpotCheckView>, Problem> {
    let (check, position) = path.into_inner();
    let check: SpotCheckId = id(&check)?;
    let position: i32 = id(&position)?;
    let FoundBody { found, note } = body.into_inner();
    let done =
        state.act(&caller, move |office, actor| office.enter_spot_check(actor, check, position, found, &note)).await?;
    Ok(Json(done))
}
