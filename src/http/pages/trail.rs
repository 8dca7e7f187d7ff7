//! The trail, and the report on a breach.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::{PageError, encoded};
use super::form;
use super::shell::{Answer, Inside, ROWS, Sent, Visit, after, id, moment, next, said};
use super::view::frame::{Choice, Frame, Place};
use super::view::trail::{Breach, HeldRow, Trail, TrailRow};
use crate::domain::audit::Kind;
use crate::domain::time::Zone;
use crate::service::{BreachOf, Error, TrailLine, TrailWanted};

#[derive(Debug, Default, Deserialize)]
pub(super) struct TrailQuery {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    object: String,
    after: Option<String>,
}

/// `GET /trail`
pub(super) async fn show(visit: Visit, query: web::Query<TrailQuery>) -> Result<HttpResponse, PageError> {
    let query = query.into_inner();
    visit.inside(Place::Trail, move |inside| Answer::page(&page(inside, &query, None)?)).await
}

fn page(inside: Inside<'_>, query: &TrailQuery, error: Option<String>) -> Result<Trail, Error> {
    let wanted = TrailWanted {
        kind: Kind::parse(&query.kind),
        user: query.user.parse().ok(),
        object: Some(query.object.trim().to_owned()),
        after: after(query.after.as_deref()),
        limit: Some(ROWS),
        ..TrailWanted::default()
    };
    let found = inside.office.trail(inside.actor, &wanted)?;
    let chosen = |value: &str, label: String, on: &str| Choice { chosen: value == on, ..Choice::new(value, label) };
    let people = inside.office.users(inside.actor, None, Some(500))?;
    let devices = inside.office.devices(inside.actor, None, Some(500))?;
    let rest = format!("kind={}&user={}&object={}", encoded(&query.kind), encoded(&query.user), encoded(&query.object));
    Ok(Trail {
        error,
        kinds: Kind::ALL
            .into_iter()
            .map(|kind| chosen(kind.as_str(), inside.frame.of_list("trail-kind", kind.as_str()), &query.kind))
            .collect(),
        devices: devices.into_iter().map(|one| Choice::new(one.id.to_string(), one.name)).collect(),
        people: people.into_iter().map(|one| chosen(&one.id.to_string(), one.name, &query.user)).collect(),
        object: query.object.clone(),
        next: next(&found, |line| line.id.to_string()).map(|id| format!("{rest}&after={id}")),
        rows: found.into_iter().map(|line| row(&inside.frame, line, inside.agency.zone)).collect(),
        frame: inside.frame,
    })
}

fn row(frame: &Frame, line: TrailLine, zone: Zone) -> TrailRow {
    TrailRow {
        said: frame.of_list("event", &line.event),
        at: moment(line.at, zone),
        by: line.by.unwrap_or_else(|| "–".into()),
        event: line.event,
        object: line.object,
        detail: line.detail,
        address: if line.address.is_empty() { "–".into() } else { line.address },
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct BreachForm {
    since: String,
    until: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    device: String,
}

/// `POST /trail/breach`
pub(super) async fn breach(visit: Visit, form: Sent<BreachForm>) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Trail, move |inside| {
            let zone = inside.agency.zone;
            let report = (|| {
                let since = form::moment(&form.since, "since", zone)?;
                let until = form::moment(&form.until, "until", zone)?;
                let of = BreachOf {
                    user: if form.user.is_empty() { None } else { Some(id(&form.user, "user")?) },
                    device: if form.device.is_empty() { None } else { Some(id(&form.device, "device")?) },
                };
                inside.office.breach_report(inside.actor, since, until, of)
            })();
            match report {
                Ok(report) => Answer::page(&Breach {
                    window: format!("{} – {}", moment(report.since, zone), moment(report.until, zone)),
                    made: moment(report.made_at, zone),
                    cut: report.cut,
                    counts: report
                        .counts
                        .into_iter()
                        .map(|(event, count)| {
                            (inside.frame.of_list("event", &event), event, i64::try_from(count).unwrap_or(i64::MAX))
                        })
                        .collect(),
                    households: report.households,
                    addresses: report.addresses.into_iter().collect(),
                    rows: report.lines.into_iter().map(|line| row(&inside.frame, line, zone)).collect(),
                    device: report.device,
                    held: report
                        .held
                        .into_iter()
                        .map(|one| HeldRow {
                            household: one.household,
                            round: one.round,
                            since: moment(one.since, zone),
                            until: one.until.map(|at| moment(at, zone)),
                        })
                        .collect(),
                    frame: inside.frame,
                }),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, &TrailQuery::default(), Some(text))?)
                }
            }
        })
        .await
}
