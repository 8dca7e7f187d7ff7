//! A new package, or the next version of one: typed line by line, added up, saved.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::form::plain;
use super::shell::{Answer, Inside, Visit, id, said};
use super::view::fields::Fields;
use super::view::frame::Place;
use super::view::package::{Line, PackageForm};
use crate::domain::id::{PackageId, ProgrammeId};
use crate::domain::money::{Money, grouped};
use crate::domain::package::{Item, PackageFault, Unit};
use crate::service::{Error, NewPackage, Refusal};

/// How many empty lines a form offers.
const EMPTY: usize = 3;
/// How many lines a form has at least.
const LEAST: usize = 6;

#[derive(Debug, Deserialize)]
pub(super) struct From {
    from: Option<String>,
}

/// `GET /programmes/{id}/package`, with `from` for the next version of one that is there.
pub(super) async fn form(
    visit: Visit,
    programme: web::Path<String>,
    from: web::Query<From>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Programmes, move |inside| {
            let programme = id(&programme, "programme")?;
            let typed = match &from.from {
                None => Typed::default(),
                Some(from) => Typed::copy(&inside, id(from, "package")?)?,
            };
            Answer::page(&typed.page(inside, programme, None)?)
        })
        .await
}

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    code: String,
    name: String,
    lines: Vec<Line>,
}

impl Typed {
    fn copy(inside: &Inside<'_>, from: PackageId) -> Result<Self, Error> {
        let package = inside.office.package(inside.actor, from)?;
        let line = |item: Item| Line {
            packs: grouped(item.quantity / item.pack_size.max(1)),
            pack_size: grouped(item.pack_size),
            price: grouped(item.pack_price_minor.minor()),
            unit: item.unit.as_str().to_owned(),
            code: item.code,
            name: item.name,
            pack_name: item.pack_name,
            amount: None,
        };
        Ok(Self { code: package.code, name: package.name, lines: package.items.into_iter().map(line).collect() })
    }

    fn of(form: &Fields) -> Self {
        let columns = ["code", "name", "unit", "packs", "pack_name", "pack_size", "price"];
        let [code, name, unit, packs, pack_name, pack_size, price] =
            columns.map(|column| form.all(column).map(str::to_owned).collect::<Vec<_>>());
        let at = |column: &[String], place: usize| column.get(place).cloned().unwrap_or_default();
        let lines = (0..code.len()).map(|place| Line {
            code: at(&code, place),
            name: at(&name, place),
            unit: at(&unit, place),
            packs: at(&packs, place),
            pack_name: at(&pack_name, place),
            pack_size: at(&pack_size, place),
            price: at(&price, place),
            amount: None,
        });
        let used = lines.filter(|line| !(line.code.is_empty() && line.name.is_empty() && line.price.is_empty()));
        Self {
            code: form.of("package_code").to_owned(),
            name: form.of("package_name").to_owned(),
            lines: used.collect(),
        }
    }

    fn page(self, inside: Inside<'_>, programme: ProgrammeId, error: Option<String>) -> Result<PackageForm, Error> {
        let found = inside.office.programme(inside.actor, programme)?;
        let versions = inside.office.packages(inside.actor, Some(programme))?;
        let newest = versions.iter().filter(|one| one.code == self.code).map(|one| one.version).max();
        let mut lines = self.lines;
        for line in &mut lines {
            line.amount = item(line).ok().and_then(|item| item.amount().ok()).map(Money::minor);
        }
        let sum = lines.iter().filter_map(|line| line.amount).fold(0_i64, i64::saturating_add);
        lines.resize_with((lines.len() + EMPTY).max(LEAST), Line::default);
        Ok(PackageForm {
            programme: programme.to_string(),
            programme_name: found.name,
            code: self.code,
            name: self.name,
            version: i64::from(newest.unwrap_or(0)) + 1,
            lines,
            sum,
            error,
            frame: inside.frame,
        })
    }

    fn wanted(&self, programme: ProgrammeId) -> Result<NewPackage, Error> {
        Ok(NewPackage {
            programme,
            code: self.code.clone(),
            name: self.name.clone(),
            items: self.lines.iter().map(item).collect::<Result<_, _>>()?,
        })
    }
}

/// The item of a line as typed: so many packs of so much.
fn item(line: &Line) -> Result<Item, Error> {
    let number = |field, text| {
        plain(text)
            .ok_or_else(|| Error::from(Refusal::Invalid { field, why: format!("{}: a whole number", line.name) }))
    };
    let unit = Unit::parse(&line.unit);
    let pack_size = number("pack_size", &line.pack_size)?;
    let dear = || Error::from(Refusal::Package(PackageFault::TooDear));
    Ok(Item {
        code: line.code.clone(),
        name: line.name.clone(),
        unit: unit.ok_or(Refusal::Invalid { field: "unit", why: "choose one of the list".into() })?,
        quantity: number("packs", &line.packs)?.checked_mul(pack_size).ok_or_else(dear)?,
        pack_name: line.pack_name.clone(),
        pack_size,
        pack_price_minor: Money::new(number("price", &line.price)?).map_err(|_| dear())?,
    })
}

/// `POST /programmes/{id}/package`: adds up, or saves.
pub(super) async fn save(
    visit: Visit,
    programme: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Programmes, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            let typed = Typed::of(&form);
            if form.of("do") != "save" {
                return Answer::refused(StatusCode::OK, &typed.page(inside, programme, None)?);
            }
            match typed.wanted(programme).and_then(|new| inside.office.create_package(inside.actor, &new)) {
                Ok(_) => Ok(Answer::See(format!("/programmes/{programme}#packages"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &typed.page(inside, programme, Some(text))?)
                }
            }
        })
        .await
}
