//! Accounts that another person than their maker confirms, and the access report.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::session::TokenForm;
use super::shell::{Answer, Inside, Visit, id, moment, said};
use super::view::frame::{Frame, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerForm, LedgerTable};
use crate::domain::role::Action;
use crate::domain::time::Zone;
use crate::service::{AccessReport, Error, UnconfirmedView};

/// Of how many days the report is.
const DAYS: i32 = 30;

/// `GET /confirmations`
pub(super) async fn list(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Home, |inside| Answer::page(&page(inside, None)?)).await
}

fn page(inside: Inside<'_>, error: Option<String>) -> Result<Ledger, Error> {
    let waiting = inside.office.unconfirmed(inside.actor)?;
    let frame = inside.frame;
    let forms = waiting.iter().filter(|one| one.may_confirm).map(|one| LedgerForm {
        title: format!("{} · {}", one.name, frame.of_list("role", one.role.as_str())),
        hint: frame.t("confirmations-hint"),
        action: format!("/users/{}/confirm", one.id),
        button: frame.t("confirmations-button"),
        ..LedgerForm::default()
    });
    Ok(Ledger {
        title: frame.t("confirmations-title"),
        what: frame.t("confirmations-what"),
        error,
        forms: forms.collect(),
        tables: vec![table(&frame, &waiting, inside.agency.zone)],
        frame: frame.clone(),
        ..Ledger::default()
    })
}

fn table(frame: &Frame, waiting: &[UnconfirmedView], zone: Zone) -> LedgerTable {
    let t = |key: &str| (frame.t(key), false);
    LedgerTable {
        caption: frame.t("confirmations-title"),
        columns: vec![t("field-name"), t("field-username"), t("field-role"), t("access-made-by"), t("access-made-at")],
        rows: waiting
            .iter()
            .map(|one| {
                [
                    one.name.clone(),
                    one.username.clone(),
                    frame.of_list("role", one.role.as_str()),
                    one.made_by.clone().unwrap_or_else(|| "–".into()),
                    moment(one.made_at, zone),
                ]
                .map(LedgerCell::text)
                .into()
            })
            .collect(),
        ..LedgerTable::default()
    }
}

/// `POST /users/{id}/confirm`
pub(super) async fn confirm(
    visit: Visit,
    user: web::Path<String>,
    form: web::Form<TokenForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Home, move |inside| {
            let confirmed = id(&user, "user").and_then(|user| inside.office.confirm_user(inside.actor, user));
            match confirmed {
                Ok(()) => Ok(Answer::See("/confirmations".to_owned())),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, Some(text))?)
                }
            }
        })
        .await
}

/// `GET /trail/access`
pub(super) async fn report(visit: Visit) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Trail, |inside| {
            let report = inside.office.access_report(inside.actor, DAYS)?;
            let zone = inside.agency.zone;
            let may_confirm = inside.actor.role.may(Action::ConfirmUsers);
            let frame = inside.frame;
            let links = if may_confirm && !report.unconfirmed.is_empty() {
                vec![("/confirmations".to_owned(), frame.t("confirmations-title"))]
            } else {
                Vec::new()
            };
            Answer::page(&Ledger {
                title: frame.t("access-title"),
                back: Some(("/trail".to_owned(), frame.t("trail-title"))),
                what: frame.t("access-what"),
                facts: vec![(
                    frame.t("access-window"),
                    format!("{} – {}", moment(report.since, zone), moment(report.until, zone)),
                )],
                links,
                tables: tables(&frame, &report, zone),
                frame: frame.clone(),
                ..Ledger::default()
            })
        })
        .await
}

fn tables(frame: &Frame, report: &AccessReport, zone: Zone) -> Vec<LedgerTable> {
    let text = |key: &str| (frame.t(key), false);
    let number = |key: &str| (frame.t(key), true);
    let role = |code: &str| LedgerCell::text(frame.of_list("role", code));
    let ends = |at: Option<crate::domain::time::Timestamp>| {
        LedgerCell::text(at.map_or_else(|| "–".to_owned(), |at| moment(at, zone)))
    };
    let people = LedgerTable {
        caption: frame.t("access-people"),
        columns: vec![
            text("field-name"),
            text("field-role"),
            number("access-looks"),
            number("access-unmasked"),
            number("access-exports"),
            number("access-limited"),
            text("access-last"),
        ],
        rows: report
            .people
            .iter()
            .map(|one| {
                vec![
                    LedgerCell { href: Some(format!("/trail?user={}", one.id)), ..LedgerCell::text(&one.name) },
                    role(one.role.as_str()),
                    LedgerCell::count(one.looks),
                    LedgerCell::count(one.unmasked),
                    LedgerCell::count(one.exports),
                    LedgerCell::count(one.limited),
                    ends(one.last_at),
                ]
            })
            .collect(),
        ..LedgerTable::default()
    };
    let invitations = LedgerTable {
        caption: frame.t("access-invitations"),
        columns: vec![text("field-name"), text("field-role"), text("access-made-by"), text("access-ends")],
        rows: report
            .invitations
            .iter()
            .map(|(one, by)| {
                vec![
                    LedgerCell::text(&one.name),
                    role(one.role.as_str()),
                    LedgerCell::text(by),
                    ends(Some(one.expires_at)),
                ]
            })
            .collect(),
        ..LedgerTable::default()
    };
    let tokens = LedgerTable {
        caption: frame.t("access-tokens"),
        columns: vec![
            text("access-token"),
            text("field-name"),
            text("access-made-at"),
            text("access-last"),
            text("access-ends"),
        ],
        rows: report
            .tokens
            .iter()
            .map(|(one, whose)| {
                vec![
                    LedgerCell::text(&one.name),
                    LedgerCell::text(whose),
                    ends(Some(one.created_at)),
                    ends(one.used_at),
                    ends(one.expires_at),
                ]
            })
            .collect(),
        ..LedgerTable::default()
    };
    vec![people, table(frame, &report.unconfirmed, zone), invitations, tokens]
}
