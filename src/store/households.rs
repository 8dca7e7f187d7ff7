//! Households of an agency: what may be searched lies open, what identifies a person is sealed.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::pool::Write;
use super::schema::households;
use super::search;
use super::types::{fixed, time};
use crate::domain::id::{AgencyId, HouseholdId, Identifier, UserId};
use crate::domain::sealed::{BlindIndex, Sealed};
use crate::domain::time::Timestamp;

/// A household as kept: what may be searched lies open, what identifies a person is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    /// Its id.
    pub id: HouseholdId,
    /// The agency that holds it.
    pub agency: AgencyId,
    /// The key in the source that it came from, unique in the agency.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// The name as searched.
    pub name_folded: String,
    /// `L` or `P`, if known.
    pub sex: Option<String>,
    /// Relation to the head of the household.
    pub relation: String,
    /// Neighbourhood, three digits.
    pub rt: String,
    /// Official code of the village.
    pub village_code: String,
    /// Its name.
    pub village: String,
    /// The sub-district.
    pub sub_district: String,
    /// Welfare decile.
    pub decile: Option<i32>,
    /// Whether the civil registry knows the NIK.
    pub civil_match: Option<bool>,
    /// Vulnerabilities, separated by `|`.
    pub vulnerabilities: String,
    /// A remark.
    pub note: String,
    /// NIK, sealed, and its index.
    pub nik: Option<(Sealed, BlindIndex)>,
    /// No. KK, sealed, and its index.
    pub family_card: Option<(Sealed, BlindIndex)>,
    /// Street address, sealed.
    pub address: Sealed,
    /// Birth date, sealed.
    pub birth_date: Option<Sealed>,
    /// Who entered it.
    pub entered_by: UserId,
    /// The index of the last four digits of its NIK.
    pub nik_tail: Option<BlindIndex>,
    /// The village as searched.
    pub village_folded: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = households, treat_none_as_default_value = false)]
pub(super) struct Row {
    id: HouseholdId,
    agency_id: AgencyId,
    source_id: String,
    name: String,
    name_folded: String,
    sex: Option<String>,
    relation: String,
    rt: String,
    village_code: String,
    village: String,
    sub_district: String,
    decile: Option<i32>,
    civil_match: Option<bool>,
    vulnerabilities: String,
    note: String,
    nik_sealed: Option<Vec<u8>>,
    nik_index: Option<Vec<u8>>,
    family_card_sealed: Option<Vec<u8>>,
    family_card_index: Option<Vec<u8>>,
    address_sealed: Vec<u8>,
    birth_date_sealed: Option<Vec<u8>>,
    entered_by: UserId,
    created_at: i64,
    updated_at: i64,
    nik_tail_index: Option<Vec<u8>>,
    village_folded: String,
}

fn pair(sealed: Option<Vec<u8>>, index: Option<Vec<u8>>) -> Result<Option<(Sealed, BlindIndex)>, Error> {
    match (sealed, index) {
        (Some(sealed), Some(index)) => {
            Ok(Some((Sealed::from_ciphertext(sealed), BlindIndex(fixed(index, "a blind index")?))))
        }
        _ => Ok(None),
    }
}

impl Row {
    fn of(household: &Household, at: Timestamp) -> Self {
        let sealed =
            |pair: &Option<(Sealed, BlindIndex)>| pair.as_ref().map(|(sealed, _)| sealed.ciphertext().to_vec());
        let index = |pair: &Option<(Sealed, BlindIndex)>| pair.as_ref().map(|(_, index)| index.0.to_vec());
        let household = household.clone();
        Self {
            id: household.id,
            agency_id: household.agency,
            source_id: household.source_id,
            name: household.name,
            name_folded: household.name_folded,
            sex: household.sex,
            relation: household.relation,
            rt: household.rt,
            village_code: household.village_code,
            village: household.village,
            sub_district: household.sub_district,
            decile: household.decile,
            civil_match: household.civil_match,
            vulnerabilities: household.vulnerabilities,
            note: household.note,
            nik_sealed: sealed(&household.nik),
            nik_index: index(&household.nik),
            family_card_sealed: sealed(&household.family_card),
            family_card_index: index(&household.family_card),
            address_sealed: household.address.ciphertext().to_vec(),
            birth_date_sealed: household.birth_date.as_ref().map(|date| date.ciphertext().to_vec()),
            entered_by: household.entered_by,
            created_at: at.millis(),
            updated_at: at.millis(),
            nik_tail_index: household.nik_tail.map(|index| index.0.to_vec()),
            village_folded: household.village_folded,
        }
    }

