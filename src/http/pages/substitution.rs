//! Substitutions: who takes whose place, proposed by one person and decided by another.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::list::date;
use super::round::ConfirmForm;
use super::shell::{Answer, Inside, ROWS, Sent, Visit, after, id, moment, next, said};
use super::suspicion::one;
use super::verval::{reasons, tabs};
use super::view::frame::{Choice, Place};
use super::view::substitution::{Proposal, SubstitutionRow, Substitutions};
use crate::domain::id::{HouseholdId, ProgrammeId, SubstitutionId};
use crate::domain::role::Action;
use crate::domain::time::plain_date;
use crate::domain::verval::{Reason, Standing, SubstitutionState, statement};
use crate::service::{BnbaFilter, Error, NewSubstitution, Refusal, Replaced, SubstitutionView};

/// How many of the reserve the form offers.
const RESERVES: i64 = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    state: String,
    after: Option<String>,
    /// The household that is to be replaced.
    old: Option<String>,
    /// What was just done: `proposed`, `refused`, or `approved` with what it came to.
    done: Option<String>,
    revoked: Option<i64>,
    issued: Option<i64>,
    redeemed: Option<i64>,
}

fn row(inside: &Inside<'_>, view: SubstitutionView) -> SubstitutionRow {
    let zone = inside.agency.zone;
    let about = view.substitution;
    SubstitutionRow {
        id: about.id.to_string(),
        state: about.state.as_str().to_owned(),
        old: one(&view.old),
        new: one(&view.new),
        reason: about.reason.as_str().to_owned(),
        statement_no: statement(&about.statement_no),
        statement_date: plain_date(about.statement_date, inside.language),
        note: about.note,
        proposed_by: view.proposed_by,
        proposed_at: moment(about.proposed_at, zone),
        decided: view.decided.map(|(name, at)| format!("{name}, {}", moment(at, zone))),
        open: about.state == SubstitutionState::Proposed && !view.proposed_by_actor,
    }
}

/// The form for replacing one household: the reserve of its village first, then of its sub-district, then all.
fn form(inside: &Inside<'_>, programme: ProgrammeId, old: HouseholdId) -> Result<Option<Proposal>, Error> {
    let Some(view) = inside.office.bnba_one(inside.actor, programme, old)? else {
        return Err(Refusal::NotFound("household").into());
    };
    if view.standing != Standing::Approved {
        return Ok(None);
    }
    let everywhere = BnbaFilter { standing: Some(Standing::Reserve), ..BnbaFilter::default() };
    let near = BnbaFilter { sub_district: Some(view.sub_district.clone()), ..everywhere.clone() };
    let (mut found, _) = inside.office.bnba(inside.actor, programme, &near, None, Some(RESERVES))?;
    found.sort_by_key(|one| one.village != view.village);
    let (others, _) = inside.office.bnba(inside.actor, programme, &everywhere, None, Some(RESERVES))?;
    found.extend(others.into_iter().filter(|one| one.sub_district != view.sub_district));
    Ok(Some(Proposal {
        old_id: old.to_string(),
        old: one(&view),
        reasons: reasons(&inside.frame),
        reserves: found
            .iter()
            .map(|reserve| {
                let shown = one(reserve);
                Choice::new(reserve.id.to_string(), format!("{} – {} ({})", shown.name, shown.place, shown.source_id))
            })
            .collect(),
    }))
}

fn page(
    inside: Inside<'_>,
    programme: ProgrammeId,
    wanted: &Wanted,
    error: Option<String>,
) -> Result<Substitutions, Error> {
    let state = SubstitutionState::parse(&wanted.state);
    let begin = after(wanted.after.as_deref());
    let found = inside.office.substitutions(inside.actor, programme, state, begin, Some(ROWS))?;
    let may_propose = inside.actor.role.may(Action::ProposeSubstitute);
    let proposal = match &wanted.old {
        Some(old) if may_propose => form(&inside, programme, id(old, "household")?)?,
        _ => None,
    };
    let next = next(&found, |one| one.substitution.id.to_string()).map(|last| {
        let state = state.map(|state| format!("state={}&", state.as_str())).unwrap_or_default();
        format!("/programmes/{programme}/substitutions?{state}after={last}")
    });
    Ok(Substitutions {
        tabs: tabs(&inside, programme, "substitutions")?,
        state: state.map(|state| state.as_str().to_owned()),
        rows: found.into_iter().map(|view| row(&inside, view)).collect(),
        next,
        may_decide: inside.actor.role.may(Action::Decide),
        may_propose,
        form: proposal,
        error,
        frame: inside.frame,
    })
}

