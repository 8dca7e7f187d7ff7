//! Refusals and failures as RFC 9457 problems. One exhaustive match gives each refusal its status, its
//! stable code and its sentence.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value as Json, json};

use super::state::API_ZONE;
use crate::domain::redemption::{First, HandoutFault, Verdict};
use crate::domain::time::Language;
use crate::service::{Error, Refusal, Seen};
use crate::store;
use crate::words::{Value, Words};

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
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: String) -> Self {
        Self { status, code, detail, more: Map::new(), retry_after: None }
    }

    /// Too many calls from one place.
    #[must_use]
    pub fn too_many_requests() -> Self {
        let words = Words::for_language(Language::Id);
        let mut problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", words.get("refusal-too-many-requests"));
        problem.retry_after = Some(10);
        problem
    }

    /// A request that is not of the form that the call takes.
    #[must_use]
    pub fn bad_request(code: &'static str, why: impl fmt::Display) -> Self {
        let words = Words::for_language(Language::Id);
        let detail = words.with("refusal-bad-request", &[("why", Value::from(why.to_string()))]);
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// A body larger than the call takes.
    #[must_use]
    pub fn too_large(max: usize) -> Self {
        let words = Words::for_language(Language::Id);
        let detail = words.with("refusal-too-large", &[("max", Value::from(max / 1_000_000))]);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// No such address.
    #[must_use]
    pub fn not_found() -> Self {
        let words = Words::for_language(Language::Id);
        Self::new(StatusCode::NOT_FOUND, "not_found", words.get("refusal-not-found"))
    }

    /// A method that the address does not have.
    #[must_use]
    pub fn wrong_method() -> Self {
        let words = Words::for_language(Language::Id);
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", words.get("refusal-wrong-method"))
    }

    /// How the office ended an action that did not succeed. A failure is logged here, once, with its cause.
    #[must_use]
    pub fn of(error: Error, language: Language) -> Self {
        let words = Words::for_language(language);
        match error {
            Error::Refused(refusal) => Self::refusal(*refusal, words),
            Error::Store(store::Error::Unreachable { location, why }) => {
                tracing::error!(location, why, "the database cannot be reached");
                Self::unavailable(words, "database_unreachable")
            }
            Error::Store(store::Error::Busy(why)) => {
                tracing::error!(why, "the database stayed busy");
                Self::unavailable(words, "database_busy")
            }
            Error::Store(error) => Self::failed(words, &error),
            Error::Broken(why) => Self::failed(words, &why),
        }
    }

    fn unavailable(words: Words, code: &'static str) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, words.get("refusal-unavailable"));
        problem.retry_after = Some(2);
        problem
    }

    fn failed(words: Words, cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", words.get("refusal-internal"))
    }

    fn refusal(refusal: Refusal, words: Words) -> Self {
        use StatusCode as S;
        let say = |key: &str| words.get(key);
        let say_of = |key: &str, what: &str| words.with(key, &[("what", Value::from(what.to_owned()))]);
        match refusal {
            Refusal::NotSignedIn => Self::new(S::UNAUTHORIZED, "not_signed_in", say("refusal-not-signed-in")),
            Refusal::BadCredentials => Self::new(S::UNAUTHORIZED, "bad_credentials", say("refusal-bad-credentials")),
            Refusal::NotOurForm => Self::new(S::FORBIDDEN, "not_our_form", say("refusal-not-our-form")),
            Refusal::Forbidden(_) => Self::new(S::FORBIDDEN, "forbidden", say("refusal-forbidden")),
            Refusal::SamePerson => Self::new(S::FORBIDDEN, "same_person", say("refusal-same-person")),
            Refusal::NotFound(what) => {
                let mut problem = Self::new(S::NOT_FOUND, "not_found", say("refusal-not-found"));
                problem.more.insert("what".into(), json!(what));
                problem
            }
            Refusal::Invalid { field, why } => {
                let values = [("field", Value::from(field)), ("why", Value::from(why))];
                let mut problem = Self::new(S::UNPROCESSABLE_ENTITY, "invalid", words.with("refusal-invalid", &values));
                problem.more.insert("field".into(), json!(field));
                problem
            }
            Refusal::Exists(what) => Self::new(S::CONFLICT, "exists", say_of("refusal-exists", &what)),
            Refusal::Package(fault) => {
                Self::new(S::UNPROCESSABLE_ENTITY, "invalid_package", say_of("refusal-package", &fault.to_string()))
            }
            Refusal::File(fault) => {
                Self::new(S::UNPROCESSABLE_ENTITY, fault.code(), fault.message(words.language()))
            }
            Refusal::AlreadyApplied => Self::new(S::CONFLICT, "already_applied", say("refusal-already-applied")),
            Refusal::Budget(exceeded) => {
                let values = [
                    ("needed", Value::from(exceeded.needed.to_string())),
                    ("remaining", Value::from(exceeded.remaining.to_string())),
                ];
                let mut problem = Self::new(S::CONFLICT, "budget_exceeded", words.with("refusal-budget", &values));
                problem.more.insert("needed_minor".into(), json!(exceeded.needed.minor()));
                problem.more.insert("remaining_minor".into(), json!(exceeded.remaining.minor()));
                problem
            }
            Refusal::IdReused => Self::new(S::UNPROCESSABLE_ENTITY, "id_reused", say("refusal-id-reused")),
            Refusal::Verdict(seen) => Self::verdict(&seen, words),
            Refusal::Handout(fault) => {
                let code = match &fault {
                    HandoutFault::NotInPackage { code } | HandoutFault::Quantity { code } => code,
                };
                Self::new(S::UNPROCESSABLE_ENTITY, "invalid_items", say_of("refusal-items", code))
            }
            Refusal::NoDevice => Self::new(S::CONFLICT, "no_device", say("refusal-no-device")),
            Refusal::DeviceRevoked => Self::new(S::FORBIDDEN, "device_revoked", say("refusal-device-revoked")),
            Refusal::NotAvailable(state) => {
                let mut problem = Self::new(
                    S::CONFLICT,
                    "not_available",
                    say_of("refusal-not-available", &words.of("state", state.as_str())),
                );
                problem.more.insert("state".into(), json!(state.as_str()));
                problem
            }
            Refusal::TooMany { count, max } => {
                let values = [("count", Value::from(count)), ("max", Value::from(max))];
                Self::new(S::UNPROCESSABLE_ENTITY, "too_many", words.with("refusal-too-many", &values))
            }
            Refusal::Unprintable(why) => {
                Self::new(S::UNPROCESSABLE_ENTITY, "unprintable", say_of("refusal-unprintable", &why))
            }
            Refusal::WrongKeyFile => {
                Self::new(S::INTERNAL_SERVER_ERROR, "wrong_key_file", say("refusal-wrong-key-file"))
            }
            Refusal::NotEmpty => Self::new(S::CONFLICT, "not_empty", say("refusal-not-empty")),
        }
    }

    fn verdict(seen: &Seen, words: Words) -> Self {
        let verdict = seen.verdict;
        let status = match verdict {
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
        };
        let mut problem = Self::new(status, verdict.as_str(), words.of("verdict-do", verdict.as_str()));
        problem.more = seen_members(seen);
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

/// What goes with a verdict: the first handout, the reason, the right point.
pub fn seen_members(seen: &Seen) -> Map<String, Json> {
    let mut members = Map::new();
    if let Some(first) = &seen.first {
        members.insert("first".into(), first_body(first, seen));
    }
    if let Some(reason) = &seen.reason {
        members.insert("reason".into(), json!(reason));
    }
    if let (Verdict::WrongPoint, Some(voucher)) = (seen.verdict, &seen.voucher) {
        let point = json!({ "code": voucher.point.code, "name": voucher.point.name });
        members.insert("right_point".into(), point);
    }
    members
}

fn first_body(first: &First, seen: &Seen) -> Json {
    let zone = seen.voucher.as_ref().map_or(API_ZONE, |voucher| voucher.zone);
    json!({
        "id": first.id,
        "receipt_number": first.number,
        "redeemed_at": first.redeemed_at.iso(zone),
        "point": first.point_code,
        "point_name": first.point_name,
        "desk": first.desk,
        "collector_kind": first.collector.as_str(),
    })
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
