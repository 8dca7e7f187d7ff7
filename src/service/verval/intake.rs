//! What an applied file decides: LAYAK and TIDAK LAYAK stand as decisions of whoever agreed to the file.

use std::collections::{BTreeMap, HashMap};

use super::super::{Actor, Error, Office};
use super::decide::NewDecision;
use crate::domain::id::HouseholdId;
use crate::domain::verval::{Reason, Standing};
use crate::store::beneficiaries::Beneficiary;
use crate::store::intakes::Intake;
use crate::store::{self, Write};

impl Office {
    /// Takes over what the rows of a file say of households that are written already: where each collects,
    /// and whether it is eligible. A file that is silent leaves the earlier decision and the earlier place as
    /// they are. Then looks for households that may be the same.
    pub(in crate::service) fn decide_by_intake(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        intake: &Intake,
        rows: Vec<Beneficiary>,
    ) -> Result<(), Error> {
        let now = self.now();
        let ids: Vec<HouseholdId> = rows.iter().map(|row| row.household).collect();
        let before: HashMap<HouseholdId, Beneficiary> = store::beneficiaries::decided(tx, intake.programme, &ids)?
            .into_iter()
            .map(|one| (one.household, one))
            .collect();
        let mut said: BTreeMap<&'static str, (Standing, Vec<HouseholdId>)> = BTreeMap::new();
        let mut placed = Vec::with_capacity(rows.len());
        for mut row in rows {
            let told = row.standing;
            if let Some(was) = before.get(&row.household) {
                if row.point.is_none() {
                    (row.point, row.session_no) = (was.point, was.session_no);
                }
                if row.point == was.point {
                    row.desk_no = was.desk_no;
                }
                // What stands beside the household changes with the decision, below.
                (row.standing, row.approved_by) = (was.standing, was.approved_by);
            } else {
                row.standing = Standing::Undecided;
            }
            if told != Standing::Undecided && told != row.standing {
                said.entry(told.as_str()).or_insert((told, Vec::new())).1.push(row.household);
            }
            placed.push(row);
        }
        store::beneficiaries::decide(tx, &placed, now)?;
        for (standing, households) in said.into_values() {
            let reason = (standing == Standing::NotEligible).then_some(Reason::Other);
            let evidence = format!("Berkas {}", intake.file_name);
            let new = NewDecision { standing, reason, evidence };
            self.write_decisions(tx, actor, intake.programme, &households, &new, Some(intake.id))?;
        }
        self.suspect(tx, actor, intake.programme, &ids)?;
        Ok(())
    }
}
