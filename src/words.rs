//! What people read: one catalogue of words a language, shared by pages, paper and terminal.
//!
//! The catalogues are Fluent files in `assets/words`, compiled in. Indonesian is written first and English
//! follows; a test holds both to the same keys, and another finds every key that a template or a script
//! uses. A key that is missing all the same never stops a page: it shows between `⟦ ⟧`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::langid;

use crate::domain::money::grouped;
use crate::domain::time::Language;

/// What is put into a sentence: a text, or a number that may also choose singular or plural.
pub use fluent_bundle::FluentValue as Value;

const INDONESIAN: &str = include_str!("../assets/words/id.ftl");
const ENGLISH: &str = include_str!("../assets/words/en.ftl");

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Words {
    language: Language,
}

impl Words {
    /// The words of this language.
    #[must_use]
    pub const fn for_language(language: Language) -> Self {
        Self { language }
    }

    /// Which language these are.
    #[must_use]
    pub const fn language(self) -> Language {
        self.language
    }

    /// The text of a key.
    #[must_use]
    pub fn get(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of a key with values put in.
    #[must_use]
    pub fn with(self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        let bundle = bundle(self.language);
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return format!("⟦{key}⟧");
        };
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(*name, value.clone());
        }
        // A value that was not handed in stays visible as `{$name}`; the scripts in a browser count on that.
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    /// The text for a code of a closed list: `of("verdict", "already_redeemed")` is `verdict-already-redeemed`.
    #[must_use]
    pub fn of(self, list: &str, code: &str) -> String {
        self.get(&format!("{list}-{}", code.replace(['_', '.'], "-")))
    }

    /// Every key that begins with one of these, with its text. Places for values stay as `{$name}`.
    #[must_use]
    pub fn beginning_with(self, beginnings: &[&str]) -> BTreeMap<&'static str, String> {
        keys(source(self.language))
            .filter(|key| beginnings.iter().any(|beginning| key.starts_with(beginning)))
            .map(|key| (key, self.get(key)))
            .collect()
    }
}

const fn source(language: Language) -> &'static str {
    match language {
        Language::Id => INDONESIAN,
        Language::En => ENGLISH,
    }
}

