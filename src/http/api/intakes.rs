//! Files of households: uploaded and checked by one person, applied by another.

use actix_multipart::Multipart;
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use super::upload::{Upload, read_upload};
use crate::domain::intake::{Counts, FindingKind, Outcome, Severity};
use crate::domain::time::Language;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{
    ChangeView, Confirmed, Error, IntakeView, ReasonsFile, ReasonsForm, ReasonsOf, RowFilter, RowView, SpellingView,
};

/// An intake with the first of its rows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IntakeBody {
    id: Uuid,
    programme_id: Uuid,
    file_name: String,
    /// The sheet that was read, of a workbook.
    sheet: String,
    /// Headings that are not known; their columns were left out.
    ignored_columns: Vec<String>,
    /// Rows of family members beside the head of their family, which are no households of their own.
    members_left_out: u32,
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
    /// What the row changes on a household that is known. Numbers of persons are masked.
    changes: Vec<ChangeBody>,
    /// What was put right in the row, beside what stood there.
    corrections: Vec<ChangeBody>,
}

/// A value before and after.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangeBody {
    column: String,
    before: String,
    after: String,
}

fn change_bodies(changes: Vec<ChangeView>) -> Vec<ChangeBody> {
    changes.into_iter().map(|ChangeView { column, before, after }| ChangeBody { column, before, after }).collect()
}

/// What was found in a row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingBody {
    code: String,
    severity: Severity,
    column: Option<String>,
    /// What is wrong and what to do, in Indonesian.
    message: String,
    /// The same in English.
    message_en: String,
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
                    message_en: finding.message_en,
                })
                .collect(),
            changes: change_bodies(row.changes),
            corrections: change_bodies(row.corrections),
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
            sheet: intake.sheet,
            ignored_columns: intake.ignored_columns,
            members_left_out: intake.members_left_out,
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
    /// Only rows with a finding of this severity.
    severity: Option<Severity>,
    /// Only rows with this finding.
    finding: Option<FindingKind>,
    /// Only rows of this place, written as the rows' `place`.
    place: Option<String>,
    /// Only rows after this number.
    after: Option<i32>,
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

