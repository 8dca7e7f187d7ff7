//! Leases: lending rights to a device, taking them back, and taking what it brings. Every call here is made with the
//! token of a device.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{ProblemBody, id};
use super::enrolments::{b64, bytes_of};
use crate::domain::id::EntitlementId;
use crate::domain::package::Item;
use crate::domain::redemption::Verdict;
use crate::http::error::{FirstBody, RightPoint};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{BackAnswer, ItemRun, LeaseWish, LeasedRoundView, NotLeased, Seen};
use crate::token::parcel::Parcel;
use crate::token::sync::Batch;

/// The largest parcel: ten thousand receipts fit well.
pub(in crate::http) const SYNC_MAX: usize = 8 * 1024 * 1024;

/// The nonce of a call, when it has one.
pub(super) fn nonce_of(text: Option<&str>) -> Result<Option<[u8; 16]>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let nonce = bytes_of("nonce", text)?;
    nonce.try_into().map(Some).map_err(|_| Problem::bad_request("bad_body", "nonce: 16 bytes"))
}

/// Which rights a device wants: of its point, those that fit everything that is named here.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeBody {
    round_id: Option<Uuid>,
    session: Option<i32>,
    desk: Option<i32>,
    /// These alone.
    entitlements: Option<Vec<Uuid>>,
    /// The one that this paper names: the text of its QR, or its typed code.
    code: Option<String>,
}

/// What a device wants to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaseBody {
    #[serde(default)]
    scope: ScopeBody,
    /// At most so many; 1000 unless told, 5000 at most.
    limit: Option<i64>,
    /// Go on after this: the `next` of the answer before.
    after: Option<Uuid>,
    /// 16 bytes in base64url, drawn for this call; the reply repeats them.
    nonce: Option<String>,
}

/// A round that is not over at the device's point.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeasedRoundBody)]
pub(super) struct RoundBody {
    id: Uuid,
    number: i32,
    name: String,
    /// What a full handout is worth.
    value_minor: i64,
    currency: String,
    /// What a full handout is.
    items: Vec<Item>,
    opens_at: String,
    closes_at: String,
    /// Why it stands still, when it does.
    paused: Option<String>,
}

impl From<LeasedRoundView> for RoundBody {
    fn from(view: LeasedRoundView) -> Self {
        Self {
            id: view.round.id.uuid(),
            number: view.round.number,
            name: view.round.name,
            value_minor: view.package.value.minor(),
            currency: view.currency,
            items: view.package.items,
            opens_at: view.window.opens_at.iso(API_ZONE),
            closes_at: view.window.closes_at.iso(API_ZONE),
            paused: view.paused,
        }
    }
}

/// One that was named and is not lent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotLeasedBody {
    entitlement: Option<Uuid>,
    /// A verdict, or `revoke_requested`.
    why: &'static str,
    #[serde(flatten)]
    more: NotLeasedMore,
}

/// What goes with a verdict.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct NotLeasedMore {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<FirstBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_point: Option<RightPoint>,
    /// `superseded`: the newest print.
    #[serde(skip_serializing_if = "Option::is_none")]
    print: Option<i32>,
}

impl From<NotLeased> for NotLeasedBody {
    fn from(not: NotLeased) -> Self {
        let more = not.seen.as_ref().map(NotLeasedMore::of).unwrap_or_default();
        Self { entitlement: not.entitlement.map(|one| one.uuid()), why: not.why, more }
    }
}

impl NotLeasedMore {
    fn of(seen: &Seen) -> Self {
        Self {
            first: seen.first.as_ref().map(|first| FirstBody::of(first, API_ZONE)),
            reason: seen.reason.clone(),
            right_point: RightPoint::of(seen),
            print: seen
                .voucher
                .as_ref()
                .filter(|_| seen.verdict == Verdict::Superseded)
                .map(|voucher| voucher.print_no),
        }
    }
}

/// What a device is lent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LeasesBody {
    /// Signed pages of the bundle, in base64url; each is good for itself.
    pages: Vec<String>,
    granted: usize,
    /// Of those that were named, which are not lent.
    refused: Vec<NotLeasedBody>,
    /// Hand it in as `after` for the next; null at the end.
    next: Option<Uuid>,
    rounds: Vec<RoundBody>,
    /// The signed reply, in base64url.
    reply: String,
}

/// Lend rights to the device that calls. The same call again gives the same leases again.
#[utoipa::path(tag = "leases", request_body = LeaseBody, responses(
    (status = 200, body = LeasesBody), (status = 401, body = ProblemBody),
    (status = 403, description = "`device_revoked`, `device_forked`", body = ProblemBody),
    (status = 409, description = "`recovering`", body = ProblemBody),
    (status = 422, description = "`too_many`", body = ProblemBody)))]
