//! Tidiness that no compiler checks: which room of the house may mention which, how long a file may be,
//! what may lie in the repository. Reads the text of the files; a rule is a function that answers the
//! violations it found, and each has a test beside it that a planted violation is caught.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "tidy/manual.rs"]
mod manual;
#[path = "tidy/packages.rs"]
mod packages;
#[path = "tidy/repository.rs"]
mod repository;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/source.rs"]
mod source;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file of the repository, by its path from the top with `/` between the parts.
#[derive(Debug, Clone)]
struct Text {
    path: String,
    text: String,
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What git tracks, or would with the next `git add`: an ignored file is nobody's business here.
fn paths() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
        .current_dir(top())
        .output()
        .ok()
        .filter(|said| said.status.success() && !said.stdout.is_empty());
    let mut paths = match listed {
        Some(said) => {
            let listed = String::from_utf8_lossy(&said.stdout);
            // A file that was just deleted is still in git's index.
            listed.split_terminator('\0').filter(|path| top().join(path).is_file()).map(str::to_owned).collect()
        }
        // An unpacked archive has no git: then everything but what a build leaves behind.
        None => walk(top()),
    };
    paths.sort();
    paths
}

fn walk(dir: &Path) -> Vec<String> {
    let built = ["target", "node_modules", "dist", "demo", ".git"];
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path: PathBuf = entry.path();
        if path.is_dir() {
            if !built.contains(&entry.file_name().to_string_lossy().as_ref()) {
                found.extend(walk(&path));
            }
        } else {
            found.push(path.strip_prefix(top()).unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

/// Every text file of the repository; what is not UTF-8 or holds a zero byte is no text.
fn texts() -> Vec<Text> {
    let read = |path: String| {
        let text = String::from_utf8(std::fs::read(top().join(&path)).ok()?).ok()?;
        (!text.contains('\0')).then_some(Text { path, text })
    };
    paths().into_iter().filter_map(read).collect()
}

/// Fails with all violations, one a line.
fn none(rule: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{rule}\n  {}\n", violations.join("\n  "));
}

/// For the tests of the rules: a file that does not exist.
#[cfg(test)]
fn planted(path: &str, text: &str) -> Vec<Text> {
    vec![Text { path: path.to_owned(), text: text.to_owned() }]
}
