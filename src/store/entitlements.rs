//! Entitlements, and the vouchers that name them.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
#[cfg(feature = "postgres")]
use diesel::{
    pg::Pg,
    query_builder::{AstPass, QueryFragment},
};

use super::conn::Conn;
use super::error::{Error, corrupt};
use super::former_codes;
use super::households::{self, Household};
use super::pool::Write;
use super::rows::{columns, rows, write};
use super::schema::{entitlements, households as household_table, points, programmes, rounds};
use super::types::{money, word};
use crate::domain::entitlement::{Entitlement, Fence, Marks, StandsFor, State};
use crate::domain::id::{AgencyId, DeviceId, EntitlementId, HouseholdId, Identifier, PointId, RoundId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::voucher::TypedCode;

#[derive(Queryable, Clone)]
pub(super) struct Row {
    id: EntitlementId,
    round_id: RoundId,
    household_id: HouseholdId,
    point_id: PointId,
    session_no: i32,
    value_minor: i64,
    state: String,
    fence_epoch: i32,
    fence_counter: i64,
    holder_id: Option<DeviceId>,
    print_no: i32,
    typed_code: String,
    held_reason: Option<String>,
    revoked_reason: Option<String>,
    _issued_by: UserId,
    _issued_at: i64,
    desk_no: i32,
    revoke_requested: Option<String>,
    hold_taken: bool,
    release_owed: bool,
    doubt_id: Option<DeviceId>,
    replaced: bool,
    exception_of: Option<EntitlementId>,
    exception_no: i32,
}

fn fence(epoch: i32, counter: i64) -> Result<Fence, Error> {
    Ok(Fence { epoch: u32::try_from(epoch).map_err(corrupt)?, counter: u64::try_from(counter).map_err(corrupt)? })
}

impl Row {
    pub(super) fn check(self) -> Result<Entitlement, Error> {
        Ok(Entitlement {
            id: self.id,
            round: self.round_id,
            household: self.household_id,
            point: self.point_id,
            session_no: self.session_no,
            desk_no: self.desk_no,
            value: money(self.value_minor)?,
            state: word(State::parse(&self.state), "entitlement state", &self.state)?,
            fence: fence(self.fence_epoch, self.fence_counter)?,
            holder: self.holder_id,
            print_no: self.print_no,
            typed_code: TypedCode::parse(&self.typed_code).map_err(|_| corrupt("a typed code"))?,
            held_reason: self.held_reason,
            revoked_reason: self.revoked_reason,
            marks: Marks {
                revoke_requested: self.revoke_requested,
                hold_taken: self.hold_taken,
                release_owed: self.release_owed,
                doubt: self.doubt_id,
                replaced: self.replaced,
            },
            stands_for: self.exception_of.map(|first| StandsFor { first, number: self.exception_no }),
        })
    }
}

/// How many rows one statement may carry.
const BATCH: usize = 1_000;

/// An entitlement that is to be added.
pub(super) struct Fresh<'a> {
    right: &'a Entitlement,
    by: UserId,
    at: Timestamp,
}

columns! { /// Entitlements that are to be added.
New of one: Fresh<'a> {
    id: EntitlementId as Binary = one.right.id;
    round: RoundId as Binary = one.right.round;
    household: HouseholdId as Binary = one.right.household;
    point: PointId as Binary = one.right.point;
    session_no: i32 as Integer = one.right.session_no;
    value: i64 as BigInt = one.right.value.minor();
    state: &'static str as Text = one.right.state.as_str();
    epoch: i32 as Integer = i32::try_from(one.right.fence.epoch).map_err(corrupt)?;
    counter: i64 as BigInt = i64::try_from(one.right.fence.counter).map_err(corrupt)?;
    holder: Option<DeviceId> as Nullable<Binary> = one.right.holder;
    print_no: i32 as Integer = one.right.print_no;
    typed_code: String as Text = one.right.typed_code.canonical().to_owned();
    held_reason: Option<String> as Nullable<Text> = one.right.held_reason.clone();
    revoked_reason: Option<String> as Nullable<Text> = one.right.revoked_reason.clone();
    by: UserId as Binary = one.by;
    at: i64 as BigInt = one.at.millis();
    desk_no: i32 as Integer = one.right.desk_no;
    revoke_requested: Option<String> as Nullable<Text> = one.right.marks.revoke_requested.clone();
    hold_taken: bool as Bool = one.right.marks.hold_taken;
    release_owed: bool as Bool = one.right.marks.release_owed;
    doubt: Option<DeviceId> as Nullable<Binary> = one.right.marks.doubt;
    replaced: bool as Bool = one.right.marks.replaced;
    exception_of: Option<EntitlementId> as Nullable<Binary> = one.right.stands_for.map(|stands| stands.first);
    exception_no: i32 as Integer = one.right.stands_for.map_or(0, |stands| stands.number);
} }

