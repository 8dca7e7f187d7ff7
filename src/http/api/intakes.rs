//! Files of households: uploaded and checked by one person, applied by another.

use actix_multipart::Multipart;
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::intake::{Counts, Outcome, Severity};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{IntakeView, RowView};

/// No file that is sent may be larger.
pub(in crate::http) const FILE_MAX: usize = 50_000_000;

/// An intake with the first of its rows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IntakeBody {
    id: Uuid,
    programme_id: Uuid,
    file_name: String,
    ignored_columns: Vec<String>,
    counts: Counts,
    uploaded_by: String,
    uploaded_at: String,
    applied_by: Option<String>,
    applied_at: Option<String>,
    rows: Vec<RowBody>,
    /// The number to hand in as `after` for the next rows; null at the end.
    next: Option<i32>,
}

/// One row. The NIK is masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowBody {
    number: i32,
    source_id: String,
    outcome: Outcome,
    name: Option<String>,
    nik_masked: Option<String>,
    place: String,
    findings: Vec<FindingBody>,
}

/// What was found in a row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingBody {
    code: String,
    severity: Severity,
    column: Option<String>,
    message: String,
}

impl RowBody {
    fn of(row: RowView) -> Self {
        Self {
            number: row.number,
            source_id: row.source_id,
            outcome: row.outcome,
            name: row.name,
            nik_masked: row.nik_masked,
            place: row.place,
            findings: row
                .findings
                .into_iter()
                .map(|finding| FindingBody {
                    code: finding.code,
                    severity: finding.severity,
                    column: finding.column,
                    message: finding.message,
                })
                .collect(),
        }
    }
}

/// How many rows come with an intake.
const ROWS: i64 = 500;

impl IntakeBody {
    pub(super) fn of(intake: IntakeView, rows: Vec<RowView>) -> Self {
        let full = i64::try_from(rows.len()).is_ok_and(|count| count == ROWS);
        Self {
            id: intake.id.uuid(),
            programme_id: intake.programme.uuid(),
            file_name: intake.file_name,
            ignored_columns: intake.ignored_columns,
            counts: intake.counts,
            uploaded_by: intake.uploaded_by,
            uploaded_at: intake.uploaded_at.iso(API_ZONE),
            applied_by: intake.applied_by,
            applied_at: intake.applied_at.map(|at| at.iso(API_ZONE)),
            next: rows.last().filter(|_| full).map(|row| row.number),
            rows: rows.into_iter().map(RowBody::of).collect(),
        }
    }
}

/// Which rows to show.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct RowQuery {
    /// Only rows of this outcome.
    outcome: Option<Outcome>,
    /// Only rows after this number.
    after: Option<i32>,
}

/// Reads the one file of a form, up to [`FILE_MAX`]: its name and its bytes.
async fn read_file(mut form: Multipart) -> Result<(String, Vec<u8>), Problem> {
    let broken = |fault: actix_multipart::MultipartError| Problem::bad_request("bad_multipart", fault);
    while let Some(mut field) = form.try_next().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.content_disposition().and_then(|about| about.get_filename()).unwrap_or("").to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = field.try_next().await.map_err(broken)? {
            if bytes.len() + chunk.len() > FILE_MAX {
                return Err(Problem::too_large(FILE_MAX));
            }
            bytes.extend_from_slice(&chunk);
        }
        return Ok((name, bytes));
    }
    Err(Problem::bad_request("bad_multipart", "file"))
}

/// The intakes of the caller's agency, newest first; `after` goes back in time.
#[utoipa::path(tag = "intakes", params(Paging), responses((status = 200, body = Page<IntakeBody>), (status = 403, body = ProblemBody)))]
#[get("/intakes")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<IntakeBody>>, Problem> {
    let (before, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found = state.act(&caller, move |office, actor| office.intakes(actor, before, limit)).await?;
    let items = found.into_iter().map(|intake| IntakeBody::of(intake, Vec::new())).collect();
    Ok(Json(Page::of(items, limit, |one| one.id.to_string())))
}

/// Upload a file of households (`.csv` or `.xlsx`, field `file`): the dry run. Nothing is changed.
#[utoipa::path(tag = "intakes", params(("programme" = Uuid, Query)), responses(
    (status = 201, body = IntakeBody), (status = 403, body = ProblemBody),
    (status = 422, description = "The file is refused as a whole", body = ProblemBody)))]
#[post("/intakes")]
pub(super) async fn upload(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
    form: Multipart,
) -> Result<HttpResponse, Problem> {
    // Who may not upload is told so before the file is read.
    state.act(&caller, |_, actor| actor.must(crate::domain::role::Action::UploadIntake)).await?;
    let programme =
        maybe_id(query.programme.as_deref())?.ok_or_else(|| Problem::bad_request("bad_query", "programme"))?;
    let (name, bytes) = read_file(form).await?;
    let body = state
        .act(&caller, move |office, actor| {
            let intake = office.upload_intake(actor, programme, &name, bytes)?;
            let rows = office.intake_rows(actor, intake.id, None, None, Some(ROWS))?;
            Ok(IntakeBody::of(intake, rows))
        })
        .await?;
    Ok(HttpResponse::Created().json(body))
}

/// One intake with its rows. The look is on record.
#[utoipa::path(tag = "intakes", params(RowQuery), responses((status = 200, body = IntakeBody), (status = 404, body = ProblemBody)))]
#[get("/intakes/{id}")]
pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<RowQuery>,
) -> Result<Json<IntakeBody>, Problem> {
    let id = id(&path)?;
    let RowQuery { outcome, after } = query.into_inner();
    let body = state
        .act(&caller, move |office, actor| {
            let intake = office.intake(actor, id)?;
            let rows = office.intake_rows(actor, id, outcome, after, Some(ROWS))?;
            Ok(IntakeBody::of(intake, rows))
        })
        .await?;
    Ok(Json(body))
}

/// Agree to an intake that another person uploaded: all of it is applied, or nothing.
#[utoipa::path(tag = "intakes", responses(
    (status = 200, body = IntakeBody), (status = 403, description = "Also for who uploaded it", body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`already_applied`", body = ProblemBody)))]
#[post("/intakes/{id}/apply")]
pub(super) async fn apply(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<IntakeBody>, Problem> {
    let id = id(&path)?;
    let intake = state.act(&caller, move |office, actor| office.apply_intake(actor, id)).await?;
    Ok(Json(IntakeBody::of(intake, Vec::new())))
}
