//! Documents made from scans: made, listed, and taken out as files.

use std::str::FromStr;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, ProblemBody, id, maybe_id};
use crate::domain::document::{Kind, Signature};

use crate::domain::time::Timestamp;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{Actor, DocumentListed, DocumentView, DocumentWanted, FileForm, Office, SignaturesView};

/// A document, without what it says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DocumentBody {
    id: Uuid,
    kind: Kind,
    /// Its number, running within round and kind.
    number: String,
    /// The point's code, when it is of one.
    point: Option<String>,
    /// The session, when it is of one.
    session: Option<i32>,
    /// Only events that the server had taken by then are in it. ISO 8601 with offset.
    cut_off: String,
    /// How many lines its first table has.
    lines: i32,
    /// SHA-256 of its content, in hexadecimal: of the very bytes of `…/documents/{id}.json`.
    hash: String,
    made_by: String,
    /// ISO 8601 with offset.
    made_at: String,
}

impl From<DocumentListed> for DocumentBody {
    fn from(one: DocumentListed) -> Self {
        Self {
            id: one.id.uuid(),
            kind: one.kind,
            number: one.number,
            point: one.point,
            session: one.session_no,
            cut_off: one.cut_off.iso(API_ZONE),
            lines: one.lines,
            hash: data_encoding::HEXLOWER.encode(&one.hash),
            made_by: one.made_by,
            made_at: one.made_at.iso(API_ZONE),
        }
    }
}

/// A document with what it says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DocumentContentBody {
    id: Uuid,
    round_id: Uuid,
    kind: Kind,
    number: String,
    title: String,
    /// ISO 8601 with offset.
    cut_off: String,
    /// Up to when, and how many devices had not delivered everything by then, as on paper.
    cut_off_line: String,
    lines: usize,
    hash: String,
    made_at: String,
    /// Its tables: headings, rows and totals as texts.
    tables: Vec<TableBody>,
}

/// A table of a document.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TableBody {
    caption: String,
    columns: Vec<String>,
    /// Figures as integers, texts as texts, null where people write by hand.
    #[schema(value_type = Vec<Vec<Object>>)]
    rows: Vec<Vec<serde_json::Value>>,
    /// The sums of the columns that have one, by heading.
    #[schema(value_type = Object)]
    totals: serde_json::Map<String, serde_json::Value>,
}

impl From<DocumentView> for DocumentContentBody {
    fn from(view: DocumentView) -> Self {
        use crate::domain::document::Cell;
        let value = |cell: &Cell| match cell {
            Cell::Text(text) | Cell::Goods(text) | Cell::Coded(text, _) => text.as_str().into(),
            Cell::Number(number) | Cell::Count(number) | Cell::Rupiah(number) | Cell::Measure(_, number) => {
                (*number).into()
            }
            Cell::Sign(_) | Cell::Tick | Cell::Blank => serde_json::Value::Null,
        };
        let tables = view
            .document
            .tables()
            .map(crate::domain::document::Table::apart)
            .map(|table| TableBody {
                caption: table.caption.clone(),
                columns: table.columns.iter().map(|column| column.title.clone()).collect(),
                rows: table.rows.iter().map(|row| row.iter().map(value).collect()).collect(),
                totals: table
                    .total
                    .iter()
                    .flat_map(|total| &total.figures)
                    .filter_map(|(place, cell)| Some((table.columns.get(*place)?.title.clone(), value(cell))))
                    .collect(),
            })
            .collect();
        Self {
            id: view.id.uuid(),
            round_id: view.round.uuid(),
            kind: view.document.kind,
            number: view.document.number.clone(),
            title: view.document.title.clone(),
            cut_off: view.cut_off.iso(API_ZONE),
            cut_off_line: view.document.cut_off.clone(),
            lines: view.document.lines(),
            hash: data_encoding::HEXLOWER.encode(&view.hash),
            made_at: view.made_at.iso(API_ZONE),
            tables,
        }
    }
}

/// Which documents to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// At most so many; 100 unless told, 500 at most.
    limit: Option<i64>,
    /// Go on after this: the `next` of the page before.
    after: Option<String>,
    /// Only those of this kind.
    kind: Option<String>,
}

