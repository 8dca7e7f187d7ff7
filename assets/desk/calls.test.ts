import assert from "node:assert/strict";
import { test } from "node:test";
import { keep, pause, pending, read } from "./calls.ts";

test("a verdict is one of the closed list or it is none", () => {
  assert.equal(read(200, { verdict: "already_redeemed" }).kind, "verdict");
  assert.equal(read(409, { code: "already_redeemed", title: "x" }).kind, "verdict");
  assert.equal(read(200, { verdict: "fine" }).kind, "again");
  assert.equal(read(409, { code: "valid" }).kind, "refused");
});

test("what is not our server's answer is tried again and never shown as a verdict", () => {
  for (const status of [408, 429, 500, 502, 503]) assert.equal(read(status, { code: "forged" }).kind, "again");
  assert.equal(read(200, null).kind, "again");
  assert.equal(read(404, "<html>").kind, "again");
});

test("a definite no and an ended sign-in are told apart", () => {
  assert.equal(read(401, { code: "signed_out" }).kind, "signed_out");
  assert.deepEqual(read(422, { code: "id_reused", detail: "x" }), { kind: "refused", status: 422, code: "id_reused", detail: "x" });
  assert.equal(read(403, { code: "forbidden" }).kind, "refused");
});

test("a hand-over made anew is a receipt, whether 201 or 200", () => {
  assert.equal(read(201, { id: "a", receipt_number: "1" }).kind, "receipt");
  assert.equal(read(200, { id: "a", receipt_number: "1" }).kind, "receipt");
});

test("the waiting grows and stops growing", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 9].map(pause), [1000, 2000, 4000, 8000, 15_000, 15_000]);
});

test("a pending hand-over outlives a reload and nonsense does no harm", () => {
  const kept = new Map<string, string>();
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage;
  assert.equal(pending(store), null);
  keep(store, { redemption: { id: "a", code: "b", collector: { kind: "self", id_seen: true } }, household: "c", by: "d" });
  assert.equal(pending(store)?.redemption.id, "a");
  keep(store, null);
  assert.equal(pending(store), null);
  kept.set("salur.pending", "{not json");
  assert.equal(pending(store), null);
});
