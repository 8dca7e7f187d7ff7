//! Pausing and resuming, from the page of what is paused.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::shell::{Answer, Inside, Visit, id, local, moment};
use super::view::fields::Fields;
use super::view::frame::Place;
use super::view::pause::{PauseRow, Pauses};
use crate::domain::pause::Subject;
use crate::domain::role::Action;
use crate::service::{Error, Refusal};

/// The pauses of a subject, for its page.
pub(super) fn pauses(inside: &Inside<'_>, subject: Subject, back: String) -> Result<Pauses, Error> {
    let zone = inside.agency.zone;
    let found = inside.office.pauses_of(inside.actor, subject)?;
    Ok(Pauses {
        scope: subject.scope(),
        object: subject.to_string(),
        back,
        may_pause: inside.actor.role.may(Action::Pause),
        rows: found
            .into_iter()
            .map(|pause| PauseRow {
                id: pause.id.to_string(),
                letter_no: pause.letter_no,
                reason: pause.reason,
                since: moment(pause.paused_at, zone),
                lifted: pause.resumed.map(|end| (end.letter_no, moment(end.at, zone))),
            })
            .collect(),
    })
}

fn back(form: &Fields) -> String {
    local(form.of("back")).unwrap_or("/").to_owned()
}

/// `POST /pauses`
pub(super) async fn create(visit: Visit, form: web::Form<Fields>) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let object = form.of("object");
            let subject = match form.of("scope") {
                "programme" => Subject::Programme(id(object, "programme")?),
                "round" => Subject::Round(id(object, "round")?),
                "point" => Subject::Point(id(object, "point")?),
                _ => return Err(Refusal::NotFound("scope").into()),
            };
            inside.office.pause(inside.actor, subject, form.of("letter_no"), form.of("reason"))?;
            Ok(Answer::See(back(&form)))
        })
        .await
}

/// `POST /pauses/{id}/resume`
pub(super) async fn resume(
    visit: Visit,
    pause: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            inside.office.resume(inside.actor, id(&pause, "pause")?, form.of("letter_no"))?;
            Ok(Answer::See(back(&form)))
        })
        .await
}
