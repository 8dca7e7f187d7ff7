//! Households, masked.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, ROWS, Visit, after, next};
use super::view::frame::Place;
use super::view::household::{HouseholdRow, Households};

#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    after: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct SearchForm {
    csrf: String,
    #[serde(default)]
    q: String,
}

/// `GET /households`
pub(super) async fn list(visit: Visit, query: web::Query<Paging>) -> Result<HttpResponse, PageError> {
    found(visit, String::new(), query.into_inner().after).await
}

/// `POST /households`: what is looked for may be a NIK or a name, and neither belongs into an address.
pub(super) async fn search(visit: Visit, form: web::Form<SearchForm>) -> Result<HttpResponse, PageError> {
    let SearchForm { csrf, q } = form.into_inner();
    found(visit.with_form_token(&csrf), q, None).await
}

async fn found(visit: Visit, q: String, begin: Option<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Households, move |inside| {
            let q = q.trim().to_owned();
            let found = inside.office.households(inside.actor, Some(&q), after(begin.as_deref()), Some(ROWS))?;
            let ids: Vec<_> = found.iter().map(|one| one.id).collect();
            let mut points = inside.office.points_of_households(inside.actor, &ids)?;
            Answer::page(&Households {
                next: next(&found, |one| one.id.to_string()).filter(|_| q.is_empty()),
                q,
                rows: found
                    .into_iter()
                    .map(|one| HouseholdRow {
                        source_id: one.source_id,
                        name: one.name,
                        nik_masked: one.nik_masked.unwrap_or_else(|| "–".into()),
                        address: one.place,
                        point: points.remove(&one.id).unwrap_or_else(|| "–".into()),
                    })
                    .collect(),
                total: None,
                frame: inside.frame,
            })
        })
        .await
}
