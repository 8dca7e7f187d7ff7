//! Overlap (irisan): households of a programme that another programme of the installation helps too.
//!
//! Two households are taken for one when they are one, or have the same NIK or the same No. KK. The keyed
//! digests are compared, so nothing has to be opened; of the other side only the programme and its agency
//! come out.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};

use super::conn::{Conn, on_each};
use super::error::Error;
use super::types::{fixed, time};
use crate::domain::id::{HouseholdId, Identifier, ProgrammeId, UserId};
use crate::domain::time::Timestamp;

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

/// One household with another programme that helps it too, and what it gets in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Valued {
    /// The household's id at its source.
    pub source_id: String,
    /// In how many rounds of this programme it has a right, and what they are worth.
    pub here: (i64, i64),
    /// The other programme's name.
    pub programme: String,
    /// The name of its agency.
    pub agency: String,
    /// The same of the other programme; none where it is another agency's.
    pub there: Option<(i64, i64)>,
    /// Who decided that the household is in this programme, and when.
    pub decided: (UserId, Timestamp),
}

#[derive(QueryableByName)]
struct ValuedRow {
    #[diesel(sql_type = Text)]
    source_id: String,
    #[diesel(sql_type = Text)]
    programme: String,
    #[diesel(sql_type = Text)]
    agency: String,
    #[diesel(sql_type = BigInt)]
    ours: i64,
    #[diesel(sql_type = BigInt)]
    here_rounds: i64,
    #[diesel(sql_type = BigInt)]
    here_minor: i64,
    #[diesel(sql_type = BigInt)]
    there_rounds: i64,
    #[diesel(sql_type = BigInt)]
    there_minor: i64,
    #[diesel(sql_type = Binary)]
    decided_by: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    decided_at: i64,
}

/// The overlaps with what each household gets, by its id at the source.
pub fn valued(conn: &mut Conn, programme: ProgrammeId, limit: i64) -> Result<Vec<Valued>, Error> {
    let rights = "COUNT(DISTINCT r.id) AS rounds, CAST(SUM(e.value_minor) AS BIGINT) AS minor";
    let sql = format!(
        "{PAIRS}, here AS (
             SELECT e.household_id AS mine, {rights}
             FROM entitlements e JOIN rounds r ON r.id = e.round_id
             WHERE r.programme_id = $1 AND e.state <> 'revoked' GROUP BY e.household_id),
         there AS (
             SELECT s.mine, r.programme_id AS other, {rights}
             FROM same s JOIN entitlements e ON e.household_id = s.theirs JOIN rounds r ON r.id = e.round_id
             WHERE e.state <> 'revoked' GROUP BY s.mine, r.programme_id)
         SELECT m.source_id, p.name AS programme, a.name AS agency,
             CAST(CASE WHEN p.agency_id = m.agency_id THEN 1 ELSE 0 END AS BIGINT) AS ours,
             CAST(COALESCE(here.rounds, 0) AS BIGINT) AS here_rounds,
             CAST(COALESCE(here.minor, 0) AS BIGINT) AS here_minor,
             CAST(COALESCE(there.rounds, 0) AS BIGINT) AS there_rounds,
             CAST(COALESCE(there.minor, 0) AS BIGINT) AS there_minor,
             b.approved_by AS decided_by, b.approved_at AS decided_at
         FROM pairs JOIN households m ON m.id = pairs.mine
         JOIN beneficiaries b ON b.household_id = pairs.mine AND b.programme_id = $1
         JOIN programmes p ON p.id = pairs.other JOIN agencies a ON a.id = p.agency_id
         LEFT JOIN here ON here.mine = pairs.mine
         LEFT JOIN there ON there.mine = pairs.mine AND there.other = pairs.other
         ORDER BY m.source_id, p.id LIMIT $3"
    );
    let (id, from) = (programme.bytes().to_vec(), vec![0; 16]);
    let rows: Vec<ValuedRow> = on_each!(conn, inner => diesel::sql_query(sql)
        .bind::<Binary, _>(id)
        .bind::<Binary, _>(from)
        .bind::<BigInt, _>(limit)
        .load(inner))?;
    rows.into_iter()
        .map(|row| {
            let by = UserId::from_bytes(fixed(row.decided_by, "the id of a person")?);
            Ok(Valued {
                source_id: row.source_id,
                here: (row.here_rounds, row.here_minor),
                programme: row.programme,
                agency: row.agency,
                there: (row.ours == 1).then_some((row.there_rounds, row.there_minor)),
                decided: (by, time(row.decided_at)?),
            })
        })
        .collect()
}
