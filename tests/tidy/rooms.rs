//! The direction of dependencies: each room of src, and what it must never mention.

use crate::source::{line_of, rust_of_src, take_apart};
use crate::{Text, none, planted, texts};

/// The rooms that a rule can name; anything else after `crate::` is a room that nobody has thought about.
const ROOMS: [&str; 18] = [
    "domain",
    "token",
    "vault",
    "transparency",
    "device",
    "spreadsheet",
    "pdf",
    "outside",
    "wire",
    "store",
    "service",
    "refusals",
    "http",
    "cli",
    "words",
    "clock",
    "config",
    "telemetry",
];

/// A room, the other rooms that it may stand on, and words that it must never mention.
#[derive(Debug)]
struct Room {
    name: &'static str,
    stands_on: &'static [&'static str],
    /// Whole paths or identifiers; one that ends with `*` stands for all that begin so.
    never: &'static [&'static str],
}

const NO_CLOCK: [&str; 5] = ["SystemTime", "Instant", "Timestamp::now", "Zoned::now", "now_v7"];

/// The house, from the ground up. A room stands only on rooms above it in this list, so there is no circle.
const HOUSE: [Room; 18] = [
    Room {
        name: "domain",
        stands_on: &[],
        never: &[
            "diesel*",
            "actix*",
            "serde_json",
            "rand",
            "getrandom",
            "std::fs",
            "std::env",
            "std::net",
            "std::process",
        ],
    },
    Room { name: "clock", stands_on: &["domain"], never: &["diesel*", "actix*"] },
    Room { name: "words", stands_on: &["domain"], never: &["diesel*", "actix*"] },
    Room { name: "telemetry", stands_on: &[], never: &["diesel*"] },
    Room {
        name: "token",
        stands_on: &["domain"],
        never: &["diesel*", "actix*", "std::fs", "std::env", "std::net", "File::open", "File::create"],
    },
    Room {
        name: "vault",
        stands_on: &["domain"],
        never: &["diesel*", "actix*", "std::fs", "std::env", "std::net", "File::open", "File::create"],
    },
    // Where the key file lies is a setting; what stands in it is the vault's.
    Room { name: "config", stands_on: &["domain", "vault"], never: &["diesel*", "actix*"] },
    Room {
        name: "transparency",
        // Its keys and its way of writing CBOR are those of the tokens.
        stands_on: &["domain", "token"],
        never: &["diesel*", "actix*", "std::fs", "std::env", "std::net", "File::open", "File::create"],
    },
    Room { name: "wire", stands_on: &[], never: &["diesel*", "actix*", "clap"] },
    // A device's file is not the office's database: of this room one module knows SQL, see DIESEL_HOLDER.
    Room {
        name: "device",
        stands_on: &["domain", "clock", "token", "vault", "wire"],
        never: &["diesel*", "actix*", "clap"],
    },
    Room { name: "spreadsheet", stands_on: &["domain"], never: &["diesel*", "actix*"] },
    Room { name: "pdf", stands_on: &["domain", "words"], never: &["diesel*", "actix*"] },
    Room { name: "outside", stands_on: &["domain"], never: &["diesel*", "actix*"] },
    Room { name: "store", stands_on: &["domain", "clock", "config"], never: &["actix*", "clap"] },
    Room {
        name: "service",
        stands_on: &[
            "domain",
            "clock",
            "config",
            "words",
            "token",
            "vault",
            "transparency",
            "spreadsheet",
            "pdf",
            "outside",
            "wire",
            "store",
        ],
        // A tag in a string is HTML as well as a template is.
        never: &["actix*", "clap", "askama*", "<html", "<div", "<p>", "text/html"],
    },
    Room { name: "refusals", stands_on: &["domain", "words", "service"], never: &["diesel*", "actix*", "clap"] },
    Room {
        name: "http",
        stands_on: &[
            "domain",
            "clock",
            "config",
            "words",
            "telemetry",
            "token",
            "vault",
            "transparency",
            "spreadsheet",
            "pdf",
            "service",
            "refusals",
        ],
        never: &["diesel*", "sql_query", "clap"],
    },
    Room {
        name: "cli",
        stands_on: &[
            "domain",
            "clock",
            "config",
            "words",
            "telemetry",
            "token",
            "vault",
            "transparency",
            "spreadsheet",
            "pdf",
            "device",
            "store",
            "service",
            "refusals",
            "http",
        ],
        never: &["diesel*", "sql_query"],
    },
];

/// Rooms in which not even the passing of time may be measured.
const WITHOUT_CLOCK: [&str; 4] = ["domain", "token", "vault", "transparency"];

