//! The list of a programme as decrees fixed it, version by version. Nothing is taken from an older version.

use diesel::prelude::*;
use jiff::civil::Date;

use super::conn::{Conn, on_each};
use super::error::{Error, corrupt};
use super::households::{self, Household};
use super::pool::Write;
use super::schema::{beneficiaries, households as table, list_members, lists};
use super::types::time;
use crate::domain::id::{HouseholdId, ListId, PointId, ProgrammeId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::verval::Standing;

/// A version of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// The programme.
    pub programme: ProgrammeId,
    /// 1, 2, 3 …
    pub number: i32,
    /// Number of the decree (SK).
    pub decree_no: String,
    /// Its date.
    pub decree_date: Date,
    /// How many households it names.
    pub households: i64,
    /// Who recorded it.
    pub fixed_by: UserId,
    /// When.
    pub fixed_at: Timestamp,
}

type Row = (ListId, ProgrammeId, i32, String, String, i64, UserId, i64);

fn check((id, programme, number, decree_no, decree_date, households, fixed_by, fixed_at): Row) -> Result<List, Error> {
    let decree_date = decree_date.parse().map_err(corrupt)?;
    Ok(List { id, programme, number, decree_no, decree_date, households, fixed_by, fixed_at: time(fixed_at)? })
}

/// Adds a version with the households that are approved now; returns how many they are.
pub fn fix(tx: &mut Write<'_>, list: &List) -> Result<i64, Error> {
    diesel::insert_into(lists::table)
        .values((
            lists::id.eq(list.id),
            lists::programme_id.eq(list.programme),
            lists::number.eq(list.number),
            lists::decree_no.eq(&list.decree_no),
            lists::decree_date.eq(list.decree_date.to_string()),
            lists::households.eq(list.households),
            lists::fixed_by.eq(list.fixed_by),
            lists::fixed_at.eq(list.fixed_at.millis()),
        ))
        .execute(&mut **tx)?;
    let approved = beneficiaries::table
        .filter(beneficiaries::programme_id.eq(list.programme))
        .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
        .select((
            list.id.into_sql::<diesel::sql_types::Binary>(),
            beneficiaries::household_id,
            beneficiaries::point_id,
        ));
    let count = on_each!(&mut **tx, inner => {
        diesel::insert_into(list_members::table)
            .values(approved)
            .into_columns((list_members::list_id, list_members::household_id, list_members::point_id))
            .execute(inner)
    })?;
    let count = i64::try_from(count).map_err(corrupt)?;
    diesel::update(lists::table.find(list.id)).set(lists::households.eq(count)).execute(&mut **tx)?;
    Ok(count)
}

/// The version with this id.
pub fn find(conn: &mut Conn, id: ListId) -> Result<Option<List>, Error> {
    lists::table.find(id).first::<Row>(conn).optional()?.map(check).transpose()
}

/// The versions of a programme, newest first.
pub fn of_programme(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<List>, Error> {
    lists::table
        .filter(lists::programme_id.eq(programme))
        .order(lists::number.desc())
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// The newest version of a programme, if a decree fixed one.
pub fn newest(conn: &mut Conn, programme: ProgrammeId) -> Result<Option<List>, Error> {
    lists::table
        .filter(lists::programme_id.eq(programme))
        .order(lists::number.desc())
        .first::<Row>(conn)
        .optional()?
        .map(check)
        .transpose()
}

/// The versions that name a household, oldest first.
pub fn of_household(conn: &mut Conn, household: HouseholdId) -> Result<Vec<List>, Error> {
    lists::table
        .inner_join(list_members::table.on(list_members::list_id.eq(lists::id)))
        .filter(list_members::household_id.eq(household))
        .select(lists::all_columns)
        .order(lists::id)
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// A household that a version names, and where it was to collect then.
#[derive(Debug, Clone)]
pub struct Member {
    /// The household, as it is known today.
    pub household: Household,
    /// Its point when the list was fixed.
    pub point: Option<PointId>,
}

type MemberRow = (households::Row, Option<PointId>);

fn member((household, point): MemberRow) -> Result<Member, Error> {
    Ok(Member { household: household.check()?, point })
}

/// The households of a version in the order in which villages expect them, some at a time.
pub fn members(conn: &mut Conn, list: ListId, skip: i64, limit: i64) -> Result<Vec<Member>, Error> {
    list_members::table
        .inner_join(table::table.on(table::id.eq(list_members::household_id)))
        .filter(list_members::list_id.eq(list))
        .select((table::all_columns, list_members::point_id))
        .order((table::sub_district, table::village, table::rt, table::name_folded, table::id))
        .offset(skip)
        .limit(limit)
        .load::<MemberRow>(conn)?
        .into_iter()
        .map(member)
        .collect()
}

/// How many households of a version collect at each point.
pub fn by_point(conn: &mut Conn, list: ListId) -> Result<Vec<(PointId, i64)>, Error> {
    let found = list_members::table
        .filter(list_members::list_id.eq(list))
        .filter(list_members::point_id.is_not_null())
        .group_by(list_members::point_id)
        .select((list_members::point_id, diesel::dsl::count_star()))
        .load::<(Option<PointId>, i64)>(conn)?;
    Ok(found.into_iter().filter_map(|(point, count)| Some((point?, count))).collect())
}

/// How many households of a version live in each sub-district.
pub fn by_sub_district(conn: &mut Conn, list: ListId) -> Result<Vec<(String, i64)>, Error> {
    Ok(list_members::table
        .inner_join(table::table.on(table::id.eq(list_members::household_id)))
        .filter(list_members::list_id.eq(list))
        .group_by(table::sub_district)
        .order(table::sub_district)
        .select((table::sub_district, diesel::dsl::count_star()))
        .load(conn)?)
}

/// The households that one version names and another does not.
pub fn only_in(conn: &mut Conn, list: ListId, but_not: ListId) -> Result<Vec<Member>, Error> {
    let second = diesel::alias!(list_members as second);
    let elsewhere =
        second.filter(second.field(list_members::list_id).eq(but_not)).select(second.field(list_members::household_id));
    list_members::table
        .inner_join(table::table.on(table::id.eq(list_members::household_id)))
        .filter(list_members::list_id.eq(list))
        .filter(diesel::dsl::not(list_members::household_id.eq_any(elsewhere)))
        .select((table::all_columns, list_members::point_id))
        .order((table::sub_district, table::village, table::rt, table::name_folded, table::id))
        .load::<MemberRow>(conn)?
        .into_iter()
        .map(member)
        .collect()
}

/// The households that both versions name at different points, with the point in the older one.
pub fn moved(conn: &mut Conn, from: ListId, to: ListId) -> Result<Vec<(Member, Option<PointId>)>, Error> {
    let older = diesel::alias!(list_members as older);
    list_members::table
        .inner_join(older.on(older.field(list_members::household_id).eq(list_members::household_id)))
        .inner_join(table::table.on(table::id.eq(list_members::household_id)))
        .filter(list_members::list_id.eq(to))
        .filter(older.field(list_members::list_id).eq(from))
        .filter(
            list_members::point_id
                .ne(older.field(list_members::point_id))
                .or(list_members::point_id.is_null().ne(older.field(list_members::point_id).is_null())),
        )
        .select((table::all_columns, list_members::point_id, older.field(list_members::point_id)))
        .order((table::sub_district, table::village, table::rt, table::name_folded, table::id))
        .load::<(households::Row, Option<PointId>, Option<PointId>)>(conn)?
        .into_iter()
        .map(|(household, point, before)| Ok((member((household, point))?, before)))
        .collect()
}
