// What the server says to one device at the end of a call, under its own signature.

import { type Bytes, unhex, uuidBytes } from "./bytes.ts";
import type { Head } from "./batch.ts";
import { type Value, Writer, as } from "./cbor.ts";
import { type Checked, PAYLOAD_BYTES_MAX, check } from "./envelope.ts";
import type { Ring } from "./keys.ts";
import { fields, headOf, unwrap, wrap, writeHead } from "./papers.ts";
import { hash, id } from "./receipt.ts";

export type Ask = "revoke" | "hold" | "release";
export type Standing = "active" | "revoked" | "written_off";
export type Brake = { readonly packages: number | null; readonly hours: number | null };

export type Reply = {
  readonly device: string;
  /** Drawn by the device for the call that this answers; zeros for a call that brought none. */
  readonly nonce: Bytes;
  readonly epoch: number;
  readonly server_time: number;
  readonly cover: Head;
  /** How many devices still owe an answer after a restore. */
  readonly missing: number;
  readonly standing: Standing;
  readonly forked: boolean;
  /** The server waits for this device's answer in this epoch. */
  readonly resync: boolean;
  /** Receipts up to this place are covered, and the hash of the one there. */
  readonly ack: readonly [number, string] | null;
  readonly asks: readonly (readonly [string, Ask])[];
  readonly brake: Brake;
  /** Rounds that stand still at the device's point, and why. */
  readonly paused: readonly (readonly [string, string])[];
};

const KIND = 4;
const STANDINGS: readonly Standing[] = ["active", "revoked", "written_off"];
const ASKS: readonly Ask[] = ["revoke", "hold", "release"];

function encode(reply: Reply): Bytes {
  const w = new Writer().map(14).int(0).int(1).int(1).bytes(uuidBytes(reply.device)).int(2).bytes(reply.nonce);
  writeHead(w.int(3).int(reply.epoch).int(4).int(reply.server_time).int(5), reply.cover).int(6).int(reply.missing);
  w.int(7).int(STANDINGS.indexOf(reply.standing)).int(8).boolean(reply.forked).int(9).boolean(reply.resync).int(10);
  if (reply.ack === null) w.array(0);
  else w.array(2).int(reply.ack[0]).bytes(unhex(reply.ack[1]));
  w.int(11).array(reply.asks.length);
  for (const [entitlement, ask] of reply.asks) w.array(2).bytes(uuidBytes(entitlement)).int(ASKS.indexOf(ask));
  w.int(12).array(2);
  for (const most of [reply.brake.packages, reply.brake.hours]) {
    if (most === null) w.array(0);
    else w.array(1).int(most);
  }
  w.int(13).array(reply.paused.length);
  for (const [round, reason] of reply.paused) w.array(2).bytes(uuidBytes(round)).text(reason);
  return w.finish();
}

function ofList<T>(list: readonly T[], value: Value | undefined): T {
  const found = list[as.uint(value, list.length - 1)];
  if (found === undefined) throw new RangeError();
  return found;
}

function most(value: Value | undefined): number | null {
  const list = as.list(value);
  return list.length === 0 ? null : as.u32(as.list(value, 1)[0]);
}

function understand(value: Value): Reply {
  const find = fields(value);
  const ack = as.list(find(10));
  const [packages, hours] = as.list(find(12), 2);
  return {
    device: id(find(1)),
    nonce: as.bytes(find(2), 16),
    epoch: as.u32(find(3)),
    server_time: as.safe(find(4)),
    cover: headOf(find(5)),
    missing: as.u32(find(6)),
    standing: ofList(STANDINGS, find(7)),
    forked: as.boolean(find(8)),
    resync: as.boolean(find(9)),
    ack: ack.length === 0 ? null : [as.uint(as.list(ack, 2)[0]), hash(ack[1])],
    asks: as.list(find(11)).map((value) => {
      const [entitlement, ask] = as.list(value, 2);
      return [id(entitlement), ofList(ASKS, ask)] as const;
    }),
    brake: { packages: most(packages), hours: most(hours) },
    paused: as.list(find(13)).map((value) => {
      const [round, reason] = as.list(value, 2);
      return [id(round), as.text(reason)] as const;
    }),
  };
}

/** Reads a reply, if one of these keys signed it and it is in the one encoding. */
export function verifyReply(bytes: Bytes, ring: Ring): Promise<Checked<Reply>> {
  return check(bytes, PAYLOAD_BYTES_MAX, ring, (payload) => unwrap(KIND, payload, understand, encode));
}

/** The payload of a reply: what a server of a test signs. */
export function replyPayload(reply: Reply): Bytes {
  return wrap(KIND, encode(reply));
}
