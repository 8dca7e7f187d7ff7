//! Goods: contracts, deliveries, shipments, entries and counts.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use crate::domain::id::{ContractId, ProgrammeId, RoundId, ShipmentId, StockEntryId};
use crate::domain::stock::EntryKind;
use crate::http::{Caller, Problem, State};
use crate::service::{
    ContractView, CountView, EntryView, NewContract, NewCount, NewDelivery, NewEntry, NewShipment, Received,
    ShipmentView, StockView,
};

/// Whose goods.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct StockQuery {
    /// Only those of this programme.
    programme: Option<String>,
}

/// What was entered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnteredBody {
    pub(super) id: Uuid,
}

/// A contract with a supplier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewContractBody {
    number: String,
    supplier: String,
    /// `2026-10-01`.
    #[schema(value_type = Option<String>, format = Date)]
    signed_on: Option<Date>,
    /// What shows that the price is right.
    price_evidence: String,
    lines: Vec<ContractLineBody>,
}

/// One item of a contract.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContractLineBody {
    item: String,
    /// In base units, a whole number of packs.
    quantity: i64,
    pack_price_minor: i64,
}

/// What a supplier brought, as it was counted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDeliveryBody {
    document_no: String,
    /// `2026-11-01`.
    #[schema(value_type = Option<String>, format = Date)]
    delivered_on: Option<Date>,
    lines: Vec<DeliveryLineBody>,
    #[serde(default)]
    samples: Vec<SampleBody>,
}

/// One item of a delivery, in base units.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryLineBody {
    item: String,
    good: i64,
    #[serde(default)]
    damaged: i64,
    #[serde(default)]
    short: i64,
}

/// One sample that was weighed, in base units.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleBody {
    item: String,
    labelled: i64,
    found: i64,
    condition: String,
    decision: String,
}

/// A shipment that leaves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewShipmentBody {
    /// The code of the point from which; the warehouse when null.
    #[serde(default)]
    from: Option<String>,
    /// The code of the point to which; the warehouse when null.
    #[serde(default)]
    to: Option<String>,
    lines: Vec<ShipmentLineBody>,
    vehicle: String,
    driver: String,
    #[serde(default)]
    seal: String,
    #[serde(default)]
    note: String,
}

/// One item of a shipment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShipmentLineBody {
    item: String,
    quantity: i64,
}

/// What arrived of a shipment: every item of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceivedBody {
    lines: Vec<ReceivedLineBody>,
    #[serde(default)]
    note: String,
}

/// One item as it was counted; what is neither good nor damaged is short.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceivedLineBody {
    item: String,
    good: i64,
    #[serde(default)]
    damaged: i64,
}

/// Damage, loss, a return to a supplier, or a correction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEntryBody {
    /// The point's code; the warehouse when null.
    #[serde(default)]
    point: Option<String>,
    item: String,
    kind: EntryKind,
    /// Below 0 only for a correction.
    quantity: i64,
    reason: String,
}

/// What lies at a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCountBody {
    /// The point's code; the warehouse when null.
    #[serde(default)]
    point: Option<String>,
    item: String,
    counted: i64,
    #[serde(default)]
    note: String,
}

/// The goods of the agency, a programme an item: what came to each place, what left it, what must be there.
#[utoipa::path(tag = "stock", params(StockQuery), responses(
    (status = 200, body = Page<StockView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/stock")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<StockQuery>,
) -> Result<Json<Page<StockView>>, Problem> {
    let programme = maybe_id(query.programme.as_deref())?;
    Ok(Json(Page::whole(state.act(&caller, move |office, actor| office.stock(actor, programme)).await?)))
}

/// The contracts of a programme with what was delivered under them.
#[utoipa::path(tag = "stock", responses(
    (status = 200, body = Page<ContractView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/contracts")]
pub(super) async fn contracts(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<ContractView>>, Problem> {
    let programme: ProgrammeId = id(&path)?;
    Ok(Json(Page::whole(state.act(&caller, move |office, actor| office.contracts(actor, programme)).await?)))
}

/// Enter a contract.
#[utoipa::path(tag = "stock", request_body = NewContractBody, responses(
    (status = 201, body = EnteredBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`exists`", body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/programmes/{id}/contracts")]
pub(super) async fn create_contract(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewContractBody>,
) -> Result<HttpResponse, Problem> {
    let programme: ProgrammeId = id(&path)?;
    let body = body.into_inner();
    let new = NewContract {
        number: body.number,
        supplier: body.supplier,
        signed_on: body.signed_on,
        price_evidence: body.price_evidence,
        lines: body.lines.into_iter().map(|line| (line.item, line.quantity, line.pack_price_minor)).collect(),
    };
    let made = state.act(&caller, move |office, actor| office.create_contract(actor, programme, &new)).await?;
    Ok(HttpResponse::Created().json(EnteredBody { id: made.uuid() }))
}

/// Enter what a supplier brought. What is damaged or short opens a case.
#[utoipa::path(tag = "stock", request_body = NewDeliveryBody, responses(
    (status = 201, body = EnteredBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`exists`", body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/contracts/{id}/deliveries")]
