//! Overlap (irisan): households of a programme that another programme of the installation helps too.
//!
//! Two households are taken for one when they are one, or have the same NIK or the same No. KK. The keyed
//! digests are compared, so nothing has to be opened; of the other side only the programme and its agency
//! come out.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};

use super::conn::{Conn, on_each};
use super::error::Error;
use super::types::fixed;
use crate::domain::id::{HouseholdId, Identifier, ProgrammeId};

/// Another programme that helps the same households.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its name.
    pub programme: String,
    /// Its agency's name.
    pub agency: String,
    /// How many households of this programme it helps too.
    pub households: i64,
}

/// One household that another programme helps too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The household of this programme.
    pub household: HouseholdId,
    /// The other programme's name.
    pub programme: String,
    /// The name of its agency.
    pub agency: String,
}

#[derive(QueryableByName)]
struct OtherRow {
    #[diesel(sql_type = Text)]
    programme: String,
    #[diesel(sql_type = Text)]
    agency: String,
    #[diesel(sql_type = BigInt)]
    households: i64,
}

#[derive(QueryableByName)]
struct OverlapRow {
    #[diesel(sql_type = Binary)]
    household: Vec<u8>,
    #[diesel(sql_type = Text)]
    programme: String,
    #[diesel(sql_type = Text)]
    agency: String,
}

/// Pairs of a household of programme `$1`, after household `$2`, and another programme. The agencies are
/// named so that the indexes, which begin with the agency, serve; a union takes away what is found twice.
const PAIRS: &str = "
    WITH mine AS (
        SELECT h.id, h.nik_index, h.family_card_index
        FROM beneficiaries b JOIN households h ON h.id = b.household_id
        WHERE b.programme_id = $1 AND b.standing = 'approved' AND b.household_id > $2),
    same AS (
        SELECT m.id AS mine, m.id AS theirs FROM mine m
        UNION
        SELECT m.id, h.id FROM mine m CROSS JOIN agencies a
        JOIN households h ON h.agency_id = a.id AND h.nik_index = m.nik_index
        UNION
        SELECT m.id, h.id FROM mine m CROSS JOIN agencies a
        JOIN households h ON h.agency_id = a.id AND h.family_card_index = m.family_card_index),
    pairs AS (
        SELECT DISTINCT s.mine, b.programme_id AS other
        FROM same s JOIN beneficiaries b ON b.household_id = s.theirs
        WHERE b.standing = 'approved' AND b.programme_id <> $1)";

/// The other programmes with how many households they share with this one, the most first.
pub fn others(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Other>, Error> {
    let sql = format!(
        "{PAIRS} SELECT p.name AS programme, a.name AS agency, COUNT(*) AS households
         FROM pairs JOIN programmes p ON p.id = pairs.other JOIN agencies a ON a.id = p.agency_id
         GROUP BY p.id, p.name, a.name ORDER BY 3 DESC, p.id"
    );
    let (id, from) = (programme.bytes().to_vec(), vec![0; 16]);
    let rows: Vec<OtherRow> = on_each!(conn, inner => diesel::sql_query(sql)
        .bind::<Binary, _>(id)
        .bind::<Binary, _>(from)
        .load(inner))?;
    Ok(rows
        .into_iter()
        .map(|row| Other { programme: row.programme, agency: row.agency, households: row.households })
        .collect())
}

/// How many households of the programme overlap at all.
pub fn count(conn: &mut Conn, programme: ProgrammeId) -> Result<i64, Error> {
    let sql =
        format!("{PAIRS} SELECT '' AS programme, '' AS agency, COUNT(DISTINCT pairs.mine) AS households FROM pairs");
    let (id, from) = (programme.bytes().to_vec(), vec![0; 16]);
    let row: OtherRow = on_each!(conn, inner => diesel::sql_query(sql)
        .bind::<Binary, _>(id)
        .bind::<Binary, _>(from)
        .get_result(inner))?;
    Ok(row.households)
}

/// The households that overlap, in the order of their ids, each with one other programme a line.
pub fn list(
    conn: &mut Conn,
    programme: ProgrammeId,
    after: Option<HouseholdId>,
    limit: i64,
) -> Result<Vec<Overlap>, Error> {
    let sql = format!(
        "{PAIRS}, chosen AS (SELECT DISTINCT mine FROM pairs ORDER BY mine LIMIT $3)
         SELECT pairs.mine AS household, p.name AS programme, a.name AS agency
         FROM chosen JOIN pairs ON pairs.mine = chosen.mine
         JOIN programmes p ON p.id = pairs.other JOIN agencies a ON a.id = p.agency_id
         ORDER BY pairs.mine, p.id"
    );
    let after = after.unwrap_or(HouseholdId::from_bytes([0; 16]));
    let (id, from) = (programme.bytes().to_vec(), after.bytes().to_vec());
    let rows: Vec<OverlapRow> = on_each!(conn, inner => diesel::sql_query(sql)
        .bind::<Binary, _>(id)
        .bind::<Binary, _>(from)
        .bind::<BigInt, _>(limit)
        .load(inner))?;
    rows.into_iter()
        .map(|row| {
            let household = HouseholdId::from_bytes(fixed(row.household, "the id of a household")?);
            Ok(Overlap { household, programme: row.programme, agency: row.agency })
        })
        .collect()
}
