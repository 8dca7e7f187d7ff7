//! Rows against what is known: what would become of each.

use std::collections::HashMap;

use super::line::Line;
use crate::domain::household::{Nik, Particulars};
use crate::domain::id::{AgencyId, HouseholdId, PointId, ProgrammeId};
use crate::domain::intake::{Column, Finding, FindingKind, Outcome, compare, keep_the_rest};
use crate::domain::sealed::{BlindIndex, Field};
use crate::service::{Error, Office};
use crate::store::beneficiaries::Beneficiary;
use crate::store::{self, Conn};

/// A household that a row is about.
pub(super) struct KnownHousehold {
    pub(super) id: HouseholdId,
    pub(super) particulars: Particulars,
    /// What the programme has decided about it.
    pub(super) decided: Option<Beneficiary>,
}

impl Office {
    /// Compares checked rows with what is known, and settles what would become of each.
    pub(super) fn compare_batch(
        &self,
        conn: &mut Conn,
        agency: AgencyId,
        programme: ProgrammeId,
        batch: &mut [Line],
    ) -> Result<(), Error> {
        let particulars = batch.iter().filter_map(|line| line.checked.particulars.as_ref());
        let known = self.known_households(conn, agency, programme, particulars)?;
        let holders = self.holders(conn, agency, batch)?;
        for line in batch {
            let Some(particulars) = line.checked.particulars.as_mut() else { continue };
            let elsewhere = particulars.nik.as_ref().is_some_and(|nik| {
                let holder = holders.get(&self.vault.blind_index(Field::Nik, nik.digits()));
                holder.is_some_and(|holder| *holder != particulars.source_id)
            });
            if elsewhere {
                let seen = particulars.nik.as_ref().map(Nik::masked).unwrap_or_default();
                reject(line, Column::Nik, FindingKind::NikKnownElsewhere, seen, None);
                continue;
            }
            let household = known.get(&particulars.source_id);
            if let Some(household) = household {
                keep_the_rest(&household.particulars, particulars, &line.given);
            }
            line.outcome = compare(household.map(|household| &household.particulars), particulars);
            line.before = match line.outcome {
                Outcome::Changed => household.map(|household| household.particulars.clone()),
                _ => None,
            };
        }
        Ok(())
    }

    /// Which source ids hold the NIK of these rows.
    fn holders(&self, conn: &mut Conn, agency: AgencyId, batch: &[Line]) -> Result<HashMap<BlindIndex, String>, Error> {
        let indexes: Vec<BlindIndex> = batch
            .iter()
            .filter_map(|line| line.checked.particulars.as_ref()?.nik.as_ref())
            .map(|nik| self.vault.blind_index(Field::Nik, nik.digits()))
            .collect();
        Ok(store::households::source_ids_by_nik(conn, agency, &indexes)?.into_iter().collect())
    }

    /// Gives a row without an id of its own the id of the household that has its NIK, and rejects the later
    /// of two rows that are one household.
    pub(super) fn settle_made_ids(
        &self,
        conn: &mut Conn,
        agency: AgencyId,
        batch: &mut [Line],
        made: &mut HashMap<String, u32>,
    ) -> Result<(), Error> {
        let holders = self.holders(conn, agency, batch)?;
        for line in batch.iter_mut().filter(|line| line.made_up) {
            let Some(particulars) = line.checked.particulars.as_mut() else { continue };
            if let Some(nik) = particulars.nik
                && let Some(holder) = holders.get(&self.vault.blind_index(Field::Nik, nik.digits()))
            {
                particulars.source_id.clone_from(holder);
            }
            line.source_id.clone_from(&particulars.source_id);
            let first = made.get(&line.source_id).copied();
            if first.is_some() {
                reject(line, Column::SourceId, FindingKind::SourceIdDoubled, String::new(), first);
            } else {
                made.insert(line.source_id.clone(), line.number);
            }
        }
        Ok(())
    }

    /// What is known of the households that rows are about, by source id.
    pub(super) fn known_households<'a>(
        &self,
        conn: &mut Conn,
        agency: AgencyId,
        programme: ProgrammeId,
        rows: impl Iterator<Item = &'a Particulars>,
    ) -> Result<HashMap<String, KnownHousehold>, Error> {
        let source_ids: Vec<&str> = rows.map(|row| row.source_id.as_str()).collect();
        let households = store::households::by_source_ids(conn, agency, &source_ids)?;
        if households.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<HouseholdId> = households.iter().map(|household| household.id).collect();
        let mut decided: HashMap<HouseholdId, Beneficiary> =
            store::beneficiaries::decided(conn, programme, &ids)?.into_iter().map(|one| (one.household, one)).collect();
        let codes: HashMap<PointId, String> =
            store::points::of_agency(conn, agency)?.into_iter().map(|point| (point.id, point.code)).collect();
        let mut known = HashMap::with_capacity(households.len());
        for household in households {
            let decided = decided.remove(&household.id);
            let code = decided.as_ref().and_then(|one| one.point).and_then(|point| codes.get(&point)).cloned();
            let particulars = self.open_household(&household, decided.as_ref(), code.unwrap_or_default())?;
            known.insert(household.source_id, KnownHousehold { id: household.id, particulars, decided });
        }
        Ok(known)
    }
}

fn reject(line: &mut Line, column: Column, kind: FindingKind, seen: String, first_row: Option<u32>) {
    line.checked.findings.push(Finding { column: Some(column), kind, seen, first_row });
    line.checked.particulars = None;
    line.outcome = Outcome::Rejected;
    line.ask = None;
}