rows! {
    New: "INSERT INTO entitlements (id, round_id, household_id, point_id, session_no, value_minor, state, fence_epoch, \
        fence_counter, holder_id, print_no, typed_code, held_reason, revoked_reason, issued_by, issued_at, desk_no, \
        revoke_requested, hold_taken, release_owed, doubt_id, replaced, exception_of, exception_no) \
        VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}) \
        ON CONFLICT (typed_code) DO NOTHING";
}

#[cfg(feature = "postgres")]
impl QueryFragment<Pg> for New {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO entitlements (id, round_id, household_id, point_id, session_no, value_minor, state, fence_epoch, \
             fence_counter, holder_id, print_no, typed_code, held_reason, revoked_reason, issued_by, issued_at, desk_no, \
             revoke_requested, hold_taken, release_owed, doubt_id, replaced, exception_of, exception_no) SELECT * FROM ",
        );
        self.unnest(&mut out)?;
        out.push_sql(" AS n ON CONFLICT (typed_code) DO NOTHING");
        Ok(())
    }
}

#[cfg(feature = "postgres")]
impl RunQueryDsl<PgConnection> for New {}

/// Adds entitlements, leaving out those whose typed code is taken; returns how many were added.
pub fn insert(tx: &mut Write<'_>, new: &[Entitlement], by: UserId, at: Timestamp) -> Result<usize, Error> {
    let codes: Vec<TypedCode> = new.iter().map(|one| one.typed_code).collect();
    let former = former_codes::among(tx, &codes)?;
    let free = |one: &&Entitlement| !former.iter().any(|code| code == one.typed_code.canonical());
    let fresh: Vec<Fresh<'_>> = new.iter().filter(free).map(|right| Fresh { right, by, at }).collect();
    let rows = New::of(fresh.iter())?;
    Ok(match &mut **tx {
        Conn::Sqlite(inner) => write(inner, &rows, fresh.len())?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(inner) => rows.execute(inner)?,
    })
}

/// Which of these exist.
pub fn existing(conn: &mut Conn, ids: &[EntitlementId]) -> Result<Vec<EntitlementId>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        let some: Vec<EntitlementId> =
            entitlements::table.filter(entitlements::id.eq_any(batch)).select(entitlements::id).load(conn)?;
        found.extend(some);
    }
    Ok(found)
}

/// The entitlement with this id, and the agency whose it is.
pub fn find(conn: &mut Conn, id: EntitlementId) -> Result<Option<(Entitlement, AgencyId)>, Error> {
    entitlements::table
        .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
        .inner_join(programmes::table.on(programmes::id.eq(rounds::programme_id)))
        .filter(entitlements::id.eq(id))
        .select((entitlements::all_columns, programmes::agency_id))
        .first::<(Row, AgencyId)>(conn)
        .optional()?
        .map(|(row, agency)| Ok((row.check()?, agency)))
        .transpose()
}

/// Holds an entitlement until the commit, so that nobody changes it, or decides what follows from it, meanwhile.
pub fn hold(tx: &mut Write<'_>, id: EntitlementId) -> Result<(), Error> {
    let same = entitlements::print_no.eq(entitlements::print_no);
    diesel::update(entitlements::table.find(id)).set(same).execute(&mut **tx)?;
    Ok(())
}

