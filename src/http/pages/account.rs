//! One's own account: one-time codes, password, sign-ins.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::session::TokenForm;
use super::shell::{Answer, Inside, Visit, id, moment, said};
use super::view::account::{Account, Factor, Session};
use super::view::frame::Place;
use crate::service::{Error, SessionView};

/// Its address.
pub(super) const HREF: &str = "/account";

/// `GET /account`
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, PageError> {
    let secret = visit.caller.cookie_secret().map(str::to_owned);
    visit.inside(Place::Home, move |inside| Answer::page(&page(inside, secret.as_deref(), None, None)?)).await
}

fn page(
    inside: Inside<'_>,
    secret: Option<&str>,
    codes: Option<Vec<String>>,
    error: Option<String>,
) -> Result<Account, Error> {
    let factor = inside.office.factor(inside.actor)?;
    let begun = inside.office.factor_begun(inside.actor)?;
    let factor = match (codes, begun) {
        (Some(codes), _) => Factor::Fresh(codes),
        _ if factor.confirmed => Factor::On(factor.codes_left),
        (None, Some(begun)) => Factor::Begun {
            // A code that cannot be drawn can still be typed.
            svg: crate::pdf::qr::svg(&begun.uri).unwrap_or_default(),
            secret: in_fours(&begun.secret),
        },
        (None, None) => Factor::Off { advised: factor.advised },
    };
    let sessions = inside.office.live_sign_ins(inside.actor, None, secret)?;
    let due = inside.actor.confined && !matches!(factor, Factor::Fresh(_));
    let zone = inside.agency.zone;
    Ok(Account {
        due,
        factor,
        error,
        sessions: sessions.into_iter().map(|one| row(one, zone)).collect(),
        frame: inside.frame,
    })
}

/// A sign-in as a row.
pub(super) fn row(one: SessionView, zone: crate::domain::time::Zone) -> Session {
    Session {
        id: one.id.to_string(),
        begun: moment(one.created_at, zone),
        address: if one.address.is_empty() { "–".into() } else { one.address },
        current: one.current,
    }
}

fn in_fours(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    signs.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    csrf: String,
    code: String,
}

#[derive(Deserialize)]
pub(super) struct BeginForm {
    csrf: String,
    #[serde(default)]
    password: String,
}

/// `POST /account/second-factor`
pub(super) async fn begin(visit: Visit, form: web::Form<BeginForm>) -> Result<HttpResponse, PageError> {
    let BeginForm { csrf, password } = form.into_inner();
    let visit = visit.with_form_token(&csrf);
    let secret = visit.caller.cookie_secret().map(str::to_owned);
    visit
        .inside(Place::Home, move |inside| match inside.office.begin_factor(inside.actor, &password) {
            Ok(_) => Ok(Answer::See(HREF.into())),
            Err(error) => refused(inside, secret.as_deref(), error),
        })
        .await
}

/// `POST /account/second-factor/confirm`
pub(super) async fn confirm(visit: Visit, form: web::Form<CodeForm>) -> Result<HttpResponse, PageError> {
    let CodeForm { csrf, code } = form.into_inner();
    let visit = visit.with_form_token(&csrf);
    let secret = visit.caller.cookie_secret().map(str::to_owned);
    visit
        .inside(Place::Home, move |inside| match inside.office.confirm_factor(inside.actor, &code) {
            Ok(codes) => Answer::page(&page(inside, secret.as_deref(), Some(codes), None)?),
            Err(error) => refused(inside, secret.as_deref(), error),
        })
        .await
}

/// `POST /account/second-factor/remove`
pub(super) async fn remove(visit: Visit, form: web::Form<CodeForm>) -> Result<HttpResponse, PageError> {
    let CodeForm { csrf, code } = form.into_inner();
    let visit = visit.with_form_token(&csrf);
    let secret = visit.caller.cookie_secret().map(str::to_owned);
    visit
        .inside(Place::Home, move |inside| match inside.office.remove_factor(inside.actor, &code) {
            Ok(()) => Ok(Answer::See(HREF.into())),
            Err(error) => refused(inside, secret.as_deref(), error),
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    csrf: String,
    old: String,
    new: String,
}

/// `POST /account/password`
pub(super) async fn password(visit: Visit, form: web::Form<PasswordForm>) -> Result<HttpResponse, PageError> {
    let PasswordForm { csrf, old, new } = form.into_inner();
    let visit = visit.with_form_token(&csrf);
    let secret = visit.caller.cookie_secret().map(str::to_owned);
    visit
        .inside(Place::Home, move |mut inside| {
            match inside.office.change_password(inside.actor, &old, &new, secret.as_deref()) {
                Ok(()) => {
                    inside.frame.notice = Some(inside.frame.t("account-password-done"));
                    Answer::page(&page(inside, secret.as_deref(), None, None)?)
                }
                Err(error) => refused(inside, secret.as_deref(), error),
            }
        })
        .await
}

/// `POST /account/sessions/{id}/end`
pub(super) async fn end_session(
    visit: Visit,
    session: web::Path<String>,
    form: web::Form<TokenForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Home, move |inside| {
            inside.office.revoke_session(inside.actor, id(&session, "session")?)?;
            Ok(Answer::See(HREF.into()))
        })
        .await
}

fn refused(inside: Inside<'_>, secret: Option<&str>, error: Error) -> Result<Answer, Error> {
    let (status, text) = said(error, inside.language)?;
    Answer::refused(status, &page(inside, secret, None, Some(text))?)
}
