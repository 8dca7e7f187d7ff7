// The envelope: COSE_Sign1 (RFC 9052) under Ed25519, with exactly one encoding for each content.
//
//     18([ << {1: -8, 4: kid} >>, {}, payload, signature ])

import { type Bytes, hex } from "./bytes.ts";
import { Writer, as, body } from "./cbor.ts";
import { type DeviceKey, type Ring, kidOf, sign } from "./keys.ts";

/** The longest voucher that is looked at, and the longest paper. */
export const TOKEN_BYTES_MAX = 320;
export const PAYLOAD_BYTES_MAX = 65_536;

/** What is wrong with something signed, in the words of the verdicts. */
export type Fault =
  | { readonly verdict: "foreign"; readonly kid?: Bytes }
  | { readonly verdict: "malformed" }
  | { readonly verdict: "forged"; readonly kid: Bytes; readonly entitlement?: string };

export const MALFORMED: Fault = { verdict: "malformed" };

export type Checked<T> = { readonly kid: Bytes; readonly content: T } | { readonly fault: Fault };

type Parts = { algorithm: number; kid: Bytes; payload: Bytes; signature: Bytes };

function header(algorithm: number, kid: Bytes): Bytes {
  return new Writer().map(2).int(1).int(algorithm).int(4).bytes(kid).finish();
}

export function envelope(parts: Parts): Bytes {
  const { algorithm, kid, payload, signature } = parts;
  return new Writer().tag(18).array(4).bytes(header(algorithm, kid)).map(0).bytes(payload).bytes(signature).finish();
}

function open(bytes: Bytes, bytesMax: number): Parts | null {
  if (bytes.length > bytesMax) return null;
  return body<Parts>(
    bytes,
    (value) => {
      const [signed, , payload, signature] = as.list(as.tagged(value, 18), 4);
      const said = body(
        as.bytes(signed),
        (value) => ({ algorithm: as.safe(as.map(value).get(1)), kid: as.bytes(as.map(value).get(4), 4) }),
        ({ algorithm, kid }) => header(algorithm, kid),
      );
      // −8 is what is written, −19 its newer number; another algorithm is not this key's.
      if (said === null || (said.algorithm !== -8 && said.algorithm !== -19)) throw new RangeError();
      return { ...said, payload: as.bytes(payload), signature: as.bytes(signature, 64) };
    },
    envelope,
  );
}

/** The payload of something in our form, of which nothing else is believed. */
export function payloadOf(bytes: Bytes): Bytes | null {
  return open(bytes, PAYLOAD_BYTES_MAX)?.payload ?? null;
}

/** What is signed (RFC 9052, section 4.4). */
function message(protectedHeader: Bytes, payload: Bytes): Bytes {
  return new Writer().array(4).text("Signature1").bytes(protectedHeader).bytes(new Uint8Array()).bytes(payload).finish();
}

/**
 * Checks something signed. `understand` reads the payload, or gives null; `names` says which entitlement it speaks
 * of, as evidence when the signature is bad. The order of the checks is the order of the verdicts.
 */
export async function check<T>(
  bytes: Bytes,
  bytesMax: number,
  ring: Ring,
  understand: (payload: Bytes) => T | null,
  names?: (content: T) => string,
): Promise<Checked<T>> {
  const parts = open(bytes, bytesMax);
  if (parts === null) return { fault: MALFORMED };
  const { kid } = parts;
  const key = ring.get(hex(kid));
  if (key === undefined) return { fault: { verdict: "foreign", kid } };
  const content = understand(parts.payload);
  if (content === null) return { fault: MALFORMED };
  if (await key.verify(message(header(parts.algorithm, kid), parts.payload), parts.signature)) return { kid, content };
  return { fault: { verdict: "forged", kid, ...(names === undefined ? {} : { entitlement: names(content) }) } };
}

/** Signs a payload with the device's key. */
export async function seal(key: DeviceKey, payload: Bytes): Promise<Bytes> {
  const kid = await kidOf(key.public);
  const signature = await sign(key, message(header(-8, kid), payload));
  return envelope({ algorithm: -8, kid, payload, signature });
}
