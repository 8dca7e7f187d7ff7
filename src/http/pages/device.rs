//! Devices: the list with what is at stake, one device with its history, inviting, revoking and giving up.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, moment, next};
use super::view::device::{Device, DeviceRow, Devices, Finding, Invitation, Missing, Recovery};
use super::view::fields::Fields;
use super::view::frame::Place;
use crate::domain::lease::brake::Brake;
use crate::domain::lease::office::{Keeper, Standing};
use crate::domain::role::Action;
use crate::pdf::qr;
use crate::service::{DeviceSheet, Error, NewEnrolment, Refusal};
use crate::token::KeyId;

/// Which page of a list is wanted, and for how many hours a device must have been silent to count.
#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    pub(super) after: Option<String>,
    silent_hours: Option<u32>,
}

/// How long a device is silent before its leases are counted, where nobody says.
const SILENT_HOURS: u32 = 12;

/// The state of a device as one word of the list `device-state`.
const fn state(sheet: &DeviceSheet) -> &'static str {
    match sheet.device.standing() {
        Standing::WrittenOff => "written_off",
        Standing::Revoked => "revoked",
        Standing::Active if sheet.device.forked => "forked",
        Standing::Active => "active",
    }
}

fn row(sheet: &DeviceSheet, inside: &Inside<'_>) -> DeviceRow {
    let device = &sheet.device;
    DeviceRow {
        id: device.id.to_string(),
        number: format!("{:03}", device.number),
        name: device.name.clone(),
        point: format!("{} · {}", sheet.point.0, sheet.point.1),
        itself: device.keeper == Keeper::Itself,
        key_mark: in_fours(&KeyId::from_bytes(device.kid).to_string()),
        last_seen: device.last_contact_at.map(|at| moment(at, inside.agency.zone)),
        state: state(sheet),
        owes_answer: sheet.owes_answer,
        unsynced: device.unsynced(),
        leases: i64::try_from(sheet.out.packages).unwrap_or(i64::MAX),
        value: sheet.out.value.to_string(),
    }
}

/// What stands above every page of devices while the server waits for some of them.
fn recovery(inside: &Inside<'_>) -> Result<Option<Recovery>, Error> {
    let view = inside.office.recovery(inside.actor)?;
    if !view.recovering {
        return Ok(None);
    }
    Ok(Some(Recovery {
        epoch: i64::from(view.epoch),
        missing: i64::from(view.missing),
        behind: view.behind,
        devices: view
            .devices
            .into_iter()
            .map(|one| Missing {
                id: one.device.id.to_string(),
                name: format!("{:03} {}", one.device.number, one.device.name),
                point: one.point,
                leases: i64::try_from(one.leases).unwrap_or(i64::MAX),
                free: one.free,
            })
            .collect(),
    }))
}

/// `GET /devices`
pub(super) async fn list(visit: Visit, paging: web::Query<Paging>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Devices, move |inside| {
            let found = inside.office.device_sheets(inside.actor, after(paging.after.as_deref()), Some(ROWS))?;
            let hours = paging.silent_hours.unwrap_or(SILENT_HOURS).min(10_000);
            let exposed = inside.office.exposure(inside.actor, hours)?;
            let may_manage = inside.actor.role.may(Action::ManageDevices);
            let points = if may_manage { inside.office.points(inside.actor)? } else { Vec::new() };
            Answer::page(&Devices {
                next: next(&found, |sheet| sheet.device.id.to_string()),
                rows: found.iter().map(|sheet| row(sheet, &inside)).collect(),
                recovery: recovery(&inside)?,
                silent_hours: i64::from(hours),
                exposed: i64::try_from(exposed.total.packages).unwrap_or(i64::MAX),
                exposed_value: exposed.total.value.to_string(),
                points: points
                    .into_iter()
                    .map(|point| (point.id.to_string(), format!("{} · {}", point.code, point.name)))
                    .collect(),
                may_manage,
                frame: inside.frame,
            })
        })
        .await
}

