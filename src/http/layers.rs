//! What is added to every answer: headers that keep a browser safe, a line in the log, and counts.

use std::time::Instant;

use actix_web::ResponseError;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, ALLOW, AUTHORIZATION, CACHE_CONTROL, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest};
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use super::guard::comes_from_elsewhere;
use super::openapi::OPEN;
use super::{Caller, Problem, doors};
use crate::domain::time::Language;
use crate::service::Refusal;

/// Everything comes from this server, nothing runs inline, nobody frames a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    // Only counts over HTTPS, where it keeps a browser from ever asking in the clear again.
    ("strict-transport-security", "max-age=63072000"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Adds the headers and counts the answer.
pub(super) async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let answer = next.call(request).await?;
    let language = Caller::of(answer.request()).language;
    // What was refused before anybody knew who calls is said again in their language.
    let problem = answer.response().error().and_then(|error| error.as_error::<Problem>()).cloned();
    let allow = problem.as_ref().and_then(|problem| problem.allow.as_deref()).and_then(|allow| allow.parse().ok());
    let mut answer = match problem {
        // Whoever follows a link to a file reads why there is none on a page.
        Some(problem) if reads_pages(answer.request()) => {
            let page = super::pages::refused(answer.request(), problem);
            answer.into_response(page).map_into_right_body()
        }
        Some(problem) if language != Language::Id => {
            answer.into_response(problem.in_language(language).error_response()).map_into_right_body()
        }
        _ => answer.map_into_left_body(),
    };
    let route = answer.request().match_pattern().unwrap_or_else(|| "other".to_owned());
    metrics::histogram!("salur_http_request_seconds", "route" => route.clone()).record(began.elapsed());
    metrics::counter!("salur_http_requests_total", "route" => route, "status" => answer.status().as_u16().to_string())
        .increment(1);
    let headers = answer.headers_mut();
    if let Some(allow) = allow {
        headers.insert(ALLOW, allow);
    }
    for (name, value) in HEADERS {
        // The scanner brings a policy of its own.
        if !headers.contains_key(name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    // Personal data is never left in a cache; assets say otherwise of themselves.
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(answer)
}

/// Whether this is a browser that follows a link within the API, and no program that asks it.
fn reads_pages(request: &HttpRequest) -> bool {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let by_token = request.headers().contains_key(AUTHORIZATION);
    *request.method() == Method::GET && !by_token && accepts.contains("text/html")
}

/// Refuses a change that a page of another site sends with a browser: before any handler, whatever it would have
/// checked itself. Who brings a token of their own is no browser that was talked into it.
pub(super) async fn same_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || request.headers().contains_key(AUTHORIZATION) || !comes_from_elsewhere(request.headers()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let problem = Problem::of(Refusal::NotOurForm.into(), Caller::of(request.request()).language);
    let answer = if request.path().starts_with("/api/") {
        problem.error_response()
    } else {
        super::pages::refused(request.request(), problem)
    };
    Ok(request.into_response(answer).map_into_right_body())
}

/// Refuses a change by a caller who shows nothing to be known by, before its body is looked at: whoever is not signed in
/// hears that, and not what else is wrong.
pub(super) async fn somebody(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    // A scan brings its token, and is looked at once, where it is answered.
    if request.headers().contains_key(AUTHORIZATION) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let caller = Caller::of(request.request());
    // What is no call is answered as such.
    let no_call = doors::door(request.request()).is_none();
    if !caller.changes_as_nobody() || OPEN.contains(&request.path()) || no_call {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let answer = Problem::of(Refusal::NotSignedIn.into(), caller.language).error_response();
    Ok(request.into_response(answer).map_into_right_body())
}

/// Refuses whoever may not make a call at all before what is wrong with their request. A scan is not looked at for it
/// twice: only what would be refused for its form is.
pub(super) async fn whoever_may(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let answer = next.call(request).await?;
    let of_the_form = answer.response().error().is_some_and(|error| match error.as_error::<Problem>() {
        Some(problem) => problem.is_of_the_form(),
        None => error.as_response_error().status_code().is_client_error(),
    });
    let refused = if of_the_form { doors::refused(answer.request()).await } else { None };
    Ok(match refused {
        Some(problem) => answer.into_response(problem.error_response()).map_into_right_body(),
        None => answer.map_into_left_body(),
    })
}

/// Answers HEAD as GET would be: its body is left away where the answer is written.
pub(super) async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if *request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// One span and one line a request: its id, method and route. Never its address, which may hold a voucher's code or
/// the words of a search.
#[derive(Debug)]
pub(super) struct RequestLog;

impl RootSpanBuilder for RequestLog {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        let route = request.match_pattern().unwrap_or_else(|| "other".to_owned());
        tracing::info_span!("request", id, method = %request.method(), route, status = tracing::field::Empty)
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = match outcome {
            Ok(answer) => answer.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        span.in_scope(|| tracing::info!(status = status.as_u16(), "answered"));
    }
}
