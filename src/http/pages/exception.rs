//! What a household is still owed: proposed by one person, decided by another (jatah pengecualian).

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, moment, next};
use super::view::fields::Fields;
use super::view::frame::{Choice, Frame, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerField, LedgerForm, LedgerTable};
use crate::domain::exception::{NothingDue, Standing};
use crate::domain::id::{EntitlementId, ExceptionId, RoundId};
use crate::domain::role::Action;
use crate::domain::time::Zone;
use crate::refusals;
use crate::service::{Error, ExceptionView, FamilyView, NewException, Refusal};
use crate::words::Words;

/// `GET /entitlements/{id}/exceptions`
pub(super) async fn show(visit: Visit, entitlement: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let entitlement = id(&entitlement, "entitlement")?;
            Answer::page(&page(inside, entitlement, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, id: EntitlementId, error: Option<String>) -> Result<Ledger, Error> {
    let view = inside.office.exception_family(inside.actor, id)?;
    let zone = inside.agency.zone;
    let may = |action| inside.actor.role.may(action);
    let (frame, words) = (inside.frame, Words::for_language(inside.language));
    let t = |key: &str| frame.t(key);
    let mut facts = vec![
        (t("exception-household"), view.household.clone()),
        ("NIK".to_owned(), view.nik_masked.clone().unwrap_or_else(|| "–".into())),
        (t("col-point"), view.point.clone()),
        (t("field-round"), view.round.name.clone()),
    ];
    let mut notices = Vec::new();
    match &view.owed {
        Ok(owed) => {
            facts.push((t("exception-owed"), owed.labels.join("; ")));
            facts.push((t("exception-cause"), frame.of_list("exception-cause", owed.cause.as_str())));
        }
        Err(why) => notices.push((true, why_not(*why, words))),
    }
    let open = view.exceptions.iter().find(|one| one.exception.standing == Standing::Proposed);
    if let Some(open) = open {
        facts.push((t("exception-proposed"), format!("{}: {}", open.proposed_by, open.reason)));
    }
    let mut forms = Vec::new();
    match (open, &view.owed) {
        (Some(open), _) if may(Action::DecideException) && !open.own_proposal => {
            forms.extend(decision_forms(&frame, open));
        }
        (Some(_), _) => notices.push((true, t("exception-waits"))),
        (None, Ok(owed)) if may(Action::ProposeException) => {
            forms.push(proposal_form(&frame, view.first, &owed.labels));
        }
        (None, _) => {}
    }
    let mut links = Vec::new();
    if may(Action::ReadVouchers) {
        let printable = view.exceptions.iter().filter(|one| one.state.is_some_and(|state| state.is_printable()));
        for id in printable.filter_map(|one| one.exception.entitlement) {
            let href = format!("/api/v1/rounds/{}/vouchers.pdf?entitlement={id}", view.round.id);
            links.push((href, t("exception-print")));
        }
    }
    Ok(Ledger {
        title: t("exception-title"),
        back: Some((format!("/rounds/{}/exceptions", view.round.id), t("exceptions-title"))),
        what: t("exception-what"),
        error,
        notices,
        facts,
        links,
        tables: vec![rights(&frame, &view), decisions(&frame, &view.exceptions, zone)],
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

fn why_not(why: NothingDue, words: Words) -> String {
    refusals::sentence(&Refusal::NothingOwed(why), words)
}

/// The rights of the household, as they were issued.
fn rights(frame: &Frame, view: &FamilyView) -> LedgerTable {
    let t = |key: &str| frame.t(key);
    let row = |one: &crate::service::FamilyMemberView| {
        let state = if one.reversed { t("exception-reversed") } else { frame.of_list("state", one.state.as_str()) };
        vec![
            LedgerCell::text(t(if one.exception { "exception-right" } else { "exception-first" })),
            LedgerCell::text(state),
            LedgerCell::text(one.holds.join("; ")),
            LedgerCell::text(one.gave.as_ref().map_or_else(|| "–".to_owned(), |gave| gave.join("; "))),
        ]
    };
    LedgerTable {
        caption: t("exception-rights"),
        columns: vec![
            (t("exception-which"), false),
            (t("col-state"), false),
            (t("exception-holds"), false),
            (t("exception-gave"), false),
        ],
        rows: view.members.iter().map(row).collect(),
        total: Vec::new(),
    }
}

/// What was proposed and decided.
fn decisions(frame: &Frame, found: &[ExceptionView], zone: Zone) -> LedgerTable {
    let t = |key: &str| frame.t(key);
    let row = |view: &ExceptionView| {
        let one = &view.exception;
        let decided = match (&view.decided_by, one.decided) {
            (Some(by), Some((_, at))) => format!("{by}, {} {}", moment(at, zone), view.note).trim_end().to_owned(),
            _ => "–".to_owned(),
        };
        vec![
            LedgerCell::text(frame.of_list("exception-state", one.standing.as_str())),
            LedgerCell::text(view.items.join("; ")),
            LedgerCell::rupiah(one.value.minor()),
            LedgerCell::text(frame.of_list("exception-cause", one.cause.as_str())),
            LedgerCell::text(view.reason.clone()),
            LedgerCell::text(format!("{}, {}", view.proposed_by, moment(one.proposed.1, zone))),
            LedgerCell::text(decided),
        ]
    };
    LedgerTable {
        caption: t("exception-proposals"),
        columns: vec![
            (t("col-state"), false),
            (t("exception-holds"), false),
            (t("col-value"), true),
            (t("exception-cause"), false),
            (t("field-reason"), false),
            (t("exception-proposed"), false),
            (t("exception-decided"), false),
        ],
        rows: found.iter().map(row).collect(),
        total: Vec::new(),
    }
}

fn proposal_form(frame: &Frame, first: EntitlementId, owed: &[String]) -> LedgerForm {
    LedgerForm {
        title: frame.t("exception-propose"),
        hint: format!("{} {}", frame.t("exception-propose-hint"), owed.join("; ")),
        action: format!("/entitlements/{first}/exceptions"),
        fields: vec![LedgerField::new("text", "reason", frame.t("field-reason"), true)],
        button: frame.t("exception-propose"),
        ..LedgerForm::default()
    }
}

fn decision_forms(frame: &Frame, open: &ExceptionView) -> [LedgerForm; 2] {
    let form = |key: &str, hint: String, approve: &str, note_due: bool| LedgerForm {
        title: frame.t(key),
        hint,
        action: format!("/exceptions/{}/decision", open.exception.id),
        fields: vec![
            LedgerField::hidden("approve", approve),
            LedgerField::new("text", "note", frame.t("exception-note"), note_due),
        ],
        button: frame.t(key),
        ..LedgerForm::default()
    };
    [
        form(
            "exception-approve",
            format!("{} {}", frame.t("exception-approve-hint"), open.items.join("; ")),
            "yes",
            false,
        ),
        form("exception-decline", String::new(), "no", true),
    ]
}

/// `POST /entitlements/{id}/exceptions`
pub(super) async fn propose(
    visit: Visit,
    entitlement: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    let shown = entitlement.clone();
    visit
        .change(
            Place::Rounds,
            form.into_inner(),
            move |inside, form| {
                let entitlement: EntitlementId = id(&entitlement, "entitlement")?;
                let new = NewException { reason: form.of("reason").to_owned(), ..NewException::default() };
                inside.office.propose_exception(inside.actor, entitlement, &new)?;
                Ok(format!("/entitlements/{entitlement}/exceptions"))
            },
            move |inside, error| page(inside, id(&shown, "entitlement")?, Some(error)),
        )
        .await
}

/// `POST /exceptions/{id}/decision`
pub(super) async fn decide(
    visit: Visit,
    exception: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    let first = |inside: &Inside<'_>, exception: ExceptionId| -> Result<EntitlementId, Error> {
        Ok(inside.office.exception(inside.actor, exception)?.exception.first)
    };
    let shown = exception.clone();
    visit
        .change(
            Place::Rounds,
            form.into_inner(),
            move |inside, form| {
                let exception: ExceptionId = id(&exception, "exception")?;
                let first = first(inside, exception)?;
                let approve = form.of("approve") == "yes";
                inside.office.decide_exception(inside.actor, exception, approve, form.of("note"))?;
                Ok(format!("/entitlements/{first}/exceptions"))
            },
            move |inside, error| {
                let first = first(&inside, id(&shown, "exception")?)?;
                page(inside, first, Some(error))
            },
        )
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    state: String,
    after: Option<String>,
}

/// `GET /rounds/{id}/exceptions`
pub(super) async fn list(
    visit: Visit,
    round: web::Path<String>,
    filter: web::Query<Filter>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round: RoundId = id(&round, "round")?;
            let standing = Standing::parse(&filter.state);
            let begin = after(filter.after.as_deref());
            let found = inside.office.exceptions(inside.actor, round, standing, begin, Some(ROWS))?;
            let name = inside.office.round(inside.actor, round)?.0.name;
            let (frame, zone) = (inside.frame, inside.agency.zone);
            let t = |key: &str| frame.t(key);
            let mut links = Vec::new();
            if let Some(next) = next(&found, |one| one.exception.id.to_string()) {
                let state = standing.map_or("", Standing::as_str);
                links.push((format!("/rounds/{round}/exceptions?state={state}&after={next}"), t("next-page")));
            }
            let mut states = vec![Choice::new("", t("ledger-all"))];
            states.extend(Standing::ALL.map(|one| Choice {
                chosen: Some(one) == standing,
                value: one.as_str().to_owned(),
                label: frame.of_list("exception-state", one.as_str()),
            }));
            let rows = found
                .into_iter()
                .map(|view| {
                    let one = view.exception;
                    vec![
                        LedgerCell::text(view.household).to(format!("/entitlements/{}/exceptions", one.first)),
                        LedgerCell::text(frame.of_list("exception-state", one.standing.as_str())),
                        LedgerCell::text(view.point),
                        LedgerCell::text(view.items.join("; ")),
                        LedgerCell::text(frame.of_list("exception-cause", one.cause.as_str())),
                        LedgerCell::text(moment(one.proposed.1, zone)),
                    ]
                })
                .collect();
            Answer::page(&Ledger {
                title: t("exceptions-title"),
                back: Some((format!("/rounds/{round}"), name)),
                what: t("exception-what"),
                links,
                filters: vec![frame.choose("state", "col-state", &states, false)],
                tables: vec![LedgerTable {
                    caption: t("exceptions-title"),
                    columns: vec![
                        (t("exception-household"), false),
                        (t("col-state"), false),
                        (t("col-point"), false),
                        (t("exception-holds"), false),
                        (t("exception-cause"), false),
                        (t("exception-proposed"), false),
                    ],
                    rows,
                    total: Vec::new(),
                }],
                frame: frame.clone(),
                ..Ledger::default()
            })
        })
        .await
}