#[post("/leases")]
pub(super) async fn lease(
    state: Data<State>,
    caller: Caller,
    body: Json<LeaseBody>,
) -> Result<Json<LeasesBody>, Problem> {
    let LeaseBody { scope, limit, after, nonce } = body.into_inner();
    let wish = LeaseWish {
        round: scope.round_id.map(Into::into),
        session_no: scope.session,
        desk_no: scope.desk,
        entitlements: scope.entitlements.map(|named| named.into_iter().map(EntitlementId::from).collect()),
        code: scope.code,
        limit,
        after: after.map(Into::into),
        nonce: nonce_of(nonce.as_deref())?,
    };
    let lent = state.device(&caller, move |office, device| office.lease(device, &wish)).await?;
    Ok(Json(LeasesBody {
        pages: lent.pages.iter().map(|page| b64(page)).collect(),
        granted: lent.granted,
        refused: lent.refused.into_iter().map(Into::into).collect(),
        next: lent.next.map(|one| one.uuid()),
        rounds: lent.rounds.into_iter().map(Into::into).collect(),
        reply: b64(&lent.reply),
    }))
}

/// Leases that come back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnBody {
    /// What the device signed, in base64url; it names the lease of the address, and may name more.
    returns: String,
}

/// What became of a lease that came back, or of a hold.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BackBody {
    entitlement: Uuid,
    /// `freed`, `freed_and_revoked`, `done` or `refused`.
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

impl From<BackAnswer> for BackBody {
    fn from(back: BackAnswer) -> Self {
        Self { entitlement: back.entitlement.uuid(), answer: back.answer, why: back.why }
    }
}

/// What became of leases that came back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReturnsBody {
    returns: Vec<BackBody>,
}

/// Give leases back.
#[utoipa::path(tag = "leases", request_body = ReturnBody, responses(
    (status = 200, body = ReturnsBody), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/leases/{id}/return")]
pub(super) async fn give_back(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ReturnBody>,
) -> Result<Json<ReturnsBody>, Problem> {
    let id: EntitlementId = id(&path)?;
    let signed = bytes_of("returns", &body.returns)?;
    let answers = state.device(&caller, move |office, device| office.return_leases(device, &signed)).await?;
    if !answers.iter().any(|one| one.entitlement == id && one.why != Some("unknown")) {
        return Err(Problem::not_found());
    }
    Ok(Json(ReturnsBody { returns: answers.into_iter().map(Into::into).collect() }))
}

/// Receipts in a row that are answered alike.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunBody {
    /// The place of the first in the batch, from 0.
    from: usize,
    count: usize,
    /// `taken`, `settled`, `known`, `conflict` or `bad`.
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

impl From<ItemRun> for RunBody {
    fn from(run: ItemRun) -> Self {
        Self { from: run.from, count: run.count, answer: run.answer, why: run.why }
    }
}

/// What became of a page of an answer after a restore.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PageBody {
    page: Option<u32>,
    /// `kept`, `ignored` or `bad`.
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

/// What is still missing of the device's answer after a restore.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResyncBody {
    epoch: u32,
    /// Pages that have not come; null when none has.
    pages_missing: Option<Vec<u32>>,
    /// Receipts are here without a gap up to this place.
    journal_upto: u64,
}

/// What became of a parcel.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SyncBody {
    items: Vec<RunBody>,
    returns: Vec<BackBody>,
    holds: Vec<BackBody>,
    pages: Vec<PageBody>,
    resync: Option<ResyncBody>,
    /// The signed reply, in base64url.
    reply: String,
}

/// Take what a device brings: one CBOR map, as the manual describes it. May be repeated, in parts and in any order.
#[utoipa::path(tag = "leases", request_body(content = Vec<u8>, content_type = "application/cbor"), responses(
    (status = 200, body = SyncBody), (status = 400, description = "`bad_body`", body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 413, body = ProblemBody),
    (status = 422, description = "`too_many`", body = ProblemBody)))]
#[post("/sync")]
pub(super) async fn sync(
    state: Data<State>,
    caller: Caller,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let body = body.map_err(|fault| match fault.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(SYNC_MAX),
        _ => Problem::bad_request("bad_body", "the body was cut short"),
    })?;
    let parcel = Parcel::decode(&body).map_err(|fault| Problem::bad_request("bad_body", fault))?;
    let batch = match parcel.batch.as_slice() {
        [] => None,
        bytes => Some(Batch::decode(bytes).map_err(|fault| Problem::bad_request("bad_body", fault))?),
    };
    let answer = state.device(&caller, move |office, device| office.sync(device, &parcel, batch.as_ref())).await?;
    let runs = answer.items.into_iter();
    let pages = answer.pages.into_iter();
    Ok(HttpResponse::Ok().json(SyncBody {
        items: runs.map(Into::into).collect(),
        returns: answer.returns.into_iter().map(Into::into).collect(),
        holds: answer.holds.into_iter().map(Into::into).collect(),
        pages: pages.map(|page| PageBody { page: page.page, answer: page.answer, why: page.why }).collect(),
        resync: answer.resync.map(|state| ResyncBody {
            epoch: state.epoch,
            pages_missing: state.pages_missing,
            journal_upto: state.journal_upto,
        }),
        reply: b64(&answer.reply),
    }))
}
