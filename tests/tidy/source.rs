//! Rust source as text: without its comments, its string literals by themselves, and how long a file may be.

use crate::{Text, none, planted, texts};

/// The most lines of a file in src; past 400 one looks for a noun inside it.
const LINES_AT_MOST: usize = 500;
const LINES_TO_WATCH: usize = 400;

/// Rust source taken apart. Both hold every line break of the original, so that line numbers stay true.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// The code with comments blanked out; string literals stay, for a path or a query in one counts.
    pub(crate) code: String,
    /// Each string literal, with the offset in `code` where it begins.
    pub(crate) strings: Vec<(usize, String)>,
}

/// Takes Rust source apart. Knows nested block comments, raw strings, escapes, and that `'a` is a lifetime.
pub(crate) fn take_apart(source: &str) -> Parts {
    let bytes = source.as_bytes();
    let mut parts = Parts::default();
    let mut code = Vec::with_capacity(bytes.len());
    let mut at = 0;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"//") {
            let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
            at += end;
        } else if rest.starts_with(b"/*") {
            let mut depth = 0_usize;
            let mut end = 0;
            while end < rest.len() {
                if rest[end..].starts_with(b"/*") {
                    depth += 1;
                    end += 2;
                } else if rest[end..].starts_with(b"*/") {
                    depth -= 1;
                    end += 2;
                    if depth == 0 {
                        break;
                    }
                } else {
                    if rest[end] == b'\n' {
                        code.push(b'\n');
                    }
                    end += 1;
                }
            }
            code.push(b' ');
            at += end.min(rest.len());
        } else if let Some((open, hashes)) = raw_string(rest).filter(|_| at == 0 || !word(bytes[at - 1])) {
            let close = [b"\"".as_slice(), "#".repeat(hashes).as_bytes()].concat();
            let body = &rest[open..];
            let length = body.windows(close.len()).position(|window| window == close).unwrap_or(body.len());
            parts.strings.push((code.len(), String::from_utf8_lossy(&body[..length]).into_owned()));
            let end = (open + length + close.len()).min(rest.len());
            code.extend_from_slice(&rest[..end]);
            at += end;
        } else if rest[0] == b'"' {
            let mut end = 1;
            while end < rest.len() && rest[end] != b'"' {
                end += if rest[end] == b'\\' { 2 } else { 1 };
            }
            let end = (end + 1).min(rest.len());
            parts.strings.push((code.len(), String::from_utf8_lossy(&rest[1..end - 1]).into_owned()));
            code.extend_from_slice(&rest[..end]);
            at += end;
        } else if rest[0] == b'\'' {
            // A character ends with a quote; a lifetime does not.
            let end = if rest.get(1) == Some(&b'\\') {
                rest[3.min(rest.len())..].iter().position(|&byte| byte == b'\'').map(|found| found + 4)
            } else {
                let text = &source[at + 1..];
                text.chars()
                    .next()
                    .and_then(|c| (rest.get(1 + c.len_utf8()) == Some(&b'\'')).then_some(2 + c.len_utf8()))
            };
            let end = end.unwrap_or(1);
            code.extend_from_slice(&rest[..end]);
            at += end;
        } else {
            code.push(rest[0]);
            at += 1;
        }
    }
    parts.code = String::from_utf8_lossy(&code).into_owned();
    parts
}

/// Where a raw string's text begins, and with how many hashes it is fenced.
fn raw_string(rest: &[u8]) -> Option<(usize, usize)> {
    let prefix = [b"br".as_slice(), b"cr", b"r"].into_iter().find(|prefix| rest.starts_with(prefix))?.len();
    let hashes = rest[prefix..].iter().take_while(|&&byte| byte == b'#').count();
    (rest.get(prefix + hashes) == Some(&b'"')).then_some((prefix + hashes + 1, hashes))
}

pub(crate) fn line_of(code: &str, offset: usize) -> usize {
    code.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count() + 1
}

pub(crate) fn rust_of_src(texts: &[Text]) -> impl Iterator<Item = &Text> {
    texts.iter().filter(|file| file.path.starts_with("src/") && file.path.ends_with(".rs"))
}

