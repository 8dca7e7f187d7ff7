#!/usr/bin/env python3
"""Checks a log of Salur without Salur: Python's standard library and one package for Ed25519.

    verify_log.py FOLDER [--key VKEY] [--saved FILE]…

FOLDER is what `salur audit export` writes. Everything is read again and told again: entries against tiles,
the tree against every signed head, leaves against the rules (V1, V2, V5, V6, V9, V11), signed receipts under
the keys that the log gave the devices, and the books of the database against those of the log. Prints one
JSON object; the exit code is 0 when all is whole, 1 when something is wrong, 3 when the log cannot be read.

This shares no line with the program's own check, so that whoever distrusts the one can read the other.
"""

import base64
import csv
import datetime
import hashlib
import json
import pathlib
import struct
import sys
import uuid

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LIVE = {"available", "leased", "unresolved"}
NOTHING = bytes(32)


class Unreadable(Exception):
    """The log cannot be read at all."""


class Broken(Exception):
    """A leaf breaks a rule."""


# --- CBOR, as much of it as leaves and receipts are made of -------------------------------------------------

def cbor_item(data, at):
    """The item that begins at a place, and where the next one begins."""
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info < 24:
        number = info
    elif info <= 27:
        size = 1 << (info - 24)
        number = int.from_bytes(data[at:at + size], "big")
        if len(data) < at + size or (size == 1 and number < 24) or (size > 1 and number >> (4 * size) == 0):
            raise ValueError("not the shortest head")
        at += size
    else:
        raise ValueError("no definite length")
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        raw = data[at:at + number]
        if len(raw) != number:
            raise ValueError("cut short")
        return (bytes(raw) if major == 2 else raw.decode("utf-8")), at + number
    if major == 4:
        items = []
        for _ in range(number):
            item, at = cbor_item(data, at)
            items.append(item)
        return items, at
    if major == 5:
        pairs, last = {}, None
        for _ in range(number):
            key, at = cbor_item(data, at)
            pairs[key], at = cbor_item(data, at)
            if last is not None and isinstance(key, int) and isinstance(last, int) and 0 <= key <= last:
                raise ValueError("keys out of order")
            last = key
        return pairs, at
    if major == 6:
        item, at = cbor_item(data, at)
        return ("tag", number, item), at
    if major == 7 and number in (20, 21):
        return number == 21, at
    raise ValueError("a shape that is not used here")


def cbor(data):
    """The one item that fills the bytes."""
    item, at = cbor_item(data, 0)
    if at != len(data):
        raise ValueError("bytes left over")
    return item


def head(major, number):
    """The head of a CBOR item."""
    if number < 24:
        return bytes([major << 5 | number])
    for size in (1, 2, 4, 8):
        if number < 1 << (8 * size):
            return bytes([major << 5 | 24 + size.bit_length() - 1]) + number.to_bytes(size, "big")
    raise ValueError("too large")


# --- The tree of RFC 6962 ------------------------------------------------------------------------------------

def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The right edge of a growing tree."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, digest):
        size = self.size
        while size & 1:
            digest = node_hash(self.peaks.pop(), digest)
            size >>= 1
        self.peaks.append(digest)
        self.size += 1

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def tile_path(level, number, width):
    """The name of a tile (C2SP tlog-tiles)."""
    groups = [f"{number % 1000:03d}"]
    number //= 1000
    while number:
        groups.append(f"x{number % 1000:03d}")
        number //= 1000
    return f"tile/{level}/" + "/".join(reversed(groups)) + (f".p/{width}" if width < 256 else "")


# --- Signed notes --------------------------------------------------------------------------------------------