/// What a document is wanted of.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewDocumentBody {
    kind: Kind,
    /// The point's code; due for lists and minutes that are of one point.
    #[serde(default)]
    point: Option<String>,
    /// The session, for a list of one.
    #[serde(default)]
    session: Option<i32>,
    /// Up to when, ISO 8601 with offset; now, unless told, and never later.
    #[serde(default)]
    cut_off: Option<String>,
    /// The number of a shipment of the round, for a surat jalan and its BAST.
    #[serde(default)]
    shipment: Option<i32>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MadeBody {
    /// The document.
    id: Uuid,
    /// The annexes that were made with it, each a document of its own.
    annexes: Vec<Uuid>,
}

pub(super) fn kind(text: &str) -> Result<Kind, Problem> {
    Kind::parse(text).ok_or_else(|| Problem::bad_request("bad_query", "kind"))
}

/// The documents of a round, newest first.
#[utoipa::path(tag = "documents", params(ListQuery), responses(
    (status = 200, body = Page<DocumentBody>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/rounds/{id}/documents")]
pub(super) async fn list(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<ListQuery>,
) -> Result<Json<Page<DocumentBody>>, Problem> {
    let round = id(&path)?;
    let before = maybe_id(query.after.as_deref())?;
    let kind = query.kind.as_deref().map(kind).transpose()?;
    let limit = query.limit;
    let found = state.act(&caller, move |office, actor| office.documents(actor, round, kind, before, limit)).await?;
    let items = found.into_iter().map(Into::into).collect();
    Ok(Json(Page::of(items, limit, |one: &DocumentBody| one.id.to_string())))
}

/// Make a document of all that the server had taken by a moment. It gets the next number and is kept as it is;
/// minutes bring their annexes with them.
#[utoipa::path(tag = "documents", request_body = NewDocumentBody, responses(
    (status = 201, body = MadeBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, description = "`invalid`, or `too_many`: name a point", body = ProblemBody)))]
#[post("/rounds/{id}/documents")]
pub(super) async fn make(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewDocumentBody>,
) -> Result<HttpResponse, Problem> {
    let round = id(&path)?;
    let body = body.into_inner();
    let cut_off = body.cut_off.as_deref().map(Timestamp::parse).transpose();
    let wanted = DocumentWanted {
        kind: body.kind,
        point: body.point,
        session_no: body.session,
        cut_off: cut_off.map_err(|fault| Problem::bad_request("bad_body", fault))?,
        shipment_no: body.shipment,
    };
    let made = state.act(&caller, move |office, actor| office.make_document(actor, round, &wanted)).await?;
    let mut ids = made.into_iter().map(|one| one.uuid());
    let body = MadeBody { id: ids.next().unwrap_or_default(), annexes: ids.collect() };
    Ok(HttpResponse::Created().json(body))
}

/// A file: its name and its bytes.
type Made = Result<(String, Vec<u8>), crate::service::Error>;

/// A paper as a file: a document, or a close.
pub(super) async fn file<I>(
    state: &State,
    caller: &Caller,
    path: &str,
    form: FileForm,
    by: fn(&Office, &Actor, I, FileForm) -> Made,
) -> Result<HttpResponse, Problem>
where
    I: FromStr + Send + 'static,
{
    let id: I = id(path)?;
    Ok(sent(state.act(caller, move |office, actor| by(office, actor, id, form)).await?, form))
}

/// One of its tables, counted from 1.
pub(super) async fn table<I>(
    state: &State,
    caller: &Caller,
    path: &str,
    number: u16,
    by: fn(&Office, &Actor, I, usize) -> Made,
) -> Result<HttpResponse, Problem>
where
    I: FromStr + Send + 'static,
{
    let id: I = id(path)?;
    Ok(sent(state.act(caller, move |office, actor| by(office, actor, id, number.into())).await?, FileForm::Csv))
}

fn sent((name, bytes): (String, Vec<u8>), form: FileForm) -> HttpResponse {
    let how = if form == FileForm::Pdf { "inline" } else { "attachment" };
    HttpResponse::Ok()
        .content_type(form.media_type())
        .insert_header(("content-disposition", format!("{how}; filename=\"{name}\"")))
        .body(bytes)
}

/// The newest documents of a round, of each kind, point and session, as one zip: paper, workbook and table of
/// each, with an index of their hashes.
#[utoipa::path(tag = "documents", responses(
    (status = 200, content_type = "application/zip"), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 422, description = "`too_many`", body = ProblemBody)))]
