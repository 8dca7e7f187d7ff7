// A device's journal as a file that somebody else may carry: its receipts in batches, and under its signature which
// there are and how its chain ends, so that a file with a page torn out is not taken for the whole.

import type { Head } from "./batch.ts";
import { type Bytes, concat, utf8, uuidBytes } from "./bytes.ts";
import { Writer } from "./cbor.ts";
import { seal } from "./envelope.ts";
import { type DeviceKey, sha256 } from "./keys.ts";
import { wrap, writeHead } from "./papers.ts";

const KIND = 5;
/** What the file begins with, so that a person who opens it knows what it is. */
const MAGIC = "SALUR-JOURNAL-1\n";

export async function writeJournal(key: DeviceKey, device: string, chain: Head, batches: readonly Bytes[]): Promise<Bytes> {
  const digest = await sha256(concat(...(await Promise.all(batches.map(sha256)))));
  const w = new Writer().map(4).int(0).int(1).int(1).bytes(uuidBytes(device));
  writeHead(w.int(2), chain).int(3).bytes(digest);
  const file = new Writer().array(2).bytes(await seal(key, wrap(KIND, w.finish()))).array(batches.length);
  for (const batch of batches) file.bytes(batch);
  return concat(utf8(MAGIC), file.finish());
}
