//! What a browser sees when it does not work: the problem as a page, or the way to sign in.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use super::shell::{html, see};
use super::view::frame::Frame;
use super::view::problem::Problem as ProblemPage;
use crate::http::Problem;

/// A problem as a page. Whoever is not signed in is sent to sign in, and comes back.
#[derive(Debug)]
pub(super) struct PageError {
    problem: Problem,
    frame: Box<Frame>,
}

impl PageError {
    pub(super) fn new(problem: Problem, frame: Frame) -> Self {
        Self { problem: problem.in_language(frame.words.language()), frame: Box::new(frame) }
    }

    fn page(&self) -> ProblemPage {
        let frame = Frame::clone(&self.frame);
        let (kind, detail) = match (self.problem.status, self.problem.code) {
            (StatusCode::NOT_FOUND, _) => ("not-found", frame.t("problem-not-found-detail")),
            (_, "not_our_form") => ("expired", frame.t("problem-expired-detail")),
            (_, "forbidden") => ("forbidden", frame.t("problem-forbidden-detail")),
            (StatusCode::TOO_MANY_REQUESTS, _) => ("refused", frame.t("refusal-too-many-requests")),
            (status, _) if status.is_server_error() => ("broken", self.problem.detail.clone()),
            _ => ("refused", self.problem.detail.clone()),
        };
        let advice = (kind != "refused").then(|| frame.t(&format!("problem-{kind}-advice")));
        let back = match (self.problem.code, frame.current) {
            ("device_revoked", _) => "/sign-in",
            (_, Some(place)) if kind != "forbidden" => place.href(),
            _ => "/",
        };
        ProblemPage {
            title: frame.of_list("problem", kind),
            detail,
            advice,
            status: self.problem.status.as_u16(),
            code: self.problem.code.to_owned(),
            back: back.to_owned(),
            frame,
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        let elsewhere = matches!(self.problem.code, "not_signed_in" | "second_factor_due");
        if elsewhere { StatusCode::SEE_OTHER } else { self.problem.status }
    }

    fn error_response(&self) -> HttpResponse {
        if self.problem.code == "not_signed_in" {
            return see(&format!("/sign-in?next={}", encoded(&self.frame.here)));
        }
        if self.problem.code == "second_factor_due" {
            return see(super::account::HREF);
        }
        let mut answer = match self.page().render() {
            Ok(text) => html(self.problem.status, text),
            Err(error) => {
                tracing::error!(%error, "the page of a problem cannot be rendered");
                HttpResponse::build(self.problem.status).body(self.problem.detail.clone())
            }
        };
        if let Some(seconds) = self.problem.retry_after {
            answer.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        answer
    }
}

/// A text as the value in a query.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
