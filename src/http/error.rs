//! Refusals and failures as RFC 9457 problems. Exhaustive matches give each refusal its status; its
//! stable code and its sentence are those of [`refusals`].

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::state::API_ZONE;
use super::unread;
use crate::domain::redemption::{CollectorKind, First, Verdict};
use crate::domain::time::{Language, Zone};
use crate::refusals;
use crate::service::{Error, Failure, Refusal, Seen};
use crate::spreadsheet::Survey;
use crate::words::{Value, Words};

/// The handout that was made of a voucher.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FirstBody {
    id: Uuid,
    receipt_number: String,
    redeemed_at: String,
    point: String,
    point_name: String,
    desk: String,
    collector_kind: CollectorKind,
}

/// The point at which a voucher is good.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RightPoint {
    code: String,
    name: String,
}

/// A sentence's id, and the name and value of what it names.
type Said = (&'static str, Option<(&'static str, String)>);

/// An answer that is not what was asked for.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// What happened, in a sentence.
    pub detail: String,
    /// Further members.
    pub more: Map<String, Json>,
    /// Seconds to wait before trying again, where that helps.
    pub retry_after: Option<u32>,
    /// The sentence's id and what it names, where it was said in Indonesian before anybody knew who calls.
    said: Option<Box<Said>>,
    /// The methods that the address takes, where it does not take the one it was asked with.
    pub allow: Option<String>,
    /// Whether the office said it, which knew who asks.
    heard: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: String) -> Self {
        Self { status, code, detail, more: Map::new(), retry_after: None, said: None, allow: None, heard: false }
    }

    /// A problem that is known before the caller's language is; see [`Self::in_language`].
    fn unread(
        status: StatusCode,
        code: &'static str,
        key: &'static str,
        named: Option<(&'static str, String)>,
    ) -> Self {
        Self { said: Some(Box::new((key, named))), ..Self::new(status, code, String::new()) }.in_language(Language::Id)
    }

    /// The same problem for a reader of this language.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        if let Some((key, named)) = self.said.as_deref() {
            let words = Words::for_language(language);
            let named = named
                .as_ref()
                .map(|(name, text)| (*name, if *name == "why" { unread::why(text, words) } else { text.clone() }));
            let values: Vec<(&str, Value<'_>)> =
                named.map(|(name, text)| (name, Value::from(text))).into_iter().collect();
            self.detail = words.with(key, &values);
        }
        self
    }

    /// Too many calls from one place.
    #[must_use]
    pub fn too_many_requests() -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let mut problem = Self::unread(status, "too_many_requests", "refusal-too-many-requests", None);
        problem.retry_after = Some(10);
        problem
    }

    /// A request that is not of the form that the call takes.
    #[must_use]
    pub fn bad_request(code: &'static str, why: impl fmt::Display) -> Self {
        Self::unread(StatusCode::BAD_REQUEST, code, "refusal-bad-request", Some(("why", why.to_string())))
    }

    /// A body larger than the call takes.
    #[must_use]
    pub fn too_large(max: usize) -> Self {
        let size = if max < 1_000_000 { format!("{} kB", max / 1_000) } else { format!("{} MB", max / 1_000_000) };
        let named = Some(("max", size));
        Self::unread(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "refusal-too-large", named)
    }

    /// No such address.
    #[must_use]
    pub fn not_found() -> Self {
        Self::unread(StatusCode::NOT_FOUND, "not_found", "refusal-not-found", None)
    }

    /// Not what may be asked of this address.
    #[must_use]
    pub fn method_not_allowed(allowed: String) -> Self {
        let named = Some(("allowed", allowed.clone()));
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let said = Self::unread(status, "method_not_allowed", "refusal-method-not-allowed", named);
        Self { allow: Some(allowed), ..said }
    }

    /// Whether this is about the request alone, and was said before anybody asked who sends it.
    #[must_use]
    pub fn is_of_the_form(&self) -> bool {
        !self.heard && self.status.is_client_error() && self.status != StatusCode::TOO_MANY_REQUESTS
    }

    /// A value of the request that cannot be, whoever sends it.
    #[must_use]
    pub fn invalid(field: &'static str, why: &str, language: Language) -> Self {
        let refusal = Refusal::Invalid { field, why: why.to_owned() };
        Self { heard: false, ..Self::of(refusal.into(), language) }
    }

    /// How the office ended an action that did not succeed. A failure is logged here, once, with its cause.
    #[must_use]
    pub fn of(error: Error, language: Language) -> Self {
        Self { heard: true, ..Self::told(error, language) }
    }

    fn told(error: Error, language: Language) -> Self {
        let words = Words::for_language(language);
        let failure = error.failure();
        if let Error::Refused(refusal) = error {
            return Self::refusal(&refusal, words);
        }
        tracing::error!(%error, "a request failed");
        match failure {
            Failure::Unreachable => Self::unavailable(words, "database_unreachable"),
            Failure::Busy => Self::unavailable(words, "database_busy"),
            Failure::NoText => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", words.get("refusal-no-text")),
            Failure::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", words.get("refusal-disk-full")),
            Failure::Internal => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", words.get("refusal-internal"))
            }
        }
    }

    /// The database has not answered in time.
    #[must_use]
    pub fn database_away(language: Language) -> Self {
        Self::unavailable(Words::for_language(language), "database_unreachable")
    }

    fn unavailable(words: Words, code: &'static str) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, words.get("refusal-unavailable"));
        problem.retry_after = Some(2);
        problem
    }

    fn refusal(refusal: &Refusal, words: Words) -> Self {
        let mut problem = Self::new(status(refusal), refusals::code(refusal), refusals::sentence(refusal, words));
        match refusal {
            Refusal::TooManyTries => problem.retry_after = Some(30),
            Refusal::TooMuchAtOnce(seconds) => problem.retry_after = Some(*seconds),
            Refusal::NotFound(what) => drop(problem.more.insert("what".into(), json!(what))),
            Refusal::Invalid { field, .. } => drop(problem.more.insert("field".into(), json!(field))),
            Refusal::Budget(exceeded) => {
                problem.more.insert("needed_minor".into(), json!(exceeded.needed.minor()));
                problem.more.insert("remaining_minor".into(), json!(exceeded.remaining.minor()));
            }
            Refusal::CeilingTooLow(fault) => {
                problem.more.insert("ceiling_minor".into(), json!(fault.ceiling.minor()));
                problem.more.insert("obligated_minor".into(), json!(fault.obligated.minor()));
            }
            Refusal::Verdict(seen) => problem.more = seen_members(seen),
            Refusal::Unclear(_, survey) => drop(problem.more.insert("survey".into(), survey_body(survey))),
            Refusal::Recovering(missing) => drop(problem.more.insert("missing".into(), json!(missing))),
            Refusal::NotAvailable(state) | Refusal::PaperAway(state) => {
                problem.more.insert("state".into(), json!(state.as_str()));
            }
            Refusal::WouldRemove { count, .. } => drop(problem.more.insert("removes".into(), json!(count))),
            Refusal::CountChanged { expected, found } => {
                problem.more.insert("expected".into(), json!(expected));
                problem.more.insert("found".into(), json!(found));
            }
            Refusal::Unexplained(codes) => drop(problem.more.insert("differences".into(), json!(codes))),
            Refusal::SumDiffers { stated, found } => {
                problem.more.insert("stated_minor".into(), json!(stated));
                problem.more.insert("found_minor".into(), json!(found));
            }
            Refusal::WrongStanding { source_id, standing } => {
                problem.more.insert("household".into(), json!(source_id));
                problem.more.insert("standing".into(), json!(standing.as_str()));
            }
            _ => {}
        }
        problem
    }

    /// The problem as its JSON body.
    #[must_use]
    pub fn body(&self) -> Json {
        let mut members = self.more.clone();
        members.insert("type".into(), json!(format!("/problems/{}", self.code)));
        members.insert("title".into(), json!(self.status.canonical_reason().unwrap_or("Problem")));
        members.insert("status".into(), json!(self.status.as_u16()));
        members.insert("code".into(), json!(self.code));
        members.insert("detail".into(), json!(self.detail));
        Json::Object(members)
    }
}

