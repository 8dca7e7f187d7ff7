import assert from "node:assert/strict";
import { test } from "node:test";

import { isPin, isWeak, unwrap, wrap } from "./pin.ts";

test("what is tried first is no PIN: lines, patterns, pairs and days", () => {
  for (const weak of ["111111", "123456", "987654", "121212", "123123", "112233", "110101", "170845", "450817", "010190", "991231"]) {
    assert.ok(isWeak(weak), weak);
  }
  for (const good of ["482913", "907351", "639174"]) assert.ok(!isWeak(good), good);
  assert.ok(isPin("000000") && !isPin("12345") && !isPin("1234567") && !isPin("12345a"));
});

test("the names open with the PIN alone", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const operator = await wrap({ user: "u", name: "n", username: "n" }, "482913", key);
  assert.deepEqual(await unwrap(operator, "482913"), key);
  assert.equal(await unwrap(operator, "482914"), null);
});
