import assert from "node:assert/strict";
import { test } from "node:test";

import { type Bytes, utf8 } from "./bytes.ts";
import { readJournal, writeJournal } from "./journal.ts";
import { keyOfSeed } from "./keys.ts";

const DEVICE = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

async function file(batches: readonly Bytes[]): Promise<Bytes> {
  return writeJournal(await keyOfSeed(new Uint8Array(32).fill(7)), DEVICE, [3, "ab".repeat(32)], batches);
}

test("a journal is read as it was written, and says whose it is", async () => {
  const batches = [utf8("one"), utf8("two")];
  assert.deepEqual(await readJournal(await file(batches)), { device: DEVICE, chain: [3, "ab".repeat(32)], batches, whole: true });
  assert.equal((await readJournal(await file([])))?.whole, true);
});

test("a journal of which one bit is changed is no journal, or not whole", async () => {
  const bytes = await file([utf8("a batch"), utf8("another")]);
  for (let at = 0; at < bytes.length; at += 1) {
    const altered = bytes.slice();
    altered[at] = (altered[at] ?? 0) ^ 1;
    const read = await readJournal(altered);
    // The cover is signed: what is changed in it alone, the office refuses.
    const sameBatches = read !== null && JSON.stringify(read.batches) === JSON.stringify([utf8("a batch"), utf8("another")]);
    assert.ok(read === null || !read.whole || sameBatches, `byte ${at}`);
  }
});

test("a part of a journal, and anything else, is none", async () => {
  const bytes = await file([utf8("a batch")]);
  for (const other of [new Uint8Array(), utf8("SALUR-JOURNAL-1\n"), bytes.slice(0, -1), new Uint8Array([...bytes, 0]), utf8("%PDF-1.7")]) {
    assert.equal(await readJournal(other), null);
  }
});
