//! The first page: what to do next, and the rounds under way.

use actix_web::HttpResponse;

use super::fault::PageError;
use super::round::card;
use super::shell::{Answer, Visit};
use super::view::frame::Place;
use super::view::home::Home;
use crate::domain::role::{Action, Role};
use crate::service::Phase;

/// `GET /`
pub(super) async fn home(visit: Visit) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Home, |inside| {
            let mut under_way = inside.office.round_overviews(inside.actor)?;
            under_way.retain(|round| matches!(round.phase, Phase::Open | Phase::Paused));
            let answers = matches!(
                inside.actor.role,
                Role::Admin | Role::Coordinator | Role::Finance | Role::Auditor | Role::Issuer
            );
            let rows = if answers { super::programme::rows(&inside)? } else { Vec::new() };
            let first = under_way.first().map(|round| round.round.id.to_string());
            let factor = inside.office.factor(inside.actor)?;
            let unconfirmed = if inside.actor.role.may(Action::ConfirmUsers) && !inside.actor.unconfirmed {
                inside.office.unconfirmed(inside.actor)?.len()
            } else {
                0
            };
            Answer::page(&Home {
                waits: inside.actor.unconfirmed,
                unconfirmed: i64::try_from(unconfirmed).unwrap_or(i64::MAX),
                advise: factor.advised && !factor.confirmed,
                steps: Home::steps_for(inside.actor.role.as_str(), first.as_deref()),
                rounds: under_way.into_iter().map(|round| card(round, inside.agency.zone, inside.language)).collect(),
                rows,
                frame: inside.frame,
            })
        })
        .await
}
