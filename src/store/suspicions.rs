//! Households that may be the same, and how that was decided. A pair is asked about once.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::error::Error;
use super::households::{self, Household};
use super::pool::Write;
use super::schema::{beneficiaries, household_words, households as table, suspicions};
use super::types::{maybe_time, time, word};
use crate::domain::household::search::person_word;
use crate::domain::id::{AgencyId, HouseholdId, ProgrammeId, SuspicionId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::verval::{Kind, Standing, SuspicionState};

/// Two households that may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// Its id, which orders by time.
    pub id: SuspicionId,
    /// The programme.
    pub programme: ProgrammeId,
    /// What they have in common.
    pub kind: Kind,
    /// The one whose id comes first.
    pub first: HouseholdId,
    /// The other.
    pub other: HouseholdId,
    /// How it stands.
    pub state: SuspicionState,
    /// What was said when it was decided.
    pub note: String,
    /// When it was found.
    pub found_at: Timestamp,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = suspicions, treat_none_as_default_value = false)]
struct Row {
    id: SuspicionId,
    programme_id: ProgrammeId,
    kind: String,
    household_id: HouseholdId,
    other_id: HouseholdId,
    state: String,
    note: String,
    found_at: i64,
    decided_by: Option<UserId>,
    decided_at: Option<i64>,
}

impl Row {
    fn of(one: &Suspicion) -> Self {
        Self {
            id: one.id,
            programme_id: one.programme,
            kind: one.kind.as_str().to_owned(),
            household_id: one.first,
            other_id: one.other,
            state: one.state.as_str().to_owned(),
            note: one.note.clone(),
            found_at: one.found_at.millis(),
            decided_by: one.decided_by,
            decided_at: one.decided_at.map(Timestamp::millis),
        }
    }

    fn check(self) -> Result<Suspicion, Error> {
        Ok(Suspicion {
            id: self.id,
            programme: self.programme_id,
            kind: word(Kind::parse(&self.kind), "kind of suspicion", &self.kind)?,
            first: self.household_id,
            other: self.other_id,
            state: word(SuspicionState::parse(&self.state), "state of a suspicion", &self.state)?,
            note: self.note,
            found_at: time(self.found_at)?,
            decided_by: self.decided_by,
            decided_at: maybe_time(self.decided_at)?,
        })
    }
}

/// How many rows one statement carries at most.
const BATCH: usize = 1_000;

/// Adds suspicions; a pair that was asked about for the same cause is left as it is.
pub fn insert(tx: &mut Write<'_>, new: &[Suspicion]) -> Result<usize, Error> {
    let mut added = 0;
    for batch in new.chunks(BATCH) {
        let rows: Vec<Row> = batch.iter().map(Row::of).collect();
        added += on_each!(&mut **tx, inner => {
            diesel::insert_into(suspicions::table).values(&rows).on_conflict_do_nothing().execute(inner)
        })?;
    }
    Ok(added)
}