#[get("/rounds/{id}/pack.zip")]
pub(super) async fn pack(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    let round: crate::domain::id::RoundId = id(&path)?;
    let bytes = state.act(&caller, move |office, actor| office.document_pack(actor, round)).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(("content-disposition", format!("attachment; filename=\"SPJ-{round}.zip\"")))
        .body(bytes))
}

/// A document as paper.
#[utoipa::path(tag = "documents", responses(
    (status = 200, content_type = "application/pdf"), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/documents/{id}.pdf")]
pub(super) async fn pdf(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    file(&state, &caller, &path, FileForm::Pdf, Office::document_file).await
}

/// A document as a workbook: figures as numbers, all else as text.
#[utoipa::path(tag = "documents", responses(
    (status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/documents/{id}.xlsx")]
pub(super) async fn xlsx(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    file(&state, &caller, &path, FileForm::Xlsx, Office::document_file).await
}

/// Which table.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct TableQuery {
    /// The number of the table in the document, counted from 1; the first unless told.
    pub(super) table: Option<u16>,
}

/// A table of a document.
#[utoipa::path(tag = "documents", params(TableQuery), responses(
    (status = 200, content_type = "text/csv"), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/documents/{id}.csv")]
pub(super) async fn csv(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<TableQuery>,
) -> Result<HttpResponse, Problem> {
    match query.table {
        Some(number) => table(&state, &caller, &path, number, Office::document_table).await,
        None => file(&state, &caller, &path, FileForm::Csv, Office::document_file).await,
    }
}

/// What is wanted in full, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FullBody {
    /// `pdf`, `xlsx` or `csv`.
    form: FullForm,
    /// Why it is needed; on record, and on the paper.
    reason: String,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FullForm {
    Pdf,
    Xlsx,
    Csv,
}

impl From<FullForm> for FileForm {
    fn from(form: FullForm) -> Self {
        match form {
            FullForm::Pdf => Self::Pdf,
            FullForm::Xlsx => Self::Xlsx,
            FullForm::Csv => Self::Csv,
        }
    }
}

/// The list of a decree, or of who received, with identity numbers in full: made when it is asked for and kept nowhere.
/// Who took it, and why, is on record and on the paper.
#[utoipa::path(tag = "documents", request_body = FullBody, responses(
    (status = 200, content_type = "application/octet-stream"), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 422, description = "Also for a document of another kind", body = ProblemBody)))]
#[post("/documents/{id}/full")]
pub(super) async fn full(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<FullBody>,
) -> Result<HttpResponse, Problem> {
    let document = id(&path)?;
    let FullBody { form, reason } = body.into_inner();
    let form = FileForm::from(form);
    let file = move |office: &Office, actor: &Actor| office.full_document_file(actor, document, form, &reason);
    Ok(sent(state.act(&caller, file).await?, form))
}

/// The very bytes of which a document's hash is the SHA-256.
#[utoipa::path(tag = "documents", responses(
    (status = 200, content_type = "application/json"), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/documents/{id}.json")]
pub(super) async fn json(state: Data<State>, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    file(&state, &caller, &path, FileForm::Json, Office::document_file).await
}

/// A document with its tables.
#[utoipa::path(tag = "documents", responses(
    (status = 200, body = DocumentContentBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/documents/{id}")]
pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<Json<DocumentContentBody>, Problem> {
    let document = id(&path)?;
    Ok(Json(state.act(&caller, move |office, actor| office.document(actor, document)).await?.into()))
}

/// Who signs documents of each kind.
#[utoipa::path(tag = "documents", responses((status = 200, body = Page<SignaturesView>), (status = 403, body = ProblemBody)))]
#[get("/signatures")]
pub(super) async fn signatures(state: Data<State>, caller: Caller) -> Result<Json<Page<SignaturesView>>, Problem> {
    Ok(Json(Page::whole(state.act(&caller, |office, actor| office.signatures(actor)).await?)))
}

/// Set who signs documents of a kind from now on; an empty list brings the usual titles back.
#[utoipa::path(tag = "documents", request_body = Vec<Signature>, responses(
    (status = 204), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[put("/signatures/{kind}")]
pub(super) async fn set_signatures(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<Vec<Signature>>,
) -> Result<HttpResponse, Problem> {
    let kind = kind(&path)?;
    let lines = body.into_inner();
    state.act(&caller, move |office, actor| office.set_signatures(actor, kind, &lines)).await?;
    Ok(HttpResponse::NoContent().finish())
}
