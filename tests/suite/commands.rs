//! What every command has in common: an example in its help, one JSON value for machines, and how it ends.

use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use clap::CommandFactory as _;
use serde_json::Value;

use crate::harness::installation::{Installation, salur};

/// Each command of the tree by its words, and whether its help has an example of it.
fn walk(command: &clap::Command, words: &str, found: &mut Vec<(String, bool)>) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let example = help.split_once("Example").is_some_and(|(_, rest)| rest.contains(words));
    found.push((words.to_owned(), example));
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        walk(below, &format!("{words} {}", below.get_name()), found);
    }
}

#[test]
fn the_help_of_every_command_has_an_example_of_it() {
    let mut found = Vec::new();
    walk(&salur::cli::Cli::command(), "salur", &mut found);
    let without: Vec<&String> = found.iter().filter(|(_, example)| !example).map(|(words, _)| words).collect();
    assert!(without.is_empty(), "no example: {without:?}");
    assert!(found.len() > 45, "{} commands", found.len());
}

fn run(dir: &Path, words: &[&str]) -> Output {
    salur(dir, None).args(words).output().unwrap()
}

/// How a command ended, and what it complained of.
fn ended(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_was_asked_wrongly_is_told_from_what_is_refused_and_from_what_is_broken() {
    let installation = Installation::demo(3, 3);
    let dir = installation.dir().to_str().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let empty = tempfile::tempdir().unwrap();
    let empty_dir = empty.path().to_str().unwrap();
    let programme = installation.programme();
    for (code, words) in [
        (2, vec!["serve", "--listen", "nowhere", "--dir", dir]),
        (2, vec!["serve", "--listen", "127.0.0.1:eighty", "--dir", dir]),
        (2, vec!["witness", "know", "saksi", "no-key"]),
        (2, vec!["keys", "list", "--database-url", "mysql://x", "--dir", dir]),
        (2, vec!["demo", "--database-url", "mysql://x", "--dir", empty_dir]),
        (2, vec!["demo", "--households", "0", "--dir", empty_dir]),
        (2, vec!["keys", "list", "--public-url", "salur.example.go.id", "--dir", dir]),
        (2, vec!["keys", "list", "--former-urls", "https://a.id,salur.example.go.id", "--dir", dir]),
        (2, vec!["keys", "list", "--emblem", "none.png", "--dir", dir]),
        (2, vec!["keys", "verify", "none.json"]),
        (2, vec!["import", "none.csv", "--programme", programme, "--dir", dir]),
        (2, vec!["import", "--places", "none.csv", "--as", "registrar", "--dir", dir]),
        (2, vec!["receipts", "take", "none.jurnal", "--as", "coordinator", "--dir", dir]),
        (2, vec!["audit", "verify", "none"]),
        (2, vec!["audit", "verify", dir, "--key", "no key"]),
        (2, vec!["backup", "--verify", "none", "--dir", dir]),
        (2, vec!["restore", "none", "--dir", empty_dir]),
        (2, vec!["report", "--round", installation.round(), "-o", "books.txt", "--as", "finance", "--dir", dir]),
        (2, vec!["no-such-command"]),
        (1, vec!["demo", "--dir", dir]),
        (1, vec!["tokens", "create", "--user", "nobody", "--name", "x", "--dir", dir]),
        (1, vec!["users", "confirm", "nobody", "--dir", dir]),
        (1, vec!["devices", "add", "--point", "NO-99", "--name", "x", "--as", "admin", "--dir", dir]),
        (1, vec!["verify", "nothing of ours", "--as", "coordinator", "--dir", dir]),
        (3, vec!["serve", "--listen", &taken, "--dir", dir]),
        (3, vec!["keys", "list", "--dir", empty_dir]),
        (3, vec!["keys", "list", "--database-url", "sqlite:///none/none.db", "--dir", dir]),
        (0, vec!["openapi"]),
    ] {
        let mut command = salur(installation.dir(), installation.database_url());
        let output = command.args(&words).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {:?} {:?}", ended(&output), output.stdout);
    }
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "what was refused left nothing behind");
}

#[test]
fn a_command_complains_in_the_language_that_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let complaint = |more: &[&str]| {
        let words = [&["serve", "--listen", "nowhere"], more].concat();
        ended(&run(dir.path(), &words)).1
    };
    assert!(complaint(&[]).contains("bukan alamat"), "{}", complaint(&[]));
    assert!(complaint(&["--english"]).contains("no address"), "{}", complaint(&["--english"]));
    let told: Value = serde_json::from_str(&complaint(&["--json"])).unwrap();
    assert_eq!(told["code"], "usage", "{told}");
}

#[test]
fn what_a_command_says_to_machines_is_one_json_value() {
    let installation = Installation::demo(3, 3);
    let place = installation.dir();
    let at = |name: &str| place.join(name).display().to_string();
    let (round, programme) = (installation.round(), installation.programme());
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/penerima-contoh.csv").display().to_string();
    let server = installation.serve();
    let signed = crate::harness::client::Client::new("").bytes(server.base(), "/.well-known/salur-keys.json");
    std::fs::write(at("keys.json"), signed).unwrap();
    drop(server);
    let (books, sheets, log, copy) = (at("books.csv"), at("sheets.pdf"), at("log"), at("copy"));
    let (keys, saksi) = (at("keys.json"), at("saksi"));
    for words in [
        vec!["import", &list, "--programme", programme],
        vec!["print", "--round", round, "-o", &sheets],
        vec!["verify", "nothing of ours", "--as", "coordinator"],
        vec!["report", "--round", round, "-o", &books, "--as", "finance"],
        vec!["receipts", "check", "--as", "auditor"],
        vec!["keys", "list"],
        vec!["keys", "show", "--as", "admin"],
        vec!["keys", "verify", &keys],
        vec!["users", "list"],
        vec!["tokens", "create", "--user", "auditor", "--name", "x"],
        vec!["devices", "list", "--as", "admin"],
        vec!["audit", "head"],
        vec!["audit", "export", &log, "--as", "auditor"],
        vec!["audit", "verify", &log],
        vec!["backup", "--output", &copy],
        vec!["migrate"],
        vec!["openapi"],
        vec!["doctor"],
        vec!["witness", "init", &saksi, "--name", "a.id/saksi"],
    ] {
        let mut command = salur(place, installation.database_url());
        let output = command.args(&words).args(["--json", "--dir"]).arg(place).output().unwrap();
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{words:?}: {:?}", ended(&output));
        let values: Vec<Result<Value, _>> = serde_json::Deserializer::from_str(&said).into_iter().collect();
        assert!(matches!(values.as_slice(), [Ok(_)]), "{words:?} said {said:?}");
    }
}
