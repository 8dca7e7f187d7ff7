//! Files of households: which there are, and uploading another.

use std::collections::HashMap;

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt;

use super::device::Paging;
use super::fault::PageError;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, next, said};
use super::view::frame::{Choice, Place};
use super::view::intake::{IntakeCounts, IntakeLine, Intakes};
use crate::domain::intake::Counts;
use crate::domain::role::Action;
use crate::http::Problem;
use crate::service::{Error, IntakeView, Refusal};
use crate::spreadsheet;

/// The largest file that is taken.
const FILE_BYTES_MAX: usize = 50_000_000;

/// The longest text field beside a file.
const TEXT_BYTES_MAX: usize = 1_000;

/// `GET /intakes`
pub(super) async fn list(visit: Visit, paging: web::Query<Paging>) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Intakes, move |inside| Answer::page(&page(inside, paging.after.as_deref(), None)?)).await
}

fn page(inside: Inside<'_>, begin: Option<&str>, error: Option<String>) -> Result<Intakes, Error> {
    let found = inside.office.intakes(inside.actor, after(begin), Some(ROWS))?;
    let programmes = inside.office.programmes(inside.actor, None, Some(crate::service::PAGE_MAX))?;
    let names: HashMap<_, _> = programmes.iter().map(|programme| (programme.id, programme.name.clone())).collect();
    Ok(Intakes {
        may_upload: inside.actor.role.may(Action::UploadIntake),
        error,
        next: next(&found, |intake| intake.id.to_string()),
        rows: found
            .into_iter()
            .map(|intake| IntakeLine {
                id: intake.id.to_string(),
                state: state(&intake).to_owned(),
                counts: counts(intake.counts),
                programme: names.get(&intake.programme).cloned().unwrap_or_default(),
                uploaded_at: intake.uploaded_at.short(inside.agency.zone),
                file_name: intake.file_name,
                uploaded_by: intake.uploaded_by,
            })
            .collect(),
        programmes: programmes.into_iter().map(|one| Choice::new(one.id.to_string(), one.name)).collect(),
        frame: inside.frame,
    })
}

pub(super) fn state(intake: &IntakeView) -> &'static str {
    if intake.applied_at.is_some() { "applied" } else { "waiting" }
}

pub(super) fn counts(counts: Counts) -> IntakeCounts {
    IntakeCounts {
        new: counts.new.into(),
        changed: counts.changed.into(),
        same: counts.same.into(),
        rejected: counts.rejected.into(),
        warnings: counts.warnings.into(),
    }
}

/// What an upload carries besides its file.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) csrf: String,
    pub(super) programme: String,
    pub(super) file: Option<(String, Vec<u8>)>,
    /// How many villages the sender knows to go with a new list.
    pub(super) removes: String,
}

/// Reads a form with one file. Nothing of the file is read before it is known that its sender may send one.
pub(super) async fn read_upload(
    request: &HttpRequest,
    mut visit: Visit,
    mut parts: Multipart,
    action: Action,
) -> Result<(Visit, Upload), PageError> {
    let declared = request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > FILE_BYTES_MAX + 10 * TEXT_BYTES_MAX) {
        return Err(visit.problem(Problem::too_large(FILE_BYTES_MAX), Place::Intakes));
    }
    let mut upload = Upload::default();
    while let Some(part) = parts.try_next().await.map_err(|error| unreadable(&visit, &error))? {
        match part.name() {
            Some("csrf") => upload.csrf = text(&visit, part).await?,
            Some("programme") => upload.programme = text(&visit, part).await?,
            Some("removes") => upload.removes = text(&visit, part).await?,
            Some("file") if upload.file.is_none() => {
                visit = visit.with_form_token(&upload.csrf);
                visit
                    .state
                    .act(&visit.caller, move |_, actor| actor.must(action))
                    .await
                    .map_err(|problem| visit.problem(problem, Place::Intakes))?;
                let name = part.content_disposition().and_then(|header| header.get_filename());
                let name = name.unwrap_or_default().to_owned();
                upload.file = Some((name, bytes(&visit, part, FILE_BYTES_MAX).await?));
            }
            _ => {}
        }
    }
    Ok((visit.with_form_token(&upload.csrf), upload))
}

/// `POST /intakes`. A file whose columns are unclear waits, and its sender is asked.
pub(super) async fn upload(request: HttpRequest, visit: Visit, parts: Multipart) -> Result<HttpResponse, PageError> {
    let (visit, upload) = read_upload(&request, visit, parts, Action::UploadIntake).await?;
    let (name, bytes) = upload.file.unwrap_or_default();
    visit
        .inside(Place::Intakes, move |inside| {
            let programme = id(&upload.programme, "programme")?;
            let choice = spreadsheet::Choice::default();
            let refused = match inside.office.upload_intake(inside.actor, programme, &name, bytes.clone(), &choice) {
                Ok(intake) => return Ok(Answer::See(format!("/intakes/{}", intake.id))),
                Err(Error::Refused(refusal)) if matches!(*refusal, Refusal::Unclear(..)) => {
                    match inside.office.park_upload(inside.actor, programme, &name, &bytes) {
                        Ok(parked) => return Ok(Answer::See(format!("/intakes/parked/{}", parked.id))),
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            let (status, text) = said(refused, inside.language)?;
            Answer::refused(status, &page(inside, None, Some(text))?)
        })
        .await
}

/// `GET /intakes/template.xlsx`
pub(super) async fn template(visit: Visit) -> Result<HttpResponse, PageError> {
    let file = visit
        .state
        .act(&visit.caller, |office, actor| office.intake_template(actor))
        .await
        .map_err(|problem| visit.problem(problem, Place::Intakes))?;
    Ok(crate::http::api::file_answer(file))
}

async fn bytes(visit: &Visit, mut part: Field, max: usize) -> Result<Vec<u8>, PageError> {
    let mut all = Vec::new();
    while let Some(piece) = part.try_next().await.map_err(|error| unreadable(visit, &error))? {
        if all.len() + piece.len() > max {
            return Err(visit.problem(Problem::too_large(max), Place::Intakes));
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

async fn text(visit: &Visit, part: Field) -> Result<String, PageError> {
    Ok(String::from_utf8_lossy(&bytes(visit, part, TEXT_BYTES_MAX).await?).into_owned())
}

fn unreadable(visit: &Visit, error: &impl std::fmt::Display) -> PageError {
    visit.problem(Problem::bad_request("bad_form", error), Place::Intakes)
}
