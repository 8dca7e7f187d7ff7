//! The events of a household's history in plain sentences, for pages and for the API alike.

use crate::domain::time::Zone;
use crate::domain::verval::statement as named;
use crate::service::{Change, What};
use crate::words::{Value, Words};

/// What happened, as one sentence.
pub(super) fn sentence(words: Words, zone: Zone, what: &What) -> String {
    let tell = |key: &str, values: &[(&str, &str)]| {
        let values: Vec<(&str, Value<'_>)> = values.iter().map(|(name, text)| (*name, Value::from(*text))).collect();
        words.with(key, &values)
    };
    let code = |list: &str, text: &str| code(words, list, text);
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    match what {
        What::Entered => words.get("history-entered"),
        What::CameFrom { file, row } => tell("history-came-from", &[("file", file), ("row", &row.to_string())]),
        What::Changed { file, row, .. } => tell("history-changed", &[("file", file), ("row", &row.to_string())]),
        What::Decided { standing, reason, evidence } => {
            let said = tell("history-decided", &[("standing", &code("history-standing", standing))]);
            with_remarks(said, [code("history-reason", reason), evidence.clone()])
        }
        What::Suspected { kind, other } => {
            tell("history-suspected", &[("kind", &code("history-suspicion", kind)), ("other", other)])
        }
        What::SuspicionDecided { state, other, note } => {
            let said = tell(
                "history-suspicion-decided",
                &[("state", &code("history-suspicion-state", state)), ("other", other)],
            );
            with_remarks(said, [note.clone(), String::new()])
        }
        What::Listed { number, decree_no, decree_date } => {
            tell("history-listed", &[("number", &number.to_string()), ("decree", decree_no), ("date", decree_date)])
        }
        What::Substitution { state, goes, other, reason, statement_no } => {
            let key = if *goes { "history-substituted" } else { "history-substitutes" };
            let said = tell(key, &[("state", &code("history-substitution-state", state)), ("other", other)]);
            let statement = if statement_no.is_empty() { String::new() } else { named(statement_no) };
            with_remarks(said, [code("history-reason", reason), statement])
        }
        What::Issued { point, .. } => tell("history-issued", &[("point", point)]),
        What::Traced { event, detail } => {
            with_remarks(words.of("history-event", event), [detail.clone(), String::new()])
        }
        What::Tried { redeem, outcome, point, device } => {
            let key = if *redeem { "history-tried" } else { "history-checked" };
            tell(
                key,
                &[
                    ("point", &or_dash(point)),
                    ("device", &or_dash(device)),
                    ("outcome", &code("history-outcome", outcome)),
                ],
            )
        }
        What::HandedOver { point, device, collector, relation, number, short } => {
            let key = if *short { "history-handed-over-short" } else { "history-handed-over" };
            let who = code("history-collector", collector.as_str());
            let said = tell(key, &[("point", point), ("device", device), ("collector", &who), ("number", number)]);
            with_remarks(said, [relation.clone().unwrap_or_default(), String::new()])
        }
        What::Paused { scope, letter_no, reason } => {
            let said = tell("history-paused", &[("scope", &code("history-scope", scope)), ("letter", letter_no)]);
            with_remarks(said, [reason.clone(), String::new()])
        }
        What::Resumed { scope, letter_no } => {
            tell("history-resumed", &[("scope", &code("history-scope", scope)), ("letter", letter_no)])
        }
        What::WindowChanged { point, closes_at, reason } => {
            let until = format!("{} {}", closes_at.short(zone), zone.label());
            with_remarks(
                tell("history-window", &[("point", point), ("until", &until)]),
                [reason.clone(), String::new()],
            )
        }
    }
}

/// The word for a code of a list. Codes come from the database: one without a word is shown as it is.
pub(super) fn code(words: Words, list: &str, code: &str) -> String {
    let plain = !code.is_empty() && code.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'_');
    if !plain {
        return code.to_owned();
    }
    let word = words.of(list, code);
    if word.starts_with('⟦') { code.replace('_', " ") } else { word }
}

/// How an event stands out: `good`, `bad`, `odd`, or not at all.
pub(super) fn mark(what: &What) -> &'static str {
    match what {
        What::HandedOver { short: false, .. } => "good",
        What::HandedOver { .. } | What::Suspected { .. } | What::Paused { .. } => "odd",
        What::Traced { event, .. } if event == "entitlement.revoked" => "bad",
        What::Traced { .. } => "odd",
        What::Tried { outcome, .. } if outcome != "valid" && outcome != "replayed" => "bad",
        _ => "",
    }
}

/// The fields that a file changed, each in a sentence.
pub(super) fn changes(words: Words, what: &What) -> Vec<String> {
    let What::Changed { fields, .. } = what else { return Vec::new() };
    fields.iter().map(|change| field(words, change)).collect()
}

fn field(words: Words, change: &Change) -> String {
    let name = words.of("history-field", change.field.heading());
    match &change.values {
        None => format!("{name}: {}", words.get("history-hidden-change")),
        Some((before, now)) => {
            let or_empty = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
            format!("{name}: {} → {}", or_empty(before), or_empty(now))
        }
    }
}

/// A sentence with what people wrote beside it.
fn with_remarks(sentence: String, remarks: [String; 2]) -> String {
    let remarks: Vec<String> = remarks.into_iter().filter(|one| !one.trim().is_empty()).collect();
    if remarks.is_empty() { sentence } else { format!("{sentence} ({})", remarks.join("; ")) }
}