def verifies(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


class LogKey:
    """A verifier key: name+id+base64(1 ‖ key)."""

    def __init__(self, text):
        self.name, key_id, material = text.strip().split("+", 2)
        material = base64.b64decode(material)
        if material[0] != 1 or len(material) != 33:
            raise Unreadable("not the key of a log")
        self.key = material[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + material).digest()[:4]
        if self.id.hex() != key_id:
            raise Unreadable("the id of the key is not that of the key")

    def head(self, note):
        """Size and root of a signed head; an error when the key did not sign it."""
        text, _, lines = note.rpartition("\n\n")
        text += "\n"
        good = False
        for line in lines.splitlines():
            dash, name, encoded = line.split(" ")
            raw = base64.b64decode(encoded)
            if dash == "—" and name == self.name and raw[:4] == self.id:
                if not verifies(self.key, raw[4:], text.encode()):
                    raise ValueError("the log's signature does not hold")
                good = True
        origin, size, root = text.split("\n")[:3]
        if not good or origin != self.name:
            raise ValueError("not signed by the log's key")
        return int(size), base64.b64decode(root)


# --- The rules -----------------------------------------------------------------------------------------------

KIND, AT, ACTOR, AGENCY, RIGHT, ROUND, POINT, DEVICE, FENCE, SEQ, PREV, RECEIPT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
CLAIMED, REDEMPTION, VALUE, CURRENCY, ITEMS, COLLECTOR, SUBJECT, PUBLIC, WORD, DIGEST, COUNT, LINK, REVERSED = (
    13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25)


def day_named(leaf):
    """The day on which a handout counts, as it is written in tables."""
    if not isinstance(leaf.get(COUNT), int) or not -700_000 < leaf[COUNT] < 2_900_000:
        return ""
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=leaf[COUNT])).isoformat()