/// Upload a file of households, in the field `file`: the dry run. Nothing is changed. When the columns of the
/// file are unclear, the problem carries `survey`, and the same file can be sent again with fields that point
/// them out: `sheet`, `header_row`, `columns` (JSON, such as `{"0": "id_sumber", "3": "nik"}`), `village`,
/// `sub_district`, `make_ids`.
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
    let Upload { name, bytes, choice, .. } = read_upload(form).await?;
    let body = state
        .act(&caller, move |office, actor| {
            let intake = office.upload_intake(actor, programme, &name, bytes, &choice)?;
            let rows = office.intake_rows(actor, intake.id, &RowFilter::default(), None, Some(ROWS))?;
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
    let RowQuery { outcome, severity, finding, place, after } = query.into_inner();
    let filter = RowFilter { outcome, severity, kind: finding, village: place };
    let body = state
        .act(&caller, move |office, actor| {
            let intake = office.intake(actor, id)?;
            let rows = office.intake_rows(actor, id, &filter, after, Some(ROWS))?;
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
    let intake = state.act(&caller, move |office, actor| office.apply_intake(actor, id, &|_, _| {})).await?;
    Ok(Json(IntakeBody::of(intake, Vec::new())))
}

/// Throw an intake away that nobody has agreed to: for who uploaded it alone.
#[utoipa::path(tag = "intakes", responses((status = 204), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, description = "`already_applied`", body = ProblemBody)))]
#[post("/intakes/{id}/discard")]
pub(super) async fn discard(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    state.act(&caller, move |office, actor| office.discard_intake(actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Which rows go into a file, and in which language the reasons are.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ReasonsQuery {
    /// `all` (unless told), `rejected`, or `found`: those against which something was found.
    of: Option<String>,
}

async fn reasons(
    state: &State,
    caller: &Caller,
    path: &str,
    query: &ReasonsQuery,
    form: ReasonsForm,
) -> Result<HttpResponse, Problem> {
    let id = id(path)?;
    let of = query.of.as_deref().unwrap_or("all");
    let of = ReasonsOf::from_code(of).ok_or_else(|| Problem::bad_request("bad_query", "of"))?;
    let file = state.act(caller, move |office, actor| office.intake_reasons(actor, id, of, form, Language::Id)).await?;
    Ok(file_answer(file))
}

/// A file to be kept by whoever asked for it.
pub(in crate::http) fn file_answer(file: ReasonsFile) -> HttpResponse {
    // A name that came with a file is not trusted with the quotes of a header.
    let plain: String = file
        .name
        .chars()
        .map(|sign| if sign.is_ascii_alphanumeric() || ".-_".contains(sign) { sign } else { '-' })
        .collect();
    HttpResponse::Ok()
        .content_type(file.media_type)
        .insert_header(("content-disposition", format!("attachment; filename=\"{plain}\"")))
        .insert_header(("cache-control", "no-store"))
        .body(file.bytes)
}

/// The rows as they stood in the file, with a column `alasan`, to be mended and uploaded again. Personal data
/// in the clear; that it went out is on record.
#[utoipa::path(tag = "intakes", params(ReasonsQuery), responses((status = 200, content_type = "text/csv"), (status = 404, body = ProblemBody)))]
#[get("/intakes/{id}/reasons.csv")]
pub(super) async fn reasons_csv(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<ReasonsQuery>,
) -> Result<HttpResponse, Problem> {
    reasons(&state, &caller, &path, &query, ReasonsForm::Csv).await
}

/// The same as a workbook in which every cell is a text.
#[utoipa::path(tag = "intakes", params(ReasonsQuery), responses(
    (status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 404, body = ProblemBody)))]
#[get("/intakes/{id}/reasons.xlsx")]
pub(super) async fn reasons_xlsx(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<ReasonsQuery>,
) -> Result<HttpResponse, Problem> {
    reasons(&state, &caller, &path, &query, ReasonsForm::Xlsx).await
}

/// A workbook to fill in, with every column formatted as text, so that no digit of a NIK is lost.
#[utoipa::path(tag = "intakes", responses(
    (status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
#[get("/intakes/template.xlsx")]
pub(super) async fn template(state: Data<State>, caller: Caller) -> Result<HttpResponse, Problem> {
    let file = state.act(&caller, |office, actor| office.intake_template(actor)).await?;
    Ok(file_answer(file))
}

/// A spelling of a place that waits for somebody to confirm what is meant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SpellingBody {
    sub_district: String,
    /// Empty when the sub-district alone is asked about.
    village: String,
    /// How many rows write it.
    rows: u32,
    /// What may be meant, the likeliest first.
    candidates: Vec<CandidateBody>,
}

/// A place that may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CandidateBody {
    code: String,
    name: String,
}

impl SpellingBody {
    fn of(one: SpellingView) -> Self {
        let candidates = one.ask.candidates.into_iter().map(|(code, name)| CandidateBody { code, name }).collect();
        Self { sub_district: one.ask.sub_district, village: one.ask.village, rows: one.rows, candidates }
    }
}

/// The spellings of places in an intake that somebody may confirm, the most frequent first.
#[utoipa::path(tag = "intakes", responses((status = 200, body = Page<SpellingBody>), (status = 404, body = ProblemBody)))]
#[get("/intakes/{id}/spellings")]
pub(super) async fn spellings(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<Page<SpellingBody>>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.intake_spellings(actor, id)).await?;
    Ok(Json(Page::whole(found.into_iter().map(SpellingBody::of).collect())))
}

/// What is meant by spellings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmBody {
    spellings: Vec<ConfirmedBody>,
}

/// What is meant by a spelling.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmedBody {
    sub_district: String,
    /// Empty when the sub-district alone is meant.
    #[serde(default)]
    village: String,
    /// The code of the village, or of the sub-district when that alone is meant.
    code: String,
}

/// Confirm what is meant by spellings, once for all rows and all later files; the rows are compared again.
#[utoipa::path(tag = "intakes", responses((status = 200, body = IntakeBody), (status = 403, body = ProblemBody),
    (status = 409, description = "`already_applied`", body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/intakes/{id}/spellings")]
pub(super) async fn confirm(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<ConfirmBody>,
) -> Result<Json<IntakeBody>, Problem> {
    let id = id(&path)?;
    let confirmed: Vec<Confirmed> = body
        .into_inner()
        .spellings
        .into_iter()
        .map(|one| Confirmed { sub_district: one.sub_district, village: one.village, code: one.code })
        .collect();
    let body = state
        .act(&caller, move |office, actor| -> Result<_, Error> {
            let intake = office.confirm_spellings(actor, id, &confirmed)?;
            let rows = office.intake_rows(actor, id, &RowFilter::default(), None, Some(ROWS))?;
            Ok(IntakeBody::of(intake, rows))
        })
        .await?;
    Ok(Json(body))
}