/// `GET /devices/{id}`
pub(super) async fn show(visit: Visit, device: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Devices, move |inside| {
            let id = id(&device, "device")?;
            let sheet = inside.office.device_sheet(inside.actor, id)?;
            let (findings, conflicts) = inside.office.device_findings(inside.actor, id)?;
            let zone = inside.agency.zone;
            let mut lines: Vec<Finding> = findings
                .into_iter()
                .map(|one| Finding {
                    at: moment(one.at, zone),
                    kind: one.kind,
                    seq: one.seq.map(|seq| seq.to_string()),
                    entitlement: one.entitlement.map(|one| one.to_string()),
                })
                .collect();
            lines.extend(conflicts.into_iter().map(|one| Finding {
                at: moment(one.received_at, zone),
                kind: "conflict".into(),
                seq: Some(one.seq.to_string()),
                entitlement: Some(one.entitlement.to_string()),
            }));
            let most = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
            let asked = sheet.write_off.clone();
            let standing = sheet.device.standing();
            let itself = sheet.device.keeper == Keeper::Itself;
            Answer::page(&Device {
                row: row(&sheet, &inside),
                tier: sheet.device.tier.clone(),
                enrolled: moment(sheet.device.created_at, zone),
                highest: sheet.device.highest.max(sheet.device.seq),
                received: if itself { sheet.device.received } else { sheet.device.seq },
                brake_packages: most(sheet.device.brake.packages),
                brake_hours: most(sheet.device.brake.hours),
                findings: lines,
                may_manage: inside.actor.role.may(Action::ManageDevices),
                may_revoke: standing == Standing::Active,
                may_give_up: itself && standing != Standing::WrittenOff,
                asked: asked
                    .as_ref()
                    .map(|one| (one.asked_by_name.clone(), moment(one.asked_at, zone), one.reason.clone())),
                may_agree: asked.as_ref().is_some_and(|one| !one.agreed && one.asked_by != inside.actor.user),
                unresolved: asked.and_then(|one| one.unresolved),
                recovery: recovery(&inside)?,
                frame: inside.frame,
            })
        })
        .await
}

/// A whole number that may be left out.
fn number(form: &Fields, field: &'static str) -> Result<Option<u32>, Error> {
    let text = form.of(field).trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Refusal::Invalid { field, why: "a whole number, or nothing".into() };
    text.parse().map(Some).map_err(|_| wrong().into())
}

/// `POST /devices`: invites a device, and shows its QR this once.
pub(super) async fn invite(visit: Visit, form: web::Form<Fields>) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(form.of("csrf"))
        .inside(Place::Devices, move |inside| {
            let new = NewEnrolment {
                name: form.of("name").to_owned(),
                point: id(form.of("point"), "point")?,
                brake: Brake { packages: number(&form, "packages")?, hours: number(&form, "hours")? },
            };
            let made = inside.office.create_enrolment(inside.actor, &new)?;
            let picture = qr::svg(&made.text).map_err(|fault| Error::Broken(fault.to_string()))?;
            let zone = inside.agency.zone;
            Answer::page(&Invitation {
                name: made.name,
                code: made.code.to_string(),
                picture,
                code_until: moment(made.code_expires_at, zone),
                until: moment(made.expires_at, zone),
                frame: inside.frame,
            })
        })
        .await
}

/// `POST /devices/{id}/revoke`
pub(super) async fn revoke(
    visit: Visit,
    device: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    act(visit, device, &form, |inside, id| inside.office.revoke_device(inside.actor, id)).await
}

/// `POST /devices/{id}/brake`
pub(super) async fn brake(
    visit: Visit,
    device: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    let fields = form.clone();
    act(visit, device, &form, move |inside, id| {
        let brake = Brake { packages: number(&fields, "packages")?, hours: number(&fields, "hours")? };
        inside.office.set_brake(inside.actor, id, brake)
    })
    .await
}

/// `POST /devices/{id}/write-off`
pub(super) async fn ask_write_off(
    visit: Visit,
    device: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    let reason = form.of("reason").to_owned();
    act(visit, device, &form, move |inside, id| inside.office.ask_write_off(inside.actor, id, &reason).map(drop)).await
}

/// `POST /devices/{id}/write-off/agree`
pub(super) async fn agree_write_off(
    visit: Visit,
    device: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    act(visit, device, &form, |inside, id| inside.office.agree_write_off(inside.actor, id).map(drop)).await
}

/// Does something about a device and goes back to its page.
async fn act(
    visit: Visit,
    device: web::Path<String>,
    form: &Fields,
    f: impl FnOnce(&Inside<'_>, crate::domain::id::DeviceId) -> Result<(), Error> + Send + 'static,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(form.of("csrf"))
        .inside(Place::Devices, move |inside| {
            let id: crate::domain::id::DeviceId = id(&device, "device")?;
            f(&inside, id)?;
            Ok(Answer::See(format!("/devices/{id}")))
        })
        .await
}

/// Signs in groups of four, which is how people compare them.
pub(super) fn in_fours(signs: &str) -> String {
    let signs: Vec<char> = signs.chars().collect();
    signs.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
