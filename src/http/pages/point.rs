//! Points: the list, a new one, one with its villages and its pauses.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::form::{maybe_small, small};
use super::pause::pauses;
use super::shell::{Answer, Inside, Visit, id, said};
use super::view::fields::Fields;
use super::view::frame::Place;
use super::view::point::{Point, PointRow, Points, VillageRow};
use crate::domain::household::fold_name;
use crate::domain::id::PointId;
use crate::domain::pause::Subject;
use crate::domain::role::Action;
use crate::service::{Error, NewPoint, PointChange};

/// `GET /points`
pub(super) async fn list(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Points, |inside| Answer::page(&points(inside, None, Fields::default())?)).await
}

fn points(inside: Inside<'_>, error: Option<String>, typed: Fields) -> Result<Points, Error> {
    let found = inside.office.point_sheets(inside.actor)?;
    Ok(Points {
        rows: found
            .into_iter()
            .map(|sheet| PointRow {
                id: sheet.point.id.to_string(),
                villages: i64::try_from(sheet.villages.len()).unwrap_or(i64::MAX),
                desks: sheet.point.desks.into(),
                session_size: sheet.point.session_size.into(),
                paused: sheet.point.paused_reason.is_some(),
                code: sheet.point.code,
                name: sheet.point.name,
                sub_district: sheet.point.sub_district,
            })
            .collect(),
        may_manage: inside.actor.role.may(Action::ManageProgrammes),
        error,
        typed,
        frame: inside.frame,
    })
}

fn wanted(form: &Fields) -> Result<NewPoint, Error> {
    Ok(NewPoint {
        code: form.of("code").to_owned(),
        name: form.of("name").to_owned(),
        sub_district: form.of("sub_district").to_owned(),
        desks: maybe_small(form, "desks")?,
        session_size: maybe_small(form, "session_size")?,
        villages: Vec::new(),
    })
}

/// `POST /points`
pub(super) async fn create(visit: Visit, form: web::Form<Fields>) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visit
        .with_form(&form)
        .inside(Place::Points, move |inside| {
            match wanted(&form).and_then(|new| inside.office.create_point(inside.actor, &new)) {
                // Its villages come next.
                Ok(made) => Ok(Answer::See(format!("/points/{}", made.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &points(inside, Some(text), form)?)
                }
            }
        })
        .await
}

/// `GET /points/{id}`
pub(super) async fn show(visit: Visit, point: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Points, move |inside| {
            let point = id(&point, "point")?;
            Answer::page(&page(inside, point, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, id: PointId, error: Option<String>) -> Result<Point, Error> {
    let sheet = inside.office.point_sheet(inside.actor, id)?;
    let near = fold_name(&sheet.point.sub_district);
    let mut villages: Vec<VillageRow> = inside
        .office
        .village_choices(inside.actor)?
        .into_iter()
        .filter(|choice| fold_name(&choice.sub_district) == near || sheet.villages.contains(&choice.code))
        .map(|choice| VillageRow {
            served: sheet.villages.contains(&choice.code),
            elsewhere: choice.served_by.filter(|code| *code != sheet.point.code),
            code: choice.code,
            name: choice.name,
        })
        .collect();
    for code in &sheet.villages {
        if !villages.iter().any(|village| village.code == *code) {
            villages.push(VillageRow { code: code.clone(), name: String::new(), served: true, elsewhere: None });
        }
    }
    Ok(Point {
        id: id.to_string(),
        pauses: pauses(&inside, Subject::Point(id), format!("/points/{id}"))?,
        desks: sheet.point.desks.to_string(),
        session_size: sheet.point.session_size.to_string(),
        code: sheet.point.code,
        name: sheet.point.name,
        sub_district: sheet.point.sub_district,
        villages,
        may_manage: inside.actor.role.may(Action::ManageProgrammes),
        error,
        frame: inside.frame,
    })
}

fn change(form: &Fields) -> Result<PointChange, Error> {
    let more = form.of("more").split([',', ';', ' ']).filter(|code| !code.is_empty());
    Ok(PointChange {
        name: Some(form.of("name").to_owned()),
        sub_district: Some(form.of("sub_district").to_owned()),
        desks: Some(small(form, "desks")?),
        session_size: Some(small(form, "session_size")?),
        villages: Some(form.all("villages").chain(more).map(str::to_owned).collect()),
    })
}

/// `POST /points/{id}`
pub(super) async fn save(
    visit: Visit,
    point: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Points, move |inside| {
            let point: PointId = id(&point, "point")?;
            match change(&form).and_then(|change| inside.office.change_point(inside.actor, point, &change)) {
                Ok(_) => Ok(Answer::See(format!("/points/{point}"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, point, Some(text))?)
                }
            }
        })
        .await
}
