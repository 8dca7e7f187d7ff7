//! Cases: listed, opened, followed up.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::form::{chosen, count, filled};
use super::saved::saved_views;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, moment, next, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Frame, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerField, LedgerForm, LedgerTable};
use crate::domain::case::{CaseKind, CaseState, CaseStep, Outcome, Posting};
use crate::domain::id::{CaseId, RoundId};
use crate::domain::money::grouped;
use crate::domain::programme::{Point, Round};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::service::{CaseFilter, CaseView, Error, NewCase, NewCaseStep};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    round: String,
    #[serde(default)]
    closed: String,
    after: Option<String>,
}

/// `GET /cases`
pub(super) async fn list(visit: Visit, filter: web::Query<Filter>) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Cases, move |inside| Answer::page(&list_page(inside, &filter, None, None)?)).await
}

fn list_page(
    inside: Inside<'_>,
    filter: &Filter,
    error: Option<String>,
    typed: Option<&Fields>,
) -> Result<Ledger, Error> {
    let zone = inside.agency.zone;
    let wanted = CaseFilter {
        kind: CaseKind::parse(&filter.kind),
        round: after(Some(&filter.round)),
        unclosed: filter.closed != "yes",
        state: None,
    };
    let found = inside.office.cases(inside.actor, &wanted, after(filter.after.as_deref()), Some(ROWS))?;
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let mut links =
        vec![("/cases".to_owned(), t("ledger-cases-open")), ("/cases?closed=yes".to_owned(), t("ledger-cases-all"))];
    if let Some(next) = next(&found, |one| one.case.id.to_string()) {
        let (kind, round, closed) = (&filter.kind, &filter.round, &filter.closed);
        links.push((format!("/cases?kind={kind}&round={round}&closed={closed}&after={next}"), t("next-page")));
    }
    let rows = found
        .into_iter()
        .map(|view| {
            vec![
                LedgerCell::text(view.case.reference()).to(format!("/cases/{}", view.case.id)),
                LedgerCell::text(frame.of_list("case-kind", view.case.kind.as_str())),
                LedgerCell::text(frame.of_list("case-state", view.case.state.as_str())),
                LedgerCell::text(view.point.unwrap_or_default()),
                LedgerCell::text(view.detail),
                LedgerCell::text(view.owner.unwrap_or_default()),
                LedgerCell::text(moment(view.case.opened_at, zone)),
                LedgerCell::count(view.age_days),
            ]
        })
        .collect();
    let rounds = inside.office.rounds(inside.actor, None)?;
    let forms = if inside.actor.role.may(Action::OpenCase) {
        let points = inside.office.points(inside.actor)?;
        vec![report_form(&frame, typed, &rounds, &points, inside.office.now())]
    } else {
        Vec::new()
    };
    let here = format!("/cases?kind={}&round={}&closed={}", filter.kind, round_id(filter), filter.closed);
    let saved = saved_views(inside.office, inside.actor, "cases", here)?;
    let filters = filters(&frame, filter, rounds);
    Ok(Ledger {
        title: t("ledger-cases"),
        what: t("ledger-cases-what"),
        error,
        links,
        filters,
        saved,
        tables: vec![LedgerTable {
            caption: t("ledger-cases"),
            columns: vec![
                (t("ledger-reference"), false),
                (t("ledger-kind"), false),
                (t("col-state"), false),
                (t("col-point"), false),
                (t("ledger-detail"), false),
                (t("ledger-owner"), false),
                (t("ledger-opened"), false),
                (t("ledger-age"), true),
            ],
            rows,
            total: Vec::new(),
        }],
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

/// The round of a filter, if it is the id of one: nothing else goes into an address.
fn round_id(filter: &Filter) -> String {
    after::<RoundId>(Some(&filter.round)).map_or_else(String::new, |round| round.to_string())
}

fn filters(frame: &Frame, filter: &Filter, rounds: Vec<Round>) -> Vec<LedgerField> {
    let one_of = |value: String, label: String, now: &str| Choice { chosen: value == now, value, label };
    let all = || Choice::new("", frame.t("ledger-all"));
    let mut kinds = vec![all()];
    kinds.extend(
        CaseKind::ALL
            .map(|kind| one_of(kind.as_str().to_owned(), frame.of_list("case-kind", kind.as_str()), &filter.kind)),
    );
    let mut of_rounds = vec![all()];
    of_rounds.extend(rounds.into_iter().map(|one| one_of(one.id.to_string(), one.name, &filter.round)));
    let closed = [("", "ledger-cases-open"), ("yes", "ledger-cases-all")]
        .map(|(value, key)| one_of(value.to_owned(), frame.t(key), &filter.closed));
    vec![
        frame.choose("kind", "ledger-kind", &kinds, false),
        frame.choose("round", "field-round", &of_rounds, false),
        frame.choose("closed", "col-state", &closed, false),
    ]
}

/// The form to report something. It happened in the round that is open, unless somebody says otherwise: a case of no
/// round stands in no round's close by itself.
fn report_form(
    frame: &Frame,
    typed: Option<&Fields>,
    rounds: &[Round],
    points: &[Point],
    now: Timestamp,
) -> LedgerForm {
    let kinds = CaseKind::ALL.map(|kind| Choice::new(kind.as_str(), frame.of_list("case-kind", kind.as_str())));
    let mut of_rounds: Vec<Choice> =
        rounds.iter().map(|one| Choice::new(one.id.to_string(), one.name.clone())).collect();
    of_rounds.push(Choice::new("", frame.t("ledger-no-round")));
    let mut of_points = vec![Choice::new("", frame.t("ledger-no-point"))];
    of_points.extend(points.iter().map(|one| Choice::new(one.id.to_string(), format!("{} · {}", one.code, one.name))));
    let open = rounds.iter().rfind(|one| one.issued_at.is_some() && one.opens_at <= now && now < one.closes_at);
    let open = open.map(|one| one.id.to_string()).unwrap_or_default();
    let stood = |name: &str| typed.map_or("", |typed| typed.of(name)).to_owned();
    let round = typed.map_or(open, |typed| typed.of("round").to_owned());
    LedgerForm {
        title: frame.t("ledger-report"),
        hint: frame.t("ledger-report-hint"),
        action: "/cases".to_owned(),
        fields: vec![
            frame.choose("kind", "ledger-kind", &kinds, true).holding(&stood("kind")),
            frame.choose("round", "field-round", &of_rounds, false).holding(&round),
            frame.choose("point", "col-point", &of_points, false).holding(&stood("point")),
            frame.field("text", "detail", "ledger-detail", true).holding(&stood("detail")),
            frame.field("text", "evidence", "ledger-evidence", false).holding(&stood("evidence")),
        ],
        button: frame.t("ledger-report"),
        ..LedgerForm::default()
    }
}

/// Whom a field names, if it names one.
fn named<T: std::str::FromStr>(form: &Fields, name: &str, what: &'static str) -> Result<Option<T>, Error> {
    filled(form.of(name)).map(|text| id(&text, what)).transpose()
}

/// `POST /cases`
pub(super) async fn report(visit: Visit, form: web::Form<Fields>) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Cases, move |inside| {
            let done = chosen("kind", CaseKind::parse(form.of("kind"))).and_then(|kind| {
                let new = NewCase {
                    kind,
                    key: None,
                    round: named(&form, "round", "round")?,
                    point: named(&form, "point", "point")?,
                    entitlement: None,
                    device: None,
                    detail: form.of("detail").to_owned(),
                    evidence: form.of("evidence").to_owned(),
                };
                inside.office.report_case(inside.actor, &new)
            });
            match done {
                Ok(case) if inside.actor.role.may(Action::ReadCases) => Ok(Answer::See(format!("/cases/{case}"))),
                Ok(_) => Ok(Answer::See("/".to_owned())),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &list_page(inside, &Filter::default(), Some(text), Some(&form))?)
                }
            }
        })
        .await
}

