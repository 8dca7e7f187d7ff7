//! Verification: the list by name by address, and decisions on it, each looked over before it is taken.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::{PageError, encoded};
use super::shell::{Answer, Inside, ROWS, Visit, after, id, next, said};
use super::view::frame::{Choice, Frame, Place};
use super::view::verval::{Tabs, Verval, VervalConfirm, VervalProgrammes, VervalRow};
use crate::domain::household::{Vulnerability, name_says_deceased};
use crate::domain::id::ProgrammeId;
use crate::domain::role::Action;
use crate::domain::time::plain_date;
use crate::domain::verval::{Reason, Standing};
use crate::service::{BnbaFilter, BnbaFlag, BnbaView, Decided, Error, ListStanding, NewDecision, Refusal, Whom};

/// What the list is filtered by, as it stands in an address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Wanted {
    /// `SUB-DISTRICT` or `SUB-DISTRICT / VILLAGE`.
    #[serde(default)]
    place: String,
    #[serde(default)]
    standing: String,
    #[serde(default)]
    decile: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    flag: String,
    after: Option<String>,
    /// After a decision: on how many it was taken, and how many of them hold paper.
    done: Option<i64>,
    papers: Option<i64>,
}

/// What parts a sub-district from a village in the choice of places.
const PARTED: &str = " / ";

impl Wanted {
    fn filter(&self) -> BnbaFilter {
        let (sub_district, village) = match self.place.split_once(PARTED) {
            Some((sub_district, village)) => (sub_district, Some(village.to_owned())),
            None => (self.place.as_str(), None),
        };
        BnbaFilter {
            sub_district: (!sub_district.is_empty()).then(|| sub_district.to_owned()),
            village,
            standing: Standing::parse(&self.standing),
            decile: self.decile.parse().ok(),
            category: category(&self.category),
            flag: BnbaFlag::parse(&self.flag),
        }
    }

    /// Name and value of what is set.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("place", &self.place),
            ("standing", &self.standing),
            ("decile", &self.decile),
            ("category", &self.category),
            ("flag", &self.flag),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.clone())).collect()
    }

    /// The address of the list so filtered, with more behind it.
    fn href(&self, programme: ProgrammeId, more: &[(&str, String)]) -> String {
        let fields = self.fields();
        let pairs = fields.iter().map(|(name, value)| (*name, value)).chain(more.iter().map(|(n, v)| (*n, v)));
        let query: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/programmes/{programme}/verval{mark}{}", query.join("&"))
    }
}

/// The code of a category of vulnerability, in an address.
const fn category_code(one: Vulnerability) -> &'static str {
    match one {
        Vulnerability::Elderly => "elderly",
        Vulnerability::Disabled => "disabled",
        Vulnerability::Ill => "ill",
        Vulnerability::Pregnant => "pregnant",
        Vulnerability::LivesAlone => "lives_alone",
    }
}

fn category(code: &str) -> Option<Vulnerability> {
    Vulnerability::ALL.into_iter().find(|one| category_code(*one) == code)
}

/// The parts of verification for a programme.
pub(super) fn tabs(inside: &Inside<'_>, programme: ProgrammeId, current: &'static str) -> Result<Tabs, Error> {
    let found = inside.office.programme(inside.actor, programme)?;
    Ok(Tabs { programme_id: programme.to_string(), programme: found.name, current })
}

/// Choices of a closed list, in words.
pub(super) fn choices<T: Copy>(
    frame: &Frame,
    list: &str,
    all: impl IntoIterator<Item = T>,
    code: fn(T) -> &'static str,
    chosen: &str,
) -> Vec<Choice> {
    all.into_iter()
        .map(|one| Choice {
            value: code(one).to_owned(),
            label: frame.of_list(list, code(one)),
            chosen: code(one) == chosen,
        })
        .collect()
}

/// `GET /verval`: the one programme, or which.
pub(super) async fn programmes(visit: Visit) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Verval, |inside| {
            inside.actor.must(Action::ReadHouseholds)?;
            let found = inside.office.programmes(inside.actor, None, None)?;
            if let [only] = found.as_slice() {
                return Ok(Answer::See(format!("/programmes/{}/verval", only.id)));
            }
            let mut rows = Vec::with_capacity(found.len());
            for programme in found {
                let standing = inside.office.list_standing(inside.actor, programme.id)?;
                let decided = standing.total() - standing.undecided;
                rows.push((programme.id.to_string(), programme.name, decided, standing.total()));
            }
            Answer::page(&VervalProgrammes { rows, frame: inside.frame })
        })
        .await
}

