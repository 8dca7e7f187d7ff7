//! Devices as processes of the real program, each in a folder of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::Client;
use super::installation::{Installation, salur};
use super::leash::Leash;

/// How long a device may take to answer one code, with a server in between that is killed now and then.
const ANSWER_AT_MOST: Duration = Duration::from_secs(180);

/// What a command said: its exit code, its JSON, and its complaint.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) body: Value,
    pub(crate) complaint: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            body: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            complaint: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The body of a command that did what it should.
    pub(crate) fn done(self) -> Value {
        assert_eq!(self.code, Some(0), "{} {}", self.body, self.complaint);
        self.body
    }

    pub(crate) fn verdict(&self) -> &str {
        self.body["verdict"].as_str().unwrap_or("")
    }
}

/// An enrolled device.
#[derive(Debug)]
pub(crate) struct Unit {
    dir: TempDir,
    pub(crate) point: String,
    pub(crate) id: String,
}

/// A device's command in a folder: `salur device … --json`.
pub(crate) fn device(dir: &Path, args: &[&str]) -> Command {
    let mut command = salur(dir, None);
    command.arg("device").args(args).arg("--dir").arg(dir).arg("--json");
    command
}

impl Unit {
    /// Enrols a device at a point, and signs the point's operator on.
    pub(crate) fn enrol(installation: &Installation, base: &str, point: (&str, &str), name: &str) -> Self {
        let (point_id, code) = point;
        let office = Client::new(installation.token("coordinator"));
        let invited = office.post(base, "/enrolments", &json!({ "name": name, "point_id": point_id })).unwrap();
        assert_eq!(invited.status, 201, "{}", invited.body);
        let dir = tempfile::Builder::new().prefix("salur-unit-").tempdir().unwrap();
        let invitation = invited.body["code"].as_str().unwrap();
        let enrol =
            || Said::of(&device(dir.path(), &["enrol", "--server", base, "--code", invitation]).output().unwrap());
        let id = unhurried(enrol).done()["device_id"].as_str().unwrap().to_owned();
        let unit = Self { dir, point: code.to_owned(), id };
        let who = installation.operator(code);
        let password = format!("{}\n", who["password"].as_str().unwrap());
        unhurried(|| unit.call_with(&["operator", who["username"].as_str().unwrap()], &password)).done();
        unit
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn call(&self, args: &[&str]) -> Said {
        Said::of(&device(self.dir(), args).output().unwrap())
    }

    pub(crate) fn call_with(&self, args: &[&str], input: &str) -> Said {
        let mut child = device(self.dir(), args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Said::of(&child.wait_with_output().unwrap())
    }

    /// Starts `salur device run`.
    pub(crate) fn run(&self, args: &[&str]) -> Running {
        let log = std::fs::File::options().create(true).append(true).open(self.dir().join("run.log")).unwrap();
        let mut child = device(self.dir(), &[&["run"], args].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let leash = Leash::on(child.id());
        let (tell, lines) = mpsc::channel();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Ok(value) = serde_json::from_str::<Value>(&line)
                    && value.get("verdict").is_some()
                    && tell.send(value).is_err()
                {
                    break;
                }
            }
        });
        Running { stdin: child.stdin.take(), child, lines, leash: Some(leash) }
    }
}

/// A fleet that is enrolled from one address meets the limits that keep guessers away: it asks again a little later.
#[expect(clippy::disallowed_methods, reason = "the limit is one a minute, and nobody tells when it is over")]
fn unhurried(ask: impl Fn() -> Said) -> Said {
    for _ in 0..120 {
        let said = ask();
        if !said.complaint.contains("too_many_requests") {
            return said;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    ask()
}

/// Copies a folder with the files in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().flatten().filter(|file| file.path().is_file()) {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    to.to_owned()
}

/// A device at work.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: mpsc::Receiver<Value>,
    leash: Option<Leash>,
}

impl Running {
    /// Somebody shows a paper: one line in, one verdict out.
    pub(crate) fn scan(&mut self, code: &str) -> Value {
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{code}").and_then(|()| stdin.flush()).unwrap();
        self.lines.recv_timeout(ANSWER_AT_MOST).expect("the device answers every code")
    }

    /// The day is over.
    pub(crate) fn end(mut self) {
        drop(self.stdin.take());
        let status = self.child.wait().unwrap();
        if let Some(leash) = self.leash.take() {
            leash.take_off();
        }
        assert!(status.success(), "a device ended with {status}");
    }
}
