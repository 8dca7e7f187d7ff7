//! What was decided about one household: for its page.

use super::super::{Actor, Error, Office, Refusal};
use super::Names;
use crate::domain::audit::Event;
use crate::domain::id::{HouseholdId, IntakeId, ProgrammeId};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::domain::verval::{Reason, Standing};
use crate::store;
use crate::store::decisions::Decision;
use crate::store::lists::List;
use crate::store::substitutions::Substitution;
use crate::store::suspicions::Suspicion;

/// A decision on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionView {
    /// The programme that decided.
    pub programme: ProgrammeId,
    /// What was decided.
    pub standing: Standing,
    /// Why, when it is not eligible.
    pub reason: Option<Reason>,
    /// The note beside.
    pub evidence: String,
    /// The file that said so, when one did.
    pub intake: Option<IntakeId>,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl DecisionView {
    pub(super) fn of(decision: Decision, by: String) -> Self {
        Self {
            programme: decision.programme,
            standing: decision.standing,
            reason: decision.reason,
            evidence: decision.evidence,
            intake: decision.intake,
            by,
            at: decision.at,
        }
    }
}

/// All that verification knows of a household, each part oldest first.
#[derive(Debug, Clone, Default)]
pub struct VervalHistory {
    /// What was decided about it.
    pub decisions: Vec<DecisionView>,
    /// With whom it was suspected to be the same, and the other's key in the source.
    pub suspicions: Vec<(Suspicion, String)>,
    /// Whose place it took, or who took its place, and the other's key in the source.
    pub substitutions: Vec<(Substitution, String)>,
    /// The versions of lists that name it.
    pub lists: Vec<List>,
}

impl Office {
    /// What was decided about a household, in all programmes of the agency. The look is on record.
    pub fn verval_history(&self, actor: &Actor, household: HouseholdId) -> Result<VervalHistory, Error> {
        actor.must(Action::ReadHouseholds)?;
        let found = self.pool.read_snapshot(|conn| -> Result<_, Error> {
            let about = store::households::find(conn, household)?.ok_or(Refusal::NotFound("household"))?;
            actor.must_own(about.agency, "household")?;
            let mut names = Names::default();
            let mut decisions = Vec::new();
            for (decision, _) in store::decisions::of_household(conn, household, None)? {
                let by = names.of(conn, decision.by)?;
                decisions.push(DecisionView::of(decision, by));
            }
            let key = |conn: &mut store::Conn, a: HouseholdId, b: HouseholdId| -> Result<String, Error> {
                let other = if a == household { b } else { a };
                Ok(store::households::find(conn, other)?.map(|one| one.source_id).unwrap_or_default())
            };
            let mut suspicions = Vec::new();
            for one in store::suspicions::of_household(conn, household)? {
                let other = key(conn, one.first, one.other)?;
                suspicions.push((one, other));
            }
            let mut substitutions = Vec::new();
            for one in store::substitutions::of_household(conn, household)? {
                let other = key(conn, one.old, one.new)?;
                substitutions.push((one, other));
            }
            let lists = store::lists::of_household(conn, household)?;
            Ok(VervalHistory { decisions, suspicions, substitutions, lists })
        })?;
        self.record_look(actor, Event::HouseholdsViewed, household, "history".into())?;
        Ok(found)
    }
}
