//! A private PostgreSQL, started by the tests from Debian's binaries.
//!
//! One cluster a test process, one database a test, copied from a template that has been migrated once.
//! Nothing of a PostgreSQL that the machine may run is touched: own folder, own port on loopback.
//!
//! The whole life of a cluster is one shell script, because three things must hold together:
//! - PostgreSQL refuses to run as root, so under root the script runs as Debian's user `postgres` (`setpriv`
//!   changes the user by itself, without a session of PAM around it), and every file is that user's from the start;
//! - the server must end with the test process, also when that is killed: the script waits for the end of its
//!   standard input, which the kernel closes then (see `leash.rs` for why not otherwise);
//! - the folder must go away afterwards.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What the cluster may lose when the machine loses power. That never matters to a test which does not
/// kill PostgreSQL itself, and writing nothing to disk makes a database a test affordable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// No fsync at all.
    Quick,
    /// As an office would run it: every commit is on disk before it is acknowledged.
    Durable,
}

const SCRIPT: &str = r#"
bin=$0 port=$1 mode=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/salur-pg.XXXXXX") || exit 1
server=
trap '[ -z "$server" ] || { kill -QUIT "$server"; wait "$server"; } 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' TERM
# PIPE too: the test process may be gone already when this has something to say.
trap '' INT HUP PIPE
"$bin/initdb" -D "$dir/data" -U salur -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log"; exit 1; }
set -- -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories="$dir" -c unix_socket_permissions=0700 \
    -c max_connections=200 -c shared_buffers=64MB -c autovacuum=off -c log_min_messages=fatal
[ "$mode" = durable ] || set -- "$@" -c fsync=off -c synchronous_commit=off -c full_page_writes=off
"$bin/postgres" -D "$dir/data" "$@" >"$dir/server.log" 2>&1 </dev/null &
server=$!
until "$bin/pg_isready" -q -h "$dir" -p "$port"; do
    kill -0 "$server" 2>/dev/null || { cat "$dir/server.log"; exit 1; }
    sleep 0.02
done
echo ready 2>/dev/null
# Nothing is ever written to this pipe: `read` returns when the test process is gone.
read -r _
"#;

/// A running cluster. It ends with the value, or with the process.
#[derive(Debug)]
pub(crate) struct Cluster {
    bin: PathBuf,
    port: u16,
    keeper: Child,
    // Held open for as long as the cluster is wanted.
    lifeline: Option<ChildStdin>,
    template: OnceLock<String>,
    made: AtomicU32,
}

impl Cluster {
    /// Starts a cluster: about one second.
    pub(crate) fn start(mode: Mode) -> Self {
        let bin = newest_binaries();
        // Another process can take the port between the question and the start; then another one is asked for.
        let mut said = String::new();
        for _ in 0..5 {
            match Self::try_start(&bin, mode) {
                Ok(cluster) => return cluster,
                Err(why) => said = why,
            }
        }
        panic!("no PostgreSQL for the tests: {said}");
    }

    fn try_start(bin: &Path, mode: Mode) -> Result<Self, String> {
        use std::os::unix::process::CommandExt as _;
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
        let mut command = as_unprivileged_user("sh");
        command.args(["-c", SCRIPT]).arg(bin).arg(port.to_string());
        command.arg(if mode == Mode::Durable { "durable" } else { "quick" });
        let mut keeper = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A group of its own, so that Ctrl-C in a terminal reaches the tests first and this through the pipe.
            .process_group(0)
            .spawn()
            .map_err(|e| format!("cannot start a shell for it: {e}"))?;
        let lifeline = keeper.stdin.take();
        let mut said = String::new();
        for line in BufReader::new(keeper.stdout.take().ok_or("no output")?).lines().map_while(Result::ok) {
            if line == "ready" {
                return Ok(Self {
                    bin: bin.to_owned(),
                    port,
                    keeper,
                    lifeline,
                    template: OnceLock::new(),
                    made: AtomicU32::new(0),
                });
            }
            said.push_str(&line);
            said.push('\n');
        }
        let _ = keeper.wait();
        Err(said)
    }

    /// A new, empty database.
    pub(crate) fn empty_database(&self) -> String {
        self.create("template0")
    }

