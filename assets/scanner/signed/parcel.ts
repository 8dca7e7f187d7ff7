// All that a device brings to one sync. The parcel itself is not signed: everything in it that decides is.

import { type Bytes, unhex, uuidBytes } from "./bytes.ts";
import type { Head } from "./batch.ts";
import { Writer } from "./cbor.ts";
import type { Fence } from "./receipt.ts";

export const PARCEL_LINES_MAX = 10_000;

/** What a receipt holds only as a digest, or not at all. */
export type Detail = {
  readonly redemption: string;
  /** Of the name's digest, in hexadecimal; empty without a name. */
  readonly salt: string;
  readonly name: string;
  /** Why the paper was not shown; empty when it was. */
  readonly paper_reason: string;
};

/** A scan that did not end in a handout. */
export type Tried = {
  readonly id: string;
  readonly at_ms: number;
  readonly verdict: string;
  readonly entitlement: string | null;
  readonly operator: string;
};

export type Parcel = {
  readonly nonce: Bytes;
  /** An encoded batch, or nothing. */
  readonly batch: Bytes;
  readonly returns: readonly Bytes[];
  readonly holds: readonly (readonly [string, Fence])[];
  readonly pages: readonly Bytes[];
  readonly details: readonly Detail[];
  readonly tried: readonly Tried[];
  readonly seen: Head;
  /** How many receipts the device has signed. */
  readonly signed: number;
  /** The signed reply from which the device knows that log, once the server has shown a shorter one. */
  readonly proof?: Bytes;
};

export function encodeParcel(parcel: Parcel): Bytes {
  const w = new Writer().map(parcel.proof === undefined ? 10 : 11).int(0).int(1).int(1).bytes(parcel.nonce).int(2).bytes(parcel.batch);
  w.int(3).array(parcel.returns.length);
  for (const signed of parcel.returns) w.bytes(signed);
  w.int(4).array(parcel.holds.length);
  for (const [entitlement, [epoch, counter]] of parcel.holds) w.array(3).bytes(uuidBytes(entitlement)).int(epoch).int(counter);
  w.int(5).array(parcel.pages.length);
  for (const signed of parcel.pages) w.bytes(signed);
  w.int(6).array(parcel.details.length);
  for (const detail of parcel.details) {
    w.array(4).bytes(uuidBytes(detail.redemption)).bytes(unhex(detail.salt)).text(detail.name).text(detail.paper_reason);
  }
  w.int(7).array(parcel.tried.length);
  for (const tried of parcel.tried) {
    w.array(5).bytes(uuidBytes(tried.id)).int(tried.at_ms).text(tried.verdict);
    w.bytes(tried.entitlement === null ? new Uint8Array() : uuidBytes(tried.entitlement)).bytes(uuidBytes(tried.operator));
  }
  w.int(8).array(2).int(parcel.seen[0]).bytes(unhex(parcel.seen[1])).int(9).int(parcel.signed);
  if (parcel.proof !== undefined) w.int(10).bytes(parcel.proof);
  return w.finish();
}
