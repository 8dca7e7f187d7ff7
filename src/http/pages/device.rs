//! Devices.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, ROWS, Visit, after, moment, next};
use super::view::device::{DeviceRow, Devices};
use super::view::frame::Place;

/// Which page of a list is wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    pub(super) after: Option<String>,
}

/// `GET /devices`
pub(super) async fn list(visit: Visit, paging: web::Query<Paging>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Devices, move |inside| {
            let found = inside.office.devices(inside.actor, after(paging.after.as_deref()), Some(ROWS))?;
            let points: HashMap<_, _> =
                inside.office.points(inside.actor)?.into_iter().map(|point| (point.id, point)).collect();
            let zone = inside.agency.zone;
            Answer::page(&Devices {
                next: next(&found, |device| device.id.to_string()),
                rows: found
                    .into_iter()
                    .map(|device| DeviceRow {
                        point: points
                            .get(&device.point)
                            .map(|point| format!("{} · {}", point.code, point.name))
                            .unwrap_or_default(),
                        // A device is not bound to a person: whoever signs in at its point takes it.
                        operator: None,
                        key_mark: in_fours(&device.kid),
                        last_seen: device.last_contact_at.map(|at| moment(at, zone)),
                        active: device.revoked_at.is_none(),
                        name: device.name,
                    })
                    .collect(),
                frame: inside.frame,
            })
        })
        .await
}

/// Signs in groups of four, which is how people compare them.
pub(super) fn in_fours(signs: &str) -> String {
    let signs: Vec<char> = signs.chars().collect();
    signs.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