    /// A new database that is as `migrate` left the template, which is called once a cluster with its URL.
    /// `migrate` must have closed its connections when it returns.
    pub(crate) fn database(&self, migrate: impl FnOnce(&str)) -> String {
        let template = self.template.get_or_init(|| {
            let url = self.empty_database();
            migrate(&url);
            url.rsplit('/').next().unwrap_or_default().to_owned()
        });
        self.create(template)
    }

    fn create(&self, template: &str) -> String {
        let name = format!("t{}", self.made.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://salur@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL through `psql` and answers its bare output: unlike a driver, it is there whatever features the crate is built with.
    pub(crate) fn psql(&self, database: &str, sql: &str) -> String {
        let said = Command::new(self.bin.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", sql])
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|e| panic!("cannot run psql: {e}"));
        assert!(said.status.success(), "psql: {sql}\n{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let _ = self.keeper.wait();
    }
}

fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(Mode::Quick))
}

/// A migrated database of the test's own on the cluster that all tests of the process share. `migrate` is
/// called once a process: pass the same function everywhere.
#[allow(dead_code, reason = "for tests that open the store in their own process")]
pub(crate) fn database(migrate: fn(&str)) -> String {
    shared().database(migrate)
}

/// An empty database of the test's own on the same cluster, for a program that migrates by itself.
pub(crate) fn empty_database() -> String {
    shared().empty_database()
}

/// Debian keeps the binaries of every version beside each other, outside the PATH.
pub(crate) fn newest_binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter(|entry| entry.path().join("bin/initdb").exists())
        .max_by_key(|entry| entry.file_name().to_string_lossy().parse::<u32>().unwrap_or(0));
    newest.map(|entry| entry.path().join("bin")).expect("PostgreSQL's binaries are missing: run `make setup-tests`")
}

pub(crate) fn as_unprivileged_user(program: &str) -> Command {
    let id = Command::new("id").arg("-u").output().expect("id is on every system");
    if id.stdout.trim_ascii() != b"0" {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", program]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests of the cluster itself are of use only where it is wanted, and PostgreSQL is installed there.
    fn wanted() -> bool {
        std::env::var("SALUR_TEST_DB").is_ok_and(|engine| engine == "postgres")
    }

    #[test]
    fn each_test_gets_a_copy_of_the_template_and_sees_nothing_of_the_others() {
        if !wanted() {
            return;
        }
        let cluster = Cluster::start(Mode::Quick);
        let name = |url: String| url.rsplit('/').next().unwrap().to_owned();
        let migrate = |url: &str| {
            drop(cluster.psql(&name(url.to_owned()), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)"))
        };
        let first = name(cluster.database(migrate));
        cluster.psql(&first, "INSERT INTO kept VALUES (2)");
        let second = name(cluster.database(|_| panic!("the template is migrated once")));
        assert_eq!(cluster.psql(&first, "SELECT count(*) FROM kept"), "2");
        assert_eq!(cluster.psql(&second, "SELECT count(*) FROM kept"), "1");
        assert_eq!(cluster.psql(&name(cluster.empty_database()), "SELECT to_regclass('kept') IS NULL"), "t");
    }

    #[test]
    fn databases_can_be_made_from_many_threads_at_once() {
        if !wanted() {
            return;
        }
        fn migrate(_: &str) {}
        let urls: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
            let makers: Vec<_> =
                (0..8).map(|_| scope.spawn(|| Cluster::database(shared_for_this_test(), migrate))).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert_eq!(urls.len(), 8);
    }

    /// Not the suite's own cluster, whose template the suite's own migrations must fill.
    fn shared_for_this_test() -> &'static Cluster {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(|| Cluster::start(Mode::Quick))
    }

    #[test]
    fn a_durable_cluster_waits_for_the_disk_and_a_quick_one_does_not() {
        if !wanted() {
            return;
        }
        assert_eq!(Cluster::start(Mode::Durable).psql("postgres", "SHOW fsync"), "on");
        assert_eq!(Cluster::start(Mode::Quick).psql("postgres", "SHOW fsync"), "off");
    }

    #[test]
    fn a_cluster_that_is_let_go_leaves_no_server_and_no_folder() {
        if !wanted() {
            return;
        }
        let cluster = Cluster::start(Mode::Quick);
        let folder = cluster.psql("postgres", "SHOW data_directory");
        let port = cluster.port;
        assert!(Path::new(&folder).parent().unwrap().exists());
        drop(cluster);
        assert!(!Path::new(&folder).parent().unwrap().exists());
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
