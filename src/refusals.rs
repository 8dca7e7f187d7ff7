//! Refusals in words: the stable code and the sentence of each, the same on a screen, in an answer of the
//! API and on a terminal.

use crate::domain::exception::NothingDue;
use crate::domain::redemption::HandoutFault;
use crate::service::{Refusal, Unprintable, VoucherView};
use crate::words::{Value, Words};

/// The stable code: a verdict, or the reason of the refusal.
#[must_use]
pub const fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotSignedIn => "not_signed_in",
        Refusal::BadCredentials => "bad_credentials",
        Refusal::SecondFactorDue => "second_factor_due",
        Refusal::AwaitsConfirmation => "awaiting_confirmation",
        Refusal::TooMuchAtOnce(_) => "too_many_requests",
        Refusal::WrongCode => "wrong_code",
        Refusal::GuessablePassword => "guessable_password",
        Refusal::LastAdmin => "last_admin",
        Refusal::TokenOfAnother => "token_of_another",
        Refusal::LegalHold => "legal_hold",
        Refusal::NotOurForm => "not_our_form",
        Refusal::Forbidden(_) | Refusal::ForDevices | Refusal::ForPeople => "forbidden",
        Refusal::SamePerson => "same_person",
        Refusal::NotFound(_) => "not_found",
        Refusal::Invalid { .. } => "invalid",
        Refusal::Exists(_) | Refusal::Billed { .. } => "exists",
        Refusal::AwaitsSignature { .. } => "awaiting_signature",
        Refusal::Package(_) => "invalid_package",
        Refusal::File(fault) | Refusal::Unclear(fault, _) => fault.code(),
        Refusal::AlreadyApplied => "already_applied",
        Refusal::AlreadyDecided => "already_decided",
        Refusal::CountChanged { .. } => "count_changed",
        Refusal::WouldRemove { .. } => "would_remove",
        Refusal::WrongStanding { .. } => "wrong_standing",
        Refusal::PaperAway(_) => "paper_away",
        Refusal::Budget(_) => "budget_exceeded",
        Refusal::CeilingTooLow(_) => "ceiling_below_obligated",
        Refusal::PausedAlready => "already_paused",
        Refusal::ResumedAlready => "already_resumed",
        Refusal::HeldAlready => "already_held",
        Refusal::NotHeld => "not_held",
        Refusal::NobodyPlaced => "nobody_placed",
        Refusal::NotBundled => "not_bundled",
        Refusal::IdReused => "id_reused",
        Refusal::Verdict(seen) => seen.verdict.as_str(),
        Refusal::Handout(_) => "invalid_items",
        Refusal::PointEmpty(_) => "point_empty",
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
        Refusal::NothingOwed(NothingDue::Nothing) => "nothing_owed",
        Refusal::NothingOwed(NothingDue::StillGood(_)) => "still_good",
        Refusal::NothingOwed(NothingDue::ExceptionOpen) => "exception_open",
        Refusal::NothingOwed(NothingDue::Replaced) => "replaced",
        Refusal::OwedChanged => "owed_changed",
        Refusal::RoundOver => "round_over",
        Refusal::NotAvailable(_) => "not_available",
        Refusal::TooMany { .. } => "too_many",
        Refusal::Unprintable(_) => "unprintable",
        Refusal::JobNotDone(_) => "job_not_done",
        Refusal::WrongKeyFile => "wrong_key_file",
        Refusal::LogBehind { .. } => "log_behind",
        Refusal::LogLost => "log_lost",
        Refusal::LogForked { .. } => "log_forked",
        Refusal::LogWhole => "log_whole",
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
        Refusal::AwaitsConfirmation => words.get("refusal-awaits-confirmation"),
        Refusal::TooMuchAtOnce(seconds) => {
            words.with("refusal-too-much-at-once", &[("seconds", Value::from(i64::from(*seconds)))])
        }
        Refusal::WrongCode => words.get("refusal-wrong-code"),
        Refusal::GuessablePassword => words.get("refusal-guessable-password"),
        Refusal::LastAdmin => words.get("refusal-last-admin"),
        Refusal::TokenOfAnother => words.get("refusal-token-of-another"),
        Refusal::LegalHold => words.get("refusal-legal-hold"),
        Refusal::NotOurForm => words.get("refusal-not-our-form"),
        Refusal::Forbidden(_) => words.get("refusal-forbidden"),
        Refusal::ForDevices => words.get("refusal-for-devices"),
        Refusal::ForPeople => words.get("refusal-for-people"),
        Refusal::SamePerson => words.get("refusal-same-person"),
        Refusal::NotFound(_) => words.get("refusal-not-found"),
        Refusal::Invalid { field, why } => words.with(
            "refusal-invalid",
            &[("field", Value::from(field_name(field, words))), ("why", Value::from(reason(why, words)))],
        ),
        Refusal::Exists(what) => of("refusal-exists", what),
        Refusal::Billed { delivery, invoice } => words.with(
            "refusal-billed",
            &[("delivery", Value::from(delivery.clone())), ("invoice", Value::from(invoice.clone()))],
        ),
        Refusal::AwaitsSignature { number, by } => words.with(
            "refusal-awaits-signature",
            &[("number", Value::from(number.clone())), ("by", Value::from(by.clone()))],
        ),
        Refusal::Package(fault) => of("refusal-package", &fault.to_string()),
        Refusal::File(fault) | Refusal::Unclear(fault, _) => fault.message(words.language()),
        Refusal::AlreadyApplied => words.get("refusal-already-applied"),
        Refusal::AlreadyDecided => words.get("refusal-already-decided"),
        Refusal::WouldRemove { count, names } => words.with(
            "refusal-would-remove",
            &[
                ("count", Value::from(i64::try_from(*count).unwrap_or(i64::MAX))),
                ("names", Value::from(names.as_str())),
            ],
        ),
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
        Refusal::NotBundled => words.get("refusal-not-bundled"),
        Refusal::IdReused => words.get("refusal-id-reused"),
        Refusal::Verdict(seen) => words.of("verdict-do", seen.verdict.as_str()),
        Refusal::Handout(HandoutFault::NotInPackage { code } | HandoutFault::Quantity { code }) => {
            of("refusal-items", code)
        }
        Refusal::PointEmpty(item) => of("refusal-point-empty", item),
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
            // What differs for several items is said once, and how often.
            let mut named: Vec<(&String, usize)> = Vec::new();
            for code in codes {
                match named.iter_mut().find(|one| one.0 == code) {
                    Some(one) => one.1 += 1,
                    None => named.push((code, 1)),
                }
            }
            let said = named.into_iter().map(|(code, times)| {
                let told = words.of("difference", code);
                if times == 1 { told } else { format!("{told} ({times}×)") }
            });
            of("refusal-unexplained", &said.collect::<Vec<_>>().join("; "))
        }
        Refusal::SumDiffers { stated, found } => {
            let sum = |minor: &i64| Value::from(crate::domain::money::grouped(*minor));
            words.with("refusal-sum-differs", &[("stated", sum(stated)), ("found", sum(found))])
        }
        Refusal::NothingOwed(NothingDue::Nothing) => words.get("refusal-nothing-owed"),
        Refusal::NothingOwed(NothingDue::StillGood(state)) => {
            of("refusal-still-good", &words.of("state", state.as_str()))
        }
        Refusal::NothingOwed(NothingDue::ExceptionOpen) => words.get("refusal-exception-open"),
        Refusal::NothingOwed(NothingDue::Replaced) => words.get("refusal-replaced"),
        Refusal::OwedChanged => words.get("refusal-owed-changed"),
        Refusal::RoundOver => words.get("refusal-round-over"),
        Refusal::NotAvailable(state) => of("refusal-not-available", &words.of("state", state.as_str())),
        Refusal::TooMany { count, max } => {
            words.with("refusal-too-many", &[("count", Value::from(*count)), ("max", Value::from(*max))])
        }
        Refusal::Unprintable(fault) => unprintable(fault, words),
        Refusal::JobNotDone(state) => of("refusal-job-not-done", &words.of("job-state", state.as_str())),
        Refusal::WrongKeyFile => words.get("refusal-wrong-key-file"),
        Refusal::LogLost => words.get("refusal-log-lost"),
        Refusal::LogBehind { signed, here } => {
            words.with("refusal-log-behind", &[("signed", Value::from(*signed)), ("here", Value::from(*here))])
        }
        Refusal::LogForked { size } => words.with("refusal-log-forked", &[("size", Value::from(*size))]),
        Refusal::LogWhole => words.get("refusal-log-whole"),
        Refusal::NotEmpty => words.get("refusal-not-empty"),
    }
}
/// What a desk is told where the books say that an item has run out at its point.
#[must_use]
pub fn empty_notice(voucher: &VoucherView, words: Words) -> Option<String> {
    let key = if voucher.stops_when_empty { "desk-used-up-stop" } else { "desk-used-up" };
    voucher.used_up.as_ref().map(|item| words.with(key, &[("item", Value::from(item.clone()))]))
}

