//! Rounds: the list, one round, and issuing it.

use actix_web::{HttpResponse, web};
use jiff::civil::Date;
use serde::Deserialize;

use super::fault::PageError;
use super::pause::pauses;
use super::shell::{Answer, Inside, Visit, id, moment};
use super::view::frame::Place;
use super::view::home::RoundCard;
use super::view::round::{BudgetFigures, Round, RoundPoint, Rounds};
use crate::domain::budget::Budget;
use crate::domain::id::RoundId;
use crate::domain::package::Item;
use crate::domain::pause::Subject;
use crate::domain::programme;
use crate::domain::role::Action;
use crate::domain::time::{Language, Timestamp, Zone, plain_date};
use crate::service::{Error, Phase, Refusal, RoundOverview};
use crate::words::{Value, Words};

/// `GET /rounds`
pub(super) async fn list(visit: Visit) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, |inside| {
            let found = inside.office.round_overviews(inside.actor)?;
            Answer::page(&Rounds {
                rows: found.into_iter().map(|round| card(round, inside.agency.zone, inside.language)).collect(),
                may_reconcile: inside.actor.role.may(Action::ReadReconciliation),
                next: None,
                frame: inside.frame,
            })
        })
        .await
}

/// By which number the books of a round were closed, and up to when they count.
pub(super) fn closed_words(closed: Option<&(String, Timestamp)>, zone: Zone, language: Language) -> Option<String> {
    let (number, at) = closed?;
    let values = [("number", Value::from(number.as_str())), ("moment", Value::from(moment(*at, zone)))];
    Some(Words::for_language(language).with("round-books-closed", &values))
}

/// The code of a round's state: that its books are closed says more than that its window runs on.
fn state_of(phase: Phase, closed: bool) -> String {
    if closed { "sealed".to_owned() } else { phase.as_str().to_owned() }
}

/// A round at a glance.
pub(super) fn card(found: RoundOverview, zone: Zone, language: Language) -> RoundCard {
    RoundCard {
        closed: closed_words(found.closed.as_ref(), zone, language),
        id: found.round.id.to_string(),
        window: window(&found.round, zone, language),
        name: found.round.name,
        programme: found.programme,
        state: state_of(found.phase, found.closed.is_some()),
        issued: found.issued,
        redeemed: found.redeemed,
    }
}

/// From when to when, in days: `1–20 Desember 2026`. The moment of closing belongs to the round no more.
fn window(round: &programme::Round, zone: Zone, language: Language) -> String {
    let first = round.opens_at.date(zone);
    let last = round.closes_at.plus_millis(-1).date(zone);
    let month = |day: Date| (day.year(), day.month());
    if first == last {
        plain_date(first, language)
    } else if month(first) == month(last) {
        format!("{}–{}", first.day(), plain_date(last, language))
    } else {
        format!("{} – {}", plain_date(first, language), plain_date(last, language))
    }
}

/// The budget in minor units.
pub(super) fn figures(budget: &Budget) -> BudgetFigures {
    BudgetFigures {
        ceiling: budget.ceiling.minor(),
        committed: budget.committed.minor(),
        realised: budget.realised.minor(),
        remaining: budget.remaining().unwrap_or_default().minor(),
    }
}

/// `GET /rounds/{id}`
pub(super) async fn show(visit: Visit, round: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Rounds, move |inside| Answer::page(&page(inside, id(&round, "round")?)?)).await
}

