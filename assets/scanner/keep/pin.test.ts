import assert from "node:assert/strict";
import { test } from "node:test";

import { isLocked, isPin, isWeak, pinRules, unwrap, wrap } from "./pin.ts";

test("what is tried first is no PIN: lines, patterns, pairs and days", () => {
  for (const weak of ["111111", "123456", "987654", "121212", "123123", "112233", "110101", "170845", "450817", "010190", "991231"]) {
    assert.ok(isWeak(weak), weak);
  }
  for (const good of ["482913", "907351", "639174"]) assert.ok(!isWeak(good), good);
  for (const weak of ["12345678", "12121212", "17081945", "19450817", "123412341234", "11223344"]) {
    assert.ok(isWeak(weak), weak);
  }
  for (const good of ["48291357", "907351284163"]) assert.ok(!isWeak(good), good);
  assert.ok(isPin("000000", 6) && !isPin("12345", 6) && !isPin("1234567", 6) && !isPin("12345a", 6));
  assert.ok(isPin("00000000", 8) && !isPin("000000", 8));
});

test("the office says how long a PIN is and how often it may be wrong, within bounds", async () => {
  assert.deepEqual(pinRules(undefined), { signs: 6, tries: 5 });
  assert.deepEqual(pinRules({ signs: 8, tries: 3 }), { signs: 8, tries: 3 });
  assert.deepEqual(pinRules({ signs: 1, tries: 1000 }), { signs: 6, tries: 10 });
  assert.deepEqual(pinRules({ signs: "x", tries: null } as never), { signs: 6, tries: 5 });
  const key = crypto.getRandomValues(new Uint8Array(32));
  const operator = await wrap({ user: "u", name: "n", username: "n" }, "48291357", key, { signs: 8, tries: 3 });
  assert.ok(!isLocked({ ...operator, wrong: 2 }) && isLocked({ ...operator, wrong: 3 }));
  const { pin: _, ...before } = operator;
  assert.ok(!isLocked({ ...before, wrong: 4 }) && isLocked({ ...before, wrong: 5 }));
});

test("the names open with the PIN alone", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const operator = await wrap({ user: "u", name: "n", username: "n" }, "482913", key, pinRules(undefined));
  assert.deepEqual(await unwrap(operator, "482913"), key);
  assert.equal(await unwrap(operator, "482914"), null);
});
