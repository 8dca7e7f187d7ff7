//! Applying: another person agrees, and all of it is done, or nothing. Or nobody agrees, and it is discarded.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::compare::KnownHousehold;
use super::{BATCH_ROWS, IntakeView, intake_view, owned_intake};
use crate::domain::audit::Event;
use crate::domain::household::{Eligibility, Particulars};
use crate::domain::id::{HouseholdId, Identifier, IntakeId, PointId, VersionId};
use crate::domain::intake::{Outcome, keep_the_rest};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::verval::Standing;
use crate::service::{Actor, Error, Office, Refusal};
use crate::store::beneficiaries::Beneficiary;
use crate::store::household_versions::Version;
use crate::store::households::Household;
use crate::store::intakes::{Filter, Intake, IntakeRow};
use crate::store::{self, Write};
use crate::transparency::{Kind, Leaf};

/// What a row does to the database.
struct Applied {
    row_number: i32,
    household: HouseholdId,
    /// What the household is from now on.
    particulars: Particulars,
    /// What the programme decides about it.
    beneficiary: Beneficiary,
    /// The household is not in the list yet.
    new: bool,
}

impl Office {
    /// Applies an intake that another person uploaded: all of it, or nothing. `progress` is told how many rows
    /// were applied so far, and of how many.
    pub fn apply_intake(&self, actor: &Actor, id: IntakeId, progress: &dyn Fn(u64, u64)) -> Result<IntakeView, Error> {
        actor.must(Action::ApplyIntake)?;
        let now = self.now();
        self.pool.write("intake_apply", |tx| {
            let intake = owned_intake(tx, actor, id)?;
            if intake.uploaded_by == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            if !store::intakes::mark_applied(tx, id, actor.user, now)? {
                return Err(Refusal::AlreadyApplied.into());
            }
            let all = u64::from(intake.counts.new) + u64::from(intake.counts.changed);
            let mut applied = 0;
            for outcome in [Outcome::New, Outcome::Changed] {
                let filter = Filter { outcome: Some(outcome.as_str().to_owned()), ..Filter::default() };
                let mut after = i32::MIN;
                loop {
                    let rows = store::intakes::rows(tx, id, &filter, after, BATCH_ROWS)?;
                    let Some(last) = rows.last() else { break };
                    after = last.number;
                    self.apply_rows(tx, actor, &intake, &rows)?;
                    applied += rows.len() as u64;
                    progress(applied, all);
                }
            }
            let rows = i64::try_from(applied).ok();
            let leaf = Leaf { subject: Some(*id.bytes()), count: rows, ..self.leaf_of(actor, Kind::Import) };
            self.append_salted(tx, &leaf, &intake.file_hash)?;
            self.record(tx, actor.who(), Event::IntakeApplied, id, format!("{applied} rows"))
        })?;
        self.pool.read(|conn| {
            let intake = owned_intake(conn, actor, id)?;
            intake_view(conn, actor, intake)
        })
    }

    /// Throws an intake away that nobody has agreed to: only who uploaded it may.
    pub fn discard_intake(&self, actor: &Actor, id: IntakeId) -> Result<(), Error> {
        actor.must(Action::UploadIntake)?;
        self.pool.write("intake_discard", |tx| {
            let intake = owned_intake(tx, actor, id)?;
            if intake.uploaded_by != actor.user {
                return Err(Refusal::Forbidden(Action::UploadIntake).into());
            }
            if !store::intakes::discard(tx, id)? {
                return Err(Refusal::AlreadyApplied.into());
            }
            let rows = intake.counts.rows();
            self.record(tx, actor.who(), Event::IntakeDiscarded, id, format!("{rows} rows"))
        })
    }

