//! What is on record of a household on its way to the list: versions, decisions, suspicions, lists.

use diesel::prelude::*;

use crate::domain::id::{AgencyId, HouseholdId, IntakeId, PointId, ProgrammeId, UserId};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;
use crate::store::conn::Conn;
use crate::store::error::Error;
use crate::store::schema::{
    beneficiaries, decisions, household_versions, list_members, lists, programmes, substitutions, suspicions,
};
use crate::store::types::time;

/// A household in a programme, as it stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The programme.
    pub programme: ProgrammeId,
    /// Its name.
    pub programme_name: String,
    /// The agency whose it is.
    pub agency: AgencyId,
    /// The code of what was decided.
    pub standing: String,
    /// Why.
    pub reason: String,
    /// Where it collects.
    pub point: Option<PointId>,
    /// In which session.
    pub session_no: i32,
    /// At which desk.
    pub desk_no: i32,
    /// Whether a person placed it by hand.
    pub placed_by_hand: bool,
}

/// Where households stand in the programmes that know them.
pub fn standings(conn: &mut Conn, of: &[HouseholdId]) -> Result<Vec<(HouseholdId, Standing)>, Error> {
    type Found = (HouseholdId, ProgrammeId, String, AgencyId, String, String, Option<PointId>, (i32, i32, bool));
    // Programmes are few, and what a household is in each of them lies under programme and household.
    let all: Vec<ProgrammeId> = programmes::table.select(programmes::id).load(conn)?;
    Ok(beneficiaries::table
        .inner_join(programmes::table.on(programmes::id.eq(beneficiaries::programme_id)))
        .filter(beneficiaries::programme_id.eq_any(all))
        .filter(beneficiaries::household_id.eq_any(of))
        .order(beneficiaries::programme_id)
        .select((
            beneficiaries::household_id,
            programmes::id,
            programmes::name,
            programmes::agency_id,
            beneficiaries::standing,
            beneficiaries::reason,
            beneficiaries::point_id,
            (beneficiaries::session_no, beneficiaries::desk_no, beneficiaries::placed_by_hand),
        ))
        .load::<Found>(conn)?
        .into_iter()
        .map(
            |(
                household,
                programme,
                programme_name,
                agency,
                standing,
                reason,
                point,
                (session_no, desk_no, by_hand),
            )| {
                let placed_by_hand = by_hand;
                let one = Standing {
                    programme,
                    programme_name,
                    agency,
                    standing,
                    reason,
                    point,
                    session_no,
                    desk_no,
                    placed_by_hand,
                };
                (household, one)
            },
        )
        .collect())
}

/// A decision on a household.
#[derive(Debug, Clone)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// For which programme.
    pub programme: ProgrammeId,
    /// The code of what was decided.
    pub standing: String,
    /// Why.
    pub reason: String,
    /// On what evidence.
    pub evidence: String,
    /// From which file, if from one.
    pub intake: Option<IntakeId>,
    /// Who decided.
    pub by: UserId,
}

/// Every decision on a household, the first first.
pub fn decisions_on(conn: &mut Conn, household: HouseholdId) -> Result<Vec<Decision>, Error> {
    decisions::table
        .filter(decisions::household_id.eq(household))
        .order(decisions::id)
        .select((
            decisions::decided_at,
            decisions::programme_id,
            decisions::standing,
            decisions::reason,
            decisions::evidence,
            decisions::intake_id,
            decisions::decided_by,
        ))
        .load::<(i64, ProgrammeId, String, String, String, Option<IntakeId>, UserId)>(conn)?
        .into_iter()
        .map(|(at, programme, standing, reason, evidence, intake, by)| {
            Ok(Decision { at: time(at)?, programme, standing, reason, evidence, intake, by })
        })
        .collect()
}

/// A household as an intake left it.
#[derive(Debug, Clone)]
pub struct Version {
    /// When it was taken over.
    pub at: Timestamp,
    /// From which file.
    pub intake: IntakeId,
    /// From which of its rows.
    pub row: i32,
    /// What was known, sealed.
    pub particulars: Sealed,
    /// Who agreed.
    pub by: UserId,
}

/// The versions of a household, the first first.
pub fn versions_of(conn: &mut Conn, household: HouseholdId) -> Result<Vec<Version>, Error> {
    household_versions::table
        .filter(household_versions::household_id.eq(household))
        .order(household_versions::id)
        .select((
            household_versions::changed_at,
            household_versions::intake_id,
            household_versions::row_number,
            household_versions::particulars_sealed,
            household_versions::changed_by,
        ))
        .load::<(i64, IntakeId, i32, Vec<u8>, UserId)>(conn)?
        .into_iter()
        .map(|(at, intake, row, sealed, by)| {
            let particulars = Sealed::from_ciphertext(sealed);
            Ok(Version { at: time(at)?, intake, row, particulars, by })
        })
        .collect()
}

/// A suspicion that a household is another one.
#[derive(Debug, Clone)]
pub struct Suspicion {
    /// When it was found.
    pub at: Timestamp,
    /// For which programme.
    pub programme: ProgrammeId,
    /// The code of its kind.
    pub kind: String,
    /// The other household.
    pub other: HouseholdId,
    /// The code of its state.
    pub state: String,
    /// What was said of it.
    pub note: String,
    /// Who decided and when, once somebody has.
    pub decided: Option<(Timestamp, UserId)>,
}

