//! Placing households on point, session and desk; moving one; and overlap with other programmes.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::placement::Spot;
use crate::http::{Caller, Problem, State};
use crate::service::{Move, Placement, PointSeats};

/// What is to be placed.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewPlacementBody {
    /// Whether nothing is to be written.
    #[serde(default)]
    dry_run: bool,
    /// Whether also those are placed anew who have a place, but for those placed by hand.
    #[serde(default)]
    everybody: bool,
}

/// What placing came to, or would come to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlacementBody {
    /// Whether it was written.
    written: bool,
    /// Households that got a place, or another one.
    moved: i64,
    /// Households that stay where they are.
    stayed: i64,
    /// Of these, placed by hand.
    by_hand: i64,
    /// Households without a place.
    unplaced: i64,
    /// The first of these.
    unplaced_households: Vec<UnplacedBody>,
    points: Vec<PointSeatsBody>,
}

/// A household without a place.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnplacedBody {
    id: Uuid,
    source_id: String,
    name: String,
    address: String,
    /// `no_address`, `no_point` or `several_points`.
    reason: String,
}

/// A point with its sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PointSeatsBody {
    /// The point's code.
    point: String,
    households: i64,
    sessions: Vec<SessionSeatsBody>,
}

/// A session with its desks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionSeatsBody {
    number: i32,
    households: i64,
    desks: Vec<DeskSeatsBody>,
}

/// How many sit at one desk.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeskSeatsBody {
    number: i32,
    households: i64,
}

impl From<PointSeats> for PointSeatsBody {
    fn from(seats: PointSeats) -> Self {
        let desk = |(number, households)| DeskSeatsBody { number, households };
        let session = |(number, desks): (i32, Vec<(i32, i64)>)| SessionSeatsBody {
            number,
            households: desks.iter().map(|(_, count)| count).sum(),
            desks: desks.into_iter().map(desk).collect(),
        };
        Self {
            point: seats.point.code,
            households: seats.households,
            sessions: seats.sessions.into_iter().map(session).collect(),
        }
    }
}

impl From<Placement> for PlacementBody {
    fn from(placement: Placement) -> Self {
        let unplaced = placement.named.into_iter().map(|one| UnplacedBody {
            id: one.id.uuid(),
            source_id: one.source_id,
            name: one.name,
            address: one.address,
            reason: one.reason.as_str().to_owned(),
        });
        Self {
            written: placement.written,
            moved: placement.moved,
            stayed: placement.stayed,
            by_hand: placement.by_hand,
            unplaced: placement.unplaced,
            unplaced_households: unplaced.collect(),
            points: placement.points.into_iter().map(Into::into).collect(),
        }
    }
}

/// Where a household is to be moved.
#[derive(Deserialize, ToSchema)]
pub(super) struct MoveBody {
    programme_id: Uuid,
    point_id: Uuid,
    session_no: i32,
    #[serde(default = "first")]
    desk_no: i32,
    reason: String,
}

const fn first() -> i32 {
    1
}

/// What a move came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MovedBody {
    /// Whether paper has to be printed again.
    reprint_due: bool,
    /// The rights that went along.
    entitlements: Vec<MovedRightBody>,
}

/// A right that went along.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MovedRightBody {
    entitlement_id: Uuid,
    /// The only print that is good from now on.
    print_no: i32,
}

/// Another programme that helps the same households.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OtherProgrammeBody {
    programme: String,
    agency: String,
    households: i64,
}

/// A household that other programmes help too.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverlapBody {
    household_id: Uuid,
    source_id: String,
    name: String,
    nik_masked: Option<String>,
    address: String,
    others: Vec<ProgrammeNameBody>,
}

/// A programme by its name and that of its agency.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProgrammeNameBody {
    programme: String,
    agency: String,
}

/// How a programme overlaps with others.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverlapsBody {
    /// How many households overlap at all.
    households: i64,
    /// With which programmes.
    programmes: Vec<OtherProgrammeBody>,
    /// These households, a page of them.
    items: Vec<OverlapBody>,
    /// Hand it in as `after` for the next page; null at the end.
    next: Option<String>,
}

/// Place the approved households of a programme. Issued rights stay where they are.
#[utoipa::path(tag = "placements", request_body = NewPlacementBody, responses(
    (status = 200, description = "a dry run", body = PlacementBody), (status = 201, body = PlacementBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/programmes/{id}/placements")]
pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<NewPlacementBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let (everybody, dry_run) = (body.everybody, body.dry_run);
    let made = state.act(&caller, move |office, actor| office.place_households(actor, id, everybody, dry_run)).await?;
    let mut answer = if made.written { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(PlacementBody::from(made)))
}

/// Move one household by hand. Its available rights go along; at another point their paper has to be
/// printed again, and the older print answers `superseded`.
#[utoipa::path(tag = "placements", request_body = MoveBody, responses(
    (status = 200, body = MovedBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, description = "`not_available`", body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/households/{id}/move")]
pub(super) async fn move_one(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    body: Json<MoveBody>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let body = body.into_inner();
    let to = Move {
        programme: body.programme_id.into(),
        spot: Spot { point: body.point_id.into(), session_no: body.session_no, desk_no: body.desk_no },
        reason: body.reason,
    };
    let moved = state.act(&caller, move |office, actor| office.move_household(actor, id, &to)).await?;
    let right = |(id, print_no): (crate::domain::id::EntitlementId, i32)| MovedRightBody {
        entitlement_id: id.uuid(),
        print_no,
    };
    Ok(HttpResponse::Ok().json(MovedBody {
        reprint_due: moved.reprint_due,
        entitlements: moved.rights.into_iter().map(right).collect(),
    }))
}

/// Households of a programme that another programme of this installation helps too: by NIK or No. KK. Shown,
/// never a reason to refuse.
#[utoipa::path(tag = "placements", params(Paging), responses(
    (status = 200, body = OverlapsBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/programmes/{id}/overlaps")]
pub(super) async fn overlaps(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
    query: Query<Paging>,
) -> Result<Json<OverlapsBody>, Problem> {
    let id = id(&path)?;
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let ((households, programmes), found) = state
        .act(&caller, move |office, actor| {
            Ok((office.overlap_counts(actor, id)?, office.overlaps(actor, id, after, limit)?))
        })
        .await?;
    let items = found.into_iter().map(|one| OverlapBody {
        household_id: one.household.id.uuid(),
        source_id: one.household.source_id,
        name: one.household.name,
        nik_masked: one.household.nik_masked,
        address: one.household.place,
        others: one.others.into_iter().map(|(programme, agency)| ProgrammeNameBody { programme, agency }).collect(),
    });
    let page = Page::of(items.collect(), limit, |one: &OverlapBody| one.household_id.to_string());
    let other = |one: crate::service::OverlapOther| OtherProgrammeBody {
        programme: one.programme,
        agency: one.agency,
        households: one.households,
    };
    Ok(Json(OverlapsBody {
        households,
        programmes: programmes.into_iter().map(other).collect(),
        items: page.items,
        next: page.next,
    }))
}
