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
        Refusal::SecondFactorDue => "second_factor_due",
        Refusal::WrongCode => "wrong_code",
        Refusal::GuessablePassword => "guessable_password",
        Refusal::LastAdmin => "last_admin",
        Refusal::LegalHold => "legal_hold",
        Refusal::NotOurForm => "not_our_form",
        Refusal::Forbidden(_) => "forbidden",
        Refusal::SamePerson => "same_person",
        Refusal::NotFound(_) => "not_found",
        Refusal::Invalid { .. } => "invalid",
        Refusal::Exists(_) => "exists",
        Refusal::Package(_) => "invalid_package",
        Refusal::File(fault) | Refusal::Unclear(fault, _) => fault.code(),
        Refusal::AlreadyApplied => "already_applied",
        Refusal::AlreadyDecided => "already_decided",
        Refusal::CountChanged { .. } => "count_changed",
        Refusal::WrongStanding { .. } => "wrong_standing",
        Refusal::PaperAway(_) => "paper_away",
        Refusal::Budget(_) => "budget_exceeded",
        Refusal::CeilingTooLow(_) => "ceiling_below_obligated",
        Refusal::PausedAlready => "already_paused",
        Refusal::ResumedAlready => "already_resumed",
        Refusal::HeldAlready => "already_held",
        Refusal::NotHeld => "not_held",
        Refusal::NobodyPlaced => "nobody_placed",
        Refusal::IdReused => "id_reused",
        Refusal::Verdict(seen) => seen.verdict.as_str(),
        Refusal::Handout(_) => "invalid_items",
        Refusal::TooManyTries => "too_many_requests",
        Refusal::NoDevice => "no_device",
        Refusal::DeviceRevoked => "device_revoked",
        Refusal::DeviceForked => "device_forked",
        Refusal::Recovering(_) => "recovering",
        Refusal::NotGivenUp => "not_given_up",
        Refusal::WrongStep(_) => "wrong_step",
        Refusal::PeriodClosed(_) => "period_closed",
        Refusal::FiguresChanged => "figures_changed",
        Refusal::Unexplained(_) => "unexplained",
        Refusal::SumDiffers { .. } => "sum_differs",
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
        Refusal::SecondFactorDue => words.get("refusal-second-factor-due"),
        Refusal::WrongCode => words.get("refusal-wrong-code"),
        Refusal::GuessablePassword => words.get("refusal-guessable-password"),
        Refusal::LastAdmin => words.get("refusal-last-admin"),
        Refusal::LegalHold => words.get("refusal-legal-hold"),
        Refusal::NotOurForm => words.get("refusal-not-our-form"),
        Refusal::Forbidden(_) => words.get("refusal-forbidden"),
        Refusal::SamePerson => words.get("refusal-same-person"),
        Refusal::NotFound(_) => words.get("refusal-not-found"),
        Refusal::Invalid { field, why } => {
            words.with("refusal-invalid", &[("field", Value::from(*field)), ("why", Value::from(why.clone()))])
        }
        Refusal::Exists(what) => of("refusal-exists", what),
        Refusal::Package(fault) => of("refusal-package", &fault.to_string()),
        Refusal::File(fault) | Refusal::Unclear(fault, _) => fault.message(words.language()),
        Refusal::AlreadyApplied => words.get("refusal-already-applied"),
        Refusal::AlreadyDecided => words.get("refusal-already-decided"),
        Refusal::CountChanged { expected, found } => {
            words.with("refusal-count-changed", &[("expected", Value::from(*expected)), ("found", Value::from(*found))])
        }
        Refusal::WrongStanding { source_id, standing } => words.with(
            "refusal-wrong-standing",
            &[
                ("household", Value::from(source_id.clone())),
                ("standing", Value::from(words.of("standing", standing.as_str()))),
            ],
        ),
        Refusal::PaperAway(state) => of("refusal-paper-away", &words.of("state", state.as_str())),
        Refusal::Budget(exceeded) => words.with(
            "refusal-budget",
            &[
                ("needed", Value::from(exceeded.needed.to_string())),
                ("remaining", Value::from(exceeded.remaining.to_string())),
            ],
        ),
        Refusal::CeilingTooLow(fault) => words.with(
            "refusal-ceiling-too-low",
            &[
                ("ceiling", Value::from(fault.ceiling.to_string())),
                ("obligated", Value::from(fault.obligated.to_string())),
            ],
        ),
        Refusal::PausedAlready => words.get("refusal-paused-already"),
        Refusal::ResumedAlready => words.get("refusal-resumed-already"),
        Refusal::HeldAlready => words.get("refusal-held-already"),
        Refusal::NotHeld => words.get("refusal-not-held"),
        Refusal::NobodyPlaced => words.get("refusal-nobody-placed"),
        Refusal::IdReused => words.get("refusal-id-reused"),
        Refusal::Verdict(seen) => words.of("verdict-do", seen.verdict.as_str()),
        Refusal::Handout(HandoutFault::NotInPackage { code } | HandoutFault::Quantity { code }) => {
            of("refusal-items", code)
        }
        Refusal::TooManyTries => words.get("refusal-too-many-requests"),
        Refusal::NoDevice => words.get("refusal-no-device"),
        Refusal::DeviceRevoked => words.get("refusal-device-revoked"),
        Refusal::DeviceForked => words.get("refusal-device-forked"),
        Refusal::Recovering(missing) => words.with("refusal-recovering", &[("missing", Value::from(*missing))]),
        Refusal::NotGivenUp => words.get("refusal-not-given-up"),
        Refusal::WrongStep(state) => of("refusal-wrong-step", &words.of("step-state", state)),
        Refusal::PeriodClosed(number) => of("refusal-period-closed", number),
        Refusal::FiguresChanged => words.get("refusal-figures-changed"),
        Refusal::Unexplained(codes) => {
            let named: Vec<String> = codes.iter().map(|code| words.of("difference", code)).collect();
            of("refusal-unexplained", &named.join("; "))
        }
        Refusal::SumDiffers { stated, found } => {
            let sum = |minor: &i64| Value::from(crate::domain::money::grouped(*minor));
            words.with("refusal-sum-differs", &[("stated", sum(stated)), ("found", sum(found))])
        }
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
