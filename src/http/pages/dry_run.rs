//! What a file would do: its rows, the places it asks about, agreeing to it and throwing it away.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::intake::{counts, state};
use super::round::ConfirmForm;
use super::shell::{Answer, Inside, ROWS, Visit, id, moment, next};
use super::view::dry_run::{Change, Intake, IntakeRow, RowsFilter, Spelling};
use super::view::frame::{Choice, Place};
use crate::domain::id::IntakeId;
use crate::domain::intake::{FindingKind, Outcome, Severity};
use crate::domain::role::Action;
use crate::domain::time::Language;
use crate::http::Problem;
use crate::service::{
    Applying, ChangeView, Confirmed, Error, Outline, ReasonsForm, ReasonsOf, RowFilter, RowView, SpellingView,
};
use crate::words::Words;

/// How many spellings are asked about at once.
const SPELLINGS: usize = 50;
/// So long a person waits for a file to be applied before the page says how far it is.
const PATIENCE: Duration = Duration::from_millis(800);

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Rows {
    outcome: Option<String>,
    severity: Option<String>,
    finding: Option<String>,
    place: Option<String>,
    from: Option<String>,
    after: Option<String>,
}

impl Rows {
    fn filter(&self) -> RowFilter {
        RowFilter {
            outcome: self.outcome.as_deref().and_then(Outcome::from_code),
            severity: self.severity.as_deref().filter(|code| *code == "warning").map(|_| Severity::Warning),
            kind: self.finding.as_deref().and_then(FindingKind::from_code),
            village: self.place.clone().filter(|place| !place.is_empty()),
        }
    }

    /// After which row the page begins.
    fn begin(&self) -> Option<i32> {
        let number = |text: &Option<String>| text.as_deref().and_then(|text| text.trim().parse::<i32>().ok());
        number(&self.after).or_else(|| number(&self.from).map(|from| from.saturating_sub(1)))
    }

    /// The query without the outcome and where the page begins.
    fn rest(&self) -> String {
        let parts = [("severity", &self.severity), ("finding", &self.finding), ("place", &self.place)];
        parts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref().filter(|value| !value.is_empty())?)))
            .map(|(name, value)| format!("&{name}={}", super::fault::encoded(value)))
            .collect()
    }
}

/// `GET /intakes/{id}`
pub(super) async fn show(
    visit: Visit,
    intake: web::Path<String>,
    rows: web::Query<Rows>,
) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Intakes, move |inside| page(inside, &id(&intake, "intake")?, &rows)).await
}

fn page(inside: Inside<'_>, intake: &IntakeId, asked: &Rows) -> Result<Answer, Error> {
    let (office, actor, intake) = (inside.office, inside.actor, *intake);
    // Asked for before the intake is read: what ends in between is then seen as applied.
    let applying = office.applying(intake);
    let found = office.intake(actor, intake)?;
    let programme = office.programme(actor, found.programme)?;
    let underway = match applying {
        Some(Applying::Underway { done, all }) if found.applied_at.is_none() => {
            i64::try_from(done).ok().zip(i64::try_from(all).ok())
        }
        _ => None,
    };
    let filter = asked.filter();
    // To show rows is to write down that they were seen, and where one writes at a time that waits for the end.
    let (listed, outline, spellings) = if underway.is_some() {
        (Vec::new(), Outline::default(), Vec::new())
    } else {
        let listed = office.intake_rows(actor, intake, &filter, asked.begin(), Some(ROWS))?;
        (listed, office.intake_outline(actor, intake)?, office.intake_spellings(actor, intake)?)
    };
    let zone = inside.agency.zone;
    let waiting = found.applied_at.is_none() && underway.is_none();
    let own = found.uploaded_by_actor;
    let may = |action| actor.role.may(action);
    let outcome = filter.outcome.map(|outcome| outcome.as_str().to_owned());
    let rest = asked.rest();
    let next = next(&listed, |row| row.number.to_string()).map(|after| {
        let outcome = outcome.as_deref().map(|outcome| format!("&outcome={outcome}")).unwrap_or_default();
        format!("/intakes/{intake}?after={after}{outcome}{rest}")
    });
    let words = Words::for_language(inside.language);
    let without = outline.kinds.iter().find(|(kind, _)| *kind == FindingKind::NikMissing).map_or(0, |(_, rows)| *rows);
    Answer::page(&Intake {
        id: intake.to_string(),
        programme: programme.name,
        go_on: (found.applied_at.is_some() && may(Action::ReadHouseholds)).then(|| found.programme.to_string()),
        without_nik: without > 0 && without == found.counts.rows(),
        uploaded_at: moment(found.uploaded_at, zone),
        underway,
        not_applied: waiting && applying == Some(Applying::Failed),
        state: if underway.is_some() { "applying".to_owned() } else { state(&found).to_owned() },
        decided: found
            .applied_by
            .clone()
            .zip(found.applied_at)
            .map(|(name, at)| format!("{name}, {}", moment(at, zone))),
        counts: counts(found.counts),
        may_apply: may(Action::ApplyIntake) && waiting && !own,
        may_download: may(Action::UploadIntake) || may(Action::ApplyIntake),
        may_confirm: may(Action::ManagePlaces) && may(Action::UploadIntake) && waiting,
        may_discard: may(Action::UploadIntake) && waiting && own,
        own,
        spellings: spellings.into_iter().take(SPELLINGS).enumerate().map(spelling).collect(),
        filter: rows_filter(&filter, outcome, rest, &outline, inside.language),
        found: if underway.is_some() { 0 } else { office.count_intake_rows(actor, intake, &filter)? },
        next,
        rows: listed.into_iter().map(|row| line(row, inside.language, words)).collect(),
        file_name: found.file_name,
        sheet: found.sheet,
        ignored: found.ignored_columns,
        members_left_out: found.members_left_out.into(),
        uploaded_by: found.uploaded_by,
        frame: inside.frame,
    })
}