/// `GET /programmes/{id}/verval`
pub(super) async fn list(
    visit: Visit,
    programme: web::Path<String>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Verval, move |mut inside| {
            if let Some(done) = wanted.done {
                let papers = wanted.papers.unwrap_or(0);
                inside.frame.notice = Some(if papers > 0 {
                    let values = [("count", done.into()), ("papers", papers.into())];
                    inside.frame.words.with("verval-done-paper", &values)
                } else {
                    inside.frame.n("verval-done", "count", done)
                });
            }
            Answer::page(&page(inside, id(&programme, "programme")?, &wanted, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, programme: ProgrammeId, wanted: &Wanted, error: Option<String>) -> Result<Verval, Error> {
    let (office, actor) = (inside.office, inside.actor);
    let filter = wanted.filter();
    let (found, matching) = office.bnba(actor, programme, &filter, after(wanted.after.as_deref()), Some(ROWS))?;
    let standing = office.list_standing(actor, programme)?;
    let villages = office.bnba_villages(actor, programme)?;
    let frame = &inside.frame;
    let only = |standing: Standing| Wanted { standing: standing.as_str().to_owned(), after: None, ..wanted.clone() };
    let counts = [
        (Standing::Approved, standing.approved),
        (Standing::NotEligible, standing.not_eligible),
        (Standing::Reserve, standing.reserve),
        (Standing::Undecided, standing.undecided),
    ];
    let mut places: Vec<Choice> = Vec::new();
    let mut sub_districts: Vec<(&str, i64)> = Vec::new();
    for (sub_district, _, count) in &villages {
        match sub_districts.last_mut() {
            Some((name, sum)) if name == sub_district => *sum += count,
            _ => sub_districts.push((sub_district, *count)),
        }
    }
    let mut place = |value: String, count: i64| {
        places.push(Choice { label: format!("{value} ({count})"), chosen: value == wanted.place, value });
    };
    for (sub_district, count) in sub_districts {
        place(sub_district.to_owned(), count);
        for (_, village, count) in villages.iter().filter(|(name, _, _)| name == sub_district) {
            place(format!("{sub_district}{PARTED}{village}"), *count);
        }
    }
    Ok(Verval {
        tabs: tabs(&inside, programme, "list")?,
        standings: counts
            .into_iter()
            .map(|(one, count)| {
                let bare = Wanted { standing: one.as_str().to_owned(), ..Wanted::default() };
                (one.as_str(), count, bare.href(programme, &[]), only(one).filter() == filter)
            })
            .collect(),
        total: standing.total(),
        all_href: format!("/programmes/{programme}/verval"),
        newest: standing.newest.as_ref().map(|list| {
            let date = plain_date(list.decree_date, inside.language);
            (list.decree_no.clone(), date, i64::from(list.number), list.households)
        }),
        to_do: to_do(&standing, programme),
        places,
        standing_choices: choices(frame, "standing", Standing::ALL, Standing::as_str, &wanted.standing),
        deciles: (1..=10)
            .map(|decile: u8| {
                let value = decile.to_string();
                Choice { label: value.clone(), chosen: value == wanted.decile, value }
            })
            .collect(),
        categories: choices(frame, "category", Vulnerability::ALL, category_code, &wanted.category),
        flags: choices(frame, "flag", BnbaFlag::ALL, BnbaFlag::as_str, &wanted.flag),
        filtered: filter != BnbaFilter::default(),
        filter_fields: wanted.fields(),
        matching,
        next: next(&found, |one| one.id.to_string()).map(|last| wanted.href(programme, &[("after", last)])),
        rows: found.into_iter().map(row).collect(),
        may_decide: actor.role.may(Action::Decide),
        may_propose: actor.role.may(Action::ProposeSubstitute),
        decisions: choices(
            frame,
            "standing",
            [Standing::Approved, Standing::NotEligible, Standing::Reserve],
            Standing::as_str,
            "",
        ),
        reasons: reasons(frame),
        error,
        frame: inside.frame,
    })
}

/// The reasons that a person may give.
pub(super) fn reasons(frame: &Frame) -> Vec<Choice> {
    choices(frame, "reason", Reason::ALL.into_iter().filter(|reason| reason.is_given()), Reason::as_str, "")
}

fn to_do(standing: &ListStanding, programme: ProgrammeId) -> Vec<(&'static str, i64, String)> {
    let flagged = |flag: BnbaFlag| format!("/programmes/{programme}/verval?flag={}", flag.as_str());
    let all = [
        ("verval-not-in-list", standing.not_in_list, flagged(BnbaFlag::NotInList)),
        ("verval-left-list", standing.left_list, flagged(BnbaFlag::LeftList)),
        ("verval-live-papers", standing.live_papers, flagged(BnbaFlag::LivePaper)),
        ("verval-unplaced", standing.unplaced, flagged(BnbaFlag::Unplaced)),
        ("verval-open-suspicions", standing.open_suspicions, format!("/programmes/{programme}/suspicions?state=open")),
        (
            "verval-open-substitutions",
            standing.open_substitutions,
            format!("/programmes/{programme}/substitutions?state=proposed"),
        ),
    ];
    all.into_iter().filter(|(_, count, _)| *count > 0).collect()
}

fn row(view: BnbaView) -> VervalRow {
    let dash = || "–".to_owned();
    let marks = [
        (view.live_paper && view.standing != Standing::Approved, "paper"),
        (view.suspected, "suspected"),
        (name_says_deceased(&view.name), "says-deceased"),
        (view.nik_masked.is_none(), "no-nik"),
        (view.civil_match == Some(false), "not-matched"),
    ];
    VervalRow {
        id: view.id.to_string(),
        source_id: view.source_id,
        name: view.name,
        nik_masked: view.nik_masked.unwrap_or_else(dash),
        rt: if view.rt.is_empty() { dash() } else { view.rt },
        place: format!("{}, {}", view.village, view.sub_district),
        decile: view.decile.map_or_else(dash, |decile| decile.to_string()),
        categories: view.categories,
        point: view.point.unwrap_or_else(dash),
        standing: view.standing.as_str().to_owned(),
        reason: view.reason.map(|reason| reason.as_str().to_owned()),
        evidence: view.evidence,
        decided_by: view.decided_by,
        marks: marks.into_iter().filter(|(stands, _)| *stands).map(|(_, mark)| mark).collect(),
    }
}

/// The fields of a form, where one name may stand several times.
pub(super) type Pairs = Vec<(String, String)>;

/// What a form of a decision asks for.
struct Asked {
    wanted: Wanted,
    whom: Whom,
    new: NewDecision,
}

fn first<'p>(pairs: &'p Pairs, name: &str) -> &'p str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

/// The token that the form carries.
fn token(pairs: &Pairs) -> String {
    first(pairs, "csrf").to_owned()
}

impl Asked {
    fn read(pairs: &Pairs) -> Result<Self, Error> {
        let of = |name: &str| first(pairs, &format!("filter-{name}")).to_owned();
        let wanted = Wanted {
            place: of("place"),
            standing: of("standing"),
            decile: of("decile"),
            category: of("category"),
            flag: of("flag"),
            ..Wanted::default()
        };
        let missing = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.into() });
        let whom = if first(pairs, "whom") == "all" {
            let expected = first(pairs, "expected").parse().map_err(|_| missing("expected", "a number"))?;
            Whom::Matching { filter: wanted.filter(), expected }
        } else {
            let ids = pairs.iter().filter(|(key, _)| key == "h").map(|(_, value)| id(value, "household"));
            Whom::These(ids.collect::<Result<_, _>>()?)
        };
        let standing =
            Standing::parse(first(pairs, "standing")).ok_or_else(|| missing("standing", "choose a decision"))?;
        let evidence = first(pairs, "evidence").to_owned();
        let new = NewDecision { standing, reason: Reason::parse(first(pairs, "reason")), evidence };
        Ok(Self { wanted, whom, new })
    }
}

