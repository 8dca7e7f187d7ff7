//! Rounds, and issuing them.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::programme::Round;
use crate::domain::time::Timestamp;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{NewRound, NewSession};

/// One distribution of a programme.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoundBody {
    id: Uuid,
    programme_id: Uuid,
    number: i32,
    name: String,
    package_id: Uuid,
    /// ISO 8601 with offset.
    opens_at: String,
    /// ISO 8601 with offset; a voucher is good until just before it.
    closes_at: String,
    issued_at: Option<String>,
    /// Why it stands still, when it does.
    paused_reason: Option<String>,
}

impl From<Round> for RoundBody {
    fn from(round: Round) -> Self {
        Self {
            id: round.id.uuid(),
            programme_id: round.programme.uuid(),
            number: round.number,
            name: round.name,
            package_id: round.package.uuid(),
            opens_at: round.opens_at.iso(API_ZONE),
            closes_at: round.closes_at.iso(API_ZONE),
            issued_at: round.issued_at.map(|at| at.iso(API_ZONE)),
            paused_reason: round.paused_reason,
        }
    }
}

/// A time slot at a point.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewSessionBody {
    point_id: Uuid,
    number: i32,
    starts_at: String,
    ends_at: String,
}

/// A round that is to be added.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewRoundBody {
    programme_id: Uuid,
    number: i32,
    name: String,
    package_id: Uuid,
    opens_at: String,
    closes_at: String,
    #[serde(default)]
    sessions: Vec<NewSessionBody>,
}

/// What an issue came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IssuedBody {
    /// Entitlements made by this call.
    issued: i64,
    /// The value of all live entitlements of the round.
    committed_minor: i64,
}

fn time(text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse(text).map_err(|fault| Problem::bad_request("bad_body", fault))
}

/// The rounds of a programme, or of all.
#[utoipa::path(tag = "rounds", params(Paging), responses((status = 200, body = Page<RoundBody>)))]
#[get("/rounds")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<RoundBody>>, Problem> {
    let programme = maybe_id(query.programme.as_deref())?;
    let found = state.act(&caller, move |office, actor| office.rounds(actor, programme)).await?;
    let found = found.into_iter().map(RoundBody::from).collect();
    Page::part(found, &query, |one| one.id.to_string()).map(Json)
}

/// Add a round with its sessions.
#[utoipa::path(tag = "rounds", request_body = NewRoundBody, responses(
    (status = 201, body = RoundBody), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/rounds")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    body: Json<NewRoundBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let sessions = body
        .sessions
        .iter()
        .map(|slot| {
            Ok(NewSession {
                point: slot.point_id.into(),
                number: slot.number,
                starts_at: time(&slot.starts_at)?,
                ends_at: time(&slot.ends_at)?,
            })
        })
        .collect::<Result<_, Problem>>()?;
    let new = NewRound {
        programme: body.programme_id.into(),
        number: body.number,
        name: body.name,
        package: body.package_id.into(),
        opens_at: time(&body.opens_at)?,
        closes_at: time(&body.closes_at)?,
        sessions,
    };
    let made = state.act(&caller, move |office, actor| office.create_round(actor, &new)).await?;
    Ok(HttpResponse::Created().json(RoundBody::from(made)))
}

/// One round.
#[utoipa::path(tag = "rounds", responses((status = 200, body = RoundBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<RoundBody>, Problem> {
    let id = id(&path)?;
    let (round, _, _) = state.act(&caller, move |office, actor| office.round(actor, id)).await?;
    Ok(Json(round.into()))
}

/// Issue a round: every approved household without an entitlement in it gets one, and the ceiling covers
/// all of them, or nothing is issued.
#[utoipa::path(tag = "rounds", responses(
    (status = 200, body = IssuedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`budget_exceeded`", body = ProblemBody)))]
#[post("/rounds/{id}/issue")]
pub(super) async fn issue(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let issued = state.act(&caller, move |office, actor| office.issue(actor, id, &|_, _| {})).await?;
    let body = IssuedBody { issued: issued.issued, committed_minor: issued.committed.minor() };
    Ok(HttpResponse::Ok().json(body))
}

/// What the end of a round came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndedBody {
    /// Entitlements that ended unused by this call; their value is free in the budget again.
    expired: i64,
    /// Entitlements that are with devices, or may be. They end when they have come back and this is called again.
    out: i64,
    /// Entitlements that are free at points whose window is still open.
    open: i64,
}

/// End what nobody came for, at every point whose window is over. What a device holds stays with it. The close of the
/// whole round does the same.
#[utoipa::path(tag = "rounds", responses(
    (status = 200, body = EndedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`recovering`", body = ProblemBody)))]
#[post("/rounds/{id}/expire")]
pub(super) async fn expire(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<EndedBody>, Problem> {
    let id = id(&path)?;
    let ended = state.act(&caller, move |office, actor| office.expire_round(actor, id)).await?;
    Ok(Json(EndedBody { expired: ended.expired, out: ended.out, open: ended.open }))
}
