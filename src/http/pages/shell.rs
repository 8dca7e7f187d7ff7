//! Between a handler and the office: who visits, and the surroundings of their page.

use std::future::{Future, Ready, ready};
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::LOCATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use serde::de::DeserializeOwned;

use super::fault::{PageError, encoded};
use super::refill::{Wrong, refill};
use super::view::fields::Fields;
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
    /// The form that it sent, to come back as it was if it is refused.
    sent: Option<Fields>,
}

/// A form as it was sent, and as its handler reads it.
#[derive(Debug)]
pub(super) struct Sent<T> {
    form: T,
    /// All of its fields.
    pub(super) fields: Fields,
}

impl<T> Sent<T> {
    /// What its handler reads.
    pub(super) fn into_inner(self) -> T {
        self.form
    }
}

impl<T> Deref for Sent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.form
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Sent<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let fields = web::Form::<Fields>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let fields = fields.await?.into_inner();
            let pairs = fields.pairs().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
            match web::Query::<T>::from_query(&pairs.collect::<Vec<_>>().join("&")) {
                Ok(form) => Ok(Self { form: form.into_inner(), fields }),
                Err(error) => Err(super::refused_form(&error, &request)),
            }
        })
    }
}

/// Why a page says that something did not work: its status, and the field that was wrong, where it was one.
#[derive(Debug)]
pub(super) struct Why {
    status: StatusCode,
    wrong: Option<Wrong>,
}

impl From<StatusCode> for Why {
    fn from(status: StatusCode) -> Self {
        Self { status, wrong: None }
    }
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
    Page(Why, String),
    /// Another page, to be read.
    See(String),
    /// A file to keep: its name, what it is, and its bytes.
    File(String, &'static str, Vec<u8>),
}

impl Answer {
    /// A page that shows what was asked for.
    pub(super) fn page(page: &impl Template) -> Result<Self, Error> {
        Self::refused(StatusCode::OK, page)
    }

    /// A page that says in place why it did not work.
    pub(super) fn refused(why: impl Into<Why>, page: &impl Template) -> Result<Self, Error> {
        let text = page.render().map_err(|error| Error::Broken(format!("a page cannot be rendered: {error}")))?;
        Ok(Self::Page(why.into(), text))
    }

    /// The answer to who sent this form, which comes back filled in if it was refused.
    fn refilled(self, action: &str, sent: Option<&Fields>) -> Self {
        match (self, sent) {
            (Self::Page(why, text), Some(sent)) if why.status != StatusCode::OK => {
                let text = refill(&text, action, sent, why.wrong.as_ref());
                Self::Page(why, text)
            }
            (answer, _) => answer,
        }
    }
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Page(why, text) => html(why.status, text),
            Answer::See(path) => see(&path),
            Answer::File(name, kind, bytes) => HttpResponse::Ok()
                .content_type(kind)
                .insert_header(("content-disposition", format!("attachment; filename=\"{name}\"")))
                .body(bytes),
        }
    }
}

impl Visit {
    /// The same visit, with the token that its form carried.
    pub(super) fn with_form_token(mut self, token: &str) -> Self {
        self.caller = self.caller.with_form_token(token);
        self
    }

    /// The same visit, with the form that it sent and the token in it.
    pub(super) fn with_form(mut self, sent: &Fields) -> Self {
        self.sent = Some(sent.clone());
        self.with_form_token(sent.of("csrf"))
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
            Ok((_, Ok(answer))) => Ok(answer.refilled(&self.here, self.sent.as_ref()).into()),
            Ok((frame, Err(error))) => Err(PageError::new(Problem::of(error, language), frame)),
            Err(problem) => Err(self.problem(problem, place)),
        }
    }

    /// Does what a form asks and goes on to the page that `act` names; where that is refused, the page that the form
    /// stands on says why, and the form comes back as it was.
    pub(super) async fn change<P: Template>(
        self,
        place: Place,
        form: Fields,
        act: impl FnOnce(&Inside<'_>, &Fields) -> Result<String, Error> + Send + 'static,
        again: impl FnOnce(Inside<'_>, String) -> Result<P, Error> + Send + 'static,
    ) -> Result<HttpResponse, PageError> {
        self.with_form(&form)
            .inside(place, move |inside| match act(&inside, &form) {
                Ok(next) => Ok(Answer::See(next)),
                Err(error) => {
                    let (why, text) = said(error, inside.language)?;
                    Answer::refused(why, &again(inside, text)?)
                }
            })
            .await
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
                sent: None,
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
pub(super) fn said(error: Error, language: Language) -> Result<(Why, String), Error> {
    match error {
        Error::Refused(refusal) if !matches!(*refusal, Refusal::Forbidden(_) | Refusal::NotFound(_)) => {
            let problem = Problem::of(Error::Refused(refusal), language);
            let field = problem.more.get("field").and_then(|field| field.as_str());
            let wrong = field.map(|field| Wrong { field: field.to_owned(), why: problem.detail.clone() });
            Ok((Why { status: problem.status, wrong }, problem.detail))
        }
        other => Err(other),
    }
}
