"""The machines of the cluster, each an address of the loopback network, run from the files of assets/ops/cluster.

A database machine is one etcd, one Patroni and the PostgreSQL that Patroni starts. `kill` ends all of it as a power
cut would: SIGKILL to every process at once, the storage left as it is.
"""

import glob
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

OPS = os.path.join(os.path.dirname(__file__), "..", "..", "assets", "ops", "cluster")
NETWORK = "127.77.0"
PROXY = f"{NETWORK}.10"
SALUR = {"salur1": f"{NETWORK}.11:8080", "salur2": f"{NETWORK}.12:8080"}
POSTGRES = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
PG_BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))[-1]


def until(what, found, seconds):
    """Waits until `found()` is true, and returns that; a sentence when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.1)
    raise SystemExit(f"cluster: after {seconds} s there is still no {what}")


def status(url):
    """The status of an answer; 0 when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return 0


class Machine:
    """A database machine."""

    def __init__(self, cluster, name, address):
        self.cluster, self.name, self.address = cluster, name, address
        self.state = os.path.join(cluster.folder, name)
        self.running = []
        cluster.make_folder(self.state)
        for file in ("etcd.env", "patroni.yml", "bootstrap.sh"):
            cluster.write(self.state, file, NODE=name, ADDRESS=address, STATE=self.state, CONFIG=self.state)

    def start(self):
        with open(f"{self.state}/etcd.env") as file:
            lines = [line.strip() for line in file if not line.startswith("#")]
        etcd = dict(line.split("=", 1) for line in lines)
        self.running = [
            self.cluster.spawn(self.name, ["etcd", "--log-level", "error"], etcd),
            self.cluster.spawn(
                self.name,
                ["patroni", f"{self.state}/patroni.yml"],
                {"SALUR_DB_PASSWORD": self.cluster.passwords["SALUR"]},
            ),
        ]

    def answers(self, path):
        """Whether Patroni answers 200 there: /primary, /sync, /replica …"""
        return status(f"http://{self.address}:8008{path}") == 200

    def kill(self):
        try:
            with open(f"{self.state}/data/postmaster.pid") as file:
                postmaster = int(file.readline())
            found = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False)
            database = [postmaster, *map(int, found.stdout.split())]
        except (OSError, ValueError):
            database = []
        for pid in [process.pid for process in self.running] + database:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for process in self.running:
            process.wait()
        self.running = []


class Cluster:
    """Three database machines, and the proxy and the pooler before them. Gone when the block ends."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="salur-cluster.")
        shutil.chown(self.folder, POSTGRES)
        os.chmod(self.folder, 0o711)
        kinds = ("SUPERUSER", "REPLICATION", "REWIND", "SALUR")
        self.passwords = {kind: secrets.token_hex(16) for kind in kinds}
        self.others = {}
        self.machines = [Machine(self, f"db{i}", f"{NETWORK}.{i}") for i in (1, 2, 3)]
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            self.show_logs()
        for process in self.others.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        for machine in self.machines:
            machine.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def show_logs(self):
        for path in sorted(glob.glob(f"{self.folder}/*.log")):
            with open(path, errors="replace") as file:
                print(f"---- {os.path.basename(path)}", *file.read().splitlines()[-15:], sep="\n")

    def make_folder(self, path):
        os.mkdir(path, 0o700)
        shutil.chown(path, POSTGRES)

    def write(self, folder, file, **values):
        """A file of assets/ops/cluster with its @NAMES@ filled in, readable to PostgreSQL's user alone."""
        with open(os.path.join(OPS, file)) as source:
            text = source.read()
        values |= {"PROXY": PROXY, "NETWORK": "127.0.0.0/8", "PG_BIN": PG_BIN}
        values |= {name.upper(): address for name, address in SALUR.items()}
        values |= {f"DB{i}": f"{NETWORK}.{i}" for i in (1, 2, 3)}
        values |= {f"{kind}_PASSWORD": word for kind, word in self.passwords.items()}
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        path = os.path.join(folder, file)
        with open(path, "w") as target:
            target.write(text)
        os.chmod(path, 0o600)
        shutil.chown(path, POSTGRES)
        return path

    def spawn(self, name, command, more=None, user=POSTGRES):
        """Starts a process in a session of its own; what it says goes into NAME.log."""
        log = open(f"{self.folder}/{name}.log", "ab")
        same = {} if os.geteuid() or user is None else {"user": user, "group": user, "extra_groups": []}
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": self.folder} | (more or {})
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=self.folder, start_new_session=True, **same,
        )

    def start(self):
        for machine in self.machines:
            machine.start()
        front = f"{self.folder}/front"
        self.make_folder(front)
        proxy = self.write(front, "haproxy.cfg")
        self.others["haproxy"] = self.spawn("haproxy", ["haproxy", "-db", "-f", proxy])
        users = f"{front}/userlist.txt"
        with open(users, "w") as file:
            file.write(f'"salur" "{self.passwords["SALUR"]}"\n')
        os.chmod(users, 0o600)
        shutil.chown(users, POSTGRES)
        pooler = self.write(front, "pgbouncer.ini", CONFIG=front, STATE=front)
        self.others["pgbouncer"] = self.spawn("pgbouncer", ["pgbouncer", pooler])
        until("leader with a synchronous standby", lambda: self.primary() and self.standby(), 180)
        until("database of Salur", lambda: self.sql("SELECT 1 FROM pg_database WHERE datname = 'salur'", "postgres"), 30)

    def primary(self):
        return next((machine for machine in self.machines if machine.answers("/primary")), None)

    def standby(self):
        return next((machine for machine in self.machines if machine.answers("/sync")), None)

    def url(self, port):
        """Salur's database behind the proxy (5000), or behind the pooler and the proxy (6432)."""
        return f"postgres://salur:{self.passwords['SALUR']}@{PROXY}:{port}/salur"

    def sql(self, statement, database="salur"):
        """Rows of text from whoever leads, each a list."""
        environment = {"PGPASSWORD": self.passwords["SUPERUSER"], "PGCONNECT_TIMEOUT": "3", "PATH": "/usr/bin"}
        command = [f"{PG_BIN}/psql", "-XqAt", "-h", PROXY, "-p", "5000", "-U", "postgres", "-d", database, "-c", statement]
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return [line.split("|") for line in said.stdout.splitlines()] if said.returncode == 0 else []

    def serve(self, name, binary, port):
        """One of Salur's servers, on the database at that port. Both share a folder, and with it the facts outside."""
        self.others[name] = self.spawn(
            name,
            [binary, "serve", "--dir", f"{self.folder}/office", "--listen", SALUR[name], "--trusted-proxies", PROXY],
            {"SALUR_DATABASE_URL": self.url(port)},
            user=None,
        )
        until(f"{name}", lambda: status(f"http://{SALUR[name]}/readyz") == 200, 30)

    def demo(self, binary, households, seed):
        """A demonstration on the cluster's database."""
        said = subprocess.run(
            [binary, "demo", "--dir", f"{self.folder}/office", "--households", str(households), "--seed", str(seed), "--json"],
            env={"PATH": "/usr/bin:/bin", "SALUR_DATABASE_URL": self.url(5000)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
        )
        if said.returncode:
            raise SystemExit(f"cluster: no demonstration: {said.stderr.decode()[-2000:]}")
        return json.loads(said.stdout)