/// The suspicions about a household, on either side, in programmes of its agency.
pub fn suspicions_on(conn: &mut Conn, agency: AgencyId, household: HouseholdId) -> Result<Vec<Suspicion>, Error> {
    type Found = (i64, ProgrammeId, String, HouseholdId, HouseholdId, String, String, Option<UserId>, Option<i64>);
    let own = programmes_of(conn, agency)?;
    suspicions::table
        .filter(suspicions::programme_id.eq_any(own))
        .filter(suspicions::household_id.eq(household).or(suspicions::other_id.eq(household)))
        .order(suspicions::id)
        .select((
            suspicions::found_at,
            suspicions::programme_id,
            suspicions::kind,
            suspicions::household_id,
            suspicions::other_id,
            suspicions::state,
            suspicions::note,
            suspicions::decided_by,
            suspicions::decided_at,
        ))
        .load::<Found>(conn)?
        .into_iter()
        .map(|(at, programme, kind, one, other, state, note, by, decided_at)| {
            let decided = by.zip(decided_at).map(|(by, at)| Ok::<_, Error>((time(at)?, by))).transpose()?;
            let other = if one == household { other } else { one };
            Ok(Suspicion { at: time(at)?, programme, kind, other, state, note, decided })
        })
        .collect()
}

/// A substitution of which a household is one side.
#[derive(Debug, Clone)]
pub struct Substitution {
    /// When it was proposed.
    pub at: Timestamp,
    /// In which programme.
    pub programme: ProgrammeId,
    /// The household that goes.
    pub old: HouseholdId,
    /// The household that comes.
    pub new: HouseholdId,
    /// Why.
    pub reason: String,
    /// The number of the statement.
    pub statement_no: String,
    /// The code of its state.
    pub state: String,
    /// Who proposed it.
    pub by: UserId,
    /// Who decided and when, once somebody has.
    pub decided: Option<(Timestamp, UserId)>,
}

/// The substitutions of which a household is one side.
pub fn substitutions_of(conn: &mut Conn, agency: AgencyId, household: HouseholdId) -> Result<Vec<Substitution>, Error> {
    type Found =
        (i64, ProgrammeId, HouseholdId, HouseholdId, String, String, String, (UserId, Option<UserId>, Option<i64>));
    let own = programmes_of(conn, agency)?;
    substitutions::table
        .filter(substitutions::programme_id.eq_any(own))
        .filter(substitutions::old_household_id.eq(household).or(substitutions::new_household_id.eq(household)))
        .order(substitutions::id)
        .select((
            substitutions::proposed_at,
            substitutions::programme_id,
            substitutions::old_household_id,
            substitutions::new_household_id,
            substitutions::reason,
            substitutions::statement_no,
            substitutions::state,
            (substitutions::proposed_by, substitutions::decided_by, substitutions::decided_at),
        ))
        .load::<Found>(conn)?
        .into_iter()
        .map(|(at, programme, old, new, reason, statement_no, state, (by, decider, decided_at))| {
            let decided = decider.zip(decided_at).map(|(by, at)| Ok::<_, Error>((time(at)?, by))).transpose()?;
            Ok(Substitution { at: time(at)?, programme, old, new, reason, statement_no, state, by, decided })
        })
        .collect()
}

/// A list that a decree fixed, with a household on it.
#[derive(Debug, Clone)]
pub struct Listing {
    /// When it was fixed.
    pub at: Timestamp,
    /// Of which programme.
    pub programme: ProgrammeId,
    /// Its number.
    pub number: i32,
    /// The decree.
    pub decree_no: String,
    /// Its date.
    pub decree_date: String,
    /// Who recorded it.
    pub by: UserId,
}

/// The lists on which a household stands.
pub fn listings_of(conn: &mut Conn, agency: AgencyId, household: HouseholdId) -> Result<Vec<Listing>, Error> {
    let own = programmes_of(conn, agency)?;
    let of_agency: Vec<HouseholdId> =
        lists::table.filter(lists::programme_id.eq_any(own)).select(lists::id).load(conn)?;
    lists::table
        .inner_join(list_members::table.on(list_members::list_id.eq(lists::id)))
        .filter(list_members::list_id.eq_any(of_agency))
        .filter(list_members::household_id.eq(household))
        .order(lists::id)
        .select((
            lists::fixed_at,
            lists::programme_id,
            lists::number,
            lists::decree_no,
            lists::decree_date,
            lists::fixed_by,
        ))
        .load::<(i64, ProgrammeId, i32, String, String, UserId)>(conn)?
        .into_iter()
        .map(|(at, programme, number, decree_no, decree_date, by)| {
            Ok(Listing { at: time(at)?, programme, number, decree_no, decree_date, by })
        })
        .collect()
}

fn programmes_of(conn: &mut Conn, agency: AgencyId) -> Result<Vec<ProgrammeId>, Error> {
    Ok(programmes::table.filter(programmes::agency_id.eq(agency)).select(programmes::id).load(conn)?)
}
