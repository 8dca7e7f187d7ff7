//! The list of a programme by name by address (BNBA): which households match, and each as a line of it.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::beneficiaries::check_standing;
use super::conn::Conn;
use super::error::Error;
use super::households::{self, Household};
use super::schema::{
    beneficiaries, entitlements, households as table, list_members, point_windows, rounds, suspicions,
};
use crate::domain::entitlement::State;
use crate::domain::household::Vulnerability;
use crate::domain::id::{HouseholdId, ListId, PointId, ProgrammeId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::verval::{Reason, Standing, SuspicionState};

/// What is odd about a household, where that is what one looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Its name carries ALM. or ALMH.: the recipient has probably died.
    SaysDeceased,
    /// It has no NIK.
    NoNik,
    /// The civil registry does not know the NIK.
    NotMatched,
    /// It may be the same as another, and nobody has said.
    Suspected,
    /// It is not approved, and holds a voucher of a round that has not closed.
    LivePaper,
    /// It is approved, and not in the newest list that a decree fixed.
    NotInList,
    /// It is in that list, and not approved any more.
    LeftList,
    /// It is approved, and has no point.
    Unplaced,
}

impl Flag {
    /// Every flag.
    pub const ALL: [Self; 8] = [
        Self::SaysDeceased,
        Self::NoNik,
        Self::NotMatched,
        Self::Suspected,
        Self::LivePaper,
        Self::NotInList,
        Self::LeftList,
        Self::Unplaced,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SaysDeceased => "says_deceased",
            Self::NoNik => "no_nik",
            Self::NotMatched => "not_matched",
            Self::Suspected => "suspected",
            Self::LivePaper => "live_paper",
            Self::NotInList => "not_in_list",
            Self::LeftList => "left_list",
            Self::Unplaced => "unplaced",
        }
    }

    /// The flag with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == code)
    }
}

/// Which households of a programme. Nothing set means all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// In this sub-district.
    pub sub_district: Option<String>,
    /// In this village.
    pub village: Option<String>,
    /// Of this standing.
    pub standing: Option<Standing>,
    /// Of this decile.
    pub decile: Option<i32>,
    /// Of this category.
    pub category: Option<Vulnerability>,
    /// With this oddity.
    pub flag: Option<Flag>,
}

/// What is compared with: the moment, and the newest list.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    /// Now: a round that has closed has no live paper.
    pub now: Timestamp,
    /// The newest list, if a decree fixed one.
    pub list: Option<ListId>,
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct Line {
    /// The household.
    pub household: Household,
    /// What was decided.
    pub standing: Standing,
    /// Why, when it is not eligible.
    pub reason: Option<Reason>,
    /// The note beside.
    pub evidence: String,
    /// Who decided last.
    pub decided_by: UserId,
    /// Where it collects.
    pub point: Option<PointId>,
    /// In which time slot.
    pub session_no: i32,
    /// What it receives; empty for whatever a round gives.
    pub package_code: String,
}

/// The states of an entitlement whose paper is good, or may be.
fn live() -> Vec<&'static str> {
    State::ALL.into_iter().filter(|state| state.is_live()).map(State::as_str).collect()
}

/// The name in upper case as words between spaces, in both dialects.
macro_rules! words_of_name {
    () => {
        "' ' || replace(replace(replace(replace(upper(households.name), '.', ' '), ',', ' '), '(', ' '), ')', ' ') || ' '"
    };
}

/// The same as [`crate::domain::household::name_says_deceased`], which a test holds it to.
const SAYS_DECEASED: &str = concat!(
    "(",
    words_of_name!(),
    " LIKE '% ALM %' OR ",
    words_of_name!(),
    " LIKE '% ALMH %' OR ",
    words_of_name!(),
    " LIKE '% ALMARHUM %' OR ",
    words_of_name!(),
    " LIKE '% ALMARHUMAH %')"
);

