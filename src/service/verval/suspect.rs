//! Households that may be the same: found when a file is applied and when somebody asks, decided by a person.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::{Actor, Error, Office, Refusal, entry, page, programme};
use super::decide::NewDecision;
use super::{BnbaView, Names};
use crate::domain::audit::Event;
use crate::domain::household::fold_person;
use crate::domain::id::{HouseholdId, Identifier, ProgrammeId, SuspicionId};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::time::Timestamp;
use crate::domain::verval::{EVIDENCE_MAX, Kind, Likeness, Reason, Standing, SuspicionState, judge};
use crate::store::households::Household;
use crate::store::suspicions::Suspicion;
use crate::store::{self, Conn, Write};

/// How many households are compared with the list together.
const BATCH: usize = 500;

/// Up to so many on one family card, each is compared with each; on a fuller one, with the first.
const CARD_FULL: usize = 8;

/// Two households that may be one, side by side.
#[derive(Debug, Clone)]
pub struct SuspicionView {
    /// Its id.
    pub id: SuspicionId,
    /// What raised the question.
    pub kind: Kind,
    /// How it stands.
    pub state: SuspicionState,
    /// The first household.
    pub first: BnbaView,
    /// The other.
    pub other: BnbaView,
    /// In what they agree.
    pub alike: Likeness,
    /// When it was found.
    pub found_at: Timestamp,
    /// Who decided, and when.
    pub decided: Option<(String, Timestamp)>,
    /// What was said then.
    pub note: String,
}

/// How many there are of a state and a kind.
pub type SuspicionCount = (SuspicionState, Kind, i64);

/// Birth dates, each opened once at most.
struct Births<'o> {
    office: &'o Office,
    known: HashMap<HouseholdId, Option<Vec<u8>>>,
}

impl Births<'_> {
    fn of(&mut self, household: &Household) -> Result<Option<Vec<u8>>, Error> {
        if let Some(known) = self.known.get(&household.id) {
            return Ok(known.clone());
        }
        let opened = match &household.birth_date {
            None => None,
            Some(sealed) => Some(self.office.vault.open(Field::BirthDate, household.id.bytes(), sealed)?.to_vec()),
        };
        self.known.insert(household.id, opened.clone());
        Ok(opened)
    }

    /// In what two households agree. Birth dates are opened only where the names are the same.
    fn likeness(&mut self, a: &Household, b: &Household) -> Result<Likeness, Error> {
        fn same<T: PartialEq, S>(a: &Option<(S, T)>, b: &Option<(S, T)>) -> bool {
            matches!((a, b), (Some((_, a)), Some((_, b))) if a == b)
        }
        let name = a.name_folded == b.name_folded || fold_person(&a.name) == fold_person(&b.name);
        let (mut birth, mut other_birth) = (false, false);
        if name && let (Some(one), Some(two)) = (self.of(a)?, self.of(b)?) {
            birth = one == two;
            other_birth = !birth;
        }
        let village = if a.village_code.is_empty() || b.village_code.is_empty() {
            !a.village_folded.is_empty() && a.village_folded == b.village_folded && a.sub_district == b.sub_district
        } else {
            a.village_code == b.village_code
        };
        let both_rt = !a.rt.is_empty() && !b.rt.is_empty();
        Ok(Likeness {
            nik: same(&a.nik, &b.nik),
            family_card: same(&a.family_card, &b.family_card),
            name,
            birth,
            other_birth,
            village,
            rt: both_rt && a.rt == b.rt,
            other_rt: both_rt && a.rt != b.rt,
        })
    }
}

fn owned(conn: &mut Conn, actor: &Actor, id: SuspicionId) -> Result<Suspicion, Error> {
    let found = store::suspicions::find(conn, id)?.ok_or(Refusal::NotFound("suspicion"))?;
    programme::owned_programme(conn, actor, found.programme).map_err(|_| Refusal::NotFound("suspicion"))?;
    Ok(found)
}

