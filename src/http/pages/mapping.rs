//! A file whose columns somebody has to point out: what it looks like, and what was pointed out.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Inside, Visit, id, said};
use super::view::frame::{Choice as Offered, Place};
use super::view::mapping::{FirstRow, Heading, Mapping};
use crate::domain::id::IntakeId;
use crate::domain::intake::Column;
use crate::service::{Error, Refusal};
use crate::spreadsheet::{Choice, HeadingSurvey, SheetSurvey, Survey};
use crate::words::Words;

/// No file has more places that can be pointed out.
const PLACES: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Where {
    sheet: Option<String>,
    header_row: Option<u32>,
}

/// `GET /intakes/parked/{id}`
pub(super) async fn show(
    visit: Visit,
    parked: web::Path<String>,
    place: web::Query<Where>,
) -> Result<HttpResponse, PageError> {
    let Where { sheet, header_row } = place.into_inner();
    let choice = Choice { sheet: sheet.filter(|name| !name.is_empty()), header_row, ..Choice::default() };
    visit
        .inside(Place::Intakes, move |inside| {
            let page = page(inside, id(&parked, "upload")?, &choice, None)?;
            Answer::page(&page)
        })
        .await
}

/// `POST /intakes/parked/{id}`: fields `col_N` beside what is the same for all rows.
pub(super) async fn read(
    visit: Visit,
    parked: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, PageError> {
    let csrf = field(&form, "csrf").unwrap_or_default();
    let choice = pointed_out(&form);
    visit
        .with_form_token(&csrf)
        .inside(Place::Intakes, move |inside| {
            let parked: IntakeId = id(&parked, "upload")?;
            match inside.office.read_parked(inside.actor, parked, &choice) {
                Ok(intake) => Ok(Answer::See(format!("/intakes/{}", intake.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, parked, &choice, Some(text))?)
                }
            }
        })
        .await
}

/// `POST /intakes/parked/{id}/discard`
pub(super) async fn discard(
    visit: Visit,
    parked: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&field(&form, "csrf").unwrap_or_default())
        .inside(Place::Intakes, move |inside| {
            inside.office.discard_parked(inside.actor, id(&parked, "upload")?)?;
            Ok(Answer::See("/intakes".to_owned()))
        })
        .await
}

fn field(form: &[(String, String)], name: &str) -> Option<String> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn pointed_out(form: &[(String, String)]) -> Choice {
    let column = |code: &str| Column::ALL.iter().copied().find(|column| column.heading() == code);
    let columns =
        (0..PLACES).filter_map(|place| Some((place, column(&field(form, &format!("col_{place}"))?)?))).collect();
    Choice {
        sheet: field(form, "sheet"),
        header_row: field(form, "header_row").and_then(|row| row.parse().ok()),
        columns: Some(columns),
        village: field(form, "village"),
        sub_district: field(form, "sub_district"),
        make_ids: field(form, "make_ids").is_some(),
        ..Choice::default()
    }
}

/// The page. What was pointed out before stays chosen.
fn page(inside: Inside<'_>, id: IntakeId, choice: &Choice, error: Option<String>) -> Result<Mapping, Error> {
    let (parked, bytes) = inside.office.parked_upload(inside.actor, id)?;
    let look = |choice: &Choice, bytes| inside.office.survey_file(inside.actor, &parked.file_name, bytes, choice);
    let survey: Survey = look(choice, bytes)?;
    let chosen = choice.sheet.as_deref();
    let sheet = survey
        .sheets
        .iter()
        .find(|sheet| chosen.map_or(sheet.header_row.is_some(), |name| sheet.name == name))
        .or(survey.sheets.first())
        .ok_or(Refusal::NotFound("sheet"))?;
    let words = Words::for_language(inside.language);
    let header_row = choice.header_row.or(sheet.header_row);
    let named = survey.sheets.len() > 1 || !sheet.name.is_empty();
    let guessed_id = sheet.headings.iter().any(|heading| heading.guess == Some(Column::SourceId));
    Ok(Mapping {
        id: id.to_string(),
        file_name: parked.file_name,
        error,
        sheets: survey
            .sheets
            .iter()
            .filter(|_| named)
            .map(|one| Offered { chosen: one.name == sheet.name, ..Offered::new(one.name.as_str(), one.name.as_str()) })
            .collect(),
        sheet: sheet.name.clone(),
        first_rows: first_rows(sheet, header_row),
        header_row,
        headings: sheet.headings.iter().map(|one| heading(one, choice, words)).collect(),
        village: choice.village.clone().or_else(|| sheet.village.clone()).unwrap_or_default(),
        sub_district: choice.sub_district.clone().or_else(|| sheet.sub_district.clone()).unwrap_or_default(),
        make_ids: if choice.columns.is_some() { choice.make_ids } else { !guessed_id },
        frame: inside.frame,
    })
}

fn first_rows(sheet: &SheetSurvey, header_row: Option<u32>) -> Vec<FirstRow> {
    sheet
        .first_rows
        .iter()
        .map(|row| FirstRow {
            number: row.number,
            text: row.cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" · "),
            chosen: header_row == Some(row.number),
        })
        .collect()
}

fn heading(one: &HeadingSurvey, choice: &Choice, words: Words) -> Heading {
    let before = choice.columns.as_ref().map(|columns| columns.iter().find(|(place, _)| *place == one.place));
    let chosen = match before {
        Some(pointed_out) => pointed_out.map(|(_, column)| *column),
        None => one.guess,
    };
    let unused = Offered { chosen: chosen.is_none(), ..Offered::new("", words.get("mapping-unused")) };
    let columns = Column::ALL.iter().map(|column| Offered {
        chosen: chosen == Some(*column),
        ..Offered::new(column.heading(), words.of("column", column.heading()))
    });
    Heading {
        place: one.place,
        text: one.text.clone(),
        samples: one.samples.clone(),
        columns: std::iter::once(unused).chain(columns).collect(),
        sure: one.sure,
        corrects: one.guess.filter(|_| one.corrects).map(|column| words.of("column", column.heading())),
    }
}