class Ledger:
    """The state that follows from the leaves so far."""

    def __init__(self):
        self.rights, self.devices, self.roles, self.zones, self.rounds = {}, {}, {}, {}, {}
        self.sums, self.days, self.kinds, self.exceptions, self.households = {}, {}, {}, {}, set()
        self.odd, self.restores, self.index, self.keys, self.closes = set(), 0, 0, {}, {}

    def take(self, index, leaf):
        kind, self.index = leaf[KIND], index
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        handler = getattr(self, "on_" + kind, None)
        if handler is None:
            raise Broken(f"leaf: {kind} is no kind of leaf")
        try:
            handler(leaf)
        except KeyError as missing:
            raise Broken(f"leaf: it lacks {missing}") from None

    def add(self, right, **changes):
        for part in (None, right["point"]):
            sums = self.sums.setdefault((right["round"], part), dict.fromkeys(
                ("issued", "redeemed", "revoked", "expired", "realised_minor", "committed_minor"), 0))
            for name, change in changes.items():
                sums[name] += change

    def must_be(self, leaf, *roles):
        role = self.roles.get(leaf.get(ACTOR))
        if role not in roles:
            raise Broken(f"V11: {leaf[KIND]} by a person who is {role}")

    def right(self, leaf):
        if leaf[RIGHT] not in self.rights:
            raise Broken(f"V9: {leaf[KIND]} of a right that was not issued")
        self.rights[leaf[RIGHT]]["last"] = self.index
        return self.rights[leaf[RIGHT]]

    def day_of(self, round_id, at_ms):
        return (at_ms + self.zones.get(self.rounds.get(round_id), 0) * 3_600_000) // 86_400_000

    def move(self, right, state, redemption=None):
        """Moves a right to another state, and the sums with it."""
        for sign, now, made in ((-1, right["state"], right["redemption"]), (1, state, redemption)):
            if now == "redeemed":
                self.add(right, redeemed=sign, realised_minor=sign * made[1])
            elif now in LIVE:
                self.add(right, committed_minor=sign * right["value"])
            else:
                self.add(right, **{now: sign})
        right.update(state=state, redemption=redemption)

    def on_issue(self, leaf):
        right = {"state": "available", "round": leaf[ROUND], "point": leaf[POINT], "value": leaf[VALUE],
                 "fence": tuple(leaf.get(FENCE, (0, 0))), "by": leaf.get(ACTOR), "holder": None, "redemption": None}
        if right["round"] not in self.rounds:
            raise Broken("leaf: it issues in a round that the log does not know")
        if leaf[RIGHT] in self.rights:
            raise Broken("V9: this right was issued before")
        right.update(last=self.index, household=leaf.get(SUBJECT) if leaf[KIND] == "issue" else None)
        self.rights[leaf[RIGHT]] = right
        self.add(right, issued=1, committed_minor=right["value"])
        if leaf[KIND] == "issue":
            if SUBJECT in leaf and (leaf[ROUND], leaf[SUBJECT]) in self.households:
                raise Broken("V1: a second first right of one household in a round")
            self.households.add((leaf[ROUND], leaf.get(SUBJECT)))
            self.must_be(leaf, "issuer", "verifier")

    def on_exception(self, leaf):
        """What a household is owed after a short handout, a reversal or a loss: a right of its own, never more than is
        owed, one at a time, and behind it two people."""
        first = self.rights.get(leaf[LINK])
        family = [first] + self.exceptions.get(leaf[LINK], [])
        self.on_issue(leaf)
        self.exceptions.setdefault(leaf[LINK], []).append(self.rights[leaf[RIGHT]])
        self.rights[leaf[RIGHT]]["first"] = leaf[LINK]
        if first is None or "first" in first or first["round"] != leaf[ROUND]:
            raise Broken("V9: an exception that stands for no first right of its round")
        states = {one["state"] for one in family}
        if states & {"available", "leased"}:
            raise Broken("V1: an exception while another right of the household is good")
        taken_back = [self.rights.get(right) for right in leaf.get(REVERSED, [])]
        if not taken_back and leaf.get(WORD) == "reversed":
            # Leaves were once written without the names: then all that was handed over came back.
            taken_back = [one for one in family if one["state"] == "redeemed"]
        if any(one not in family or one["state"] != "redeemed" for one in taken_back):
            raise Broken("V9: an exception that takes back what was not handed over")
        for one in taken_back:
            one["reversed"] = True
        owed = first["value"] - sum(one["redemption"][1] for one in family 
                                    if one["redemption"] and not one.keys() & {"reversed", "beside"})
        follows = {"short": "redeemed" in states, "reversed": any("reversed" in one for one in family),
                   "unresolved": "unresolved" in states}
        if leaf.get(WORD) not in follows:
            raise Broken("leaf: an exception that does not say what it follows")
        if not follows[leaf[WORD]] or leaf[VALUE] > owed:
            raise Broken(f"V9: an exception worth {leaf[VALUE]} after {leaf[WORD]}, where {owed} is owed")
        if leaf.get(SUBJECT) in (None, leaf.get(ACTOR)):
            raise Broken("V11: an exception that one person proposed and approved")
        self.must_be(leaf, "issuer")

    def on_grant(self, leaf):
        if leaf[DEVICE] not in self.devices:
            raise Broken("V2: granted to a device that was not enrolled")
        right, fence = self.right(leaf), tuple(leaf[FENCE])
        state, old = right["state"], right["fence"]
        again = (state, right["holder"], old) == ("leased", leaf[DEVICE], fence)
        right.update(holder=leaf[DEVICE], fence=fence)
        if again:
            return
        self.move(right, "leased")
        if state == "available" and fence <= old:
            raise Broken("V5: the fence does not grow")
        forgotten = self.restores and state in ("leased", "unresolved", "expired") and fence > old
        if state != "available" and not forgotten:
            raise Broken(f"V2: granted while {state}")

    def on_return(self, leaf):
        right = self.right(leaf)
        if (right["state"], right["holder"], right["fence"]) != ("leased", leaf[DEVICE], tuple(leaf[FENCE])):
            if self.restores and right["state"] == "available" and tuple(leaf[FENCE]) <= right["fence"]:
                return
            raise Broken("V2: returned by somebody who did not hold it")
        right["holder"] = None
        self.move(right, "available")

    def on_write_off(self, leaf):
        if RIGHT in leaf:
            right = self.right(leaf)
            if right["state"] != "leased" and not (self.restores and right["state"] in LIVE | {"expired"}):
                raise Broken(f"V2: written off while {right['state']}")
            right["holder"] = leaf.get(DEVICE, right["holder"])
            self.move(right, "unresolved")

    def end(self, leaf, state):
        right = self.right(leaf)
        if self.restores and right["state"] == state:
            return
        if right["state"] not in LIVE:
            raise Broken(f"V2: {state} after it was {right['state']}")
        right["holder"] = None
        self.move(right, state)

    def on_revoke(self, leaf):
        if RIGHT in leaf:
            self.end(leaf, "revoked")
        elif leaf[DEVICE] not in self.devices:
            raise Broken("V6: a device that was not enrolled")

    def on_expire(self, leaf):
        self.end(leaf, "expired")

    def on_redeem(self, leaf):
        chain_fault = self.next_of_chain(leaf)
        right, fence = self.right(leaf), tuple(leaf[FENCE])
        before, made = dict(right), (leaf[REDEMPTION], leaf[VALUE])
        if before["state"] == "redeemed":
            if self.restores and before["redemption"] == made:
                return
            raise Broken("V1: a second handout of the same right")
        right.update(fence=fence, holder=None)
        self.move(right, "redeemed", made)
        if before["state"] == "unresolved":
            # A lost device came back while a right in its place was given or good: what was given twice no leaf says.
            family = self.exceptions.get(right.get("first", leaf[RIGHT]), [])
            later = family[[one is right for one in family].index(True) + 1:] if "first" in right else family
            if any(one["state"] not in ("revoked", "expired") for one in later):
                right["beside"] = True
        day = (before["round"], day_named(leaf))
        count, value = self.days.get(day, (0, 0))
        self.days[day] = count + 1, value + leaf[VALUE]
        if chain_fault:
            raise Broken(chain_fault)
        if before["state"] == "revoked" or (before["state"] == "expired" and fence <= before["fence"]):
            raise Broken(f"V2: redeemed after it was {before['state']}")
        held = before["holder"] == leaf[DEVICE] and fence == before["fence"]
        newer = fence > before["fence"]
        if not {"available": newer, "expired": newer, "leased": held or (self.restores and newer),
                "unresolved": held or newer}[before["state"]]:
            raise Broken("V5: redeemed under a fence that was not the right's")
        if leaf.get(POINT) != before["point"] or leaf.get(ROUND, before["round"]) != before["round"]:
            raise Broken("V9: redeemed at another point or in another round than it was issued for")
        if not 0 <= leaf[VALUE] <= before["value"]:
            raise Broken(f"V9: {leaf[VALUE]} handed over of a right worth {before['value']}")
        times = [leaf[AT]] + ([leaf[CLAIMED]] if CLAIMED in leaf else [])
        if leaf[COUNT] not in [self.day_of(before["round"], at) for at in times]:
            raise Broken("V9: it counts on a day on which it neither happened nor came")
        if leaf.get(ACTOR) is not None and leaf.get(ACTOR) == before["by"]:
            raise Broken("V11: redeemed by the person who issued it")
        self.must_be(leaf, "operator")

    def next_of_chain(self, leaf):
        device = self.devices.get(leaf[DEVICE])
        if device is None:
            return "V6: a receipt of a device that was not enrolled"
        seq, forks, early = leaf[SEQ], device["forks"], device["early"]
        if seq <= device["seq"] or seq in early:
            return None if seq in forks else f"V6: receipt {seq} of the device where receipt {device['seq'] + 1} is due"
        early[seq] = leaf[RECEIPT], leaf[PREV], self.index
        fits = True
        while device["seq"] + 1 in early:
            receipt, prev, _ = early.pop(device["seq"] + 1)
            fits &= prev == device["head"] or device["seq"] + 1 in forks or device["seq"] in forks
            device["seq"], device["head"] = device["seq"] + 1, receipt
        return None if fits else "V6: the receipt does not point to the one before it"

    def gaps(self):
        """Receipts that never came, while later ones have: the leaf of the first later one, and what is wrong."""
        for device in self.devices.values():
            if device["early"]:
                seq = min(device["early"])
                yield device["early"][seq][2], f"V6: receipt {seq} of the device where {device['seq'] + 1} is due"

    def on_enrol(self, leaf):
        if leaf[DEVICE] in self.devices:
            raise Broken("V6: this device was enrolled before")
        self.devices[leaf[DEVICE]] = {"key": leaf[PUBLIC], "seq": 0, "head": NOTHING, "early": {}, "forks": set()}

    def on_key(self, leaf):
        self.keys.setdefault(leaf[PUBLIC], leaf.get(WORD, ""))

    def on_role(self, leaf):
        before = self.roles.get(leaf[SUBJECT])
        self.roles[leaf[SUBJECT]] = leaf[WORD]
        if before is not None:
            raise Broken(f"V11: this person has a second role, and was {before}")

    def on_policy(self, leaf):
        if leaf[WORD] == "agency":
            self.zones[leaf[AGENCY]] = leaf[COUNT]
        elif leaf[WORD] == "round":
            self.rounds[leaf[ROUND]] = leaf[AGENCY]
        elif leaf[WORD] == "epoch":
            self.restores += 1
        elif leaf[WORD] == "place":
            right = self.right(leaf)
            if right["state"] != "available":
                raise Broken(f"V2: moved to another point while {right['state']}")
            self.add(right, issued=-1, committed_minor=-right["value"])
            right["point"] = leaf[POINT]
            self.add(right, issued=1, committed_minor=right["value"])

    def on_import(self, leaf):
        self.must_be(leaf, "verifier")

    def on_close(self, leaf):
        if SUBJECT in leaf and DIGEST in leaf:
            self.closes[leaf[SUBJECT]] = leaf[DIGEST], self.index
        if ROUND in leaf and COUNT in leaf and VALUE in leaf:
            sums = self.sums.get((leaf[ROUND], leaf.get(POINT)), {"redeemed": 0, "realised_minor": 0})
            if (sums["redeemed"], sums["realised_minor"]) != (leaf[COUNT], leaf[VALUE]):
                raise Broken(f"V9: closed with {leaf[COUNT]} worth {leaf[VALUE]}")
        self.must_be(leaf, "finance", "coordinator", "storekeeper")

    def on_conflict(self, leaf):
        word, place = leaf.get(WORD, ""), (leaf.get(DEVICE), leaf.get(SEQ))
        if None not in place:
            if word == "fork" and place[0] in self.devices:
                self.devices[place[0]]["forks"].add(place[1])
            if word.startswith("odd_"):
                self.odd.add(place)
            # A receipt that is the redemption of nothing takes its place in the chain all the same.
            fault = self.next_of_chain(leaf) if RECEIPT in leaf and word != "displaced" else None
            if fault:
                raise Broken(fault)
        if word == "displaced":
            right = self.right(leaf)
            if right["redemption"] and right["redemption"][0] == leaf.get(REDEMPTION):
                worth = right["redemption"][1]
                self.move(right, "available")
                right["fence"] = (0, 0)
                day = (right["round"], day_named(leaf))
                count, value = self.days.get(day, (0, 0))
                self.days[day] = count - 1, value - worth