/// The suspicion with this id.
pub fn find(conn: &mut Conn, id: SuspicionId) -> Result<Option<Suspicion>, Error> {
    suspicions::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// Which of these have been asked about with any other household, as pairs.
pub fn pairs_of(
    conn: &mut Conn,
    programme: ProgrammeId,
    ids: &[HouseholdId],
) -> Result<Vec<(HouseholdId, HouseholdId)>, Error> {
    Ok(suspicions::table
        .filter(suspicions::programme_id.eq(programme))
        .filter(suspicions::household_id.eq_any(ids).or(suspicions::other_id.eq_any(ids)))
        .select((suspicions::household_id, suspicions::other_id))
        .load(conn)?)
}

/// The suspicions of a programme, of one state or kind or of all, in the order in which they were found.
pub fn list(
    conn: &mut Conn,
    programme: ProgrammeId,
    state: Option<SuspicionState>,
    kind: Option<Kind>,
    after: Option<SuspicionId>,
    limit: i64,
) -> Result<Vec<Suspicion>, Error> {
    let mut query = suspicions::table.filter(suspicions::programme_id.eq(programme)).into_boxed();
    if let Some(state) = state {
        query = query.filter(suspicions::state.eq(state.as_str()));
    }
    if let Some(kind) = kind {
        query = query.filter(suspicions::kind.eq(kind.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(suspicions::id.gt(after));
    }
    query.order(suspicions::id).limit(limit).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// How many suspicions a programme has, by state and kind.
pub fn counts(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<(SuspicionState, Kind, i64)>, Error> {
    suspicions::table
        .filter(suspicions::programme_id.eq(programme))
        .group_by((suspicions::state, suspicions::kind))
        .select((suspicions::state, suspicions::kind, diesel::dsl::count_star()))
        .load::<(String, String, i64)>(conn)?
        .into_iter()
        .map(|(state, kind, count)| {
            let state = word(SuspicionState::parse(&state), "state of a suspicion", &state)?;
            Ok((state, word(Kind::parse(&kind), "kind of suspicion", &kind)?, count))
        })
        .collect()
}

/// The suspicions about a household, oldest first.
pub fn of_household(conn: &mut Conn, household: HouseholdId) -> Result<Vec<Suspicion>, Error> {
    suspicions::table
        .filter(suspicions::household_id.eq(household).or(suspicions::other_id.eq(household)))
        .order(suspicions::id)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// Which of these households are under an open suspicion.
pub fn open_among(conn: &mut Conn, programme: ProgrammeId, ids: &[HouseholdId]) -> Result<Vec<HouseholdId>, Error> {
    let pairs: Vec<(HouseholdId, HouseholdId)> = suspicions::table
        .filter(suspicions::programme_id.eq(programme))
        .filter(suspicions::state.eq(SuspicionState::Open.as_str()))
        .filter(suspicions::household_id.eq_any(ids).or(suspicions::other_id.eq_any(ids)))
        .select((suspicions::household_id, suspicions::other_id))
        .load(conn)?;
    Ok(pairs.into_iter().flat_map(|(first, other)| [first, other]).collect())
}

/// Keeps how a question was answered; false when somebody had answered it before.
pub fn decide(
    tx: &mut Write<'_>,
    id: SuspicionId,
    state: SuspicionState,
    note: &str,
    by: UserId,
    at: Timestamp,
) -> Result<bool, Error> {
    let open = suspicions::table.find(id).filter(suspicions::state.eq(SuspicionState::Open.as_str()));
    let changed = diesel::update(open)
        .set((
            suspicions::state.eq(state.as_str()),
            suspicions::note.eq(note),
            suspicions::decided_by.eq(by),
            suspicions::decided_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Households of a programme that share a NIK, a family card or a name in any spelling with one of these, themselves
/// included, and are not put aside already. Three questions of an index, whatever the size of the list.
pub fn alike(
    conn: &mut Conn,
    agency: AgencyId,
    programme: ProgrammeId,
    to: &[Household],
) -> Result<Vec<Household>, Error> {
    let names: Vec<String> = to.iter().filter_map(|one| person_word(&one.name)).collect();
    let index = |pair: &Option<(crate::domain::sealed::Sealed, crate::domain::sealed::BlindIndex)>| {
        pair.as_ref().map(|(_, index)| index.0.to_vec())
    };
    let cards: Vec<Vec<u8>> = to.iter().filter_map(|one| index(&one.family_card)).collect();
    let niks: Vec<Vec<u8>> = to.iter().filter_map(|one| index(&one.nik)).collect();
    macro_rules! among {
        ($condition:expr) => {
            table::table
                .inner_join(beneficiaries::table.on(beneficiaries::household_id.eq(table::id)))
                .filter(table::agency_id.eq(agency))
                .filter(beneficiaries::programme_id.eq(programme))
                .filter(beneficiaries::standing.ne(Standing::NotEligible.as_str()))
                .filter($condition)
                .select(table::all_columns)
                .order(table::id)
                .load::<households::Row>(conn)?
        };
    }
    let mut found = std::collections::BTreeMap::new();
    let rows = [
        among!(
            table::id.eq_any(
                household_words::table
                    .filter(household_words::agency_id.eq(agency))
                    .filter(household_words::word.eq_any(&names))
                    .select(household_words::household_id)
            )
        ),
        among!(table::family_card_index.eq_any(&cards)),
        among!(table::nik_index.eq_any(&niks)),
    ];
    for row in rows.into_iter().flatten() {
        let household = row.check()?;
        found.insert(household.id, household);
    }
    Ok(found.into_values().collect())
}
