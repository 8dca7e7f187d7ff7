//! A new round, and a round at one of its points: window and sessions.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::form::{day, minutes, moment as typed_moment, small, typed};
use super::shell::{Answer, Inside, Visit, id, moment, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Place};
use super::view::window::{NewRound as Form, RoundAt, SessionRow};
use crate::domain::id::{PointId, ProgrammeId, RoundId};
use crate::domain::programme::{Session, Window};
use crate::domain::role::Action;
use crate::domain::time::{Language, Zone, long_date};
use crate::service::{Error, Layout, NewRound, Refusal, Slot};
use crate::words::{Value, Words};

/// `GET /programmes/{id}/round`
pub(super) async fn form(visit: Visit, programme: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let programme = id(&programme, "programme")?;
            Answer::page(&new_round(inside, programme, None, Fields::default())?)
        })
        .await
}

fn new_round(inside: Inside<'_>, programme: ProgrammeId, error: Option<String>, typed: Fields) -> Result<Form, Error> {
    let found = inside.office.programme(inside.actor, programme)?;
    let mut packages = inside.office.packages(inside.actor, Some(programme))?;
    packages.sort_by(|one, other| one.code.cmp(&other.code).then(other.version.cmp(&one.version)));
    let rounds = inside.office.rounds(inside.actor, Some(programme))?;
    let words = Words::for_language(inside.language);
    let version = |number: i32| words.with("package-version", &[("number", Value::from(i64::from(number)))]);
    Ok(Form {
        programme: programme.to_string(),
        programme_name: found.name,
        packages: packages
            .into_iter()
            .map(|one| Choice {
                chosen: typed.of("package") == one.id.to_string(),
                value: one.id.to_string(),
                label: format!("{} {} = {}", one.code, version(one.version), one.value),
            })
            .collect(),
        number: rounds.iter().map(|round| i64::from(round.number)).max().unwrap_or(0) + 1,
        error,
        typed,
        frame: inside.frame,
    })
}

fn wanted(form: &Fields, programme: ProgrammeId, zone: Zone) -> Result<NewRound, Error> {
    Ok(NewRound {
        programme,
        number: small(form, "number")?,
        name: form.of("name").to_owned(),
        package: id(form.of("package"), "package")?,
        opens_at: typed_moment(form.of("opens_at"), "opens_at", zone)?,
        closes_at: typed_moment(form.of("closes_at"), "closes_at", zone)?,
        sessions: Vec::new(),
    })
}

/// `POST /programmes/{id}/round`
pub(super) async fn create(
    visit: Visit,
    programme: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            let made = wanted(&form, programme, inside.agency.zone)
                .and_then(|new| inside.office.create_round(inside.actor, &new));
            match made {
                Ok(made) => Ok(Answer::See(format!("/rounds/{}", made.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &new_round(inside, programme, Some(text), form)?)
                }
            }
        })
        .await
}

/// `GET /rounds/{id}/points/{point}`
pub(super) async fn show(visit: Visit, path: web::Path<(String, String)>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let at = (id(&path.0, "round")?, id(&path.1, "point")?);
            Answer::page(&page(inside, at, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, at: (RoundId, PointId), error: Option<String>) -> Result<RoundAt, Error> {
    let (office, actor, zone) = (inside.office, inside.actor, inside.agency.zone);
    let (round, _, _) = office.round(actor, at.0)?;
    let point = office.point(actor, at.1)?;
    let own = office.windows(actor, round.id)?.into_iter().find(|one| one.point == point.id);
    let window = own.as_ref().map_or_else(|| round.window(), |own| own.window);
    let words = |window: Window| format!("{} – {}", moment(window.opens_at, zone), moment(window.closes_at, zone));
    let sessions = office.sessions(actor, round.id)?.into_iter().filter(|one| one.point == point.id);
    Ok(RoundAt {
        round: round.id.to_string(),
        point: point.id.to_string(),
        point_name: format!("{} · {}", point.code, point.name),
        round_window: words(round.window()),
        round_name: round.name,
        own_window: own.map(|own| (words(own.window), own.reason)),
        opens: typed(window.opens_at, zone),
        closes: typed(window.closes_at, zone),
        sessions: sessions.map(|one| session(&one, zone, inside.language)).collect(),
        first_day: window.opens_at.max(office.now()).date(zone).to_string(),
        may_extend: actor.role.may(Action::ExtendWindow),
        may_place: actor.role.may(Action::Place),
        error,
        frame: inside.frame,
    })
}

fn session(one: &Session, zone: Zone, language: Language) -> SessionRow {
    let day = long_date(one.starts_at.date(zone), language);
    SessionRow {
        number: one.number.into(),
        when: format!("{day}, {}–{} {}", one.starts_at.clock(zone), one.ends_at.clock(zone), zone.label()),
        starts: typed(one.starts_at, zone),
        ends: typed(one.ends_at, zone),
    }
}

/// Does something to a round at a point, and shows its page.
async fn change(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: Fields,
    f: impl FnOnce(&Inside<'_>, (RoundId, PointId), &Fields) -> Result<(), Error> + Send + 'static,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let at: (RoundId, PointId) = (id(&path.0, "round")?, id(&path.1, "point")?);
            match f(&inside, at, &form) {
                Ok(()) => Ok(Answer::See(format!("/rounds/{}/points/{}", at.0, at.1))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, at, Some(text))?)
                }
            }
        })
        .await
}

/// `POST /rounds/{id}/points/{point}/window`
pub(super) async fn set_window(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    change(visit, path, form.into_inner(), |inside, at, form| {
        let zone = inside.agency.zone;
        let window = Window {
            opens_at: typed_moment(form.of("opens_at"), "opens_at", zone)?,
            closes_at: typed_moment(form.of("closes_at"), "closes_at", zone)?,
        };
        inside.office.set_window(inside.actor, at, window, form.of("reason")).map(drop)
    })
    .await
}

/// `POST /rounds/{id}/points/{point}/sessions`
pub(super) async fn set_sessions(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    change(visit, path, form.into_inner(), |inside, at, form| {
        let zone = inside.agency.zone;
        let slots =
            form.all("starts").zip(form.all("ends")).filter(|(starts, ends)| !(starts.is_empty() && ends.is_empty()));
        let slots = slots
            .map(|(starts, ends)| {
                Ok(Slot {
                    starts_at: typed_moment(starts, "starts", zone)?,
                    ends_at: typed_moment(ends, "ends", zone)?,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        inside.office.set_sessions(inside.actor, at, &slots).map(drop)
    })
    .await
}

/// `POST /rounds/{id}/points/{point}/layout`
pub(super) async fn lay_out(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    change(visit, path, form.into_inner(), |inside, at, form| {
        let starts = minutes(form.of("starts")).and_then(|minute| i32::try_from(minute).ok());
        let layout = Layout {
            first_day: day(form, "first_day")?,
            days: small(form, "days")?,
            starts_minute: starts.ok_or(Refusal::Invalid { field: "starts", why: "a time such as 08:00".into() })?,
            minutes: small(form, "minutes")?,
            per_day: small(form, "per_day")?,
        };
        inside.office.lay_out_sessions(inside.actor, at, &layout).map(drop)
    })
    .await
}
