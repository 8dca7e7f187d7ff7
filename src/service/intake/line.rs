//! A row of a file as it is kept: what lies open about it, and what is sealed.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::domain::household::{NAME_MAX, PLACE_MAX, Particulars, hide_numbers, tidy};
use crate::domain::id::{Identifier, IntakeId};
use crate::domain::intake::{Checked, Column, Correction, Finding, FindingKind, Outcome, RawRow, Severity};
use crate::domain::place::Suggestion;
use crate::domain::sealed::Field;
use crate::domain::time::Language;
use crate::service::{Error, Office};
use crate::store::intakes::IntakeRow;

/// A finding on a screen.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// The spelling of a place that somebody may confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
}

/// A spelling and what may be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The sub-district as written.
    pub sub_district: String,
    /// The village as written; empty when the sub-district alone is asked about.
    pub village: String,
    /// Codes and names of what may be meant, the likeliest first.
    pub candidates: Vec<(String, String)>,
}

/// One checked row on its way into the database.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u32,
    pub(super) source_id: String,
    pub(super) outcome: Outcome,
    pub(super) checked: Checked,
    /// The columns on which the row has a say.
    pub(super) given: Vec<Column>,
    /// The household as it was, when the row changes it.
    pub(super) before: Option<Particulars>,
    /// The cells as they stood in the file.
    pub(super) cells: Vec<String>,
    /// Name and place as they stand in the row, for one that is rejected.
    pub(super) seen: SeenRow,
    /// What a person may confirm about its place.
    pub(super) ask: Option<Suggestion>,
    /// Whether its id is made up.
    pub(super) made_up: bool,
}

/// What is sealed of a row.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    /// What would be applied; nothing of a rejected row.
    pub(super) particulars: Option<Particulars>,
    /// The columns on which the row has a say; the others keep what is known when it is applied.
    pub(super) given: Vec<Column>,
    /// The household as it was, when the row changes it.
    pub(super) before: Option<Particulars>,
    /// What was put right, beside what stood there.
    pub(super) corrections: Vec<Correction>,
    /// The cells as they stood in the file, in the order of the intake's headings.
    pub(super) cells: Vec<String>,
    /// Name and place as they stand in the row, for one that is rejected.
    pub(super) seen: SeenRow,
}

/// What a person recognises a rejected row by.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct SeenRow {
    pub(super) name: String,
    pub(super) place: String,
}

impl SeenRow {
    pub(super) fn of(row: &RawRow) -> Self {
        let text = |column: Column, max: usize| {
            let cell = row.cell(column).map(|cell| tidy(&cell.text).text).unwrap_or_default();
            cell.chars().take(max).collect::<String>()
        };
        let place = [text(Column::Village, PLACE_MAX), text(Column::SubDistrict, PLACE_MAX)];
        let place: Vec<String> = place.into_iter().filter(|part| !part.is_empty()).collect();
        Self { name: text(Column::Name, NAME_MAX), place: place.join(", ") }
    }
}

/// Village and sub-district in one text, by which rows are filtered.
pub(super) fn village_of(particulars: &Particulars) -> String {
    format!("{}, {}", particulars.village, particulars.sub_district)
}

/// The findings of a row for keeping.
fn views(findings: &[Finding], ask: Option<&Suggestion>) -> Vec<FindingView> {
    let view = |finding: &Finding| FindingView {
        code: finding.kind.code().to_owned(),
        severity: finding.kind.severity(),
        column: finding.column.map(|column| column.heading().to_owned()),
        message: finding.sentence(Language::Id),
        message_en: finding.sentence(Language::En),
        ask: ask.filter(|_| finding.kind == FindingKind::PlaceSpelling).map(|ask| Ask {
            sub_district: ask.sub_district.clone(),
            village: ask.village.clone(),
            candidates: ask.candidates.clone(),
        }),
    };
    findings.iter().map(view).collect()
}

fn broken(error: serde_json::Error) -> Error {
    Error::Broken(error.to_string())
}

/// Reads the findings of a kept row.
pub(super) fn read_findings(text: &str) -> Result<Vec<FindingView>, Error> {
    serde_json::from_str(text).map_err(broken)
}

impl Office {
    /// Seals a row for keeping.
    pub(super) fn keep_line(&self, intake: IntakeId, line: Line) -> Result<IntakeRow, Error> {
        let findings = views(&line.checked.findings, line.ask.as_ref());
        let village =
            line.checked.particulars.as_ref().map_or_else(|| hide_numbers(&line.seen.place).into_owned(), village_of);
        let kept = Kept {
            particulars: line.checked.particulars,
            given: line.given,
            before: line.before,
            corrections: line.checked.corrections,
            cells: line.cells,
            seen: line.seen,
        };
        self.keep_row(
            intake,
            IntakeRow {
                number: i32::try_from(line.number).unwrap_or(i32::MAX),
                source_id: line.source_id,
                outcome: line.outcome.as_str().to_owned(),
                findings: String::new(),
                kept: None,
                village,
            },
            &findings,
            &kept,
        )
    }

    /// The row with these findings and this content.
    pub(super) fn keep_row(
        &self,
        intake: IntakeId,
        row: IntakeRow,
        findings: &[FindingView],
        kept: &Kept,
    ) -> Result<IntakeRow, Error> {
        let plain = Zeroizing::new(serde_json::to_vec(kept).map_err(broken)?);
        let sealed = self.vault.seal(Field::IntakeRow, intake.bytes(), self.draw()?, &plain)?;
        Ok(IntakeRow { findings: serde_json::to_string(findings).map_err(broken)?, kept: Some(sealed), ..row })
    }

    /// Opens what is sealed of a row.
    pub(super) fn open_row(&self, intake: IntakeId, row: &IntakeRow) -> Result<Kept, Error> {
        let Some(sealed) = &row.kept else { return Ok(Kept::default()) };
        let plain = self.vault.open(Field::IntakeRow, intake.bytes(), sealed)?;
        serde_json::from_slice(&plain).map_err(broken)
    }
}
