//! Spot checks (uji petik): drawn, entered, estimated.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::form::{chosen, small};
use super::shell::{Answer, Inside, Visit, id, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerField, LedgerForm, LedgerTable};
use crate::domain::id::{RoundId, SpotCheckId};
use crate::domain::money::grouped;
use crate::domain::role::Action;
use crate::domain::spot_check::Found;
use crate::service::Error;

/// `GET /rounds/{id}/spot-checks`
pub(super) async fn spot_checks(visit: Visit, round: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            Answer::page(&spot_page(inside, round, None)?)
        })
        .await
}

fn spot_page(inside: Inside<'_>, round: RoundId, error: Option<String>) -> Result<Ledger, Error> {
    let found = inside.office.spot_checks(inside.actor, round)?;
    let may = inside.actor.role.may(Action::SpotCheck);
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let per_cent = |share: i64| format!("{},{:02} %", share / 100, share % 100);
    let mut forms = Vec::new();
    if may {
        forms.push(LedgerForm {
            title: t("ledger-draw"),
            hint: t("ledger-draw-hint"),
            action: format!("/rounds/{round}/spot-checks"),
            fields: vec![LedgerField::new("number", "size", t("ledger-size"), true)],
            button: t("ledger-draw"),
            ..LedgerForm::default()
        });
    }
    let newest = found.into_iter().next();
    let mut page = Ledger {
        title: t("ledger-spot-checks"),
        back: Some((format!("/rounds/{round}/dashboard"), t("ledger-dashboard"))),
        what: t("ledger-spot-what"),
        error,
        frame: frame.clone(),
        ..Ledger::default()
    };
    if let Some(one) = newest {
        page.facts = vec![
            (t("ledger-seed"), one.seed.clone()),
            (t("ledger-population"), grouped(one.population)),
            (t("ledger-size"), grouped(one.size.into())),
            (t("ledger-unanswered"), grouped(one.unanswered)),
        ];
        if let Some(estimate) = one.estimate {
            let interval = format!(
                "{} ({} – {}), {} / {}",
                per_cent(estimate.share),
                per_cent(estimate.low),
                per_cent(estimate.high),
                estimate.bad,
                estimate.answered
            );
            page.facts.push((t("ledger-estimate"), interval));
        }
        if may {
            let asked = one
                .lines
                .iter()
                .map(|line| Choice::new(line.position.to_string(), format!("{} · {}", line.position, line.name)))
                .collect();
            let findings = Found::ALL.map(|found| Choice::new(found.as_str(), frame.of_list("found", found.as_str())));
            forms.push(LedgerForm {
                title: t("ledger-enter"),
                action: format!("/rounds/{round}/spot-checks/{}", one.id),
                fields: vec![
                    LedgerField::select("position", t("ledger-asked"), asked, true),
                    LedgerField::select("found", t("ledger-result"), findings.to_vec(), true),
                    LedgerField::new("text", "note", t("custody-note"), false),
                ],
                button: t("ledger-enter"),
                ..LedgerForm::default()
            });
        }
        page.tables = vec![LedgerTable {
            caption: t("ledger-spot-checks"),
            columns: vec![
                (t("ledger-position"), false),
                (t("ledger-reference"), false),
                (t("field-name"), false),
                (t("custody-place"), false),
                (t("col-point"), false),
                (t("col-day"), false),
                (t("ledger-result"), false),
            ],
            rows: one
                .lines
                .into_iter()
                .map(|line| {
                    vec![
                        LedgerCell::text(line.position.to_string()),
                        LedgerCell::text(line.reference),
                        LedgerCell::text(line.name),
                        LedgerCell::text(line.place),
                        LedgerCell::text(line.point),
                        LedgerCell::text(frame.day(&line.day)),
                        LedgerCell::text(frame.of_list("found", line.found.as_str())),
                    ]
                })
                .collect(),
            total: Vec::new(),
        }];
    }
    page.forms = forms;
    Ok(page)
}

/// `POST /rounds/{id}/spot-checks`
pub(super) async fn draw(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let done = small(&form, "size")
                .and_then(|size| inside.office.draw_spot_check(inside.actor, round, size).map(|_| ()));
            after_spot(inside, round, done)
        })
        .await
}

/// `POST /rounds/{id}/spot-checks/{check}`
pub(super) async fn enter(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let (round, check) = path.into_inner();
            let (round, check): (RoundId, SpotCheckId) = (id(&round, "round")?, id(&check, "spot_check")?);
            let done = chosen("found", Found::parse(form.of("found"))).and_then(|found| {
                let position = small(&form, "position")?;
                inside.office.enter_spot_check(inside.actor, check, position, found, form.of("note")).map(|_| ())
            });
            after_spot(inside, round, done)
        })
        .await
}

fn after_spot(inside: Inside<'_>, round: RoundId, done: Result<(), Error>) -> Result<Answer, Error> {
    match done {
        Ok(()) => Ok(Answer::See(format!("/rounds/{round}/spot-checks"))),
        Err(error) => {
            let (status, text) = said(error, inside.language)?;
            Answer::refused(status, &spot_page(inside, round, Some(text))?)
        }
    }
}
