"""What Schemathesis cannot know by itself: the ids of a demonstration, and how CBOR is written.

Without real ids nearly every call would end at "not found". Every second case gets ids of things that are there.
"""
import json
import os
import random
import urllib.request

import schemathesis

BASE = os.environ["SALUR_BASE"]
DEMO = json.load(open(os.environ["SALUR_DEMO"]))

# Which listing holds the ids of an address or of a member of a body, and who may read it.
LISTINGS = {
    "agencies": ("admin", "agencies"),
    "programmes": ("admin", "programmes"),
    "rounds": ("admin", "rounds"),
    "packages": ("admin", "packages"),
    "points": ("admin", "points"),
    "devices": ("admin", "devices"),
    "users": ("admin", "users"),
    "households": ("registrar", "households"),
    "intakes": ("registrar", "intakes"),
    "cases": ("finance", "cases"),
    "closings": ("finance", "closings"),
    "entitlements": ("issuer", "rounds/{round}/vouchers"),
    "keys": ("admin", "keys"),
}
MEMBERS = {
    "agency_id": "agencies",
    "programme_id": "programmes",
    "programme": "programmes",
    "round_id": "rounds",
    "round": "rounds",
    "package_id": "packages",
    "point_id": "points",
    "point": "points",
    "device_id": "devices",
    "user_id": "users",
    "household_id": "households",
    "entitlement_id": "entitlements",
    "entitlement": "entitlements",
    "kid": "keys",
}


def ids_of(who, path):
    request = urllib.request.Request(
        f"{BASE}/api/v1/{path.format(round=DEMO['round_id'])}?limit=20",
        headers={"Authorization": f"Bearer {DEMO['tokens'][who]}"},
    )
    items = json.load(urllib.request.urlopen(request))["items"]
    return [item.get("id") or item.get("entitlement_id") or item.get("kid") for item in items]


IDS = {noun: ids_of(*listing) for noun, listing in LISTINGS.items()}
# An account that is closed on the way would end the run of its role: people are named, and not changed.
IDS["rounds"].insert(0, DEMO["round_id"])
DRAW = random.Random(int(os.environ.get("SALUR_SEED", "7")))


def real(noun):
    return DRAW.choice(IDS[noun]) if IDS.get(noun) else None


def fill(value):
    if isinstance(value, list):
        return [fill(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: (real(MEMBERS[name]) or one) if name in MEMBERS and isinstance(one, str) else fill(one)
        for name, one in value.items()
    }


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Puts ids of things that are there into every second case."""
    changes_a_person = case.operation.path.startswith("/api/v1/users/") and case.method.upper() != "GET"
    if DRAW.random() < 0.5 or changes_a_person:
        return
    parts = case.operation.path.split("/")
    for before, part in zip(parts, parts[1:]):
        name = part.split("}")[0].lstrip("{")
        if part.startswith("{") and case.path_parameters and name in case.path_parameters:
            found = real(before)
            if found:
                case.path_parameters[name] = found
    if isinstance(case.body, (dict, list)):
        case.body = fill(case.body)


@schemathesis.serializer("application/cbor")
def cbor(context, value):
    """A parcel is no JSON: any bytes will do, since the suite has hostile parcels of its own."""
    return json.dumps(value).encode() if not isinstance(value, bytes) else value
