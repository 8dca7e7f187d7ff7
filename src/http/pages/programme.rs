//! Programmes: the list with budgets, one programme, and revisions of its ceiling.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::form::{day, maybe_day, rupiah};
use super::pause::pauses;
use super::round::{card, figures};
use super::shell::{Answer, Inside, Visit, id, moment, said};
use super::view::fields::Fields;
use super::view::frame::Place;
use super::view::programme::{PackageRow, Programme, ProgrammeRow, Programmes, RevisionRow, SetupStep};
use crate::domain::id::ProgrammeId;
use crate::domain::package::Item;
use crate::domain::pause::Subject;
use crate::domain::role::{Action, Role};
use crate::domain::time::plain_date;
use crate::service::{Error, NewProgramme, NewRevision, Setup};

/// `GET /programmes`
pub(super) async fn list(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Programmes, |inside| Answer::page(&programmes(inside, None, Fields::default())?)).await
}

/// The programmes that this person may see, with their budgets.
pub(super) fn rows(inside: &Inside<'_>) -> Result<Vec<ProgrammeRow>, Error> {
    let found = inside.office.programme_budgets(inside.actor)?;
    Ok(found
        .into_iter()
        .map(|(programme, budget)| ProgrammeRow {
            id: programme.id.to_string(),
            code: programme.code,
            name: programme.name,
            paused: programme.paused_reason.is_some(),
            budget: figures(&budget),
        })
        .collect())
}

fn programmes(inside: Inside<'_>, error: Option<String>, typed: Fields) -> Result<Programmes, Error> {
    Ok(Programmes {
        rows: rows(&inside)?,
        may_create: inside.actor.role.may(Action::ManageProgrammes),
        error,
        typed,
        frame: inside.frame,
    })
}

fn wanted(form: &Fields) -> Result<NewProgramme, Error> {
    let text = |name| form.of(name).to_owned();
    Ok(NewProgramme {
        code: text("code"),
        name: text("name"),
        account_code: text("account_code"),
        account_name: text("account_name"),
        decree_no: text("decree_no"),
        decree_date: maybe_day(form, "decree_date")?,
        currency: None,
        ceiling: rupiah(form, "ceiling")?,
    })
}

/// `POST /programmes`
pub(super) async fn create(visit: Visit, form: web::Form<Fields>) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visit
        .with_form(&form)
        .inside(Place::Programmes, move |inside| {
            match wanted(&form).and_then(|new| inside.office.create_programme(inside.actor, &new)) {
                Ok(made) => Ok(Answer::See(format!("/programmes/{}", made.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &programmes(inside, Some(text), form)?)
                }
            }
        })
        .await
}

/// `GET /programmes/{id}`
pub(super) async fn show(visit: Visit, programme: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Programmes, move |inside| {
            let programme = id(&programme, "programme")?;
            Answer::page(&page(inside, programme, None, Fields::default())?)
        })
        .await
}

fn page(inside: Inside<'_>, id: ProgrammeId, error: Option<String>, typed: Fields) -> Result<Programme, Error> {
    let (office, actor, zone, language) = (inside.office, inside.actor, inside.agency.zone, inside.language);
    let programme = office.programme(actor, id)?;
    let mut packages = office.packages(actor, Some(id))?;
    packages.sort_by(|one, other| one.code.cmp(&other.code).then(other.version.cmp(&one.version)));
    let rounds = office.round_overviews(actor)?.into_iter().filter(|round| round.round.programme == id);
    let mut before = None;
    let revisions = office.budget_revisions(actor, id)?;
    Ok(Programme {
        id: id.to_string(),
        budget: figures(&office.budget(actor, id)?),
        path: path(id, &office.setup(actor, id)?, actor.role),
        packages: packages
            .into_iter()
            .map(|package| PackageRow {
                id: package.id.to_string(),
                items: package.items.iter().map(Item::label).collect::<Vec<_>>().join(" · "),
                value: package.value.minor(),
                version: package.version.into(),
                code: package.code,
                name: package.name,
            })
            .collect(),
        rounds: rounds.map(|round| card(round, zone, language)).collect(),
        revisions: revisions
            .into_iter()
            .map(|revision| {
                let ceiling = revision.ceiling.minor();
                let date = revision.document_date.map(|date| plain_date(date, language));
                let document = [Some(revision.document_no).filter(|number| !number.is_empty()), date];
                RevisionRow {
                    number: revision.number.into(),
                    ceiling,
                    change: before.replace(ceiling).map(|before| ceiling - before),
                    document: document.into_iter().flatten().collect::<Vec<_>>().join(", "),
                    reason: revision.reason,
                    at: moment(revision.revised_at, zone),
                }
            })
            .collect(),
        pauses: pauses(&inside, Subject::Programme(id), format!("/programmes/{id}"))?,
        may_manage: actor.role.may(Action::ManageProgrammes),
        may_place: actor.role.may(Action::Place),
        may_see_households: actor.role.may(Action::ReadHouseholds),
        error,
        typed,
        decree: {
            let date = programme.decree_date.map(|date| plain_date(date, language));
            let number = Some(programme.decree_no).filter(|number| !number.is_empty());
            [number, date].into_iter().flatten().collect::<Vec<_>>().join(", ")
        },
        code: programme.code,
        name: programme.name,
        account_code: programme.account_code,
        account_name: programme.account_name,
        frame: inside.frame,
    })
}

/// What is to be done until vouchers can be printed, by whom, and where for this person.
fn path(id: ProgrammeId, setup: &Setup, role: Role) -> Vec<SetupStep> {
    let step = |code, by: Role, count: i64, done: bool, href: String| SetupStep {
        code,
        role: by.as_str(),
        count,
        done,
        href: (role == by).then_some(href),
    };
    vec![
        step("package", Role::Admin, setup.packages, setup.packages > 0, format!("/programmes/{id}/package")),
        step("points", Role::Admin, setup.points, setup.points > 0, "/points".into()),
        step("list", Role::Registrar, setup.approved, setup.approved > 0, "/intakes".into()),
        step(
            "place",
            Role::Coordinator,
            setup.placed,
            setup.approved > 0 && setup.placed == setup.approved,
            format!("/programmes/{id}/placement"),
        ),
        step("round", Role::Admin, setup.rounds, setup.rounds > 0, format!("/programmes/{id}/round")),
        step("issue", Role::Issuer, setup.issued, setup.issued > 0, format!("/programmes/{id}#rounds")),
    ]
}

/// `POST /programmes/{id}/revisions`
pub(super) async fn revise(
    visit: Visit,
    programme: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visit
        .with_form(&form)
        .inside(Place::Programmes, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            let revised = revision(&form).and_then(|new| inside.office.revise_budget(inside.actor, programme, &new));
            match revised {
                Ok(_) => Ok(Answer::See(format!("/programmes/{programme}#revisions"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, programme, Some(text), form)?)
                }
            }
        })
        .await
}

fn revision(form: &Fields) -> Result<NewRevision, Error> {
    Ok(NewRevision {
        ceiling: rupiah(form, "ceiling")?,
        document_no: form.of("document_no").to_owned(),
        document_date: Some(day(form, "document_date")?),
        reason: form.of("reason").to_owned(),
    })
}
