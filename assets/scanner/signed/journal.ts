// A device's journal as a file that somebody else may carry: its receipts in batches, and under its signature which
// there are and how its chain ends, so that a file with a page torn out is not taken for the whole.

import type { Head } from "./batch.ts";
import { type Bytes, concat, hex, same, utf8, uuidBytes } from "./bytes.ts";
import { type Value, Writer, as, body } from "./cbor.ts";
import { payloadOf, seal } from "./envelope.ts";
import { type DeviceKey, sha256 } from "./keys.ts";
import { fields, headOf, unwrap, wrap, writeHead } from "./papers.ts";
import { id } from "./receipt.ts";

const KIND = 5;
/** What the file begins with, so that a person who opens it knows what it is. */
const MAGIC = utf8("SALUR-JOURNAL-1\n");

type Cover = { readonly device: string; readonly chain: Head; readonly digest: Bytes };

/** A file as it was read. Nobody has looked at its signatures. */
export type JournalFile = {
  readonly device: string;
  readonly chain: Head;
  readonly batches: readonly Bytes[];
  /** Every batch is there, as it was written. */
  readonly whole: boolean;
};

function encodeCover({ device, chain, digest }: Cover): Bytes {
  const w = new Writer().map(4).int(0).int(1).int(1).bytes(uuidBytes(device));
  return writeHead(w.int(2), chain).int(3).bytes(digest).finish();
}

function readCover(value: Value): Cover {
  const find = fields(value);
  return { device: id(find(1)), chain: headOf(find(2)), digest: as.bytes(find(3), 32) };
}

async function digestOf(batches: readonly Bytes[]): Promise<Bytes> {
  return sha256(concat(...(await Promise.all(batches.map(sha256)))));
}

function encodeFile(signed: Bytes, batches: readonly Bytes[]): Bytes {
  const file = new Writer().array(2).bytes(signed).array(batches.length);
  for (const batch of batches) file.bytes(batch);
  return file.finish();
}

export async function writeJournal(key: DeviceKey, device: string, chain: Head, batches: readonly Bytes[]): Promise<Bytes> {
  const cover = encodeCover({ device, chain, digest: await digestOf(batches) });
  return concat(MAGIC, encodeFile(await seal(key, wrap(KIND, cover)), batches));
}

/** Reads a file as far as that goes without its device's key; null for what is no journal. */
export async function readJournal(bytes: Bytes): Promise<JournalFile | null> {
  if (!same(bytes.slice(0, MAGIC.length), MAGIC)) return null;
  const file = body(
    bytes.slice(MAGIC.length),
    (value) => {
      const [signed, batches] = as.list(value, 2);
      return { signed: as.bytes(signed), batches: as.list(batches).map((batch) => as.bytes(batch)) };
    },
    ({ signed, batches }) => encodeFile(signed, batches),
  );
  const payload = file === null ? null : payloadOf(file.signed);
  const cover = payload === null ? null : unwrap(KIND, payload, readCover, encodeCover);
  if (file === null || cover === null) return null;
  const whole = hex(await digestOf(file.batches)) === hex(cover.digest);
  return { device: cover.device, chain: cover.chain, batches: file.batches, whole };
}
