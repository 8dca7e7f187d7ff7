//! Vouchers: listed with their codes, and as paper.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::entitlement::State as EntitlementState;
use crate::http::{Caller, Problem, State};
use crate::service::{Refusal, VOUCHERS_PER_FILE};

/// A voucher. Its codes can be redeemed: whoever may see them is on record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VoucherBody {
    entitlement_id: Uuid,
    /// The text of the QR.
    code: String,
    /// The code beside it.
    typed_code: String,
    /// The recipient's name.
    household: String,
    /// The point's code.
    point: String,
    state: EntitlementState,
    print_no: i32,
}

/// Which vouchers to print.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct PrintQuery {
    /// Only those of the point with this code.
    point: Option<String>,
    /// The layout: `a4x4`.
    layout: Option<String>,
}

/// The vouchers of a round, page by page.
#[utoipa::path(tag = "vouchers", params(Paging), responses(
    (status = 200, body = Page<VoucherBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/vouchers")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<Paging>,
) -> Result<Json<Page<VoucherBody>>, Problem> {
    let round = id(&path)?;
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let (found, next) = state.act(&caller, move |office, actor| office.vouchers(actor, round, after, limit)).await?;
    let items = found
        .into_iter()
        .map(|voucher| VoucherBody {
            entitlement_id: voucher.entitlement.uuid(),
            code: voucher.code,
            typed_code: voucher.typed_code,
            household: voucher.household,
            point: voucher.point,
            state: voucher.state,
            print_no: voucher.print_no,
        })
        .collect();
    Ok(Json(Page { items, next: next.map(|next| next.to_string()) }))
}

/// The vouchers of a round as sheets, up to 1,000; those that can still be redeemed.
#[utoipa::path(tag = "vouchers", params(PrintQuery), responses(
    (status = 200, content_type = "application/pdf"), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 422, description = "`too_many`: name a point", body = ProblemBody)))]
#[get("/rounds/{id}/vouchers.pdf")]
pub(super) async fn print(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<PrintQuery>,
) -> Result<HttpResponse, Problem> {
    let round = id(&path)?;
    let PrintQuery { point, layout } = query.into_inner();
    let bytes = state
        .act(&caller, move |office, actor| {
            actor.must(crate::domain::role::Action::ReadVouchers)?;
            if layout.as_deref().is_some_and(|layout| layout != "a4x4") {
                return Err(Refusal::Invalid { field: "layout", why: "a4x4".into() }.into());
            }
            let run = office.begin_print(actor, round, point.as_deref())?;
            if run.parts() > 1 {
                return Err(Refusal::TooMany { count: run.count, max: VOUCHERS_PER_FILE }.into());
            }
            office.print_part(actor, &run, 0)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("content-disposition", "inline; filename=\"kupon.pdf\""))
        .body(bytes))
}
