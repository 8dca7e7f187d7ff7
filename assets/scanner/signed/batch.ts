// Receipts on their way to the server, small enough for a bad line: what they share is said once.

import { type Bytes, same, unhex, uuidBytes } from "./bytes.ts";
import { Writer } from "./cbor.ts";
import { envelope, payloadOf } from "./envelope.ts";
import { type Item, type ReceiptBody, decode, encode, writeItems } from "./receipt.ts";

/** How many items a batch holds at most; the rest goes into the next. */
export const BATCH_ITEMS_MAX = 10_000;

const COLLECTORS = ["self", "proxy", "substitute"];
const PAPERS = ["seen", "lost", "not_delivered"];

/** The head of a log: how long it is and, in hexadecimal, what it comes to. */
export type Head = readonly [number, string];

/** A round, with what a full handout in it is. */
export type FullHandout = {
  readonly round: string;
  readonly items: readonly Item[];
  readonly value_minor: number;
  readonly currency: string;
};

export type Batch = {
  readonly device: string;
  readonly kid: Bytes;
  readonly point: number;
  readonly seen: Head;
  readonly operators: readonly string[];
  readonly rounds: readonly FullHandout[];
  /** The items, each for itself. */
  readonly items: readonly Bytes[];
};

/** What the receipts of these bodies share. The rounds come from the server: what a full handout is, it knows. */
export function shared(
  device: string,
  kid: Bytes,
  point: number,
  seen: Head,
  rounds: readonly FullHandout[],
  bodies: readonly ReceiptBody[],
): Batch {
  const operators = [...new Set(bodies.map((body) => body.operator))];
  const used = rounds.filter((full) => bodies.some((body) => body.round === full.round));
  return { device, kid, point, seen, operators, rounds: used, items: [] };
}

/** The item of a signed receipt: the short form where that says all, else the receipt as it is. */
export function itemOf(batch: Batch, body: ReceiptBody, signed: Bytes): Bytes {
  const payload = encode(body);
  const short = shorten(batch, body, signed.slice(-64));
  const again = short === null ? null : envelope({ algorithm: -8, kid: batch.kid, payload, signature: signed.slice(-64) });
  return short !== null && again !== null && same(again, signed) ? short : new Writer().bytes(signed).finish();
}

function shorten(batch: Batch, body: ReceiptBody, signature: Bytes): Bytes | null {
  const operator = batch.operators.indexOf(body.operator);
  const round = batch.rounds.findIndex((known) => known.round === body.round);
  const full = batch.rounds[round];
  const collector = COLLECTORS.indexOf(body.collector);
  const paper = PAPERS.indexOf(body.paper);
  const fits =
    operator >= 0 &&
    collector >= 0 &&
    paper >= 0 &&
    body.device === batch.device &&
    body.point === batch.point &&
    body.received_at_ms === null &&
    body.relation !== "" &&
    body.currency === full?.currency;
  if (!fits || full === undefined) return null;
  const w = new Writer().array(16).bytes(uuidBytes(body.redemption)).bytes(uuidBytes(body.entitlement));
  w.int(body.fence[0]).int(body.fence[1]).int(body.seq).bytes(unhex(body.prev_hash));
  w.int(operator).int(round).int(body.print).int(body.claimed_at_ms);
  w.int(collector | (body.id_seen ? 4 : 0) | (paper << 3));
  w.text(body.relation ?? "").bytes(body.name_digest === null ? new Uint8Array() : unhex(body.name_digest));
  if (body.value_minor === full.value_minor && JSON.stringify(body.items) === JSON.stringify(full.items)) w.array(0);
  else writeItems(w.array(2).int(body.value_minor), body.items);
  w.array(body.flags.length);
  for (const flag of body.flags) w.text(flag);
  return w.bytes(signature).finish();
}

/** The body in a signed receipt of this device's own store, whose signature needs no second look. */
export function bodyOf(signed: Bytes): ReceiptBody | null {
  const payload = payloadOf(signed);
  return payload === null ? null : decode(payload);
}

/** The whole batch. It is not signed: everything in it that matters is. */
export function encodeBatch(batch: Batch): Bytes {
  const w = new Writer().map(8).int(0).int(1).int(1).bytes(uuidBytes(batch.device)).int(2).bytes(batch.kid);
  w.int(3).int(batch.point).int(4).array(2).int(batch.seen[0]).bytes(unhex(batch.seen[1]));
  w.int(5).array(batch.operators.length);
  for (const operator of batch.operators) w.bytes(uuidBytes(operator));
  w.int(6).array(batch.rounds.length);
  for (const full of batch.rounds) {
    w.array(4).bytes(uuidBytes(full.round)).int(full.value_minor).text(full.currency);
    writeItems(w, full.items);
  }
  w.int(7).array(batch.items.length);
  for (const item of batch.items) w.bytes(item);
  return w.finish();
}