macro_rules! matching {
    ($programme:expr, $filter:expr, $beside:expr) => {{
        let filter: &Filter = $filter;
        let beside: Beside = $beside;
        let mut query = beneficiaries::table
            .inner_join(table::table.on(table::id.eq(beneficiaries::household_id)))
            .filter(beneficiaries::programme_id.eq($programme))
            .into_boxed();
        if let Some(name) = &filter.sub_district {
            query = query.filter(table::sub_district.eq(name.clone()));
        }
        if let Some(name) = &filter.village {
            query = query.filter(table::village.eq(name.clone()));
        }
        if let Some(standing) = filter.standing {
            query = query.filter(beneficiaries::standing.eq(standing.as_str()));
        }
        if let Some(decile) = filter.decile {
            query = query.filter(table::decile.eq(decile));
        }
        if let Some(category) = filter.category {
            // No word of the list stands within another.
            query = query.filter(table::vulnerabilities.like(format!("%{}%", category.word())));
        }
        let in_list = || {
            list_members::table
                .filter(list_members::list_id.eq(beside.list.unwrap_or(ListId::random([0; 16]))))
                .select(list_members::household_id)
        };
        match filter.flag {
            None => {}
            Some(Flag::SaysDeceased) => query = query.filter(diesel::dsl::sql::<Bool>(SAYS_DECEASED)),
            Some(Flag::NoNik) => query = query.filter(table::nik_index.is_null()),
            Some(Flag::NotMatched) => query = query.filter(table::civil_match.eq(false)),
            Some(Flag::Unplaced) => {
                query = query
                    .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
                    .filter(beneficiaries::point_id.is_null());
            }
            Some(Flag::NotInList) => {
                query = query
                    .filter(beneficiaries::standing.eq(Standing::Approved.as_str()))
                    .filter(diesel::dsl::not(table::id.eq_any(in_list())));
            }
            Some(Flag::LeftList) => {
                query = query
                    .filter(beneficiaries::standing.ne(Standing::Approved.as_str()))
                    .filter(table::id.eq_any(in_list()));
            }
            Some(Flag::Suspected) => {
                let open = || {
                    suspicions::table
                        .filter(suspicions::programme_id.eq($programme))
                        .filter(suspicions::state.eq(SuspicionState::Open.as_str()))
                };
                query = query.filter(
                    table::id
                        .eq_any(open().select(suspicions::household_id))
                        .or(table::id.eq_any(open().select(suspicions::other_id))),
                );
            }
            Some(Flag::LivePaper) => {
                query = query.filter(beneficiaries::standing.ne(Standing::Approved.as_str())).filter(
                    table::id.eq_any(
                        entitlements::table
                            .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
                            .filter(rounds::programme_id.eq($programme))
                            .filter(rounds::closes_at.gt(beside.now.millis()))
                            .filter(entitlements::state.eq_any(live()))
                            .select(entitlements::household_id),
                    ),
                );
            }
        }
        query
    }};
}

/// How many households match.
pub fn count(conn: &mut Conn, programme: ProgrammeId, filter: &Filter, beside: Beside) -> Result<i64, Error> {
    Ok(matching!(programme, filter, beside).count().get_result(conn)?)
}

/// Their ids, at most so many.
pub fn ids(
    conn: &mut Conn,
    programme: ProgrammeId,
    filter: &Filter,
    beside: Beside,
    limit: i64,
) -> Result<Vec<HouseholdId>, Error> {
    Ok(matching!(programme, filter, beside)
        .select(beneficiaries::household_id)
        .order(beneficiaries::household_id)
        .limit(limit)
        .load(conn)?)
}

type LineRow = (households::Row, (String, String, String, UserId), (Option<PointId>, i32, String));

fn check((household, decided, placed): LineRow) -> Result<Line, Error> {
    let (standing, reason, evidence, decided_by) = decided;
    let (point, session_no, package_code) = placed;
    let (standing, reason) = check_standing(&standing, &reason)?;
    Ok(Line { household: household.check()?, standing, reason, evidence, decided_by, point, session_no, package_code })
}

/// Where a page of the list begins: what it is sorted by.
struct Place {
    sub_district: String,
    village: String,
    rt: String,
    name: String,
    id: HouseholdId,
}

