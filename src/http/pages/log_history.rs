//! The log as a timeline, for whoever audits: "show me number 417".

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Inside, ROWS, Visit, id, moment};
use super::view::frame::Place;
use super::view::log_history::{LogHistory, LogRow};
use crate::domain::money::Money;
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::service::{About, Error, HistoryLine, Refusal};

#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    after: Option<i64>,
}

/// `GET /entitlements/{id}/log`
pub(super) async fn entitlement(
    visit: Visit,
    of: web::Path<String>,
    paging: web::Query<Paging>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let about = About::Entitlement(id(&of, "entitlement")?);
            timeline(inside, ("entitlement", "entitlements"), &of, about, paging.after)
        })
        .await
}

/// `GET /households/{id}/log`
pub(super) async fn household(
    visit: Visit,
    of: web::Path<String>,
    paging: web::Query<Paging>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Households, move |inside| {
            let about = About::Household(id(&of, "household")?);
            timeline(inside, ("household", "households"), &of, about, paging.after)
        })
        .await
}

/// `GET /devices/{id}/log`
pub(super) async fn device(
    visit: Visit,
    of: web::Path<String>,
    paging: web::Query<Paging>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Devices, move |inside| {
            let about = About::Device(id(&of, "device")?);
            timeline(inside, ("device", "devices"), &of, about, paging.after)
        })
        .await
}

/// `GET /users/{id}/log`
pub(super) async fn user(
    visit: Visit,
    of: web::Path<String>,
    paging: web::Query<Paging>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Users, move |inside| {
            let about = About::Actor(id(&of, "user")?);
            timeline(inside, ("user", "users"), &of, about, paging.after)
        })
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct Number {
    number: Option<String>,
}

/// `GET /log?number=417`
pub(super) async fn leaf(visit: Visit, asked: web::Query<Number>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Trail, move |inside| {
            let typed = asked.number.as_deref().unwrap_or("").trim().replace('.', "");
            let found = match typed.as_str() {
                "" => {
                    inside.actor.must(Action::ReadLog)?;
                    Vec::new()
                }
                number => {
                    let index = number.parse().map_err(|_| Refusal::NotFound("history"))?;
                    vec![inside.office.log_leaf(inside.actor, index)?]
                }
            };
            page(inside, ("leaf", ""), &typed, found)
        })
        .await
}

fn timeline(
    inside: Inside<'_>,
    (about, plural): (&'static str, &str),
    of: &str,
    asked: About,
    after: Option<i64>,
) -> Result<Answer, Error> {
    let found = inside.office.log_history(inside.actor, asked, after, Some(ROWS))?;
    page(inside, (about, plural), of, found)
}

fn page(
    inside: Inside<'_>,
    (about, plural): (&'static str, &str),
    of: &str,
    found: Vec<HistoryLine>,
) -> Result<Answer, Error> {
    let zone = inside.agency.zone;
    let mut names = HashMap::new();
    for user in found.iter().filter_map(|line| line.leaf.actor) {
        names.entry(user).or_insert_with(|| {
            inside.office.user(inside.actor, user).map_or_else(|_| user.to_string(), |user| user.name)
        });
    }
    let full = i64::try_from(found.len()).unwrap_or(0) == ROWS;
    let last = found.last().filter(|_| full).and_then(|line| line.index);
    let row = |line: HistoryLine| {
        let details = details(&line);
        let leaf = line.leaf;
        LogRow {
            index: line.index.map(|index| index.to_string()).unwrap_or_default(),
            at: Timestamp::from_millis(leaf.at_ms).map(|at| moment(at, zone)).unwrap_or_default(),
            kind: leaf.kind.as_str(),
            who: leaf.actor.and_then(|user| names.get(&user).cloned()).unwrap_or_default(),
            details,
            entitlement: leaf.entitlement.map(|id| id.to_string()).filter(|_| about != "entitlement"),
            redemption: leaf.redemption.map(|id| id.to_string()),
        }
    };
    Answer::page(&LogHistory {
        about,
        id: of.to_owned(),
        next: last.map(|index| format!("/{plural}/{of}/log?after={index}")),
        rows: found.into_iter().map(row).collect(),
        frame: inside.frame,
    })
}

/// What a leaf says besides: numbers and codes.
fn details(line: &HistoryLine) -> Vec<String> {
    let leaf = &line.leaf;
    let mut details = Vec::new();
    details.extend(leaf.word.clone());
    details.extend(leaf.value_minor.and_then(|value| Money::new(value).ok()).map(|value| value.to_string()));
    details.extend(leaf.seq.map(|seq| format!("#{seq}")));
    details.extend(leaf.fence.map(|fence| format!("{}.{}", fence.epoch, fence.counter)));
    details
}
