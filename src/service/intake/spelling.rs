//! Spellings of places that somebody confirms once for all rows that write them so.

use std::collections::HashMap;

use super::line::{Ask, FindingView, Kept, Line, read_findings};
use super::{BATCH_ROWS, IntakeView, intake_view, owned_intake};
use crate::domain::audit::Event;
use crate::domain::id::IntakeId;
use crate::domain::intake::{Checked, Counts, Finding, FindingKind, Outcome, Severity, locate};
use crate::domain::place::{Gazetteer, fold_place};
use crate::domain::role::Action;
use crate::service::{Actor, Error, Office, Refusal, place};
use crate::store::intakes::{Filter, Intake, IntakeRow};
use crate::store::places::KeptAlias;
use crate::store::{self, Conn, Write};

/// A spelling that waits for somebody to confirm what is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpellingView {
    /// The spelling, and what may be meant.
    pub ask: Ask,
    /// How many rows write it.
    pub rows: u32,
}

/// What somebody confirmed about a spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The sub-district as written.
    pub sub_district: String,
    /// The village as written; empty when the sub-district alone is meant.
    pub village: String,
    /// The code of a village, or of a sub-district when that alone is meant.
    pub code: String,
}

/// The rows that write a place in a way that somebody may confirm.
fn waiting() -> Filter {
    Filter { kind: Some(FindingKind::PlaceSpelling.code().to_owned()), ..Filter::default() }
}