# --- Receipts ------------------------------------------------------------------------------------------------

def receipt_fault(signed, leaf, key, odd):
    """What is wrong with a signed receipt beside its leaf; None when nothing is. Of an odd one, the office said when it
    took it that point, round and value are not those that count."""
    tag = cbor(signed)
    if not isinstance(tag, tuple) or tag[1] != 18:
        return "V6: the receipt is no COSE_Sign1"
    protected, unprotected, payload, signature = tag[2]
    to_sign = (head(4, 4) + head(3, 10) + b"Signature1" + head(2, len(protected)) + protected + head(2, 0)
               + head(2, len(payload)) + payload)
    headers = cbor(protected)
    if unprotected or headers.get(1) not in (-8, -19) or headers.get(4) != hashlib.sha256(key).digest()[:4]:
        return "V6: the receipt is signed in another way, or by another key"
    if not verifies(key, signature, to_sign):
        return "V6: the signature of the receipt does not hold"
    body = cbor(payload)
    # Member of the receipt, member of the leaf.
    for one, other in ((1, REDEMPTION), (2, RIGHT), (3, FENCE), (4, DEVICE), (5, SEQ), (6, PREV), (7, ACTOR), (8, POINT),
                       (9, ROUND), (11, CLAIMED), (13, COLLECTOR), (19, VALUE), (20, CURRENCY)):
        # An exception is lent as a round of its own, by its own id.
        if other == ROUND and body.get(one) == body.get(2):
            continue
        if body.get(one) != leaf.get(other) and not (odd and other in (POINT, ROUND, VALUE)):
            return f"V6: the signed receipt and the leaf differ in member {one}"
    if body.get(18, []) != leaf.get(ITEMS, []) or body.get(12, leaf[AT]) != leaf[AT]:
        return "V6: the signed receipt and the leaf differ in items or time"
    return None


