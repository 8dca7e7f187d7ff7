//! The official list of villages, and what was confirmed about spellings.

use std::collections::BTreeMap;

use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::intake::read_upload;
use super::shell::{Answer, Inside, Visit, said};
use super::view::frame::Place;
use super::view::place::{AliasLine, Places, SubDistrictLine};
use crate::domain::role::Action;
use crate::service::{Error, PAGE_MAX, Refusal};
use crate::words::Words;

/// `GET /places`
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Intakes, move |inside| Answer::page(&page(inside, None, None)?)).await
}

fn page(inside: Inside<'_>, error: Option<String>, removes: Option<i64>) -> Result<Places, Error> {
    let mut lines: BTreeMap<String, SubDistrictLine> = BTreeMap::new();
    let mut after: Option<String> = None;
    loop {
        let villages = inside.office.places(inside.actor, after.as_deref(), Some(PAGE_MAX))?;
        let Some(last) = villages.last() else { break };
        after = Some(last.code.clone());
        for village in villages {
            let code = village.sub_district_code().to_owned();
            let line = lines.entry(code.clone()).or_insert_with(|| SubDistrictLine {
                code,
                name: village.sub_district.clone(),
                count: 0,
                villages: Vec::new(),
            });
            line.count += 1;
            let end = village.code.rsplit('.').next().unwrap_or_default();
            line.villages.push(format!("{} ({end})", village.name));
        }
    }
    let words = Words::for_language(inside.language);
    let aliases = inside.office.place_aliases(inside.actor)?.into_iter().map(|alias| AliasLine {
        sub_district: alias.sub_district,
        village: alias.village,
        means: format!("{} ({})", alias.means.unwrap_or_else(|| words.get("aliases-gone")), alias.code),
        confirmed_by: alias.confirmed_by,
    });
    Ok(Places {
        may_manage: inside.actor.role.may(Action::ManagePlaces),
        error,
        removes,
        sub_districts: lines.into_values().collect(),
        aliases: aliases.collect(),
        frame: inside.frame,
    })
}

/// `POST /places`
pub(super) async fn load(request: HttpRequest, visit: Visit, parts: Multipart) -> Result<HttpResponse, PageError> {
    let (visit, upload) = read_upload(&request, visit, parts, Action::ManagePlaces).await?;
    let (name, bytes) = upload.file.unwrap_or_default();
    let removing = upload.removes.parse().ok();
    visit
        .inside(Place::Intakes, move |inside| match inside.office.load_places(inside.actor, &name, bytes, removing) {
            Ok(_) => Ok(Answer::See("/places".to_owned())),
            Err(error) => {
                let removes = match &error {
                    Error::Refused(refusal) => match **refusal {
                        Refusal::WouldRemove { count, .. } => i64::try_from(count).ok(),
                        _ => None,
                    },
                    _ => None,
                };
                let (status, text) = said(error, inside.language)?;
                Answer::refused(status, &page(inside, Some(text), removes)?)
            }
        })
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct Forget {
    csrf: String,
    sub_district: String,
    #[serde(default)]
    village: String,
}

/// `POST /places/aliases/forget`
pub(super) async fn forget(visit: Visit, form: web::Form<Forget>) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Intakes, move |inside| {
            inside.office.forget_alias(inside.actor, &form.sub_district, &form.village)?;
            Ok(Answer::See("/places".to_owned()))
        })
        .await
}
