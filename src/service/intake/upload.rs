//! The dry run: a file is read and checked, and nothing but the intake itself is written.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::line::{Line, SeenRow};
use super::{BATCH, IntakeView, intake_view};
use crate::domain::audit::Event;
use crate::domain::household::{fold_name, hide_numbers};
use crate::domain::id::{Identifier, IntakeId, ProgrammeId};
use crate::domain::intake::{
    CellForm, Column, Counts, Examiner, FileFault, Finding, FindingKind, Known, Outcome, RawCell, RawRow, given, locate,
};
use crate::domain::place::{Gazetteer, fold_place};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::time::Zone;
use crate::service::{Actor, Error, Office, Refusal, place, programme};
use crate::spreadsheet::{self, Choice, Rows, Survey};
use crate::store::intakes::{Intake, IntakeRow};
use crate::store::{self, Conn, Write};

/// The facts against which the rows of a file are checked.
struct Surroundings {
    points: HashSet<String>,
    packages: HashSet<String>,
    zone: Zone,
    list: Gazetteer,
}

/// A file that was read and checked, ready to be kept.
pub(super) struct DryRun {
    intake: Intake,
    rows: Vec<IntakeRow>,
}

impl Office {
    /// Reads and checks a file. Nothing but the intake itself is written: this is the dry run.
    pub fn upload_intake(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        file_name: &str,
        bytes: Vec<u8>,
        choice: &Choice,
    ) -> Result<IntakeView, Error> {
        actor.must(Action::UploadIntake)?;
        let dry_run = self.dry_run(actor, programme, file_name, bytes, choice)?;
        self.pool.write("intake_upload", |tx| self.keep_dry_run(tx, actor, &dry_run))?;
        self.pool.read(|conn| intake_view(conn, actor, dry_run.intake))
    }

    /// What a file looks like, for whoever points out its columns. Everything in it is masked.
    pub fn survey_file(
        &self,
        actor: &Actor,
        file_name: &str,
        bytes: Vec<u8>,
        choice: &Choice,
    ) -> Result<Survey, Error> {
        actor.must(Action::UploadIntake)?;
        Ok(spreadsheet::survey(file_name, bytes, choice).map_err(Refusal::File)?)
    }

    /// Takes one household that was typed in, by the same way as a file of one row.
    pub fn enter_household(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        cells: Vec<(Column, String)>,
    ) -> Result<IntakeView, Error> {
        actor.must(Action::UploadIntake)?;
        let cells: Vec<RawCell> = cells.into_iter().map(|(column, text)| RawCell::typed(column, text)).collect();
        let mut hash = Sha256::new();
        for cell in &cells {
            hash.update(cell.text.as_bytes());
            hash.update([0]);
        }
        let headings: Vec<String> = cells.iter().map(|cell| cell.column.heading().to_owned()).collect();
        let mut intake = self.new_intake(actor, programme, "(formulir)", hash.finalize().to_vec())?;
        intake.headings = as_json(&headings)?;
        let around = self.surroundings(actor, programme)?;
        let row = RawRow::new(1, cells);
        let rows = self.examine(actor, &mut intake, &around, false, &mut std::iter::once(Ok(row)))?;
        let dry_run = DryRun { intake, rows };
        self.pool.write("intake_upload", |tx| self.keep_dry_run(tx, actor, &dry_run))?;
        self.pool.read(|conn| intake_view(conn, actor, dry_run.intake))
    }

    /// Reads and checks a file, and keeps nothing.
    pub(super) fn dry_run(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        file_name: &str,
        bytes: Vec<u8>,
        choice: &Choice,
    ) -> Result<DryRun, Error> {
        let around = self.surroundings(actor, programme)?;
        let file_hash = Sha256::digest(&bytes).to_vec();
        let mut intake = self.new_intake(actor, programme, &plain_name(file_name), file_hash)?;
        let copy = bytes.clone();
        let mut make_ids = choice.make_ids;
        let mut opened = spreadsheet::open(&intake.file_name, bytes, choice);
        if let Err(fault) = &opened
            && is_register(fault, file_name, &copy, choice)
        {
            make_ids = true;
            opened = spreadsheet::open(&intake.file_name, copy.clone(), &Choice { make_ids, ..choice.clone() });
        }
        let mut read = opened.map_err(|fault| unclear(fault, file_name, copy, choice))?;
        let rows = self.examine(actor, &mut intake, &around, make_ids, &mut read)?;
        describe(&mut intake, &read)?;
        Ok(DryRun { intake, rows })
    }

