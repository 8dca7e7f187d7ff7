//! The books of a round.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{ProblemBody, id};
use crate::domain::entitlement::State as EntitlementState;
use crate::domain::package::Unit;
use crate::domain::reconcile::Reconciliation;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::BooksForm;

/// Budget, entitlements and goods of a round, all of one moment, all integers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReconciliationBody {
    as_of: String,
    budget: BudgetBody,
    /// The round's part of what is committed.
    committed_minor: i64,
    /// The round's part of what is realised.
    realised_minor: i64,
    /// What all that was issued in the round was promised: the sum of `states` and `short_minor`.
    issued_minor: i64,
    /// What redeemed households were still owed when they left.
    short_minor: i64,
    entitlements: EntitlementsBody,
    /// The same by state, with their value: what was given for redeemed ones, what was promised for all others.
    states: Vec<StateBody>,
    items: Vec<ItemBody>,
    points: Vec<PointBody>,
    days: Vec<DayBody>,
    /// Whether every sum closes.
    closes: bool,
    /// The sums that do not, in words.
    faults: Vec<String>,
}

/// The budget of the programme. `remaining = ceiling − committed − realised`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BudgetBody {
    currency: String,
    ceiling_minor: i64,
    committed_minor: i64,
    realised_minor: i64,
    remaining_minor: i64,
}

/// Entitlements of the round. `issued` is the sum of the states.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntitlementsBody {
    issued: i64,
    available: i64,
    leased: i64,
    redeemed: i64,
    revoked: i64,
    unresolved: i64,
    expired: i64,
}

/// Entitlements in one state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciledState)]
pub(super) struct StateBody {
    state: EntitlementState,
    count: i64,
    value_minor: i64,
}

/// An item. `handed_over + short` is what redeemed households had a right to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciledItem)]
pub(super) struct ItemBody {
    code: String,
    name: String,
    unit: Unit,
    issued: i64,
    handed_over: i64,
    /// What those who were served did not get.
    short: i64,
    /// By how much redeemed exceptions held less than a package.
    apart: i64,
}

