//! An installation of the real program: a folder with a demonstration in it, and its server as a process.
//! The process can be killed and started again, which is what sets this apart from a server in-process.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::client::Client;
use super::leash::Leash;
use super::postgres;

/// How long a server may take to answer after a start, recovery after `kill -9` included.
const START_AT_MOST: Duration = Duration::from_secs(60);

/// A voucher as the issuer's list gives it.
#[derive(Debug, Clone)]
pub(crate) struct Voucher {
    pub(crate) entitlement_id: String,
    pub(crate) code: String,
    pub(crate) typed_code: String,
    pub(crate) household: String,
    pub(crate) point: String,
    pub(crate) state: String,
    pub(crate) print_no: i64,
}

/// A demonstration with its database; removed with the value.
#[derive(Debug)]
pub(crate) struct Installation {
    dir: TempDir,
    database_url: Option<String>,
    demo: Value,
}

impl Installation {
    /// `salur demo` into a new folder, on the engine that `SALUR_TEST_DB` names.
    pub(crate) fn demo(households: u32, seed: u64) -> Self {
        let database_url = match std::env::var("SALUR_TEST_DB").as_deref() {
            Err(_) | Ok("sqlite") => None,
            Ok("postgres") => Some(postgres::empty_database()),
            Ok(other) => panic!("SALUR_TEST_DB is {other}: it can be sqlite or postgres"),
        };
        Self::demo_in(households, seed, database_url)
    }

    /// `salur demo` into this empty PostgreSQL database.
    pub(crate) fn demo_at(households: u32, seed: u64, database_url: String) -> Self {
        Self::demo_in(households, seed, Some(database_url))
    }

    fn demo_in(households: u32, seed: u64, database_url: Option<String>) -> Self {
        let dir = tempfile::Builder::new().prefix("salur-suite-").tempdir().unwrap();
        let made = salur(dir.path(), database_url.as_deref())
            .args(["demo", "--dir"])
            .arg(dir.path())
            .args(["--households", &households.to_string(), "--seed", &seed.to_string(), "--json"])
            .output()
            .unwrap();
        assert!(made.status.success(), "salur demo: {}\n{}", made.status, String::from_utf8_lossy(&made.stderr));
        let demo = serde_json::from_slice(&made.stdout)
            .unwrap_or_else(|e| panic!("salur demo --json: {e}\n{}", String::from_utf8_lossy(&made.stdout)));
        Self { dir, database_url, demo }
    }

    /// Starts the server and waits until it says where it listens.
    pub(crate) fn serve(&self) -> Server {
        Server::start(salur(self.dir.path(), self.database_url.as_deref()), self.dir.path())
    }

    /// The same with settings of its own.
    pub(crate) fn serve_with(&self, settings: &[(&str, &str)]) -> Server {
        let mut command = salur(self.dir.path(), self.database_url.as_deref());
        command.envs(settings.iter().copied());
        Server::start(command, self.dir.path())
    }

    /// Runs a command of the program on this installation: its exit code and what it said.
    pub(crate) fn command(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = salur(self.dir.path(), self.database_url.as_deref());
        let done = command.args(arguments).arg("--dir").arg(self.dir.path()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        (done.status.code().unwrap_or(-1), said)
    }

    /// Starts the server under another program, such as strace; `None` when it ends before it listens.
    pub(crate) fn try_serve_under(&self, program: &[&str]) -> Option<Server> {
        let own = salur(self.dir.path(), self.database_url.as_deref());
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(own.get_program()).current_dir(self.dir.path()).stdin(Stdio::null());
        for (name, value) in own.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Server::try_start(command, self.dir.path()).ok()
    }

    /// Runs a command on the installation to its end.
    pub(crate) fn run(&self, words: &[&str]) -> std::process::Output {
        salur(self.dir.path(), self.database_url.as_deref())
            .args(words)
            .arg("--dir")
            .arg(self.dir.path())
            .output()
            .unwrap()
    }

    pub(crate) fn round(&self) -> &str {
        self.demo["round_id"].as_str().expect("the demonstration names its round")
    }

    /// The token of an office role, `issuer` for one.
    pub(crate) fn token(&self, role: &str) -> &str {
        self.demo["tokens"][role].as_str().unwrap_or_else(|| panic!("the demonstration has no token for {role}"))
    }

    pub(crate) fn programme(&self) -> &str {
        self.demo["programme_id"].as_str().expect("the demonstration names its programme")
    }

    /// Where its database and its files are.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The address of its database, when that is not in its folder.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.database_url.as_deref()
    }

