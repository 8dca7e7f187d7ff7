//! Households in: a file is read and checked, nothing is changed; another person agrees; then it is applied.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::{Actor, Error, Office, Refusal, page, programme};
use crate::domain::audit::Event;
use crate::domain::household::{Eligibility, Particulars};
use crate::domain::id::{AgencyId, HouseholdId, Identifier, IntakeId, PointId, ProgrammeId};
use crate::domain::intake::{
    CellForm, Checked, Column, Counts, Examiner, Finding, FindingKind, Known, Outcome, RawCell, RawRow, Severity,
    compare,
};
use crate::domain::role::Action;
use crate::domain::sealed::{BlindIndex, Field};
use crate::domain::time::{Language, Timestamp};
use crate::domain::verval::Standing;
use crate::spreadsheet;
use crate::store::beneficiaries::Beneficiary;
use crate::store::intakes::{Intake, IntakeRow};
use crate::store::{self, Conn, Write};

/// How many rows are compared or applied together.
const BATCH: usize = 500;

/// An intake on a screen.
#[derive(Debug, Clone)]
pub struct IntakeView {
    /// Its id.
    pub id: IntakeId,
    /// For which programme.
    pub programme: ProgrammeId,
    /// What the file was called.
    pub file_name: String,
    /// Headings that were left out.
    pub ignored_columns: Vec<String>,
    /// What the dry run found.
    pub counts: Counts,
    /// The name of who uploaded it.
    pub uploaded_by: String,
    /// Whether that is the actor, who then may not agree to it.
    pub uploaded_by_actor: bool,
    /// When.
    pub uploaded_at: Timestamp,
    /// The name of who agreed, if somebody has.
    pub applied_by: Option<String>,
    /// When.
    pub applied_at: Option<Timestamp>,
}

/// A row of an intake on a screen.
#[derive(Debug, Clone)]
pub struct RowView {
    /// Its number in the file.
    pub number: i32,
    /// The household's key in its source.
    pub source_id: String,
    /// What would become of it.
    pub outcome: Outcome,
    /// The recipient's name, if the row can be read.
    pub name: Option<String>,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// Village and sub-district.
    pub place: String,
    /// The code of the point, as the file gives it.
    pub point: String,
    /// What was found.
    pub findings: Vec<FindingView>,
}

/// A finding on a screen.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct FindingView {
    /// The stable code.
    pub code: String,
    /// Whether it rejects the row.
    pub severity: Severity,
    /// The heading of the column, if it is about one.
    pub column: Option<String>,
    /// What is wrong and what to do, in Indonesian.
    pub message: String,
    /// The same in English.
    pub message_en: String,
}

impl FindingView {
    fn of(finding: &Finding) -> Self {
        Self {
            code: finding.kind.code().to_owned(),
            severity: finding.kind.severity(),
            column: finding.column.map(|column| column.heading().to_owned()),
            message: finding.sentence(Language::Id),
            message_en: finding.sentence(Language::En),
        }
    }
}

/// One checked row on its way into the database.
struct Line {
    number: u32,
    source_id: String,
    outcome: Outcome,
    checked: Checked,
}