/// A point. `issued = redeemed + released + open`, and in rupiah
/// `issued_minor = realised_minor + short_minor + released_minor + open_minor`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciledPoint)]
pub(super) struct PointBody {
    point: String,
    name: String,
    issued: i64,
    redeemed: i64,
    by_proxy: i64,
    released: i64,
    open: i64,
    realised_minor: i64,
    issued_minor: i64,
    short_minor: i64,
    released_minor: i64,
    open_minor: i64,
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DayBody {
    day: String,
    redeemed: i64,
    realised_minor: i64,
}

impl From<Reconciliation> for ReconciliationBody {
    fn from(books: Reconciliation) -> Self {
        let faults: Vec<String> = books.faults().iter().map(|one| one.as_str().to_owned()).collect();
        let count = |state: EntitlementState| {
            books.states.iter().filter(|line| line.state == state).map(|line| line.count).sum()
        };
        Self {
            as_of: books.as_of.iso(API_ZONE),
            budget: BudgetBody {
                currency: "IDR".into(),
                ceiling_minor: books.budget.ceiling.minor(),
                committed_minor: books.budget.committed.minor(),
                realised_minor: books.budget.realised.minor(),
                remaining_minor: books.budget.remaining().map_or(0, crate::domain::money::Money::minor),
            },
            committed_minor: books.round_committed.minor(),
            realised_minor: books.round_realised.minor(),
            issued_minor: books.issued_value.minor(),
            short_minor: books.short_value.minor(),
            states: books
                .states
                .iter()
                .map(|line| StateBody { state: line.state, count: line.count, value_minor: line.value.minor() })
                .collect(),
            entitlements: EntitlementsBody {
                issued: books.issued,
                available: count(EntitlementState::Available),
                leased: count(EntitlementState::Leased),
                redeemed: count(EntitlementState::Redeemed),
                revoked: count(EntitlementState::Revoked),
                unresolved: count(EntitlementState::Unresolved),
                expired: count(EntitlementState::Expired),
            },
            items: books
                .items
                .into_iter()
                .map(|line| ItemBody {
                    code: line.item.code,
                    name: line.item.name,
                    unit: line.item.unit,
                    issued: line.issued,
                    handed_over: line.handed_over,
                    short: line.short,
                    apart: line.apart,
                })
                .collect(),
            points: books
                .points
                .into_iter()
                .map(|line| PointBody {
                    point: line.code,
                    name: line.name,
                    issued: line.issued,
                    redeemed: line.redeemed,
                    by_proxy: line.by_proxy,
                    released: line.released,
                    open: line.open,
                    realised_minor: line.realised.minor(),
                    issued_minor: line.issued_value.minor(),
                    short_minor: line.short_value.minor(),
                    released_minor: line.released_value.minor(),
                    open_minor: line.open_value.minor(),
                })
                .collect(),
            days: books
                .days
                .into_iter()
                .map(|line| DayBody { day: line.day, redeemed: line.redeemed, realised_minor: line.realised.minor() })
                .collect(),
            closes: faults.is_empty(),
            faults,
        }
    }
}

async fn books(state: &State, caller: &Caller, round: &str) -> Result<Reconciliation, Problem> {
    let round = id(round)?;
    state.act(caller, move |office, actor| office.reconciliation(actor, round)).await
}

/// The books on their way out of the house in this form.
async fn exported(state: &State, caller: &Caller, round: &str, form: BooksForm) -> Result<HttpResponse, Problem> {
    let round = id(round)?;
    let (_, bytes) = state.act(caller, move |office, actor| office.reconciliation_file(actor, round, form)).await?;
    let (kind, how) = match form {
        BooksForm::Csv => ("text/csv; charset=utf-8", "attachment"),
        BooksForm::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"),
        BooksForm::Pdf => ("application/pdf", "inline"),
    };
    let name = format!("{how}; filename=\"rekonsiliasi.{}\"", form.as_str());
    Ok(HttpResponse::Ok().content_type(kind).insert_header(("content-disposition", name)).body(bytes))
}

/// The books of a round.
#[utoipa::path(tag = "reconciliation", responses(
    (status = 200, body = ReconciliationBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/reconciliation")]
pub(super) async fn json(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<ReconciliationBody>, Problem> {
    Ok(Json(books(&state, &caller, &path).await?.into()))
}

/// The same, under a name with its form.
#[utoipa::path(tag = "reconciliation", responses((status = 200, body = ReconciliationBody), (status = 403, body = ProblemBody)))]
#[get("/rounds/{id}/reconciliation.json")]
pub(super) async fn json_file(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<ReconciliationBody>, Problem> {
    let round = id(&path)?;
    let books = state.act(&caller, move |office, actor| office.export_reconciliation(actor, round)).await?;
    Ok(Json(books.into()))
}

/// The same as a table for a spreadsheet: a line a figure, each of which can be added up again from the others.
#[utoipa::path(tag = "reconciliation", responses((status = 200, content_type = "text/csv"), (status = 403, body = ProblemBody)))]
#[get("/rounds/{id}/reconciliation.csv")]
pub(super) async fn csv(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    exported(&state, &caller, &path, BooksForm::Csv).await
}

/// The same as a workbook: figures as numbers, sums as formulas.
#[utoipa::path(tag = "reconciliation", responses(
    (status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 403, body = ProblemBody)))]
#[get("/rounds/{id}/reconciliation.xlsx")]
pub(super) async fn xlsx(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    exported(&state, &caller, &path, BooksForm::Xlsx).await
}

/// The same on paper.
#[utoipa::path(tag = "reconciliation", responses(
    (status = 200, content_type = "application/pdf"), (status = 403, body = ProblemBody)))]
#[get("/rounds/{id}/reconciliation.pdf")]
pub(super) async fn pdf(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    exported(&state, &caller, &path, BooksForm::Pdf).await
}
