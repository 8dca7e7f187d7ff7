//! Overlap (irisan) of a programme with the others of the installation: shown, never a reason to refuse.

use std::collections::BTreeMap;

use super::programme::owned_programme;
use super::{Actor, Error, HouseholdView, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::id::{HouseholdId, ProgrammeId};
use crate::domain::role::Action;
use crate::store;
use crate::store::overlaps::Other;

/// A household that other programmes help too.
#[derive(Debug, Clone)]
pub struct OverlapView {
    /// The household of this programme, masked.
    pub household: HouseholdView,
    /// The names of the other programmes and their agencies; nothing else of them is told.
    pub others: Vec<(String, String)>,
}

impl Office {
    /// How many households of a programme others help too, and which programmes these are.
    pub fn overlap_counts(&self, actor: &Actor, programme: ProgrammeId) -> Result<(i64, Vec<Other>), Error> {
        actor.must(Action::ReadHouseholds)?;
        self.pool.read_snapshot(|conn| {
            owned_programme(conn, actor, programme)?;
            Ok((store::overlaps::count(conn, programme)?, store::overlaps::others(conn, programme)?))
        })
    }

    /// These households, in the order of their ids. The look is on record.
    pub fn overlaps(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        after: Option<HouseholdId>,
        limit: Option<i64>,
    ) -> Result<Vec<OverlapView>, Error> {
        actor.must(Action::ReadHouseholds)?;
        let views = self.pool.read(|conn| {
            owned_programme(conn, actor, programme)?;
            let mut found: BTreeMap<HouseholdId, Vec<(String, String)>> = BTreeMap::new();
            for one in store::overlaps::list(conn, programme, after, page(limit))? {
                found.entry(one.household).or_default().push((one.programme, one.agency));
            }
            let mut views = Vec::with_capacity(found.len());
            for (id, others) in found {
                let household = store::households::find(conn, id)?.ok_or(Refusal::NotFound("household"))?;
                views.push(OverlapView { household: self.household_view(household)?, others });
            }
            Ok::<_, Error>(views)
        })?;
        self.record_look(actor, Event::HouseholdsViewed, programme, format!("{} overlaps", views.len()))?;
        Ok(views)
    }
}
