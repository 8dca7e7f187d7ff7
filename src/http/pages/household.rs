//! Households, masked: the list, the search, and the history of one.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, ROWS, Visit, id, moment};
use super::view::frame::{Choice, Place};
use super::view::household::{HouseholdRow, Households};
use super::view::household_history::{Happened, HouseholdPage, InProgramme, InRound, Overlapping, Unmasked};
use crate::domain::role::Action;
use crate::domain::time::long_date;
use crate::http::telling;
use crate::service::{History, SearchWanted};

#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    #[serde(default)]
    village: String,
    after: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct SearchForm {
    csrf: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    village: String,
    #[serde(default)]
    after: String,
}

/// `GET /households`
pub(super) async fn list(visit: Visit, query: web::Query<Listing>) -> Result<HttpResponse, PageError> {
    let Listing { village, after } = query.into_inner();
    found(visit, SearchWanted { text: String::new(), village, after, limit: Some(ROWS) }).await
}

/// `POST /households`: what is looked for may be a NIK, a name or a voucher, and none belongs into an address.
pub(super) async fn search(visit: Visit, form: web::Form<SearchForm>) -> Result<HttpResponse, PageError> {
    let SearchForm { csrf, q, village, after } = form.into_inner();
    let after = Some(after).filter(|after| !after.is_empty());
    found(visit.with_form_token(&csrf), SearchWanted { text: q, village, after, limit: Some(ROWS) }).await
}

async fn found(visit: Visit, wanted: SearchWanted) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Households, move |inside| {
            let begun = wanted.after.is_some();
            let found = inside.office.search_households(inside.actor, &wanted)?;
            let ids: Vec<_> = found.households.iter().map(|one| one.id).collect();
            let mut points = inside.office.points_of_households(inside.actor, &ids)?;
            let villages = inside.office.villages(inside.actor)?;
            Answer::page(&Households {
                next: found.next,
                begun,
                villages: villages
                    .into_iter()
                    .map(|village| Choice { chosen: village == found.village, label: village.clone(), value: village })
                    .collect(),
                q: found.text,
                village: found.village,
                rows: found
                    .households
                    .into_iter()
                    .map(|one| HouseholdRow {
                        id: one.id.to_string(),
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

/// `GET /households/{id}`
pub(super) async fn show(visit: Visit, household: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Households, move |inside| {
            let history = inside.office.household_history(inside.actor, id(&household, "household")?)?;
            let may = |action| inside.actor.role.may(action);
            let (may_unmask, sees_exceptions) = (may(Action::Unmask), may(Action::ReadExceptions));
            Answer::page(&page(history, may_unmask, sees_exceptions, inside.frame))
        })
        .await
}

fn page(history: History, may_unmask: bool, sees_exceptions: bool, frame: super::view::frame::Frame) -> HouseholdPage {
    let zone = history.zone;
    let words = frame.words;
    let yes_no = |yes: bool| words.get(if yes { "household-yes" } else { "household-no" });
    let one = history.household;
    let facts = [
        ("household-source", one.source_id.clone()),
        ("household-nik", one.nik_masked.unwrap_or_else(|| words.get("household-no-nik"))),
        ("household-place", one.place),
        ("household-sex", history.sex.map_or_else(String::new, |sex| words.of("sex", &sex.to_lowercase()))),
        ("household-relation", history.relation),
        ("household-decile", one.decile.map_or_else(String::new, |decile| decile.to_string())),
        ("household-civil-match", one.civil_match.map_or_else(String::new, yes_no)),
        ("household-vulnerable", history.vulnerabilities.join(", ")),
        ("household-note", history.note),
    ];
    HouseholdPage {
        id: one.id.to_string(),
        may_unmask,
        name: one.name,
        facts: facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (words.get(key), value))
            .collect(),
        programmes: history
            .standings
            .into_iter()
            .map(|one| InProgramme {
                programme: one.programme,
                standing: one.standing,
                reason: telling::code(words, "history-reason", &one.reason),
                point: one.point,
                session_no: one.session_no,
                desk_no: one.desk_no,
                by_hand: one.by_hand,
            })
            .collect(),
        rounds: history
            .rights
            .into_iter()
            .map(|one| InRound {
                owed: sees_exceptions.then(|| format!("/entitlements/{}/exceptions", one.id)),
                round: one.round,
                programme: one.programme,
                point: one.point,
                value: one.value.minor(),
                state: one.state.as_str().to_owned(),
                held: one.held,
                print_no: i64::from(one.print_no),
                typed_code: one.typed_code,
                redeemed_at: one.redeemed.map(|(at, _)| moment(at, zone)),
                receipt: one.redeemed.and_then(|(_, receipt)| receipt).map(|receipt| receipt.to_string()),
            })
            .collect(),
        overlaps: history
            .overlaps
            .into_iter()
            .map(|one| Overlapping {
                agency: one.agency,
                programme: one.programme,
                standing: one.standing,
                same_nik: one.same_nik,
                household: one.household.map(|id| id.to_string()),
            })
            .collect(),
        events: history
            .events
            .into_iter()
            .map(|event| Happened {
                at: moment(event.at, zone),
                kind: telling::mark(&event.what).to_owned(),
                sentence: telling::sentence(words, zone, &event.what),
                changes: telling::changes(words, &event.what),
                of: event.of,
                by: event.by,
            })
            .collect(),
        frame,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct UnmaskForm {
    csrf: String,
    reason: String,
}

/// `POST /households/{id}/unmask`
pub(super) async fn unmask(
    visit: Visit,
    household: web::Path<String>,
    form: web::Form<UnmaskForm>,
) -> Result<HttpResponse, PageError> {
    let UnmaskForm { csrf, reason } = form.into_inner();
    visit
        .with_form_token(&csrf)
        .inside(Place::Households, move |inside| {
            let shown = inside.office.unmask(inside.actor, id(&household, "household")?, &reason)?;
            let frame = inside.frame;
            let facts = [
                ("household-nik", shown.nik.map(|nik| nik.digits().to_owned())),
                ("unmask-family-card", shown.family_card.map(|card| card.digits().to_owned())),
                ("unmask-birth-date", shown.birth_date.map(|day| long_date(day, inside.language))),
                ("unmask-address", Some(shown.address).filter(|address| !address.is_empty())),
            ];
            Answer::page(&Unmasked {
                id: household.to_string(),
                name: shown.name,
                facts: facts
                    .into_iter()
                    .map(|(key, value)| (frame.words.get(key), value.unwrap_or_else(|| "–".into())))
                    .collect(),
                frame,
            })
        })
        .await
}
