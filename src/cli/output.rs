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

/// Reads a file that the command names. One that is not there, or is not for this reader, was named wrongly.
pub(super) fn read_file(path: &std::path::Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|fault| unreadable(path, &fault))
}

/// The folder or file that the command names is there.
pub(super) fn must_be_there(path: &std::path::Path) -> Result<(), Fault> {
    std::fs::metadata(path).map(drop).map_err(|fault| unreadable(path, &fault))
}

/// Why a file that the command names cannot be read.
pub(super) fn unreadable(path: &std::path::Path, fault: &std::io::Error) -> Fault {
    use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied};
    let named = vec![("path", path.display().to_string()), ("why", fault.to_string())];
    match fault.kind() {
        NotFound => Fault::Usage("cli-no-file", named),
        IsADirectory | NotADirectory | PermissionDenied => Fault::Usage("cli-unreadable", named),
        _ => Fault::Unable("cli-unreadable", named),
    }
}

/// Why a file or a folder cannot be made.
pub(super) fn unwritable(path: &std::path::Path, fault: &std::io::Error) -> Fault {
    Fault::Unable("cli-unwritable", vec![("path", path.display().to_string()), ("why", fault.to_string())])
}

/// Writes a file in one piece: under another name first, so that no half of it ever bears the name.
pub(super) fn write_file(path: &std::path::Path, bytes: &[u8]) -> Result<(), Fault> {
    let failed = |fault: std::io::Error| unwritable(path, &fault);
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
