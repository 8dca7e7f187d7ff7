//! Bundles of printed vouchers, and where they went.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::{
    bundle_vouchers, bundles, custody_steps, entitlements, households, points, programmes, redemptions, rounds, users,
};
use super::types::{time, word};
use crate::domain::custody::{Step, Whereabouts};
use crate::domain::entitlement::State;
use crate::domain::id::{AgencyId, BundleId, CustodyStepId, EntitlementId, PointId, RoundId, UserId};
use crate::domain::redemption::Paper;
use crate::domain::time::Timestamp;

/// A bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Its id.
    pub id: BundleId,
    /// The round.
    pub round: RoundId,
    /// The point at which its vouchers are good.
    pub point: PointId,
    /// 1, 2, 3 … in the round.
    pub number: i32,
    /// The code on its head.
    pub code: String,
    /// The village.
    pub village: String,
    /// The RT; may be empty.
    pub rt: String,
    /// How many vouchers it has.
    pub vouchers: i32,
    /// The serial of its first voucher.
    pub first_serial: i32,
    /// The serial of its last voucher.
    pub last_serial: i32,
    /// Who put it together.
    pub prepared_by: UserId,
    /// When.
    pub prepared_at: Timestamp,
}

type Row = (BundleId, RoundId, PointId, i32, String, String, String, i32, i32, i32, UserId, i64);

fn check(row: Row) -> Result<Bundle, Error> {
    let (id, round, point, number, code, village, rt, vouchers, first_serial, last_serial, prepared_by, at) = row;
    Ok(Bundle {
        id,
        round,
        point,
        number,
        code,
        village,
        rt,
        vouchers,
        first_serial,
        last_serial,
        prepared_by,
        prepared_at: time(at)?,
    })
}

/// A voucher that lies in no bundle of its point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loose {
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// The village.
    pub village: String,
    /// The RT.
    pub rt: String,
}

/// The vouchers of a round that can be redeemed and lie in no bundle of their point: new ones, and those that
/// were moved to another point since, whose old sheet is worth nothing.
macro_rules! loose {
    ($round:expr) => {
        entitlements::table
            .inner_join(households::table.on(households::id.eq(entitlements::household_id)))
            .inner_join(points::table.on(points::id.eq(entitlements::point_id)))
            .left_join(bundle_vouchers::table.on(bundle_vouchers::entitlement_id.eq(entitlements::id)))
            .left_join(
                bundles::table.on(bundles::id
                    .nullable()
                    .eq(bundle_vouchers::bundle_id.nullable())
                    .and(bundles::point_id.eq(entitlements::point_id))),
            )
            .filter(entitlements::round_id.eq($round))
            .filter(entitlements::state.eq_any(State::PRINTABLE.map(State::as_str)))
            .filter(bundles::id.nullable().is_null())
    };
}

/// The points at which vouchers lie loose, by number.
pub fn loose_points(conn: &mut Conn, round: RoundId) -> Result<Vec<PointId>, Error> {
    let points: Vec<(i32, PointId)> =
        loose!(round).select((points::number, points::id)).distinct().order(points::number).load(conn)?;
    Ok(points.into_iter().map(|(_, point)| point).collect())
}

/// The loose vouchers of a point, in the order in which they are handed out: village, RT, name.
pub fn loose_at(conn: &mut Conn, round: RoundId, point: PointId) -> Result<Vec<Loose>, Error> {
    Ok(loose!(round)
        .filter(entitlements::point_id.eq(point))
        .order((households::village, households::rt, households::name_folded, entitlements::id))
        .select((entitlements::id, households::village, households::rt))
        .load::<(EntitlementId, String, String)>(conn)?
        .into_iter()
        .map(|(entitlement, village, rt)| Loose { entitlement, village, rt })
        .collect())
}

/// A voucher in its bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// Its number at its point; it stays with it.
    pub serial: i32,
    /// Its bundle.
    pub bundle: BundleId,
    /// The bundle's code.
    pub code: String,
}

/// One voucher in its bundle.
pub fn placed(conn: &mut Conn, id: EntitlementId) -> Result<Option<Placed>, Error> {
    let found = bundle_vouchers::table
        .inner_join(bundles::table.on(bundles::id.eq(bundle_vouchers::bundle_id)))
        .filter(bundle_vouchers::entitlement_id.eq(id))
        .select((bundle_vouchers::entitlement_id, bundle_vouchers::serial, bundles::id, bundles::code))
        .first::<(EntitlementId, i32, BundleId, String)>(conn)
        .optional()?;
    Ok(found.map(|(entitlement, serial, bundle, code)| Placed { entitlement, serial, bundle, code }))
}

