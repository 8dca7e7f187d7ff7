//! What has had its time, who asks that it be erased and who agrees; and what keeps it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::session::TokenForm;
use super::shell::{Answer, Inside, Sent, Visit, id, moment, said};
use super::view::frame::Place;
use super::view::retention::{AskedRow, HoldRow, Retention};
use crate::service::Error;

const HREF: &str = "/retention";

/// `GET /retention`
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Users, |inside| Answer::page(&page(inside, None)?)).await
}

fn page(inside: Inside<'_>, error: Option<String>) -> Result<Retention, Error> {
    let found = inside.office.retention(inside.actor)?;
    let zone = inside.agency.zone;
    let holds = inside.office.legal_holds(inside.actor)?;
    Ok(Retention {
        error,
        years: found.years,
        before: moment(found.before, zone),
        due: found.due,
        asked: found.asked.map(|asked| AskedRow {
            at: moment(asked.at, zone),
            count: asked.count,
            own: asked.by == inside.actor.user,
        }),
        holds: holds
            .into_iter()
            .filter(|hold| hold.lifted_at.is_none())
            .map(|hold| HoldRow {
                id: hold.id.to_string(),
                document_no: hold.document_no,
                reason: hold.reason,
                since: moment(hold.set_at, zone),
            })
            .collect(),
        frame: inside.frame,
    })
}

#[derive(Deserialize)]
pub(super) struct EraseForm {
    csrf: String,
    expected: i64,
}

/// `POST /retention/erasures`
pub(super) async fn ask(visit: Visit, form: web::Form<EraseForm>) -> Result<HttpResponse, PageError> {
    let EraseForm { csrf, expected } = form.into_inner();
    visit
        .with_form_token(&csrf)
        .inside(Place::Users, move |inside| {
            let asked = inside.office.ask_erasure(inside.actor, expected);
            answer(inside, asked.map(drop))
        })
        .await
}

/// `POST /retention/erasures/agree`
pub(super) async fn agree(visit: Visit, form: web::Form<EraseForm>) -> Result<HttpResponse, PageError> {
    let EraseForm { csrf, expected } = form.into_inner();
    visit
        .with_form_token(&csrf)
        .inside(Place::Users, move |mut inside| match inside.office.agree_erasure(inside.actor, expected) {
            Ok(erased) => {
                inside.frame.notice = Some(inside.frame.n("retention-done", "count", erased));
                Answer::page(&page(inside, None)?)
            }
            Err(error) => answer(inside, Err(error)),
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct HoldForm {
    document_no: String,
    reason: String,
}

/// `POST /retention/holds`
pub(super) async fn hold(visit: Visit, form: Sent<HoldForm>) -> Result<HttpResponse, PageError> {
    let visit = visit.with_form(&form.fields);
    let HoldForm { document_no, reason } = form.into_inner();
    visit
        .inside(Place::Users, move |inside| {
            let set = inside.office.set_legal_hold(inside.actor, &document_no, &reason);
            answer(inside, set.map(drop))
        })
        .await
}

/// `POST /retention/holds/{id}/lift`
pub(super) async fn lift(
    visit: Visit,
    path: web::Path<String>,
    form: web::Form<TokenForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Users, move |inside| {
            let lifted = id(&path, "legal_hold").and_then(|id| inside.office.lift_legal_hold(inside.actor, id));
            answer(inside, lifted)
        })
        .await
}

fn answer(inside: Inside<'_>, done: Result<(), Error>) -> Result<Answer, Error> {
    match done {
        Ok(()) => Ok(Answer::See(HREF.into())),
        Err(error) => {
            let (status, text) = said(error, inside.language)?;
            Answer::refused(status, &page(inside, Some(text))?)
        }
    }
}