/// The status that a refusal is answered with.
const fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotSignedIn | Refusal::BadCredentials => StatusCode::UNAUTHORIZED,
        Refusal::NotOurForm
        | Refusal::Forbidden(_)
        | Refusal::ForDevices
        | Refusal::ForPeople
        | Refusal::SamePerson
        | Refusal::TokenOfAnother
        | Refusal::SecondFactorDue
        | Refusal::AwaitsConfirmation
        | Refusal::DeviceRevoked
        | Refusal::DeviceForked => StatusCode::FORBIDDEN,
        Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        Refusal::Exists(_)
        | Refusal::Billed { .. }
        | Refusal::AwaitsSignature { .. }
        | Refusal::AlreadyApplied
        | Refusal::AlreadyDecided
        | Refusal::CountChanged { .. }
        | Refusal::WouldRemove { .. }
        | Refusal::WrongStanding { .. }
        | Refusal::PaperAway(_)
        | Refusal::Budget(_)
        | Refusal::CeilingTooLow(_)
        | Refusal::PausedAlready
        | Refusal::ResumedAlready
        | Refusal::HeldAlready
        | Refusal::NotHeld
        | Refusal::NobodyPlaced
        | Refusal::NotBundled
        | Refusal::NoDevice
        | Refusal::LastAdmin
        | Refusal::LegalHold
        | Refusal::Recovering(_)
        | Refusal::NotGivenUp
        | Refusal::WrongStep(_)
        | Refusal::PeriodClosed(_)
        | Refusal::PointEmpty(_)
        | Refusal::FiguresChanged
        | Refusal::Unexplained(_)
        | Refusal::NothingOwed(_)
        | Refusal::OwedChanged
        | Refusal::RoundOver
        | Refusal::NotAvailable(_)
        | Refusal::JobNotDone(_)
        | Refusal::LogWhole
        | Refusal::NotEmpty => StatusCode::CONFLICT,
        Refusal::LogBehind { .. } | Refusal::LogForked { .. } | Refusal::LogLost => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Invalid { .. }
        | Refusal::WrongCode
        | Refusal::GuessablePassword
        | Refusal::Package(_)
        | Refusal::File(_)
        | Refusal::Unclear(..)
        | Refusal::IdReused
        | Refusal::Handout(_)
        | Refusal::TooMany { .. }
        | Refusal::SumDiffers { .. }
        | Refusal::Unprintable(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::TooManyTries | Refusal::TooMuchAtOnce(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::WrongKeyFile => StatusCode::INTERNAL_SERVER_ERROR,
        Refusal::Verdict(seen) => verdict_status(seen.verdict),
    }
}