impl Office {
    /// The spellings in an intake that somebody may confirm, the most frequent first.
    pub fn intake_spellings(&self, actor: &Actor, id: IntakeId) -> Result<Vec<SpellingView>, Error> {
        actor.must(Action::ReadIntakes)?;
        let mut found: HashMap<(String, String), SpellingView> = HashMap::new();
        self.pool.read(|conn| -> Result<_, Error> {
            owned_intake(conn, actor, id)?;
            each_batch(conn, id, |rows| {
                for row in rows {
                    for ask in read_findings(&row.findings)?.into_iter().filter_map(|finding| finding.ask) {
                        let key = (fold_place(&ask.sub_district), fold_place(&ask.village));
                        found.entry(key).or_insert(SpellingView { ask, rows: 0 }).rows += 1;
                    }
                }
                Ok(())
            })
        })?;
        let mut found: Vec<SpellingView> = found.into_values().collect();
        found.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.ask.sub_district.cmp(&b.ask.sub_district)));
        Ok(found)
    }

    /// Keeps what was confirmed about spellings, and compares the rows of an intake that wait for it again.
    /// From then on the same spelling is put right without asking.
    pub fn confirm_spellings(&self, actor: &Actor, id: IntakeId, confirmed: &[Confirmed]) -> Result<IntakeView, Error> {
        actor.must(Action::ManagePlaces)?;
        actor.must(Action::UploadIntake)?;
        let now = self.now();
        self.pool.write("intake_spellings", |tx| {
            let mut intake = owned_intake(tx, actor, id)?;
            // Taking the counts first keeps an approval out until the rows are compared again.
            if !store::intakes::set_counts(tx, id, intake.counts)? {
                return Err(Refusal::AlreadyApplied.into());
            }
            let list = place::gazetteer(tx, actor.agency)?;
            for one in confirmed {
                if !list.may_mean(&one.village, &one.code) || fold_place(&one.sub_district).is_empty() {
                    let why = format!("{} bukan desa atau kecamatan dalam daftar", one.code);
                    return Err(Refusal::Invalid { field: "code", why }.into());
                }
                let alias = KeptAlias {
                    sub_district_folded: fold_place(&one.sub_district),
                    village_folded: fold_place(&one.village),
                    sub_district_written: one.sub_district.clone(),
                    village_written: one.village.clone(),
                    code: one.code.clone(),
                    confirmed_by: actor.user,
                    confirmed_at: now,
                };
                store::places::keep_alias(tx, actor.agency, &alias)?;
                self.record(tx, actor.who(), Event::AliasConfirmed, &one.code, alias.sub_district_folded.clone())?;
            }
            let list = place::gazetteer(tx, actor.agency)?;
            intake.counts = self.compare_again(tx, actor, &intake, &list)?;
            store::intakes::set_counts(tx, id, intake.counts)?;
            Ok::<_, Error>(())
        })?;
        self.pool.read(|conn| {
            let intake = owned_intake(conn, actor, id)?;
            intake_view(conn, actor, intake)
        })
    }

    /// Looks again where the waiting rows are, and gives the counts of the whole.
    fn compare_again(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        intake: &Intake,
        list: &Gazetteer,
    ) -> Result<Counts, Error> {
        let mut after = i32::MIN;
        loop {
            let rows = store::intakes::rows(tx, intake.id, &waiting(), after, BATCH_ROWS)?;
            let Some(last) = rows.last() else { break };
            after = last.number;
            let mut lines = rows.iter().map(|row| self.line_again(intake.id, row)).collect::<Result<Vec<_>, _>>()?;
            for line in &mut lines {
                line.ask = locate(list, &mut line.checked);
            }
            self.compare_batch(tx, actor.agency, intake.programme, &mut lines)?;
            for (line, row) in lines.into_iter().zip(rows) {
                let others = read_findings(&row.findings)?;
                let kept = self.keep_line(intake.id, line)?;
                let findings = joined(others, read_findings(&kept.findings)?);
                let again = IntakeRow { findings: as_text(&findings)?, ..kept };
                store::intakes::update_row(tx, intake.id, again)?;
            }
        }
        let mut counts = Counts::default();
        let mut after = i32::MIN;
        loop {
            let rows = store::intakes::outlines(tx, intake.id, after, BATCH_ROWS)?;
            let Some((last, ..)) = rows.last() else { return Ok(counts) };
            after = *last;
            for (_, outcome, findings, _) in rows {
                let outcome =
                    Outcome::from_code(&outcome).ok_or_else(|| Error::Broken(format!("an outcome {outcome:?}")))?;
                let warned = read_findings(&findings)?.iter().any(|finding| finding.severity == Severity::Warning);
                counts.add(outcome, &[]);
                counts.warnings += u32::from(warned);
            }
        }
    }

    /// A kept row as it was when it was compared, but for its findings, which are kept as sentences.
    fn line_again(&self, intake: IntakeId, row: &IntakeRow) -> Result<Line, Error> {
        let Kept { particulars, given, before, corrections, cells, seen } = self.open_row(intake, row)?;
        let missing = read_findings(&row.findings)?
            .iter()
            .any(|finding| finding.code == FindingKind::VillageCodeMissing.code())
            .then(|| Finding {
                column: Some(crate::domain::intake::Column::VillageCode),
                kind: FindingKind::VillageCodeMissing,
                seen: String::new(),
                first_row: None,
            });
        Ok(Line {
            number: u32::try_from(row.number).unwrap_or(0),
            source_id: row.source_id.clone(),
            outcome: Outcome::Rejected,
            checked: Checked { particulars, findings: missing.into_iter().collect(), corrections },
            given,
            before,
            cells,
            seen,
            ask: None,
            made_up: false,
        })
    }
}

/// The findings that are not about places, from before, and those that are, from now.
fn joined(before: Vec<FindingView>, now: Vec<FindingView>) -> Vec<FindingView> {
    let of_places = |finding: &FindingView| {
        finding.code.starts_with("place_")
            || [FindingKind::VillageCodeReplaced, FindingKind::VillageCodeMissing]
                .iter()
                .any(|kind| kind.code() == finding.code)
    };
    let mut all: Vec<FindingView> = before.into_iter().filter(|finding| !of_places(finding)).collect();
    all.extend(now);
    all
}

fn as_text(findings: &[FindingView]) -> Result<String, Error> {
    serde_json::to_string(findings).map_err(|error| Error::Broken(error.to_string()))
}

/// Hands the waiting rows of an intake over, some at a time.
fn each_batch(
    conn: &mut Conn,
    intake: IntakeId,
    mut f: impl FnMut(&[IntakeRow]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut after = i32::MIN;
    loop {
        let rows = store::intakes::rows(conn, intake, &waiting(), after, BATCH_ROWS)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.number;
        f(&rows)?;
    }
}
