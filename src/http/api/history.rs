//! The whole history of one household.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{ProblemBody, id};
use super::households::HouseholdBody;
use crate::domain::time::Language;
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State, telling};
use crate::service::{History, HistoryEvent};
use crate::words::Words;

/// A household with its whole history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryBody {
    household: HouseholdBody,
    /// Where it stands in each programme of the agency.
    standings: Vec<StandingBody>,
    /// What it has in each round, the newest first.
    entitlements: Vec<RightBody>,
    /// The same NIK or family card in another programme, of this agency or another: shown, not blocked.
    overlaps: Vec<OverlapBody>,
    /// What happened, the newest first.
    events: Vec<EventBody>,
}

/// A household in a programme.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StandingBody {
    programme: String,
    standing: String,
    reason: String,
    point: Option<String>,
    session_no: i32,
    desk_no: i32,
    placed_by_hand: bool,
}

/// What a household has in a round.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RightBody {
    round: String,
    programme: String,
    point: String,
    amount_minor: i64,
    state: String,
    /// Why it is held back, when it is.
    held_reason: Option<String>,
    print_no: i32,
    /// For those alone who may see codes.
    typed_code: Option<String>,
    redeemed_at: Option<String>,
    /// For those alone who may see receipts.
    redemption_id: Option<Uuid>,
}

/// The same NIK or family card elsewhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryOverlapBody)]
pub(super) struct OverlapBody {
    agency: String,
    programme: Option<String>,
    standing: String,
    /// The NIK is the same, and not the family card alone.
    same_nik: bool,
    household_id: Option<Uuid>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventBody {
    at: String,
    by: Option<String>,
    /// Programme and round.
    of: Option<String>,
    /// The stable code of its kind.
    kind: String,
    /// What happened, in Indonesian.
    message: String,
    /// The same in English.
    message_en: String,
    /// Each field that a file changed, in Indonesian.
    changes: Vec<String>,
}

impl EventBody {
    fn of(event: HistoryEvent) -> Self {
        let words = Words::for_language;
        Self {
            at: event.at.iso(API_ZONE),
            kind: event.what.code().to_owned(),
            message: telling::sentence(words(Language::Id), API_ZONE, &event.what),
            message_en: telling::sentence(words(Language::En), API_ZONE, &event.what),
            changes: telling::changes(words(Language::Id), &event.what),
            by: event.by,
            of: event.of,
        }
    }
}

impl From<History> for HistoryBody {
    fn from(history: History) -> Self {
        Self {
            household: history.household.into(),
            standings: history
                .standings
                .into_iter()
                .map(|one| StandingBody {
                    programme: one.programme,
                    standing: one.standing,
                    reason: one.reason,
                    point: one.point,
                    session_no: one.session_no,
                    desk_no: one.desk_no,
                    placed_by_hand: one.by_hand,
                })
                .collect(),
            entitlements: history
                .rights
                .into_iter()
                .map(|one| RightBody {
                    round: one.round,
                    programme: one.programme,
                    point: one.point,
                    amount_minor: one.value.minor(),
                    state: one.state.as_str().to_owned(),
                    held_reason: one.held,
                    print_no: one.print_no,
                    typed_code: one.typed_code,
                    redeemed_at: one.redeemed.map(|(at, _)| at.iso(API_ZONE)),
                    redemption_id: one.redeemed.and_then(|(_, id)| id).map(|id| id.uuid()),
                })
                .collect(),
            overlaps: history
                .overlaps
                .into_iter()
                .map(|one| OverlapBody {
                    agency: one.agency,
                    programme: one.programme,
                    standing: one.standing,
                    same_nik: one.same_nik,
                    household_id: one.household.map(|id| id.uuid()),
                })
                .collect(),
            events: history.events.into_iter().map(EventBody::of).collect(),
        }
    }
}

/// One household with all that is on record of it: where it came from, what was decided, every voucher, scan and
/// handout. Masked as elsewhere. The look is on record.
#[utoipa::path(tag = "households", responses((status = 200, body = HistoryBody), (status = 404, body = ProblemBody)))]
#[get("/households/{id}/history")]
pub(super) async fn get(state: Data<State>, caller: Caller, path: Path<String>) -> Result<Json<HistoryBody>, Problem> {
    let id = id(&path)?;
    let found = state.act(&caller, move |office, actor| office.household_history(actor, id)).await?;
    Ok(Json(found.into()))
}
