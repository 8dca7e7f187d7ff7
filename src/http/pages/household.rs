//! Households, masked.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, ROWS, Visit, after, next};
use super::view::frame::Place;
use super::view::household::{HouseholdRow, Households};

#[derive(Debug, Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// `GET /households`
pub(super) async fn list(visit: Visit, search: web::Query<Search>) -> Result<HttpResponse, PageError> {
    let Search { q, after: begin } = search.into_inner();
    visit
        .inside(Place::Households, move |inside| {
            let q = q.trim().to_owned();
            let found = inside.office.households(inside.actor, Some(&q), after(begin.as_deref()), Some(ROWS))?;
            let ids: Vec<_> = found.iter().map(|one| one.id).collect();
            let mut points = inside.office.points_of_households(inside.actor, &ids)?;
            Answer::page(&Households {
                q,
                next: next(&found, |one| one.id.to_string()),
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
