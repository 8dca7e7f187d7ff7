//! The close of periods.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::shell::{Answer, Inside, Visit, id, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerField, LedgerForm, LedgerTable};
use crate::domain::closing::ClosingState;
use crate::domain::id::{ClosingId, RoundId};
use crate::domain::money::grouped;
use crate::domain::role::Action;
use crate::service::{Error, NewClosing, Refusal};

fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// `GET /rounds/{id}/closings`
pub(super) async fn list(visit: Visit, round: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            Answer::page(&list_page(inside, round, None)?)
        })
        .await
}

fn list_page(inside: Inside<'_>, round: RoundId, error: Option<String>) -> Result<Ledger, Error> {
    let found = inside.office.closings(inside.actor, Some(round), None, Some(500))?;
    let sheet = inside.office.round_sheet(inside.actor, round)?;
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let rows = found
        .iter()
        .map(|one| {
            vec![
                LedgerCell::text(one.number.clone()).to(format!("/closings/{}", one.id)),
                LedgerCell::text(one.point.clone().unwrap_or_else(|| t("documents-all-points"))),
                LedgerCell::text(one.day.clone().unwrap_or_default()),
                LedgerCell::text(frame.of_list("closing-state", one.state.as_str())),
                LedgerCell::count(one.figures.vouchers.redeemed),
                LedgerCell::rupiah(one.figures.cash.realised_minor),
                LedgerCell::count(i64::try_from(one.differences.len()).unwrap_or(0)),
                LedgerCell::text(one.made_by.clone()),
                LedgerCell::text(one.signed_by.clone().unwrap_or_default()),
            ]
        })
        .collect();
    let mut points = vec![Choice::new("", t("documents-all-points"))];
    points.extend(
        sheet
            .points
            .into_iter()
            .map(|point| Choice::new(point.code.clone(), format!("{} · {}", point.code, point.name))),
    );
    let forms = if inside.actor.role.may(Action::ClosePeriod) {
        vec![
            LedgerForm {
                title: t("ledger-close"),
                hint: t("ledger-close-hint"),
                action: format!("/rounds/{round}/closings"),
                fields: vec![
                    LedgerField::select("point", t("col-point"), points, false),
                    LedgerField::new("date", "day", t("col-day"), false),
                    LedgerField::new("text", "reason", t("ledger-reason"), false),
                ],
                button: t("ledger-close"),
                upload: false,
            },
            LedgerForm {
                title: t("ledger-patterns"),
                hint: t("ledger-patterns-hint"),
                action: format!("/rounds/{round}/pattern-checks"),
                button: t("ledger-patterns"),
                ..LedgerForm::default()
            },
        ]
    } else {
        Vec::new()
    };
    Ok(Ledger {
        title: format!("{} {}", t("ledger-closings"), sheet.round.name),
        back: Some((format!("/rounds/{round}"), sheet.round.name)),
        what: t("ledger-closings-what"),
        error,
        tables: vec![LedgerTable {
            caption: t("ledger-closings"),
            columns: vec![
                (t("ledger-number"), false),
                (t("col-point"), false),
                (t("col-day"), false),
                (t("col-state"), false),
                (t("collected"), true),
                (t("realised"), true),
                (t("ledger-differences"), true),
                (t("ledger-by"), false),
                (t("ledger-signed"), false),
            ],
            rows,
            total: Vec::new(),
        }],
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

/// `POST /rounds/{id}/closings`
pub(super) async fn close(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(form.of("csrf"))
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let new = NewClosing {
                point: filled(form.of("point")),
                day: filled(form.of("day")),
                reason: form.of("reason").to_owned(),
            };
            match inside.office.close_period(inside.actor, round, &new) {
                Ok(made) => Ok(Answer::See(format!("/closings/{}", made.id))),
                Err(error) => refused(inside, round, error),
            }
        })
        .await
}

fn refused(inside: Inside<'_>, round: RoundId, error: Error) -> Result<Answer, Error> {
    let (status, text) = said(error, inside.language)?;
    Answer::refused(status, &list_page(inside, round, Some(text))?)
}

/// `POST /rounds/{id}/pattern-checks`
pub(super) async fn patterns(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(form.of("csrf"))
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            match inside.office.check_patterns(inside.actor, round) {
                Ok(_) => Ok(Answer::See(format!("/cases?round={round}"))),
                Err(error) => refused(inside, round, error),
            }
        })
        .await
}