/// The pool travels in the application's state: these files may name it, and nothing else of the store.
const POOL_HOLDERS: [&str; 3] = ["src/http/mod.rs", "src/http/server.rs", "src/http/state.rs"];

/// The one module outside the store that may know diesel.
const DIESEL_HOLDER: &str = "src/device/journal/";

fn room_of(path: &str) -> Option<&'static Room> {
    let first = path.strip_prefix("src/")?.split('/').next()?;
    let first = first.trim_end_matches(".rs");
    HOUSE.iter().find(|room| room.name == first)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The offsets at which `needle` stands in the code as a whole word (or path), or begins one if it ends with `*`.
fn mentions(code: &str, needle: &str) -> Vec<usize> {
    let (needle, prefix) = needle.strip_suffix('*').map_or((needle, false), |needle| (needle, true));
    let bytes = code.as_bytes();
    let whole = |&(at, _): &(usize, &str)| {
        let end = at + needle.len();
        let begins = at == 0 || !is_word(bytes[at - 1]) || !is_word(needle.as_bytes()[0]);
        begins && (prefix || end == bytes.len() || !is_word(bytes[end]) || !is_word(bytes[end - 1]))
    };
    code.match_indices(needle).filter(whole).map(|(at, _)| at).collect()
}

/// The paths that the code takes from the root of the crate, with their offsets: from `crate::…`, `salur::…`
/// and `super::…`, one for each name of a `{…}` group right behind. `super` is taken to reach the root
/// wherever the next name is a room: a module of the same name deeper down would be one too many anyway.
fn paths_from_the_root(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for start in ["crate", "salur", "super"] {
        for at in mentions(code, start) {
            if code[..at].trim_end().ends_with("::") {
                continue;
            }
            let mut rest = &code[at + start.len()..];
            let step = |text: &mut &str| {
                let inner = text.trim_start().strip_prefix("::");
                if let Some(inner) = inner {
                    *text = inner.trim_start();
                }
                inner.is_some()
            };
            if !step(&mut rest) {
                continue;
            }
            while let Some(further) =
                rest.strip_prefix("super").filter(|further| further.trim_start().starts_with("::"))
            {
                rest = further;
                step(&mut rest);
            }
            let whole = |text: &str| {
                text.chars().take_while(|&c| c.is_alphanumeric() || c == '_' || c == ':').collect::<String>()
            };
            if let Some(group) = rest.strip_prefix('{') {
                let mut depth = 0_i32;
                let mut name = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => found.push((at, whole(std::mem::take(&mut name).trim()))),
                        _ if depth == 0 => name.push(c),
                        _ => {}
                    }
                }
                found.push((at, whole(name.trim())));
            } else {
                found.push((at, whole(rest)));
            }
        }
    }
    found.retain(|(_, path)| !path.is_empty());
    found
}

fn rooms_mentioned_against_the_direction(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust_of_src(texts) {
        let Some(room) = room_of(&file.path) else { continue };
        let code = take_apart(&file.text).code;
        for (at, path) in paths_from_the_root(&code) {
            let Some(other) = path.split("::").next().filter(|first| ROOMS.contains(first)) else { continue };
            let pool = path == "store::Pool" && POOL_HOLDERS.contains(&file.path.as_str());
            // A file of this room may have the name of another room: `store/config.rs`, reached by `super::config`.
            let beside = |folder: &str| {
                texts.iter().any(|text| {
                    text.path == format!("{folder}/{other}.rs") || text.path == format!("{folder}/{other}/mod.rs")
                })
            };
            let mut folders = file.path.match_indices('/').skip(1).map(|(end, _)| &file.path[..end]);
            let own = code[at..].starts_with("super") && folders.any(beside);
            if other != room.name && !room.stands_on.contains(&other) && !pool && !own {
                found.push(format!("{}:{}: {} must not know {path}", file.path, line_of(&code, at), room.name));
            }
        }
    }
    found
}

fn words_that_a_room_must_not_mention(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust_of_src(texts) {
        let Some(room) = room_of(&file.path) else { continue };
        let code = take_apart(&file.text).code;
        let clock = if WITHOUT_CLOCK.contains(&room.name) { NO_CLOCK.as_slice() } else { &[] };
        for word in room.never.iter().chain(clock) {
            if *word == "diesel*" && file.path.starts_with(DIESEL_HOLDER) {
                continue;
            }
            for at in mentions(&code, word) {
                found.push(format!("{}:{}: {} must not mention {word}", file.path, line_of(&code, at), room.name));
            }
        }
    }
    found
}

