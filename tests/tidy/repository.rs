//! What may lie in the repository: which files, and what must stand in none of them.

use crate::{Text, none, paths, planted, texts};

/// The top level as it was drawn, and what tools demand beside it.
const TOP_LEVEL: [&str; 14] = [
    ".cargo",
    ".ci",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "README.md",
    "assets",
    "build.rs",
    "migrations",
    "src",
    "tests",
];

/// Written by a tool, from end to end.
fn is_lock_file(path: &str) -> bool {
    path.ends_with("Cargo.lock") || path.ends_with("package-lock.json")
}

fn strangers_at_the_top_level(paths: &[String]) -> Vec<String> {
    let mut found: Vec<_> = paths.iter().map(|path| path.split('/').next().unwrap_or_default().to_owned()).collect();
    found.sort();
    found.dedup();
    found.retain(|name| !TOP_LEVEL.contains(&name.as_str()));
    found
}

fn lines_that_contain(texts: &[Text], wanted: impl Fn(&Text, &str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    for file in texts {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(what) = wanted(file, line) {
                found.push(format!("{}:{}: {what}", file.path, number + 1));
            }
        }
    }
    found
}

/// A path that is true on one machine only. Written in halves, or this file would be the first to break the rule.
fn paths_of_one_machine(texts: &[Text]) -> Vec<String> {
    let roots = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Use", "rs/"),
        concat!("C:\\", "Users"),
    ];
    lines_that_contain(texts, |_, line| {
        let found = roots.iter().find(|root| {
            line.match_indices(**root).any(|(at, _)| {
                // `https://host/home/…` is an address, not a path of this machine.
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '_' || c == '-' || c == '}')
            })
        });
        found.map(|root| format!("{root}…"))
    })
}

/// Where packages come from is a setting of the machine that builds.
fn hosts_of_registries(texts: &[Text]) -> Vec<String> {
    let hosts = [
        concat!("registry.npm", "js.org"),
        concat!("registry.yarn", "pkg.com"),
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
        concat!("//crates", ".io"),
        concat!("pypi", ".org"),
        concat!("pythonhosted", ".org"),
        concat!("deb.debian", ".org"),
        concat!("security.debian", ".org"),
        concat!("cdn.jsdelivr", ".net"),
        concat!("unpkg", ".com"),
    ];
    lines_that_contain(texts, |file, line| {
        // npm records the address of each package unless .npmrc forbids it.
        if is_lock_file(&file.path) && line.trim_start().starts_with("\"resolved\":") {
            return Some(line.trim().to_owned());
        }
        hosts.iter().find(|host| line.contains(**host)).map(|host| (*host).to_owned())
    })
}

/// Sixteen digits by themselves that could be a person's NIK or a family's No. KK: a province that exists and,
/// behind the district, a day (plus 40 for women) and a month. Sub-district 99 (digits 5 and 6) exists nowhere.
fn numbers_of_real_persons(texts: &[Text]) -> Vec<String> {
    lines_that_contain(texts, |file, line| {
        if is_lock_file(&file.path) {
            return None;
        }
        let bytes = line.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if !bytes[at].is_ascii_digit() {
                at += 1;
                continue;
            }
            let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let part_of_more =
                |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.+".contains(byte));
            let joined_before = at > 0 && part_of_more(bytes.get(at - 1));
            let joined_behind = bytes.get(at + length).is_some_and(u8::is_ascii_alphanumeric);
            let digits = &line[at..at + length];
            if length == 16 && !joined_before && !joined_behind && could_be_a_nik(digits) && &digits[4..6] != "99" {
                return Some(format!("{digits} has sub-district {}", &digits[4..6]));
            }
            at += length;
        }
        None
    })
}

fn could_be_a_nik(digits: &str) -> bool {
    let part = |from: usize| digits[from..from + 2].parse::<u8>().unwrap_or(0);
    let day = part(6);
    (11..=97).contains(&part(0)) && matches!(day, 1..=31 | 41..=71) && (1..=12).contains(&part(8))
}

