//! Verifying and redeeming.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Object, ProblemBody, id};
use crate::domain::package::Item;
use crate::domain::redemption::{Collector, CollectorKind, Given, Paper, Verdict};
use crate::domain::time::{Language, Timestamp};
use crate::http::error::{FirstBody, RightPoint, seen_members};
use crate::http::{Caller, Problem, State};
use crate::service::{Claim, Named, ReceiptView, Seen, VoucherView};
use crate::words::{Value as Word, Words};

/// What to look at.
#[derive(Deserialize, ToSchema)]
pub(super) struct VerifyBody {
    /// The text of the QR, or the typed code.
    code: String,
}

/// What a scan comes to.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code)]
pub(super) struct VerdictBody {
    verdict: Verdict,
    /// What the operator is to do, in a sentence.
    message: String,
    voucher: Option<VoucherBody>,
    /// The reason that somebody gave for a stop.
    reason: Option<String>,
    /// The handout that was made, where one was.
    first: Option<FirstBody>,
    /// Where the voucher is good, when that is not here.
    right_point: Option<RightPoint>,
}

/// A voucher, as a desk is shown it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SeenVoucherBody)]
pub(super) struct VoucherBody {
    entitlement_id: Uuid,
    household: String,
    nik_masked: Option<String>,
    birth_year: Option<i16>,
    address: String,
    point: String,
    point_name: String,
    session: i32,
    /// Set when it is not the time of the voucher's session; it only informs.
    session_notice: Option<String>,
    /// Set when the books say that the point has less left of an item than one package takes; it only informs.
    stock_notice: Option<String>,
    items: Vec<ItemBody>,
    print_no: i32,
    round: String,
    programme: String,
}

/// An item to hand over.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ItemBody {
    code: String,
    name: String,
    quantity: i64,
    /// The quantity as people read it: `15 kg`.
    quantity_label: String,
}

impl ItemBody {
    fn of(item: &Item, quantity: i64) -> Self {
        Self { code: item.code.clone(), name: item.name.clone(), quantity, quantity_label: item.said(quantity) }
    }
}

impl VoucherBody {
    fn of(view: &VoucherView, language: Language) -> Self {
        let notice = view.session.as_ref().filter(|_| !view.session_is_now).map(|slot| {
            let when = format!("{} {}", slot.starts_at.short(view.zone), view.zone.label());
            Words::for_language(language)
                .with("desk-session-notice", &[("number", Word::from(slot.number)), ("when", Word::from(when))])
        });
        Self {
            entitlement_id: view.entitlement.uuid(),
            household: view.household.clone(),
            nik_masked: view.nik_masked.clone(),
            birth_year: view.birth_year,
            address: view.address.clone(),
            point: view.point.code.clone(),
            point_name: view.point.name.clone(),
            session: view.session_no,
            session_notice: notice,
            stock_notice: crate::refusals::empty_notice(view, Words::for_language(language)),
            items: view.items.iter().map(|item| ItemBody::of(item, item.quantity)).collect(),
            print_no: view.print_no,
            round: view.round.clone(),
            programme: view.programme.clone(),
        }
    }
}

fn verdict_body(seen: &Seen, language: Language) -> Value {
    let mut members = seen_members(seen);
    members.insert("verdict".into(), json!(seen.verdict));
    let message = Words::for_language(language).of("verdict-do", seen.verdict.as_str());
    members.insert("message".into(), json!(message));
    if let Some(view) = &seen.voucher {
        members.insert("voucher".into(), json!(VoucherBody::of(view, language)));
    }
    Value::Object(members)
}

/// Ask what a voucher is worth here. Changes no entitlement; the attempt is kept.
#[utoipa::path(tag = "redemptions", request_body = VerifyBody, responses(
    (status = 200, description = "With any verdict", body = VerdictBody), (status = 403, body = ProblemBody)))]
#[post("/verifications")]
pub(super) async fn verify(
    state: Data<State>,
    caller: Caller,
    body: Json<Object<VerifyBody>>,
) -> Result<HttpResponse, Problem> {
    let seen = state.act(&caller, move |office, actor| office.verify(actor, &body.0.0.code)).await?;
    Ok(HttpResponse::Ok().json(verdict_body(&seen, caller.language)))
}

/// Who stood at the desk.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CollectorBody {
    kind: CollectorKind,
    name: Option<String>,
    relation: Option<String>,
    #[serde(default)]
    id_seen: bool,
}

/// What is given of an item.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemWish {
    code: String,
    quantity: i64,
}

/// A wish to redeem.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RedeemBody {
    /// Chosen by the caller, and the same on every retry.
    id: Uuid,
    /// The text of the QR, or the typed code.
    code: Option<String>,
    /// In place of the code, when the paper is lost or was never delivered.
    entitlement_id: Option<Uuid>,
    #[schema(value_type = Option<CollectorBody>)]
    collector: Option<Object<CollectorBody>>,
    #[serde(default)]
    paper: Paper,
    /// Why the paper is not shown.
    reason: Option<String>,
    /// What is given, when it is not everything; an item that is not named is not given.
    #[schema(value_type = Option<Vec<Given>>)]
    items: Option<Vec<Object<ItemWish>>>,
    /// When the desk scanned, by its own clock: ISO 8601 with offset.
    scanned_at: Option<String>,
}

