// A scanned text: the prefix, the token in Base32, the claims, the signature.

import { type Bytes, base32, uuidBytes, uuidOf } from "./bytes.ts";
import { type Value, Writer, as, body } from "./cbor.ts";
import { type Checked, MALFORMED, TOKEN_BYTES_MAX, check } from "./envelope.ts";
import type { Ring } from "./keys.ts";

/** What a voucher says. It names an entitlement and no person. */
export type Claims = { readonly entitlement: string; readonly round: number; readonly point: number; readonly print: number };

const CTI = 7;
const NUMBERS = -65_537;
const CHARS_MAX = 512;

function writeClaims(claims: Claims): Bytes {
  const writer = new Writer().map(2).int(CTI).bytes(uuidBytes(claims.entitlement)).int(NUMBERS).array(3);
  return writer.int(claims.round).int(claims.point).int(claims.print).finish();
}

function readClaims(value: Value): Claims {
  const map = as.map(value);
  const [round, point, print] = as.list(map.get(NUMBERS), 3);
  return { entitlement: uuidOf(as.bytes(map.get(CTI), 16)), round: as.u32(round), point: as.u32(point), print: as.u32(print) };
}

/** What follows the prefix, in any case of ASCII and of nothing else. */
function strip(text: string, prefix: string): string | null {
  const head = text.slice(0, prefix.length);
  const plain = head.replace(/[a-z]/g, (sign) => sign.toUpperCase());
  return plain === prefix.replace(/[a-z]/g, (sign) => sign.toUpperCase()) ? text.slice(prefix.length) : null;
}

/** The Base32 behind either prefix, or null where the prefix is not ours. */
function tokenText(text: string, hosts: readonly string[]): string | null {
  const plain = strip(text, "SALUR:");
  if (plain !== null) return plain;
  for (const host of hosts) {
    const rest = strip(text, `HTTPS://${host}/V/`);
    if (rest !== null) return rest;
  }
  return null;
}

/** Reads a scanned text and checks the voucher in it. `hosts` are the names this installation prints under. */
export async function readVoucher(text: string, hosts: readonly string[], ring: Ring): Promise<Checked<Claims>> {
  const token = tokenText(text.replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, ""), hosts);
  if (token === null) return { fault: { verdict: "foreign" } };
  if (token === "" || text.length > CHARS_MAX) return { fault: MALFORMED };
  const bytes = base32(token);
  if (bytes === null) return { fault: MALFORMED };
  return check(bytes, TOKEN_BYTES_MAX, ring, (payload) => body(payload, readClaims, writeClaims), (claims) => claims.entitlement);
}