fn page(inside: Inside<'_>, id: RoundId) -> Result<Round, Error> {
    let sheet = inside.office.round_sheet(inside.actor, id)?;
    let round = sheet.round.id;
    let windows = inside.office.windows(inside.actor, round)?;
    let (zone, now) = (inside.agency.zone, inside.office.now());
    let own = |point| {
        let own = windows.iter().find(|one| one.point == point)?.window;
        Some(format!("{} – {}", moment(own.opens_at, zone), moment(own.closes_at, zone)))
    };
    let role = inside.actor.role;
    Ok(Round {
        id: sheet.round.id.to_string(),
        window: window(&sheet.round, inside.agency.zone, inside.language),
        name: sheet.round.name,
        programme: sheet.programme.name,
        account_code: sheet.programme.account_code,
        state: state_of(sheet.phase, sheet.closed.is_some()),
        closed: closed_words(sheet.closed.as_ref(), zone, inside.language),
        items: sheet.package.items.iter().map(Item::label).collect(),
        package_value: sheet.package.value.minor(),
        budget: figures(&sheet.budget),
        waiting: sheet.waiting,
        waiting_value: sheet.waiting_value.map_or(i64::MAX, |value| value.minor()),
        may_issue: role.may(Action::Issue),
        may_end: role.may(Action::ClosePeriod)
            && sheet.points.iter().any(|point| point.open > 0)
            && (now >= sheet.round.closes_at || windows.iter().any(|one| now >= one.window.closes_at)),
        may_print: role.may(Action::ReadVouchers),
        may_reconcile: role.may(Action::ReadReconciliation),
        books: [
            (Action::ReadReconciliation, "dashboard", "ledger-dashboard"),
            (Action::ReadExceptions, "exceptions", "exceptions-title"),
            (Action::ReadStock, "stock", "ledger-stock"),
            (Action::ReadClosings, "closings", "ledger-closings"),
            (Action::ReadSpotChecks, "spot-checks", "ledger-spot-checks"),
        ]
        .into_iter()
        .filter(|(action, ..)| role.may(*action))
        .map(|(_, path, key)| (format!("/rounds/{}/{path}", sheet.round.id), key))
        .collect(),
        points: sheet
            .points
            .into_iter()
            .map(|point| RoundPoint {
                id: point.id.to_string(),
                window: own(point.id),
                paused: point.paused,
                code: point.code,
                name: point.name,
                issued: point.issued,
                redeemed: point.redeemed,
                open: point.open,
            })
            .collect(),
        programme_id: sheet.programme.id.to_string(),
        pauses: pauses(&inside, Subject::Round(round), format!("/rounds/{round}"))?,
        programme_paused: sheet.programme.paused_reason,
        may_see_households: role.may(Action::ReadHouseholds),
        may_see_documents: role.may(Action::ReadDocuments),
        may_see_custody: role.may(Action::ReadCustody),
        frame: inside.frame,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct ConfirmForm {
    pub(super) csrf: String,
    #[serde(default)]
    pub(super) confirm: String,
}

impl ConfirmForm {
    /// Refuses a form whose box was not ticked; a browser does so itself.
    pub(super) fn confirmed(&self) -> Result<(), Refusal> {
        let yes = self.confirm == "yes";
        if yes { Ok(()) } else { Err(Refusal::Invalid { field: "confirm", why: "the box has to be ticked".into() }) }
    }
}

/// `POST /rounds/{id}/issue`
pub(super) async fn issue(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<ConfirmForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Rounds, move |inside| {
            form.confirmed()?;
            let round: RoundId = id(&round, "round")?;
            inside.office.issue(inside.actor, round, &|_, _| {})?;
            Ok(Answer::See(format!("/rounds/{round}")))
        })
        .await
}

/// `POST /rounds/{id}/expire`: ends what nobody came for at every point whose window is over.
pub(super) async fn end(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<ConfirmForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Rounds, move |mut inside| {
            form.confirmed()?;
            let round: RoundId = id(&round, "round")?;
            let ended = inside.office.expire_round(inside.actor, round)?;
            let counts = [("expired", ended.expired), ("out", ended.out), ("open", ended.open)];
            let counts = counts.map(|(name, count)| (name, Value::from(count)));
            inside.frame.notice = Some(inside.frame.words.with("round-ended", &counts));
            Answer::page(&page(inside, round)?)
        })
        .await
}
