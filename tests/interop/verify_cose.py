#!/usr/bin/env python3
"""Checks vouchers with two COSE libraries that share no code with Salur.

    verify_cose.py JWKS.json TEXTS.txt

JWKS.json is the document of /.well-known/jwks.json; TEXTS.txt has the text of one QR code a line.
Each voucher must verify with pycose and with cwt, and a copy of it with one flipped bit must be
refused by both. The last line says how many did; the exit code is 1 when any did not, or there was none.
"""

import base64
import json
import re
import sys

import cbor2
from cwt import COSE, COSEKey
from pycose.headers import KID
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage, Sign1Message

PREFIX = re.compile(r"(?:SALUR:|HTTPS://[^/]+/V/)([A-Z2-7]+)", re.IGNORECASE)
CTI, NUMBERS = 7, -65537


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_keys(path):
    """The public keys of the document by their four-byte ids."""
    with open(path, encoding="utf-8") as file:
        keys = json.load(file)["keys"]
    return {unbase64(key["kid"]): unbase64(key["x"]) for key in keys}


def read_token(text):
    """The bytes of a voucher from the text of its QR code."""
    match = PREFIX.fullmatch(text)
    if not match:
        raise ValueError("not the text of a voucher")
    body = match.group(1).upper()
    return base64.b32decode(body + "=" * (-len(body) % 8))


def with_pycose(token, keys):
    """The claims, checked by pycose."""
    message = CoseMessage.decode(token)
    if not isinstance(message, Sign1Message) or message.uhdr:
        raise ValueError("not a COSE_Sign1 with an empty unprotected header")
    message.key = OKPKey(crv=Ed25519, x=keys[message.phdr[KID]])
    if not message.verify_signature():
        raise ValueError("the signature does not hold")
    return cbor2.loads(message.payload)


def with_cwt(token, keys):
    """The claims, checked by cwt."""
    # cwt finds a key by its id in bytes, which only the COSE form of a key can hold: kty OKP, kid, alg EdDSA, Ed25519, x.
    ring = [COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: x}) for kid, x in keys.items()]
    return cbor2.loads(COSE.new().decode(token, ring))


def refuses(check, token, keys):
    """Whether a check refuses a token, in whatever way it says so."""
    try:
        check(token, keys)
    except Exception:  # noqa: BLE001 - each library has its own errors, and any of them is a refusal
        return True
    return False


def main(jwks_path, texts_path):
    keys = read_keys(jwks_path)
    with open(texts_path, encoding="utf-8") as file:
        texts = [line.strip() for line in file if line.strip()]
    checks = {"pycose": with_pycose, "cwt": with_cwt}
    good = dict.fromkeys(checks, 0)
    failed = not texts
    for number, text in enumerate(texts, 1):
        for name, check in checks.items():
            try:
                token = read_token(text)
                claims = check(token, keys)
                if set(claims) != {CTI, NUMBERS} or len(claims[CTI]) != 16 or len(claims[NUMBERS]) != 3:
                    raise ValueError("the claims are not those of a voucher")
                # A bit of the entitlement, one of the signature: neither changes the form.
                for at in (-80, -1):
                    flipped = bytearray(token)
                    flipped[at] ^= 1
                    if not refuses(check, bytes(flipped), keys):
                        raise ValueError("a copy with a flipped bit was accepted")
                good[name] += 1
            except Exception as error:  # noqa: BLE001 - reported, and the run fails
                print(f"line {number}: {name}: {type(error).__name__}: {error}", file=sys.stderr)
                failed = True
    print(", ".join([f"{good['pycose']} verified by pycose", f"{good['cwt']} by cwt"]))
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