/// `GET /cases/{id}`
pub(super) async fn show(visit: Visit, case: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Cases, move |inside| {
            let case = id(&case, "case")?;
            Answer::page(&page(inside, case, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, id: CaseId, error: Option<String>) -> Result<Ledger, Error> {
    let zone = inside.agency.zone;
    let view = inside.office.case(inside.actor, id)?;
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let case = &view.case;
    let mut facts = vec![
        (t("ledger-kind"), frame.of_list("case-kind", case.kind.as_str())),
        (t("col-state"), frame.of_list("case-state", case.state.as_str())),
        (t("ledger-opened"), moment(case.opened_at, zone)),
        (t("ledger-age"), grouped(view.age_days)),
        (t("col-point"), view.point.clone().unwrap_or_else(|| "–".into())),
        (t("ledger-owner"), view.owner.clone().unwrap_or_else(|| "–".into())),
        (t("ledger-opened-by"), view.opened_by.clone().unwrap_or_else(|| t("ledger-system"))),
        (t("col-household"), view.household.clone().unwrap_or_else(|| "–".into())),
        (t("ledger-detail"), view.detail.clone()),
        (t("ledger-evidence"), case.evidence.clone()),
    ];
    if let Some(outcome) = case.outcome {
        facts.push((t("ledger-outcome"), frame.of_list("case-outcome", outcome.as_str())));
        facts.push((t("ledger-loss"), format!("Rp{}", grouped(case.posting.loss_minor))));
        facts.push((t("ledger-extra"), grouped(case.posting.extra_packages)));
    }
    let rows = view
        .steps
        .iter()
        .map(|(step, text, by, at)| {
            vec![
                LedgerCell::text(moment(*at, zone)),
                LedgerCell::text(frame.of_list("case-step", step)),
                LedgerCell::text(text.clone()),
                LedgerCell::text(by.clone().unwrap_or_else(|| t("ledger-system"))),
            ]
        })
        .collect();
    let may = |action| inside.actor.role.may(action);
    let forms = step_forms(&frame, &view, may(Action::DecideCase), may(Action::PostCase));
    Ok(Ledger {
        title: format!("{} {}", t("ledger-case"), case.reference()),
        links: case
            .entitlement
            .filter(|_| may(Action::ReadExceptions))
            .map(|one| (format!("/entitlements/{one}/exceptions"), t("exceptions-title")))
            .into_iter()
            .chain(
                view.handout.filter(|_| may(Action::ReadRedemptions)).map(|(id, number)| {
                    (format!("/redemptions/{id}/receipt"), format!("{} {number}", t("receipt-title")))
                }),
            )
            .collect(),
        back: Some(("/cases".to_owned(), t("ledger-cases"))),
        error,
        facts,
        tables: vec![LedgerTable {
            caption: t("ledger-steps"),
            columns: vec![
                (t("col-day"), false),
                (t("ledger-step"), false),
                (t("ledger-text"), false),
                (t("ledger-by"), false),
            ],
            rows,
            total: Vec::new(),
        }],
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

/// The forms of the steps that can follow, for this person.
fn step_forms(frame: &Frame, view: &CaseView, may_decide: bool, may_post: bool) -> Vec<LedgerForm> {
    let state = view.case.state;
    CaseStep::ALL
        .into_iter()
        .filter(|step| state.after(*step).is_some())
        .filter(|step| if *step == CaseStep::Close { may_post } else { may_decide })
        .filter(|step| !(*step == CaseStep::Agree && view.own_proposal))
        .map(|step| {
            let mut fields = vec![LedgerField::hidden("step", step.as_str())];
            if step == CaseStep::Propose {
                let outcomes =
                    Outcome::ALL.map(|one| Choice::new(one.as_str(), frame.of_list("case-outcome", one.as_str())));
                fields.push(LedgerField::select("outcome", frame.t("ledger-outcome"), outcomes.to_vec(), true));
                fields.push(LedgerField::new("number", "loss", frame.t("ledger-loss"), false));
                fields.push(LedgerField::new("number", "extra", frame.t("ledger-extra"), false));
            }
            if !matches!(step, CaseStep::Take | CaseStep::Agree) {
                let key = if step == CaseStep::Propose { "ledger-reason" } else { "ledger-text" };
                fields.push(LedgerField::new("text", "text", frame.t(key), true));
            }
            LedgerForm {
                title: frame.of_list("case-step", step.as_str()),
                action: format!("/cases/{}/steps", view.case.id),
                fields,
                button: frame.of_list("case-step", step.as_str()),
                ..LedgerForm::default()
            }
        })
        .collect()
}

/// `POST /cases/{id}/steps`
pub(super) async fn step(
    visit: Visit,
    case: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Cases, move |inside| {
            let case: CaseId = id(&case, "case")?;
            let done = read_step(&form).and_then(|new| inside.office.step_case(inside.actor, case, &new));
            match done {
                Ok(CaseState::Open | CaseState::Proposed | CaseState::Decided | CaseState::Closed) => {
                    Ok(Answer::See(format!("/cases/{case}")))
                }
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, case, Some(text))?)
                }
            }
        })
        .await
}

fn read_step(form: &Fields) -> Result<NewCaseStep, Error> {
    Ok(NewCaseStep {
        step: chosen("step", CaseStep::parse(form.of("step")))?,
        text: form.of("text").to_owned(),
        outcome: Outcome::parse(form.of("outcome")),
        posting: Posting {
            loss_minor: count(form, "loss", "loss_minor")?,
            extra_packages: count(form, "extra", "extra_packages")?,
        },
    })
}