/// `GET /closings/{id}`
pub(super) async fn show(visit: Visit, closing: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let closing = id(&closing, "closing")?;
            Answer::page(&page(inside, closing, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, id: ClosingId, error: Option<String>) -> Result<Ledger, Error> {
    let one = inside.office.closing(inside.actor, id)?;
    let may_close = inside.actor.role.may(Action::ClosePeriod);
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let v = &one.figures.vouchers;
    let cash = &one.figures.cash;
    let rupiah = |minor: i64| format!("Rp{}", grouped(minor));
    let table = |caption: String, columns: Vec<(String, bool)>, rows: Vec<Vec<LedgerCell>>| LedgerTable {
        caption,
        columns,
        rows,
        total: Vec::new(),
    };
    let tables = vec![
        table(
            t("ledger-differences"),
            vec![
                (t("ledger-what"), false),
                (t("col-item"), false),
                (t("ledger-expected"), true),
                (t("ledger-found"), true),
            ],
            one.differences
                .iter()
                .map(|difference| {
                    vec![
                        LedgerCell::text(frame.of_list("difference", &difference.code)),
                        LedgerCell::text(difference.item.clone().unwrap_or_default()),
                        LedgerCell::count(difference.expected),
                        LedgerCell::count(difference.found),
                    ]
                })
                .collect(),
        ),
        table(
            t("states-caption"),
            vec![(t("col-state"), false), (t("col-count"), true)],
            [
                ("redeemed", v.redeemed),
                ("available", v.available),
                ("leased", v.leased),
                ("unresolved", v.unresolved),
                ("revoked", v.revoked),
                ("expired", v.expired),
            ]
            .into_iter()
            .map(|(state, count)| vec![LedgerCell::text(frame.of_list("state", state)), LedgerCell::count(count)])
            .collect(),
        ),
        table(
            t("items-caption"),
            vec![
                (t("col-item"), false),
                (t("ledger-received"), true),
                (t("ledger-corrected"), true),
                (t("col-handed-over"), true),
                (t("ledger-damaged"), true),
                (t("ledger-lost"), true),
                (t("ledger-returned"), true),
                (t("ledger-moved"), true),
                (t("ledger-remaining"), true),
                (t("ledger-counted"), true),
            ],
            one.figures
                .goods
                .iter()
                .map(|goods| {
                    let b = goods.balance;
                    vec![
                        LedgerCell::text(goods.name.clone()),
                        LedgerCell::count(b.received),
                        LedgerCell::count(b.corrected),
                        LedgerCell::count(b.handed_over),
                        LedgerCell::count(b.damaged),
                        LedgerCell::count(b.lost),
                        LedgerCell::count(b.returned),
                        LedgerCell::count(b.moved),
                        LedgerCell::count(b.remaining),
                        goods.counted.map_or_else(|| LedgerCell::text("–"), LedgerCell::count),
                    ]
                })
                .collect(),
        ),
        table(
            t("ledger-uncollected"),
            vec![(t("absence-reason"), false), (t("col-count"), true)],
            one.figures
                .uncollected
                .iter()
                .map(|(reason, count)| vec![LedgerCell::text(reason.clone()), LedgerCell::count(*count)])
                .collect(),
        ),
        table(
            t("ledger-late"),
            vec![
                (t("ledger-number"), false),
                (t("ledger-scanned"), false),
                (t("ledger-arrived"), false),
                (t("col-value"), true),
            ],
            one.figures
                .late
                .iter()
                .map(|late| {
                    vec![
                        LedgerCell::text(late.number.clone()),
                        LedgerCell::text(late.scanned_at.clone()),
                        LedgerCell::text(late.received_at.clone()),
                        LedgerCell::rupiah(late.value_minor),
                    ]
                })
                .collect(),
        ),
    ];
    let mut forms = Vec::new();
    if may_close && one.state == ClosingState::AwaitingSignature && !one.own {
        forms.push(LedgerForm {
            title: t("ledger-sign"),
            hint: t("ledger-sign-hint"),
            action: format!("/closings/{id}/sign"),
            button: t("ledger-sign"),
            ..LedgerForm::default()
        });
    }
    if may_close && one.state == ClosingState::Closed && one.addendum_no == 0 {
        forms.push(LedgerForm {
            title: t("ledger-addendum"),
            hint: t("ledger-addendum-hint"),
            action: format!("/closings/{id}/addenda"),
            button: t("ledger-addendum"),
            ..LedgerForm::default()
        });
    }
    Ok(Ledger {
        title: format!("{} {}", t("ledger-closing"), one.number),
        back: Some((format!("/rounds/{}/closings", one.round_id), t("ledger-closings"))),
        error,
        facts: vec![
            (t("col-state"), frame.of_list("closing-state", one.state.as_str())),
            (t("col-point"), one.point.clone().unwrap_or_else(|| t("documents-all-points"))),
            (t("col-day"), one.day.clone().unwrap_or_else(|| "–".to_owned())),
            (t("documents-cut-off"), one.cut_off.clone()),
            (t("issued"), grouped(v.issued)),
            (t("realised"), rupiah(cash.realised_minor)),
            (t("by-proxy"), grouped(one.figures.by_proxy)),
            (t("ledger-delivered"), rupiah(cash.delivered_minor)),
            (t("ledger-invoiced"), rupiah(cash.invoiced_minor)),
            (t("ledger-financial"), rupiah(cash.paid_minor)),
            (t("ledger-reason"), one.reason.clone()),
            (t("ledger-by"), one.made_by.clone()),
            (t("ledger-signed"), one.signed_by.clone().unwrap_or_else(|| "–".to_owned())),
            (t("documents-hash"), one.hash.get(..16).unwrap_or_default().to_owned()),
        ],
        tables,
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

/// `POST /closings/{id}/sign` and `POST /closings/{id}/addenda`
pub(super) async fn further(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(form.of("csrf"))
        .inside(Place::Rounds, move |inside| {
            let (closing, what) = path.into_inner();
            let closing: ClosingId = id(&closing, "closing")?;
            let done = match what.as_str() {
                "sign" => inside.office.sign_closing(inside.actor, closing),
                "addenda" => inside.office.add_addendum(inside.actor, closing),
                _ => Err(Refusal::NotFound("closing").into()),
            };
            match done {
                Ok(made) => Ok(Answer::See(format!("/closings/{}", made.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, closing, Some(text))?)
                }
            }
        })
        .await
}