impl Office {
    /// Reads and checks a file. Nothing but the intake itself is written: this is the dry run.
    pub fn upload_intake(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> Result<IntakeView, Error> {
        actor.must(Action::UploadIntake)?;
        let file_hash = Sha256::digest(&bytes).to_vec();
        let file_name: String = file_name.chars().filter(|sign| !sign.is_control()).take(120).collect();
        let mut rows = spreadsheet::open(&file_name, bytes).map_err(Refusal::File)?;
        let ignored = rows.ignored_columns.join("|");
        self.examine(actor, programme, (file_name, file_hash, ignored), &mut rows)
    }

    /// Takes one household that was typed in, by the same way as a file of one row.
    pub fn enter_household(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        cells: Vec<(Column, String)>,
    ) -> Result<IntakeView, Error> {
        actor.must(Action::UploadIntake)?;
        let cells: Vec<RawCell> =
            cells.into_iter().map(|(column, text)| RawCell { column, text, form: CellForm::Text }).collect();
        let mut hash = Sha256::new();
        for cell in &cells {
            hash.update(cell.text.as_bytes());
            hash.update([0]);
        }
        let row = RawRow { number: 1, cells };
        let facts = ("(formulir)".to_owned(), hash.finalize().to_vec(), String::new());
        self.examine(actor, programme, facts, &mut std::iter::once(Ok(row)))
    }

    fn examine(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        (file_name, file_hash, ignored_columns): (String, Vec<u8>, String),
        rows: &mut dyn Iterator<Item = Result<RawRow, crate::domain::intake::FileFault>>,
    ) -> Result<IntakeView, Error> {
        let (points, packages, zone) = self.pool.read(|conn| -> Result<_, Error> {
            programme::owned_programme(conn, actor, programme)?;
            let points: HashSet<String> = store::points::of_agency(conn, actor.agency)?
                .into_iter()
                .map(|point| point.code.to_uppercase())
                .collect();
            let packages: HashSet<String> = store::packages::of_programme(conn, programme)?
                .into_iter()
                .map(|package| package.code.to_uppercase())
                .collect();
            let agency = store::agencies::find(conn, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
            Ok((points, packages, agency.zone))
        })?;
        let now = self.now();
        let mut examiner = Examiner::new(Known { points: &points, packages: &packages, today: now.date(zone) });
        let mut lines = Vec::new();
        for row in rows {
            let row = row.map_err(Refusal::File)?;
            let checked = examiner.check(&row);
            let seen = row.cell(Column::SourceId).map(|cell| cell.text.trim().chars().take(60).collect());
            let source_id = checked.particulars.as_ref().map(|known| known.source_id.clone()).or(seen);
            lines.push(Line {
                number: row.number,
                source_id: source_id.unwrap_or_default(),
                outcome: Outcome::Rejected,
                checked,
            });
        }
        examiner.verdict().map_err(Refusal::File)?;
        let mut counts = Counts::default();
        for batch in lines.chunks_mut(BATCH) {
            self.pool.read(|conn| self.compare_batch(conn, actor.agency, programme, batch))?;
            for line in batch.iter() {
                counts.add(line.outcome, &line.checked.findings);
            }
        }
        let intake = Intake {
            id: self.new_id(IntakeId::by_time)?,
            programme,
            file_name,
            file_hash,
            ignored_columns,
            counts,
            uploaded_by: actor.user,
            uploaded_at: now,
            applied_by: None,
            applied_at: None,
            sheet: String::new(),
            members_left_out: 0,
        };
        let kept = lines.iter().map(|line| self.keep_line(intake.id, line)).collect::<Result<Vec<_>, _>>()?;
        self.pool.write("intake_upload", |tx| {
            store::intakes::insert(tx, &intake)?;
            store::intakes::insert_rows(tx, intake.id, &kept)?;
            self.record(tx, actor.who(), Event::IntakeUploaded, intake.id, format!("{} rows", kept.len()))
        })?;
        self.pool.read(|conn| intake_view(conn, actor, intake))
    }

    /// Compares checked rows with what is known, and settles what would become of each.
    fn compare_batch(
        &self,
        conn: &mut Conn,
        agency: AgencyId,
        programme: ProgrammeId,
        batch: &mut [Line],
    ) -> Result<(), Error> {
        let known = self.known_households(
            conn,
            agency,
            programme,
            batch.iter().filter_map(|line| line.checked.particulars.as_ref()),
        )?;
        let indexes: Vec<BlindIndex> = batch
            .iter()
            .filter_map(|line| line.checked.particulars.as_ref()?.nik.as_ref())
            .map(|nik| self.vault.blind_index(Field::Nik, nik.digits()))
            .collect();
        let holders: HashMap<BlindIndex, String> =
            store::households::source_ids_by_nik(conn, agency, &indexes)?.into_iter().collect();
        for line in batch {
            let Some(particulars) = line.checked.particulars.as_ref() else { continue };
            let elsewhere = particulars.nik.as_ref().is_some_and(|nik| {
                holders
                    .get(&self.vault.blind_index(Field::Nik, nik.digits()))
                    .is_some_and(|holder| *holder != particulars.source_id)
            });
            if elsewhere {
                let seen = particulars.nik.as_ref().map(crate::domain::household::Nik::masked).unwrap_or_default();
                line.checked.findings.push(Finding {
                    column: Some(Column::Nik),
                    kind: FindingKind::NikKnownElsewhere,
                    seen,
                    first_row: None,
                });
                line.checked.particulars = None;
                continue;
            }
            line.outcome = compare(known.get(&particulars.source_id).map(|(_, known)| known), particulars);
        }
        Ok(())
    }

    /// What is known of the households that rows are about, by source id.
    fn known_households<'a>(
        &self,
        conn: &mut Conn,
        agency: AgencyId,
        programme: ProgrammeId,
        rows: impl Iterator<Item = &'a Particulars>,
    ) -> Result<HashMap<String, (HouseholdId, Particulars)>, Error> {
        let source_ids: Vec<&str> = rows.map(|row| row.source_id.as_str()).collect();
        let households = store::households::by_source_ids(conn, agency, &source_ids)?;
        if households.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<HouseholdId> = households.iter().map(|household| household.id).collect();
        let decided: HashMap<HouseholdId, Beneficiary> =
            store::beneficiaries::decided(conn, programme, &ids)?.into_iter().map(|one| (one.household, one)).collect();
        let codes: HashMap<PointId, String> =
            store::points::of_agency(conn, agency)?.into_iter().map(|point| (point.id, point.code)).collect();
        let mut known = HashMap::with_capacity(households.len());
        for household in households {
            let one = decided.get(&household.id);
            let code = one.and_then(|one| one.point).and_then(|point| codes.get(&point)).cloned();
            let particulars = self.open_household(&household, one, code.unwrap_or_default())?;
            known.insert(household.source_id, (household.id, particulars));
        }
        Ok(known)
    }

    fn keep_line(&self, intake: IntakeId, line: &Line) -> Result<IntakeRow, Error> {
        let findings: Vec<FindingView> = line.checked.findings.iter().map(FindingView::of).collect();
        let json = |error: serde_json::Error| Error::Broken(error.to_string());
        let particulars = match &line.checked.particulars {
            None => None,
            Some(particulars) => {
                let plain = zeroize::Zeroizing::new(serde_json::to_vec(particulars).map_err(json)?);
                Some(self.vault.seal(Field::IntakeRow, intake.bytes(), self.draw()?, &plain)?)
            }
        };
        Ok(IntakeRow {
            number: i32::try_from(line.number).unwrap_or(i32::MAX),
            source_id: line.source_id.clone(),
            outcome: line.outcome.as_str().to_owned(),
            findings: serde_json::to_string(&findings).map_err(json)?,
            particulars,
        })
    }

    fn open_line(&self, intake: IntakeId, row: &IntakeRow) -> Result<Option<Particulars>, Error> {
        let Some(sealed) = &row.particulars else { return Ok(None) };
        let plain = self.vault.open(Field::IntakeRow, intake.bytes(), sealed)?;
        serde_json::from_slice(&plain).map(Some).map_err(|error| Error::Broken(error.to_string()))
    }

    /// Applies an intake that another person uploaded: all of it, or nothing.
    pub fn apply_intake(&self, actor: &Actor, id: IntakeId) -> Result<IntakeView, Error> {
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
            let mut applied = 0;
            for outcome in [Outcome::New, Outcome::Changed] {
                let mut after = i32::MIN;
                loop {
                    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
                    let rows = store::intakes::rows(tx, id, Some(outcome.as_str()), after, limit)?;
                    let Some(last) = rows.last() else { break };
                    after = last.number;
                    applied += rows.len();
                    self.apply_rows(tx, actor, &intake, &rows)?;
                }
            }
            self.record(tx, actor.who(), Event::IntakeApplied, id, format!("{applied} rows"))
        })?;
        self.pool.read(|conn| {
            let intake = owned_intake(conn, actor, id)?;
            intake_view(conn, actor, intake)
        })
    }

    fn apply_rows(&self, tx: &mut Write<'_>, actor: &Actor, intake: &Intake, rows: &[IntakeRow]) -> Result<(), Error> {
        let mut opened = Vec::with_capacity(rows.len());
        for row in rows {
            opened.extend(self.open_line(intake.id, row)?);
        }
        let now = self.now();
        let known = self.known_households(tx, actor.agency, intake.programme, opened.iter())?;
        let points: HashMap<String, PointId> = store::points::of_agency(tx, actor.agency)?
            .into_iter()
            .map(|point| (point.code.to_uppercase(), point.id))
            .collect();
        let mut new = Vec::new();
        let mut decisions = Vec::new();
        for particulars in &opened {
            let id = match known.get(&particulars.source_id) {
                Some((id, _)) => {
                    let household = self.seal_household(*id, actor.agency, intake.uploaded_by, particulars)?;
                    store::households::update(tx, &household, now)?;
                    *id
                }
                None => {
                    let id = self.new_id(HouseholdId::by_time)?;
                    new.push(self.seal_household(id, actor.agency, intake.uploaded_by, particulars)?);
                    id
                }
            };
            decisions.push(Beneficiary {
                programme: intake.programme,
                household: id,
                standing: match particulars.eligibility {
                    Eligibility::Eligible => Standing::Approved,
                    Eligibility::NotEligible => Standing::NotEligible,
                    Eligibility::Undecided => Standing::Undecided,
                },
                point: points.get(&particulars.point_code.to_uppercase()).copied(),
                session_no: i32::from(particulars.session_no.unwrap_or(1)),
                desk_no: 1,
                package_code: particulars.package_code.clone(),
                approved_by: actor.user,
            });
        }
        store::households::insert(tx, &new, now)?;
        self.decide_by_intake(tx, actor, intake, decisions)
    }

    /// The intakes of the actor's agency, newest first.
    pub fn intakes(
        &self,
        actor: &Actor,
        before: Option<IntakeId>,
        limit: Option<i64>,
    ) -> Result<Vec<IntakeView>, Error> {
        actor.must(Action::ReadIntakes)?;
        self.pool.read(|conn| {
            let found = store::intakes::list(conn, actor.agency, before, page(limit))?;
            found.into_iter().map(|intake| intake_view(conn, actor, intake)).collect()
        })
    }

    /// One intake.
    pub fn intake(&self, actor: &Actor, id: IntakeId) -> Result<IntakeView, Error> {
        actor.must(Action::ReadIntakes)?;
        self.pool.read(|conn| {
            let intake = owned_intake(conn, actor, id)?;
            intake_view(conn, actor, intake)
        })
    }

    /// Rows of an intake, in the order of the file. The look is on record.
    pub fn intake_rows(
        &self,
        actor: &Actor,
        id: IntakeId,
        outcome: Option<Outcome>,
        after: Option<i32>,
        limit: Option<i64>,
    ) -> Result<Vec<RowView>, Error> {
        actor.must(Action::ReadIntakes)?;
        let rows = self.pool.read(|conn| -> Result<_, Error> {
            owned_intake(conn, actor, id)?;
            let outcome = outcome.map(Outcome::as_str);
            Ok(store::intakes::rows(conn, id, outcome, after.unwrap_or(0), page(limit))?)
        })?;
        let views = rows.iter().map(|row| self.row_view(id, row)).collect::<Result<Vec<_>, _>>()?;
        self.record_look(actor, Event::IntakeViewed, id, format!("{}", views.len()))?;
        Ok(views)
    }

    fn row_view(&self, intake: IntakeId, row: &IntakeRow) -> Result<RowView, Error> {
        let particulars = self.open_line(intake, row)?;
        Ok(RowView {
            number: row.number,
            source_id: row.source_id.clone(),
            outcome: Outcome::from_code(&row.outcome)
                .ok_or_else(|| Error::Broken(format!("an outcome {:?}", row.outcome)))?,
            nik_masked: particulars.as_ref().and_then(|known| known.nik.as_ref()).map(|nik| nik.masked()),
            place: particulars
                .as_ref()
                .map(|known| format!("{}, {}", known.village, known.sub_district))
                .unwrap_or_default(),
            point: particulars.as_ref().map(|known| known.point_code.clone()).unwrap_or_default(),
            name: particulars.map(|known| known.name),
            findings: serde_json::from_str(&row.findings).map_err(|error| Error::Broken(error.to_string()))?,
        })
    }
}

fn owned_intake(conn: &mut Conn, actor: &Actor, id: IntakeId) -> Result<Intake, Error> {
    let intake = store::intakes::find(conn, id)?.ok_or(Refusal::NotFound("intake"))?;
    programme::owned_programme(conn, actor, intake.programme).map_err(|_| Refusal::NotFound("intake"))?;
    Ok(intake)
}

fn intake_view(conn: &mut Conn, actor: &Actor, intake: Intake) -> Result<IntakeView, Error> {
    let mut name =
        |id| -> Result<String, Error> { Ok(store::users::find(conn, id)?.map(|user| user.name).unwrap_or_default()) };
    Ok(IntakeView {
        id: intake.id,
        programme: intake.programme,
        file_name: intake.file_name,
        ignored_columns: intake.ignored_columns.split('|').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        counts: intake.counts,
        uploaded_by: name(intake.uploaded_by)?,
        uploaded_by_actor: intake.uploaded_by == actor.user,
        uploaded_at: intake.uploaded_at,
        applied_by: intake.applied_by.map(&mut name).transpose()?,
        applied_at: intake.applied_at,
    })
}