    /// Keeps what a dry run found.
    pub(super) fn keep_dry_run(&self, tx: &mut Write<'_>, actor: &Actor, dry_run: &DryRun) -> Result<IntakeId, Error> {
        let id = dry_run.intake.id;
        store::intakes::insert(tx, &dry_run.intake)?;
        store::intakes::insert_rows(tx, id, &dry_run.rows)?;
        self.record(tx, actor.who(), Event::IntakeUploaded, id, format!("{} rows", dry_run.rows.len()))?;
        Ok(id)
    }

    fn new_intake(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        file_name: &str,
        file_hash: Vec<u8>,
    ) -> Result<Intake, Error> {
        Ok(Intake {
            id: self.new_id(IntakeId::by_time)?,
            programme,
            file_name: file_name.to_owned(),
            file_hash,
            ignored_columns: String::new(),
            counts: Counts::default(),
            uploaded_by: actor.user,
            uploaded_at: self.now(),
            applied_by: None,
            applied_at: None,
            sheet: String::new(),
            members_left_out: 0,
            headings: "[]".to_owned(),
        })
    }

    fn surroundings(&self, actor: &Actor, programme: ProgrammeId) -> Result<Surroundings, Error> {
        self.pool.read(|conn: &mut Conn| {
            programme::owned_programme(conn, actor, programme)?;
            let points = store::points::of_agency(conn, actor.agency)?;
            let packages = store::packages::of_programme(conn, programme)?;
            let agency = store::agencies::find(conn, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
            Ok(Surroundings {
                points: points.into_iter().map(|point| point.code.to_uppercase()).collect(),
                packages: packages.into_iter().map(|package| package.code.to_uppercase()).collect(),
                zone: agency.zone,
                list: place::gazetteer(conn, actor.agency)?,
            })
        })
    }

    /// Checks every row, a batch at a time, and counts how they fall.
    fn examine(
        &self,
        actor: &Actor,
        intake: &mut Intake,
        around: &Surroundings,
        make_ids: bool,
        rows: &mut dyn Iterator<Item = Result<RawRow, FileFault>>,
    ) -> Result<Vec<IntakeRow>, Error> {
        let known = Known { points: &around.points, packages: &around.packages, today: self.now().date(around.zone) };
        let mut examiner = Examiner::new(known);
        let mut kept = Vec::new();
        let mut made: HashMap<String, u32> = HashMap::new();
        let mut end = false;
        while !end {
            let mut batch = Vec::with_capacity(BATCH);
            while batch.len() < BATCH {
                let Some(row) = rows.next() else {
                    end = true;
                    break;
                };
                let row = row.map_err(Refusal::File)?;
                let mut line = checked_line(&mut examiner, &row, &around.list);
                self.note_unprintable(&mut line);
                // Also where a list has ids, and one of them is a number that may not lie open.
                line.made_up =
                    make_ids || line.checked.particulars.as_ref().is_some_and(|one| one.source_id.is_empty());
                if line.made_up {
                    self.make_id(actor, &mut line, &row);
                }
                batch.push(line);
            }
            if batch.iter().any(|line| line.made_up) {
                self.pool.read(|conn| self.settle_made_ids(conn, actor.agency, &mut batch, &mut made))?;
            }
            self.pool.read(|conn| self.compare_batch(conn, actor.agency, intake.programme, &mut batch))?;
            for line in batch {
                intake.counts.add(line.outcome, &line.checked.findings);
                kept.push(self.keep_line(intake.id, line)?);
            }
        }
        examiner.verdict().map_err(Refusal::File)?;
        Ok(kept)
    }

    /// Warns of what will not go on paper, while the list can still be mended.
    fn note_unprintable(&self, line: &mut Line) {
        let Some(read) = &line.checked.particulars else { return };
        let texts = [
            (Column::Name, &read.name),
            (Column::Address, &read.address),
            (Column::Village, &read.village),
            (Column::SubDistrict, &read.sub_district),
        ];
        for (column, text) in texts {
            if let Some(sign) = self.stationery.lacks(text) {
                line.checked.findings.push(Finding {
                    column: Some(column),
                    kind: FindingKind::Unprintable,
                    seen: sign.to_string(),
                    first_row: None,
                });
            }
        }
        line.checked.findings.sort_by_key(|finding| finding.column);
    }

    /// An id for a household of a list that has none: the same for the same person, and telling nobody
    /// without the key which person that is.
    fn make_id(&self, actor: &Actor, line: &mut Line, row: &RawRow) {
        let Some(particulars) = line.checked.particulars.as_mut() else { return };
        let agency = data_encoding::HEXLOWER.encode(actor.agency.bytes());
        let who = match particulars.nik {
            Some(nik) => format!("source id|{agency}|nik|{}", nik.digits()),
            None => {
                let written = row.cell(Column::Village).map_or(particulars.village.as_str(), |cell| cell.text.as_str());
                format!(
                    "source id|{agency}|{}|{}|{}|{}",
                    fold_name(&particulars.name),
                    fold_place(written),
                    fold_place(&particulars.address),
                    particulars.birth_date.map(|date| date.to_string()).unwrap_or_default()
                )
            }
        };
        let digest = self.vault.blind_index(Field::IntakeRow, &who);
        let text = data_encoding::BASE32_NOPAD.encode(digest.0.get(..10).unwrap_or_default());
        let (one, two) = (text.get(..5).unwrap_or_default(), text.get(5..10).unwrap_or_default());
        particulars.source_id = format!("SALUR-{one}-{two}");
        line.source_id.clone_from(&particulars.source_id);
    }
}

/// Checks a row by itself and against the rows before it, and looks where it is.
fn checked_line(examiner: &mut Examiner<'_>, row: &RawRow, list: &Gazetteer) -> Line {
    let mut checked = examiner.check(row);
    // A list without a column leaves it open for everybody, which is no fault of each row.
    checked.findings.retain(|finding| {
        let of_column = matches!(
            finding.kind,
            FindingKind::PointMissing | FindingKind::PackageMissing | FindingKind::VillageCodeMissing
        );
        !of_column || finding.column.is_none_or(|column| row.cell(column).is_some())
    });
    let ask = locate(list, &mut checked);
    let seen = row
        .cell(Column::SourceId)
        .map(|cell| hide_numbers(&cell.text.trim().chars().take(60).collect::<String>()).into_owned());
    let source_id = checked.particulars.as_ref().map(|known| known.source_id.clone()).or(seen);
    let mut given = checked.particulars.as_ref().map(|read| given(row, read)).unwrap_or_default();
    let coded = checked.particulars.as_ref().is_some_and(|read| !read.village_code.is_empty());
    if coded && !given.contains(&Column::VillageCode) {
        given.push(Column::VillageCode);
    }
    let cells = row.cells.iter().map(|cell| cell_to_mend(cell, &checked.findings)).collect();
    Line {
        number: row.number,
        source_id: source_id.unwrap_or_default(),
        outcome: Outcome::Rejected,
        checked,
        given,
        before: None,
        cells,
        seen: SeenRow::of(row),
        ask,
        made_up: false,
    }
}

/// A cell as it goes out to be mended. A number that lost its last digit would look whole as a text, and be
/// taken for mended when it comes back: it goes out with a sign in the place of that digit.
fn cell_to_mend(cell: &RawCell, findings: &[Finding]) -> String {
    let lost = findings.iter().filter(|finding| finding.column == Some(cell.column)).any(|finding| {
        matches!(
            finding.kind,
            FindingKind::NikAsNumber | FindingKind::FamilyCardAsNumber | FindingKind::SourceIdDamaged
        )
    });
    match cell.column {
        _ if !lost || cell.form != CellForm::Number => cell.text.clone(),
        Column::SourceId => String::new(),
        _ => {
            let mut text = cell.text.trim().to_owned();
            text.pop();
            text + "?"
        }
    }
}

/// Notes what the file was like, once it was read to its end.
fn describe(intake: &mut Intake, rows: &Rows) -> Result<(), Error> {
    intake.ignored_columns = rows.ignored_columns.iter().map(|one| one.replace('|', "/")).collect::<Vec<_>>().join("|");
    intake.sheet = hide_numbers(&rows.sheet.clone().unwrap_or_default()).into_owned();
    intake.members_left_out = rows.members_left_out();
    intake.headings = as_json(&rows.headings)?;
    Ok(())
}

fn as_json(headings: &[String]) -> Result<String, Error> {
    serde_json::to_string(headings).map_err(|error| Error::Broken(error.to_string()))
}

/// Whether a file lacks nothing but ids, and is a register of families by No. KK and NIK, as the tables drawn from
/// DTSEN are: there the ids follow from the NIK, and nobody needs to be asked. Where an unknown heading may be an
/// id, somebody is.
fn is_register(fault: &FileFault, file_name: &str, bytes: &[u8], choice: &Choice) -> bool {
    let only_ids = matches!(fault, FileFault::MissingColumns(missing) if missing[..] == [Column::SourceId]);
    if !only_ids || choice.columns.is_some() {
        return false;
    }
    let Ok(survey) = spreadsheet::survey(file_name, bytes.to_vec(), choice) else { return false };
    let mut with_headings = survey.sheets.iter().filter(|sheet| sheet.header_row.is_some());
    let (Some(sheet), None) = (with_headings.next(), with_headings.next()) else { return false };
    let sure = |column| sheet.headings.iter().any(|one| one.sure && one.guess == Some(column));
    let may_be_id = |text: &str| {
        let mut words = text.split(|sign: char| !sign.is_alphanumeric());
        words.any(|word| ["id", "kode", "key", "kunci"].contains(&word.to_lowercase().as_str()))
    };
    sure(Column::Nik)
        && sure(Column::FamilyCard)
        && !sheet.headings.iter().any(|one| one.guess.is_none() && may_be_id(&one.text))
}

/// A file that somebody can explain is refused with what it looks like.
fn unclear(fault: FileFault, file_name: &str, bytes: Vec<u8>, choice: &Choice) -> Refusal {
    if !fault.can_be_asked() {
        return Refusal::File(fault);
    }
    match spreadsheet::survey(file_name, bytes, choice) {
        Ok(survey) => Refusal::Unclear(fault, Box::new(survey)),
        Err(_) => Refusal::File(fault),
    }
}

/// A file name fit to be shown.
pub(super) fn plain_name(file_name: &str) -> String {
    let plain: String = file_name.chars().filter(|sign| !sign.is_control()).take(120).collect();
    hide_numbers(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_lost_its_last_digit_never_comes_back_as_a_whole_one() {
        let found = |column, kind| vec![Finding { column: Some(column), kind, seen: String::new(), first_row: None }];
        let cell = |column, text: &str, form| RawCell { column, text: text.to_owned(), form, corrects: false };
        let damaged = cell(Column::Nik, "6402993009670000", CellForm::Number);
        let mended = cell_to_mend(&damaged, &found(Column::Nik, FindingKind::NikAsNumber));
        assert_eq!(mended, "640299300967000?");
        assert!(crate::domain::household::Nik::parse(&mended).is_err());
        let id = cell(Column::SourceId, "6402993009670001", CellForm::Number);
        assert_eq!(cell_to_mend(&id, &found(Column::SourceId, FindingKind::SourceIdDamaged)), "");
        let whole = cell(Column::Nik, "6402993009670007", CellForm::Text);
        assert_eq!(cell_to_mend(&whole, &found(Column::Nik, FindingKind::NikDoubled)), "6402993009670007");
    }
}
