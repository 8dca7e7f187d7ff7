//! Households whose personal data are gone. What was handed over and what it was worth stays.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{
    case_steps, cases, entitlements, erasures, exceptions, household_versions, household_words, households,
    intake_rows, intakes, programmes, redemptions, rounds,
};
use crate::domain::id::{AgencyId, CaseId, HouseholdId, Identifier, IntakeId, UserId};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// Of an agency's households, in the order of their ids, those that nobody has touched since `before`, whose
/// rounds had all closed then, and that are not erased yet. `after` is where to go on; what comes back beside
/// them is where the next call does, or nothing at the end.
pub fn due(
    conn: &mut Conn,
    agency: AgencyId,
    before: Timestamp,
    after: Option<HouseholdId>,
    limit: i64,
) -> Result<(Vec<HouseholdId>, Option<HouseholdId>), Error> {
    let candidates: Vec<HouseholdId> = households::table
        .filter(households::agency_id.eq(agency))
        .filter(households::updated_at.lt(before.millis()))
        .filter(households::id.gt(after.unwrap_or(HouseholdId::from_bytes([0; 16]))))
        .order(households::id)
        .limit(limit)
        .select(households::id)
        .load(conn)?;
    let full = i64::try_from(candidates.len()).is_ok_and(|count| count >= limit);
    let last = candidates.last().copied().filter(|_| full);
    let erased: Vec<HouseholdId> =
        erasures::table.filter(erasures::household_id.eq_any(&candidates)).select(erasures::household_id).load(conn)?;
    let in_use: Vec<HouseholdId> = entitlements::table
        .inner_join(rounds::table.on(rounds::id.eq(entitlements::round_id)))
        .filter(entitlements::household_id.eq_any(&candidates))
        .filter(rounds::closes_at.ge(before.millis()))
        .select(entitlements::household_id)
        .load(conn)?;
    let due = candidates.into_iter().filter(|id| !erased.contains(id) && !in_use.contains(id)).collect();
    Ok((due, last))
}

/// Erases what identifies a household; false when that was done before. `address` is an empty one, sealed.
/// Rows of intakes, older versions and the names of who collected go too; the receipts stay as they were signed,
/// for they hold no name but only a digest whose salt is erased.
pub fn erase(tx: &mut Write<'_>, id: HouseholdId, address: &Sealed, by: UserId, at: Timestamp) -> Result<bool, Error> {
    let done = erasures::table.find(id).count().get_result::<i64>(&mut **tx)?;
    if done > 0 {
        return Ok(false);
    }
    if let Conn::Sqlite(inner) = &mut **tx {
        // What is taken out of a page is overwritten there, not only forgotten: a name lies open.
        diesel::sql_query("PRAGMA secure_delete = ON").execute(inner)?;
    }
    diesel::insert_into(erasures::table)
        .values((erasures::household_id.eq(id), erasures::erased_by.eq(by), erasures::erased_at.eq(at.millis())))
        .execute(&mut **tx)?;
    let (agency, source_id): (AgencyId, String) =
        households::table.find(id).select((households::agency_id, households::source_id)).first(&mut **tx)?;
    let intakes_of_agency: Vec<IntakeId> = intakes::table
        .inner_join(programmes::table.on(programmes::id.eq(intakes::programme_id)))
        .filter(programmes::agency_id.eq(agency))
        .select(intakes::id)
        .load(&mut **tx)?;
    let gone = format!("erased-{id}");
    let none: Option<Vec<u8>> = None;
    for batch in intakes_of_agency.chunks(500) {
        diesel::update(
            intake_rows::table
                .filter(intake_rows::intake_id.eq_any(batch.to_vec()))
                .filter(intake_rows::source_id.eq(&source_id)),
        )
        .set((intake_rows::particulars_sealed.eq(none.clone()), intake_rows::source_id.eq(&gone)))
        .execute(&mut **tx)?;
    }
    diesel::delete(household_versions::table.filter(household_versions::household_id.eq(id))).execute(&mut **tx)?;
    diesel::delete(household_words::table.filter(household_words::household_id.eq(id))).execute(&mut **tx)?;
    let rights: Vec<crate::domain::id::EntitlementId> =
        entitlements::table.filter(entitlements::household_id.eq(id)).select(entitlements::id).load(&mut **tx)?;
    // What people wrote about it goes too; what they decided stays.
    let nothing: Vec<u8> = Vec::new();
    diesel::update(exceptions::table.filter(exceptions::first_id.eq_any(&rights)))
        .set((exceptions::reason_sealed.eq(&nothing), exceptions::note_sealed.eq(none.clone())))
        .execute(&mut **tx)?;
    let told: Vec<CaseId> =
        cases::table.filter(cases::entitlement_id.eq_any(&rights)).select(cases::id).load(&mut **tx)?;
    diesel::update(cases::table.filter(cases::id.eq_any(&told)))
        .set(cases::detail_sealed.eq(&nothing))
        .execute(&mut **tx)?;
    diesel::update(case_steps::table.filter(case_steps::case_id.eq_any(&told)))
        .set(case_steps::text_sealed.eq(&nothing))
        .execute(&mut **tx)?;
    diesel::update(redemptions::table.filter(redemptions::entitlement_id.eq_any(rights)))
        .set((redemptions::collector_name_sealed.eq(none.clone()), redemptions::collector_name_salt.eq(none.clone())))
        .execute(&mut **tx)?;
    diesel::update(households::table.find(id))
        .set((
            households::source_id.eq(&gone),
            households::name.eq("–"),
            households::name_folded.eq(""),
            households::relation.eq(""),
            households::rt.eq(""),
            households::vulnerabilities.eq(""),
            households::note.eq(""),
            households::nik_sealed.eq(none.clone()),
            households::nik_index.eq(none.clone()),
            households::nik_tail_index.eq(none.clone()),
            households::family_card_sealed.eq(none.clone()),
            households::family_card_index.eq(none.clone()),
            households::birth_date_sealed.eq(none),
            households::address_sealed.eq(address.ciphertext().to_vec()),
        ))
        .execute(&mut **tx)?;
    Ok(true)
}
