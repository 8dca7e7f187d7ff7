//! The trail, the report on a breach, and the one look that shows identity numbers in full.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use crate::domain::audit::Kind;
use crate::domain::time::Timestamp;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{BreachOf, TrailLine, TrailWanted};

/// A line of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrailBody {
    id: Uuid,
    at: String,
    /// Who, if known.
    user_id: Option<Uuid>,
    by: Option<String>,
    /// What was acted on, a dot, what was done: `user.created`.
    event: String,
    /// To what: an id or a code.
    object: String,
    detail: String,
    /// The network address it came from; empty at the console of the server.
    address: String,
}

impl From<TrailLine> for TrailBody {
    fn from(line: TrailLine) -> Self {
        Self {
            id: line.id.uuid(),
            at: line.at.iso(API_ZONE),
            user_id: line.user.map(|user| user.uuid()),
            by: line.by,
            event: line.event,
            object: line.object,
            detail: line.detail,
            address: line.address,
        }
    }
}

/// What is looked for in the trail.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct TrailQuery {
    /// `act`, `look` (personal data was shown) or `export` (it went out).
    kind: Option<String>,
    /// Only what this person did.
    user: Option<String>,
    /// Only what was done to this: an id.
    object: Option<String>,
    /// From this time on.
    since: Option<String>,
    /// Before this time.
    until: Option<String>,
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go on after this: the `next` of the page before.
    after: Option<String>,
}

fn time(text: Option<&str>, name: &'static str) -> Result<Option<Timestamp>, Problem> {
    text.map(|text| Timestamp::parse(text).map_err(|_| Problem::bad_request("bad_query", name))).transpose()
}

/// Who did what, when and from where, the newest first. That it was read is on record too.
#[utoipa::path(tag = "trail", params(TrailQuery), responses((status = 200, body = Page<TrailBody>),
    (status = 403, body = ProblemBody)))]
#[get("/trail")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<TrailQuery>,
) -> Result<Json<Page<TrailBody>>, Problem> {
    let query = query.into_inner();
    let kind = match query.kind.as_deref() {
        None => None,
        Some(code) => Some(Kind::parse(code).ok_or_else(|| Problem::bad_request("bad_query", "kind"))?),
    };
    let wanted = TrailWanted {
        kind,
        user: maybe_id(query.user.as_deref())?,
        object: query.object,
        since: time(query.since.as_deref(), "since")?,
        until: time(query.until.as_deref(), "until")?,
        after: maybe_id(query.after.as_deref())?,
        limit: query.limit,
    };
    let found = state.act(&caller, move |office, actor| office.trail(actor, &wanted)).await?;
    let lines = found.into_iter().map(TrailBody::from).collect();
    Ok(Json(Page::of(lines, query.limit, |line: &TrailBody| line.id.to_string())))
}

/// Between which moments a breach may have been, and by which account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BreachBody {
    since: String,
    until: String,
    /// The account that was misused; every account unless told.
    user_id: Option<Uuid>,
    /// The device that was lost or copied: then the report is of what lay on it.
    #[serde(default)]
    device_id: Option<Uuid>,
}

/// A voucher that lay on a device.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldOnDeviceBody {
    entitlement_id: Uuid,
    /// The household, by its key in the source.
    household: String,
    round: String,
    since: String,
    /// When the device gave it back; without one it is there still, for all that is known here.
    until: Option<String>,
}

/// What a breach may have shown: what, whose, when, by whom and from where.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BreachReportBody {
    since: String,
    until: String,
    made_at: String,
    /// Whether there are more lines than one report counts.
    cut: bool,
    /// How often each thing was done.
    counts: BTreeMap<String, u64>,
    /// The households that were looked at one by one, by their key in the source.
    households: Vec<String>,
    /// From where.
    addresses: Vec<String>,
    /// The device that the report is about, by name.
    device: Option<String>,
    /// What lay on it in that time.
    held: Vec<HeldOnDeviceBody>,
    /// Looks and exports, the newest first.
    lines: Vec<TrailBody>,
}

/// Report what a breach may have shown, for the notice that the law asks for within three days.
#[utoipa::path(tag = "trail", request_body = BreachBody, responses((status = 200, body = BreachReportBody),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/breach-reports")]
pub(super) async fn breach(
    state: Data<State>,
    caller: Caller,
    body: Json<BreachBody>,
) -> Result<Json<BreachReportBody>, Problem> {
    let body = body.into_inner();
    let moment = |text: &str, name| Timestamp::parse(text).map_err(|_| Problem::bad_request("bad_body", name));
    let (since, until) = (moment(&body.since, "since")?, moment(&body.until, "until")?);
    let of = BreachOf { user: body.user_id.map(Into::into), device: body.device_id.map(Into::into) };
    let report = state.act(&caller, move |office, actor| office.breach_report(actor, since, until, of)).await?;
    let held = report.held.into_iter().map(|one| HeldOnDeviceBody {
        entitlement_id: one.entitlement.uuid(),
        household: one.household,
        round: one.round,
        since: one.since.iso(API_ZONE),
        until: one.until.map(|at| at.iso(API_ZONE)),
    });
    Ok(Json(BreachReportBody {
        since: report.since.iso(API_ZONE),
        until: report.until.iso(API_ZONE),
        made_at: report.made_at.iso(API_ZONE),
        cut: report.cut,
        counts: report.counts,
        households: report.households,
        addresses: report.addresses.into_iter().collect(),
        device: report.device,
        held: held.collect(),
        lines: report.lines.into_iter().map(TrailBody::from).collect(),
    }))
}

/// Why the numbers are needed in full.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnmaskBody {
    reason: String,
}

/// What identifies a household, in full.
#[derive(Serialize, ToSchema)]
pub(super) struct Unmasked {
    nik: Option<String>,
    family_card: Option<String>,
    birth_date: Option<String>,
    address: String,
}

/// See the identity numbers of a household in full. The look and its reason are on record.
#[utoipa::path(tag = "households", request_body = UnmaskBody, responses((status = 200, body = Unmasked),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/households/{id}/unmask")]
pub(super) async fn unmask(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<UnmaskBody>,
) -> Result<Json<Unmasked>, Problem> {
    let id = id(&path)?;
    let reason = body.into_inner().reason;
    let shown = state.act(&caller, move |office, actor| office.unmask(actor, id, &reason)).await?;
    Ok(Json(Unmasked {
        nik: shown.nik.map(|nik| nik.digits().to_owned()),
        family_card: shown.family_card.map(|card| card.digits().to_owned()),
        birth_date: shown.birth_date.map(|day| day.to_string()),
        address: shown.address,
    }))
}