/// `GET /programmes/{id}/substitutions`
pub(super) async fn list(
    visit: Visit,
    programme: web::Path<String>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Verval, move |mut inside| {
            let number = |count: Option<i64>| count.unwrap_or(0);
            inside.frame.notice = match wanted.done.as_deref() {
                Some("proposed") => Some(inside.frame.t("substitutions-proposed-done")),
                Some("refused") => Some(inside.frame.t("substitutions-refused-done")),
                Some("approved") => {
                    let some = number(wanted.redeemed) > 0;
                    let key = if some { "substitutions-approved-redeemed" } else { "substitutions-approved-done" };
                    let values = [
                        ("revoked", number(wanted.revoked).into()),
                        ("issued", number(wanted.issued).into()),
                        ("redeemed", number(wanted.redeemed).into()),
                    ];
                    Some(inside.frame.words.with(key, &values))
                }
                _ => None,
            };
            Answer::page(&page(inside, id(&programme, "programme")?, &wanted, None)?)
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct ProposalForm {
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    statement_no: String,
    #[serde(default)]
    statement_date: String,
    #[serde(default)]
    note: String,
}

impl ProposalForm {
    fn read(&self) -> Result<NewSubstitution, Error> {
        Ok(NewSubstitution {
            old: id(&self.old, "household")?,
            new: id(&self.new, "household")?,
            reason: Reason::parse(&self.reason)
                .ok_or_else(|| Refusal::Invalid { field: "reason", why: "choose a reason".into() })?,
            statement_no: self.statement_no.clone(),
            statement_date: date("statement_date", &self.statement_date)?,
            note: self.note.clone(),
        })
    }
}

/// `POST /programmes/{id}/substitutions`
pub(super) async fn propose(
    visit: Visit,
    programme: web::Path<String>,
    form: Sent<ProposalForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Verval, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            let made = form.read().and_then(|new| inside.office.propose_substitution(inside.actor, programme, &new));
            match made {
                Ok(_) => Ok(Answer::See(format!("/programmes/{programme}/substitutions?done=proposed"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    let wanted = Wanted { old: Some(form.old.clone()), ..Wanted::default() };
                    Answer::refused(status, &page(inside, programme, &wanted, Some(text))?)
                }
            }
        })
        .await
}

/// Shows the list of the programme again with what was refused.
fn again(inside: Inside<'_>, one: SubstitutionId, error: Error) -> Result<Answer, Error> {
    let (status, text) = said(error, inside.language)?;
    let programme = inside.office.substitution_programme(inside.actor, one)?;
    Answer::refused(status, &page(inside, programme, &Wanted::default(), Some(text))?)
}

/// `POST /substitutions/{id}/approve`
pub(super) async fn approve(
    visit: Visit,
    substitution: web::Path<String>,
    form: web::Form<ConfirmForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Verval, move |inside| {
            form.confirmed()?;
            let one: SubstitutionId = id(&substitution, "substitution")?;
            match inside.office.approve_substitution(inside.actor, one) {
                Ok(Replaced { revoked, issued, redeemed }) => {
                    let programme = inside.office.substitution_programme(inside.actor, one)?;
                    Ok(Answer::See(format!(
                        "/programmes/{programme}/substitutions?done=approved&revoked={}&issued={}&redeemed={redeemed}",
                        revoked.len(),
                        issued.len()
                    )))
                }
                Err(error) => again(inside, one, error),
            }
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct RefuseForm {
    #[serde(default)]
    reason: String,
}

/// `POST /substitutions/{id}/refuse`
pub(super) async fn refuse(
    visit: Visit,
    substitution: web::Path<String>,
    form: Sent<RefuseForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Verval, move |inside| {
            let one: SubstitutionId = id(&substitution, "substitution")?;
            match inside.office.refuse_substitution(inside.actor, one, &form.reason) {
                Ok(programme) => Ok(Answer::See(format!("/programmes/{programme}/substitutions?done=refused"))),
                Err(error) => again(inside, one, error),
            }
        })
        .await
}