/// A folder in src that is no room has no rule: whoever adds one says here what it stands on.
fn files_in_no_room(texts: &[Text]) -> Vec<String> {
    let known = |path: &str| ["src/main.rs", "src/lib.rs"].contains(&path) || room_of(path).is_some();
    rust_of_src(texts).filter(|file| !known(&file.path)).map(|file| file.path.clone()).collect()
}

/// Only main and the command line may write to the terminal or end the process.
fn process_ended_from_inside(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust_of_src(texts).filter(|file| !file.path.starts_with("src/cli") && file.path != "src/main.rs") {
        let code = take_apart(&file.text).code;
        for at in mentions(&code, "process::exit") {
            found.push(format!("{}:{}: process::exit", file.path, line_of(&code, at)));
        }
    }
    found
}

#[test]
fn no_room_mentions_one_that_stands_on_it() {
    none("Dependencies point one way (see tests/tidy/rooms.rs).", &rooms_mentioned_against_the_direction(&texts()));
}

#[test]
fn no_room_mentions_what_is_not_its_business() {
    none("A room keeps to its own concern (see tests/tidy/rooms.rs).", &words_that_a_room_must_not_mention(&texts()));
}

#[test]
fn every_source_file_lies_in_a_known_room() {
    none("A new room needs its rule in tests/tidy/rooms.rs.", &files_in_no_room(&texts()));
}

#[test]
fn only_main_and_the_command_line_end_the_process() {
    none("process::exit skips every destructor.", &process_ended_from_inside(&texts()));
}

#[test]
fn the_house_has_no_circle() {
    for (level, room) in HOUSE.iter().enumerate() {
        for below in room.stands_on {
            let found = HOUSE.iter().position(|other| other.name == *below);
            assert!(found.is_some_and(|found| found < level), "{} stands on {below}, which is not below it", room.name);
        }
        assert!(ROOMS.contains(&room.name), "{} is missing in ROOMS", room.name);
    }
}

#[test]
fn a_planted_arrow_upward_is_found_however_it_is_written() {
    let count = |path: &str, text: &str| rooms_mentioned_against_the_direction(&planted(path, text)).len();
    assert_eq!(count("src/domain/a.rs", "use crate::store::Pool;"), 1);
    assert_eq!(count("src/domain/a.rs", "use crate::{domain::id, token};"), 1);
    assert_eq!(count("src/store/a.rs", "use crate::{\n  domain::{id, money},\n  pdf,\n  service::{a, b},\n};"), 2);
    assert_eq!(count("src/store/a.rs", "fn f() { super::super::http::serve() }"), 1);
    assert_eq!(count("src/token/mod.rs", "fn f() { super :: cli::run() }"), 1);
    assert_eq!(count("src/cli/a.rs", "use salur::http;"), 0);
    assert_eq!(count("src/http/state.rs", "use crate::store::Pool;"), 0);
    assert_eq!(count("src/http/state.rs", "use crate::store::redemptions;"), 1);
    assert_eq!(count("src/http/api/rounds.rs", "use crate::store::Pool;"), 1);
    assert_eq!(count("src/domain/a.rs", "//! crate::store\n/// see [`crate::store`]\nuse super::voucher;"), 0);
    assert_eq!(count("src/words.rs", "use crate::http;"), 1);
}

#[test]
fn a_planted_forbidden_word_is_found_and_prose_is_not() {
    let count = |path: &str, text: &str| words_that_a_room_must_not_mention(&planted(path, text)).len();
    assert_eq!(count("src/domain/a.rs", "use diesel_migrations::x;"), 1);
    assert_eq!(count("src/device/a.rs", "use diesel::prelude::*;"), 1);
    assert_eq!(count("src/device/journal/mod.rs", "use diesel::prelude::*;"), 0);
    assert_eq!(count("src/device/journal/mod.rs", "use actix_web::web;"), 1);
    assert_eq!(count("src/domain/a.rs", "use std::time::Instant; fn operand(rand: u8) {}"), 2);
    assert_eq!(count("src/domain/a.rs", "/// diesel is not known here\nfn brand() {} // SystemTime"), 0);
    assert_eq!(count("src/store/a.rs", "use actix_web::web;"), 1);
    assert_eq!(count("src/service/a.rs", "let page = \"<div class=x>\";"), 1);
    assert_eq!(count("src/http/a.rs", "diesel::sql_query(\"SELECT 1\")"), 2);
    assert_eq!(count("src/token/keys.rs", "std::fs::read(p)"), 1);
    assert_eq!(count("src/vault.rs", "SystemTime::now()"), 1);
    assert_eq!(files_in_no_room(&planted("src/extras/a.rs", "")).len(), 1);
    assert_eq!(process_ended_from_inside(&planted("src/http/a.rs", "std::process::exit(1)")).len(), 1);
}
