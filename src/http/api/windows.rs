//! Windows and sessions of a round at its points.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post, put};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, ProblemBody, id};
use crate::domain::programme::{PointWindow, Session, Window};
use crate::domain::time::Timestamp;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{Layout, Slot};

/// The window of a round at a point, where it differs from the round's.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WindowBody {
    point_id: Uuid,
    opens_at: String,
    closes_at: String,
    reason: String,
    set_by: Uuid,
    set_at: String,
}

impl From<PointWindow> for WindowBody {
    fn from(one: PointWindow) -> Self {
        Self {
            point_id: one.point.uuid(),
            opens_at: one.window.opens_at.iso(API_ZONE),
            closes_at: one.window.closes_at.iso(API_ZONE),
            reason: one.reason,
            set_by: one.set_by.uuid(),
            set_at: one.set_at.iso(API_ZONE),
        }
    }
}

/// A window that is to be set.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewWindowBody {
    opens_at: String,
    closes_at: String,
    reason: String,
}

/// A time slot at a point.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionSlotBody {
    point_id: Uuid,
    number: i32,
    starts_at: String,
    ends_at: String,
}

impl From<Session> for SessionSlotBody {
    fn from(session: Session) -> Self {
        Self {
            point_id: session.point.uuid(),
            number: session.number,
            starts_at: session.starts_at.iso(API_ZONE),
            ends_at: session.ends_at.iso(API_ZONE),
        }
    }
}

/// When a session is.
#[derive(Deserialize, ToSchema)]
pub(super) struct SlotBody {
    starts_at: String,
    ends_at: String,
}

/// The sessions of a point, numbered as they stand.
#[derive(Deserialize, ToSchema)]
pub(super) struct SlotsBody {
    sessions: Vec<SlotBody>,
}

/// How the sessions of a point are to be laid out.
#[derive(Deserialize, ToSchema)]
pub(super) struct LayoutBody {
    /// `2026-12-07`.
    #[schema(value_type = String, format = Date)]
    first_day: Date,
    /// How many days may be used.
    days: i32,
    /// When a day begins: minutes after midnight in the agency's zone.
    starts_minute: i32,
    /// How long a session takes.
    minutes: i32,
    /// How many sessions a day has.
    per_day: i32,
}

fn time(text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse(text).map_err(|fault| Problem::bad_request("bad_body", fault))
}

/// The windows that differ in a round.
#[utoipa::path(tag = "rounds", responses((status = 200, body = Page<WindowBody>), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/windows")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<WindowBody>>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.windows(actor, id)).await?;
    Ok(Json(Page::whole(found.into_iter().map(Into::into).collect())))
}

/// Set the window of a round at one point. It stands in place of the round's from the next scan on.
#[utoipa::path(tag = "rounds", request_body = NewWindowBody, responses(
    (status = 200, body = WindowBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[put("/rounds/{id}/points/{point}/window")]
pub(super) async fn set(
    state: Data<State>,
    caller: Caller,
    path: Path<(String, String)>,
    body: Json<NewWindowBody>,
) -> Result<HttpResponse, Problem> {
    let at = (id(&path.0)?, id(&path.1)?);
    let window = Window { opens_at: time(&body.opens_at)?, closes_at: time(&body.closes_at)? };
    let made = state.act(&caller, move |office, actor| office.set_window(actor, at, window, &body.reason)).await?;
    Ok(HttpResponse::Ok().json(WindowBody::from(made)))
}

/// The sessions of a round, by point and number.
#[utoipa::path(tag = "rounds", responses(
    (status = 200, body = Page<SessionSlotBody>), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/sessions")]
pub(super) async fn sessions(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<SessionSlotBody>>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.sessions(actor, id)).await?;
    Ok(Json(Page::whole(found.into_iter().map(Into::into).collect())))
}

/// Set the sessions of a round at one point, in place of those it had.
#[utoipa::path(tag = "rounds", request_body = SlotsBody, responses(
    (status = 200, body = Page<SessionSlotBody>), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[put("/rounds/{id}/points/{point}/sessions")]
pub(super) async fn set_sessions(
    state: Data<State>,
    caller: Caller,
    path: Path<(String, String)>,
    body: Json<SlotsBody>,
) -> Result<HttpResponse, Problem> {
    let at = (id(&path.0)?, id(&path.1)?);
    let slots = body
        .sessions
        .iter()
        .map(|slot| Ok(Slot { starts_at: time(&slot.starts_at)?, ends_at: time(&slot.ends_at)? }))
        .collect::<Result<Vec<_>, Problem>>()?;
    let made = state.act(&caller, move |office, actor| office.set_sessions(actor, at, &slots)).await?;
    Ok(HttpResponse::Ok().json(Page::<SessionSlotBody>::whole(made.into_iter().map(Into::into).collect())))
}

/// Lay out the sessions of a round at one point: as many as its households are placed in.
#[utoipa::path(tag = "rounds", request_body = LayoutBody, responses(
    (status = 200, body = Page<SessionSlotBody>), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`nobody_placed`", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/rounds/{id}/points/{point}/sessions")]
pub(super) async fn lay_out(
    state: Data<State>,
    caller: Caller,
    path: Path<(String, String)>,
    body: Json<LayoutBody>,
) -> Result<HttpResponse, Problem> {
    let at = (id(&path.0)?, id(&path.1)?);
    let layout = Layout {
        first_day: body.first_day,
        days: body.days,
        starts_minute: body.starts_minute,
        minutes: body.minutes,
        per_day: body.per_day,
    };
    let made = state.act(&caller, move |office, actor| office.lay_out_sessions(actor, at, &layout)).await?;
    Ok(HttpResponse::Ok().json(Page::<SessionSlotBody>::whole(made.into_iter().map(Into::into).collect())))
}
