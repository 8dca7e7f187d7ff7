//! Between a handler and the office: who visits, and the surroundings of their page.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::LOCATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;

use super::fault::PageError;
use super::view::frame::{Frame, Person, Place};
use crate::domain::programme::Agency;
use crate::domain::role::Role;
use crate::domain::time::{Language, Timestamp, Zone, long_date};
use crate::http::{Caller, Problem, State};
use crate::service::{Actor, Error, Office, Refusal};

/// A browser that asks for a page.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) state: State,
    pub(super) caller: Caller,
    /// Path and query.
    pub(super) here: String,
    /// Whether it only reads.
    reads: bool,
}

/// What a handler finds once it is known who visits.
#[derive(Debug)]
pub(super) struct Inside<'a> {
    pub(super) office: &'a Office,
    pub(super) actor: &'a Actor,
    pub(super) agency: Agency,
    pub(super) frame: Frame,
    pub(super) language: Language,
}

/// What a handler answers with.
#[derive(Debug)]
pub(super) enum Answer {
    /// A page.
    Page(StatusCode, String),
    /// Another page, to be read.
    See(String),
}

impl Answer {
    /// A page that shows what was asked for.
    pub(super) fn page(page: &impl Template) -> Result<Self, Error> {
        Self::refused(StatusCode::OK, page)
    }

    /// A page that says in place why it did not work.
    pub(super) fn refused(status: StatusCode, page: &impl Template) -> Result<Self, Error> {
        let text = page.render().map_err(|error| Error::Broken(format!("a page cannot be rendered: {error}")))?;
        Ok(Self::Page(status, text))
    }
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Page(status, text) => html(status, text),
            Answer::See(path) => see(&path),
        }
    }
}

impl Visit {
    /// The same visit, with the token that its form carried.
    pub(super) fn with_form_token(mut self, token: &str) -> Self {
        self.caller = self.caller.with_form_token(token);
        self
    }

    /// The answer for the one who is signed in: identified, decided and rendered in one go.
    pub(super) async fn inside(
        &self,
        place: Place,
        f: impl FnOnce(Inside<'_>) -> Result<Answer, Error> + Send + 'static,
    ) -> Result<HttpResponse, PageError> {
        let (language, here) = (self.caller.language, self.comes_back_to(place));
        let visited = self
            .state
            .visit(&self.caller, move |office, actor, csrf| {
                let agency = office.agency(actor, actor.agency)?;
                let person = person(office, actor, &agency)?;
                let frame = Frame::of(language, person, csrf, here, place);
                let kept = frame.clone();
                let answer = f(Inside { office, actor, agency, frame, language });
                Ok((kept, answer))
            })
            .await;
        match visited {
            Ok((_, Ok(answer))) => Ok(answer.into()),
            Ok((frame, Err(error))) => Err(PageError::new(Problem::of(error, language), frame)),
            Err(problem) => Err(self.problem(problem, place)),
        }
    }

    /// A problem for one of whom nothing is known yet.
    pub(super) fn problem(&self, problem: Problem, place: Place) -> PageError {
        PageError::new(problem, Frame::public(self.caller.language, self.comes_back_to(place)))
    }

    /// Where a link back leads: a page that was sent as a form cannot be asked for again.
    fn comes_back_to(&self, place: Place) -> String {
        if self.reads { self.here.clone() } else { place.href().to_owned() }
    }
}

impl FromRequest for Visit {
    type Error = PageError;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = Caller::of(request);
        let here = here(request);
        ready(match request.app_data::<web::Data<State>>() {
            Some(state) => Ok(Self {
                state: State::clone(state),
                caller,
                here,
                reads: matches!(*request.method(), Method::GET | Method::HEAD),
            }),
            None => {
                let problem = Problem::of(Error::Broken("the server has no state".into()), caller.language);
                Err(PageError::new(problem, Frame::public(caller.language, here)))
            }
        })
    }
}

fn here(request: &HttpRequest) -> String {
    request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

fn person(office: &Office, actor: &Actor, agency: &Agency) -> Result<Person, Error> {
    let at = match (actor.role, actor.point) {
        (Role::Operator, Some(point)) => {
            let point = office.point(actor, point)?;
            format!("{} · {}", point.code, point.name)
        }
        _ => agency.name.clone(),
    };
    Ok(Person { name: actor.name.clone(), role: actor.role.as_str().to_owned(), at })
}

/// A page of HTML.
pub(super) fn html(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(text)
}

/// Sends the browser to read another page.
pub(super) fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// The path, if it leads to this site; anything a browser could take for another one's address does not.
pub(super) fn local(path: &str) -> Option<&str> {
    let here = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
    (here && path.len() <= 1_000 && path.bytes().all(|sign| sign.is_ascii_graphic())).then_some(path)
}

/// An id in an address; what is none names nothing.
pub(super) fn id<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, Error> {
    text.parse().map_err(|_| Refusal::NotFound(what).into())
}

/// The id after which a page of a list begins; what is none begins at the beginning.
pub(super) fn after<T: std::str::FromStr>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

/// How many rows of a list stand on one page.
pub(super) const ROWS: i64 = 50;

/// Where the next page begins: nowhere, when this one is not full.
pub(super) fn next<R>(rows: &[R], id: impl Fn(&R) -> String) -> Option<String> {
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= ROWS);
    rows.last().filter(|_| full).map(id)
}

/// `07-12-2026 09.12 WITA`
pub(super) fn moment(at: Timestamp, zone: Zone) -> String {
    format!("{} {}", at.short(zone), zone.label())
}

/// `Senin, 7 Desember 2026, 09.12 WITA`
pub(super) fn long_moment(at: Timestamp, zone: Zone, language: Language) -> String {
    format!("{}, {} {}", long_date(at.date(zone), language), at.clock(zone), zone.label())
}

/// What a refusal says, for a page that shows it in place. A failure goes on as it is.
pub(super) fn said(error: Error, language: Language) -> Result<(StatusCode, String), Error> {
    match error {
        Error::Refused(refusal) if !matches!(*refusal, Refusal::Forbidden(_) | Refusal::NotFound(_)) => {
            let problem = Problem::of(Error::Refused(refusal), language);
            Ok((problem.status, problem.detail))
        }
        other => Err(other),
    }
}
