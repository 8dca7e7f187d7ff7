//! Devices.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, moment, next, said};
use super::view::device::{DeviceRow, Devices, Invitation};
use super::view::frame::{Choice, Place};
use crate::domain::lease::brake::Brake;
use crate::domain::role::Action;
use crate::service::{Error, NewEnrolment};

/// Which page of a list is wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    pub(super) after: Option<String>,
}

/// `GET /devices`
pub(super) async fn list(visit: Visit, paging: web::Query<Paging>) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Devices, move |inside| Answer::page(&page(inside, paging.after.as_deref(), None, None)?)).await
}

fn page(
    inside: Inside<'_>,
    begin: Option<&str>,
    error: Option<String>,
    enrolment: Option<Invitation>,
) -> Result<Devices, Error> {
    let found = inside.office.devices(inside.actor, after(begin), Some(ROWS))?;
    let points = inside.office.points(inside.actor)?;
    let named: HashMap<_, _> = points.iter().map(|point| (point.id, point)).collect();
    let zone = inside.agency.zone;
    Ok(Devices {
        next: next(&found, |device| device.id.to_string()),
        rows: found
            .into_iter()
            .map(|device| DeviceRow {
                point: named
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
        may_enrol: inside.actor.role.may(Action::ManageDevices),
        points: points
            .iter()
            .map(|point| Choice::new(point.id.to_string(), format!("{} · {}", point.code, point.name)))
            .collect(),
        error,
        enrolment,
        frame: inside.frame,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct EnrolmentForm {
    csrf: String,
    name: String,
    point: String,
}

/// `POST /devices`. The code is in the answer and in no address, so the page is shown at once; loading it anew
/// makes another invitation, which harms nobody.
pub(super) async fn invite(visit: Visit, form: web::Form<EnrolmentForm>) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visit
        .with_form_token(&form.csrf.clone())
        .inside(Place::Devices, move |inside| {
            let made = id(&form.point, "point").and_then(|point| {
                let new = NewEnrolment { name: form.name.clone(), point, brake: Brake::default() };
                inside.office.create_enrolment(inside.actor, &new)
            });
            match made {
                Ok(made) => {
                    let zone = inside.agency.zone;
                    let invitation = Invitation {
                        qr: picture(&made.text),
                        name: made.name,
                        code: made.code.to_string(),
                        code_until: moment(made.code_expires_at, zone),
                        until: moment(made.expires_at, zone),
                    };
                    Answer::page(&page(inside, None, None, Some(invitation))?)
                }
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, None, Some(text), None)?)
                }
            }
        })
        .await
}

/// A QR as an image in a page; empty when the text is too long for one.
pub(in crate::http) fn picture(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build();
    format!("data:image/svg+xml;base64,{}", data_encoding::BASE64.encode(drawn.as_bytes()))
}

/// Signs in groups of four, which is how people compare them.
pub(super) fn in_fours(signs: &str) -> String {
    let signs: Vec<char> = signs.chars().collect();
    signs.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