impl Office {
    /// Compares households of a programme with all of its list and keeps a question for each pair that may be
    /// one. A pair that was asked about before is not asked about again, whatever the answer was.
    pub(super) fn suspect(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        programme: ProgrammeId,
        ids: &[HouseholdId],
    ) -> Result<i64, Error> {
        let mut births = Births { office: self, known: HashMap::new() };
        let mut found = 0;
        for batch in ids.chunks(BATCH) {
            let mine: Vec<Household> = store::bnba::of(tx, programme, batch)?
                .into_iter()
                .filter(|line| line.standing != Standing::NotEligible)
                .map(|line| line.household)
                .collect();
            let near: HashMap<HouseholdId, Household> = store::suspicions::alike(tx, actor.agency, programme, &mine)?
                .into_iter()
                .map(|one| (one.id, one))
                .collect();
            let asked: BTreeSet<_> = store::suspicions::pairs_of(tx, programme, batch)?.into_iter().collect();
            let mut new = Vec::new();
            for (first, other) in candidates(&mine, near.values()) {
                let (Some(a), Some(b)) = (near.get(&first), near.get(&other)) else { continue };
                if asked.contains(&(first, other)) {
                    continue;
                }
                let Some(kind) = judge(births.likeness(a, b)?) else { continue };
                new.push(Suspicion {
                    id: self.new_id(SuspicionId::by_time)?,
                    programme,
                    kind,
                    first,
                    other,
                    state: SuspicionState::Open,
                    note: String::new(),
                    found_at: self.now(),
                    decided_by: None,
                    decided_at: None,
                });
            }
            found += i64::try_from(store::suspicions::insert(tx, &new)?).unwrap_or(i64::MAX);
        }
        Ok(found)
    }

    /// Compares the whole list of a programme with itself. Returns how many new questions there are.
    pub fn search_duplicates(&self, actor: &Actor, programme: ProgrammeId) -> Result<i64, Error> {
        actor.must(Action::Decide)?;
        self.pool.write("suspicions", |tx| {
            programme::owned_programme(tx, actor, programme)?;
            // Whoever searches at the same time waits, and then finds the same pairs asked about.
            store::beneficiaries::hold_programme(tx, programme)?;
            let beside = self.beside(tx, programme)?;
            let ids = store::bnba::ids(tx, programme, &store::bnba::Filter::default(), beside, i64::MAX)?;
            self.suspect(tx, actor, programme, &ids)
        })
    }

    /// The pairs of a programme, in the order in which they were found, with the counts of all. The look is on
    /// record.
    pub fn suspicions(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        (state, kind): (Option<SuspicionState>, Option<Kind>),
        after: Option<SuspicionId>,
        limit: Option<i64>,
    ) -> Result<(Vec<SuspicionView>, Vec<SuspicionCount>), Error> {
        actor.must(Action::ReadHouseholds)?;
        let found = self.pool.read(|conn| -> Result<_, Error> {
            programme::owned_programme(conn, actor, programme)?;
            let found = store::suspicions::list(conn, programme, state, kind, after, page(limit))?;
            let ids: BTreeSet<HouseholdId> = found.iter().flat_map(|one| [one.first, one.other]).collect();
            let ids: Vec<HouseholdId> = ids.into_iter().collect();
            let lines = store::bnba::of(conn, programme, &ids)?;
            let households: HashMap<HouseholdId, Household> =
                lines.iter().map(|line| (line.household.id, line.household.clone())).collect();
            let seen: HashMap<HouseholdId, BnbaView> =
                self.bnba_views(conn, actor, programme, lines)?.into_iter().map(|view| (view.id, view)).collect();
            let mut births = Births { office: self, known: HashMap::new() };
            let mut names = Names::default();
            let mut views = Vec::with_capacity(found.len());
            for one in found {
                let (Some(a), Some(b)) = (households.get(&one.first), households.get(&one.other)) else { continue };
                let (Some(first), Some(other)) = (seen.get(&one.first), seen.get(&one.other)) else { continue };
                let decided = one.decided_by.zip(one.decided_at);
                views.push(SuspicionView {
                    id: one.id,
                    kind: one.kind,
                    state: one.state,
                    first: first.clone(),
                    other: other.clone(),
                    alike: births.likeness(a, b)?,
                    found_at: one.found_at,
                    decided: decided.map(|(by, at)| names.of(conn, by).map(|name| (name, at))).transpose()?,
                    note: one.note,
                });
            }
            Ok((views, store::suspicions::counts(conn, programme)?))
        })?;
        self.record_look(actor, Event::HouseholdsViewed, programme, format!("suspicions {}", found.0.len()))?;
        Ok(found)
    }

