// The receipt: what a device signs, and stores durably, before it shows that a package may be handed over.

import { type Bytes, hex, unhex, uuidBytes, uuidOf } from "./bytes.ts";
import { type Value, Writer, as, body } from "./cbor.ts";
import { type Checked, check, seal } from "./envelope.ts";
import { type DeviceKey, type Ring, sha256 } from "./keys.ts";

/** The number of a lease: epoch, then counter. */
export type Fence = readonly [number, number];
/** A code and its quantity in base units. */
export type Item = readonly [string, number];

export const RECEIPT_BYTES_MAX = 16_384;

/** What the first receipt of a device has in place of the hash of the one before it. */
export const NO_RECEIPT = "00".repeat(32);

const FORMAT = 1;

/** One handout, as the device that allowed it puts it on record. Hashes are in hexadecimal. */
export type ReceiptBody = {
  readonly redemption: string;
  readonly entitlement: string;
  readonly fence: Fence;
  readonly device: string;
  /** The place in the device's chain: 1, 2, 3 … */
  readonly seq: number;
  readonly prev_hash: string;
  readonly operator: string;
  readonly point: number;
  readonly round: string;
  readonly print: number;
  /** By the device's clock, in milliseconds since 1970; evidence, never a reason. */
  readonly claimed_at_ms: number | bigint;
  readonly received_at_ms: number | bigint | null;
  readonly collector: string;
  readonly relation: string | null;
  readonly id_seen: boolean;
  readonly name_digest: string | null;
  readonly paper: string;
  readonly items: readonly Item[];
  readonly value_minor: number;
  readonly currency: string;
  readonly flags: readonly string[];
};

export function writeItems(writer: Writer, items: readonly Item[]): Writer {
  writer.array(items.length);
  for (const [code, quantity] of items) writer.array(2).text(code).int(quantity);
  return writer;
}

export function readItem(value: Value): Item {
  const [code, quantity] = as.list(value, 2);
  return [as.text(code), as.safe(quantity)];
}

export const id = (value: Value | undefined): string => uuidOf(as.bytes(value, 16));
export const hash = (value: Value | undefined): string => hex(as.bytes(value, 32));

export function fenceOf(value: Value | undefined): Fence {
  const [epoch, counter] = as.list(value, 2);
  return [as.u32(epoch), as.uint(counter)];
}

/** The one encoding: a map with whole numbers as keys, in order; what is absent has no key. */
export function encode(body: ReceiptBody): Bytes {
  const optional = [body.received_at_ms, body.relation, body.name_digest].filter((value) => value !== null).length;
  const w = new Writer().map(19 + optional).int(0).int(FORMAT);
  w.int(1).bytes(uuidBytes(body.redemption)).int(2).bytes(uuidBytes(body.entitlement));
  w.int(3).array(2).int(body.fence[0]).int(body.fence[1]);
  w.int(4).bytes(uuidBytes(body.device)).int(5).int(body.seq).int(6).bytes(unhex(body.prev_hash));
  w.int(7).bytes(uuidBytes(body.operator)).int(8).int(body.point).int(9).bytes(uuidBytes(body.round));
  w.int(10).int(body.print).int(11).int(body.claimed_at_ms);
  if (body.received_at_ms !== null) w.int(12).int(body.received_at_ms);
  w.int(13).text(body.collector);
  if (body.relation !== null) w.int(14).text(body.relation);
  w.int(15).boolean(body.id_seen);
  if (body.name_digest !== null) w.int(16).bytes(unhex(body.name_digest));
  w.int(17).text(body.paper);
  writeItems(w.int(18), body.items);
  w.int(19).int(body.value_minor).int(20).text(body.currency).int(21).array(body.flags.length);
  for (const flag of body.flags) w.text(flag);
  return w.finish();
}

export function decode(bytes: Bytes): ReceiptBody | null {
  return body(
    bytes,
    (value) => {
      const map = as.map(value);
      const find = (key: number): Value | undefined => map.get(key);
      if (find(0) !== FORMAT) throw new RangeError();
      return {
        redemption: id(find(1)),
        entitlement: id(find(2)),
        fence: fenceOf(find(3)),
        device: id(find(4)),
        seq: as.uint(find(5)),
        prev_hash: hash(find(6)),
        operator: id(find(7)),
        point: as.u32(find(8)),
        round: id(find(9)),
        print: as.u32(find(10)),
        claimed_at_ms: as.int(find(11)),
        received_at_ms: map.has(12) ? as.int(find(12)) : null,
        collector: as.text(find(13)),
        relation: map.has(14) ? as.text(find(14)) : null,
        id_seen: as.boolean(find(15)),
        name_digest: map.has(16) ? hash(find(16)) : null,
        paper: as.text(find(17)),
        items: as.list(find(18)).map(readItem),
        value_minor: as.safe(find(19)),
        currency: as.text(find(20)),
        flags: as.list(find(21)).map((flag) => as.text(flag)),
      };
    },
    encode,
  );
}

/** Signs a receipt; null for one so long that nobody would read it, on which nothing may be handed out. */
export async function signReceipt(key: DeviceKey, body: ReceiptBody): Promise<Bytes | null> {
  const bytes = await seal(key, encode(body));
  return bytes.length > RECEIPT_BYTES_MAX ? null : bytes;
}

export function verifyReceipt(bytes: Bytes, ring: Ring): Promise<Checked<ReceiptBody>> {
  return check(bytes, RECEIPT_BYTES_MAX, ring, decode, (body) => body.entitlement);
}

/** The hash of a signed receipt, signature and all: the `prev_hash` of the device's next one. */
export async function receiptHash(signed: Bytes): Promise<string> {
  return hex(await sha256(signed));
}