/// `POST /programmes/{id}/verval/confirm`: a decision is looked over. Nothing is changed.
pub(super) async fn confirm(
    visit: Visit,
    programme: web::Path<String>,
    pairs: web::Form<Pairs>,
) -> Result<HttpResponse, PageError> {
    let pairs = pairs.into_inner();
    visit
        .with_form_token(&token(&pairs))
        .inside(Place::Verval, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            let asked = Asked::read(&pairs)?;
            match inside.office.preview_decision(inside.actor, programme, &asked.whom, &asked.new) {
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, programme, &asked.wanted, Some(text))?)
                }
                Ok(preview) => Answer::page(&VervalConfirm {
                    tabs: tabs(&inside, programme, "list")?,
                    count: preview.count,
                    unchanged: preview.unchanged,
                    live_papers: preview.live_papers,
                    suspected: preview.suspected,
                    deceased: preview.deceased,
                    own: preview.own,
                    standing: asked.new.standing.as_str().to_owned(),
                    reason: asked.new.reason.map(|reason| reason.as_str().to_owned()),
                    evidence: asked.new.evidence,
                    // What is decided is what was counted here, and not what matched when the page was made.
                    fields: pairs
                        .into_iter()
                        .filter(|(name, _)| name != "csrf")
                        .map(|(name, value)| {
                            let value = if name == "expected" { preview.count.to_string() } else { value };
                            (name, value)
                        })
                        .collect(),
                    back: asked.wanted.href(programme, &[]),
                    frame: inside.frame,
                }),
            }
        })
        .await
}

/// `POST /programmes/{id}/verval/decide`
pub(super) async fn decide(
    visit: Visit,
    programme: web::Path<String>,
    pairs: web::Form<Pairs>,
) -> Result<HttpResponse, PageError> {
    let pairs = pairs.into_inner();
    visit
        .with_form_token(&token(&pairs))
        .inside(Place::Verval, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            let Asked { wanted, whom, new } = Asked::read(&pairs)?;
            match inside.office.decide(inside.actor, programme, &whom, &new) {
                Ok(Decided { decided, live_papers, .. }) => {
                    let more = [("done", decided.to_string()), ("papers", live_papers.len().to_string())];
                    Ok(Answer::See(wanted.href(programme, &more)))
                }
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, programme, &wanted, Some(text))?)
                }
            }
        })
        .await
}
