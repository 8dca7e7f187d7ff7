//! The rows of an intake as a file again, each with its reasons in the column `alasan`, to be mended and
//! uploaded once more.

use super::line::read_findings;
use super::{BATCH_ROWS, owned_intake};
use crate::domain::audit::Event;
use crate::domain::household::hide_numbers;
use crate::domain::id::IntakeId;
use crate::domain::intake::Outcome;
use crate::domain::role::Action;
use crate::domain::time::Language;
use crate::service::{Actor, Error, Office};
use crate::spreadsheet::{alasan_csv, alasan_xlsx, template_xlsx};
use crate::store;
use crate::store::intakes::Filter;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Which rows go into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonsOf {
    /// All of them.
    All,
    /// Those that were rejected.
    Rejected,
    /// Those against which something was found.
    Found,
}

impl ReasonsOf {
    /// The choice with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "all" => Some(Self::All),
            "rejected" => Some(Self::Rejected),
            "found" => Some(Self::Found),
            _ => None,
        }
    }
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonsForm {
    /// A workbook in which every cell is a text.
    Xlsx,
    /// Text parted by commas.
    Csv,
}

/// The file.
#[derive(Debug, Clone)]
pub struct ReasonsFile {
    /// What it is called.
    pub name: String,
    /// What kind of file it is.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Office {
    /// The rows of an intake in their original layout, with a column `alasan`. It is personal data in the
    /// clear, and that it went out is on record.
    pub fn intake_reasons(
        &self,
        actor: &Actor,
        id: IntakeId,
        of: ReasonsOf,
        form: ReasonsForm,
        language: Language,
    ) -> Result<ReasonsFile, Error> {
        // Who only reads sees the rows masked, on the screen; who agrees to them gets them masked. In full they go to
        // those who bring such files in and have to mend them.
        let uploads = actor.role.may(Action::UploadIntake);
        if !uploads {
            actor.must(Action::ApplyIntake)?;
        }
        let filter = match of {
            ReasonsOf::Rejected => Filter { outcome: Some(Outcome::Rejected.as_str().to_owned()), ..Filter::default() },
            ReasonsOf::All | ReasonsOf::Found => Filter::default(),
        };
        let mut table: Vec<(Vec<String>, String)> = Vec::new();
        let intake = self.pool.read(|conn| -> Result<_, Error> {
            let intake = owned_intake(conn, actor, id)?;
            let mut after = i32::MIN;
            loop {
                let rows = store::intakes::rows(conn, id, &filter, after, BATCH_ROWS)?;
                let Some(last) = rows.last() else { return Ok(intake) };
                after = last.number;
                for row in rows {
                    let findings = read_findings(&row.findings)?;
                    if of == ReasonsOf::Found && findings.is_empty() {
                        continue;
                    }
                    let mut cells = self.open_row(id, &row)?.cells;
                    if !uploads {
                        for cell in &mut cells {
                            *cell = hide_numbers(cell).into_owned();
                        }
                    }
                    let reasons = findings.into_iter().map(|finding| match language {
                        Language::Id => finding.message,
                        Language::En => finding.message_en,
                    });
                    table.push((cells, reasons.collect::<Vec<_>>().join(" ")));
                }
            }
        })?;
        let rows = table.len();
        self.record_look(actor, Event::IntakeExported, id, format!("{rows} rows"))?;
        let headings: Vec<String> =
            serde_json::from_str(&intake.headings).map_err(|error| Error::Broken(error.to_string()))?;
        let stem: String = intake.file_name.rsplit_once('.').map_or(intake.file_name.as_str(), |(stem, _)| stem).into();
        let (ending, media_type, bytes) = match form {
            ReasonsForm::Csv => ("csv", CSV, alasan_csv(&headings, table)),
            ReasonsForm::Xlsx => ("xlsx", XLSX, alasan_xlsx(&headings, table).map_err(Error::Broken)?),
        };
        Ok(ReasonsFile { name: format!("{stem}-alasan.{ending}"), media_type, bytes })
    }

    /// A workbook to fill in.
    pub fn intake_template(&self, actor: &Actor) -> Result<ReasonsFile, Error> {
        actor.must(Action::ReadIntakes)?;
        Ok(ReasonsFile {
            name: "templat-penerima.xlsx".into(),
            media_type: XLSX,
            bytes: template_xlsx().map_err(Error::Broken)?,
        })
    }
}