/// The vouchers of a point behind a serial that may be printed, by serial.
pub fn printable(
    conn: &mut Conn,
    round: RoundId,
    point: PointId,
    after: i32,
    limit: i64,
) -> Result<Vec<Placed>, Error> {
    Ok(bundle_vouchers::table
        .inner_join(bundles::table.on(bundles::id.eq(bundle_vouchers::bundle_id)))
        .inner_join(entitlements::table.on(entitlements::id.eq(bundle_vouchers::entitlement_id)))
        .filter(bundles::round_id.eq(round))
        .filter(bundles::point_id.eq(point))
        .filter(entitlements::point_id.eq(point))
        .filter(entitlements::state.eq_any(State::PRINTABLE.map(State::as_str)))
        .filter(bundle_vouchers::serial.gt(after))
        .order(bundle_vouchers::serial)
        .limit(limit)
        .select((bundle_vouchers::entitlement_id, bundle_vouchers::serial, bundles::id, bundles::code))
        .load::<(EntitlementId, i32, BundleId, String)>(conn)?
        .into_iter()
        .map(|(entitlement, serial, bundle, code)| Placed { entitlement, serial, bundle, code })
        .collect())
}

/// The number that bundles of a round have reached, and the serial at a point. The round's row is held until
/// the commit.
pub fn reached(tx: &mut Write<'_>, round: RoundId, point: PointId) -> Result<(i32, i32), Error> {
    diesel::update(rounds::table.find(round)).set(rounds::number.eq(rounds::number)).execute(&mut **tx)?;
    let of_round = bundles::table.filter(bundles::round_id.eq(round));
    let number: Option<i32> = of_round.select(diesel::dsl::max(bundles::number)).first(&mut **tx)?;
    let here = of_round.filter(bundles::point_id.eq(point)).select(diesel::dsl::max(bundles::last_serial));
    let serial: Option<i32> = here.first(&mut **tx)?;
    Ok((number.unwrap_or(0), serial.unwrap_or(0)))
}

/// How many rows one statement may carry.
const BATCH: usize = 1_000;

/// Adds a bundle with its vouchers, in the order of their serials. Who lay in a bundle of another point does
/// so no more; what was said of that bundle's sheets stays.
pub fn insert(tx: &mut Write<'_>, bundle: &Bundle, vouchers: &[EntitlementId]) -> Result<(), Error> {
    diesel::insert_into(bundles::table)
        .values((
            bundles::id.eq(bundle.id),
            bundles::round_id.eq(bundle.round),
            bundles::point_id.eq(bundle.point),
            bundles::number.eq(bundle.number),
            bundles::code.eq(&bundle.code),
            bundles::village.eq(&bundle.village),
            bundles::rt.eq(&bundle.rt),
            bundles::vouchers.eq(bundle.vouchers),
            bundles::first_serial.eq(bundle.first_serial),
            bundles::last_serial.eq(bundle.last_serial),
            bundles::prepared_by.eq(bundle.prepared_by),
            bundles::prepared_at.eq(bundle.prepared_at.millis()),
        ))
        .execute(&mut **tx)?;
    for batch in vouchers.chunks(BATCH) {
        let before = bundle_vouchers::table.filter(bundle_vouchers::entitlement_id.eq_any(batch));
        diesel::delete(before).execute(&mut **tx)?;
    }
    let rows: Vec<_> = (bundle.first_serial..)
        .zip(vouchers)
        .map(|(serial, voucher)| {
            (
                bundle_vouchers::entitlement_id.eq(*voucher),
                bundle_vouchers::bundle_id.eq(bundle.id),
                bundle_vouchers::serial.eq(serial),
            )
        })
        .collect();
    for batch in rows.chunks(BATCH) {
        let batch = batch.to_vec();
        on_each!(&mut **tx, inner => diesel::insert_into(bundle_vouchers::table).values(batch).execute(inner))?;
    }
    Ok(())
}

/// The bundle with this id, and the agency whose it is.
pub fn find(conn: &mut Conn, id: BundleId) -> Result<Option<(Bundle, AgencyId)>, Error> {
    bundles::table
        .inner_join(rounds::table.on(rounds::id.eq(bundles::round_id)))
        .inner_join(programmes::table.on(programmes::id.eq(rounds::programme_id)))
        .filter(bundles::id.eq(id))
        .select((bundles::all_columns, programmes::agency_id))
        .first::<(Row, AgencyId)>(conn)
        .optional()?
        .map(|(row, agency)| Ok((check(row)?, agency)))
        .transpose()
}

/// The id of a round's bundle by the code on its head.
pub fn by_code(conn: &mut Conn, round: RoundId, code: &str) -> Result<Option<BundleId>, Error> {
    let found = bundles::table.filter(bundles::round_id.eq(round)).filter(bundles::code.eq(code));
    Ok(found.select(bundles::id).first(conn).optional()?)
}