fn rows_filter(
    filter: &RowFilter,
    outcome: Option<String>,
    rest: String,
    outline: &Outline,
    language: Language,
) -> RowsFilter {
    let kind = |(kind, count): &(FindingKind, u32)| {
        let sentence = kind.message(language);
        let short = sentence.split([';', ':', '(']).next().unwrap_or_default().trim().trim_end_matches('.');
        let label = format!("{short} ({count})");
        Choice { chosen: filter.kind == Some(*kind), ..Choice::new(kind.code(), label) }
    };
    let village = |(village, count): &(String, u32)| Choice {
        chosen: filter.village.as_deref() == Some(village),
        ..Choice::new(village.as_str(), format!("{village} ({count})"))
    };
    RowsFilter {
        outcome,
        warnings: filter.severity == Some(Severity::Warning),
        kinds: outline.kinds.iter().map(kind).collect(),
        villages: outline.villages.iter().map(village).collect(),
        narrowed: !rest.is_empty(),
        rest,
    }
}

fn spelling((number, one): (usize, SpellingView)) -> Spelling {
    Spelling {
        number,
        sub_district: one.ask.sub_district,
        village: one.ask.village,
        rows: one.rows.into(),
        candidates: one.ask.candidates.into_iter().map(|(code, name)| Choice::new(code, name)).collect(),
    }
}

fn line(row: RowView, language: Language, words: Words) -> IntakeRow {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        row.findings.into_iter().partition(|finding| finding.severity == Severity::Error);
    let said = |findings: Vec<crate::service::FindingView>| {
        let sentence = |finding: crate::service::FindingView| match language {
            Language::Id => finding.message,
            Language::En => finding.message_en,
        };
        findings.into_iter().map(sentence).collect::<Vec<_>>()
    };
    let changes = |changes: Vec<ChangeView>| {
        let change = |ChangeView { column, before, after }: ChangeView| Change {
            column: words.of("column", &column),
            before,
            after,
        };
        changes.into_iter().map(change).collect::<Vec<_>>()
    };
    IntakeRow {
        line: row.number.into(),
        source_id: row.source_id,
        name: row.name.unwrap_or_else(|| "–".into()),
        nik_masked: row.nik_masked.unwrap_or_else(|| "–".into()),
        address: row.place,
        point: row.point,
        outcome: row.outcome.as_str().to_owned(),
        errors: said(errors),
        warnings: said(warnings),
        changes: changes(row.changes),
        corrections: changes(row.corrections),
    }
}

/// `POST /intakes/{id}/apply`
pub(super) async fn apply(
    visit: Visit,
    intake: web::Path<String>,
    form: web::Form<ConfirmForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Intakes, move |inside| {
            form.confirmed()?;
            let intake: IntakeId = id(&intake, "intake")?;
            inside.office.begin_apply(inside.actor, intake, PATIENCE)?;
            Ok(Answer::See(format!("/intakes/{intake}")))
        })
        .await
}

/// `POST /intakes/{id}/discard`
pub(super) async fn discard(
    visit: Visit,
    intake: web::Path<String>,
    form: web::Form<ConfirmForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Intakes, move |inside| {
            form.confirmed()?;
            inside.office.discard_intake(inside.actor, id(&intake, "intake")?)?;
            Ok(Answer::See("/intakes".to_owned()))
        })
        .await
}

/// `POST /intakes/{id}/spellings`: fields `sub_district_N`, `village_N` and `means_N`, an empty one for
/// a spelling that is left as it is.
pub(super) async fn confirm(
    visit: Visit,
    intake: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, PageError> {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let one = |number: usize| {
        let code = field(&format!("means_{number}")).filter(|code| !code.is_empty())?;
        Some(Confirmed {
            sub_district: field(&format!("sub_district_{number}"))?,
            village: field(&format!("village_{number}")).unwrap_or_default(),
            code,
        })
    };
    let confirmed: Vec<Confirmed> = (0..SPELLINGS).filter_map(one).collect();
    visit
        .with_form_token(&field("csrf").unwrap_or_default())
        .inside(Place::Intakes, move |inside| {
            let intake: IntakeId = id(&intake, "intake")?;
            inside.office.confirm_spellings(inside.actor, intake, &confirmed)?;
            Ok(Answer::See(format!("/intakes/{intake}")))
        })
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct ReasonsQuery {
    of: Option<String>,
}

/// `GET /intakes/{id}/reasons.{xlsx,csv}`
pub(super) async fn reasons(
    visit: Visit,
    path: web::Path<(String, String)>,
    query: web::Query<ReasonsQuery>,
) -> Result<HttpResponse, PageError> {
    let (intake, ending) = path.into_inner();
    let form = match ending.as_str() {
        "xlsx" => ReasonsForm::Xlsx,
        "csv" => ReasonsForm::Csv,
        _ => return Err(visit.problem(Problem::not_found(), Place::Intakes)),
    };
    let of = query.of.as_deref().and_then(ReasonsOf::from_code).unwrap_or(ReasonsOf::All);
    let language = visit.caller.language;
    let file = visit
        .state
        .act(&visit.caller, move |office, actor| {
            office.intake_reasons(actor, id(&intake, "intake")?, of, form, language)
        })
        .await
        .map_err(|problem| visit.problem(problem, Place::Intakes))?;
    Ok(crate::http::api::file_answer(file))
}