/// What a field is called, where it has a name in the reader's language; otherwise as the API calls it.
fn field_name(field: &str, words: Words) -> String {
    known(&words.of("field", field)).unwrap_or_else(|| field.to_owned())
}

/// Why a value cannot be, in the reader's language. The office says it in plain English, as in
/// `beras: at most 1095`; its words are the key (`why-at-most`), its figures the values (`$a`, `$b`), and what
/// stands before a colon names a line and stays. A reason that has no words here is shown as it is.
fn reason(why: &str, words: Words) -> String {
    let (line, said) = why.split_once(": ").unwrap_or(("", why));
    let row = line.strip_prefix("row ").and_then(|number| number.parse::<i64>().ok());
    let line = row.map_or_else(|| line.to_owned(), |number| words.with("why-row", &[("a", Value::from(number))]));
    let mut key = String::from("why");
    let mut values: Vec<(&str, Value<'_>)> = Vec::new();
    for part in said.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        match part.parse::<i64>() {
            Ok(_) => values.extend(["a", "b", "c"].get(values.len()).map(|name| (*name, Value::from(part)))),
            Err(_) => {
                key.push('-');
                key.push_str(&part.to_ascii_lowercase());
            }
        }
    }
    match known(&words.with(&key, &values)) {
        Some(told) if line.is_empty() => told,
        Some(told) => format!("{line}: {told}"),
        None => why.to_owned(),
    }
}

