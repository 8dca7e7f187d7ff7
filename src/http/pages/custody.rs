//! The paper on its way: bundles, where they went, and vouchers that are printed again.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::document::not_named;
use super::fault::PageError;
use super::shell::{Answer, Inside, Sent, Visit, id, moment, said};
use super::view::custody::{BundleRow, Custody, PointSum, ReprintRow};
use super::view::frame::Place;
use crate::domain::custody::{Cause, Step};
use crate::domain::id::RoundId;
use crate::domain::role::Action;
use crate::domain::time::Zone;
use crate::service::{BundleView, CustodySum, Error, NewStep, Refusal, ReprintView};

/// The most bundles that one page shows; a round of 1,000 households has fewer.
const BUNDLES_MAX: usize = 500;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    point: String,
}

/// `GET /rounds/{id}/custody`
pub(super) async fn show(
    visit: Visit,
    round: web::Path<String>,
    filter: web::Query<Filter>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            Answer::page(&page(inside, round, &filter.point, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, round: RoundId, point: &str, error: Option<String>) -> Result<Custody, Error> {
    let (office, actor, zone) = (inside.office, inside.actor, inside.agency.zone);
    let bundles = office.bundles(actor, round)?;
    let reprints = office.reprints(actor, round)?;
    let prints = office.print_runs(actor, round)?;
    let (found, _, _) = office.round(actor, round)?;
    let may = |action| actor.role.may(action);
    Ok(Custody {
        round_id: round.to_string(),
        round: found.name,
        error,
        may_prepare: may(Action::PrepareBundles),
        may_record: may(Action::KeepCustody),
        may_request: may(Action::RequestReprint),
        may_reprint: may(Action::Issue),
        points: CustodySum::per_point(&bundles).into_iter().map(sum).collect(),
        point: point.to_owned(),
        bundles: bundles
            .into_iter()
            .filter(|one| if point.is_empty() { one.whereabouts.places().in_office > 0 } else { one.point == point })
            .take(BUNDLES_MAX)
            .map(|one| bundle(one, zone))
            .collect(),
        reprints: reprints.into_iter().map(|one| reprint(one, zone)).collect(),
        prints: prints.into_iter().map(|one| (moment(one.at, zone), one.by, one.what)).collect(),
        frame: inside.frame,
    })
}

fn sum(sum: CustodySum) -> PointSum {
    PointSum {
        point: sum.point,
        bundles: sum.bundles,
        bundles_in_office: sum.bundles_in_office,
        vouchers: sum.vouchers,
        in_office: sum.in_office,
        out: sum.out,
        delivered: sum.delivered,
        proven: sum.proven,
        returned: sum.returned,
    }
}

fn bundle(view: BundleView, zone: Zone) -> BundleRow {
    let one = view.bundle;
    let there = view.whereabouts.places();
    let handed = view.steps.iter().find(|(taken, _)| taken.step == Step::Handed);
    BundleRow {
        holder: handed.map(|(taken, _)| format!("{}, {}", taken.holder, moment(taken.recorded_at, zone))),
        serials: format!("{}/{:04}–{:04}", view.point, one.first_serial, one.last_serial),
        place: if one.rt.is_empty() { one.village } else { format!("RT {}, {}", one.rt, one.village) },
        code: one.code,
        point: view.point,
        vouchers: one.vouchers.into(),
        out: there.out.into(),
        delivered: there.delivered.into(),
        proven: there.proven.into(),
        returned: there.returned.into(),
    }
}

fn reprint(view: ReprintView, zone: Zone) -> ReprintRow {
    let one = view.reprint;
    ReprintRow {
        entitlement: one.entitlement.to_string(),
        reference: view.reference,
        name: view.name,
        point: view.point,
        cause: one.cause.as_str().to_owned(),
        reason: one.reason,
        sheet_kept: one.sheet_kept,
        old_print_no: one.old_print_no.into(),
        new_print_no: one.new_print_no.map(i64::from),
        requested: format!("{}, {}", view.requested_by, moment(one.requested_at, zone)),
        approved: view.approved_by.zip(one.approved_at).map(|(by, at)| format!("{by}, {}", moment(at, zone))),
    }
}

fn after_form(inside: Inside<'_>, round: RoundId, done: Result<(), Error>) -> Result<Answer, Error> {
    match done {
        Ok(()) => Ok(Answer::See(format!("/rounds/{round}/custody"))),
        Err(error) => {
            let (status, text) = said(error, inside.language)?;
            Answer::refused(status, &page(inside, round, "", Some(text))?)
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct PrepareForm {
    csrf: String,
}

/// `POST /rounds/{id}/custody/bundles`
pub(super) async fn prepare(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<PrepareForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let done = inside.office.prepare_bundles(inside.actor, round).map(|_| ());
            after_form(inside, round, done)
        })
        .await
}

/// Where a bundle went.
#[derive(Debug, Deserialize)]
pub(super) struct StepForm {
    code: String,
    step: String,
    #[serde(default)]
    vouchers: String,
    #[serde(default)]
    holder: String,
    #[serde(default)]
    note: String,
}

/// `POST /rounds/{id}/custody/steps`
pub(super) async fn step(
    visit: Visit,
    round: web::Path<String>,
    form: Sent<StepForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let done = record(&inside, round, &form);
            after_form(inside, round, done)
        })
        .await
}

fn record(inside: &Inside<'_>, round: RoundId, form: &StepForm) -> Result<(), Error> {
    let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
    let step = Step::parse(&form.step).ok_or_else(|| invalid("step", "choose one of the list"))?;
    let bundle = inside.office.bundle_by_code(inside.actor, round, &form.code);
    let bundle = bundle.map_err(|error| match error {
        Error::Refused(refusal) if matches!(*refusal, Refusal::NotFound("bundle")) => invalid("code", "B1-0001-6"),
        other => other,
    })?;
    let count = form.vouchers.trim();
    let vouchers =
        if count.is_empty() { 0 } else { count.parse().map_err(|_| invalid("vouchers", "a whole number"))? };
    let new = NewStep { step, vouchers, holder: form.holder.clone(), note: form.note.clone() };
    inside.office.record_step(inside.actor, bundle, &new).map(|_| ())
}

/// Why another print is wanted.
#[derive(Debug, Deserialize)]
pub(super) struct RequestForm {
    voucher: String,
    cause: String,
    reason: String,
    #[serde(default)]
    sheet_kept: String,
}

/// `POST /rounds/{id}/custody/requests`
pub(super) async fn request(
    visit: Visit,
    round: web::Path<String>,
    form: Sent<RequestForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let (office, actor) = (inside.office, inside.actor);
            let unknown = || Error::from(Refusal::Invalid { field: "cause", why: "choose one of the list".into() });
            let done = Cause::parse(&form.cause).ok_or_else(unknown).and_then(|cause| {
                let entitlement = office.named_in(actor, round, &form.voucher).map_err(not_named)?;
                let kept = form.sheet_kept == "yes";
                office.request_reprint(actor, entitlement, (cause, &form.reason), kept).map(|_| ())
            });
            after_form(inside, round, done)
        })
        .await
}

/// Another print that was asked for.
#[derive(Debug, Deserialize)]
pub(super) struct ReprintForm {
    entitlement: String,
    reason: String,
}

/// `POST /rounds/{id}/custody/reprints`
pub(super) async fn make_reprint(
    visit: Visit,
    round: web::Path<String>,
    form: Sent<ReprintForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let entitlement = id(&form.entitlement, "entitlement")?;
            // Of what was asked for, the request says the cause; of anything else nobody here has told one.
            let why = (Cause::Other, form.reason.as_str());
            let done = inside.office.reprint(inside.actor, entitlement, why, false).map(|_| ());
            after_form(inside, round, done)
        })
        .await
}