pub(super) async fn enter_delivery(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewDeliveryBody>,
) -> Result<HttpResponse, Problem> {
    let contract: ContractId = id(&path)?;
    let body = body.into_inner();
    let new = NewDelivery {
        document_no: body.document_no,
        delivered_on: body.delivered_on,
        lines: body.lines.into_iter().map(|line| (line.item, line.good, line.damaged, line.short)).collect(),
        samples: body
            .samples
            .into_iter()
            .map(|one| (one.item, one.labelled, one.found, one.condition, one.decision))
            .collect(),
    };
    let made = state.act(&caller, move |office, actor| office.enter_delivery(actor, contract, &new)).await?;
    Ok(HttpResponse::Created().json(EnteredBody { id: made.uuid() }))
}

/// The shipments of a round, by number.
#[utoipa::path(tag = "stock", responses(
    (status = 200, body = Page<ShipmentView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/shipments")]
pub(super) async fn shipments(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<ShipmentView>>, Problem> {
    let round: RoundId = id(&path)?;
    Ok(Json(Page::whole(state.act(&caller, move |office, actor| office.shipments(actor, round)).await?)))
}

/// Send goods from a place to a place. What is not on record there cannot leave.
#[utoipa::path(tag = "stock", request_body = NewShipmentBody, responses(
    (status = 201, body = ShipmentView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`period_closed`", body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/rounds/{id}/shipments")]
pub(super) async fn send(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewShipmentBody>,
) -> Result<HttpResponse, Problem> {
    let round: RoundId = id(&path)?;
    let body = body.into_inner();
    let new = NewShipment {
        from: body.from,
        to: body.to,
        lines: body.lines.into_iter().map(|line| (line.item, line.quantity)).collect(),
        vehicle: body.vehicle,
        driver: body.driver,
        seal: body.seal,
        note: body.note,
    };
    let made = state.act(&caller, move |office, actor| office.send_shipment(actor, round, &new)).await?;
    Ok(HttpResponse::Created().json(made))
}

/// Write what arrived of a shipment, counted, by another person than the one who sent it.
#[utoipa::path(tag = "stock", request_body = ReceivedBody, responses(
    (status = 200, body = ShipmentView), (status = 403, description = "Also for who sent it", body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`wrong_step`: it was counted", body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/shipments/{id}/receipt")]
pub(super) async fn receive(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ReceivedBody>,
) -> Result<Json<ShipmentView>, Problem> {
    let shipment: ShipmentId = id(&path)?;
    let body = body.into_inner();
    let received = Received {
        lines: body.lines.into_iter().map(|line| (line.item, line.good, line.damaged)).collect(),
        note: body.note,
    };
    Ok(Json(state.act(&caller, move |office, actor| office.receive_shipment(actor, shipment, &received)).await?))
}

/// The entries of a round, oldest first.
#[utoipa::path(tag = "stock", responses(
    (status = 200, body = Page<EntryView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/stock-entries")]
pub(super) async fn entries(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<EntryView>>, Problem> {
    let round: RoundId = id(&path)?;
    Ok(Json(Page::whole(state.act(&caller, move |office, actor| office.stock_entries(actor, round)).await?)))
}

/// Enter damage, a loss, a return to a supplier, or a correction. A correction counts once finance agreed.
#[utoipa::path(tag = "stock", request_body = NewEntryBody, responses(
    (status = 201, body = EnteredBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`period_closed`", body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/rounds/{id}/stock-entries")]
pub(super) async fn enter(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewEntryBody>,
) -> Result<HttpResponse, Problem> {
    let round: RoundId = id(&path)?;
    let NewEntryBody { point, item, kind, quantity, reason } = body.into_inner();
    let new = NewEntry { point, item, kind, quantity, reason };
    let made = state.act(&caller, move |office, actor| office.enter_stock(actor, round, &new)).await?;
    Ok(HttpResponse::Created().json(EnteredBody { id: made.uuid() }))
}

/// Agree to a correction that another person entered.
#[utoipa::path(tag = "stock", responses(
    (status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`already_decided`, `period_closed`", body = ProblemBody)))]
#[post("/stock-entries/{id}/agree")]
pub(super) async fn agree(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let entry: StockEntryId = id(&path)?;
    state.act(&caller, move |office, actor| office.agree_stock(actor, entry)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Enter what lies at a place. It changes nothing; the answer says what the books say.
#[utoipa::path(tag = "stock", request_body = NewCountBody, responses(
    (status = 201, body = CountView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`period_closed`", body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/rounds/{id}/stock-counts")]
pub(super) async fn count(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewCountBody>,
) -> Result<HttpResponse, Problem> {
    let round: RoundId = id(&path)?;
    let NewCountBody { point, item, counted, note } = body.into_inner();
    let new = NewCount { point, item, counted, note };
    let made = state.act(&caller, move |office, actor| office.count_stock(actor, round, &new)).await?;
    Ok(HttpResponse::Created().json(made))
}