    /// The programme in which a question stands.
    pub fn suspicion_programme(&self, actor: &Actor, id: SuspicionId) -> Result<ProgrammeId, Error> {
        actor.must(Action::ReadHouseholds)?;
        self.pool.read(|conn| Ok(owned(conn, actor, id)?.programme))
    }

    /// Decides whether two households are one. Whichever does not stay becomes not eligible, as a duplicate;
    /// its paper is not touched. Returns the programme, and whether that one holds a voucher of a round that
    /// has not closed.
    pub fn decide_suspicion(
        &self,
        actor: &Actor,
        id: SuspicionId,
        state: SuspicionState,
        note: &str,
    ) -> Result<(ProgrammeId, bool), Error> {
        actor.must(Action::Decide)?;
        let note = entry::text_or_empty("note", note, EVIDENCE_MAX)?;
        self.pool.write("suspicion_decide", |tx| {
            let found = owned(tx, actor, id)?;
            let leaves = match state {
                SuspicionState::Open => {
                    let why = "one of different, first_kept, other_kept".into();
                    return Err(Refusal::Invalid { field: "state", why }.into());
                }
                SuspicionState::Different => None,
                SuspicionState::FirstKept => Some((found.other, found.first)),
                SuspicionState::OtherKept => Some((found.first, found.other)),
            };
            self.must_not_have_touched(tx, actor, &[found.first, found.other])?;
            if !store::suspicions::decide(tx, id, state, &note, actor.user, self.now())? {
                return Err(Refusal::AlreadyDecided.into());
            }
            let mut live = false;
            if let Some((leaves, stays)) = leaves {
                let lines = store::bnba::of(tx, found.programme, &[leaves, stays])?;
                let line = |id| lines.iter().find(|line| line.household.id == id).ok_or(Refusal::NotFound("household"));
                let (leaving, staying) = (line(leaves)?, line(stays)?);
                if staying.standing == Standing::NotEligible {
                    // Otherwise both would be out: the household would lose its place by a slip.
                    let source_id = staying.household.source_id.clone();
                    return Err(Refusal::WrongStanding { source_id, standing: staying.standing }.into());
                }
                if leaving.standing != Standing::NotEligible {
                    let beside = if note.is_empty() { String::new() } else { format!("; {note}") };
                    let evidence = format!("Ganda dengan {}{beside}", staying.household.source_id);
                    let evidence = evidence.chars().take(EVIDENCE_MAX).collect();
                    let (standing, reason) = (Standing::NotEligible, Some(Reason::Duplicate));
                    let new = NewDecision { standing, reason, evidence };
                    self.write_decisions(tx, actor, found.programme, &[leaves], &new, None)?;
                    live = !store::bnba::with_live_paper(tx, found.programme, &[leaves], self.now())?.is_empty();
                }
            }
            self.record(tx, actor.who(), Event::SuspicionDecided, id, state.as_str())?;
            Ok((found.programme, live))
        })
    }
}

/// The pairs that share a NIK, a family card or a name, the smaller id first: only these are looked at, never
/// each with each.
fn candidates<'h>(
    mine: &[Household],
    near: impl Iterator<Item = &'h Household>,
) -> BTreeSet<(HouseholdId, HouseholdId)> {
    let mut by_name: BTreeMap<String, Vec<HouseholdId>> = BTreeMap::new();
    let mut by_number: BTreeMap<[u8; 16], Vec<HouseholdId>> = BTreeMap::new();
    let mut near: Vec<&Household> = near.collect();
    near.sort_unstable_by_key(|one| one.id);
    for one in &near {
        by_name.entry(fold_person(&one.name)).or_default().push(one.id);
        for (_, index) in one.nik.iter().chain(&one.family_card) {
            by_number.entry(index.0).or_default().push(one.id);
        }
    }
    let mut pairs = BTreeSet::new();
    let mut pair = |a: HouseholdId, b: HouseholdId| {
        if a != b {
            pairs.insert((a.min(b), a.max(b)));
        }
    };
    for one in mine {
        for other in by_name.get(&fold_person(&one.name)).into_iter().flatten() {
            pair(one.id, *other);
        }
        for (_, index) in one.nik.iter().chain(&one.family_card) {
            let group = by_number.get(&index.0).map_or(&[][..], Vec::as_slice);
            let shown = if group.len() > CARD_FULL { 1 } else { group.len() };
            for other in group.iter().take(shown) {
                pair(one.id, *other);
            }
        }
    }
    pairs
}