# --- The check -----------------------------------------------------------------------------------------------

class Check:
    """One log, read from end to end."""

    def __init__(self, folder):
        self.folder, self.faults = pathlib.Path(folder), []
        self.torn = None  # The first leaf that is not in its tile: from there on no head can agree.
        self.heads, self.counts = {}, {"heads": 0, "receipts": 0, "receipts_absent": 0}

    def fault(self, index, what):
        self.faults.append({"index": index, "what": what})

    def bytes_of(self, name):
        path = self.folder / name
        return path.read_bytes() if path.exists() else b""

    def expect(self, key, name, note, size):
        try:
            saved, root = key.head(note)
        except (ValueError, IndexError) as why:
            self.fault(None, f"V8: {name}: {why}")
            return
        if saved > size:
            self.fault(size, f"V8: {name} has {saved} leaves, and the log has {size}: it has shrunk")
        else:
            self.heads.setdefault(saved, []).append((name, root))

    def tear(self, index):
        if self.torn is None:
            self.torn = index

    def compare_heads(self, tree, good):
        for name, root in self.heads.pop(tree.size, ()):
            self.counts["heads"] += 1
            if root == tree.root():
                good = tree.size
            else:
                self.fault(max(good, self.torn or 0), f"V8: the tree is not the one of {name}")
        return good

    def receipts(self):
        """The receipts by the place of their leaf, in order; None when this folder has none."""
        path = self.folder / "receipts.csv"
        if not path.exists():
            return None
        try:
            return {int(row["leaf"]): row for row in csv.DictReader(self.bytes_of("receipts.csv").decode().splitlines())}
        except (ValueError, KeyError, TypeError):
            raise Unreadable("receipts.csv is no table of receipts") from None

    def receipt(self, index, leaf, ledger, rows):
        if rows is None:
            self.counts["receipts_absent"] += 1
            return
        row = rows.pop(index, None)
        if row is None:
            self.fault(index, "V4: its receipt is not in the database")
            return
        try:
            signed = base64.b64decode(row["receipt"] or "", validate=True)
        except ValueError:
            self.fault(index, "V6: the signed receipt cannot be read")
            return
        if row["redemption"] != str(uuid.UUID(bytes=leaf[REDEMPTION])):
            self.fault(index, "V4: the receipt beside it is that of another redemption")
            return
        if int(row["value_minor"]) != leaf[VALUE]:
            self.fault(index, f"V9: {row['value_minor']} in the database, {leaf[VALUE]} in the log")
        for name, here, there in (("right", "entitlement", RIGHT), ("operator", "operator", ACTOR)):
            # Where the receipt names an operator whom the office does not know, the row has who invited the device.
            if here in row and (name == "right" or leaf.get(there) in ledger.roles):
                if uuid.UUID(row[here]).bytes != leaf.get(there):
                    self.fault(index, f"V9: the {name} is {row[here]} in the database, and another in the log")
        if row.get("collector", leaf.get(COLLECTOR)) != leaf.get(COLLECTOR):
            self.fault(index, f"V9: the collector is {row['collector']} in the database, and another in the log")
        if row["day"] != day_named(leaf):
            self.fault(index, f"V9: on {row['day']} in the database, on another day in the log")
        if hashlib.sha256(signed).digest() != leaf[RECEIPT]:
            self.fault(index, "V6: the signed receipt is not the one that the leaf names")
            return
        if leaf[DEVICE] in ledger.devices:
            self.counts["receipts"] += 1
            odd = (leaf[DEVICE], leaf[SEQ]) in ledger.odd
            what = receipt_fault(signed, leaf, ledger.devices[leaf[DEVICE]]["key"], odd)
            if what:
                self.fault(index, what)

    def table(self, name, check, ledger):
        """Checks a table that lies beside the log, if it does; one that cannot be read is a fault and not a traceback."""
        if not (self.folder / name).exists():
            return 0
        try:
            rows = list(csv.DictReader(self.bytes_of(name).decode().splitlines()))
            if not self.bytes_of(name):
                raise ValueError("empty")
            return check(ledger, rows)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.fault(None, f"{name} cannot be read from here on")
            return 0

    def books(self, ledger, rows):
        names = ("issued", "redeemed", "revoked", "expired", "realised_minor", "committed_minor")
        sums, days = {}, {}
        for row in rows:
            round_id = uuid.UUID(row["round"]).bytes
            if row["day"]:
                days[round_id, row["day"]] = int(row["redeemed"]), int(row["realised_minor"])
            else:
                sums[round_id, int(row["point"]) if row["point"] else None] = {name: int(row[name]) for name in names}
        for here, there, what, zero in ((sums, ledger.sums, "sums", dict.fromkeys(names, 0)),
                                        (days, ledger.days, "days", (0, 0))):
            for key in here.keys() | there.keys():
                if here.get(key, zero) != there.get(key, zero):
                    place = f"{uuid.UUID(bytes=key[0])} {key[1] or ''}"
                    self.fault(None, f"V9: {what} of {place}: {here.get(key)} in the books, {there.get(key)} in the log")
        return True

    def rights(self, ledger, rows):
        """Each right of the database beside the log's; how many there were."""
        seen = set()
        for row in rows:
            one, household = uuid.UUID(row["entitlement"]).bytes, bytes.fromhex(row["household"]) or None
            known = ledger.rights.get(one)
            if known is None:
                self.fault(None, f"V9: the right {row['entitlement']} is in the database alone")
            elif ((known["round"], known["point"], known["state"], known["value"], known["household"] or household) !=
                  (uuid.UUID(row["round"]).bytes, int(row["point"]), row["state"], int(row["value_minor"]), household)):
                self.fault(known["last"], f"V9: the right {row['entitlement']} is another in the database than in the log")
            if one in seen:
                self.fault(None, f"V9: the right {row['entitlement']} is in the database twice")
            seen.add(one)
        for one in ledger.rights.keys() - seen:
            self.fault(ledger.rights[one]["last"], f"V9: the right {uuid.UUID(bytes=one)} is not in the database")
        return len(seen)

    def office(self, ledger, rows):
        """People, keys and closes of the database beside the log's."""
        here = {"role": {}, "key": {}, "close": {}}
        for row in rows:
            says = bytes.fromhex(row["says"]) if row["what"] == "close" else row["says"]
            here[row["what"]][bytes.fromhex(row["id"])] = says
        there = {"role": ledger.roles, "key": ledger.keys, "close": {one: says for one, (says, _) in ledger.closes.items()}}
        for what, rule in (("role", "V11"), ("key", "V6"), ("close", "V9")):
            for one in here[what].keys() | there[what].keys():
                if here[what].get(one) != there[what].get(one):
                    leaf = ledger.closes.get(one, (None, None))[1] if what == "close" else None
                    self.fault(leaf, f"{rule}: the {what} of {one.hex()} is another in the database than in the log")

    def run(self, vkey, saved):
        key = LogKey(vkey or self.bytes_of("vkey").decode())
        try:
            size, root = key.head(self.bytes_of("checkpoint").decode())
        except (ValueError, IndexError) as why:
            raise Unreadable(f"the head of the log: {why}") from None
        for name in saved:
            self.expect(key, name, pathlib.Path(name).read_text(encoding="utf-8"), size)
        for line in self.bytes_of("checkpoints.csv").decode(errors="replace").splitlines()[1:]:
            number, _, note = line.partition(",")
            try:
                note = base64.b64decode(note, validate=True).decode()
            except ValueError:
                note = ""
            self.expect(key, f"the head of {number} leaves", note, size)
        self.heads.setdefault(size, []).append(("the head of the log", root))

        tree, ledger, rows, levels, good = Tree(), Ledger(), self.receipts(), [[]], 0
        good = self.compare_heads(tree, good)
        for number in range((size + 255) // 256):
            width = min(256, size - number * 256)
            bundle, at, entries = self.bytes_of(tile_path("entries", number, width)), 0, []
            while at + 2 <= len(bundle):
                length = struct.unpack_from(">H", bundle, at)[0]
                entries.append(bundle[at + 2:at + 2 + length])
                at += 2 + length
            if at != len(bundle) or len(entries) != width:
                entries = entries if at == len(bundle) else []
                self.tear(number * 256 + len(entries))
                self.fault(number * 256 + len(entries), f"V7: a bundle does not hold {width} entries")
            hashes, told = self.bytes_of(tile_path(0, number, width)), False
            for place, entry in enumerate(entries):
                index, digest = number * 256 + place, leaf_hash(entry)
                if not told and hashes[32 * place:32 * place + 32] != digest:
                    told = True
                    self.tear(index)
                    self.fault(index, f"V7: leaf {index} is not the one whose hash is in its tile")
                tree.push(digest)
                self.grow(levels, digest)
                self.replay(index, entry, ledger, rows)
                good = self.compare_heads(tree, good)
            if not told and len(hashes) != 32 * width:
                self.fault(number * 256 + min(len(hashes) // 32, width), f"V7: a tile does not hold {width} hashes")
        # The last tiles of a log that is shorter than its head says have other widths than these.
        for level, row in enumerate(levels):
            if row and tree.size == size:
                self.compare_tile(level, (size >> (8 * level)) // 256, row)
        for leaf, what in ledger.gaps():
            self.fault(leaf, what)
        if tree.size != size:
            self.fault(tree.size, f"V7: the log says it has {size} leaves, and there are {tree.size}")
        if rows:
            self.fault(min(rows), "V4: a receipt in the database that belongs to no leaf")
        # Where leaves are missing or others, rows differ for that reason: the leaf to look at is the one told already.
        whole, told = not any(fault["what"][:2] in ("V7", "V8") for fault in self.faults), len(self.faults)
        books = bool(self.table("books.csv", self.books, ledger))
        rights = self.table("rights.csv", self.rights, ledger)
        self.table("office.csv", self.office, ledger)
        for fault in [] if whole else self.faults[told:]:
            fault["index"] = None
        indexes = [fault["index"] for fault in self.faults if fault["index"] is not None]
        return {"origin": key.name, "size": size, "root": base64.b64encode(root).decode(), "whole": not self.faults,
                "first_wrong": min(indexes, default=None), "faults": self.faults[:100], **self.counts, "books": books, "rights": rights,
                "kinds": ledger.kinds,
                "rounds": {str(uuid.UUID(bytes=key[0])): sums for key, sums in ledger.sums.items() if key[1] is None}}

    def replay(self, index, entry, ledger, rows):
        try:
            leaf = cbor(entry)
            if leaf[0] != 1:
                raise ValueError("another format")
        except (ValueError, IndexError, KeyError, TypeError) as why:
            self.fault(index, f"leaf: it cannot be read: {why}")
            return
        try:
            ledger.take(index, leaf)
        except Broken as rule:
            self.fault(index, str(rule))
        if leaf[KIND] == "redeem":
            self.receipt(index, leaf, ledger, rows)

    def grow(self, levels, digest):
        """Puts a hash into its row; a full row is a tile, and one hash of the level above."""
        for level in range(9):
            if level == len(levels):
                levels.append([])
            levels[level].append(digest)
            if len(levels[level]) < 256:
                return
            row, levels[level] = levels[level], []
            self.full = getattr(self, "full", {})
            number = self.full.get(level, 0)
            self.full[level] = number + 1
            self.compare_tile(level, number, row)
            tile = Tree()
            for one in row:
                tile.push(one)
            digest = tile.root()

    def compare_tile(self, level, number, row):
        if level == 0:
            return  # Held leaf by leaf.
        kept = self.bytes_of(tile_path(level, number, len(row)))
        for place, digest in enumerate(row):
            if kept[32 * place:32 * place + 32] != digest:
                index = (number * 256 + place) * 256 ** level
                # What follows from a leaf that was told already is not told again.
                if self.torn is None or self.torn >= index + 256 ** level:
                    self.fault(index, f"V7: hash {place} of {tile_path(level, number, len(row))} is another")
                return
        if len(kept) != 32 * len(row):
            self.fault(number * 256 ** (level + 1), f"V7: {tile_path(level, number, len(row))} is too long")


def main(arguments):
    folder, vkey, saved = None, None, []
    while arguments:
        word = arguments.pop(0)
        if word == "--key":
            vkey = arguments.pop(0)
        elif word == "--saved":
            saved.append(arguments.pop(0))
        else:
            folder = word
    if folder is None:
        sys.exit(__doc__)
    try:
        report = Check(folder).run(vkey, saved)
    except (Unreadable, OSError) as why:
        print(f"verify_log.py: {why}", file=sys.stderr)
        return 3
    print(json.dumps(report))
    return 0 if report["whole"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
