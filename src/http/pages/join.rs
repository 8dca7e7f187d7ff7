//! Taking an invitation: a code from paper or a scanned QR, a user name, a password.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Visit, html, see};
use super::view::frame::{Frame, Place};
use super::view::join::Join;
use crate::http::Problem;
use crate::service::{Accepted, Error};

/// `GET /join`
pub(super) async fn form(visit: Visit) -> Result<HttpResponse, PageError> {
    page(&visit, StatusCode::OK, None, String::new(), None, String::new())
}

/// `GET /join/{code}`
pub(super) async fn form_with_code(visit: Visit, code: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit.state.limit_stranger(&visit.caller).map_err(|problem| visit.problem(problem, Place::Home))?;
    let code = code.into_inner();
    let asked = code.clone();
    let found = visit.state.anybody(&visit.caller, move |office| office.invitation(&asked)).await;
    match found {
        Ok(one) => {
            let invited = Some((one.name, one.role.as_str().to_owned()));
            page(&visit, StatusCode::OK, None, code, invited, String::new())
        }
        Err(problem) if problem.status == StatusCode::NOT_FOUND => refused(&visit, problem.status, String::new()),
        Err(problem) => Err(visit.problem(problem, Place::Home)),
    }
}

#[derive(Deserialize)]
pub(super) struct JoinForm {
    code: String,
    username: String,
    password: String,
}

/// `POST /join`. There is no form token before there is an account; what the form carries is a secret itself.
pub(super) async fn accept(visit: Visit, form: web::Form<JoinForm>) -> Result<HttpResponse, PageError> {
    visit.state.limit_stranger(&visit.caller).map_err(|problem| visit.problem(problem, Place::Home))?;
    let JoinForm { code, username, password } = form.into_inner();
    let given = Accepted { code: code.clone(), username: username.clone(), password };
    let from = Some(visit.caller.address);
    let made = visit.state.anybody(&visit.caller, move |office| office.accept_invitation(&given, from)).await;
    match made {
        Ok(_) => Ok(see("/sign-in")),
        Err(problem) if problem.status == StatusCode::NOT_FOUND => refused(&visit, problem.status, username),
        Err(problem) if problem.status.is_client_error() => {
            page(&visit, problem.status, Some(problem.detail), code, None, username)
        }
        Err(problem) => Err(visit.problem(problem, Place::Home)),
    }
}

/// A code that is none, was used, or is too old: told apart for nobody.
fn refused(visit: &Visit, status: StatusCode, username: String) -> Result<HttpResponse, PageError> {
    let said = Frame::public(visit.caller.language, "").t("join-wrong");
    page(visit, status, Some(said), String::new(), None, username)
}

fn page(
    visit: &Visit,
    status: StatusCode,
    error: Option<String>,
    code: String,
    invited: Option<(String, String)>,
    username: String,
) -> Result<HttpResponse, PageError> {
    let language = visit.caller.language;
    let username = username.chars().take(60).collect();
    let code = code.chars().take(80).collect();
    let page = Join { frame: Frame::public(language, "/join"), error, code, invited, username };
    match page.render() {
        Ok(text) => Ok(html(status, text)),
        Err(error) => Err(visit.problem(Problem::of(Error::Broken(error.to_string()), language), Place::Home)),
    }
}
