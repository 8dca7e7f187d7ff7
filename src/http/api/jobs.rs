//! Print jobs: how far they are, calling one off, and what they made.

use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpResponse, delete, get};
use futures_util::stream;
use serde::Serialize;
use std::fs::File;
use std::io::Read as _;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{ProblemBody, id};
use crate::domain::job::{Job, JobState};
use crate::domain::time::Language;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::refusals::why_a_job_failed;
use crate::words::Words;

/// A print job.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobBody {
    id: Uuid,
    round: Uuid,
    /// The code of the only point, if one was named.
    point: Option<String>,
    layout: String,
    language: String,
    state: JobState,
    /// Vouchers printed.
    done: i64,
    /// Vouchers there were when it was asked for.
    total: i64,
    /// Files so far, of at most 1,000 vouchers each.
    parts: i32,
    /// Why it failed; names the household when one cannot be printed.
    reason: Option<String>,
    created_at: String,
    finished_at: Option<String>,
    /// Where the result is, once it is done; it is kept for 24 hours.
    result: Option<String>,
}

impl JobBody {
    pub(super) fn of(job: Job, language: Language) -> Self {
        Self {
            id: job.id.uuid(),
            round: job.round.uuid(),
            result: (job.state == JobState::Done).then(|| format!("/api/v1/jobs/{}/result", job.id)),
            point: job.point,
            layout: job.layout,
            language: job.language,
            state: job.state,
            done: job.done,
            total: job.total,
            parts: job.parts,
            reason: job.reason.map(|kept| why_a_job_failed(&kept, Words::for_language(language))),
            created_at: job.created_at.iso(API_ZONE),
            finished_at: job.finished_at.map(|at| at.iso(API_ZONE)),
        }
    }
}

/// How far a job is.
#[utoipa::path(tag = "vouchers", responses(
    (status = 200, body = JobBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/jobs/{id}")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<JobBody>, Problem> {
    let job = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.print_job(actor, job)).await?;
    Ok(Json(JobBody::of(found, caller.language)))
}

/// Calls a job off and removes what it made.
#[utoipa::path(tag = "vouchers", responses(
    (status = 200, body = JobBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[delete("/jobs/{id}")]
pub(super) async fn cancel(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<JobBody>, Problem> {
    let job = id(&path)?;
    let ended = state.act(&caller, move |office, actor| office.cancel_print(actor, job)).await?;
    Ok(Json(JobBody::of(ended, caller.language)))
}

/// What a job made: a zip of files of at most 1,000 vouchers.
#[utoipa::path(tag = "vouchers", responses(
    (status = 200, content_type = "application/zip"), (status = 403, body = ProblemBody),
    (status = 404, description = "Also when the file lies at another server", body = ProblemBody),
    (status = 409, description = "`job_not_done`", body = ProblemBody)))]
#[get("/jobs/{id}/result")]
pub(super) async fn result(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let job = id(&path)?;
    let (file, length) = state.act(&caller, move |office, actor| office.print_result(actor, job)).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(("content-disposition", "attachment; filename=\"kupon.zip\""))
        // Deflate inside is all there is to gain, and a known length lets a browser show how far it is.
        .insert_header(("content-encoding", "identity"))
        .no_chunking(length)
        .streaming(pieces(file)))
}

/// How much of the file is in memory at a time.
const PIECE: usize = 256 * 1024;

/// A file piece by piece, each read where blocking harms nobody.
fn pieces(file: File) -> impl stream::Stream<Item = Result<Bytes, std::io::Error>> {
    stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        let read = actix_web::web::block(move || {
            let mut piece = vec![0; PIECE];
            file.read(&mut piece).map(|count| {
                piece.truncate(count);
                (piece, file)
            })
        });
        match read.await {
            Ok(Ok((piece, _))) if piece.is_empty() => None,
            Ok(Ok((piece, file))) => Some((Ok(Bytes::from(piece)), Some(file))),
            Ok(Err(fault)) => Some((Err(fault), None)),
            Err(_) => Some((Err(std::io::Error::other("a worker was lost")), None)),
        }
    })
}
