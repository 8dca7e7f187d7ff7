//! Verification and validation: who is in the list and who is not, decided by another person than who
//! entered the household, and kept decision by decision.

mod decide;
mod difference;
mod history;
mod intake;
mod list;
mod substitute;
mod suspect;

use std::collections::{BTreeMap, BTreeSet};

pub use decide::{Decided, NewDecision, Preview, Whom};
pub use difference::{Difference, DifferenceLine, difference_csv};
pub use history::{DecisionView, VervalHistory};
pub use list::{ANNEX_MAX, ListView, MemberView};
pub(in crate::service) use substitute::REPLACED;
pub use substitute::{NewSubstitution, Replaced, SubstitutionView};
pub use suspect::{SuspicionCount, SuspicionView};

use super::{Actor, Error, Office, page, programme};
use crate::domain::audit::Event;
use crate::domain::id::{HouseholdId, PointId, ProgrammeId, UserId};
use crate::domain::role::Action;
use crate::domain::verval::{Reason, Standing, SuspicionState};
use crate::store::bnba::{Beside, Filter, Flag, Line};
use crate::store::{self, Conn};

/// A household of a programme on a screen, by name by address: the NIK masked, no street.
#[derive(Debug, Clone)]
pub struct BnbaView {
    /// The household.
    pub id: HouseholdId,
    /// Its key in the source.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// Neighbourhood, three digits, or empty.
    pub rt: String,
    /// The village.
    pub village: String,
    /// The sub-district.
    pub sub_district: String,
    /// Welfare decile.
    pub decile: Option<i32>,
    /// Whether the civil registry knows the NIK.
    pub civil_match: Option<bool>,
    /// Vulnerabilities, in the words of the lists.
    pub categories: String,
    /// What was decided.
    pub standing: Standing,
    /// Why, when it is not eligible.
    pub reason: Option<Reason>,
    /// The note beside.
    pub evidence: String,
    /// Who decided last; empty while nobody has.
    pub decided_by: String,
    /// The code of its point, once it is placed.
    pub point: Option<String>,
    /// Whether it may be the same as another, and nobody has said.
    pub suspected: bool,
    /// Whether it holds a voucher of a round that has not closed.
    pub live_paper: bool,
}

/// How the list of a programme stands, against the newest decree and the open questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListStanding {
    /// The newest version that a decree fixed, if one has.
    pub newest: Option<store::lists::List>,
    /// Approved.
    pub approved: i64,
    /// In reserve.
    pub reserve: i64,
    /// Not eligible.
    pub not_eligible: i64,
    /// Not decided yet.
    pub undecided: i64,
    /// Approved, and not in the newest version: issuing would give them a voucher that no decree names.
    pub not_in_list: i64,
    /// In the newest version, and not approved any more.
    pub left_list: i64,
    /// Not approved, and holding a voucher of a round that has not closed.
    pub live_papers: i64,
    /// Pairs that may be the same household, and nobody has said.
    pub open_suspicions: i64,
    /// Substitutions that wait for a decision.
    pub open_substitutions: i64,
    /// Approved, and without a point.
    pub unplaced: i64,
}

impl ListStanding {
    /// All households of the programme.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.approved + self.reserve + self.not_eligible + self.undecided
    }
}

/// Names of people by their ids, each asked for once.
#[derive(Default)]
struct Names(BTreeMap<UserId, String>);

impl Names {
    fn of(&mut self, conn: &mut Conn, id: UserId) -> Result<String, Error> {
        if let Some(name) = self.0.get(&id) {
            return Ok(name.clone());
        }
        let name = store::users::find(conn, id)?.map(|user| user.name).unwrap_or_default();
        self.0.insert(id, name.clone());
        Ok(name)
    }
}

/// The codes of an agency's points.
fn point_codes(conn: &mut Conn, actor: &Actor) -> Result<BTreeMap<PointId, String>, Error> {
    Ok(store::points::of_agency(conn, actor.agency)?.into_iter().map(|point| (point.id, point.code)).collect())
}

impl Office {
    /// What a filter compares with at this moment.
    fn beside(&self, conn: &mut Conn, programme: ProgrammeId) -> Result<Beside, Error> {
        let list = store::lists::newest(conn, programme)?.map(|list| list.id);
        Ok(Beside { now: self.now(), list })
    }

    /// Households of a programme by name by address, in the order of sub-district, village, RT and name, with
    /// how many match in all. The look is on record.
    pub fn bnba(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        filter: &Filter,
        after: Option<HouseholdId>,
        limit: Option<i64>,
    ) -> Result<(Vec<BnbaView>, i64), Error> {
        actor.must(Action::ReadHouseholds)?;
        let (views, total) = self.pool.read(|conn| -> Result<_, Error> {
            programme::owned_programme(conn, actor, programme)?;
            let beside = self.beside(conn, programme)?;
            let total = store::bnba::count(conn, programme, filter, beside)?;
            let lines = store::bnba::list(conn, programme, filter, beside, after, page(limit))?;
            Ok((self.bnba_views(conn, actor, programme, lines)?, total))
        })?;
        self.record_look(actor, Event::HouseholdsViewed, programme, format!("bnba {}", views.len()))?;
        Ok((views, total))
    }

