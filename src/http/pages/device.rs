//! Devices: the list with what is at stake, one device with its history, inviting, revoking and giving up.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::intake::read_upload;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, moment, next, said};
use super::view::device::{Device, DeviceRow, Devices, Finding, Invitation, Missing, Practice, Recovery};
use super::view::fields::Fields;
use super::view::frame::Place;
use crate::domain::lease::brake::Brake;
use crate::domain::lease::office::{Keeper, Standing};
use crate::domain::role::Action;
use crate::pdf::qr;
use crate::service::{DeviceSheet, Error, NewEnrolment, Refusal};
use crate::token::KeyId;
use crate::words::{Value, Words};

/// Which page of a list is wanted, and for how many hours a device must have been silent to count.
#[derive(Debug, Default, Deserialize)]
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
    visit.inside(Place::Devices, move |inside| Answer::page(&listed(inside, &paging, None, None)?)).await
}

fn listed(inside: Inside<'_>, paging: &Paging, said: Option<String>, error: Option<String>) -> Result<Devices, Error> {
    let found = inside.office.device_sheets(inside.actor, after(paging.after.as_deref()), Some(ROWS))?;
    let hours = paging.silent_hours.unwrap_or(SILENT_HOURS).min(10_000);
    let exposed = inside.office.exposure(inside.actor, hours)?;
    let may_manage = inside.actor.role.may(Action::ManageDevices);
    let points = if may_manage { inside.office.points(inside.actor)? } else { Vec::new() };
    Ok(Devices {
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
        said,
        error,
        frame: inside.frame,
    })
}

/// `POST /devices/journals`: takes in the file into which a device wrote its journal.
pub(super) async fn take_journal(
    request: HttpRequest,
    visit: Visit,
    parts: Multipart,
) -> Result<HttpResponse, PageError> {
    let (visit, upload) = read_upload(&request, visit, parts, Action::ManageDevices).await?;
    let (_, bytes) = upload.file.unwrap_or_default();
    visit
        .inside(Place::Devices, move |inside| {
            let language = inside.language;
            match inside.office.take_journal(inside.actor, &bytes) {
                Ok(runs) => {
                    let count = |answers: &[&str]| {
                        runs.iter().filter(|run| answers.contains(&run.answer)).map(|run| run.count as u64).sum::<u64>()
                    };
                    let values = [
                        ("taken", count(&["taken", "settled"])),
                        ("known", count(&["known"])),
                        ("conflicts", count(&["conflict"])),
                        ("bad", count(&["bad"])),
                    ]
                    .map(|(name, number)| (name, Value::from(number)));
                    let text = Words::for_language(language).with("receipts-taken", &values);
                    Answer::page(&listed(inside, &Paging::default(), Some(text), None)?)
                }
                Err(error) => {
                    let stranger =
                        matches!(&error, Error::Refused(refusal) if matches!(**refusal, Refusal::NotFound(_)));
                    let words = Words::for_language(language);
                    let (status, text) = if stranger {
                        (StatusCode::UNPROCESSABLE_ENTITY.into(), words.get("journal-stranger"))
                    } else {
                        let (status, text) = said(error, language)?;
                        (status, format!("{} {text}", words.get("journal-refused")))
                    };
                    Answer::refused(status, &listed(inside, &Paging::default(), None, Some(text))?)
                }
            }
        })
        .await
}

/// How many practice vouchers a sheet has: as many as the scanner has lessons.
const LESSONS: i64 = 9;

/// `GET /practice`: practice vouchers to print. Their text is no voucher to any reader, so they can never count.
pub(super) async fn practice(visit: Visit) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Home, move |inside| {
            let lesson = |number: i64| -> Result<(i64, String), Error> {
                let picture =
                    qr::svg(&format!("LATIHAN:{number}")).map_err(|fault| Error::Broken(fault.to_string()))?;
                Ok((number, picture))
            };
            let lessons = (1..=LESSONS).map(lesson).collect::<Result<_, _>>()?;
            Answer::page(&Practice { lessons, frame: inside.frame })
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
pub(super) async fn invite(
    request: HttpRequest,
    visit: Visit,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    let address = visit.state.address_for(&request).unwrap_or_default();
    visit
        .with_form(&form)
        .inside(Place::Devices, move |inside| {
            let new = NewEnrolment {
                name: form.of("name").to_owned(),
                point: id(form.of("point"), "point")?,
                brake: Brake { packages: number(&form, "packages")?, hours: number(&form, "hours")? },
            };
            let made = inside.office.create_enrolment(inside.actor, &new)?;
            let text = if made.text.starts_with('/') { format!("{address}{}", made.text) } else { made.text };
            let picture = qr::svg(&text).map_err(|fault| Error::Broken(fault.to_string()))?;
            let zone = inside.agency.zone;
            Answer::page(&Invitation {
                doubt: doubt(&text),
                address: text.split('#').next().unwrap_or_default().to_owned(),
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

/// Why a phone would not get far with this address: `local` to this computer, `plain` HTTP, or nothing.
fn doubt(address: &str) -> Option<&'static str> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", ""));
    let host = rest.split('/').next().unwrap_or_default();
    let name = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    if name.is_empty() || name == "localhost" || name.starts_with("127.") || host.starts_with("[::1]") {
        return Some("local");
    }
    (scheme != "https").then_some("plain")
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
        .with_form(form)
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

#[cfg(test)]
mod tests {
    use super::doubt;

    #[test]
    fn an_address_that_leads_a_phone_nowhere_is_doubted() {
        let of = |address: &str| doubt(&format!("{address}/scanner/#enrol=X"));
        assert_eq!(of("https://salur.example.go.id"), None);
        assert_eq!(of("https://192.168.1.10:8443"), None);
        assert_eq!(of("http://192.168.1.10:8080"), Some("plain"));
        for here in ["http://localhost:8080", "https://127.0.0.1", "http://[::1]:8080", ""] {
            assert_eq!(of(here), Some("local"), "{here}");
        }
    }
}
