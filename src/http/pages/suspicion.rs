//! Households that may be the same, and what a person decides about each pair.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Inside, Sent, Visit, after, id, moment, said};
use super::verval::tabs;
use super::view::frame::Place;
use super::view::suspicion::{One, Pair, Suspicions};
use crate::domain::id::{ProgrammeId, SuspicionId};
use crate::domain::role::Action;
use crate::domain::time::Zone;
use crate::domain::verval::{Kind, Likeness, SuspicionState};
use crate::service::{BnbaView, Error, Refusal, SuspicionView};

/// How many pairs stand on one page: each is looked at for a while.
const PAIRS: i64 = 20;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    after: Option<String>,
    /// After a search: how many new pairs it found.
    found: Option<i64>,
    /// After a decision: whether the one that leaves holds paper.
    done: Option<bool>,
}

/// A household beside another.
pub(super) fn one(view: &BnbaView) -> One {
    let rt = if view.rt.is_empty() { String::new() } else { format!("RT {}, ", view.rt) };
    One {
        name: view.name.clone(),
        source_id: view.source_id.clone(),
        nik_masked: view.nik_masked.clone().unwrap_or_else(|| "–".into()),
        place: format!("{rt}{}, {}", view.village, view.sub_district),
        standing: view.standing.as_str().to_owned(),
        paper: view.live_paper,
    }
}

fn alike(like: Likeness) -> Vec<&'static str> {
    let all = [
        (like.nik, "nik"),
        (like.family_card, "card"),
        (like.name, "name"),
        (like.birth, "birth"),
        (like.village, "village"),
        (like.village && like.rt, "rt"),
    ];
    all.into_iter().filter(|(same, _)| *same).map(|(_, name)| name).collect()
}

fn pair(view: SuspicionView, zone: Zone) -> Pair {
    Pair {
        id: view.id.to_string(),
        kind: view.kind.as_str().to_owned(),
        state: view.state.as_str().to_owned(),
        first: one(&view.first),
        other: one(&view.other),
        alike: alike(view.alike),
        decided: view.decided.map(|(name, at)| format!("{name}, {}", moment(at, zone))),
        note: view.note,
    }
}

fn page(
    inside: Inside<'_>,
    programme: ProgrammeId,
    wanted: &Wanted,
    error: Option<String>,
) -> Result<Suspicions, Error> {
    // What is open is what one comes for; `all` shows the rest too.
    let state = match wanted.state.as_str() {
        "all" => None,
        code => Some(SuspicionState::parse(code).unwrap_or(SuspicionState::Open)),
    };
    let kind = Kind::parse(&wanted.kind);
    let begin = after(wanted.after.as_deref());
    let (found, counts) = inside.office.suspicions(inside.actor, programme, (state, kind), begin, Some(PAIRS))?;
    let sum = |of: &dyn Fn(&(SuspicionState, Kind, i64)) -> bool| -> i64 {
        counts.iter().filter(|line| of(line)).map(|line| line.2).sum()
    };
    let full = i64::try_from(found.len()).is_ok_and(|count| count >= PAIRS);
    let next = found.last().filter(|_| full).map(|last| {
        let state = state.map_or("all", SuspicionState::as_str);
        let kind = kind.map(|kind| format!("&kind={}", kind.as_str())).unwrap_or_default();
        format!("/programmes/{programme}/suspicions?state={state}{kind}&after={}", last.id)
    });
    let zone = inside.agency.zone;
    Ok(Suspicions {
        tabs: tabs(&inside, programme, "suspicions")?,
        states: SuspicionState::ALL
            .into_iter()
            .map(|one| (one.as_str(), sum(&|line| line.0 == one), state == Some(one)))
            .collect(),
        kinds: Kind::ALL
            .into_iter()
            .map(|one| {
                let count = sum(&|line| line.1 == one && state.is_none_or(|state| line.0 == state));
                (one.as_str(), count, kind == Some(one))
            })
            .filter(|(_, count, _)| *count > 0)
            .collect(),
        state: state.map(SuspicionState::as_str),
        total: sum(&|_| true),
        rows: found.into_iter().map(|view| pair(view, zone)).collect(),
        next,
        may_decide: inside.actor.role.may(Action::Decide),
        error,
        frame: inside.frame,
    })
}

/// `GET /programmes/{id}/suspicions`
pub(super) async fn list(
    visit: Visit,
    programme: web::Path<String>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Verval, move |mut inside| {
            inside.frame.notice = match (wanted.found, wanted.done) {
                (Some(found), _) => Some(inside.frame.n("suspicions-searched", "count", found)),
                (_, Some(true)) => Some(inside.frame.t("suspicions-decided-paper")),
                (_, Some(false)) => Some(inside.frame.t("suspicions-decided")),
                _ => None,
            };
            Answer::page(&page(inside, id(&programme, "programme")?, &wanted, None)?)
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct SearchForm {
    csrf: String,
}

/// `POST /programmes/{id}/suspicions`: the whole list is compared with itself.
pub(super) async fn search(
    visit: Visit,
    programme: web::Path<String>,
    form: web::Form<SearchForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Verval, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            let found = inside.office.search_duplicates(inside.actor, programme)?;
            Ok(Answer::See(format!("/programmes/{programme}/suspicions?state=open&found={found}")))
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    state: String,
    #[serde(default)]
    note: String,
}

/// `POST /suspicions/{id}`
pub(super) async fn decide(
    visit: Visit,
    suspicion: web::Path<String>,
    form: Sent<AnswerForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Verval, move |inside| {
            let suspicion: SuspicionId = id(&suspicion, "suspicion")?;
            let state = SuspicionState::parse(&form.state)
                .ok_or_else(|| Refusal::Invalid { field: "state", why: "choose a decision".into() })?;
            match inside.office.decide_suspicion(inside.actor, suspicion, state, &form.note) {
                Ok((programme, paper)) => {
                    Ok(Answer::See(format!("/programmes/{programme}/suspicions?state=open&done={paper}")))
                }
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    let programme = inside.office.suspicion_programme(inside.actor, suspicion)?;
                    Answer::refused(status, &page(inside, programme, &Wanted::default(), Some(text))?)
                }
            }
        })
        .await
}