fn files_too_long(texts: &[Text]) -> Vec<String> {
    let long = |file: &Text, most| file.text.lines().count() > most;
    for file in rust_of_src(texts).filter(|file| long(file, LINES_TO_WATCH) && !long(file, LINES_AT_MOST)) {
        eprintln!("{} has {} lines: is there a noun inside it?", file.path, file.text.lines().count());
    }
    // The list of tables is looked things up in, not read in one sitting, and diesel wants it whole.
    let too_long = rust_of_src(texts)
        .filter(|file| !file.path.ends_with("src/store/schema.rs"))
        .filter(|file| long(file, LINES_AT_MOST));
    too_long.map(|file| format!("{}: {} lines", file.path, file.text.lines().count())).collect()
}

fn files_named_after_nothing(texts: &[Text]) -> Vec<String> {
    let empty = ["utils", "util", "helpers", "helper", "misc", "common"];
    let named = |file: &&Text| {
        let mut parts = file.path.trim_end_matches(".rs").split('/');
        parts.any(|part| empty.contains(&part))
    };
    rust_of_src(texts).filter(named).map(|file| file.path.clone()).collect()
}

/// SQLite takes `?` for a parameter, PostgreSQL does not, and diesel hands raw SQL through as it is: the
/// statement would compile, and fail on one engine only. `$1`, `$2` … work on both.
fn sql_with_question_marks(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust_of_src(texts) {
        let parts = take_apart(&file.text);
        for (offset, string) in &parts.strings {
            let begins = string.trim_start().to_ascii_uppercase();
            let sql = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "REPLACE ", "MERGE "];
            let called = parts.code[..*offset].trim_end().ends_with("sql_query(");
            if string.contains('?') && (called || sql.iter().any(|verb| begins.starts_with(verb))) {
                found.push(format!("{}:{}: {string}", file.path, line_of(&parts.code, *offset)));
            }
        }
    }
    found
}

#[test]
fn no_source_file_is_longer_than_one_sitting() {
    none("A file in src has at most 500 lines: look for a noun inside it.", &files_too_long(&texts()));
}

#[test]
fn every_source_file_is_named_after_a_thing() {
    none("A file is named after what it holds, not `utils`.", &files_named_after_nothing(&texts()));
}

#[test]
fn sql_parameters_are_numbered() {
    none("Raw SQL takes its parameters as $1, $2 …, never as `?`.", &sql_with_question_marks(&texts()));
}

#[test]
fn a_planted_long_file_a_utils_file_and_a_question_mark_in_sql_are_found() {
    assert_eq!(files_too_long(&planted("src/a.rs", &"\n".repeat(501))).len(), 1);
    assert_eq!(files_too_long(&planted("src/a.rs", &"\n".repeat(500))).len(), 0);
    assert_eq!(files_named_after_nothing(&planted("src/store/utils.rs", "")).len(), 1);
    assert_eq!(files_named_after_nothing(&planted("src/utils/x.rs", "")).len(), 1);
    let sql = |text: &str| sql_with_question_marks(&planted("src/store/a.rs", text)).len();
    assert_eq!(sql(r#"let q = "select 1 from t where a = ?";"#), 1);
    assert_eq!(sql("diesel::sql_query(\n  r#\"PRAGMA x = ?\"#)"), 1);
    assert_eq!(sql(r#"diesel::sql_query("SELECT $1").execute(c)?; say("really?")"#), 0);
}

#[test]
fn comments_go_and_strings_stay() {
    let source = "let a = \"http://x\"; // diesel\n/* actix /* nested */ still */ let b = 'x'; let c: &'a str = r#\"say \"//\" it\"#; '\\''; '\"'; '—'; b'\"' // end";
    let parts = take_apart(source);
    assert_eq!(
        parts.code,
        "let a = \"http://x\"; \n  let b = 'x'; let c: &'a str = r#\"say \"//\" it\"#; '\\''; '\"'; '—'; b'\"' "
    );
    assert_eq!(parts.strings.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["http://x", "say \"//\" it"]);
    assert_eq!(take_apart("a /* 1\n2 */ b \"\\\"//\" c").code, "a \n  b \"\\\"//\" c");
}
