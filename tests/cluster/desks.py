"""Desks that redeem over HTTP, each with a ledger of its own: what was acknowledged to them, and when.

A desk that got no answer asks again with the same id and the same body until it gets one, as a scanner does. Two
desks want each voucher. What a ledger says is held against the installation afterwards.
"""

import http.client
import json
import queue
import random
import threading
import time
import uuid

# Between two people, so that a day lasts longer than the failovers that happen in it.
PAUSE_SECONDS = 0.1
# A desk looks again at the network when nothing has come for so long.
PATIENCE_SECONDS = 10


class Line:
    """A connection to the installation that is made anew when it breaks."""

    def __init__(self, address, token):
        self.address, self.token, self.open = address, token, None

    def call(self, method, path, body=None):
        """The status and the answer; `OSError` or `HTTPException` when there is none."""
        if self.open is None:
            self.open = http.client.HTTPConnection(self.address, timeout=PATIENCE_SECONDS)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            self.open.request(method, "/api/v1" + path, body and json.dumps(body), headers)
            answer = self.open.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self.open.close()
            self.open = None
            raise
        kind = answer.getheader("Content-Type", "")
        return answer.status, json.loads(said) if "json" in kind else said.decode(errors="replace")


class Day:
    """All desks at once, over the vouchers of one round."""

    def __init__(self, address, demo, seed):
        self.address, self.demo = address, demo
        self.acknowledged = {}  # id -> (claim, receipt, when asked first, when answered)
        self.refused = {}
        self.silences = []  # seconds of the day at which somebody got no answer, with what it was
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.claims = queue.SimpleQueue()
        claims = [self.claim(voucher) for voucher in self.vouchers() for _ in range(2)]
        random.Random(seed).shuffle(claims)
        self.asked = len(claims)
        for claim in claims:
            self.claims.put(claim)

    def vouchers(self):
        line, after, found = Line(self.address, self.demo["tokens"]["issuer"]), "", []
        while after is not None:
            path = f"/rounds/{self.demo['round_id']}/vouchers?limit=500" + (after and f"&after={after}")
            status, page = line.call("GET", path)
            if status != 200:
                raise SystemExit(f"cluster: no list of vouchers: {status} {page}")
            found += page["items"]
            after = page["next"]
        return found

    def claim(self, voucher):
        body = {"id": str(uuid.uuid4()), "code": voucher["code"], "collector": {"kind": "self", "id_seen": True}}
        return {"body": body, "point": voucher["point"], "entitlement": voucher["entitlement_id"]}

    def begin(self, desks):
        self.threads = [threading.Thread(target=self.desk, daemon=True) for _ in range(desks)]
        for thread in self.threads:
            thread.start()

    def end(self):
        """Sends the desks home: each settles what it has in hand."""
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def desk(self):
        lines = {}
        while not self.stop.is_set():
            try:
                claim = self.claims.get_nowait()
            except queue.Empty:
                return
            point = claim["point"]
            line = lines.setdefault(point, Line(self.address, self.demo["device_tokens"][point]))
            self.settle(line, claim)
            time.sleep(PAUSE_SECONDS)

    def settle(self, line, claim):
        first = time.monotonic()
        while True:
            try:
                status, said = line.call("POST", "/redemptions", claim["body"])
            except (OSError, http.client.HTTPException) as fault:
                status, said = 0, type(fault).__name__
            if status in (200, 201):
                with self.lock:
                    self.acknowledged[claim["body"]["id"]] = (claim, said, first, time.monotonic())
                return
            if 400 <= status < 500 and status != 429:
                with self.lock:
                    self.refused[claim["body"]["id"]] = (claim, status, said)
                return
            with self.lock:
                self.silences.append((time.monotonic(), status, said if status == 0 else said and str(said)[:120]))
            time.sleep(0.2)

    def count(self):
        return len(self.acknowledged)

    def longest_gap(self, since, until):
        """The longest time within these moments in which nobody was given a receipt, and when it began."""
        with self.lock:
            times = sorted(when for *_, when in self.acknowledged.values() if since <= when <= until)
        marks = [since, *times, until]
        return max((later - sooner, sooner) for sooner, later in zip(marks, marks[1:]))

    @staticmethod
    def ask_again(line, body):
        """The answer to a request that was answered before; one that is told to wait waits."""
        for _ in range(20):
            status, said = line.call("POST", "/redemptions", body)
            if status < 500:
                break
            time.sleep(0.2)
        return status, said

    def broken_promises(self, stored):
        """Sentences about what is not as it was promised. `stored`: (redemption, entitlement) of the database."""
        broken, ids, handed = [], {}, {}
        for redemption, entitlement in stored:
            ids[redemption] = entitlement
            handed.setdefault(entitlement, []).append(redemption)
        broken += [f"{one} was handed out {len(by)} times: {by}" for one, by in handed.items() if len(by) > 1]
        lines = {}
        for identity, (claim, receipt, *_) in self.acknowledged.items():
            if ids.get(identity) != claim["entitlement"].replace("-", ""):
                broken.append(f"{identity} was acknowledged and is not stored")
            point = claim["point"]
            line = lines.setdefault(point, Line(self.address, self.demo["device_tokens"][point]))
            status, again = self.ask_again(line, claim["body"])
            if status != 200 or again != receipt:
                broken.append(f"{identity} asked again: {status} {again}, and not 200 with the same receipt")
        for identity, (claim, status, said) in self.refused.items():
            if status != 409 or said.get("code") != "already_redeemed":
                broken.append(f"{identity} was refused with {status} {said}")
            if identity in ids:
                broken.append(f"{identity} was refused and is stored")
            if claim["entitlement"].replace("-", "") not in handed:
                broken.append(f"{identity} was refused as redeemed, and nobody has redeemed it")
        return broken