    /// A name and a password of somebody with this role.
    pub(crate) fn credentials(&self, role: &str) -> Value {
        let users = self.demo["users"].as_array().expect("the demonstration lists its users");
        let user = users.iter().find(|user| user["role"] == role).unwrap_or_else(|| panic!("no user is {role}"));
        serde_json::json!({ "username": user["username"], "password": user["password"] })
    }

    /// From now on the installation uses this database.
    pub(crate) fn move_to(&mut self, database_url: String) {
        self.database_url = Some(database_url);
    }

    /// Name and password of the operator of a point.
    pub(crate) fn operator(&self, point: &str) -> Value {
        let users = self.demo["users"].as_array().expect("the demonstration lists its users");
        let username = format!("petugas-{}", point.to_lowercase());
        let user = users.iter().find(|user| user["username"] == username.as_str());
        user.unwrap_or_else(|| panic!("no operator at {point}")).clone()
    }

    /// The token of the device that stands at a point.
    pub(crate) fn device_token(&self, point: &str) -> &str {
        self.demo["device_tokens"][point]
            .as_str()
            .unwrap_or_else(|| panic!("the demonstration has no device at {point}"))
    }

    /// Every voucher of the round, over all pages.
    pub(crate) fn vouchers(&self, base: &str) -> Vec<Voucher> {
        let issuer = Client::new(self.token("issuer"));
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let page = issuer.get(base, &format!("/rounds/{}/vouchers?limit=500{after}", self.round())).unwrap();
            assert_eq!(page.status, 200, "the list of vouchers: {}", page.body);
            let word = |item: &Value, name: &str| {
                item[name].as_str().unwrap_or_else(|| panic!("a voucher without {name}: {item}")).to_owned()
            };
            all.extend(page.body["items"].as_array().unwrap().iter().map(|item| Voucher {
                entitlement_id: word(item, "entitlement_id"),
                code: word(item, "code"),
                typed_code: word(item, "typed_code"),
                household: word(item, "household"),
                point: word(item, "point"),
                state: word(item, "state"),
                print_no: item["print_no"].as_i64().unwrap_or_else(|| panic!("a voucher without print_no: {item}")),
            }));
            match page.body["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }
}

/// The program with nothing of the caller's own settings, so that a test cannot reach another database.
pub(crate) fn salur(dir: &Path, database_url: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_salur"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SALUR_")) {
        command.env_remove(name);
    }
    if let Some(url) = database_url {
        command.env("SALUR_DATABASE_URL", url);
    }
    command.current_dir(dir).stdin(Stdio::null());
    command
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    base: String,
    child: Child,
    leash: Option<Leash>,
    log: PathBuf,
}

impl Server {
    fn start(command: Command, dir: &Path) -> Self {
        Self::try_start(command, dir)
            .unwrap_or_else(|(why, log)| panic!("salur serve never said where it listens ({why}); its log:\n{log}"))
    }

    fn try_start(mut command: Command, dir: &Path) -> Result<Self, (mpsc::RecvTimeoutError, String)> {
        command.args(["serve", "--dir"]).arg(dir);
        Self::try_listen(command, dir)
    }

    /// A witness that serves from its own folder.
    pub(crate) fn witness(dir: &Path, folder: &Path) -> Self {
        let mut command = salur(dir, None);
        command.args(["witness", "serve"]).arg(folder);
        Self::try_listen(command, folder).unwrap_or_else(|(why, log)| panic!("{why}; its log:\n{log}"))
    }

    fn try_listen(mut command: Command, dir: &Path) -> Result<Self, (mpsc::RecvTimeoutError, String)> {
        use std::os::unix::process::CommandExt as _;
        let log = dir.join("serve.log");
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(file)
            // A group of its own: whoever runs the server under another program ends both.
            .process_group(0)
            .spawn()
            .unwrap();
        let leash = Leash::on(child.id());
        let stdout = child.stdout.take().unwrap();
        let (tell, told) = mpsc::channel();
        // Reads on to the end, for a server whose standard output is full would stand still.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((_, base)) = line.split_once("listening on ") {
                    let _ = tell.send(base.trim_end_matches('/').to_owned());
                }
            }
        });
        let base = told.recv_timeout(START_AT_MOST);
        let mut server = Self { base: String::new(), child, leash: Some(leash), log };
        match base {
            Ok(base) => server.base = base,
            Err(why) => return Err((why, server.log())),
        }
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`, another port after each start.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// What the server and its predecessors in the same folder wrote to standard error.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// SIGKILL, and waits until the process is gone: no destructor, no flush, no goodbye.
    pub(crate) fn kill_nine(&mut self) {
        self.end();
    }

    fn end(&mut self) {
        // The whole group at once: under strace the server would outlive it.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
        if let Some(leash) = self.leash.take() {
            leash.take_off();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
