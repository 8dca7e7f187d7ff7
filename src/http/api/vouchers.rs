//! Vouchers: listed with their codes, and as paper.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use super::jobs::JobBody;
use crate::domain::entitlement::State as EntitlementState;
use crate::domain::id::{EntitlementId, Identifier as _};
use crate::domain::job::{Job, Mark};
use crate::domain::role::Action;
use crate::http::{Caller, Problem, State};
use crate::service::{Refusal, VOUCHERS_PER_FILE, Wish};

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

/// Which vouchers to print, and how.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct PrintQuery {
    /// Only those of the point with this code.
    point: Option<String>,
    /// Only the voucher of this entitlement: after a reprint.
    entitlement: Option<Uuid>,
    /// `a4x4` (default), `a4x2`, `a6` or `booklet`.
    layout: Option<String>,
    /// `id` (default), or `id-en` for English below the Indonesian.
    language: Option<String>,
}

/// What a print comes to: a file at once, or a job.
enum Printed {
    File(Vec<u8>),
    Job(Box<Job>),
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

/// The vouchers of a round as sheets; those that can still be redeemed. Up to 1,000 are a file at once;
/// for more the answer is 202 and a job, whose result is a zip of such files.
#[utoipa::path(tag = "vouchers", params(PrintQuery), responses(
    (status = 200, content_type = "application/pdf"),
    (status = 202, description = "More than 1,000: `Location` names the job", body = JobBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`not_bundled`: `POST /rounds/{id}/bundles` first", body = ProblemBody),
    (status = 422, description = "`unprintable` names the household and the line", body = ProblemBody)))]
#[get("/rounds/{id}/vouchers.pdf")]
pub(super) async fn print(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<PrintQuery>,
) -> Result<HttpResponse, Problem> {
    let round = id(&path)?;
    let PrintQuery { point, entitlement, layout, language } = query.into_inner();
    let printed = state
        .act(&caller, move |office, actor| {
            actor.must(Action::ReadVouchers)?;
            let mut wish = Wish::parse(point, layout.as_deref(), language.as_deref())?;
            wish.entitlement = entitlement.map(|id| EntitlementId::from_bytes(id.into_bytes()));
            if office.plan_print(actor, round, wish.clone())?.count > VOUCHERS_PER_FILE {
                return Ok(Printed::Job(Box::new(office.request_print(actor, round, wish)?)));
            }
            let run = office.begin_print(actor, round, wish)?;
            let part = office.print_part(actor, &run, Mark::default())?.ok_or(Refusal::NotFound("voucher"))?;
            Ok(Printed::File(part.bytes))
        })
        .await?;
    Ok(match printed {
        Printed::File(bytes) => HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header(("content-disposition", "inline; filename=\"kupon.pdf\""))
            .body(bytes),
        Printed::Job(job) => HttpResponse::Accepted()
            .insert_header(("location", format!("/api/v1/jobs/{}", job.id)))
            .json(JobBody::of(*job, caller.language)),
    })
}
