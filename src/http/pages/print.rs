//! Printing the vouchers of a round: what and how, and the jobs of the server that print for long.

use std::fmt::Write as _;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Visit, id, moment};
use super::view::frame::{Choice, Place};
use super::view::print::{JobRow, Print};
use crate::domain::id::{JobId, RoundId};
use crate::domain::job::{Job, JobState};
use crate::domain::role::Action;
use crate::domain::time::{Language, Zone};
use crate::pdf::voucher_sheet::Layout;
use crate::refusals::why_a_job_failed;
use crate::service::{VOUCHERS_PER_FILE, Wish};
use crate::words::Words;

/// `GET /rounds/{id}/print`
pub(super) async fn show(visit: Visit, round: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            inside.actor.must(Action::ReadVouchers)?;
            let sheet = inside.office.round_sheet(inside.actor, id(&round, "round")?)?;
            let jobs = inside.office.print_jobs(inside.actor, sheet.round.id)?;
            let points = sheet.points.iter().filter(|point| point.open > 0);
            let point = |code: &str, name: &str, open| Choice::new(code, format!("{code} {name} ({open})"));
            let layouts = Layout::ALL.iter().map(|layout| {
                let label = inside.frame.of_list("print-layout", layout.as_str());
                Choice { chosen: *layout == Layout::default(), ..Choice::new(layout.as_str(), label) }
            });
            Answer::page(&Print {
                id: sheet.round.id.to_string(),
                name: sheet.round.name,
                programme: sheet.programme.name,
                points: points.map(|one| point(&one.code, &one.name, one.open)).collect(),
                layouts: layouts.collect(),
                jobs: jobs.into_iter().map(|job| row(job, inside.agency.zone, inside.language)).collect(),
                frame: inside.frame,
            })
        })
        .await
}

fn row(job: Job, zone: Zone, language: Language) -> JobRow {
    JobRow {
        id: job.id.to_string(),
        asked_at: moment(job.created_at, zone),
        point: job.point,
        layout: job.layout,
        open: job.state.is_open(),
        fetchable: job.state == JobState::Done,
        failed: job.state == JobState::Failed,
        state: job.state.as_str().to_owned(),
        done: job.done,
        total: job.total,
        parts: job.parts.into(),
        reason: job.reason.map(|kept| why_a_job_failed(&kept, Words::for_language(language))),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct PrintForm {
    csrf: String,
    #[serde(default)]
    point: String,
    #[serde(default)]
    layout: String,
    #[serde(default)]
    language: String,
}

/// `POST /rounds/{id}/print`: the file at once, or a job when it is too large for one.
pub(super) async fn begin(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<PrintForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Rounds, move |inside| {
            let round: RoundId = id(&round, "round")?;
            let PrintForm { point, layout, language, .. } = form.into_inner();
            let wish = Wish::parse(Some(point), Some(&layout), Some(&language))?;
            let run = inside.office.plan_print(inside.actor, round, wish.clone())?;
            if run.count > VOUCHERS_PER_FILE {
                inside.office.request_print(inside.actor, round, wish)?;
                return Ok(Answer::See(format!("/rounds/{round}/print#jobs")));
            }
            inside.office.prepare_bundles(inside.actor, round)?;
            let point = wish.point.as_deref().map(|code| format!("point={}&", encoded(code))).unwrap_or_default();
            let (layout, language) = (wish.layout.as_str(), wish.language_name());
            let query = format!("{point}layout={layout}&language={language}");
            Ok(Answer::See(format!("/api/v1/rounds/{round}/vouchers.pdf?{query}")))
        })
        .await
}

/// A value as it may stand in the query of an address.
fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[derive(Debug, Deserialize)]
pub(super) struct CancelForm {
    csrf: String,
}

/// `POST /rounds/{id}/print/{job}/cancel`
pub(super) async fn cancel(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<CancelForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Rounds, move |inside| {
            let (round, job) = path.into_inner();
            let round: RoundId = id(&round, "round")?;
            let job: JobId = id(&job, "job")?;
            inside.office.cancel_print(inside.actor, job)?;
            Ok(Answer::See(format!("/rounds/{round}/print#jobs")))
        })
        .await
}
