//! Signing in and out, and the language: the three things a browser keeps in a cookie.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Visit, html, local, see};
use super::view::frame::{Frame, Place};
use super::view::sign_in::SignIn;
use crate::domain::role::Role;
use crate::http::Problem;
use crate::http::api::with_marks;
use crate::http::guard::{COOKIE, LANGUAGE_COOKIE, SECURE_COOKIE, comes_from_elsewhere};
use crate::service::{Error, Refusal, SignInTry};

#[derive(Debug, Deserialize)]
pub(super) struct SignInQuery {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`
pub(super) async fn form(visit: Visit, query: web::Query<SignInQuery>) -> Result<HttpResponse, PageError> {
    let next = local(&query.next).unwrap_or_default().to_owned();
    sign_in_page(&visit, StatusCode::OK, None, String::new(), next)
}

fn sign_in_page(
    visit: &Visit,
    status: StatusCode,
    error: Option<String>,
    username: String,
    next: String,
) -> Result<HttpResponse, PageError> {
    let language = visit.caller.language;
    // Never the form's own values: only what a change of language should come back to.
    let page = SignIn { frame: Frame::public(language, "/sign-in"), error, username, next };
    match page.render() {
        Ok(text) => Ok(html(status, text)),
        Err(error) => Err(visit.problem(Problem::of(Error::Broken(error.to_string()), language), Place::Home)),
    }
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    username: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`. There is no form token before a sign-in; a browser that says another site sent the
/// form is refused, so that nobody is signed in as somebody else unawares.
pub(super) async fn sign_in(
    request: HttpRequest,
    visit: Visit,
    form: web::Form<SignInForm>,
) -> Result<HttpResponse, PageError> {
    let SignInForm { username, password, code, next } = form.into_inner();
    let language = visit.caller.language;
    if comes_from_elsewhere(request.headers()) {
        return Err(visit.problem(Problem::of(Refusal::NotOurForm.into(), language), Place::Home));
    }
    let guess =
        visit.state.limit_sign_in(&visit.caller, &username).map_err(|problem| visit.problem(problem, Place::Home))?;
    let next = local(&next).map(str::to_owned);
    let from = visit.caller.address;
    let given = SignInTry { username: username.clone(), password, code, from: Some(from), known: guess.is_known() };
    let signed_in = visit.state.anybody(&visit.caller, move |office| office.sign_in(&given)).await;
    visit.state.sign_in_ended(guess, &signed_in);
    let signed_in = match signed_in {
        Ok(signed_in) => signed_in,
        Err(problem) if problem.code == "bad_credentials" => {
            let said = Frame::public(language, "").t("sign-in-wrong");
            let shown = username.chars().take(60).collect();
            return sign_in_page(&visit, problem.status, Some(said), shown, next.unwrap_or_default());
        }
        Err(problem) => return Err(visit.problem(problem, Place::Home)),
    };
    let first = if signed_in.actor.role == Role::Operator { Place::Desk } else { Place::Home };
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, next.unwrap_or_else(|| first.href().to_owned())));
    answer.cookie(kept(visit.state.https, signed_in.secret));
    Ok(with_marks(answer.finish(), &visit.state, &visit.caller, &username))
}

#[derive(Debug, Deserialize)]
pub(super) struct TokenForm {
    pub(super) csrf: String,
}

/// `POST /sign-out`. Whoever is signed in no more is told the same: the cookie goes either way.
pub(super) async fn sign_out(visit: Visit, form: web::Form<TokenForm>) -> Result<HttpResponse, PageError> {
    let visit = visit.with_form_token(&form.csrf);
    let secret = visit.caller.cookie_secret().unwrap_or_default().to_owned();
    let ended = visit.state.act(&visit.caller, move |office, actor| office.sign_out(actor, &secret)).await;
    match ended {
        Ok(()) => {}
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {}
        Err(problem) => return Err(visit.problem(problem, Place::Home)),
    }
    let mut answer = see("/sign-in");
    for mut cookie in [kept(false, String::new()), kept(true, String::new())] {
        cookie.make_removal();
        // A cookie of ours is always a header; if ever not, it ends by itself at the server.
        if let Ok(value) = cookie.to_string().parse() {
            answer.headers_mut().append(SET_COOKIE, value);
        }
    }
    Ok(answer)
}

/// The cookie of a sign-in: gone when the browser is closed, and out of reach of any script.
fn kept(https: bool, secret: String) -> Cookie<'static> {
    Cookie::build(if https { SECURE_COOKIE } else { COOKIE }, secret)
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .finish()
}

#[derive(Debug, Deserialize)]
pub(super) struct LanguageQuery {
    #[serde(default)]
    to: String,
    #[serde(default)]
    back: String,
}

/// `GET /language`
pub(super) async fn language(visit: Visit, query: web::Query<LanguageQuery>) -> HttpResponse {
    let to = if query.to == "en" { "en" } else { "id" };
    let cookie = Cookie::build(LANGUAGE_COOKIE, to)
        .path("/")
        .http_only(true)
        .secure(visit.state.https)
        .same_site(SameSite::Lax)
        .max_age(Duration::days(365))
        .finish();
    let back = local(&query.back).unwrap_or("/");
    HttpResponse::SeeOther().insert_header((LOCATION, back)).cookie(cookie).finish()
}
