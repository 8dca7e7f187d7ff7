//! Placing households: preview, write, move one; and overlap with other programmes.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::form::small;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, local, next, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Place};
use super::view::placement::{MoveForm, MoveHousehold, OverlapRow, Overlaps, Placement, SeatsRow, UnplacedRow};
use crate::domain::id::{HouseholdId, PointId, ProgrammeId};
use crate::domain::placement::Spot;
use crate::service::{Error, Move, PointSeats};

#[derive(Debug, Deserialize)]
pub(super) struct Whom {
    #[serde(default)]
    everybody: String,
}

/// `GET /programmes/{id}/placement`: what placing would come to.
pub(super) async fn preview(
    visit: Visit,
    programme: web::Path<String>,
    whom: web::Query<Whom>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Programmes, move |inside| {
            let programme = id(&programme, "programme")?;
            let everybody = whom.everybody == "yes";
            let found = inside.office.place_households(inside.actor, programme, everybody, true)?;
            Answer::page(&Placement {
                programme: programme.to_string(),
                programme_name: found.programme.name,
                everybody,
                moved: found.moved,
                stayed: found.stayed,
                by_hand: found.by_hand,
                unplaced: found.unplaced,
                named: found
                    .named
                    .into_iter()
                    .map(|one| UnplacedRow {
                        id: one.id.to_string(),
                        source_id: one.source_id,
                        name: one.name,
                        address: one.address,
                        reason: one.reason.as_str(),
                    })
                    .collect(),
                points: found.points.into_iter().map(seats).collect(),
                frame: inside.frame,
            })
        })
        .await
}

fn seats(one: PointSeats) -> SeatsRow {
    let session = |(number, desks): (i32, Vec<(i32, i64)>)| {
        let each: Vec<String> = desks.iter().map(|(_, count)| count.to_string()).collect();
        (i64::from(number), desks.iter().map(|(_, count)| count).sum(), each.join(" + "))
    };
    SeatsRow {
        code: one.point.code,
        name: one.point.name,
        households: one.households,
        sessions: one.sessions.into_iter().map(session).collect(),
    }
}

/// `POST /programmes/{id}/placement`
pub(super) async fn write(
    visit: Visit,
    programme: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Programmes, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            inside.office.place_households(inside.actor, programme, form.ticked("everybody"), false)?;
            Ok(Answer::See(format!("/programmes/{programme}/placement")))
        })
        .await
}

/// The form that moves a household, with where it is now.
pub(super) fn moving(
    inside: &Inside<'_>,
    programme: ProgrammeId,
    household: HouseholdId,
    now: Option<Spot>,
    back: String,
) -> Result<MoveForm, Error> {
    let choice = |point: crate::domain::programme::Point| Choice {
        chosen: now.is_some_and(|now| now.point == point.id),
        value: point.id.to_string(),
        label: format!("{} · {}", point.code, point.name),
    };
    Ok(MoveForm {
        programme: programme.to_string(),
        household: household.to_string(),
        back,
        points: inside.office.points(inside.actor)?.into_iter().map(choice).collect(),
        session: now.map_or(1, |now| now.session_no).to_string(),
        desk: now.map_or(1, |now| now.desk_no).to_string(),
        paper_out: now.is_some(),
    })
}

fn page(
    inside: Inside<'_>,
    (programme, household): (ProgrammeId, HouseholdId),
    error: Option<String>,
    typed: Fields,
) -> Result<MoveHousehold, Error> {
    let found = inside.office.household(inside.actor, household)?;
    let back = local(typed.of("back")).map_or_else(|| format!("/programmes/{programme}/placement"), str::to_owned);
    Ok(MoveHousehold {
        moving: moving(&inside, programme, household, None, back)?,
        name: found.name,
        address: found.place,
        error,
        typed,
        frame: inside.frame,
    })
}

/// `GET /programmes/{id}/households/{household}/place`
pub(super) async fn move_form(visit: Visit, path: web::Path<(String, String)>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Programmes, move |inside| {
            let at = (id(&path.0, "programme")?, id(&path.1, "household")?);
            Answer::page(&page(inside, at, None, Fields::default())?)
        })
        .await
}

fn wanted(form: &Fields, programme: ProgrammeId) -> Result<Move, Error> {
    let point: PointId = id(form.of("point"), "point")?;
    let spot = Spot { point, session_no: small(form, "session_no")?, desk_no: small(form, "desk_no")? };
    Ok(Move { programme, spot, reason: form.of("reason").to_owned() })
}

/// `POST /programmes/{id}/households/{household}/place`
pub(super) async fn move_one(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visit
        .with_form(&form)
        .inside(Place::Programmes, move |inside| {
            let (programme, household): (ProgrammeId, HouseholdId) =
                (id(&path.0, "programme")?, id(&path.1, "household")?);
            let moved =
                wanted(&form, programme).and_then(|to| inside.office.move_household(inside.actor, household, &to));
            match moved {
                Ok(_) => {
                    let back = local(form.of("back")).map(str::to_owned);
                    Ok(Answer::See(back.unwrap_or_else(|| format!("/programmes/{programme}/placement"))))
                }
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, (programme, household), Some(text), form)?)
                }
            }
        })
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    after: Option<String>,
}

/// `GET /programmes/{id}/overlaps`
pub(super) async fn overlaps(
    visit: Visit,
    programme: web::Path<String>,
    paging: web::Query<Paging>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Programmes, move |inside| {
            let (office, actor) = (inside.office, inside.actor);
            let programme: ProgrammeId = id(&programme, "programme")?;
            let name = office.programme(actor, programme)?.name;
            let (households, programmes) = office.overlap_counts(actor, programme)?;
            let found = office.overlaps(actor, programme, after(paging.after.as_deref()), Some(ROWS))?;
            let other = |(programme, agency): (String, String)| format!("{programme} – {agency}");
            Answer::page(&Overlaps {
                programme: programme.to_string(),
                programme_name: name,
                households,
                programmes: programmes.into_iter().map(|one| (one.programme, one.agency, one.households)).collect(),
                next: next(&found, |one| one.household.id.to_string()),
                rows: found
                    .into_iter()
                    .map(|one| OverlapRow {
                        source_id: one.household.source_id,
                        name: one.household.name,
                        nik_masked: one.household.nik_masked.unwrap_or_else(|| "–".into()),
                        address: one.household.place,
                        others: one.others.into_iter().map(other).collect(),
                    })
                    .collect(),
                frame: inside.frame,
            })
        })
        .await
}
