//! What a command says: results on standard output, complaints on standard error.

use std::io::Write;

use serde_json::{Value, json};

use super::Fault;

/// How to answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    /// JSON in place of sentences.
    pub(super) json: bool,
}

impl Output {
    /// Says what was found: the sentences to a person, the value to a machine.
    pub(super) fn say(self, text: &str, value: &Value) -> Result<(), Fault> {
        if self.json { line(&value.to_string()) } else { line(text) }
    }

    /// Says why it did not work.
    pub(super) fn complain(self, code: &str, why: &str) {
        let text = if self.json { json!({ "code": code, "detail": why }).to_string() } else { format!("salur: {why}") };
        // Nobody is left to tell when standard error is gone too.
        drop(writeln!(std::io::stderr(), "{text}"));
    }
}

/// Writes one line to standard output.
pub(super) fn line(text: &str) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|fault| Fault::Broken(format!("standard output cannot be written: {fault}")))
}

/// Writes a file in one piece: under another name first, so that no half of it ever bears the name.
pub(super) fn write_file(path: &std::path::Path, bytes: &[u8]) -> Result<(), Fault> {
    let failed = |fault: std::io::Error| Fault::Broken(format!("{} cannot be written: {fault}", path.display()));
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    // A sheet of vouchers is as good as the goods, a list is full of names, a sealed key is a key.
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}
