"""What a server meets sooner or later, while honest desks work: slow clients, a thousand connections, a body without
an end, a flood of forged codes, a clock that jumps, a disk that fills, a database that goes away and comes back.

Limits hold, honest desks keep their answers, nothing acknowledged is lost, and the log says it in a line.
`SCENES="slow forged" python3 tests/cluster/hardship.py` plays some; the disk and the clock need root and faketime.
"""

import contextlib
import glob
import http.client
import json
import os
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid

from desks import Day, Line
from machines import PG_BIN, POSTGRES, status, until

BINARY = os.path.abspath(os.environ.get("SALUR_BIN", "target/debug/salur"))
AWAY_SECONDS = int(os.environ.get("AWAY_SECONDS", "60"))
DESKS = 4
FAULTS = []


def must(true, what):
    """Notes what is not as it must be; the other scenes are played all the same."""
    if not true:
        FAULTS.append(what)
        print("hardship:   FAULT:", what)


class Office:
    """A demonstration that is served, and honest desks at work in it."""

    def __init__(self, folder, households=800, url=None, more=None, wrap=()):
        self.folder, self.url, self.wrap = os.path.join(folder, "office"), url, list(wrap)
        self.environment = {"PATH": "/usr/bin:/bin"} | ({"SALUR_DATABASE_URL": url} if url else {}) | (more or {})
        said = subprocess.run(
            [BINARY, "demo", "--dir", self.folder, "--households", str(households), "--json"],
            env=self.environment, capture_output=True, check=False,
        )
        if said.returncode:
            sys.exit(f"hardship: no demonstration: {said.stderr.decode()[-1000:]}")
        self.demo, self.log = json.loads(said.stdout), os.path.join(folder, "serve.log")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.serve()
        self.day = Day(self.address, self.demo, 1)

    def serve(self):
        with open(self.log, "ab") as log:
            command = [*self.wrap, BINARY, "serve", "--dir", self.folder, "--listen", self.address]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        until("server", lambda: self.status("/readyz") == 200, 30)

    def status(self, path):
        return status(f"http://{self.address}{path}")

    def resident(self):
        """MiB of memory."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

    def lines(self, *words):
        """Lines of the log with all these words in them."""
        with open(self.log, errors="replace") as file:
            return [line for line in file if all(word in line for word in words)]

    def connect(self):
        host, port = self.address.split(":")
        return socket.create_connection((host, int(port)), timeout=15)

    def stored(self):
        this = self.demo["round_id"].replace("-", "")
        if self.url:
            statement = (
                "SELECT encode(id, 'hex'), encode(entitlement_id, 'hex') FROM redemptions "
                f"WHERE encode(round_id, 'hex') = '{this}'"
            )
            command = [f"{PG_BIN}/psql", "-XqAt", "-d", self.url, "-c", statement]
            said = subprocess.run(command, capture_output=True, text=True, check=True)
            rows = [line.split("|") for line in said.stdout.splitlines()]
        else:
            with contextlib.closing(sqlite3.connect(f"file:{self.folder}/salur.db?mode=ro", uri=True)) as base:
                sql = "SELECT lower(hex(id)), lower(hex(entitlement_id)) FROM redemptions WHERE lower(hex(round_id)) = ?"
                rows = base.execute(sql, (this,)).fetchall()
        return [(str(uuid.UUID(one)), entitlement) for one, entitlement in rows]

    def close(self):
        """Sends the desks home and holds their ledgers against the database."""
        self.day.end()
        stored, n = self.stored(), self.day.count()
        broken = self.day.broken_promises(stored)
        for sentence in broken[:5]:
            must(False, sentence)
        must(len(stored) == n, f"{len(stored)} stored and {n} acknowledged")
        print(f"hardship:   {n} acknowledged, {len(stored)} stored, {len(broken)} broken promises")
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=40)


def honest(office, name, seconds, slowest_allowed):
    """What the honest desks got within the last seconds."""
    now = time.monotonic()
    with office.day.lock:
        times = [when - first for *_, first, when in office.day.acknowledged.values() if when > now - seconds]
        silent = [what for when, *what in office.day.silences if when > now - seconds]
    slowest = max(times, default=float("inf"))
    print(
        f"hardship: {name}; honest desks: {len(times)} receipts, slowest {slowest * 1000:.0f} ms, "
        f"{len(silent)} without an answer, {office.resident():.0f} MiB"
    )
    must(times and slowest <= slowest_allowed, f"{name}: the slowest honest answer took {slowest:.1f} s of {slowest_allowed} s")
    must(not silent, f"{name}: honest desks got no answer: {silent[:2]}")


def slow(office):
    """Two hundred clients send their request one sign a second."""
    began, ended = time.monotonic(), []

    def crawl():
        with office.connect() as line, contextlib.suppress(OSError):
            for sign in "GET /api/v1/redemptions/x HTTP/1.1\r\nHost: salur\r\n":
                line.sendall(sign.encode())
                line.settimeout(1)
                with contextlib.suppress(socket.timeout):
                    if line.recv(100) is not None:
                        break
        ended.append(time.monotonic() - began)

    crawlers = [threading.Thread(target=crawl) for _ in range(200)]
    for one in crawlers:
        one.start()
    for one in crawlers:
        one.join()
    honest(office, f"200 slow clients, let go after {max(ended):.0f} s at most", max(ended), 2)
    must(max(ended) < 20, "a slow client is let go")


def crowd(office):
    """A thousand connections that say nothing more."""
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(office.connect()) for _ in range(1000)]
        for line in lines:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: salur\r\n\r\n")
        answered = sum(line.recv(200).startswith(b"HTTP/1.1 200") for line in lines)
        time.sleep(10)
        honest(office, f"a thousand connections, {answered} answered", 10, 2)
        must(answered == 1000, f"{answered} of a thousand were answered")


def endless(office):
    """Bodies without an end: one as fast as it goes, fifty that trickle."""
    token = next(iter(office.demo["device_tokens"].values()))
    head = f"POST /api/v1/redemptions HTTP/1.1\r\nHost: salur\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    before, sent, answer = office.resident(), 0, b""
    with office.connect() as line:
        line.sendall(head.encode())
        with contextlib.suppress(OSError):
            while sent < 200 << 20 and not select.select([line], [], [], 0)[0]:
                line.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
                sent += 65536
        with contextlib.suppress(OSError):
            answer = line.recv(200)
    grown, ended = office.resident() - before, []

    def trickle():
        began = time.monotonic()
        with office.connect() as line, contextlib.suppress(OSError):
            line.sendall(head.encode())
            line.settimeout(1)
            while time.monotonic() < began + 45:
                line.sendall(b"1\r\n{\r\n")
                with contextlib.suppress(socket.timeout):
                    if line.recv(100) is not None:
                        break
        ended.append(time.monotonic() - began)

    tricklers = [threading.Thread(target=trickle) for _ in range(50)]
    for one in tricklers:
        one.start()
    for one in tricklers:
        one.join()
    word = answer.split(b"\r\n")[0].decode() or "the line cut"
    honest(office, f"a body without an end: {word} after {sent >> 20} MiB; 50 that trickle, held for {max(ended):.0f} s", max(ended), 2)
    must(sent < 32 << 20 and grown < 64, f"{sent >> 20} MiB taken, {grown:.0f} MiB of memory")
    # That a body trickles for as long as it likes is the proxy's to end (`option http-buffer-request`); here it must only
    # cost nobody else anything, which `honest` has looked at.


def forged(office):
    """Codes with a spoilt signature, as fast as they go: from a device, and from nobody."""
    code = next(iter(office.day.vouchers()))["code"]
    bad = code[:-8] + ("A" if code[-8] != "A" else "B") + code[-7:]
    token, end, seen = next(iter(office.demo["device_tokens"].values())), time.monotonic() + 10, {}

    def flood(token):
        line = Line(office.address, token)
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, said = line.call("POST", "/redemptions", {"id": str(uuid.uuid4()), "code": bad})
                key = f"{status} {said.get('code')}"
                seen[key] = seen.get(key, 0) + 1

    floods = [threading.Thread(target=flood, args=(one,)) for one in (token, token, token, "", "")]
    for one in floods:
        one.start()
    for one in floods:
        one.join()
    honest(office, f"a flood of forged codes: {seen}", 10, 3)
    must(set(seen) <= {"422 forged", "401 not_signed_in", "429 too_many_requests"}, f"forged codes: {seen}")


def clock(folder):
    """The clock of the server jumps two hours forward, and back again hour by hour."""
    file = os.path.join(folder, "clock")

    def jump(offset):
        with open(file, "w") as target:
            target.write(offset + "\n")

    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
    if library is None:
        sys.exit("hardship: faketime is missing: apt-get install faketime, or leave the scene `clock` out")
    jump("+0")
    more = {"FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    office = Office(folder, 800, wrap=["/usr/bin/env", f"LD_PRELOAD={library}"], more=more)
    office.day.begin(DESKS)
    time.sleep(5)
    for offset in ("+2h", "+1h", "+0"):
        jump(offset)
        time.sleep(8)
        honest(office, f"the clock jumps to {offset}", 7, 2)
    office.close()


def disk(folder):
    """The disk fills while desks work, also for the log, and has room again."""
    mount = os.path.join(folder, "disk")
    os.mkdir(mount)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", mount], check=True)
    try:
        office = Office(mount, 800)
        office.day.begin(DESKS)
        time.sleep(5)
        ballast = os.path.join(mount, "ballast")
        with open(ballast, "wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 65536)
        full = time.monotonic()
        time.sleep(15)
        health, ready = office.status("/healthz"), office.status("/readyz")
        with office.day.lock:
            said = {f"{status} {what}"[:90] for when, status, what in office.day.silences if when > full}
        during = sum(when > full + 2 for *_, when in office.day.acknowledged.values())
        os.remove(ballast)
        free, before = time.monotonic(), office.day.count()
        until("handouts after the disk has room again", lambda: office.day.count() > before + 20, 60)
        print(
            f"hardship: a full disk for 15 s: {during} receipts meanwhile, {said or 'every request was answered'}; healthz {health}, "
            f"readyz {ready}; with room again, 20 receipts after {time.monotonic() - free:.1f} s"
        )
        must(health == 200, f"healthz says {health} on a full disk")
        must(all(one.startswith("503") for one in said), f"on a full disk: {said}")
        must(ready == 503 or during, "nothing is handed out, and readyz says that the server can work")
        office.close()
    finally:
        subprocess.run(["umount", "-l", mount], check=False)


def away(folder):
    """PostgreSQL is stopped, and started again a minute later."""
    data = os.path.join(folder, "pg")
    os.mkdir(data, 0o700)
    os.chmod(folder, 0o755)
    shutil.chown(data, POSTGRES)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    same = {} if os.geteuid() else {"user": POSTGRES, "group": POSTGRES, "extra_groups": []}
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={data}"

    def pg(*command):
        # pg_ctl leaves a server behind that would hold a pipe open for ever.
        with open(f"{folder}/pg.log", "ab") as log:
            said = subprocess.run(command, cwd="/", stdout=log, stderr=log, **same, check=False)
        if said.returncode:
            sys.exit(f"hardship: {command} failed: {open(log.name).read()[-500:]}")

    def start():
        pg(f"{PG_BIN}/pg_ctl", "-D", f"{data}/d", "-w", "-l", f"{data}/log", "-o", options, "start")

    pg(f"{PG_BIN}/initdb", "-D", f"{data}/d", "-U", "salur", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    start()
    try:
        url = f"postgres://salur@127.0.0.1:{port}/salur"
        pg(f"{PG_BIN}/createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "salur", "salur")
        office = Office(folder, 1200, url=url)
        office.day.begin(DESKS)
        time.sleep(5)
        pg(f"{PG_BIN}/pg_ctl", "-D", f"{data}/d", "-w", "-m", "immediate", "stop")
        gone, lines = time.monotonic(), len(office.lines(""))
        time.sleep(3)
        asked = time.monotonic()
        ready, took = office.status("/readyz"), time.monotonic() - asked
        health = office.status("/healthz")
        time.sleep(max(0, AWAY_SECONDS - (time.monotonic() - gone)))
        with office.day.lock:
            unanswered = len(office.day.silences)
        new = office.lines("")[lines:]
        other = [line for line in new if "answered" not in line and "a request failed" not in line]
        start()
        back, before = time.monotonic(), office.day.count()
        until("handouts after the database is back", lambda: office.day.count() > before + 20, 60)
        late = time.monotonic() - back
        print(
            f"hardship: the database away for {AWAY_SECONDS} s: healthz {health}, readyz {ready or 'silent'} after {took:.1f} s; "
            f"{unanswered} requests told to come again, {len(new)} lines in the log, {len(other)} of them of the database; "
            f"back: 20 receipts after {late:.1f} s"
        )
        must(health == 200 and ready == 503, f"healthz {health}, readyz {ready}")
        must(len(other) <= 5, f"the log says {len(other)} times that the database is away: {other[:1]}")
        must(late < 20, f"{late:.1f} s until desks were served again")
        office.close()
    finally:
        pg(f"{PG_BIN}/pg_ctl", "-D", f"{data}/d", "-m", "immediate", "stop")


def main():
    together, alone = (slow, crowd, endless, forged), (clock, disk, away)
    names = [scene.__name__ for scene in together + alone]
    wanted = os.environ.get("SCENES", " ".join(names)).split()
    if strange := set(wanted) - set(names):
        sys.exit(f"hardship: no scene {strange}; there are {names}")
    if chosen := [scene for scene in together if scene.__name__ in wanted]:
        with tempfile.TemporaryDirectory(prefix="salur-hardship.") as folder:
            office = Office(folder, 3000)
            office.day.begin(DESKS)
            time.sleep(3)
            for scene in chosen:
                scene(office)
            office.close()
    for scene in alone:
        if scene.__name__ in wanted:
            with tempfile.TemporaryDirectory(prefix="salur-hardship.") as folder:
                scene(folder)
    print(f"hardship: {len(wanted)} scenes, {len(FAULTS)} faults")
    sys.exit(bool(FAULTS))


main()
