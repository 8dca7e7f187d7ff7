//! The documents of a round: made, listed, and why a household has not come.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Inside, ROWS, Sent, Visit, after, id, moment, next, said};
use super::view::document::{DocumentRow, Documents};
use super::view::frame::{Choice, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerTable};
use crate::domain::document::{AbsenceReason, Cell, Kind, Table};
use crate::domain::id::{DocumentId, RoundId};
use crate::domain::role::Action;
use crate::domain::time::{Timestamp, Zone, at};
use crate::service::{DocumentWanted, Error, FileForm, Refusal, short_hash};

/// `GET /documents/{id}`: a document as it was made, on screen.
pub(super) async fn show(visit: Visit, document: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| Answer::page(&document_page(&inside, id(&document, "document")?, None)?))
        .await
}

fn document_page(inside: &Inside<'_>, id: DocumentId, error: Option<String>) -> Result<Ledger, Error> {
    let view = inside.office.document(inside.actor, id)?;
    let document = &view.document;
    let frame = &inside.frame;
    let files = ["pdf", "xlsx", "csv"];
    let in_full = document.kind.may_be_full() && inside.actor.role.may(Action::TakeInFull);
    let choices = files.map(|form| Choice::new(form, form.to_uppercase()));
    let fields = vec![
        frame.field("text", "reason", "unmask-reason", true),
        frame.choose("form", "documents-full-form", &choices, true),
    ];
    let full = in_full.then(|| frame.hinted("documents-full", format!("/documents/{id}/full"), fields));
    Ok(Ledger {
        title: document.title.clone(),
        back: Some((format!("/rounds/{}/documents", view.round), frame.t("documents-title"))),
        what: format!("{} · {}", document.number, document.cut_off),
        error,
        facts: document
            .facts
            .iter()
            .map(|fact| (fact.label.clone(), fact.value.clone()))
            .chain([(frame.t("documents-hash"), short_hash(&view.hash))])
            .collect(),
        links: files.map(|form| (format!("/api/v1/documents/{}.{form}", view.id), form.to_uppercase())).to_vec(),
        tables: document.tables().map(|table| ledger_table(table, &document.title)).collect(),
        forms: full.into_iter().collect(),
        frame: frame.clone(),
        ..Ledger::default()
    })
}

/// What is wanted in full, and why.
#[derive(Debug, Deserialize)]
pub(super) struct FullForm {
    form: String,
    reason: String,
}

/// `POST /documents/{id}/full`: the document with identity numbers in full, as a file.
pub(super) async fn full(
    visit: Visit,
    document: web::Path<String>,
    form: Sent<FullForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Rounds, move |inside| {
            let id = id(&document, "document")?;
            let kind = match form.form.as_str() {
                "xlsx" => FileForm::Xlsx,
                "csv" => FileForm::Csv,
                _ => FileForm::Pdf,
            };
            match inside.office.full_document_file(inside.actor, id, kind, &form.reason) {
                Ok((name, bytes)) => Ok(Answer::File(name, kind.media_type(), bytes)),
                Err(error) => {
                    let (why, text) = said(error, inside.language)?;
                    Answer::refused(why, &document_page(&inside, id, Some(text))?)
                }
            }
        })
        .await
}

fn ledger_table(table: &Table, title: &str) -> LedgerTable {
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) | Cell::Coded(text, _) => LedgerCell::text(text.clone()),
        Cell::Goods(text) | Cell::Measure(text, _) => LedgerCell::figure(text.clone()),
        Cell::Number(number) => LedgerCell::text(number.to_string()),
        Cell::Count(number) => LedgerCell::count(*number),
        Cell::Rupiah(minor) => LedgerCell::rupiah(*minor),
        Cell::Sign(_) | Cell::Tick | Cell::Blank => LedgerCell::default(),
    };
    let number = |place: usize| {
        table
            .rows
            .first()
            .and_then(|row| row.get(place))
            .is_some_and(|cell| cell.figure().is_some() || matches!(cell, Cell::Goods(_)))
    };
    let total = table.total.as_ref().map_or_else(Vec::new, |total| {
        let mut row = vec![LedgerCell::default(); table.columns.len()];
        if let Some(first) = row.first_mut() {
            *first = LedgerCell::text(total.label.clone());
        }
        for (place, figure) in &total.figures {
            if let Some(into) = row.get_mut(*place) {
                *into = cell(figure);
            }
        }
        row
    });
    LedgerTable {
        caption: if table.caption.is_empty() { title.to_owned() } else { table.caption.clone() },
        columns: table.columns.iter().enumerate().map(|(place, one)| (one.title.clone(), number(place))).collect(),
        rows: table.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        total,
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    kind: String,
    after: Option<String>,
}