/// The first right of a household in a round and the exceptions that stand for it, as they were issued.
pub fn family(conn: &mut Conn, first: EntitlementId) -> Result<Vec<Entitlement>, Error> {
    entitlements::table
        .filter(entitlements::id.eq(first).or(entitlements::exception_of.eq(first)))
        .order(entitlements::exception_no)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// The id of the entitlement with this typed code, and the print where the code stands on an earlier one.
pub fn by_typed_code(conn: &mut Conn, code: TypedCode) -> Result<Option<(EntitlementId, Option<i32>)>, Error> {
    let newest = entitlements::table
        .filter(entitlements::typed_code.eq(code.canonical()))
        .select(entitlements::id)
        .first(conn)
        .optional()?;
    match newest {
        Some(id) => Ok(Some((id, None))),
        None => Ok(former_codes::find(conn, code)?.map(|(id, print)| (id, Some(print)))),
    }
}

/// Makes the next print of an available entitlement, with a typed code of its own, the only good one; returns its number.
pub fn next_print(tx: &mut Write<'_>, id: EntitlementId, code: TypedCode) -> Result<Option<i32>, Error> {
    Ok(diesel::update(entitlements::table.find(id).filter(entitlements::state.eq(State::Available.as_str())))
        .set((entitlements::print_no.eq(entitlements::print_no + 1), entitlements::typed_code.eq(code.canonical())))
        .returning(entitlements::print_no)
        .get_result(&mut **tx)
        .optional()?)
}

/// One voucher with what its paper says.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The entitlement.
    pub entitlement: Entitlement,
    /// The household.
    pub household: Household,
    /// The point's number, code and name.
    pub point: (i32, String, String),
}

type SheetRow = (Row, households::Row, (i32, String, String));

fn check_sheet((entitlement, household, point): SheetRow) -> Result<Sheet, Error> {
    Ok(Sheet { entitlement: entitlement.check()?, household: household.check()?, point })
}

macro_rules! sheets {
    () => {
        entitlements::table
            .inner_join(household_table::table.on(household_table::id.eq(entitlements::household_id)))
            .inner_join(points::table.on(points::id.eq(entitlements::point_id)))
            .select((
                entitlements::all_columns,
                household_table::all_columns,
                (points::number, points::code, points::name),
            ))
    };
}

/// One voucher.
pub fn sheet(conn: &mut Conn, id: EntitlementId) -> Result<Option<Sheet>, Error> {
    sheets!().filter(entitlements::id.eq(id)).first::<SheetRow>(conn).optional()?.map(check_sheet).transpose()
}

/// The vouchers of a round, in the order of their ids: for listings that page through all of them.
pub fn list(conn: &mut Conn, round: RoundId, after: Option<EntitlementId>, limit: i64) -> Result<Vec<Sheet>, Error> {
    let after = after.unwrap_or(EntitlementId::from_bytes([0; 16]));
    sheets!()
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::id.gt(after))
        .order(entitlements::id)
        .limit(limit)
        .load::<SheetRow>(conn)?
        .into_iter()
        .map(check_sheet)
        .collect()
}

/// Which entitlements of a round to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chosen {
    /// At this point alone.
    pub point: Option<PointId>,
    /// In this state alone.
    pub state: Option<State>,
    /// Only those that are held, in force or asked for.
    pub held: bool,
}

/// Entitlements of a round that are chosen, in the order of their ids.
pub fn list_chosen(
    conn: &mut Conn,
    round: RoundId,
    chosen: &Chosen,
    after: Option<EntitlementId>,
    limit: i64,
) -> Result<Vec<Sheet>, Error> {
    let after = after.unwrap_or(EntitlementId::from_bytes([0; 16]));
    let mut query = sheets!().filter(entitlements::round_id.eq(round)).filter(entitlements::id.gt(after)).into_boxed();
    if let Some(point) = chosen.point {
        query = query.filter(entitlements::point_id.eq(point));
    }
    if let Some(state) = chosen.state {
        query = query.filter(entitlements::state.eq(state.as_str()));
    }
    if chosen.held {
        let live = [State::Available.as_str(), State::Leased.as_str()];
        query = query.filter(entitlements::held_reason.is_not_null()).filter(entitlements::state.eq_any(live));
    }
    query.order(entitlements::id).limit(limit).load::<SheetRow>(conn)?.into_iter().map(check_sheet).collect()
}

/// The points at which a round has printable vouchers with their numbers, by number, and how many each has.
pub fn printable_points(conn: &mut Conn, round: RoundId) -> Result<Vec<(PointId, i32, i64)>, Error> {
    Ok(entitlements::table
        .inner_join(points::table.on(points::id.eq(entitlements::point_id)))
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::state.eq_any(State::PRINTABLE.map(State::as_str)))
        .group_by((points::id, points::number))
        .select((points::id, points::number, diesel::dsl::count_star()))
        .order(points::number)
        .load(conn)?)
}

