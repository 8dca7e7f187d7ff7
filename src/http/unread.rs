//! What is wrong with a request that could not be read. The reader of its JSON says so in English; here it is said in
//! the words of whoever asks. What has no words here, such as the name of a member, is shown as it is.

use crate::domain::time::NotATime;
use crate::words::{Value, Words};

/// What the fault says, in these words.
pub(super) fn why(said: &str, words: Words) -> String {
    let said = said.strip_prefix("Query deserialize error: ").unwrap_or(said);
    let (fault, place) = match said.rsplit_once(" at line ") {
        Some((fault, place)) => (fault, place.split_once(" column ")),
        None => (said, None),
    };
    let told = told(fault, words).unwrap_or_else(|| fault.to_owned());
    match place {
        Some((line, column)) => {
            let place = words.with("unread-place", &[("line", Value::from(line)), ("column", Value::from(column))]);
            format!("{told} ({place})")
        }
        None => told,
    }
}

fn told(fault: &str, words: Words) -> Option<String> {
    let with = |key: &str, values: &[(&str, &str)]| {
        let values: Vec<(&str, Value<'_>)> = values.iter().map(|(name, text)| (*name, Value::from(*text))).collect();
        words.with(key, &values)
    };
    let named = |start: &str| fault.strip_prefix(start)?.split_once('`');
    if let Some((name, _)) = named("missing field `") {
        return Some(with("unread-missing", &[("name", name)]));
    }
    if let Some((name, _)) = named("duplicate field `") {
        return Some(with("unread-twice", &[("name", name)]));
    }
    if let Some((name, rest)) = named("unknown field `") {
        return Some(with("unread-unknown", &[("name", name), ("known", &known(rest))]));
    }
    if let Some((name, rest)) = named("unknown variant `") {
        return Some(with("unread-value", &[("name", name), ("known", &known(rest))]));
    }
    let kinds = ["invalid type: ", "invalid value: ", "invalid length "];
    if let Some(rest) = kinds.iter().find_map(|kind| fault.strip_prefix(kind)) {
        let (found, expected) = rest.split_once(", expected ")?;
        return Some(with("unread-kind", &[("found", &thing(found, words)), ("expected", &thing(expected, words))]));
    }
    if fault == NotATime.to_string() {
        return Some(words.get("unread-time"));
    }
    // Of what is no id, no date or no sum, the libraries tell at which sign they gave up; a person needs what is expected.
    let begins =
        [("UUID parsing failed", "unread-uuid"), ("failed to parse", "unread-date"), ("not an amount", "unread-money")];
    if let Some((_, key)) = begins.iter().find(|(start, _)| fault.starts_with(start)) {
        return Some(words.get(key));
    }
    match fault {
        "invalid digit found in string" | "cannot parse integer from empty string" => Some(words.get("unread-number")),
        "the body was cut short" => Some(words.get("unread-cut")),
        _ => None,
    }
}

/// What sort of value: `integer 1`, `a string`.
fn thing(said: &str, words: Words) -> String {
    let (sort, shown) = said.find(['`', '"']).map_or((said, ""), |at| said.split_at(at));
    let numbers = ["i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize"];
    let sort = sort.trim();
    let name =
        if numbers.contains(&sort) { "a-number".to_owned() } else { sort.to_ascii_lowercase().replace(' ', "-") };
    let told = words.of("unread-thing", &name);
    let told = if told.starts_with('⟦') { sort.to_owned() } else { told };
    format!("{told} {shown}").trim_end().to_owned()
}

/// The names between back quotes.
fn known(rest: &str) -> String {
    rest.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Language;

    #[test]
    fn a_fault_is_told_in_the_language_of_whoever_asks() {
        let told = |language, said: &str| why(said, Words::for_language(language));
        let missing = "missing field `id` at line 1 column 20";
        assert_eq!(told(Language::Id, missing), "“id” belum diisi (baris 1, kolom 20)");
        assert_eq!(told(Language::En, missing), "“id” is missing (line 1, column 20)");
        let unknown = "unknown field `x`, expected one of `kind`, `detail` at line 1 column 3";
        assert_eq!(told(Language::Id, unknown), "“x” tidak dikenal; yang dikenal: kind, detail (baris 1, kolom 3)");
        let kind = "invalid type: integer `1`, expected a string";
        assert_eq!(told(Language::En, kind), "integer `1` where a string is expected");
        assert_eq!(told(Language::Id, kind), "bilangan bulat `1`, padahal yang diharapkan teks");
        assert_eq!(told(Language::Id, "invalid type: null, expected u32"), "kosong, padahal yang diharapkan bilangan");
        let day = serde_json::from_str::<jiff::civil::Date>("\"12-12-2026\"").unwrap_err().to_string();
        assert_eq!(told(Language::Id, &day), "seharusnya tanggal, misalnya 2026-12-07 (baris 1, kolom 12)");
        let id = serde_json::from_str::<uuid::Uuid>("\"x\"").unwrap_err().to_string();
        assert_eq!(told(Language::En, &id), "a UUID is expected (line 1, column 3)");
        let sum = serde_json::from_str::<crate::domain::money::Money>("-1").unwrap_err().to_string();
        assert!(told(Language::Id, &sum).starts_with("seharusnya jumlah uang"), "{}", told(Language::Id, &sum));
        let time = NotATime.to_string();
        assert!(told(Language::Id, &time).starts_with("seharusnya waktu"), "{}", told(Language::Id, &time));
        assert_eq!(told(Language::Id, "Content-Type: application/json"), "Content-Type: application/json");
    }
}