impl RedeemBody {
    fn claim(self, language: Language) -> Result<Claim, Problem> {
        // One that everybody's broken program draws is nobody's own.
        if self.id.is_nil() || self.id.is_max() {
            return Err(Problem::invalid("id", "a UUID", language));
        }
        let named = match (self.code, self.entitlement_id) {
            (Some(code), None) => Named::Code(code),
            (None, Some(id)) => Named::Entitlement(id.into()),
            _ => return Err(Problem::bad_request("bad_body", "code / entitlement_id")),
        };
        let scanned_at = self.scanned_at.map(|text| Timestamp::parse(&text)).transpose();
        let collector = self.collector.map_or_else(Collector::default, |Object(body)| Collector {
            kind: body.kind,
            name: body.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            relation: body.relation.map(|relation| relation.trim().to_owned()).filter(|one| !one.is_empty()),
            id_seen: body.id_seen,
        });
        Ok(Claim {
            id: self.id.into(),
            named,
            collector,
            paper: self.paper,
            paper_reason: self.reason,
            items: self.items.map(|items| {
                items.into_iter().map(|Object(ItemWish { code, quantity })| Given { code, quantity }).collect()
            }),
            scanned_at: scanned_at.map_err(|fault| Problem::bad_request("bad_body", fault))?,
        })
    }
}

/// A receipt: the record as people read it, and the signed one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptBody {
    id: Uuid,
    receipt_number: String,
    entitlement_id: Uuid,
    redeemed_at: String,
    scanned_at: String,
    programme: String,
    round: String,
    household: String,
    nik_masked: Option<String>,
    point: String,
    point_name: String,
    desk: String,
    operator: String,
    collector: CollectorOut,
    paper: Paper,
    items: Vec<ItemBody>,
    /// Whether anything was less than the package says.
    short: bool,
    value_minor: i64,
    currency: String,
    /// What the device marked it with: `late_entry`, `home_delivery`, `witness`, `clock_back` …
    flags: Vec<FlagOut>,
    /// Its place in the device's chain.
    seq: i64,
    /// The id of the device's key that signed it.
    kid: String,
    /// The device's public key, base64.
    public_key: String,
    /// The signed receipt: COSE_Sign1, base64.
    signed: String,
    /// SHA-256 of the signed receipt, hexadecimal.
    hash: String,
}

/// A mark on a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlagOut {
    flag: String,
    /// Whom it names.
    name: Option<String>,
}

/// Who stood at the desk.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CollectorOut {
    kind: CollectorKind,
    name: Option<String>,
    relation: Option<String>,
    id_seen: bool,
}

impl From<ReceiptView> for ReceiptBody {
    fn from(receipt: ReceiptView) -> Self {
        let zone = receipt.agency.zone;
        Self {
            id: receipt.id.uuid(),
            receipt_number: receipt.number,
            entitlement_id: receipt.entitlement.uuid(),
            redeemed_at: receipt.redeemed_at.iso(zone),
            scanned_at: receipt.scanned_at.iso(zone),
            programme: receipt.programme,
            round: receipt.round,
            household: receipt.household,
            nik_masked: receipt.nik_masked,
            point: receipt.point.code,
            point_name: receipt.point.name,
            desk: receipt.desk,
            operator: receipt.operator,
            collector: CollectorOut {
                kind: receipt.collector,
                name: receipt.collector_name,
                relation: receipt.relation,
                id_seen: receipt.id_seen,
            },
            paper: receipt.paper,
            items: receipt.items.iter().map(|(item, quantity)| ItemBody::of(item, *quantity)).collect(),
            short: receipt.short,
            value_minor: receipt.value.minor(),
            currency: receipt.currency,
            flags: receipt.flags.into_iter().map(|(flag, name)| FlagOut { flag, name }).collect(),
            seq: receipt.seq,
            kid: receipt.kid,
            public_key: STANDARD.encode(receipt.public_key),
            signed: STANDARD.encode(&receipt.signed),
            hash: data_encoding::HEXLOWER.encode(&receipt.hash),
        }
    }
}

/// Redeem: at most once an entitlement. The same request again is answered with the same receipt.
#[utoipa::path(tag = "redemptions", request_body = RedeemBody, responses(
    (status = 201, body = ReceiptBody), (status = 200, description = "The same request was answered before", body = ReceiptBody),
    (status = 403, body = ProblemBody), (status = 404, description = "`unknown`", body = ProblemBody),
    (status = 409, description = "A verdict: `already_redeemed`, `superseded` …", body = ProblemBody),
    (status = 422, description = "`forged`, `foreign`, `malformed`, `id_reused` …", body = ProblemBody)))]
#[post("/redemptions")]
pub(super) async fn redeem(
    state: Data<State>,
    caller: Caller,
    body: Json<Object<RedeemBody>>,
) -> Result<HttpResponse, Problem> {
    let claim = body.into_inner().0.claim(caller.language)?;
    let redeemed = state.act(&caller, move |office, actor| office.redeem(actor, &claim)).await?;
    let mut answer = if redeemed.replayed { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(answer.json(ReceiptBody::from(redeemed.receipt)))
}

/// One receipt. The look is on record.
#[utoipa::path(tag = "redemptions", responses((status = 200, body = ReceiptBody), (status = 404, body = ProblemBody)))]
#[get("/redemptions/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<ReceiptBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.receipt(actor, id)).await?;
    Ok(Json(found.into()))
}

/// On what a receipt is printed.
#[derive(Deserialize, IntoParams)]
pub(super) struct ReceiptQuery {
    /// `a6` (default), or the width of a strip of thermal paper in millimetres: `58` or `80`.
    paper: Option<String>,
}

/// One receipt as a small sheet.
#[utoipa::path(tag = "redemptions", params(ReceiptQuery), responses((status = 200, content_type = "application/pdf"), (status = 404, body = ProblemBody)))]
#[get("/redemptions/{id}/receipt.pdf")]
pub(super) async fn receipt_pdf(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<ReceiptQuery>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let paper = query.into_inner().paper;
    let bytes = state.act(&caller, move |office, actor| office.receipt_pdf(actor, id, paper.as_deref())).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("content-disposition", "inline; filename=\"tanda-terima.pdf\""))
        .body(bytes))
}