fn known(text: &str) -> Option<String> {
    (!text.starts_with('⟦')).then(|| text.to_owned())
}

/// Why a print job failed, from what was kept of it.
#[must_use]
pub fn why_a_job_failed(kept: &str, words: Words) -> String {
    serde_json::from_str(kept).map_or_else(|_| kept.to_owned(), |fault| unprintable(&fault, words))
}

/// What cannot be printed: whose paper, which line of it, and what helps.
fn unprintable(fault: &Unprintable, words: Words) -> String {
    let Some(place) = &fault.place else {
        return words.with("refusal-unprintable", &[("what", Value::from(fault.said.as_str()))]);
    };
    let key = if fault.sign.is_some() { "refusal-unprintable-sign" } else { "refusal-unprintable-long" };
    let sign = fault.sign.map(String::from).unwrap_or_default();
    // The place ends with the line, by its name in the program; lines without a word of their own stay as they are.
    let what = match place.rsplit_once(", ") {
        Some((whose, line @ ("name" | "address" | "point" | "day" | "hours" | "contents" | "round" | "title"))) => {
            format!("{whose}, {}", words.of("paper-line", line))
        }
        _ => place.clone(),
    };
    words.with(key, &[("what", Value::from(what)), ("sign", Value::from(sign))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Language;

    #[test]
    fn a_reason_is_told_in_both_languages_with_its_figures_and_its_line() {
        let told = |language, field, why: &str| {
            sentence(&Refusal::Invalid { field, why: why.into() }, Words::for_language(language))
        };
        let id = told(Language::Id, "quantity", "beras: at most 1095");
        assert_eq!(id, "Isian “jumlah” tidak dapat diterima: beras: paling banyak 1095.");
        let en = told(Language::En, "quantity", "beras: at most 1095");
        assert!(en.contains("beras: at most 1095"), "{en}");
        assert!(told(Language::Id, "x", "nobody knows this").contains("nobody knows this"));
    }

    #[test]
    fn what_differs_for_several_items_is_said_once() {
        let codes = ["not_counted", "cases", "not_counted"].map(str::to_owned).to_vec();
        let told = sentence(&Refusal::Unexplained(codes), Words::for_language(Language::Id));
        assert_eq!(told.matches("belum dihitung").count(), 1, "{told}");
        assert!(told.contains("belum dihitung (2×)"), "{told}");
    }

    #[test]
    fn what_cannot_be_printed_says_whose_it_is_and_what_helps() {
        let told = |language, place: &str, sign: Option<char>| {
            let fault = Unprintable { place: Some(place.to_owned()), sign, said: String::new() };
            sentence(&Refusal::Unprintable(fault), Words::for_language(language))
        };
        let place = "P3KE-00001 Łukasz (TGR-01/0002), name";
        let id = told(Language::Id, place, Some('Ł'));
        assert!(id.contains("P3KE-00001 Łukasz (TGR-01/0002), nama. Tanda “Ł”") && id.contains("TTF"), "{id}");
        let en = told(Language::En, place, None);
        assert!(en.contains("P3KE-00001 Łukasz (TGR-01/0002), name. The text is too long"), "{en}");
        // A line that has no word stays readable, and so does a household whose name has a comma.
        let odd = told(Language::Id, "P3KE-1 SITI, BINTI X (T/1), nik", None);
        assert!(odd.contains("P3KE-1 SITI, BINTI X (T/1), nik."), "{odd}");
    }

    /// What only programs and devices are told, in the words of the API.
    const FOR_PROGRAMS: [&str; 14] = [
        "a UUID",
        "a6, 58 or 80",
        "B1-0001-6",
        "2026-11-23T16:00",
        "hardware, webcrypto or software",
        "32 bytes of an Ed25519 public key",
        "the signature of the key over what is said in the manual",
        "not a cursor",
        "one of different, first_kept, other_kept",
        "one that people report",
        "signed by this device",
        "self, proxy or substitute",
        "close, open, end or reset",
        "the list is signed by another key: 3",
    ];

    fn sources(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned());
            }
        }
    }

    /// Every reason that the office and its pages give, as it stands in their code.
    #[test]
    fn no_reason_that_a_person_reads_is_left_in_english() {
        let mut found = Vec::new();
        for room in ["service", "http"] {
            sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room), &mut found);
        }
        // What is Indonesian as it stands.
        const INDONESIAN: [&str; 4] = [
            "perangkat 3 mengenal 3 fakta, server 3",
            "dari cadangan 3",
            "berkas lebih dari 3 MB",
            "3 bukan desa atau kecamatan dalam daftar",
        ];
        let id = Words::for_language(Language::Id);
        let (mut seen, mut missing) = (0, Vec::new());
        for line in found.iter().flat_map(|source| source.lines()).map(str::trim).filter(|line| !line.starts_with("//"))
        {
            let said = line
                .split_once("why: \"")
                .or_else(|| line.split_once("why = \""))
                .or_else(|| line.split_once("why: format!(\""))
                .or_else(|| line.split_once("why = format!(\""))
                .or_else(|| line.split_once("invalid(\"").and_then(|(_, rest)| rest.split_once("\", \"")))
                .or_else(|| line.split_once("invalid(field, \""));
            let Some(said) = said.and_then(|(_, rest)| rest.split_once('"')).map(|(said, _)| said) else {
                continue;
            };
            // A value that is filled in is a figure; before a colon it is the line.
            let filled = said.replace("{item}: ", "beras: ").replace("{code}: ", "TG.SEBERANG: ");
            let filled: String = filled.split('{').enumerate().fold(String::new(), |text, (place, part)| {
                match part.split_once('}').filter(|_| place > 0) {
                    None => text + part,
                    Some((_, rest)) => text + "3" + rest,
                }
            });
            seen += 1;
            let told = FOR_PROGRAMS.contains(&filled.as_str()) || INDONESIAN.contains(&filled.as_str());
            if !told && reason(&filled, id) == filled {
                missing.push(said);
            }
        }
        assert!(missing.is_empty(), "no words for: {missing:#?}");
        assert!(seen > 60, "only {seen} reasons were found");
    }
}