/// The keys of a catalogue: a line that begins with a lower-case letter and has an equals sign.
fn keys(source: &'static str) -> impl Iterator<Item = &'static str> {
    source
        .lines()
        .filter(|line| line.starts_with(|sign: char| sign.is_ascii_lowercase()))
        .filter_map(|line| line.split_once('=').map(|(key, _)| key.trim()))
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static ID: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    static EN: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    match language {
        Language::Id => ID.get_or_init(|| load(language)),
        Language::En => EN.get_or_init(|| load(language)),
    }
}

fn load(language: Language) -> FluentBundle<FluentResource> {
    let tag = match language {
        Language::Id => langid!("id"),
        Language::En => langid!("en"),
    };
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Both languages are written from left to right; the isolating marks would only end up in copied text.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        Value::Number(number) if number.value.fract() == 0.0 => Some(grouped_text(&number.as_string())),
        _ => None,
    }));
    // A slip in the file costs the entries it touches, never the rest; the tests see to it that there is none.
    let resource = match FluentResource::try_new(source(language).to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

fn grouped_text(digits: &str) -> String {
    digits.parse().map_or_else(|_| digits.to_string(), grouped)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    /// The values of the closed lists: keys that are put together from a code cannot be found by reading text.
    const LISTS: [(&str, &[&str]); 17] = [
        ("device-invited", &["local", "plain"]),
        (
            "receipt-flag",
            &["late_entry", "home_delivery", "witness", "witness_on_list", "clock_back", "clock_reset", "clock_doubt"],
        ),
        ("verdict", VERDICTS),
        ("verdict-do", VERDICTS),
        ("status", VERDICTS),
        ("status-do", VERDICTS),
        ("state", &["available", "leased", "redeemed", "revoked", "unresolved", "expired"]),
        (
            "role",
            &[
                "admin",
                "registrar",
                "verifier",
                "issuer",
                "coordinator",
                "operator",
                "storekeeper",
                "finance",
                "auditor",
            ],
        ),
        ("trail-kind", &["act", "look", "export"]),
        ("collector", &["self", "proxy", "substitute"]),
        ("outcome", &["new", "changed", "same", "rejected"]),
        ("intake-state", &["waiting", "applied", "withdrawn"]),
        ("round-state", &["planned", "open", "closed", "paused", "sealed"]),
        (
            "document",
            &[
                "receipt_list",
                "handover",
                "not_collected",
                "proxy_list",
                "substitution",
                "home_delivery",
                "prepared_list",
                "register",
            ],
        ),
        ("absence", &["died", "moved", "ill", "absent", "not_found", "refused", "awaiting_letter"]),
        ("custody-step", &["handed", "delivered", "returned"]),
        ("reprint-cause", &["spoilt", "damaged", "lost", "corrected", "other"]),
    ];

    const VERDICTS: &[&str] = &[
        "valid",
        "already_redeemed",
        "superseded",
        "revoked",
        "held",
        "paused",
        "not_yet_valid",
        "expired",
        "wrong_point",
        "leased_elsewhere",
        "unresolved",
        "unknown",
        "forged",
        "foreign",
        "malformed",
        "not_ready",
    ];

    fn keys_of(language: Language) -> BTreeSet<&'static str> {
        keys(source(language)).collect()
    }

    fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, ending, found);
            } else if path.to_string_lossy().ends_with(ending) && !path.to_string_lossy().contains(".test.") {
                found.push(path);
            }
        }
    }

    /// The first string argument of each such call in a text.
    fn arguments<'t>(text: &'t str, call: &str) -> Vec<&'t str> {
        text.split(call).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    fn used() -> Vec<(String, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        files(&root.join("assets/pages"), ".html", &mut found);
        files(&root.join("assets/desk"), ".ts", &mut found);
        files(&root.join("assets/scanner"), ".ts", &mut found);
        files(&root.join("src/http"), ".rs", &mut found);
        let mut used = Vec::new();
        for path in found {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["frame.t(\"", "frame.n(\"", "words.get(\"", "words.with(\"", "say(\""] {
                for key in arguments(&text, call) {
                    used.push((key.to_owned(), path.display().to_string()));
                }
            }
        }
        used
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        assert_eq!(keys_of(Language::Id), keys_of(Language::En));
    }

    #[test]
    fn no_key_stands_twice_and_every_entry_parses() {
        for language in [Language::Id, Language::En] {
            assert!(FluentResource::try_new(source(language).to_owned()).is_ok(), "{language:?}");
            assert_eq!(keys(source(language)).count(), keys_of(language).len(), "{language:?}");
        }
    }

    #[test]
    fn every_key_that_a_page_or_script_uses_exists() {
        let known = keys_of(Language::Id);
        let used = used();
        assert!(used.len() > 100, "the search for keys is broken: {}", used.len());
        let missing: Vec<_> = used.iter().filter(|(key, _)| !known.contains(key.as_str())).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn every_code_of_a_closed_list_has_its_words() {
        for language in [Language::Id, Language::En] {
            for (list, codes) in LISTS {
                for code in codes {
                    let text = Words::for_language(language).of(list, code);
                    assert!(!text.contains('⟦'), "{text}");
                }
            }
        }
    }

    #[test]
    fn both_languages_put_the_same_values_in() {
        let places = |text: &str| -> BTreeSet<String> {
            text.split("{$").skip(1).filter_map(|rest| rest.split('}').next().map(str::to_owned)).collect()
        };
        let english = Words::for_language(Language::En).beginning_with(&[""]);
        for (key, text) in Words::for_language(Language::Id).beginning_with(&[""]) {
            assert_eq!(places(&text), places(&english[key]), "{key}");
        }
    }

    #[test]
    fn the_spelling_traps_of_indonesian_are_avoided() {
        let text = INDONESIAN.to_lowercase();
        for trap in [
            "kadaluarsa",
            "kadaluwarsa",
            "apapun",
            "dimana ",
            "ijin",
            "antrian",
            "photo",
            "perlindungan data",
            "silahkan",
        ] {
            assert!(!text.contains(trap), "{trap}");
        }
    }

    #[test]
    fn numbers_are_grouped_and_choose_their_plural() {
        let words = Words::for_language(Language::En);
        assert_eq!(words.with("count-vouchers", &[("count", Value::from(1))]), "1 voucher");
        assert_eq!(words.with("count-vouchers", &[("count", Value::from(12_500))]), "12.500 vouchers");
        assert_eq!(words.get("no-such-key"), "⟦no-such-key⟧");
    }
}