    pub(super) fn check(self) -> Result<Household, Error> {
        Ok(Household {
            id: self.id,
            agency: self.agency_id,
            source_id: self.source_id,
            name: self.name,
            name_folded: self.name_folded,
            sex: self.sex,
            relation: self.relation,
            rt: self.rt,
            village_code: self.village_code,
            village: self.village,
            sub_district: self.sub_district,
            decile: self.decile,
            civil_match: self.civil_match,
            vulnerabilities: self.vulnerabilities,
            note: self.note,
            nik: pair(self.nik_sealed, self.nik_index)?,
            family_card: pair(self.family_card_sealed, self.family_card_index)?,
            address: Sealed::from_ciphertext(self.address_sealed),
            birth_date: self.birth_date_sealed.map(Sealed::from_ciphertext),
            entered_by: self.entered_by,
            nik_tail: self
                .nik_tail_index
                .map(|index| Ok::<_, Error>(BlindIndex(fixed(index, "a blind index")?)))
                .transpose()?,
            village_folded: self.village_folded,
        })
    }
}

/// How many rows one statement may carry: SQLite takes 32,766 values, a household has 26.
const BATCH: usize = 500;

/// Adds households.
pub fn insert(tx: &mut Write<'_>, new: &[Household], at: Timestamp) -> Result<(), Error> {
    for batch in new.chunks(BATCH) {
        let rows: Vec<Row> = batch.iter().map(|household| Row::of(household, at)).collect();
        on_each!(&mut **tx, inner => diesel::insert_into(households::table).values(&rows).execute(inner))?;
    }
    search::insert_words(tx, new)
}

/// Replaces what is known of households; who entered each and when stays.
pub fn update(tx: &mut Write<'_>, changed: &[Household], at: Timestamp) -> Result<(), Error> {
    macro_rules! taken_over {
        ($($column:ident),*) => { ($(households::$column.eq(excluded(households::$column))),*) };
    }
    for batch in changed.chunks(BATCH) {
        let rows: Vec<Row> = batch.iter().map(|household| Row::of(household, at)).collect();
        on_each!(&mut **tx, inner => {
            diesel::insert_into(households::table)
                .values(&rows)
                .on_conflict(households::id)
                .do_update()
                .set(taken_over!(
                    agency_id, source_id, name, name_folded, sex, relation, rt, village_code, village, sub_district, decile, civil_match, vulnerabilities, note, nik_sealed, nik_index, family_card_sealed, family_card_index, address_sealed, birth_date_sealed, updated_at, nik_tail_index, village_folded
                ))
                .execute(inner)
        })?;
    }
    search::renew_words(tx, changed)
}

/// The household with this id.
pub fn find(conn: &mut Conn, id: HouseholdId) -> Result<Option<Household>, Error> {
    households::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// When a household was entered.
pub fn entered_at(conn: &mut Conn, id: HouseholdId) -> Result<Timestamp, Error> {
    time(households::table.find(id).select(households::created_at).first(conn)?)
}

/// Those households of an agency whose source ids are among these.
pub fn by_source_ids(conn: &mut Conn, agency: AgencyId, source_ids: &[&str]) -> Result<Vec<Household>, Error> {
    households::table
        .filter(households::agency_id.eq(agency))
        .filter(households::source_id.eq_any(source_ids))
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// The source ids of the households of an agency that have one of these NIK.
pub fn source_ids_by_nik(
    conn: &mut Conn,
    agency: AgencyId,
    indexes: &[BlindIndex],
) -> Result<Vec<(BlindIndex, String)>, Error> {
    let wanted: Vec<Vec<u8>> = indexes.iter().map(|index| index.0.to_vec()).collect();
    households::table
        .filter(households::agency_id.eq(agency))
        .filter(households::nik_index.eq_any(wanted))
        .select((households::nik_index.assume_not_null(), households::source_id))
        .load::<(Vec<u8>, String)>(conn)?
        .into_iter()
        .map(|(index, source_id)| Ok((BlindIndex(fixed(index, "a blind index")?), source_id)))
        .collect()
}

/// The household with this NIK.
pub fn by_nik(conn: &mut Conn, agency: AgencyId, nik: BlindIndex) -> Result<Vec<Household>, Error> {
    households::table
        .filter(households::agency_id.eq(agency))
        .filter(households::nik_index.eq(nik.0.to_vec()))
        .order(households::id)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// Households of an agency, in the order of their ids.
pub fn list(
    conn: &mut Conn,
    agency: AgencyId,
    after: Option<HouseholdId>,
    limit: i64,
) -> Result<Vec<Household>, Error> {
    households::table
        .filter(households::agency_id.eq(agency))
        .filter(households::id.gt(after.unwrap_or(HouseholdId::from_bytes([0; 16]))))
        .order(households::id)
        .limit(limit)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}