    fn apply_rows(&self, tx: &mut Write<'_>, actor: &Actor, intake: &Intake, rows: &[IntakeRow]) -> Result<(), Error> {
        let now = self.now();
        let applied = self.what_rows_do(tx, actor, intake, rows)?;
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for one in &applied {
            let into = if one.new { &mut new } else { &mut changed };
            into.push(self.sealed(actor, intake, one)?);
        }
        store::households::insert(tx, &new, now)?;
        store::households::update(tx, &changed, now)?;
        // All of them, also where nothing is decided anew: a name or a No. KK that changed can be somebody else's.
        let beneficiaries: Vec<Beneficiary> = applied.iter().map(|one| one.beneficiary.clone()).collect();
        self.decide_by_intake(tx, actor, intake, beneficiaries)?;
        let versions =
            applied.iter().map(|one| self.version(actor, intake.id, one)).collect::<Result<Vec<_>, Error>>()?;
        store::household_versions::insert(tx, &versions)?;
        Ok(())
    }

    /// Opens rows and completes each with what is known of its household at this moment.
    fn what_rows_do(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        intake: &Intake,
        rows: &[IntakeRow],
    ) -> Result<Vec<Applied>, Error> {
        let mut opened = Vec::with_capacity(rows.len());
        for row in rows {
            let kept = self.open_row(intake.id, row)?;
            opened.extend(kept.particulars.map(|particulars| (row.number, particulars, kept.given)));
        }
        let about = opened.iter().map(|(_, particulars, _)| particulars);
        let known = self.known_households(tx, actor.agency, intake.programme, about)?;
        let points: HashMap<String, PointId> = store::points::of_agency(tx, actor.agency)?
            .into_iter()
            .map(|point| (point.code.to_uppercase(), point.id))
            .collect();
        let mut applied = Vec::with_capacity(opened.len());
        for (row_number, mut particulars, given) in opened {
            let found = known.get(&particulars.source_id);
            if let Some(found) = found {
                keep_the_rest(&found.particulars, &mut particulars, &given);
            }
            let household = match found {
                Some(found) => found.id,
                None => self.new_id(HouseholdId::by_time)?,
            };
            let point = points.get(&particulars.point_code.to_uppercase()).copied();
            let beneficiary = beneficiary(intake, actor, household, &particulars, point, found);
            applied.push(Applied { row_number, household, new: found.is_none(), particulars, beneficiary });
        }
        Ok(applied)
    }

    fn sealed(&self, actor: &Actor, intake: &Intake, one: &Applied) -> Result<Household, Error> {
        self.seal_household(one.household, actor.agency, intake.uploaded_by, &one.particulars)
    }

    fn version(&self, actor: &Actor, intake: IntakeId, one: &Applied) -> Result<Version, Error> {
        let json = serde_json::to_vec(&one.particulars).map_err(|error| Error::Broken(error.to_string()))?;
        let plain = Zeroizing::new(json);
        Ok(Version {
            id: self.new_id(VersionId::by_time)?,
            household: one.household,
            intake,
            row_number: one.row_number,
            particulars: self.vault.seal(Field::HouseholdVersion, one.household.bytes(), self.draw()?, &plain)?,
            changed_by: actor.user,
            changed_at: self.now(),
        })
    }
}

/// What the programme decides about a household by a row. Who decided before stays named when the row
/// decides nothing else; the desk is nothing that a row knows of.
fn beneficiary(
    intake: &Intake,
    actor: &Actor,
    household: HouseholdId,
    particulars: &Particulars,
    point: Option<PointId>,
    known: Option<&KnownHousehold>,
) -> Beneficiary {
    let decided = known.and_then(|known| known.decided.as_ref());
    let standing = match particulars.eligibility {
        Eligibility::Eligible => Standing::Approved,
        Eligibility::NotEligible => Standing::NotEligible,
        Eligibility::Undecided => Standing::Undecided,
    };
    let as_before = decided.filter(|decided| decided.standing == standing);
    Beneficiary {
        programme: intake.programme,
        household,
        standing,
        point,
        session_no: i32::from(particulars.session_no.unwrap_or(1)),
        desk_no: decided.filter(|decided| decided.point == point).map_or(1, |decided| decided.desk_no),
        package_code: particulars.package_code.clone(),
        approved_by: as_before.map_or(actor.user, |decided| decided.approved_by),
    }
}