/// Vouchers with what their paper says, in the order of these ids.
pub fn sheets_of(conn: &mut Conn, ids: &[EntitlementId]) -> Result<Vec<Sheet>, Error> {
    let mut found = HashMap::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        for row in sheets!().filter(entitlements::id.eq_any(batch)).load::<SheetRow>(conn)? {
            let sheet = check_sheet(row)?;
            found.insert(sheet.entitlement.id, sheet);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The printable vouchers that some households have in a round.
pub fn printable_of(conn: &mut Conn, round: RoundId, households: &[HouseholdId]) -> Result<Vec<Sheet>, Error> {
    let mut found = Vec::new();
    for batch in households.chunks(BATCH) {
        let rows = sheets!()
            .filter(entitlements::round_id.eq(round))
            .filter(entitlements::household_id.eq_any(batch))
            .filter(entitlements::state.eq_any(State::PRINTABLE.map(State::as_str)))
            .load::<SheetRow>(conn)?;
        for row in rows {
            found.push(check_sheet(row)?);
        }
    }
    Ok(found)
}

/// How what some households have in a round stands; of several the one that was issued last.
pub fn states_of(conn: &mut Conn, round: RoundId, of: &[HouseholdId]) -> Result<Vec<(HouseholdId, State)>, Error> {
    let mut found = Vec::new();
    for batch in of.chunks(BATCH) {
        let rows: Vec<(HouseholdId, String)> = entitlements::table
            .filter(entitlements::round_id.eq(round))
            .filter(entitlements::household_id.eq_any(batch))
            .order(entitlements::issued_at)
            .select((entitlements::household_id, entitlements::state))
            .load(conn)?;
        for (household, state) in rows {
            found.push((household, word(State::parse(&state), "entitlement state", &state)?));
        }
    }
    Ok(found)
}

/// Those of a round that can still be redeemed, in the order of their ids: point, newest print, state.
pub fn redeemable(
    conn: &mut Conn,
    round: RoundId,
    after: Option<EntitlementId>,
    limit: i64,
) -> Result<Vec<(EntitlementId, PointId, i32, State)>, Error> {
    let live = [State::Available, State::Leased, State::Unresolved].map(State::as_str);
    entitlements::table
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::state.eq_any(live))
        .filter(entitlements::id.gt(after.unwrap_or(EntitlementId::from_bytes([0; 16]))))
        .order(entitlements::id)
        .limit(limit)
        .select((entitlements::id, entitlements::point_id, entitlements::print_no, entitlements::state))
        .load::<(EntitlementId, PointId, i32, String)>(conn)?
        .into_iter()
        .map(|(id, point, print_no, state)| Ok((id, point, print_no, word(State::parse(&state), "state", &state)?)))
        .collect()
}

/// A right with what the log says of it, too: id, round, point, state, value, and whose it is when it is a first one.
pub type Standing = (EntitlementId, RoundId, PointId, State, i64, Option<HouseholdId>);

/// All rights, in the order of their ids.
pub fn standings(conn: &mut Conn, after: Option<EntitlementId>, limit: i64) -> Result<Vec<Standing>, Error> {
    type Found = (EntitlementId, RoundId, PointId, String, i64, HouseholdId, Option<EntitlementId>);
    entitlements::table
        .filter(entitlements::id.gt(after.unwrap_or(EntitlementId::from_bytes([0; 16]))))
        .order(entitlements::id)
        .limit(limit)
        .select((
            entitlements::id,
            entitlements::round_id,
            entitlements::point_id,
            entitlements::state,
            entitlements::value_minor,
            entitlements::household_id,
            entitlements::exception_of,
        ))
        .load::<Found>(conn)?
        .into_iter()
        .map(|(id, round, point, state, value, household, exception)| {
            let state = word(State::parse(&state), "state", &state)?;
            Ok((id, round, point, state, value, exception.is_none().then_some(household)))
        })
        .collect()
}

/// Whose these entitlements are, by the household's key in the source, and of which round, by its name.
pub fn whose(conn: &mut Conn, ids: &[EntitlementId]) -> Result<Vec<(EntitlementId, String, String)>, Error> {
    Ok(entitlements::table
        .inner_join(household_table::table.on(household_table::id.eq(entitlements::household_id)))
        .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
        .filter(entitlements::id.eq_any(ids.to_vec()))
        .select((entitlements::id, household_table::source_id, rounds::name))
        .load(conn)?)
}