fn place_of(conn: &mut Conn, id: HouseholdId) -> Result<Option<Place>, Error> {
    let row = table::table
        .find(id)
        .select((table::sub_district, table::village, table::rt, table::name_folded))
        .first::<(String, String, String, String)>(conn)
        .optional()?;
    Ok(row.map(|(sub_district, village, rt, name)| Place { sub_district, village, rt, name, id }))
}

/// The lines behind a household, in the order in which villages expect them: sub-district, village, RT, name.
pub fn list(
    conn: &mut Conn,
    programme: ProgrammeId,
    filter: &Filter,
    beside: Beside,
    after: Option<HouseholdId>,
    limit: i64,
) -> Result<Vec<Line>, Error> {
    let begin = match after {
        Some(id) => place_of(conn, id)?,
        None => None,
    };
    let mut query = matching!(programme, filter, beside);
    if let Some(at) = begin {
        let in_rt = table::name_folded.gt(at.name.clone()).or(table::name_folded.eq(at.name).and(table::id.gt(at.id)));
        let in_village = table::rt.gt(at.rt.clone()).or(table::rt.eq(at.rt).and(in_rt));
        let in_sub_district = table::village.gt(at.village.clone()).or(table::village.eq(at.village).and(in_village));
        query = query.filter(
            table::sub_district
                .gt(at.sub_district.clone())
                .or(table::sub_district.eq(at.sub_district).and(in_sub_district)),
        );
    }
    query
        .select((
            table::all_columns,
            (beneficiaries::standing, beneficiaries::reason, beneficiaries::evidence, beneficiaries::approved_by),
            (beneficiaries::point_id, beneficiaries::session_no, beneficiaries::package_code),
        ))
        .order((table::sub_district, table::village, table::rt, table::name_folded, table::id))
        .limit(limit)
        .load::<LineRow>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// The lines of these households, in no order.
pub fn of(conn: &mut Conn, programme: ProgrammeId, ids: &[HouseholdId]) -> Result<Vec<Line>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(500) {
        let rows = beneficiaries::table
            .inner_join(table::table.on(table::id.eq(beneficiaries::household_id)))
            .filter(beneficiaries::programme_id.eq(programme))
            .filter(beneficiaries::household_id.eq_any(batch))
            .select((
                table::all_columns,
                (beneficiaries::standing, beneficiaries::reason, beneficiaries::evidence, beneficiaries::approved_by),
                (beneficiaries::point_id, beneficiaries::session_no, beneficiaries::package_code),
            ))
            .load::<LineRow>(conn)?;
        for row in rows {
            found.push(check(row)?);
        }
    }
    Ok(found)
}

/// The villages of a programme with how many households each has: sub-district, village, count.
pub fn villages(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<(String, String, i64)>, Error> {
    Ok(beneficiaries::table
        .inner_join(table::table.on(table::id.eq(beneficiaries::household_id)))
        .filter(beneficiaries::programme_id.eq(programme))
        .group_by((table::sub_district, table::village))
        .order((table::sub_district, table::village))
        .select((table::sub_district, table::village, diesel::dsl::count_star()))
        .load(conn)?)
}

/// Which of these households hold a voucher of a round that has not closed at its point.
pub fn with_live_paper(
    conn: &mut Conn,
    programme: ProgrammeId,
    ids: &[HouseholdId],
    now: Timestamp,
) -> Result<Vec<HouseholdId>, Error> {
    let mut found = Vec::new();
    for batch in ids.chunks(500) {
        let some: Vec<HouseholdId> = entitlements::table
            .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
            .left_join(
                point_windows::table.on(point_windows::round_id
                    .eq(entitlements::round_id)
                    .and(point_windows::point_id.eq(entitlements::point_id))),
            )
            .filter(rounds::programme_id.eq(programme))
            .filter(
                point_windows::closes_at
                    .nullable()
                    .gt(now.millis())
                    .or(point_windows::closes_at.nullable().is_null().and(rounds::closes_at.gt(now.millis()))),
            )
            .filter(entitlements::state.eq_any(live()))
            .filter(entitlements::household_id.eq_any(batch))
            .select(entitlements::household_id)
            .distinct()
            .load(conn)?;
        found.extend(some);
    }
    Ok(found)
}
