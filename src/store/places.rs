//! The official list of villages of an agency's area, and what people write for them.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::{place_aliases, places};
use super::types::time;
use crate::domain::id::{AgencyId, UserId};
use crate::domain::place::{Village, fold_place};
use crate::domain::time::Timestamp;

#[derive(Insertable)]
#[diesel(table_name = places)]
struct Row {
    agency_id: AgencyId,
    code: String,
    village: String,
    sub_district: String,
    village_folded: String,
    sub_district_folded: String,
}

/// Puts a list in the place of the one that was there.
pub fn replace(tx: &mut Write<'_>, agency: AgencyId, villages: &[Village]) -> Result<(), Error> {
    diesel::delete(places::table.filter(places::agency_id.eq(agency))).execute(&mut **tx)?;
    for batch in villages.chunks(1_000) {
        let rows: Vec<Row> = batch
            .iter()
            .map(|village| Row {
                agency_id: agency,
                code: village.code.clone(),
                village: village.name.clone(),
                sub_district: village.sub_district.clone(),
                village_folded: fold_place(&village.name),
                sub_district_folded: fold_place(&village.sub_district),
            })
            .collect();
        on_each!(&mut **tx, inner => diesel::insert_into(places::table).values(&rows).execute(inner))?;
    }
    Ok(())
}

fn village((code, name, sub_district): (String, String, String)) -> Village {
    Village { code, name, sub_district }
}

/// The whole list of an agency, in the order of its codes.
pub fn all(conn: &mut Conn, agency: AgencyId) -> Result<Vec<Village>, Error> {
    let found = places::table
        .filter(places::agency_id.eq(agency))
        .select((places::code, places::village, places::sub_district))
        .order(places::code)
        .load::<(String, String, String)>(conn)?;
    Ok(found.into_iter().map(village).collect())
}

/// Villages of an agency after a code.
pub fn list(conn: &mut Conn, agency: AgencyId, after: &str, limit: i64) -> Result<Vec<Village>, Error> {
    let found = places::table
        .filter(places::agency_id.eq(agency))
        .filter(places::code.gt(after))
        .select((places::code, places::village, places::sub_district))
        .order(places::code)
        .limit(limit)
        .load::<(String, String, String)>(conn)?;
    Ok(found.into_iter().map(village).collect())
}

/// What somebody confirmed about a spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAlias {
    /// The sub-district as written, folded.
    pub sub_district_folded: String,
    /// The village as written, folded; empty when the sub-district alone is meant.
    pub village_folded: String,
    /// The sub-district as written.
    pub sub_district_written: String,
    /// The village as written.
    pub village_written: String,
    /// The code of a village, or of a sub-district when that alone is meant.
    pub code: String,
    /// Who confirmed it.
    pub confirmed_by: UserId,
    /// When.
    pub confirmed_at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = place_aliases)]
struct AliasRow {
    agency_id: AgencyId,
    sub_district_folded: String,
    village_folded: String,
    sub_district_written: String,
    village_written: String,
    code: String,
    confirmed_by: UserId,
    confirmed_at: i64,
}

/// Keeps what was confirmed about a spelling, in place of what was confirmed before.
pub fn keep_alias(tx: &mut Write<'_>, agency: AgencyId, alias: &KeptAlias) -> Result<(), Error> {
    forget_alias(tx, agency, &alias.sub_district_folded, &alias.village_folded)?;
    let row = AliasRow {
        agency_id: agency,
        sub_district_folded: alias.sub_district_folded.clone(),
        village_folded: alias.village_folded.clone(),
        sub_district_written: alias.sub_district_written.clone(),
        village_written: alias.village_written.clone(),
        code: alias.code.clone(),
        confirmed_by: alias.confirmed_by,
        confirmed_at: alias.confirmed_at.millis(),
    };
    diesel::insert_into(place_aliases::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Forgets what was confirmed about a spelling; false when nothing was.
pub fn forget_alias(tx: &mut Write<'_>, agency: AgencyId, sub_district: &str, village: &str) -> Result<bool, Error> {
    let which = place_aliases::table.find((agency, sub_district, village));
    Ok(diesel::delete(which).execute(&mut **tx)? == 1)
}

/// Everything that was confirmed about spellings, in their order.
pub fn aliases(conn: &mut Conn, agency: AgencyId) -> Result<Vec<KeptAlias>, Error> {
    place_aliases::table
        .filter(place_aliases::agency_id.eq(agency))
        .order((place_aliases::sub_district_folded, place_aliases::village_folded))
        .load::<AliasRow>(conn)?
        .into_iter()
        .map(|row| {
            Ok(KeptAlias {
                sub_district_folded: row.sub_district_folded,
                village_folded: row.village_folded,
                sub_district_written: row.sub_district_written,
                village_written: row.village_written,
                code: row.code,
                confirmed_by: row.confirmed_by,
                confirmed_at: time(row.confirmed_at)?,
            })
        })
        .collect()
}
