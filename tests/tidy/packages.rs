//! The packages that cargo would build: their licences, against the list of tests/lint/deny.toml, and whether the
//! tests ask any of them for more than the program does.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::{none, top};

/// The licences that may be in the binary, as `cargo deny` would read them.
fn allowed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(top().join("tests/lint/deny.toml")).unwrap();
    let deny: toml::Table = toml::from_str(&text).unwrap();
    let list = deny["licenses"]["allow"].as_array().unwrap();
    list.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Whether an SPDX expression can be satisfied with these licences alone. `/` is the old way to write OR.
/// AND binds tighter than OR; `X WITH Y` is one licence of its own.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let satisfied = either(&words, &mut at, allowed);
    satisfied && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut satisfied = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        satisfied |= both(words, at, allowed);
    }
    satisfied
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut satisfied = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        satisfied &= one(words, at, allowed);
    }
    satisfied
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let word = words.get(*at).copied().unwrap_or_default();
    *at += 1;
    if word == "(" {
        let satisfied = either(words, at, allowed);
        *at += 1;
        return satisfied;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return allowed.contains(&format!("{word} WITH {exception}"));
    }
    allowed.contains(word)
}

/// What cargo knows of the packages for this platform. Offline: they were fetched to build this test.
fn packages() -> Vec<Value> {
    let said = |program: String, args: &[&str]| {
        let said = Command::new(&program).args(args).current_dir(top()).output().unwrap();
        assert!(said.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap()
    };
    let version = said(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into()), &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let args = ["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", host];
    let metadata: Value = serde_json::from_str(&said(cargo, &args)).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn packages_with_another_licence(packages: &[Value], allowed: &BTreeSet<String>) -> Vec<String> {
    let fits = |package: &&Value| is_allowed(package["license"].as_str().unwrap_or_default(), allowed);
    let describe = |package: &Value| format!("{} {}: {}", package["name"], package["version"], package["license"]);
    packages.iter().filter(|package| !fits(package)).map(describe).collect()
}

#[test]
fn every_package_has_a_licence_that_an_office_can_use_freely() {
    none("Licences outside tests/lint/deny.toml:", &packages_with_another_licence(&packages(), &allowed()));
}

/// The packages of the program, each with its features, with or without what only tests need.
fn features(kinds: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let args = ["tree", "--locked", "--offline", "--prefix=none", "--format={p} [{f}]", "--edges", kinds];
    let said = Command::new(cargo).args(args).current_dir(top()).output().unwrap();
    assert!(said.status.success(), "cargo tree: {}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout).unwrap();
    said.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// A package that both need, and with other features for the tests, is compiled twice, with all that stands on it.
fn built_twice(program: &BTreeSet<String>, with_tests: &BTreeSet<String>) -> Vec<String> {
    let differ = program.difference(with_tests);
    differ.map(|package| format!("{package}: name the missing feature under [dependencies]")).collect()
}

#[test]
fn build_and_test_share_every_compiled_package() {
    let twice = built_twice(&features("normal,build"), &features("normal,build,dev"));
    none("The tests turn on features that the program does without.", &twice);
}

#[test]
fn a_planted_feature_of_the_tests_alone_is_found() {
    let set = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(built_twice(&set(&["a v1 []", "b v1 [std]"]), &set(&["a v1 [std]", "b v1 [std]", "c v1 []"])).len(), 1);
}

#[test]
fn the_list_holds_no_licence_that_asks_for_the_source_of_the_whole() {
    let strong: Vec<_> = allowed().into_iter().filter(|name| name.contains("GPL")).collect();
    none("No GPL, AGPL or LGPL:", &strong);
}

#[test]
fn a_planted_gpl_package_is_found() {
    let allowed = allowed();
    let package = |licence: &str| serde_json::json!({ "name": "planted", "version": "1.0.0", "license": licence });
    for refused in [
        "GPL-3.0-only",
        "LGPL-2.1-or-later",
        "MIT AND GPL-2.0-only",
        "(AGPL-3.0-only)",
        "",
        "GPL-2.0 WITH Classpath-exception-2.0",
        "MIT OR",
    ] {
        assert_eq!(packages_with_another_licence(&[package(refused)], &allowed).len(), 1, "{refused}");
    }
    for taken in [
        "MIT OR GPL-2.0-only",
        "Apache-2.0/MIT",
        "(MIT OR GPL-3.0-only) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR MIT",
        "MPL-2.0",
    ] {
        assert!(packages_with_another_licence(&[package(taken)], &allowed).is_empty(), "{taken}");
    }
}
