//! Intakes and their rows on a screen.

use std::collections::BTreeMap;

use super::line::{FindingView, Kept, read_findings, village_of};
use super::{BATCH_ROWS, IntakeView, intake_view, owned_intake};
use crate::domain::audit::Event;
use crate::domain::household::Nik;
use crate::domain::id::IntakeId;
use crate::domain::intake::{Column, FindingKind, Outcome, Severity, differences, shown_value, value};
use crate::domain::role::Action;
use crate::service::{Actor, Error, Office, page};
use crate::store;
use crate::store::intakes::{Filter, IntakeRow};

/// A row of an intake on a screen.
#[derive(Debug, Clone)]
pub struct RowView {
    /// Its number in the file.
    pub number: i32,
    /// The household's key in its source.
    pub source_id: String,
    /// What would become of it.
    pub outcome: Outcome,
    /// The recipient's name, as far as it can be read.
    pub name: Option<String>,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// Village and sub-district.
    pub place: String,
    /// The code of the point, as the file gives it.
    pub point: String,
    /// What was found.
    pub findings: Vec<FindingView>,
    /// Field by field, what the row changes on a household that is known.
    pub changes: Vec<ChangeView>,
    /// What was put right in the row, beside what stood there.
    pub corrections: Vec<ChangeView>,
}

/// A value before and after. Numbers of persons are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeView {
    /// The heading of the column.
    pub column: String,
    /// What is known, or what stood in the file.
    pub before: String,
    /// What it becomes.
    pub after: String,
}

/// Which rows of an intake to give. What is not named is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFilter {
    /// Those of this outcome.
    pub outcome: Option<Outcome>,
    /// Those with a finding of this severity.
    pub severity: Option<Severity>,
    /// Those with this finding.
    pub kind: Option<FindingKind>,
    /// Those of this village and sub-district, as [`RowView::place`] writes them.
    pub village: Option<String>,
}

impl RowFilter {
    pub(super) fn asked(&self) -> Filter {
        Filter {
            outcome: self.outcome.map(|outcome| outcome.as_str().to_owned()),
            severity: self.severity.map(|severity| severity.as_str().to_owned()),
            kind: self.kind.map(|kind| kind.code().to_owned()),
            village: self.village.clone(),
        }
    }
}

/// What the rows of an intake have in common, with how many rows each.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// What was found: the kind, and in how many rows; the most frequent first.
    pub kinds: Vec<(FindingKind, u32)>,
    /// Village and sub-district, and how many rows; in the order of the names.
    pub villages: Vec<(String, u32)>,
}

impl Office {
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
        filter: &RowFilter,
        after: Option<i32>,
        limit: Option<i64>,
    ) -> Result<Vec<RowView>, Error> {
        actor.must(Action::ReadIntakes)?;
        let rows = self.pool.read(|conn| -> Result<_, Error> {
            owned_intake(conn, actor, id)?;
            Ok(store::intakes::rows(conn, id, &filter.asked(), after.unwrap_or(0), page(limit))?)
        })?;
        let views = rows.iter().map(|row| self.row_view(id, row)).collect::<Result<Vec<_>, _>>()?;
        self.record_look(actor, Event::IntakeViewed, id, format!("{}", views.len()))?;
        Ok(views)
    }

    /// How many rows of an intake a filter lets through.
    pub fn count_intake_rows(&self, actor: &Actor, id: IntakeId, filter: &RowFilter) -> Result<i64, Error> {
        actor.must(Action::ReadIntakes)?;
        self.pool.read(|conn| {
            owned_intake(conn, actor, id)?;
            Ok(store::intakes::count_rows(conn, id, &filter.asked())?)
        })
    }

    /// What the rows of an intake have in common, for whoever filters them.
    pub fn intake_outline(&self, actor: &Actor, id: IntakeId) -> Result<Outline, Error> {
        actor.must(Action::ReadIntakes)?;
        let mut kinds: BTreeMap<&'static str, (FindingKind, u32)> = BTreeMap::new();
        let mut villages: BTreeMap<String, u32> = BTreeMap::new();
        self.pool.read(|conn| -> Result<_, Error> {
            owned_intake(conn, actor, id)?;
            let mut after = i32::MIN;
            loop {
                let rows = store::intakes::outlines(conn, id, after, BATCH_ROWS)?;
                let Some((last, ..)) = rows.last() else { return Ok(()) };
                after = *last;
                for (_, _, findings, village) in rows {
                    if !village.is_empty() {
                        *villages.entry(village).or_default() += 1;
                    }
                    let mut of_row: Vec<FindingKind> = read_findings(&findings)?
                        .iter()
                        .filter_map(|finding| FindingKind::from_code(&finding.code))
                        .collect();
                    of_row.sort_by_key(|kind| kind.code());
                    of_row.dedup();
                    for kind in of_row {
                        kinds.entry(kind.code()).or_insert((kind, 0)).1 += 1;
                    }
                }
            }
        })?;
        let mut kinds: Vec<(FindingKind, u32)> = kinds.into_values().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(Outline { kinds, villages: villages.into_iter().collect() })
    }

    fn row_view(&self, intake: IntakeId, row: &IntakeRow) -> Result<RowView, Error> {
        let Kept { particulars, before, corrections, seen, .. } = self.open_row(intake, row)?;
        let changes = match (&before, &particulars) {
            (Some(before), Some(after)) => differences(before, after)
                .into_iter()
                .map(|column| change(column, &value(before, column), &value(after, column)))
                .collect(),
            _ => Vec::new(),
        };
        Ok(RowView {
            number: row.number,
            source_id: row.source_id.clone(),
            outcome: Outcome::from_code(&row.outcome)
                .ok_or_else(|| Error::Broken(format!("an outcome {:?}", row.outcome)))?,
            nik_masked: particulars.as_ref().and_then(|known| known.nik.as_ref()).map(Nik::masked),
            place: particulars.as_ref().map_or(seen.place, village_of),
            point: particulars.as_ref().map(|known| known.point_code.clone()).unwrap_or_default(),
            name: particulars.map(|known| known.name).or(Some(seen.name)).filter(|name| !name.is_empty()),
            findings: read_findings(&row.findings)?,
            changes,
            corrections: corrections.iter().map(|one| change(one.column, &one.original, &one.corrected)).collect(),
        })
    }
}

fn change(column: Column, before: &str, after: &str) -> ChangeView {
    ChangeView {
        column: column.heading().to_owned(),
        before: shown_value(column, before),
        after: shown_value(column, after),
    }
}
