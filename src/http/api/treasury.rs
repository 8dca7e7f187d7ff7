//! Invoices and payments.

use actix_multipart::Multipart;
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{ProblemBody, id};
use super::stock::EnteredBody;
use super::upload::read_upload;
use crate::domain::id::{ContractId, InvoiceId, PaymentId, ProgrammeId, WithdrawalId};
use crate::http::{Caller, Problem, State};
use crate::service::{NewInvoice, PaymentsPreview, TreasuryView};

/// An invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInvoiceBody {
    number: String,
    /// `2026-11-05`.
    #[schema(value_type = Option<String>, format = Date)]
    dated_on: Option<Date>,
    amount_minor: i64,
    /// The deliveries that it bills.
    #[serde(default)]
    delivery_ids: Vec<Uuid>,
}

/// Whether a file is only looked through.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct PaymentsQuery {
    /// Look through and keep nothing.
    #[serde(default)]
    dry_run: bool,
}

/// For which invoice a payment is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MatchBody {
    invoice_id: Uuid,
}

/// Why an invoice is to be withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWithdrawalBody {
    reason: String,
}

/// The money of a programme: contracts, deliveries, invoices, payments, and what was handed over.
#[utoipa::path(tag = "treasury", responses(
    (status = 200, body = TreasuryView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/treasury")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<TreasuryView>, Problem> {
    let programme: ProgrammeId = id(&path)?;
    Ok(Json(state.act(&caller, move |office, actor| office.treasury(actor, programme)).await?))
}

/// Enter an invoice. The same number twice, and a delivery that is billed already, are refused.
#[utoipa::path(tag = "treasury", request_body = NewInvoiceBody, responses(
    (status = 201, body = EnteredBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`exists`", body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/contracts/{id}/invoices")]
pub(super) async fn enter_invoice(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewInvoiceBody>,
) -> Result<HttpResponse, Problem> {
    let contract: ContractId = id(&path)?;
    let body = body.into_inner();
    let new = NewInvoice {
        number: body.number,
        dated_on: body.dated_on,
        amount_minor: body.amount_minor,
        deliveries: body.delivery_ids.into_iter().map(Into::into).collect(),
    };
    let made = state.act(&caller, move |office, actor| office.enter_invoice(actor, contract, &new)).await?;
    Ok(HttpResponse::Created().json(EnteredBody { id: made.uuid() }))
}

/// Look through a file of payments (CSV, XLSX), or bring it in: whole, or not at all.
#[utoipa::path(tag = "treasury", params(PaymentsQuery), request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = PaymentsPreview), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 422, description = "`sum_differs`, `invalid`", body = ProblemBody)))]
#[post("/programmes/{id}/payments")]
pub(super) async fn bring(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<PaymentsQuery>,
    form: Multipart,
) -> Result<Json<PaymentsPreview>, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let upload = read_upload(form).await?;
    let dry_run = query.dry_run;
    let done = state
        .act(&caller, move |office, actor| {
            if dry_run {
                office.preview_payments(actor, programme, &upload.bytes)
            } else {
                office.bring_payments(actor, programme, &upload.name, &upload.bytes)
            }
        })
        .await?;
    Ok(Json(done))
}

/// Say for which invoice a payment is that fits none by itself.
#[utoipa::path(tag = "treasury", request_body = MatchBody, responses(
    (status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`already_decided`", body = ProblemBody)))]
#[post("/payments/{id}/match")]
pub(super) async fn match_one(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<MatchBody>,
) -> Result<HttpResponse, Problem> {
    let payment: PaymentId = id(&path)?;
    let invoice = body.into_inner().invoice_id.into();
    state.act(&caller, move |office, actor| office.match_payment(actor, payment, invoice)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask that a wrong invoice be withdrawn. It stands until another person agrees.
#[utoipa::path(tag = "treasury", request_body = NewWithdrawalBody, responses(
    (status = 201, body = EnteredBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`exists`: it was asked before; `already_decided`: it is withdrawn", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/invoices/{id}/withdrawals")]
pub(super) async fn ask_withdrawal(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewWithdrawalBody>,
) -> Result<HttpResponse, Problem> {
    let invoice: InvoiceId = id(&path)?;
    let reason = body.into_inner().reason;
    let asked = state.act(&caller, move |office, actor| office.ask_withdrawal(actor, invoice, &reason)).await?;
    Ok(HttpResponse::Created().json(EnteredBody { id: asked.uuid() }))
}

async fn decide(state: &State, caller: &Caller, path: &str, agreed: bool) -> Result<HttpResponse, Problem> {
    let asked: WithdrawalId = id(path)?;
    state.act(caller, move |office, actor| office.decide_withdrawal(actor, asked, agreed)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Agree, as a second person, that an invoice is withdrawn: it stays visible, its deliveries can be billed again, and
/// payments for it are for none.
#[utoipa::path(tag = "treasury", responses(
    (status = 204), (status = 403, description = "Also for who asked", body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`already_decided`", body = ProblemBody)))]
#[post("/invoice-withdrawals/{id}/agree")]
pub(super) async fn agree_withdrawal(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    decide(&state, &caller, &path, true).await
}

/// Say, as a second person, that an invoice stands.
#[utoipa::path(tag = "treasury", responses(
    (status = 204), (status = 403, description = "Also for who asked", body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`already_decided`", body = ProblemBody)))]
#[post("/invoice-withdrawals/{id}/refuse")]
pub(super) async fn refuse_withdrawal(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    decide(&state, &caller, &path, false).await
}