    /// One household of a programme. The look is on record.
    pub fn bnba_one(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        household: HouseholdId,
    ) -> Result<Option<BnbaView>, Error> {
        actor.must(Action::ReadHouseholds)?;
        let found = self.pool.read(|conn| -> Result<_, Error> {
            programme::owned_programme(conn, actor, programme)?;
            let lines = store::bnba::of(conn, programme, &[household])?;
            Ok(self.bnba_views(conn, actor, programme, lines)?.pop())
        })?;
        if found.is_some() {
            self.record_look(actor, Event::HouseholdsViewed, household, String::new())?;
        }
        Ok(found)
    }

    fn bnba_views(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        programme: ProgrammeId,
        lines: Vec<Line>,
    ) -> Result<Vec<BnbaView>, Error> {
        let ids: Vec<HouseholdId> = lines.iter().map(|line| line.household.id).collect();
        let suspected: BTreeSet<_> = store::suspicions::open_among(conn, programme, &ids)?.into_iter().collect();
        let live: BTreeSet<_> = store::bnba::with_live_paper(conn, programme, &ids, self.now())?.into_iter().collect();
        let codes = point_codes(conn, actor)?;
        let mut names = Names::default();
        let mut views = Vec::with_capacity(lines.len());
        for line in lines {
            let Line { household, standing, reason, evidence, decided_by, point, .. } = line;
            views.push(BnbaView {
                id: household.id,
                nik_masked: self.nik_masked(&household)?,
                suspected: suspected.contains(&household.id),
                live_paper: live.contains(&household.id),
                source_id: household.source_id,
                name: household.name,
                rt: household.rt,
                village: household.village,
                sub_district: household.sub_district,
                decile: household.decile,
                civil_match: household.civil_match,
                categories: household.vulnerabilities.replace('|', ", "),
                standing,
                reason,
                evidence,
                decided_by: match standing {
                    Standing::Undecided => String::new(),
                    _ => names.of(conn, decided_by)?,
                },
                point: point.and_then(|point| codes.get(&point).cloned()),
            });
        }
        Ok(views)
    }

    /// The villages of a programme with how many households each has: sub-district, village, count.
    pub fn bnba_villages(&self, actor: &Actor, programme: ProgrammeId) -> Result<Vec<(String, String, i64)>, Error> {
        actor.must(Action::ReadHouseholds)?;
        self.pool.read(|conn| {
            programme::owned_programme(conn, actor, programme)?;
            Ok(store::bnba::villages(conn, programme)?)
        })
    }

    /// How the list of a programme stands. Counts alone, nothing personal, so whoever may see a round may
    /// see them.
    pub fn list_standing(&self, actor: &Actor, programme: ProgrammeId) -> Result<ListStanding, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read_snapshot(|conn| {
            programme::owned_programme(conn, actor, programme)?;
            self.standing_of(conn, programme)
        })
    }

    fn standing_of(&self, conn: &mut Conn, programme: ProgrammeId) -> Result<ListStanding, Error> {
        let newest = store::lists::newest(conn, programme)?;
        let beside = Beside { now: self.now(), list: newest.as_ref().map(|list| list.id) };
        let standings = store::beneficiaries::count_standings(conn, programme)?;
        let of = |wanted| standings.iter().find(|(standing, _)| *standing == wanted).map_or(0, |(_, count)| *count);
        let mut flagged =
            |flag| store::bnba::count(conn, programme, &Filter { flag: Some(flag), ..Filter::default() }, beside);
        let approved = of(Standing::Approved);
        let (not_in_list, left_list) =
            if newest.is_some() { (flagged(Flag::NotInList)?, flagged(Flag::LeftList)?) } else { (approved, 0) };
        let (live_papers, unplaced) = (flagged(Flag::LivePaper)?, flagged(Flag::Unplaced)?);
        Ok(ListStanding {
            newest,
            approved,
            reserve: of(Standing::Reserve),
            not_eligible: of(Standing::NotEligible),
            undecided: of(Standing::Undecided),
            not_in_list,
            left_list,
            live_papers,
            unplaced,
            open_suspicions: store::suspicions::counts(conn, programme)?
                .into_iter()
                .filter(|(state, _, _)| *state == SuspicionState::Open)
                .map(|(_, _, count)| count)
                .sum(),
            open_substitutions: store::substitutions::count_proposed(conn, programme)?,
        })
    }
}
