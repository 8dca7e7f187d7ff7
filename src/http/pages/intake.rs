//! Files of households: upload, look at, agree to.

use std::collections::HashMap;

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt;
use serde::Deserialize;

use super::device::Paging;
use super::fault::PageError;
use super::round::ConfirmForm;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, moment, next, said};
use super::view::frame::{Choice, Place};
use super::view::intake::{Intake, IntakeCounts, IntakeLine, IntakeRow, Intakes};
use crate::domain::id::IntakeId;
use crate::domain::intake::{Counts, Outcome};
use crate::domain::role::Action;
use crate::domain::time::Language;
use crate::http::Problem;
use crate::service::{Error, IntakeView, RowView};

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

fn state(intake: &IntakeView) -> &'static str {
    if intake.applied_at.is_some() { "applied" } else { "waiting" }
}

fn counts(counts: Counts) -> IntakeCounts {
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
struct Upload {
    csrf: String,
    programme: String,
    file: Option<(String, Vec<u8>)>,
}

/// `POST /intakes`. Nothing of the file is read before it is known that its sender may send one.
pub(super) async fn upload(
    request: HttpRequest,
    mut visit: Visit,
    mut parts: Multipart,
) -> Result<HttpResponse, PageError> {
    let declared = request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > FILE_BYTES_MAX + 10 * TEXT_BYTES_MAX) {
        return Err(visit.problem(Problem::too_large(FILE_BYTES_MAX), Place::Intakes));
    }
    let mut upload = Upload::default();
    while let Some(part) = parts.try_next().await.map_err(|error| unreadable(&visit, &error))? {
        match part.name() {
            Some("csrf") => upload.csrf = text(&visit, part).await?,
            Some("programme") => upload.programme = text(&visit, part).await?,
            Some("file") if upload.file.is_none() => {
                visit = visit.with_form_token(&upload.csrf);
                visit
                    .state
                    .act(&visit.caller, |_, actor| actor.must(Action::UploadIntake))
                    .await
                    .map_err(|problem| visit.problem(problem, Place::Intakes))?;
                let name = part.content_disposition().and_then(|header| header.get_filename());
                let name = name.unwrap_or_default().to_owned();
                upload.file = Some((name, bytes(&visit, part, FILE_BYTES_MAX).await?));
            }
            _ => {}
        }
    }
    let (name, bytes) = upload.file.unwrap_or_default();
    visit
        .with_form_token(&upload.csrf)
        .inside(Place::Intakes, move |inside| {
            let programme = id(&upload.programme, "programme")?;
            match inside.office.upload_intake(inside.actor, programme, &name, bytes) {
                Ok(intake) => Ok(Answer::See(format!("/intakes/{}", intake.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, None, Some(text))?)
                }
            }
        })
        .await
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

#[derive(Debug, Deserialize)]
pub(super) struct Rows {
    outcome: Option<String>,
    after: Option<String>,
}

/// `GET /intakes/{id}`
pub(super) async fn show(
    visit: Visit,
    intake: web::Path<String>,
    rows: web::Query<Rows>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Intakes, move |inside| {
            let intake: IntakeId = id(&intake, "intake")?;
            let found = inside.office.intake(inside.actor, intake)?;
            let programme = inside.office.programme(inside.actor, found.programme)?;
            let outcome = rows.outcome.as_deref().and_then(Outcome::from_code);
            let begin = after(rows.after.as_deref());
            let listed = inside.office.intake_rows(inside.actor, intake, outcome, begin, Some(ROWS))?;
            let zone = inside.agency.zone;
            let applied = found.applied_by.clone().zip(found.applied_at);
            let waiting = found.applied_at.is_none();
            let own = found.uploaded_by_actor;
            Answer::page(&Intake {
                id: intake.to_string(),
                programme: programme.name,
                uploaded_at: moment(found.uploaded_at, zone),
                state: state(&found).to_owned(),
                decided: applied.map(|(name, at)| format!("{name}, {}", moment(at, zone))),
                counts: counts(found.counts),
                may_apply: inside.actor.role.may(Action::ApplyIntake) && waiting && !own,
                own,
                filter: outcome.map(|outcome| outcome.as_str().to_owned()),
                next: next(&listed, |row| row.number.to_string()),
                rows: listed.into_iter().map(|row| line(row, inside.language)).collect(),
                file_name: found.file_name,
                uploaded_by: found.uploaded_by,
                frame: inside.frame,
            })
        })
        .await
}

fn line(row: RowView, language: Language) -> IntakeRow {
    IntakeRow {
        line: row.number.into(),
        source_id: row.source_id,
        name: row.name.unwrap_or_else(|| "–".into()),
        nik_masked: row.nik_masked.unwrap_or_else(|| "–".into()),
        address: row.place,
        point: row.point,
        outcome: row.outcome.as_str().to_owned(),
        reasons: row
            .findings
            .into_iter()
            .map(|finding| match language {
                Language::Id => finding.message,
                Language::En => finding.message_en,
            })
            .collect(),
    }
}

/// `POST /intakes/{id}/apply`
pub(super) async fn apply(
    visit: Visit,
    intake: web::Path<String>,
    form: web::Form<ConfirmForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Intakes, move |inside| {
            form.confirmed()?;
            let intake: IntakeId = id(&intake, "intake")?;
            inside.office.apply_intake(inside.actor, intake)?;
            Ok(Answer::See(format!("/intakes/{intake}")))
        })
        .await
}