/// The status of a refused redemption, as the closed list of verdicts says.
const fn verdict_status(verdict: Verdict) -> StatusCode {
    match verdict {
        Verdict::Valid => StatusCode::CREATED,
        Verdict::Unknown => StatusCode::NOT_FOUND,
        Verdict::Forged | Verdict::Foreign | Verdict::Malformed => StatusCode::UNPROCESSABLE_ENTITY,
        Verdict::AlreadyRedeemed
        | Verdict::Superseded
        | Verdict::Revoked
        | Verdict::Held
        | Verdict::Paused
        | Verdict::NotYetValid
        | Verdict::Expired
        | Verdict::WrongPoint
        | Verdict::LeasedElsewhere
        | Verdict::Unresolved
        | Verdict::NotReady => StatusCode::CONFLICT,
    }
}

/// What a file looks like, so that a program can send it again with its columns named. It is masked.
fn survey_body(survey: &Survey) -> Json {
    let sheets = survey.sheets.iter().map(|sheet| {
        let headings = sheet.headings.iter().map(|heading| {
            json!({
                "place": heading.place,
                "text": heading.text,
                "guess": heading.guess,
                "sure": heading.sure,
                "corrects": heading.corrects,
                "samples": heading.samples,
            })
        });
        json!({
            "name": sheet.name,
            "header_row": sheet.header_row,
            "headings": headings.collect::<Vec<_>>(),
            "first_rows": sheet.first_rows.iter().map(|row| json!({ "number": row.number, "cells": row.cells })).collect::<Vec<_>>(),
            "village": sheet.village,
            "sub_district": sheet.sub_district,
        })
    });
    json!({ "sheets": sheets.collect::<Vec<_>>() })
}

/// What goes with a verdict: the first handout, the reason, the right point.
pub(super) fn seen_members(seen: &Seen) -> Map<String, Json> {
    let mut members = Map::new();
    if let Some(first) = &seen.first {
        let zone = seen.voucher.as_ref().map_or(API_ZONE, |voucher| voucher.zone);
        members.insert("first".into(), json!(FirstBody::of(first, zone)));
    }
    if let Some(reason) = &seen.reason {
        members.insert("reason".into(), json!(reason));
    }
    if let Some(point) = RightPoint::of(seen) {
        members.insert("right_point".into(), json!(point));
    }
    members
}

impl FirstBody {
    pub(super) fn of(first: &First, zone: Zone) -> Self {
        Self {
            id: first.id.uuid(),
            receipt_number: first.number.clone(),
            redeemed_at: first.redeemed_at.iso(zone),
            point: first.point_code.clone(),
            point_name: first.point_name.clone(),
            desk: first.desk.clone(),
            collector_kind: first.collector,
        }
    }
}

impl RightPoint {
    pub(super) fn of(seen: &Seen) -> Option<Self> {
        let voucher = seen.voucher.as_ref().filter(|_| seen.verdict == Verdict::WrongPoint)?;
        Some(Self { code: voucher.point.code.clone(), name: voucher.point.name.clone() })
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        answer.insert_header(("content-type", "application/problem+json"));
        if let Some(seconds) = self.retry_after {
            answer.insert_header(("retry-after", seconds.to_string()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            answer.insert_header(("www-authenticate", "Bearer"));
        }
        answer.body(self.body().to_string())
    }
}