fn browser_tests_left_out(texts: &[Text]) -> Vec<String> {
    let browser: Vec<_> = texts
        .iter()
        .filter(|file| file.path.starts_with("tests/browser/") || file.path.ends_with(".test.ts"))
        .cloned()
        .collect();
    let marks = [".only(", ".skip(", ".todo(", "only: true", "skip: true", "skip: \""];
    lines_that_contain(&browser, |_, line| {
        marks.iter().find(|mark| line.contains(**mark)).map(|mark| (*mark).to_owned())
    })
}

fn rust_tests_left_out(texts: &[Text]) -> Vec<String> {
    let rust: Vec<_> = texts.iter().filter(|file| file.path.ends_with(".rs")).cloned().collect();
    lines_that_contain(&rust, |_, line| {
        line.trim_start().starts_with(concat!("#[ig", "nore]")).then(|| "without a reason".to_owned())
    })
}

#[test]
fn the_top_level_holds_what_was_drawn_and_nothing_else() {
    none("The top level stays as drawn: put it below assets or tests.", &strangers_at_the_top_level(&paths()));
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    none("A path of one machine stands in no file.", &paths_of_one_machine(&texts()));
}

#[test]
fn no_file_names_a_registry() {
    none("Where packages come from is the builder's setting.", &hosts_of_registries(&texts()));
}

#[test]
fn no_number_could_be_a_real_persons() {
    none("Invented NIK and KK numbers have sub-district 99 (digits 5 and 6).", &numbers_of_real_persons(&texts()));
}

#[test]
fn no_browser_test_is_left_out() {
    none("A browser test runs, or goes.", &browser_tests_left_out(&texts()));
}

#[test]
fn no_rust_test_is_left_out_without_a_reason() {
    none("An ignored test says why: #[ignore = \"…\"].", &rust_tests_left_out(&texts()));
}

#[test]
fn planted_strangers_are_found() {
    assert_eq!(strangers_at_the_top_level(&["src/a.rs".into(), "docs/a.md".into(), "docs/b.md".into()]), ["docs"]);
    let machine = |text: &str| paths_of_one_machine(&planted("README.md", text)).len();
    assert_eq!(machine(concat!("see /ho", "me/ani/salur")), 1);
    assert_eq!(machine(concat!("\"/wo", "rk/x\"")), 1);
    assert_eq!(machine(concat!("https://example.org/ho", "me/x and /var/lib/salur")), 0);
    let hosts = |path: &str, text: &str| hosts_of_registries(&planted(path, text)).len();
    assert_eq!(hosts("a.toml", concat!("url = https://registry.npm", "js.org/x")), 1);
    assert_eq!(hosts("tests/browser/package-lock.json", "      \"resolved\": \"https://mirror.example/x.tgz\""), 1);
    assert_eq!(hosts("Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\""), 0);
}

#[test]
fn a_planted_real_number_is_found_and_other_long_numbers_are_not() {
    let count = |text: &str| numbers_of_real_persons(&planted("tests/a.csv", text)).len();
    let nik = |sub_district: &str| format!("x,6402{sub_district}5205510001,y");
    assert_eq!(count(&nik("06")), 1);
    assert_eq!(count(&nik("99")), 0);
    assert_eq!(count("Number.MAX_SAFE_INTEGER is 9007199254740991; 1700000000000000 us"), 0);
    assert_eq!(count(&format!("0.{}", nik("06").trim_matches(['x', ',', 'y']))), 0);
    assert_eq!(count(&format!("{}0", nik("06").trim_matches(['x', ',', 'y']))), 0);
}

#[test]
fn a_planted_test_that_is_left_out_is_found() {
    assert_eq!(browser_tests_left_out(&planted("tests/browser/a.test.mjs", "test.only(\"x\")")).len(), 1);
    assert_eq!(browser_tests_left_out(&planted("tests/browser/a.test.mjs", "test(\"x\", { skip: true })")).len(), 1);
    assert_eq!(rust_tests_left_out(&planted("tests/a.rs", concat!("    #[ig", "nore]"))).len(), 1);
    assert_eq!(rust_tests_left_out(&planted("tests/a.rs", "    #[ignore = \"an hour long\"]")).len(), 0);
}