/// The bundles of a round with their points' codes, by number.
pub fn of_round(conn: &mut Conn, round: RoundId) -> Result<Vec<(Bundle, String)>, Error> {
    bundles::table
        .inner_join(points::table.on(points::id.eq(bundles::point_id)))
        .filter(bundles::round_id.eq(round))
        .order(bundles::number)
        .select((bundles::all_columns, points::code))
        .load::<(Row, String)>(conn)?
        .into_iter()
        .map(|(row, point)| Ok((check(row)?, point)))
        .collect()
}

/// A step of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its id.
    pub id: CustodyStepId,
    /// The bundle.
    pub bundle: BundleId,
    /// What was done.
    pub step: Step,
    /// With how many vouchers.
    pub vouchers: i32,
    /// To whom, or from whom.
    pub holder: String,
    /// A remark.
    pub note: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// Holds a bundle's row until the commit, so that two people who record at once do it one after the other.
pub fn hold(tx: &mut Write<'_>, id: BundleId) -> Result<(), Error> {
    diesel::update(bundles::table.find(id)).set(bundles::number.eq(bundles::number)).execute(&mut **tx)?;
    Ok(())
}

/// Adds a step.
pub fn insert_step(tx: &mut Write<'_>, taken: &Taken, by: UserId) -> Result<(), Error> {
    diesel::insert_into(custody_steps::table)
        .values((
            custody_steps::id.eq(taken.id),
            custody_steps::bundle_id.eq(taken.bundle),
            custody_steps::step.eq(taken.step.as_str()),
            custody_steps::vouchers.eq(taken.vouchers),
            custody_steps::holder.eq(&taken.holder),
            custody_steps::note.eq(&taken.note),
            custody_steps::recorded_by.eq(by),
            custody_steps::recorded_at.eq(taken.recorded_at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

type StepRow = (CustodyStepId, BundleId, String, i32, String, String, i64);

/// The steps of a round's bundles, or of one bundle, with who recorded each; oldest first.
pub fn steps(conn: &mut Conn, round: RoundId, bundle: Option<BundleId>) -> Result<Vec<(Taken, String)>, Error> {
    let mut query = custody_steps::table
        .inner_join(bundles::table.on(bundles::id.eq(custody_steps::bundle_id)))
        .inner_join(users::table.on(users::id.eq(custody_steps::recorded_by)))
        .filter(bundles::round_id.eq(round))
        .order(custody_steps::id)
        .select((
            (
                custody_steps::id,
                custody_steps::bundle_id,
                custody_steps::step,
                custody_steps::vouchers,
                custody_steps::holder,
                custody_steps::note,
                custody_steps::recorded_at,
            ),
            users::name,
        ))
        .into_boxed();
    if let Some(bundle) = bundle {
        query = query.filter(custody_steps::bundle_id.eq(bundle));
    }
    query
        .load::<(StepRow, String)>(conn)?
        .into_iter()
        .map(|((id, bundle, step, vouchers, holder, note, at), by)| {
            let step = word(Step::parse(&step), "step of custody", &step)?;
            Ok((Taken { id, bundle, step, vouchers, holder, note, recorded_at: time(at)? }, by))
        })
        .collect()
}

/// How many vouchers of each bundle of a round a desk has seen.
pub fn seen(conn: &mut Conn, round: RoundId) -> Result<BTreeMap<BundleId, i32>, Error> {
    bundle_vouchers::table
        .inner_join(redemptions::table.on(redemptions::entitlement_id.eq(bundle_vouchers::entitlement_id)))
        .filter(redemptions::round_id.eq(round))
        .filter(redemptions::paper.eq(Paper::Seen.as_str()))
        .group_by(bundle_vouchers::bundle_id)
        .select((bundle_vouchers::bundle_id, diesel::dsl::count_star()))
        .load::<(BundleId, i64)>(conn)?
        .into_iter()
        .map(|(bundle, count)| Ok((bundle, i32::try_from(count).unwrap_or(i32::MAX))))
        .collect()
}

/// Where the vouchers of a bundle are, from its steps.
#[must_use]
pub fn whereabouts<'a>(bundle: &Bundle, steps: impl IntoIterator<Item = &'a Taken>) -> Whereabouts {
    let mut found = Whereabouts { vouchers: bundle.vouchers, ..Whereabouts::default() };
    for taken in steps {
        match taken.step {
            Step::Handed => found.handed += taken.vouchers,
            Step::Delivered => found.delivered += taken.vouchers,
            Step::Returned => found.returned += taken.vouchers,
        }
    }
    found
}
