//! Decrees, the versions of the list that they fixed, and what changed between two.

use actix_web::{HttpResponse, web};
use jiff::civil::Date;
use serde::Deserialize;

use super::fault::PageError;
use super::round::ConfirmForm;
use super::shell::{Answer, Inside, ROWS, Sent, Visit, id, moment, said};
use super::verval::tabs;
use super::view::frame::Place;
use super::view::list::{ChangeRow, DifferencePage, ListLine, ListPage, Lists, MemberRow};
use crate::domain::id::{ListId, ProgrammeId};
use crate::domain::role::Action;
use crate::domain::time::plain_date;
use crate::service::{DifferenceLine, Error, ListView, Refusal};

/// How many rows of a part of a difference stand on the page.
const CHANGES: usize = 200;

fn line(inside: &Inside<'_>, list: &ListView, before: Option<(i64, String)>) -> ListLine {
    ListLine {
        id: list.id.to_string(),
        number: list.number.into(),
        decree_no: list.decree_no.clone(),
        decree_date: plain_date(list.decree_date, inside.language),
        households: list.households,
        fixed: format!("{}, {}", list.fixed_by, moment(list.fixed_at, inside.agency.zone)),
        before,
    }
}

/// The version before one, among those of its programme, newest first.
fn before(all: &[ListView], number: i32) -> Option<(i64, String)> {
    all.iter().find(|list| list.number < number).map(|list| (list.number.into(), list.id.to_string()))
}

fn page(inside: Inside<'_>, programme: ProgrammeId, error: Option<String>) -> Result<Lists, Error> {
    let found = inside.office.lists(inside.actor, programme)?;
    let standing = inside.office.list_standing(inside.actor, programme)?;
    Ok(Lists {
        tabs: tabs(&inside, programme, "lists")?,
        rows: found.iter().map(|list| line(&inside, list, before(&found, list.number))).collect(),
        may_fix: inside.actor.role.may(Action::FixList),
        approved: standing.approved,
        undecided: standing.undecided,
        suspicions: standing.open_suspicions,
        error,
        frame: inside.frame,
    })
}

/// `GET /programmes/{id}/lists`
pub(super) async fn versions(visit: Visit, programme: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Verval, move |inside| Answer::page(&page(inside, id(&programme, "programme")?, None)?)).await
}

#[derive(Debug, Deserialize)]
pub(super) struct FixForm {
    csrf: String,
    #[serde(default)]
    decree_no: String,
    #[serde(default)]
    decree_date: String,
    #[serde(default)]
    confirm: String,
}

/// A date as a browser sends it.
pub(super) fn date(field: &'static str, text: &str) -> Result<Date, Error> {
    text.parse().map_err(|_| Refusal::Invalid { field, why: "a date such as 2026-11-24".into() }.into())
}

/// `POST /programmes/{id}/lists`
pub(super) async fn fix(
    visit: Visit,
    programme: web::Path<String>,
    form: Sent<FixForm>,
) -> Result<HttpResponse, PageError> {
    let visit = visit.with_form(&form.fields);
    let FixForm { csrf, decree_no, decree_date, confirm } = form.into_inner();
    let confirm = ConfirmForm { csrf, confirm };
    visit
        .inside(Place::Verval, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            confirm.confirmed()?;
            let fixed = date("decree_date", &decree_date)
                .and_then(|date| inside.office.fix_list(inside.actor, programme, &decree_no, date));
            match fixed {
                Ok(list) => Ok(Answer::See(format!("/lists/{}", list.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, programme, Some(text))?)
                }
            }
        })
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct Behind {
    after: Option<i64>,
}

/// `GET /lists/{id}`
pub(super) async fn show(
    visit: Visit,
    list: web::Path<String>,
    behind: web::Query<Behind>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Verval, move |inside| {
            let list: ListId = id(&list, "list")?;
            let (found, places) = inside.office.list(inside.actor, list)?;
            let skip = behind.after.unwrap_or(0).max(0);
            let members = inside.office.list_members(inside.actor, list, skip, Some(ROWS))?;
            let shown = i64::try_from(members.len()).unwrap_or(ROWS);
            let all = inside.office.lists(inside.actor, found.programme)?;
            Answer::page(&ListPage {
                tabs: tabs(&inside, found.programme, "lists")?,
                list: line(&inside, &found, before(&all, found.number)),
                places,
                next: (skip + shown < found.households && shown > 0).then(|| (skip + shown).to_string()),
                rows: (skip + 1..)
                    .zip(members)
                    .map(|(number, one)| MemberRow {
                        number,
                        name: one.name,
                        source_id: one.source_id,
                        nik_masked: one.nik_masked.unwrap_or_else(|| "–".into()),
                        place: one.place,
                        decile: one.decile.map_or_else(|| "–".into(), |decile| decile.to_string()),
                        categories: one.categories,
                        point: one.point.unwrap_or_else(|| "–".into()),
                    })
                    .collect(),
                frame: inside.frame,
            })
        })
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct Against {
    #[serde(default)]
    from: String,
}

fn change(inside: &Inside<'_>, one: DifferenceLine) -> ChangeRow {
    let dash = || "–".to_owned();
    let words = inside.frame.words;
    let decision = one.decision.as_ref().map(|decision| {
        let reason = decision.reason.map(|reason| format!(": {}", words.of("reason", reason.as_str())));
        format!(
            "{}{} – {}, {}",
            words.of("standing", decision.standing.as_str()),
            reason.unwrap_or_default(),
            decision.by,
            moment(decision.at, inside.agency.zone)
        )
    });
    ChangeRow {
        name: one.name,
        source_id: one.source_id,
        nik_masked: one.nik_masked.unwrap_or_else(dash),
        place: one.place,
        before: one.point_before.unwrap_or_else(dash),
        after: one.point.unwrap_or_else(dash),
        decision: decision.unwrap_or_else(dash),
        evidence: one.decision.map(|decision| decision.evidence).unwrap_or_default(),
    }
}

/// `GET /lists/{id}/difference`
pub(super) async fn compare(
    visit: Visit,
    list: web::Path<String>,
    against: web::Query<Against>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Verval, move |inside| {
            let (to, from): (ListId, ListId) = (id(&list, "list")?, id(&against.from, "list")?);
            let found = inside.office.list_difference(inside.actor, to, from)?;
            let kept = found.kept();
            let parts = [("added", found.added), ("removed", found.removed), ("moved", found.moved)];
            Answer::page(&DifferencePage {
                tabs: tabs(&inside, found.to.programme, "lists")?,
                from: line(&inside, &found.from, None),
                to: line(&inside, &found.to, None),
                kept,
                parts: parts
                    .into_iter()
                    .map(|(code, lines)| {
                        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
                        let rows = lines.into_iter().take(CHANGES).map(|one| change(&inside, one)).collect();
                        (code, count, rows)
                    })
                    .collect(),
                shown: i64::try_from(CHANGES).unwrap_or(i64::MAX),
                frame: inside.frame,
            })
        })
        .await
}