/// `GET /rounds/{id}/documents`
pub(super) async fn list(
    visit: Visit,
    round: web::Path<String>,
    filter: web::Query<Filter>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            Answer::page(&page(inside, round, &filter, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, round: RoundId, filter: &Filter, error: Option<String>) -> Result<Documents, Error> {
    let (office, actor, zone) = (inside.office, inside.actor, inside.agency.zone);
    let kind = Kind::parse(&filter.kind);
    let found = office.documents(actor, round, kind, after(filter.after.as_deref()), Some(ROWS))?;
    let sheet = office.round_sheet(actor, round)?;
    let here = format!("/rounds/{round}/documents?kind={}", kind.map_or("", Kind::as_str));
    Ok(Documents {
        saved: super::saved::saved_views(office, actor, "documents", here)?,
        round_id: round.to_string(),
        round: sheet.round.name,
        programme: sheet.programme.name,
        error,
        may_make: actor.role.may(Action::MakeDocuments),
        may_note: actor.role.may(Action::NoteAbsence),
        points: sheet
            .points
            .into_iter()
            .map(|point| Choice::new(point.code.clone(), format!("{} · {}", point.code, point.name)))
            .collect(),
        kind: kind.map_or("", Kind::as_str).to_owned(),
        next: next(&found, |one| one.id.to_string()),
        rows: found
            .into_iter()
            .map(|one| DocumentRow {
                id: one.id.to_string(),
                kind: one.kind.as_str().to_owned(),
                number: one.number,
                point: one.point,
                session: one.session_no.map(i64::from),
                cut_off: moment(one.cut_off, zone),
                lines: one.lines.into(),
                hash: short_hash(&one.hash),
                made_by: one.made_by,
                made_at: moment(one.made_at, zone),
            })
            .collect(),
        frame: inside.frame,
    })
}

/// What a person fills in to make a document.
#[derive(Debug, Deserialize)]
pub(super) struct MakeForm {
    kind: String,
    #[serde(default)]
    point: String,
    #[serde(default)]
    session: String,
    #[serde(default)]
    cut_off: String,
    #[serde(default)]
    shipment: String,
}

impl MakeForm {
    fn wanted(&self, zone: Zone) -> Result<DocumentWanted, Error> {
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
        let session = self.session.trim();
        let session_no = if session.is_empty() { None } else { Some(session.parse()) };
        let shipment = self.shipment.trim();
        let shipment_no = if shipment.is_empty() { None } else { Some(shipment.parse()) };
        Ok(DocumentWanted {
            shipment_no: shipment_no.transpose().map_err(|_| invalid("shipment", "a whole number"))?,
            kind: Kind::parse(&self.kind).ok_or_else(|| invalid("kind", "choose one of the list"))?,
            point: Some(self.point.trim().to_owned()).filter(|code| !code.is_empty()),
            session_no: session_no.transpose().map_err(|_| invalid("session", "a whole number"))?,
            cut_off: cut_off(&self.cut_off, zone).map_err(|()| invalid("cut_off", "2026-11-23T16:00"))?,
        })
    }
}

/// A browser's `2026-11-23T16:00` in the agency's zone; nothing means now.
fn cut_off(text: &str, zone: Zone) -> Result<Option<Timestamp>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let local: jiff::civil::DateTime = text.parse().map_err(|_| ())?;
    let minutes = i64::from(local.hour()) * 60 + i64::from(local.minute());
    at(local.date(), minutes, zone).map(Some).map_err(|_| ())
}

/// `POST /rounds/{id}/documents`
pub(super) async fn make(
    visit: Visit,
    round: web::Path<String>,
    form: Sent<MakeForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let wanted = form.wanted(inside.agency.zone);
            let made = wanted.and_then(|wanted| inside.office.make_document(inside.actor, round, &wanted));
            after_form(inside, round, made.map(|_| ()))
        })
        .await
}

fn after_form(inside: Inside<'_>, round: RoundId, done: Result<(), Error>) -> Result<Answer, Error> {
    match done {
        Ok(()) => Ok(Answer::See(format!("/rounds/{round}/documents"))),
        Err(error) => {
            let (status, text) = said(error, inside.language)?;
            Answer::refused(status, &page(inside, round, &Filter::default(), Some(text))?)
        }
    }
}

/// Why a household has not come.
#[derive(Debug, Deserialize)]
pub(super) struct AbsenceForm {
    voucher: String,
    reason: String,
    #[serde(default)]
    follow_up: String,
}

/// `POST /rounds/{id}/absences`
pub(super) async fn note(
    visit: Visit,
    round: web::Path<String>,
    form: Sent<AbsenceForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let (office, actor) = (inside.office, inside.actor);
            let unknown = || Error::from(Refusal::Invalid { field: "reason", why: "choose one of the list".into() });
            let reason = AbsenceReason::parse(&form.reason).ok_or_else(unknown);
            let done = reason.and_then(|reason| {
                let entitlement = office.named_in(actor, round, &form.voucher).map_err(not_named)?;
                office.note_absence(actor, entitlement, reason, &form.follow_up)
            });
            after_form(inside, round, done)
        })
        .await
}

/// What a person named is not there: said in place, beside the form.
pub(super) fn not_named(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if matches!(*refusal, Refusal::NotFound(_)) => {
            Refusal::Invalid { field: "ref", why: "no voucher of this round".into() }.into()
        }
        other => other,
    }
}
