//! Refusals in words: the stable code and the sentence of each, the same on a screen, in an answer of the
//! API and on a terminal.

use crate::domain::redemption::HandoutFault;
use crate::service::Refusal;
use crate::words::{Value, Words};

/// The stable code: a verdict, or the reason of the refusal.
#[must_use]
pub const fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotSignedIn => "not_signed_in",
        Refusal::BadCredentials => "bad_credentials",
        Refusal::NotOurForm => "not_our_form",
        Refusal::Forbidden(_) => "forbidden",
        Refusal::SamePerson => "same_person",
        Refusal::NotFound(_) => "not_found",
        Refusal::Invalid { .. } => "invalid",
        Refusal::Exists(_) => "exists",
        Refusal::Package(_) => "invalid_package",
        Refusal::File(fault) => fault.code(),
        Refusal::AlreadyApplied => "already_applied",
        Refusal::Budget(_) => "budget_exceeded",
        Refusal::IdReused => "id_reused",
        Refusal::Verdict(seen) => seen.verdict.as_str(),
        Refusal::Handout(_) => "invalid_items",
        Refusal::NoDevice => "no_device",
        Refusal::DeviceRevoked => "device_revoked",
        Refusal::NotAvailable(_) => "not_available",
        Refusal::TooMany { .. } => "too_many",
        Refusal::Unprintable(_) => "unprintable",
        Refusal::JobNotDone(_) => "job_not_done",
        Refusal::WrongKeyFile => "wrong_key_file",
        Refusal::NotEmpty => "not_empty",
    }
}

/// What happened and what to do, in one sentence.
#[must_use]
pub fn sentence(refusal: &Refusal, words: Words) -> String {
    let of = |key: &str, what: &str| words.with(key, &[("what", Value::from(what.to_owned()))]);
    match refusal {
        Refusal::NotSignedIn => words.get("refusal-not-signed-in"),
        Refusal::BadCredentials => words.get("refusal-bad-credentials"),
        Refusal::NotOurForm => words.get("refusal-not-our-form"),
        Refusal::Forbidden(_) => words.get("refusal-forbidden"),
        Refusal::SamePerson => words.get("refusal-same-person"),
        Refusal::NotFound(_) => words.get("refusal-not-found"),
        Refusal::Invalid { field, why } => {
            words.with("refusal-invalid", &[("field", Value::from(*field)), ("why", Value::from(why.clone()))])
        }
        Refusal::Exists(what) => of("refusal-exists", what),
        Refusal::Package(fault) => of("refusal-package", &fault.to_string()),
        Refusal::File(fault) => fault.message(words.language()),
        Refusal::AlreadyApplied => words.get("refusal-already-applied"),
        Refusal::Budget(exceeded) => words.with(
            "refusal-budget",
            &[
                ("needed", Value::from(exceeded.needed.to_string())),
                ("remaining", Value::from(exceeded.remaining.to_string())),
            ],
        ),
        Refusal::IdReused => words.get("refusal-id-reused"),
        Refusal::Verdict(seen) => words.of("verdict-do", seen.verdict.as_str()),
        Refusal::Handout(HandoutFault::NotInPackage { code } | HandoutFault::Quantity { code }) => {
            of("refusal-items", code)
        }
        Refusal::NoDevice => words.get("refusal-no-device"),
        Refusal::DeviceRevoked => words.get("refusal-device-revoked"),
        Refusal::NotAvailable(state) => of("refusal-not-available", &words.of("state", state.as_str())),
        Refusal::TooMany { count, max } => {
            words.with("refusal-too-many", &[("count", Value::from(*count)), ("max", Value::from(*max))])
        }
        Refusal::Unprintable(why) => of("refusal-unprintable", why),
        Refusal::JobNotDone(state) => of("refusal-job-not-done", &words.of("job-state", state.as_str())),
        Refusal::WrongKeyFile => words.get("refusal-wrong-key-file"),
        Refusal::NotEmpty => words.get("refusal-not-empty"),
    }
}
