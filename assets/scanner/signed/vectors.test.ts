// What Rust wrote down, this reads and writes the same: see tests/vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Batch, bodyOf, encodeBatch, itemOf } from "./batch.ts";
import { type Bytes, hex, unbase64, unhex } from "./bytes.ts";
import { keyOfSeed, keysOfJwks, kidText, ringOf, strictly } from "./keys.ts";
import { seal } from "./envelope.ts";
import { writeJournal } from "./journal.ts";
import { encodeParcel } from "./parcel.ts";
import { replyPayload, verifyReply } from "./reply.ts";
import { signReturns, signTable, verifyBundle } from "./papers.ts";
import { type ReceiptBody, receiptHash, signReceipt, verifyReceipt } from "./receipt.ts";
import { readTyped } from "./typed_code.ts";
import { readVoucher } from "./voucher.ts";

const vectors = (name: string) =>
  JSON.parse(readFileSync(join(process.env["SALUR_VECTORS"] ?? "../tests/vectors", name), "utf8"));

/** Names the vectors that went another way, each with what was expected and what came. */
function none(wrong: readonly string[]): void {
  assert.deepEqual(wrong, []);
}

test("every scanned text gets the verdict that Rust gives it", async () => {
  const { hosts, jwks, vectors: rows } = vectors("token.json");
  const ring = await ringOf(keysOfJwks(jwks));
  const wrong: string[] = [];
  for (const row of rows) {
    const read = await readVoucher(row.text, hosts, ring);
    const said =
      "fault" in read
        ? {
            verdict: read.fault.verdict,
            ...(read.fault.verdict === "forged" ? { kid: kidText(read.fault.kid), entitlement: read.fault.entitlement } : {}),
          }
        : {
            verdict: "valid",
            kid: kidText(read.kid),
            entitlement: read.content.entitlement,
            numbers: [read.content.round, read.content.point, read.content.print],
          };
    const { name: _, text: __, ...expected } = row;
    if (JSON.stringify(said) !== JSON.stringify(expected)) wrong.push(`${row.name}: ${JSON.stringify(said)}`);
  }
  assert.ok(rows.length > 50);
  none(wrong);
});

test("the library that stands in for the browser is as strict", async () => {
  const { jwks, vectors: rows } = vectors("token.json");
  const [key] = keysOfJwks(jwks);
  assert.ok(key);
  const ring = new Map([[ (await ringOf([key])).keys().next().value ?? "", {
    kid: new Uint8Array(4) as Bytes,
    verify: (message: Bytes, signature: Bytes) => strictly(message, signature, key),
  }]]);
  const wrong: string[] = [];
  for (const row of rows.filter((row: { kid?: string }) => row.kid === jwks.keys[0].kid)) {
    const read = await readVoucher(row.text, ["salur.example.go.id", "bansos.example.go.id"], ring);
    const verdict = "fault" in read ? read.fault.verdict : "valid";
    if (verdict !== row.verdict) wrong.push(`${row.name}: ${verdict}`);
  }
  none(wrong);
});

function receiptOf(row: Record<string, unknown>): ReceiptBody {
  const at = (text: unknown) => (text === null ? null : BigInt(text as string));
  return { ...row, claimed_at_ms: at(row["claimed_at_ms"]), received_at_ms: at(row["received_at_ms"]) } as ReceiptBody;
}

test("a receipt is signed to the same bytes, and chained to the same hash", async () => {
  const { seed, receipts } = vectors("receipts.json");
  const key = await keyOfSeed(unhex(seed));
  const ring = await ringOf([key.public]);
  for (const row of receipts) {
    const signed = await signReceipt(key, receiptOf(row.body));
    assert.ok(signed);
    assert.equal(hex(signed), row.signed, row.name);
    assert.equal(await receiptHash(signed), row.hash, row.name);
    assert.ok("content" in (await verifyReceipt(signed, ring)), row.name);
    signed[signed.length - 1] = (signed.at(-1) ?? 0) ^ 1;
    const spoilt = await verifyReceipt(signed, ring);
    assert.ok("fault" in spoilt && spoilt.fault.verdict === "forged", row.name);
  }
});

test("a batch has the same bytes, also of receipts that do not fit the short form", () => {
  const { receipts, batch: row } = vectors("receipts.json");
  const kid = unbase64(row.kid);
  assert.ok(kid);
  const empty: Batch = { ...row, kid, items: [] };
  const items = receipts.map((one: { signed: string }) => {
    const signed = unhex(one.signed);
    const body = bodyOf(signed);
    assert.ok(body);
    return itemOf(empty, body, signed);
  });
  assert.deepEqual(items.map(hex), row.items);
  assert.equal(hex(encodeBatch({ ...empty, items })), row.encoded);
});

test("a journal is written to the same file", async () => {
  const { seed, batch, journal } = vectors("receipts.json");
  const key = await keyOfSeed(unhex(seed));
  assert.equal(hex(await writeJournal(key, batch.device, journal.chain, [unhex(batch.encoded)])), journal.file);
});

test("a bundle is read as it was written, and a spoilt one refused in the same words", async () => {
  const papers = vectors("papers.json");
  const ring = await ringOf([unhex(papers.server_key)]);
  const read = await verifyBundle(unhex(papers.bundle.signed), ring);
  assert.ok("content" in read);
  const said = { ...read.content, entries: read.content.entries.map((entry) => ({ ...entry, sealed: hex(entry.sealed) })) };
  assert.deepEqual(said, papers.bundle.page);
  for (const row of papers.refused_bundles) {
    const refused = await verifyBundle(unhex(row.signed), ring);
    assert.equal("fault" in refused ? refused.fault.verdict : "read", row.verdict, row.name);
  }
});

test("returns and lease tables are signed to the same bytes", async () => {
  const papers = vectors("papers.json");
  const key = await keyOfSeed(unhex(papers.device_seed));
  const { signed: returns, ...back } = papers.returns;
  assert.equal(hex(await signReturns(key, back)), returns);
  const { signed: table, ...page } = papers.table;
  assert.equal(hex(await signTable(key, page)), table);
});

test("a parcel has the same bytes, and a reply is read as it was written", async () => {
  const { server_seed, replies, parcel: row } = vectors("calls.json");
  const { encoded, ...said } = row;
  const parcel = {
    ...said,
    nonce: unhex(said.nonce),
    batch: unhex(said.batch),
    returns: said.returns.map(unhex),
    pages: said.pages.map(unhex),
    proof: unhex(said.proof),
  };
  assert.equal(hex(encodeParcel(parcel)), encoded);
  const key = await keyOfSeed(unhex(server_seed));
  const ring = await ringOf([key.public]);
  for (const { reply, signed } of replies) {
    const read = await verifyReply(unhex(signed), ring);
    assert.ok("content" in read);
    assert.deepEqual({ ...read.content, nonce: hex(read.content.nonce) }, reply);
    assert.equal(hex(await seal(key, replyPayload(read.content))), signed);
  }
});

test("a typed code is read, and a slip in it found, as Rust does", () => {
  const wrong: string[] = [];
  for (const [text, expected] of vectors("typed_codes.json").codes) {
    const read = readTyped(text);
    const said = "code" in read ? read.code : read.fault;
    if (said !== expected) wrong.push(`${JSON.stringify(text)}: ${said}, not ${expected}`);
  }
  none(wrong);
});
