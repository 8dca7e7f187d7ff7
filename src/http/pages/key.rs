//! Keys: what there is, and replacing one by two persons.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::form;
use super::session::TokenForm;
use super::shell::{Answer, Inside, Visit, id, moment, said};
use super::view::frame::Place;
use super::view::key::{KeyRow, Keys, RequestRow};
use crate::domain::time::Zone;
use crate::service::{Error, KeyView, Refusal};
use crate::token::KeyId;

const HREF: &str = "/keys";
/// So many spoilt vouchers are counted; more are told as more.
const COUNTED: i64 = 500;

/// `GET /keys`
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Keys, |inside| Answer::page(&page(inside, None)?)).await
}

fn page(inside: Inside<'_>, error: Option<String>) -> Result<Keys, Error> {
    let mut keys = inside.office.keys(inside.actor)?;
    keys.reverse();
    let rounds = inside.office.round_overviews(inside.actor)?;
    let names: HashMap<_, _> = rounds.into_iter().map(|one| (one.round.id, one.round.name)).collect();
    let (zone, now) = (inside.agency.zone, inside.office.now());
    let requests = inside.office.key_requests(inside.actor)?;
    let rows = keys.into_iter().map(|key| -> Result<_, Error> {
        let spoilt = match key.compromised_since {
            None => None,
            Some(_) => {
                let found = inside.office.to_reissue(inside.actor, key.kid, None, Some(COUNTED))?.len();
                let more = if found >= usize::try_from(COUNTED).unwrap_or(0) { "+" } else { "" };
                Some(format!("{found}{more}"))
            }
        };
        let name = key.round.map(|round| (names.get(&round).cloned().unwrap_or_default(), round));
        Ok(KeyRow {
            round: name.map(|(name, round)| (name, format!("/rounds/{round}/print"))),
            age_days: now.millis().saturating_sub(key.created_at.millis()) / 86_400_000,
            spoilt,
            ..row(&key, zone)
        })
    });
    Ok(Keys {
        error,
        list_fingerprint: inside.office.list_fingerprint(inside.actor)?,
        rows: rows.collect::<Result<_, _>>()?,
        requests: requests
            .into_iter()
            .filter(|one| one.approved_by.is_none())
            .map(|one| RequestRow {
                id: one.id.to_string(),
                kid: KeyId::from_bytes(one.kid).to_string(),
                own: one.requested_by == inside.actor.user,
                reason: one.reason,
                asked: moment(one.requested_at, zone),
                compromised_since: one.compromised_since.map(|at| moment(at, zone)),
            })
            .collect(),
        frame: inside.frame,
    })
}

fn row(key: &KeyView, zone: Zone) -> KeyRow {
    let (state, since) = match (key.compromised_since, key.retired_at) {
        (Some(since), _) => ("compromised", Some(since)),
        (None, Some(at)) => ("retired", Some(at)),
        (None, None) => ("live", None),
    };
    KeyRow {
        kid: key.kid.to_string(),
        fingerprint: key.fingerprint.clone(),
        round: None,
        made: moment(key.created_at, zone),
        age_days: 0,
        state,
        since: since.map(|at| moment(at, zone)),
        spoilt: None,
    }
}

#[derive(Deserialize)]
pub(super) struct RequestForm {
    csrf: String,
    kid: String,
    reason: String,
    #[serde(default)]
    since: String,
}

/// `POST /keys/requests`
pub(super) async fn request(visit: Visit, form: web::Form<RequestForm>) -> Result<HttpResponse, PageError> {
    let RequestForm { csrf, kid, reason, since } = form.into_inner();
    visit
        .with_form_token(&csrf)
        .inside(Place::Keys, move |inside| {
            let zone = inside.agency.zone;
            let asked = (|| {
                let kid: KeyId = kid.parse().map_err(|_| Refusal::NotFound("key"))?;
                let since = match since.trim() {
                    "" => None,
                    since => Some(form::moment(since, "compromised_since", zone)?),
                };
                inside.office.request_key(inside.actor, kid, since, &reason)
            })();
            answer(inside, asked.map(drop))
        })
        .await
}

/// `POST /keys/requests/{id}/approve`
pub(super) async fn approve(
    visit: Visit,
    path: web::Path<String>,
    form: web::Form<TokenForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Keys, move |inside| {
            let agreed = id(&path, "key_request").and_then(|id| inside.office.approve_key(inside.actor, id));
            answer(inside, agreed.map(drop))
        })
        .await
}

fn answer(inside: Inside<'_>, done: Result<(), Error>) -> Result<Answer, Error> {
    match done {
        Ok(()) => Ok(Answer::See(HREF.into())),
        Err(error) => {
            let (status, text) = said(error, inside.language)?;
            Answer::refused(status, &page(inside, Some(text))?)
        }
    }
}
