//! A close as people see it.

use serde::Serialize;

use super::super::{Actor, Error, Refusal};
use super::{seal, zone_of};
use crate::domain::closing::{ClosingState, Difference, Figures, Scope};
use crate::domain::id::{ClosingId, RoundId, UserId};
use crate::store::closings::Closing;
use crate::store::{self, Conn};

/// A close on a screen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ClosingView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: ClosingId,
    /// The round.
    #[schema(value_type = String, format = Uuid)]
    pub round_id: RoundId,
    /// The point's code, when it is of one.
    pub point: Option<String>,
    /// The day, when it is of one.
    pub day: Option<String>,
    /// 0 for the close, 1, 2, 3 … for its addenda.
    pub addendum_no: i32,
    /// Its number on paper.
    pub number: String,
    /// Where it stands.
    pub state: ClosingState,
    /// It counts what the server had taken by then. ISO 8601.
    pub cut_off: String,
    /// What it froze.
    pub figures: Figures,
    /// SHA-256 in hexadecimal, over the very bytes of `…/closings/{id}.json`: number, period, cut-off, reason, who made
    /// it, and the figures.
    pub hash: String,
    /// What differs in them.
    pub differences: Vec<Difference>,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// When, ISO 8601.
    pub made_at: String,
    /// Who signed too.
    pub signed_by: Option<String>,
    /// Whether the actor made it, who then may not sign.
    pub own: bool,
}

pub(super) fn one_view(conn: &mut Conn, actor: &Actor, one: Closing) -> Result<ClosingView, Error> {
    views(conn, actor, vec![one])?.pop().ok_or_else(|| Refusal::NotFound("closing").into())
}

pub(super) fn views(conn: &mut Conn, actor: &Actor, found: Vec<Closing>) -> Result<Vec<ClosingView>, Error> {
    let zone = zone_of(conn, actor)?;
    let points = store::points::of_agency(conn, actor.agency)?;
    let people: Vec<UserId> =
        found.iter().flat_map(|one| [Some(one.made_by), one.signed.map(|(by, _)| by)]).flatten().collect();
    let people = store::evidence::names(conn, &people)?;
    let name = |id| people.get(&id).cloned().unwrap_or_default();
    let mut views = Vec::with_capacity(found.len());
    for one in found {
        seal::content(&one)?;
        let figures: Figures = serde_json::from_str(&one.figures).map_err(|error| Error::Broken(error.to_string()))?;
        let point = points.iter().find(|point| Some(point.id) == one.point).map(|point| point.code.clone());
        let scope = match (&point, &one.day) {
            (None, _) => Scope::Round,
            (Some(point), None) => Scope::Point(point.clone()),
            (Some(point), Some(day)) => Scope::Day(point.clone(), day.clone()),
        };
        views.push(ClosingView {
            id: one.id,
            round_id: one.round,
            point,
            day: one.day,
            addendum_no: one.addendum_no,
            number: one.number,
            state: one.state,
            cut_off: one.cut_off.iso(zone),
            differences: if one.addendum_no == 0 { figures.differences(&scope) } else { Vec::new() },
            figures,
            hash: data_encoding::HEXLOWER.encode(&one.hash),
            reason: one.reason,
            made_by: name(one.made_by),
            made_at: one.made_at.iso(zone),
            signed_by: one.signed.map(|(by, _)| name(by)),
            own: one.made_by == actor.user,
        });
    }
    Ok(views)
}
