//! Two PostgreSQL clusters, the second a synchronous standby of the first: every commit waits until both have it
//! on disk. The first can die as a machine dies, and the second takes over.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::postgres::{as_unprivileged_user, newest_binaries};

const SCRIPT: &str = r#"
bin=$0 first=$1 second=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/salur-pair.XXXXXX") || exit 1
A= B=
trap 'for one in $A $B; do kill -9 "$one" $(pgrep -P "$one"); done 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' TERM
trap '' INT HUP PIPE
"$bin/initdb" -D "$dir/a" -U salur -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
cat >>"$dir/a/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 100
shared_buffers = 32MB
autovacuum = off
log_min_messages = fatal
synchronous_standby_names = '*'
CONF
ready() { until "$bin/pg_isready" -q -h 127.0.0.1 -p "$1"; do kill -0 "$2" 2>/dev/null || { cat "$dir/log"; exit 1; }; sleep 0.05; done; }
setsid "$bin/postgres" -D "$dir/a" -p "$first" >>"$dir/log" 2>&1 </dev/null &
A=$!
ready "$first" "$A"
"$bin/pg_basebackup" -D "$dir/b" -h 127.0.0.1 -p "$first" -U salur -R -X stream -c fast >>"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
setsid "$bin/postgres" -D "$dir/b" -p "$second" >>"$dir/log" 2>&1 </dev/null &
B=$!
ready "$second" "$B"
echo ready
while read -r word; do
    case $word in
    # Each process of a cluster leads a group of its own, so all are named.
    die) kill -9 "$A" $(pgrep -P "$A") 2>/dev/null; wait "$A" 2>/dev/null; A= ;;
    # The one that takes over is alone: it must not wait for a standby of its own.
    promote)
        echo "synchronous_standby_names = ''" >>"$dir/b/postgresql.conf"
        "$bin/pg_ctl" promote -D "$dir/b" -w -t 60 >>"$dir/log" 2>&1 || cat "$dir/log"
        "$bin/pg_ctl" reload -D "$dir/b" >>"$dir/log" 2>&1 || cat "$dir/log" ;;
    pause) kill -STOP "$B" $(pgrep -P "$B") ;;
    *) break ;;
    esac
    echo "$word"
done
"#;

#[derive(Debug)]
pub(crate) struct Pair {
    keeper: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    ports: [u16; 2],
}

impl Pair {
    pub(crate) fn start() -> Self {
        use std::os::unix::process::CommandExt as _;
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (one, two) = (free(), free());
        let ports = [&one, &two].map(|listener| listener.local_addr().unwrap().port());
        drop((one, two));
        let mut command: Command = as_unprivileged_user("bash");
        command.args(["-c", SCRIPT]).arg(newest_binaries()).args(ports.map(|port| port.to_string()));
        let mut keeper =
            command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).spawn().unwrap();
        let stdin = keeper.stdin.take();
        let stdout = BufReader::new(keeper.stdout.take().unwrap());
        let mut pair = Self { keeper, stdin, stdout, ports };
        pair.hear("ready");
        pair
    }

    fn hear(&mut self, wanted: &str) {
        let mut said = String::new();
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert!(read > 0, "the pair of clusters ended: {said}");
            if line.trim() == wanted {
                return;
            }
            said.push_str(&line);
        }
    }

    fn tell(&mut self, word: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{word}").unwrap();
        self.hear(word);
    }

    /// The first dies, with everything that runs in it.
    pub(crate) fn die(&mut self) {
        self.tell("die");
    }

    /// The second takes over.
    pub(crate) fn promote(&mut self) {
        self.tell("promote");
    }

    /// The second stands still: whatever waits for it goes on waiting.
    pub(crate) fn pause(&mut self) {
        self.tell("pause");
    }

    /// A database on whichever of the two takes writes.
    pub(crate) fn url(&self, database: &str) -> String {
        let [first, second] = self.ports;
        format!("postgres://salur@127.0.0.1:{first},127.0.0.1:{second}/{database}?target_session_attrs=read-write")
    }

    /// Runs SQL on the first (0) or the second (1).
    pub(crate) fn psql(&self, which: usize, database: &str, sql: &str) -> String {
        let url = format!("postgres://salur@127.0.0.1:{}/{database}", self.ports[which]);
        let said = Command::new(newest_binaries().join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", sql])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(said.status.success(), "psql: {sql}\n{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.keeper.wait();
    }
}
