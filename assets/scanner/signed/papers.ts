// Bundles of leases from the server; returns and lease tables from the device. What kind of paper it is stands
// inside the signature, so that one cannot be shown in place of another.

import { type Bytes, unhex, uuidBytes } from "./bytes.ts";
import type { Head } from "./batch.ts";
import { type Value, Writer, as, body } from "./cbor.ts";
import { type Checked, PAYLOAD_BYTES_MAX, check, seal } from "./envelope.ts";
import type { DeviceKey, Ring } from "./keys.ts";
import { type Fence, type Item, hash, id, readItem, writeItems } from "./receipt.ts";

export const PAGE_LINES_MAX = 1_500;
const FORMAT = 1;

/** One lease of a bundle. */
export type Entry = {
  readonly entitlement: string;
  readonly counter: number;
  /** The place of its round in the page. */
  readonly round: number;
  /** The newest print; older papers are superseded. */
  readonly print: number;
  /** What people type: ten signs. */
  readonly code: string;
  /** Name, RT, the last four of the NIK, year of birth: ciphertext, opened by the operator's PIN. */
  readonly sealed: Bytes;
};

export type LeasedRound = {
  readonly round: string;
  readonly begins_at: number;
  readonly ends_at: number;
  readonly items: readonly Item[];
};

export type BundlePage = {
  readonly device: string;
  readonly epoch: number;
  readonly server_time: number;
  readonly cover: Head;
  readonly rounds: readonly LeasedRound[];
  readonly entries: readonly Entry[];
};

export type Returns = { readonly device: string; readonly seq: number; readonly leases: readonly (readonly [string, Fence])[] };

export type Claimed = "open" | "closed" | "redeemed";
export type Held = { readonly entitlement: string; readonly fence: Fence; readonly claimed: Claimed };

/** A page of an answer to a resync. It counts when all its pages are there. */
export type TablePage = {
  readonly device: string;
  readonly epoch: number;
  readonly seen: Head;
  /** How many receipts the device has signed, and the hash of the newest. */
  readonly chain: Head;
  readonly page: number;
  readonly pages: number;
  readonly table: readonly Held[];
};

const BUNDLE = 1;
const RETURNS = 2;
const TABLE = 3;
const CLAIMED: readonly Claimed[] = ["open", "closed", "redeemed"];

export function wrap(kind: number, body: Bytes): Bytes {
  return new Writer().array(2).int(kind).bytes(body).finish();
}

/** What a paper of this kind holds, or null. */
export function unwrap<T>(kind: number, payload: Bytes, understand: (value: Value) => T, write: (body: T) => Bytes): T | null {
  return body(
    payload,
    (value) => {
      const [said, inner] = as.list(value, 2);
      if (said !== kind) throw new RangeError();
      const understood = body(as.bytes(inner), understand, write);
      if (understood === null) throw new RangeError();
      return understood;
    },
    (understood) => wrap(kind, write(understood)),
  );
}

export function headOf(value: Value | undefined): Head {
  const [size, root] = as.list(value, 2);
  return [as.uint(size), hash(root)];
}

export function writeHead(writer: Writer, head: Head): Writer {
  return writer.array(2).int(head[0]).bytes(unhex(head[1]));
}

/** The fields of a body of this format. */
export function fields(value: Value): (key: number) => Value | undefined {
  const map = as.map(value);
  if (map.get(0) !== FORMAT) throw new RangeError();
  return (key) => map.get(key);
}

function encodePage(page: BundlePage): Bytes {
  const w = new Writer().map(7).int(0).int(FORMAT).int(1).bytes(uuidBytes(page.device)).int(2).int(page.epoch);
  writeHead(w.int(3).int(page.server_time).int(4), page.cover).int(5).array(page.rounds.length);
  for (const round of page.rounds) {
    writeItems(w.array(4).bytes(uuidBytes(round.round)).int(round.begins_at).int(round.ends_at), round.items);
  }
  w.int(6).array(page.entries.length);
  for (const entry of page.entries) {
    w.array(6).bytes(uuidBytes(entry.entitlement)).int(entry.counter).int(entry.round).int(entry.print);
    w.text(entry.code).bytes(entry.sealed);
  }
  return w.finish();
}

function readPage(value: Value): BundlePage {
  const find = fields(value);
  const rounds = as.list(find(5)).map((value) => {
    const [round, begins_at, ends_at, items] = as.list(value, 4);
    return { round: id(round), begins_at: as.safe(begins_at), ends_at: as.safe(ends_at), items: as.list(items).map(readItem) };
  });
  const entries = as.list(find(6)).map((value) => {
    const [entitlement, counter, round, print, code, sealed] = as.list(value, 6);
    return {
      entitlement: id(entitlement),
      counter: as.uint(counter),
      // An entry of a round that the page does not hold is no entry.
      round: as.uint(round, rounds.length - 1),
      print: as.u32(print),
      code: as.text(code),
      sealed: as.bytes(sealed),
    };
  });
  return { device: id(find(1)), epoch: as.u32(find(2)), server_time: as.safe(find(3)), cover: headOf(find(4)), rounds, entries };
}

/** Reads a page of a bundle, if one of these keys signed it and it is in the one encoding. */
export function verifyBundle(bytes: Bytes, ring: Ring): Promise<Checked<BundlePage>> {
  return check(bytes, PAYLOAD_BYTES_MAX, ring, (payload) => unwrap(BUNDLE, payload, readPage, encodePage));
}

/** The payload of a page: what a server of a test signs. */
export function bundlePayload(page: BundlePage): Bytes {
  return wrap(BUNDLE, encodePage(page));
}

export function signReturns(key: DeviceKey, returns: Returns): Promise<Bytes> {
  const w = new Writer().map(4).int(0).int(FORMAT).int(1).bytes(uuidBytes(returns.device)).int(2).int(returns.seq);
  w.int(3).array(returns.leases.length);
  for (const [entitlement, [epoch, counter]] of returns.leases) {
    w.array(3).bytes(uuidBytes(entitlement)).int(epoch).int(counter);
  }
  return seal(key, wrap(RETURNS, w.finish()));
}

export function signTable(key: DeviceKey, page: TablePage): Promise<Bytes> {
  const w = new Writer().map(8).int(0).int(FORMAT).int(1).bytes(uuidBytes(page.device)).int(2).int(page.epoch);
  writeHead(writeHead(w.int(3), page.seen).int(4), page.chain).int(5).int(page.page).int(6).int(page.pages);
  w.int(7).array(page.table.length);
  for (const held of page.table) {
    w.array(4).bytes(uuidBytes(held.entitlement)).int(held.fence[0]).int(held.fence[1]);
    w.int(CLAIMED.indexOf(held.claimed));
  }
  return seal(key, wrap(TABLE, w.finish()));
}
