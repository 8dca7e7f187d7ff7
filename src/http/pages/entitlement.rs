//! Vouchers as a coordinator sees them: found by code or in the list of a round, held back, let go.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::placement::moving;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, moment, next};
use super::view::entitlement::{Entitlement, EntitlementRow, EntitlementSearch, Entitlements};
use super::view::fields::Fields;
use super::view::frame::{Choice, Place};
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, PointId, RoundId};
use crate::domain::pause::Stops;
use crate::domain::placement::Spot;
use crate::domain::role::Action;
use crate::service::{Chosen, Error, Office, Refusal};
use crate::words::Words;

/// `GET /entitlements`
pub(super) async fn search_form(visit: Visit) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, |inside| {
            inside.actor.must(Action::ReadHouseholds)?;
            Answer::page(&EntitlementSearch { frame: inside.frame, error: None })
        })
        .await
}

/// `POST /entitlements`: a code redeems, so it never stands in an address.
pub(super) async fn search(visit: Visit, form: web::Form<Fields>) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| match inside.office.entitlement_of_code(inside.actor, form.of("code")) {
            Ok(found) => Ok(Answer::See(format!("/entitlements/{found}"))),
            Err(Error::Refused(refusal)) if matches!(*refusal, Refusal::NotFound(_)) => {
                let error = Some(inside.frame.t("voucher-unknown"));
                Answer::refused(StatusCode::NOT_FOUND, &EntitlementSearch { frame: inside.frame, error })
            }
            Err(other) => Err(other),
        })
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    point: String,
    #[serde(default)]
    state: String,
    after: Option<String>,
}

/// `GET /rounds/{id}/entitlements`
pub(super) async fn list(
    visit: Visit,
    round: web::Path<String>,
    filter: web::Query<Filter>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round: RoundId = id(&round, "round")?;
            let point: Option<PointId> = filter.point.parse().ok();
            let chosen = Chosen { point, state: State::parse(&filter.state), held: filter.state == "held" };
            let begin = after(filter.after.as_deref());
            let found = inside.office.entitlements(inside.actor, round, &chosen, begin, Some(ROWS))?;
            let words = Words::for_language(inside.language);
            let more = next(&found, |one| one.entitlement.id.to_string());
            let point_text = point.map(|point| point.to_string()).unwrap_or_default();
            let state_text = if chosen.held { "held" } else { chosen.state.map_or("", State::as_str) };
            let name = inside.office.round(inside.actor, round)?.0.name;
            Answer::page(&Entitlements {
                round: round.to_string(),
                round_name: name,
                points: inside
                    .office
                    .points(inside.actor)?
                    .into_iter()
                    .map(|one| Choice {
                        chosen: Some(one.id) == point,
                        value: one.id.to_string(),
                        label: format!("{} · {}", one.code, one.name),
                    })
                    .collect(),
                states: State::ALL
                    .into_iter()
                    .map(|state| Choice {
                        chosen: Some(state) == chosen.state,
                        value: state.as_str().to_owned(),
                        label: words.of("state", state.as_str()),
                    })
                    .collect(),
                held: chosen.held,
                next: more.map(|after| {
                    format!("/rounds/{round}/entitlements?point={point_text}&state={state_text}&after={after}")
                }),
                rows: found
                    .into_iter()
                    .map(|one| EntitlementRow {
                        id: one.entitlement.id.to_string(),
                        name: one.household,
                        nik_masked: one.nik_masked.unwrap_or_else(|| "–".into()),
                        address: one.address,
                        place: spot(words, &one.point, &one.entitlement),
                        state: one.entitlement.state.as_str(),
                        hold: one.entitlement.hold().as_str(),
                        reason: one.entitlement.held_reason.unwrap_or_default(),
                    })
                    .collect(),
                frame: inside.frame,
            })
        })
        .await
}

/// `TGR-01 · sesi 1 · meja 2`
fn spot(words: Words, point: &str, one: &crate::domain::entitlement::Entitlement) -> String {
    format!(
        "{point} · {} {} · {} {}",
        words.get("session").to_lowercase(),
        one.session_no,
        words.get("desk").to_lowercase(),
        one.desk_no
    )
}

/// `GET /entitlements/{id}`
pub(super) async fn show(visit: Visit, entitlement: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let entitlement = id(&entitlement, "entitlement")?;
            Answer::page(&page(inside, entitlement, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, id: EntitlementId, error: Option<String>) -> Result<Entitlement, Error> {
    let sheet = inside.office.entitlement(inside.actor, id)?;
    let (zone, role) = (inside.agency.zone, inside.actor.role);
    let words = Words::for_language(inside.language);
    let one = &sheet.entitlement;
    let stops = Stops {
        programme: sheet.programme.paused_reason.as_deref(),
        round: sheet.round.paused_reason.as_deref(),
        point: sheet.point.paused_reason.as_deref(),
    };
    let now = Spot { point: one.point, session_no: one.session_no, desk_no: one.desk_no };
    let may_move = role.may(Action::Place) && one.state == State::Available;
    let moving = if may_move {
        Some(moving(&inside, sheet.programme.id, one.household, Some(now), format!("/entitlements/{id}"))?)
    } else {
        None
    };
    Ok(Entitlement {
        id: id.to_string(),
        round: sheet.round.id.to_string(),
        round_name: sheet.round.name.clone(),
        programme: sheet.programme.name.clone(),
        nik_masked: sheet.nik_masked.unwrap_or_else(|| "–".into()),
        name: sheet.household,
        source_id: sheet.source_id,
        address: sheet.address,
        place: spot(words, &format!("{} {}", sheet.point.code, sheet.point.name), one),
        window: format!("{} – {}", moment(sheet.window.opens_at, zone), moment(sheet.window.closes_at, zone)),
        print_no: one.print_no.into(),
        state: one.state.as_str(),
        hold: one.hold().as_str(),
        reason: one.revoked_reason.clone().or_else(|| one.held_reason.clone()).unwrap_or_default(),
        handed: sheet.first.map(|first| format!("{}, {}", moment(first.redeemed_at, zone), first.point_code)),
        paused: stops.told().map(str::to_owned),
        may_hold: role.may(Action::Hold),
        owes: role.may(Action::ReadExceptions) && matches!(one.state, State::Redeemed | State::Unresolved),
        moving,
        error,
        frame: inside.frame,
    })
}

async fn change(
    visit: Visit,
    entitlement: web::Path<String>,
    form: Fields,
    f: fn(&Office, &crate::service::Actor, EntitlementId, &str) -> Result<(), Error>,
) -> Result<HttpResponse, PageError> {
    let shown = entitlement.clone();
    visit
        .change(
            Place::Rounds,
            form,
            move |inside, form| {
                let entitlement: EntitlementId = id(&entitlement, "entitlement")?;
                f(inside.office, inside.actor, entitlement, form.of("reason"))?;
                Ok(format!("/entitlements/{entitlement}"))
            },
            move |inside, error| page(inside, id(&shown, "entitlement")?, Some(error)),
        )
        .await
}

/// `POST /entitlements/{id}/hold`
pub(super) async fn hold(
    visit: Visit,
    entitlement: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    change(visit, entitlement, form.into_inner(), |office, actor, id, reason| office.hold(actor, id, reason).map(drop))
        .await
}

/// `POST /entitlements/{id}/release`
pub(super) async fn release(
    visit: Visit,
    entitlement: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    change(visit, entitlement, form.into_inner(), |office, actor, id, reason| {
        office.release(actor, id, reason).map(drop)
    })
    .await
}
